/* comparison.h - a kernel against the classical ones, for people and as JSON.
 *
 * The keys of the JSON are a contract: added, never renamed. null is undefined, "inf" and "-inf" are infinite; delays and
 * figures per axis are a number in one dimension and an array in more.
 */
#ifndef TCONV_REPORT_COMPARISON_H
#define TCONV_REPORT_COMPARISON_H

#include "../core/buffer.h"
#include "../core/kernel.h"
#include "../design/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_comparison_report {
    const char *tool, *file, *format;      /* "-" is said as standard input */
    const char *name;                      /* of the layer or pair in a model; NULL: none */
    const char *psd;                       /* what wiener_loss_db of the comparisons is for: "white", "signal.txt" */
    const tconv_kernel *kernel;
    const tconv_comparisons *comparisons;
} tconv_comparison_report;

/* Append the report, at most 100 columns, nearest reference first. Failure is kept in the buffer. Thread-safe. */
TCONV_API void tconv_comparison_text(tconv_buffer *out, const tconv_comparison_report *report);

/* Append the document and a newline. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_comparison_json(const tconv_comparison_report *report, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
