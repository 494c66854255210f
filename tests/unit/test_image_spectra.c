/* Image gains over the band and the bifrequency map: against H itself, the definition of the operator with a lone tone,
 * and the branches by the duality. */
#include "testing.h"

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

#define PI 3.14159265358979323846
#define MOST_TAPS 256
#define MOST_GAINS 20000

static tconv_geometry random_geometry(size_t ndim)
{
    static const size_t most_taps[] = { 0, 40, 9, 5 }, most_stride[] = { 0, 9, 4, 3 };
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++)
        g.axis[i] = (tconv_axis){ .stride = random_between(1, most_stride[ndim]), .n_taps = random_between(1, most_taps[ndim]),
                                  .dilation = random_between(1, 2) };
    return g;
}

static double magnitude_of(const double *taps, size_t count)
{
    double sum = 0.0;
    for (size_t t = 0; t < count; t++)
        sum += fabs(taps[t]);
    return sum;
}

static double gain_at(const tconv_geometry *g, const double *taps, const double *f)
{
    tconv_complex h = { 0, 0 };
    CHECK(tconv_response_at(g, taps, f, 1, &h) == TCONV_OK);
    return hypot(h.re, h.im);
}

/* Both sides sum K products: 4 (K + 8) eps sum|h| covers the transform's and the sum's error. */
static void image_gains_are_h_at_v_plus_m_over_s(void)
{
    static double gain[MOST_GAINS];
    double taps[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_geometry g = random_geometry(random_between(1, 3));
        size_t count = tconv_geometry_taps(&g), points = random_between(2, 40), axis = random_between(0, g.ndim - 1);
        random_taps(taps, count);
        CHECK(tconv_image_spectra(&g, taps, axis, points, gain) == TCONV_OK);
        for (size_t probe = 0; probe < 12; probe++) {
            size_t m = random_between(0, tconv_geometry_phases(&g) - 1), j = random_between(0, points - 1), vector[TCONV_MAX_NDIM];
            double f[TCONV_MAX_NDIM];
            tconv_phase_of(&g, m, vector);
            for (size_t i = 0; i < g.ndim; i++)
                f[i] = ((i == axis ? (double)j / (double)(2 * (points - 1)) : 0.0) + (double)vector[i]) / (double)g.axis[i].stride;
            CHECK_CLOSE("gain", round, gain[m * points + j], gain_at(&g, taps, f),
                        4.0 * ((double)count + 8.0) * DBL_EPSILON * magnitude_of(taps, count));
        }
    }
}

static void each_diagonal_of_the_bifrequency_map_is_h_on_that_line(void)
{
    static tconv_bifrequency map[MOST_GAINS];
    double taps[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_geometry g = random_geometry(random_between(1, 2));
        size_t count = tconv_geometry_taps(&g), points = random_between(2, 30), axis = random_between(0, g.ndim - 1);
        size_t width = 2 * points - 1, s = g.axis[axis].stride;
        random_taps(taps, count);
        CHECK(tconv_bifrequency_map(&g, taps, axis, points, map) == TCONV_OK);
        for (size_t p = 0; p < s * width; p++) {
            const tconv_bifrequency *at = &map[p];
            double f[TCONV_MAX_NDIM] = { 0 };
            f[axis] = at->f_out;
            CHECK_CLOSE("v", p, at->f_in, ((double)(p % width) - (double)(points - 1)) / (double)(2 * (points - 1)), DBL_EPSILON);
            double line = at->f_out * (double)s - at->f_in - (double)(p / width);     /* a whole number of turns of s */
            CHECK_CLOSE("on its line", p, line / (double)s, rint(line / (double)s), 4.0 * DBL_EPSILON);
            CHECK(fabs(at->f_out) <= 0.5 && fabs(at->f_in) <= 0.5);
            if (p % 7 == 0)
                CHECK_CLOSE("gain", p, at->gain, gain_at(&g, taps, f),
                            8.0 * ((double)count + 8.0) * DBL_EPSILON * magnitude_of(taps, count));
        }
    }
}

/* A complex tone of v = a/N cycles per input sample through the operator, away from the borders N of its output samples per
 * ring: y[j] for s N samples in the middle, so that its DFT has a line at every (v + m)/s exactly, of height |H|, and
 * nothing else. The real and imaginary part go through as two signals. */
