/* The plan: every engine, instruction set and thread count against the definition; bounds on real data. */
#include "operator/simd.h"
#include "testing.h"

#include <dirent.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tconv.h"
#include "testing_layer.h"

#define GUARD 16   /* elements behind an output that must stay as they are */

static void *run_plan(const struct layer *layer, const tconv_transpose_options *options, const void *bias)
{
    tconv_transpose *plan;
    tconv_error error = { .message = "" };
    size_t size = tconv_element_bytes(options->element), bytes = ((layer->y_count + GUARD) * size + 63) / 64 * 64;
    unsigned char *y = aligned_alloc(64, bytes);       /* rows of whole vectors may be stored past the cache */
    memset(y, 0x5a, bytes);
    tconv_status status = tconv_transpose_create(&plan, &layer->g, layer->w, bias, layer->n_in, options, &error);
    CHECK_MESSAGE(status == TCONV_OK, "%s: %s", error.message, layer_text(layer));
    if (status != TCONV_OK)
        return y;
    tconv_transpose_execute(plan, layer->batch, options->element == TCONV_F32 ? (void *)layer->x_f32 : (void *)layer->x, y);
    tconv_transpose_destroy(plan);
    bool kept = true;
    for (size_t i = layer->y_count * size; i < bytes; i++)
        kept = kept && y[i] == 0x5a;
    CHECK_MESSAGE(kept, "bytes behind the output were written: %s", layer_text(layer));
    return y;
}

static bool equals(const void *y, tconv_element element, const long double *want, size_t count)
{
    for (size_t j = 0; j < count; j++)
        if ((element == TCONV_F32 ? (long double)((const float *)y)[j] : (long double)((const double *)y)[j]) != want[j])
            return false;
    return true;
}

/* Integers up to 4 in size and at most 2^20 products: every partial sum is an integer below 2^24, exact in float. */
static void exactness(size_t ndim, size_t rounds)
{
    static const tconv_engine engines[] = { TCONV_ENGINE_DIRECT, TCONV_ENGINE_GEMM, TCONV_ENGINE_FAST_FIR, TCONV_ENGINE_DEFINITION };
    static const tconv_isa isas[] = { TCONV_ISA_PORTABLE, TCONV_ISA_AVX2, TCONV_ISA_AVX512 };
    for (size_t round = 0; round < rounds; round++) {
        struct layer layer;
        layer_random(&layer, ndim, ndim == 1 ? 700 : 1500);
        layer_fill_integers(&layer);
        bool bias = random_between(0, 1) == 0;
        for (size_t co = 0; co < layer.g.channels_out && !bias; co++)
            layer.b[co] = 0.0;
        long double *want = malloc(layer.y_count * sizeof *want);
        layer_by_definition(&layer, want, NULL);
        for (size_t e = 0; e < 4; e++)
            for (size_t i = 0; i < (e < 3 ? 3 : 1); i++) {
                tconv_transpose_options o = tconv_transpose_default_options();
                o.engine = engines[e];
                o.max_isa = isas[i];
                o.element = random_between(0, 2) == 0 ? TCONV_F64 : TCONV_F32;
                o.threads = random_between(0, 4) == 0 ? random_between(2, 4) : 1;
                o.share_from = 0.0;
                void *y = run_plan(&layer, &o, bias ? layer.b : NULL);
                CHECK_MESSAGE(equals(y, o.element, want, layer.y_count), "round %zu: %s %s %s %zu threads: %s", round,
                              tconv_engine_text(o.engine), tconv_isa_text(o.max_isa), tconv_element_text(o.element), o.threads,
                              layer_text(&layer));
                free(y);
            }
        free(want);
        layer_free(&layer);
    }
}

/* Outputs of 6 MiB and more are stored past the cache where they are aligned: rows of 64 bytes at a time here, with
 * k = 3s and p = s, which gives n_out = s n. */
