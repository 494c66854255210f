/* chart.h - small charts as SVG that stands in a page: axes, lines, bars, fields of grey (internal).
 *
 * Colours come from the page's style (classes l0..l7 and b0..b7), so that a chart is right in light, dark and in print.
 *
 *     tconv_chart chart;
 *     tconv_chart_begin(&chart, out, "what it shows", 0.0, 0.5, -80.0, 10.0);
 *     tconv_chart_axes(&chart, "f [cycles per output sample]", "|H| [dB]");
 *     tconv_chart_line(&chart, f, db, count, 0);
 *     tconv_chart_end(&chart, caption);
 */
#ifndef TCONV_REPORT_CHART_H
#define TCONV_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/buffer.h"

typedef struct tconv_chart {
    tconv_buffer *out;
    double x_min, x_max, y_min, y_max;   /* what the plotting area spans; points outside are moved to its edge */
} tconv_chart;

#define TCONV_CHART_COLOURS 8

void tconv_chart_begin(tconv_chart *chart, tconv_buffer *out, const char *what, double x_min, double x_max, double y_min,
                       double y_max);
/* Frame, lines at round values, numbers, labels. whole: marks of x at whole numbers only. */
void tconv_chart_axes(tconv_chart *chart, const char *x_label, const char *y_label, bool whole);
void tconv_chart_zone(tconv_chart *chart, double x_from, double x_to);                   /* a shaded stripe; before the axes */
void tconv_chart_mark(tconv_chart *chart, double x, const char *text);                   /* a dashed upright line */
/* A curve through points of rising x; where y is NAN it is interrupted. */
void tconv_chart_line(tconv_chart *chart, const double *x, const double *y, size_t count, size_t colour);
void tconv_chart_stem(tconv_chart *chart, double x, double y, size_t colour);            /* from y = 0, with a dot */
void tconv_chart_bar(tconv_chart *chart, double x, double width, double from, double y, size_t colour);
/* A picture of its own: rows x columns squares of grey, 0 black to 1 white; lines: with lines between them. */
void tconv_chart_squares(tconv_buffer *out, const char *what, const double *grey, size_t rows, size_t columns, bool lines);
void tconv_chart_end(tconv_chart *chart);

#endif
