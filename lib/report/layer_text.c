#include "layer_text.h"

#include <math.h>
#include <string.h>

#include "layer_parts.h"
#include "words.h"

#define LABEL TCONV_PART_LABEL

#define MOST_BRANCHES 16
#define MOST_IMAGES 15
#define TAPS_SHOWN 5
#define BAR_WIDTH 12

static void label(tconv_buffer *out, const char *text)
{
    tconv_buffer_text(out, text);
    tconv_word_column(out, LABEL);
}

/* ---- the first line ---- */

void tconv_part_axes(tconv_buffer *out, const tconv_geometry *g, const char *what, int field)
{
    long long value[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++)
        value[i] = field == 's' ? (long long)g->axis[i].stride : field == 'k' ? (long long)g->axis[i].n_taps
                 : field == 'd' ? (long long)g->axis[i].dilation : field == 'o' ? (long long)g->axis[i].output_padding
                 : field == 'b' ? (long long)g->axis[i].pad_begin : (long long)g->axis[i].pad_end;
    tconv_buffer_text(out, what);
    tconv_word_sizes(out, value, g->ndim, field == 'k');
}

bool tconv_part_symmetric(const tconv_geometry *g)
{
    for (size_t i = 0; i < g->ndim; i++)
        if (g->axis[i].pad_begin != g->axis[i].pad_end)
            return false;
    return true;
}

bool tconv_part_any(const tconv_geometry *g, int field)
{
    for (size_t i = 0; i < g->ndim; i++)
        if (field == 'd' ? g->axis[i].dilation != 1 : g->axis[i].output_padding != 0)
            return true;
    return false;
}

static void write_title(tconv_buffer *out, const tconv_layer_report *report)
{
    const tconv_kernel *kernel = report->kernel;
    const tconv_geometry *g = &kernel->geometry;
    tconv_buffer_text(out, strcmp(report->file, "-") == 0 ? "standard input" : report->file);
    if (kernel->name != NULL && kernel->weight != NULL)
        tconv_buffer_format(out, ": %s\n", kernel->name);
    else
        tconv_buffer_text(out, ": ");
    tconv_buffer_format(out, "%zu-D ", g->ndim);
    if (report->figures->single)
        tconv_part_axes(out, g, "kernel of ", 'k');
    else {
        tconv_buffer_format(out, "layer of %zu input and %zu output channels", g->channels_in, g->channels_out);
        if (g->groups > 1)
            tconv_buffer_format(out, " in %zu groups", g->groups);
        tconv_part_axes(out, g, ", kernels of ", 'k');
    }
    tconv_buffer_text(out, tconv_geometry_taps(g) == 1 ? " tap" : " taps");
    tconv_part_axes(out, g, ", stride ", 's');
    if (tconv_part_any(g, 'd'))
        tconv_part_axes(out, g, ", dilation ", 'd');
    tconv_part_axes(out, g, ", padding ", 'b');
    if (!tconv_part_symmetric(g))
        tconv_part_axes(out, g, " before and ", 'e');
    if (!tconv_part_symmetric(g))
        tconv_buffer_text(out, " after");
    if (tconv_part_any(g, 'o'))
        tconv_part_axes(out, g, ", output padding ", 'o');
    tconv_buffer_text(out, "\n\n");
}

/* ---- geometry ---- */

/* "2N+1 (also valid: 2N to 2N+2)": all s sizes that the forward convolution maps back to N. */
void tconv_part_sizes(tconv_buffer *out, const tconv_axis *axis)
{
    long long own = (long long)axis->output_padding, last = (long long)axis->stride - 1;
    tconv_word_formula(out, axis, 0);
    if (last == 0 || own > last)
        return;
    tconv_buffer_text(out, " (also valid: ");
    long long first = own == 0 ? 1 : 0;
    tconv_word_formula(out, axis, first - own);
    if (own != last && !(own == 0 && last == 1)) {
        long long to = last;
        if (to != first) {
            tconv_buffer_text(out, own > first && own < to ? " .. " : to == first + 1 ? ", " : " .. ");
            tconv_word_formula(out, axis, to - own);
        }
    } else if (own == last && last > 1) {
        tconv_buffer_text(out, last == 2 ? ", " : " .. ");
        tconv_word_formula(out, axis, -1);
    }
    tconv_buffer_text(out, ")");
}

