/* testing_plain.h - the plain runner: layers on whole maps, borders padded by a value or wrapped round, by their definitions. */
#ifndef TCONV_TESTS_TESTING_PLAIN_H
#define TCONV_TESTS_TESTING_PLAIN_H

#include "testing_network.h"

struct plain_map {
    size_t c, h, w;
    double *v;
};

struct plain_layer {
    int kind;
    size_t k, s, d, p, cout, groups;
    int function;
    const char *mode, *place;
    const float *w, *b;           /* w: (cout, cin/groups, k ..), of a transposed layer (cin, cout/groups, k ..); b: bias, or slope of PRelu */
    float own[4096], extra[4][64];  /* extra: scale, shift, mean, variance */
};

enum { CONV, CONV_TRANSPOSE, FUNCTION, BATCH_NORM, AVERAGE, LARGEST, RESIZE, SHUFFLE, UNSHUFFLE, SKIP_ADD, SKIP_CONCAT, CROP, CHANNELS,
       SOFTMAX, PRELU, LAST_MATRIX, SPELT_SHUFFLE, INSTANCE_NORM, GROUP_NORM, GLOBAL, MEAN, KINDS };

/* Borders are wrapped round: networks with means over space. */
extern bool plain_wrapped;

#define PLAIN_TILE 4

/* Run the layers on an image of the tile (flat: its first values), large enough for its middle to see no border, and compare the
 * network's answer with the middle (wrapped: with all of it): relative to the largest value, within `tolerance`. */
void plain_check(const char *name, tconv_network *network, const struct plain_layer *layers, int count, size_t channels, bool two,
                 const double *tile, double tolerance);

#endif
