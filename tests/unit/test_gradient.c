/* Gradients: against central differences of a quadratic loss, and the bias and input parts by their definitions. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

/* L(w, b, x) = sum_j gy[j] y[j]: linear in each argument, so dL/dw[r] = (L(w + e_r) - L(w - e_r))/2 up to rounding. */
static long double loss(const struct layer *layer, const double *gy, double *y)
{
    CHECK(tconv_zero_insert_layer_f64(&layer->g, layer->w, layer->b, layer->n_in, layer->batch, layer->x, y, NULL) == TCONV_OK);
    long double sum = 0.0L;
    for (size_t j = 0; j < layer->y_count; j++)
        sum += (long double)gy[j] * y[j];
    return sum;
}

static void check_differences(struct layer *layer, const double *gy, double *y, double *variable, const double *gradient,
                              size_t count, double scale, const char *name)
{
    for (size_t trial = 0; trial < 4; trial++) {
        size_t at = random_between(0, count - 1);
        double kept = variable[at];
        variable[at] = kept + 0.5;
        long double above = loss(layer, gy, y);
        variable[at] = kept - 0.5;
        long double below = loss(layer, gy, y);
        variable[at] = kept;
        CHECK_CLOSE(name, at, gradient[at], (double)(above - below), scale);
    }
}

static void gradients_are_central_differences(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 300);
        layer_fill_reals(&layer);
        double *gy = malloc(layer.y_count * sizeof *gy), *y = malloc(layer.y_count * sizeof *y);
        double *gw = malloc(layer.w_count * sizeof *gw), *gx = malloc(layer.x_count * sizeof *gx), gb[64];
        random_taps(gy, layer.y_count);
        CHECK(tconv_gradient_f64(&layer.g, layer.w, layer.n_in, layer.batch, layer.x, gy, gw, gb, gx, NULL) == TCONV_OK);
        /* all terms are at most 1.5 in size: the loss sums at most y_count * (terms + 1) of them, twice */
        double terms = (double)(tconv_geometry_taps(&layer.g) * layer.g.channels_in + 2);
        double scale = 4.0 * DBL_EPSILON * terms * terms * (double)layer.y_count;
        check_differences(&layer, gy, y, layer.w, gw, layer.w_count, scale, "taps");
        check_differences(&layer, gy, y, layer.x, gx, layer.x_count, scale, "input");
        check_differences(&layer, gy, y, layer.b, gb, layer.g.channels_out, scale, "bias");
        free(gy);
        free(y);
        free(gw);
        free(gx);
        layer_free(&layer);
    }
}

static void float_and_double_agree_on_integers(void)
{
    for (size_t round = 0; round < test_rounds(300); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 300);
        layer_fill_integers(&layer);
        double *gy = malloc(layer.y_count * sizeof *gy), *gw = malloc(layer.w_count * sizeof *gw), *gx = malloc(layer.x_count * sizeof *gx), gb[64];
        float *gy_f32 = malloc(layer.y_count * sizeof *gy_f32), *gw_f32 = malloc(layer.w_count * sizeof *gw_f32);
        float *gx_f32 = malloc(layer.x_count * sizeof *gx_f32), gb_f32[64];
        for (size_t j = 0; j < layer.y_count; j++)
            gy_f32[j] = (float)(gy[j] = random_small_integer(4));
        CHECK(tconv_gradient_f64(&layer.g, layer.w, layer.n_in, layer.batch, layer.x, gy, gw, gb, gx, NULL) == TCONV_OK);
        CHECK(tconv_gradient_f32(&layer.g, layer.w_f32, layer.n_in, layer.batch, layer.x_f32, gy_f32, gw_f32, gb_f32, gx_f32, NULL) == TCONV_OK);
        bool same = true;
        for (size_t i = 0; i < layer.w_count; i++)
            same = same && gw[i] == (double)gw_f32[i];
        for (size_t i = 0; i < layer.x_count; i++)
            same = same && gx[i] == (double)gx_f32[i];
        for (size_t i = 0; i < layer.g.channels_out; i++)
            same = same && gb[i] == (double)gb_f32[i];
        CHECK_MESSAGE(same, "round %zu: %s", round, layer_text(&layer));
        free(gy);
        free(gw);
        free(gx);
        free(gy_f32);
        free(gw_f32);
        free(gx_f32);
        layer_free(&layer);
    }
}

static void missing_arguments_are_refused_in_words(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    double one = 1.0, out;
    tconv_error error;
    CHECK(tconv_gradient_f64(&g, NULL, (size_t[]){ 1 }, 1, NULL, &one, &out, NULL, NULL, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a gradient of the taps needs the input, one of the input needs the taps");
    CHECK(tconv_gradient_f64(&g, NULL, (size_t[]){ 1 }, 1, NULL, &one, NULL, NULL, &out, &error) == TCONV_EARGUMENT);
    CHECK(tconv_gradient_f64(&g, NULL, (size_t[]){ 1 }, 1, NULL, &one, NULL, &out, NULL, NULL) == TCONV_OK && out == 1.0);
}

const struct test_suite suite = { "gradient", {
    { "gradients are central differences of a loss", gradients_are_central_differences },
    { "float and double agree on integers", float_and_double_agree_on_integers },
    { "missing arguments are refused in words", missing_arguments_are_refused_in_words },
    { NULL, NULL } } };
