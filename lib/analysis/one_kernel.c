#include "one_kernel.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/sum.h"
#include "branch_response.h"
#include "extremum.h"
#include "singular.h"

/* Everything that the parts below share. */
struct measurement {
    tconv_figures *figures;
    const tconv_kernel *kernel;
    tconv_search search;
    double gain;     /* |G|, 0 where it counts as zero */
    double zero;
};

static double level(double value, double zero)
{
    return value < zero ? 0.0 : value;
}

/* Rejection at both betas, and the worst of every image at 0.8. */
static tconv_status measure_images(struct measurement *m)
{
    tconv_figures *figures = m->figures;
    tconv_status status = TCONV_OK;
    double *worst = tconv_alloc(figures->phases, sizeof *worst, &status);
    for (size_t b = 0; b < TCONV_BANDS && status == TCONV_OK; b++) {
        tconv_band band = tconv_baseband(&m->search.filter, tconv_band_beta[b]);
        status = tconv_search_images(&m->search, &band, worst);
        if (status != TCONV_OK)
            break;
        double largest = 0.0;
        for (size_t q = 1; q < figures->phases; q++) {
            largest = fmax(largest, worst[q]);
            if (b == TCONV_BANDS - 1)
                figures->images[q - 1].worst_db = tconv_ratio_db(worst[q], 1.0);
        }
        figures->image_rejection_db[b] = -tconv_ratio_db(largest, 1.0);
    }
    tconv_free(worst);
    return status;
}

static tconv_status measure_passband(struct measurement *m)
{
    tconv_band band = tconv_baseband(&m->search.filter, m->figures->edge);
    double smallest, largest;
    tconv_status status = tconv_search_smallest(&m->search, &band, &smallest);
    if (status == TCONV_OK)
        status = tconv_search_largest(&m->search, &band, &largest);
    if (status == TCONV_OK)
        m->figures->passband_ripple_db = tconv_ratio_db(largest, smallest);
    return status;
}

/* The stopband: where some axis with s_i > 1 has |f_i| >= (2 - e)/(2 s_i). By the symmetry of |H|, that is the union over
 * those axes of (2 - e)/(2 s_i) <= f_i <= 1 - (2 - e)/(2 s_i) with the other axes anywhere. */
static tconv_status measure_stopband(struct measurement *m)
{
    const tconv_filter *filter = &m->search.filter;
    tconv_status status = TCONV_OK;
    double largest = 0.0;
    for (size_t axis = 0; axis < filter->ndim && status == TCONV_OK; axis++) {
        if (filter->stride[axis] == 1)
            continue;
        tconv_band band;
        for (size_t i = 0; i < filter->ndim; i++) {
            band.lower[i] = -0.5;
            band.upper[i] = 0.5;
        }
        band.lower[axis] = (2.0 - m->figures->edge) / (2.0 * (double)filter->stride[axis]);
        band.upper[axis] = 1.0 - band.lower[axis];
        double here = 0.0;
        status = tconv_search_largest(&m->search, &band, &here);
        largest = fmax(largest, here);
    }
    m->figures->stopband_attenuation_db = tconv_ratio_db(m->gain, largest);
    return status;
}

/* ---- along one axis: droop and cutoff, on the kernel summed over the other axes ---- */

static double line_level(tconv_evaluator *evaluator, double f, double zero)
{
    return level(cabs(tconv_evaluate(evaluator, &f)), zero);
}

/* The f between a (above the threshold) and b (not above) where |H| crosses it, by bisection to the last bit. */
static double crossing(tconv_evaluator *evaluator, double a, double b, double threshold)
{
    for (int step = 0; step < 100; step++) {
        double middle = 0.5 * (a + b);
        if (middle <= a || middle >= b)
            break;
        if (cabs(tconv_evaluate(evaluator, &middle)) > threshold)
            a = middle;
        else
            b = middle;
    }
    return b;
}

/* Does |H| dip to the threshold between two grid points that are above it? The place of the dip by golden section. */
static bool dips(tconv_evaluator *evaluator, double a, double b, double threshold, double *at)
{
    const double ratio = 0.5 * (sqrt(5.0) - 1.0);
    double c = b - ratio * (b - a), d = a + ratio * (b - a);
    double at_c = cabs(tconv_evaluate(evaluator, &c)), at_d = cabs(tconv_evaluate(evaluator, &d));
    for (int step = 0; step < 60; step++) {
        if (at_c < at_d) {
            b = d; d = c; at_d = at_c;
            c = b - ratio * (b - a);
            at_c = cabs(tconv_evaluate(evaluator, &c));
        } else {
            a = c; c = d; at_c = at_d;
            d = a + ratio * (b - a);
            at_d = cabs(tconv_evaluate(evaluator, &d));
        }
    }
    *at = at_c < at_d ? c : d;
    return fmin(at_c, at_d) <= threshold;
}

/* The first f in (0, 1/2] with |H(f)| <= |G|/2; NAN if there is none. */
static double first_half(tconv_evaluator *evaluator, const tconv_spectrum *line, double gain)
{
    double threshold = 0.5 * gain, step = 1.0 / (double)line->n[0];
    for (ptrdiff_t j = 1; j <= (ptrdiff_t)(line->n[0] / 2); j++) {
        double before = sqrt(tconv_spectrum_power(line, &(ptrdiff_t){ j - 1 }));
        double here = sqrt(tconv_spectrum_power(line, &j)), after = sqrt(tconv_spectrum_power(line, &(ptrdiff_t){ j + 1 }));
        double a = (double)(j - 1) * step, at = (double)j * step;
        if (here <= threshold)
            return crossing(evaluator, a, at, threshold);
        if (here <= before && here <= after && here < 1.5 * threshold) {
            double dip;
            if (dips(evaluator, a, fmin(at + step, 0.5), threshold, &dip))
                return crossing(evaluator, a, dip, threshold);
        }
    }
    return NAN;
}