static void write_geometry(tconv_buffer *out, const tconv_layer_report *report)
{
    const tconv_geometry *g = &report->kernel->geometry;
    bool same = true;
    for (size_t i = 1; i < g->ndim; i++)
        same = same && memcmp(&g->axis[i], &g->axis[0], sizeof g->axis[0]) == 0;
    label(out, "geometry");
    tconv_buffer_text(out, "output ");
    for (size_t i = 0; i < (same ? 1 : g->ndim); i++) {
        tconv_buffer_text(out, i == 0 ? "" : " x ");
        tconv_part_sizes(out, &g->axis[i]);
    }
    if (same && g->ndim > 1)
        tconv_buffer_text(out, " along each axis");
    tconv_buffer_text(out, tconv_geometry_connected(g) ? ", connected" : ", NOT connected");
    tconv_buffer_text(out, "\n");
    if (report->input_size != NULL) {
        tconv_word_column(out, LABEL);
        for (size_t i = 0; i < g->ndim; i++)
            tconv_buffer_format(out, "%s%zu", i == 0 ? "" : "x", report->input_size[i]);
        tconv_buffer_text(out, g->ndim == 1 ? " input samples give " : " inputs give ");
        for (size_t i = 0; i < g->ndim; i++) {
            size_t n_out = 0;
            bool possible = tconv_axis_output_size(&g->axis[i], report->input_size[i], &n_out, NULL) == TCONV_OK;
            tconv_buffer_format(out, possible ? "%s%zu" : "%snone", i == 0 ? "" : "x", n_out);
        }
        tconv_buffer_text(out, "\n");
    }
    double receptive[TCONV_MAX_NDIM], pixel[TCONV_MAX_NDIM];
    long long crop[TCONV_MAX_NDIM], correlation[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++) {
        receptive[i] = tconv_axis_receptive_field_offset(&g->axis[i]);
        pixel[i] = tconv_axis_pixel_offset(&g->axis[i]);
        crop[i] = g->axis[i].pad_begin;
        correlation[i] = tconv_axis_correlation_padding(&g->axis[i]);
    }
    label(out, "padding");
    tconv_buffer_text(out, "crop p = ");
    tconv_word_sizes(out, crop, g->ndim, false);
    tconv_buffer_text(out, "; p' = ");
    tconv_word_sizes(out, correlation, g->ndim, false);
    tconv_buffer_text(out, " for the equal stride-1 correlation on the zero-inserted input\n");
    label(out, "alignment");
    tconv_buffer_text(out, "output 0 is centred on input ");
    tconv_word_list(out, receptive, g->ndim, 3);
    if (!isnan(report->figures->centroid_offset[0])) {
        tconv_buffer_text(out, "; by the taps' centroid ");
        tconv_word_list(out, report->figures->centroid_offset, g->ndim, 3);
    }
    tconv_buffer_text(out, "\n");
    tconv_word_column(out, LABEL);
    bool aligned = true;
    for (size_t i = 0; i < g->ndim; i++)
        aligned = aligned && pixel[i] == 0.0;
    if (aligned) {
        tconv_buffer_text(out, "on the half-pixel grid of image resizing\n");
    } else {
        tconv_buffer_text(out, "off the half-pixel grid of image resizing by ");
        tconv_word_list(out, pixel, g->ndim, 3);
        tconv_buffer_text(out, " input samples\n");
    }
}

/* ---- coverage ---- */

void tconv_part_coverage(tconv_buffer *out, const tconv_geometry *g)
{
    double mean, variance;
    tconv_geometry_coverage(g, &mean, &variance);
    label(out, "coverage");
    if (g->ndim == 1 && g->axis[0].stride <= 16) {
        size_t s = g->axis[0].stride, shown = s <= 3 ? 3 * s : s <= 6 ? 2 * s : s;
        for (size_t j = 0; j < shown; j++)
            tconv_buffer_format(out, "%zu ", tconv_axis_coverage(&g->axis[0], j % s));
        tconv_buffer_text(out, "..  ");
    } else if (g->ndim == 2 && g->axis[0].stride <= 6 && g->axis[1].stride <= 12) {
        for (size_t i = 0; i < g->axis[0].stride; i++) {
            if (i > 0) {
                tconv_buffer_text(out, "\n");
                tconv_word_column(out, LABEL);
            }
            for (size_t j = 0; j < g->axis[1].stride; j++)
                tconv_buffer_format(out, j == 0 ? "%zu" : " %zu", tconv_axis_coverage(&g->axis[0], i) * tconv_axis_coverage(&g->axis[1], j));
        }
        tconv_buffer_text(out, "  ");
    }
    if (variance == 0.0) {
        tconv_buffer_text(out, "even: every output gets ");
        tconv_word_number(out, mean, 0, 0);
        tconv_buffer_text(out, mean == 1.0 ? " tap\n" : " taps\n");
    } else {
        tconv_buffer_text(out, "taps per output: mean ");
        tconv_word_number(out, mean, 3, 0);
        tconv_buffer_text(out, ", variance ");
        tconv_word_number(out, variance, 4, 0);
        tconv_buffer_text(out, "\n");
    }
}

