#include "arithmetic.h"

#include <math.h>
#include <string.h>

#include "../analysis/advice.h"
#include "../core/memory.h"
#include "../core/stack.h"
#include "arithmetic_parts.h"
#include "layer_parts.h"
#include "words.h"

#define LABEL TCONV_PART_LABEL

static void label(tconv_buffer *out, const char *text)
{
    tconv_buffer_text(out, text);
    tconv_word_column(out, LABEL);
}

static bool same_axes(const tconv_geometry *g)
{
    for (size_t i = 1; i < g->ndim; i++)
        if (memcmp(&g->axis[i], &g->axis[0], sizeof g->axis[0]) != 0)
            return false;
    return true;
}

/* "axis 1: " where axes differ. */
static void write_axis_name(tconv_buffer *out, const tconv_geometry *g, size_t i)
{
    if (!same_axes(g))
        tconv_buffer_format(out, "axis %zu: ", i);
}

/* Words under a label, wrapped; the words are given back. */
static void write_wrapped(tconv_buffer *out, const char *name, tconv_buffer *words)
{
    tconv_buffer_text(out, name);
    if (words->status == TCONV_OK)
        tconv_word_wrap(out, words->text, LABEL);
    else if (out->status == TCONV_OK)
        out->status = words->status;
    tconv_buffer_free(words);
}

/* ---- sizes ---- */

static void write_title(tconv_buffer *out, const tconv_geometry *g)
{
    tconv_buffer_format(out, "%zu-D layer", g->ndim);
    tconv_part_axes(out, g, " of ", 'k');
    tconv_buffer_text(out, tconv_geometry_taps(g) == 1 ? " tap" : " taps");
    tconv_part_axes(out, g, ", stride ", 's');
    if (tconv_part_any(g, 'd'))
        tconv_part_axes(out, g, ", dilation ", 'd');
    tconv_part_axes(out, g, ", padding ", 'b');
    if (!tconv_part_symmetric(g)) {
        tconv_part_axes(out, g, " before and ", 'e');
        tconv_buffer_text(out, " after");
    }
    if (tconv_part_any(g, 'o'))
        tconv_part_axes(out, g, ", output padding ", 'o');
    tconv_buffer_text(out, "\n\n");
}

/* "12 input samples give 24 (13 of 12 .. would ..)": the sizes for a given N. */
static void write_concrete(tconv_buffer *out, const tconv_axis *axis, size_t n_in)
{
    size_t size, first, count;
    tconv_error error;
    tconv_buffer_format(out, "%zu input samples give ", n_in);
    if (tconv_axis_output_size(axis, n_in, &size, &error) != TCONV_OK)
        tconv_buffer_format(out, "nothing: %s", error.message);
    else
        tconv_buffer_format(out, "%zu", size);
    if (tconv_axis_valid_sizes(axis, n_in, &first, &count, NULL) == TCONV_OK && count > 0)
        tconv_buffer_format(out, count == 1 ? "; only %zu is valid" : "; valid are %zu .. %zu, by output padding", first,
                            first + count - 1);
    tconv_buffer_text(out, "\n");
}

/* "1 sample short of 2N; output padding 1 gives exactly 2N": what frameworks do without a word. */
static void write_surplus(tconv_buffer *out, const tconv_axis *axis)
{
    int64_t surplus = tconv_axis_surplus(axis);
    size_t extra;
    if (surplus == 0) {
        tconv_buffer_format(out, "exactly %zuN: no sample is lost\n", axis->stride);
        return;
    }
    long long count = surplus < 0 ? -(long long)surplus : (long long)surplus;
    tconv_buffer_format(out, "%lld sample%s %s %zuN", count, count == 1 ? "" : "s", surplus < 0 ? "short of" : "over", axis->stride);
    if (tconv_axis_repair_padding(axis, &extra))
        tconv_buffer_format(out, "; output padding %zu gives exactly %zuN", extra, axis->stride);
    tconv_buffer_text(out, "\n");
}

static void write_padding(tconv_buffer *out, const tconv_geometry *g)
{
    tconv_buffer words = { 0 };
    long long crop[TCONV_MAX_NDIM], correlation[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++) {
        crop[i] = g->axis[i].pad_begin;
        correlation[i] = tconv_axis_correlation_padding(&g->axis[i]);
    }
    tconv_buffer_text(&words, "p = ");
    tconv_word_sizes(&words, crop, g->ndim, false);
    tconv_buffer_text(&words, " is cropped from the output; p' = d(k - 1) - p = ");
    tconv_word_sizes(&words, correlation, g->ndim, false);
    tconv_buffer_text(&words, " pads the zero-inserted input of the equal stride-1 correlation (some texts call that one p)");
    write_wrapped(out, "padding", &words);
}

