/* least_squares.h - the filter whose squared error over the bands is smallest, with exact gains where they are asked for.
 *
 *     minimise over h   sum over the bands of  W integral (D(f) - A(f))^2 df     such that  A(f_i) = G_i
 *
 * (bands.h has A, the bands D and W.) The integrals are closed forms, the minimum is one system of floor((k+1)/2) linear
 * equations, the constraints are met by Lagrange multipliers (Selesnick, Lang and Burrus 1996, "Constrained least square
 * design of FIR filters without specified transition bands", section II). With A(0) = s and A(m/s) = 0 all branches have
 * the same gain: flat input gives flat output, whatever else the filter does.
 */
#ifndef TCONV_DESIGN_LEAST_SQUARES_H
#define TCONV_DESIGN_LEAST_SQUARES_H

#include "bands.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_constraint {
    double freq_out, gain;      /* A(freq_out) = gain exactly */
} tconv_constraint;

/* The constraints of even branches: constraints[0] is A(0) = s, constraints[m] is A(m/s) = 0, m = 1..floor(s/2) - without
 * m/s = 1/2 for an even n_taps, which has it anyway. Room for floor(s/2) + 1. Returns how many. */
TCONV_API size_t tconv_constraints_flat(size_t stride, size_t n_taps, tconv_constraint *constraints);

/* taps[0..n_taps-1], symmetric bit for bit; n_taps >= 1. n_constraints may be 0 (then constraints may be NULL).
 * TCONV_EARGUMENT: bands that are no bands, constraints that contradict each other or are more than the free taps.
 * TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. Work: about n_taps^3/24. */
TCONV_API TCONV_CHECKED tconv_status tconv_least_squares_taps(const tconv_band *bands, size_t n_bands, size_t n_taps,
                                                              const tconv_constraint *constraints, size_t n_constraints,
                                                              double *taps, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
