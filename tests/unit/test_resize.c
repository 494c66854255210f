/* Resizing: PyTorch's interpolate, equal transposed convolutions, what every mode must reproduce; resize-convolve. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

/* values() of make_resize.py */
static float value(uint32_t i, uint32_t seed)
{
    uint32_t v = (i + seed) * UINT32_C(2654435761);
    v ^= v >> 15;
    v *= UINT32_C(2246822519);
    v ^= v >> 13;
    return (float)(v >> 8) * (1.0f / 16777216.0f) - 0.5f;
}

static void sizes_and_modes_are_as_in_pytorch(void)
{
    char path[600];
    int32_t cases = 0, head[4], sizes[6];
    (void)snprintf(path, sizeof path, "%s/tests/oracle/resize.bin", test_root_folder());
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fread(&cases, sizeof cases, 1, file) == 1 && cases >= 100);
    for (int32_t c = 0; file != NULL && c < cases; c++) {
        size_t n[3], m[3], rows, inputs, outputs;
        CHECK(fread(head, sizeof *head, 4, file) == 4 && fread(sizes, sizeof *sizes, 2 * (size_t)head[2], file) == 2 * (size_t)head[2]);
        inputs = outputs = rows = (size_t)head[3];
        for (size_t i = 0; i < (size_t)head[2]; i++) {
            inputs *= n[i] = (size_t)sizes[2 * i];
            outputs *= m[i] = (size_t)sizes[2 * i + 1];
        }
        double *x = malloc(inputs * sizeof *x), *y = malloc(outputs * sizeof *y);
        float *x_f32 = malloc(inputs * sizeof *x_f32), *y_f32 = malloc(outputs * sizeof *y_f32), *want = malloc(outputs * sizeof *want);
        for (size_t i = 0; i < inputs; i++)
            x[i] = x_f32[i] = value((uint32_t)i, 1);
        CHECK(fread(want, sizeof *want, outputs, file) == outputs);
        CHECK(tconv_resize_f64((tconv_resize_mode)head[0], (tconv_grid)head[1], (size_t)head[2], rows, n, m, x, y, NULL) == TCONV_OK);
        CHECK(tconv_resize_f32((tconv_resize_mode)head[0], (tconv_grid)head[1], (size_t)head[2], rows, n, m, x_f32, y_f32, NULL) == TCONV_OK);
        /* four weights of up to 1.2 on each axis; positions are off by a few units of up to 14; floats by 3 times 6 products */
        for (size_t j = 0; j < outputs; j++) {
            CHECK_CLOSE("double", j, y[j], (double)want[j], FLT_EPSILON / 2 + 200.0 * DBL_EPSILON);
            CHECK_CLOSE("float", j, (double)y_f32[j], (double)want[j], 24.0 * FLT_EPSILON);
        }
        free(x);
        free(y);
        free(x_f32);
        free(y_f32);
        free(want);
    }
    if (file != NULL)
        (void)fclose(file);
}

/* Constants are kept by every mode and grid; linear and cubic keep straight lines away from the border, and cubic with
 * a = -1/2 also parabolas (Keys 1981: third-order convergence). */
static void polynomials_are_reproduced(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t n = random_between(8, 20), m = random_between(1, 60);
        tconv_resize_mode mode = (tconv_resize_mode)random_between(0, 3);
        tconv_grid grid = (tconv_grid)random_between(0, 2);
        double x[20], y[60], c0 = random_uniform(-1, 1), c1 = random_uniform(-1, 1), c2 = random_uniform(-1, 1);
        if (mode == TCONV_RESIZE_NEAREST || round % 4 == 0)
            c1 = c2 = 0.0;
        if (mode != TCONV_RESIZE_CUBIC)
            c2 = 0.0;
        if (mode == TCONV_RESIZE_CUBIC75)
            c1 = 0.0;
        for (size_t i = 0; i < n; i++)
            x[i] = c0 + (double)i * (c1 + (double)i * c2);
        CHECK(tconv_resize_f64(mode, grid, 1, 1, &n, &m, x, y, NULL) == TCONV_OK);
        for (size_t j = 0; j < m; j++) {
            double scale = (double)n / (double)m, u = grid == TCONV_GRID_HALF_PIXEL ? ((double)j + 0.5) * scale - 0.5
                         : grid == TCONV_GRID_ASYMMETRIC ? (double)j * scale : m > 1 ? (double)(j * (n - 1)) / (double)(m - 1) : 0.0;
            if ((u >= 1.0 && u <= (double)n - 2.0) || (c1 == 0.0 && c2 == 0.0))
                CHECK_CLOSE("polynomial", j, y[j], c0 + u * (c1 + u * c2), 64.0 * DBL_EPSILON * (1.0 + u + u * u));
        }
    }
}

/* theory 8: nearest by s is the box of s taps; linear on the half-pixel grid, s even, the triangle of 2 s taps with
 * pb = s/2, but for the border. */
