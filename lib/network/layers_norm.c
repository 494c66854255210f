/* Normalisations: y = scale (x - mean)/sqrt(variance + epsilon) + bias. Means over space are means over the torus, which
 * is their limit in a large map (theory.md 6, step response). */
#include <inttypes.h>
#include <math.h>

#include "layers.h"

/* Is `t` one value for each of `count` channels? */
static bool per_channel(const tconv_torus *t, size_t count)
{
    return t->rank == 1 && t->axis[0].space == TCONV_FIXED && t->count == count;
}

static tconv_status check_channels(tconv_layer_call *call, const tconv_torus *x, size_t from, size_t to)
{
    if (x->rank < 2 || x->axis[1].space != TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input has no channels in its second axis");
    for (size_t i = from; i < to; i++)
        if (!per_channel(call->in[i], x->axis[1].extent))
            return tconv_layer_fail(call, TCONV_EFORMAT, "its input %zu is not one value for each of %zu channels", i, x->axis[1].extent);
    return TCONV_OK;
}

static tconv_status batch_normalization(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    double epsilon = (double)tconv_layer_float(call, "epsilon", 1e-5f);
    tconv_status status = check_channels(call, x, 1, 5);
    if (status == TCONV_OK && x->count == 0)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input is empty");
    if (status == TCONV_OK && tconv_onnx_int(call->node, "training_mode", 0) != 0)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it is in training mode");
    if (status == TCONV_OK)
        status = tconv_layer_copy(call, 0, x, true);
    if (status != TCONV_OK)
        return status;
    size_t channels = x->axis[1].extent, plane = x->count / x->axis[0].extent / channels;
    for (size_t i = 0; i < x->count; i++) {
        size_t c = i / plane % channels;
        call->out[0].data[i] = call->in[1]->data[c] * ((x->data[i] - call->in[3]->data[c]) / sqrt(call->in[4]->data[c] + epsilon))
                             + call->in[2]->data[c];
    }
    return TCONV_OK;
}

/* Normalise `count` values in place: mean 0, variance 1. */
static void normalise(double *values, size_t count, double epsilon)
{
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < count; i++)
        mean += (values[i] - values[0]) / (double)count;        /* exact for equal values */
    mean += values[0];
    for (size_t i = 0; i < count; i++)
        variance += (values[i] - mean) * (values[i] - mean) / (double)count;
    for (size_t i = 0; i < count; i++)
        values[i] = (values[i] - mean) / sqrt(variance + epsilon);
}

static tconv_status instance_normalization(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    double epsilon = (double)tconv_layer_float(call, "epsilon", 1e-5f);
    tconv_status status = check_channels(call, x, 1, 3);
    if (status == TCONV_OK && x->rank < 3)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input has no axis of space");
    if (status == TCONV_OK)
        status = tconv_layer_copy(call, 0, x, true);
    if (status != TCONV_OK)
        return status;
    size_t channels = x->axis[1].extent, maps = x->axis[0].extent * channels, plane = maps > 0 ? x->count / maps : 0;
    for (size_t m = 0; m < maps; m++) {
        double *values = call->out[0].data + m * plane;
        normalise(values, plane, epsilon);
        for (size_t i = 0; i < plane; i++)
            values[i] = call->in[1]->data[m % channels] * values[i] + call->in[2]->data[m % channels];
    }
    return TCONV_OK;
}

/* Every group of neighbouring channels, with all of space, has mean 0 and variance 1; scale and bias are one value for each channel
 * (ONNX from opset 21 on) or for each group (18 to 20). */
static tconv_status group_normalization(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    double epsilon = (double)tconv_layer_float(call, "epsilon", 1e-5f);
    int64_t groups = tconv_onnx_int(call->node, "num_groups", 0);
    if (x->rank < 3 || x->axis[1].space != TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input has no channels in its second axis, or no axis of space");
    size_t channels = x->axis[1].extent;
    if (groups < 1 || (size_t)groups > channels || channels % (size_t)groups != 0)
        return tconv_layer_fail(call, TCONV_EFORMAT, "%" PRId64 " groups do not divide %zu channels", groups, channels);
    for (size_t i = 1; i < 3; i++)
        if (!per_channel(call->in[i], channels) && !per_channel(call->in[i], (size_t)groups))
            return tconv_layer_fail(call, TCONV_EFORMAT, "its input %zu is not one value for each of %zu channels or %" PRId64 " groups", i,
                                    channels, groups);
    tconv_status status = tconv_layer_copy(call, 0, x, true);
    if (status != TCONV_OK || x->count == 0)
        return status;
    size_t whole = x->count / (x->axis[0].extent * (size_t)groups), plane = whole / (channels / (size_t)groups);
    for (size_t at = 0; at < x->count; at += whole)
        normalise(call->out[0].data + at, whole, epsilon);
    for (size_t i = 0; i < x->count; i++) {
        size_t c = i / plane % channels, scale = c / (channels / call->in[1]->count), bias = c / (channels / call->in[2]->count);
        call->out[0].data[i] = call->out[0].data[i] * call->in[1]->data[scale] + call->in[2]->data[bias];
    }
    return TCONV_OK;
}

/* Over the axes from `axis` on, which are channels (channels last). */
static tconv_status layer_normalization(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0], *scale = call->in[1], *bias = tconv_layer_in(call, 2);
    double epsilon = (double)tconv_layer_float(call, "epsilon", 1e-5f);
    size_t axis, count = 1;
    tconv_status status = tconv_layer_axis(call, tconv_onnx_int(call->node, "axis", -1), x->rank, &axis);
    if (status != TCONV_OK)
        return status;
    for (size_t a = axis; a < x->rank; a++) {
        if (x->axis[a].space != TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it normalises over space with values of its own at every place");
        count *= x->axis[a].extent;
    }
    if (scale->count != count || (bias != NULL && bias->count != count))
        return tconv_layer_fail(call, TCONV_EFORMAT, "its scale or bias does not have %zu values", count);
    if (call->n_out > 1 && call->node->outputs[1][0] != '\0')
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "only its first output is supported");
    status = tconv_layer_copy(call, 0, x, true);
    for (size_t at = 0; status == TCONV_OK && at < x->count; at += count) {
        double *values = call->out[0].data + at;
        normalise(values, count, epsilon);
        for (size_t i = 0; i < count; i++)
            values[i] = values[i] * scale->data[i] + (bias != NULL ? bias->data[i] : 0.0);
    }
    return status;
}

const tconv_layer_operator tconv_layers_norm[] = {
    { "BatchNormalization", 5, 5, batch_normalization }, { "InstanceNormalization", 3, 3, instance_normalization },
    { "GroupNormalization", 3, 3, group_normalization }, { "LayerNormalization", 2, 3, layer_normalization }, { NULL, 0, 0, NULL },
};
