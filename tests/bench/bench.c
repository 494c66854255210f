#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct bench_layer bench_layers[] = {
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
    LINE("O-row-k4", "O", "f32,f64", 1, 1, 1, 1024, 1, 4, 1, 2, 0, 1, 0, 0),
    LINE("O-row-k64", "O", "f32,f64", 1, 1, 1, 16384, 1, 64, 1, 4, 0, 30, 0, 0),
    LINE("O-plane", "O", "f32", 1, 1, 64, 64, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("O-vocoder", "O", "f32", 32, 16, 1, 256, 1, 4, 1, 2, 0, 1, 0, 0),
    LINE("O-image", "O", "f32", 16, 8, 32, 32, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("O-rgb", "O", "f32", 32, 3, 32, 32, 4, 4, 2, 2, 1, 1, 0, 0),
    LINE("O-deep", "O", "f32", 64, 64, 8, 8, 3, 3, 2, 2, 1, 1, 1, 1),
    LINE("T-1d", "T", "f32,f64", 3, 5, 1, 17, 1, 7, 1, 3, 0, 2, 0, 1),
    LINE("T-2d", "T", "f32,f64", 3, 4, 5, 6, 4, 5, 2, 3, 1, 2, 1, 0),
    LINE("T-gap", "T", "f32,f64", 2, 3, 4, 5, 2, 1, 3, 2, 0, 0, 1, 1),
    LINE("T-row", "T", "f32,f64", 1, 1, 1, 1000, 1, 13, 1, 4, 0, 0, 0, 0),
    LINE("T-short", "T", "f32,f64", 1, 1, 1, 1000, 1, 3, 1, 5, 0, 0, 0, 0),
    LINE("T-plane", "T", "f32,f64", 1, 1, 31, 37, 5, 6, 3, 4, 1, 2, 0, 1),
};
const size_t bench_n_layers = sizeof bench_layers / sizeof *bench_layers;

double bench_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A multiplicative hash, the same in every program that is compared. */
float bench_value(uint32_t i, uint32_t seed)
{
    uint32_t v = (i + seed) * UINT32_C(2654435761);
    v ^= v >> 15;
    v *= UINT32_C(2246822519);
    v ^= v >> 13;
    return (float)(v >> 8) * (1.0f / 16777216.0f) - 0.5f;
}

void *bench_room(size_t bytes)
{
    size_t whole = (bytes + 127) / 64 * 64;
    void *block = aligned_alloc(64, whole);
    if (block == NULL) {
        fprintf(stderr, "bench: out of memory\n");
        exit(4);
    }
    memset(block, 0, whole);
    return block;
}

float *bench_floats(size_t count, uint32_t seed)
{
    float *x = bench_room(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = bench_value((uint32_t)i, seed);
    return x;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct bench_times bench_measure(void (*step)(void *), void *context, double budget)
{
    enum { MOST = 400 };
    double times[MOST];
    int runs = 0;
    step(context);
    double begin = bench_now(), last;
    do {
        double start = bench_now();
        step(context);
        last = bench_now() - start;
        times[runs++] = last;
    } while (runs < MOST && last < 1.0 && (runs < 3 || bench_now() - begin < budget));
    qsort(times, (size_t)runs, sizeof *times, compare_doubles);
    return (struct bench_times){ .least = times[0], .median = times[runs / 2], .runs = runs };
}

size_t bench_outputs(int n, int s, int k, int p, int op)
{
    return (size_t)(s * (n - 1) + k - 2 * p + op);
}

static double axis_products(int n, int s, int k, int p, int op)
{
    long outputs = (long)bench_outputs(n, s, k, p, op);
    double count = 0.0;
    for (long i = 0; i < n; i++)                        /* input i and tap t meet in output s*i + t - p */
        for (long t = 0; t < k; t++)
            count += s * i + t - p >= 0 && s * i + t - p < outputs;
    return count;
}

double bench_products(const struct bench_layer *w)
{
    return (double)w->n * w->cin * w->cout * axis_products(w->h, w->sh, w->kh, w->ph, w->oph)
         * axis_products(w->w, w->sw, w->kw, w->pw, w->opw);
}

size_t bench_summed(const struct bench_layer *w, size_t outputs)
{
    size_t streamed = (size_t)w->w * (size_t)w->sw;
    return w->set[0] == 'A' && streamed < outputs ? streamed : outputs;
}

void bench_print(const char *peer, const char *id, const char *type, size_t threads, const struct bench_times *t,
                 const void *y, size_t count, const char *note, const char *more)
{
    double ck = 0.0, n2 = 0.0;
    for (size_t i = 0; y != NULL && i < count; i++) {
        double v = strcmp(type, "f32") == 0 ? (double)((const float *)y)[i] : ((const double *)y)[i];
        ck += v * (double)bench_value((uint32_t)i, BENCH_CHECK);
        n2 += v * v;
    }
    printf("{\"peer\":\"%s\",\"wl\":\"%s\",\"dt\":\"%s\",\"th\":%zu,\"min\":%.9g,\"med\":%.9g,\"n\":%d,", peer, id, type, threads,
           t->least, t->median, t->runs);
    if (y != NULL)
        printf("\"ck\":%.12g,\"n2\":%.12g,", ck, n2);
    printf("%s\"note\":\"%s\"}\n", more, note);
    (void)fflush(stdout);
}

struct bench_options bench_read_options(int argc, char **argv)
{
    struct bench_options o = { .threads = 1, .budget = 0.2, .table = "", .sets = "", .only = "" };
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(name, "--threads") == 0)
            o.threads = strtoul(value, NULL, 10);
        else if (strcmp(name, "--budget") == 0)
            o.budget = strtod(value, NULL);
        else if (strcmp(name, "--table") == 0)
            o.table = value;
        else if (strcmp(name, "--sets") == 0)
            o.sets = value;
        else if (strcmp(name, "--only") == 0)
            o.only = value;
        else {
            fprintf(stderr, "usage: %s --threads N --budget SECONDS --table FILE --sets LETTERS [--only TEXT]\n", argv[0]);
            exit(2);
        }
    }
    return o;
}

bool bench_wanted(const struct bench_options *o, const struct bench_layer *w)
{
    return (o->sets[0] == '\0' ? w->set[0] != 'T' : strstr(o->sets, w->set) != NULL)
        && (o->only[0] == '\0' || strstr(w->id, o->only) != NULL);
}

void bench_run_table(const struct bench_options *o, void (*run)(const struct bench_options *, const struct bench_layer *))
{
    FILE *file = fopen(o->table, "r");
    char line[512];
    if (file == NULL) {
        fprintf(stderr, "bench: %s: cannot be read\n", o->table);
        exit(3);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        struct bench_layer w;
        if (line[0] != '#' && sscanf(line, "%39s %3s %d %d %d %d %d %d %d %d %d %d %d %d %d %15s", w.id, w.set, &w.n, &w.cin, &w.cout,
                                     &w.h, &w.w, &w.kh, &w.kw, &w.sh, &w.sw, &w.ph, &w.pw, &w.oph, &w.opw, w.types) == 16
            && bench_wanted(o, &w))
            run(o, &w);
    }
    (void)fclose(file);
}
