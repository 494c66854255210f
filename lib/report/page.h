/* page.h - the report of a kernel or a model as one HTML page that needs nothing else: figures, charts, explanations with
 * this kernel's own numbers, glossary. The style is that of the lessons (page.css).
 */
#ifndef TCONV_REPORT_PAGE_H
#define TCONV_REPORT_PAGE_H

#include "../core/buffer.h"
#include "../core/status.h"
#include "layer_json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Append the page of a document (its `compact` plays no part). Layers whose taps are NULL have no charts of taps and
 * response. Names are escaped, whatever bytes they hold. Costs one response of each pair of channels along each axis.
 * Numbers do not follow the locale. Thread-safe. TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_page_write(const tconv_json_document *document, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
