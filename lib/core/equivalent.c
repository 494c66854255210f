#include "equivalent.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "polyphase.h"

/* Move `place` to the next point of an array of these extents, row-major; false behind the last. */
static bool next_place(size_t *place, const size_t *extent, size_t ndim)
{
    for (size_t i = ndim; i-- > 0;) {
        if (++place[i] < extent[i])
            return true;
        place[i] = 0;
    }
    return false;
}

static size_t offset_of(const size_t *place, const size_t *extent, size_t ndim)
{
    size_t offset = 0;
    for (size_t i = 0; i < ndim; i++)
        offset = offset * extent[i] + place[i];
    return offset;
}

static void extents_of(const tconv_geometry *geometry, size_t *extent)
{
    for (size_t i = 0; i < geometry->ndim; i++)
        extent[i] = geometry->axis[i].n_taps;
}

/* The convolution's own limits, and blocks that are strides. *blocks = S, their product. */
static tconv_status check_convolution(const tconv_geometry *g, const size_t *block, size_t *blocks, tconv_error *error)
{
    tconv_status status = tconv_geometry_check(g, error);
    *blocks = 1;
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        if (g->axis[i].stride != 1)
            return tconv_fail(error, TCONV_EGEOMETRY, "the stride of the convolution is %zu; 1 is allowed", g->axis[i].stride);
        if (block[i] < 1 || block[i] > TCONV_MAX_STRIDE || block[i] > TCONV_MAX_TAPS / *blocks)
            return tconv_fail(error, TCONV_EGEOMETRY, "the factor %zu is outside 1 to %zu", block[i], TCONV_MAX_STRIDE);
        *blocks *= block[i];
    }
    return status;
}

/* Does each group of the convolution make whole pixels? */
static bool groups_stay(const tconv_geometry *g, size_t blocks, bool depth_first)
{
    return g->groups == 1 || (!depth_first && g->channels_out / g->groups % blocks == 0);
}

tconv_status tconv_shuffle_geometry(const tconv_geometry *convolution, const size_t *block, bool depth_first,
                                    tconv_geometry *equivalent, tconv_error *error)
{
    size_t blocks;
    tconv_status status = check_convolution(convolution, block, &blocks, error);
    if (status != TCONV_OK)
        return status;
    if (convolution->channels_out % blocks != 0)
        return tconv_fail(error, TCONV_EGEOMETRY, "depth to space by %zu pixels does not divide %zu channels", blocks,
                          convolution->channels_out);
    *equivalent = *convolution;
    equivalent->channels_out = convolution->channels_out / blocks;
    equivalent->groups = groups_stay(convolution, blocks, depth_first) ? convolution->groups : 1;
    for (size_t i = 0; i < convolution->ndim; i++) {
        const tconv_axis *from = &convolution->axis[i];
        int64_t reach = (int64_t)tconv_axis_effective_taps(from) - 1, s = (int64_t)block[i];
        equivalent->axis[i] = (tconv_axis){ .stride = block[i], .n_taps = block[i] * tconv_axis_effective_taps(from),
                                            .dilation = 1, .pad_begin = s * (reach - from->pad_begin),
                                            .pad_end = s * (reach - from->pad_end) };
    }
    return tconv_geometry_check(equivalent, error);
}

tconv_status tconv_shuffle_kernel(const tconv_geometry *convolution, const size_t *block, bool depth_first,
                                  const double *weights, const double *bias, bool *bias_varies, tconv_kernel **kernel,
                                  tconv_error *error)
{
    tconv_geometry g;
    *kernel = NULL;
    tconv_status status = tconv_shuffle_geometry(convolution, block, depth_first, &g, error);
    tconv_kernel *made = NULL;
    if (status == TCONV_OK)
        status = tconv_kernel_create(&made, &g, error);
    if (status != TCONV_OK)
        return status;
    size_t ndim = g.ndim, blocks = tconv_geometry_phases(&g), taps = tconv_geometry_taps(convolution);
    size_t in_of_group = convolution->channels_in / convolution->groups, extent[TCONV_MAX_NDIM], length[TCONV_MAX_NDIM];
    size_t out_of_group = convolution->channels_out / convolution->groups, out_per = g.channels_out / g.groups;
    extents_of(convolution, extent);
    extents_of(&g, length);
    for (size_t from = 0; from < convolution->channels_out; from++) {
        size_t q = depth_first ? from / g.channels_out : from % blocks, co = depth_first ? from % g.channels_out : from / blocks;
        size_t phase[TCONV_MAX_NDIM];
        tconv_phase_of(&g, q, phase);
        for (size_t in = 0; in < in_of_group; in++) {
            size_t ci = from / out_of_group * in_of_group + in, r[TCONV_MAX_NDIM] = { 0 }, n[TCONV_MAX_NDIM];
            double *h = made->taps + (ci * out_per + co % out_per) * tconv_geometry_taps(&g);
            const double *w = weights + (from * in_of_group + in) * taps;
            do {                                 /* h[s d (k-1-r) + q] = W_q[r] */
                for (size_t i = 0; i < ndim; i++)
                    n[i] = block[i] * convolution->axis[i].dilation * (extent[i] - 1 - r[i]) + phase[i];
                h[offset_of(n, length, ndim)] = *w++;
            } while (next_place(r, extent, ndim));
        }
    }
    bool varies = false;
    if (bias != NULL) {
        made->bias = tconv_alloc_zero(g.channels_out, sizeof *made->bias, &status);
        if (made->bias == NULL) {
            tconv_kernel_destroy(made);
            return tconv_fail_plain(error, status);
        }
        for (size_t co = 0; co < g.channels_out; co++) {
            double sum = 0.0, least = INFINITY, most = -INFINITY;
            for (size_t q = 0; q < blocks; q++) {
                double b = bias[depth_first ? q * g.channels_out + co : co * blocks + q];
                sum += b;
                least = fmin(least, b);
                most = fmax(most, b);
            }
            made->bias[co] = least == most ? least : sum / (double)blocks;
            varies = varies || most - least > 8.0 * DBL_EPSILON * fmax(fabs(least), fabs(most));
        }
    }
    if (bias_varies != NULL)
        *bias_varies = varies;
    *kernel = made;
    return TCONV_OK;
}