static void exact_past_the_cache(void)
{
    static const tconv_engine engines[] = { TCONV_ENGINE_DIRECT, TCONV_ENGINE_GEMM, TCONV_ENGINE_FAST_FIR };
    static const size_t strides[] = { 2, 4, 3, 8, 5, 1, 7, 6, 16, 20 };
    for (size_t round = 0; round < test_rounds(20); round++) {
        size_t s = strides[round % 10], lines = 2 + round % 2, n = (((size_t)6 << 20) / (lines * 4 * s) + 64) / 16 * 16;
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0] = (tconv_axis){ s, 3 * s, 1, (int64_t)s, (int64_t)s, 0 };
        g.channels_in = g.channels_out = lines;
        struct layer layer;
        CHECK(layer_of(&layer, &g, &n, 1));
        layer_fill_integers(&layer);
        long double *want = malloc(layer.y_count * sizeof *want);
        layer_by_definition(&layer, want, NULL);
        for (size_t way = 0; way < 9; way++) {
            tconv_transpose_options o = { .element = round < 10 ? TCONV_F32 : TCONV_F64, .engine = engines[way % 3], .threads = 1 + round % 2,
                                          .max_isa = (tconv_isa)(way / 3 + 1) };
            void *y = run_plan(&layer, &o, layer.b);
            CHECK_MESSAGE(equals(y, o.element, want, layer.y_count), "%s %s %s: %s", tconv_engine_text(o.engine), tconv_isa_text(o.max_isa),
                          tconv_element_text(o.element), layer_text(&layer));
            free(y);
        }
        free(want);
        layer_free(&layer);
    }
}

static void exact_in_1d(void) { exactness(1, test_rounds(5000)); }
static void exact_in_2d(void) { exactness(2, test_rounds(4000)); }
static void exact_in_3d(void) { exactness(3, test_rounds(2000)); }

/* (K+2) u (|b| + sum|h||x|), K products and the bias in one sum (Higham 2002, section 3.1); the reference is long double. */
static void bounds(tconv_element element, size_t wanted)
{
    static const tconv_engine engines[] = { TCONV_ENGINE_DIRECT, TCONV_ENGINE_GEMM };
    long double u = element == TCONV_F32 ? FLT_EPSILON / 2 : DBL_EPSILON / 2;
    size_t compared = 0;
    for (size_t round = 0; compared < wanted; round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 20000);
        layer_fill_reals(&layer);
        long double *want = malloc(layer.y_count * sizeof *want);
        double *magnitude = malloc(layer.y_count * sizeof *magnitude);
        size_t terms = layer_by_definition(&layer, want, magnitude);
        for (size_t way = 0; way < 6; way++) {
            tconv_transpose_options o = { .element = element, .engine = engines[way % 2], .max_isa = (tconv_isa)(way / 2 + 1) };
            void *y = run_plan(&layer, &o, layer.b);
            bool close = true;
            for (size_t j = 0; j < layer.y_count; j++) {
                long double got = element == TCONV_F32 ? (long double)((float *)y)[j] : (long double)((double *)y)[j];
                close = close && fabsl(got - want[j]) <= (long double)(terms + 2) * u * magnitude[j];
            }
            compared += layer.y_count;
            CHECK_MESSAGE(close, "round %zu: %s %s: %s", round, tconv_engine_text(o.engine), tconv_isa_text(o.max_isa), layer_text(&layer));
            free(y);
        }
        free(want);
        free(magnitude);
        layer_free(&layer);
    }
}

static void floats_are_within_their_bound(void) { bounds(TCONV_F32, test_rounds(1000000)); }
static void doubles_are_within_their_bound(void) { bounds(TCONV_F64, test_rounds(1000000)); }

