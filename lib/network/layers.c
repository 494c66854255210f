#include "layers.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../core/memory.h"

static const tconv_layer_operator *const tables[] = {
    tconv_layers_conv, tconv_layers_norm, tconv_layers_pointwise, tconv_layers_pool, tconv_layers_resize, tconv_layers_axis,
    tconv_layers_reduce, tconv_layers_matrix, tconv_layers_shape,
};

const tconv_layer_operator *tconv_layer_find(const char *name)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const tconv_layer_operator *o = tables[t]; o->name != NULL; o++)
            if (strcmp(o->name, name) == 0)
                return o;
    return NULL;
}

const char *tconv_layer_name(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const tconv_layer_operator *o = tables[t]; o->name != NULL; o++)
            if (i-- == 0)
                return o->name;
    return NULL;
}

const char *tconv_node_name(const tconv_onnx_node *node)
{
    return node->name[0] != '\0' ? node->name : node->outputs[0];      /* nodes without outputs are needed by nobody */
}

tconv_status tconv_layer_fail(tconv_layer_call *call, tconv_status status, const char *format, ...)
{
    char text[TCONV_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return tconv_fail(call->error, status, "node '%.80s' (%.40s): %s", tconv_node_name(call->node), call->node->op_type, text);
}

const tconv_torus *tconv_layer_in(const tconv_layer_call *call, size_t i)
{
    return i < call->n_in ? call->in[i] : NULL;
}

tconv_status tconv_layer_spend(tconv_layer_call *call, double products)
{
    *call->work -= products;
    return *call->work >= 0.0 ? TCONV_OK
                              : tconv_layer_fail(call, TCONV_ESIZE, "the network needs more operations than are allowed for one input");
}

tconv_status tconv_layer_named(tconv_layer_call *call, tconv_status status)
{
    char text[TCONV_MESSAGE_SIZE];
    if (status == TCONV_OK || call->error == NULL)
        return status;
    memcpy(text, call->error->message, sizeof text);
    return tconv_layer_fail(call, status, "%s", text);
}

tconv_status tconv_layer_allocate(tconv_layer_call *call, size_t o)
{
    return tconv_layer_named(call, tconv_torus_allocate(&call->out[o], call->most_elements, call->error));
}

tconv_status tconv_layer_select(tconv_layer_call *call, size_t o, const tconv_torus *from, size_t *const *index)
{
    return tconv_layer_named(call, tconv_torus_select(from, index, &call->out[o], call->most_elements, call->error));
}

tconv_status tconv_layer_copy(tconv_layer_call *call, size_t o, const tconv_torus *from, bool same)
{
    if (same) {
        call->out[o].rank = from->rank;
        memcpy(call->out[o].axis, from->axis, sizeof from->axis);
        call->out[o].rank_before = from->rank_before;
        memcpy(call->out[o].before, from->before, sizeof from->before);
    }
    tconv_status status = tconv_layer_allocate(call, o);
    if (status != TCONV_OK)
        return status;
    call->out[o].integer = from->integer;
    if (call->out[o].count != from->count)
        return tconv_layer_fail(call, TCONV_EFORMAT, "the shapes do not hold the same number of elements");
    memcpy(call->out[o].data, from->data, from->count * sizeof *from->data);
    return TCONV_OK;
}

tconv_status tconv_layer_load(tconv_container *container, size_t index, tconv_torus *to, size_t most, tconv_error *error)
{
    const tconv_tensor_info *info = tconv_container_tensor(container, index);
    tconv_tensor *tensor = NULL;
    tconv_status status = TCONV_OK;
    to->rank = info->rank;
    for (size_t a = 0; a < info->rank; a++)
        to->axis[a] = tconv_torus_fixed(info->shape[a]);
    to->integer = !tconv_element_is_float(info->element);
    bool whole = info->obstacle == NULL && info->element == TCONV_I64;
    if (!whole)
        status = tconv_container_load_tensor(container, index, &tensor, error);
    if (status == TCONV_OK)
        status = tconv_torus_allocate(to, most, error);
    if (status == TCONV_ESIZE)
        status = tconv_fail(error, status, "the tensor '%.120s' has more than %zu elements", info->name, most);
    if (whole)
        return status == TCONV_OK ? tconv_onnx_load_integers(container, index, to->data, error) : status;
    for (size_t i = 0; status == TCONV_OK && i < to->count; i++)
        to->data[i] = tconv_tensor_get(tensor, i);
    tconv_tensor_destroy(tensor);
    return status;
}

tconv_status tconv_layer_axis(tconv_layer_call *call, int64_t axis, size_t rank, size_t *found)
{
    int64_t from_begin = axis < 0 ? axis + (int64_t)rank : axis;
    if (axis < -(int64_t)TCONV_MAX_RANK || from_begin < 0 || from_begin >= (int64_t)rank)
        return tconv_layer_fail(call, TCONV_EFORMAT, "axis %" PRId64 " is not one of the %zu axes", axis, rank);
    *found = (size_t)from_begin;
    return TCONV_OK;
}

tconv_status tconv_layer_integers(tconv_layer_call *call, const char *name, size_t i, int64_t *values, size_t most, size_t *count)
{
    const tconv_onnx_attribute *a = name != NULL ? tconv_onnx_find(call->node, name) : NULL;
    const tconv_torus *in = i != SIZE_MAX ? tconv_layer_in(call, i) : NULL;
    *count = a != NULL ? a->n_ints : in != NULL ? in->count : SIZE_MAX;
    if (*count == SIZE_MAX)
        return TCONV_OK;
    if (*count > most)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "'%s' has %zu numbers, at most %zu are supported", name != NULL ? name : "input",
                                *count, most);
    if (a == NULL && !in->constant)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its '%s' is computed from the image", name != NULL ? name : "input");
    for (size_t k = 0; k < *count; k++) {
        if (a != NULL)
            values[k] = a->ints[k];
        else if (!(fabs(in->data[k]) <= 9.3e18))
            return tconv_layer_fail(call, TCONV_EFORMAT, "its '%s' is not a whole number", name != NULL ? name : "input");
        else      /* INT64_MAX, "to the end", is 2^63 in double */
            values[k] = in->data[k] >= 9.2e18 ? INT64_MAX : in->data[k] <= -9.2e18 ? -INT64_MAX : (int64_t)in->data[k];
    }
    return TCONV_OK;
}

