/* fit.h - the gain and the delays at which a product of one-axis references comes nearest to a kernel (internal). */
#ifndef TCONV_DESIGN_FIT_H
#define TCONV_DESIGN_FIT_H

#include "../core/geometry.h"
#include "../core/status.h"

/* One axis of a reference: r delayed by tau output samples, `n_taps` values. */
typedef void tconv_delayed(const void *context, size_t axis, double tau, double *taps);

typedef struct tconv_fit {
    double gain, delay[TCONV_MAX_NDIM], nmse;
} tconv_fit;

/* Fit gain * prod_i r_i(delay_i) to the kernel h of n_taps[0] x .. taps: the score <h, r>^2/<r, r> is maximised over one
 * delay after the other until they stay, each over +-n_taps/2 by steps of stride/8 and golden sections round the best
 * ones. fitted[..] = the result. TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_CHECKED tconv_status tconv_fit_delays(const double *h, size_t ndim, const size_t *n_taps, const size_t *stride,
                                            tconv_delayed *delayed, const void *context, tconv_fit *fit, double *fitted);

#endif
