#include "resize_conv.h"

#include <string.h>

#include "../core/memory.h"
#include "interpolators.h"

/* source(j) = floor((j + b)/s), b = pb_base:
 *     asymmetric, u = j/s:  floor b = 0;  ceil b = s - 1;  to the nearest, ties up: floor(j/s + 1/2): b = floor(s/2);
 *                           ties down: ceil(j/s - 1/2): b = ceil(s/2) - 1, (s-1)/2 for odd s
 *     half-pixel, u = (2j + 1 - s)/(2s): never a tie (2j + 1 - s = s + 2s i has no whole j), floor(u + 1/2) = floor((2j + 1)/(2s))
 *                           = floor(j/s): b = 0;  floor(u) = floor((j + (1 - s)/2)/s): b = -floor(s/2);
 *                           ceil(u) = floor((j + (1 - s)/2 + s - 1)/s) for odd s, floor((j + s/2)/s) for even: b = floor(s/2)  */
static bool nearest_crop(const tconv_resize *resize, int64_t s, int64_t *crop)
{
    bool half = resize->grid == TCONV_GRID_HALF_PIXEL;
    switch (resize->rounding) {
    case TCONV_ROUND_PREFER_FLOOR: *crop = half ? 0 : (s - 1) / 2; return true;
    case TCONV_ROUND_PREFER_CEIL: *crop = half ? 0 : s / 2; return true;
    case TCONV_ROUND_FLOOR: *crop = half ? -(s / 2) : 0; return true;
    case TCONV_ROUND_CEIL: *crop = half ? s / 2 : s - 1; return true;
    }
    return false;
}

tconv_status tconv_resize_filter(const tconv_resize *resize, size_t axis, double *base, size_t *n_base, int64_t *pad_begin,
                                 tconv_error *error)
{
    static const tconv_interpolator kinds[] = { TCONV_NEAREST, TCONV_LINEAR, TCONV_CUBIC, TCONV_CUBIC75 };
    size_t s = resize->scale[axis];
    if (s < 1 || s > TCONV_MAX_STRIDE)
        return tconv_fail(error, TCONV_EARGUMENT, "the scale is %zu; 1 to %zu is allowed", s, TCONV_MAX_STRIDE);
    if (resize->grid != TCONV_GRID_HALF_PIXEL && resize->grid != TCONV_GRID_ASYMMETRIC)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "resizing with aligned corners is no transposed convolution: its steps are no whole "
                          "fraction of a sample; half-pixel and asymmetric are supported");
    if ((unsigned)resize->mode >= sizeof kinds / sizeof kinds[0])
        return tconv_fail(error, TCONV_EARGUMENT, "there is no resize mode number %d", (int)resize->mode);
    if (resize->mode == TCONV_RESIZE_NEAREST) {
        if (!nearest_crop(resize, (int64_t)s, pad_begin))
            return tconv_fail(error, TCONV_EARGUMENT, "there is no rounding number %d", (int)resize->rounding);
        for (size_t n = 0; n < s; n++)
            base[n] = 1.0;
        *n_base = s;
        return TCONV_OK;
    }
    tconv_axis natural;
    double centre;
    tconv_interpolator_axis(kinds[resize->mode], s, resize->grid, &natural, &centre);
    tconv_interpolator_taps(kinds[resize->mode], s, centre, natural.n_taps, base);
    *n_base = natural.n_taps;
    *pad_begin = natural.pad_begin;
    return TCONV_OK;
}

static tconv_status lay_out(const tconv_convolution *c, const tconv_resize *resize, double *const base[], tconv_geometry *g,
                            tconv_error *error)
{
    *g = tconv_geometry_default(c->ndim);
    g->channels_in = c->channels_in;
    g->channels_out = c->channels_out;
    g->groups = c->groups;
    for (size_t i = 0; i < c->ndim; i++) {
        size_t n_base = 0, s = resize->scale[i], span = c->dilation[i] * (c->n_taps[i] - 1);
        int64_t crop = 0;
        tconv_status status = tconv_resize_filter(resize, i, base[i], &n_base, &crop, error);
        if (status != TCONV_OK)
            return status;
        g->axis[i] = (tconv_axis){ .stride = s, .n_taps = n_base + span, .dilation = 1 };
        g->axis[i].pad_begin = crop + (int64_t)span - c->pad_begin[i];
        /* s (N-1) + n_base + span - pb - pe = s N + P + P_end - span */
        g->axis[i].pad_end = (int64_t)n_base - (int64_t)s + 2 * (int64_t)span - c->pad_begin[i] - c->pad_end[i] - g->axis[i].pad_begin;
    }
    return tconv_geometry_check(g, error);
}

