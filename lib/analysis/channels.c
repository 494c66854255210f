#include "channels.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/polyphase.h"
#include "../core/sum.h"
#include "images.h"
#include "singular.h"

tconv_status tconv_channel_gains(const tconv_kernel *kernel, double *gain, double *energy, double *zero)
{
    tconv_status status = TCONV_OK;
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = tconv_geometry_phases(g), taps = tconv_geometry_taps(g), pairs = tconv_kernel_count(kernel) / taps;
    tconv_branch *branches = tconv_alloc(phases, sizeof *branches, &status);
    tconv_sum *sums = tconv_alloc_zero(phases, sizeof *sums, &status);
    tconv_sum zeros = { 0 };
    for (size_t c = 0; c < pairs && status == TCONV_OK; c++) {
        double level = tconv_kernel_zero(kernel->taps + c * taps, taps);
        tconv_sum_add_product(&zeros, level, level);
        status = tconv_branches_of(g, kernel->taps + c * taps, level, branches);
        for (size_t q = 0; q < phases && status == TCONV_OK; q++) {
            gain[c * phases + q] = branches[q].dc_gain;
            tconv_sum_add(&sums[q], branches[q].energy);
        }
    }
    for (size_t q = 0; q < phases && status == TCONV_OK; q++)
        energy[q] = tconv_sum_value(&sums[q]);
    *zero = sqrt(tconv_sum_value(&zeros));
    tconv_free(branches);
    tconv_free(sums);
    return status;
}

/* The DFT over the phases of every pair, image[pair * S + m]. */
static tconv_status transform_pairs(const tconv_kernel *kernel, const double *gain, tconv_complex *image, size_t pairs)
{
    size_t phases = tconv_geometry_phases(&kernel->geometry);
    tconv_status status = TCONV_OK;
    for (size_t c = 0; c < pairs && status == TCONV_OK; c++)
        status = tconv_images_of_gains(&kernel->geometry, gain + c * phases, image + c * phases);
    return status;
}

/* The largest singular value of H_m over the groups: one matrix of Cin/g x Cout/g (the transpose) at a time. */
static tconv_status sigma_of_image(const tconv_kernel *kernel, const tconv_complex *image, size_t m, double complex *matrix,
                                   double *sigma)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = tconv_geometry_phases(g), rows = g->channels_in / g->groups, cols = g->channels_out / g->groups;
    tconv_status status = TCONV_OK;
    *sigma = 0.0;
    for (size_t group = 0; group < g->groups && status == TCONV_OK; group++) {
        const tconv_complex *block = image + group * rows * cols * phases;
        for (size_t c = 0; c < rows * cols; c++)
            matrix[c] = CMPLX(block[c * phases + m].re, block[c * phases + m].im);
        double one = 0.0;
        status = tconv_largest_singular(matrix, rows, cols, &one);
        *sigma = fmax(*sigma, one);
    }
    return status;
}

/* Where image -m stands: H_{-m} is the conjugate of H_m, so its norms are the same. */
static size_t mirror_of(const tconv_geometry *g, size_t m)
{
    size_t at[TCONV_MAX_NDIM], mirror = 0;
    tconv_phase_of(g, m, at);
    for (size_t i = 0; i < g->ndim; i++)
        mirror = mirror * g->axis[i].stride + (g->axis[i].stride - at[i]) % g->axis[i].stride;
    return mirror;
}

tconv_status tconv_channel_images(const tconv_kernel *kernel, const double *gain, double *norm, double *sigma)
{
    tconv_status status = TCONV_OK;
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = tconv_geometry_phases(g), pairs = tconv_kernel_count(kernel) / tconv_geometry_taps(g), total;
    if (!tconv_size_mul(phases, pairs, &total))
        return TCONV_ESIZE;
    tconv_complex *image = tconv_alloc(total, sizeof *image, &status);
    double complex *matrix = tconv_alloc(pairs / g->groups, sizeof *matrix, &status);
    if (status == TCONV_OK)
        status = transform_pairs(kernel, gain, image, pairs);
    for (size_t m = 0; m < phases && status == TCONV_OK; m++) {
        size_t mirror = mirror_of(g, m);
        if (mirror < m) {
            norm[m] = norm[mirror];
            sigma[m] = sigma[mirror];
            continue;
        }
        tconv_sum sum = { 0 };
        for (size_t c = 0; c < pairs; c++) {
            tconv_sum_add_product(&sum, image[c * phases + m].re, image[c * phases + m].re);
            tconv_sum_add_product(&sum, image[c * phases + m].im, image[c * phases + m].im);
        }
        norm[m] = sqrt(tconv_sum_value(&sum));
        status = sigma_of_image(kernel, image, m, matrix, &sigma[m]);
    }
    tconv_free(image);
    tconv_free(matrix);
    return status;
}

void tconv_channel_flat_answer(const tconv_kernel *kernel, const double *gain, const double *mean, double *answer)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = tconv_geometry_phases(g);
    size_t in_per_group = g->channels_in / g->groups, out_per_group = g->channels_out / g->groups;
    for (size_t co = 0; co < g->channels_out; co++)
        for (size_t q = 0; q < phases; q++) {
            tconv_sum sum = { 0 };
            for (size_t i = 0; i < in_per_group; i++) {
                size_t ci = co / out_per_group * in_per_group + i;
                size_t pair = ci * out_per_group + co % out_per_group;
                tconv_sum_add_product(&sum, gain[pair * phases + q], mean[ci]);
            }
            answer[co * phases + q] = tconv_sum_value(&sum);
        }
}