tconv_status tconv_layer_axes(tconv_layer_call *call, size_t i, size_t rank, unsigned *mask, bool *given)
{
    int64_t values[TCONV_MAX_RANK];
    size_t count, axis = 0;
    *mask = 0;
    *given = false;
    tconv_status status = tconv_layer_integers(call, "axes", i, values, TCONV_MAX_RANK, &count);
    if (status != TCONV_OK || count == SIZE_MAX)
        return status;
    *given = true;
    for (size_t k = 0; k < count; k++) {
        status = tconv_layer_axis(call, values[k], rank, &axis);
        if (status != TCONV_OK)
            return status;
        if ((*mask >> axis & 1) != 0)
            return tconv_layer_fail(call, TCONV_EFORMAT, "axis %zu is named twice", axis);
        *mask |= 1u << axis;
    }
    return TCONV_OK;
}

float tconv_layer_float(const tconv_layer_call *call, const char *name, float otherwise)
{
    const tconv_onnx_attribute *a = tconv_onnx_find(call->node, name);
    return a != NULL ? a->f : otherwise;
}

static void meet_centres(tconv_layer_call *call, const tconv_torus_axis *a, const tconv_torus_axis *b)
{
    double difference = (b->centre - a->centre) / a->step;
    call->joins = true;
    if (fabs(difference) > fabs(call->shift[a->space]))
        call->shift[a->space] = difference;
}

