#include "baseline.h"

#include <math.h>
#include <string.h>

#include "../analysis/signal.h"
#include "../core/memory.h"
#include "../core/sum.h"
#include "../design/solve.h"

#define LEAST_LINE ((size_t)16)
#define MOST_SEGMENT ((size_t)8192)

/* ---- the autocorrelation along one axis ---- */

/* Welch segments: the whole line where it is short, else a part of it that leaves seven or more. */
static size_t segment_of(size_t n)
{
    size_t segment = n;
    if (n > MOST_SEGMENT) {
        segment = 4 * LEAST_LINE;
        while (segment < MOST_SEGMENT && 8 * segment <= n)
            segment *= 2;
    }
    return segment - segment % 2;
}

/* Line number l along axis i, the mean taken off. */
static void take_line(const tconv_lesson *lesson, size_t i, size_t l, double *line)
{
    size_t inner = 1, n = lesson->n_large[i];
    for (size_t j = i + 1; j < lesson->signals.geometry.ndim; j++)
        inner *= lesson->n_large[j];
    const double *at = lesson->large + l / inner * n * inner + l % inner;
    for (size_t j = 0; j < n; j++)
        line[j] = at[j * inner] - lesson->mean;
}

/* values[0..segment/2]: the average spectrum of all lines, two-sided weights (a tconv_psd). */
static tconv_status average_spectrum(const tconv_lesson *lesson, size_t i, size_t segment, double *values, tconv_error *error)
{
    size_t n = lesson->n_large[i], lines = 1, last = segment / 2;
    tconv_status status = TCONV_OK;
    for (size_t j = 0; j < lesson->signals.geometry.ndim; j++)
        lines *= j == i ? 1 : lesson->n_large[j];
    double *line = tconv_alloc(n, sizeof *line, &status), *density = tconv_alloc(last + 1, sizeof *density, &status);
    if (status != TCONV_OK)
        (void)tconv_fail_plain(error, status);
    memset(values, 0, (last + 1) * sizeof *values);
    for (size_t l = 0; l < lines && status == TCONV_OK; l++) {
        take_line(lesson, i, l, line);
        status = tconv_welch(line, n, segment, density, error);
        for (size_t f = 0; f <= last && status == TCONV_OK; f++)
            values[f] += density[f] * (f == 0 || f == last ? 2.0 : 1.0) / (double)lines;
    }
    tconv_free(density);
    tconv_free(line);
    return status;
}

/* r[0..lags-1]: sum of the spectrum's cosines, scaled to power (density times 1/segment), plus the squared mean. */
static tconv_status correlate(const tconv_lesson *lesson, size_t i, size_t lags, double *r, tconv_error *error)
{
    size_t n = lesson->n_large[i], segment = segment_of(n);
    tconv_status status = TCONV_OK;
    if (n < LEAST_LINE)
        return tconv_fail(error, TCONV_EARGUMENT, "lines of %zu samples; a spectrum needs %zu or more", n, LEAST_LINE);
    double *values = tconv_alloc(segment / 2 + 1, sizeof *values, &status);
    if (values == NULL)
        return tconv_fail_plain(error, status);
    status = average_spectrum(lesson, i, segment, values, error);
    const tconv_psd psd = { .kind = TCONV_PSD_SPECTRUM, .values = values, .count = segment / 2 + 1 };
    if (status == TCONV_OK && !(lesson->power > 0.0))
        status = tconv_fail(error, TCONV_EARGUMENT, "the signal is silent");
    for (size_t t = 0; t < lags && status == TCONV_OK; t++)
        r[t] = tconv_psd_correlation(&psd, 1, (double)t) / (double)segment + lesson->mean * lesson->mean;
    tconv_free(values);
    return status;
}

/* ---- the normal equations of one axis ---- */

struct axis_problem {
    const tconv_axis *axis;
    const tconv_down_filter *filter;
    int64_t pad_begin;
    const double *r;          /* autocorrelation of y */
    double *auto_x;           /* of x, at s m */
};

static double at_lag(const double *r, int64_t t)
{
    return r[t < 0 ? -t : t];
}

/* E x[u] x[u - m] for m = 0..count-1. */
static void correlate_small(const struct axis_problem *p, size_t count)
{
    const tconv_down_filter *g = p->filter;
    for (size_t m = 0; m < count; m++) {
        tconv_sum sum = { 0 };
        for (size_t j = 0; j < g->n_taps; j++)
            for (size_t l = 0; l < g->n_taps; l++)
                tconv_sum_add_product(&sum, g->taps[j] * g->taps[l],
                                      at_lag(p->r, (int64_t)(p->axis->stride * m) + (int64_t)g->distance * ((int64_t)j - (int64_t)l)));
        p->auto_x[m] = tconv_sum_value(&sum);
    }
}

/* E x[u - m] y[s u + q - pb] of tap t. */
static double correlate_across(const struct axis_problem *p, size_t t)
{
    int64_t place = (int64_t)(p->axis->dilation * t) - p->pad_begin + p->filter->begin;
    tconv_sum sum = { 0 };
    for (size_t j = 0; j < p->filter->n_taps; j++)
        tconv_sum_add_product(&sum, p->filter->taps[j], at_lag(p->r, place - (int64_t)(p->filter->distance * j)));
    return tconv_sum_value(&sum);
}