static void integer_strides_are_transposed_convolutions(void)
{
    for (size_t s = 1; s <= 8; s++) {
        size_t n = 12, m = s * n;
        double x[12], want[96], y[128], taps[16];
        random_taps(x, n);
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0].stride = g.axis[0].n_taps = s;
        for (size_t r = 0; r < s; r++)
            taps[r] = 1.0;
        for (int grid = 0; grid < 2; grid++) {
            CHECK(tconv_resize_f64(TCONV_RESIZE_NEAREST, grid == 0 ? TCONV_GRID_HALF_PIXEL : TCONV_GRID_ASYMMETRIC, 1, 1, &n, &m, x, want, NULL) == TCONV_OK);
            CHECK(tconv_zero_insert_layer_f64(&g, taps, NULL, &n, 1, x, y, NULL) == TCONV_OK);
            CHECK_SAME(y, want, m * sizeof *y);
        }
        if (s % 2 != 0)
            continue;
        g.axis[0] = (tconv_axis){ s, 2 * s, 1, (int64_t)s / 2, (int64_t)s / 2, 0 };
        for (size_t r = 0; r < 2 * s; r++)
            taps[r] = 1.0 - fabs((double)r - ((double)s - 0.5)) / (double)s;
        CHECK(tconv_resize_f64(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 1, 1, &n, &m, x, want, NULL) == TCONV_OK);
        CHECK(tconv_zero_insert_layer_f64(&g, taps, NULL, &n, 1, x, y, NULL) == TCONV_OK);
        for (size_t j = s / 2; j < m - s / 2; j++)
            CHECK_CLOSE("triangle", j, y[j], want[j], 32.0 * DBL_EPSILON);
    }
}

static void resize_convolve_is_one_after_the_other(void)
{
    for (size_t round = 0; round < test_rounds(300); round++) {
        size_t n[2] = { random_between(1, 5), random_between(1, 5) }, s[2] = { random_between(1, 3), random_between(1, 3) };
        size_t k[2] = { random_between(1, 3), random_between(1, 3) }, p[2] = { random_between(0, k[0] - 1), random_between(0, k[1] - 1) };
        size_t cin = random_between(1, 3), cout = random_between(1, 3), m[2] = { s[0] * n[0], s[1] * n[1] };
        double x[75], z[3 * 225], y[3 * 225], taps[81], bias[3];
        random_taps(x, cin * n[0] * n[1]);
        random_taps(taps, cin * cout * k[0] * k[1]);
        random_taps(bias, cout);
        CHECK(tconv_resize_convolve_f64(TCONV_RESIZE_NEAREST, TCONV_GRID_ASYMMETRIC, 2, 1, cin, cout, n, s, k, p, taps, bias, x, y, NULL) == TCONV_OK);
        CHECK(tconv_resize_f64(TCONV_RESIZE_NEAREST, TCONV_GRID_ASYMMETRIC, 2, cin, n, m, x, z, NULL) == TCONV_OK);
        for (size_t j = 0; j < cout * m[0] * m[1]; j++) {
            size_t co = j / (m[0] * m[1]), j0 = j / m[1] % m[0], j1 = j % m[1];
            double want = bias[co];
            for (size_t ci = 0; ci < cin; ci++)
                for (size_t r = 0; r < k[0] * k[1]; r++) {
                    size_t at0 = j0 + r / k[1] - p[0], at1 = j1 + r % k[1] - p[1];      /* wraps below zero */
                    if (at0 < m[0] && at1 < m[1])
                        want += taps[(co * cin + ci) * k[0] * k[1] + r] * z[(ci * m[0] + at0) * m[1] + at1];
                }
            CHECK_CLOSE("resize-convolve", j, y[j], want, 64.0 * DBL_EPSILON);
        }
    }
}

static void impossible_resizes_are_refused_in_words(void)
{
    double x = 1.0, y;
    size_t none = 0, one = 1;
    tconv_error error;
    CHECK(tconv_resize_f64(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 1, 1, &one, &none, &x, &y, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "axis 0 is resized from 1 to 0 samples; 1 to 1073741824 are allowed");
    CHECK(tconv_resize_f64(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 4, 1, &one, &one, &x, &y, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a resize of 4 dimensions is not possible; 1 to 3 are allowed");
    CHECK(tconv_resize_f64((tconv_resize_mode)9, TCONV_GRID_HALF_PIXEL, 1, 1, &one, &one, &x, &y, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "resize mode 9 or grid 0 is unknown");
}

const struct test_suite suite = { "resize", {
    { "sizes and modes are as in PyTorch", sizes_and_modes_are_as_in_pytorch },
    { "polynomials are reproduced", polynomials_are_reproduced },
    { "integer strides are transposed convolutions", integer_strides_are_transposed_convolutions },
    { "resize-convolve is one after the other", resize_convolve_is_one_after_the_other },
    { "impossible resizes are refused in words", impossible_resizes_are_refused_in_words },
    { NULL, NULL } } };
