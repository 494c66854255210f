#include "layer_json.h"

#include "../tconv.h"
#include "json_parts.h"

static void set_branches(tconv_json *document, json_t *parent, const tconv_figures *figures)
{
    size_t ndim = figures->ndim;
    json_t *array = tconv_json_array(document, parent, "branches");
    for (size_t q = 0; q < figures->phases; q++) {
        const tconv_branch_figures *branch = &figures->branches[q];
        json_t *object = tconv_json_object(document, array, NULL);
        tconv_json_set(document, object, "phase", tconv_json_sizes(branch->branch.phase, ndim));
        tconv_json_set(document, object, "taps", tconv_json_size(branch->branch.taps));
        tconv_json_set(document, object, "dc_gain", tconv_json_real(branch->branch.dc_gain));
        tconv_json_set(document, object, "energy", tconv_json_real(branch->branch.energy));
        tconv_json_set(document, object, "delay",
                       branch->branch.has_delay ? tconv_json_per_axis(branch->branch.delay, ndim) : json_null());
        tconv_json_set(document, object, "magnitude_deviation_db", tconv_json_real(branch->magnitude_deviation_db));
        tconv_json_set(document, object, "delay_error",
                       figures->single ? tconv_json_per_axis(branch->delay_error, ndim) : json_null());
        tconv_json_set(document, object, "first_output", tconv_json_sizes(branch->branch.first_output, ndim));
    }
}

static void set_images(tconv_json *document, json_t *parent, const tconv_figures *figures)
{
    json_t *array = tconv_json_array(document, parent, "images");
    for (size_t m = 0; m + 1 < figures->phases; m++) {
        json_t *object = tconv_json_object(document, array, NULL);
        tconv_json_set(document, object, "m", tconv_json_sizes(figures->images[m].m, figures->ndim));
        tconv_json_set(document, object, "dc_db", tconv_json_real(figures->images[m].dc_db));
        tconv_json_set(document, object, "worst_db", tconv_json_real(figures->images[m].worst_db));
    }
}

/* A value per axis, which only a single kernel has. */
static json_t *single_per_axis(const tconv_figures *figures, const double *value)
{
    return figures->single ? tconv_json_per_axis(value, figures->ndim) : json_null();
}

static void set_figures(tconv_json *document, json_t *parent, const tconv_figures *f)
{
    json_t *object = tconv_json_object(document, parent, "figures");
    tconv_json_set(document, object, "dc_gain", tconv_json_real(f->dc_gain));
    tconv_json_set(document, object, "passband_gain_db", tconv_json_real(f->passband_gain_db));
    tconv_json_set(document, object, "checkerboard_index", tconv_json_real(f->checkerboard_index));
    tconv_json_set(document, object, "checkerboard_db", tconv_json_real(f->checkerboard_db));
    tconv_json_set(document, object, "peak_to_peak", tconv_json_real(f->peak_to_peak));
    json_t *rejection = tconv_json_object(document, object, "image_rejection_db");
    tconv_json_set(document, rejection, "0.5", tconv_json_real(f->image_rejection_db[0]));
    tconv_json_set(document, rejection, "0.8", tconv_json_real(f->image_rejection_db[1]));
    json_t *droop = tconv_json_object(document, object, "droop_db");
    tconv_json_set(document, droop, "0.5", single_per_axis(f, f->droop_db[0]));
    tconv_json_set(document, droop, "0.8", single_per_axis(f, f->droop_db[1]));
    tconv_json_set(document, object, "baseband_energy", tconv_json_real(f->baseband_energy));
    tconv_json_set(document, object, "total_energy", tconv_json_real(f->total_energy));
    tconv_json_set(document, object, "image_energy_db", tconv_json_real(f->image_energy_db));
    tconv_json_set(document, object, "branch_energy_variation", tconv_json_real(f->branch_energy_variation));
    tconv_json_set(document, object, "passband_ripple_db", tconv_json_real(f->passband_ripple_db));
    tconv_json_set(document, object, "stopband_attenuation_db", tconv_json_real(f->stopband_attenuation_db));
    tconv_json_set(document, object, "cutoff_6db", single_per_axis(f, f->cutoff_6db));
    tconv_json_set(document, object, "separability", tconv_json_real(f->separability));
    tconv_json_set(document, object, "flat_input_index", tconv_json_real(f->flat_input_index));
}