static tconv_status measure_axis(struct measurement *m, size_t axis)
{
    tconv_status status = TCONV_OK;
    const tconv_filter *filter = &m->search.filter;
    double s = (double)filter->stride[axis];
    tconv_evaluator *evaluator = NULL;
    tconv_spectrum *spectrum = NULL;
    tconv_filter line;
    double *taps = tconv_alloc(filter->n_taps[axis], sizeof *taps, &status);
    if (taps == NULL)
        return status;
    tconv_filter_marginal(filter, axis, taps, &line);
    status = tconv_evaluator_create(&evaluator, &line);
    if (status == TCONV_OK)
        status = tconv_spectrum_create(&spectrum, &line);
    if (status == TCONV_OK) {
        for (size_t b = 0; b < TCONV_BANDS; b++)
            m->figures->droop_db[b][axis] =
                tconv_ratio_db(line_level(evaluator, tconv_band_beta[b] / (2.0 * s), m->zero), m->gain);
        if (m->gain > 0.0)
            m->figures->cutoff_6db[axis] = 2.0 * s * first_half(evaluator, spectrum, m->gain);
    }
    tconv_evaluator_destroy(evaluator);
    tconv_spectrum_destroy(spectrum);
    tconv_free(taps);
    return status;
}

/* centroid = sum n h[n] / sum h[n] along each axis */
static void measure_centroid(struct measurement *m)
{
    const tconv_geometry *g = &m->kernel->geometry;
    tconv_sum moment[TCONV_MAX_NDIM], gain = { 0 };
    memset(moment, 0, sizeof moment);
    for (size_t t = 0; t < tconv_geometry_taps(g); t++) {
        size_t rest = t;
        tconv_sum_add(&gain, m->kernel->taps[t]);
        for (size_t i = g->ndim; i-- > 0; rest /= g->axis[i].n_taps)
            tconv_sum_add_product(&moment[i], (double)(g->axis[i].dilation * (rest % g->axis[i].n_taps)), m->kernel->taps[t]);
    }
    for (size_t i = 0; i < g->ndim && m->gain > 0.0; i++)
        m->figures->centroid_offset[i] =
            tconv_axis_centroid_offset(&g->axis[i], tconv_sum_value(&moment[i]) / tconv_sum_value(&gain));
}

/* D = 2: sigma_1^2 / sum h^2 */
static tconv_status measure_separability(struct measurement *m)
{
    tconv_status status = TCONV_OK;
    const tconv_geometry *g = &m->kernel->geometry;
    size_t count = tconv_geometry_taps(g);
    double complex *matrix = tconv_alloc(count, sizeof *matrix, &status);
    if (matrix == NULL)
        return status;
    for (size_t t = 0; t < count; t++)
        matrix[t] = m->kernel->taps[t];
    double sigma;
    status = tconv_largest_singular(matrix, g->axis[0].n_taps, g->axis[1].n_taps, &sigma);
    if (status == TCONV_OK)
        m->figures->separability = fmin(sigma * sigma / m->figures->total_energy, 1.0);
    tconv_free(matrix);
    return status;
}

static tconv_status measure_branch_responses(struct measurement *m)
{
    tconv_figures *figures = m->figures;
    size_t ndim = figures->ndim, phases = figures->phases;
    tconv_status status = TCONV_OK;
    double *work = tconv_alloc(phases, (ndim + 1) * sizeof *work, &status);
    if (work == NULL)
        return status;
    double *error = work + phases;
    status = tconv_branch_magnitude_deviation(&m->kernel->geometry, m->kernel->taps, m->zero, figures->edge, work);
    if (status == TCONV_OK)
        status = tconv_branch_delay_error(&m->kernel->geometry, m->kernel->taps, m->zero, figures->edge, error);
    for (size_t q = 0; q < phases && status == TCONV_OK; q++) {
        figures->branches[q].magnitude_deviation_db = work[q];
        memcpy(figures->branches[q].delay_error, error + q * ndim, ndim * sizeof *error);
    }
    tconv_free(work);
    return status;
}

static tconv_status measure_all(struct measurement *m)
{
    tconv_figures *figures = m->figures;
    tconv_status status = measure_passband(m);
    measure_centroid(m);
    if (status == TCONV_OK && figures->phases > 1)
        status = measure_images(m);
    if (status == TCONV_OK && figures->phases > 1)
        status = measure_stopband(m);
    for (size_t i = 0; i < figures->ndim && status == TCONV_OK; i++)
        status = measure_axis(m, i);
    if (status == TCONV_OK && figures->ndim == 2)
        status = measure_separability(m);
    if (status == TCONV_OK)
        status = measure_branch_responses(m);
    return status;
}

tconv_status tconv_one_kernel_figures(tconv_figures *figures, const tconv_kernel *kernel, double zero)
{
    if (figures->total_energy == 0.0)
        return TCONV_OK;          /* the zero kernel: nothing is defined */
    struct measurement m = { .figures = figures, .kernel = kernel, .zero = zero };
    m.gain = level(fabs(figures->dc_gain), zero);
    tconv_filter filter = tconv_filter_of(&kernel->geometry, kernel->taps);
    tconv_status status = tconv_search_create(&m.search, &filter, zero);
    if (status == TCONV_OK)
        status = measure_all(&m);
    tconv_search_destroy(&m.search);
    return status;
}
