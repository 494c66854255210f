/* Phase and group delay along an axis: linear phase exactly, SciPy's group_delay, the derivative of the phase, and an
 * unwrapping that does not depend on the number of points. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tconv.h"
#include "testing_vectors.h"

#define PI 3.14159265358979323846
#define MOST_TAPS 512
#define MOST_POINTS 2049

static tconv_geometry line_of(size_t k, size_t d)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = k;
    g.axis[0].dilation = d;
    return g;
}

static void linear_phase_kernels_have_a_group_delay_of_exactly_half_their_length(void)
{
    double taps[MOST_TAPS], delay[300];
    size_t defined = 0;
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t k = random_between(1, 80), d = random_between(1, 4), points = random_between(2, 300);
        double sign = round % 2 == 0 ? 1.0 : -1.0;
        tconv_geometry g = line_of(k, d);
        for (size_t n = 0; n <= (k - 1) / 2; n++) {
            taps[n] = random_normal();
            taps[k - 1 - n] = sign * taps[n];
        }
        if (k % 2 == 1 && sign < 0.0)
            taps[k / 2] = 0.0;
        CHECK(tconv_group_delay_along(&g, taps, 0, points, delay) == TCONV_OK);
        for (size_t j = 0; j < points; j++) {
            CHECK_MESSAGE(isnan(delay[j]) || delay[j] == 0.5 * (double)(d * (k - 1)), "round %zu point %zu: %.17g", round, j, delay[j]);
            defined += isnan(delay[j]) ? 0 : 1;
        }
    }
    CHECK(defined > 1000);
}

/* SciPy divides two sums of k products that are well above their rounding errors (the zeros keep off the circle, but
 * |H| may still be small where it was scaled): compared where |H| > 1e-3 sum|h|, to k^2 eps times that. */
static void group_delay_of_scipy_agrees(void)
{
    struct vectors *file = vectors_open("response.txt");
    while (vectors_next(file, "group_delay")) {
        size_t k = (size_t)file->parameter[0], points = (size_t)file->parameter[1], compared = 0;
        double delay[64], sum = 0.0;
        tconv_complex response[64];
        tconv_geometry g = line_of(k, 1);
        CHECK(tconv_group_delay_along(&g, file->value, 0, points, delay) == TCONV_OK);
        CHECK(tconv_response_along(&g, file->value, 0, points, response) == TCONV_OK);
        for (size_t t = 0; t < k; t++)
            sum += fabs(file->value[t]);
        for (size_t j = 0; j < points; j++) {
            if (hypot(response[j].re, response[j].im) < 1e-3 * sum)
                continue;
            compared++;
            CHECK_CLOSE("group delay", j, delay[j], file->value[k + j], 1e3 * (double)(k * k) * DBL_EPSILON);
        }
        CHECK(compared > 5);
    }
    vectors_close(file);
}

/* -(phi(f+e) - phi(f-e))/(4 pi e) -> group delay, error e^2 (phi''' / 6): where the delay itself changes little. */
static void group_delay_is_the_slope_of_the_phase(void)
{
    static double phase[MOST_POINTS], delay[MOST_POINTS];
    double taps[32];
    size_t compared = 0;
    for (size_t round = 0; round < test_rounds(300); round++) {
        size_t k = random_between(1, 12);
        tconv_geometry g = line_of(k, 1);
        random_taps(taps, k);
        CHECK(tconv_phase_along(&g, taps, 0, MOST_POINTS, phase) == TCONV_OK);
        CHECK(tconv_group_delay_along(&g, taps, 0, MOST_POINTS, delay) == TCONV_OK);
        for (size_t j = 1; j + 1 < MOST_POINTS; j++) {
            double step = 0.5 / (MOST_POINTS - 1), bend = fabs(delay[j + 1] - 2.0 * delay[j] + delay[j - 1]);
            if (!(bend < 1e-4))
                continue;
            compared++;
            CHECK_CLOSE("slope", j, -(phase[j + 1] - phase[j - 1]) / (4.0 * PI * step), delay[j], 1e-4 + bend);
        }
    }
    CHECK(compared > 1000);
}

/* exp(i phase) is H/|H|, and few points see the same phase as many. */
static void the_phase_is_that_of_h_and_does_not_depend_on_the_points(void)
{
    static double fine[MOST_POINTS], coarse[MOST_POINTS];
    static tconv_complex response[MOST_POINTS];
    double taps[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t k = random_between(1, 64), d = random_between(1, 3), every = (size_t)1 << random_between(0, 6);
        tconv_geometry g = line_of(k, d);
        random_taps(taps, k);
        CHECK(tconv_phase_along(&g, taps, 0, 65, fine) == TCONV_OK);
        CHECK(tconv_phase_along(&g, taps, 0, 64 / every + 1, coarse) == TCONV_OK);
        CHECK(tconv_response_along(&g, taps, 0, 65, response) == TCONV_OK);
        for (size_t j = 0; j < 65; j++) {
            double size = hypot(response[j].re, response[j].im);
            if (size < 1e-3)
                continue;
            CHECK_CLOSE("cos", j, cos(fine[j]), response[j].re / size, 1e-9);
            CHECK_CLOSE("sin", j, sin(fine[j]), response[j].im / size, 1e-9);
            if (j % every == 0)
                CHECK_CLOSE("coarse", j, coarse[j / every], fine[j], 1e-9);
        }
    }
}

