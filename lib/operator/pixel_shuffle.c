#include "pixel_shuffle.h"

#include <string.h>

static size_t source_channel(tconv_shuffle_order order, size_t channels, size_t phases, size_t c, size_t q)
{
    return order == TCONV_SHUFFLE_CRD ? c * phases + q : q * channels + c;
}

void tconv_pixel_shuffle(tconv_shuffle_order order, tconv_element element, size_t ndim, size_t batch, size_t channels,
                         const size_t *strides, const size_t *n_in, const void *x, void *y)
{
    size_t s[3] = { 1, 1, 1 }, n[3] = { 1, 1, 1 }, size = tconv_element_bytes(element);
    for (size_t i = 0; i < ndim; i++) {
        s[3 - ndim + i] = strides[i];
        n[3 - ndim + i] = n_in[i];
    }
    size_t phases = s[0] * s[1] * s[2], small = n[0] * n[1] * n[2];
    for (size_t b = 0; b < batch; b++)
        for (size_t c = 0; c < channels; c++)
            for (size_t j0 = 0; j0 < s[0] * n[0]; j0++)
                for (size_t j1 = 0; j1 < s[1] * n[1]; j1++)
                    for (size_t j2 = 0; j2 < s[2] * n[2]; j2++) {
                        size_t q = (j0 % s[0] * s[1] + j1 % s[1]) * s[2] + j2 % s[2];
                        size_t from = (b * channels * phases + source_channel(order, channels, phases, c, q)) * small
                                    + (j0 / s[0] * n[1] + j1 / s[1]) * n[2] + j2 / s[2];
                        size_t to = (((b * channels + c) * s[0] * n[0] + j0) * s[1] * n[1] + j1) * s[2] * n[2] + j2;
                        memcpy((char *)y + to * size, (const char *)x + from * size, size);
                    }
}

/* h[s*d*(k-1-r) + q] = W_q[r] on every axis, for one pair of channels; h begins as zeros. */
static void put_branch(const tconv_geometry *convolution, const tconv_geometry *layer, size_t q, const double *w, double *h)
{
    for (size_t tap = 0; tap < tconv_geometry_taps(convolution); tap++) {
        size_t at = 0, scale = 1, r = tap, phase = q;
        for (size_t i = convolution->ndim; i-- > 0;) {
            size_t k = convolution->axis[i].n_taps, s = layer->axis[i].stride;
            at += scale * (s * convolution->axis[i].dilation * (k - 1 - r % k) + phase % s);
            scale *= layer->axis[i].n_taps;
            r /= k;
            phase /= s;
        }
        h[at] = w[tap];
    }
}

tconv_status tconv_pixel_shuffle_layer(tconv_shuffle_order order, const tconv_geometry *convolution, const size_t *strides,
                                       const double *taps, tconv_geometry *layer, double *layer_taps, tconv_error *error)
{
    tconv_status status = tconv_geometry_check(convolution, error);
    if (status != TCONV_OK)
        return status;
    tconv_geometry g = tconv_geometry_default(convolution->ndim);
    size_t phases = 1;
    for (size_t i = 0; i < g.ndim; i++) {
        const tconv_axis *from = &convolution->axis[i];
        int64_t s = (int64_t)strides[i], reach = (int64_t)(tconv_axis_effective_taps(from) - 1);
        if (from->stride != 1 || strides[i] < 1 || strides[i] > TCONV_MAX_STRIDE)
            return tconv_fail(error, TCONV_EARGUMENT, "axis %zu: a convolution of stride %zu shuffled by %zu; stride 1 and 1 to %zu are allowed",
                              i, from->stride, strides[i], TCONV_MAX_STRIDE);
        g.axis[i] = (tconv_axis){ .stride = strides[i], .n_taps = strides[i] * tconv_axis_effective_taps(from), .dilation = 1,
                                  .pad_begin = s * (reach - from->pad_begin), .pad_end = s * (reach - from->pad_end) };
        phases *= strides[i];
    }
    if (convolution->groups != 1 || convolution->channels_in % phases != 0)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu channels in %zu groups cannot be shuffled into %zu phases",
                          convolution->channels_in, convolution->groups, phases);
    g.channels_in = convolution->channels_out;
    g.channels_out = convolution->channels_in / phases;
    status = tconv_geometry_check(&g, error);
    if (status != TCONV_OK)
        return status;
    size_t count = tconv_geometry_taps(&g), k = tconv_geometry_taps(convolution);
    memset(layer_taps, 0, g.channels_in * g.channels_out * count * sizeof *layer_taps);
    for (size_t ci = 0; ci < g.channels_in; ci++)
        for (size_t c = 0; c < g.channels_out; c++)
            for (size_t q = 0; q < phases; q++) {
                size_t stored = source_channel(order, g.channels_out, phases, c, q);
                put_branch(convolution, &g, q, taps + (stored * g.channels_in + ci) * k, layer_taps + (ci * g.channels_out + c) * count);
            }
    *layer = g;
    return TCONV_OK;
}
