/* The plan: every engine, instruction set and thread count against the definition; bounds on real data. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

#define GUARD 16   /* elements behind an output that must stay as they are */

static void *run_plan(const struct layer *layer, const tconv_transpose_options *options, const void *bias)
{
    tconv_transpose *plan;
    tconv_error error = { .message = "" };
    size_t size = tconv_element_bytes(options->element), bytes = (layer->y_count + GUARD) * size;
    unsigned char *y = malloc(bytes);
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
    static const tconv_engine engines[] = { TCONV_ENGINE_DIRECT, TCONV_ENGINE_GEMM, TCONV_ENGINE_DEFINITION };
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
        for (size_t e = 0; e < 3; e++)
            for (size_t i = 0; i < (e < 2 ? 3 : 1); i++) {
                tconv_transpose_options o = tconv_transpose_default_options();
                o.engine = engines[e];
                o.max_isa = isas[i];
                o.element = random_between(0, 2) == 0 ? TCONV_F64 : TCONV_F32;
                o.threads = random_between(0, 4) == 0 ? random_between(2, 4) : 1;
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

static void exact_in_1d(void) { exactness(1, test_rounds(5000)); }
static void exact_in_2d(void) { exactness(2, test_rounds(4000)); }
static void exact_in_3d(void) { exactness(3, test_rounds(2000)); }

const struct test_suite suite = { "transpose", {
    { "integers are exact on every engine, set and thread count in 1-D", exact_in_1d },
    { "integers are exact on every engine, set and thread count in 2-D", exact_in_2d },
    { "integers are exact on every engine, set and thread count in 3-D", exact_in_3d },
    { NULL, NULL } } };
