/* branch_delay.c - tconv_branch_delay_error of branch_response.h. */
#include <fftw3.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/fftw_lock.h"
#include "../core/memory.h"
#include "../core/polyphase.h"
#include "branch_response.h"
#include "extremum.h"

#define POINTS_PER_TAP 16
#define GRID_STEP 20         /* the grid of the whole circle is a multiple of it: 0.8 is on the grid */
#define GOLDEN_STEPS 60
#define MARGIN 0.98          /* grid maxima at least this share of the best are refined */

/* The branches along one axis: marginals of equal length, their evaluators, and the phase on a grid. */
struct axis_branches {
    size_t count, length, circle;      /* S, taps, grid points of the whole circle: f = j / circle */
    size_t points;                     /* the last grid point in (0, e/2] */
    double step, end;                  /* 1 / circle, e/2 */
    double *taps;                      /* count * length */
    double *shift;                     /* q_i / s_i */
    double *sign;                      /* of the DC gain; 0: the branch is left out */
    double *phase;                     /* count * (points + 1): unwrapped argument, from the centre */
    tconv_evaluator **evaluator;
};

static void axis_branches_free(struct axis_branches *set)
{
    for (size_t q = 0; set->evaluator != NULL && q < set->count; q++)
        tconv_evaluator_destroy(set->evaluator[q]);
    tconv_free(set->evaluator);
    tconv_free(set->taps);
    tconv_free(set->shift);
    tconv_free(set->sign);
    tconv_free(set->phase);
}

static double wrap(double angle)
{
    return angle - 2.0 * TCONV_PI * rint(angle / (2.0 * TCONV_PI));
}

/* The argument of sign * H(f), H counted from the branch's centre, on the sheet nearest to `near`. */
static double phase_at(const struct axis_branches *set, size_t q, double f, double near)
{
    double complex h = tconv_evaluate(set->evaluator[q], &f);
    double angle = atan2(set->sign[q] * cimag(h), set->sign[q] * creal(h));
    return near + wrap(angle - near);
}

/* -theta/(2 pi f) + q/s: the phase delay from the centre, put on the output grid; its limit at f = 0 is the delay. */
static double aligned_delay(const struct axis_branches *set, size_t q, double theta, double f)
{
    return -theta / (2.0 * TCONV_PI * f) + set->shift[q];
}

/* |tau_q + q/s - mean| at f, which lies next to grid point j. */
static double error_at(const struct axis_branches *set, size_t q, size_t j, double f)
{
    double own = 0.0, sum = 0.0, kept = 0.0;
    for (size_t b = 0; b < set->count; b++) {
        if (set->sign[b] == 0.0)
            continue;
        double near = set->phase[b * (set->points + 1) + j] * (f / ((double)j * set->step));
        double delay = aligned_delay(set, b, phase_at(set, b, f, near), f);
        own = b == q ? delay : own;
        sum += delay;
        kept += 1.0;
    }
    return fabs(own - sum / kept);
}

/* Golden-section search of the largest error between the neighbours of grid point j. */
static double refine_error(const struct axis_branches *set, size_t q, size_t j)
{
    const double ratio = 0.5 * (sqrt(5.0) - 1.0);
    double a = ((double)j - 1.0) * set->step, b = fmin(((double)j + 1.0) * set->step, set->end);
    a = fmax(a, 1e-3 * set->step);
    double c = b - ratio * (b - a), d = a + ratio * (b - a);
    double at_c = error_at(set, q, j, c), at_d = error_at(set, q, j, d);
    double best = fmax(at_c, at_d);
    for (int step = 0; step < GOLDEN_STEPS && b - a > 1e-9 * set->step; step++) {
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

/* The phase of one branch on the grid, unwrapped from f = 0, from its transform at f = j / circle. */
static void unwrap_phase(struct axis_branches *set, size_t q, const double *transform)
{
    double *phase = set->phase + q * (set->points + 1), centre = 0.5 * ((double)set->length - 1.0);
    phase[0] = 0.0;
    for (size_t j = 1; j <= set->points; j++) {
        double turns = centre * (double)j * set->step;
        double angle = atan2(set->sign[q] * transform[2 * j + 1], set->sign[q] * transform[2 * j])
                     + 2.0 * TCONV_PI * (turns - rint(turns));
        double near = j >= 2 ? 2.0 * phase[j - 1] - phase[j - 2] : 0.0;
        phase[j] = near + wrap(angle - near);
    }
}

static tconv_status unwrap_phases(struct axis_branches *set)
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
        memset(line, 0, set->circle * sizeof *line);
        memcpy(line, set->taps + q * set->length, set->length * sizeof *line);
        fftw_execute(plan);
        unwrap_phase(set, q, transform);
    }
    tconv_fftw_lock();
    if (plan != NULL)
        fftw_destroy_plan(plan);
    tconv_fftw_unlock();
    tconv_free(line);
    tconv_free(transform);
    return status;
}

