/* gradient.h - what training needs: the derivatives of a loss L through the layer, given gy = dL/dy.
 *
 *     dL/dw[ci][co][r] = sum over the batch and i of  x[ci][i] gy[co][s*i + d*r - pb]       (gy is zero outside 0..M-1)
 *     dL/db[co]        = sum over the batch and j of  gy[co][j]
 *     dL/dx            = C gy                                                            (convolve.h)
 *
 * Arrays are row-major: x (batch, Cin, n1..nD), gy (batch, Cout, m1..mD), taps and dL/dw (Cin, Cout/groups, k1..kD).
 * Sums of float data are taken in double. Thread-safe, no memory is allocated.
 */
#ifndef TCONV_OPERATOR_GRADIENT_H
#define TCONV_OPERATOR_GRADIENT_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For a layer with n_in[0..ndim-1] input samples. Each result may be NULL where it is not wanted: gradient_taps
 * (needs x), gradient_bias (Cout values), gradient_input (needs taps, overwrites, shaped as x). TCONV_EGEOMETRY,
 * TCONV_ESIZE; TCONV_EARGUMENT where a result is wanted without what it needs. */
TCONV_API TCONV_CHECKED tconv_status tconv_gradient_f32(const tconv_geometry *geometry, const float *taps,
                                                        const size_t *n_in, size_t batch, const float *x, const float *gy,
                                                        float *gradient_taps, float *gradient_bias,
                                                        float *gradient_input, tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_gradient_f64(const tconv_geometry *geometry, const double *taps,
                                                        const size_t *n_in, size_t batch, const double *x,
                                                        const double *gy, double *gradient_taps, double *gradient_bias,
                                                        double *gradient_input, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
