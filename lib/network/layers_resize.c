/* Resize and Upsample by whole factors, DepthToSpace, SpaceToDepth.
 *
 * A resize by a whole factor s has s branches: output s i + q is a weighted sum of the inputs i + offset, with offsets and
 * weights that depend on q only (ONNX Resize: coordinate_transformation_mode gives the place x(q), the mode the weights). */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "layers.h"

#define MOST_TAPS 4

struct branch {
    size_t count;
    int64_t offset[MOST_TAPS];
    double weight[MOST_TAPS];
};

struct resize {
    const char *mode, *place, *nearest;
    double a;                        /* of the cubic */
};

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

/* Keys' cubic with parameter a (IEEE Trans. ASSP 29, 1981), at distance t. */
static double cubic_weight(double t, double a)
{
    t = fabs(t);
    return t <= 1.0 ? ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0 : t < 2.0 ? ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a : 0.0;
}

static void make_branch(const struct resize *r, size_t q, size_t s, struct branch *b)
{
    bool half = !is(r->place, "asymmetric") && !is(r->place, "tf_half_pixel_for_nn");
    double x = half ? ((double)q + 0.5) / (double)s - 0.5 : is(r->place, "asymmetric") ? (double)q / (double)s : ((double)q + 0.5) / (double)s;
    double base = floor(x);
    *b = (struct branch){ .count = 1, .weight = { 1.0 } };
    if (is(r->mode, "nearest")) {
        b->offset[0] = (int64_t)(is(r->nearest, "floor") ? base : is(r->nearest, "ceil") ? ceil(x)
                                 : is(r->nearest, "round_prefer_ceil") ? floor(x + 0.5) : ceil(x - 0.5));
    } else if (is(r->mode, "linear")) {
        *b = (struct branch){ 2, { (int64_t)base, (int64_t)base + 1 }, { 1.0 - (x - base), x - base } };
    } else {
        b->count = 4;
        for (int64_t i = 0; i < 4; i++) {
            b->offset[i] = (int64_t)base - 1 + i;
            b->weight[i] = cubic_weight(x - (double)b->offset[i], r->a);
        }
    }
}

/* Stretch one axis of `from` by s into `to`. */
static tconv_status stretch(tconv_layer_call *call, const struct resize *r, const tconv_torus *from, size_t axis, size_t s, tconv_torus *to)
{
    tconv_walk walk;
    size_t period = from->axis[axis].extent, inner = 1;
    double shift = 0.0;
    if (period > call->most_period / s)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    to->rank = from->rank;
    memcpy(to->axis, from->axis, sizeof to->axis);
    to->axis[axis].extent = period * s;
    to->axis[axis].length *= (int64_t)s;
    tconv_status status = tconv_layer_named(call, tconv_torus_allocate(to, call->most_elements, call->error));
    if (status != TCONV_OK)
        return status;
    for (size_t a = axis + 1; a < from->rank; a++)
        inner *= from->axis[a].extent;
    for (size_t q = 0; q < s; q++) {
        struct branch b;
        make_branch(r, q, s, &b);
        for (size_t t = 0; t < b.count; t++)
            shift += b.weight[t] * ((double)b.offset[t] - (double)q / (double)s) / (double)s;
        tconv_walk_begin(&walk, from);
        for (size_t i = 0; i < from->count; i++, tconv_walk_next(&walk)) {
            const double *line = from->data + i - walk.at[axis] * inner;
            double first = line[tconv_wrap((int64_t)walk.at[axis] + b.offset[0], period) * inner], sum = 0.0;
            for (size_t t = 1; t < b.count; t++)          /* weights sum to 1: differences are exact for equal values */
                sum += b.weight[t] * (line[tconv_wrap((int64_t)walk.at[axis] + b.offset[t], period) * inner] - first);
            to->data[(i / inner / period * period * s + walk.at[axis] * s + q) * inner + i % inner] = first + sum;
        }
    }
    to->axis[axis].step = from->axis[axis].step / (double)s;
    to->axis[axis].centre = from->axis[axis].centre + from->axis[axis].step * shift;
    return TCONV_OK;
}

/* ---- what the node asks for ---- */

static tconv_status factor_from_size(tconv_layer_call *call, const tconv_torus_axis *axis, int64_t size, double *factor)
{
    int64_t length = axis->length;
    if (size < 1 || length < 1 || (size % length != 0 && length % size != 0))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a map of %" PRId64 " samples resized to %" PRId64 "%s: the scale is no whole number",
                                length, size, call->open_size ? " (at a stand-in size)" : "");
    *factor = (double)size / (double)length;
    return TCONV_OK;
}

