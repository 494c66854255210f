/* testing_layer.h - random layers for the suites of the operator, and the definition that all of it is held against.
 *
 *     struct layer layer;
 *     layer_random(&layer, 2, 4096);             geometry and sizes at random, at most 4096 outputs per channel
 *     layer_fill_integers(&layer);               small integers: every order of summation gives the same bits
 *     layer_by_definition(&layer, want, NULL);   theory.md 1, scattered product by product in long double
 *     layer_free(&layer);
 */
#ifndef TCONV_TESTS_TESTING_LAYER_H
#define TCONV_TESTS_TESTING_LAYER_H

#include "tconv.h"

struct layer {
    tconv_geometry g;
    size_t n_in[TCONV_MAX_NDIM], n_out[TCONV_MAX_NDIM], batch;
    size_t small, large;                   /* samples per channel: inputs, outputs */
    size_t x_count, y_count, w_count;
    double *x, *w, *b;                     /* input, taps, bias */
    float *x_f32, *w_f32, *b_f32;          /* the same values, rounded */
};

/* A geometry that is possible, with arrays to fill: stride 1-8, dilation 1-4, kernels up to 64 taps in 1-D, groups,
 * crops that may be negative or larger than the kernel, output padding, batch, one-sample inputs. */
void layer_random(struct layer *layer, size_t ndim, size_t most_outputs);

/* The same for a geometry and size that are given. Returns false where the output would be empty. */
bool layer_of(struct layer *layer, const tconv_geometry *g, const size_t *n_in, size_t batch);
void layer_free(struct layer *layer);

void layer_fill_integers(struct layer *layer);   /* -4..4: a float is exact for up to 2^20 products */
void layer_fill_reals(struct layer *layer);      /* uniform in [-1, 1), exact in float too */

/* want = the layer's output; magnitude, where not NULL, = |b| + sum|h||x| for each output; *terms the most products
 * that one output sums. */
size_t layer_by_definition(const struct layer *layer, long double *want, double *magnitude);

/* smooth = a layer with the same outputs, whose input is |x|~[i] = 2|x[i-1]| + |x[i]| + 2|x[i+1]| along the last two axes,
 * one sample longer at each end: its magnitudes are in the bound of engine_fast_fir.c. */
void layer_smooth(const struct layer *layer, struct layer *smooth);

/* "2-D s 2,3 k 4,1 .." for messages. Static storage. */
const char *layer_text(const struct layer *layer);

#endif
