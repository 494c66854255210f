/* step.h - the report of a network's answers to flat inputs, for people and as JSON. */
#ifndef TCONV_REPORT_STEP_H
#define TCONV_REPORT_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/buffer.h"
#include "../core/status.h"
#include "../network/step_response.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_step_report {
    const char *file;
    const tconv_network *network;
    size_t channels, count;          /* channels of an input; how many inputs */
    double *inputs;                  /* count x channels */
    double *tile;                    /* NULL, or the input is a texture: one response, no inputs */
    size_t tile_period[2];
    tconv_step_response **responses;      /* one per input */
    bool combs;                      /* were looked for */
    double range[2];                 /* of the output's values: what a spread is compared with */
} tconv_step_report;

/* 20 log10(largest peak to peak of all outputs / (range[1] - range[0])), spreads that are rounding not counted; -INFINITY
 * where all are. */
TCONV_API double tconv_step_spread_db(const tconv_step_response *response, const double range[2]);

/* Append the report: at most 100 columns, numbers not after the locale. Failure is kept in the buffer. Thread-safe. */
TCONV_API void tconv_step_text(const tconv_step_report *report, tconv_buffer *out);

/* Append the JSON document of polyphase-step. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_step_json(const tconv_step_report *report, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