static tconv_status read_factors(tconv_layer_call *call, const tconv_torus *x, size_t *factors)
{
    const tconv_onnx_attribute *floats = tconv_onnx_find(call->node, "scales");
    bool first = is(call->node->op_type, "Upsample") || call->opset < 11;
    const tconv_torus *scales = tconv_layer_in(call, first ? 1 : 2), *sizes = first ? NULL : tconv_layer_in(call, 3);
    int64_t axes[TCONV_MAX_RANK], wanted[TCONV_MAX_RANK];
    size_t n_axes, n_wanted = 0;
    tconv_status status = tconv_layer_integers(call, "axes", SIZE_MAX, axes, TCONV_MAX_RANK, &n_axes);
    if (status == TCONV_OK && sizes != NULL && sizes->count > 0)
        status = tconv_layer_integers(call, NULL, 3, wanted, TCONV_MAX_RANK, &n_wanted);
    if (status != TCONV_OK)
        return status;
    size_t count = n_axes != SIZE_MAX ? n_axes : x->rank;
    size_t given = n_wanted > 0 ? n_wanted : floats != NULL ? floats->n_floats : scales != NULL ? scales->count : 0;
    if (given != count || (scales != NULL && !scales->constant))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it has %zu scales or sizes for %zu axes, or they are computed from the image", given,
                                count);
    for (size_t a = 0; a < x->rank; a++)
        factors[a] = 1;
    for (size_t i = 0; i < count; i++) {
        size_t axis = i;
        double factor = n_wanted > 0 ? 0.0 : floats != NULL ? (double)floats->floats[i] : scales->data[i];
        if (n_axes != SIZE_MAX)
            status = tconv_layer_axis(call, axes[i], x->rank, &axis);
        if (status == TCONV_OK && n_wanted > 0)
            status = factor_from_size(call, &x->axis[axis], wanted[i], &factor);
        if (status != TCONV_OK)
            return status;
        if (!(factor >= 1.0 && factor <= 4096.0) || factor != floor(factor))
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "the scale of axis %zu is not a whole number of 1 or more; only those are "
                                                              "shift-invariant upsamplers", axis);
        if (factor > 1.0 && x->axis[axis].space == TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it resizes axis %zu, which is not space", axis);
        factors[axis] = (size_t)factor;
    }
    return TCONV_OK;
}

static tconv_status read_modes(tconv_layer_call *call, struct resize *r)
{
    bool old = is(call->node->op_type, "Upsample") || call->opset < 11;
    r->mode = tconv_onnx_string(call->node, "mode", "nearest");
    r->mode = is(r->mode, "bilinear") || is(r->mode, "trilinear") ? "linear" : is(r->mode, "bicubic") ? "cubic" : r->mode;
    r->place = tconv_onnx_string(call->node, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    r->nearest = tconv_onnx_string(call->node, "nearest_mode", old ? "floor" : "round_prefer_floor");
    r->a = (double)tconv_layer_float(call, "cubic_coeff_a", -0.75f);
    const char *policy = tconv_onnx_string(call->node, "keep_aspect_ratio_policy", "stretch");
    if (!is(r->mode, "nearest") && !is(r->mode, "linear") && !is(r->mode, "cubic"))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "mode '%.40s'; nearest, linear and cubic are supported", r->mode);
    if (!is(r->place, "half_pixel") && !is(r->place, "pytorch_half_pixel") && !is(r->place, "half_pixel_symmetric")
        && !is(r->place, "asymmetric") && !is(r->place, "tf_half_pixel_for_nn"))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "coordinate_transformation_mode '%.40s' is not shift-invariant; half_pixel, "
                                                          "pytorch_half_pixel and asymmetric are", r->place);
    if (!is(r->nearest, "floor") && !is(r->nearest, "ceil") && !is(r->nearest, "round_prefer_floor") && !is(r->nearest, "round_prefer_ceil"))
        return tconv_layer_fail(call, TCONV_EFORMAT, "nearest_mode '%.40s' is not one of ONNX", r->nearest);
    if (!is(policy, "stretch"))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "keep_aspect_ratio_policy '%.40s'; stretch is supported", policy);
    return TCONV_OK;
}

static tconv_status resize(tconv_layer_call *call)
{
    struct resize r;
    size_t factors[TCONV_MAX_RANK];
    tconv_torus now = { 0 };
    tconv_status status = read_modes(call, &r);
    if (status == TCONV_OK)
        status = read_factors(call, call->in[0], factors);
    if (status == TCONV_OK)
        status = tconv_layer_copy(call, 0, call->in[0], true);
    for (size_t a = 0; status == TCONV_OK && a < call->out[0].rank; a++) {
        if (factors[a] == 1)
            continue;
        status = stretch(call, &r, &call->out[0], a, factors[a], &now);
        tconv_torus_free(&call->out[0]);
        call->out[0] = now;
        now = (tconv_torus){ 0 };
    }
    return status;
}

