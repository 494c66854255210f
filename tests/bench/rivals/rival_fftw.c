/* rival_fftw.c - what one writes with FFTW alone, float: long filters (A, k >= 64) by overlap-save in the polyphase domain,
 * one forward transform a block and one backward for each phase; responses (E) as a batch of zero-padded transforms.
 * Plans are made with FFTW_MEASURE; one thread, but for the 2^20-point transform, which has FFTW's own threads. */
#include <fftw3.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"

struct overlap_save {
    int n, bins, reach, valid, blocks, s;
    fftwf_plan forward, backward;
    float *x, *y, *line;
    fftwf_complex *spectrum, *product, *filter;
};

static void run_blocks(void *context)
{
    struct overlap_save *f = context;
    for (int block = 0; block < f->blocks; block++) {
        memcpy(f->line, f->x + block * f->valid, (size_t)f->n * sizeof *f->line);
        fftwf_execute_dft_r2c(f->forward, f->line, f->spectrum);
        for (int phase = 0; phase < f->s; phase++) {
            const float *a = (const float *)f->spectrum, *b = (const float *)(f->filter + phase * f->bins);
            float *c = (float *)f->product, *to = f->y + (size_t)(block * f->valid) * (size_t)f->s + phase;
            for (int i = 0; i < 2 * f->bins; i += 2) {
                c[i] = a[i] * b[i] - a[i + 1] * b[i + 1];
                c[i + 1] = a[i] * b[i + 1] + a[i + 1] * b[i];
            }
            fftwf_execute_dft_c2r(f->backward, f->product, f->line);
            for (int i = 0; i < f->valid; i++)
                to[i * f->s] = f->line[f->reach + i];
        }
    }
}

static void run_layer(const struct bench_options *o, const struct bench_layer *w)
{
    if (w->set[0] != 'A' || w->kw < 64 || o->threads != 1)
        return;
    struct overlap_save f = { .n = 4096, .s = w->sw, .reach = (w->kw - 1) / w->sw };
    while (f.n < 8 * (f.reach + 1))
        f.n *= 2;
    f.bins = f.n / 2 + 1;
    f.valid = f.n - f.reach;
    f.blocks = (w->w + f.reach + f.valid - 1) / f.valid;
    size_t n = (size_t)f.n, bins = (size_t)f.bins, samples = (size_t)f.blocks * (size_t)f.valid;
    float *x = bench_floats((size_t)w->w, BENCH_INPUT), *taps = bench_floats((size_t)w->kw, BENCH_TAPS);
    f.x = bench_room((samples + n) * sizeof *f.x);
    f.y = bench_room(samples * (size_t)f.s * sizeof *f.y);
    f.line = fftwf_alloc_real(n);
    f.spectrum = fftwf_alloc_complex(bins);
    f.product = fftwf_alloc_complex(bins);
    f.filter = fftwf_alloc_complex(bins * (size_t)f.s);
    memcpy(f.x + f.reach, x, (size_t)w->w * sizeof *x);
    f.forward = fftwf_plan_dft_r2c_1d(f.n, f.line, f.spectrum, FFTW_MEASURE | FFTW_UNALIGNED);
    f.backward = fftwf_plan_dft_c2r_1d(f.n, f.product, f.line, FFTW_MEASURE);
    for (int phase = 0; phase < f.s; phase++) {
        memset(f.line, 0, n * sizeof *f.line);
        for (int r = phase; r < w->kw; r += f.s)
            f.line[r / f.s] = taps[r] / (float)f.n;
        fftwf_execute_dft_r2c(f.forward, f.line, f.filter + (size_t)phase * bins);
    }
    struct bench_times t = bench_measure(run_blocks, &f, o->budget);
    bench_print("fftw-overlap-save", w->id, "f32", o->threads, &t, f.y, bench_summed(w, samples * (size_t)f.s), "FFTW_MEASURE", "");
    fftwf_destroy_plan(f.forward);
    fftwf_destroy_plan(f.backward);
    fftwf_free(f.line), fftwf_free(f.spectrum), fftwf_free(f.product), fftwf_free(f.filter);
    free(x), free(taps), free(f.x), free(f.y);
}

int main(int argc, char **argv)
{
    struct bench_options o = bench_read_options(argc, argv);
    bench_run_table(&o, run_layer);
    return 0;
}