static void write_sizes(tconv_buffer *out, const tconv_arithmetic *a)
{
    const tconv_geometry *g = &a->layers[0];
    bool same = same_axes(g);
    for (size_t i = 0; i < (same ? 1 : g->ndim); i++) {
        label(out, i == 0 ? "sizes" : "");
        write_axis_name(out, g, i);
        tconv_buffer_text(out, "output ");
        tconv_part_sizes(out, &g->axis[i]);
        tconv_buffer_text(out, same && g->ndim > 1 ? " along each axis\n" : "\n");
        tconv_word_column(out, LABEL);
        write_surplus(out, &g->axis[i]);
        for (size_t j = i; j < (same ? g->ndim : i + 1); j++) {
            if (a->input_size[j] == 0 || (j > i && a->input_size[j] == a->input_size[j - 1]))
                continue;
            tconv_word_column(out, LABEL);
            write_concrete(out, &g->axis[j], a->input_size[j]);
        }
    }
    write_padding(out, g);
}

/* ---- alignment ---- */

static void write_grid(tconv_buffer *out, const tconv_axis *axis, tconv_grid grid, const char *name, size_t n_in)
{
    double distance;
    size_t n = n_in != 0 ? n_in : 2;          /* the other two grids do not depend on N, but the size must be possible */
    tconv_word_column(out, LABEL);
    tconv_buffer_text(out, name);
    tconv_word_column(out, LABEL + 15);
    if (n_in == 0 && grid == TCONV_GRID_ALIGN_CORNERS) {
        tconv_buffer_text(out, "depends on N: give -n\n");
        return;
    }
    if (tconv_axis_grid_distance(axis, grid, n, &distance, NULL) != TCONV_OK)
        distance = fabs(grid == TCONV_GRID_HALF_PIXEL ? tconv_axis_pixel_offset(axis) : tconv_axis_receptive_field_offset(axis));
    if (distance == 0.0) {
        tconv_buffer_text(out, "on it exactly\n");
        return;
    }
    tconv_buffer_text(out, grid == TCONV_GRID_ALIGN_CORNERS ? "off by up to " : "off by ");
    tconv_word_number(out, distance, 3, 0);
    tconv_buffer_text(out, " input samples = ");
    tconv_word_number(out, distance * (double)axis->stride, 3, 0);
    tconv_buffer_text(out, " output samples\n");
}

static void write_alignment(tconv_buffer *out, const tconv_arithmetic *a)
{
    const tconv_geometry *g = &a->layers[0];
    bool same_sizes = true;
    for (size_t i = 1; i < g->ndim; i++)
        same_sizes = same_sizes && a->input_size[i] == a->input_size[0];
    for (size_t i = 0; i < (same_axes(g) && same_sizes ? 1 : g->ndim); i++) {
        const tconv_axis *axis = &g->axis[i];
        label(out, i == 0 ? "alignment" : "");
        write_axis_name(out, g, i);
        tconv_buffer_text(out, "output 0 lies on input ");
        tconv_word_number(out, tconv_axis_receptive_field_offset(axis), 3, 0);
        tconv_buffer_text(out, " (receptive_field_offset), pixel_offset ");
        tconv_word_number(out, tconv_axis_pixel_offset(axis), 3, 0);
        tconv_buffer_text(out, "\n");
        write_grid(out, axis, TCONV_GRID_HALF_PIXEL, "half-pixel", a->input_size[i]);
        write_grid(out, axis, TCONV_GRID_ALIGN_CORNERS, "align-corners", a->input_size[i]);
        write_grid(out, axis, TCONV_GRID_ASYMMETRIC, "asymmetric", a->input_size[i]);
    }
    tconv_word_column(out, LABEL);
    tconv_buffer_text(out, "centroid_offset needs the taps: polyphase-analyze\n");
}

/* ---- coverage and advice ---- */

static void write_sentences(tconv_buffer *out, const char *name, tconv_sentences *sentences)
{
    for (size_t i = 0; i < sentences->count; i++) {
        tconv_buffer_text(out, i == 0 ? name : "");
        tconv_word_wrap(out, sentences->text[i], LABEL);
        tconv_free(sentences->text[i]);
    }
    tconv_free(sentences->text);
    if (sentences->status != TCONV_OK && out->status == TCONV_OK)
        out->status = sentences->status;
}

