#include "page_layer.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "html.h"
#include "layer_parts.h"
#include "layer_text.h"
#include "page_charts.h"
#include "words.h"

#define MOST_ROWS 64      /* of a table of branches or images */

static void say(tconv_buffer *out, const char *text)
{
    tconv_buffer_text(out, text);
}

static void say_number(tconv_buffer *out, const char *before, double value, int decimals, const char *after)
{
    say(out, before);
    tconv_word_number(out, value, decimals, 0);
    say(out, after);
}

static void say_db(tconv_buffer *out, const char *before, double db, const char *after)
{
    say(out, before);
    tconv_word_db(out, db, 0);
    say(out, after);
}

const char *tconv_page_layer_name(const tconv_json_layer *layer)
{
    const tconv_kernel *kernel = layer->kernel;
    return kernel->name != NULL ? kernel->name : kernel->weight != NULL ? kernel->weight : "The kernel";
}

void tconv_page_sizes(tconv_buffer *out, const tconv_geometry *g, int field)
{
    tconv_part_axes(out, g, "", field);
}

/* ---- verdict ---- */

static void write_level(tconv_buffer *out, const char *question, tconv_level level, const char *what)
{
    tconv_buffer_format(out, "<li class=\"%s\">%s<b>%s</b><small>%s</small></li>", tconv_level_text(level), question,
                        tconv_level_text(level), what);
}

static void write_list(tconv_buffer *out, const char *title, char *const *texts, size_t count)
{
    if (count == 0)
        return;
    tconv_buffer_format(out, "<h3>%s</h3><ul>", title);
    for (size_t i = 0; i < count; i++) {
        say(out, "<li>");
        tconv_html_text(out, texts[i]);
        say(out, "</li>");
    }
    say(out, "</ul>\n");
}

static void write_verdict(tconv_buffer *out, const tconv_verdict *verdict)
{
    say(out, "<ul class=\"levels\">");
    write_level(out, "geometry", verdict->geometry, "what the sizes alone do");
    write_level(out, "kernel", verdict->kernel, "what these taps do");
    write_level(out, "white input", verdict->white_input, "noise and texture");
    write_level(out, "flat input", verdict->flat_input, "the whole network, or a given mean");
    say(out, "</ul>\n");
    write_list(out, "Why", verdict->reasons, verdict->n_reasons);
    write_list(out, "What to do", verdict->advice, verdict->n_advice);
}

/* ---- geometry ---- */

static void write_axes(tconv_buffer *out, const tconv_json_layer *layer)
{
    static const char *const heads[] = { "axis", "output size", "off the half-pixel grid", "output 0 is centred on", "crop p",
                                         "p' of the equal convolution", "gap" };
    const tconv_geometry *g = &layer->kernel->geometry;
    tconv_html_head(out, heads, 7, 2);
    for (size_t i = 0; i < g->ndim; i++) {
        const tconv_axis *axis = &g->axis[i];
        tconv_buffer_format(out, "<tr><td>%zu</td><td>", i);
        tconv_part_sizes(out, axis);
        say(out, "</td>");
        tconv_html_number(out, tconv_axis_pixel_offset(axis), 3);
        tconv_html_number(out, tconv_axis_receptive_field_offset(axis), 3);
        tconv_html_number(out, (double)axis->pad_begin, 0);
        tconv_html_number(out, (double)tconv_axis_correlation_padding(axis), 0);
        tconv_html_number(out, (double)tconv_axis_gap(axis), 0);
        say(out, "</tr>\n");
    }
    say(out, "</table></div>\n");
}

