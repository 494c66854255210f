/* dialect.h - the same layer in the words of PyTorch, ONNX and TensorFlow, or the plain answer that it has none.
 *
 * An axis is known by s, k, d, its crop pb at the beginning and its size M = s*N + c; pads, output padding and the names of
 * modes are only ways to say pb and c. Two axes with the same five figures are the same layer.
 *
 *     PyTorch      padding p on both sides, 0 <= output_padding < max(s, d):    p = pb
 *     ONNX         pads >= 0 and the same output_padding, or auto_pad, or output_shape for a given N
 *     TensorFlow   SAME or VALID; stride and dilation are not both more than 1 (documentation of Conv2DTranspose)
 */
#ifndef TCONV_CORE_DIALECT_H
#define TCONV_CORE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "geometry.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Same stride, taps, dilation, crop at the beginning and output size for every N. */
TCONV_API bool tconv_axis_same_layer(const tconv_axis *a, const tconv_axis *b);

/* *said = the axis with one padding for both sides. False where PyTorch has no words for it: pb < 0, or an output padding
 * that would be negative or max(s, d) and more. */
TCONV_API bool tconv_axis_say_pytorch(const tconv_axis *axis, tconv_axis *said);

/* *said = the axis with pads >= 0 and the smallest output padding. False where there are none. */
TCONV_API bool tconv_axis_say_onnx(const tconv_axis *axis, tconv_axis *said);

/* Does this auto_pad, without output_padding, give the same layer? False for TCONV_PAD_EXPLICIT. */
TCONV_API bool tconv_axis_is_auto_pad(const tconv_axis *axis, tconv_auto_pad mode);

/* Does ONNX output_shape = M, with auto_pad as it says and no pads, give the same layer for n_in inputs? EXPLICIT is NOTSET. */
TCONV_API bool tconv_axis_is_output_shape(const tconv_axis *axis, tconv_auto_pad mode, size_t n_in);

/* Does TensorFlow's SAME (or VALID) give the same layer? */
TCONV_API bool tconv_axis_is_tensorflow(const tconv_axis *axis, bool same);

/* TensorFlow's VALID, and then *begin and *end samples cropped, gives the same layer. False where a crop would be negative. */
TCONV_API bool tconv_axis_tensorflow_crop(const tconv_axis *axis, size_t *begin, size_t *end);

/* The same for every axis of a geometry. */
TCONV_API bool tconv_geometry_say_pytorch(const tconv_geometry *geometry, tconv_geometry *said);
TCONV_API bool tconv_geometry_say_onnx(const tconv_geometry *geometry, tconv_geometry *said);
TCONV_API bool tconv_geometry_is_auto_pad(const tconv_geometry *geometry, tconv_auto_pad mode);
TCONV_API bool tconv_geometry_is_output_shape(const tconv_geometry *geometry, tconv_auto_pad mode, const size_t *n_in);
TCONV_API bool tconv_geometry_is_tensorflow(const tconv_geometry *geometry, bool same);
TCONV_API bool tconv_geometry_tensorflow_crop(const tconv_geometry *geometry, size_t *begin, size_t *end);

/* Has a layer a stride and a dilation, on whichever axes? TensorFlow refuses that. */
TCONV_API bool tconv_geometry_strided_and_dilated(const tconv_geometry *geometry);

#ifdef __cplusplus
}
#endif
#endif
