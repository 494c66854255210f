#include "depth_to_space.h"

#include <math.h>
#include <stdint.h>

#include "../core/memory.h"
#include "../core/polyphase.h"

/* What is the same for every tap. */
struct shuffle {
    const tconv_convolution *from;
    tconv_depth_order order;
    size_t phases, n_weights, channels_out;
};

static size_t channel_of(const struct shuffle *sh, size_t q, size_t co)
{
    return sh->order == TCONV_DEPTH_DCR ? q * sh->channels_out + co : co * sh->phases + q;
}

static tconv_status lay_out(const tconv_convolution *c, const size_t *block, struct shuffle *sh, tconv_geometry *g, tconv_error *error)
{
    *g = tconv_geometry_default(c->ndim);
    size_t phases = 1;
    for (size_t i = 0; i < c->ndim; i++) {
        if (block[i] < 1 || block[i] > TCONV_MAX_STRIDE)
            return tconv_fail(error, TCONV_EGEOMETRY, "the block is %zu; 1 to %zu is allowed", block[i], TCONV_MAX_STRIDE);
        int64_t s = (int64_t)block[i], span = (int64_t)(c->dilation[i] * (c->n_taps[i] - 1));
        phases *= block[i];
        g->axis[i] = (tconv_axis){ .stride = block[i], .n_taps = block[i] * (size_t)(span + 1), .dilation = 1,
                                   .pad_begin = s * (span - c->pad_begin[i]), .pad_end = s * (span - c->pad_end[i]) };
    }
    if (c->channels_out % phases != 0)
        return tconv_fail(error, TCONV_EGEOMETRY, "%zu channels cannot be dealt out to %zu phases: a multiple is needed", c->channels_out, phases);
    *sh = (struct shuffle){ .from = c, .phases = phases, .n_weights = 1, .channels_out = c->channels_out / phases };
    for (size_t i = 0; i < c->ndim; i++)
        sh->n_weights *= c->n_taps[i];
    g->channels_in = c->channels_in;
    g->channels_out = sh->channels_out;
    return TCONV_OK;
}

/* Taps of phase q, one pair: h[s d (k-1-r) + q] = W_q[r]; or, with `back`, the weights out of the taps. */
static void place_phase(const struct shuffle *sh, const tconv_geometry *g, size_t q, double *weights, double *taps, bool back)
{
    const tconv_convolution *c = sh->from;
    size_t phase[TCONV_MAX_NDIM];
    tconv_phase_of(g, q, phase);
    for (size_t t = 0; t < sh->n_weights; t++) {
        size_t rest = t, at = 0, scale = 1;
        for (size_t i = c->ndim; i-- > 0; rest /= c->n_taps[i]) {
            size_t r = rest % c->n_taps[i];
            at += scale * (g->axis[i].stride * c->dilation[i] * (c->n_taps[i] - 1 - r) + phase[i]);
            scale *= g->axis[i].n_taps;
        }
        if (back)
            weights[t] = taps[at];
        else
            taps[at] = weights[t];
    }
}

/* Every weight to its place among the taps, or back. Only the side that is not read is written. */
static void move_taps(const struct shuffle *sh, const tconv_geometry *g, double *weights, double *taps, bool back)
{
    const tconv_convolution *c = sh->from;
    size_t in = c->channels_in / c->groups, out = c->channels_out / c->groups, n_taps = tconv_geometry_taps(g);
    size_t out_per_group = g->channels_out / g->groups;
    for (size_t co = 0; co < g->channels_out; co++)
        for (size_t q = 0; q < sh->phases; q++) {
            size_t channel = channel_of(sh, q, co);
            for (size_t i = 0; i < in; i++) {
                size_t ci = channel / out * in + i;
                place_phase(sh, g, q, weights + (channel * in + i) * sh->n_weights,
                            taps + (ci * out_per_group + co % out_per_group) * n_taps, back);
            }
        }
}

/* The means over the phases, and all of them, (Cout, phase). Returns the largest spread. */
static double fill_bias(const struct shuffle *sh, double *bias, double *phase_bias)
{
    double spread = 0.0;
    for (size_t co = 0; co < sh->channels_out; co++) {
        double sum = 0.0, least = INFINITY, most = -INFINITY;
        for (size_t q = 0; q < sh->phases; q++) {
            double b = sh->from->bias[channel_of(sh, q, co)];
            phase_bias[co * sh->phases + q] = b;
            sum += b;
            least = fmin(least, b);
            most = fmax(most, b);
        }
        bias[co] = most == least ? least : sum / (double)sh->phases;
        spread = fmax(spread, most - least);
    }
    return spread;
}