static void write_judgement(tconv_buffer *out, const tconv_geometry *g)
{
    tconv_sentences reasons = { 0 }, advice = { 0 };
    tconv_part_coverage(out, g);
    double index = tconv_geometry_index_db(g);
    label(out, "");
    if (tconv_geometry_phases(g) == 1)
        tconv_buffer_text(out, "stride 1: no upsampling, no checkerboard\n");
    else if (!tconv_geometry_connected(g))
        tconv_buffer_text(out, "NOT connected: some outputs get no input at all\n");
    else if (index == -INFINITY)
        tconv_buffer_text(out, "connected; with equal taps a flat input comes out flat\n");
    else {
        tconv_buffer_text(out, "connected; with equal taps a flat input comes out with a checkerboard of ");
        tconv_word_db(out, index, 0);
        tconv_buffer_text(out, "\n");
    }
    tconv_explain_coverage(&reasons, g);
    write_sentences(out, "because", &reasons);
    tconv_advise_dilation(&advice, g);
    tconv_advise_kernel_size(&advice, g);
    write_sentences(out, "advice", &advice);
}

/* ---- words of other frameworks ---- */

static void write_dialects(tconv_buffer *out, const tconv_geometry *g, const size_t *input_size)
{
    tconv_buffer words = { 0 };
    if (!tconv_say_pytorch(&words, g))
        tconv_buffer_text(&words, "no nn.ConvTranspose says this: one padding serves both ends there, and 0 <= output_padding < max(s, d)");
    write_wrapped(out, "PyTorch", &words);
    if (!tconv_say_onnx(&words, g))
        tconv_buffer_text(&words, "no ConvTranspose says this: pads are not negative there, and output_padding is below max(s, d)");
    write_wrapped(out, "ONNX", &words);
    if (tconv_say_onnx_modes(&words, g, input_size))
        write_wrapped(out, "", &words);
    tconv_say_tensorflow(&words, g);
    write_wrapped(out, "TensorFlow", &words);
}

/* ---- searches ---- */

static void write_candidate(tconv_buffer *out, const tconv_axis *axis)
{
    tconv_geometry g = tconv_geometry_default(1);
    double mean, variance, offset = tconv_axis_pixel_offset(axis);
    g.axis[0] = *axis;
    tconv_geometry_coverage(&g, &mean, &variance);
    tconv_buffer_format(out, "%5zu%5zu%5lld%5zu   ", axis->n_taps, axis->stride, (long long)axis->pad_begin, axis->output_padding);
    if (variance == 0.0)
        tconv_buffer_text(out, "even");
    else if (tconv_axis_gap(axis) > 0)
        tconv_buffer_format(out, "gap of %zu", tconv_axis_gap(axis));
    else {
        tconv_buffer_text(out, "uneven, ");
        tconv_word_db(out, tconv_geometry_index_db(&g), 0);
    }
    tconv_word_column(out, 41);
    if (offset == 0.0)
        tconv_buffer_text(out, "on the half-pixel grid");
    else
        tconv_word_number(out, offset, 3, 6);
    tconv_buffer_text(out, "\n");
}

static void write_query(tconv_buffer *out, const tconv_layer_query *query)
{
    tconv_buffer_format(out, "from %zu to %zu samples", query->n_in, query->n_out);
    if (query->n_taps != 0) tconv_buffer_format(out, ", k = %zu", query->n_taps);
    if (query->stride != 0) tconv_buffer_format(out, ", s = %zu", query->stride);
    if (query->padding_given) tconv_buffer_format(out, ", p = %lld", (long long)query->padding);
    if (query->dilation > 1) tconv_buffer_format(out, ", d = %zu", query->dilation);
}

static void write_search(tconv_buffer *out, const tconv_arithmetic *a, size_t axis)
{
    const tconv_arithmetic_search *search = &a->searches[axis];
    if (a->n_searches > 1)
        tconv_buffer_format(out, "axis %zu: ", axis);
    write_query(out, &search->query);
    if (search->total == 0) {
        tconv_buffer_text(out, search->query.n_taps != 0 ? ": no layer does that\n" : ": no layer with k up to 16 does that\n");
        return;
    }
    tconv_buffer_format(out, ": %zu layer%s%s\n\n", search->total, search->total == 1 ? "" : "s",
                        search->shown < search->total ? ", the best of them:" : ", the best first:");
    tconv_buffer_text(out, "    k    s    p    o   coverage            pixel offset, input samples\n");
    for (size_t i = 0; i < search->shown; i++)
        write_candidate(out, &search->found[i]);
    if (search->shown < search->total)
        tconv_buffer_format(out, "    .. %zu more: --most N shows more of them\n", search->total - search->shown);
}