static void write_geometry(tconv_buffer *out, const tconv_json_layer *layer)
{
    const tconv_geometry *g = &layer->kernel->geometry;
    double mean, variance, offset = 0.0;
    tconv_geometry_coverage(g, &mean, &variance);
    say(out, "<h3>Sizes, alignment, coverage</h3>\n");
    write_axes(out, layer);
    for (size_t i = 0; i < g->ndim; i++)
        offset = fmax(offset, fabs(tconv_axis_pixel_offset(&g->axis[i])));
    if (offset == 0.0)
        say(out, "<p>The layer is on the half-pixel grid of image resizing: its output lies exactly over a resized input.</p>\n");
    else
        say_number(out, "<p>The output lies ", offset, 3, " input samples off the half-pixel grid of image resizing. Where it is added to a "
                        "resized picture, or to a branch that is on the grid, edges double by that much.</p>\n");
    if (tconv_geometry_phases(g) == 1)
        return;
    tconv_buffer_format(out, "<p>%zu taps serve %zu output phases, so each output gets ", tconv_geometry_taps(g), tconv_geometry_phases(g));
    say_number(out, "", mean, 3, variance == 0.0 ? " of them: the coverage is even." : " of them on average, and the coverage is uneven: its variance is ");
    if (variance != 0.0) {
        say_number(out, "", variance, 4, ". ");
        say_db(out, "With equal taps, the index would be ", tconv_geometry_index_db(g), ". Training can even this out, but nothing obliges it to.");
    }
    if (!tconv_geometry_connected(g))
        say(out, " Some phases get no tap at all: their outputs hold the bias, whatever the input.");
    say(out, "</p>\n");
    tconv_page_coverage(out, g);
}

/* ---- branches ---- */

static void write_phase(tconv_buffer *out, const size_t *phase, size_t ndim)
{
    say(out, "<tr><td>");
    for (size_t i = 0; i < ndim; i++)
        tconv_buffer_format(out, "%s%zu", i == 0 ? "" : ",", phase[i]);
    say(out, "</td>");
}

static void write_branches(tconv_buffer *out, const tconv_figures *f)
{
    static const char *const heads[] = { "branch", "taps", "DC gain", "energy", "delay [input samples]", "deviation in the band [dB]" };
    tconv_html_head(out, heads, f->single ? 6 : 4, 1);
    for (size_t q = 0; q < f->phases && q < MOST_ROWS; q++) {
        const tconv_branch *branch = &f->branches[q].branch;
        write_phase(out, branch->phase, f->ndim);
        tconv_html_number(out, (double)branch->taps, 0);
        tconv_html_number(out, branch->dc_gain, 4);
        tconv_html_number(out, branch->energy, 4);
        if (f->single) {
            say(out, "<td class=\"n\">");
            if (branch->has_delay)
                tconv_word_list(out, branch->delay, f->ndim, 3);
            else
                say(out, "-");
            say(out, "</td>");
            tconv_html_number(out, f->branches[q].magnitude_deviation_db, 2);
        }
        say(out, "</tr>\n");
    }
    say(out, "</table></div>\n");
    if (f->phases > MOST_ROWS)
        tconv_buffer_format(out, "<p>%zu more branches are in the JSON document (--json).</p>\n", f->phases - MOST_ROWS);
}

static void write_flat(tconv_buffer *out, const tconv_json_layer *layer)
{
    const tconv_figures *f = layer->figures;
    double least = INFINITY, most = -INFINITY;
    for (size_t q = 0; q < f->phases; q++) {
        least = fmin(least, f->branches[q].branch.dc_gain);
        most = fmax(most, f->branches[q].branch.dc_gain);
    }
    say(out, "<h3>What a flat input becomes</h3>\n");
    if (!f->single) {
        say_db(out, "<p>On average over the channels, the images of a constant are at ", f->checkerboard_db, " against the constant. ");
        say(out, "This is the bare index: a figure, not a verdict, because trained layers carry the position between samples in their channels.");
        if (!isnan(f->flat_input_peak_to_peak)) {
            say_db(out, " For the given mean input the index is ", tconv_ratio_db(f->flat_input_index, 1.0), "");
            say_number(out, ", the largest spread ", f->flat_input_peak_to_peak, 4, ".");
        }
        say(out, "</p>\n");
    } else if (isnan(f->peak_to_peak) || isinf(f->peak_to_peak)) {
        say(out, isnan(f->peak_to_peak) ? "<p>All taps are zero: nothing comes out.</p>\n"
                                        : "<p>The taps sum to zero: a constant comes out as nothing but its images.</p>\n");
    } else if (f->peak_to_peak == 0.0) {
        say_number(out, "<p>A constant 1 comes out as ", most, 4, " everywhere: every branch has the same sum, so flat input comes out flat.</p>\n");
    } else {
        say_number(out, "<p>A constant 1 comes out as values between ", least, 4, "");
        say_number(out, " and ", most, 4, "");
        say_number(out, ": a spread of ", 100.0 * f->peak_to_peak, 2, " % of the level, ");
        say_number(out, "which is ", 255.0 * f->peak_to_peak, 1, " of 255 grey levels at full level. ");
        say_db(out, "The checkerboard index is ", f->checkerboard_db, ".</p>\n");
    }
    tconv_page_flat(out, layer->kernel, f);
}

