/* equiripple.h - the filter whose largest weighted error over the bands is as small as it can be.
 *
 *     minimise over h   max over the bands of  W(f) |D(f) - A(f)|
 *
 * (bands.h has A, the bands D and W.) With L + 1 free taps the optimum is the one, and the only one, whose error reaches
 * its maximum delta with alternating signs at L + 2 frequencies or more: the alternation theorem. It is found by Remez
 * exchange (Parks and McClellan 1972, "Chebyshev approximation for nonrecursive digital filters with linear phase") with
 * barycentric interpolation, on a grid that follows the extrema and with each of them refined off the grid.
 */
#ifndef TCONV_DESIGN_EQUIRIPPLE_H
#define TCONV_DESIGN_EQUIRIPPLE_H

#include "bands.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_ripple {
    double deviation;         /* delta: the largest weighted error */
    size_t extrema;           /* frequencies at which it is reached with alternating signs: floor((k+1)/2) + 1 or more */
    size_t iterations;
    double unevenness;        /* (largest - smallest ripple)/delta, by the taps as they are: 1e-6 or less */
} tconv_ripple;

/* taps[0..n_taps-1], symmetric bit for bit. n_taps >= 3. *ripple (which may be NULL) says how it went. TCONV_EARGUMENT:
 * bands that are no bands, or ripples that would be so small that rounding hides them (below about 1e-9 of the gain: the
 * taps are more than the bands need). TCONV_ENOMEM, TCONV_EBUDGET. Work: about n_taps^2 per iteration, tens of iterations. */
TCONV_API TCONV_CHECKED tconv_status tconv_equiripple_taps(const tconv_band *bands, size_t n_bands, size_t n_taps, double *taps,
                                                           tconv_ripple *ripple, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
