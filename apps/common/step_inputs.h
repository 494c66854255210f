/* step_inputs.h - the inputs that polyphase-step runs: one flat input, a sweep of them, or a texture from a file. */
#ifndef TCONV_APPS_COMMON_STEP_INPUTS_H
#define TCONV_APPS_COMMON_STEP_INPUTS_H

#include "app.h"

struct step_inputs {
    const char *given;             /* --input, NULL: a sweep */
    enum { STEP_GREYS, STEP_COLOURS, STEP_RANDOM } sweep;
    size_t random;                 /* how many */
    bool ycbcr;                    /* greys are (g, 0.5, 0.5) */
};

/* How many inputs there are for a network of so many channels. */
size_t step_inputs_count(const struct step_inputs *inputs, size_t channels);

/* All of them, count x channels values: an exit code, after a message. Random ones are the same every time. */
int step_inputs_fill(const struct step_inputs *inputs, size_t channels, double *values);

/* The grey of this level. */
void step_input_grey(const struct step_inputs *inputs, double level, size_t channels, double *values);

/* A texture, .npy or text, (x), (y, x), (channels, x) or (channels, y, x) as the network has `ndim` axes of space; one
 * channel serves all. *tile = channels x period[0] x period[1] values (1-D: x period[0]), the caller's (tconv_free). */
int step_read_tile(const char *path, size_t channels, size_t ndim, double **tile, size_t period[2]);

#endif
