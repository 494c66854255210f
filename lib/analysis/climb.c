#include "climb.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../core/memory.h"

#define MOST_STEPS 80
#define MOST_HALVINGS 30
#define GAIN_THAT_COUNTS 1e-15

/* Solve A d = g for a symmetric positive definite A of up to three rows; false where it is not (Cholesky). */
static bool solve_definite(size_t n, double a[TCONV_MAX_NDIM][TCONV_MAX_NDIM], const double *g, double *d)
{
    double l[TCONV_MAX_NDIM][TCONV_MAX_NDIM] = { { 0.0 } };
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            if (i == j && !(sum > 1e-14 * fabs(a[i][i])))
                return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
        d[i] = g[i];
        for (size_t k = 0; k < i; k++)
            d[i] -= l[i][k] * d[k];
        d[i] /= l[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            d[i] -= l[k][i] * d[k];
        d[i] /= l[i][i];
    }
    return true;
}

static double clamp(double value, double lower, double upper)
{
    return value < lower ? lower : value > upper ? upper : value;
}

/* The Newton step over the free axes, 0 along the others. False where there is nothing to climb. */
static bool newton_step(const tconv_quadratic *at, const tconv_box *box, const double *f, double *step)
{
    size_t axis[TCONV_MAX_NDIM], n = 0;
    double slope = 0.0, curvature = 0.0;
    memset(step, 0, TCONV_MAX_NDIM * sizeof *step);
    for (size_t i = 0; i < box->ndim; i++)
        if (!(f[i] <= box->lower[i] && at->gradient[i] < 0.0) && !(f[i] >= box->upper[i] && at->gradient[i] > 0.0)) {
            axis[n++] = i;
            slope = fmax(slope, fabs(at->gradient[i]));
            curvature = fmax(curvature, fabs(at->hessian[i][i]));
        }
    if (n == 0 || !(slope > 0.0) || !isfinite(slope) || !isfinite(curvature))
        return false;
    double a[TCONV_MAX_NDIM][TCONV_MAX_NDIM], g[TCONV_MAX_NDIM], d[TCONV_MAX_NDIM];
    double lambda = 0.0, smallest = 1e-3 * curvature + 1e-300 + slope / (2.0 * box->spacing[axis[0]]) * 1e-3;
    for (int round = 0; round < 400; round++) {
        for (size_t i = 0; i < n; i++) {
            g[i] = at->gradient[axis[i]];
            for (size_t j = 0; j < n; j++)
                a[i][j] = (i == j ? lambda : 0.0) - at->hessian[axis[i]][axis[j]];
        }
        if (solve_definite(n, a, g, d))
            break;
        lambda = lambda == 0.0 ? smallest : 4.0 * lambda;
    }
    for (size_t i = 0; i < n; i++)
        step[axis[i]] = clamp(d[i], -2.0 * box->spacing[axis[i]], 2.0 * box->spacing[axis[i]]);
    return true;
}

/* Is -B positive definite? */
static bool is_top(const tconv_quadratic *at, size_t ndim)
{
    double a[TCONV_MAX_NDIM][TCONV_MAX_NDIM], step[TCONV_MAX_NDIM];
    for (size_t i = 0; i < ndim; i++)
        for (size_t j = 0; j < ndim; j++)
            a[i][j] = -at->hessian[i][j];
    return solve_definite(ndim, a, at->gradient, step);
}

/* |H| of real taps is symmetric about f = 0 and f = 1/2, so a grid point there has no slope even where it lies in a
 * hollow or on a saddle between two tops nearer than the grid shows. Step off it to the highest of its neighbours at
 * ever smaller distances until one is higher. */
static void leave_hollow(tconv_objective objective, void *context, const tconv_box *box, double *f, tconv_quadratic *at)
{
    double slope = 0.0, curvature = 0.0, from[TCONV_MAX_NDIM], trial[TCONV_MAX_NDIM];
    size_t directions = 1;
    for (size_t i = 0; i < box->ndim; i++) {
        slope = fmax(slope, fabs(at->gradient[i]) * box->spacing[i]);
        curvature = fmax(curvature, fabs(at->hessian[i][i]) * box->spacing[i] * box->spacing[i]);
        directions *= 3;
    }
    if (!isfinite(at->value) || slope > 1e-9 * curvature || is_top(at, box->ndim))
        return;
    memcpy(from, f, box->ndim * sizeof *f);
    double start = at->value;
    for (int scale = 2; scale <= 16 && at->value <= start; scale += 2)
        for (size_t code = 0; code < directions; code++) {
            tconv_quadratic there;
            size_t digits = code;
            for (size_t i = 0; i < box->ndim; i++, digits /= 3)
                trial[i] = clamp(from[i] + ldexp((double)(digits % 3) - 1.0, -scale) * box->spacing[i], box->lower[i], box->upper[i]);
            objective(context, trial, &there);
            if (there.value > at->value) {
                memcpy(f, trial, box->ndim * sizeof *f);
                *at = there;
            }
        }
}

double tconv_climb(tconv_objective objective, void *context, const tconv_box *box, double *f)
{
    tconv_quadratic at, trial;
    for (size_t i = 0; i < box->ndim; i++)
        f[i] = clamp(f[i], box->lower[i], box->upper[i]);
    objective(context, f, &at);
    leave_hollow(objective, context, box, f, &at);
    for (int iteration = 0; iteration < MOST_STEPS && isfinite(at.value); iteration++) {
        double step[TCONV_MAX_NDIM], next[TCONV_MAX_NDIM], gain = 0.0;
        if (!newton_step(&at, box, f, step))
            break;
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            bool moved = false;
            for (size_t i = 0; i < box->ndim; i++) {
                next[i] = clamp(f[i] + ldexp(step[i], -halving), box->lower[i], box->upper[i]);
                moved = moved || next[i] != f[i];
            }
            if (!moved)
                break;
            objective(context, next, &trial);
            gain = trial.value - at.value;
            if (gain > 0.0)
                break;
        }
        if (!(gain > 0.0))
            break;
        memcpy(f, next, box->ndim * sizeof *f);
        at = trial;
        if (gain <= GAIN_THAT_COUNTS * fabs(at.value))
            break;
    }
    return at.value;
}