/* ---- branches ---- */

static void write_bar(tconv_buffer *out, double value, double largest)
{
    int length = largest > 0.0 ? (int)lround(BAR_WIDTH * fabs(value) / largest) : 0;
    for (int i = 0; i < BAR_WIDTH; i++)
        tconv_buffer_text(out, i < length ? (value < 0.0 ? "-" : "=") : " ");
}

static void write_branch_taps(tconv_buffer *out, const tconv_kernel *kernel, size_t phase)
{
    const tconv_axis *axis = &kernel->geometry.axis[0];
    size_t shown = 0, total = tconv_axis_coverage(axis, phase);
    for (size_t r = 0; r < axis->n_taps && shown < TAPS_SHOWN; r++)
        if (axis->dilation * r % axis->stride == phase) {
            tconv_word_number(out, kernel->taps[r], 4, shown == 0 ? 0 : 8);
            shown++;
        }
    if (total > shown)
        tconv_buffer_format(out, " .. %zu more", total - shown);
}

static void write_phase(tconv_buffer *out, const size_t *phase, size_t ndim)
{
    tconv_buffer_text(out, "  ");
    for (size_t i = 0; i < ndim; i++)
        tconv_buffer_format(out, "%s%zu", i == 0 ? "" : ",", phase[i]);
}

static void write_branches(tconv_buffer *out, const tconv_layer_report *report)
{
    const tconv_figures *figures = report->figures;
    bool single = figures->single, one_dimension = figures->ndim == 1;
    double largest = 0.0;
    for (size_t q = 0; q < figures->phases; q++)
        largest = fmax(largest, fabs(figures->branches[q].branch.dc_gain));
    tconv_buffer_text(out, single ? "\nbranch     taps   DC gain                  energy" : "\nbranch     taps   DC gain (norm)           energy");
    tconv_buffer_text(out, single ? (one_dimension ? "   delay   taps\n" : "   delay\n") : "\n");
    for (size_t q = 0; q < figures->phases && q < MOST_BRANCHES; q++) {
        const tconv_branch *branch = &figures->branches[q].branch;
        write_phase(out, branch->phase, figures->ndim);
        tconv_word_column(out, 10);
        tconv_word_number(out, (double)branch->taps, 0, 5);
        tconv_word_number(out, branch->dc_gain, 4, 10);
        tconv_buffer_text(out, " ");
        write_bar(out, branch->dc_gain, largest);
        tconv_word_number(out, branch->energy, 4, 10);
        if (single) {
            tconv_buffer_text(out, "   ");
            if (branch->has_delay)
                tconv_word_list(out, branch->delay, figures->ndim, 3);
            else
                tconv_buffer_text(out, "-");
            if (one_dimension) {
                tconv_word_column(out, 59);
                write_branch_taps(out, report->kernel, branch->phase[0]);
            }
        }
        tconv_buffer_text(out, "\n");
    }
    if (figures->phases > MOST_BRANCHES)
        tconv_buffer_format(out, "  .. %zu more branches: --json lists them all\n", figures->phases - MOST_BRANCHES);
}

/* ---- images ---- */

static void write_images(tconv_buffer *out, const tconv_figures *figures)
{
    if (figures->phases == 1)
        return;
    tconv_buffer_text(out, figures->single ? "image             at DC   worst in 0.8 of the band\n"
                                           : "image   average at DC   worst mixture of channels at DC\n");
    for (size_t m = 0; m + 1 < figures->phases && m < MOST_IMAGES; m++) {
        write_phase(out, figures->images[m].m, figures->ndim);
        tconv_word_column(out, 10);
        tconv_word_db(out, figures->images[m].dc_db, 13);
        tconv_word_db(out, figures->images[m].worst_db, 13);
        tconv_buffer_text(out, "\n");
    }
    if (figures->phases - 1 > MOST_IMAGES)
        tconv_buffer_format(out, "  .. %zu more images: --json lists them all\n", figures->phases - 1 - MOST_IMAGES);
}

