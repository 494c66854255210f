/* psd.h - the option --psd: what kind of signal a kernel shall predict. */
#ifndef TCONV_APPS_COMMON_PSD_H
#define TCONV_APPS_COMMON_PSD_H

#include "app.h"
#include "design/wiener.h"

struct app_psd {
    const char *text;      /* as given; "white" where it was not */
    tconv_psd psd;
    double *values;        /* what psd.values borrows */
    bool measured;         /* from a file */
};

#define APP_PSD_HELP                                                                                                     \
    "      --psd KIND              the signal to predict: white, brown (a random walk), ar1:RHO\n"                       \
    "                              (correlation RHO per output sample) or a FILE: audio, or numbers as\n"                \
    "                              text or .npy; its spectrum is measured by Welch's method\n"

/* white, brown, ar1:RHO, or a file whose samples are measured: APP_USAGE or APP_INPUT after a message. A file that is
 * called like a kind is meant by ./white. Release in any case. */
int app_psd_open(const char *text, struct app_psd *psd);
void app_psd_close(struct app_psd *psd);

#endif
