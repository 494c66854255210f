/* bench_response: what a response costs, beside FFTW doing the same by a batch of zero-padded transforms. Minimum of several
 * rounds, plans made before. */
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tconv.h"

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *samples(size_t count)
{
    float *x = malloc(count * sizeof *x);
    tconv_random random = tconv_random_seed(1);
    for (size_t i = 0; x != NULL && i < count; i++)
        x[i] = (float)(tconv_random_uniform(&random) - 0.5);
    return x;
}

static double ours(size_t k, size_t n, size_t batch, const float *taps, float *response, int rounds)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_response *plan;
    double best = 1e9;
    g.axis[0].n_taps = k;
    if (tconv_response_create(&plan, &g, &n, TCONV_F32, NULL) != TCONV_OK)
        return best;
    for (int r = 0; r < rounds; r++) {
        double begin = now();
        tconv_response_execute(plan, taps, batch, response);
        best = now() - begin < best ? now() - begin : best;
    }
    tconv_response_destroy(plan);
    return best;
}

/* The taps padded beforehand: only the transforms are timed. */
static double fftw(size_t k, size_t n, size_t batch, const float *taps, float *response, int rounds)
{
    int length = (int)n;
    double best = 1e9;
    float *padded = fftwf_malloc(batch * n * sizeof *padded);
    fftwf_plan plan = fftwf_plan_many_dft_r2c(1, &length, (int)batch, padded, NULL, 1, length, (fftwf_complex *)response, NULL, 1,
                                              length / 2 + 1, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    for (size_t i = 0; i < batch * n; i++)
        padded[i] = i % n < k ? taps[i / n * k + i % n] : 0.0f;
    for (int r = 0; r < rounds; r++) {
        double begin = now();
        fftwf_execute(plan);
        best = now() - begin < best ? now() - begin : best;
    }
    fftwf_destroy_plan(plan);
    fftwf_free(padded);
    return best;
}

int main(void)
{
    static const struct {
        size_t k, n, batch;
        int rounds;
    } lines[] = { { 16, 512, 131072, 5 }, { 16, 1022, 1, 2000 }, { 4096, (size_t)1 << 20, 1, 10 }, { (size_t)1 << 20, (size_t)1 << 21, 1, 5 } };
    printf("responses, f32, 1 thread, milliseconds (minimum)\n%8s %9s %8s %10s %10s %8s %10s\n", "taps", "points", "kernels", "tconv", "FFTW",
           "ratio", "MiB out");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        size_t k = lines[i].k, n = lines[i].n, batch = lines[i].batch, count = batch * (n / 2 + 1);
        float *taps = samples(batch * k), *response = fftwf_malloc(2 * count * sizeof *response);
        if (taps == NULL || response == NULL)
            return 1;
        double a = ours(k, n, batch, taps, response, lines[i].rounds), b = fftw(k, n, batch, taps, response, lines[i].rounds);
        printf("%8zu %9zu %8zu %10.4f %10.4f %8.2f %10.1f\n", k, n, batch, 1e3 * a, 1e3 * b, b / a, 8.0 * (double)count / 1048576.0);
        free(taps);
        fftwf_free(response);
    }
    return 0;
}
