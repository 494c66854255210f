#include "comparison.h"

#include <math.h>
#include <string.h>

#include "layer_parts.h"
#include "words.h"

#define LABEL TCONV_PART_LABEL
#define MOST_BRANCHES 16
#define DELAY_RESOLVED 5e-7
#define EQUAL_DB (-150.0)   /* what is left over of a reference that is the kernel, but for rounding */

static void write_title(tconv_buffer *out, const tconv_comparison_report *report)
{
    const tconv_geometry *g = &report->kernel->geometry;
    tconv_buffer_text(out, strcmp(report->file, "-") == 0 ? "standard input" : report->file);
    if (report->name != NULL)
        tconv_buffer_format(out, ": %s\n", report->name);
    else
        tconv_buffer_text(out, ": ");
    tconv_buffer_format(out, "%zu-D ", g->ndim);
    tconv_part_axes(out, g, "kernel of ", 'k');
    tconv_buffer_text(out, tconv_geometry_taps(g) == 1 ? " tap" : " taps");
    tconv_part_axes(out, g, ", stride ", 's');
    if (tconv_part_any(g, 'd'))
        tconv_part_axes(out, g, ", dilation ", 'd');
    tconv_buffer_text(out, "\n\n");
}

/* Numbers of several axes; what is beyond the fit's resolution counts as 0. */
static void write_delays(tconv_buffer *out, const double *delay, size_t ndim, int decimals)
{
    double seen[TCONV_MAX_NDIM];
    for (size_t i = 0; i < ndim; i++)
        seen[i] = fabs(delay[i]) < DELAY_RESOLVED ? 0.0 : delay[i];
    tconv_word_list(out, seen, ndim, decimals);
}

/* "equal here: sinc = wiener", where references of this length are the same but for their gain. */
static void write_aliases(tconv_buffer *out, const tconv_comparisons *all)
{
    for (size_t i = 0; i < all->count; i++) {
        tconv_buffer words = { 0 };
        for (size_t j = i + 1; j < all->count; j++)
            if (all->entry[j].alias_of == i)
                tconv_buffer_format(&words, "%s = %s", words.length == 0 ? all->entry[i].reference->name : "",
                                    all->entry[j].reference->name);
        if (words.length > 0) {
            tconv_buffer_text(out, "  equal here:");
            tconv_word_wrap(out, words.text, 14);
        }
        if (out->status == TCONV_OK)
            out->status = words.status;
        tconv_buffer_free(&words);
    }
}

static void write_nearest(tconv_buffer *out, const tconv_comparison_report *report)
{
    const tconv_comparisons *all = report->comparisons;
    const tconv_comparison *near = &all->entry[all->nearest];
    tconv_buffer_text(out, "nearest");
    tconv_word_column(out, LABEL);
    tconv_buffer_text(out, near->reference->name);
    tconv_buffer_text(out, ", with the gain ");
    tconv_word_number(out, near->gain, 4, 0);
    tconv_buffer_text(out, " and a delay of ");
    write_delays(out, near->delay, report->kernel->geometry.ndim, 3);
    tconv_buffer_text(out, " output samples\n");
    tconv_word_column(out, LABEL);
    if (near->nmse_db < EQUAL_DB) {
        tconv_buffer_text(out, "which is this kernel, but for rounding\n\n");
        return;
    }
    double share = 100.0 * near->nmse;
    tconv_buffer_text(out, "what it leaves over: ");
    tconv_word_number(out, share, share >= 10.0 ? 1 : 4, 0);
    tconv_buffer_text(out, " % of the kernel's energy (");
    tconv_word_db(out, near->nmse_db, 0);
    tconv_buffer_text(out, ")\n\n");
}

/* ---- the table ---- */

static void write_row(tconv_buffer *out, const tconv_figures *figures, const tconv_comparison *entry)
{
    tconv_word_column(out, 24);
    if (entry != NULL) {
        tconv_word_db(out, entry->nmse_db, 12);
        tconv_word_number(out, entry->gain, 4, 9);
    } else {
        tconv_buffer_text(out, "           -        -");
    }
    tconv_word_db(out, figures->droop_db[1][0], 11);
    tconv_word_db(out, figures->image_rejection_db[1], 11);
    tconv_word_db(out, figures->stopband_attenuation_db, 11);
    tconv_word_db(out, figures->checkerboard_db, 13);
    if (entry != NULL) {
        tconv_buffer_text(out, "  ");
        write_delays(out, entry->delay, figures->ndim, 2);
    }
    tconv_buffer_text(out, "\n");
}

