#include "arithmetic.h"

#include <math.h>

#include "../analysis/verdict.h"
#include "../core/dialect.h"
#include "../core/stack.h"
#include "../tconv.h"
#include "arithmetic_parts.h"
#include "json_parts.h"

static json_t *integer(long long value)
{
    return json_integer((json_int_t)value);
}

/* ---- a layer ---- */

static json_t *layer_object(const tconv_geometry *g, const size_t *input_size, bool *failed)
{
    json_t *object = json_object(), *shape = json_array();
    json_t *geometry = tconv_json_geometry(g, input_size, NULL, failed);
    for (size_t i = 0; i < g->ndim; i++)
        tconv_json_add(shape, tconv_json_size(g->axis[i].n_taps), failed);
    tconv_json_set(geometry, "channels_in", json_null(), failed);       /* sizes alone say nothing of channels */
    tconv_json_set(geometry, "channels_out", json_null(), failed);
    tconv_json_set(object, "name", json_null(), failed);
    tconv_json_set(object, "operator", json_string("ConvTranspose"), failed);
    tconv_json_set(object, "role", json_string("upsample"), failed);
    tconv_json_set(object, "shape", shape, failed);
    tconv_json_set(object, "geometry", geometry, failed);
    tconv_json_set(object, "coverage", tconv_json_coverage(g, failed), failed);
    tconv_json_set(object, "all_ones_index_db", tconv_json_real(tconv_geometry_index_db(g)), failed);
    return object;
}

static json_t *repair_of(const tconv_axis *axis)
{
    size_t extra;
    return tconv_axis_repair_padding(axis, &extra) ? tconv_json_size(extra) : json_null();
}

static json_t *formula_of(long long slope, long long constant)
{
    return constant == 0 ? json_sprintf("%lld*N", slope) : json_sprintf("%lld*N%+lld", slope, constant);
}

static json_t *distance_of(const tconv_axis *axis, tconv_grid grid, size_t n_in)
{
    double distance;
    if (n_in == 0 && grid == TCONV_GRID_ALIGN_CORNERS)
        return json_null();
    if (n_in == 0)
        distance = fabs(grid == TCONV_GRID_HALF_PIXEL ? tconv_axis_pixel_offset(axis) : tconv_axis_receptive_field_offset(axis));
    else if (tconv_axis_grid_distance(axis, grid, n_in, &distance, NULL) != TCONV_OK)
        return json_null();
    return tconv_json_real(distance);
}

static json_t *even_coverage_of(const tconv_axis *axis, bool *failed)
{
    tconv_axis better;
    double shift;
    if (!tconv_axis_even_coverage(axis, &better, &shift))
        return json_null();
    json_t *object = json_object();
    tconv_json_set(object, "kernel", tconv_json_size(better.n_taps), failed);
    tconv_json_set(object, "padding_begin", integer((long long)better.pad_begin), failed);
    tconv_json_set(object, "padding_end", integer((long long)better.pad_end), failed);
    tconv_json_set(object, "output_padding", tconv_json_size(better.output_padding), failed);
    tconv_json_set(object, "shift", tconv_json_real(shift), failed);
    return object;
}

/* The sizes of one axis of one layer, its distance to the grids of resizing (input samples), the even kernel size. */
static json_t *sizes_object(size_t layer, size_t index, const tconv_axis *axis, size_t n_in, bool *failed)
{
    json_t *object = json_object(), *grids = json_object();
    int64_t slope, constant;
    size_t first = 0, count = 0;
    tconv_axis_output_formula(axis, &slope, &constant);
    bool known = n_in != 0 && tconv_axis_valid_sizes(axis, n_in, &first, &count, NULL) == TCONV_OK && count > 0;
    tconv_json_set(object, "layer", tconv_json_size(layer), failed);
    tconv_json_set(object, "axis", tconv_json_size(index), failed);
    tconv_json_set(object, "formula", formula_of((long long)slope, (long long)constant), failed);
    tconv_json_set(object, "first_valid_formula",
                   formula_of((long long)slope, (long long)(constant - (int64_t)axis->output_padding)), failed);
    tconv_json_set(object, "valid_count", known ? tconv_json_size(count) : tconv_json_size(axis->stride), failed);
    tconv_json_set(object, "first_valid", known ? tconv_json_size(first) : json_null(), failed);
    tconv_json_set(object, "last_valid", known ? tconv_json_size(first + count - 1) : json_null(), failed);
    tconv_json_set(object, "surplus", integer((long long)tconv_axis_surplus(axis)), failed);
    tconv_json_set(object, "repair_output_padding", repair_of(axis), failed);
    tconv_json_set(grids, "half_pixel", distance_of(axis, TCONV_GRID_HALF_PIXEL, n_in), failed);
    tconv_json_set(grids, "align_corners", distance_of(axis, TCONV_GRID_ALIGN_CORNERS, n_in), failed);
    tconv_json_set(grids, "asymmetric", distance_of(axis, TCONV_GRID_ASYMMETRIC, n_in), failed);
    tconv_json_set(object, "grid_distance", grids, failed);
    tconv_json_set(object, "even_coverage", even_coverage_of(axis, failed), failed);
    return object;
}