/* ---- space and channels ---- */

static tconv_status read_block(tconv_layer_call *call, const tconv_torus *x, size_t *r)
{
    int64_t block = tconv_onnx_int(call->node, "blocksize", 0);
    if (x->rank != 4 || x->axis[1].space != TCONV_FIXED || x->axis[2].space == TCONV_FIXED || x->axis[3].space == TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input is no map of two dimensions");
    if (block < 1 || (size_t)block > call->most_period)
        return tconv_layer_fail(call, TCONV_EFORMAT, "its blocksize is %" PRId64, block);
    *r = (size_t)block;
    return TCONV_OK;
}

static tconv_status depth_to_space(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    tconv_torus *y = &call->out[0];
    tconv_walk walk;
    size_t r;
    bool crd = is(tconv_onnx_string(call->node, "mode", "DCR"), "CRD");
    tconv_status status = read_block(call, x, &r);
    if (status != TCONV_OK)
        return status;
    size_t channels = x->axis[1].extent / (r * r), h = x->axis[2].extent, w = x->axis[3].extent;
    if (channels * r * r != x->axis[1].extent)
        return tconv_layer_fail(call, TCONV_EFORMAT, "%zu channels are no multiple of %zu", x->axis[1].extent, r * r);
    if (h > call->most_period / r || w > call->most_period / r)
        return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
    y->rank = 4;
    memcpy(y->axis, x->axis, sizeof y->axis);
    y->axis[1] = tconv_torus_fixed(channels);
    tconv_axis_spread(&y->axis[2], r);
    tconv_axis_spread(&y->axis[3], r);
    status = tconv_layer_allocate(call, 0);
    tconv_walk_begin(&walk, y);
    for (size_t i = 0; status == TCONV_OK && i < y->count; i++, tconv_walk_next(&walk)) {
        size_t part = walk.at[2] % r * r + walk.at[3] % r;
        size_t c = crd ? walk.at[1] * r * r + part : part * channels + walk.at[1];
        y->data[i] = x->data[((walk.at[0] * x->axis[1].extent + c) * h + walk.at[2] / r) * w + walk.at[3] / r];
    }
    for (size_t a = 2; status == TCONV_OK && a < 4; a++) {
        call->factor[y->axis[a].space] = r;
        if (call->equalise)
            tconv_torus_level(y, a, r);
    }
    return status;
}

static tconv_status space_to_depth(tconv_layer_call *call)
{
    const tconv_torus *x = call->in[0];
    tconv_torus *y = &call->out[0];
    tconv_walk walk;
    size_t r;
    tconv_status status = read_block(call, x, &r);
    if (status != TCONV_OK)
        return status;
    y->rank = 4;
    memcpy(y->axis, x->axis, sizeof y->axis);
    for (size_t a = 2; a < 4; a++) {
        size_t period = tconv_lcm(x->axis[a].extent, r, call->most_period);
        if (period == 0)
            return tconv_layer_fail(call, TCONV_ESIZE, "its period would be above %zu samples", call->most_period);
        y->axis[a].extent = period / r;
        y->axis[a].length /= (int64_t)r;
        y->axis[a].centre += y->axis[a].step * 0.5 * (double)(r - 1);
        y->axis[a].step *= (double)r;
    }
    size_t channels = x->axis[1].extent, h = x->axis[2].extent, w = x->axis[3].extent;
    if (channels > call->most_elements / r / r)
        return tconv_layer_fail(call, TCONV_ESIZE, "its output would have more than %zu elements", call->most_elements);
    y->axis[1] = tconv_torus_fixed(channels * r * r);
    status = tconv_layer_allocate(call, 0);
    tconv_walk_begin(&walk, y);
    for (size_t i = 0; status == TCONV_OK && i < y->count; i++, tconv_walk_next(&walk)) {
        size_t part = walk.at[1] / channels, c = walk.at[1] % channels;
        size_t v = (walk.at[2] * r + part / r) % h, u = (walk.at[3] * r + part % r) % w;
        y->data[i] = x->data[((walk.at[0] * channels + c) * h + v) * w + u];
    }
    return status;
}

const tconv_layer_operator tconv_layers_resize[] = {
    { "Resize", 1, 4, resize }, { "Upsample", 1, 2, resize }, { "DepthToSpace", 1, 1, depth_to_space },
    { "SpaceToDepth", 1, 1, space_to_depth }, { NULL, 0, 0, NULL },
};
