/* bench_response.c - what responses cost (set E), beside FFTW doing the same by zero-padded transforms. Plans are made
 * before, FFTW's with FFTW_MEASURE, stopped after some seconds where that is longer (long transforms).
 *
 *     build/bench-response [--budget S]                        a table
 *     build/bench-response --threads N --budget S --table FILE --sets E      the protocol of bench.h; peers ours and fftw
 *
 * A plan of responses runs on one thread; so does FFTW here.
 */
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "tconv.h"

struct line {
    const char *id;
    size_t k, n, batch, repeats;       /* repeats: executions in one run, where one is too short to time */
};

static const struct line lines[] = {
    { "E-131072x16", 16, 512, 131072, 1 }, { "E-4096", 4096, (size_t)1 << 20, 1, 1 }, { "E-16", 16, 1024, 1, 1000 },
    { "E-long", (size_t)1 << 20, (size_t)1 << 21, 1, 1 },
};

struct running {
    tconv_response *ours;
    fftwf_plan fftw;
    const float *taps;
    float *padded, *response;
    struct line line;
};

static void run_ours(void *context)
{
    struct running *r = context;
    for (size_t i = 0; i < r->line.repeats; i++)
        tconv_response_execute(r->ours, r->taps, r->line.batch, r->response);
}

/* One plan for one kernel, which stays in the cache; only what has taps is copied: the zeros stay. */
static void run_fftw(void *context)
{
    struct running *r = context;
    for (size_t i = 0; i < r->line.repeats * r->line.batch; i++) {
        size_t kernel = i % r->line.batch;
        memcpy(r->padded, r->taps + kernel * r->line.k, r->line.k * sizeof *r->padded);
        fftwf_execute_dft_r2c(r->fftw, r->padded, (fftwf_complex *)(r->response + kernel * (r->line.n + 2)));
    }
}

static void finish(const struct bench_options *o, const struct running *r, struct bench_times *t, const char *peer, bool table)
{
    size_t summed = (r->line.batch < 4096 ? r->line.batch : 4096) * (r->line.n + 2);
    t->least /= (double)r->line.repeats;
    t->median /= (double)r->line.repeats;
    if (!table)
        bench_print(peer, r->line.id, "f32", o->threads, t, r->response, summed, "", "");
}

static bool run_line(const struct bench_options *o, const struct line *line, bool table)
{
    struct running r = { .line = *line };
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = line->k;
    float *taps = bench_floats(line->k * line->batch, BENCH_TAPS);
    r.taps = taps;
    r.response = bench_room(line->batch * (line->n + 2) * sizeof(float));
    r.padded = fftwf_alloc_real(line->n);
    r.fftw = fftwf_plan_dft_r2c_1d((int)line->n, r.padded, (fftwf_complex *)r.response, FFTW_MEASURE | FFTW_PRESERVE_INPUT | FFTW_UNALIGNED);
    if (r.fftw == NULL || tconv_response_create(&r.ours, &g, &line->n, TCONV_F32, NULL) != TCONV_OK)
        return false;
    memset(r.padded, 0, line->n * sizeof *r.padded);
    struct bench_times theirs = bench_measure(run_fftw, &r, o->budget);
    finish(o, &r, &theirs, "fftw", table);
    struct bench_times ours = bench_measure(run_ours, &r, o->budget);
    finish(o, &r, &ours, "ours", table);
    size_t bytes = tconv_memory_in_use() + line->batch * (line->k + line->n + 2) * sizeof(float);
    if (table)
        printf("%-12s %8zu %8zu %8zu %10.4f %10.4f %10.4f %8.2f %9.3f\n", line->id, line->k, line->n, line->batch, 1e3 * ours.median,
               1e3 * ours.least, 1e3 * theirs.least, theirs.least / ours.least, (double)bytes / 1048576.0);
    (void)fflush(stdout);
    tconv_response_destroy(r.ours);
    fftwf_destroy_plan(r.fftw);
    fftwf_free(r.padded);
    free(taps);
    free(r.response);
    return true;
}

int main(int argc, char **argv)
{
    struct bench_options o = bench_read_options(argc, argv);
    bool table = o.table[0] == '\0';
    fftwf_set_timelimit(4.0);
    if (table)
        printf("responses, f32, 1 thread, milliseconds; MiB: taps, responses and the plan's own buffers\n"
               "%-12s %8s %8s %8s %10s %10s %10s %8s %9s\n", "workload", "taps", "points", "kernels", "median", "best", "FFTW best",
               "ratio", "MiB");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct bench_layer named = { .set = "E" };
        (void)snprintf(named.id, sizeof named.id, "%s", lines[i].id);
        if (bench_wanted(&o, &named) && !run_line(&o, &lines[i], table))
            return 1;
    }
    return 0;
}
