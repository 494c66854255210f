/* zero_insert.h - the operator by its textbook definition, in two steps that one can look at.
 *
 *     xu[s*i] = x[i], zero elsewhere, length s*(N-1) + 1              zero-insertion
 *     y_full  = xu * h                                                synthesis filtering, a true convolution
 *     y[j]    = b + y_full[j + pb],  j = 0..M-1                       the crop; zeros where y_full has ended
 *
 * h is the dilated kernel, k_eff = d*(k-1) + 1 samples (Crochiere and Rabiner 1983, section 2.3). It multiplies mostly
 * zeros: that is the point of it. Everything faster (transpose.h) is tested against it.
 *
 * Arrays are row-major: x (batch, Cin, n1..nD), y (batch, Cout, m1..mD), taps (Cin, Cout/groups, k1..kD), bias Cout
 * values or NULL. x and y do not overlap. All functions are thread-safe.
 */
#ifndef TCONV_OPERATOR_ZERO_INSERT_H
#define TCONV_OPERATOR_ZERO_INSERT_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Samples of xu along one axis: s*(N-1) + 1, for n_in >= 1. */
TCONV_API size_t tconv_zero_insert_size(size_t stride, size_t n_in);

/* Step 1, one channel of `ndim` <= TCONV_MAX_NDIM axes: xu has tconv_zero_insert_size(stride[i], n_in[i]) samples
 * along axis i. */
TCONV_API void tconv_zero_insert_f32(size_t ndim, const size_t *stride, const size_t *n_in, const float *x, float *xu);
TCONV_API void tconv_zero_insert_f64(size_t ndim, const size_t *stride, const size_t *n_in, const double *x, double *xu);

/* Both steps for a whole layer with n_in[0..ndim-1] input samples; y has tconv_axis_output_size() samples along each
 * axis. Sums are taken in the type of the data, over ci, then r in memory order. TCONV_EGEOMETRY, TCONV_ESIZE,
 * TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_zero_insert_layer_f32(const tconv_geometry *geometry, const float *taps,
                                                                 const float *bias, const size_t *n_in, size_t batch,
                                                                 const float *x, float *y, tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_zero_insert_layer_f64(const tconv_geometry *geometry, const double *taps,
                                                                 const double *bias, const size_t *n_in, size_t batch,
                                                                 const double *x, double *y, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
