/* Layers that join, cut and shift along axes: Concat, Split, Slice, Pad. Along space a cut at `start` is a shift by
 * `start` samples, padding at the beginning a shift the other way; what they do at borders is not seen. */
#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "layers.h"

static tconv_status concat(tconv_layer_call *call)
{
    tconv_torus *y = &call->out[0];
    const tconv_torus *first = call->in[0];
    size_t axis, extent = 0;
    tconv_status status = tconv_layer_axis(call, tconv_onnx_int(call->node, "axis", 1), first->rank, &axis);
    if (status != TCONV_OK)
        return status;
    y->rank = first->rank;
    memcpy(y->axis, first->axis, sizeof y->axis);
    y->integer = true;
    for (size_t i = 0; i < call->n_in; i++) {
        const tconv_torus *x = call->in[i];
        if (x == NULL || x->rank != first->rank)
            return tconv_layer_fail(call, TCONV_EFORMAT, "its inputs have different numbers of axes");
        if (x->axis[axis].space != TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "maps laid side by side in space are not shift-invariant");
        for (size_t a = 0; a < x->rank; a++) {
            bool fixed = x->axis[a].space == TCONV_FIXED || y->axis[a].space == TCONV_FIXED;      /* nothing broadcasts here */
            if (a != axis && fixed && (x->axis[a].space != y->axis[a].space || y->axis[a].extent != x->axis[a].extent))
                return tconv_layer_fail(call, TCONV_EFORMAT, "its inputs do not have the same shape");
            if (a != axis)
                status = tconv_layer_meet(call, &y->axis[a], &x->axis[a]);
            if (status != TCONV_OK)
                return status;
        }
        if (!tconv_size_add(extent, x->axis[axis].extent, &extent))
            return tconv_layer_fail(call, TCONV_ESIZE, "its output is too large");
        y->integer = y->integer && x->integer;
    }
    y->axis[axis] = tconv_torus_fixed(extent);
    status = tconv_layer_allocate(call, 0);
    for (size_t i = 0, begin = 0; status == TCONV_OK && i < call->n_in; begin += call->in[i]->axis[axis].extent, i++) {
        tconv_torus part = { .rank = y->rank };
        memcpy(part.axis, y->axis, sizeof part.axis);
        part.axis[axis] = call->in[i]->axis[axis];
        status = tconv_layer_named(call, tconv_torus_select(call->in[i], NULL, &part, call->most_elements, call->error));
        size_t inner = 1;
        for (size_t a = axis + 1; a < y->rank; a++)
            inner *= y->axis[a].extent;
        size_t run = part.axis[axis].extent * inner;
        for (size_t at = 0; status == TCONV_OK && run > 0 && at < part.count / run; at++)
            memcpy(y->data + at * extent * inner + begin * inner, part.data + at * run, run * sizeof *y->data);
        tconv_torus_free(&part);
    }
    return status;
}

/* Output o = the elements index[0..extent-1] along one axis. */
static tconv_status pick(tconv_layer_call *call, size_t o, const tconv_torus *x, size_t axis, const tconv_torus_axis *to, size_t *index)
{
    size_t *all[TCONV_MAX_RANK] = { NULL };
    all[axis] = index;
    call->out[o].rank = x->rank;
    memcpy(call->out[o].axis, x->axis, sizeof x->axis);
    call->out[o].axis[axis] = *to;
    return tconv_layer_select(call, o, x, all);
}

