/* convolve.h - the forward strided cross-correlation C, whose transpose is the layer; so also the input gradient.
 *
 *     (C z)[ci][i] = sum_co sum_r w[ci][co][r] z[co][s*i + d*r - pb]          z is zero outside 0..M-1
 *
 * It maps the large side (M samples, Cout channels) to the small one (N samples, Cin channels); with upstream gradient
 * gy = z it is dL/dx of the transposed convolution (Dumoulin and Visin 2016, section 4).
 *
 * Arrays are row-major: z (batch, Cout, m1..mD), x (batch, Cin, n1..nD), taps (Cin, Cout/groups, k1..kD). They do not
 * overlap. Thread-safe, no memory is allocated.
 */
#ifndef TCONV_OPERATOR_CONVOLVE_H
#define TCONV_OPERATOR_CONVOLVE_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x = C z for n_large[i] = M and n_small[i] = N samples along each axis. Any sizes >= 1 will do: N is usually
 * tconv_axis_forward_size(M), or, for the gradient of a layer, the size of its input. Sums are taken in the type of
 * the data, over co, then r in memory order. TCONV_EGEOMETRY, TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_convolve_f32(const tconv_geometry *geometry, const float *taps,
                                                        const size_t *n_large, const size_t *n_small, size_t batch,
                                                        const float *z, float *x, tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_convolve_f64(const tconv_geometry *geometry, const double *taps,
                                                        const size_t *n_large, const size_t *n_small, size_t batch,
                                                        const double *z, double *x, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