/* The taps of phase q: work has room for n * n + 2 n numbers and n indices. */
static tconv_status solve_phase(const struct axis_problem *p, size_t q, double *work, size_t *tap, double *taps, tconv_error *error)
{
    size_t n = 0, s = p->axis->stride, d = p->axis->dilation;
    for (size_t t = 0; t < p->axis->n_taps; t++)
        if (d * t % s == q)
            tap[n++] = t;
    double *right = work, *branch = work + n, *matrix = work + 2 * n;
    for (size_t i = 0; i < n; i++) {
        right[i] = correlate_across(p, tap[i]);
        for (size_t j = 0; j < n; j++) {
            size_t a = d * tap[i] / s, b = d * tap[j] / s;
            matrix[i * n + j] = p->auto_x[a > b ? a - b : b - a];
        }
    }
    tconv_status status = n > 0 ? tconv_solve_symmetric(matrix, n, right, branch, error) : TCONV_OK;
    for (size_t i = 0; i < n && status == TCONV_OK; i++)
        taps[tap[i]] = branch[i];
    return status;
}

static tconv_status solve_axis(const tconv_lesson *lesson, size_t i, double *taps, tconv_error *error)
{
    const tconv_axis *axis = &lesson->signals.geometry.axis[i];
    const tconv_down_filter *filter = &lesson->filter[i];
    size_t k = axis->n_taps, reach = (filter->n_taps - 1) * filter->distance, shifts = tconv_axis_effective_taps(axis) / axis->stride + 1;
    size_t lags = 2 * tconv_axis_effective_taps(axis) + reach + 2, squares = 0;
    tconv_status status = TCONV_OK;
    int64_t far = filter->begin - lesson->pad_begin[i];
    lags += (size_t)(far < 0 ? -far : far);
    if (!tconv_size_mul(k, k, &squares) || !tconv_size_add(squares, 2 * k, &squares))
        return tconv_fail_plain(error, TCONV_ESIZE);
    double *r = tconv_alloc(lags + shifts, sizeof *r, &status), *work = tconv_alloc(squares, sizeof *work, &status);
    size_t *tap = tconv_alloc(k, sizeof *tap, &status);
    if (status != TCONV_OK)
        (void)tconv_fail_plain(error, status);
    if (status == TCONV_OK) status = correlate(lesson, i, lags, r, error);
    if (status == TCONV_OK) {
        struct axis_problem problem = { axis, filter, lesson->pad_begin[i], r, r + lags };
        correlate_small(&problem, shifts);
        for (size_t q = 0; q < axis->stride && status == TCONV_OK; q++)
            status = solve_phase(&problem, q, work, tap, taps, error);
    }
    tconv_free(tap);
    tconv_free(work);
    tconv_free(r);
    return status;
}

/* ---- the way in ---- */

/* factor[i] points into one block of k1 + .. + kD numbers. */
static tconv_status make_factors(const tconv_geometry *g, double **block, double *factor[TCONV_MAX_NDIM], size_t n_taps[TCONV_MAX_NDIM],
                                 tconv_error *error)
{
    size_t all = 0;
    tconv_status status = TCONV_OK;
    for (size_t i = 0; i < g->ndim; i++)
        all += n_taps[i] = g->axis[i].n_taps;
    *block = tconv_alloc(all, sizeof **block, &status);
    if (*block == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0, start = 0; i < g->ndim; start += n_taps[i], i++)
        factor[i] = *block + start;
    return TCONV_OK;
}

tconv_status tconv_lesson_wiener(const tconv_lesson *lesson, double *taps, tconv_error *error)
{
    const tconv_geometry *g = &lesson->signals.geometry;
    double *block, *factor[TCONV_MAX_NDIM];
    size_t n_taps[TCONV_MAX_NDIM];
    tconv_status status = make_factors(g, &block, factor, n_taps, error);
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++)
        status = solve_axis(lesson, i, factor[i], error);
    if (status == TCONV_OK)
        tconv_separable_product((const double *const *)factor, n_taps, g->ndim, taps);
    tconv_free(block);
    return status;
}

tconv_status tconv_lesson_reference(const tconv_lesson *lesson, const tconv_reference *reference, double *taps, tconv_error *error)
{
    const tconv_geometry *g = &lesson->signals.geometry;
    double *block, *factor[TCONV_MAX_NDIM];
    size_t n_taps[TCONV_MAX_NDIM];
    tconv_design design = tconv_design_default(g->ndim, 1);
    if (reference == NULL || !tconv_reference_is_continuous(reference))
        return tconv_fail(error, TCONV_EARGUMENT, "only a reference that is a function of time can be taken at a lesson's centre");
    tconv_status status = make_factors(g, &block, factor, n_taps, error);
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        size_t k_eff = tconv_axis_effective_taps(&g->axis[i]);
        double delay = lesson->centre[i] - 0.5 * ((double)k_eff - 1.0);
        /* A window moves along with its sinc: longer by the delay at both ends it covers every tap. */
        size_t more = (size_t)ceil(fabs(delay));
        double *full = tconv_alloc(k_eff + 2 * more, sizeof *full, &status);
        if (full == NULL) {
            (void)tconv_fail_plain(error, status);
            break;
        }
        design.stride[i] = g->axis[i].stride;
        tconv_reference_delayed(reference, &design, i, delay, k_eff + 2 * more, full);
        for (size_t t = 0; t < n_taps[i]; t++)
            factor[i][t] = full[more + t * g->axis[i].dilation];
        tconv_free(full);
    }
    if (status == TCONV_OK)
        tconv_separable_product((const double *const *)factor, n_taps, g->ndim, taps);
    tconv_free(block);
    return status;
}
