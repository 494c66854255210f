/* bench_tconv.c - the library on layers that people run: one channel of audio or picture (A, D), vocoders (B), image
 * networks (C); small ones of which a run makes the plan, executes it once and destroys it (O); and small ones to check sums
 * against other programs (T, on request).
 *
 *     build/bench-tconv                       every line with the engine that the plan picks, one and two threads
 *     build/bench-tconv --sets BC --engine gemm --threads 1
 *     build/bench-tconv --list                the layers as a table
 *     build/bench-tconv --json ...            one JSON object a line: the protocol of bench.h, and besides it
 *         "gflops", "bound" (seconds), "limit" ("peak" or "memory"), "share" (bound/min), "plan" (seconds of making it)
 *     --table FILE (layers of a file; implies --json and leaves the limits out)   --no-fast-fir
 *     --budget S (seconds for each line)   --only TEXT (ids that contain it)   --isa portable|avx2|avx512
 *
 * GFLOP/s counts 2 x the multiply-adds of the polyphase form that reach an output, whatever the engine does. The bound is
 * the larger of that count at the measured peak and of input, kernel and output, moved once each, at the measured
 * bandwidth of a copy; peak and bandwidth are measured by the same run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "limits.h"
#include "tconv.h"

struct settings {
    struct bench_options o;
    size_t threads[2], n_threads;
    tconv_engine engine;
    bool all_engines, json, list, forbid_fast_fir;
    tconv_isa isa;
    struct bench_limits limits;        /* at o.threads */
};

static struct settings settings;

/* One layer with its data, as a plan runs it. */
struct running {
    tconv_geometry geometry;
    size_t n_in[TCONV_MAX_NDIM];
    tconv_transpose_options options;
    double *taps;
    tconv_transpose *plan;
    tconv_transpose_info info;
    size_t batch, inputs, weights, outputs;
    void *x, *y;
    double plan_seconds;
};

static void run_once(void *context)
{
    struct running *r = context;
    tconv_transpose_execute(r->plan, r->batch, r->x, r->y);
}

/* What a program pays that has no use for a plan: as a call of a framework. */
static void run_from_the_start(void *context)
{
    struct running *r = context;
    tconv_transpose *plan;
    if (tconv_transpose_create(&plan, &r->geometry, r->taps, NULL, r->n_in, &r->options, NULL) != TCONV_OK)
        exit(1);
    tconv_transpose_execute(plan, r->batch, r->x, r->y);
    tconv_transpose_destroy(plan);
}

static tconv_geometry geometry_of(const struct bench_layer *w, size_t *n_in)
{
    tconv_geometry g = tconv_geometry_default(w->h == 1 && w->kh == 1 && w->sh == 1 ? 1 : 2);
    g.channels_in = (size_t)w->cin;
    g.channels_out = (size_t)w->cout;
    g.axis[g.ndim - 1] = (tconv_axis){ (size_t)w->sw, (size_t)w->kw, 1, w->pw, w->pw, (size_t)w->opw };
    n_in[g.ndim - 1] = (size_t)w->w;
    if (g.ndim == 2) {
        g.axis[0] = (tconv_axis){ (size_t)w->sh, (size_t)w->kh, 1, w->ph, w->ph, (size_t)w->oph };
        n_in[0] = (size_t)w->h;
    }
    return g;
}

static void print_result(const struct bench_layer *w, const struct running *r, const struct bench_times *t)
{
    const char *type = tconv_element_text(r->info.element), *engine = tconv_engine_text(r->info.engine);
    size_t size = tconv_element_bytes(r->info.element);
    double products = (double)w->n * r->info.products, bytes = (double)((r->inputs + r->weights + r->outputs) * size);
    int memory = 0;
    double bound = settings.limits.flops_f32 > 0.0
                 ? bench_bound(&settings.limits, products, bytes, r->info.element == TCONV_F32, &memory) : 0.0;
    if (settings.json) {
        char peer[32], note[64], more[160] = "";
        (void)snprintf(peer, sizeof peer, "ours%s%s", settings.all_engines ? "-" : "", settings.all_engines ? engine : "");
        (void)snprintf(note, sizeof note, "%s %s", engine, tconv_isa_text(r->info.isa));
        if (bound > 0.0)
            (void)snprintf(more, sizeof more, "\"gflops\":%.5g,\"bound\":%.5g,\"limit\":\"%s\",\"share\":%.4g,\"plan\":%.5g,",
                           2e-9 * products / t->least, bound, memory ? "memory" : "peak", bound / t->least, r->plan_seconds);
        bench_print(peer, w->id, type, r->info.threads, t, r->y, bench_summed(w, r->outputs), note, more);
    } else
        printf("%-12s %s %zu  %-10s %10.4f %10.4f %9.1f %5.0f %% %-6s %10.3f\n", w->id, type, r->info.threads, engine, 1e3 * t->median,
               1e3 * t->least, 2e-9 * products / t->least, 100.0 * bound / t->least, memory ? "memory" : "peak", 1e3 * r->plan_seconds);
    (void)fflush(stdout);
}

