/* bench_tconv.c - the library on layers that people run: one channel of audio or picture (A, D), vocoders (B), image
 * networks (C); small ones to check sums against other programs (T).
 *
 *     build/bench-tconv                       every line, all engines that can serve it, one and two threads
 *     build/bench-tconv --sets BC --engine gemm --threads 1
 *     build/bench-tconv --json ...            one JSON object a line, the protocol of side-by-side runs:
 *         {"peer","wl","dt","th","min","med","n","ck","n2","note"}   seconds; ck = sum y[i] c(i), n2 = sum y[i]^2
 *     --table FILE (lines of id set n cin cout h w kh kw sh sw ph pw oph opw types, tab separated; implies --json)
 *     --budget S (seconds for each line)   --only TEXT (ids that contain it)   --isa portable|avx2|avx512
 *
 * GFLOP/s counts 2 x the multiply-adds of the polyphase form that reach an output, whatever the engine does.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tconv.h"

struct workload {
    char id[40], set[4], types[16];
    int n, cin, cout, h, w, kh, kw, sh, sw, ph, pw, oph, opw;
};

static const struct workload built_in[] = {
#define LINE(id, set, types, ...) { id, set, types, 1, __VA_ARGS__ }
#define AUDIO(id, s, k) LINE(id, "A", "f32,f64", 1, 1, 1, 1048576, 1, k, 1, s, 0, 0, 0, 0)
    AUDIO("A-s2-k4", 2, 4), AUDIO("A-s2-k16", 2, 16), AUDIO("A-s2-k64", 2, 64), AUDIO("A-s4-k64", 4, 64),
    AUDIO("A-s8-k16", 8, 16), AUDIO("A-s8-k128", 8, 128), AUDIO("A-s2-k1024", 2, 1024), AUDIO("A-s4-k4096", 4, 4096),
    AUDIO("A-s3-k7", 3, 7), AUDIO("A-s5-k3", 5, 3),
    LINE("B-hifi1", "B", "f32,f64", 512, 256, 1, 128, 1, 16, 1, 8, 0, 4, 0, 0),
    LINE("B-hifi2", "B", "f32", 256, 128, 1, 1024, 1, 16, 1, 8, 0, 4, 0, 0),
    LINE("B-hifi3", "B", "f32", 128, 64, 1, 8192, 1, 4, 1, 2, 0, 1, 0, 0),
    LINE("B-hifi4", "B", "f32", 64, 32, 1, 16384, 1, 4, 1, 2, 0, 1, 0, 0),
    LINE("B-encodec", "B", "f32", 512, 256, 1, 300, 1, 16, 1, 8, 0, 4, 0, 0),
    LINE("C-dcgan1", "C", "f32", 100, 1024, 1, 1, 4, 4, 1, 1, 0, 0, 0, 0),
    LINE("C-dcgan2", "C", "f32", 1024, 512, 4, 4, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("C-dcgan3", "C", "f32,f64", 512, 256, 8, 8, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("C-dcgan4", "C", "f32", 256, 128, 16, 16, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("C-dcgan5", "C", "f32", 128, 3, 32, 32, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("C-unet1", "C", "f32", 1024, 512, 32, 32, 2, 2, 2, 2, 0, 0, 0, 0),
    LINE("C-unet4", "C", "f32", 128, 64, 256, 256, 2, 2, 2, 2, 0, 0, 0, 0),
    LINE("C-fcn8s", "C", "f32", 21, 21, 64, 64, 16, 16, 8, 8, 4, 4, 0, 0),
    LINE("C-fsrcnn", "C", "f32", 56, 1, 128, 128, 9, 9, 3, 3, 4, 4, 2, 2),
    LINE("C-waifu2x", "C", "f32", 256, 3, 128, 128, 4, 4, 2, 2, 3, 3, 0, 0),
    LINE("C-pix2pix", "C", "f32", 128, 3, 128, 128, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("C-stylegan", "C", "f32", 512, 512, 64, 64, 3, 3, 2, 2, 1, 1, 1, 1),
    LINE("D-s2-k4", "D", "f32", 1, 1, 2048, 2048, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("D-s2-k8", "D", "f32", 1, 1, 2048, 2048, 8, 8, 2, 2, 3, 3, 0, 0),
    LINE("D-s4-k16", "D", "f32", 1, 1, 2048, 2048, 16, 16, 4, 4, 6, 6, 0, 0),
};

struct settings {
    size_t threads[2], n_threads;
    double budget;
    const char *table, *sets, *only;
    tconv_engine engine;
    bool all_engines, json;
    tconv_isa isa;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A value in [-0.5, 0.5) for index i, the same in every program that is compared. */
static float value(uint32_t i, uint32_t seed)
{
    uint32_t v = (i + seed) * UINT32_C(2654435761);
    v ^= v >> 15;
    v *= UINT32_C(2246822519);
    v ^= v >> 13;
    return (float)(v >> 8) * (1.0f / 16777216.0f) - 0.5f;
}

