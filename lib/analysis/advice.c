#include "advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/memory.h"

#define EVEN_DB (-60.0)     /* the level below which a pattern is no more than rounding, to an 8-bit eye: clean */

void tconv_sentences_take(tconv_sentences *sentences, tconv_buffer *sentence)
{
    if (sentences->status == TCONV_OK && sentence->status != TCONV_OK)
        sentences->status = sentence->status;
    if (sentences->status == TCONV_OK && sentences->count == sentences->capacity) {
        size_t capacity = 2 * sentences->capacity + 4;
        char **larger = tconv_alloc(capacity, sizeof *larger, &sentences->status);
        if (larger != NULL) {
            if (sentences->count > 0)
                memcpy(larger, sentences->text, sentences->count * sizeof *larger);
            tconv_free(sentences->text);
            sentences->text = larger;
            sentences->capacity = capacity;
        }
    }
    char *copy = sentences->status != TCONV_OK ? NULL : tconv_alloc_text(sentence->text, &sentences->status);
    if (copy != NULL)
        sentences->text[sentences->count++] = copy;
    tconv_buffer_free(sentence);
}

/* A number with at most two decimals, without the locale's help: 0.25, 1.5, 3. */
static void write_decimal(tconv_buffer *out, double value)
{
    long long hundredths = llround(value * 100.0);
    if (hundredths < 0)
        tconv_buffer_text(out, "-");
    hundredths = hundredths < 0 ? -hundredths : hundredths;
    tconv_buffer_format(out, "%lld", hundredths / 100);
    if (hundredths % 100 != 0)
        tconv_buffer_format(out, hundredths % 10 == 0 ? ".%lld" : ".%02lld",
                            hundredths % 10 == 0 ? hundredths % 100 / 10 : hundredths % 100);
}

static void write_percent(tconv_buffer *out, double share)
{
    double percent = 100.0 * share;
    if (percent >= 1e9)
        tconv_buffer_text(out, "over 10^9 %");
    else if (percent >= 10.0)
        tconv_buffer_format(out, "%lld %%", llround(percent));
    else if (percent >= 0.01) {
        write_decimal(out, percent);
        tconv_buffer_text(out, " %");
    } else
        tconv_buffer_text(out, "less than 0.01 %");
}

