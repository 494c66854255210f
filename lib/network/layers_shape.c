/* Layers that change names and shapes only: what exporters write around the others. Shape answers with lengths at the
 * stand-in size (torus.h), so that all that is computed from them is a constant. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "layers.h"

static tconv_status identity(tconv_layer_call *call)
{
    if (call->n_out > 1 && call->node->outputs[1][0] != '\0')
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "only its first output is supported");
    return tconv_layer_copy(call, 0, call->in[0], true);
}

static tconv_status dropout(tconv_layer_call *call)
{
    const tconv_torus *training = tconv_layer_in(call, 2);
    if (training != NULL && (!training->constant || training->count != 1 || training->data[0] != 0.0))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it is in training mode: it drops values at random");
    return identity(call);
}

/* To whole numbers: towards zero. Between floating types values stay as they are. */
static tconv_status cast(tconv_layer_call *call)
{
    int64_t to = tconv_onnx_int(call->node, "to", 0);
    bool floating = to == 1 || to == 10 || to == 11 || to == 16, integer = (to >= 2 && to <= 7) || to == 9 || to == 12 || to == 13;
    if (!floating && !integer)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a cast to element type %" PRId64, to);
    tconv_status status = tconv_layer_copy(call, 0, call->in[0], true);
    call->out[0].integer = integer;
    for (size_t i = 0; status == TCONV_OK && integer && i < call->out[0].count; i++) {
        double *v = &call->out[0].data[i];
        *v = to == 9 ? (*v != 0.0 ? 1.0 : 0.0) : trunc(*v);
    }
    return status;
}

static tconv_status vector(tconv_layer_call *call, size_t count, bool integer)
{
    call->out[0].rank = 1;
    call->out[0].axis[0] = tconv_torus_fixed(count);
    call->out[0].integer = integer;
    return tconv_layer_allocate(call, 0);
}

/* Output 0 = tensor number `index` of the container. */
static tconv_status from_tensor(tconv_layer_call *call, size_t index)
{
    return tconv_layer_named(call, tconv_layer_load(call->container, index, &call->out[0], call->most_elements, call->error));
}

static tconv_status constant(tconv_layer_call *call)
{
    const tconv_onnx_attribute *a;
    tconv_status status;
    if ((a = tconv_onnx_find(call->node, "value")) != NULL && a->tensor != SIZE_MAX)
        return from_tensor(call, a->tensor);
    if ((a = tconv_onnx_find(call->node, "value_ints")) != NULL || (a = tconv_onnx_find(call->node, "value_floats")) != NULL) {
        bool integer = strcmp(a->name, "value_ints") == 0;
        status = vector(call, integer ? a->n_ints : a->n_floats, integer);
        for (size_t i = 0; status == TCONV_OK && i < call->out[0].count; i++)
            call->out[0].data[i] = integer ? (double)a->ints[i] : (double)a->floats[i];
        return status;
    }
    if ((a = tconv_onnx_find(call->node, "value_int")) == NULL && (a = tconv_onnx_find(call->node, "value_float")) == NULL)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a constant without numbers");
    status = vector(call, 1, strcmp(a->name, "value_int") == 0);
    call->out[0].rank = 0;
    if (status == TCONV_OK)
        call->out[0].data[0] = call->out[0].integer ? (double)a->i : (double)a->f;
    return status;
}

/* ---- numbers of shapes ---- */

static tconv_status shape(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    int64_t rank = (int64_t)x->rank, start = tconv_onnx_int(call->node, "start", 0), end = tconv_onnx_int(call->node, "end", rank);
    start = start < -rank ? 0 : start < 0 ? start + rank : start > rank ? rank : start;
    end = end < -rank ? 0 : end < 0 ? end + rank : end > rank ? rank : end;
    tconv_status status = vector(call, end > start ? (size_t)(end - start) : 0, true);
    for (size_t i = 0; status == TCONV_OK && i < call->out[0].count; i++)
        call->out[0].data[i] = (double)x->axis[(size_t)start + i].length;
    return status;
}