enum { SEED_INPUT = 1, SEED_TAPS = 1000003, SEED_CHECK = 777 };

static void *room(size_t count, size_t size)
{
    void *block = tconv_alloc_zero(count, size, NULL);
    if (block == NULL) {
        fprintf(stderr, "bench-tconv: out of memory\n");
        exit(4);
    }
    return block;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct result {
    double least, median, ck, n2;
    int runs;
};

/* Run until the budget is spent: at least 3 times, at most 400, once where one run takes a second. */
static struct result measure(tconv_transpose *plan, size_t batch, const void *x, void *y, double budget)
{
    static double times[400];
    int runs = 0;
    tconv_transpose_execute(plan, batch, x, y);
    double begin = now(), last;
    do {
        double start = now();
        tconv_transpose_execute(plan, batch, x, y);
        last = now() - start;
        times[runs++] = last;
    } while (runs < 400 && last < 1.0 && (runs < 3 || now() - begin < budget));
    qsort(times, (size_t)runs, sizeof *times, compare_doubles);
    return (struct result){ .least = times[0], .median = times[runs / 2], .runs = runs };
}

static void add_checksum(struct result *r, const void *y, bool single, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double v = single ? (double)((const float *)y)[i] : ((const double *)y)[i];
        r->ck += v * (double)value((uint32_t)i, SEED_CHECK);
        r->n2 += v * v;
    }
}

/* Programs that stream make s*N outputs and no tail: set A is compared over those. */
static size_t checked(const struct workload *w, size_t outputs)
{
    size_t streamed = (size_t)w->w * (size_t)w->sw;
    return w->set[0] == 'A' && streamed < outputs ? streamed : outputs;
}

static tconv_geometry geometry_of(const struct workload *w, size_t *n_in)
{
    tconv_geometry g = tconv_geometry_default(w->h == 1 && w->kh == 1 && w->sh == 1 ? 1 : 2);
    g.channels_in = (size_t)w->cin;
    g.channels_out = (size_t)w->cout;
    tconv_axis *last = &g.axis[g.ndim - 1];
    *last = (tconv_axis){ (size_t)w->sw, (size_t)w->kw, 1, w->pw, w->pw, (size_t)w->opw };
    n_in[g.ndim - 1] = (size_t)w->w;
    if (g.ndim == 2) {
        g.axis[0] = (tconv_axis){ (size_t)w->sh, (size_t)w->kh, 1, w->ph, w->ph, (size_t)w->oph };
        n_in[0] = (size_t)w->h;
    }
    return g;
}

static void print_result(const struct settings *s, const struct workload *w, const tconv_transpose_info *info, const struct result *r,
                         double plan_seconds)
{
    const char *type = tconv_element_text(info->element);
    if (s->json)
        printf("{\"peer\":\"ours%s%s\",\"wl\":\"%s\",\"dt\":\"%s\",\"th\":%zu,\"min\":%.9g,\"med\":%.9g,\"n\":%d,\"ck\":%.12g,\"n2\":%.12g,"
               "\"note\":\"%s %s\"}\n", s->all_engines ? "-" : "", s->all_engines ? tconv_engine_text(info->engine) : "", w->id, type,
               info->threads, r->least, r->median, r->runs, r->ck, r->n2, tconv_engine_text(info->engine), tconv_isa_text(info->isa));
    else
        printf("%-12s %s %zu  %-10s %10.4f %10.4f %9.1f %10.3f\n", w->id, type, info->threads, tconv_engine_text(info->engine),
               1e3 * r->least, 1e3 * r->median, 2e-9 * info->products / r->least, 1e3 * plan_seconds);
    fflush(stdout);
}

static void run_one(const struct settings *s, const struct workload *w, const tconv_geometry *g, const size_t *n_in, bool single,
                    size_t threads, tconv_engine engine)
{
    size_t weights = g->channels_in * g->channels_out * tconv_geometry_taps(g), inputs = (size_t)(w->n * w->cin * w->h * w->w);
    size_t size = single ? sizeof(float) : sizeof(double), outputs = (size_t)w->n * g->channels_out;
    double *taps = room(weights, sizeof *taps);
    for (size_t i = 0; i < weights; i++)
        taps[i] = (double)value((uint32_t)i, SEED_TAPS);
    tconv_transpose_options o = { single ? TCONV_F32 : TCONV_F64, engine, threads, s->isa, false };
    tconv_transpose *plan;
    tconv_error error;
    double start = now();
    if (tconv_transpose_create(&plan, g, taps, NULL, n_in, &o, &error) != TCONV_OK) {
        fprintf(stderr, "bench-tconv: %s: %s\n", w->id, error.message);
        tconv_free(taps);
        return;
    }
    double plan_seconds = now() - start;
    tconv_free(taps);
    tconv_transpose_info info = tconv_transpose_describe(plan);
    for (size_t i = 0; i < g->ndim; i++)
        outputs *= info.n_out[i];
    void *x = room(inputs, size), *y = room(outputs, size);
    for (size_t i = 0; i < inputs; i++)
        if (single)
            ((float *)x)[i] = value((uint32_t)i, SEED_INPUT);
        else
            ((double *)x)[i] = (double)value((uint32_t)i, SEED_INPUT);
    struct result r = measure(plan, (size_t)w->n, x, y, s->budget);
    add_checksum(&r, y, single, checked(w, outputs));
    print_result(s, w, &info, &r, plan_seconds);
    tconv_free(x);
    tconv_free(y);
    tconv_transpose_destroy(plan);
}