static void write_plural(tconv_buffer *out, size_t count, const char *what)
{
    tconv_buffer_format(out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

/* "along axis 0, " where there are several. */
static void write_axis(tconv_buffer *out, const tconv_geometry *g, size_t axis)
{
    if (g->ndim > 1)
        tconv_buffer_format(out, "along axis %zu, ", axis);
}

/* "branch 0 gets 2 taps, branch 1 gets 1", or how many of them where there are more than two. */
static void write_shares(tconv_buffer *out, const tconv_axis *axis)
{
    size_t s = axis->stride, whole = axis->n_taps / s, rest = axis->n_taps % s;
    if (s == 2) {
        size_t first = tconv_axis_coverage(axis, 0);
        tconv_buffer_text(out, "branch 0 gets ");
        write_plural(out, first, "tap");
        tconv_buffer_format(out, ", branch 1 gets %zu", tconv_axis_coverage(axis, 1));
    } else {
        tconv_buffer_format(out, "%zu of the %zu branches %s ", rest, s, rest == 1 ? "gets" : "get");
        write_plural(out, whole + 1, "tap");
        tconv_buffer_format(out, ", %s %zu", s - rest == 1 ? "the other gets" : "the others get", whole);
    }
}

static void explain_gap(tconv_sentences *reasons, const tconv_geometry *g, size_t i)
{
    tconv_buffer out = { 0 };
    const tconv_axis *axis = &g->axis[i];
    size_t shared = tconv_gcd(axis->stride, axis->dilation);
    write_axis(&out, g, i);
    if (shared > 1 && axis->n_taps >= axis->stride / shared)
        tconv_buffer_format(&out, "stride %zu and dilation %zu share the factor %zu: ", axis->stride, axis->dilation, shared);
    else
        tconv_buffer_format(&out, "the kernel's %zu tap%s fewer than the stride %zu: ", axis->n_taps,
                            axis->n_taps == 1 ? " is" : "s are", axis->stride);
    size_t gap = tconv_axis_gap(axis);
    tconv_buffer_format(&out, "%zu of every %zu output samples %s reached by no input", gap, axis->stride,
                        gap == 1 ? "is" : "are");
    tconv_sentences_take(reasons, &out);
}

void tconv_explain_coverage(tconv_sentences *reasons, const tconv_geometry *g)
{
    for (size_t i = 0; i < g->ndim; i++) {
        const tconv_axis *axis = &g->axis[i];
        bool same_as_before = i > 0 && memcmp(axis, &g->axis[i - 1], sizeof *axis) == 0;
        if (same_as_before)
            continue;
        if (tconv_axis_gap(axis) > 0) {
            explain_gap(reasons, g, i);
        } else if (axis->n_taps % axis->stride != 0) {
            tconv_buffer out = { 0 };
            bool all = g->ndim > 1;
            for (size_t j = i + 1; j < g->ndim; j++)
                all = all && memcmp(&g->axis[j], axis, sizeof *axis) == 0;
            if (all && i == 0)
                tconv_buffer_text(&out, "along every axis, ");
            else
                write_axis(&out, g, i);
            tconv_buffer_format(&out, "the kernel's %zu taps are not a multiple of the stride %zu: ", axis->n_taps, axis->stride);
            write_shares(&out, axis);
            tconv_sentences_take(reasons, &out);
        }
    }
}

static void explain_kernel(tconv_sentences *reasons, const tconv_figures *figures, const tconv_verdict *verdict)
{
    tconv_buffer out = { 0 };
    if (isnan(figures->checkerboard_index))
        tconv_buffer_text(&out, "all taps are zero: the output is zero");
    else if (isinf(figures->checkerboard_index))
        tconv_buffer_text(&out, "the taps sum to zero: of a flat input nothing but its images comes out");
    else if (figures->checkerboard_index == 0.0 && verdict->geometry != TCONV_LEVEL_CLEAN)
        tconv_buffer_text(&out, "the taps make up for the coverage: all branch sums are equal, a flat input comes out flat");
    else if (figures->checkerboard_index == 0.0)
        tconv_buffer_text(&out, "all branch sums are equal: a flat input comes out flat");
    else {
        tconv_buffer_text(&out, "the branch sums differ: a flat input comes out with a pattern of ");
        write_percent(&out, figures->peak_to_peak);
        tconv_buffer_text(&out, " of its level, peak to peak");
    }
    tconv_sentences_take(reasons, &out);
}

static void explain_channels(tconv_sentences *reasons, const tconv_kernel *kernel, const tconv_figures *figures,
                             const tconv_verdict *verdict)
{
    tconv_buffer out = { 0 };
    if (figures->checkerboard_db < EVEN_DB) {          /* all H_m vanish: no mixture of channels is left over */
        tconv_buffer_text(&out, "the branch sums of every pair of channels are equal: a flat input comes out flat, whatever values reach "
                                "the layer");
        tconv_sentences_take(reasons, &out);
        return;
    }
    tconv_buffer_format(&out, "the layer has %zu input and %zu output channels: trained layers carry sub-pixel position in their "
                        "channels, so the index of the bare kernels is a figure, not a verdict",
                        kernel->geometry.channels_in, kernel->geometry.channels_out);
    if (verdict->flat_input == TCONV_LEVEL_UNKNOWN)
        tconv_buffer_text(&out, "; what a flat input does depends on the values that reach the layer");
    tconv_sentences_take(reasons, &out);
}

static void explain_noise(tconv_sentences *reasons, const tconv_figures *figures)
{
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "the branch energies differ by ");
    write_percent(&out, figures->branch_energy_variation);
    tconv_buffer_text(&out, ": noise and fine texture come out with a grid even where flat areas are clean");
    tconv_sentences_take(reasons, &out);
}

static void explain_biases(tconv_sentences *reasons)
{
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "the biases of the phases differ: the output has a pattern even where the input is zero, and with other "
                            "inputs it adds to what the taps do");
    tconv_sentences_take(reasons, &out);
}

static void explain_flat_input(tconv_sentences *reasons, const tconv_figures *figures)
{
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "the given mean input comes out with a spread of ");
    write_decimal(&out, figures->flat_input_peak_to_peak * 255.0 < 1e9 ? figures->flat_input_peak_to_peak * 255.0 : 1e9);
    tconv_buffer_text(&out, " in 255, largest over the output channels");
    tconv_sentences_take(reasons, &out);
}

void tconv_write_network_answer(tconv_sentences *reasons, double share)
{
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "the whole network answers flat greys ");
    if (share == 0.0) {
        tconv_buffer_text(&out, "with flat areas, to rounding");
    } else {
        tconv_buffer_text(&out, "with a spread of at most ");
        write_decimal(&out, share * 255.0 < 1e9 ? share * 255.0 : 1e9);
        tconv_buffer_text(&out, " in 255");
    }
    tconv_buffer_text(&out, ", computed exactly; polyphase-step shows which layer a comb comes from, and answers to other colours");
    tconv_sentences_take(reasons, &out);
}

