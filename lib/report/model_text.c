#include "model_text.h"

#include <math.h>
#include <string.h>

#include "words.h"

enum column { NAME = 0, WEIGHTS = 28, STRIDE = 45, COVERAGE = 52, INDEX = 60, IMAGES = 71, OFFSET = 82, VERDICT = 90 };

/* At most `width` bytes: the middle of a longer text gives way to "..". */
static void write_cut(tconv_buffer *out, const char *text, size_t width)
{
    size_t length = strlen(text);
    if (length <= width) {
        tconv_buffer_text(out, text);
        return;
    }
    size_t head = (width - 2) / 3, tail = width - 2 - head;
    tconv_buffer_bytes(out, text, head);
    tconv_buffer_text(out, "..");
    tconv_buffer_text(out, text + length - tail);
}

static const char *coverage_word(const tconv_geometry *g)
{
    double mean, variance;
    if (tconv_geometry_phases(g) == 1)
        return "-";
    if (!tconv_geometry_connected(g))
        return "GAP";
    tconv_geometry_coverage(g, &mean, &variance);
    return variance == 0.0 ? "even" : "uneven";
}

static void write_sizes(tconv_buffer *out, const tconv_geometry *g, bool weights)
{
    long long value[TCONV_MAX_NDIM + 2];
    size_t n = 0;
    if (weights) {
        value[n++] = (long long)g->channels_in;
        value[n++] = (long long)(g->channels_out / g->groups);
    }
    for (size_t i = 0; i < g->ndim; i++)
        value[n++] = (long long)(weights ? g->axis[i].n_taps : g->axis[i].stride);
    tconv_word_sizes(out, value, n, weights);
}

static void write_offset(tconv_buffer *out, const tconv_geometry *g)
{
    double offset[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++)
        offset[i] = tconv_axis_pixel_offset(&g->axis[i]);
    tconv_word_list(out, offset, g->ndim, 2);
}

/* The flat_input level is the network's where it is known, and then the word that counts. */
static void write_verdict(tconv_buffer *out, const tconv_json_layer *layer)
{
    const tconv_verdict *v = layer->verdict;
    if (v == NULL || v->geometry == TCONV_LEVEL_NONE)
        tconv_buffer_text(out, "-");
    else if (v->flat_input != TCONV_LEVEL_UNKNOWN)
        tconv_buffer_format(out, "%s", tconv_level_text(v->flat_input));
    else if (v->kernel != TCONV_LEVEL_UNKNOWN && v->kernel > v->geometry)
        tconv_buffer_text(out, tconv_level_text(v->kernel));
    else
        tconv_buffer_text(out, tconv_level_text(v->geometry));
}

static void write_row(tconv_buffer *out, const tconv_json_layer *layer)
{
    const tconv_kernel *kernel = layer->kernel;
    const char *name = kernel->name != NULL ? kernel->name : kernel->weight != NULL ? kernel->weight : "(no name)";
    write_cut(out, name, WEIGHTS - 2);
    tconv_word_column(out, WEIGHTS);
    write_sizes(out, &kernel->geometry, true);
    tconv_buffer_text(out, " ");
    tconv_word_column(out, STRIDE);
    write_sizes(out, &kernel->geometry, false);
    tconv_buffer_text(out, " ");
    tconv_word_column(out, COVERAGE);
    tconv_buffer_text(out, coverage_word(&kernel->geometry));
    tconv_word_column(out, INDEX - 1);
    tconv_word_db(out, layer->figures != NULL ? layer->figures->checkerboard_db : (double)NAN, 9);
    tconv_word_column(out, IMAGES - 2);
    tconv_word_db(out, layer->figures != NULL ? layer->figures->image_energy_db : (double)NAN, 10);
    tconv_buffer_text(out, "  ");
    tconv_word_column(out, OFFSET);
    write_offset(out, &kernel->geometry);
    tconv_buffer_text(out, " ");
    tconv_word_column(out, VERDICT);
    write_verdict(out, layer);
    tconv_buffer_text(out, "\n");
    if (kernel->operator_name != NULL && strchr(kernel->operator_name, '+') != NULL)
        tconv_buffer_format(out, "    is %s, shown as the transposed convolution that it equals\n", kernel->operator_name);
    if (layer->figures != NULL && layer->figures->bias_spread > 0.0) {
        tconv_buffer_text(out, "    its biases differ by up to ");
        tconv_word_number(out, layer->figures->bias_spread, 4, 0);
        tconv_buffer_text(out, " over the phases: a pattern of its own, without any input\n");
    }
    if (layer->note != NULL)
        tconv_word_wrap(out, layer->note, 4);
}

