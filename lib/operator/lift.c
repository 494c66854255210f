#include "lift.h"

#include <stdint.h>

static bool product_fits(size_t a, size_t b, size_t *result)
{
    return tconv_size_mul(a, b, result) && *result <= PTRDIFF_MAX / 16;
}

tconv_status tconv_lift_pair(tconv_lifted *lifted, const tconv_geometry *geometry, const size_t *n_in,
                             const size_t *n_out, tconv_error *error)
{
    tconv_status status = tconv_geometry_check(geometry, error);
    if (status != TCONV_OK)
        return status;
    tconv_lifted l = { .s = { 1, 1, 1 }, .k = { 1, 1, 1 }, .d = { 1, 1, 1 }, .n = { 1, 1, 1 }, .m = { 1, 1, 1 },
                       .groups = geometry->groups, .cin = geometry->channels_in / geometry->groups,
                       .cout = geometry->channels_out / geometry->groups, .taps = tconv_geometry_taps(geometry),
                       .small = 1, .large = 1 };
    bool fits = true;
    for (size_t i = 0; i < geometry->ndim && fits; i++) {
        size_t a = 3 - geometry->ndim + i;
        if (n_in[i] < 1 || n_out[i] < 1)
            return tconv_fail(error, TCONV_EGEOMETRY, "axis %zu has %zu input and %zu output samples; at least 1 is allowed",
                              i, n_in[i], n_out[i]);
        l.s[a] = geometry->axis[i].stride;
        l.k[a] = geometry->axis[i].n_taps;
        l.d[a] = geometry->axis[i].dilation;
        l.pb[a] = geometry->axis[i].pad_begin;
        l.n[a] = n_in[i];
        l.m[a] = n_out[i];
        /* s*i and m + pb - d*r stay far inside an int64 */
        size_t span;
        fits = product_fits(l.small, l.n[a], &l.small) && product_fits(l.large, l.m[a], &l.large)
            && product_fits(l.s[a], l.n[a], &span);
    }
    size_t unused;
    fits = fits && product_fits(geometry->channels_in, l.small, &unused)
        && product_fits(geometry->channels_out, l.large, &unused)
        && product_fits(geometry->channels_in, l.cout, &l.weights) && product_fits(l.weights, l.taps, &l.weights);
    if (!fits)
        return tconv_fail(error, TCONV_ESIZE, "an array of the layer has too many elements to be represented");
    *lifted = l;
    return TCONV_OK;
}

tconv_status tconv_lift_batch(const tconv_lifted *l, size_t batch, tconv_error *error)
{
    size_t unused;
    if (product_fits(batch, l->groups * l->cin * l->small, &unused) && product_fits(batch, l->groups * l->cout * l->large, &unused))
        return TCONV_OK;
    return tconv_fail(error, TCONV_ESIZE, "a batch of %zu has too many elements to be represented", batch);
}

tconv_status tconv_lift(tconv_lifted *lifted, const tconv_geometry *geometry, const size_t *n_in, tconv_error *error)
{
    size_t n_out[TCONV_MAX_NDIM];
    tconv_status status = tconv_geometry_check(geometry, error);
    for (size_t i = 0; i < geometry->ndim && status == TCONV_OK; i++)
        status = tconv_axis_output_size(&geometry->axis[i], n_in[i], &n_out[i], error);
    return status == TCONV_OK ? tconv_lift_pair(lifted, geometry, n_in, n_out, error) : status;
}
