/* window.h - the windows that cut a sinc to length, and Kaiser's formulas that say how long it must be.
 *
 * A window is a function of x in [-1, 1], 1 at 0 and even; w[n] has x = (2n - (k-1))/(k-1), n = 0..k-1, so it is
 * symmetric and reaches both ends (k = 1: x = 0).
 *
 *     rectangular  1                                       hann      1/2 + 1/2 cos(pi x)
 *     hamming      0.54 + 0.46 cos(pi x)                   blackman  0.42 + 0.5 cos(pi x) + 0.08 cos(2 pi x)
 *     kaiser       I0(beta sqrt(1 - x^2)) / I0(beta)
 *
 * (Harris 1978, "On the use of windows for harmonic analysis with the DFT"; Kaiser 1974, "Nonrecursive digital filter
 * design using the I0-sinh window function".) All functions are pure and thread-safe.
 */
#ifndef TCONV_DESIGN_WINDOW_H
#define TCONV_DESIGN_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_WINDOW_LIST(X)                                                                       \
    X(TCONV_WINDOW_RECTANGULAR, "rectangular") X(TCONV_WINDOW_HANN, "hann")                        \
    X(TCONV_WINDOW_HAMMING, "hamming") X(TCONV_WINDOW_BLACKMAN, "blackman") X(TCONV_WINDOW_KAISER, "kaiser")

#define TCONV_WINDOW_NAME(name, text) name,
typedef enum { TCONV_WINDOW_LIST(TCONV_WINDOW_NAME) TCONV_WINDOW_COUNT } tconv_window_kind;
#undef TCONV_WINDOW_NAME

#define TCONV_MAX_KAISER_BETA 500.0   /* I0 beyond is near the end of the range of double */

typedef struct tconv_window {
    tconv_window_kind kind;
    double beta;                      /* of kaiser, 0..TCONV_MAX_KAISER_BETA; no part in the others */
} tconv_window;

TCONV_API const char *tconv_window_text(tconv_window_kind kind);                        /* "hann"; never NULL */
TCONV_API bool tconv_window_find(const char *name, tconv_window_kind *kind);            /* false, *kind untouched: none */

/* TCONV_EARGUMENT for a kind that is none or a beta out of range. */
TCONV_API TCONV_CHECKED tconv_status tconv_window_check(const tconv_window *window, tconv_error *error);

/* w(x) of a checked window; 0 outside [-1, 1]. */
TCONV_API double tconv_window_at(const tconv_window *window, double x);

/* values[0..count-1] = w[n], count >= 1. */
TCONV_API void tconv_window_fill(const tconv_window *window, size_t count, double *values);

/* I0(x), the modified Bessel function of order 0, |x| <= TCONV_MAX_KAISER_BETA, right to a few eps. */
TCONV_API double tconv_bessel_i0(double x);

/* Kaiser's beta for a stopband attenuation of A dB:
 *     0.1102 (A - 8.7)                               A > 50
 *     0.5842 (A - 21)^0.4 + 0.07886 (A - 21)         21 < A <= 50
 *     0                                              A <= 21                                                      */
TCONV_API double tconv_kaiser_beta(double attenuation_db);

/* The attenuation in dB that k taps reach with a transition `width`, a fraction of 1/2 cycle per sample (of Nyquist):
 *     A = 2.285 (k - 1) pi width + 7.95                                                                           */
TCONV_API double tconv_kaiser_attenuation(size_t n_taps, double width);

/* The other way round: *n_taps = ceil((A - 7.95)/(2.285 pi width) + 1), *beta = tconv_kaiser_beta(A). TCONV_EARGUMENT
 * unless A >= 8 dB and 0 < width <= 1; TCONV_ESIZE where the taps are too many to be asked for. */
TCONV_API TCONV_CHECKED tconv_status tconv_kaiser_order(double attenuation_db, double width, size_t *n_taps, double *beta,
                                                        tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
