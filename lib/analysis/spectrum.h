/* spectrum.h - |H|^2 of one filter on a dense grid of frequencies (internal).
 *
 * Along each axis the grid has n = s*L points f = j/n, L a multiple of 20, so that the image of a grid point is a grid
 * point (m/s = m*L/n) and so are the edges 0.5/(2s) and 0.8/(2s) of the usual bands. n is at least `oversampling`
 * times the filter's length, so between neighbours |H|^2 falls below its maximum by at most
 * cos(pi/oversampling) (a trigonometric polynomial of degree < k_eff: Bernstein's inequality), 0.09 dB at 16.
 */
#ifndef TCONV_ANALYSIS_SPECTRUM_H
#define TCONV_ANALYSIS_SPECTRUM_H

#include <stddef.h>

#include "evaluate.h"

typedef struct tconv_spectrum {
    size_t ndim;
    size_t n[TCONV_MAX_NDIM];        /* grid points per axis */
    size_t period[TCONV_MAX_NDIM];   /* L = n/s: grid points from image to image */
    double oversampling;             /* the least n / k_eff of the axes */
    double *power;                   /* n[0] * .. * (n[D-1]/2 + 1): half a spectrum, the taps being real */
} tconv_spectrum;

/* One zero-padded FFT. The oversampling is 16 unless the grid would then exceed 2^25 points (2^22 in 3-D): it is
 * halved until it fits, but not below 2. TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE (the grid would be too large). */
TCONV_CHECKED tconv_status tconv_spectrum_create(tconv_spectrum **spectrum, const tconv_filter *filter);
void tconv_spectrum_destroy(tconv_spectrum *spectrum);   /* NULL is fine */

/* |H|^2 at grid point j, any integers: taken modulo n. */
double tconv_spectrum_power(const tconv_spectrum *spectrum, const ptrdiff_t *j);

#endif