/* Text that one of the writers makes; null where it has none. */
static json_t *words_of(bool (*say)(tconv_buffer *, const tconv_geometry *), const tconv_geometry *g, bool *failed)
{
    tconv_buffer words = { 0 };
    json_t *value = say(&words, g) ? tconv_json_text(words.text) : json_null();
    *failed = *failed || words.status != TCONV_OK;
    tconv_buffer_free(&words);
    return value;
}

static bool say_keras(tconv_buffer *out, const tconv_geometry *g)
{
    size_t begin[TCONV_MAX_NDIM], end[TCONV_MAX_NDIM];
    bool possible = g->groups <= 1 && (tconv_geometry_is_tensorflow(g, true) || tconv_geometry_is_tensorflow(g, false)
                                       || tconv_geometry_tensorflow_crop(g, begin, end));
    if (possible)
        tconv_say_tensorflow(out, g);
    return possible;
}

static json_t *tensorflow_object(const tconv_geometry *g, bool *failed)
{
    size_t begin[TCONV_MAX_NDIM], end[TCONV_MAX_NDIM];
    bool same = g->groups <= 1 && tconv_geometry_is_tensorflow(g, true), valid = g->groups <= 1 && tconv_geometry_is_tensorflow(g, false);
    bool crop = g->groups <= 1 && !same && !valid && tconv_geometry_tensorflow_crop(g, begin, end);
    json_t *object = json_object();
    tconv_json_set(object, "padding", same ? json_string("same") : valid || crop ? json_string("valid") : json_null(), failed);
    tconv_json_set(object, "crop_begin", crop ? tconv_json_sizes(begin, g->ndim, failed) : json_null(), failed);
    tconv_json_set(object, "crop_end", crop ? tconv_json_sizes(end, g->ndim, failed) : json_null(), failed);
    tconv_json_set(object, "text", words_of(say_keras, g, failed), failed);
    return object;
}

static json_t *pytorch_object(const tconv_geometry *g, bool *failed)
{
    tconv_geometry said;
    if (!tconv_geometry_say_pytorch(g, &said))
        return json_null();
    json_t *object = json_object(), *padding = json_array(), *extra = json_array();
    for (size_t i = 0; i < g->ndim; i++) {
        tconv_json_add(padding, integer((long long)said.axis[i].pad_begin), failed);
        tconv_json_add(extra, tconv_json_size(said.axis[i].output_padding), failed);
    }
    tconv_json_set(object, "padding", padding, failed);
    tconv_json_set(object, "output_padding", extra, failed);
    tconv_json_set(object, "text", words_of(tconv_say_pytorch, g, failed), failed);
    return object;
}

