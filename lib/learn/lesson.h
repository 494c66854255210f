/* lesson.h - from one real signal, what a kernel can be learned from: the signal itself and a smaller version of it.
 *
 *     x[i] = sum_j g[j] y[s i + j - b]           along every axis, the strided correlation with a filter g
 *     loss(w) = mean over n of (y[n] - sum_r w[r] x[(n + pb - d r)/s])^2                                       (signals.h)
 *
 *     keep        g = 1: every s-th sample, nothing else. What is left is aliased; this is the problem of the Wiener kernel.
 *     decimate    g a Kaiser sinc of gain 1 that passes up to 0.8/(2s) and stops 60 dB from 1/(2s) on
 *     convolve    g given, k taps at distance d, b = pb: the strided convolution that the layer is the transpose of
 *
 * The filter's middle stands where the layer's middle is, (k_eff - 1)/2 - pb output samples after s i, as nearly as whole
 * samples allow: exactly for decimate (whose length is made odd or even for it) and for a symmetric g, half a sample before
 * for keep where k_eff is even. Only outputs whose inputs are all there count, so no border is in the loss.
 */
#ifndef TCONV_LEARN_LESSON_H
#define TCONV_LEARN_LESSON_H

#include "signals.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_DOWN_KEEP, TCONV_DOWN_DECIMATE, TCONV_DOWN_CONVOLVE } tconv_down_kind;

typedef struct tconv_downsampling {
    tconv_down_kind kind;
    const double *filter[TCONV_MAX_NDIM];    /* convolve: g along each axis, as many taps as the layer has; borrowed */
} tconv_downsampling;

typedef struct tconv_down_filter {           /* along one axis */
    double *taps;                            /* g; owned by the lesson */
    size_t n_taps, distance;                 /* distance: of neighbouring taps, d for convolve, else 1 */
    int64_t begin;                           /* b */
} tconv_down_filter;

typedef struct tconv_lesson {
    tconv_signals signals;                   /* its x and y are owned by the lesson; its crop leaves the borders out */
    const double *large;                     /* the whole signal, borrowed */
    size_t n_large[TCONV_MAX_NDIM];
    int64_t pad_begin[TCONV_MAX_NDIM];       /* the layer's own pb */
    double centre[TCONV_MAX_NDIM];           /* output samples from tap 0 to the place that x[i] stands for */
    tconv_down_filter filter[TCONV_MAX_NDIM];
    double power, mean;                      /* of y: mean square, mean */
} tconv_lesson;

/* Make x and cut y for a layer of one channel. large: n_large[0] * .. values, row-major, which outlive the lesson. On failure
 * *lesson is NULL: TCONV_EARGUMENT (several channels, a filter that is not there, a signal too short to leave one output),
 * TCONV_EGEOMETRY, TCONV_ENONFINITE, TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_lesson_create(tconv_lesson **lesson, const tconv_geometry *geometry,
                                                         const tconv_downsampling *how, const double *large,
                                                         const size_t *n_large, tconv_error *error);
TCONV_API void tconv_lesson_destroy(tconv_lesson *lesson);   /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
