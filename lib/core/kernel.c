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

const double *tconv_kernel_pair(const tconv_kernel *kernel, size_t ci, size_t co)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t in_per_group = g->channels_in / g->groups, out_per_group = g->channels_out / g->groups;
    if (ci >= g->channels_in || co >= g->channels_out || ci / in_per_group != co / out_per_group)
        return NULL;
    return kernel->taps + (ci * out_per_group + co % out_per_group) * tconv_geometry_taps(g);
}

static tconv_status copy_names(tconv_kernel *to, const tconv_kernel *from)
{
    tconv_status status = TCONV_OK;
    to->name = tconv_alloc_text(from->name, &status);
    to->weight = tconv_alloc_text(from->weight, &status);
    to->operator_name = tconv_alloc_text(from->operator_name, &status);
    return status;
}

tconv_status tconv_kernel_extract(const tconv_kernel *kernel, size_t ci, size_t co, tconv_kernel **pair, tconv_error *error)
{
    *pair = NULL;
    const double *taps = tconv_kernel_pair(kernel, ci, co);
    const tconv_geometry *g = &kernel->geometry;
    if (taps == NULL && (ci >= g->channels_in || co >= g->channels_out))
        return tconv_fail(error, TCONV_EARGUMENT, "there is no pair %zu,%zu: the layer has %zu input and %zu output channels",
                          ci, co, g->channels_in, g->channels_out);
    if (taps == NULL)
        return tconv_fail(error, TCONV_EARGUMENT, "input channel %zu and output channel %zu are in different groups of %zu",
                          ci, co, g->groups);
    tconv_geometry single = *g;
    single.channels_in = single.channels_out = single.groups = 1;
    tconv_kernel *made;
    tconv_status status = tconv_kernel_create(&made, &single, error);
    if (status != TCONV_OK)
        return status;
    memcpy(made->taps, taps, tconv_geometry_taps(g) * sizeof *taps);
    made->role = kernel->role;
    made->weight_norm_fused = kernel->weight_norm_fused;
    status = copy_names(made, kernel);
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return tconv_fail_plain(error, status);
    }
    *pair = made;
    return TCONV_OK;
}

bool tconv_kernel_is_single(const tconv_kernel *kernel)
{
    return kernel->geometry.channels_in == 1 && kernel->geometry.channels_out == 1;
}
