/* signals.h - what a kernel is learned from: a small signal, the large one that it shall become, and the geometry between.
 *
 *     loss(w) = 1/M sum_n ( y[n] - sum_{s i + d r - pb = n} x[i] w[r] )^2,   n = 0..M-1
 *
 * One channel, 1 to 3 axes. The taps fall into phases: tap r with d r = s m + q, 0 <= q < s, meets only the outputs
 * n = s u + q - pb, where it weighs x[u - m]. So the problem is S problems that share x, and this file is the one place
 * that knows which tap, which input and which output belong together.
 */
#ifndef TCONV_LEARN_SIGNALS_H
#define TCONV_LEARN_SIGNALS_H

#include <stddef.h>
#include <stdint.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_signals {
    tconv_geometry geometry;             /* one channel in, one out */
    size_t n_in[TCONV_MAX_NDIM];         /* of x; y has tconv_axis_output_size() samples along each axis */
    const double *x, *y;                 /* row-major, borrowed */
} tconv_signals;

/* TCONV_OK; TCONV_EGEOMETRY, TCONV_ESIZE; TCONV_EARGUMENT for several channels or an empty signal; TCONV_ENONFINITE. */
TCONV_API TCONV_CHECKED tconv_status tconv_signals_check(const tconv_signals *signals, tconv_error *error);

#ifdef __cplusplus
}
#endif

/* ---- inside lib/learn ---- */

/* One phase of a checked tconv_signals: its taps and its outputs. */
typedef struct tconv_phase {
    size_t q[TCONV_MAX_NDIM];
    size_t n_taps;                       /* how many taps of the kernel */
    size_t *tap;                         /* their row-major numbers, ascending */
    size_t *shift;                       /* their m, ndim numbers each */
    int64_t first[TCONV_MAX_NDIM];       /* outputs u = first .. first + count - 1 along each axis */
    size_t count[TCONV_MAX_NDIM];
    size_t n_outputs;                    /* the product of the counts, 0 if any is */
} tconv_phase;

typedef struct tconv_phases {
    size_t count;                        /* S */
    tconv_phase *phase;
    size_t n_out[TCONV_MAX_NDIM], outputs, taps;   /* M per axis, all of them, K */
} tconv_phases;

TCONV_CHECKED tconv_status tconv_phases_create(tconv_phases *phases, const tconv_signals *signals);
void tconv_phases_destroy(tconv_phases *phases);

/* Row-major position in y of output number j of the phase; u[i] receives its u along each axis. */
size_t tconv_phase_output(const tconv_signals *signals, const tconv_phases *phases, const tconv_phase *phase, size_t j, int64_t *u);

/* x[u - m] of tap number t of the phase; 0 outside. */
double tconv_phase_input(const tconv_signals *signals, const tconv_phase *phase, size_t t, const int64_t *u);

#endif
