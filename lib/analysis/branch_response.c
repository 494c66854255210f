#include "branch_response.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/polyphase.h"
#include "extremum.h"

/* All branches padded with zeros to one shape, and a search over each. */
struct branch_set {
    size_t count, ndim, length;   /* S, D, padded taps per branch */
    double *taps;
    tconv_search *search;
};

static void branch_set_free(struct branch_set *set)
{
    for (size_t q = 0; set->search != NULL && q < set->count; q++)
        tconv_search_destroy(&set->search[q]);
    tconv_free(set->search);
    tconv_free(set->taps);
}

static void pad_branch(const double *branch, const size_t *shape, const size_t *padded, size_t ndim, double *to)
{
    size_t count = 1;
    for (size_t i = 0; i < ndim; i++)
        count *= shape[i];
    for (size_t t = 0; t < count; t++) {
        size_t at = 0, scale = 1, rest = t;
        for (size_t i = ndim; i-- > 0; rest /= shape[i]) {
            at += scale * (rest % shape[i]);
            scale *= padded[i];
        }
        to[at] = branch[t];
    }
}

static tconv_status fill_branches(struct branch_set *set, const tconv_polyphase *split, double zero)
{
    tconv_status status = TCONV_OK;
    tconv_filter filter = { .ndim = set->ndim };
    size_t shape[TCONV_MAX_NDIM];
    (void)tconv_polyphase_branch(split, 0, filter.n_taps);   /* the first branch is the longest along every axis */
    set->length = 1;
    for (size_t i = 0; i < set->ndim; i++) {
        filter.step[i] = filter.stride[i] = 1;
        set->length *= filter.n_taps[i];
    }
    size_t total;
    if (!tconv_size_mul(set->count, set->length, &total))
        return TCONV_ESIZE;
    set->taps = tconv_alloc_zero(total, sizeof *set->taps, &status);
    set->search = tconv_alloc_zero(set->count, sizeof *set->search, &status);
    for (size_t q = 0; q < set->count && status == TCONV_OK; q++) {
        const double *branch = tconv_polyphase_branch(split, q, shape);
        pad_branch(branch, shape, filter.n_taps, set->ndim, set->taps + q * set->length);
        filter.taps = set->taps + q * set->length;
        status = tconv_search_create(&set->search[q], &filter, zero);
    }
    return status;
}

static tconv_status branch_set_create(struct branch_set *set, const tconv_geometry *geometry, const double *taps, double zero)
{
    memset(set, 0, sizeof *set);
    set->count = tconv_geometry_phases(geometry);
    set->ndim = geometry->ndim;
    tconv_polyphase *split;
    tconv_status status = tconv_polyphase_create(&split, geometry, taps);
    if (status != TCONV_OK)
        return status;
    status = fill_branches(set, split, zero);
    tconv_polyphase_destroy(split);
    if (status != TCONV_OK) {
        branch_set_free(set);
        memset(set, 0, sizeof *set);
    }
    return status;
}

/* ---- magnitude ---- */

struct deviation {
    struct branch_set *set;
    size_t branch;
    double sign;
};

/* A = |H|:  A_i = Re(H* H_i)/A,  A_ij = (Re(H_j* H_i + H* H_ij) - A_i A_j)/A */
static void magnitude(tconv_evaluator *evaluator, const double *f, size_t ndim, tconv_quadratic *at)
{
    tconv_response_point h;
    tconv_evaluate_point(evaluator, f, &h);
    memset(at, 0, sizeof *at);
    at->value = cabs(h.value);
    if (at->value == 0.0)
        return;
    for (size_t i = 0; i < ndim; i++)
        at->gradient[i] = creal(conj(h.value) * h.gradient[i]) / at->value;
    for (size_t i = 0; i < ndim; i++)
        for (size_t j = 0; j < ndim; j++)
            at->hessian[i][j] = (creal(conj(h.gradient[j]) * h.gradient[i] + conj(h.value) * h.hessian[i][j])
                                 - at->gradient[i] * at->gradient[j]) / at->value;
}

