/* baseline.h - what a learned kernel is measured by: the kernel that theory predicts for the signal, and named filters.
 *
 * The Wiener prediction of a lesson. Along one axis, y stationary with autocorrelation r, x[i] = sum_j g[j] y[s i + d' j - b]:
 *
 *     E x[u - m] x[u - m'] = sum_j,j' g[j] g[j'] r(s (m' - m) + d' (j - j'))
 *     E x[u - m] y[s u + q - pb] = sum_j g[j] r(d r - pb + b - d' j),      tap r of phase q at m:  d r = s m + q
 *
 * and the taps of every phase solve these normal equations (Wiener 1949). All lags are whole samples. r is the
 * cosine sum of a Welch spectrum of the signal's lines along the axis, their mean put back as a constant; several axes: the product.
 * So the prediction knows second moments and nothing else, where the exact kernel has seen every sample.
 */
#ifndef TCONV_LEARN_BASELINE_H
#define TCONV_LEARN_BASELINE_H

#include "../design/reference.h"
#include "lesson.h"

#ifdef __cplusplus
extern "C" {
#endif

/* taps[0..K-1] of the layer. TCONV_EARGUMENT where the signal has no power or lines of fewer than 16 samples; TCONV_ENOMEM,
 * TCONV_EBUDGET, TCONV_ESIZE. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_lesson_wiener(const tconv_lesson *lesson, double *taps, tconv_error *error);

/* taps[0..K-1] of a continuous reference (tconv_reference_is_continuous) at the lesson's centre, as its formula gives it; with a
 * dilation, every d-th value; the window of a sinc covers all of them. TCONV_EARGUMENT for other references; TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_lesson_reference(const tconv_lesson *lesson, const tconv_reference *reference,
                                                            double *taps, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