static json_t *onnx_object(const tconv_geometry *g, const size_t *input_size, bool *failed)
{
    static const struct { tconv_auto_pad mode; const char *name; } modes[] = {
        { TCONV_PAD_SAME_UPPER, "SAME_UPPER" }, { TCONV_PAD_SAME_LOWER, "SAME_LOWER" }, { TCONV_PAD_VALID, "VALID" } };
    tconv_geometry said;
    json_t *object = json_object(), *pads = json_array(), *extra = json_array(), *names = json_array();
    bool possible = tconv_geometry_say_onnx(g, &said), sized = true;
    for (size_t i = 0; i < 2 * g->ndim && possible; i++)
        tconv_json_add(pads, integer((long long)(i < g->ndim ? said.axis[i].pad_begin : said.axis[i - g->ndim].pad_end)), failed);
    for (size_t i = 0; i < g->ndim && possible; i++)
        tconv_json_add(extra, tconv_json_size(said.axis[i].output_padding), failed);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (tconv_geometry_is_auto_pad(g, modes[i].mode))
            tconv_json_add(names, json_string(modes[i].name), failed);
    for (size_t i = 0; i < g->ndim; i++)
        sized = sized && input_size[i] != 0;
    tconv_json_set(object, "pads", possible ? json_incref(pads) : json_null(), failed);
    tconv_json_set(object, "output_padding", possible ? json_incref(extra) : json_null(), failed);
    json_decref(pads);
    json_decref(extra);
    tconv_json_set(object, "auto_pad", names, failed);
    tconv_json_set(object, "output_shape_gives_the_same",
                   sized ? json_boolean(tconv_geometry_is_output_shape(g, TCONV_PAD_EXPLICIT, input_size)) : json_null(), failed);
    tconv_json_set(object, "text", words_of(tconv_say_onnx, g, failed), failed);
    return object;
}

static json_t *dialects_object(size_t layer, const tconv_geometry *g, const size_t *input_size, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "layer", tconv_json_size(layer), failed);
    tconv_json_set(object, "pytorch", pytorch_object(g, failed), failed);
    tconv_json_set(object, "onnx", onnx_object(g, input_size, failed), failed);
    tconv_json_set(object, "tensorflow", tensorflow_object(g, failed), failed);
    return object;
}

/* ---- searches ---- */

static json_t *candidate_object(const tconv_axis *axis, bool *failed)
{
    tconv_geometry g = tconv_geometry_default(1);
    double mean, variance;
    g.axis[0] = *axis;
    tconv_geometry_coverage(&g, &mean, &variance);
    json_t *object = json_object();
    tconv_json_set(object, "k", tconv_json_size(axis->n_taps), failed);
    tconv_json_set(object, "s", tconv_json_size(axis->stride), failed);
    tconv_json_set(object, "p", integer((long long)axis->pad_begin), failed);
    tconv_json_set(object, "o", tconv_json_size(axis->output_padding), failed);
    tconv_json_set(object, "d", tconv_json_size(axis->dilation), failed);
    tconv_json_set(object, "variance", tconv_json_real(variance), failed);
    tconv_json_set(object, "pixel_offset", tconv_json_real(tconv_axis_pixel_offset(axis)), failed);
    tconv_json_set(object, "gap", tconv_json_size(tconv_axis_gap(axis)), failed);
    return object;
}

static json_t *search_object(const tconv_arithmetic_search *search, size_t axis, bool *failed)
{
    json_t *object = json_object(), *list = json_array();
    for (size_t i = 0; i < search->shown; i++)
        tconv_json_add(list, candidate_object(&search->found[i], failed), failed);
    tconv_json_set(object, "axis", tconv_json_size(axis), failed);
    tconv_json_set(object, "input_size", tconv_json_size(search->query.n_in), failed);
    tconv_json_set(object, "output_size", tconv_json_size(search->query.n_out), failed);
    tconv_json_set(object, "total", tconv_json_size(search->total), failed);
    tconv_json_set(object, "layers", list, failed);
    return object;
}

/* ---- layers in series ---- */

static json_t *stage_object(const tconv_arithmetic *a, const tconv_axis *axes, size_t l, bool *failed)
{
    double rate = a->input_rate * (double)tconv_stack_rate(axes, l);
    json_t *object = json_object();
    tconv_json_set(object, "layer", tconv_json_size(l), failed);
    tconv_json_set(object, "input_rate_factor", tconv_json_size(tconv_stack_rate(axes, l)), failed);
    tconv_json_set(object, "comb_hz", axes[l].stride > 1 ? tconv_json_real(rate) : json_null(), failed);
    tconv_json_set(object, "tones", tconv_json_size(tconv_axis_tones(&axes[l])), failed);
    tconv_json_set(object, "all_ones_index_db", tconv_json_real(tconv_geometry_index_db(&a->layers[l])), failed);
    tconv_json_set(object, "surplus", integer((long long)tconv_axis_surplus(&axes[l])), failed);
    tconv_json_set(object, "repair_output_padding", repair_of(&axes[l]), failed);
    return object;
}

