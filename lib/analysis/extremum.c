#include "extremum.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/memory.h"

/* Work for the refinement of one band, in taps evaluated: a second or so. */
#define WORK ((double)(1 << 28))
#define MOST_REFINED 1024

tconv_status tconv_search_create(tconv_search *search, const tconv_filter *filter, double zero)
{
    memset(search, 0, sizeof *search);
    search->filter = *filter;
    search->zero = zero;
    double share = WORK / (60.0 * ((double)tconv_filter_count(filter) + 1.0));
    search->most = share > MOST_REFINED ? MOST_REFINED : share < 16.0 ? 16 : (size_t)share;
    tconv_status status = tconv_evaluator_create(&search->evaluator, filter);
    if (status == TCONV_OK)
        status = tconv_spectrum_create(&search->spectrum, filter);
    if (status != TCONV_OK)
        tconv_search_destroy(search);
    return status;
}

void tconv_search_destroy(tconv_search *search)
{
    tconv_evaluator_destroy(search->evaluator);
    tconv_spectrum_destroy(search->spectrum);
    search->evaluator = NULL;
    search->spectrum = NULL;
}

tconv_band tconv_baseband(const tconv_filter *filter, double beta)
{
    tconv_band band = { { 0.0 }, { 0.0 } };
    for (size_t i = 0; i < filter->ndim; i++) {
        band.upper[i] = beta / (2.0 * (double)filter->stride[i]);
        band.lower[i] = -band.upper[i];
    }
    return band;
}

/* ---- objectives ---- */

struct objective {
    tconv_search *search;
    double sign;                     /* of the logarithm: 1 to climb |H|, -1 to go down */
    double shift[TCONV_MAX_NDIM];    /* m/s */
};

/* log P with P = |H|^2:  (log P)_i = 2 Re(H* H_i)/P,  (log P)_ij = 2 Re(H_j* H_i + H* H_ij)/P - (log P)_i (log P)_j */
static void log_power(tconv_search *search, const double *f, tconv_quadratic *at)
{
    tconv_response_point h;
    tconv_evaluate_point(search->evaluator, f, &h);
    double power = creal(h.value) * creal(h.value) + cimag(h.value) * cimag(h.value);
    memset(at, 0, sizeof *at);
    at->value = power > 0.0 ? log(power) : -INFINITY;
    if (!(power > 0.0))
        return;
    for (size_t i = 0; i < search->filter.ndim; i++)
        at->gradient[i] = 2.0 * creal(conj(h.value) * h.gradient[i]) / power;
    for (size_t i = 0; i < search->filter.ndim; i++)
        for (size_t j = 0; j < search->filter.ndim; j++)
            at->hessian[i][j] = 2.0 * creal(conj(h.gradient[j]) * h.gradient[i] + conj(h.value) * h.hessian[i][j]) / power
                              - at->gradient[i] * at->gradient[j];
}

static void add_scaled(tconv_quadratic *sum, double scale, const tconv_quadratic *other, size_t ndim)
{
    sum->value += scale * other->value;
    for (size_t i = 0; i < ndim; i++) {
        sum->gradient[i] += scale * other->gradient[i];
        for (size_t j = 0; j < ndim; j++)
            sum->hessian[i][j] += scale * other->hessian[i][j];
    }
}

static void signed_log_power(void *context, const double *f, tconv_quadratic *at)
{
    const struct objective *objective = context;
    tconv_quadratic raw;
    log_power(objective->search, f, &raw);
    memset(at, 0, sizeof *at);
    add_scaled(at, objective->sign, &raw, objective->search->filter.ndim);
}

/* log |H(f + m/s)|^2 - log |H(f)|^2 */
static void log_ratio(void *context, const double *f, tconv_quadratic *at)
{
    const struct objective *objective = context;
    size_t ndim = objective->search->filter.ndim;
    double image[TCONV_MAX_NDIM];
    tconv_quadratic below;
    for (size_t i = 0; i < ndim; i++)
        image[i] = f[i] + objective->shift[i];
    log_power(objective->search, image, at);
    log_power(objective->search, f, &below);
    if (isinf(at->value))
        return;
    if (isinf(below.value))
        at->value = INFINITY;
    else
        add_scaled(at, -1.0, &below, ndim);
}

/* -|H|^2 with the Gauss-Newton Hessian -2 Re(H_i* H_j): one step to a zero of a straight H. */
static void minus_power(void *context, const double *f, tconv_quadratic *at)
{
    const struct objective *objective = context;
    tconv_response_point h;
    tconv_evaluate_point(objective->search->evaluator, f, &h);
    memset(at, 0, sizeof *at);
    at->value = -(creal(h.value) * creal(h.value) + cimag(h.value) * cimag(h.value));
    for (size_t i = 0; i < objective->search->filter.ndim; i++) {
        at->gradient[i] = -2.0 * creal(conj(h.value) * h.gradient[i]);
        for (size_t j = 0; j < objective->search->filter.ndim; j++)
            at->hessian[i][j] = -2.0 * creal(conj(h.gradient[i]) * h.gradient[j]);
    }
}

