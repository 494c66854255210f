/* bands.h - what a synthesis filter must do at which frequencies, for the designs by Remez exchange and least squares.
 *
 * A band is an interval of frequencies with a wanted gain, linear between its two ends, and a weight; between bands
 * nothing is asked. Frequencies are in cycles per output sample, 0..1/2. The filter has k symmetric taps, so its
 * frequency response is a real amplitude A(f) times a pure delay of c = (k-1)/2:
 *
 *     H(f) = A(f) exp(-2 pi i f c),   A(f) = sum_n h[n] cos(2 pi f (n - c))                    types I and II
 */
#ifndef TCONV_DESIGN_BANDS_H
#define TCONV_DESIGN_BANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_MAX_BANDS 64

typedef struct tconv_band {            /*                                             Typically, stride 2 */
    double low, high;                  /* cycles per output sample, low < high         0.0, 0.2           */
    double gain_low, gain_high;        /* wanted amplitude at either end               2.0, 2.0           */
    double weight;                     /* > 0: an error here counts so many times      1.0                */
} tconv_band;

/* TCONV_EARGUMENT unless there are 1..TCONV_MAX_BANDS bands, in rising order, apart, within 0..1/2, finite, with positive
 * weights, and, for an even n_taps (A(1/2) = 0 whatever the taps), no gain wanted at 1/2. */
TCONV_API TCONV_CHECKED tconv_status tconv_bands_check(const tconv_band *bands, size_t n_bands, size_t n_taps, tconv_error *error);

/* The bands of an interpolator of `stride`: gain s for |f| <= edge/(2s), and 0
 *   images false:  for all f >= (2 - edge)/(2s)
 *   images true:   at the images of the passband only, (2m - edge)/(2s) .. (2m + edge)/(2s), m = 1, 2, .. floor(s/2)
 * with `weight` there (1 in the passband). 0 < edge < 1. bands has room for TCONV_MAX_BANDS. For s = 1, one band.
 * TCONV_EARGUMENT where the edge is out of range or the images are more than the room. */
TCONV_API TCONV_CHECKED tconv_status tconv_bands_interpolator(size_t stride, double edge, double weight, bool images,
                                                              tconv_band *bands, size_t *n_bands, tconv_error *error);

/* A(f) by its definition. */
TCONV_API double tconv_amplitude(const double *taps, size_t n_taps, double freq_out);

#ifdef __cplusplus
}
#endif
#endif