/* Plans the layer and makes its data; false where it cannot be planned. */
static bool prepare(struct running *r, const struct bench_layer *w, bool single, size_t threads, tconv_engine engine)
{
    size_t size = single ? sizeof(float) : sizeof(double);
    *r = (struct running){ .batch = (size_t)w->n, .inputs = (size_t)w->n * (size_t)w->cin * (size_t)w->h * (size_t)w->w };
    tconv_geometry g = r->geometry = geometry_of(w, r->n_in);
    r->weights = g.channels_in * g.channels_out * tconv_geometry_taps(&g);
    r->taps = bench_room(r->weights * sizeof *r->taps);
    for (size_t i = 0; i < r->weights; i++)
        r->taps[i] = (double)bench_value((uint32_t)i, BENCH_TAPS);
    tconv_transpose_options o = tconv_transpose_default_options();
    o.element = single ? TCONV_F32 : TCONV_F64;
    o.engine = engine;
    o.threads = threads;
    o.max_isa = settings.isa;
    o.forbid_fast_fir = settings.forbid_fast_fir;
    r->options = o;
    tconv_error error;
    double start = bench_now();
    tconv_status status = tconv_transpose_create(&r->plan, &g, r->taps, NULL, r->n_in, &o, &error);
    r->plan_seconds = bench_now() - start;
    if (status != TCONV_OK) {
        free(r->taps);
        fprintf(stderr, "bench-tconv: %s: %s\n", w->id, error.message);
        return false;
    }
    r->info = tconv_transpose_describe(r->plan);
    r->outputs = (size_t)w->n * g.channels_out;
    for (size_t i = 0; i < g.ndim; i++)
        r->outputs *= r->info.n_out[i];
    r->x = bench_room(r->inputs * size);
    r->y = bench_room(r->outputs * size);
    for (size_t i = 0; i < r->inputs; i++) {
        float value = bench_value((uint32_t)i, BENCH_INPUT);
        if (single)
            ((float *)r->x)[i] = value;
        else
            ((double *)r->x)[i] = (double)value;
    }
    return true;
}

static void run_one(const struct bench_layer *w, bool single, tconv_engine engine)
{
    struct running r;
    if (!prepare(&r, w, single, settings.o.threads, engine))
        return;
    struct bench_times t = bench_measure(w->set[0] == 'O' ? run_from_the_start : run_once, &r, settings.o.budget);
    print_result(w, &r, &t);
    free(r.taps);
    free(r.x);
    free(r.y);
    tconv_transpose_destroy(r.plan);
}

/* Engines that are worth a run: the direct one with thousands of channels, or a transform for three taps, are not. */
static bool sensible(tconv_engine engine, const struct bench_layer *w)
{
    double pairs = (double)w->cin * w->cout;
    if (engine == TCONV_ENGINE_DIRECT)
        return pairs <= 8192;
    return engine == TCONV_ENGINE_GEMM || engine == TCONV_ENGINE_FAST_FIR ? pairs > 1 : pairs == 1 && w->h == 1 && w->kw >= 16;
}

static void run_layer(const struct bench_options *o, const struct bench_layer *w)
{
    (void)o;
    for (int single = 1; single >= 0; single--) {
        if (strstr(w->types, single ? "f32" : "f64") == NULL)
            continue;
        if (!settings.all_engines)
            run_one(w, single, settings.engine);
        for (tconv_engine engine = TCONV_ENGINE_DIRECT; settings.all_engines && engine <= TCONV_ENGINE_FFT; engine++)
            if (sensible(engine, w))
                run_one(w, single, engine);
    }
}

