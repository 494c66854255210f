/* html.h - the frame of a page that stands alone, and text made safe for it (internal).
 *
 * A page asks for nothing: no script, no font, no picture of another file; a policy line tells the browser to refuse any.
 * What comes from a file (names, messages) goes through tconv_html_text, whatever bytes it holds.
 */
#ifndef TCONV_REPORT_HTML_H
#define TCONV_REPORT_HTML_H

#include "../core/buffer.h"

/* Everything up to the first heading: head, style, title. And the end. */
void tconv_html_begin(tconv_buffer *out, const char *title);
void tconv_html_end(tconv_buffer *out);

/* Append text as text: & < > " ' are escaped, control characters and bytes that are no UTF-8 become U+FFFD. */
void tconv_html_text(tconv_buffer *out, const char *text);

/* A row of a table: cells are begun by one of these, the first closes nothing. `number`: set to the right. */
void tconv_html_head(tconv_buffer *out, const char *const *heads, size_t count, size_t first_number);
void tconv_html_number(tconv_buffer *out, double value, int decimals);   /* one cell */
void tconv_html_db(tconv_buffer *out, double db);                        /* one cell */

#endif
