/* Conv and ConvTranspose on a torus of period P, along each axis:
 *
 *     Conv             y[o] = sum_r w[r] x[(s o - pb + d r) mod P],                 o < lcm(P, s)/s
 *     ConvTranspose    y[j] = sum over the r with (j + pb - d r) mod s = 0 of w[r] x[((j + pb - d r)/s) mod P],   j < s P
 *
 * (theory.md 6, step response). What is cropped only shifts the pattern; output padding only lengthens the map. */
#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "layers.h"

#define NONE SIZE_MAX

struct kernel {
    const tconv_torus *x, *w, *b;
    size_t ndim, groups, channels_in, channels_out;    /* of one group */
    size_t size[2];                                    /* of the kernel: (1, k) in one dimension */
    tconv_window_axis window[2];
    size_t *source[2];
    size_t out[2], in[2];                              /* periods */
};

static tconv_status read_kernel(tconv_layer_call *call, struct kernel *k, bool transposed)
{
    const tconv_torus *x = k->x = tconv_layer_in(call, 0), *w = k->w = tconv_layer_in(call, 1);
    k->b = tconv_layer_in(call, 2);
    int64_t groups = tconv_onnx_int(call->node, "group", 1);
    if (x->rank < 3 || x->rank > 4 || w->rank != x->rank)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "an input of %zu axes and a weight of %zu: one and two dimensions are supported",
                                x->rank, w->rank);
    for (size_t a = 0; a < w->rank; a++)
        if (w->axis[a].space != TCONV_FIXED || w->axis[a].extent == 0)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its weight is empty or changes over space");
    k->ndim = x->rank - 2;
    size_t first = w->axis[0].extent, second = w->axis[1].extent;
    if (x->axis[0].space != TCONV_FIXED || x->axis[1].space != TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its channels are no channels but an axis of space");
    if (groups < 1 || (size_t)groups > first || first % (size_t)groups != 0
        || x->axis[1].extent != (transposed ? first : second * (size_t)groups))
        return tconv_layer_fail(call, TCONV_EFORMAT, "%zu channels do not fit the weight (%zu, %zu, ..) in %" PRId64 " groups",
                                x->axis[1].extent, first, second, groups);
    k->groups = (size_t)groups;
    k->channels_in = transposed ? first / k->groups : second;
    k->channels_out = transposed ? second : first / k->groups;
    if (k->b != NULL && (k->b->rank != 1 || k->b->count != k->channels_out * k->groups))
        return tconv_layer_fail(call, TCONV_EFORMAT, "its bias has %zu values for %zu channels", k->b->count, k->channels_out * k->groups);
    for (size_t i = 0; i < k->ndim; i++)
        k->size[2 - k->ndim + i] = w->axis[2 + i].extent;
    return TCONV_OK;
}

static size_t whole_kernel(const struct kernel *k)
{
    return k->size[0] * k->size[1];
}

/* One output sample of one channel, without bias. */
static double one_sample(const struct kernel *k, const double *x, const double *w, size_t w_step, const size_t *sy, const size_t *sx)
{
    double sum = 0.0;
    size_t plane = k->in[0] * k->in[1];
    for (size_t ci = 0; ci < k->channels_in; ci++, x += plane, w += w_step)
        for (size_t ry = 0; ry < k->size[0]; ry++) {
            if (sy[ry] == NONE)
                continue;
            const double *row = x + sy[ry] * k->in[1], *taps = w + ry * k->size[1];
            for (size_t rx = 0; rx < k->size[1]; rx++)
                if (sx[rx] != NONE)
                    sum += taps[rx] * row[sx[rx]];
        }
    return sum;
}

