/* wiener.h - the best kernel of its length: the linear prediction of a signal from every s-th of its samples.
 *
 * y is a stationary signal with autocorrelation r(t) = E y[n] y[n+t], and x[i] = y[s i]. The kernel of k taps with centre
 * c = (k-1)/2 that makes the mean squared error of predicting y[n - c] from x, averaged over the s phases, as small as it
 * can be solves, for every phase q by itself, with h_q[m] = h[s m + q]:
 *
 *     sum_m' r(s (m - m')) h_q[m'] = r(s m + q - c),     m = 0 .. n_q - 1                       (Wiener 1949; normal equations)
 *
 * for output s i + q is made of x[i - m] = y[s i - s m], and its target y[s i + q - c] lies s m + q - c samples later.
 * For an even k the centre is half-way between two samples, so r is needed at halves: its continuous form.
 *
 *     white      flat for |f| < 1/(2s): r(t) = sinc(t/s). The system is the unit matrix, h[n] = sinc((n - c)/s).
 *     brown      a random walk. Its variance has no bound, so the sums of h_q must be 1, and the error is the variogram's,
 *                E (y[n] - y[n+t])^2 / 2 = |t|/2. The solution is linear interpolation; h = 1 where only one side has a sample.
 *     ar1        r(t) = rho^|t|
 *     autocorrelation   r[0..count-1] as measured, taken as 0 from there on; at halves by sinc interpolation
 *     spectrum   a power spectrum at f = i/(2 (count - 1)), i = 0..count-1: r(t) = its cosine sum (Welch's method gives it)
 *
 * All functions are pure and thread-safe.
 */
#ifndef TCONV_DESIGN_WIENER_H
#define TCONV_DESIGN_WIENER_H

#include <stddef.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_PSD_WHITE, TCONV_PSD_BROWN, TCONV_PSD_AR1, TCONV_PSD_AUTOCORRELATION, TCONV_PSD_SPECTRUM } tconv_psd_kind;

typedef struct tconv_psd {
    tconv_psd_kind kind;
    double rho;               /* of ar1: correlation of neighbouring output samples, 0 <= rho < 1 */
    const double *values;     /* of autocorrelation and spectrum: `count` values, borrowed */
    size_t count;
} tconv_psd;

/* TCONV_EARGUMENT unless rho is in its range, r[0] > 0 and |r[i]| <= r[0], a spectrum is not negative and not all zero. */
TCONV_API TCONV_CHECKED tconv_status tconv_psd_check(const tconv_psd *psd, tconv_error *error);

/* r(t) of a checked psd, t in output samples (white needs the stride); for brown minus the variogram, -|t|/2. */
TCONV_API double tconv_psd_correlation(const tconv_psd *psd, size_t stride, double t);

/* taps[0..n_taps-1], not scaled: its gain is what predicts best. *mse (which may be NULL): the mean squared error,
 * averaged over the phases, in units of r(0) = E y^2 (brown: of the mean squared step). A phase without a tap predicts 0
 * (brown: TCONV_EARGUMENT, an unbounded error). TCONV_EARGUMENT also where an autocorrelation is shorter than the kernel. */
TCONV_API TCONV_CHECKED tconv_status tconv_wiener_taps(const tconv_psd *psd, size_t stride, size_t n_taps, double *taps,
                                                       double *mse, tconv_error *error);

/* The same for a centre anywhere, `centre` output samples after tap 0. */
TCONV_API TCONV_CHECKED tconv_status tconv_wiener_taps_at(const tconv_psd *psd, size_t stride, size_t n_taps, double centre,
                                                          double *taps, double *mse, tconv_error *error);

/* The mean squared error of any kernel as that predictor, its centre at `centre` (output samples from tap 0), same units:
 *     1/s sum_q ( r(0) - 2 h_q . p_q + h_q . R h_q )
 * Brown: infinite unless every branch sum is 1 to 1e-9. */
TCONV_API TCONV_CHECKED tconv_status tconv_prediction_error(const tconv_psd *psd, size_t stride, const double *taps, size_t n_taps,
                                                            double centre, double *mse, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
