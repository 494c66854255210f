/* layer_text.h - the report of one layer for people: one screen, at most 100 columns, the answer in words. */
#ifndef TCONV_REPORT_LAYER_TEXT_H
#define TCONV_REPORT_LAYER_TEXT_H

#include "../analysis/figures.h"
#include "../analysis/verdict.h"
#include "../core/buffer.h"
#include "../core/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_layer_report {
    const char *file;               /* what to call the input; "-" is said as standard input */
    const tconv_kernel *kernel;
    const tconv_figures *figures;
    const tconv_verdict *verdict;
    const size_t *input_size;       /* N per axis for concrete sizes, or NULL */
} tconv_layer_report;

/* Append the report. Failure is kept in the buffer. Numbers do not follow the locale. Thread-safe. */
TCONV_API void tconv_layer_text(tconv_buffer *out, const tconv_layer_report *report);

/* Append a table of the output channels, one line each. */
TCONV_API void tconv_channels_text(tconv_buffer *out, tconv_figures *const *channels, size_t count);

#ifdef __cplusplus
}
#endif
#endif
