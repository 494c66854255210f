#include "page_charts.h"

#include <math.h>
#include <string.h>

#include "../analysis/phase.h"
#include "../core/memory.h"
#include "chart.h"
#include "words.h"

#define POINTS 257
#define MOST_BARS 64          /* of one chart */
#define FEWEST_PLACES 6.0     /* so that the bars of a few images are no walls */
#define MOST_STEMS 512
#define MOST_SQUARES 32       /* along an axis */
#define LEAST_DB (-120.0)     /* what the charts of levels show */

static void begin_figure(tconv_buffer *out)
{
    tconv_buffer_text(out, "<figure><div class=\"chart\">");
}

static void end_figure(tconv_buffer *out, const char *caption)
{
    tconv_buffer_format(out, "</div><figcaption>%s</figcaption></figure>\n", caption);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---- a constant input ---- */

/* DC gains over their mean, as grey: the input is 1/2. */
static void flat_squares(tconv_buffer *out, const tconv_geometry *g, const tconv_figures *figures, double mean)
{
    size_t s0 = g->axis[0].stride, s1 = g->axis[1].stride;
    size_t rows = smaller(s0 < 4 ? 4 * s0 : 2 * s0, MOST_SQUARES), columns = smaller(s1 < 8 ? 8 * s1 : 2 * s1, MOST_SQUARES);
    double grey[MOST_SQUARES * MOST_SQUARES];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            size_t q0 = (i + (size_t)((g->axis[0].pad_begin % (int64_t)s0 + (int64_t)s0) % (int64_t)s0)) % s0;
            size_t q1 = (j + (size_t)((g->axis[1].pad_begin % (int64_t)s1 + (int64_t)s1) % (int64_t)s1)) % s1;
            grey[i * columns + j] = 0.5 * figures->branches[q0 * s1 + q1].branch.dc_gain / mean;
        }
    begin_figure(out);
    tconv_chart_squares(out, "a flat grey patch as it comes out", grey, rows, columns, false);
    end_figure(out, "A flat patch of middle grey as this kernel draws it, the gain at DC taken off: even where the layer is even.");
}

static void flat_bars(tconv_buffer *out, const tconv_geometry *g, const tconv_figures *figures)
{
    tconv_chart chart;
    bool periods = figures->single && figures->ndim == 1;
    size_t s = figures->phases, shown = smaller(periods && s <= 8 ? 4 * s : periods && s <= 24 ? 2 * s : s, MOST_BARS);
    size_t first = periods ? (size_t)((g->axis[0].pad_begin % (int64_t)s + (int64_t)s) % (int64_t)s) : 0;
    double least = 0.0, most = 0.0;
    for (size_t j = 0; j < shown; j++) {
        least = fmin(least, figures->branches[(first + j) % s].branch.dc_gain);
        most = fmax(most, figures->branches[(first + j) % s].branch.dc_gain);
    }
    begin_figure(out);
    tconv_chart_begin(&chart, out, "what a constant 1 comes out as", -0.5, (double)shown - 0.5, least, most * 1.05);
    tconv_chart_axes(&chart, periods ? "output sample" : "branch", periods ? "output for input 1" : "DC gain", true);
    for (size_t j = 0; j < shown; j++)
        tconv_chart_bar(&chart, (double)j, 0.8, 0.0, figures->branches[(first + j) % s].branch.dc_gain, (first + j) % s);
    tconv_chart_end(&chart);
    end_figure(out, periods ? "A constant 1 as it comes out, away from the borders; one colour for each branch."
                            : figures->single ? "The DC gain of each branch." : "The DC gains of each branch: Frobenius norm over the channels.");
}

void tconv_page_flat(tconv_buffer *out, const tconv_kernel *kernel, const tconv_figures *figures)
{
    double mean = figures->dc_gain / (double)figures->phases;
    if (figures->single && figures->ndim == 2 && fabs(mean) > 0.0 && figures->phases <= (size_t)MOST_SQUARES * MOST_SQUARES)
        flat_squares(out, &kernel->geometry, figures, mean);
    else
        flat_bars(out, &kernel->geometry, figures);
}

/* ---- coverage ---- */

