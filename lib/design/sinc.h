/* sinc.h - the ideal synthesis filter, and its windowed versions of finite length.
 *
 *     sinc(x) = sin(pi x)/(pi x)
 *     h[n]    = b sinc(b (n - c)/s) w(n),    c = (k-1)/2,   n = 0..k-1
 *
 * s is the stride, b the cutoff in units of 1/(2s) (1: the edge of the baseband), w a window. Without a window, b = 1
 * and k without end this passes |f| < 1/(2s) with gain s and nothing else; its branches are the fractional delays q/s
 * (theory: Crochiere and Rabiner 1983, chapter 4). Pure, thread-safe.
 */
#ifndef TCONV_DESIGN_SINC_H
#define TCONV_DESIGN_SINC_H

#include "window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 1 at 0, exactly 0 at every other integer. */
TCONV_API double tconv_sinc(double x);

/* taps[0..n_taps-1] as above, moved by `delay` output samples (c becomes c + delay), not scaled: the gain sum(h) is s
 * only about. The window moves along and is 0 outside its ends. stride, n_taps >= 1, cutoff > 0, a checked window. */
TCONV_API void tconv_sinc_taps(size_t stride, double cutoff, const tconv_window *window, double delay, size_t n_taps,
                               double *taps);

#ifdef __cplusplus
}
#endif
#endif