/* engine_fast_fir.c derives (K+8) u (|b| + sum|w||x|~). */
static void fast_fir_bounds(tconv_element element, size_t rounds)
{
    long double u = element == TCONV_F32 ? FLT_EPSILON / 2 : DBL_EPSILON / 2;
    for (size_t round = 0; round < rounds; round++) {
        struct layer layer, smooth;
        layer_random(&layer, round % 3 + 1, 20000);
        layer_fill_reals(&layer);
        layer_smooth(&layer, &smooth);
        long double *want = malloc(layer.y_count * sizeof *want), *unused = malloc(layer.y_count * sizeof *unused);
        double *magnitude = malloc(layer.y_count * sizeof *magnitude);
        size_t terms = layer_by_definition(&layer, want, NULL);
        (void)layer_by_definition(&smooth, unused, magnitude);
        for (int isa = TCONV_ISA_PORTABLE; isa <= TCONV_ISA_AVX512; isa++) {
            tconv_transpose_options o = { .element = element, .engine = TCONV_ENGINE_FAST_FIR, .max_isa = (tconv_isa)isa };
            void *y = run_plan(&layer, &o, layer.b);
            bool close = true;
            for (size_t j = 0; j < layer.y_count; j++) {
                long double got = element == TCONV_F32 ? (long double)((float *)y)[j] : (long double)((double *)y)[j];
                close = close && fabsl(got - want[j]) <= (long double)(terms + 8) * u * magnitude[j];
            }
            CHECK_MESSAGE(close, "round %zu: fast-fir %s: %s", round, tconv_isa_text(o.max_isa), layer_text(&layer));
            free(y);
        }
        free(want);
        free(unused);
        free(magnitude);
        layer_free(&layer);
        layer_free(&smooth);
    }
}

static void fast_fir_is_within_its_bound(void)
{
    fast_fir_bounds(TCONV_F32, test_rounds(300));
    fast_fir_bounds(TCONV_F64, test_rounds(300));
}

static void fast_fir_can_be_forbidden(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.channels_in = g.channels_out = 256;
    g.axis[0] = (tconv_axis){ .stride = 8, .n_taps = 16, .dilation = 1, .pad_begin = 4, .pad_end = 4 };
    size_t n_in = 1024;
    double *taps = calloc(256 * 256 * 16, sizeof *taps);
    tconv_transpose_options o = tconv_transpose_default_options();
    tconv_transpose *plan;
    tconv_error error;
    for (int forbidden = 0; forbidden < 2; forbidden++) {
        o.forbid_fast_fir = forbidden == 1;
        CHECK(tconv_transpose_create(&plan, &g, taps, NULL, &n_in, &o, &error) == TCONV_OK);
        CHECK((tconv_transpose_describe(plan).engine == TCONV_ENGINE_FAST_FIR) == (forbidden == 0));
        tconv_transpose_destroy(plan);
    }
    o.engine = TCONV_ENGINE_FAST_FIR;
    CHECK(tconv_transpose_create(&plan, &g, taps, NULL, &n_in, &o, &error) == TCONV_EARGUMENT && plan == NULL);
    free(taps);
}

/* Real data, several tiles, images and groups: whoever computes an output, its bits are the same. */
static void threads_change_no_bit(void)
{
    for (size_t round = 0; round < test_rounds(200); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 40000);
        layer_fill_reals(&layer);
        for (tconv_engine engine = TCONV_ENGINE_AUTO; engine <= TCONV_ENGINE_DEFINITION; engine++) {
            if (engine == TCONV_ENGINE_DEFINITION && layer.large > 2000)
                continue;
            tconv_transpose_options o = { .element = round % 2 == 0 ? TCONV_F32 : TCONV_F64, .engine = engine, .threads = 1 };
            void *one = run_plan(&layer, &o, layer.b);
            for (o.threads = 2; o.threads <= 8; o.threads *= 2) {
                void *many = run_plan(&layer, &o, layer.b);
                CHECK_MESSAGE(memcmp(one, many, layer.y_count * tconv_element_bytes(o.element)) == 0, "round %zu: %s %zu threads: %s",
                              round, tconv_engine_text(engine), o.threads, layer_text(&layer));
                free(many);
            }
            free(one);
        }
        layer_free(&layer);
    }
}

/* Small pictures of many channels: there are fewer panels than several threads need, so that they pack them together. In
 * the last one a row is longer than a task's columns. */