/* The first entry, aliases left out, with an nmse above that of `after` (or equal, and later). */
static size_t next_best(const tconv_comparisons *all, size_t after)
{
    size_t best = all->count;
    for (size_t i = 0; i < all->count; i++) {
        bool later = after == all->count || all->entry[i].nmse > all->entry[after].nmse
                  || (!(all->entry[i].nmse < all->entry[after].nmse) && i > after);
        if (all->entry[i].alias_of == i && later && (best == all->count || all->entry[i].nmse < all->entry[best].nmse))
            best = i;
    }
    return best;
}

static void write_table(tconv_buffer *out, const tconv_comparisons *all)
{
    tconv_buffer_text(out, "reference                     nmse     gain      droop     images   stopband        index  delay\n"
                           "  this kernel");
    write_row(out, all->figures, NULL);
    for (size_t i = next_best(all, all->count); i < all->count; i = next_best(all, i)) {
        tconv_buffer_format(out, "  %s", all->entry[i].reference->name);
        write_row(out, all->entry[i].figures, &all->entry[i]);
    }
    write_aliases(out, all);
    tconv_word_wrap(out, "nmse: what the best gain and delay (in output samples) leave over; the figures are those of the reference "
                         "at that delay. droop: the response at 0.8 of the band against DC. images: rejected by, in 0.8 of the "
                         "band. index: the checkerboard on flat input", 2);
}

/* ---- branches ---- */

static void write_errors(tconv_buffer *out, const tconv_branch_figures *branch, size_t ndim)
{
    tconv_word_number(out, branch->branch.dc_gain, 4, 10);
    tconv_word_db(out, branch->magnitude_deviation_db, 11);
    tconv_buffer_text(out, "  ");
    tconv_buffer_text(out, ndim == 1 ? "  " : "");
    write_delays(out, branch->delay_error, ndim, 3);
}

static void write_branches(tconv_buffer *out, const tconv_comparisons *all)
{
    const tconv_figures *own = all->figures, *other = all->entry[all->nearest].figures;
    if (own->phases == 1)
        return;
    tconv_buffer_format(out, "\nbranch    this kernel                    %s\n", all->entry[all->nearest].reference->name);
    tconv_buffer_text(out, "             gain  magnitude    delay          gain  magnitude    delay\n");
    for (size_t q = 0; q < own->phases && q < MOST_BRANCHES; q++) {
        tconv_buffer_text(out, "  ");
        for (size_t i = 0; i < own->ndim; i++)
            tconv_buffer_format(out, "%s%zu", i == 0 ? "" : ",", own->branches[q].branch.phase[i]);
        tconv_word_column(out, 7);
        write_errors(out, &own->branches[q], own->ndim);
        tconv_word_column(out, 41);
        write_errors(out, &other->branches[q], own->ndim);
        tconv_buffer_text(out, "\n");
    }
    if (own->phases > MOST_BRANCHES)
        tconv_buffer_format(out, "  .. %zu more branches: --json lists them all\n", own->phases - MOST_BRANCHES);
    tconv_word_wrap(out, "magnitude, delay: the largest error over the band against branches that differ only in their delay, by 1/s "
                         "of an input sample each; delay in input samples", 2);
}

/* ---- the best kernel of its length ---- */

static void write_loss(tconv_buffer *out, const char *kind, double loss_db, const char *if_infinite)
{
    tconv_word_column(out, LABEL);
    tconv_word_db(out, loss_db, 10);
    tconv_buffer_format(out, "  for %s%s\n", kind, isinf(loss_db) ? if_infinite : "");
}

static void write_losses(tconv_buffer *out, const tconv_comparison_report *report)
{
    const tconv_comparisons *all = report->comparisons;
    if (report->kernel->geometry.ndim != 1)
        return;
    tconv_buffer_text(out, "\nWiener       lost against the best kernel of this length, as mean squared error:\n");
    write_loss(out, "white input (flat up to 1/(2s))", all->wiener_loss_white_db, "");
    write_loss(out, "brown input (a random walk)", all->wiener_loss_brown_db, ": without bound, for the branch gains differ");
    if (strcmp(report->psd, "white") != 0 && strcmp(report->psd, "brown") != 0)
        write_loss(out, report->psd, all->wiener_loss_db, "");
}

void tconv_comparison_text(tconv_buffer *out, const tconv_comparison_report *report)
{
    write_title(out, report);
    write_nearest(out, report);
    write_table(out, report->comparisons);
    write_branches(out, report->comparisons);
    write_losses(out, report);
}
