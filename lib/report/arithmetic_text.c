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
void tconv_part_wrapped(tconv_buffer *out, const char *name, tconv_buffer *words)
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

/* "12 input samples give 24; valid are 24 .. 25": the sizes for a given N. */
static void write_concrete(tconv_buffer *out, const tconv_axis *axis, size_t n_in)
{
    size_t size, first, count;
    tconv_error error;
    tconv_buffer words = { 0 };
    if (tconv_axis_output_size(axis, n_in, &size, &error) == TCONV_OK)
        tconv_buffer_format(&words, "%zu input sample%s give%s %zu", n_in, n_in == 1 ? "" : "s", n_in == 1 ? "s" : "", size);
    else
        tconv_buffer_text(&words, error.message);
    if (tconv_axis_valid_sizes(axis, n_in, &first, &count, NULL) == TCONV_OK && count > 0)
        tconv_buffer_format(&words, count == 1 ? "; only %zu is valid" : "; valid are %zu .. %zu, by output padding", first,
                            first + count - 1);
    tconv_part_wrapped(out, "", &words);
}

/* "5N", "N" */
static void write_multiple(tconv_buffer *out, size_t stride)
{
    if (stride != 1)
        tconv_buffer_format(out, "%zu", stride);
    tconv_buffer_text(out, "N");
}

/* "1 sample short of 2N": what frameworks do without a word. */
void tconv_part_surplus(tconv_buffer *out, const tconv_axis *axis)
{
    long long surplus = (long long)tconv_axis_surplus(axis), count = surplus < 0 ? -surplus : surplus;
    if (surplus == 0)
        tconv_buffer_text(out, "exactly ");
    else
        tconv_buffer_format(out, "%lld sample%s %s ", count, count == 1 ? "" : "s", surplus < 0 ? "short of" : "over");
    write_multiple(out, axis->stride);
    if (surplus == 0)
        tconv_buffer_text(out, ": no sample is lost");
}

/* "; output padding 1 gives exactly 2N", where that is so. */
void tconv_part_repair(tconv_buffer *out, const tconv_axis *axis)
{
    size_t extra;
    if (tconv_axis_surplus(axis) == 0 || !tconv_axis_repair_padding(axis, &extra))
        return;
    tconv_buffer_format(out, "; output padding %zu gives exactly ", extra);
    write_multiple(out, axis->stride);
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
    tconv_part_wrapped(out, "padding", &words);
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
        tconv_part_surplus(out, &g->axis[i]);
        tconv_part_repair(out, &g->axis[i]);
        tconv_buffer_text(out, "\n");
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
    tconv_part_wrapped(out, "PyTorch", &words);
    bool onnx = tconv_say_onnx(&words, g);
    if (!onnx)
        tconv_buffer_text(&words, "no ConvTranspose says this: pads are not negative there, and output_padding is below max(s, d)");
    tconv_part_wrapped(out, "ONNX", &words);
    if (onnx && tconv_say_onnx_modes(&words, g, input_size))
        tconv_part_wrapped(out, "", &words);
    tconv_say_tensorflow(&words, g);
    tconv_part_wrapped(out, "TensorFlow", &words);
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
        tconv_part_wrapped(out, "the first:", &words);
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

void tconv_arithmetic_text(tconv_buffer *out, const tconv_arithmetic *a)
{
    if (a->n_layers > 0 && a->is_stack) {
        tconv_arithmetic_stack_text(out, a);
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