static void threads_pack_panels_together(void)
{
    static const size_t extents[][2] = { { 4, 4 }, { 1, 9 }, { 7, 2 }, { 8, 8 }, { 3, 300 } };
    for (size_t round = 0; round < 20; round++) {
        tconv_geometry g = tconv_geometry_default(2);
        g.groups = 1 + round / 10;
        g.channels_in = 70 * g.groups;
        g.channels_out = 24 * g.groups;
        g.axis[0] = (tconv_axis){ 2, 4, 1, 1, 1, 0 };
        g.axis[1] = (tconv_axis){ 1 + round / 5 % 2, 4, 1, 1, 0, 0 };
        struct layer layer;
        CHECK(layer_of(&layer, &g, extents[round % 5], 1 + round % 5 % 4));
        layer_fill_integers(&layer);
        long double *want = malloc(layer.y_count * sizeof *want);
        layer_by_definition(&layer, want, NULL);
        for (size_t way = 0; way < 8; way++) {
            tconv_transpose_options o = { .element = TCONV_F32, .threads = 1 + way / 2,
                                          .engine = way % 2 == 0 ? TCONV_ENGINE_FAST_FIR : TCONV_ENGINE_GEMM };
            void *y = run_plan(&layer, &o, layer.b);
            CHECK_MESSAGE(equals(y, o.element, want, layer.y_count), "%s %zu threads: %s", tconv_engine_text(o.engine), o.threads,
                          layer_text(&layer));
            free(y);
        }
        free(want);
        layer_free(&layer);
    }
}

static size_t threads_listed(void)
{
    size_t count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;)
        count += entry->d_name[0] != '.';
    if (tasks != NULL)
        (void)closedir(tasks);
    return count;
}

/* The threads of this process; 0 where the system does not tell. One that has been joined may be listed for a moment. */
static size_t threads_now(void)
{
    size_t before = threads_listed();
    for (;;) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
        size_t now = threads_listed();
        if (now == before)
            return now;
        before = now;
    }
}

/* A microsecond of work is done by the caller; a thread is started when there is more, and the bits stay. */
static void threads_are_started_when_they_pay(void)
{
    enum { BATCH = 500 };
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ 2, 4, 1, 1, 1, 0 };
    struct layer layer;
    CHECK(layer_of(&layer, &g, (size_t[]){ 64 }, BATCH));
    layer_fill_reals(&layer);
    tconv_transpose_options o = tconv_transpose_default_options();
    double *want = run_plan(&layer, &o, layer.b), *y = malloc(layer.y_count * sizeof *y);
    size_t before = threads_now();
    o.threads = 2;
    tconv_transpose *plan = NULL;
    CHECK(tconv_transpose_create(&plan, &g, layer.w, layer.b, layer.n_in, &o, NULL) == TCONV_OK);
    tconv_transpose_execute(plan, 1, layer.x, y);
    CHECK(threads_now() == before && memcmp(y, want, layer.large * sizeof *y) == 0);
    memset(y, 0, layer.y_count * sizeof *y);
    tconv_transpose_execute(plan, BATCH, layer.x, y);
    CHECK(threads_now() == (before == 0 ? 0 : before + 1) && memcmp(y, want, layer.y_count * sizeof *y) == 0);
    tconv_transpose_destroy(plan);
    CHECK(threads_now() == before);
    free(want);
    free(y);
    layer_free(&layer);
}

/* What several threads at once make of the same layer, each with plans of its own. */
#define AT_ONCE 8
#define PLANS 50
struct own_plan {
    const struct layer *layer;
    tconv_transpose_options options;
    double *y;
    tconv_status status;
};

static void *make_and_run_plans(void *argument)
{
    struct own_plan *own = argument;
    const struct layer *layer = own->layer;
    for (size_t i = 0; i < PLANS && own->status == TCONV_OK; i++) {
        tconv_transpose *plan = NULL;
        own->status = tconv_transpose_create(&plan, &layer->g, layer->w, layer->b, layer->n_in, &own->options, NULL);
        if (own->status == TCONV_OK)
            tconv_transpose_execute(plan, layer->batch, layer->x, own->y);
        tconv_transpose_destroy(plan);
    }
    return NULL;
}

