/* extremum.h - the extrema of |H| and of |H(f + m/s)| / |H(f)| over bands of frequency (internal).
 *
 * Right to 1e-9 dB where the level is above the numerical floor: dense grid (spectrum.h), then Newton's method
 * (climb.h) from every local extremum of the grid that could be the one. A level below `zero` counts as zero.
 */
#ifndef TCONV_ANALYSIS_EXTREMUM_H
#define TCONV_ANALYSIS_EXTREMUM_H

#include <stdbool.h>
#include <stddef.h>

#include "climb.h"
#include "evaluate.h"
#include "spectrum.h"

typedef struct tconv_search {
    tconv_filter filter;
    tconv_evaluator *evaluator;
    tconv_spectrum *spectrum;
    double zero;          /* |H| below it counts as zero: 8 eps sum|h| */
    size_t most;          /* local extrema refined per band: as many as a fixed amount of work allows */
} tconv_search;

TCONV_CHECKED tconv_status tconv_search_create(tconv_search *search, const tconv_filter *filter, double zero);
void tconv_search_destroy(tconv_search *search);

/* A band of frequencies, cycles per output sample: lower[i] <= f_i <= upper[i]. */
typedef struct tconv_band {
    double lower[TCONV_MAX_NDIM], upper[TCONV_MAX_NDIM];
} tconv_band;

/* |f_i| <= beta / (2 s_i): the fraction beta of the baseband box. */
tconv_band tconv_baseband(const tconv_filter *filter, double beta);

/* The largest and the smallest |H| in the band. *smallest is 0 where |H| has a zero there. */
TCONV_CHECKED tconv_status tconv_search_largest(tconv_search *search, const tconv_band *band, double *largest);
TCONV_CHECKED tconv_status tconv_search_smallest(tconv_search *search, const tconv_band *band, double *smallest);

/* worst[m] = max over f in the band of |H(f + m/s)| / |H(f)| for every image m, row-major over the phases; worst[0] = 1.
 * INFINITY everywhere but at 0 where |H(f)| has a zero in the band. */
TCONV_CHECKED tconv_status tconv_search_images(tconv_search *search, const tconv_band *band, double *worst);

#endif
