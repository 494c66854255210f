#include "words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../analysis/figures.h"
#include "../io/number.h"

#define LINE_WIDTH 100

static void pad(tconv_buffer *out, size_t length, int width)
{
    for (int i = (int)length; i < width; i++)
        tconv_buffer_text(out, " ");
}

void tconv_word_number(tconv_buffer *out, double value, int decimals, int width)
{
    char text[64];
    if (isnan(value)) {
        strcpy(text, "-");
    } else if (isinf(value)) {
        (void)snprintf(text, sizeof text, "%s", value > 0.0 ? "inf" : "-inf");
    } else if (fabs(value) >= 1e9 || (value != 0.0 && fabs(value) < 0.5 * pow(10.0, -decimals))) {
        int exponent = (int)floor(log10(fabs(value)));
        char mantissa[TCONV_NUMBER_SIZE];
        tconv_number_fixed(value / pow(10.0, exponent), 1, mantissa, sizeof mantissa);
        (void)snprintf(text, sizeof text, "%.40se%d", mantissa, exponent);
    } else {
        tconv_number_fixed(value, decimals, text, sizeof text);
    }
    pad(out, strlen(text), width);
    tconv_buffer_text(out, text);
}

void tconv_word_db(tconv_buffer *out, double db, int width)
{
    if (isfinite(db) && db < tconv_floor_db()) {
        pad(out, strlen("below floor"), width);
        tconv_buffer_text(out, "below floor");
    } else if (isnan(db)) {
        tconv_word_number(out, db, 1, width);
    } else if (isfinite(db) && fabs(db) < 0.05) {      /* no "1.2e-15 dB": to the precision shown it is 0 */
        tconv_word_number(out, 0.0, 1, width - 3);
        tconv_buffer_text(out, " dB");
    } else {
        tconv_word_number(out, db, 1, width - 3);
        tconv_buffer_text(out, " dB");
    }
}

void tconv_word_sizes(tconv_buffer *out, const long long *value, size_t count, bool always_all)
{
    bool same = !always_all;
    for (size_t i = 1; i < count; i++)
        same = same && value[i] == value[0];
    for (size_t i = 0; i < (same ? 1 : count); i++)
        tconv_buffer_format(out, "%s%lld", i == 0 ? "" : "x", value[i]);
}

void tconv_word_list(tconv_buffer *out, const double *value, size_t count, int decimals)
{
    bool same = true;
    for (size_t i = 1; i < count; i++)
        same = same && (value[i] == value[0] || (isnan(value[i]) && isnan(value[0])));
    for (size_t i = 0; i < (same ? 1 : count); i++) {
        tconv_buffer_text(out, i == 0 ? "" : ", ");
        tconv_word_number(out, value[i], decimals, 0);
    }
}

void tconv_word_formula(tconv_buffer *out, const tconv_axis *axis, long long extra)
{
    int64_t slope, constant;
    tconv_axis_output_formula(axis, &slope, &constant);
    if (slope != 1)
        tconv_buffer_format(out, "%lld", (long long)slope);
    tconv_buffer_text(out, "N");
    if (constant + extra != 0)
        tconv_buffer_format(out, "%s%lld", constant + extra > 0 ? "+" : "", (long long)constant + extra);
}

static size_t column_of(const tconv_buffer *out)
{
    size_t column = 0;
    while (column < out->length && out->text[out->length - 1 - column] != '\n')
        column++;
    return column;
}

void tconv_word_column(tconv_buffer *out, size_t column)
{
    if (out->status == TCONV_OK)
        pad(out, column_of(out), (int)column);
}

void tconv_word_wrap(tconv_buffer *out, const char *text, size_t column)
{
    tconv_word_column(out, column);
    while (*text != '\0' && out->status == TCONV_OK) {
        size_t length = strcspn(text, " "), at = column_of(out);
        bool first = at <= column;
        if (!first && at + 1 + length > LINE_WIDTH) {
            tconv_buffer_text(out, "\n");
            tconv_word_column(out, column);
            first = true;
        }
        if (!first)
            tconv_buffer_text(out, " ");
        tconv_buffer_bytes(out, text, length);
        text += length;
        text += strspn(text, " ");
    }
    tconv_buffer_text(out, "\n");
}