tconv_status tconv_layer_meet(tconv_layer_call *call, tconv_torus_axis *a, const tconv_torus_axis *b)
{
    if (b->space == TCONV_FIXED && b->extent == 1)
        return TCONV_OK;
    if (a->space == TCONV_FIXED && a->extent == 1) {
        *a = *b;
        return TCONV_OK;
    }
    if (a->space == TCONV_FIXED && b->space == TCONV_FIXED)
        return a->extent == b->extent ? TCONV_OK
                                      : tconv_layer_fail(call, TCONV_EFORMAT, "extents %zu and %zu do not fit each other", a->extent, b->extent);
    if (a->space != b->space)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "one side has values of its own at every place of the map, "
                                                          "so the layer is not shift-invariant");
    if (a->length != b->length)
        return tconv_layer_fail(call, TCONV_EFORMAT, "maps of different sizes meet (%" PRId64 " and %" PRId64 " samples%s)", a->length,
                                b->length, call->open_size ? ", at a stand-in size" : "");
    size_t period = tconv_lcm(a->extent, b->extent, call->most_period);
    if (period == 0)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    a->extent = period;
    meet_centres(call, a, b);
    return TCONV_OK;
}

/* ---- windows ---- */

/* SAME: so many samples of padding that the output has ceil(length / stride); the odd one at the end for SAME_UPPER. */
static void pad_same(const tconv_torus_axis *axis, tconv_window_axis *w, bool upper)
{
    int64_t reach = (int64_t)((w->kernel - 1) * w->dilation + 1), stride = (int64_t)w->stride;
    int64_t total = ((axis->length + stride - 1) / stride - 1) * stride + reach - axis->length;
    total = total < 0 ? 0 : total;
    w->pad_begin = upper ? total / 2 : total - total / 2;
    w->pad_end = total - w->pad_begin;
}

static tconv_status read_numbers(tconv_layer_call *call, const char *name, size_t count, int64_t otherwise, int64_t least, int64_t *values)
{
    size_t given;
    tconv_status status = tconv_layer_integers(call, name, SIZE_MAX, values, 2 * TCONV_MAX_RANK, &given);
    if (status != TCONV_OK)
        return status;
    if (given == SIZE_MAX || given == 0)
        for (size_t i = 0; i < count; i++)
            values[i] = otherwise;
    else if (given != count)
        return tconv_layer_fail(call, TCONV_EFORMAT, "'%s' has %zu numbers; %zu belong there", name, given, count);
    for (size_t i = 0; i < count; i++)
        if (values[i] < least || values[i] > 1 << 20)
            return tconv_layer_fail(call, TCONV_EFORMAT, "'%s' has the value %" PRId64, name, values[i]);
    return TCONV_OK;
}

/* auto_pad and output_shape of a transposed window whose pads are not told; `made` samples, 0 = as many as auto_pad makes. */
static tconv_status pad_transposed(tconv_layer_call *call, const tconv_torus_axis *axis, tconv_window_axis *w, tconv_auto_pad mode,
                                   int64_t output_padding, int64_t made)
{
    tconv_error reason = { .message = "" };
    tconv_axis a = { .stride = w->stride, .n_taps = w->kernel, .dilation = w->dilation, .output_padding = (size_t)output_padding };
    if (made < 0 || (made > 0 && call->open_size))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its output_shape fixes the size of the map, and the model leaves that of its "
                                                          "input open; pads are supported, or a model of one size");
    if (tconv_axis_check(&a, &reason) != TCONV_OK || tconv_axis_apply_onnx(&a, mode, (size_t)axis->length, (size_t)made, &reason) != TCONV_OK)
        return tconv_layer_fail(call, TCONV_EFORMAT, "%s", reason.message);
    w->pad_begin = a.pad_begin;
    w->pad_end = a.pad_end - (int64_t)a.output_padding;
    return TCONV_OK;
}

/* output_shape: (y, x), or (batch, channels, y, x); zeros where there is none. */
static tconv_status read_output_shape(tconv_layer_call *call, size_t ndim, int64_t *made)
{
    int64_t shape[2 * TCONV_MAX_RANK];
    size_t given;
    tconv_status status = tconv_layer_integers(call, "output_shape", SIZE_MAX, shape, 2 * TCONV_MAX_RANK, &given);
    if (status != TCONV_OK)
        return status;
    if (given != SIZE_MAX && given != 0 && given != ndim && given != ndim + 2)
        return tconv_layer_fail(call, TCONV_EFORMAT, "'output_shape' has %zu numbers; %zu belong there", given, ndim);
    for (size_t i = 0; i < ndim; i++)
        made[i] = given == SIZE_MAX || given == 0 ? 0 : shape[given - ndim + i] > 0 ? shape[given - ndim + i] : -1;
    return TCONV_OK;
}

