/* transpose_cost.h - what each engine would take for one image on one worker, in nanoseconds. Internal to lib/operator.
 *
 * A cost is a sum of counts times rates. The counts are those of the engines' own loops, with the block sizes that the
 * engines themselves choose (gemm_blocks.h, fast_fir_blocks.h): steps of the product blocks, vectors stored, rows of input
 * packed, outputs woven, bytes that no cache holds. The rates were fitted (non-negative least squares of the relative error)
 * to 800 random layers and to those of bench-tconv, in float on one thread of a server with 256-bit units that run AVX-512 at
 * half rate (3.7 GHz, peak 118 GFLOP/s in float, L2 1 MiB); those of the FFT were set by hand. Most estimates are within 10 %.
 * Only their ratios matter, and these hold for other vector units about as well. scripts/bench-engines shows how good the
 * choices are. A wrong one costs time, never correctness.
 */
#ifndef TCONV_OPERATOR_TRANSPOSE_COST_H
#define TCONV_OPERATOR_TRANSPOSE_COST_H

#include <stddef.h>

#include "engine.h"

/* The classes of an axis (phase_classes.h), counted from the geometry alone: no memory, whatever the stride. With a dilation
 * the numbers of taps are those of an undilated axis, which have the same mean. */
typedef struct tconv_cost_axis {
    size_t extent, span, offsets;                /* values of m; highest offset less the lowest; distinct offsets */
    size_t n_classes;
    struct { size_t taps, phases; } class[4];
} tconv_cost_axis;

void tconv_cost_axis_of(tconv_cost_axis *x, const tconv_lifted *l, int a);

/* Steps and stores of a product of `rows` rows over `columns` columns with room for `room`, in blocks as multiply() of the
 * engines takes them; blocks of few rows are twice as wide where `broad`. `loads`: see tconv_cost_step. */
typedef struct tconv_cost_product {
    double step;                                 /* nanoseconds of one step of the sum */
    double stores;                               /* vectors of results */
} tconv_cost_product;

tconv_cost_product tconv_cost_product_of(const tconv_simd *simd, size_t rows, size_t columns, size_t room, bool broad, double loads);

/* Nanoseconds for a step of a block of `rows` rows and `vectors` vectors: a cycle for each product, or, where that is more,
 * `loads` for each vector of inputs and three quarters for each tap, or four until a sum is there for the next product. */
#define TCONV_COST_ALIGNED 1.0
#define TCONV_COST_SHIFTED 1.5       /* vectors cross the lines of the cache */
double tconv_cost_step(double rows, double vectors, double loads);

/* What the products of one task take, of so many output channels and columns. */
typedef double tconv_cost_task(const void *context, size_t channels, size_t columns);

/* And of all tasks: `flat` columns in blocks of `columns`, `cout` channels in blocks of `channels`; last blocks have the rest. */
double tconv_cost_tasks(tconv_cost_task *task, const void *context, size_t flat, size_t columns, size_t cout, size_t channels);

/* Nanoseconds to weave all outputs of `s` phases from scratch rows, `rows` pieces of rows in runs of `run` positions. */
double tconv_cost_weave(const tconv_job *job, double rows, size_t s, size_t run);

/* Shuffles for each vector of outputs of s phases that are woven in registers. */
double tconv_cost_shuffles(size_t s);

/* Nanoseconds for the bytes of an input and of an output that exceed the cache; `ns_around` where they are stored past it. */
double tconv_cost_far_input(const tconv_job *job, double ns_per_byte);
double tconv_cost_far_output(const tconv_job *job, double ns_per_byte, double ns_around);

double tconv_cost_direct(const tconv_job *job);
double tconv_cost_gemm(const tconv_job *job);
double tconv_cost_fast_fir(const tconv_job *job);     /* infinity where no undilated axis is paired */
double tconv_cost_fft(const tconv_job *job);

#endif
