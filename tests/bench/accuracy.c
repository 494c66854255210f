/* accuracy.c - how far results are from the truth, on random cases of a fixed seed: what the README says of accuracy.
 *
 *     build/accuracy        a line each: what, the largest error found, its unit, what is promised
 *
 * The truth is the definition in long double (64 bits of mantissa: its own error is under 2^-10 of a unit), or a closed form.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

enum { CASES = 60, N = 300, MOST_TAPS = 200, MOST_STRIDE = 8, M = N * MOST_STRIDE + MOST_TAPS };

static uint64_t state = 20160101;

static double uniform(void)   /* -1 .. 1, splitmix64 */
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) / 4503599627370496.0 - 1.0;
}

static size_t between(size_t least, size_t most)
{
    return least + (size_t)((uniform() + 1.0) / 2.0 * (double)(most - least + 1)) % (most - least + 1);
}

static void fill(double *values, size_t count, bool single)
{
    for (size_t i = 0; i < count; i++)
        values[i] = single ? (double)(float)uniform() : uniform();
}

static tconv_geometry random_layer(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].stride = between(1, MOST_STRIDE);
    g.axis[0].n_taps = between(1, MOST_TAPS);
    g.axis[0].pad_begin = g.axis[0].pad_end = 0;
    return g;
}

static void refuse(tconv_status status, const tconv_error *error)
{
    if (status != TCONV_OK) {
        fprintf(stderr, "accuracy: %s\n", error->message);
        exit(1);
    }
}

/* Largest |y - truth| over u sum|h||x| of its output (fft and fast-fir, whose outputs share sums with others: over u times the norm
 * of the outputs' magnitudes). */
static double engine_error(tconv_engine engine, bool single)
{
    static double h[MOST_TAPS], x[N], y[M];
    static float xf[N], yf[M];
    double worst = 0.0, unit = single ? 0x1p-24 : 0x1p-53;
    bool shared = engine == TCONV_ENGINE_FFT || engine == TCONV_ENGINE_FAST_FIR;
    for (int round = 0; round < CASES; round++) {
        tconv_geometry g = random_layer();
        const size_t n_in[] = { N };
        tconv_transpose *plan = NULL;
        tconv_transpose_options options = tconv_transpose_default_options();
        tconv_error error;
        fill(h, g.axis[0].n_taps, single);
        fill(x, N, single);
        options.engine = engine;
        options.element = single ? TCONV_F32 : TCONV_F64;
        refuse(tconv_transpose_create(&plan, &g, h, NULL, n_in, &options, &error), &error);
        for (size_t i = 0; i < N; i++)
            xf[i] = (float)x[i];
        tconv_transpose_execute(plan, 1, single ? (void *)xf : (void *)x, single ? (void *)yf : (void *)y);
        size_t n_out = tconv_transpose_describe(plan).n_out[0], s = g.axis[0].stride, k = g.axis[0].n_taps;
        double largest = 0.0, magnitude = 0.0;
        for (size_t j = 0; j < n_out; j++) {
            long double truth = 0.0L, sum = 0.0L;
            for (size_t r = j % s; r < k && r <= j; r += s)
                if ((j - r) / s < N) {
                    truth += (long double)h[r] * (long double)x[(j - r) / s];
                    sum += fabsl((long double)h[r] * (long double)x[(j - r) / s]);
                }
            double off = (double)fabsl((long double)(single ? (double)yf[j] : y[j]) - truth);
            if (!shared && sum > 0.0L)
                worst = fmax(worst, off / (unit * (double)sum));
            largest = fmax(largest, off);
            magnitude = fmax(magnitude, (double)sum);
        }
        if (shared)
            worst = fmax(worst, largest / (unit * magnitude));
        tconv_transpose_destroy(plan);
    }
    return worst;
}

/* <C z, x> = <z, C^T x>, over eps sum of all magnitudes. */
static double adjoint_error(void)
{
    static double h[MOST_TAPS], x[N], y[M], z[M], back[N];
    double worst = 0.0;
    for (int round = 0; round < CASES; round++) {
        tconv_geometry g = random_layer();
        const size_t n_in[] = { N };
        tconv_transpose *plan = NULL;
        tconv_error error;
        fill(h, g.axis[0].n_taps, false);
        fill(x, N, false);
        refuse(tconv_transpose_create(&plan, &g, h, NULL, n_in, NULL, &error), &error);
        size_t n_out = tconv_transpose_describe(plan).n_out[0];
        tconv_transpose_execute(plan, 1, x, y);
        fill(z, n_out, false);
        refuse(tconv_gradient_f64(&g, h, n_in, 1, NULL, z, NULL, NULL, back, &error), &error);
        long double left = 0.0L, right = 0.0L, magnitude = 0.0L;
        for (size_t i = 0; i < N; i++) {
            left += (long double)back[i] * (long double)x[i];
            magnitude += fabsl((long double)back[i] * (long double)x[i]);
        }
        for (size_t j = 0; j < n_out; j++)
            right += (long double)z[j] * (long double)y[j];
        worst = fmax(worst, (double)(fabsl(left - right) / (magnitude * 0x1p-52L)));
        tconv_transpose_destroy(plan);
    }
    return worst;
}