static void plans_are_made_and_run_at_once(void)
{
    for (size_t round = 0; round < test_rounds(60); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 1000);
        layer_fill_reals(&layer);
        tconv_transpose_options o = { .element = TCONV_F64, .threads = round % 2 + 1,
                                      .engine = round % 2 == 0 ? TCONV_ENGINE_FFT : TCONV_ENGINE_AUTO };
        double *alone = run_plan(&layer, &o, layer.b);
        struct own_plan own[AT_ONCE];
        pthread_t thread[AT_ONCE];
        bool started[AT_ONCE];
        for (size_t i = 0; i < AT_ONCE; i++) {
            own[i] = (struct own_plan){ .layer = &layer, .options = o, .y = malloc(layer.y_count * sizeof(double)) };
            started[i] = pthread_create(&thread[i], NULL, make_and_run_plans, &own[i]) == 0;
            CHECK(started[i]);
        }
        for (size_t i = 0; i < AT_ONCE; i++) {
            if (started[i]) {
                CHECK(pthread_join(thread[i], NULL) == 0 && own[i].status == TCONV_OK);
                CHECK_MESSAGE(memcmp(alone, own[i].y, layer.y_count * sizeof(double)) == 0, "round %zu: %s", round, layer_text(&layer));
            }
            free(own[i].y);
        }
        free(alone);
        layer_free(&layer);
    }
}

/* The sums of integers are integers, and the error of these short transforms is far below 1/2. */
static void fft_rounds_to_the_integers_of_the_definition(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, round % 3 == 0 ? 2000 : 300);
        layer_fill_integers(&layer);
        long double *want = malloc(layer.y_count * sizeof *want);
        layer_by_definition(&layer, want, NULL);
        tconv_transpose_options o = { .element = round % 2 == 0 ? TCONV_F32 : TCONV_F64, .engine = TCONV_ENGINE_FFT };
        void *y = run_plan(&layer, &o, layer.b);
        bool same = true;
        for (size_t j = 0; j < layer.y_count; j++)
            same = same && rintl(o.element == TCONV_F32 ? (long double)((float *)y)[j] : (long double)((double *)y)[j]) == want[j];
        CHECK_MESSAGE(same, "round %zu: %s: %s", round, tconv_element_text(o.element), layer_text(&layer));
        free(y);
        free(want);
        layer_free(&layer);
    }
}

/* reliability: an FFT convolution is within 1.5 u sqrt(log2 n) of the exact one in the norm, white signals and taps; n is
 * taken as the length of the whole output, the bar of one long transform, and blocks are shorter. */
static void fft_is_within_its_bound_in_the_norm(void)
{
    for (size_t round = 0; round < test_rounds(40); round++) {
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0] = (tconv_axis){ .stride = random_between(1, 5), .n_taps = random_between(64, 1500), .dilation = 1 };
        struct layer layer;
        CHECK(layer_of(&layer, &g, (size_t[]){ random_between(1000, 6000) }, 1));
        layer_fill_reals(&layer);
        layer.b[0] = 0.0;
        long double *want = malloc(layer.y_count * sizeof *want);
        layer_by_definition(&layer, want, NULL);
        for (int single = 0; single < 2; single++) {
            tconv_transpose_options o = { .element = single ? TCONV_F32 : TCONV_F64, .engine = TCONV_ENGINE_FFT };
            void *y = run_plan(&layer, &o, NULL);
            long double error = 0.0L, norm = 0.0L;
            for (size_t j = 0; j < layer.y_count; j++) {
                long double difference = (single ? (long double)((float *)y)[j] : (long double)((double *)y)[j]) - want[j];
                error += difference * difference;
                norm += want[j] * want[j];
            }
            double u = single ? FLT_EPSILON / 2 : DBL_EPSILON / 2;
            CHECK_CLOSE("relative error in u", round, (double)sqrtl(error / norm) / u, 0.0, 1.5 * sqrt(log2((double)layer.y_count)));
            free(y);
        }
        free(want);
        layer_free(&layer);
    }
}

