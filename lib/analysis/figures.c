#include "figures.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/element.h"
#include "../core/memory.h"
#include "../core/sum.h"
#include "branch_response.h"
#include "channels.h"
#include "energy.h"
#include "extremum.h"
#include "images.h"
#include "one_kernel.h"

const double tconv_band_beta[TCONV_BANDS] = { 0.5, 0.8 };

double tconv_ratio_db(double a, double b)
{
    if (a == 0.0)
        return b == 0.0 ? (double)NAN : -(double)INFINITY;
    return b == 0.0 ? (double)INFINITY : 20.0 * log10(a / b);
}

double tconv_floor_db(void)
{
    return 20.0 * log10(DBL_EPSILON);
}

static double mean_of(const double *value, size_t count)
{
    tconv_sum sum = { 0 };
    for (size_t i = 0; i < count; i++)
        tconv_sum_add(&sum, value[i]);
    return tconv_sum_value(&sum) / (double)count;
}

/* sqrt of the population variance, by two passes. */
static double deviation_of(const double *value, size_t count)
{
    double mean = mean_of(value, count);
    tconv_sum sum = { 0 };
    for (size_t i = 0; i < count; i++)
        tconv_sum_add_product(&sum, value[i] - mean, value[i] - mean);
    return sqrt(tconv_sum_value(&sum) / (double)count);
}

static double divide(double a, double b)
{
    if (b == 0.0)
        return a == 0.0 ? (double)NAN : (double)INFINITY;
    return a / b;
}

/* Everything undefined, to be filled in. */
static void undefine(tconv_figures *figures)
{
    double *const undefined[] = {
        &figures->passband_gain_db, &figures->checkerboard_index, &figures->checkerboard_db, &figures->peak_to_peak,
        &figures->image_rejection_db[0], &figures->image_rejection_db[1], &figures->image_energy_db,
        &figures->branch_energy_variation, &figures->passband_ripple_db, &figures->stopband_attenuation_db,
        &figures->separability, &figures->flat_input_index, &figures->flat_input_peak_to_peak };
    for (size_t i = 0; i < sizeof undefined / sizeof undefined[0]; i++)
        *undefined[i] = NAN;
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++) {
        figures->droop_db[0][i] = figures->droop_db[1][i] = NAN;
        figures->cutoff_6db[i] = figures->centroid_offset[i] = NAN;
    }
    for (size_t q = 0; q < figures->phases; q++) {
        figures->branches[q].magnitude_deviation_db = NAN;
        for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
            figures->branches[q].delay_error[i] = NAN;
    }
}

/* What the energies of all pairs and of the branches say. */
static tconv_status measure_energy(tconv_figures *figures, const tconv_kernel *kernel)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t pairs = tconv_kernel_count(kernel) / tconv_geometry_taps(g);
    tconv_status status = tconv_baseband_energy(g, kernel->taps, pairs, &figures->baseband_energy, &figures->total_energy);
    if (status != TCONV_OK)
        return status;
    double total = figures->total_energy, zero = 64.0 * DBL_EPSILON * total;
    double inside = figures->baseband_energy < zero ? 0.0 : figures->baseband_energy;
    double images = total - inside < zero ? 0.0 : total - inside;
    if (figures->phases > 1)
        figures->image_energy_db = 0.5 * tconv_ratio_db(images, inside);
    double *energy = tconv_alloc(figures->phases, sizeof *energy, &status);
    if (energy == NULL)
        return status;
    for (size_t q = 0; q < figures->phases; q++)
        energy[q] = figures->branches[q].branch.energy;
    double spread = deviation_of(energy, figures->phases);
    figures->branch_energy_variation =
        divide((double)figures->phases * spread < zero ? 0.0 : spread, mean_of(energy, figures->phases));
    tconv_free(energy);
    return TCONV_OK;
}

/* The index, from the norms of the images: norm[m], 0 where it counts as zero. `deviation` is the same sum by Parseval,
 * S sqrt(sum over pairs of Var_q g), which loses nothing to rounding where all branches are nearly equal. */
static void measure_index(tconv_figures *figures, const double *norm, double deviation)
{
    double any = 0.0;
    for (size_t m = 1; m < figures->phases; m++)
        any = fmax(any, norm[m]);
    figures->checkerboard_index = divide(any == 0.0 ? 0.0 : deviation, norm[0]);
    figures->checkerboard_db = tconv_ratio_db(any == 0.0 ? 0.0 : deviation, norm[0]);
    for (size_t m = 1; m < figures->phases; m++)
        figures->images[m - 1].dc_db = tconv_ratio_db(norm[m], norm[0]);
    figures->passband_gain_db = norm[0] == 0.0 && isnan(figures->checkerboard_index) && figures->total_energy == 0.0
                              ? (double)NAN : tconv_ratio_db(norm[0], (double)figures->phases);
}