static tconv_status compute(tconv_layer_call *call, struct kernel *k, const double *weight, bool transposed)
{
    tconv_torus *y = &call->out[0];
    const tconv_torus *x = k->x;
    size_t plane = k->in[0] * k->in[1], taps = whole_kernel(k), channels = k->groups * k->channels_out;
    double products = (double)x->axis[0].extent * (double)(channels * k->channels_in) * (double)taps * (double)(k->out[0] * k->out[1]);
    tconv_status status = tconv_layer_spend(call, products);
    if (status == TCONV_OK)
        status = tconv_layer_allocate(call, 0);
    double *to = y->data;
    for (size_t n = 0; status == TCONV_OK && n < x->axis[0].extent; n++)
        for (size_t c = 0; c < channels; c++) {
            size_t group = c / k->channels_out, co = c % k->channels_out;
            const double *from = x->data + (n * k->groups + group) * k->channels_in * plane;
            const double *w = weight + (transposed ? (group * k->channels_in * k->channels_out + co) * taps : c * k->channels_in * taps);
            double bias = k->b != NULL ? k->b->data[c] : 0.0;
            for (size_t oy = 0; oy < k->out[0]; oy++)
                for (size_t ox = 0; ox < k->out[1]; ox++)
                    *to++ = bias + one_sample(k, from, w, transposed ? k->channels_out * taps : taps, k->source[0] + oy * k->size[0],
                                              k->source[1] + ox * k->size[1]);
        }
    return status;
}

/* In one dimension the first axis is one sample with one tap. */
static tconv_status prepare(tconv_layer_call *call, struct kernel *k, size_t channels)
{
    static const tconv_torus_axis single = { TCONV_FIXED, 1, 1, 1.0, 0.0 };
    static const tconv_window_axis one_tap = { 1, 1, 1, 0, 0 };
    tconv_torus_axis ignored;
    call->out[0].rank = k->x->rank;
    call->out[0].axis[0] = k->x->axis[0];
    call->out[0].axis[1] = tconv_torus_fixed(channels);
    k->in[0] = k->out[0] = 1;
    return k->ndim == 1 ? tconv_layer_slide(call, &single, &one_tap, false, &ignored, &k->source[0]) : TCONV_OK;
}

static tconv_status conv(tconv_layer_call *call)
{
    struct kernel k = { .size = { 1, 1 } };
    tconv_status status = read_kernel(call, &k, false);
    if (status == TCONV_OK)
        status = prepare(call, &k, k.groups * k.channels_out);
    if (status == TCONV_OK)
        status = tconv_layer_windows(call, k.x, k.size + 2 - k.ndim, false, k.window + 2 - k.ndim);
    for (size_t i = 2 - k.ndim, a = 2; status == TCONV_OK && i < 2; i++, a++) {
        status = tconv_layer_slide(call, &k.x->axis[a], &k.window[i], false, &call->out[0].axis[a], &k.source[i]);
        k.in[i] = k.x->axis[a].extent;
        k.out[i] = call->out[0].axis[a].extent;
    }
    if (status == TCONV_OK)
        status = compute(call, &k, k.w->data, false);
    tconv_free(k.source[0]);
    tconv_free(k.source[1]);
    return status;
}