/* Raise the budget until the plan can be made: before that every allocation has failed once, cleanly. */
static void every_allocation_may_fail(void)
{
    size_t refused = 0, before = tconv_memory_in_use();
    struct layer layer;
    tconv_geometry g = tconv_geometry_default(2);
    g.channels_in = 3;
    g.channels_out = 2;
    g.axis[0] = (tconv_axis){ 2, 3, 1, 1, 0, 0 };
    g.axis[1] = (tconv_axis){ 9, 11, 2, 0, 1, 1 };
    CHECK(layer_of(&layer, &g, (size_t[]){ 4, 5 }, 1));
    layer_fill_integers(&layer);
    for (tconv_engine engine = TCONV_ENGINE_AUTO; engine <= TCONV_ENGINE_DEFINITION; engine++)
        for (size_t threads = 1; threads <= 2; threads++) {
            size_t last = SIZE_MAX;
            for (size_t budget = 16384;; budget += 96) {
                tconv_transpose *plan;
                tconv_error error = { .message = "" };
                tconv_transpose_options o = { .element = TCONV_F32, .engine = engine, .threads = threads };
                tconv_memory_set_budget(before + budget);
                tconv_status status = tconv_transpose_create(&plan, &g, layer.w, NULL, layer.n_in, &o, &error);
                last = tconv_memory_in_use();
                tconv_transpose_destroy(plan);
                if (tconv_memory_in_use() != before) {
                    CHECK_MESSAGE(false, "%s leaks at %zu bytes", tconv_engine_text(engine), budget);
                    break;
                }
                if (status == TCONV_OK)
                    break;
                refused++;
                if (status != TCONV_EBUDGET || plan != NULL || error.message[0] == '\0' || last != before) {
                    CHECK_MESSAGE(false, "%s at %zu bytes: %s", tconv_engine_text(engine), budget, tconv_status_name(status));
                    break;
                }
            }
            tconv_memory_set_budget(0);
            CHECK(last > before);
        }
    CHECK_MESSAGE(refused > 100, "%zu refusals", refused);
    layer_free(&layer);
}

static void impossible_requests_are_refused_in_words(void)
{
    static const struct { const char *message; size_t n_in; int64_t pad; size_t groups; int element, engine, isa; } cases[] = {
        { "an input of 2 samples gives an output of -3; the padding crops everything", 2, 4, 1, TCONV_F32, 0, 0 },
        { "the input size is 0; at least 1 is allowed", 0, 0, 1, TCONV_F32, 0, 0 },
        { "3 groups do not divide 1 input and 1 output channels", 4, 0, 3, TCONV_F32, 0, 0 },
        { "a plan of element type i8 is not possible; f32 and f64 are allowed", 4, 0, 1, TCONV_I8, 0, 0 },
        { "engine number 17 is unknown; 0 to 5 are allowed", 4, 0, 1, TCONV_F32, 17, 0 },
        { "instruction set number 9 is unknown; 0 to 3 are allowed", 4, 0, 1, TCONV_F32, 0, 9 },
        { "an array of the layer has too many elements to be represented", (size_t)1 << 61, 0, 1, TCONV_F32, 0, 0 },
        { "input and output hold 3000002 elements of 4 bytes; the memory budget is 8000000 bytes", 1000000, 0, 1, TCONV_F32, 0, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0] = (tconv_axis){ 2, 4, 1, cases[i].pad, i == 0 ? 5 : 0, 0 };
        g.groups = cases[i].groups;
        tconv_transpose_options o = { (tconv_element)cases[i].element, (tconv_engine)cases[i].engine, 1, (tconv_isa)cases[i].isa, false, 0.0 };
        tconv_transpose *plan;
        tconv_error error = { .message = "" };
        tconv_memory_set_budget(i == 7 ? 8000000 : 0);
        tconv_status status = tconv_transpose_create(&plan, &g, (double[]){ 1, 2, 3, 4 }, NULL, &cases[i].n_in, &o, &error);
        tconv_memory_set_budget(0);
        CHECK(status != TCONV_OK && plan == NULL);
        CHECK_TEXT(error.message, cases[i].message);
        tconv_transpose_destroy(plan);
    }
    tconv_engine engine = TCONV_ENGINE_AUTO;
    CHECK(tconv_engine_of_text("gemm", &engine) && engine == TCONV_ENGINE_GEMM && !tconv_engine_of_text("blas", &engine));
    CHECK_TEXT(tconv_engine_text((tconv_engine)77), "unknown");
    CHECK_TEXT(tconv_isa_text(TCONV_ISA_AVX2), "avx2");
}