static void print_limits(void)
{
    const struct bench_limits *l = &settings.limits;
    if (settings.json) {
        printf("{\"limits\":{\"th\":%zu,\"gflops_f32\":%.4g,\"gflops_f64\":%.4g,\"copy\":[", settings.o.threads,
               1e-9 * l->flops_f32, 1e-9 * l->flops_f64);
        for (int i = 0; i < BENCH_FOOTPRINTS; i++)
            printf("%s{\"MiB\":%.4g,\"GBps\":%.4g}", i > 0 ? "," : "", l->footprint[i] / 1048576.0, 1e-9 * l->copy[i]);
        printf("]}}\n");
        return;
    }
    printf("%zu thread%s: peak %.0f GFLOP/s in f32, %.0f in f64; copy", settings.o.threads, settings.o.threads > 1 ? "s" : "",
           1e-9 * l->flops_f32, 1e-9 * l->flops_f64);
    for (int i = 0; i < BENCH_FOOTPRINTS; i++)
        printf("%s %.1f GB/s at %.4g MiB", i > 0 ? "," : "", 1e-9 * l->copy[i], l->footprint[i] / 1048576.0);
    printf("\n%-12s %s %s  %-10s %10s %10s %9s %14s %10s\n", "workload", "typ", "th", "engine", "median ms", "best ms", "GFLOP/s", "of its limit",
           "plan ms");
}

static void list_layers(void)
{
    for (size_t i = 0; i < bench_n_layers; i++) {
        const struct bench_layer *w = &bench_layers[i];
        printf("%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%.0f\n", w->id, w->set, w->n, w->cin, w->cout, w->h, w->w,
               w->kh, w->kw, w->sh, w->sw, w->ph, w->pw, w->oph, w->opw, w->types, bench_products(w));
    }
}

static bool read_flag(const char *option)
{
    if (strcmp(option, "--json") == 0)
        return settings.json = true;
    if (strcmp(option, "--list") == 0)
        return settings.list = true;
    return strcmp(option, "--no-fast-fir") == 0 && (settings.forbid_fast_fir = true);
}

static bool read_setting(const char *option, const char *value)
{
    if (strcmp(option, "--threads") == 0) {
        settings.n_threads = 1;
        settings.threads[0] = strtoul(value, NULL, 10);
    } else if (strcmp(option, "--budget") == 0)
        settings.o.budget = strtod(value, NULL);
    else if (strcmp(option, "--table") == 0)
        settings.o.table = value, settings.json = true;
    else if (strcmp(option, "--sets") == 0)
        settings.o.sets = value;
    else if (strcmp(option, "--only") == 0)
        settings.o.only = value;
    else if (strcmp(option, "--isa") == 0)
        for (settings.isa = TCONV_ISA_AVX512; settings.isa > TCONV_ISA_ANY && strcmp(tconv_isa_text(settings.isa), value) != 0; settings.isa--)
            ;
    else if (strcmp(option, "--engine") == 0 && strcmp(value, "all") == 0)
        settings.all_engines = true;
    else
        return strcmp(option, "--engine") == 0 && tconv_engine_of_text(value, &settings.engine);
    return true;
}

int main(int argc, char **argv)
{
    settings = (struct settings){ .o = { 1, 0.2, NULL, "", "" }, .threads = { 1, 2 }, .n_threads = 2 };
    for (int i = 1; i < argc; i++)
        if (!read_flag(argv[i]) && (i + 1 == argc || !read_setting(argv[i], argv[i + 1]) || ++i == 0)) {
            fprintf(stderr, "usage: bench-tconv [--sets ABCDOT] [--only TEXT] [--threads N] [--engine auto|direct|gemm|fast-fir|fft|all] [--isa SET]\n"
                            "                   [--no-fast-fir] [--budget SECONDS] [--json] [--table FILE] [--list]\n");
            return 2;
        }
    if (settings.list) {
        list_layers();
        return 0;
    }
    for (size_t t = 0; t < settings.n_threads; t++) {
        settings.o.threads = settings.threads[t];
        if (settings.o.table != NULL) {
            bench_run_table(&settings.o, run_layer);
            continue;
        }
        settings.limits = bench_measure_limits(settings.o.threads);
        print_limits();
        for (size_t i = 0; i < bench_n_layers; i++)
            if (bench_wanted(&settings.o, &bench_layers[i]))
                run_layer(&settings.o, &bench_layers[i]);
    }
    return 0;
}