/* ---- in words ---- */

static void write_percent(tconv_buffer *out, double share)
{
    tconv_word_number(out, 100.0 * share, share >= 0.1 ? 0 : 2, 0);
    tconv_buffer_text(out, " %");
}

/* Biases that differ over the phases: a pattern that no input is needed for. */
static void write_bias_spread(tconv_buffer *out, const tconv_figures *figures)
{
    if (!(figures->bias_spread > 0.0))
        return;
    label(out, "bias");
    tconv_buffer_text(out, "differs by up to ");
    tconv_word_number(out, figures->bias_spread, 4, 0);
    tconv_buffer_text(out, " over the phases: a pattern of its own, without any input\n");
}

static void write_flat_input(tconv_buffer *out, const tconv_figures *figures)
{
    label(out, "flat input");
    if (!figures->single) {
        tconv_buffer_text(out, "index of the bare kernels ");
        tconv_word_db(out, figures->checkerboard_db, 0);
        tconv_buffer_text(out, " on average over the channels (a figure, not a verdict)\n");
        if (!isnan(figures->flat_input_peak_to_peak)) {
            tconv_word_column(out, LABEL);
            tconv_buffer_text(out, "the given mean: index ");
            tconv_word_db(out, tconv_ratio_db(figures->flat_input_index, 1.0), 0);
            tconv_buffer_text(out, ", largest spread ");
            tconv_word_number(out, figures->flat_input_peak_to_peak, 4, 0);
            tconv_buffer_text(out, "\n");
        }
        return;
    }
    if (isnan(figures->peak_to_peak))
        tconv_buffer_text(out, "zero: all taps are zero\n");
    else if (isinf(figures->peak_to_peak))
        tconv_buffer_text(out, "nothing but its images: the taps sum to zero\n");
    else if (figures->peak_to_peak == 0.0)
        tconv_buffer_text(out, "comes out flat\n");
    else {
        tconv_buffer_text(out, figures->ndim == 1 ? "stripes of " : "a pattern of ");
        write_percent(out, figures->peak_to_peak);
        tconv_buffer_text(out, " of the level (");
        tconv_word_number(out, 255.0 * figures->peak_to_peak, figures->peak_to_peak * 255.0 >= 10.0 ? 0 : 2, 0);
        tconv_buffer_text(out, " of 255 grey levels), index ");
        tconv_word_db(out, figures->checkerboard_db, 0);
        tconv_buffer_text(out, "\n");
    }
}

static void write_bands(tconv_buffer *out, const tconv_figures *figures)
{
    label(out, "noise");
    if (figures->branch_energy_variation == 0.0)
        tconv_buffer_text(out, "branch energies are equal\n");
    else {
        tconv_buffer_text(out, "branch energies differ by ");
        write_percent(out, figures->branch_energy_variation);
        tconv_buffer_text(out, "\n");
    }
    if (figures->single) {
        label(out, "passband");
        tconv_word_db(out, figures->passband_gain_db, 0);
        tconv_buffer_text(out, " at DC; at 0.8 of the band ");
        for (size_t i = 0; i < figures->ndim; i++) {
            tconv_buffer_text(out, i == 0 ? "" : ", ");
            tconv_word_db(out, figures->droop_db[1][i], 0);
            /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): a NaN is as good as a NaN */
            if (i + 1 < figures->ndim && memcmp(&figures->droop_db[1][i], &figures->droop_db[1][i + 1], sizeof(double)) == 0)
                break;
        }
        tconv_buffer_text(out, " against that; -6 dB at ");
        tconv_word_list(out, figures->cutoff_6db, figures->ndim, 3);
        tconv_buffer_text(out, " of it\n");
        label(out, "images");
        tconv_buffer_text(out, "rejected by ");
        tconv_word_db(out, figures->image_rejection_db[0], 0);
        tconv_buffer_text(out, " in half of the band, ");
        tconv_word_db(out, figures->image_rejection_db[1], 0);
        tconv_buffer_text(out, " in 0.8 of it\n");
        tconv_word_column(out, LABEL);
    } else {
        label(out, "images");
    }
    tconv_buffer_text(out, "energy against the signal's, for white input: ");
    tconv_word_db(out, figures->image_energy_db, 0);
    tconv_buffer_text(out, "\n");
}