/* ---- grids ---- */

static tconv_status band_grid(const tconv_search *search, const tconv_band *band, tconv_grid_box *grid)
{
    tconv_box box = { .ndim = search->filter.ndim };
    for (size_t i = 0; i < box.ndim; i++) {
        box.lower[i] = band->lower[i];
        box.upper[i] = band->upper[i];
        box.spacing[i] = 1.0 / (double)search->spectrum->n[i];
    }
    return tconv_grid_box_create(grid, &box);
}

/* grid value = sign * log |H|^2 */
static void fill_power(const tconv_search *search, double sign, tconv_grid_box *grid)
{
    for (size_t c = 0; c < grid->count; c++) {
        ptrdiff_t j[TCONV_MAX_NDIM];
        double f[TCONV_MAX_NDIM];
        tconv_grid_box_at(grid, c, j, f);
        grid->value[c] = sign * log(tconv_spectrum_power(search->spectrum, j));
    }
}

tconv_status tconv_search_largest(tconv_search *search, const tconv_band *band, double *largest)
{
    tconv_grid_box grid;
    tconv_status status = band_grid(search, band, &grid);
    if (status != TCONV_OK)
        return status;
    fill_power(search, 1.0, &grid);
    double top = tconv_grid_box_largest(&grid);
    *largest = exp(0.5 * top);
    tconv_grid_box_maxima(&grid, top, search->most);
    struct objective objective = { .search = search, .sign = 1.0 };
    for (size_t c = 0; c < grid.candidates; c++) {
        ptrdiff_t j[TCONV_MAX_NDIM];
        double f[TCONV_MAX_NDIM];
        tconv_grid_box_at(&grid, grid.candidate[c], j, f);
        tconv_climb(signed_log_power, &objective, &grid.box, f);
        *largest = fmax(*largest, cabs(tconv_evaluate(search->evaluator, f)));
    }
    tconv_grid_box_destroy(&grid);
    if (*largest < search->zero)
        *largest = 0.0;
    return TCONV_OK;
}

/* Does |H| count as zero at f? f itself is rounded, so a zero is met up to eps |f_i| |H_i|. */
static bool counts_as_zero(tconv_search *search, const double *f, double level)
{
    if (level < search->zero)
        return true;
    tconv_response_point h;
    tconv_evaluate_point(search->evaluator, f, &h);
    double slack = search->zero;
    for (size_t i = 0; i < search->filter.ndim; i++)
        slack += DBL_EPSILON * fabs(f[i]) * cabs(h.gradient[i]);
    return level < slack;
}

/* How much lower than grid point `index` |H|^2 can be: the drop of the parabola through it and its neighbours, axis by axis,
 * and a reserve. Beside a zero |H|^2 is a parabola, and the reserve takes it below 0. */
static double least_power(const tconv_grid_box *grid, size_t index)
{
    double power = exp(-grid->value[index]), drop = 0.0, reserve = grid->box.ndim == 1 ? 2.0 : 16.0;
    size_t step = 1, rest = index;
    for (size_t i = grid->box.ndim; i-- > 0;) {
        size_t at = rest % grid->extent[i];
        double before = at > 0 ? exp(-grid->value[index - step]) - power : NAN;
        double after = at + 1 < grid->extent[i] ? exp(-grid->value[index + step]) - power : NAN;
        if (isnan(before) || isnan(after))
            drop += isnan(before) && isnan(after) ? 0.0 : isnan(before) ? after : before;
        else if (before + after > 0.0)
            drop += (before - after) * (before - after) / (8.0 * (before + after));
        rest /= grid->extent[i];
        step *= grid->extent[i];
    }
    return power - reserve * drop;
}

/* Keep the local minima that may be lower than the least of the grid, exp(-top). */
static void choose_minima(tconv_grid_box *grid, double top, size_t most)
{
    size_t kept = 0;
    tconv_grid_box_maxima(grid, -INFINITY, grid->count);
    for (size_t c = 0; c < grid->candidates && kept < most; c++)
        if (least_power(grid, grid->candidate[c]) <= exp(-top))
            grid->candidate[kept++] = grid->candidate[c];
    grid->candidates = kept;
}

/* Down from each local minimum of the grid: *place receives the points (grid->candidates of them, ndim numbers each),
 * *smallest the least |H|, 0 for a zero. The grid's values become -log |H|^2; minima that cannot be the least are
 * left out. */
static void refine_minima(tconv_search *search, tconv_grid_box *grid, double *place, double *smallest)
{
    struct objective objective = { .search = search, .sign = -1.0 };
    size_t ndim = search->filter.ndim;
    fill_power(search, -1.0, grid);
    double top = tconv_grid_box_largest(grid);
    *smallest = exp(-0.5 * top);
    choose_minima(grid, top, search->most);
    for (size_t c = 0; c < grid->candidates; c++) {
        ptrdiff_t j[TCONV_MAX_NDIM];
        double f[TCONV_MAX_NDIM] = { 0.0 };
        tconv_grid_box_at(grid, grid->candidate[c], j, f);
        tconv_climb(minus_power, &objective, &grid->box, f);
        double level = cabs(tconv_evaluate(search->evaluator, f));
        if (!counts_as_zero(search, f, level)) {
            tconv_climb(signed_log_power, &objective, &grid->box, f);
            level = cabs(tconv_evaluate(search->evaluator, f));
        }
        *smallest = counts_as_zero(search, f, level) ? 0.0 : fmin(*smallest, level);
        if (place != NULL)
            memcpy(place + c * ndim, f, ndim * sizeof *f);
    }
}

