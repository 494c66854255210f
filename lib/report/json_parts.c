#include "json_parts.h"

#include <math.h>

json_t *tconv_json_per_axis(const double *value, size_t count)
{
    return count == 1 ? tconv_json_real(value[0]) : tconv_json_reals(value, count);
}

enum field { KERNEL, STRIDE, DILATION, PAD_BEGIN, PAD_END, OUTPUT_PADDING, EFFECTIVE, CORRELATION, GAP };

static int64_t field_of(const tconv_axis *axis, enum field field)
{
    switch (field) {
    case KERNEL: return (int64_t)axis->n_taps;
    case STRIDE: return (int64_t)axis->stride;
    case DILATION: return (int64_t)axis->dilation;
    case PAD_BEGIN: return axis->pad_begin;
    case PAD_END: return axis->pad_end;
    case OUTPUT_PADDING: return (int64_t)axis->output_padding;
    case EFFECTIVE: return (int64_t)tconv_axis_effective_taps(axis);
    case CORRELATION: return tconv_axis_correlation_padding(axis);
    case GAP: return (int64_t)tconv_axis_gap(axis);
    }
    return 0;
}

static void set_per_axis(tconv_json *document, json_t *object, const char *key, const tconv_geometry *g, enum field field)
{
    int64_t values[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++)
        values[i] = field_of(&g->axis[i], field);
    tconv_json_set(document, object, key, tconv_json_integers(values, g->ndim));
}

/* Input and output sizes, null where no input size is known or the output is none. */
static void set_sizes(tconv_json *document, json_t *object, const tconv_geometry *g, const size_t *input_size)
{
    size_t output[TCONV_MAX_NDIM];
    bool known = input_size != NULL, possible = known;
    for (size_t i = 0; i < g->ndim && known; i++) {
        known = input_size[i] != 0;
        possible = known && possible && tconv_axis_output_size(&g->axis[i], input_size[i], &output[i], NULL) == TCONV_OK;
    }
    tconv_json_set(document, object, "input_size", known ? tconv_json_sizes(input_size, g->ndim) : json_null());
    tconv_json_set(document, object, "output_size", known && possible ? tconv_json_sizes(output, g->ndim) : json_null());
}

/* "2*N+1" */
static void set_formulas(tconv_json *document, json_t *object, const tconv_geometry *g)
{
    json_t *array = tconv_json_array(document, object, "output_formula");
    for (size_t i = 0; i < g->ndim; i++) {
        int64_t slope, constant;
        tconv_axis_output_formula(&g->axis[i], &slope, &constant);
        tconv_json_append(document, array, constant == 0 ? json_sprintf("%lld*N", (long long)slope)
                                                         : json_sprintf("%lld*N%+lld", (long long)slope, (long long)constant));
    }
}

void tconv_json_set_geometry(tconv_json *document, json_t *layer, const tconv_geometry *g, const size_t *input_size,
                             const double *centroid)
{
    static const struct { const char *key; enum field field; } fields[] = {
        { "kernel", KERNEL }, { "stride", STRIDE }, { "dilation", DILATION }, { "padding_begin", PAD_BEGIN },
        { "padding_end", PAD_END }, { "output_padding", OUTPUT_PADDING }, { "effective_kernel", EFFECTIVE },
        { "correlation_padding", CORRELATION } };
    double receptive[TCONV_MAX_NDIM], pixel[TCONV_MAX_NDIM];
    json_t *object = tconv_json_object(document, layer, "geometry");
    tconv_json_set(document, object, "ndim", tconv_json_size(g->ndim));
    tconv_json_set(document, object, "channels_in", tconv_json_size(g->channels_in));
    tconv_json_set(document, object, "channels_out", tconv_json_size(g->channels_out));
    tconv_json_set(document, object, "groups", tconv_json_size(g->groups));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        set_per_axis(document, object, fields[i].key, g, fields[i].field);
    set_sizes(document, object, g, input_size);
    set_formulas(document, object, g);
    for (size_t i = 0; i < g->ndim; i++) {
        receptive[i] = tconv_axis_receptive_field_offset(&g->axis[i]);
        pixel[i] = tconv_axis_pixel_offset(&g->axis[i]);
    }
    bool has_centroid = centroid != NULL && !isnan(centroid[0]);
    tconv_json_set(document, object, "receptive_field_offset", tconv_json_reals(receptive, g->ndim));
    tconv_json_set(document, object, "pixel_offset", tconv_json_reals(pixel, g->ndim));
    tconv_json_set(document, object, "centroid_offset", has_centroid ? tconv_json_reals(centroid, g->ndim) : json_null());
    set_per_axis(document, object, "gap", g, GAP);
    tconv_json_set(document, object, "connected", tconv_json_boolean(tconv_geometry_connected(g)));
}

void tconv_json_set_coverage(tconv_json *document, json_t *layer, const tconv_geometry *g)
{
    double mean, variance;
    size_t shape[TCONV_MAX_NDIM], phases = tconv_geometry_phases(g);
    json_t *object = tconv_json_object(document, layer, "coverage");
    for (size_t i = 0; i < g->ndim; i++)
        shape[i] = g->axis[i].stride;
    tconv_json_set(document, object, "shape", tconv_json_sizes(shape, g->ndim));
    json_t *counts = tconv_json_array(document, object, "counts");
    for (size_t q = 0; q < phases; q++) {
        size_t count = 1, rest = q;
        for (size_t i = g->ndim; i-- > 0; rest /= shape[i])
            count *= tconv_axis_coverage(&g->axis[i], rest % shape[i]);
        tconv_json_append(document, counts, tconv_json_size(count));
    }
    tconv_geometry_coverage(g, &mean, &variance);
    tconv_json_set(document, object, "mean", tconv_json_real(mean));
    tconv_json_set(document, object, "variance", tconv_json_real(variance));
}