static bool same_query(const tconv_layer_query *a, const tconv_layer_query *b)
{
    return a->n_in == b->n_in && a->n_out == b->n_out && a->n_taps == b->n_taps && a->stride == b->stride && a->dilation == b->dilation
        && a->padding_given == b->padding_given && a->padding == b->padding;
}

/* The best of every axis, as one layer in PyTorch's words. */
static void write_best(tconv_buffer *out, const tconv_arithmetic *a)
{
    tconv_geometry best = tconv_geometry_default(a->n_searches);
    for (size_t i = 0; i < a->n_searches; i++) {
        if (a->searches[i].shown == 0)
            return;
        best.axis[i] = a->searches[i].found[0];
    }
    tconv_buffer words = { 0 };
    if (tconv_say_pytorch(&words, &best)) {
        tconv_buffer_text(out, "\n");
        write_wrapped(out, "the first:", &words);
    }
    tconv_buffer_free(&words);
}

static void write_searches(tconv_buffer *out, const tconv_arithmetic *a)
{
    bool same = true;
    for (size_t i = 1; i < a->n_searches; i++)
        same = same && same_query(&a->searches[i].query, &a->searches[0].query);
    for (size_t i = 0; i < (same && a->n_searches > 1 ? 1 : a->n_searches); i++) {
        if (i > 0)
            tconv_buffer_text(out, "\n");
        if (same && a->n_searches > 1) {
            tconv_buffer_text(out, "along each axis, ");
            tconv_arithmetic one = *a;
            one.n_searches = 1;
            write_search(out, &one, 0);
        } else {
            write_search(out, a, i);
        }
    }
    write_best(out, a);
}

/* ---- layers in series ---- */

static void write_hertz(tconv_buffer *out, double hertz)
{
    tconv_word_number(out, hertz, hertz == floor(hertz) ? 0 : 2, 0);
    tconv_buffer_text(out, " Hz");
}

/* "100 Hz", or "10F" in terms of the unknown input rate F. */
static void write_rate(tconv_buffer *out, const tconv_arithmetic *a, size_t times)
{
    if (isnan(a->input_rate))
        tconv_buffer_format(out, times == 1 ? "F" : "%zuF", times);
    else
        write_hertz(out, a->input_rate * (double)times);
}

static void write_stage(tconv_buffer *out, const tconv_arithmetic *a, const tconv_axis *axes, const size_t *sizes, size_t l)
{
    const tconv_axis *axis = &axes[l];
    tconv_buffer_format(out, "%5zu%6zu%6zu%6lld%6zu   ", l + 1, axis->n_taps, axis->stride, (long long)axis->pad_begin,
                        axis->output_padding);
    tconv_word_formula(out, axis, 0);
    if (sizes != NULL)
        tconv_buffer_format(out, " = %zu", sizes[l]);
    tconv_word_column(out, 52);
    double index = tconv_geometry_index_db(&a->layers[l]);
    if (axis->stride == 1)
        tconv_buffer_text(out, "stride 1");
    else if (tconv_axis_gap(axis) > 0)
        tconv_buffer_format(out, "gap of %zu", tconv_axis_gap(axis));
    else if (index == -INFINITY)
        tconv_buffer_text(out, "even");
    else {
        tconv_buffer_text(out, "uneven, ");
        tconv_word_db(out, index, 0);
    }
    if (axis->stride > 1) {
        tconv_word_column(out, 72);
        write_rate(out, a, tconv_stack_rate(axes, l));
    }
    tconv_buffer_text(out, "\n");
}

/* "layers 1, 2": those whose coverage is uneven; how many. */
static size_t write_uneven(tconv_buffer *out, const tconv_arithmetic *a, const tconv_axis *axes)
{
    size_t count = 0;
    for (size_t l = 0; l < a->n_layers; l++)
        if (tconv_geometry_index_db(&a->layers[l]) != -INFINITY) {
            tconv_buffer_text(out, count == 0 ? "" : " and ");
            write_rate(out, a, tconv_stack_rate(axes, l));
            tconv_buffer_format(out, " (layer %zu)", l + 1);
            count++;
        }
    return count;
}

