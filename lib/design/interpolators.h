/* interpolators.h - the classical interpolation kernels, as continuous functions and as taps on a grid.
 *
 * phi(t), t in input samples, is even and 0 for |t| >= W. As a synthesis filter of stride s with centre c
 *
 *     h[n] = phi((n - c)/s)
 *
 *     nearest    1                            W = 1/2   (-1/2 <= t < 1/2: a tie takes the later sample)
 *     linear     1 - |t|                      W = 1
 *     cubic      Keys, a = -1/2               W = 2     Keys 1981; Catmull-Rom
 *     cubic75    Keys, a = -3/4               W = 2     the "bicubic" of PyTorch and OpenCV
 *     mitchell   B = C = 1/3                  W = 2     Mitchell and Netravali 1988
 *     bspline    B = 1, C = 0                 W = 2     cubic B-spline: smooths, does not interpolate
 *     lanczos2   sinc(t) sinc(t/2)            W = 2     not a partition of unity: branch gains differ a little
 *     lanczos3   sinc(t) sinc(t/3)            W = 3
 *
 * Two grids (geometry.h). On the half-pixel grid the centre is a multiple of 1/2 with the parity of s - 1; on the
 * sample grid (TCONV_GRID_ASYMMETRIC, output j at input j/s) it is an integer. The length is then the number of n with
 * |n - c| < s W. For linear: 2s - 1 on the sample grid, 2s - (s mod 2) with pb = floor(s/2) on the half-pixel grid,
 * which for even s is 1 - |n - (s - 1/2)|/s, the bilinear initialiser of Long et al. 2015. Pure, thread-safe.
 */
#ifndef TCONV_DESIGN_INTERPOLATORS_H
#define TCONV_DESIGN_INTERPOLATORS_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TCONV_NEAREST, TCONV_LINEAR, TCONV_CUBIC, TCONV_CUBIC75, TCONV_MITCHELL, TCONV_BSPLINE, TCONV_LANCZOS2, TCONV_LANCZOS3,
    TCONV_INTERPOLATOR_COUNT
} tconv_interpolator;

/* phi(t). */
TCONV_API double tconv_interpolator_at(tconv_interpolator kind, double t);

/* 2 W, a whole number. */
TCONV_API size_t tconv_interpolator_width(tconv_interpolator kind);

/* The natural length, and the padding that puts output j on the grid and makes s outputs of every input:
 * axis->n_taps, pad_begin, pad_end of a `stride`; dilation 1, output padding 0. *centre = c. `grid` is
 * TCONV_GRID_HALF_PIXEL or TCONV_GRID_ASYMMETRIC. Nearest on the sample grid rounds to the nearest input sample. */
TCONV_API void tconv_interpolator_axis(tconv_interpolator kind, size_t stride, tconv_grid grid, tconv_axis *axis, double *centre);

/* taps[n] = phi((n - centre)/stride), n = 0..n_taps-1. */
TCONV_API void tconv_interpolator_taps(tconv_interpolator kind, size_t stride, double centre, size_t n_taps, double *taps);

/* The padding that puts a kernel with centre (k-1)/2 on the grid and makes s outputs of every input: fills pad_begin,
 * pad_end and output_padding of *axis from its stride, taps and dilation. Returns what is left, in input samples: 0, or
 * -1/(2s) where the parity of k_eff does not fit (the output then lies half an output sample early). */
TCONV_API double tconv_axis_align(tconv_axis *axis, tconv_grid grid);

#ifdef __cplusplus
}
#endif
#endif
