/* factors.h - what an optimizer turns: the taps themselves, or one factor per axis whose product they are (internal).
 *
 *     w[r1,..,rD] = f1[r1] .. fD[rD],    dL/df_i[j] = sum over the taps with r_i = j of  dL/dw[r] prod_{l != i} f_l[r_l]
 */
#ifndef TCONV_LEARN_FACTORS_H
#define TCONV_LEARN_FACTORS_H

#include <stdbool.h>

#include "../core/geometry.h"

typedef struct tconv_factors {
    bool separable;
    size_t ndim, n_taps[TCONV_MAX_NDIM], taps;   /* extents, and their product */
    size_t count;                                /* numbers to turn: K, or k1 + .. + kD */
} tconv_factors;

tconv_factors tconv_factors_of(const tconv_geometry *geometry, bool separable);

/* numbers -> taps. */
void tconv_factors_taps(const tconv_factors *factors, const double *numbers, double *taps);

/* dL/dtaps -> dL/dnumbers, at `numbers`. */
void tconv_factors_gradient(const tconv_factors *factors, const double *numbers, const double *gradient_taps, double *gradient);

/* taps -> numbers: the taps, or the cross through their largest one, which is them if they are a product; all factors of
 * one norm. False for taps that are all zero and to be separated. */
bool tconv_factors_split(const tconv_factors *factors, const double *taps, double *numbers);

/* The product of all factors but that of `axis`, at tap t; *r = its index along the axis. */
double tconv_factors_others(const tconv_factors *factors, const double *numbers, size_t axis, size_t t, size_t *r);

/* Where the factor of an axis begins among the numbers. */
size_t tconv_factors_start(const tconv_factors *factors, size_t axis);

#endif
