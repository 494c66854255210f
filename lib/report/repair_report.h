/* repair_report.h - what a repair changed: the figures before and after side by side, for people and as JSON.
 *
 * The keys of the JSON are a contract: added, never renamed. null is undefined, "inf" and "-inf" are infinite.
 */
#ifndef TCONV_REPORT_REPAIR_REPORT_H
#define TCONV_REPORT_REPAIR_REPORT_H

#include "../analysis/figures.h"
#include "../core/buffer.h"
#include "../core/kernel.h"
#include "../design/repair.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_repair_sides {        /* all borrowed */
    const char *tool, *file, *format, *method, *output;
    const char *layer, *weight;            /* of a model file; NULL: the file is one kernel */
    const tconv_repair_report *report;
    const tconv_geometry *geometry_before, *geometry_after;
    const tconv_figures *before, *after;
} tconv_repair_sides;

/* Append the table, at most 100 columns. Failure is kept in the buffer. Thread-safe. */
TCONV_API void tconv_repair_text(tconv_buffer *out, const tconv_repair_sides *sides);

/* Append the document and a newline. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_repair_json(const tconv_repair_sides *sides, tconv_buffer *out);

/* The same for layers of one model file: "layers" is a list of them. */
TCONV_API TCONV_CHECKED tconv_status tconv_repair_layers_json(const tconv_repair_sides *sides, size_t count, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
