/* Pools: windows that slide as those of a convolution do, and pools over the whole map. Far from borders the padding is
 * not seen, so count_include_pad makes no difference. */
#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "layers.h"

struct pool {
    const tconv_torus *x;
    size_t ndim, size[2], *source[2];
    tconv_window_axis window[2];
    bool mean;
};

static double one_window(const struct pool *p, const double *plane, size_t columns, const size_t *sy, const size_t *sx)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): pool() sets both axes, or fails */
    double first = plane[sy[0] * columns + sx[0]], sum = 0.0, largest = first;
    for (size_t ry = 0; ry < p->size[0]; ry++)
        for (size_t rx = 0; rx < p->size[1]; rx++) {
            double v = plane[sy[ry] * columns + sx[rx]];
            sum += v - first;                       /* differences: exact for equal values */
            largest = v > largest ? v : largest;
        }
    return p->mean ? first + sum / (double)(p->size[0] * p->size[1]) : largest;
}

static tconv_status compute(tconv_layer_call *call, struct pool *p)
{
    const tconv_torus *x = p->x;
    tconv_torus *y = &call->out[0];
    size_t in[2] = { 1, 1 }, out[2] = { 1, 1 };
    for (size_t i = 2 - p->ndim, a = 2; i < 2; i++, a++) {
        in[i] = x->axis[a].extent;
        out[i] = y->axis[a].extent;
    }
    tconv_status status = tconv_layer_allocate(call, 0);
    if (status == TCONV_OK)
        status = tconv_layer_spend(call, (double)y->count * (double)p->size[0] * (double)p->size[1]);
    double *to = y->data;
    for (size_t m = 0; status == TCONV_OK && m < x->axis[0].extent * x->axis[1].extent; m++)
        for (size_t oy = 0; oy < out[0]; oy++)
            for (size_t ox = 0; ox < out[1]; ox++)
                *to++ = one_window(p, x->data + m * in[0] * in[1], in[1], p->source[0] + oy * p->size[0], p->source[1] + ox * p->size[1]);
    return status;
}

static tconv_status read_pool(tconv_layer_call *call, struct pool *p)
{
    int64_t kernel[2];
    size_t count;
    if (p->x->rank < 3 || p->x->rank > 4 || p->x->axis[0].space != TCONV_FIXED || p->x->axis[1].space != TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input is no map of one or two dimensions");
    p->ndim = p->x->rank - 2;
    tconv_status status = tconv_layer_integers(call, "kernel_shape", SIZE_MAX, kernel, 2, &count);
    if (status != TCONV_OK)
        return status;
    if (count != p->ndim)
        return tconv_layer_fail(call, TCONV_EFORMAT, "its kernel_shape does not have %zu numbers", p->ndim);
    for (size_t i = 0; i < p->ndim; i++) {
        if (kernel[i] < 1 || kernel[i] > 1 << 16)
            return tconv_layer_fail(call, TCONV_EFORMAT, "its kernel_shape is not from 1 to 65536");
        p->size[2 - p->ndim + i] = (size_t)kernel[i];
    }
    return tconv_layer_windows(call, p->x, p->size + 2 - p->ndim, false, p->window + 2 - p->ndim);
}

static tconv_status pool(tconv_layer_call *call)
{
    struct pool p = { .x = call->in[0], .size = { 1, 1 }, .window = { { 1, 1, 1, 0, 0 }, { 1, 1, 1, 0, 0 } } };
    static const tconv_torus_axis single = { TCONV_FIXED, 1, 1, 1.0, 0.0 };
    tconv_torus_axis ignored;
    bool ceiling = tconv_onnx_int(call->node, "ceil_mode", 0) != 0;
    p.mean = strcmp(call->node->op_type, "AveragePool") == 0;
    tconv_status status = read_pool(call, &p);
    if (status == TCONV_OK && call->n_out > 1 && call->node->outputs[1][0] != '\0')
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "the places of its maxima are not supported");
    if (status != TCONV_OK)
        return status;
    call->out[0].rank = p.x->rank;
    memcpy(call->out[0].axis, p.x->axis, sizeof p.x->axis);
    if (p.ndim == 1)
        status = tconv_layer_slide(call, &single, &p.window[0], false, &ignored, &p.source[0]);
    for (size_t i = 2 - p.ndim, a = 2; status == TCONV_OK && i < 2; i++, a++)
        status = tconv_layer_slide(call, &p.x->axis[a], &p.window[i], ceiling, &call->out[0].axis[a], &p.source[i]);
    if (status == TCONV_OK)
        status = compute(call, &p);
    tconv_free(p.source[0]);
    tconv_free(p.source[1]);
    return status;
}

static tconv_status global_pool(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    tconv_torus *y = &call->out[0];
    bool mean = strcmp(call->node->op_type, "GlobalAveragePool") == 0;
    if (x->rank < 3 || x->count == 0)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input has no axis of space");
    y->rank = x->rank;
    for (size_t a = 0; a < x->rank; a++)
        y->axis[a] = a < 2 ? x->axis[a] : tconv_torus_fixed(1);
    tconv_status status = tconv_layer_allocate(call, 0);
    size_t plane = x->count / (x->axis[0].extent * x->axis[1].extent);
    for (size_t m = 0; status == TCONV_OK && m < y->count; m++) {
        const double *v = x->data + m * plane;
        double sum = 0.0, largest = v[0];
        for (size_t i = 0; i < plane; i++) {
            sum += v[i] - v[0];
            largest = v[i] > largest ? v[i] : largest;
        }
        y->data[m] = mean ? v[0] + sum / (double)plane : largest;
    }
    return status;
}

const tconv_layer_operator tconv_layers_pool[] = {
    { "AveragePool", 1, 1, pool }, { "MaxPool", 1, 1, pool }, { "GlobalAveragePool", 1, 1, global_pool },
    { "GlobalMaxPool", 1, 1, global_pool }, { NULL, 0, 0, NULL },
};
