/* This file includes itself twice, once for float and once for double: the part under REAL is written once. */
#ifndef REAL

#include "resize.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../core/memory.h"
#include "convolve.h"

#define MOST_TAPS 4

static size_t taps_of(tconv_resize_mode mode)
{
    return mode == TCONV_RESIZE_NEAREST ? 1 : mode == TCONV_RESIZE_LINEAR ? 2 : 4;
}

/* u(j) of core/geometry.h */
static double position(tconv_grid grid, size_t n, size_t m, size_t j)
{
    if (grid == TCONV_GRID_ALIGN_CORNERS)
        return m > 1 ? (double)j * (double)(n - 1) / (double)(m - 1) : 0.0;
    double scale = (double)n / (double)m;
    return grid == TCONV_GRID_HALF_PIXEL ? ((double)j + 0.5) * scale - 0.5 : (double)j * scale;
}

/* Keys 1981, equation 4, at distance t from the sample. */
static double keys(double a, double t)
{
    t = fabs(t);
    if (t < 1.0)
        return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
    return t < 2.0 ? (((t - 5.0) * t + 8.0) * t - 4.0) * a : 0.0;
}

/* The first input sample of output j, not yet clamped, and the weights from there on. */
static int64_t weights_of(tconv_resize_mode mode, tconv_grid grid, size_t n, size_t m, size_t j, double *weight)
{
    if (mode == TCONV_RESIZE_NEAREST) {
        weight[0] = 1.0;
        if (grid == TCONV_GRID_ALIGN_CORNERS)
            return (int64_t)floor(position(grid, n, m, j) + 0.5);
        /* in integers, so that no rounding moves a sample: floor((2j + 1) n / 2m) and floor(j n / m) */
        return (int64_t)(grid == TCONV_GRID_HALF_PIXEL ? (2 * j + 1) * n / (2 * m) : j * n / m);
    }
    double u = position(grid, n, m, j), below = floor(u), f = u - below;
    if (mode == TCONV_RESIZE_LINEAR) {
        weight[0] = 1.0 - f;
        weight[1] = f;
        return (int64_t)below;
    }
    for (int t = 0; t < 4; t++)
        weight[t] = keys(mode == TCONV_RESIZE_CUBIC ? -0.5 : -0.75, f - (double)(t - 1));
    return (int64_t)below - 1;
}

static size_t clamped(int64_t i, size_t n)
{
    return i < 0 ? 0 : i >= (int64_t)n ? n - 1 : (size_t)i;
}

/* What is said is checked, and that neither x nor y nor what is between them has more elements than PTRDIFF_MAX / 16. */
static tconv_status check(tconv_resize_mode mode, tconv_grid grid, size_t ndim, size_t rows, const size_t *n_in, const size_t *n_out,
                          tconv_error *error)
{
    size_t most = rows;
    if ((unsigned)mode >= TCONV_RESIZE_COUNT || (unsigned)grid > TCONV_GRID_ASYMMETRIC)
        return tconv_fail(error, TCONV_EARGUMENT, "resize mode %u or grid %u is unknown", (unsigned)mode, (unsigned)grid);
    if (ndim < 1 || ndim > TCONV_MAX_NDIM)
        return tconv_fail(error, TCONV_EARGUMENT, "a resize of %zu dimensions is not possible; 1 to %d are allowed", ndim, TCONV_MAX_NDIM);
    for (size_t i = 0; i < ndim; i++)
        if (n_in[i] < 1 || n_out[i] < 1 || n_in[i] > TCONV_MAX_TAPS || n_out[i] > TCONV_MAX_TAPS)
            return tconv_fail(error, TCONV_EARGUMENT, "axis %zu is resized from %zu to %zu samples; 1 to %zu are allowed", i, n_in[i],
                              n_out[i], TCONV_MAX_TAPS);
    for (size_t i = 0; i < ndim; i++)
        if (!tconv_size_mul(most, n_in[i] > n_out[i] ? n_in[i] : n_out[i], &most) || most > PTRDIFF_MAX / 16)
            return tconv_fail(error, TCONV_ESIZE, "%zu rows of these sizes have too many elements to be represented", rows);
    return TCONV_OK;
}