static void set_texts(tconv_json *document, json_t *parent, const char *key, char *const *text, size_t count)
{
    json_t *array = tconv_json_array(document, parent, key);
    for (size_t i = 0; i < count; i++)
        tconv_json_append(document, array, tconv_json_text(text[i]));
}

static void set_verdict(tconv_json *document, json_t *parent, const tconv_verdict *v)
{
    json_t *object = tconv_json_object(document, parent, "verdict");
    tconv_json_set(document, object, "geometry", tconv_json_text(tconv_level_text(v->geometry)));
    tconv_json_set(document, object, "kernel", tconv_json_text(tconv_level_text(v->kernel)));
    tconv_json_set(document, object, "white_input", tconv_json_text(tconv_level_text(v->white_input)));
    tconv_json_set(document, object, "flat_input", tconv_json_text(tconv_level_text(v->flat_input)));
    set_texts(document, object, "reasons", v->reasons, v->n_reasons);
    set_texts(document, object, "advice", v->advice, v->n_advice);
}

static void set_channels(tconv_json *document, json_t *parent, const tconv_json_layer *layer)
{
    json_t *array = tconv_json_array(document, parent, "channels");
    for (size_t co = 0; co < layer->n_channels; co++) {
        json_t *object = tconv_json_object(document, array, NULL);
        tconv_json_set(document, object, "channel", tconv_json_size(co));
        set_branches(document, object, layer->channels[co]);
        set_images(document, object, layer->channels[co]);
        set_figures(document, object, layer->channels[co]);
    }
}

/* The shape of the weights: (k..) of one kernel, else (Cin, Cout/groups, k..). */
static void set_shape(tconv_json *document, json_t *object, const tconv_kernel *kernel)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t shape[TCONV_MAX_NDIM + 2], rank = 0;
    if (!tconv_kernel_is_single(kernel)) {
        shape[rank++] = g->channels_in;
        shape[rank++] = g->channels_out / g->groups;
    }
    for (size_t i = 0; i < g->ndim; i++)
        shape[rank++] = g->axis[i].n_taps;
    tconv_json_set(document, object, "shape", tconv_json_sizes(shape, rank));
}

static void append_layer(tconv_json *document, json_t *layers, const tconv_json_layer *layer)
{
    const tconv_kernel *kernel = layer->kernel;
    const tconv_figures *figures = layer->figures;
    json_t *object = tconv_json_object(document, layers, NULL);
    tconv_json_set(document, object, "name", tconv_json_text(kernel->name));
    tconv_json_set(document, object, "weight", tconv_json_text(kernel->weight));
    tconv_json_set(document, object, "operator",
                   tconv_json_text(kernel->operator_name != NULL ? kernel->operator_name : "ConvTranspose"));
    tconv_json_set(document, object, "role", tconv_json_text(kernel->role == TCONV_ROLE_GRADIENT ? "gradient" : "upsample"));
    set_shape(document, object, kernel);
    tconv_json_set(document, object, "weight_norm_fused", tconv_json_boolean(kernel->weight_norm_fused));
    tconv_json_set_geometry(document, object, &kernel->geometry, layer->input_size,
                            figures != NULL ? figures->centroid_offset : NULL);
    tconv_json_set_coverage(document, object, &kernel->geometry);
    if (figures != NULL) {
        set_branches(document, object, figures);
        set_images(document, object, figures);
        set_figures(document, object, figures);
    }
    if (layer->verdict != NULL)
        set_verdict(document, object, layer->verdict);
    if (layer->channels != NULL)
        set_channels(document, object, layer);
}

tconv_status tconv_json_write_document(const tconv_json_document *request, tconv_buffer *out, tconv_error *error)
{
    tconv_json document = { NULL, false };
    json_t *root = tconv_json_begin(&document);
    tconv_json_set(&document, root, "tool", tconv_json_text(request->tool));
    tconv_json_set(&document, root, "version", tconv_json_text(tconv_version()));
    json_t *input = tconv_json_object(&document, root, "input");
    tconv_json_set(&document, input, "file", tconv_json_text(request->file));
    tconv_json_set(&document, input, "format", tconv_json_text(request->format));
    json_t *layers = tconv_json_array(&document, root, "layers");
    for (size_t i = 0; i < request->n_layers; i++)
        append_layer(&document, layers, &request->layers[i]);
    tconv_status status = tconv_json_write(&document, request->compact ? TCONV_JSON_LINE : TCONV_JSON_INDENTED, out, error);
    tconv_json_free(&document);
    return status;
}