/* y[before, i.., after] = x[before, indices[i..], after] along a fixed axis. */
static tconv_status gather(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0], *indices = call->in[1];
    tconv_torus *y = &call->out[0];
    size_t axis, inner = 1;
    tconv_status status = tconv_layer_axis(call, tconv_onnx_int(call->node, "axis", 0), x->rank, &axis);
    if (status != TCONV_OK)
        return status;
    if (x->axis[axis].space != TCONV_FIXED || x->rank + indices->rank - 1 > TCONV_MAX_RANK || !indices->constant)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "single places of a map are not shift-invariant; it may gather channels");
    for (size_t a = 0; a < x->rank; a++)
        inner *= a > axis ? x->axis[a].extent : 1;
    y->rank = x->rank + indices->rank - 1;
    memcpy(y->axis, x->axis, axis * sizeof y->axis[0]);
    memcpy(y->axis + axis, indices->axis, indices->rank * sizeof y->axis[0]);
    memcpy(y->axis + axis + indices->rank, x->axis + axis + 1, (x->rank - axis - 1) * sizeof y->axis[0]);
    status = tconv_layer_allocate(call, 0);
    y->integer = x->integer;
    for (size_t i = 0; status == TCONV_OK && i < y->count; i++) {
        double at = indices->data[i / inner % indices->count], n = (double)x->axis[axis].extent;
        at += at < 0.0 ? n : 0.0;
        if (!(at >= 0.0 && at < n))
            return tconv_layer_fail(call, TCONV_EFORMAT, "an index is outside the %zu elements", x->axis[axis].extent);
        y->data[i] = x->data[(i / inner / indices->count * x->axis[axis].extent + (size_t)at) * inner + i % inner];
    }
    return status;
}

/* The lengths that a constant input asks for, as fixed axes. */
static tconv_status read_shape(tconv_layer_call *call, size_t input, int64_t *lengths, size_t *rank)
{
    tconv_status status = tconv_layer_integers(call, tconv_onnx_find(call->node, "shape") != NULL ? "shape" : NULL, input, lengths,
                                               TCONV_MAX_RANK, rank);
    return status == TCONV_OK && *rank == SIZE_MAX ? tconv_layer_fail(call, TCONV_EFORMAT, "its shape is left out") : status;
}

static tconv_status constant_of_shape(tconv_layer_call *call)
{
    const tconv_onnx_attribute *a = tconv_onnx_find(call->node, "value");
    int64_t lengths[TCONV_MAX_RANK];
    size_t rank;
    double value = 0.0;
    bool integer = false;
    tconv_torus *y = &call->out[0];
    tconv_status status = read_shape(call, 0, lengths, &rank);
    if (status == TCONV_OK && a != NULL) {
        status = a->tensor != SIZE_MAX ? from_tensor(call, a->tensor) : TCONV_OK;
        if (status == TCONV_OK && y->count != 1)
            status = tconv_layer_fail(call, TCONV_EFORMAT, "its value is not one number");
        value = status == TCONV_OK ? y->data[0] : 0.0;
        integer = y->integer;
        tconv_torus_free(y);
    }
    if (status != TCONV_OK)
        return status;
    y->rank = rank;
    for (size_t i = 0; i < rank; i++)
        y->axis[i] = tconv_torus_fixed(lengths[i] > 0 ? (size_t)lengths[i] : 0);
    status = tconv_layer_allocate(call, 0);
    y->integer = integer;
    for (size_t i = 0; status == TCONV_OK && i < y->count; i++)
        y->data[i] = value;
    return status;
}

static tconv_status range(tconv_layer_call *call)
{
    if (call->in[0]->count != 1 || call->in[1]->count != 1 || call->in[2]->count != 1)
        return tconv_layer_fail(call, TCONV_EFORMAT, "its inputs are not single numbers");
    double start = call->in[0]->data[0], step = call->in[2]->data[0], count = ceil((call->in[1]->data[0] - start) / step);
    if (!(count <= (double)call->most_elements))
        return tconv_layer_fail(call, TCONV_ESIZE, "it has too many elements");
    tconv_status status = vector(call, count > 0.0 ? (size_t)count : 0, call->in[0]->integer && call->in[2]->integer);
    for (size_t i = 0; status == TCONV_OK && i < call->out[0].count; i++)
        call->out[0].data[i] = start + step * (double)i;
    return status;
}

/* Broadcast to a shape: spatial axes stay what they are. */
static tconv_status expand(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    tconv_torus *y = &call->out[0];
    int64_t lengths[TCONV_MAX_RANK];
    size_t rank;
    tconv_status status = read_shape(call, 1, lengths, &rank);
    if (status != TCONV_OK)
        return status;
    y->rank = rank > x->rank ? rank : x->rank;
    for (size_t back = 1; back <= y->rank; back++) {
        tconv_torus_axis axis = back <= x->rank ? x->axis[x->rank - back] : tconv_torus_fixed(1);
        int64_t wanted = back <= rank ? lengths[rank - back] : 1;
        bool one = axis.length == 1 && axis.space == TCONV_FIXED;
        if (wanted < 0 || (wanted != 1 && !one && axis.length != wanted))
            return tconv_layer_fail(call, TCONV_EFORMAT, "%" PRId64 " samples cannot be expanded to %" PRId64, axis.length, wanted);
        y->axis[y->rank - back] = one ? tconv_torus_fixed((size_t)wanted) : axis;
    }
    status = tconv_layer_allocate(call, 0);
    tconv_walk walk;
    tconv_walk_begin(&walk, y);
    y->integer = x->integer;
    for (size_t i = 0; status == TCONV_OK && i < y->count; i++, tconv_walk_next(&walk))
        y->data[i] = x->data[tconv_walk_offset(&walk, x)];
    return status;
}

