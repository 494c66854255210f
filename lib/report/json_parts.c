#include "json_parts.h"

#include <math.h>

#include "words.h"

json_t *tconv_json_per_axis(const double *value, size_t count, bool *failed)
{
    return count == 1 ? tconv_json_real(value[0]) : tconv_json_reals(value, count, failed);
}

enum field { KERNEL, STRIDE, DILATION, PAD_BEGIN, PAD_END, OUTPUT_PADDING, EFFECTIVE, CORRELATION, GAP };

static json_int_t field_of(const tconv_axis *axis, enum field field)
{
    switch (field) {
    case KERNEL: return (json_int_t)axis->n_taps;
    case STRIDE: return (json_int_t)axis->stride;
    case DILATION: return (json_int_t)axis->dilation;
    case PAD_BEGIN: return axis->pad_begin;
    case PAD_END: return axis->pad_end;
    case OUTPUT_PADDING: return (json_int_t)axis->output_padding;
    case EFFECTIVE: return (json_int_t)tconv_axis_effective_taps(axis);
    case CORRELATION: return tconv_axis_correlation_padding(axis);
    case GAP: break;
    }
    return (json_int_t)tconv_axis_gap(axis);
}

static json_t *per_axis(const tconv_geometry *g, enum field field, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < g->ndim; i++)
        tconv_json_add(array, json_integer(field_of(&g->axis[i], field)), failed);
    return array;
}

/* Input and output sizes, null where no input size is known or the output is none. */
static void set_sizes(json_t *object, const tconv_geometry *g, const size_t *input_size, bool *failed)
{
    size_t output[TCONV_MAX_NDIM];
    bool known = input_size != NULL, possible = known;
    for (size_t i = 0; i < g->ndim && known; i++) {
        known = input_size[i] != 0;
        possible = known && possible && tconv_axis_output_size(&g->axis[i], input_size[i], &output[i], NULL) == TCONV_OK;
    }
    tconv_json_set(object, "input_size", known ? tconv_json_sizes(input_size, g->ndim, failed) : json_null(), failed);
    tconv_json_set(object, "output_size", known && possible ? tconv_json_sizes(output, g->ndim, failed) : json_null(), failed);
}

/* "2*N+1" */
static json_t *formulas(const tconv_geometry *g, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < g->ndim; i++) {
        int64_t slope, constant;
        tconv_axis_output_formula(&g->axis[i], &slope, &constant);
        json_t *text = constant == 0 ? json_sprintf("%lld*N", (long long)slope)
                                     : json_sprintf("%lld*N%+lld", (long long)slope, (long long)constant);
        tconv_json_add(array, text, failed);
    }
    return array;
}

json_t *tconv_json_geometry(const tconv_geometry *g, const size_t *input_size, const double *centroid, bool *failed)
{
    static const struct { const char *key; enum field field; } first[] = {
        { "kernel", KERNEL }, { "stride", STRIDE }, { "dilation", DILATION }, { "padding_begin", PAD_BEGIN },
        { "padding_end", PAD_END }, { "output_padding", OUTPUT_PADDING }, { "effective_kernel", EFFECTIVE },
        { "correlation_padding", CORRELATION } };
    double receptive[TCONV_MAX_NDIM], pixel[TCONV_MAX_NDIM];
    json_t *object = json_object();
    tconv_json_set(object, "ndim", json_integer((json_int_t)g->ndim), failed);
    tconv_json_set(object, "channels_in", json_integer((json_int_t)g->channels_in), failed);
    tconv_json_set(object, "channels_out", json_integer((json_int_t)g->channels_out), failed);
    tconv_json_set(object, "groups", json_integer((json_int_t)g->groups), failed);
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        tconv_json_set(object, first[i].key, per_axis(g, first[i].field, failed), failed);
    set_sizes(object, g, input_size, failed);
    tconv_json_set(object, "output_formula", formulas(g, failed), failed);
    for (size_t i = 0; i < g->ndim; i++) {
        receptive[i] = tconv_axis_receptive_field_offset(&g->axis[i]);
        pixel[i] = tconv_axis_pixel_offset(&g->axis[i]);
    }
    bool has_centroid = centroid != NULL && !isnan(centroid[0]);
    tconv_json_set(object, "receptive_field_offset", tconv_json_reals(receptive, g->ndim, failed), failed);
    tconv_json_set(object, "pixel_offset", tconv_json_reals(pixel, g->ndim, failed), failed);
    tconv_json_set(object, "centroid_offset", has_centroid ? tconv_json_reals(centroid, g->ndim, failed) : json_null(), failed);
    tconv_json_set(object, "gap", per_axis(g, GAP, failed), failed);
    tconv_json_set(object, "connected", json_boolean(tconv_geometry_connected(g)), failed);
    return object;
}

json_t *tconv_json_coverage(const tconv_geometry *g, bool *failed)
{
    double mean, variance;
    size_t shape[TCONV_MAX_NDIM], phases = tconv_geometry_phases(g);
    json_t *object = json_object(), *counts = json_array();
    for (size_t i = 0; i < g->ndim; i++)
        shape[i] = g->axis[i].stride;
    for (size_t q = 0; q < phases; q++) {
        size_t count = 1, rest = q;
        for (size_t i = g->ndim; i-- > 0; rest /= shape[i])
            count *= tconv_axis_coverage(&g->axis[i], rest % shape[i]);
        tconv_json_add(counts, json_integer((json_int_t)count), failed);
    }
    tconv_geometry_coverage(g, &mean, &variance);
    tconv_json_set(object, "shape", tconv_json_sizes(shape, g->ndim, failed), failed);
    tconv_json_set(object, "counts", counts, failed);
    tconv_json_set(object, "mean", tconv_json_real(mean), failed);
    tconv_json_set(object, "variance", tconv_json_real(variance), failed);
    return object;
}