static void write_noise(tconv_buffer *out, const tconv_figures *f)
{
    double least = INFINITY, most = 0.0;
    for (size_t q = 0; q < f->phases; q++) {
        least = fmin(least, f->branches[q].branch.energy);
        most = fmax(most, f->branches[q].branch.energy);
    }
    say(out, "<h3>Noise and texture</h3>\n");
    say_number(out, "<p>White noise of power 1 comes out with a power between ", least, 4, "");
    say_number(out, " and ", most, 4, " from phase to phase. ");
    if (f->branch_energy_variation == 0.0)
        say(out, "They are equal: noise keeps no grid.");
    else
        say_number(out, "They differ by ", 100.0 * f->branch_energy_variation, 2, " % (standard deviation over mean): that much of a grid lies in "
                        "noise and texture, also where flat areas are clean.");
    say_db(out, " All images together hold ", f->image_energy_db, " of the energy that the band of the signal has, for white input.</p>\n");
}

/* ---- frequency ---- */

static void write_images(tconv_buffer *out, const tconv_figures *f)
{
    const char *heads[] = { "image m", "at DC", f->single ? "worst in 0.8 of the band" : "worst mixture of channels at DC" };
    say(out, "<h3>Images</h3>\n<p>Zero-insertion copies the spectrum to every m/s. Image m of a constant has the level |H(m/s)|/|H(0)|, which is "
             "the discrete Fourier transform of the branches' DC gains: equal branches and no images are the same thing.</p>\n");
    tconv_page_images(out, f);
    tconv_html_head(out, heads, 3, 1);
    for (size_t m = 0; m + 1 < f->phases && m < MOST_ROWS; m++) {
        write_phase(out, f->images[m].m, f->ndim);
        tconv_html_db(out, f->images[m].dc_db);
        tconv_html_db(out, f->images[m].worst_db);
        say(out, "</tr>\n");
    }
    say(out, "</table></div>\n");
}

static void write_row(tconv_buffer *out, const char *name, double value, int decimals, bool db, const char *meaning)
{
    tconv_buffer_format(out, "<tr><td>%s</td>", name);
    if (db)
        tconv_html_db(out, value);
    else
        tconv_html_number(out, value, decimals);
    tconv_buffer_format(out, "<td>%s</td></tr>\n", meaning);
}

static void write_band(tconv_buffer *out, const tconv_figures *f)
{
    static const char *const heads[] = { "figure", "value", "what it is, and the ideal" };
    say(out, "<h3>The band of the signal</h3>\n");
    tconv_html_head(out, heads, 2, 1);
    write_row(out, "gain at DC", f->passband_gain_db, 0, true, "of the whole filter against S; 0 dB keeps the level");
    write_row(out, "loss at half of the band", f->droop_db[0][0], 0, true, "|H| against DC, along the first axis; 0 dB");
    write_row(out, "loss at 0.8 of the band", f->droop_db[1][0], 0, true, "the same; more is blur");
    write_row(out, "ripple", f->passband_ripple_db, 0, true, "largest against smallest |H| in the passband; 0 dB");
    write_row(out, "-6 dB at", f->cutoff_6db[0], 3, false, "where |H| is half its value at DC, in units of 1/(2s); 1");
    write_row(out, "rejection in half of the band", f->image_rejection_db[0], 0, true, "least ratio of signal to image; as large as possible");
    write_row(out, "rejection in 0.8 of the band", f->image_rejection_db[1], 0, true, "the same nearer to the edge");
    write_row(out, "attenuation beyond the band", f->stopband_attenuation_db, 0, true, "of everything that can only be image");
    if (f->ndim == 2)
        write_row(out, "separability", f->separability, 4, false, "share of the energy in the best product of two 1-D kernels; 1");
    say(out, "</table></div>\n");
}

/* ---- the section ---- */