/* taps[n] += sum over r of w[r] prod_i base_i[n_i - d_i (k_i - 1 - r_i)]: one pair, every product once. */
static void add_pair(const tconv_convolution *c, const tconv_geometry *g, const size_t *n_base, double *const base[],
                     const double *weights, size_t n_weights, double *taps)
{
    for (size_t t = 0; t < n_weights; t++) {
        size_t rest = t, start[TCONV_MAX_NDIM] = { 0 }, n[TCONV_MAX_NDIM] = { 0 };
        for (size_t i = c->ndim; i-- > 0; rest /= c->n_taps[i])
            start[i] = c->dilation[i] * (c->n_taps[i] - 1 - rest % c->n_taps[i]);
        for (bool more = true; more;) {
            size_t at = 0;
            double product = weights[t];
            for (size_t i = 0; i < c->ndim; i++) {
                at = at * g->axis[i].n_taps + start[i] + n[i];
                product *= base[i][n[i]];
            }
            taps[at] += product;
            more = false;
            for (size_t i = c->ndim; i-- > 0 && !more;) {
                more = n[i] + 1 < n_base[i];
                n[i] = more ? n[i] + 1 : 0;
            }
        }
    }
}

static tconv_status fill(tconv_kernel *kernel, const tconv_convolution *c, const size_t *n_base, double *const base[])
{
    const tconv_geometry *g = &kernel->geometry;
    size_t in = c->channels_in / c->groups, out = c->channels_out / c->groups, n_taps = tconv_geometry_taps(g), n_weights = 1;
    for (size_t i = 0; i < c->ndim; i++)
        n_weights *= c->n_taps[i];
    for (size_t co = 0; co < c->channels_out; co++)
        for (size_t ci = 0; ci < in; ci++)
            add_pair(c, g, n_base, base, c->weights + (co * in + ci) * n_weights, n_weights,
                     kernel->taps + ((co / out * in + ci) * out + co % out) * n_taps);
    tconv_status status = TCONV_OK;
    kernel->operator_name = tconv_alloc_text("Resize+Conv", &status);
    if (status == TCONV_OK && c->bias != NULL) {
        kernel->bias = tconv_alloc(c->channels_out, sizeof *kernel->bias, &status);
        if (kernel->bias != NULL)
            memcpy(kernel->bias, c->bias, c->channels_out * sizeof *kernel->bias);
    }
    return status;
}

tconv_status tconv_resize_conv(const tconv_resize *resize, const tconv_convolution *convolution, tconv_kernel **kernel, tconv_error *error)
{
    *kernel = NULL;
    tconv_status status = tconv_convolution_check(convolution, error);
    if (status != TCONV_OK)
        return status;
    double *base[TCONV_MAX_NDIM] = { NULL };
    size_t n_base[TCONV_MAX_NDIM] = { 0 };
    tconv_geometry g;
    tconv_kernel *made = NULL;
    for (size_t i = 0; i < convolution->ndim && status == TCONV_OK; i++) {
        size_t room = resize->scale[i] <= TCONV_MAX_STRIDE ? 4 * resize->scale[i] : 1;
        base[i] = tconv_alloc(room, sizeof *base[i], &status);
    }
    if (status != TCONV_OK)
        status = tconv_fail_plain(error, status);
    if (status == TCONV_OK) status = lay_out(convolution, resize, base, &g, error);
    if (status == TCONV_OK) status = tconv_kernel_create(&made, &g, error);
    if (status == TCONV_OK) {
        for (size_t i = 0; i < convolution->ndim; i++)
            n_base[i] = g.axis[i].n_taps - convolution->dilation[i] * (convolution->n_taps[i] - 1);
        status = fill(made, convolution, n_base, base);
        if (status != TCONV_OK)
            (void)tconv_fail_plain(error, status);
    }
    for (size_t i = 0; i < convolution->ndim; i++)
        tconv_free(base[i]);
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return status;
    }
    *kernel = made;
    return TCONV_OK;
}