#define REAL float
#define NAME(base) base##_f32
#include "resize.c"
#undef REAL
#undef NAME
#define REAL double
#define NAME(base) base##_f64
#include "resize.c"

tconv_status tconv_resize_convolve_f64(tconv_resize_mode mode, tconv_grid grid, size_t ndim, size_t batch, size_t channels_in,
                                       size_t channels_out, const size_t *n_in, const size_t *strides, const size_t *kernel,
                                       const size_t *padding, const double *taps, const double *bias, const double *x, double *y,
                                       tconv_error *error)
{
    size_t n_out[TCONV_MAX_NDIM], count = 1, rows;
    tconv_status status = TCONV_OK;
    /* a convolution of stride 1 from Cin to Cout channels: C of a layer whose small side is y, whose large side z */
    tconv_geometry g = tconv_geometry_default(ndim <= TCONV_MAX_NDIM ? ndim : TCONV_MAX_NDIM);
    g.channels_in = channels_out;
    g.channels_out = channels_in;
    for (size_t i = 0; i < g.ndim; i++) {
        if (!tconv_size_mul(n_in[i], strides[i], &n_out[i]) || !tconv_size_mul(count, n_out[i], &count) || padding[i] > INT32_MAX)
            return tconv_fail_plain(error, TCONV_ESIZE);
        g.axis[i].n_taps = kernel[i];
        g.axis[i].pad_begin = g.axis[i].pad_end = (int64_t)padding[i];
    }
    if (!tconv_size_mul(batch, channels_in, &rows) || !tconv_size_mul(rows, count, &rows))
        return tconv_fail_plain(error, TCONV_ESIZE);
    double *z = tconv_alloc(rows, sizeof *z, &status);
    if (z == NULL)
        return tconv_fail_plain(error, status);
    status = tconv_resize_f64(mode, grid, ndim, batch * channels_in, n_in, n_out, x, z, error);
    if (status == TCONV_OK)
        status = tconv_convolve_f64(&g, taps, n_out, n_out, batch, z, y, error);
    for (size_t j = 0; status == TCONV_OK && bias != NULL && j < batch * channels_out * count; j++)
        y[j] += bias[j / count % channels_out];
    tconv_free(z);
    return status;
}

#else

/* One axis: x is (outer, n, inner), y (outer, m, inner). */
static void NAME(resize_axis)(tconv_resize_mode mode, tconv_grid grid, size_t outer, size_t n, size_t m, size_t inner, const REAL *x, REAL *y)
{
    size_t n_taps = taps_of(mode);
    for (size_t j = 0; j < m; j++) {
        double weight[MOST_TAPS];
        int64_t first = weights_of(mode, grid, n, m, j, weight);
        for (size_t o = 0; o < outer; o++) {
            REAL *to = y + (o * m + j) * inner;
            for (size_t t = 0; t < n_taps; t++) {
                const REAL *from = x + (o * n + clamped(first + (int64_t)t, n)) * inner;
                REAL w = (REAL)weight[t];
                for (size_t i = 0; i < inner; i++)
                    to[i] = t == 0 ? w * from[i] : to[i] + w * from[i];
            }
        }
    }
}

tconv_status NAME(tconv_resize)(tconv_resize_mode mode, tconv_grid grid, size_t ndim, size_t rows, const size_t *n_in,
                                const size_t *n_out, const REAL *x, REAL *y, tconv_error *error)
{
    tconv_status status = check(mode, grid, ndim, rows, n_in, n_out, error);
    if (status != TCONV_OK)
        return status;
    REAL *between[2] = { NULL, NULL };            /* what axes ndim-1 .. 1 have become, in turn */
    size_t inner = 1;
    const REAL *from = x;
    for (size_t a = ndim; a-- > 0 && status == TCONV_OK;) {
        size_t outer = rows;
        for (size_t i = 0; i < a; i++)
            outer *= n_in[i];
        REAL *to = y;
        if (a > 0)
            to = between[a % 2] = tconv_alloc(outer * n_out[a] * inner, sizeof *to, &status);
        if (status == TCONV_OK)
            NAME(resize_axis)(mode, grid, outer, n_in[a], n_out[a], inner, from, to);
        inner *= n_out[a];
        from = to;
    }
    tconv_free(between[0]);
    tconv_free(between[1]);
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}

#endif
