/* loss.h - the loss of a kernel on a pair of signals, and its gradient (internal; learn.h is the way in).
 *
 * Over one phase the prediction is linear in its taps, e[u] = sum_t w_t x[u - m_t] - y[u], so three ways give the same numbers:
 *
 *     direct   the sums as they stand: e, then dL/dw_t = 2/M sum_u e[u] x[u - m_t].            M k/S per evaluation
 *     fft      both sums as products of spectra: for long kernels.                          N log N per evaluation
 *     normal   A_q[t][t'] = sum_u x[u - m_t] x[u - m_t'], b_q[t] = sum_u x[u - m_t] y[u], once;
 *              then dL/dw = 2/M (A w - b), loss = (w.A w - 2 b.w + y.y)/M.                      K^2/S per evaluation
 *
 * A is an autocorrelation but for the borders. In 1-D its first row is summed up and the others follow from
 * A[t+1][t'+1] = A[t][t'] + (one product that enters) - (one that leaves), so making it costs N k/S, not N (k/s)^2.
 */
#ifndef TCONV_LEARN_LOSS_H
#define TCONV_LEARN_LOSS_H

#include "signals.h"

typedef enum { TCONV_GRADIENT_NORMAL, TCONV_GRADIENT_DIRECT, TCONV_GRADIENT_FFT } tconv_gradient_method;

typedef struct tconv_loss tconv_loss;   /* keeps a reference to the signals; one thread at a time */

/* On failure *loss is NULL: TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. The signals are checked ones. */
TCONV_CHECKED tconv_status tconv_loss_create(tconv_loss **loss, const tconv_signals *signals, tconv_gradient_method method);
void tconv_loss_destroy(tconv_loss *loss);   /* NULL is fine */

/* The loss of the K taps; gradient[0..K-1] = dL/dw where it is not NULL. */
double tconv_loss_evaluate(tconv_loss *loss, const double *taps, double *gradient);

/* The normal equations of a loss made by TCONV_GRADIENT_NORMAL. */
const tconv_phases *tconv_loss_phases(const tconv_loss *loss);
const double *tconv_loss_matrix(const tconv_loss *loss, size_t q);   /* A_q, n_taps x n_taps */
const double *tconv_loss_right(const tconv_loss *loss, size_t q);    /* b_q */

#endif
