#include "kernel_tensor.h"

#include <math.h>
#include <string.h>

static tconv_status refuse_non_finite(const tconv_tensor *weights, size_t at, tconv_error *error)
{
    size_t index[TCONV_MAX_RANK] = { 0 }, rest = at;
    double value = tconv_tensor_get(weights, at);
    char place[192];
    for (size_t i = weights->rank; i-- > 0; rest /= weights->shape[i])
        index[i] = rest % weights->shape[i];
    tconv_shape_text(index, weights->rank, place, sizeof place);
    return tconv_fail(error, TCONV_ENONFINITE, "the value at index %s is %s; every value must be finite", place,
                      isnan(value) ? "NaN" : value > 0.0 ? "infinite" : "minus infinite");
}

tconv_status tconv_kernel_from_tensor(const tconv_tensor *weights, const tconv_geometry_options *options,
                                      tconv_kernel **kernel, tconv_error *error)
{
    tconv_geometry geometry;
    *kernel = NULL;
    tconv_status status = tconv_geometry_of_shape(options, weights->shape, weights->rank, &geometry, error);
    if (status != TCONV_OK)
        return status;
    size_t bad = tconv_tensor_first_non_finite(weights);
    if (bad < weights->count)
        return refuse_non_finite(weights, bad, error);
    tconv_kernel *made;
    status = tconv_kernel_create(&made, &geometry, error);
    if (status != TCONV_OK)
        return status;
    /* w_io[p, r] = w_tf[r, p']: p = (ci, co) with ci slow, p' = (co, ci) with co slow, r over the K taps */
    bool transpose = weights->rank >= 3 && geometry.ndim + 2 == weights->rank && options->layout_given
                  && options->layout == TCONV_LAYOUT_TF;
    size_t n_in = transpose ? geometry.channels_in : 1, n_out = transpose ? geometry.channels_out / geometry.groups : 1;
    size_t taps = weights->count / (n_in * n_out);
    for (size_t ci = 0; ci < n_in; ci++)
        for (size_t co = 0; co < n_out; co++)
            for (size_t r = 0; r < taps; r++)
                made->taps[(ci * n_out + co) * taps + r] = tconv_tensor_get(weights, (r * n_out + co) * n_in + ci);
    *kernel = made;
    return TCONV_OK;
}

tconv_status tconv_kernel_to_tensor(const tconv_kernel *kernel, tconv_tensor **weights, tconv_error *error)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t shape[TCONV_MAX_NDIM + 2], rank = 0;
    if (!tconv_kernel_is_single(kernel)) {
        shape[rank++] = g->channels_in;
        shape[rank++] = g->channels_out / g->groups;
    }
    for (size_t i = 0; i < g->ndim; i++)
        shape[rank++] = g->axis[i].n_taps;
    tconv_status status = tconv_tensor_create(weights, TCONV_F64, shape, rank);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    memcpy((*weights)->data, kernel->taps, tconv_kernel_count(kernel) * sizeof *kernel->taps);
    return TCONV_OK;
}