/* sqrt(sum over pairs of Var_q g) * S */
static double total_deviation(const double *gain, size_t pairs, size_t phases)
{
    tconv_sum sum = { 0 };
    for (size_t c = 0; c < pairs; c++) {
        double deviation = deviation_of(gain + c * phases, phases);
        tconv_sum_add_product(&sum, deviation, deviation);
    }
    return (double)phases * sqrt(tconv_sum_value(&sum));
}

static double floor_to_zero(double value, double zero)
{
    return value < zero ? 0.0 : value;
}

/* Several channels: norms and singular values. work: pairs * S gains, then norm, sigma and energy of S each. */
static tconv_status measure_channels(tconv_figures *figures, const tconv_kernel *kernel, double *work)
{
    size_t phases = figures->phases, pairs = tconv_kernel_count(kernel) / tconv_geometry_taps(&kernel->geometry);
    double *gain = work, *norm = gain + pairs * phases, *sigma = norm + phases, *energy = sigma + phases, zero;
    tconv_status status = tconv_channel_gains(kernel, gain, energy, &zero);
    if (status == TCONV_OK)
        status = tconv_channel_images(kernel, gain, norm, sigma);
    if (status != TCONV_OK)
        return status;
    figures->dc_gain = norm[0];
    for (size_t q = 0; q < phases; q++) {
        tconv_branch *branch = &figures->branches[q].branch;
        tconv_sum sum = { 0 };
        for (size_t c = 0; c < pairs; c++)
            tconv_sum_add_product(&sum, gain[c * phases + q], gain[c * phases + q]);
        branch->dc_gain = sqrt(tconv_sum_value(&sum));
        branch->energy = energy[q];
        branch->has_delay = false;
        norm[q] = floor_to_zero(norm[q], zero);
        sigma[q] = floor_to_zero(sigma[q], zero);
    }
    status = measure_energy(figures, kernel);
    measure_index(figures, norm, total_deviation(gain, pairs, phases));
    figures->passband_gain_db = NAN;
    for (size_t m = 1; m < phases; m++)
        figures->images[m - 1].worst_db = tconv_ratio_db(sigma[m], sigma[0]);
    return status;
}

/* One kernel: the index and the images at DC; the rest is in one_kernel.c. */
static tconv_status measure_single(tconv_figures *figures, const tconv_kernel *kernel, double zero, double *work)
{
    size_t phases = figures->phases;
    double *gain = work, *norm = work + phases;
    tconv_status status = TCONV_OK;
    tconv_complex *image = tconv_alloc(phases, sizeof *image, &status);
    double least = INFINITY, most = -INFINITY;
    for (size_t q = 0; q < phases; q++) {
        gain[q] = figures->branches[q].branch.dc_gain;
        least = fmin(least, gain[q]);
        most = fmax(most, gain[q]);
    }
    if (image != NULL)
        status = tconv_images_of_gains(&kernel->geometry, gain, image);
    for (size_t m = 0; m < phases && status == TCONV_OK; m++)
        norm[m] = floor_to_zero(hypot(image[m].re, image[m].im), zero);
    tconv_free(image);
    if (status == TCONV_OK)
        status = measure_energy(figures, kernel);
    if (status != TCONV_OK)
        return status;
    figures->dc_gain = mean_of(gain, phases) * (double)phases;
    measure_index(figures, norm, total_deviation(gain, 1, phases));
    double mean = norm[0] == 0.0 ? 0.0 : fabs(mean_of(gain, phases));
    figures->peak_to_peak = divide(most - least < zero ? 0.0 : most - least, mean);
    return tconv_one_kernel_figures(figures, kernel, zero);
}

