/* resize.h - what image libraries and frameworks do instead of a transposed convolution: resize, then convolve.
 *
 *     y[j] = sum_t weight_t(j) x[clamp(first(j) + t)],     u(j) the position of output j in input samples (core/geometry.h)
 *
 *     nearest  one sample: half-pixel floor((j + 1/2) N/M), asymmetric floor(j N/M), align-corners the nearest to u, halves up
 *     linear   1 - f, f at floor(u), floor(u) + 1, with f = u - floor(u)
 *     cubic    Keys' kernel with a = -1/2 (or -3/4, as PyTorch and OpenCV) at floor(u) - 1 .. floor(u) + 2
 *              (Keys, IEEE Trans. ASSP 29, 1981, equation 4)
 *
 * The input's border samples are repeated (so linear positions outside the input take the border sample). Axes are
 * separable: they are resized one after the other, the last first. Arrays are row-major, (rows, n1..nD), `rows` standing
 * for batch and channels. Sums are taken in the type of the data.
 */
#ifndef TCONV_OPERATOR_RESIZE_H
#define TCONV_OPERATOR_RESIZE_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/resize_mode.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y (rows, m1..mD) = x (rows, n1..nD) resized on `grid`, n_in and n_out >= 1 samples along each of ndim axes. Any sizes:
 * no smoothing is done where M < N. x and y do not overlap. TCONV_EARGUMENT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_resize_f32(tconv_resize_mode mode, tconv_grid grid, size_t ndim, size_t rows,
                                                      const size_t *n_in, const size_t *n_out, const float *x, float *y,
                                                      tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_resize_f64(tconv_resize_mode mode, tconv_grid grid, size_t ndim, size_t rows,
                                                      const size_t *n_in, const size_t *n_out, const double *x, double *y,
                                                      tconv_error *error);

/* Resize-convolve: x (batch, Cin, n..) is resized by strides[i] along axis i, then convolved as deep-learning libraries do,
 * y[co][j] = b[co] + sum_ci sum_r w[co][ci][r] z[ci][j + r - padding], to the size of the resized array. taps
 * (Cout, Cin, k1..kD), one group, dilation 1; bias may be NULL. y is (batch, Cout, s1*n1..). Errors as above. */
TCONV_API TCONV_CHECKED tconv_status tconv_resize_convolve_f64(tconv_resize_mode mode, tconv_grid grid, size_t ndim, size_t batch,
                                                               size_t channels_in, size_t channels_out, const size_t *n_in,
                                                               const size_t *strides, const size_t *kernel, const size_t *padding,
                                                               const double *taps, const double *bias, const double *x, double *y,
                                                               tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
