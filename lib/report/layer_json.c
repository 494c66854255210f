#include "layer_json.h"

#include "../tconv.h"
#include "json_parts.h"

json_t *tconv_json_branches(const tconv_figures *figures, bool *failed)
{
    json_t *array = json_array();
    size_t ndim = figures->ndim;
    for (size_t q = 0; q < figures->phases; q++) {
        const tconv_branch_figures *branch = &figures->branches[q];
        json_t *object = json_object();
        tconv_json_set(object, "phase", tconv_json_sizes(branch->branch.phase, ndim, failed), failed);
        tconv_json_set(object, "taps", json_integer((json_int_t)branch->branch.taps), failed);
        tconv_json_set(object, "dc_gain", tconv_json_real(branch->branch.dc_gain), failed);
        tconv_json_set(object, "energy", tconv_json_real(branch->branch.energy), failed);
        tconv_json_set(object, "delay", branch->branch.has_delay ? tconv_json_per_axis(branch->branch.delay, ndim, failed)
                                                                 : json_null(), failed);
        tconv_json_set(object, "magnitude_deviation_db", tconv_json_real(branch->magnitude_deviation_db), failed);
        tconv_json_set(object, "delay_error", figures->single ? tconv_json_per_axis(branch->delay_error, ndim, failed)
                                                              : json_null(), failed);
        tconv_json_set(object, "first_output", tconv_json_sizes(branch->branch.first_output, ndim, failed), failed);
        tconv_json_add(array, object, failed);
    }
    return array;
}

static json_t *images(const tconv_figures *figures, bool *failed)
{
    json_t *array = json_array();
    for (size_t m = 0; m + 1 < figures->phases; m++) {
        json_t *object = json_object();
        tconv_json_set(object, "m", tconv_json_sizes(figures->images[m].m, figures->ndim, failed), failed);
        tconv_json_set(object, "dc_db", tconv_json_real(figures->images[m].dc_db), failed);
        tconv_json_set(object, "worst_db", tconv_json_real(figures->images[m].worst_db), failed);
        tconv_json_add(array, object, failed);
    }
    return array;
}

/* {"0.5": .., "0.8": ..} */
static json_t *bands(json_t *half, json_t *most, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "0.5", half, failed);
    tconv_json_set(object, "0.8", most, failed);
    return object;
}

/* null for several channels, where there is no value per axis. */
static json_t *single_per_axis(const tconv_figures *figures, const double *value, bool *failed)
{
    return figures->single ? tconv_json_per_axis(value, figures->ndim, failed) : json_null();
}

json_t *tconv_json_figures(const tconv_figures *f, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "dc_gain", tconv_json_real(f->dc_gain), failed);
    tconv_json_set(object, "passband_gain_db", tconv_json_real(f->passband_gain_db), failed);
    tconv_json_set(object, "checkerboard_index", tconv_json_real(f->checkerboard_index), failed);
    tconv_json_set(object, "checkerboard_db", tconv_json_real(f->checkerboard_db), failed);
    tconv_json_set(object, "peak_to_peak", tconv_json_real(f->peak_to_peak), failed);
    tconv_json_set(object, "image_rejection_db", bands(tconv_json_real(f->image_rejection_db[0]),
                                                       tconv_json_real(f->image_rejection_db[1]), failed), failed);
    tconv_json_set(object, "droop_db", bands(single_per_axis(f, f->droop_db[0], failed),
                                             single_per_axis(f, f->droop_db[1], failed), failed), failed);
    tconv_json_set(object, "baseband_energy", tconv_json_real(f->baseband_energy), failed);
    tconv_json_set(object, "total_energy", tconv_json_real(f->total_energy), failed);
    tconv_json_set(object, "image_energy_db", tconv_json_real(f->image_energy_db), failed);
    tconv_json_set(object, "branch_energy_variation", tconv_json_real(f->branch_energy_variation), failed);
    tconv_json_set(object, "passband_ripple_db", tconv_json_real(f->passband_ripple_db), failed);
    tconv_json_set(object, "stopband_attenuation_db", tconv_json_real(f->stopband_attenuation_db), failed);
    tconv_json_set(object, "cutoff_6db", single_per_axis(f, f->cutoff_6db, failed), failed);
    tconv_json_set(object, "separability", tconv_json_real(f->separability), failed);
    tconv_json_set(object, "flat_input_index", tconv_json_real(f->flat_input_index), failed);
    tconv_json_set(object, "bias_spread", tconv_json_real(f->bias_spread), failed);
    return object;
}

static json_t *texts(char *const *text, size_t count, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        tconv_json_add(array, tconv_json_text(text[i]), failed);
    return array;
}