/* With a mean input: the layer's flat answer per phase. */
static tconv_status measure_flat_input(tconv_figures *figures, const tconv_kernel *kernel, const double *mean)
{
    tconv_status status = TCONV_OK;
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = figures->phases, pairs = tconv_kernel_count(kernel) / tconv_geometry_taps(g), count;
    if (!tconv_size_add(pairs, g->channels_out + 1, &count) || !tconv_size_mul(count, phases, &count))
        return TCONV_ESIZE;
    double *gain = tconv_alloc(count, sizeof *gain, &status), zero;
    if (gain == NULL)
        return status;
    double *answer = gain + pairs * phases, *energy = answer + g->channels_out * phases, spread = 0.0;
    status = tconv_channel_gains(kernel, gain, energy, &zero);
    if (status == TCONV_OK)
        tconv_channel_flat_answer(kernel, gain, mean, answer);
    tconv_sum images = { 0 }, signal = { 0 };
    for (size_t co = 0; co < g->channels_out && status == TCONV_OK; co++) {
        double *own = answer + co * phases;
        for (size_t q = 0; kernel->phase_bias != NULL && q < phases; q++)
            own[q] += kernel->phase_bias[co * phases + q] - kernel->bias[co];
        double deviation = (double)phases * deviation_of(own, phases), least = own[0], most = own[0];
        double level = (double)phases * (mean_of(own, phases) + (kernel->bias != NULL ? kernel->bias[co] : 0.0));
        tconv_sum_add_product(&images, deviation, deviation);
        tconv_sum_add_product(&signal, level, level);
        for (size_t q = 0; q < phases; q++) {
            least = fmin(least, own[q]);
            most = fmax(most, own[q]);
        }
        spread = fmax(spread, most - least);
    }
    if (status == TCONV_OK) {
        figures->flat_input_index = divide(sqrt(tconv_sum_value(&images)), sqrt(tconv_sum_value(&signal)));
        figures->flat_input_peak_to_peak = spread;
    }
    tconv_free(gain);
    return status;
}

static tconv_status allocate(tconv_figures **figures, const tconv_kernel *kernel, double edge)
{
    tconv_status status = TCONV_OK;
    const tconv_geometry *g = &kernel->geometry;
    tconv_figures *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    made->ndim = g->ndim;
    made->phases = tconv_geometry_phases(g);
    made->single = tconv_kernel_is_single(kernel);
    made->edge = edge;
    made->branches = tconv_alloc_zero(made->phases, sizeof *made->branches, &status);
    made->images = tconv_alloc_zero(made->phases - 1, sizeof *made->images, &status);
    if (status != TCONV_OK) {
        tconv_figures_destroy(made);
        return status;
    }
    undefine(made);
    for (size_t m = 1; m < made->phases; m++) {
        tconv_phase_of(g, m, made->images[m - 1].m);
        made->images[m - 1].dc_db = made->images[m - 1].worst_db = NAN;
    }
    *figures = made;
    return TCONV_OK;
}

/* Branch figures of the first pair for a single kernel; for several channels its taps, phases and first outputs. */
static tconv_status measure_branches(tconv_figures *figures, const tconv_kernel *kernel, double zero)
{
    tconv_status status = TCONV_OK;
    tconv_branch *branches = tconv_alloc(figures->phases, sizeof *branches, &status);
    if (branches == NULL)
        return status;
    status = tconv_branches_of(&kernel->geometry, kernel->taps, zero, branches);
    for (size_t q = 0; q < figures->phases && status == TCONV_OK; q++)
        figures->branches[q].branch = branches[q];
    tconv_free(branches);
    return status;
}

/* The largest max - min over the phases of an output's biases. */
static double bias_spread(const tconv_kernel *kernel, size_t phases)
{
    double spread = 0.0;
    for (size_t co = 0; kernel->phase_bias != NULL && co < kernel->geometry.channels_out; co++) {
        const double *own = kernel->phase_bias + co * phases;
        double least = own[0], most = own[0];
        for (size_t q = 1; q < phases; q++) {
            least = fmin(least, own[q]);
            most = fmax(most, own[q]);
        }
        spread = fmax(spread, most - least);
    }
    return kernel->bias != NULL ? spread : (double)NAN;
}

static tconv_status measure(tconv_figures *figures, const tconv_kernel *kernel, const double *mean)
{
    tconv_status status = TCONV_OK;
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = figures->phases, pairs = tconv_kernel_count(kernel) / tconv_geometry_taps(g), size;
    double zero = tconv_kernel_zero(kernel->taps, tconv_geometry_taps(g));
    if (!tconv_size_add(pairs, 3, &size) || !tconv_size_mul(size, phases, &size))
        return TCONV_ESIZE;
    double *work = tconv_alloc(size, sizeof *work, &status);
    if (work == NULL)
        return status;
    status = measure_branches(figures, kernel, zero);
    if (status == TCONV_OK)
        status = figures->single ? measure_single(figures, kernel, zero, work) : measure_channels(figures, kernel, work);
    tconv_free(work);
    figures->bias_spread = bias_spread(kernel, phases);
    if (status == TCONV_OK && mean != NULL)
        status = measure_flat_input(figures, kernel, mean);
    return status;
}

