#include "html.h"

#include <stdbool.h>
#include <string.h>

#include "words.h"

/* The style of the lessons' page, and what the reports add to it; made of page.css and report.css. */
static const char *const style[] = {
#include "page_style.inc"
};

void tconv_html_begin(tconv_buffer *out, const char *title)
{
    tconv_buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
    tconv_html_text(out, title);
    tconv_buffer_text(out, "</title><style>\n");
    for (size_t i = 0; i < sizeof style / sizeof style[0]; i++)
        tconv_buffer_text(out, style[i]);
    tconv_buffer_text(out, "</style></head>\n<body><h1>");
    tconv_html_text(out, title);
    tconv_buffer_text(out, "</h1>\n");
}

void tconv_html_end(tconv_buffer *out)
{
    tconv_buffer_text(out, "</body></html>\n");
}

/* Bytes of the UTF-8 character at `text`, 0 where there is none: no overlong form, no surrogate, nothing above U+10FFFF
 * (The Unicode Standard, table 3-7). */
static size_t character(const unsigned char *text)
{
    static const struct { unsigned char first, last, low, high; size_t more; } forms[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 1 }, { 0xe0, 0xe0, 0xa0, 0xbf, 2 }, { 0xe1, 0xec, 0x80, 0xbf, 2 }, { 0xed, 0xed, 0x80, 0x9f, 2 },
        { 0xee, 0xef, 0x80, 0xbf, 2 }, { 0xf0, 0xf0, 0x90, 0xbf, 3 }, { 0xf1, 0xf3, 0x80, 0xbf, 3 }, { 0xf4, 0xf4, 0x80, 0x8f, 3 } };
    if (text[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last || text[1] < forms[i].low || text[1] > forms[i].high)
            continue;
        for (size_t j = 2; j <= forms[i].more; j++)
            if ((text[j] & 0xc0) != 0x80)
                return 0;
        return forms[i].more + 1;
    }
    return 0;
}

void tconv_html_text(tconv_buffer *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t length = character(at);
        bool control = *at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
        const char *entity = *at == '&' ? "&amp;" : *at == '<' ? "&lt;" : *at == '>' ? "&gt;" : *at == '"' ? "&quot;"
                           : *at == '\'' ? "&#39;" : *at == '\n' || *at == '\t' ? " " : length == 0 || control ? "\xef\xbf\xbd" : NULL;
        if (entity != NULL)
            tconv_buffer_text(out, entity);
        else
            tconv_buffer_bytes(out, at, length);
        at += length == 0 ? 1 : length;
    }
}

void tconv_html_head(tconv_buffer *out, const char *const *heads, size_t count, size_t first_number)
{
    tconv_buffer_text(out, "<div class=\"wide\"><table><tr>");
    for (size_t i = 0; i < count; i++)
        tconv_buffer_format(out, i >= first_number ? "<th class=\"n\">%s</th>" : "<th>%s</th>", heads[i]);
    tconv_buffer_text(out, "</tr>\n");
}

void tconv_html_number(tconv_buffer *out, double value, int decimals)
{
    tconv_buffer_text(out, "<td class=\"n\">");
    tconv_word_number(out, value, decimals, 0);
    tconv_buffer_text(out, "</td>");
}

void tconv_html_db(tconv_buffer *out, double db)
{
    tconv_buffer_text(out, "<td class=\"n\">");
    tconv_word_db(out, db, 0);
    tconv_buffer_text(out, "</td>");
}