void tconv_write_reasons(tconv_sentences *reasons, const tconv_kernel *kernel, const tconv_figures *figures,
                         const tconv_verdict *verdict)
{
    if (tconv_geometry_phases(&kernel->geometry) == 1) {
        tconv_buffer out = { 0 };
        tconv_buffer_text(&out, "stride 1: no upsampling, no images");
        tconv_sentences_take(reasons, &out);
        return;
    }
    tconv_explain_coverage(reasons, &kernel->geometry);
    if (figures == NULL)
        return;
    if (figures->single)
        explain_kernel(reasons, figures, verdict);
    else
        explain_channels(reasons, kernel, figures, verdict);
    if (verdict->white_input >= TCONV_LEVEL_VISIBLE)
        explain_noise(reasons, figures);
    if (figures->bias_spread > 0.0)
        explain_biases(reasons);
    if (!isnan(figures->flat_input_peak_to_peak))
        explain_flat_input(reasons, figures);
}

/* ---- advice ---- */

/* "4" where all axes agree, "4x6" otherwise. */
static void write_list(tconv_buffer *out, const long long *value, size_t ndim)
{
    bool same = true;
    for (size_t i = 1; i < ndim; i++)
        same = same && value[i] == value[0];
    for (size_t i = 0; i < (same ? 1 : ndim); i++)
        tconv_buffer_format(out, "%s%lld", i == 0 ? "" : "x", value[i]);
}

/* ", p = 1", or the four pads where the sides differ; the output padding where there is one. */
static void write_padding(tconv_buffer *out, const tconv_axis *axis, size_t ndim)
{
    long long begin[TCONV_MAX_NDIM] = { 0 }, end[TCONV_MAX_NDIM] = { 0 }, extra[TCONV_MAX_NDIM] = { 0 };
    bool symmetric = true, padded = false;
    for (size_t i = 0; i < ndim; i++) {
        begin[i] = axis[i].pad_begin;
        end[i] = axis[i].pad_end;
        extra[i] = (long long)axis[i].output_padding;
        symmetric = symmetric && begin[i] == end[i];
        padded = padded || extra[i] != 0;
    }
    tconv_buffer_text(out, symmetric ? ", p = " : ", pads = ");
    write_list(out, begin, ndim);
    if (!symmetric) {
        tconv_buffer_text(out, " before and ");
        write_list(out, end, ndim);
        tconv_buffer_text(out, " after");
    }
    if (padded) {
        tconv_buffer_text(out, ", output padding ");
        write_list(out, extra, ndim);
    }
}

/* What the change does to the alignment: shifts are multiples of half an output sample. */
static void write_shift(tconv_buffer *out, const tconv_axis *better, const double *shift, size_t ndim)
{
    long long halves = 0;
    bool same = true, aligned = true;
    for (size_t i = 0; i < ndim; i++) {
        long long own = llabs(llround(2.0 * shift[i] * (double)better[i].stride));
        same = same && (i == 0 || own == halves);
        halves = own > halves ? own : halves;
        aligned = aligned && tconv_axis_pixel_offset(&better[i]) == 0.0;
    }
    if (halves == 0) {
        tconv_buffer_text(out, "; the output stays where it is");
    } else {
        tconv_buffer_text(out, same ? "; the output moves by " : "; the output moves by up to ");
        if (halves == 1)
            tconv_buffer_text(out, "half an output sample");
        else if (halves == 2)
            tconv_buffer_text(out, "one output sample");
        else {
            write_decimal(out, 0.5 * (double)halves);
            tconv_buffer_text(out, " output samples");
        }
        if (ndim > 1 && same)
            tconv_buffer_text(out, " along each axis");
    }
    if (aligned)
        tconv_buffer_text(out, halves == 0 ? ", on the half-pixel grid" : ", onto the half-pixel grid");
}

