/* The forward strided correlation: against the explicit matrix, the adjoint identity, sizes. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

static void integers_give_the_bits_of_the_matrix(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 400);
        layer_fill_integers(&layer);
        size_t z_count = layer.g.channels_out * layer.large, x_count = layer.g.channels_in * layer.small;
        double *z = malloc(layer.batch * z_count * sizeof *z), *got = malloc(layer.batch * x_count * sizeof *got);
        double *want = malloc(x_count * sizeof *want);
        float *z_f32 = malloc(layer.batch * z_count * sizeof *z_f32), *got_f32 = malloc(layer.batch * x_count * sizeof *got_f32);
        for (size_t j = 0; j < layer.batch * z_count; j++)
            z_f32[j] = (float)(z[j] = random_small_integer(4));
        CHECK(tconv_convolve_f64(&layer.g, layer.w, layer.n_out, layer.n_in, layer.batch, z, got, NULL) == TCONV_OK);
        CHECK(tconv_convolve_f32(&layer.g, layer.w_f32, layer.n_out, layer.n_in, layer.batch, z_f32, got_f32, NULL) == TCONV_OK);
        tconv_matrix *c;
        CHECK(tconv_matrix_create(&c, &layer.g, layer.w, layer.n_in, NULL) == TCONV_OK);
        bool same = true;
        for (size_t image = 0; image < layer.batch; image++) {
            tconv_matrix_multiply(c, z + image * z_count, want);
            for (size_t i = 0; i < x_count; i++)
                same = same && got[image * x_count + i] == want[i] && (double)got_f32[image * x_count + i] == want[i];
        }
        CHECK_MESSAGE(same, "round %zu: %s", round, layer_text(&layer));
        tconv_matrix_destroy(c);
        free(z);
        free(got);
        free(want);
        free(z_f32);
        free(got_f32);
        layer_free(&layer);
    }
}

/* <C z, x> = <z, C^T x>: both are sums of the same products x[i] w[r] z[j]. Each side sums at most K products per
 * sample, then the samples; the outer sum is taken in long double here, so the inner ones, (K+2) u each side, rule. */
static void the_adjoint_identity_holds(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 600);
        layer_fill_reals(&layer);
        size_t z_count = layer.batch * layer.g.channels_out * layer.large;
        size_t terms = tconv_geometry_taps(&layer.g) * (layer.g.channels_in > layer.g.channels_out ? layer.g.channels_in : layer.g.channels_out);
        double *z = malloc(z_count * sizeof *z), *cz = malloc(layer.x_count * sizeof *cz), *y = malloc(layer.y_count * sizeof *y);
        double *absolute = malloc(z_count * sizeof *absolute);
        random_taps(z, z_count);
        CHECK(tconv_convolve_f64(&layer.g, layer.w, layer.n_out, layer.n_in, layer.batch, z, cz, NULL) == TCONV_OK);
        CHECK(tconv_zero_insert_layer_f64(&layer.g, layer.w, NULL, layer.n_in, layer.batch, layer.x, y, NULL) == TCONV_OK);
        long double left = 0.0L, right = 0.0L, magnitude = 0.0L;
        for (size_t i = 0; i < layer.x_count; i++)
            left += (long double)cz[i] * layer.x[i];
        for (size_t j = 0; j < z_count; j++)
            right += (long double)z[j] * y[j];
        for (size_t i = 0; i < layer.x_count; i++)
            layer.x[i] = fabs(layer.x[i]);
        for (size_t i = 0; i < layer.w_count; i++)
            layer.w[i] = fabs(layer.w[i]);
        CHECK(tconv_zero_insert_layer_f64(&layer.g, layer.w, NULL, layer.n_in, layer.batch, layer.x, absolute, NULL) == TCONV_OK);
        for (size_t j = 0; j < z_count; j++)
            magnitude += fabs(z[j]) * absolute[j];
        CHECK_MESSAGE(fabsl(left - right) <= (long double)(terms + 2) * DBL_EPSILON * magnitude, "round %zu: off by %.3Lg of %.3Lg: %s",
                      round, fabsl(left - right), magnitude, layer_text(&layer));
        free(z);
        free(cz);
        free(y);
        free(absolute);
        layer_free(&layer);
    }
}

static void any_large_size_is_taken(void)
{
    /* valid correlation of 7 samples by [1 2], stride 3: rows at 0, 3 and (beyond the end) 6 */
    const double w[] = { 1.0, 2.0 }, z[] = { 1, 2, 3, 4, 5, 6, 7 }, want[] = { 5.0, 14.0, 7.0 };
    double x[3];
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].stride = 3;
    g.axis[0].n_taps = 2;
    size_t n;
    CHECK(tconv_axis_forward_size(&g.axis[0], 7, &n, NULL) == TCONV_OK && n == 2);
    CHECK(tconv_convolve_f64(&g, w, (size_t[]){ 7 }, (size_t[]){ 3 }, 1, z, x, NULL) == TCONV_OK);
    CHECK_SAME(x, want, sizeof want);
    tconv_error error;
    CHECK(tconv_convolve_f64(&g, w, (size_t[]){ 0 }, (size_t[]){ 3 }, 1, z, x, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "axis 0 has 3 input and 0 output samples; at least 1 is allowed");
}

const struct test_suite suite = { "convolve", {
    { "integers give the bits of the matrix", integers_give_the_bits_of_the_matrix },
    { "the adjoint identity holds to rounding", the_adjoint_identity_holds },
    { "any large size is taken", any_large_size_is_taken },
    { NULL, NULL } } };
