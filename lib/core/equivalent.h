/* equivalent.h - layers that are no transposed convolution by name but equal one: the kernel that they amount to.
 *
 * A convolution here is the stride-1 correlation of deep learning, z[j] = sum_r w[r] x[j + d r - P], weights
 * (O, I/groups, k1..kD) row-major; P = pad_begin, pad_end of its axes. Away from borders (exactly: where the padding of
 * the two is not reached)
 *
 *   convolution, then depth to space by s (sub-pixel convolution; Shi et al. 2016):
 *     h[s d (k-1-r) + q] = W_q[r],   k_eq = s (d (k-1) + 1),   pb = s (d (k-1) - P)
 *     the branches are stored as channels: q is the phase that a channel goes to
 *   resize by s, then convolution (Odena, Dumoulin and Olah 2016):
 *     h = base * flip(dilated w),    k_eq = k_base + d (k-1),  pb = pb_base + d (k-1) - P
 *     base: the box of s taps (nearest, source(j) = floor(j/s)), or a triangle
 *
 * All functions are pure and thread-safe.
 */
#ifndef TCONV_CORE_EQUIVALENT_H
#define TCONV_CORE_EQUIVALENT_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TCONV_BASE_NEAREST,             /* base[n] = 1, n = 0..s-1; pb_base = 0 */
    TCONV_BASE_LINEAR,              /* half-pixel grid u = (j + 1/2)/s - 1/2: 2s - (s mod 2) taps, pb_base = floor(s/2) */
    TCONV_BASE_LINEAR_ASYMMETRIC    /* u = j/s: 2s - 1 taps, pb_base = s - 1 */
} tconv_resize_base;

/* The geometry of the equal transposed convolution. `convolution` is that of the convolution (strides 1, its own
 * channels_in I and channels_out O); block[i] = s of axis i. Depth to space keeps the groups where each group makes
 * whole pixels (depth_first false and groups dividing O/S), else it has one group. TCONV_EGEOMETRY where the blocks
 * do not divide O, a stride is not 1, or the result is beyond the limits of geometry.h. */
TCONV_API TCONV_CHECKED tconv_status tconv_shuffle_geometry(const tconv_geometry *convolution, const size_t *block,
                                                            bool depth_first, tconv_geometry *equivalent, tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_resize_geometry(const tconv_geometry *convolution, const size_t *block,
                                                           tconv_resize_base base, tconv_geometry *equivalent,
                                                           tconv_error *error);

/* The kernel itself. Convolution channel c' goes to output channel c and phase q (row-major over the axes), with
 * C = O/S:  depth_first (DCR, TensorFlow): c' = q C + c;  else (CRD, PyTorch's PixelShuffle): c' = c S + q.
 * bias (O values or NULL) becomes the mean over the phases of each output channel; *bias_varies (which may be NULL) says
 * whether the phases differ by more than 8 eps. *kernel is the caller's, NULL on failure. */
TCONV_API TCONV_CHECKED tconv_status tconv_shuffle_kernel(const tconv_geometry *convolution, const size_t *block,
                                                          bool depth_first, const double *weights, const double *bias,
                                                          bool *bias_varies, tconv_kernel **kernel, tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_resize_kernel(const tconv_geometry *convolution, const size_t *block,
                                                         tconv_resize_base base, const double *weights,
                                                         const double *bias, tconv_kernel **kernel, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
