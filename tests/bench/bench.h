/* bench.h - what every program of a comparison shares: layers, data, timing, sums, one JSON object a line.
 *
 * Programs are called with --threads N --budget SECONDS --table FILE --sets LETTERS [--only TEXT] and print, for each layer
 *
 *     {"peer","wl","dt","th","min","med","n","ck","n2","note"}        seconds; n runs
 *
 * ck = sum over i of y[i] c(i), n2 = sum of y[i]^2, with c(i) = bench_value(i, BENCH_CHECK): two programs that compute
 * the same layer agree in both. A table has lines of
 *
 *     id set n cin cout h w kh kw sh sw ph pw oph opw types           tab separated; types like f32,f64
 *
 * input x[i] = bench_value(i, BENCH_INPUT), (cin, h, w); taps = bench_value(i, BENCH_TAPS), (cin, cout, kh, kw).
 */
#ifndef TCONV_BENCH_H
#define TCONV_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_INPUT = 1, BENCH_TAPS = 1000003, BENCH_CHECK = 777 };

struct bench_layer {
    char id[40], set[4], types[16];
    int n, cin, cout, h, w, kh, kw, sh, sw, ph, pw, oph, opw;
};

/* The layers of the comparison: audio (A) and pictures (D) of one channel, vocoders (B), image networks (C), small ones that
 * are run by one call each, plan and all (O), and small ones for the sums alone (T). */
extern const struct bench_layer bench_layers[];
extern const size_t bench_n_layers;

struct bench_options {
    size_t threads;
    double budget;                     /* seconds for each line */
    const char *table, *sets, *only;
};

struct bench_times {
    double least, median;              /* seconds */
    int runs;
};

double bench_now(void);                /* seconds, monotonic */
float bench_value(uint32_t i, uint32_t seed);            /* in [-1/2, 1/2) */
float *bench_floats(size_t count, uint32_t seed);        /* bench_value(0..count-1, seed), aligned to 64 bytes; free() */
void *bench_room(size_t bytes);                          /* zeros, aligned to 64 bytes, written to; free(). Exits when out of memory */

/* One run to warm up, then until the budget is spent: at least 3 times, at most 400, once where one run takes a second. */
struct bench_times bench_measure(void (*step)(void *), void *context, double budget);

/* Outputs of one axis: s(n - 1) + k - 2p + op. */
size_t bench_outputs(int n, int s, int k, int p, int op);

/* Products of input and tap that reach an output, of the whole layer; stuffed zeros and cropped outputs do not count. */
double bench_products(const struct bench_layer *w);

/* How many of `outputs` values are summed: programs that stream make s*N outputs and no tail, so set A ends there. */
size_t bench_summed(const struct bench_layer *w, size_t outputs);

/* One line of the protocol; y is of floats or doubles, NULL: no sums. note must need no escapes; more
 * holds further members, each with a comma behind it. */
void bench_print(const char *peer, const char *id, const char *type, size_t threads, const struct bench_times *t,
                 const void *y, size_t count, const char *note, const char *more);

/* argv as above; what is unknown is an error: exits with 2. */
struct bench_options bench_read_options(int argc, char **argv);
bool bench_wanted(const struct bench_options *o, const struct bench_layer *w);

/* Calls run for every wanted layer of the table; exits with 3 where it cannot be read. */
void bench_run_table(const struct bench_options *o, void (*run)(const struct bench_options *, const struct bench_layer *));

#endif