/* The axis that a transposed window makes, u(j) = (j + pb - (k_eff - 1)/2)/s (theory.md 2), and its table. */
static tconv_status spread(tconv_layer_call *call, const tconv_torus_axis *from, const tconv_window_axis *w, tconv_torus_axis *to,
                           size_t **source)
{
    tconv_status status = TCONV_OK;
    size_t reach = (w->kernel - 1) * w->dilation + 1, period;
    *to = *from;
    if (from->space == TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it spreads an axis of %zu values that is not space", from->extent);
    if (from->extent > call->most_period / w->stride)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    to->extent = period = from->extent * w->stride;
    to->length = (int64_t)w->stride * (from->length - 1) + (int64_t)reach - w->pad_begin - w->pad_end;
    to->step = from->step / (double)w->stride;
    to->centre = from->centre + to->step * ((double)w->pad_begin - 0.5 * (double)(reach - 1));
    *source = tconv_alloc(period * w->kernel, sizeof **source, &status);
    if (*source == NULL)
        return tconv_layer_fail(call, status, "%s", tconv_status_text(status));
    for (size_t j = 0; j < period; j++)
        for (size_t r = 0; r < w->kernel; r++) {
            size_t n = tconv_wrap((int64_t)j + w->pad_begin - (int64_t)(r * w->dilation), period);
            (*source)[j * w->kernel + r] = n % w->stride == 0 ? n / w->stride : NONE;
        }
    return TCONV_OK;
}

/* The branch that tap r of an axis belongs to. */
static size_t branch_of(const tconv_window_axis *w, size_t r)
{
    return r * w->dilation % w->stride;
}

/* Give the branches of one pair of channels the same gain: every tap of branch q gains (mean gain - gain of q)/taps of q.
 * Branches without taps stay gaps. */
static void equalise_pair(double *h, const struct kernel *k, double *gain, double *taps)
{
    size_t columns = k->window[1].stride, branches = k->window[0].stride * columns;
    double mean = 0.0;
    memset(gain, 0, branches * sizeof *gain);
    memset(taps, 0, branches * sizeof *taps);
    for (size_t i = 0; i < whole_kernel(k); i++) {
        size_t q = branch_of(&k->window[0], i / k->size[1]) * columns + branch_of(&k->window[1], i % k->size[1]);
        gain[q] += h[i];
        taps[q] += 1.0;
    }
    for (size_t q = 0; q < branches; q++)
        mean += gain[q] / (double)branches;
    for (size_t i = 0; i < whole_kernel(k); i++) {
        size_t q = branch_of(&k->window[0], i / k->size[1]) * columns + branch_of(&k->window[1], i % k->size[1]);
        h[i] += (mean - gain[q]) / taps[q];
    }
}

static tconv_status equalised_weight(tconv_layer_call *call, const struct kernel *k, double **weight)
{
    tconv_status status = TCONV_OK;
    size_t branches = k->window[0].stride * k->window[1].stride;
    *weight = tconv_alloc(k->w->count, sizeof **weight, &status);
    double *scratch = *weight != NULL ? tconv_alloc(2 * branches, sizeof *scratch, &status) : NULL;
    if (scratch == NULL)
        return tconv_layer_fail(call, status, "%s", tconv_status_text(status));
    memcpy(*weight, k->w->data, k->w->count * sizeof **weight);
    for (size_t i = 0; i < k->w->count; i += whole_kernel(k))
        equalise_pair(*weight + i, k, scratch, scratch + branches);
    tconv_free(scratch);
    return TCONV_OK;
}

static tconv_status conv_transpose(tconv_layer_call *call)
{
    struct kernel k = { .size = { 1, 1 }, .window = { { 1, 1, 1, 0, 0 }, { 1, 1, 1, 0, 0 } } };
    double *weight = NULL;
    tconv_status status = read_kernel(call, &k, true);
    if (status == TCONV_OK)
        status = prepare(call, &k, k.groups * k.channels_out);
    if (status == TCONV_OK)
        status = tconv_layer_windows(call, k.x, k.size + 2 - k.ndim, true, k.window + 2 - k.ndim);
    for (size_t i = 2 - k.ndim, a = 2; status == TCONV_OK && i < 2; i++, a++) {
        status = spread(call, &k.x->axis[a], &k.window[i], &call->out[0].axis[a], &k.source[i]);
        k.in[i] = k.x->axis[a].extent;
        k.out[i] = call->out[0].axis[a].extent;
        if (status == TCONV_OK)
            call->factor[k.x->axis[a].space] = k.window[i].stride;
    }
    if (status == TCONV_OK && call->equalise)
        status = equalised_weight(call, &k, &weight);
    if (status == TCONV_OK)
        status = compute(call, &k, weight != NULL ? weight : k.w->data, true);
    tconv_free(weight);
    tconv_free(k.source[0]);
    tconv_free(k.source[1]);
    return status;
}

const tconv_layer_operator tconv_layers_conv[] = {
    { "Conv", 2, 3, conv }, { "ConvTranspose", 2, 3, conv_transpose }, { NULL, 0, 0, NULL },
};