void tconv_page_coverage(tconv_buffer *out, const tconv_geometry *g)
{
    for (size_t i = 0; i < g->ndim; i++) {
        tconv_chart chart;
        size_t s = g->axis[i].stride, shown = smaller(s <= 8 ? 4 * s : s, MOST_BARS), most = 0;
        if (s == 1 || (i > 0 && memcmp(&g->axis[i], &g->axis[0], sizeof g->axis[0]) == 0))
            continue;
        for (size_t q = 0; q < s; q++)
            most = tconv_axis_coverage(&g->axis[i], q) > most ? tconv_axis_coverage(&g->axis[i], q) : most;
        begin_figure(out);
        tconv_chart_begin(&chart, out, "how many taps reach each output", -0.5, (double)shown - 0.5, 0.0, 1.1 * (double)most);
        tconv_chart_axes(&chart, "output sample, counted from phase 0", "taps", true);
        for (size_t j = 0; j < shown; j++)
            /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): strides are >= 1 */
            tconv_chart_bar(&chart, (double)j, 0.8, 0.0, (double)tconv_axis_coverage(&g->axis[i], j % s), j % s);
        tconv_chart_end(&chart);
        end_figure(out, g->ndim == 1 ? "How many taps reach each output." : i == 0
                   ? "How many taps reach each output along one axis; the counts of several axes multiply."
                   : "The same along another axis.");
    }
}

/* ---- taps ---- */

/* taps[t] of the single kernel, or their root mean square over the pairs of channels. */
static void typical_taps(const tconv_kernel *kernel, double *taps)
{
    size_t count = tconv_geometry_taps(&kernel->geometry), pairs = tconv_kernel_count(kernel) / count;
    for (size_t t = 0; t < count; t++) {
        taps[t] = pairs == 1 ? kernel->taps[t] : 0.0;
        for (size_t i = 0; i < pairs && pairs > 1; i++)
            taps[t] = hypot(taps[t], kernel->taps[i * count + t]);
        if (pairs > 1)
            taps[t] /= sqrt((double)pairs);
    }
}

static void stems(tconv_buffer *out, const tconv_axis *axis, const double *taps)
{
    tconv_chart chart;
    double least = 0.0, most = 0.0;
    for (size_t r = 0; r < axis->n_taps; r++) {
        least = fmin(least, taps[r]);
        most = fmax(most, taps[r]);
    }
    double margin = 0.08 * (most - least);
    tconv_chart_begin(&chart, out, "the taps", -0.5, (double)(axis->n_taps - 1) * (double)axis->dilation + 0.5,
                      least < 0.0 ? least - margin : 0.0, most > 0.0 ? most + margin : 0.0);
    tconv_chart_axes(&chart, "n [output samples]", "h[n]", true);
    for (size_t r = 0; r < axis->n_taps; r++)
        tconv_chart_stem(&chart, (double)r * (double)axis->dilation, taps[r], r * axis->dilation % axis->stride);
    tconv_chart_end(&chart);
}

static void tap_squares(tconv_buffer *out, const tconv_geometry *g, const double *taps)
{
    double grey[MOST_SQUARES * MOST_SQUARES], largest = 0.0;
    size_t count = tconv_geometry_taps(g);
    for (size_t t = 0; t < count; t++)
        largest = fmax(largest, fabs(taps[t]));
    for (size_t t = 0; t < count; t++)
        grey[t] = largest > 0.0 ? 0.5 + 0.5 * taps[t] / largest : 0.5;
    tconv_chart_squares(out, "the taps", grey, g->axis[0].n_taps, g->axis[1].n_taps, true);
}

tconv_status tconv_page_taps(tconv_buffer *out, const tconv_kernel *kernel)
{
    const tconv_geometry *g = &kernel->geometry;
    bool small = g->ndim == 2 ? g->axis[0].n_taps <= MOST_SQUARES && g->axis[1].n_taps <= MOST_SQUARES
                              : g->ndim == 1 && g->axis[0].n_taps <= MOST_STEMS;
    tconv_status status = TCONV_OK;
    if (!small)
        return status;
    double *taps = tconv_alloc(tconv_geometry_taps(g), sizeof *taps, &status);
    if (taps == NULL)
        return status;
    typical_taps(kernel, taps);
    begin_figure(out);
    if (g->ndim == 1)
        stems(out, &g->axis[0], taps);
    else
        tap_squares(out, g, taps);
    bool single = tconv_kernel_is_single(kernel);
    end_figure(out, g->ndim == 1 ? (single ? "The taps; one colour for each branch." : "Root mean square of the taps over all pairs of channels; one colour for each branch.")
                                 : (single ? "The taps: white is the largest, middle grey is 0, black its negative."
                                           : "Root mean square of the taps over all pairs of channels: middle grey is 0, white the largest."));
    tconv_free(taps);
    return TCONV_OK;
}

/* ---- the response ---- */

/* power[j] = sqrt(sum over the pairs |H(f_j)|^2) along one axis. */
static tconv_status response_norm(const tconv_kernel *kernel, size_t axis, tconv_complex *response, double *power)
{
    size_t count = tconv_geometry_taps(&kernel->geometry), pairs = tconv_kernel_count(kernel) / count;
    memset(power, 0, POINTS * sizeof *power);
    for (size_t i = 0; i < pairs; i++) {
        tconv_status status = tconv_response_along(&kernel->geometry, kernel->taps + i * count, axis, POINTS, response);
        if (status != TCONV_OK)
            return status;
        for (size_t j = 0; j < POINTS; j++)
            power[j] = hypot(power[j], hypot(response[j].re, response[j].im));
    }
    return TCONV_OK;
}

