#include "table.h"

#include <math.h>

#include "number.h"
#include "text.h"

void tconv_table_begin(tconv_buffer *out, const char *title, const char *const *columns, size_t n_columns)
{
    tconv_text_comment(out, title);
    for (size_t i = 0; i < n_columns; i++) {
        tconv_buffer line = { 0 };
        tconv_buffer_format(&line, "%zu: %s", i + 1, columns[i]);
        if (line.status == TCONV_OK)
            tconv_text_comment(out, line.text);
        else if (out->status == TCONV_OK)
            out->status = line.status;
        tconv_buffer_free(&line);
    }
}

void tconv_table_block(tconv_buffer *out, size_t index, const char *title)
{
    tconv_buffer line = { 0 };
    if (index > 0)
        tconv_buffer_text(out, "\n\n");
    tconv_buffer_format(&line, "block %zu: %s", index, title);
    if (line.status == TCONV_OK)
        tconv_text_comment(out, line.text);
    else if (out->status == TCONV_OK)
        out->status = line.status;
    tconv_buffer_free(&line);
}

void tconv_table_row(tconv_buffer *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            tconv_buffer_text(out, " ");
        if (isnan(values[i]))
            tconv_buffer_text(out, "?");
        else
            tconv_number_append(out, values[i]);
    }
    tconv_buffer_text(out, "\n");
}

void tconv_table_scan_line(tconv_buffer *out)
{
    tconv_buffer_text(out, "\n");
}
