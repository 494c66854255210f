#include "kernel.h"

#include <string.h>

#include "memory.h"

tconv_status tconv_kernel_create(tconv_kernel **kernel, const tconv_geometry *geometry, tconv_error *error)
{
    *kernel = NULL;
    tconv_status status = tconv_geometry_check(geometry, error);
    if (status != TCONV_OK)
        return status;
    size_t count;
    if (!tconv_size_mul(geometry->channels_in, geometry->channels_out / geometry->groups, &count)
        || !tconv_size_mul(count, tconv_geometry_taps(geometry), &count))
        return tconv_fail_plain(error, TCONV_ESIZE);
    tconv_kernel *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made != NULL) {
        made->geometry = *geometry;
        made->taps = tconv_alloc_zero(count, sizeof *made->taps, &status);
    }
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return tconv_fail_plain(error, status);
    }
    *kernel = made;
    return TCONV_OK;
}

void tconv_kernel_destroy(tconv_kernel *kernel)
{
    if (kernel == NULL)
        return;
    tconv_free(kernel->taps);
    tconv_free(kernel->bias);
    tconv_free(kernel->phase_bias);
    tconv_free(kernel->name);
    tconv_free(kernel->weight);
    tconv_free(kernel->operator_name);
    tconv_free(kernel);
}

size_t tconv_kernel_count(const tconv_kernel *kernel)
{
    const tconv_geometry *g = &kernel->geometry;
    return g->channels_in * (g->channels_out / g->groups) * tconv_geometry_taps(g);
}

/* The taps of a pair that is there. */
static const double *pair_at(const tconv_kernel *kernel, size_t ci, size_t co)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t out_per_group = g->channels_out / g->groups;
    return kernel->taps + (ci * out_per_group + co % out_per_group) * tconv_geometry_taps(g);
}

const double *tconv_kernel_pair(const tconv_kernel *kernel, size_t ci, size_t co)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t in_per_group = g->channels_in / g->groups, out_per_group = g->channels_out / g->groups;
    if (ci >= g->channels_in || co >= g->channels_out || ci / in_per_group != co / out_per_group)
        return NULL;
    return pair_at(kernel, ci, co);
}

static tconv_status copy_names(tconv_kernel *to, const tconv_kernel *from)
{
    tconv_status status = TCONV_OK;
    to->name = tconv_alloc_text(from->name, &status);
    to->weight = tconv_alloc_text(from->weight, &status);
    to->operator_name = tconv_alloc_text(from->operator_name, &status);
    return status;
}

/* A new kernel of the pairs (first .. first + channels_in - 1, co), with the names of `kernel`. */
static tconv_status copy_pairs(const tconv_kernel *kernel, size_t first, size_t channels_in, size_t co, tconv_kernel **copy,
                               tconv_error *error)
{
    tconv_geometry part = kernel->geometry;
    part.channels_in = channels_in;
    part.channels_out = part.groups = 1;
    tconv_kernel *made;
    tconv_status status = tconv_kernel_create(&made, &part, error);
    if (status != TCONV_OK)
        return status;
    size_t taps = tconv_geometry_taps(&part);
    for (size_t ci = 0; ci < channels_in; ci++)
        memcpy(made->taps + ci * taps, pair_at(kernel, first + ci, co), taps * sizeof *made->taps);
    made->role = kernel->role;
    made->weight_norm_fused = kernel->weight_norm_fused;
    status = copy_names(made, kernel);
    if (status == TCONV_OK && kernel->bias != NULL) {
        made->bias = tconv_alloc(1, sizeof *made->bias, &status);
        if (made->bias != NULL)
            made->bias[0] = kernel->bias[co];
    }
    size_t phases = tconv_geometry_phases(&part);
    if (status == TCONV_OK && kernel->phase_bias != NULL) {
        made->phase_bias = tconv_alloc(phases, sizeof *made->phase_bias, &status);
        if (made->phase_bias != NULL)
            memcpy(made->phase_bias, kernel->phase_bias + co * phases, phases * sizeof *made->phase_bias);
    }
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return tconv_fail_plain(error, status);
    }
    *copy = made;
    return TCONV_OK;
}

tconv_status tconv_kernel_extract(const tconv_kernel *kernel, size_t ci, size_t co, tconv_kernel **pair, tconv_error *error)
{
    const tconv_geometry *g = &kernel->geometry;
    *pair = NULL;
    if (ci >= g->channels_in || co >= g->channels_out)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no pair %zu,%zu: the layer has %zu input and %zu output channels, "
                          "counted from 0", ci, co, g->channels_in, g->channels_out);
    if (tconv_kernel_pair(kernel, ci, co) == NULL)
        return tconv_fail(error, TCONV_EARGUMENT, "input channel %zu and output channel %zu are in different groups of %zu",
                          ci, co, g->groups);
    return copy_pairs(kernel, ci, 1, co, pair, error);
}

tconv_status tconv_kernel_channel(const tconv_kernel *kernel, size_t co, tconv_kernel **channel, tconv_error *error)
{
    const tconv_geometry *g = &kernel->geometry;
    *channel = NULL;
    if (co >= g->channels_out)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no output channel %zu: the layer has %zu, counted from 0", co,
                          g->channels_out);
    size_t in_per_group = g->channels_in / g->groups, out_per_group = g->channels_out / g->groups;
    return copy_pairs(kernel, co / out_per_group * in_per_group, in_per_group, co, channel, error);
}

bool tconv_kernel_is_single(const tconv_kernel *kernel)
{
    return kernel->geometry.channels_in == 1 && kernel->geometry.channels_out == 1;
}