/* ---- shapes ---- */

static tconv_status squeeze(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    unsigned mask = 0;
    bool given;
    tconv_status status = tconv_layer_axes(call, 1, x->rank, &mask, &given);
    if (status == TCONV_OK)
        status = tconv_layer_copy(call, 0, x, true);
    if (status != TCONV_OK)
        return status;
    call->out[0].rank = 0;
    for (size_t a = 0; a < x->rank; a++) {
        bool one = x->axis[a].space == TCONV_FIXED && x->axis[a].extent == 1, taken = given ? (mask >> a & 1) != 0 : one;
        if (taken && !one)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "axis %zu does not have exactly one element", a);
        if (!taken)
            call->out[0].axis[call->out[0].rank++] = x->axis[a];
    }
    return TCONV_OK;
}

static tconv_status unsqueeze(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    int64_t values[TCONV_MAX_RANK];
    size_t count, rank, from = 0;
    unsigned mask = 0;
    bool given;
    tconv_status status = tconv_layer_integers(call, "axes", 1, values, TCONV_MAX_RANK, &count);
    if (status != TCONV_OK)
        return status;
    if (count == SIZE_MAX || x->rank + count > TCONV_MAX_RANK)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its axes are left out or more than %d", TCONV_MAX_RANK);
    rank = x->rank + count;
    status = tconv_layer_axes(call, 1, rank, &mask, &given);
    if (status == TCONV_OK)
        status = tconv_layer_copy(call, 0, x, true);
    if (status != TCONV_OK)
        return status;
    call->out[0].rank = rank;
    for (size_t a = 0; a < rank; a++)
        call->out[0].axis[a] = (mask >> a & 1) != 0 ? tconv_torus_fixed(1) : x->axis[from++];
    return TCONV_OK;
}

static tconv_status transpose(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    tconv_torus *y = &call->out[0];
    int64_t perm[TCONV_MAX_RANK];
    size_t count, order[TCONV_MAX_RANK];
    unsigned seen = 0;
    tconv_walk walk;
    tconv_status status = tconv_layer_integers(call, "perm", SIZE_MAX, perm, TCONV_MAX_RANK, &count);
    if (status != TCONV_OK)
        return status;
    if (count != SIZE_MAX && count != x->rank)
        return tconv_layer_fail(call, TCONV_EFORMAT, "perm has %zu numbers for %zu axes", count, x->rank);
    y->rank = x->rank;
    for (size_t a = 0; a < x->rank; a++) {
        status = tconv_layer_axis(call, count != SIZE_MAX ? perm[a] : (int64_t)(x->rank - 1 - a), x->rank, &order[a]);
        if (status != TCONV_OK)
            return status;
        seen |= 1u << order[a];
        y->axis[a] = x->axis[order[a]];
    }
    if (seen != (1u << x->rank) - 1)
        return tconv_layer_fail(call, TCONV_EFORMAT, "perm names an axis twice");
    status = tconv_layer_allocate(call, 0);
    y->integer = x->integer;
    tconv_walk_begin(&walk, x);
    for (size_t i = 0; status == TCONV_OK && i < x->count; i++, tconv_walk_next(&walk)) {
        size_t at = 0;
        for (size_t a = 0; a < y->rank; a++)
            at = at * y->axis[a].extent + walk.at[order[a]];
        y->data[at] = x->data[i];
    }
    return status;
}

/* ---- Reshape: axes are cut into groups of equal products ---- */

struct reshape {
    const tconv_torus *x;
    int64_t lengths[TCONV_MAX_RANK];
    size_t rank;
    tconv_torus tiled;          /* x with periods that can be split */
    tconv_torus_axis to[TCONV_MAX_RANK];
};

/* One group: input axes i0..i1-1 become output axes o0..o1-1. With space in it, space comes first on both sides: what
 * follows it on the input side is laid into it (pixel shuffle), what follows on the output side is taken out of it. */