static void a_lone_tone_comes_out_at_the_s_predicted_lines_with_the_predicted_gains(void)
{
    enum { PERIOD = 48 };
    static double gain[64 * (PERIOD / 2 + 1)];
    for (size_t round = 0; round < test_rounds(100); round++) {
        double taps[MOST_TAPS];
        tconv_geometry g = random_geometry(1);
        size_t s = g.axis[0].stride, k = g.axis[0].n_taps, edge = tconv_axis_effective_taps(&g.axis[0]) / s + 2;
        size_t n_in[] = { PERIOD + 2 * edge }, a = random_between(0, PERIOD / 2), n = s * PERIOD;
        random_taps(taps, k);
        double *x = calloc(2 * n_in[0], sizeof *x);
        tconv_transpose *plan = NULL;
        CHECK(tconv_transpose_create(&plan, &g, taps, NULL, n_in, NULL, NULL) == TCONV_OK);
        size_t n_out = tconv_transpose_describe(plan).n_out[0];
        double *y = calloc(2 * n_out, sizeof *y);
        for (size_t i = 0; i < n_in[0]; i++) {
            double angle = 2.0 * PI * (double)(a * i % PERIOD) / PERIOD;
            x[i] = cos(angle);
            x[n_in[0] + i] = sin(angle);
        }
        tconv_transpose_execute(plan, 2, x, y);
        CHECK(tconv_image_spectra(&g, taps, 0, PERIOD / 2 + 1, gain) == TCONV_OK);
        size_t first = s * edge, lines = 0;
        for (size_t line = 0; line < n; line++) {
            double re = 0.0, im = 0.0;
            for (size_t j = 0; j < n; j++) {
                double angle = -2.0 * PI * (double)(line * j % n) / (double)n;
                double u = y[first + j], w = y[n_out + first + j];
                re += u * cos(angle) - w * sin(angle);
                im += u * sin(angle) + w * cos(angle);
            }
            bool predicted = line % PERIOD == a % PERIOD;         /* f = line/(s N) = (v + m)/s */
            size_t m = line / PERIOD;
            double want = predicted ? gain[m * (PERIOD / 2 + 1) + a] / (double)s : 0.0;
            CHECK_CLOSE(predicted ? "line" : "between the lines", line, hypot(re, im) / (double)n, want, 1e-10);
            lines += predicted;
        }
        CHECK(lines == s);
        tconv_transpose_destroy(plan);
        free(x);
        free(y);
    }
}

static void at_constant_input_they_are_the_dft_of_the_branch_gains(void)
{
    static double gain[MOST_GAINS];
    double taps[MOST_TAPS], g_q[512];
    tconv_complex image[512];
    for (size_t round = 0; round < test_rounds(300); round++) {
        tconv_geometry g = random_geometry(random_between(1, 3));
        size_t count = tconv_geometry_taps(&g), phases = tconv_geometry_phases(&g);
        static tconv_branch branches[512];
        random_taps(taps, count);
        CHECK(tconv_branches_of(&g, taps, 0.0, branches) == TCONV_OK);
        for (size_t q = 0; q < phases; q++)
            g_q[q] = branches[q].dc_gain;
        CHECK(tconv_images_of_gains(&g, g_q, image) == TCONV_OK);
        CHECK(tconv_image_spectra(&g, taps, g.ndim - 1, 5, gain) == TCONV_OK);
        for (size_t m = 0; m < phases; m++)
            CHECK_CLOSE("duality", round, gain[m * 5], hypot(image[m].re, image[m].im),
                        4.0 * ((double)count + 8.0) * DBL_EPSILON * magnitude_of(taps, count));
    }
}

static void bad_arguments_are_refused(void)
{
    double taps[2] = { 1, 1 }, gain[8];
    tconv_bifrequency map[8];
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = 2;
    CHECK(tconv_image_spectra(&g, taps, 1, 4, gain) == TCONV_EARGUMENT);
    CHECK(tconv_image_spectra(&g, taps, 0, 1, gain) == TCONV_EARGUMENT);
    CHECK(tconv_bifrequency_map(&g, taps, 1, 4, map) == TCONV_EARGUMENT);
    CHECK(tconv_image_spectra(&g, taps, 0, SIZE_MAX / 4, gain) != TCONV_OK);
}

const struct test_suite suite = { "image_spectra", {
    { "image gains are |H((v + m)/s)|", image_gains_are_h_at_v_plus_m_over_s },
    { "each diagonal of the bifrequency map is |H| on that line", each_diagonal_of_the_bifrequency_map_is_h_on_that_line },
    { "a lone tone comes out at the s predicted lines with the predicted gains",
      a_lone_tone_comes_out_at_the_s_predicted_lines_with_the_predicted_gains },
    { "at constant input they are the DFT of the branch gains", at_constant_input_they_are_the_dft_of_the_branch_gains },
    { "bad arguments are refused", bad_arguments_are_refused },
    { NULL, NULL } } };