/* The limit at f = 0 of the aligned delay: sum (n - c) h / sum h + q/s. */
static double aligned_delay_at_zero(const struct axis_branches *set, size_t q)
{
    double moment = 0.0, gain = 0.0;
    for (size_t n = 0; n < set->length; n++) {
        moment += ((double)n - 0.5 * ((double)set->length - 1.0)) * set->taps[q * set->length + n];
        gain += set->taps[q * set->length + n];
    }
    return moment / gain + set->shift[q];
}

/* error[q * stride] for all branches of one axis; work has 2 (points + 1) numbers. */
static void largest_errors(const struct axis_branches *set, double *error, size_t stride, double *mean, double *own)
{
    memset(mean, 0, (set->points + 1) * sizeof *mean);
    double kept = 0.0;
    for (size_t q = 0; q < set->count; q++)
        kept += set->sign[q] != 0.0 ? 1.0 : 0.0;
    for (size_t q = 0; q < set->count; q++)
        for (size_t j = 0; j <= set->points && set->sign[q] != 0.0; j++)
            mean[j] += (j == 0 ? aligned_delay_at_zero(set, q)
                               : aligned_delay(set, q, set->phase[q * (set->points + 1) + j], (double)j * set->step)) / kept;
    for (size_t q = 0; q < set->count; q++) {
        if (set->sign[q] == 0.0) {
            error[q * stride] = NAN;
            continue;
        }
        double largest = 0.0;
        for (size_t j = 0; j <= set->points; j++) {
            own[j] = fabs((j == 0 ? aligned_delay_at_zero(set, q)
                                  : aligned_delay(set, q, set->phase[q * (set->points + 1) + j], (double)j * set->step)) - mean[j]);
            largest = fmax(largest, own[j]);
        }
        double least = MARGIN * largest;
        for (size_t j = 1; j < set->points; j++)
            if (own[j] >= least && own[j] >= own[j - 1] && own[j] > own[j + 1])
                largest = fmax(largest, refine_error(set, q, j));
        if (set->points > 0)
            largest = fmax(largest, error_at(set, q, set->points, set->end));
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
    set->circle = (POINTS_PER_TAP * set->length + GRID_STEP - 1) / GRID_STEP * GRID_STEP;
    set->step = 1.0 / (double)set->circle;
    set->end = edge / 2.0;
    set->points = (size_t)(set->end * (double)set->circle * (1.0 + 1e-12));
    if (!tconv_size_mul(set->count, set->points + 1 + set->length, &total))
        return TCONV_ESIZE;
    set->taps = tconv_alloc_zero(set->count * set->length, sizeof *set->taps, &status);
    set->shift = tconv_alloc(set->count, sizeof *set->shift, &status);
    set->sign = tconv_alloc(set->count, sizeof *set->sign, &status);
    set->phase = tconv_alloc_zero(set->count * (set->points + 1), sizeof *set->phase, &status);
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
    double *work = status != TCONV_OK ? NULL : tconv_alloc(2 * (set.points + 1), sizeof *work, &status);
    if (work != NULL)
        status = unwrap_phases(&set);
    if (work != NULL && status == TCONV_OK)
        largest_errors(&set, error, geometry->ndim, work, work + set.points + 1);
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