/* Engines that are worth a run: the direct one with thousands of channels, or a transform for three taps, are not. */
static bool sensible(tconv_engine engine, const struct workload *w)
{
    double pairs = (double)w->cin * w->cout;
    if (engine == TCONV_ENGINE_DIRECT)
        return pairs <= 1024;
    return engine == TCONV_ENGINE_GEMM || engine == TCONV_ENGINE_FAST_FIR ? pairs > 1 : pairs == 1 && w->h == 1 && w->kw >= 16;
}

static void run_workload(const struct settings *s, const struct workload *w)
{
    size_t n_in[TCONV_MAX_NDIM];
    tconv_geometry g = geometry_of(w, n_in);
    for (int single = 1; single >= 0; single--)
        for (size_t t = 0; t < s->n_threads && strstr(w->types, single ? "f32" : "f64") != NULL; t++) {
            if (!s->all_engines)
                run_one(s, w, &g, n_in, single, s->threads[t], s->engine);
            for (tconv_engine engine = TCONV_ENGINE_DIRECT; s->all_engines && engine <= TCONV_ENGINE_FFT; engine++)
                if (sensible(engine, w))
                    run_one(s, w, &g, n_in, single, s->threads[t], engine);
        }
}

static bool wanted(const struct settings *s, const struct workload *w)
{
    return (s->sets[0] == '\0' || strstr(s->sets, w->set) != NULL) && (s->only[0] == '\0' || strstr(w->id, s->only) != NULL);
}

static int run_table(const struct settings *s)
{
    FILE *file = fopen(s->table, "r");
    char line[512];
    if (file == NULL) {
        fprintf(stderr, "bench-tconv: %s: cannot be read\n", s->table);
        return 3;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        struct workload w;
        if (line[0] != '#' && sscanf(line, "%39s %3s %d %d %d %d %d %d %d %d %d %d %d %d %d %15s", w.id, w.set, &w.n, &w.cin, &w.cout,
                                     &w.h, &w.w, &w.kh, &w.kw, &w.sh, &w.sw, &w.ph, &w.pw, &w.oph, &w.opw, w.types) == 16
            && wanted(s, &w))
            run_workload(s, &w);
    }
    (void)fclose(file);
    return 0;
}

static bool read_options(struct settings *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], *argument = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(option, "--json") == 0) {
            s->json = true;
            continue;
        }
        i++;
        if (strcmp(option, "--threads") == 0) {
            s->n_threads = 1;
            s->threads[0] = strtoul(argument, NULL, 10);
        } else if (strcmp(option, "--budget") == 0)
            s->budget = strtod(argument, NULL);
        else if (strcmp(option, "--table") == 0)
            s->table = argument, s->json = true;
        else if (strcmp(option, "--sets") == 0)
            s->sets = argument;
        else if (strcmp(option, "--only") == 0)
            s->only = argument;
        else if (strcmp(option, "--isa") == 0)
            for (s->isa = TCONV_ISA_AVX512; s->isa > TCONV_ISA_ANY && strcmp(tconv_isa_text(s->isa), argument) != 0; s->isa--)
                ;
        else if (strcmp(option, "--engine") == 0 && strcmp(argument, "all") == 0)
            s->all_engines = true;
        else if (strcmp(option, "--engine") != 0 || !tconv_engine_of_text(argument, &s->engine))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings s = { .threads = { 1, 2 }, .n_threads = 2, .budget = 0.2, .sets = "", .only = "" };
    if (!read_options(&s, argc, argv)) {
        fprintf(stderr, "usage: bench-tconv [--sets ABCD] [--only TEXT] [--threads N] [--engine auto|direct|gemm|fast-fir|fft|all] [--isa SET]\n"
                        "                   [--budget SECONDS] [--json] [--table FILE]\n");
        return 2;
    }
    if (s.table != NULL)
        return run_table(&s);
    if (!s.json)
        printf("%-12s %s %s  %-10s %10s %10s %9s %10s\n", "workload", "typ", "th", "engine", "min ms", "median ms", "GFLOP/s", "plan ms");
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (wanted(&s, &built_in[i]))
            run_workload(&s, &built_in[i]);
    return 0;
}
