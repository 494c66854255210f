/* layer_json.h - the JSON documents of the commands: one layer as an object, and the document round a list of them.
 *
 * The keys are a contract: added, never renamed. null is undefined, "inf" and "-inf" are infinite. Where a figure has a
 * value per axis it is a number in one dimension and an array in more (droop, cutoff, delays); sizes and offsets of the
 * geometry are always arrays.
 */
#ifndef TCONV_REPORT_LAYER_JSON_H
#define TCONV_REPORT_LAYER_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "../analysis/figures.h"
#include "../analysis/verdict.h"
#include "../core/buffer.h"
#include "../core/kernel.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_json_layer {
    const tconv_kernel *kernel;
    const tconv_figures *figures;           /* NULL: geometry and coverage only */
    const tconv_verdict *verdict;           /* NULL: none */
    tconv_figures *const *channels;         /* one per output channel, or NULL */
    size_t n_channels;
    size_t input_size[TCONV_MAX_NDIM];      /* 0: not given */
    const char *note;                       /* what else to know of a layer of a model; NULL: nothing */
} tconv_json_layer;

typedef struct tconv_json_document {
    const char *tool, *file, *format;       /* of the input; file and format may be NULL */
    const tconv_json_layer *layers;
    size_t n_layers;
    bool compact;                           /* one line */
} tconv_json_document;

/* Append the document and a newline. Names that are no UTF-8 are written with '?' for the bytes that are none.
 * Thread-safe. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_json_write_document(const tconv_json_document *document, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
