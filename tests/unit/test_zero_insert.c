/* The textbook two steps against the scattered sum of the definition: bit for bit on integers, bounded on reals. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

static void samples_go_to_every_sth_place(void)
{
    const double x[] = { 1.0, 2.0, 3.0 }, want[] = { 1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 3.0 };
    double xu[7];
    CHECK(tconv_zero_insert_size(3, 3) == 7 && tconv_zero_insert_size(5, 1) == 1);
    tconv_zero_insert_f64(1, (size_t[]){ 3 }, (size_t[]){ 3 }, x, xu);
    CHECK_SAME(xu, want, sizeof want);
    const float plane[] = { 1.0f, 2.0f, 3.0f, 4.0f }, spread[] = { 1, 0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 4 };
    float got[12];
    tconv_zero_insert_f32(2, (size_t[]){ 3, 2 }, (size_t[]){ 2, 2 }, plane, got);
    CHECK_SAME(got, spread, sizeof spread);
}

static void integers_give_the_bits_of_the_definition(void)
{
    for (size_t round = 0; round < test_rounds(3000); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 800);
        layer_fill_integers(&layer);
        long double *want = malloc(layer.y_count * sizeof *want);
        double *y = malloc(layer.y_count * sizeof *y);
        float *y_f32 = malloc(layer.y_count * sizeof *y_f32);
        layer_by_definition(&layer, want, NULL);
        bool bias = round % 2 == 0;
        CHECK(tconv_zero_insert_layer_f64(&layer.g, layer.w, bias ? layer.b : NULL, layer.n_in, layer.batch, layer.x, y, NULL) == TCONV_OK);
        CHECK(tconv_zero_insert_layer_f32(&layer.g, layer.w_f32, bias ? layer.b_f32 : NULL, layer.n_in, layer.batch,
                                          layer.x_f32, y_f32, NULL) == TCONV_OK);
        bool same = true;
        for (size_t j = 0; j < layer.y_count; j++) {
            long double expected = want[j] - (bias ? 0.0L : layer.b[j / layer.large % layer.g.channels_out]);
            same = same && (long double)y[j] == expected && (long double)y_f32[j] == expected;
        }
        CHECK_MESSAGE(same, "round %zu: %s", round, layer_text(&layer));
        free(want);
        free(y);
        free(y_f32);
        layer_free(&layer);
    }
}

/* K products and the bias, summed one after the other: (K+2) u sum|h||x| holds with room (Higham 2002, 3.1: K+1). */
static void reals_are_within_the_rounding_of_a_sum(void)
{
    size_t compared = 0;
    for (size_t round = 0; round < test_rounds(300); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 3000);
        layer_fill_reals(&layer);
        long double *want = malloc(layer.y_count * sizeof *want);
        double *magnitude = malloc(layer.y_count * sizeof *magnitude), *y = malloc(layer.y_count * sizeof *y);
        size_t terms = layer_by_definition(&layer, want, magnitude);
        CHECK(tconv_zero_insert_layer_f64(&layer.g, layer.w, layer.b, layer.n_in, layer.batch, layer.x, y, NULL) == TCONV_OK);
        bool close = true;
        for (size_t j = 0; j < layer.y_count; j++, compared++)
            close = close && fabsl(y[j] - want[j]) <= (long double)(terms + 2) * (DBL_EPSILON / 2) * magnitude[j];
        CHECK_MESSAGE(close, "round %zu: %s", round, layer_text(&layer));
        free(want);
        free(magnitude);
        free(y);
        layer_free(&layer);
    }
    CHECK(compared > test_rounds(300) * 100);
}

static void impossible_sizes_are_refused_in_words(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    double one = 1.0, y[4];
    tconv_error error;
    g.axis[0].pad_begin = 3;
    CHECK(tconv_zero_insert_layer_f64(&g, &one, NULL, (size_t[]){ 2 }, 1, &one, y, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "an input of 2 samples gives an output of -1; the padding crops everything");
    g = tconv_geometry_default(1);
    CHECK(tconv_zero_insert_layer_f64(&g, &one, NULL, (size_t[]){ (size_t)1 << 62 }, 1, &one, y, &error) == TCONV_ESIZE);
    CHECK_TEXT(error.message, "an array of the layer has too many elements to be represented");
}

const struct test_suite suite = { "zero_insert", {
    { "samples go to every s-th place, zeros between them", samples_go_to_every_sth_place },
    { "integers give the bits of the definition", integers_give_the_bits_of_the_definition },
    { "reals are within the rounding of one sum", reals_are_within_the_rounding_of_a_sum },
    { "impossible sizes are refused in words", impossible_sizes_are_refused_in_words },
    { NULL, NULL } } };
