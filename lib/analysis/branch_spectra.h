/* branch_spectra.h - what each branch does to a tone: magnitude, and delay against that of the ideal interpolator.
 *
 *     H_q(v) = sum_n h[s n + q] exp(-2 pi i v n),   v in cycles per input sample
 *     tau_q(v) = -(phase of H_q) / (2 pi v)         phase delay, input samples; v = 0: its limit sum n h_q[n] / g_q
 *     error_q(v) = tau_q(v) + q/s - the mean of the same over the branches
 *
 * Every branch of the ideal interpolator is an all-pass fractional delay: all |H_q| = 1, all errors 0. The phase is
 * unwrapped from v = 0 and relative to the sign of g_q: a negative gain is gain, not delay.
 */
#ifndef TCONV_ANALYSIS_BRANCH_SPECTRA_H
#define TCONV_ANALYSIS_BRANCH_SPECTRA_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* magnitude, delay, error (S, points), row-major, for v = 0 .. 1/2 in `points` >= 2 steps along one axis, the other
 * frequencies 0. Where a branch has no gain, or vanishes, delay and error are NaN and it has no part in the mean; a branch
 * without taps has magnitude 0. Magnitudes below 8 eps sum|h| are 0. Thread-safe. TCONV_EARGUMENT, TCONV_ESIZE,
 * TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_branch_spectra(const tconv_geometry *geometry, const double *taps, size_t axis,
                                                          size_t points, double *magnitude, double *delay, double *error);

#ifdef __cplusplus
}
#endif
#endif
