/* branch_delay.c - tconv_branch_delay_error of branch_response.h. */
#include <fftw3.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/fftw_lock.h"
#include "../core/memory.h"
#include "../core/polyphase.h"
#include "../core/sum.h"
#include "branch_response.h"
#include "extremum.h"

#define POINTS_PER_TAP 16
#define GOLDEN_STEPS 60
#define MARGIN 0.9             /* maxima among the nodes of at least this share of the best are refined */
#define STEEP 0.5              /* a cell over which H changes by more than this share of itself is divided */
#define DIVISION_WORK ((double)(1 << 26))   /* taps evaluated for divided cells: less than a second */
#define MOST_DIVISIONS 4096
#define RESOLVED 1e-11         /* input samples: a smaller rise is not looked for, so that plateaus cost nothing */
#define NARROWEST 1e-14        /* no cell is divided below this width */

/* The branches along one axis: marginals of equal length, their evaluators, and their phases at nodes: f = 0, the grid
 * points j / circle in (0, e/2), e/2 itself, and the nodes added where a zero close to the unit circle turns the phase
 * faster than the grid shows. */
struct axis_branches {
    size_t count, length, circle;      /* S, taps, grid points of the whole circle */
    size_t grid;                       /* grid points j = 0 .. grid - 1 are nodes */
    size_t nodes, room;                /* nodes in use, and the most there can be */
    double step, end;                  /* 1 / circle, e/2 */
    double *f;                         /* nodes, ascending; while they are collected: the added ones only */
    double *taps;                      /* count * length */
    double *shift;                     /* q_i / s_i */
    double *sign;                      /* of the DC gain; 0: the branch is left out */
    double *phase;                     /* count * nodes: unwrapped argument, from the centre */
    tconv_evaluator **evaluator;
};

static void axis_branches_free(struct axis_branches *set)
{
    for (size_t q = 0; set->evaluator != NULL && q < set->count; q++)
        tconv_evaluator_destroy(set->evaluator[q]);
    tconv_free(set->evaluator);
    tconv_free(set->f);
    tconv_free(set->taps);
    tconv_free(set->shift);
    tconv_free(set->sign);
    tconv_free(set->phase);
}

static double wrap(double angle)
{
    return angle - 2.0 * TCONV_PI * rint(angle / (2.0 * TCONV_PI));
}

static double angle_of(double sign, double complex h)
{
    return atan2(sign * cimag(h), sign * creal(h));
}

/* -theta/(2 pi f) + q/s: the phase delay from the centre, put on the output grid; its limit at f = 0 is the delay. */
static double aligned_delay(const struct axis_branches *set, size_t q, double theta, double f)
{
    return -theta / (2.0 * TCONV_PI * f) + set->shift[q];
}

/* |tau_q + q/s - mean| at f, in a cell beside node j: the phase there is on the sheet nearest to the node's. */
static double error_at(const struct axis_branches *set, size_t q, size_t j, double f)
{
    double own = 0.0, sum = 0.0, kept = 0.0;
    for (size_t b = 0; b < set->count; b++) {
        if (set->sign[b] == 0.0)
            continue;
        double near = set->phase[b * set->nodes + j];
        double theta = near + wrap(angle_of(set->sign[b], tconv_evaluate(set->evaluator[b], &f)) - near);
        double delay = aligned_delay(set, b, theta, f);
        own = b == q ? delay : own;
        sum += delay;
        kept += 1.0;
    }
    return fabs(own - sum / kept);
}

/* Golden-section search of the largest error between the neighbours of node j. */
static double refine_error(const struct axis_branches *set, size_t q, size_t j)
{
    const double ratio = 0.5 * (sqrt(5.0) - 1.0);
    double a = set->f[j > 0 ? j - 1 : 0], b = set->f[j + 1 < set->nodes ? j + 1 : j], width = b - a;
    a = fmax(a, 1e-3 * fmin(b, set->step));      /* the phase over f loses its digits towards f = 0 */
    double c = b - ratio * (b - a), d = a + ratio * (b - a);
    double at_c = error_at(set, q, j, c), at_d = error_at(set, q, j, d);
    double best = fmax(at_c, at_d);
    for (int step = 0; step < GOLDEN_STEPS && b - a > 1e-6 * width; step++) {   /* a top is flat: 1e-12 of its height */
        if (at_c > at_d) {
            b = d; d = c; at_d = at_c;
            c = b - ratio * (b - a);
            best = fmax(best, at_c = error_at(set, q, j, c));
        } else {
            a = c; c = d; at_c = at_d;
            d = a + ratio * (b - a);
            best = fmax(best, at_d = error_at(set, q, j, d));
        }
    }
    return best;
}

