#include "chart.h"

#include <math.h>

#include "../io/number.h"
#include "html.h"

#define WIDTH 640.0
#define HEIGHT 260.0
#define LEFT 58.0
#define RIGHT 630.0
#define TOP 12.0
#define BOTTOM 218.0
#define MARKS 6           /* about so many round values along an axis */

static void number(tconv_buffer *out, double value, int decimals)
{
    char text[TCONV_NUMBER_SIZE];
    tconv_buffer_text(out, tconv_number_fixed(value, decimals, text, sizeof text));
}

static double clamp(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

static double place_x(const tconv_chart *c, double x)
{
    return LEFT + (clamp(x, c->x_min, c->x_max) - c->x_min) / (c->x_max - c->x_min) * (RIGHT - LEFT);
}

static double place_y(const tconv_chart *c, double y)
{
    return BOTTOM - (clamp(y, c->y_min, c->y_max) - c->y_min) / (c->y_max - c->y_min) * (BOTTOM - TOP);
}

static void attribute(tconv_buffer *out, const char *name, double value)
{
    tconv_buffer_format(out, " %s=\"", name);
    number(out, value, 2);
    tconv_buffer_text(out, "\"");
}

static void segment(tconv_buffer *out, const char *class, double x1, double y1, double x2, double y2)
{
    tconv_buffer_format(out, "<line class=\"%s\"", class);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    tconv_buffer_text(out, "/>");
}

static void begin_text(tconv_buffer *out, const char *class, double x, double y)
{
    tconv_buffer_format(out, "<text class=\"%s\"", class);
    attribute(out, "x", x);
    attribute(out, "y", y);
    tconv_buffer_text(out, ">");
}

static void begin_svg(tconv_buffer *out, const char *what, double width, double height, const char *class)
{
    tconv_buffer_format(out, "<svg class=\"%s\" viewBox=\"0 0 ", class);
    number(out, width, 0);
    tconv_buffer_text(out, " ");
    number(out, height, 0);
    tconv_buffer_text(out, "\"");
    attribute(out, "width", width);
    tconv_buffer_text(out, " role=\"img\" aria-label=\"");
    tconv_html_text(out, what);
    tconv_buffer_text(out, "\">");
}

void tconv_chart_begin(tconv_chart *chart, tconv_buffer *out, const char *what, double x_min, double x_max, double y_min,
                       double y_max)
{
    *chart = (tconv_chart){ out, x_min, x_max > x_min ? x_max : x_min + 1.0, y_min, y_max > y_min ? y_max : y_min + 1.0 };
    begin_svg(out, what, WIDTH, HEIGHT, "lines");
}

void tconv_chart_end(tconv_chart *chart)
{
    tconv_buffer_text(chart->out, "</svg>\n");
}

/* The distance between marks: 1, 2 or 5 times a power of ten, so that about MARKS of them fit. */
static double round_step(double span, bool whole, int *decimals)
{
    double power = pow(10.0, floor(log10(span / MARKS))), ratio = span / MARKS / power;
    double step = power * (ratio < 1.5 ? 1.0 : ratio < 3.5 ? 2.0 : ratio < 7.5 ? 5.0 : 10.0);
    if (whole && step < 1.0)
        step = 1.0;
    *decimals = step >= 1.0 ? 0 : (int)ceil(-log10(step) - 1e-9);
    return step;
}

void tconv_chart_axes(tconv_chart *c, const char *x_label, const char *y_label, bool whole)
{
    int decimals;
    double step = round_step(c->y_max - c->y_min, false, &decimals);
    for (double i = ceil(c->y_min / step - 1e-9); i * step <= c->y_max + 1e-9 * step; i++) {
        segment(c->out, "grid", LEFT, place_y(c, i * step), RIGHT, place_y(c, i * step));
        begin_text(c->out, "e", LEFT - 6.0, place_y(c, i * step) + 4.0);
        number(c->out, i * step, decimals);
        tconv_buffer_text(c->out, "</text>");
    }
    step = round_step(c->x_max - c->x_min, whole, &decimals);
    for (double i = ceil(c->x_min / step - 1e-9); i * step <= c->x_max + 1e-9 * step; i++) {
        segment(c->out, "axis", place_x(c, i * step), BOTTOM, place_x(c, i * step), BOTTOM + 4.0);
        begin_text(c->out, "m", place_x(c, i * step), BOTTOM + 17.0);
        number(c->out, i * step, decimals);
        tconv_buffer_text(c->out, "</text>");
    }
    tconv_buffer_format(c->out, "<path class=\"axis\" d=\"M58 12V218H630\"/>");
    begin_text(c->out, "m", (LEFT + RIGHT) / 2.0, HEIGHT - 6.0);
    tconv_html_text(c->out, x_label);
    tconv_buffer_text(c->out, "</text><text class=\"m\" transform=\"translate(14 115) rotate(-90)\">");
    tconv_html_text(c->out, y_label);
    tconv_buffer_text(c->out, "</text>");
}

static void box(tconv_buffer *out, const char *class, double x1, double y1, double x2, double y2)
{
    tconv_buffer_format(out, "<rect class=\"%s\"", class);
    attribute(out, "x", fmin(x1, x2));
    attribute(out, "y", fmin(y1, y2));
    attribute(out, "width", fabs(x2 - x1));
    attribute(out, "height", fabs(y2 - y1));
    tconv_buffer_text(out, "/>");
}

void tconv_chart_zone(tconv_chart *c, double x_from, double x_to)
{
    box(c->out, "zone", place_x(c, x_from), TOP, place_x(c, x_to), BOTTOM);
}

void tconv_chart_mark(tconv_chart *c, double x, const char *text)
{
    segment(c->out, "mark", place_x(c, x), TOP, place_x(c, x), BOTTOM);
    begin_text(c->out, x > (c->x_min + c->x_max) / 2.0 ? "e" : "s", place_x(c, x) + (x > (c->x_min + c->x_max) / 2.0 ? -4.0 : 4.0), TOP + 11.0);
    tconv_html_text(c->out, text);
    tconv_buffer_text(c->out, "</text>");
}

void tconv_chart_line(tconv_chart *c, const double *x, const double *y, size_t count, size_t colour)
{
    tconv_buffer_format(c->out, "<path class=\"l%zu\" d=\"", colour % TCONV_CHART_COLOURS);
    for (size_t i = 0; i < count; i++) {
        tconv_buffer_text(c->out, i > 0 ? "L" : "M");
        number(c->out, place_x(c, x[i]), 2);
        tconv_buffer_text(c->out, " ");
        number(c->out, place_y(c, y[i]), 2);
    }
    tconv_buffer_text(c->out, "\"/>");
}

void tconv_chart_stem(tconv_chart *c, double x, double y, size_t colour)
{
    char class[] = "l0";
    class[1] = (char)('0' + colour % TCONV_CHART_COLOURS);
    segment(c->out, class, place_x(c, x), place_y(c, 0.0), place_x(c, x), place_y(c, y));
    tconv_buffer_format(c->out, "<circle class=\"b%zu\" r=\"3\"", colour % TCONV_CHART_COLOURS);
    attribute(c->out, "cx", place_x(c, x));
    attribute(c->out, "cy", place_y(c, y));
    tconv_buffer_text(c->out, "/>");
}

void tconv_chart_bar(tconv_chart *c, double x, double width, double from, double y, size_t colour)
{
    char class[] = "b0";
    class[1] = (char)('0' + colour % TCONV_CHART_COLOURS);
    if (!isnan(y))
        box(c->out, class, place_x(c, x - width / 2.0), place_y(c, from), place_x(c, x + width / 2.0), place_y(c, y));
}

void tconv_chart_squares(tconv_buffer *out, const char *what, const double *grey, size_t rows, size_t columns, bool lines)
{
    double side = floor(fmin(WIDTH / (double)columns, 28.0)), width = side * (double)columns, height = side * (double)rows;
    begin_svg(out, what, width, height, "squares");
    for (size_t i = 0; i < rows * columns; i++) {
        unsigned level = (unsigned)lround(255.0 * clamp(grey[i], 0.0, 1.0));
        tconv_buffer_format(out, "<rect fill=\"#%02x%02x%02x\"%s", level, level, level, lines ? " class=\"grid\"" : "");
        attribute(out, "x", side * (double)(i % columns));
        attribute(out, "y", side * (double)(i / columns));
        attribute(out, "width", lines ? side : side + 0.5);
        attribute(out, "height", lines ? side : side + 0.5);
        tconv_buffer_text(out, "/>");
    }
    box(out, "axis", 0.0, 0.0, width, height);
    tconv_buffer_text(out, "</svg>\n");
}