/* sign * (log A_q - log mean A) */
static void log_deviation(void *context, const double *f, tconv_quadratic *at)
{
    struct deviation *deviation = context;
    struct branch_set *set = deviation->set;
    size_t ndim = set->ndim;
    tconv_quadratic mean = { 0 }, own = { 0 }, one;
    for (size_t q = 0; q < set->count; q++) {
        magnitude(set->search[q].evaluator, f, ndim, &one);
        if (q == deviation->branch)
            own = one;
        mean.value += one.value / (double)set->count;
        for (size_t i = 0; i < ndim; i++) {
            mean.gradient[i] += one.gradient[i] / (double)set->count;
            for (size_t j = 0; j < ndim; j++)
                mean.hessian[i][j] += one.hessian[i][j] / (double)set->count;
        }
    }
    memset(at, 0, sizeof *at);
    if (own.value == 0.0) {
        at->value = mean.value == 0.0 ? 0.0 : -deviation->sign * (double)INFINITY;
        return;
    }
    at->value = deviation->sign * (log(own.value) - log(mean.value));
    for (size_t i = 0; i < ndim; i++) {
        at->gradient[i] = deviation->sign * (own.gradient[i] / own.value - mean.gradient[i] / mean.value);
        for (size_t j = 0; j < ndim; j++)
            at->hessian[i][j] = deviation->sign
                * (own.hessian[i][j] / own.value - own.gradient[i] * own.gradient[j] / (own.value * own.value)
                   - mean.hessian[i][j] / mean.value + mean.gradient[i] * mean.gradient[j] / (mean.value * mean.value));
    }
}

/* The mean of |H_q| over the branches, on the grid. */
static void fill_mean(const struct branch_set *set, const tconv_grid_box *grid, double *mean)
{
    for (size_t c = 0; c < grid->count; c++) {
        ptrdiff_t j[TCONV_MAX_NDIM];
        double f[TCONV_MAX_NDIM], sum = 0.0;
        tconv_grid_box_at(grid, c, j, f);
        for (size_t q = 0; q < set->count; q++)
            sum += sqrt(tconv_spectrum_power(set->search[q].spectrum, j));
        mean[c] = sum / (double)set->count;
    }
}

/* The largest |log A_q - log mean A|; both signs are climbed where the grid says that they can win. */
static double largest_deviation(struct branch_set *set, size_t q, const double *mean, tconv_grid_box *grid)
{
    double largest = 0.0;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t c = 0; c < grid->count; c++) {
            ptrdiff_t j[TCONV_MAX_NDIM];
            double f[TCONV_MAX_NDIM];
            tconv_grid_box_at(grid, c, j, f);
            double own = sqrt(tconv_spectrum_power(set->search[q].spectrum, j));
            grid->value[c] = own > 0.0 && mean[c] > 0.0 ? sign * log(own / mean[c]) : -INFINITY;
        }
        double top = tconv_grid_box_largest(grid);
        largest = fmax(largest, top);
        tconv_grid_box_maxima(grid, largest, set->search[q].most / set->count);   /* none beyond 1024 branches */
        struct deviation deviation = { set, q, (double)sign };
        for (size_t c = 0; c < grid->candidates; c++) {
            ptrdiff_t j[TCONV_MAX_NDIM];
            double f[TCONV_MAX_NDIM];
            tconv_grid_box_at(grid, grid->candidate[c], j, f);
            largest = fmax(largest, tconv_climb(log_deviation, &deviation, &grid->box, f));
        }
    }
    return largest;
}

static tconv_status deviations_of_set(struct branch_set *set, double edge, double *deviation_db)
{
    tconv_status status = TCONV_OK;
    tconv_band band = tconv_baseband(&set->search[0].filter, edge);
    tconv_box box = { .ndim = set->ndim };
    for (size_t i = 0; i < set->ndim; i++) {
        box.lower[i] = band.lower[i];
        box.upper[i] = band.upper[i];
        box.spacing[i] = 1.0 / (double)set->search[0].spectrum->n[i];
    }
    tconv_grid_box grid;
    status = tconv_grid_box_create(&grid, &box);
    if (status != TCONV_OK)
        return status;
    double *mean = tconv_alloc(grid.count, sizeof *mean, &status);
    if (mean != NULL)
        fill_mean(set, &grid, mean);
    for (size_t q = 0; q < set->count && status == TCONV_OK; q++) {
        double smallest;
        status = tconv_search_smallest(&set->search[q], &band, &smallest);
        if (status == TCONV_OK)
            deviation_db[q] = smallest == 0.0 ? (double)INFINITY
                                              : 20.0 / log(10.0) * largest_deviation(set, q, mean, &grid);
    }
    tconv_free(mean);
    tconv_grid_box_destroy(&grid);
    return status;
}

tconv_status tconv_branch_magnitude_deviation(const tconv_geometry *geometry, const double *taps, double zero,
                                              double edge, double *deviation_db)
{
    struct branch_set set;
    tconv_status status = branch_set_create(&set, geometry, taps, zero);
    if (status != TCONV_OK)
        return status;
    status = deviations_of_set(&set, edge, deviation_db);
    branch_set_free(&set);
    return status;
}
