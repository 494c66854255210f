/* climb.h - the largest value of a smooth function in a box: dense grid first, then Newton's method (internal).
 *
 * The grid finds the hill, Newton's method its top: with the gradient g and the Hessian B at f, the step solves
 * (lambda I - B) d = g over the axes that are not held at a bound, lambda = 0 where -B is positive definite and grown
 * until it is otherwise; a step that does not climb is halved (Nocedal and Wright 2006, sections 3.4 and 16.7). A start
 * without slope that is no top, as a point of symmetry can be, is left for a higher neighbour first.
 * Near a top every step doubles the number of right digits.
 */
#ifndef TCONV_ANALYSIS_CLIMB_H
#define TCONV_ANALYSIS_CLIMB_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

/* A function's value, gradient and Hessian at one place. value may be -INFINITY or INFINITY, never NaN. */
typedef struct tconv_quadratic {
    double value;
    double gradient[TCONV_MAX_NDIM];
    double hessian[TCONV_MAX_NDIM][TCONV_MAX_NDIM];
} tconv_quadratic;

typedef void (*tconv_objective)(void *context, const double *f, tconv_quadratic *at);

typedef struct tconv_box {
    size_t ndim;
    double lower[TCONV_MAX_NDIM], upper[TCONV_MAX_NDIM];
    double spacing[TCONV_MAX_NDIM];   /* of the grid: no step is longer than two of it */
} tconv_box;

/* Climb from f (moved into the box first); f becomes the top. Returns the value there. */
double tconv_climb(tconv_objective objective, void *context, const tconv_box *box, double *f);

/* A grid of values over a box, row-major: grid point j stands at (first + j) * spacing along each axis. */
typedef struct tconv_grid_box {
    tconv_box box;
    ptrdiff_t first[TCONV_MAX_NDIM];
    size_t extent[TCONV_MAX_NDIM];
    size_t count;
    double *value;      /* owned */
    size_t *candidate;  /* owned: indices of local maxima, the largest first */
    size_t candidates;
} tconv_grid_box;

/* Set up the points of the grid with these spacings that lie in the box (at least one per axis, the nearest, where
 * none does). `value` is for the caller to fill. */
TCONV_CHECKED tconv_status tconv_grid_box_create(tconv_grid_box *grid, const tconv_box *box);
void tconv_grid_box_destroy(tconv_grid_box *grid);

/* Where grid point `index` is: integer coordinates, and frequencies. */
void tconv_grid_box_at(const tconv_grid_box *grid, size_t index, ptrdiff_t *j, double *f);

/* Fill `candidate` with the local maxima (against their 3^D - 1 neighbours in the box) whose hill may reach `bar`, judged
 * by their neighbours; the largest first, at most `most` of them. */
void tconv_grid_box_maxima(tconv_grid_box *grid, double bar, size_t most);

/* The largest value of the grid. */
double tconv_grid_box_largest(const tconv_grid_box *grid);

#endif
