/* lift.h - a layer and its input size as the operator's loops want them: always three axes.
 *
 * A layer of one or two axes is a layer of three whose first axes are trivial (stride 1, one tap, one sample), so that
 * one loop nest serves all. Internal to lib/operator.
 */
#ifndef TCONV_OPERATOR_LIFT_H
#define TCONV_OPERATOR_LIFT_H

#include "../core/geometry.h"
#include "../core/memory.h"
#include "../core/status.h"

typedef struct tconv_lifted {
    size_t s[3], k[3], d[3];        /* stride, taps, dilation; axis 2 is the fastest in memory */
    int64_t pb[3];                  /* crop at the beginning */
    size_t n[3], m[3];              /* input and output samples */
    size_t groups, cin, cout;       /* cin, cout: channels of ONE group */
    size_t taps;                    /* K = k[0]*k[1]*k[2] */
    size_t small, large;            /* N = n[0]*n[1]*n[2], M = m[0]*m[1]*m[2] */
    size_t weights;                 /* groups * cin * cout * K */
} tconv_lifted;

/* Check `geometry` and n_in[0..ndim-1], and lift them. TCONV_EGEOMETRY, or TCONV_ESIZE where an array of the layer
 * would have more than PTRDIFF_MAX / 16 elements. */
TCONV_CHECKED tconv_status tconv_lift(tconv_lifted *lifted, const tconv_geometry *geometry, const size_t *n_in,
                                      tconv_error *error);

/* The same with the output size given instead of computed: n_in and n_out both >= 1, in any relation. */
TCONV_CHECKED tconv_status tconv_lift_pair(tconv_lifted *lifted, const tconv_geometry *geometry, const size_t *n_in,
                                           const size_t *n_out, tconv_error *error);

/* TCONV_ESIZE where `batch` images would have more elements than that. */
TCONV_CHECKED tconv_status tconv_lift_batch(const tconv_lifted *lifted, size_t batch, tconv_error *error);

/* The inputs i, first <= i < last, for which 0 <= s*i + d*r - pb < m on axis `a`: those that tap r sends somewhere. */
static inline void tconv_lift_range(const tconv_lifted *l, int a, size_t r, size_t *first, size_t *last)
{
    int64_t s = (int64_t)l->s[a], shift = l->pb[a] - (int64_t)(l->d[a] * r);       /* s*i >= shift, s*i < m + shift */
    int64_t end = (int64_t)l->m[a] + shift, n = (int64_t)l->n[a];
    int64_t low = shift <= 0 ? 0 : (shift + s - 1) / s, high = end <= 0 ? 0 : (end + s - 1) / s;
    *last = (size_t)(high < n ? high : n);
    *first = (size_t)low < *last ? (size_t)low : *last;
}

/* s*i + d*r - pb on axis `a`, for an i within that range. */
static inline size_t tconv_lift_place(const tconv_lifted *l, int a, size_t i, size_t r)
{
    return (size_t)((int64_t)(l->s[a] * i + l->d[a] * r) - l->pb[a]);
}

#endif
