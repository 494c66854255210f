/* arithmetic.h - the arithmetic of layers without weights, for people and as JSON: sizes, the words of other frameworks,
 * alignment, coverage, layers in series, and the layers that connect two sizes.
 */
#ifndef TCONV_REPORT_ARITHMETIC_H
#define TCONV_REPORT_ARITHMETIC_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/buffer.h"
#include "../core/geometry.h"
#include "../core/layer_search.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The layers that connect N and M along one axis, or along several axes that ask the same. */
typedef struct tconv_arithmetic_search {
    tconv_layer_query query;
    const tconv_axis *found;        /* the best `shown` of `total`; borrowed */
    size_t shown, total;
} tconv_arithmetic_search;

typedef struct tconv_arithmetic {
    const char *file, *format;      /* of the input; NULL where it came from options */
    const tconv_geometry *layers;   /* one layer, or the layers of a stack (of one dimension each) */
    size_t n_layers;                /* 0: searches only */
    bool is_stack;
    size_t input_size[TCONV_MAX_NDIM];      /* N per axis of the first layer; 0: not known */
    double input_rate;              /* Hz, of the stack's input; NAN: not known */
    const tconv_arithmetic_search *searches;
    size_t n_searches;              /* 0, or one per axis */
} tconv_arithmetic;

/* Append the report: at most 100 columns, numbers not after the locale. Failure is kept in the buffer. Thread-safe. The
 * layers are checked ones, the stack one that tconv_stack_equivalent accepts. */
TCONV_API void tconv_arithmetic_text(tconv_buffer *out, const tconv_arithmetic *arithmetic);

/* Append the JSON document of `tool` and a newline. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_arithmetic_json(const tconv_arithmetic *arithmetic, const char *tool,
                                                           tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