static tconv_status reshape_group(tconv_layer_call *call, struct reshape *r, size_t i0, size_t i1, size_t o0, size_t o1)
{
    size_t space = SIZE_MAX, laid = 1, taken = 1, first = SIZE_MAX;
    for (size_t i = i0; i < i1; i++) {
        bool single = r->x->axis[i].space == TCONV_FIXED && r->x->axis[i].extent == 1;
        if (r->x->axis[i].space != TCONV_FIXED && (space != SIZE_MAX || laid != 1))
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it mixes an axis of space with others; pixel shuffle and its inverse are supported");
        if (r->x->axis[i].space != TCONV_FIXED)
            space = i;
        else if (!single)
            laid *= r->x->axis[i].extent;
    }
    for (size_t o = o0; o < o1; o++)
        r->to[o] = tconv_torus_fixed((size_t)r->lengths[o]);
    if (space == SIZE_MAX)
        return TCONV_OK;
    for (size_t o = o0; o < o1; o++) {
        if (first == SIZE_MAX && (r->lengths[o] != 1 || o + 1 == o1))
            first = o;
        else
            taken *= (size_t)r->lengths[o];
    }
    tconv_torus_axis axis = r->x->axis[space];
    size_t period = axis.extent > call->most_period / laid ? 0 : tconv_lcm(axis.extent * laid, taken, call->most_period);
    if (period != 0)
        period = tconv_lcm(period, laid, call->most_period);
    if (period == 0)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    r->tiled.axis[space].extent = period / laid;
    if (laid > 1) {
        tconv_axis_spread(&axis, laid);
        call->factor[axis.space] = laid;
    }
    axis.extent = period / taken;
    axis.length /= (int64_t)taken;
    axis.centre += axis.step * 0.5 * (double)(taken - 1);
    axis.step *= (double)taken;
    r->to[first] = axis;
    return TCONV_OK;
}

/* Find the groups from the left: as few axes on either side as have the same product of lengths. */
static tconv_status reshape_groups(tconv_layer_call *call, struct reshape *r)
{
    size_t i = 0, o = 0;
    tconv_status status = TCONV_OK;
    while (status == TCONV_OK && (i < r->x->rank || o < r->rank)) {
        size_t i0 = i, o0 = o;
        double in = i < r->x->rank ? (double)r->x->axis[i++].length : 1.0, out = o < r->rank ? (double)r->lengths[o++] : 1.0;
        while (in != out) {
            if (in < out && i < r->x->rank)
                in *= (double)r->x->axis[i++].length;
            else if (out < in && o < r->rank)
                out *= (double)r->lengths[o++];
            else
                return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "the new shape does not fit the map%s", call->open_size ? " at every size" : "");
        }
        status = reshape_group(call, r, i0, i, o0, o);
    }
    return status;
}

/* 0 copies a length, -1 stands for what is left over. */
static tconv_status complete_lengths(tconv_layer_call *call, struct reshape *r, bool zero_is_zero)
{
    double all = 1.0, known = 1.0;
    size_t open = SIZE_MAX;
    for (size_t i = 0; i < r->x->rank; i++)
        all *= (double)r->x->axis[i].length;
    for (size_t o = 0; o < r->rank; o++) {
        if (r->lengths[o] == 0 && !zero_is_zero && o < r->x->rank)
            r->lengths[o] = r->x->axis[o].length;
        if (r->lengths[o] == -1 && open == SIZE_MAX)
            open = o;
        else if (r->lengths[o] < 0)
            return tconv_layer_fail(call, TCONV_EFORMAT, "its shape has a negative length");
        else
            known *= (double)r->lengths[o];
    }
    if (open != SIZE_MAX) {
        double rest = all / known;
        if (!(rest >= 0.0 && rest < 4e18))
            return tconv_layer_fail(call, TCONV_EFORMAT, "its shape does not fit");
        r->lengths[open] = (int64_t)rest;
    }
    return TCONV_OK;
}

static tconv_status reshape_to(tconv_layer_call *call, struct reshape *r)
{
    tconv_torus *y = &call->out[0];
    r->tiled.rank = r->x->rank;
    memcpy(r->tiled.axis, r->x->axis, sizeof r->tiled.axis);
    for (size_t o = 0; o < r->rank; o++)
        r->to[o] = tconv_torus_fixed((size_t)r->lengths[o]);
    tconv_status status = r->x->count > 0 ? reshape_groups(call, r) : TCONV_OK;
    if (status == TCONV_OK)
        status = tconv_layer_named(call, tconv_torus_select(r->x, NULL, &r->tiled, call->most_elements, call->error));
    if (status == TCONV_OK) {
        y->rank = r->rank;
        memcpy(y->axis, r->to, sizeof y->axis);
        status = tconv_layer_copy(call, 0, &r->tiled, false);
    }
    for (size_t a = 0; status == TCONV_OK && call->equalise && a < y->rank; a++)
        if (y->axis[a].space >= 0 && call->factor[y->axis[a].space] > 1)
            tconv_torus_level(y, a, call->factor[y->axis[a].space]);
    tconv_torus_free(&r->tiled);
    return status;
}