static void write_header(tconv_buffer *out)
{
    static const struct { enum column at; const char *text; } heads[] = {
        { NAME, "layer" }, { WEIGHTS, "weights" }, { STRIDE, "stride" }, { COVERAGE, "taps" }, { INDEX, "   index" },
        { IMAGES, "  images" }, { OFFSET, "offset" }, { VERDICT, "verdict" } };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        tconv_word_column(out, heads[i].at);
        tconv_buffer_text(out, heads[i].text);
    }
    tconv_buffer_text(out, "\n");
}

enum kind { UPSAMPLES, NO_UPSAMPLING, GRADIENT };

static enum kind kind_of(const tconv_json_layer *layer)
{
    if (layer->kernel->role == TCONV_ROLE_GRADIENT)
        return GRADIENT;
    return tconv_geometry_phases(&layer->kernel->geometry) > 1 ? UPSAMPLES : NO_UPSAMPLING;
}

static size_t count_kind(const tconv_json_layer *layers, size_t n, enum kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += kind_of(&layers[i]) == kind ? 1 : 0;
    return count;
}

static void write_kind(tconv_buffer *out, const tconv_json_layer *layers, size_t n, enum kind kind, const char *title)
{
    if (count_kind(layers, n, kind) == 0)
        return;
    tconv_buffer_format(out, "\n%s\n", title);
    for (size_t i = 0; i < n; i++)
        if (kind_of(&layers[i]) == kind)
            write_row(out, &layers[i]);
}

/* Reasons and advice of the layers whose verdict is not clean, and the columns explained. */
static void write_advice(tconv_buffer *out, const tconv_json_layer *layers, size_t n)
{
    bool many = false, network = false;
    for (size_t i = 0; i < n; i++) {
        const tconv_json_layer *layer = &layers[i];
        if (!network && kind_of(layer) == UPSAMPLES && layer->verdict != NULL && layer->verdict->flat_input >= TCONV_LEVEL_CLEAN) {
            network = true;
            tconv_buffer_text(out, "\n");
            tconv_word_wrap(out, layer->verdict->reasons[layer->verdict->n_reasons - 1], 0);
        }
        many = many || (layer->figures != NULL && !layer->figures->single);
        if (kind_of(layer) != UPSAMPLES || layer->verdict == NULL || !tconv_verdict_reaches(layer->verdict, TCONV_LEVEL_FAINT))
            continue;
        tconv_buffer_format(out, "\n%s\n", layer->kernel->name != NULL ? layer->kernel->name : "(no name)");
        if (layer->verdict->n_reasons > 0)
            tconv_word_wrap(out, layer->verdict->reasons[0], 2);
        if (layer->verdict->n_advice > 0)
            tconv_word_wrap(out, layer->verdict->advice[0], 2);
    }
    tconv_buffer_text(out, "\nindex: level of the images of a flat input; images: their energy against the signal's, for white\n"
                           "input; offset: input samples off the half-pixel grid; verdict: of the network on flat input where it\n"
                           "could be computed, else of the geometry, or worse of the taps.\n");
    if (many)
        tconv_buffer_text(out, "Layers of many channels carry sub-pixel position in their channels: their index is a figure, not a\n"
                               "verdict. --layer NAME reports one layer in full.\n");
}

void tconv_model_text(tconv_buffer *out, const char *file, const char *format, const tconv_json_layer *layers, size_t n)
{
    size_t upsampling = count_kind(layers, n, UPSAMPLES);
    tconv_buffer_format(out, "%s: %s, %zu upsampling layer%s\n", strcmp(file, "-") == 0 ? "standard input" : file, format,
                        upsampling, upsampling == 1 ? "" : "s");
    if (n == 0)
        return;
    tconv_buffer_text(out, "\n");
    write_header(out);
    for (size_t i = 0; i < n; i++)
        if (kind_of(&layers[i]) == UPSAMPLES)
            write_row(out, &layers[i]);
    write_kind(out, layers, n, NO_UPSAMPLING, "transposed convolutions of stride 1: no upsampling, no images");
    write_kind(out, layers, n, GRADIENT, "strided convolutions: their input gradient is a transposed convolution (checkerboards in "
                                         "gradients)");
    write_advice(out, layers, n);
}
