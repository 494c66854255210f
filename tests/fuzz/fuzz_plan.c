/* fuzz_plan.c - any geometry from bytes: a plan is refused, or every engine gives the definition's bits on integers. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "tconv.h"

static const uint8_t *bytes;
static size_t left;

static size_t take(size_t most)   /* 0..most; 0 when the bytes have run out */
{
    if (left == 0)
        return 0;
    left--;
    return *bytes++ % (most + 1);
}

/* Mostly small figures, at times one of the far end of its range. */
static size_t figure(size_t most, size_t huge)
{
    size_t value = take(255);
    return value == 255 ? huge : value % (most + 1);
}

static tconv_geometry take_geometry(size_t *n_in)
{
    tconv_geometry g = tconv_geometry_default(1 + take(2));
    g.groups = 1 + take(2);
    g.channels_in = g.groups * (1 + take(3)) + (take(63) == 63);
    g.channels_out = g.groups * (1 + take(3));
    for (size_t i = 0; i < g.ndim; i++) {
        tconv_axis *a = &g.axis[i];
        a->stride = figure(12, TCONV_MAX_STRIDE + take(1));
        a->n_taps = figure(20, TCONV_MAX_TAPS + take(1));
        a->dilation = figure(5, TCONV_MAX_TAPS);
        a->pad_begin = (int64_t)figure(24, (size_t)TCONV_MAX_PADDING) - 4;
        a->pad_end = (int64_t)figure(24, (size_t)TCONV_MAX_PADDING) - 4;
        a->output_padding = figure(6, SIZE_MAX);
        n_in[i] = figure(12, SIZE_MAX / 2);
    }
    return g;
}

static void fill(double *values, size_t count, size_t seed)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (double)((i * 7 + seed) % 9) - 4.0;
}

static void compare(const tconv_geometry *g, const size_t *n_in, size_t inputs, size_t outputs)
{
    size_t weights = g->channels_in * (g->channels_out / g->groups) * tconv_geometry_taps(g);
    double *x = malloc(inputs * sizeof *x), *w = malloc(weights * sizeof *w), *b = malloc(g->channels_out * sizeof *b);
    double *want = malloc(outputs * sizeof *want), *y = malloc(outputs * sizeof *y);
    FUZZ_CHECK(x != NULL && w != NULL && b != NULL && want != NULL && y != NULL);
    fill(x, inputs, 1);
    fill(w, weights, 5);
    fill(b, g->channels_out, 2);
    if (tconv_zero_insert_layer_f64(g, w, b, n_in, 1, x, want, NULL) == TCONV_OK)
        for (tconv_engine engine = TCONV_ENGINE_DIRECT; engine <= TCONV_ENGINE_FAST_FIR; engine++)
            for (tconv_isa isa = TCONV_ISA_PORTABLE; isa <= TCONV_ISA_AVX512; isa++) {
                tconv_transpose_options o = { TCONV_F64, engine, 1, isa, false, 0.0 };
                tconv_transpose *plan;
                if (tconv_transpose_create(&plan, g, w, b, n_in, &o, NULL) != TCONV_OK)
                    continue;
                tconv_transpose_execute(plan, 1, x, y);
                tconv_transpose_destroy(plan);
                for (size_t j = 0; j < outputs; j++)
                    FUZZ_CHECK(y[j] == want[j]);
            }
    free(x);
    free(w);
    free(b);
    free(want);
    free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n_in[TCONV_MAX_NDIM], inputs, outputs, work = 1;
    bytes = data;
    left = size;
    tconv_memory_set_budget(FUZZ_BUDGET);
    tconv_geometry g = take_geometry(n_in);
    tconv_error error = { .message = "" };
    tconv_status status = tconv_geometry_check(&g, &error);
    inputs = g.channels_in;
    outputs = g.channels_out;
    for (size_t i = 0; i < g.ndim && status == TCONV_OK; i++) {
        size_t n_out;
        status = tconv_axis_output_size(&g.axis[i], n_in[i], &n_out, &error);
        if (status == TCONV_OK && (!tconv_size_mul(inputs, n_in[i], &inputs) || !tconv_size_mul(outputs, n_out, &outputs)
                                   || !tconv_size_mul(work, g.axis[i].n_taps, &work)))
            status = TCONV_ESIZE;
    }
    if (status != TCONV_OK) {
        tconv_transpose *plan;                 /* the plan refuses what the geometry refuses, without reading the taps */
        FUZZ_CHECK(tconv_transpose_create(&plan, &g, NULL, NULL, n_in, NULL, &error) != TCONV_OK);
        FUZZ_CHECK(plan == NULL && error.message[0] != '\0');
        return 0;
    }
    if (inputs <= 20000 && outputs <= 20000 && tconv_size_mul(work, outputs * g.channels_in, &work) && work <= 400000)
        compare(&g, n_in, inputs, outputs);
    FUZZ_CHECK(tconv_memory_in_use() == 0);
    return 0;
}