/* Is it (batch, channels, space ..) to (batch, groups, all the rest), as group normalisation begins? Not where it is the same. */
static bool merges(const struct reshape *r)
{
    const tconv_torus *x = r->x;
    if (x->rank < 3 || r->rank != 3 || r->lengths[0] != x->axis[0].length || r->lengths[1] < 1 || x->axis[1].space != TCONV_FIXED
        || x->axis[1].length % r->lengths[1] != 0 || (x->rank == 3 && r->lengths[1] == x->axis[1].length))
        return false;
    double rest = (double)(x->axis[1].length / r->lengths[1]);
    for (size_t a = 2; a < x->rank; a++) {
        rest *= (double)x->axis[a].length;
        if (x->axis[a].space < 0)
            return false;
    }
    return rest == (double)r->lengths[2];
}

static tconv_status merge(tconv_layer_call *call, const struct reshape *r)
{
    const tconv_torus *x = r->x;
    tconv_torus *y = &call->out[0];
    size_t groups = (size_t)r->lengths[1];
    y->rank = 3;
    y->axis[0] = x->axis[0];
    y->axis[1] = tconv_torus_fixed(groups);
    y->axis[2] = (tconv_torus_axis){ .space = TCONV_MERGED, .length = r->lengths[2],
                                     .extent = x->axis[0].extent == 0 ? 0 : x->count / x->axis[0].extent / groups };
    y->rank_before = x->rank;
    memcpy(y->before, x->axis, sizeof y->before);
    return tconv_layer_copy(call, 0, x, false);
}

/* Back to the axes that were merged. */
static tconv_status part(tconv_layer_call *call, const struct reshape *r)
{
    tconv_torus *y = &call->out[0];
    bool same = r->rank == r->x->rank_before;
    for (size_t a = 0; same && a < r->rank; a++)
        same = r->lengths[a] == r->x->before[a].length;
    if (!same)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it gives channels and space, which were made one, another shape than they had");
    y->rank = r->rank;
    memcpy(y->axis, r->x->before, sizeof y->axis);
    return tconv_layer_copy(call, 0, r->x, false);
}

static tconv_status reshape(tconv_layer_call *call)
{
    struct reshape r = { .x = call->in[0] };
    tconv_status status = read_shape(call, 1, r.lengths, &r.rank);
    if (status == TCONV_OK)
        status = complete_lengths(call, &r, tconv_onnx_int(call->node, "allowzero", 0) != 0);
    if (status != TCONV_OK)
        return status;
    return r.x->rank_before > 0 ? part(call, &r) : merges(&r) ? merge(call, &r) : reshape_to(call, &r);
}

/* (product of the axes before `axis`, product of the others). */
static tconv_status flatten(tconv_layer_call *call)
{
    struct reshape r = { .x = call->in[0], .rank = 2, .lengths = { 1, 1 } };
    int64_t axis = tconv_onnx_int(call->node, "axis", 1), rank = (int64_t)r.x->rank;
    if (axis < -rank || axis > rank)
        return tconv_layer_fail(call, TCONV_EFORMAT, "axis %" PRId64 " is not one of the %zu axes", axis, r.x->rank);
    axis += axis < 0 ? rank : 0;
    for (size_t i = 0; i < r.x->rank; i++) {
        int64_t *to = &r.lengths[(int64_t)i < axis ? 0 : 1];
        if (r.x->axis[i].space != TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a flattened map is not shift-invariant");
        *to *= r.x->axis[i].length;
    }
    return reshape_to(call, &r);
}

const tconv_layer_operator tconv_layers_shape[] = {
    { "Reshape", 1, 2, reshape }, { "Transpose", 1, 1, transpose }, { "Squeeze", 1, 2, squeeze }, { "Unsqueeze", 1, 2, unsqueeze },
    { "Flatten", 1, 1, flatten }, { "Identity", 1, 1, identity }, { "Dropout", 1, 3, dropout }, { "Cast", 1, 1, cast },
    { "Constant", 0, 0, constant }, { "ConstantOfShape", 1, 1, constant_of_shape }, { "Shape", 1, 1, shape },
    { "Gather", 2, 2, gather }, { "Range", 3, 3, range }, { "Expand", 1, 2, expand }, { NULL, 0, 0, NULL },
};
