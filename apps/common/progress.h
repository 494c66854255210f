/* progress.h - one line on a terminal that says how long work has lasted and how far it is.
 *
 * Nothing is shown where standard error is no terminal, where the results go to the terminal too, or in the first second.
 * The line is written by the handler of an alarm, once a second, so that it also appears during one long call.
 */
#ifndef TCONV_APPS_COMMON_PROGRESS_H
#define TCONV_APPS_COMMON_PROGRESS_H

#include <stddef.h>

#include "app.h"

/* Begin; `output` is where the results go. Only one at a time. */
void app_progress_begin(const char *program, const struct app_output *output);

/* `done` of `all` pieces are done; before the first call, or where all is 0, only seconds are shown. */
void app_progress(size_t done, size_t all);

/* No more; wipe the line out if it was shown. */
void app_progress_end(void);

#endif
