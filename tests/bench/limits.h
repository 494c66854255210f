/* limits.h - what the machine can do, measured: the peak of fused multiply-adds and the bandwidth of a copy. */
#ifndef TCONV_BENCH_LIMITS_H
#define TCONV_BENCH_LIMITS_H

#include <stddef.h>

#define BENCH_FOOTPRINTS 3

struct bench_limits {
    double flops_f32, flops_f64;                   /* per second, 2 for each multiply-add */
    double copy[BENCH_FOOTPRINTS];                 /* bytes read and written per second, and */
    double footprint[BENCH_FOOTPRINTS];            /* how many bytes the two arrays of a copy take, ascending */
};

/* With `threads` threads at once; about half a second. */
struct bench_limits bench_measure_limits(size_t threads);

/* Seconds below which a layer of that many products and bytes (input, kernel, output, once each) cannot be; *memory says
 * whether the copy is what limits it. */
double bench_bound(const struct bench_limits *l, double products, double bytes, int is_f32, int *memory);

#endif