void tconv_advise_kernel_size(tconv_sentences *advice, const tconv_geometry *g)
{
    tconv_axis better[TCONV_MAX_NDIM];
    double shift[TCONV_MAX_NDIM];
    long long taps[TCONV_MAX_NDIM] = { 0 };
    bool changed = false, possible = true;
    for (size_t i = 0; i < g->ndim; i++) {
        possible = tconv_axis_even_coverage(&g->axis[i], &better[i], &shift[i]) && possible;
        changed = changed || better[i].n_taps != g->axis[i].n_taps;
        taps[i] = (long long)better[i].n_taps;
    }
    if (!possible || !changed)
        return;
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "use k = ");
    write_list(&out, taps, g->ndim);
    write_padding(&out, better, g->ndim);
    tconv_buffer_text(&out, ": even coverage, same output size");
    write_shift(&out, better, shift, g->ndim);
    tconv_sentences_take(advice, &out);
}

void tconv_advise_dilation(tconv_sentences *advice, const tconv_geometry *g)
{
    for (size_t i = 0; i < g->ndim; i++) {
        const tconv_axis *axis = &g->axis[i];
        if (tconv_gcd(axis->stride, axis->dilation) == 1)
            continue;
        tconv_buffer out = { 0 };
        write_axis(&out, g, i);
        tconv_buffer_format(&out, "use dilation 1, or one that shares no factor with the stride %zu: no kernel size closes the gap",
                            axis->stride);
        tconv_sentences_take(advice, &out);
    }
}

/* The nearest-neighbour resize and convolution of K taps w that can do no less: K is odd and s + K - 1 >= k_eff, its padding
 * P = (K - 1)/2. They equal a layer of h = box_s * flip(w), s + K - 1 taps, crop K - 1 - P = P at both ends (resize_conv.h). */
static void advise_resize(tconv_sentences *advice, const tconv_geometry *g)
{
    long long scale[TCONV_MAX_NDIM], conv[TCONV_MAX_NDIM], padding[TCONV_MAX_NDIM], taps[TCONV_MAX_NDIM];
    tconv_buffer out = { 0 };
    for (size_t i = 0; i < g->ndim; i++) {
        long long k = (long long)tconv_axis_effective_taps(&g->axis[i]), s = (long long)g->axis[i].stride;
        conv[i] = k > s ? k - s + 1 : 1;
        conv[i] += 1 - conv[i] % 2;
        scale[i] = s;
        padding[i] = (conv[i] - 1) / 2;
        taps[i] = s + conv[i] - 1;
    }
    tconv_buffer_text(&out, "or resize (nearest) by ");
    write_list(&out, scale, g->ndim);
    tconv_buffer_text(&out, " and then convolve with stride 1, k = ");
    write_list(&out, conv, g->ndim);
    tconv_buffer_text(&out, ", p = ");
    write_list(&out, padding, g->ndim);
    tconv_buffer_text(&out, ": equal to this layer with k = ");
    write_list(&out, taps, g->ndim);
    tconv_buffer_text(&out, ", p = ");
    write_list(&out, padding, g->ndim);
    tconv_buffer_text(&out, " and h = box * flipped w, whose branch sums are equal whatever w is");
    tconv_sentences_take(advice, &out);
}

static void advise(tconv_sentences *advice, const char *text)
{
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, text);
    tconv_sentences_take(advice, &out);
}

void tconv_write_advice(tconv_sentences *advice, const tconv_kernel *kernel, const tconv_figures *figures,
                        const tconv_verdict *verdict)
{
    if (tconv_geometry_phases(&kernel->geometry) == 1)
        return;
    bool connected = verdict->geometry != TCONV_LEVEL_GAP;
    tconv_advise_dilation(advice, &kernel->geometry);
    tconv_advise_kernel_size(advice, &kernel->geometry);
    if (figures != NULL && figures->single && connected && verdict->kernel >= TCONV_LEVEL_FAINT && isfinite(figures->checkerboard_index))
        advise(advice, "keep the layer and make its branch sums equal: add (G/S - g_q)/n_q to every tap of branch q, "
                       "the smallest change that makes flat input come out flat");
    bool mended = verdict->kernel == TCONV_LEVEL_CLEAN;   /* taps that make up for the coverage need no other layer */
    if (mended && verdict->geometry >= TCONV_LEVEL_FAINT)
        advise(advice, "these taps need no change; training from here may make their branch sums uneven, another kernel size "
                       "or a check after training guards against it");
    if (!mended && (verdict->geometry >= TCONV_LEVEL_FAINT || verdict->kernel >= TCONV_LEVEL_FAINT))
        advise_resize(advice, &kernel->geometry);
    if (figures != NULL && !figures->single && !(figures->checkerboard_db < EVEN_DB) && verdict->flat_input == TCONV_LEVEL_UNKNOWN)
        advise(advice, TCONV_ADVICE_MEAN);
}
