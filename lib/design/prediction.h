/* prediction.h - how many dB a kernel gives away against the Wiener kernel of its length.
 *
 * A kernel may come at any gain and delay, which the layers behind it can take up. So both are chosen for it: the gain a
 * that makes the error r(0) - 2 a P + a^2 Q smallest, P(c) = sum_n h[n] r(n - c)/s, Q = sum_q h_q . R h_q/s (wiener.h), or, for
 * brown, the branch sums 1; and for the centre c the middle of its taps or the place where it predicts best, whichever
 * loses less against the Wiener kernel with the same centre.
 */
#ifndef TCONV_DESIGN_PREDICTION_H
#define TCONV_DESIGN_PREDICTION_H

#include "wiener.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *loss_db = 10 log10(error of the kernel / error of the Wiener kernel) >= 0 for the n_taps taps, not all zero, of one axis.
 * INFINITY where the first has no bound (brown and unequal branch gains or an empty branch) or only the second is 0.
 * Errors as tconv_wiener_taps. */
TCONV_API TCONV_CHECKED tconv_status tconv_wiener_loss(const tconv_psd *psd, size_t stride, const double *taps, size_t n_taps,
                                                       double *loss_db, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
