#include "polyphase.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "sum.h"

struct tconv_polyphase {
    tconv_geometry geometry;
    size_t count;        /* S */
    size_t *offset;      /* offset[q]: where branch q begins in `samples`; S + 1 of them */
    double *samples;
};

/* Where tap number t (row-major) of the kernel goes: branch number q, and sample n_i of it along each axis.
 * Tap r stands at d*r in h, so it is sample (d*r) / s of branch (d*r) mod s. */
static size_t place_of_tap(const tconv_geometry *geometry, size_t t, size_t *n)
{
    size_t q = 0, scale = 1;
    for (size_t i = geometry->ndim; i-- > 0;) {
        const tconv_axis *axis = &geometry->axis[i];
        size_t at = axis->dilation * (t % axis->n_taps);
        t /= axis->n_taps;
        q += scale * (at % axis->stride);
        scale *= axis->stride;
        n[i] = at / axis->stride;
    }
    return q;
}

void tconv_phase_of(const tconv_geometry *geometry, size_t q, size_t *phase)
{
    for (size_t i = geometry->ndim; i-- > 0;) {
        phase[i] = q % geometry->axis[i].stride;
        q /= geometry->axis[i].stride;
    }
}

static size_t branch_length(const tconv_axis *axis, size_t phase)
{
    size_t effective = tconv_axis_effective_taps(axis);
    return phase < effective ? (effective - phase + axis->stride - 1) / axis->stride : 0;
}

static size_t branch_shape(const tconv_geometry *geometry, size_t q, size_t *shape)
{
    size_t phase[TCONV_MAX_NDIM], count = 1;
    tconv_phase_of(geometry, q, phase);
    for (size_t i = 0; i < geometry->ndim; i++) {
        shape[i] = branch_length(&geometry->axis[i], phase[i]);
        count *= shape[i];
    }
    return count;
}

static double *sample_of_tap(const tconv_polyphase *split, size_t t)
{
    size_t n[TCONV_MAX_NDIM], shape[TCONV_MAX_NDIM], at = 0;
    size_t q = place_of_tap(&split->geometry, t, n);
    branch_shape(&split->geometry, q, shape);
    for (size_t i = 0; i < split->geometry.ndim; i++)
        at = at * shape[i] + n[i];
    return split->samples + split->offset[q] + at;
}

tconv_status tconv_polyphase_create(tconv_polyphase **split, const tconv_geometry *geometry, const double *taps)
{
    tconv_status status = TCONV_OK;
    *split = NULL;
    size_t effective[TCONV_MAX_NDIM], total;
    for (size_t i = 0; i < geometry->ndim; i++)
        effective[i] = tconv_axis_effective_taps(&geometry->axis[i]);
    if (!tconv_shape_count(effective, geometry->ndim, &total))
        return TCONV_ESIZE;
    tconv_polyphase *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    made->geometry = *geometry;
    made->count = tconv_geometry_phases(geometry);
    made->offset = tconv_alloc(made->count + 1, sizeof *made->offset, &status);
    if (status == TCONV_OK)
        made->samples = tconv_alloc_zero(total, sizeof *made->samples, &status);
    if (status != TCONV_OK) {
        tconv_polyphase_destroy(made);
        return status;
    }
    made->offset[0] = 0;
    for (size_t q = 0; q < made->count; q++) {
        size_t shape[TCONV_MAX_NDIM];
        made->offset[q + 1] = made->offset[q] + branch_shape(geometry, q, shape);
    }
    for (size_t t = 0; t < tconv_geometry_taps(geometry); t++)
        *sample_of_tap(made, t) = taps[t];
    *split = made;
    return TCONV_OK;
}

void tconv_polyphase_destroy(tconv_polyphase *split)
{
    if (split == NULL)
        return;
    tconv_free(split->offset);
    tconv_free(split->samples);
    tconv_free(split);
}

size_t tconv_polyphase_count(const tconv_polyphase *split)
{
    return split->count;
}

const double *tconv_polyphase_branch(const tconv_polyphase *split, size_t q, size_t *shape)
{
    if (q >= split->count)
        return NULL;
    branch_shape(&split->geometry, q, shape);
    return split->samples + split->offset[q];
}

void tconv_polyphase_merge(const tconv_polyphase *split, double *taps)
{
    for (size_t t = 0; t < tconv_geometry_taps(&split->geometry); t++)
        taps[t] = *sample_of_tap(split, t);
}

double tconv_kernel_zero(const double *taps, size_t count)
{
    tconv_sum sum = { 0 };
    for (size_t t = 0; t < count; t++)
        tconv_sum_add(&sum, fabs(taps[t]));
    return 8.0 * DBL_EPSILON * tconv_sum_value(&sum);
}

/* What is summed up over the taps of one branch. */
struct branch_sums {
    size_t taps;
    tconv_sum gain, energy, moment[TCONV_MAX_NDIM];
};

static void finish_branch(const tconv_geometry *geometry, size_t q, const struct branch_sums *sums, double zero,
                          tconv_branch *branch)
{
    memset(branch, 0, sizeof *branch);
    tconv_phase_of(geometry, q, branch->phase);
    branch->taps = sums->taps;
    branch->dc_gain = tconv_sum_value(&sums->gain);
    branch->energy = tconv_sum_value(&sums->energy);
    branch->has_delay = fabs(branch->dc_gain) >= zero && branch->dc_gain != 0.0;
    for (size_t i = 0; i < geometry->ndim; i++) {
        int64_t s = (int64_t)geometry->axis[i].stride;
        int64_t j = ((int64_t)branch->phase[i] - geometry->axis[i].pad_begin) % s;
        branch->first_output[i] = (size_t)(j < 0 ? j + s : j);
        if (branch->has_delay)
            branch->delay[i] = tconv_sum_value(&sums->moment[i]) / branch->dc_gain;
    }
}

tconv_status tconv_branches_of(const tconv_geometry *geometry, const double *taps, double zero, tconv_branch *branches)
{
    tconv_status status = TCONV_OK;
    size_t count = tconv_geometry_phases(geometry);
    struct branch_sums *sums = tconv_alloc_zero(count, sizeof *sums, &status);
    if (sums == NULL)
        return status;
    for (size_t t = 0; t < tconv_geometry_taps(geometry); t++) {
        size_t n[TCONV_MAX_NDIM];
        struct branch_sums *branch = &sums[place_of_tap(geometry, t, n)];
        branch->taps++;
        tconv_sum_add(&branch->gain, taps[t]);
        tconv_sum_add_product(&branch->energy, taps[t], taps[t]);
        for (size_t i = 0; i < geometry->ndim; i++)
            tconv_sum_add_product(&branch->moment[i], (double)n[i], taps[t]);
    }
    for (size_t q = 0; q < count; q++)
        finish_branch(geometry, q, &sums[q], zero, &branches[q]);
    tconv_free(sums);
    return TCONV_OK;
}