/* ---- very large or very small taps: measured after scaling by a power of two, so that squares neither overflow nor
 * vanish, and scaled back ---- */

static int scaling_exponent(const tconv_kernel *kernel)
{
    double largest = 0.0;
    int exponent = 0;
    for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
        largest = fmax(largest, fabs(kernel->taps[t]));
    (void)frexp(largest, &exponent);
    return largest == 0.0 || (exponent > -250 && exponent < 250) ? 0 : exponent;
}

static void scale_back(tconv_figures *figures, int exponent)
{
    figures->dc_gain = ldexp(figures->dc_gain, exponent);
    figures->passband_gain_db += 20.0 * log10(2.0) * exponent;
    figures->baseband_energy = ldexp(figures->baseband_energy, 2 * exponent);
    figures->total_energy = ldexp(figures->total_energy, 2 * exponent);
    figures->flat_input_peak_to_peak = ldexp(figures->flat_input_peak_to_peak, exponent);
    figures->bias_spread = ldexp(figures->bias_spread, exponent);
    for (size_t q = 0; q < figures->phases; q++) {
        figures->branches[q].branch.dc_gain = ldexp(figures->branches[q].branch.dc_gain, exponent);
        figures->branches[q].branch.energy = ldexp(figures->branches[q].branch.energy, 2 * exponent);
    }
}

static tconv_status measure_scaled(tconv_figures *figures, const tconv_kernel *kernel, const double *mean, int exponent)
{
    tconv_status status = TCONV_OK;
    tconv_kernel scaled = *kernel;
    size_t count = tconv_kernel_count(kernel);
    scaled.taps = tconv_alloc(count, sizeof *scaled.taps, &status);
    scaled.bias = kernel->bias == NULL || status != TCONV_OK
                ? NULL : tconv_alloc(kernel->geometry.channels_out, sizeof *scaled.bias, &status);
    size_t phase_biases = kernel->geometry.channels_out * tconv_geometry_phases(&kernel->geometry);   /* as many are there */
    scaled.phase_bias = kernel->phase_bias == NULL || status != TCONV_OK
                      ? NULL : tconv_alloc(phase_biases, sizeof *scaled.phase_bias, &status);
    if (status == TCONV_OK) {
        for (size_t t = 0; t < count; t++)
            scaled.taps[t] = ldexp(kernel->taps[t], -exponent);
        for (size_t co = 0; scaled.bias != NULL && co < kernel->geometry.channels_out; co++)
            scaled.bias[co] = ldexp(kernel->bias[co], -exponent);
        for (size_t n = 0; scaled.phase_bias != NULL && n < phase_biases; n++)
            scaled.phase_bias[n] = ldexp(kernel->phase_bias[n], -exponent);
        status = measure(figures, &scaled, mean);
    }
    if (status == TCONV_OK)
        scale_back(figures, exponent);
    tconv_free(scaled.taps);
    tconv_free(scaled.bias);
    tconv_free(scaled.phase_bias);
    return status;
}

tconv_status tconv_figures_create(tconv_figures **figures, const tconv_kernel *kernel, const tconv_figure_options *options,
                                  tconv_error *error)
{
    double edge = options != NULL ? options->edge : 0.8;
    *figures = NULL;
    if (!(edge > 0.0 && edge <= 1.0))
        return tconv_fail(error, TCONV_EARGUMENT, "the edge of the passband is not in 0 < edge <= 1");
    size_t bad = tconv_first_non_finite(kernel->taps, tconv_kernel_count(kernel));
    if (bad < tconv_kernel_count(kernel))
        return tconv_fail(error, TCONV_ENONFINITE, "tap %zu is NaN or infinite", bad);
    tconv_status status = tconv_geometry_check(&kernel->geometry, error);
    if (status != TCONV_OK)
        return status;
    tconv_figures *made = NULL;
    status = allocate(&made, kernel, edge);
    if (status == TCONV_OK) {
        const double *mean = options != NULL ? options->mean : NULL;
        int exponent = scaling_exponent(kernel);
        status = exponent == 0 ? measure(made, kernel, mean) : measure_scaled(made, kernel, mean, exponent);
        if (status != TCONV_OK)
            tconv_figures_destroy(made);
    }
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    *figures = made;
    return TCONV_OK;
}

void tconv_figures_destroy(tconv_figures *figures)
{
    if (figures == NULL)
        return;
    tconv_free(figures->branches);
    tconv_free(figures->images);
    tconv_free(figures);
}
