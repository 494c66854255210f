#include "learning.h"

#include <math.h>
#include <string.h>

#include "../core/sum.h"
#include "../io/number.h"
#include "layer_parts.h"
#include "words.h"

#define LABEL TCONV_PART_LABEL

static void label(tconv_buffer *out, const char *text)
{
    tconv_buffer_text(out, text);
    tconv_word_column(out, LABEL);
}

/* A mean squared error with four digits that count: 1.548e-04. */
static void write_loss(tconv_buffer *out, double loss, int width)
{
    char text[TCONV_NUMBER_SIZE];
    if (!(loss > 0.0)) {
        tconv_word_number(out, loss, 0, width);
        return;
    }
    int exponent = (int)floor(log10(loss));
    double mantissa = loss / pow(10.0, exponent);
    if (mantissa >= 9.9995) {
        mantissa /= 10.0;
        exponent++;
    }
    tconv_number_fixed(mantissa, 3, text, sizeof text);
    int length = (int)strlen(text) + 4;
    tconv_buffer_format(out, "%*s%se%c%02d", width > length ? width - length : 0, "", text, exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

static double error_db(double loss, double power)
{
    return isnan(loss) || !(power > 0.0) ? (double)NAN : 10.0 * log10(loss / power);
}

static void write_head(tconv_buffer *out, const tconv_learning_report *r)
{
    tconv_buffer_format(out, "%s: ", strcmp(r->file, "-") == 0 ? "standard input" : r->file);
    for (size_t i = 0; i < r->ndim; i++)
        tconv_buffer_format(out, "%s%zu", i > 0 ? "x" : "", r->n[i]);
    tconv_buffer_text(out, " samples");
    if (r->rate > 0)
        tconv_buffer_format(out, " at %zu Hz", r->rate);
    if (r->channel != NULL)
        tconv_buffer_format(out, ", %s", r->channel);
    tconv_buffer_text(out, "\n\n");
    label(out, "made small");
    tconv_word_wrap(out, r->down, LABEL);
    label(out, "kernel");
    tconv_part_axes(out, &r->kernel->geometry, "", 'k');
    tconv_part_axes(out, &r->kernel->geometry, " taps, stride ", 's');
    if (tconv_part_any(&r->kernel->geometry, 'd'))
        tconv_part_axes(out, &r->kernel->geometry, ", dilation ", 'd');
    tconv_part_axes(out, &r->kernel->geometry, ", crop ", 'b');
    if (!tconv_part_symmetric(&r->kernel->geometry))
        tconv_part_axes(out, &r->kernel->geometry, " and ", 'e');
    if (r->separable)
        tconv_buffer_text(out, ", a product of one factor for each axis");
    tconv_buffer_text(out, "\n");
}

static void write_course(tconv_buffer *out, const tconv_learning_report *r)
{
    label(out, "learned");
    if (strcmp(r->optimizer, "exact") == 0) {
        tconv_buffer_text(out, "exactly, by the normal equations");
    } else {
        tconv_buffer_format(out, "by %s in %zu epochs from %s: ", r->optimizer, r->learned.epochs, r->start);
        write_loss(out, r->learned.loss_before, 0);
        tconv_buffer_text(out, " to ");
        write_loss(out, r->learned.loss, 0);
        if (r->least > 0.0) {
            tconv_buffer_text(out, ", ");
            tconv_word_number(out, fmax(100.0 * (r->learned.loss / r->least - 1.0), 0.0), 4, 0);
            tconv_buffer_text(out, " % above the least");
        }
    }
    tconv_buffer_text(out, "\n\n");
}

static void write_lines(tconv_buffer *out, const tconv_learning_report *r)
{
    tconv_buffer_text(out, "mean squared error");
    tconv_word_column(out, 24);
    tconv_buffer_format(out, "learned on %-13s", r->train);
    if (r->test != NULL)
        tconv_buffer_format(out, " tested on %s", r->test);
    tconv_buffer_text(out, "\n");
    for (size_t i = 0; i < r->n_lines; i++) {
        const tconv_learning_line *line = &r->line[i];
        tconv_buffer_format(out, "  %s", line->name);
        tconv_word_column(out, 22);
        write_loss(out, line->train, 11);
        tconv_word_db(out, error_db(line->train, r->train_power), 12);
        if (r->test != NULL) {
            tconv_buffer_text(out, "  ");
            write_loss(out, line->test, 11);
            tconv_word_db(out, error_db(line->test, r->test_power), 12);
        }
        tconv_buffer_format(out, "%s%s\n", line->what[0] != '\0' ? "  " : "", line->what);
    }
    tconv_word_wrap(out, "decibels: against the signal's own mean square. Outputs near a border, which lack some input, are left out", 2);
}

static void write_nearest(tconv_buffer *out, const tconv_learning_report *r)
{
    if (r->comparisons == NULL)
        return;
    const tconv_comparison *near = &r->comparisons->entry[r->comparisons->nearest];
    double gain = 0.0;
    for (size_t t = 0; t < tconv_geometry_taps(&r->kernel->geometry); t++)
        gain += r->kernel->taps[t];
    tconv_buffer_text(out, "\n");
    label(out, "DC gain");
    tconv_word_number(out, gain, 4, 0);
    tconv_buffer_format(out, " (ideal: %zu)\n", tconv_geometry_phases(&r->kernel->geometry));
    label(out, "flat input");
    tconv_buffer_text(out, "checkerboard index ");
    tconv_word_db(out, r->comparisons->figures->checkerboard_db, 0);
    tconv_buffer_text(out, "\n");
    label(out, "nearest");
    tconv_buffer_format(out, "%s, gain ", near->reference->name);
    tconv_word_number(out, near->gain, 4, 0);
    tconv_buffer_text(out, ", delay ");
    tconv_word_list(out, near->delay, r->ndim, 3);
    tconv_buffer_text(out, " output samples; it leaves over ");
    tconv_word_db(out, near->nmse_db, 0);
    tconv_buffer_text(out, "\n");
}

void tconv_learning_text(tconv_buffer *out, const tconv_learning_report *report)
{
    write_head(out, report);
    write_course(out, report);
    write_lines(out, report);
    write_nearest(out, report);
}
