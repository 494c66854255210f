/* torus.h - an array that repeats over space: one period of it, and where its samples lie (theory.md 6, step response).
 *
 * Far from borders a network of shift-invariant layers answers a periodic input with a periodic output, so an endless
 * map is held as one period. Each axis is either *fixed* (batch, channels, numbers of a shape: all of it is there) or
 * *spatial*: `extent` samples that repeat for ever, standing for a map of `length` samples. Sample j of a spatial axis is
 * made from a stretch of the network's input that is centred at `centre + step j` input samples (theory.md 2).
 *
 * Lengths are whole numbers at a stand-in size N of the input. Where the model leaves N open, N is so large a number with
 * so many divisors that a N + b = c N + d holds for the stand-in only if it holds for every N: carrying the number is
 * carrying a and b.
 */
#ifndef TCONV_NETWORK_TORUS_H
#define TCONV_NETWORK_TORUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/status.h"
#include "../core/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_FIXED (-1)
#define TCONV_MERGED (-2)

typedef struct tconv_torus_axis {
    int space;            /* TCONV_FIXED, TCONV_MERGED, or which axis of space it is, from 0 */
    size_t extent;        /* elements held: all of a fixed axis, one period of a spatial one */
    int64_t length;       /* of the whole map at the stand-in size; = extent for a fixed axis */
    double step, centre;  /* spatial: in samples of the network's input */
} tconv_torus_axis;

typedef struct tconv_torus {   /* zero is an empty one */
    size_t rank;
    tconv_torus_axis axis[TCONV_MAX_RANK];
    size_t count;              /* product of the extents */
    double *data;              /* row-major; owned; NULL = not there yet */
    bool integer;              /* whole numbers: a division rounds towards zero */
    bool constant;             /* the same for every input */
    size_t rank_before;        /* > 0: the last axis is TCONV_MERGED, channels and space in one, and these were the axes */
    tconv_torus_axis before[TCONV_MAX_RANK];
} tconv_torus;

/* Give the memory back and clear the struct. */
TCONV_API void tconv_torus_free(tconv_torus *torus);

/* An axis that is fixed. */
tconv_torus_axis tconv_torus_fixed(size_t extent);

/* Memory for the axes that the caller has set, `most` elements at the most: TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_CHECKED tconv_status tconv_torus_allocate(tconv_torus *torus, size_t most, tconv_error *error);

/* to[j0, j1, ..] = from[index[0][j0], index[1][j1], ..]: `to` has its axes and as many of them; index[a] = NULL stands for
 * j mod (extent of `from`), which tiles and broadcasts. */
TCONV_CHECKED tconv_status tconv_torus_select(const tconv_torus *from, size_t *const *index, tconv_torus *to, size_t most,
                                              tconv_error *error);

/* Steps through the elements of a box in row-major order: at[] is the place. */
typedef struct tconv_walk {
    size_t rank, extent[TCONV_MAX_RANK], at[TCONV_MAX_RANK];
} tconv_walk;
void tconv_walk_begin(tconv_walk *walk, const tconv_torus *torus);
void tconv_walk_next(tconv_walk *walk);

/* The place in `torus` of the walk's element, its axes counted from the last; extents are wrapped round. */
size_t tconv_walk_offset(const tconv_walk *walk, const tconv_torus *torus);

/* What the axis becomes when every sample gives way to `factor` samples, side by side in its place. */
void tconv_axis_spread(tconv_torus_axis *axis, size_t factor);

/* Give every run of `factor` samples along a spatial axis (from sample 0 on) their mean. */
void tconv_torus_level(tconv_torus *torus, size_t axis, size_t factor);

/* Least common multiple; 0 where it is above `most`. */
size_t tconv_lcm(size_t a, size_t b, size_t most);

/* a mod n, never negative. */
size_t tconv_wrap(int64_t a, size_t n);

#ifdef __cplusplus
}
#endif
#endif