tconv_status tconv_grid_box_create(tconv_grid_box *grid, const tconv_box *box)
{
    tconv_status status = TCONV_OK;
    memset(grid, 0, sizeof *grid);
    grid->box = *box;
    grid->count = 1;
    for (size_t i = 0; i < box->ndim; i++) {
        double first = ceil(box->lower[i] / box->spacing[i] - 1e-9);
        double last = floor(box->upper[i] / box->spacing[i] + 1e-9);
        if (last < first)
            last = first = rint(box->lower[i] / box->spacing[i]);
        grid->first[i] = (ptrdiff_t)first;
        grid->extent[i] = (size_t)(last - first) + 1;
        grid->count *= grid->extent[i];
    }
    grid->value = tconv_alloc(grid->count, sizeof *grid->value, &status);
    grid->candidate = grid->value == NULL ? NULL : tconv_alloc(grid->count, sizeof *grid->candidate, &status);
    if (status != TCONV_OK)
        tconv_grid_box_destroy(grid);
    return status;
}

void tconv_grid_box_destroy(tconv_grid_box *grid)
{
    tconv_free(grid->value);
    tconv_free(grid->candidate);
    grid->value = NULL;
    grid->candidate = NULL;
}

void tconv_grid_box_at(const tconv_grid_box *grid, size_t index, ptrdiff_t *j, double *f)
{
    for (size_t i = grid->box.ndim; i-- > 0; index /= grid->extent[i]) {
        j[i] = grid->first[i] + (ptrdiff_t)(index % grid->extent[i]);
        f[i] = (double)j[i] * grid->box.spacing[i];
    }
}

double tconv_grid_box_largest(const tconv_grid_box *grid)
{
    double largest = -INFINITY;
    for (size_t i = 0; i < grid->count; i++)
        largest = fmax(largest, grid->value[i]);
    return largest;
}

/* Is the point not below any neighbour, and above those that come before it (so that a plateau counts once)? */
static bool is_local_maximum(const tconv_grid_box *grid, size_t index)
{
    size_t ndim = grid->box.ndim, rest = index, at[TCONV_MAX_NDIM], neighbours = 1;
    for (size_t i = ndim; i-- > 0; rest /= grid->extent[i]) {
        at[i] = rest % grid->extent[i];
        neighbours *= 3;
    }
    for (size_t code = 0; code < neighbours; code++) {
        size_t other = 0, digits = code;
        bool inside = true;
        for (size_t i = 0; i < ndim; i++, digits /= 3) {
            size_t place = at[i] + digits % 3;   /* one too many */
            inside = inside && place >= 1 && place <= grid->extent[i];
            other = other * grid->extent[i] + place - 1;
        }
        if (inside && other != index
            && (grid->value[other] > grid->value[index] || (other < index && grid->value[other] == grid->value[index])))
            return false;
    }
    return true;
}

/* qsort has no context: sort (value, index) pairs packed beside each other. */
struct ranked {
    double value;
    size_t index;
};

static int larger_first(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->value != right->value)
        return left->value > right->value ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* Keep the `most` largest candidates; where memory for sorting lacks, the first ones in the order of the grid. */
static void rank_candidates(tconv_grid_box *grid, size_t most)
{
    struct ranked *ranked = tconv_alloc(grid->candidates, sizeof *ranked, NULL);
    if (ranked != NULL) {
        for (size_t c = 0; c < grid->candidates; c++)
            ranked[c] = (struct ranked){ grid->value[grid->candidate[c]], grid->candidate[c] };
        qsort(ranked, grid->candidates, sizeof *ranked, larger_first);
        for (size_t c = 0; c < grid->candidates; c++)
            grid->candidate[c] = ranked[c].index;
        tconv_free(ranked);
    }
    if (grid->candidates > most)
        grid->candidates = most;
}

/* How much higher than a local maximum of the grid the hill beneath it can be: SAFETY times what a parabola through it and
 * its two neighbours gains, axis by axis. On a grid fine enough to show every hill the parabola is right to a fraction
 * of itself; a peak narrower than the grid has steep neighbours, and so much room. */
#define SAFETY 8.0

static double room_above(const tconv_grid_box *grid, size_t index)
{
    double room = 0.0, value = grid->value[index];
    size_t step = 1, rest = index;
    for (size_t i = grid->box.ndim; i-- > 0;) {
        size_t at = rest % grid->extent[i];
        double before = at > 0 ? value - grid->value[index - step] : NAN;
        double after = at + 1 < grid->extent[i] ? value - grid->value[index + step] : NAN;
        if (isinf(before) || isinf(after))
            return INFINITY;
        if (isnan(before) || isnan(after))
            room += isnan(before) && isnan(after) ? 0.0 : isnan(before) ? after : before;
        else if (before + after > 0.0)
            room += (before - after) * (before - after) / (8.0 * (before + after));
        rest /= grid->extent[i];
        step *= grid->extent[i];
    }
    return SAFETY * room;
}

void tconv_grid_box_maxima(tconv_grid_box *grid, double bar, size_t most)
{
    grid->candidates = 0;
    for (size_t i = 0; i < grid->count; i++)
        if (is_local_maximum(grid, i) && grid->value[i] + room_above(grid, i) >= bar)
            grid->candidate[grid->candidates++] = i;
    rank_candidates(grid, most);
}
