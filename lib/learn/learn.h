/* learn.h - learning the kernel that upsamples one signal into another: gradient descent, or the answer at once.
 *
 *     minimise over w   loss(w) = 1/M sum_n (y[n] - (T_w x)[n])^2                                        (signals.h)
 *
 *     exact   the normal equations A w = b, phase by phase; for separable kernels one axis after the other until the
 *             loss stays (alternating least squares: a local minimum, from the best product to the full solution)
 *     sgd     v <- momentum v - rate g, w <- w + v                        Polyak 1964 ("heavy ball"); full batches
 *     adam    Kingma and Ba 2015, algorithm 1, full batches, the rate falling to 0 as a half cosine over the epochs; beta2
 *             is 0.99 by default, not 0.999, for without the noise of small batches a long memory only keeps the large
 *             gradients of the start, which ones as initialiser give
 *
 * Full batches: every epoch sees the whole signal, so nothing is random but the initialiser. With the gradient by normal
 * equations, the default, an epoch costs about K^2/S multiplications, however long the signal is (loss.h).
 *
 *     tconv_signals signals = { geometry, { n }, small, large };
 *     tconv_learning how = tconv_learning_default(TCONV_LEARN_EXACT);
 *     if (tconv_learn(kernel, &signals, &how, NULL, &result, &error) == TCONV_OK) ..        // kernel->taps are learned
 */
#ifndef TCONV_LEARN_LEARN_H
#define TCONV_LEARN_LEARN_H

#include <stdbool.h>

#include "../core/kernel.h"
#include "loss.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_LEARN_EXACT, TCONV_LEARN_SGD, TCONV_LEARN_ADAM } tconv_optimizer;

typedef struct tconv_learning {            /*                                                       Default  */
    tconv_optimizer optimizer;
    tconv_gradient_method gradient;        /* normal, direct or fft: equal but for rounding         normal   */
    bool separable;                        /* learn a product of one factor per axis                false    */
    size_t epochs;                         /* steps; exact separable: the most sweeps               5000     */
    double rate;                           /* step size; 0: sgd 1/(largest curvature), adam 0.05    0        */
    double momentum;                       /* sgd, 0 <= momentum < 1                                0.9      */
    double beta1, beta2, epsilon;          /* adam                                                  0.9, 0.99, 1e-8 */
    /* Called after every epoch with its loss, if not NULL; false stops. */
    bool (*progress)(void *context, size_t epoch, double loss);
    void *context;
} tconv_learning;

typedef struct tconv_learned {
    double loss_before, loss;              /* of the taps as they came, as they are: mean squared error */
    size_t epochs;                         /* done */
    double rate;                           /* used */
} tconv_learned;

TCONV_API tconv_learning tconv_learning_default(tconv_optimizer optimizer);

/* Learn the taps of a kernel of one channel, whose geometry is that of the signals, from where they are (an initialiser).
 * history (or NULL) has room for how->epochs + 1 losses: before, and after every epoch; *learned says how many count.
 * The taps are those with the smallest loss seen. A separable kernel starts from the product that equals the taps it comes
 * with, if there is one, through their largest tap. Taps that no output reaches stay as they are. TCONV_EARGUMENT: options out
 * of range, separable from a zero kernel, a loss that grows without bound (the rate is too large). TCONV_EGEOMETRY,
 * TCONV_ENONFINITE, TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. On failure the taps are as they were. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_learn(tconv_kernel *kernel, const tconv_signals *signals, const tconv_learning *how,
                                                 double *history, tconv_learned *learned, tconv_error *error);

/* The loss of a kernel on any signals, such as the half that it was not learned on. */
TCONV_API TCONV_CHECKED tconv_status tconv_learn_loss(const tconv_signals *signals, const double *taps, double *loss, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