static tconv_status split(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    int64_t *sizes, begin = 0;
    size_t axis, count;
    tconv_status status = tconv_layer_axis(call, tconv_onnx_int(call->node, "axis", 0), x->rank, &axis);
    if (status != TCONV_OK)
        return status;
    if (x->axis[axis].space != TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a map cut into pieces is not shift-invariant");
    int64_t extent = (int64_t)x->axis[axis].extent, parts = (int64_t)call->n_out;
    sizes = tconv_alloc_zero(call->n_out, sizeof *sizes, &status);
    if (sizes == NULL)
        return tconv_layer_fail(call, status, "%s", tconv_status_text(status));
    status = tconv_layer_integers(call, "split", 1, sizes, call->n_out, &count);
    if (status == TCONV_OK && count == SIZE_MAX)
        for (int64_t o = 0, each = (extent + parts - 1) / parts; o < parts; o++)
            sizes[o] = o + 1 < parts ? each : extent - each * (parts - 1);
    else if (status == TCONV_OK && count != call->n_out)
        status = tconv_layer_fail(call, TCONV_EFORMAT, "%zu sizes for %zu outputs", count, call->n_out);
    size_t *index = status == TCONV_OK ? tconv_alloc(x->axis[axis].extent, sizeof *index, &status) : NULL;
    for (size_t o = 0; status == TCONV_OK && o < call->n_out; begin += sizes[o++]) {
        if (sizes[o] < 0 || sizes[o] > extent - begin || (o + 1 == call->n_out && sizes[o] != extent - begin)) {
            status = tconv_layer_fail(call, TCONV_EFORMAT, "its parts do not fit the %" PRId64 " elements", extent);
            break;
        }
        tconv_torus_axis to = tconv_torus_fixed((size_t)sizes[o]);
        for (int64_t i = 0; i < sizes[o]; i++)
            index[i] = (size_t)(begin + i);
        status = pick(call, o, x, axis, &to, index);
    }
    tconv_free(index);
    tconv_free(sizes);
    return status;
}

/* ---- Slice ---- */

struct cut {
    int64_t start, end, step;
};

static int64_t bounded(int64_t at, int64_t length, int64_t least, int64_t most)
{
    at = at < 0 ? at + length : at;
    return at < least ? least : at > most ? most : at;
}

/* The axis after a cut and the elements that stay; along space every step-th sample of the period from `start` on. */
static tconv_status cut_axis(tconv_layer_call *call, const tconv_torus_axis *from, const struct cut *cut, tconv_torus_axis *to, size_t **index)
{
    tconv_status status = TCONV_OK;
    bool down = cut->step < 0, space = from->space != TCONV_FIXED;
    int64_t n = from->length;
    int64_t start = down ? bounded(cut->start, n, 0, n - 1) : bounded(cut->start, n, 0, n);
    int64_t end = down ? bounded(cut->end, n, -1, n - 1) : bounded(cut->end, n, 0, n);
    int64_t length = down ? (start - end - cut->step - 1) / -cut->step : (end - start + cut->step - 1) / cut->step;
    length = length < 0 ? 0 : length;
    *to = *from;
    if (space && down)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a mirrored map is not shift-invariant");
    if (space && call->open_size && n % (int64_t)from->extent != 0 && cut->start < 0)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it counts from the end of a map whose size does not hold whole periods");
    size_t period = space ? tconv_lcm(from->extent, (size_t)cut->step, call->most_period) : (size_t)length;
    if (space && period == 0)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    to->extent = space ? period / (size_t)cut->step : (size_t)length;
    to->length = length;
    to->centre = from->centre + from->step * (double)start;
    to->step = from->step * (double)cut->step;
    *index = tconv_alloc(to->extent, sizeof **index, &status);
    if (*index == NULL)
        return tconv_layer_fail(call, status, "%s", tconv_status_text(status));
    for (size_t j = 0; j < to->extent; j++)
        (*index)[j] = space ? tconv_wrap(start + (int64_t)j * cut->step, from->extent) : (size_t)(start + (int64_t)j * cut->step);
    return TCONV_OK;
}

static tconv_status read_cuts(tconv_layer_call *call, const tconv_torus *x, struct cut *cuts, unsigned *mask)
{
    bool old = call->opset < 10;
    int64_t starts[TCONV_MAX_RANK], ends[TCONV_MAX_RANK], axes[TCONV_MAX_RANK], steps[TCONV_MAX_RANK];
    size_t n_starts, n_ends, n_axes, n_steps = SIZE_MAX;
    tconv_status status = tconv_layer_integers(call, "starts", old ? SIZE_MAX : 1, starts, TCONV_MAX_RANK, &n_starts);
    if (status == TCONV_OK)
        status = tconv_layer_integers(call, "ends", old ? SIZE_MAX : 2, ends, TCONV_MAX_RANK, &n_ends);
    if (status == TCONV_OK)
        status = tconv_layer_integers(call, "axes", old ? SIZE_MAX : 3, axes, TCONV_MAX_RANK, &n_axes);
    if (status == TCONV_OK && !old)
        status = tconv_layer_integers(call, "steps", 4, steps, TCONV_MAX_RANK, &n_steps);
    if (status != TCONV_OK)
        return status;
    if (n_starts == SIZE_MAX || n_starts != n_ends || n_starts > x->rank || (n_axes != SIZE_MAX && n_axes != n_starts)
        || (n_steps != SIZE_MAX && n_steps != n_starts))
        return tconv_layer_fail(call, TCONV_EFORMAT, "its starts, ends, axes and steps are not equally many");
    *mask = 0;
    for (size_t i = 0; i < n_starts; i++) {
        size_t axis;
        status = tconv_layer_axis(call, n_axes != SIZE_MAX ? axes[i] : (int64_t)i, x->rank, &axis);
        if (status != TCONV_OK)
            return status;
        cuts[axis] = (struct cut){ starts[i], ends[i], n_steps != SIZE_MAX ? steps[i] : 1 };
        if (cuts[axis].step == 0 || cuts[axis].step > INT32_MAX || cuts[axis].step < -INT32_MAX || (*mask >> axis & 1) != 0)
            return tconv_layer_fail(call, TCONV_EFORMAT, "a step of %" PRId64 ", or an axis twice", cuts[axis].step);
        *mask |= 1u << axis;
    }
    return TCONV_OK;
}

static tconv_status slice(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    struct cut cuts[TCONV_MAX_RANK];
    size_t *index[TCONV_MAX_RANK] = { NULL };
    unsigned mask = 0;
    tconv_status status = read_cuts(call, x, cuts, &mask);
    call->out[0].rank = x->rank;
    memcpy(call->out[0].axis, x->axis, sizeof x->axis);
    for (size_t a = 0; status == TCONV_OK && a < x->rank; a++)
        if ((mask >> a & 1) != 0)
            status = cut_axis(call, &x->axis[a], &cuts[a], &call->out[0].axis[a], &index[a]);
    if (status == TCONV_OK)
        status = tconv_layer_select(call, 0, x, index);
    for (size_t a = 0; a < x->rank; a++)
        tconv_free(index[a]);
    return status;
}

/* ---- Pad ---- */

/* Space: a shift. Fixed axes: `value` is put around (constant mode only). */
static tconv_status pad_axes(tconv_layer_call *call, const tconv_torus *x, const int64_t *begin, const int64_t *end, double value)
{
    tconv_torus *y = &call->out[0];
    tconv_walk walk;
    y->rank = x->rank;
    memcpy(y->axis, x->axis, sizeof y->axis);
    for (size_t a = 0; a < x->rank; a++) {
        y->axis[a].length = x->axis[a].length + begin[a] + end[a];
        y->axis[a].centre -= x->axis[a].step * (double)begin[a];
        if (x->axis[a].space == TCONV_FIXED)
            y->axis[a] = tconv_torus_fixed(y->axis[a].length > 0 ? (size_t)y->axis[a].length : 0);
    }
    tconv_status status = tconv_layer_allocate(call, 0);
    if (status != TCONV_OK)
        return status;
    y->integer = x->integer;
    tconv_walk_begin(&walk, y);
    for (size_t i = 0; i < y->count; i++, tconv_walk_next(&walk)) {
        size_t at = 0;
        bool inside = true;
        for (size_t a = 0; a < x->rank; a++) {
            int64_t j = (int64_t)walk.at[a] - begin[a], n = (int64_t)x->axis[a].extent;
            inside = inside && (x->axis[a].space != TCONV_FIXED || (j >= 0 && j < n));
            at = at * (size_t)n + (inside ? tconv_wrap(j, (size_t)n) : 0);
        }
        y->data[i] = inside ? x->data[at] : value;
    }
    return TCONV_OK;
}

static tconv_status pad(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0], *constant = tconv_layer_in(call, 2);
    int64_t pads[2 * TCONV_MAX_RANK], begin[TCONV_MAX_RANK] = { 0 }, end[TCONV_MAX_RANK] = { 0 }, axes[TCONV_MAX_RANK];
    const char *mode = tconv_onnx_string(call->node, "mode", "constant");
    size_t n_pads, n_axes = SIZE_MAX;
    unsigned seen = 0;
    double value = constant != NULL && constant->count == 1 ? constant->data[0] : (double)tconv_layer_float(call, "value", 0.0f);
    tconv_status status = tconv_layer_integers(call, tconv_onnx_find(call->node, "paddings") != NULL ? "paddings" : "pads", 1, pads,
                                               2 * TCONV_MAX_RANK, &n_pads);
    if (status == TCONV_OK && call->n_in > 3)
        status = tconv_layer_integers(call, NULL, 3, axes, TCONV_MAX_RANK, &n_axes);
    if (status != TCONV_OK)
        return status;
    size_t count = n_axes != SIZE_MAX ? n_axes : x->rank;
    if (n_pads != 2 * count)
        return tconv_layer_fail(call, TCONV_EFORMAT, "%zu axes need %zu pads", count, 2 * count);
    for (size_t i = 0; i < count; i++) {
        size_t axis = i;
        if (n_axes != SIZE_MAX)
            status = tconv_layer_axis(call, axes[i], x->rank, &axis);
        if (status != TCONV_OK)
            return status;
        if (pads[i] < -INT32_MAX || pads[i] > INT32_MAX || pads[count + i] < -INT32_MAX || pads[count + i] > INT32_MAX)
            return tconv_layer_fail(call, TCONV_EFORMAT, "a pad of %" PRId64 " or %" PRId64, pads[i], pads[count + i]);
        if ((seen >> axis & 1) != 0)
            return tconv_layer_fail(call, TCONV_EFORMAT, "axis %zu is named twice", axis);
        seen |= 1u << axis;
        begin[axis] = pads[i];
        end[axis] = pads[count + i];
        if (x->axis[axis].space == TCONV_FIXED && (begin[axis] != 0 || end[axis] != 0) && strcmp(mode, "constant") != 0)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "mode '%.40s' along channels; constant is supported", mode);
    }
    return pad_axes(call, x, begin, end, value);
}

const tconv_layer_operator tconv_layers_axis[] = {
    { "Concat", 1, SIZE_MAX, concat }, { "Split", 1, 2, split }, { "Slice", 1, 5, slice }, { "Pad", 1, 4, pad }, { NULL, 0, 0, NULL },
};
