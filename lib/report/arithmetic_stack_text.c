#include "arithmetic.h"

#include <math.h>
#include <string.h>

#include "../analysis/verdict.h"
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
        if (words.status == TCONV_OK)
            words.status = combs.status;
        tconv_part_wrapped(out, "tones", &words);
    } else {
        tconv_buffer_text(&words, "every coverage is even: the sizes make no tones by themselves; untrained or unequal branches still do, at "
                                  "multiples of each layer's input rate");
        tconv_part_wrapped(out, "tones", &words);
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
        tconv_part_surplus(out, &axes[l]);
        tconv_part_repair(out, &axes[l]);
        tconv_buffer_text(out, "\n");
        any = true;
    }
    if (any && count == 1)
        return;
    label(out, any ? "" : "samples");
    tconv_buffer_text(out, any ? "in all: " : "");
    tconv_part_surplus(out, whole);
    tconv_buffer_text(out, "\n");
}

void tconv_arithmetic_stack_text(tconv_buffer *out, const tconv_arithmetic *a)
{
    tconv_axis axes[TCONV_STACK_LAYERS], whole;
    size_t sizes[TCONV_STACK_LAYERS], n = a->n_layers;
    tconv_error error;
    for (size_t l = 0; l < n; l++)
        axes[l] = a->layers[l].axis[0];
    if (tconv_stack_equivalent(axes, n, &whole, &error) != TCONV_OK)
        return;      /* not counted: a stack without an equivalent was refused before */
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
            tconv_word_wrap(out, error.message, LABEL);
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
