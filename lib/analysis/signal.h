/* signal.h - the power spectrum of a signal, by Welch's method.
 *
 *     density(f_i) = c_i / (K sum w^2) sum over segments |sum_n w[n] x[n + a] exp(-2 pi i f_i n)|^2,   f_i = i / L
 *
 * K segments of L samples, each beginning L - floor(L/2) after the one before, under the Hann window
 * w[n] = (1 - cos(2 pi n/L))/2; c_i = 2, but 1 at f = 0 and f = 1/2: one-sided, in power per cycle per sample, so its
 * integral over 0 .. 1/2 is the mean power (P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967); what SciPy's welch
 * computes without detrending). White noise of variance 1 has density 2.
 */
#ifndef TCONV_ANALYSIS_SIGNAL_H
#define TCONV_ANALYSIS_SIGNAL_H

#include <stddef.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* density[0..segment/2] of x[0..n-1]; 2 <= segment <= n. Samples after the last whole segment are left out. Thread-safe.
 * TCONV_EARGUMENT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_welch(const double *x, size_t n, size_t segment, double *density,
                                                 tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
