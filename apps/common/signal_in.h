/* signal_in.h - one signal from audio, a PNG picture, a .npy array or numbers as text, as a plain array of one channel. */
#ifndef TCONV_APPS_COMMON_SIGNAL_IN_H
#define TCONV_APPS_COMMON_SIGNAL_IN_H

#include "app.h"

#define APP_MEAN_CHANNEL ((size_t)-1)

struct app_signal {
    size_t ndim, n[TCONV_MAX_NDIM];
    double *values;                 /* n[0] * .., row-major; audio and pictures in units of full scale */
    size_t channels, rate;          /* in the file; Hz of audio, else 0 */
    tconv_file_format format;
};

/* Read channel number `channel` of the signal, or the mean of all (APP_MEAN_CHANNEL; of a picture without its transparency).
 * ndim: spatial dimensions, 0 for the usual: 1 of audio and of a row or column, else 2. An array has as many axes, or one more
 * in front for channels. An exit code, after a message; release in any case. */
int app_signal_read(const char *path, size_t ndim, size_t channel, struct app_signal *signal);
void app_signal_free(struct app_signal *signal);

#endif