static void response_chart(tconv_buffer *out, const tconv_geometry *g, size_t axis, const double *f, const double *db)
{
    tconv_chart chart;
    size_t s = g->axis[axis].stride;
    double least = 0.0, most = 0.0;
    for (size_t j = 0; j < POINTS; j++) {
        least = fmin(least, db[j]);
        most = fmax(most, db[j]);
    }
    begin_figure(out);
    tconv_chart_begin(&chart, out, "frequency response", 0.0, 0.5, fmax(fmin(floor(least / 10.0) * 10.0, -20.0), LEAST_DB), 5.0 + most);
    tconv_chart_zone(&chart, 0.0, 0.5 / (double)s);
    tconv_chart_axes(&chart, "f [cycles per output sample]", "|H| [dB]", false);
    for (size_t m = 1; 2 * m <= s && s > 1 && s <= 16; m++) {
        char text[32] = "image 0";
        text[6] = (char)('0' + m);
        tconv_chart_mark(&chart, (double)m / (double)s, text);
    }
    tconv_chart_line(&chart, f, db, POINTS, axis);
    tconv_chart_end(&chart);
    tconv_buffer_format(out, "</div><figcaption>Frequency response");
    if (g->ndim > 1)
        tconv_buffer_format(out, " along axis %zu", axis);
    tconv_buffer_text(out, " against its value at DC. Shaded: the band of the signal, up to 1/(2s). Everything right of it is image.</figcaption></figure>\n");
}

tconv_status tconv_page_response(tconv_buffer *out, const tconv_kernel *kernel, const tconv_figures *figures)
{
    tconv_status status = TCONV_OK;
    tconv_complex *response = tconv_alloc(POINTS, sizeof *response, &status);
    double *power = tconv_alloc(POINTS, sizeof *power, &status), *f = tconv_alloc(POINTS, sizeof *f, &status);
    double *first = tconv_alloc(POINTS, sizeof *first, &status);
    for (size_t axis = 0; status == TCONV_OK && axis < kernel->geometry.ndim; axis++) {
        status = response_norm(kernel, axis, response, power);
        double scale = figures->dc_gain != 0.0 ? fabs(figures->dc_gain) : 1.0;
        for (size_t j = 0; status == TCONV_OK && j < POINTS; j++) {
            f[j] = (double)j / (2.0 * (POINTS - 1));
            power[j] = fmax(tconv_ratio_db(power[j], scale), 2.0 * LEAST_DB);
        }
        /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): the same bits, the same chart */
        bool same = axis > 0 && memcmp(first, power, POINTS * sizeof *power) == 0
                 && kernel->geometry.axis[axis].stride == kernel->geometry.axis[0].stride;
        if (status == TCONV_OK && !same)
            response_chart(out, &kernel->geometry, axis, f, power);
        if (axis == 0)
            memcpy(first, power, POINTS * sizeof *power);
    }
    tconv_free(first);
    tconv_free(f);
    tconv_free(power);
    tconv_free(response);
    return status;
}

/* ---- images ---- */

void tconv_page_images(tconv_buffer *out, const tconv_figures *figures)
{
    tconv_chart chart;
    size_t shown = smaller(figures->phases - 1, MOST_BARS);
    double most = 0.0;
    for (size_t m = 0; m < shown; m++) {
        most = isfinite(figures->images[m].dc_db) ? fmax(most, figures->images[m].dc_db) : most;
        most = isfinite(figures->images[m].worst_db) ? fmax(most, figures->images[m].worst_db) : most;
    }
    begin_figure(out);
    tconv_chart_begin(&chart, out, "levels of the images", 0.5, fmax((double)shown, FEWEST_PLACES) + 0.5, LEAST_DB, most + 5.0);
    tconv_chart_axes(&chart, figures->ndim == 1 ? "image m" : "image, counted row by row", "dB against the signal", true);
    for (size_t m = 0; m < shown; m++) {
        tconv_chart_bar(&chart, (double)m + 0.8, 0.36, LEAST_DB, figures->images[m].dc_db, 0);
        tconv_chart_bar(&chart, (double)m + 1.2, 0.36, LEAST_DB, figures->images[m].worst_db, 1);
    }
    tconv_chart_end(&chart);
    end_figure(out, figures->single ? "Each image, for a constant (left, blue) and at worst in 0.8 of the band (right, orange); no bar: below -120 dB."
                                    : "Each image at DC, on average over the channels (left, blue) and for the worst mixture of channels (right, orange).");
}
