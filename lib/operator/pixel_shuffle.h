/* pixel_shuffle.h - depth to space: S channels become the S phases of one (Shi et al. 2016, sub-pixel convolution).
 *
 *     CRD   y[c][s*n + q] = x[c*S + q][n]       PyTorch's PixelShuffle, ONNX mode CRD      (q, s, n vectors over the axes,
 *     DCR   y[c][s*n + q] = x[q*C + c][n]       TensorFlow, ONNX mode DCR                   phases row-major)
 *
 * A convolution of stride 1 followed by it is a transposed convolution whose branches are stored as channels: with conv
 * weights W_q of k taps, dilation d and padding P, the synthesis filter is h[s*d*(k-1-r) + q] = W_q[r], with
 * pb = s*(d*(k-1) - P).
 */
#ifndef TCONV_OPERATOR_PIXEL_SHUFFLE_H
#define TCONV_OPERATOR_PIXEL_SHUFFLE_H

#include <stddef.h>

#include "../core/element.h"
#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_SHUFFLE_CRD, TCONV_SHUFFLE_DCR } tconv_shuffle_order;

/* y (batch, C, s1*n1..sD*nD) = x (batch, C*S, n1..nD), `channels` = C; elements are copied, of TCONV_F32 or TCONV_F64.
 * The arrays do not overlap. Pure. */
TCONV_API void tconv_pixel_shuffle(tconv_shuffle_order order, tconv_element element, size_t ndim, size_t batch, size_t channels,
                                   const size_t *strides, const size_t *n_in, const void *x, void *y);

/* The transposed convolution that equals a convolution (Cin -> C*S channels, `convolution` being its geometry as kernel.h
 * would say the layer whose forward direction it is: channels_in = C*S, channels_out = Cin, stride 1, one group; pads P) and
 * the shuffle: *layer receives Cin -> C channels, strides s, s*d*(k-1) + s taps along each axis. taps (C*S, Cin, k..) as
 * deep-learning libraries store them; layer_taps (Cin, C, ..) has room for Cin*C*prod(s*d*(k-1) + s) values.
 * TCONV_EARGUMENT, TCONV_EGEOMETRY. */
TCONV_API TCONV_CHECKED tconv_status tconv_pixel_shuffle_layer(tconv_shuffle_order order, const tconv_geometry *convolution,
                                                               const size_t *strides, const double *taps, tconv_geometry *layer,
                                                               double *layer_taps, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
