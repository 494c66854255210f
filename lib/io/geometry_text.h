/* geometry_text.h - geometry as words: "stride=2,2 padding=1", in the comments of text kernels and on command lines. */
#ifndef TCONV_IO_GEOMETRY_TEXT_H
#define TCONV_IO_GEOMETRY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/buffer.h"
#include "../core/geometry_options.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Set one field of *options from its key and value. Keys and values:
 *     stride, dilation, output_shape, input_size   whole numbers >= 1: 2 or 2,2
 *     output_padding                               whole numbers >= 0
 *     padding, pads                                whole numbers; pads in ONNX order, begins then ends
 *     groups, ndim                                 one whole number; ndim is 1 to 3
 *     auto_pad     same-upper, same-lower, valid   layout     io, tf
 * Lists are joined by `separator`: ',' or, where a comma has another meaning, 'x'. Giving a field anew replaces it.
 * Line and column (0 = none) are those of the value. Errors: TCONV_EFORMAT; TCONV_ENOTFOUND for an unknown key. */
TCONV_API TCONV_CHECKED tconv_status tconv_geometry_text_set(tconv_geometry_options *options, const char *key,
                                                             const char *value, char separator, size_t line,
                                                             size_t column, tconv_error *error);

/* Is this field given? False for an unknown key. */
TCONV_API bool tconv_geometry_text_given(const tconv_geometry_options *options, const char *key);

/* Write "stride=2 padding=1": the stride always, the rest where it is not the usual (no padding, dilation 1, ..), ndim
 * where a text file needs it (two dimensions, one of them 1), lists cut to one value where all are equal. */
TCONV_API void tconv_geometry_text_write(const tconv_geometry *geometry, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
