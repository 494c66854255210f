/* Interpolation kernels: their closed forms, partition of unity, alignment, and the reference table of the field. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/constants.h"
#include "design/bands.h"
#include "design/interpolators.h"

#define MOST_TAPS 4096

static void triangles_of_size_2s_have_even_branches(void)
{
    double h[MOST_TAPS], centre;
    for (size_t s = 1; s <= 32; s++)
        for (int grid = 0; grid < 2; grid++) {
            tconv_axis axis;
            tconv_interpolator_axis(TCONV_LINEAR, s, grid == 0 ? TCONV_GRID_HALF_PIXEL : TCONV_GRID_ASYMMETRIC, &axis, &centre);
            CHECK(axis.n_taps == (grid == 0 ? 2 * s - s % 2 : 2 * s - 1));
            CHECK(axis.pad_begin == (int64_t)(grid == 0 ? s / 2 : s - 1));
            tconv_interpolator_taps(TCONV_LINEAR, s, centre, axis.n_taps, h);
            for (size_t q = 0; q < s; q++) {
                double sum = 0.0;
                for (size_t n = q; n < axis.n_taps; n += s)
                    sum += h[n];
                CHECK_CLOSE("branch sum", q, sum, 1.0, 2.0 * DBL_EPSILON);
            }
            if (grid == 0 && s % 2 == 0)
                for (size_t n = 0; n < 2 * s; n++)   /* the bilinear initialiser of FCN */
                    CHECK_CLOSE("bilinear", n, h[n], 1.0 - fabs((double)n - ((double)s - 0.5)) / (double)s, DBL_EPSILON);
        }
}

/* On either grid the output is where it should be, and there are s outputs of every input. */
static void natural_lengths_are_aligned_and_keep_the_size(void)
{
    for (int kind = 0; kind < (int)TCONV_INTERPOLATOR_COUNT; kind++)
        for (size_t s = 1; s <= 40; s++) {
            tconv_axis axis;
            double centre, h[MOST_TAPS];
            size_t n_out = 0;
            tconv_interpolator_axis((tconv_interpolator)kind, s, TCONV_GRID_HALF_PIXEL, &axis, &centre);
            CHECK(tconv_axis_check(&axis, NULL) == TCONV_OK);
            CHECK(tconv_axis_pixel_offset(&axis) == 0.0 && centre == ((double)axis.n_taps - 1.0) / 2.0);
            CHECK(tconv_axis_output_size(&axis, 9, &n_out, NULL) == TCONV_OK && n_out == 9 * s);
            tconv_interpolator_taps((tconv_interpolator)kind, s, centre, axis.n_taps, h);
            CHECK_MESSAGE(tconv_interpolator_at((tconv_interpolator)kind, (-1.0 - centre) / (double)s) == 0.0
                          && tconv_interpolator_at((tconv_interpolator)kind, ((double)axis.n_taps - centre) / (double)s) == 0.0,
                          "kind %d, stride %zu: nothing is cut off", kind, s);
            for (size_t n = 0; n < axis.n_taps; n++)
                CHECK_CLOSE("symmetric", n, h[n], h[axis.n_taps - 1 - n], 0.0);
            tconv_interpolator_axis((tconv_interpolator)kind, s, TCONV_GRID_ASYMMETRIC, &axis, &centre);
            CHECK((double)axis.pad_begin == centre);
            CHECK(tconv_axis_output_size(&axis, 9, &n_out, NULL) == TCONV_OK && n_out == 9 * s);
        }
}

/* sum_i phi(t - i) = 1 for all t, but for the Lanczos kernels, which miss it by up to about 1 %. */
static void all_but_lanczos_are_partitions_of_unity(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++)
        for (int kind = 0; kind < (int)TCONV_INTERPOLATOR_COUNT; kind++) {
            double t = random_uniform(-0.5, 0.5), sum = 0.0;
            for (int i = -4; i <= 4; i++)
                sum += tconv_interpolator_at((tconv_interpolator)kind, t - (double)i);
            CHECK_CLOSE("sum", (size_t)kind, sum, 1.0, kind >= (int)TCONV_LANCZOS2 ? 0.02 : 16.0 * DBL_EPSILON);
        }
    double lanczos = 0.0;
    for (int i = -3; i <= 3; i++)
        lanczos += tconv_interpolator_at(TCONV_LANCZOS3, 0.5 - (double)i);
    CHECK(fabs(lanczos - 1.0) > 1e-3);
}