/* ---- nodes ---- */

static bool is_steep(double complex a, double complex b)
{
    return cabs(b - a) > STEEP * fmin(cabs(a), cabs(b));
}

/* Add nodes inside (a, b) until H of branch q changes little from each to the next, as long as there is room: so no
 * turn of the phase is missed, also where two zeros beside the circle turn it by a whole cycle within one cell. */
static void divide_cell(struct axis_branches *set, size_t q, double a, double complex at_a, double b, double complex at_b)
{
    if (set->nodes >= set->room || b - a < NARROWEST || !is_steep(at_a, at_b))
        return;
    double middle = 0.5 * (a + b);
    double complex at_middle = tconv_evaluate(set->evaluator[q], &middle);
    divide_cell(set, q, a, at_a, middle, at_middle);
    if (set->nodes < set->room)
        set->f[set->nodes++] = middle;
    divide_cell(set, q, middle, at_middle, b, at_b);
}

/* H of a branch at grid point j, counted from the branch's centre, from its transform. */
static double complex at_grid(const struct axis_branches *set, const double *transform, size_t j)
{
    double turns = 0.5 * ((double)set->length - 1.0) * (double)j * set->step;
    return CMPLX(transform[2 * j], transform[2 * j + 1]) * cexp(CMPLX(0.0, 2.0 * TCONV_PI * (turns - rint(turns))));
}

