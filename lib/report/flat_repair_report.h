/* flat_repair_report.h - what the correction of a network's last upsampling layer did, for people and as JSON.
 *
 * The keys of the JSON are a contract: added, never renamed. null is undefined, "inf" and "-inf" are infinite.
 */
#ifndef TCONV_REPORT_FLAT_REPAIR_REPORT_H
#define TCONV_REPORT_FLAT_REPAIR_REPORT_H

#include "../core/buffer.h"
#include "../network/flat_repair.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_flat_repair_report {      /* all borrowed */
    const char *file, *output;                 /* output: NULL for standard output */
    const tconv_flat_repair *repair;
    double range[2];                           /* of the network's output: what a spread is compared with */
} tconv_flat_repair_report;

/* Append the table and the verdict, at most 100 columns. Failure is kept in the buffer. Thread-safe. */
TCONV_API void tconv_flat_repair_text(tconv_buffer *out, const tconv_flat_repair_report *report);

/* Append the document and a newline. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_flat_repair_json(const tconv_flat_repair_report *report, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