static void values_are_the_closed_forms(void)
{
    static const struct { tconv_interpolator kind; double t, value; } cases[] = {
        { TCONV_NEAREST, -0.5, 1.0 }, { TCONV_NEAREST, 0.5, 0.0 }, { TCONV_NEAREST, 0.25, 1.0 },
        { TCONV_LINEAR, 0.25, 0.75 }, { TCONV_LINEAR, -0.75, 0.25 }, { TCONV_LINEAR, 1.0, 0.0 },
        { TCONV_CUBIC, 0.0, 1.0 }, { TCONV_CUBIC, 0.5, 0.5625 }, { TCONV_CUBIC, -1.5, -0.0625 }, { TCONV_CUBIC, 1.0, 0.0 },
        { TCONV_CUBIC75, 0.5, 0.59375 }, { TCONV_CUBIC75, 1.5, -0.09375 },
        { TCONV_MITCHELL, 0.0, 8.0 / 9.0 }, { TCONV_MITCHELL, 1.0, 1.0 / 18.0 }, { TCONV_MITCHELL, 0.5, 77.0 / 144.0 },
        { TCONV_MITCHELL, -1.5, -5.0 / 144.0 },
        { TCONV_BSPLINE, 0.0, 2.0 / 3.0 }, { TCONV_BSPLINE, 1.0, 1.0 / 6.0 }, { TCONV_BSPLINE, -1.5, 1.0 / 48.0 },
        { TCONV_LANCZOS2, 0.0, 1.0 }, { TCONV_LANCZOS2, 1.0, 0.0 }, { TCONV_LANCZOS2, 2.5, 0.0 },
        { TCONV_LANCZOS3, 1.0, 0.0 }, { TCONV_LANCZOS3, 1.5, -2.0 / (3.0 * TCONV_PI) * 2.0 / TCONV_PI },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_CLOSE("phi", i, tconv_interpolator_at(cases[i].kind, cases[i].t), cases[i].value, 4.0 * DBL_EPSILON);
}

/* The smallest ratio of signal to image in dB over |v| <= beta/2, both v and its images on a grid of 2000. */
static double rejection(const double *h, size_t k, size_t s, double beta)
{
    double least = INFINITY;
    for (int i = -2000; i <= 2000; i++) {
        double v = beta / 2.0 * (double)i / 2000.0, signal = fabs(tconv_amplitude(h, k, v / (double)s));
        for (size_t m = 1; m < s; m++)
            least = fmin(least, signal / fabs(tconv_amplitude(h, k, (v + (double)m) / (double)s)));
    }
    return 20.0 * log10(least);
}

/* The table has two decimals; images are searched on a grid that holds the ends of the band, where the worst ones lie. */
static void the_reference_table_of_the_field_holds(void)
{
    static const struct { tconv_interpolator kind; tconv_grid grid; size_t s; double irr_5, irr_8, gain_5, gain_8; } rows[] = {
        { TCONV_NEAREST, TCONV_GRID_HALF_PIXEL, 2, 7.66, 2.77, -0.69, -1.84 },
        { TCONV_LINEAR, TCONV_GRID_HALF_PIXEL, 2, 22.97, 8.32, -2.06, -5.52 },
        { TCONV_LINEAR, TCONV_GRID_ASYMMETRIC, 2, 15.31, 5.55, -1.38, -3.68 },
        { TCONV_CUBIC, TCONV_GRID_HALF_PIXEL, 2, 22.97, 8.32, -0.57, -2.99 },
        { TCONV_CUBIC75, TCONV_GRID_HALF_PIXEL, 2, 31.34, 10.07, -0.13, -2.54 },
        { TCONV_MITCHELL, TCONV_GRID_HALF_PIXEL, 2, 25.13, 9.18, -1.48, -4.71 },
        { TCONV_BSPLINE, TCONV_GRID_HALF_PIXEL, 2, 39.40, 14.36, -3.65, -9.72 },
        { TCONV_LANCZOS3, TCONV_GRID_HALF_PIXEL, 2, 38.33, 13.19, 0.10, -1.69 },
        { TCONV_NEAREST, TCONV_GRID_HALF_PIXEL, 4, 9.09, 3.34, -0.86, -2.28 },
        { TCONV_LINEAR, TCONV_GRID_HALF_PIXEL, 4, 19.61, 7.25, -1.88, -4.99 },
        { TCONV_CUBIC, TCONV_GRID_HALF_PIXEL, 4, 23.50, 8.35, -0.55, -2.90 },
        { TCONV_LANCZOS3, TCONV_GRID_HALF_PIXEL, 4, 38.98, 13.22, 0.10, -1.69 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tconv_axis axis;
        double centre, h[MOST_TAPS];
        tconv_interpolator_axis(rows[i].kind, rows[i].s, rows[i].grid, &axis, &centre);
        tconv_interpolator_taps(rows[i].kind, rows[i].s, centre, axis.n_taps, h);
        double dc = tconv_amplitude(h, axis.n_taps, 0.0), s = (double)rows[i].s;
        CHECK_CLOSE("gain at 0.5", i, 20.0 * log10(tconv_amplitude(h, axis.n_taps, 0.25 / s) / dc), rows[i].gain_5, 0.0051);
        CHECK_CLOSE("gain at 0.8", i, 20.0 * log10(tconv_amplitude(h, axis.n_taps, 0.4 / s) / dc), rows[i].gain_8, 0.0051);
        CHECK_CLOSE("rejection at 0.5", i, rejection(h, axis.n_taps, rows[i].s, 0.5), rows[i].irr_5, 0.0051);
        CHECK_CLOSE("rejection at 0.8", i, rejection(h, axis.n_taps, rows[i].s, 0.8), rows[i].irr_8, 0.0051);
    }
}

static void aligning_leaves_at_most_half_an_output_sample(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_axis axis = { .stride = random_between(1, 9), .n_taps = random_between(1, 30), .dilation = random_between(1, 3), .pad_begin = 77 };
        size_t n_out = 0;
        double s = (double)axis.stride, left = tconv_axis_align(&axis, TCONV_GRID_HALF_PIXEL);
        CHECK_CLOSE("pixel offset", round, tconv_axis_pixel_offset(&axis), left, 0.0);
        CHECK(left == 0.0 || left == -0.5 / s);
        CHECK(tconv_axis_output_size(&axis, 50, &n_out, NULL) == TCONV_OK && n_out == 50 * axis.stride);
        left = tconv_axis_align(&axis, TCONV_GRID_ASYMMETRIC);
        CHECK_CLOSE("u(0)", round, tconv_axis_receptive_field_offset(&axis), left, 0.0);
        CHECK(left == 0.0 || left == -0.5 / s);
        CHECK(tconv_axis_output_size(&axis, 50, &n_out, NULL) == TCONV_OK && n_out == 50 * axis.stride);
    }
}

const struct test_suite suite = { "interpolators", {
    { "triangles of size 2s have even branches", triangles_of_size_2s_have_even_branches },
    { "natural lengths are aligned and keep the size", natural_lengths_are_aligned_and_keep_the_size },
    { "all but Lanczos are partitions of unity", all_but_lanczos_are_partitions_of_unity },
    { "values are the closed forms", values_are_the_closed_forms },
    { "the reference table of the field holds", the_reference_table_of_the_field_holds },
    { "aligning leaves at most half an output sample", aligning_leaves_at_most_half_an_output_sample },
    { NULL, NULL } } };
