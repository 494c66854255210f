/* energy.h - how a kernel's energy divides between the baseband and its images. */
#ifndef TCONV_ANALYSIS_ENERGY_H
#define TCONV_ANALYSIS_ENERGY_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *baseband = E0, the integral of |H(f)|^2 over the box |f_i| < 1/(2 s_i), and *total = E = sum h^2, summed over
 * `kernels` kernels of K = k1*..*kD taps each that lie one after the other in `taps`, row-major. Exact in closed form,
 *
 *     E0 = sum_{a,b} h[a] h[b] prod_i (1/s_i) sinc((a_i - b_i)/s_i)
 *
 * because the integral of exp(-2 pi i f (a-b)) over |f| < 1/(2s) is sinc((a-b)/s)/s; a and b are places in the dilated
 * kernel. The double sum is done axis by axis (the matrix is a Kronecker product), by FFT where an axis is long.
 * Error: a few eps E. Thread-safe. TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_baseband_energy(const tconv_geometry *geometry, const double *taps,
                                                           size_t kernels, double *baseband, double *total);

#ifdef __cplusplus
}
#endif
#endif