/* The index of k equal taps is sqrt(r(s - r))/k, r = k mod s: relative error over eps. And sum over the images of |H|^2 is
 * S^2 Var g (duality), with random taps. */
static double figures_error(bool duality)
{
    double worst = 0.0;
    for (int round = 0; round < CASES; round++) {
        tconv_geometry g = random_layer();
        tconv_kernel *kernel = NULL;
        tconv_figures *f = NULL;
        tconv_error error;
        g.axis[0].stride = between(2, MOST_STRIDE);
        size_t s = g.axis[0].stride, k = g.axis[0].n_taps = between(s, MOST_TAPS), r = k % s;
        refuse(tconv_kernel_create(&kernel, &g, &error), &error);
        for (size_t n = 0; n < k; n++)
            kernel->taps[n] = duality ? uniform() + 1.0 : 1.0;
        refuse(tconv_figures_create(&f, kernel, NULL, &error), &error);
        double off = 0.0;
        if (duality) {
            double sum = 0.0;
            for (size_t m = 0; m + 1 < f->phases; m++)
                sum += pow(10.0, f->images[m].dc_db / 10.0);
            off = fabs(sqrt(sum) - f->checkerboard_index) / (0x1p-52 * (f->checkerboard_index + 1.0));
        } else if (r != 0) {
            double truth = sqrt((double)(r * (s - r))) / (double)k;
            off = fabs(f->checkerboard_index - truth) / (0x1p-52 * truth);
        }
        worst = fmax(worst, off);
        tconv_figures_destroy(f);
        tconv_kernel_destroy(kernel);
    }
    return worst;
}

/* The extremum over continuous frequency: the first side lobe of k equal taps is the largest |H| of the images, so it is
 * the stop-band attenuation; the truth by bisection on the derivative of the Dirichlet kernel. In dB. */
static double extremum_error(void)
{
    double worst = 0.0;
    for (size_t k = 5; k < 60; k++) {
        tconv_geometry g = tconv_geometry_default(1);
        tconv_kernel *kernel = NULL;
        tconv_figures *f = NULL;
        tconv_error error;
        const tconv_figure_options options = { .edge = 0.5 };
        g.axis[0].stride = (3 * k + 3) / 4;      /* images begin at 0.75/s, which is just before the first zero 1/k */
        g.axis[0].n_taps = k;
        g.axis[0].pad_begin = g.axis[0].pad_end = 0;
        refuse(tconv_kernel_create(&kernel, &g, &error), &error);
        for (size_t n = 0; n < k; n++)
            kernel->taps[n] = 1.0;
        refuse(tconv_figures_create(&f, kernel, &options, &error), &error);
        /* |sin(pi k v)/sin(pi v)| is stationary where k tan(pi v) = tan(pi k v): on 1/k < v < 2/k, by bisection */
        long double low = (1.0L + 1e-6L) / (long double)k, high = 1.5L / (long double)k, pi = acosl(-1.0L);
        for (int i = 0; i < 200; i++) {
            long double v = (low + high) / 2.0L;
            long double slope = (long double)k * cosl(pi * k * v) * sinl(pi * v) - sinl(pi * k * v) * cosl(pi * v);
            *(slope < 0.0L ? &low : &high) = v;
        }
        double truth = (double)(20.0L * log10l((long double)k * sinl(pi * low) / fabsl(sinl(pi * k * low))));
        bool in_band = (double)low >= 0.75 / (double)g.axis[0].stride;
        worst = in_band ? fmax(worst, fabs(f->stopband_attenuation_db - truth)) : (double)INFINITY;
        tconv_figures_destroy(f);
        tconv_kernel_destroy(kernel);
    }
    return worst;
}

static void line(const char *what, double error, const char *unit)
{
    printf("%-44s %10.2g   %s\n", what, error, unit);
}

int main(void)
{
    static const tconv_engine engines[] = { TCONV_ENGINE_DIRECT, TCONV_ENGINE_GEMM, TCONV_ENGINE_FAST_FIR, TCONV_ENGINE_FFT };
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "engine %s, f32", tconv_engine_text(engines[i]));
        line(name, engine_error(engines[i], true), "u sum|h||x|, u = 2^-24");
        (void)snprintf(name, sizeof name, "engine %s, f64", tconv_engine_text(engines[i]));
        line(name, engine_error(engines[i], false), "u sum|h||x|, u = 2^-53");
    }
    line("adjoint <Cz, x> = <z, C^T x>", adjoint_error(), "eps of the sum of magnitudes");
    line("index of equal taps, closed form", figures_error(false), "eps");
    line("images against branches (duality)", figures_error(true), "eps");
    line("extremum over continuous frequency", extremum_error(), "dB");
    return 0;
}