static void write_option(tconv_buffer *out, const tconv_geometry *g, const char *letter, int field, long long usual)
{
    bool said = false, equal = true;
    long long value[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++) {
        value[i] = field == 's' ? (long long)g->axis[i].stride : field == 'd' ? (long long)g->axis[i].dilation
                 : (long long)g->axis[i].pad_begin;
        said = said || value[i] != usual;
        equal = equal && value[i] == value[0];
    }
    for (size_t i = 0; i < (equal ? 1 : g->ndim) && said; i++)
        tconv_buffer_format(out, "%s%s%lld", i == 0 ? letter : "", i == 0 ? "" : ",", value[i]);
}

/* The command that repairs the kernel of this file, ready to be pasted; nothing where a kernel is even, or its gaps let no
 * change of the taps help, or it is one of a model. */
static void write_repair(tconv_buffer *out, const tconv_layer_report *report)
{
    const tconv_geometry *g = &report->kernel->geometry;
    tconv_level level = report->verdict->kernel;
    size_t length = strlen(report->file);
    bool plain = report->file[strspn(report->file, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./,:@%")] == '\0';
    if (!report->figures->single || level < TCONV_LEVEL_FAINT || level > TCONV_LEVEL_SEVERE || !tconv_geometry_connected(g)
        || report->kernel->weight != NULL || strchr(report->file, '\'') != NULL)
        return;
    bool npy = length > 4 && strcmp(report->file + length - 4, ".npy") == 0;
    label(out, "repair");
    tconv_buffer_format(out, plain ? "polyphase-repair %s%s" : "polyphase-repair %s'%s'",
                        report->file[0] == '-' && length > 1 ? "./" : "", report->file);
    write_option(out, g, " -s ", 's', 0);
    if (tconv_part_symmetric(g))
        write_option(out, g, " -p ", 'p', 0);
    write_option(out, g, " -d ", 'd', 1);
    tconv_buffer_text(out, npy ? " --method project -o fixed.npy\n" : " --method project -o fixed.txt\n");
}

static void write_verdict(tconv_buffer *out, const tconv_verdict *verdict)
{
    tconv_buffer_text(out, "\n");
    label(out, "verdict");
    tconv_buffer_format(out, "geometry %s    kernel %s    white input %s    flat input %s\n",
                        tconv_level_text(verdict->geometry), tconv_level_text(verdict->kernel),
                        tconv_level_text(verdict->white_input), tconv_level_text(verdict->flat_input));
    for (size_t i = 0; i < verdict->n_reasons; i++) {
        tconv_buffer_text(out, i == 0 ? "because" : "");
        tconv_word_wrap(out, verdict->reasons[i], LABEL);
    }
    for (size_t i = 0; i < verdict->n_advice; i++) {
        tconv_buffer_text(out, i == 0 ? "advice" : "");
        tconv_word_wrap(out, verdict->advice[i], LABEL);
    }
}

void tconv_layer_text(tconv_buffer *out, const tconv_layer_report *report)
{
    write_title(out, report);
    write_geometry(out, report);
    tconv_part_coverage(out, &report->kernel->geometry);
    write_branches(out, report);
    write_images(out, report->figures);
    tconv_buffer_text(out, "\n");
    write_flat_input(out, report->figures);
    write_bias_spread(out, report->figures);
    if (report->figures->phases > 1)
        write_bands(out, report->figures);
    write_verdict(out, report->verdict);
    write_repair(out, report);
}

void tconv_channels_text(tconv_buffer *out, tconv_figures *const *channels, size_t count)
{
    tconv_buffer_text(out, "\nchannel         index     DC gain      energy      images hold    branch energies differ by\n");
    for (size_t co = 0; co < count; co++) {
        const tconv_figures *figures = channels[co];
        tconv_buffer_format(out, "%7zu", co);
        tconv_word_db(out, figures->checkerboard_db, 14);
        tconv_word_number(out, figures->dc_gain, 4, 12);
        tconv_word_number(out, figures->total_energy, 4, 12);
        tconv_word_db(out, figures->image_energy_db, 17);
        tconv_word_number(out, 100.0 * figures->branch_energy_variation, 1, 18);
        tconv_buffer_text(out, " %\n");
    }
}