static void write_channels(tconv_buffer *out, const tconv_json_layer *layer)
{
    static const char *const heads[] = { "output channel", "index", "DC gain", "energy", "images hold", "energies differ by [%]" };
    if (layer->n_channels == 0)
        return;
    say(out, "<h3>Output channels</h3>\n");
    tconv_html_head(out, heads, 6, 0);
    for (size_t co = 0; co < layer->n_channels; co++) {
        const tconv_figures *f = layer->channels[co];
        tconv_buffer_format(out, "<tr><td class=\"n\">%zu</td>", co);
        tconv_html_db(out, f->checkerboard_db);
        tconv_html_number(out, f->dc_gain, 4);
        tconv_html_number(out, f->total_energy, 4);
        tconv_html_db(out, f->image_energy_db);
        tconv_html_number(out, 100.0 * f->branch_energy_variation, 1);
        say(out, "</tr>\n");
    }
    say(out, "</table></div>\n");
}

/* The report for the terminal, folded away. */
static void write_text(tconv_buffer *out, const char *file, const tconv_json_layer *layer)
{
    tconv_buffer text = { 0 };
    tconv_layer_text(&text, &(tconv_layer_report){ .file = file, .kernel = layer->kernel, .figures = layer->figures, .verdict = layer->verdict,
                                                   .input_size = layer->input_size[0] > 0 ? layer->input_size : NULL });
    say(out, "<details><summary>The same as text</summary><pre>");
    for (char *line = text.text, *next; text.status == TCONV_OK && line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        tconv_html_text(out, line);
        say(out, "\n");
    }
    say(out, "</pre></details>\n");
    if (out->status == TCONV_OK)
        out->status = text.status;
    tconv_buffer_free(&text);
}

static void write_head(tconv_buffer *out, const tconv_json_layer *layer, size_t number)
{
    const tconv_kernel *kernel = layer->kernel;
    const tconv_geometry *g = &kernel->geometry;
    tconv_buffer_format(out, "<section id=\"layer-%zu\"><h2>", number);
    tconv_html_text(out, tconv_page_layer_name(layer));
    tconv_buffer_format(out, "</h2>\n<p>%zu-D %s of ", g->ndim, tconv_kernel_is_single(kernel) ? "kernel" : "layer");
    if (!tconv_kernel_is_single(kernel))
        tconv_buffer_format(out, "%zu input and %zu output channels in %zu group%s, kernels of ", g->channels_in, g->channels_out,
                            g->groups, g->groups == 1 ? "" : "s");
    tconv_page_sizes(out, g, 'k');
    say(out, " taps, stride ");
    tconv_page_sizes(out, g, 's');
    if (tconv_part_any(g, 'd'))
        tconv_part_axes(out, g, ", dilation ", 'd');
    say(out, ".");
    if (kernel->operator_name != NULL && strchr(kernel->operator_name, '+') != NULL) {
        say(out, " In the file it is ");
        tconv_html_text(out, kernel->operator_name);
        say(out, ", shown as the transposed convolution that it equals.");
    }
    if (kernel->role == TCONV_ROLE_GRADIENT)
        say(out, " A strided convolution: its gradient for the input is a transposed convolution, which is what is judged.");
    if (kernel->weight_norm_fused)
        say(out, " The taps were made of a direction and a length (weight normalisation).");
    if (layer->note != NULL) {
        say(out, " ");
        tconv_html_text(out, layer->note);
    }
    say(out, "</p>\n");
}

tconv_status tconv_page_layer(tconv_buffer *out, const char *file, const tconv_json_layer *layer, size_t number)
{
    tconv_status status = TCONV_OK;
    const tconv_figures *f = layer->figures;
    write_head(out, layer, number);
    if (layer->verdict != NULL)
        write_verdict(out, layer->verdict);
    if (f != NULL && f->phases > 1)
        write_flat(out, layer);
    write_geometry(out, layer);
    if (f != NULL) {
        say(out, "<h3>Taps and branches</h3>\n");
        status = tconv_page_taps(out, layer->kernel);
        write_branches(out, f);
        say(out, "<h3>Frequency response</h3>\n");
        if (status == TCONV_OK)
            status = tconv_page_response(out, layer->kernel, f);
        if (f->phases > 1)
            write_images(out, f);
        if (f->phases > 1)
            write_noise(out, f);
        if (f->single)
            write_band(out, f);
        write_channels(out, layer);
        if (f->single)
            write_text(out, file, layer);
    }
    say(out, "</section>\n");
    return status;
}