tconv_status tconv_layer_windows(tconv_layer_call *call, const tconv_torus *x, const size_t *kernel, bool transposed,
                                 tconv_window_axis *windows)
{
    size_t ndim = x->rank - 2;
    int64_t strides[2 * TCONV_MAX_RANK], dilations[2 * TCONV_MAX_RANK], pads[2 * TCONV_MAX_RANK], extra[2 * TCONV_MAX_RANK] = { 0 },
        made[TCONV_MAX_RANK] = { 0 };
    const char *mode = tconv_onnx_string(call->node, "auto_pad", "NOTSET");
    bool same = strcmp(mode, "SAME_UPPER") == 0 || strcmp(mode, "SAME_LOWER") == 0, upper = strcmp(mode, "SAME_UPPER") == 0;
    tconv_auto_pad pad = upper ? TCONV_PAD_SAME_UPPER : same ? TCONV_PAD_SAME_LOWER : TCONV_PAD_EXPLICIT;
    if (!same && strcmp(mode, "NOTSET") != 0 && strcmp(mode, "VALID") != 0 && mode[0] != '\0')
        return tconv_layer_fail(call, TCONV_EFORMAT, "auto_pad '%.40s' is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER", mode);
    tconv_status status = read_numbers(call, "strides", ndim, 1, 1, strides);
    if (status == TCONV_OK)
        status = read_numbers(call, "dilations", ndim, 1, 1, dilations);
    if (status == TCONV_OK)
        status = read_numbers(call, "pads", 2 * ndim, 0, -(1 << 20), pads);
    if (status == TCONV_OK && transposed)
        status = read_numbers(call, "output_padding", ndim, 0, 0, extra);
    if (status == TCONV_OK && transposed)
        status = read_output_shape(call, ndim, made);
    for (size_t i = 0; status == TCONV_OK && i < ndim; i++) {
        tconv_window_axis *w = &windows[i];
        *w = (tconv_window_axis){ kernel[i], (size_t)strides[i], (size_t)dilations[i], pads[i], pads[ndim + i] };
        if (strcmp(mode, "VALID") == 0)
            w->pad_begin = w->pad_end = 0;
        if (transposed && (same || made[i] != 0))
            status = pad_transposed(call, &x->axis[2 + i], w, pad, extra[i], made[i]);
        else if (same)
            pad_same(&x->axis[2 + i], w, upper);
        else
            w->pad_end -= extra[i];
    }
    return status;
}

tconv_status tconv_layer_slide(tconv_layer_call *call, const tconv_torus_axis *from, const tconv_window_axis *w, bool ceiling,
                               tconv_torus_axis *to, size_t **source)
{
    tconv_status status = TCONV_OK;
    int64_t reach = (int64_t)((w->kernel - 1) * w->dilation + 1), stride = (int64_t)w->stride;
    *to = *from;
    if (from->space == TCONV_FIXED && (from->extent != 1 || w->kernel != 1 || w->pad_begin != 0 || w->pad_end != 0))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it slides over an axis of %zu values that is not space", from->extent);
    size_t period = tconv_lcm(from->extent, w->stride, call->most_period);      /* / stride is at most the extent */
    if (period == 0)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    to->extent = period / w->stride;
    if (from->space != TCONV_FIXED) {
        int64_t room = from->length + w->pad_begin + w->pad_end - reach;
        to->length = (room + (ceiling ? stride - 1 : 0)) / stride + 1;
        to->step = from->step * (double)stride;
        to->centre = from->centre + from->step * (0.5 * (double)(reach - 1) - (double)w->pad_begin);
    } else {
        to->extent = 1;
    }
    *source = tconv_alloc(to->extent * w->kernel, sizeof **source, &status);
    if (*source == NULL)
        return tconv_layer_fail(call, status, "%s", tconv_status_text(status));
    for (size_t o = 0; o < to->extent; o++)
        for (size_t r = 0; r < w->kernel; r++)
            (*source)[o * w->kernel + r] = tconv_wrap((int64_t)(o * w->stride) - w->pad_begin + (int64_t)(r * w->dilation), from->extent);
    return TCONV_OK;
}