static json_t *stack_object(const tconv_arithmetic *a, bool *failed)
{
    tconv_axis axes[TCONV_STACK_LAYERS];
    size_t sizes[TCONV_STACK_LAYERS], n = a->n_layers;
    tconv_geometry whole = tconv_geometry_default(1);
    for (size_t l = 0; l < n; l++)
        axes[l] = a->layers[l].axis[0];
    if (tconv_stack_equivalent(axes, n, &whole.axis[0], NULL) != TCONV_OK)
        return json_null();      /* not counted: a stack without an equivalent was refused before */
    bool known = a->input_size[0] != 0 && tconv_stack_sizes(axes, n, a->input_size[0], sizes, NULL) == TCONV_OK;
    json_t *object = json_object(), *stages = json_array();
    json_t *equivalent = tconv_json_geometry(&whole, a->input_size, NULL, failed);
    tconv_json_set(equivalent, "channels_in", json_null(), failed);
    tconv_json_set(equivalent, "channels_out", json_null(), failed);
    for (size_t l = 0; l < n; l++)
        tconv_json_add(stages, stage_object(a, axes, l, failed), failed);
    tconv_json_set(object, "input_rate_hz", tconv_json_real(a->input_rate), failed);
    tconv_json_set(object, "output_rate_hz", tconv_json_real(a->input_rate * (double)whole.axis[0].stride), failed);
    tconv_json_set(object, "output_sizes", known ? tconv_json_sizes(sizes, n, failed) : json_null(), failed);
    tconv_json_set(object, "surplus", integer((long long)tconv_axis_surplus(&whole.axis[0])), failed);
    tconv_json_set(object, "pixel_offset", tconv_json_real(tconv_axis_pixel_offset(&whole.axis[0])), failed);
    tconv_json_set(object, "equivalent", equivalent, failed);
    tconv_json_set(object, "stages", stages, failed);
    return object;
}

/* Input sizes of every layer of a stack: the output of the one before; 0 where there is none. */
static void sizes_before(const tconv_arithmetic *a, size_t layer, size_t *input_size)
{
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        input_size[i] = a->input_size[i];
    for (size_t l = 0; l < layer && input_size[0] != 0; l++)
        if (tconv_axis_output_size(&a->layers[l].axis[0], input_size[0], &input_size[0], NULL) != TCONV_OK)
            input_size[0] = 0;
}

tconv_status tconv_arithmetic_json(const tconv_arithmetic *a, const char *tool, tconv_buffer *out)
{
    bool failed = false;
    json_t *object = json_object(), *input = json_object(), *layers = json_array(), *sizes = json_array();
    json_t *dialects = json_array(), *candidates = json_array();
    for (size_t l = 0; l < a->n_layers; l++) {
        const tconv_geometry *g = &a->layers[l];
        size_t input_size[TCONV_MAX_NDIM];
        sizes_before(a, l, input_size);
        tconv_json_add(layers, layer_object(g, input_size, &failed), &failed);
        for (size_t i = 0; i < g->ndim; i++)
            tconv_json_add(sizes, sizes_object(l, i, &g->axis[i], input_size[i], &failed), &failed);
        tconv_json_add(dialects, dialects_object(l, g, input_size, &failed), &failed);
    }
    for (size_t i = 0; i < a->n_searches; i++)
        tconv_json_add(candidates, search_object(&a->searches[i], i, &failed), &failed);
    tconv_json_set(object, "tool", tconv_json_text(tool), &failed);
    tconv_json_set(object, "version", json_string(tconv_version()), &failed);
    tconv_json_set(input, "file", tconv_json_text(a->file), &failed);
    tconv_json_set(input, "format", tconv_json_text(a->format), &failed);
    tconv_json_set(object, "input", input, &failed);
    tconv_json_set(object, "layers", layers, &failed);
    tconv_json_set(object, "sizes", sizes, &failed);
    tconv_json_set(object, "dialects", dialects, &failed);
    tconv_json_set(object, "candidates", candidates, &failed);
    tconv_json_set(object, "stack", a->is_stack ? stack_object(a, &failed) : json_null(), &failed);
    return tconv_json_write(object, failed, TCONV_JSON_INDENTED, out, NULL);
}