/* The phase of a product is the sum of the phases of (1 - z e^-iw) for the zeros z: inside the circle it comes back to 0 at
 * f = 1/2, outside it has turned by pi per zero. The phase at 1/2 counts the zeros: exactly -pi per zero outside. */
static void the_phase_at_one_half_counts_the_zeros_outside_the_circle(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        double taps[MOST_TAPS] = { 1.0 }, phase[9];
        size_t zeros = random_between(1, 30), outside = 0;
        for (size_t z = 0; z < zeros; z++) {
            double zero = random_uniform(0.1, 0.999) * (random_bits() % 2 == 0 ? 1.0 : -1.0), first = 1.0, second = -zero;
            if (random_bits() % 2 == 0) {
                first = zero;                     /* z - e^-iw: the zero 1/z is outside; phase from that of z - 1 */
                second = -1.0;
                outside++;
            }
            for (size_t n = z + 1; n > 0; n--)
                taps[n] = first * taps[n] + second * taps[n - 1];
            taps[0] *= first;
        }
        tconv_geometry g = line_of(zeros + 1, 1);
        CHECK(tconv_phase_along(&g, taps, 0, 9, phase) == TCONV_OK);
        CHECK_CLOSE("turns", round, (phase[8] - phase[0]) / PI, -(double)outside, 1e-6);
    }
}

static void a_symmetric_kernel_jumps_by_half_a_turn_up_and_then_down(void)
{
    /* (1 + 2 cos) (.. ): ones of length 8 vanish at 1/8, 2/8, 3/8, 1/2 */
    double taps[8] = { 1, 1, 1, 1, 1, 1, 1, 1 }, phase[33];
    tconv_geometry g = line_of(8, 1);
    CHECK(tconv_phase_along(&g, taps, 0, 33, phase) == TCONV_OK);
    for (size_t j = 0; j < 33; j++) {
        double f = (double)j / 64.0, base = -2.0 * PI * f * 3.5;
        if (j % 8 == 0 && j > 0)
            CHECK(isnan(phase[j]));
        else
            CHECK_CLOSE("phase", j, phase[j], base + (j / 8 % 2 == 1 ? PI : 0.0), 1e-12);
    }
    double negative[1] = { -2.0 };
    g = line_of(1, 1);
    CHECK(tconv_phase_along(&g, negative, 0, 2, phase) == TCONV_OK);
    CHECK_CLOSE("sign", 0, phase[0], PI, 1e-15);
    CHECK_CLOSE("sign", 1, phase[1], PI, 1e-15);
}

static void a_zero_kernel_has_no_phase_and_bad_arguments_are_refused(void)
{
    double taps[3] = { 0, 0, 0 }, phase[5];
    tconv_geometry g = line_of(3, 1);
    CHECK(tconv_phase_along(&g, taps, 0, 5, phase) == TCONV_OK);
    for (size_t j = 0; j < 5; j++)
        CHECK(isnan(phase[j]));
    CHECK(tconv_group_delay_along(&g, taps, 0, 5, phase) == TCONV_OK && isnan(phase[2]));
    CHECK(tconv_phase_along(&g, taps, 1, 5, phase) == TCONV_EARGUMENT);
    CHECK(tconv_group_delay_along(&g, taps, 0, 1, phase) == TCONV_EARGUMENT);
    tconv_complex response[5];
    CHECK(tconv_response_along(&g, taps, 0, 0, response) == TCONV_EARGUMENT);
}

const struct test_suite suite = { "phase", {
    { "linear-phase kernels have a group delay of exactly half their length",
      linear_phase_kernels_have_a_group_delay_of_exactly_half_their_length },
    { "SciPy's group_delay agrees", group_delay_of_scipy_agrees },
    { "the group delay is the slope of the phase", group_delay_is_the_slope_of_the_phase },
    { "the phase is that of H and does not depend on the points", the_phase_is_that_of_h_and_does_not_depend_on_the_points },
    { "the phase at one half counts the zeros outside the circle", the_phase_at_one_half_counts_the_zeros_outside_the_circle },
    { "a symmetric kernel jumps by half a turn up and then down", a_symmetric_kernel_jumps_by_half_a_turn_up_and_then_down },
    { "a zero kernel has no phase, and bad arguments are refused", a_zero_kernel_has_no_phase_and_bad_arguments_are_refused },
    { NULL, NULL } } };
