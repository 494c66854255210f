/* pixel_shuffle.h - depth to space: S channels become the S phases of one (Shi et al. 2016, sub-pixel convolution).
 *
 *     CRD   y[c][s*n + q] = x[c*S + q][n]       PyTorch's PixelShuffle, ONNX mode CRD      (q, s, n vectors over the axes,
 *     DCR   y[c][s*n + q] = x[q*C + c][n]       TensorFlow, ONNX mode DCR                   phases row-major)
 *
 * A convolution of stride 1 followed by it is a transposed convolution whose branches are stored as channels:
 * tconv_depth_to_space (design/depth_to_space.h) makes the one out of the other.
 */
#ifndef TCONV_OPERATOR_PIXEL_SHUFFLE_H
#define TCONV_OPERATOR_PIXEL_SHUFFLE_H

#include <stddef.h>

#include "../core/element.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_SHUFFLE_CRD, TCONV_SHUFFLE_DCR } tconv_shuffle_order;

/* y (batch, C, s1*n1..sD*nD) = x (batch, C*S, n1..nD), `channels` = C; elements are copied, of TCONV_F32 or TCONV_F64.
 * The arrays do not overlap. Pure. */
TCONV_API void tconv_pixel_shuffle(tconv_shuffle_order order, tconv_element element, size_t ndim, size_t batch, size_t channels,
                                   const size_t *strides, const size_t *n_in, const void *x, void *y);

#ifdef __cplusplus
}
#endif
#endif