static size_t base_taps(tconv_resize_base base, size_t s)
{
    return s == 1 ? 1 : base == TCONV_BASE_NEAREST ? s : base == TCONV_BASE_LINEAR ? 2 * s - s % 2 : 2 * s - 1;
}

static size_t base_padding(tconv_resize_base base, size_t s)
{
    return s == 1 || base == TCONV_BASE_NEAREST ? 0 : base == TCONV_BASE_LINEAR ? s / 2 : s - 1;
}

/* base[n]: 1 for nearest; 1 - |n - (k_base-1)/2| / s for linear, whose centre is its middle on either grid. */
static double base_tap(tconv_resize_base base, size_t s, size_t n)
{
    if (s == 1 || base == TCONV_BASE_NEAREST)
        return 1.0;
    double twice = fabs(2.0 * (double)n - (double)(base_taps(base, s) - 1));   /* 2 |n - centre|, exact */
    return (2.0 * (double)s - twice) / (2.0 * (double)s);
}

tconv_status tconv_resize_geometry(const tconv_geometry *convolution, const size_t *block, tconv_resize_base base,
                                   tconv_geometry *equivalent, tconv_error *error)
{
    size_t blocks;
    tconv_status status = check_convolution(convolution, block, &blocks, error);
    if (status != TCONV_OK)
        return status;
    *equivalent = *convolution;
    for (size_t i = 0; i < convolution->ndim; i++) {
        const tconv_axis *from = &convolution->axis[i];
        int64_t reach = (int64_t)tconv_axis_effective_taps(from) - 1, length = (int64_t)base_taps(base, block[i]);
        int64_t begin = (int64_t)base_padding(base, block[i]), end = length - (int64_t)block[i] - begin;
        equivalent->axis[i] = (tconv_axis){ .stride = block[i], .n_taps = (size_t)(length + reach), .dilation = 1,
                                            .pad_begin = begin + reach - from->pad_begin,
                                            .pad_end = end + reach - from->pad_end };
    }
    return tconv_geometry_check(equivalent, error);
}

/* h += w[r] base[. - d (k-1-r)] for every tap r: base * flip(dilated w), N-D. */
static void add_resized(const tconv_geometry *convolution, const size_t *block, tconv_resize_base base,
                        const size_t *length, const double *w, double *h)
{
    size_t ndim = convolution->ndim, extent[TCONV_MAX_NDIM], box[TCONV_MAX_NDIM], r[TCONV_MAX_NDIM] = { 0 };
    extents_of(convolution, extent);
    for (size_t i = 0; i < ndim; i++)
        box[i] = base_taps(base, block[i]);
    do {
        size_t n[TCONV_MAX_NDIM] = { 0 }, at[TCONV_MAX_NDIM];
        do {
            double tap = *w;
            for (size_t i = 0; i < ndim; i++) {
                tap *= base_tap(base, block[i], n[i]);
                at[i] = n[i] + convolution->axis[i].dilation * (extent[i] - 1 - r[i]);
            }
            h[offset_of(at, length, ndim)] += tap;
        } while (next_place(n, box, ndim));
        w++;
    } while (next_place(r, extent, ndim));
}

tconv_status tconv_resize_kernel(const tconv_geometry *convolution, const size_t *block, tconv_resize_base base,
                                 const double *weights, const double *bias, tconv_kernel **kernel, tconv_error *error)
{
    tconv_geometry g;
    *kernel = NULL;
    tconv_status status = tconv_resize_geometry(convolution, block, base, &g, error);
    tconv_kernel *made = NULL;
    if (status == TCONV_OK)
        status = tconv_kernel_create(&made, &g, error);
    if (status != TCONV_OK)
        return status;
    size_t in_of_group = g.channels_in / g.groups, out_of_group = g.channels_out / g.groups, length[TCONV_MAX_NDIM];
    extents_of(&g, length);
    for (size_t co = 0; co < g.channels_out; co++)
        for (size_t in = 0; in < in_of_group; in++) {
            size_t ci = co / out_of_group * in_of_group + in;
            add_resized(convolution, block, base, length, weights + (co * in_of_group + in) * tconv_geometry_taps(convolution),
                        made->taps + (ci * out_of_group + co % out_of_group) * tconv_geometry_taps(&g));
        }
    if (bias != NULL) {
        made->bias = tconv_alloc(g.channels_out, sizeof *bias, &status);
        if (made->bias == NULL) {
            tconv_kernel_destroy(made);
            return tconv_fail_plain(error, status);
        }
        memcpy(made->bias, bias, g.channels_out * sizeof *bias);
    }
    *kernel = made;
    return TCONV_OK;
}