/* Both biases of the kernel; all of them are kept only where some differ. */
static tconv_status add_biases(const struct shuffle *sh, tconv_kernel *made, double *spread)
{
    tconv_status status = TCONV_OK;
    size_t count;
    if (!tconv_size_mul(sh->channels_out, sh->phases, &count))
        return TCONV_ESIZE;
    made->bias = tconv_alloc(sh->channels_out, sizeof *made->bias, &status);
    made->phase_bias = status == TCONV_OK ? tconv_alloc(count, sizeof *made->phase_bias, &status) : NULL;
    if (status != TCONV_OK)
        return status;
    *spread = fill_bias(sh, made->bias, made->phase_bias);
    if (*spread == 0.0) {
        tconv_free(made->phase_bias);
        made->phase_bias = NULL;
    }
    return TCONV_OK;
}

/* CRD keeps the phases of an output together, so the groups survive where they do not cut an output's phases apart. */
static tconv_status begin(const tconv_convolution *convolution, const size_t *block, tconv_depth_order order, struct shuffle *sh,
                          tconv_geometry *g, tconv_error *error)
{
    tconv_status status = tconv_convolution_check(convolution, error);
    if (status == TCONV_OK)
        status = lay_out(convolution, block, sh, g, error);
    if (status != TCONV_OK)
        return status;
    sh->order = order;
    g->groups = sh->phases == 1 || (order == TCONV_DEPTH_CRD && g->channels_out % convolution->groups == 0) ? convolution->groups : 1;
    return TCONV_OK;
}

tconv_status tconv_depth_to_space(const tconv_convolution *convolution, const size_t *block, tconv_depth_order order,
                                  tconv_kernel **kernel, double *bias_spread, tconv_error *error)
{
    *kernel = NULL;
    tconv_geometry g;
    struct shuffle sh = { 0 };
    tconv_kernel *made;
    tconv_status status = begin(convolution, block, order, &sh, &g, error);
    if (status == TCONV_OK)
        status = tconv_kernel_create(&made, &g, error);
    if (status != TCONV_OK)
        return status;
    move_taps(&sh, &g, (double *)(uintptr_t)convolution->weights, made->taps, false);      /* weights are read only */
    double spread = 0.0;
    made->operator_name = tconv_alloc_text("Conv+DepthToSpace", &status);
    if (status == TCONV_OK && convolution->bias != NULL)
        status = add_biases(&sh, made, &spread);
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return tconv_fail_plain(error, status);
    }
    if (bias_spread != NULL)
        *bias_spread = spread;
    *kernel = made;
    return TCONV_OK;
}

/* The same axes, channels and groups? */
static bool same_layer(const tconv_geometry *a, const tconv_geometry *b)
{
    bool same = a->ndim == b->ndim && a->channels_in == b->channels_in && a->channels_out == b->channels_out && a->groups == b->groups;
    for (size_t i = 0; same && i < a->ndim; i++)
        same = a->axis[i].n_taps == b->axis[i].n_taps && a->axis[i].stride == b->axis[i].stride;
    return same;
}

tconv_status tconv_space_to_depth(const tconv_kernel *kernel, const tconv_convolution *convolution, const size_t *block,
                                  tconv_depth_order order, double *weights, double *bias, tconv_error *error)
{
    tconv_geometry g;
    struct shuffle sh = { 0 };
    tconv_status status = begin(convolution, block, order, &sh, &g, error);
    if (status == TCONV_OK && !same_layer(&g, &kernel->geometry))
        status = tconv_fail(error, TCONV_EGEOMETRY, "the kernel has other channels or another size than the convolution's");
    if (status != TCONV_OK)
        return status;
    size_t count = tconv_kernel_count(kernel);
    double *again = tconv_alloc_zero(count, sizeof *again, &status);
    if (again == NULL)
        return tconv_fail_plain(error, status);
    move_taps(&sh, &g, weights, kernel->taps, true);
    move_taps(&sh, &g, weights, again, false);
    for (size_t t = 0; status == TCONV_OK && t < count; t++)
        if (again[t] != kernel->taps[t])
            status = tconv_fail(error, TCONV_EGEOMETRY, "the kernel has taps where the convolution has no weight (its dilation or its groups)");
    tconv_free(again);
    for (size_t co = 0; status == TCONV_OK && bias != NULL && kernel->bias != NULL && co < sh.channels_out; co++)
        for (size_t q = 0; q < sh.phases; q++)
            bias[channel_of(&sh, q, co)] = kernel->phase_bias != NULL ? kernel->phase_bias[co * sh.phases + q] : kernel->bias[co];
    return status;
}
