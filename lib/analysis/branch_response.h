/* branch_response.h - how far the branches of one kernel are from being equal but for their delay (internal; the
 * figures appear in tconv_branch_figures).
 *
 * For the ideal interpolator every branch is an all-pass fractional delay: |H_q| = 1, delay c/s - q/s. Over the band
 * |f| <= e/2, f in cycles per input sample along the branch:
 *
 *     magnitude_deviation_db = max |20 log10(|H_q| / mean_q |H_q|)|
 *     delay_error            = max over 0 < f <= e/2 of |tau_q(f) + q/s - mean over branches of the same|
 *
 * tau_q is the phase delay, per axis with the other frequencies 0, the phase unwrapped from f = 0 and taken relative to
 * the sign of the branch's DC gain: a negative gain is gain, not delay.
 */
#ifndef TCONV_ANALYSIS_BRANCH_RESPONSE_H
#define TCONV_ANALYSIS_BRANCH_RESPONSE_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

/* deviation_db[q] for each of the S branches of a kernel that is not zero: INFINITY where the branch has a zero in the
 * band. `zero`: the level that counts as zero. */
TCONV_CHECKED tconv_status tconv_branch_magnitude_deviation(const tconv_geometry *geometry, const double *taps, double zero,
                                                            double edge, double *deviation_db);

/* error[q * ndim + i], input samples along axis i: NaN for a branch whose DC gain counts as zero or whose response
 * vanishes in the band, which are left out of the mean. */
TCONV_CHECKED tconv_status tconv_branch_delay_error(const tconv_geometry *geometry, const double *taps, double zero,
                                                    double edge, double *error);

#endif
