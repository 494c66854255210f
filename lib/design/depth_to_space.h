/* depth_to_space.h - a convolution followed by DepthToSpace (pixel shuffle), as the one transposed convolution that it equals.
 *
 * The convolution (convolution.h; S Cout channels, P zeros at the beginning, dilation d, k taps) makes the S output phases
 * as channels, DepthToSpace interleaves them: along each axis, with W_q the weights of phase q (Shi et al. 2016, "Is the
 * deconvolution layer the same as a convolutional layer?"),
 *
 *     h[s d (k-1-r) + q] = W_q[r],     length s (d (k-1) + 1),     pb = s (d (k-1) - P)
 *
 * so the branches of h are the channels of the convolution, turned round. Phases are numbered row-major. Channel of phase q
 * and output co: DCR (ONNX's and TensorFlow's default) q Cout + co; CRD (PyTorch's PixelShuffle) co S + q.
 */
#ifndef TCONV_DESIGN_DEPTH_TO_SPACE_H
#define TCONV_DESIGN_DEPTH_TO_SPACE_H

#include "convolution.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_DEPTH_DCR, TCONV_DEPTH_CRD } tconv_depth_order;

/* *kernel = the transposed convolution of stride `block` (one value per axis) that equals convolution, then DepthToSpace;
 * operator_name "Conv+DepthToSpace". Its groups are those of the convolution where every output's phases lie in one group,
 * else 1, with zeros between the groups. The convolution may have one bias per phase, a transposed convolution has one per
 * output: kernel->bias is the mean over the phases, kernel->phase_bias holds them all where some differ, and *bias_spread
 * (which may be NULL) is the largest max - min over the phases of an output. On failure NULL: TCONV_EGEOMETRY where the channels are no
 * multiple of S or the result is larger than allowed, TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_depth_to_space(const tconv_convolution *convolution, const size_t *block,
                                                          tconv_depth_order order, tconv_kernel **kernel, double *bias_spread,
                                                          tconv_error *error);

/* The way back, for taps that were changed: weights (O, I/g, k..) and, where bias is not NULL, O biases, of the convolution
 * whose sizes are given (its own weights and bias are not looked at). A kernel without biases leaves bias[] as it is.
 * TCONV_EGEOMETRY where the kernel is no such layer: another size, or a tap that is not zero where the convolution has
 * no weight (between dilated ones, between groups). TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_space_to_depth(const tconv_kernel *kernel, const tconv_convolution *convolution,
                                                          const size_t *block, tconv_depth_order order, double *weights,
                                                          double *bias, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
