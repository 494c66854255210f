/* plot.h - pictures by gnuplot, an external program that is trusted with numbers and with nothing else.
 *
 * A picture is one of the programs of plots/, which the build puts into the commands. It is sent to `gnuplot -d /dev/stdin`
 * after the data, as numbers in a data block, and the title, every byte of which but letters and blanks is an octal
 * escape: no name of a file and no text of a user is ever part of the script. The picture comes back through gnuplot's
 * standard output into a temporary file beside the one named, and takes its place only if gnuplot answered 0 within its
 * time, said nothing on standard error, and the picture has its end mark.
 */
#ifndef TCONV_APPS_COMMON_PLOT_H
#define TCONV_APPS_COMMON_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "tconv.h"

/* The programs of plots/, embedded at build time (scripts/embed-pictures). */
struct app_picture {
    const char *name;
    const unsigned char *text;
    size_t length;
};
extern const struct app_picture app_pictures[];   /* ends with a NULL name */

/* A --plot argument: - or a name that ends in .png, .svg, .pdf, or .dat: the table as it is, for gnuplot -c plots/PICTURE.gp.
 * APP_DONE, or APP_USAGE after a message. */
int app_plot_check(const char *path);

/* Draw `table` (text of tconv_table_*) as the picture of that name. "-" draws with characters on standard output.
 * `inputs` as in app_output_open. An exit code, after a message; APP_SYSTEM where gnuplot is not there or failed. */
int app_plot(const char *path, const char *picture, const char *title, const tconv_buffer *table, char *const *inputs);

/* ---- the steps, for their tests ---- */

/* Append text as a gnuplot string: double quotes, every byte but ASCII letters and blanks as three octal digits. */
void app_plot_quote(tconv_buffer *script, const char *text);

/* Append text with control characters and bytes that are no UTF-8 as '?'. */
void app_plot_clean(tconv_buffer *out, const char *text);

/* Run a script: its standard output to the file descriptor `output`, what it says on standard error to `messages`.
 * APP_DONE if it answered 0, in time, without a message; else APP_SYSTEM, after a message that names `what`. */
int app_gnuplot(const tconv_buffer *script, int output, double seconds, const char *what);

#endif