tconv_status tconv_search_smallest(tconv_search *search, const tconv_band *band, double *smallest)
{
    tconv_grid_box grid;
    tconv_status status = band_grid(search, band, &grid);
    if (status != TCONV_OK)
        return status;
    refine_minima(search, &grid, NULL, smallest);
    tconv_grid_box_destroy(&grid);
    return TCONV_OK;
}

/* ---- images ---- */

/* grid value = log(|H(f + m/s)|^2 / |H(f)|^2) */
static void fill_ratio(const tconv_search *search, const size_t *m, tconv_grid_box *grid)
{
    const tconv_spectrum *spectrum = search->spectrum;
    for (size_t c = 0; c < grid->count; c++) {
        ptrdiff_t j[TCONV_MAX_NDIM], image[TCONV_MAX_NDIM];
        double f[TCONV_MAX_NDIM];
        tconv_grid_box_at(grid, c, j, f);
        for (size_t i = 0; i < spectrum->ndim; i++)
            image[i] = j[i] + (ptrdiff_t)(m[i] * spectrum->period[i]);
        double above = tconv_spectrum_power(spectrum, image), below = tconv_spectrum_power(spectrum, j);
        grid->value[c] = above > 0.0 && below > 0.0 ? log(above / below) : -INFINITY;
    }
}

/* The natural log of the largest power ratio of one image, INFINITY where |H(f)| has a zero. `minima`: where |H(f)| is least, `count` points. */
static double worst_of_image(tconv_search *search, const size_t *m, tconv_grid_box *grid, const double *minima, size_t count)
{
    struct objective objective = { .search = search };
    size_t ndim = search->filter.ndim;
    for (size_t i = 0; i < ndim; i++)
        objective.shift[i] = (double)m[i] / (double)search->filter.stride[i];
    fill_ratio(search, m, grid);
    double worst = tconv_grid_box_largest(grid);
    tconv_grid_box_maxima(grid, worst, search->most);
    for (size_t c = 0; c < grid->candidates + count; c++) {
        ptrdiff_t j[TCONV_MAX_NDIM];
        double f[TCONV_MAX_NDIM] = { 0.0 };
        if (c < grid->candidates) {
            tconv_grid_box_at(grid, grid->candidate[c], j, f);
        } else {
            memcpy(f, minima + (c - grid->candidates) * ndim, ndim * sizeof *f);
        }
        double top = tconv_climb(log_ratio, &objective, &grid->box, f);
        if (top > worst && counts_as_zero(search, f, cabs(tconv_evaluate(search->evaluator, f))))
            return INFINITY;
        worst = fmax(worst, top);
    }
    return worst;
}

static tconv_status images_of_grid(tconv_search *search, tconv_grid_box *grid, double *worst)
{
    tconv_status status = TCONV_OK;
    size_t ndim = search->filter.ndim, phases = 1;
    for (size_t i = 0; i < ndim; i++)
        phases *= search->filter.stride[i];
    double smallest, *minima = tconv_alloc(search->most * ndim, sizeof *minima, &status);
    if (minima == NULL)
        return status;
    refine_minima(search, grid, minima, &smallest);
    size_t count = grid->candidates;
    worst[0] = 1.0;
    for (size_t q = 1; q < phases; q++) {
        size_t m[TCONV_MAX_NDIM], mirror = 0, rest = q;
        for (size_t i = ndim; i-- > 0; rest /= search->filter.stride[i])
            m[i] = rest % search->filter.stride[i];
        for (size_t i = 0; i < ndim; i++)
            mirror = mirror * search->filter.stride[i] + (search->filter.stride[i] - m[i]) % search->filter.stride[i];
        if (smallest == 0.0)
            worst[q] = INFINITY;
        else if (mirror < q)
            worst[q] = worst[mirror];   /* |H(f + m/s)| = |H(-f - m/s)|, and the band is symmetric */
        else
            worst[q] = exp(0.5 * worst_of_image(search, m, grid, minima, count));
    }
    tconv_free(minima);
    bool zero = false;                       /* a zero that one image's climb met belongs to all */
    for (size_t q = 1; q < phases; q++)
        zero = zero || isinf(worst[q]);
    for (size_t q = 1; q < phases && zero; q++)
        worst[q] = INFINITY;
    return TCONV_OK;
}

tconv_status tconv_search_images(tconv_search *search, const tconv_band *band, double *worst)
{
    tconv_grid_box grid;
    tconv_status status = band_grid(search, band, &grid);
    if (status != TCONV_OK)
        return status;
    status = images_of_grid(search, &grid, worst);
    tconv_grid_box_destroy(&grid);
    return status;
}