static void divide_cells(struct axis_branches *set, size_t q, const double *transform)
{
    double complex before = at_grid(set, transform, 0), here;
    for (size_t j = 1; j < set->grid; j++, before = here) {
        here = at_grid(set, transform, j);
        divide_cell(set, q, (double)(j - 1) * set->step, before, (double)j * set->step, here);
    }
    divide_cell(set, q, (double)(set->grid - 1) * set->step, before, set->end, tconv_evaluate(set->evaluator[q], &set->end));
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* Put the grid and the end among the added nodes; equal ones count once. */
static void merge_nodes(struct axis_branches *set)
{
    for (size_t j = 0; j < set->grid; j++)
        set->f[set->nodes++] = (double)j * set->step;
    set->f[set->nodes++] = set->end;
    qsort(set->f, set->nodes, sizeof *set->f, ascending);
    size_t kept = 1;
    for (size_t j = 1; j < set->nodes; j++)
        if (set->f[j] > set->f[kept - 1])
            set->f[kept++] = set->f[j];
    set->nodes = kept;
}

/* The phase of branch q at every node, unwrapped from f = 0. */
static void unwrap_phase(struct axis_branches *set, size_t q, const double *transform)
{
    double *phase = set->phase + q * set->nodes;
    phase[0] = 0.0;
    size_t j = 1;                                   /* the next grid point */
    for (size_t n = 1; n < set->nodes; n++) {
        bool on_grid = j < set->grid && set->f[n] == (double)j * set->step;
        double complex h = on_grid ? at_grid(set, transform, j) : tconv_evaluate(set->evaluator[q], &set->f[n]);
        j += on_grid;
        phase[n] = phase[n - 1] + wrap(angle_of(set->sign[q], h) - phase[n - 1]);
    }
}

/* Transform every kept branch and hand it to `visit`. */
static tconv_status for_every_transform(struct axis_branches *set, void (*visit)(struct axis_branches *, size_t, const double *))
{
    tconv_status status = TCONV_OK;
    size_t half = set->circle / 2 + 1;
    double *line = tconv_alloc(set->circle, sizeof *line, &status);
    double *transform = tconv_alloc(2 * half, sizeof *transform, &status);
    tconv_fftw_lock();
    fftw_plan plan = status != TCONV_OK ? NULL
        : fftw_plan_dft_r2c_1d((int)set->circle, line, (fftw_complex *)transform, FFTW_ESTIMATE);
    tconv_fftw_unlock();
    if (plan == NULL && status == TCONV_OK)
        status = TCONV_ENOMEM;
    for (size_t q = 0; q < set->count && status == TCONV_OK; q++) {
        if (set->sign[q] == 0.0)
            continue;
        memset(line, 0, set->circle * sizeof *line);
        memcpy(line, set->taps + q * set->length, set->length * sizeof *line);
        TCONV_FFTW_RUN(fftw_execute(plan));
        visit(set, q, transform);
    }
    tconv_fftw_lock();
    if (plan != NULL)
        fftw_destroy_plan(plan);
    tconv_fftw_unlock();
    tconv_free(line);
    tconv_free(transform);
    return status;
}

static tconv_status unwrap_phases(struct axis_branches *set)
{
    double share = DIVISION_WORK / ((double)set->count * (double)set->length);
    size_t total, divisions = share < MOST_DIVISIONS ? (size_t)share + 64 : MOST_DIVISIONS;
    tconv_status status = TCONV_OK;
    set->room = divisions;
    set->f = tconv_alloc(set->grid + 1 + divisions, sizeof *set->f, &status);
    if (status == TCONV_OK)
        status = for_every_transform(set, divide_cells);
    if (status != TCONV_OK)
        return status;
    merge_nodes(set);
    if (!tconv_size_mul(set->count, set->nodes, &total))
        return TCONV_ESIZE;
    set->phase = tconv_alloc_zero(total, sizeof *set->phase, &status);
    return status == TCONV_OK ? for_every_transform(set, unwrap_phase) : status;
}

/* The limit at f = 0 of the aligned delay: sum (n - c) h / sum h + q/s. */
static double aligned_delay_at_zero(const struct axis_branches *set, size_t q)
{
    tconv_sum moment = { 0 }, gain = { 0 };
    for (size_t n = 0; n < set->length; n++) {
        tconv_sum_add_product(&moment, (double)n - 0.5 * ((double)set->length - 1.0), set->taps[q * set->length + n]);
        tconv_sum_add(&gain, set->taps[q * set->length + n]);
    }
    return tconv_sum_value(&moment) / tconv_sum_value(&gain) + set->shift[q];
}

static double aligned_delay_at_node(const struct axis_branches *set, size_t q, size_t j)
{
    return j == 0 ? aligned_delay_at_zero(set, q) : aligned_delay(set, q, set->phase[q * set->nodes + j], set->f[j]);
}

/* Is node j a local maximum, and does the fall to its neighbours leave room for a top above `largest`? A parabola rises
 * above the highest of three nodes by an eighth of its second difference at most; the whole fall is allowed. */
static bool could_be_largest(const struct axis_branches *set, const double *own, size_t j, double largest)
{
    double before = j > 0 ? own[j - 1] : own[j], after = j + 1 < set->nodes ? own[j + 1] : own[j];
    return own[j] >= before && own[j] >= after && 2.0 * own[j] - fmin(before, after) > largest + RESOLVED;
}

/* error[q * stride] for all branches of one axis; mean and own have a number for each node. */
static void largest_errors(const struct axis_branches *set, double *error, size_t stride, double *mean, double *own)
{
    double kept = 0.0;
    memset(mean, 0, set->nodes * sizeof *mean);
    for (size_t q = 0; q < set->count; q++)
        kept += set->sign[q] != 0.0 ? 1.0 : 0.0;
    for (size_t q = 0; q < set->count; q++)
        for (size_t j = 0; j < set->nodes && set->sign[q] != 0.0; j++)
            mean[j] += aligned_delay_at_node(set, q, j) / kept;
    for (size_t q = 0; q < set->count; q++) {
        if (set->sign[q] == 0.0) {
            error[q * stride] = NAN;
            continue;
        }
        double largest = 0.0;
        for (size_t j = 0; j < set->nodes; j++) {
            own[j] = fabs(aligned_delay_at_node(set, q, j) - mean[j]);
            largest = fmax(largest, own[j]);
        }
        double least = MARGIN * largest;
        for (size_t j = 0; j < set->nodes; j++)
            if (own[j] >= least && could_be_largest(set, own, j, largest))
                largest = fmax(largest, refine_error(set, q, j));
        error[q * stride] = largest;
    }
}

/* Sum branch q over all axes but `axis`, into a line of set->length samples. */
static void marginal_of_branch(const double *branch, const size_t *shape, size_t ndim, size_t axis, double *line)
{
    tconv_filter filter = { .ndim = ndim, .taps = branch }, marginal;
    for (size_t i = 0; i < ndim; i++) {
        filter.n_taps[i] = shape[i];
        filter.step[i] = filter.stride[i] = 1;
    }
    tconv_filter_marginal(&filter, axis, line, &marginal);
}

static tconv_status axis_branches_create(struct axis_branches *set, const tconv_polyphase *split,
                                         const tconv_geometry *geometry, size_t axis, double edge)
{
    tconv_status status = TCONV_OK;
    size_t shape[TCONV_MAX_NDIM], total;
    (void)tconv_polyphase_branch(split, 0, shape);
    memset(set, 0, sizeof *set);
    set->count = tconv_polyphase_count(split);
    set->length = shape[axis];
    if (set->length > (size_t)INT32_MAX / (2 * POINTS_PER_TAP))
        return TCONV_ESIZE;
    set->circle = POINTS_PER_TAP * set->length;
    set->step = 1.0 / (double)set->circle;
    set->end = edge / 2.0;
    set->grid = (size_t)ceil(set->end * (double)set->circle * (1.0 - 1e-12));   /* j * step < end */
    if (!tconv_size_mul(set->count, set->length, &total))
        return TCONV_ESIZE;
    set->taps = tconv_alloc_zero(set->count * set->length, sizeof *set->taps, &status);
    set->shift = tconv_alloc(set->count, sizeof *set->shift, &status);
    set->sign = tconv_alloc(set->count, sizeof *set->sign, &status);
    set->evaluator = tconv_alloc_zero(set->count, sizeof(tconv_evaluator *), &status);
    for (size_t q = 0; q < set->count && status == TCONV_OK; q++) {
        size_t phase[TCONV_MAX_NDIM];
        tconv_phase_of(geometry, q, phase);
        set->shift[q] = (double)phase[axis] / (double)geometry->axis[axis].stride;
        const double *branch = tconv_polyphase_branch(split, q, shape);
        marginal_of_branch(branch, shape, geometry->ndim, axis, set->taps + q * set->length);
        tconv_filter filter = { .ndim = 1, .n_taps = { set->length }, .step = { 1 }, .stride = { 1 },
                                .taps = set->taps + q * set->length };
        status = tconv_evaluator_create(&set->evaluator[q], &filter);
    }
    return status;
}

/* Leave out the branches whose gain or response counts as zero along this axis. */
static tconv_status choose_branches(struct axis_branches *set, double zero, double edge)
{
    for (size_t q = 0; q < set->count; q++) {
        tconv_filter filter = { .ndim = 1, .n_taps = { set->length }, .step = { 1 }, .stride = { 1 },
                                .taps = set->taps + q * set->length };
        double origin = 0.0, gain = creal(tconv_evaluate(set->evaluator[q], &origin)), smallest;
        set->sign[q] = 0.0;
        if (!(fabs(gain) >= zero) || gain == 0.0)
            continue;
        tconv_search search;
        tconv_status status = tconv_search_create(&search, &filter, zero);
        tconv_band band = tconv_baseband(&filter, edge);
        if (status == TCONV_OK)
            status = tconv_search_smallest(&search, &band, &smallest);
        tconv_search_destroy(&search);
        if (status != TCONV_OK)
            return status;
        set->sign[q] = smallest == 0.0 ? 0.0 : gain > 0.0 ? 1.0 : -1.0;
    }
    return TCONV_OK;
}

static tconv_status errors_along(const tconv_polyphase *split, const tconv_geometry *geometry, size_t axis, double zero,
                                 double edge, double *error)
{
    struct axis_branches set;
    tconv_status status = axis_branches_create(&set, split, geometry, axis, edge);
    if (status == TCONV_OK)
        status = choose_branches(&set, zero, edge);
    if (status == TCONV_OK)
        status = unwrap_phases(&set);
    double *work = status != TCONV_OK ? NULL : tconv_alloc(set.nodes, 2 * sizeof *work, &status);
    if (work != NULL)
        largest_errors(&set, error, geometry->ndim, work, work + set.nodes);
    tconv_free(work);
    axis_branches_free(&set);
    return status;
}

tconv_status tconv_branch_delay_error(const tconv_geometry *geometry, const double *taps, double zero, double edge,
                                      double *error)
{
    tconv_polyphase *split;
    tconv_status status = tconv_polyphase_create(&split, geometry, taps);
    for (size_t i = 0; i < geometry->ndim && status == TCONV_OK; i++)
        status = errors_along(split, geometry, i, zero, edge, error + i);
    if (split != NULL)
        tconv_polyphase_destroy(split);
    return status;
}
