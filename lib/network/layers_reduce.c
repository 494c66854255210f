/* Reductions over some axes, and softmax. A mean over space is the mean over the torus; a sum over space would grow with
 * the map, so it is refused. */
#include <math.h>
#include <string.h>

#include "layers.h"

enum kind { MEAN, SUM, PRODUCT, LARGEST, LEAST };

static enum kind kind_of(const char *name)
{
    return strcmp(name, "ReduceMean") == 0 ? MEAN : strcmp(name, "ReduceSum") == 0 ? SUM : strcmp(name, "ReduceProd") == 0 ? PRODUCT
         : strcmp(name, "ReduceMax") == 0 ? LARGEST : LEAST;
}

/* Take the next value into a reduction that began with `first`. A mean sums differences from the first: exact for equal values. */
static double take(enum kind kind, double so_far, double value, double first)
{
    switch (kind) {
    case MEAN: return so_far + (value - first);
    case SUM: return so_far + value;
    case PRODUCT: return so_far * value;
    case LARGEST: return value > so_far ? value : so_far;
    default: return value < so_far ? value : so_far;
    }
}

/* Reduce x over the axes of the mask into y, whose axes are those of x with extent 1 there. */
static tconv_status reduce_axes(tconv_layer_call *call, enum kind kind, const tconv_torus *x, unsigned mask)
{
    tconv_torus *y = &call->out[0], inner = { .rank = x->rank };
    tconv_walk outside, inside;
    size_t count = 1;
    memcpy(inner.axis, x->axis, sizeof inner.axis);
    for (size_t a = 0; a < x->rank; a++) {
        if ((mask >> a & 1) == 0)
            inner.axis[a] = tconv_torus_fixed(1);
        else
            count *= x->axis[a].extent;
    }
    tconv_status status = tconv_layer_allocate(call, 0);
    if (status != TCONV_OK || x->count == 0)
        return status != TCONV_OK ? status : tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input is empty");
    tconv_walk_begin(&outside, y);
    for (size_t i = 0; i < y->count; i++, tconv_walk_next(&outside)) {
        double first = 0.0, result = kind == PRODUCT ? 1.0 : 0.0;
        tconv_walk_begin(&inside, &inner);
        for (size_t k = 0; k < count; k++, tconv_walk_next(&inside)) {
            size_t at = 0;
            for (size_t a = 0; a < x->rank; a++)
                at = at * x->axis[a].extent + outside.at[a] + inside.at[a];      /* one of the two is 0 */
            if (k == 0)
                first = x->data[at];
            result = k == 0 && (kind == LARGEST || kind == LEAST) ? first : take(kind, result, x->data[at], first);
        }
        y->data[i] = kind == MEAN ? first + result / (double)count : result;
    }
    y->integer = x->integer;
    return TCONV_OK;
}

static tconv_status reduce(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    tconv_torus *y = &call->out[0];
    enum kind kind = kind_of(call->node->op_type);
    unsigned mask = 0;
    bool given, keep = tconv_onnx_int(call->node, "keepdims", 1) != 0;
    tconv_status status = tconv_layer_axes(call, 1, x->rank, &mask, &given);
    if (status != TCONV_OK)
        return status;
    if (mask == 0 && tconv_onnx_int(call->node, "noop_with_empty_axes", 0) == 0)
        mask = (1u << x->rank) - 1;
    y->rank = x->rank;
    for (size_t a = 0; a < x->rank; a++) {
        bool reduced = (mask >> a & 1) != 0;
        if (reduced && x->axis[a].space != TCONV_FIXED && (kind == SUM || kind == PRODUCT))
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "over space its result grows with the size of the map");
        y->axis[a] = reduced ? tconv_torus_fixed(1) : x->axis[a];
    }
    status = reduce_axes(call, kind, x, mask);
    if (status != TCONV_OK || keep)
        return status;
    y->rank = 0;
    for (size_t a = 0; a < x->rank; a++)
        if ((mask >> a & 1) == 0)
            y->axis[y->rank++] = x->axis[a];
    return TCONV_OK;
}

/* exp(x - max) / sum of them, along a fixed axis; before opset 13 along all axes from it on. */
static tconv_status softmax(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    size_t axis, count = 1, step = 1;
    tconv_status status = tconv_layer_axis(call, tconv_onnx_int(call->node, "axis", call->opset >= 13 ? -1 : 1), x->rank, &axis);
    if (status != TCONV_OK)
        return status;
    for (size_t a = axis; a < x->rank; a++) {
        bool within = a == axis || call->opset < 13;
        if (within && x->axis[a].space != TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a softmax over space depends on the size of the map");
        count *= within ? x->axis[a].extent : 1;
        step *= within ? 1 : x->axis[a].extent;
    }
    status = tconv_layer_copy(call, 0, x, true);
    for (size_t i = 0; status == TCONV_OK && i < x->count; i++) {
        double *v = call->out[0].data + i, largest = -INFINITY, sum = 0.0;
        if (i / step % count != 0)
            continue;
        for (size_t k = 0; k < count; k++)
            largest = v[k * step] > largest ? v[k * step] : largest;
        for (size_t k = 0; k < count; k++)
            sum += v[k * step] = exp(v[k * step] - largest);
        for (size_t k = 0; k < count; k++)
            v[k * step] /= sum;
    }
    return status;
}

const tconv_layer_operator tconv_layers_reduce[] = {
    { "ReduceMean", 1, 2, reduce }, { "ReduceSum", 1, 2, reduce }, { "ReduceProd", 1, 2, reduce }, { "ReduceMax", 1, 2, reduce },
    { "ReduceMin", 1, 2, reduce }, { "Softmax", 1, 1, softmax }, { NULL, 0, 0, NULL },
};