static void write_tones(tconv_buffer *out, const tconv_arithmetic *a, const tconv_axis *axes)
{
    tconv_buffer words = { 0 }, combs = { 0 };
    if (write_uneven(&combs, a, axes) > 0) {
        tconv_buffer_text(&words, "uneven coverage makes a comb of tones, also out of silence once a bias is added: multiples of ");
        tconv_buffer_text(&words, combs.status == TCONV_OK ? combs.text : "");
        write_wrapped(out, "tones", &words);
    } else {
        tconv_buffer_text(&words, "every coverage is even: the sizes make no tones by themselves; untrained or unequal branches still do, at "
                                  "multiples of each layer's input rate");
        write_wrapped(out, "tones", &words);
    }
    tconv_buffer_free(&combs);
}

static void write_losses(tconv_buffer *out, const tconv_axis *axes, size_t count, const tconv_axis *whole)
{
    bool any = false;
    for (size_t l = 0; l < count; l++) {
        if (tconv_axis_surplus(&axes[l]) == 0)
            continue;
        label(out, any ? "" : "samples");
        tconv_buffer_format(out, "layer %zu: ", l + 1);
        write_surplus(out, &axes[l]);
        any = true;
    }
    label(out, any ? "" : "samples");
    tconv_buffer_text(out, any && count > 1 ? "in all: " : "");
    if (count > 1 || !any)
        write_surplus(out, whole);
}

static void write_stack(tconv_buffer *out, const tconv_arithmetic *a)
{
    tconv_axis axes[TCONV_STACK_LAYERS], whole;
    size_t sizes[TCONV_STACK_LAYERS], n = a->n_layers;
    tconv_error error;
    for (size_t l = 0; l < n; l++)
        axes[l] = a->layers[l].axis[0];
    if (tconv_stack_equivalent(axes, n, &whole, &error) != TCONV_OK)
        return;
    bool known = a->input_size[0] != 0, possible = known && tconv_stack_sizes(axes, n, a->input_size[0], sizes, &error) == TCONV_OK;
    if (a->file != NULL)
        tconv_buffer_format(out, "%s: ", strcmp(a->file, "-") == 0 ? "standard input" : a->file);
    tconv_buffer_format(out, "%zu layer%s in series, from ", n, n == 1 ? "" : "s");
    write_rate(out, a, 1);
    tconv_buffer_text(out, " to ");
    write_rate(out, a, whole.stride);
    tconv_buffer_text(out, isnan(a->input_rate) ? " (F: the rate of the input, --fs)\n\n" : "\n\n");
    tconv_buffer_text(out, "layer     k     s     p     o   output size         coverage            tones at multiples of\n");
    for (size_t l = 0; l < n; l++)
        write_stage(out, a, axes, possible ? sizes : NULL, l);
    tconv_buffer_text(out, "\n");
    label(out, "in all");
    tconv_buffer_text(out, "output ");
    tconv_word_formula(out, &whole, 0);
    tconv_buffer_format(out, "; equal to one layer of stride %zu with %zu taps and padding %lld\n", whole.stride, whole.n_taps,
                        (long long)whole.pad_begin);
    if (known) {
        tconv_word_column(out, LABEL);
        if (possible)
            tconv_buffer_format(out, "%zu input samples give %zu\n", a->input_size[0], sizes[n - 1]);
        else
            tconv_buffer_format(out, "%zu input samples give nothing: %s\n", a->input_size[0], error.message);
    }
    write_losses(out, axes, n, &whole);
    double offset = tconv_axis_pixel_offset(&whole);
    label(out, "alignment");
    if (offset == 0.0) {
        tconv_buffer_text(out, "on the half-pixel grid: no shift in time\n");
    } else {
        tconv_buffer_text(out, "off the half-pixel grid by ");
        tconv_word_number(out, offset, 4, 0);
        tconv_buffer_text(out, " input samples = ");
        tconv_word_number(out, offset * (double)whole.stride, 1, 0);
        tconv_buffer_text(out, " output samples\n");
    }
    write_tones(out, a, axes);
}

void tconv_arithmetic_text(tconv_buffer *out, const tconv_arithmetic *a)
{
    if (a->n_layers > 0 && a->is_stack) {
        write_stack(out, a);
    } else if (a->n_layers > 0) {
        write_title(out, &a->layers[0]);
        write_sizes(out, a);
        write_alignment(out, a);
        write_judgement(out, &a->layers[0]);
        tconv_buffer_text(out, "\n");
        write_dialects(out, &a->layers[0], a->input_size);
    }
    if (a->n_layers > 0 && a->n_searches > 0)
        tconv_buffer_text(out, "\n");
    if (a->n_searches > 0)
        write_searches(out, a);
}