/* The table of a set is that set's, with vectors as long as it has. */
static void every_set_has_its_own_loops(void)
{
    static const size_t bytes[] = { 0, 16, 32, 64 };
    for (int isa = TCONV_ISA_PORTABLE; isa <= TCONV_ISA_AVX512; isa++) {
        tconv_isa there = tconv_isa_best((tconv_isa)isa);
        for (size_t e = 0; e < 2; e++) {
            tconv_element element = e == 0 ? TCONV_F32 : TCONV_F64;
            const tconv_simd *simd = tconv_simd_of(there, element);
            CHECK(simd->isa == there && simd->lanes * tconv_element_bytes(element) == bytes[there]);
        }
    }
}

/* K/s products per output: k = 5, s = 2, 3 inputs: y has 9 outputs and every product x[i] w[r] reaches one of them. */
static void a_plan_describes_itself(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ 2, 5, 1, 0, 0, 0 };
    tconv_transpose *plan;
    CHECK(tconv_transpose_create(&plan, &g, (double[]){ 1, 2, 3, 4, 5 }, NULL, (size_t[]){ 3 }, NULL, NULL) == TCONV_OK);
    tconv_transpose_info info = tconv_transpose_describe(plan);
    CHECK(info.element == TCONV_F64 && info.n_out[0] == 9 && info.products == 15.0 && info.threads == 1);
    CHECK(info.engine != TCONV_ENGINE_AUTO && info.isa == tconv_isa_best(TCONV_ISA_ANY) && info.isa != TCONV_ISA_ANY);
    tconv_transpose_destroy(plan);
}

const struct test_suite suite = { "transpose", {
    { "integers are exact on every engine, set and thread count in 1-D", exact_in_1d },
    { "integers are exact on every engine, set and thread count in 2-D", exact_in_2d },
    { "integers are exact on every engine, set and thread count in 3-D", exact_in_3d },
    { "integers are exact in outputs that are stored past the cache", exact_past_the_cache },
    { "floats are within (K+2) u of the exact sum", floats_are_within_their_bound },
    { "fast FIR is within the bound that is derived for it", fast_fir_is_within_its_bound },
    { "fast FIR can be forbidden", fast_fir_can_be_forbidden },
    { "doubles are within (K+2) u of the exact sum", doubles_are_within_their_bound },
    { "threads change no bit", threads_change_no_bit },
    { "threads pack the panels of small pictures together", threads_pack_panels_together },
    { "threads are started when they pay", threads_are_started_when_they_pay },
    { "plans are made and run at once", plans_are_made_and_run_at_once },
    { "fft rounds to the integers of the definition", fft_rounds_to_the_integers_of_the_definition },
    { "fft is within its bound in the norm", fft_is_within_its_bound_in_the_norm },
    { "every allocation may fail", every_allocation_may_fail },
    { "impossible requests are refused in words", impossible_requests_are_refused_in_words },
    { "every set has its own loops", every_set_has_its_own_loops },
    { "a plan describes itself", a_plan_describes_itself },
    { NULL, NULL } } };
