/* phase.h - response, phase and group delay along one axis of a kernel, the frequencies of the other axes 0.
 *
 *     H(f) = |H| exp(i phi),   f = j / (2 (points - 1)),  j = 0 .. points-1:  0 to 1/2, both ends, cycles per output sample
 *     group delay = -(d phi / d f) / (2 pi) = Re( sum n h[n] exp(-2 pi i f n) / H(f) )        output samples
 *
 * with the first tap at n = 0 (freqz, group_delay). The kernel is folded about its centre c = d(k-1)/2 into its even and
 * odd part, so a symmetric or antisymmetric kernel has a group delay of exactly c. Where |H| counts as zero
 * (below 8 eps sum|h|) phase and group delay are NaN.
 *
 * All functions: `geometry` is a checked one, taps its k1*..*kD taps, axis < ndim, points >= 2. Thread-safe. Errors:
 * TCONV_EARGUMENT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM.
 */
#ifndef TCONV_ANALYSIS_PHASE_H
#define TCONV_ANALYSIS_PHASE_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"
#include "images.h"

#ifdef __cplusplus
extern "C" {
#endif

/* response[0..points-1] = H along the axis. */
TCONV_API TCONV_CHECKED tconv_status tconv_response_along(const tconv_geometry *geometry, const double *taps, size_t axis,
                                                          size_t points, tconv_complex *response);

/* phase[0..points-1], radians, unwrapped from f = 0 on a grid of its own that is fine enough for the kernel, so the
 * result does not depend on `points`: it is 0 or pi at f = 0 (the sign of the gain), falls by 2 pi c f for a linear-phase
 * kernel, and jumps by pi up, then down, where H changes its sign on the circle. */
TCONV_API TCONV_CHECKED tconv_status tconv_phase_along(const tconv_geometry *geometry, const double *taps, size_t axis,
                                                       size_t points, double *phase);

/* delay[0..points-1], output samples. */
TCONV_API TCONV_CHECKED tconv_status tconv_group_delay_along(const tconv_geometry *geometry, const double *taps, size_t axis,
                                                             size_t points, double *delay);

#ifdef __cplusplus
}
#endif
#endif