static json_t *verdict_object(const tconv_verdict *v, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "geometry", json_string(tconv_level_text(v->geometry)), failed);
    tconv_json_set(object, "kernel", json_string(tconv_level_text(v->kernel)), failed);
    tconv_json_set(object, "white_input", json_string(tconv_level_text(v->white_input)), failed);
    tconv_json_set(object, "flat_input", json_string(tconv_level_text(v->flat_input)), failed);
    tconv_json_set(object, "reasons", texts(v->reasons, v->n_reasons, failed), failed);
    tconv_json_set(object, "advice", texts(v->advice, v->n_advice, failed), failed);
    return object;
}

static json_t *channels_array(const tconv_json_layer *layer, bool *failed)
{
    json_t *array = json_array();
    for (size_t co = 0; co < layer->n_channels; co++) {
        json_t *object = json_object();
        tconv_json_set(object, "channel", json_integer((json_int_t)co), failed);
        tconv_json_set(object, "branches", tconv_json_branches(layer->channels[co], failed), failed);
        tconv_json_set(object, "images", images(layer->channels[co], failed), failed);
        tconv_json_set(object, "figures", tconv_json_figures(layer->channels[co], failed), failed);
        tconv_json_add(array, object, failed);
    }
    return array;
}

/* The shape of the weights: (k..) of one kernel, else (Cin, Cout/groups, k..). */
static json_t *shape_of(const tconv_kernel *kernel, bool *failed)
{
    const tconv_geometry *g = &kernel->geometry;
    json_t *array = json_array();
    if (!tconv_kernel_is_single(kernel)) {
        tconv_json_add(array, json_integer((json_int_t)g->channels_in), failed);
        tconv_json_add(array, json_integer((json_int_t)(g->channels_out / g->groups)), failed);
    }
    for (size_t i = 0; i < g->ndim; i++)
        tconv_json_add(array, json_integer((json_int_t)g->axis[i].n_taps), failed);
    return array;
}

static json_t *layer_object(const tconv_json_layer *layer, bool *failed)
{
    const tconv_kernel *kernel = layer->kernel;
    const tconv_figures *figures = layer->figures;
    json_t *object = json_object();
    tconv_json_set(object, "name", tconv_json_text(kernel->name), failed);
    tconv_json_set(object, "weight", tconv_json_text(kernel->weight), failed);
    tconv_json_set(object, "operator",
                   tconv_json_text(kernel->operator_name != NULL ? kernel->operator_name : "ConvTranspose"), failed);
    tconv_json_set(object, "role", json_string(kernel->role == TCONV_ROLE_GRADIENT ? "gradient" : "upsample"), failed);
    tconv_json_set(object, "shape", shape_of(kernel, failed), failed);
    tconv_json_set(object, "weight_norm_fused", json_boolean(kernel->weight_norm_fused), failed);
    tconv_json_set(object, "geometry", tconv_json_geometry(&kernel->geometry, layer->input_size,
                                                           figures != NULL ? figures->centroid_offset : NULL, failed), failed);
    tconv_json_set(object, "coverage", tconv_json_coverage(&kernel->geometry, failed), failed);
    if (figures != NULL) {
        tconv_json_set(object, "branches", tconv_json_branches(figures, failed), failed);
        tconv_json_set(object, "images", images(figures, failed), failed);
        tconv_json_set(object, "figures", tconv_json_figures(figures, failed), failed);
    }
    if (layer->verdict != NULL)
        tconv_json_set(object, "verdict", verdict_object(layer->verdict, failed), failed);
    if (layer->note != NULL)
        tconv_json_set(object, "note", tconv_json_text(layer->note), failed);
    if (layer->channels != NULL)
        tconv_json_set(object, "channels", channels_array(layer, failed), failed);
    return object;
}

static json_t *document_object(const tconv_json_document *document, bool *failed)
{
    json_t *object = json_object(), *input = json_object(), *layers = json_array();
    tconv_json_set(object, "tool", tconv_json_text(document->tool), failed);
    tconv_json_set(object, "version", json_string(tconv_version()), failed);
    tconv_json_set(input, "file", tconv_json_text(document->file), failed);
    tconv_json_set(input, "format", tconv_json_text(document->format), failed);
    tconv_json_set(object, "input", input, failed);
    for (size_t i = 0; i < document->n_layers; i++)
        tconv_json_add(layers, layer_object(&document->layers[i], failed), failed);
    tconv_json_set(object, "layers", layers, failed);
    return object;
}

tconv_status tconv_json_write_document(const tconv_json_document *document, tconv_buffer *out)
{
    bool failed = false;
    json_t *object = document_object(document, &failed);
    return tconv_json_write(object, failed, document->compact ? TCONV_JSON_LINE : TCONV_JSON_INDENTED, out, NULL);
}
