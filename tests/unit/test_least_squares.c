/* Least squares: SciPy's firls, the minimum by its definition, exact gains. */
#include "testing_vectors.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/constants.h"
#include "design/least_squares.h"

#define MOST_TAPS 256

static void filters_are_those_of(const char *name)
{
    struct vectors *file = vectors_open(name);
    double h[MOST_TAPS];
    while (vectors_next(file, "firls")) {
        tconv_band bands[TCONV_MAX_BANDS];
        size_t n_bands = 0, k = (size_t)file->parameter[4];
        CHECK(tconv_bands_interpolator((size_t)file->parameter[0], file->parameter[1], file->parameter[2], file->parameter[3] != 0.0,
                                       bands, &n_bands, NULL) == TCONV_OK);
        CHECK(tconv_least_squares_taps(bands, n_bands, k, NULL, 0, h, NULL) == TCONV_OK && file->n_values == k);
        for (size_t n = 0; n < k; n++)
            CHECK_CLOSE("firls", n, h[n], file->value[n], 1e-8);
    }
    vectors_close(file);
}

static void filters_are_those_of_scipy(void) { filters_are_those_of("design.txt"); }
static void filters_are_those_of_octave(void) { filters_are_those_of("design-octave.txt"); }

static void a_sloped_gain_is_that_of_scipy(void)
{
    struct vectors *file = vectors_open("design.txt");
    double h[MOST_TAPS];
    const tconv_band sloped[] = { { 0.0, 0.2, 0.0, 1.0, 1.0 }, { 0.25, 0.5, 1.0, 0.25, 3.0 } };
    while (vectors_next(file, "firls_sloped")) {
        CHECK(tconv_least_squares_taps(sloped, 2, file->n_values, NULL, 0, h, NULL) == TCONV_OK);
        for (size_t n = 0; n < file->n_values; n++)
            CHECK_CLOSE("firls", n, h[n], file->value[n], 1e-10);
    }
    vectors_close(file);
}

/* sum W integral (D - A)^2 by the midpoint rule. */
static double squared_error(const tconv_band *bands, size_t n_bands, const double *h, size_t k)
{
    double total = 0.0;
    for (size_t b = 0; b < n_bands; b++)
        for (size_t i = 0; i < 400; i++) {
            double x = ((double)i + 0.5) / 400.0, f = bands[b].low + x * (bands[b].high - bands[b].low);
            double e = bands[b].gain_low + x * (bands[b].gain_high - bands[b].gain_low) - tconv_amplitude(h, k, f);
            total += bands[b].weight * e * e * (bands[b].high - bands[b].low) / 400.0;
        }
    return total;
}

/* Any small symmetric change makes it worse, by as much as it makes it worse when it is turned round: the gradient is 0.
 * Midpoint rule: off by about (pi k/2 * width/400)^2/6 of the integral, 1e-3 here at the worst. */
static void a_minimum_has_no_slope(void)
{
    double h[MOST_TAPS], plus[MOST_TAPS], minus[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000) / 5; round++) {
        tconv_band bands[TCONV_MAX_BANDS];
        size_t n_bands = 0, s = random_between(2, 5), k = random_between(2, 6 * s);
        CHECK(tconv_bands_interpolator(s, random_uniform(0.3, 0.9), random_uniform(0.1, 10.0), random_bits() % 2 == 0, bands, &n_bands, NULL) == TCONV_OK);
        CHECK(tconv_least_squares_taps(bands, n_bands, k, NULL, 0, h, NULL) == TCONV_OK);
        double size = 0.0;
        for (size_t n = 0; n < k; n++)
            size += fabs(h[n]);
        double step = 1e-2 * size / (double)k;
        for (size_t n = 0; n < (k + 1) / 2; n++) {
            CHECK(h[n] == h[k - 1 - n]);
            double change = n % 2 == 0 ? step : -step;
            plus[n] = plus[k - 1 - n] = h[n] + change;
            minus[n] = minus[k - 1 - n] = h[n] - change;
        }
        double up = squared_error(bands, n_bands, plus, k), down = squared_error(bands, n_bands, minus, k), here = squared_error(bands, n_bands, h, k);
        CHECK_MESSAGE(up > here && down > here, "round %zu: a change makes it worse", round);
        CHECK_CLOSE("slope", round, up - down, 0.0, 0.02 * (up + down - 2.0 * here) + 1e-9 * here);
    }
}

/* Flat constraints: every branch sum is 1, A(0) = s; and the squared error is the least under them: directions that keep
 * the branch sums have no slope. */
static void flat_filters_have_even_branches(void)
{
    double h[MOST_TAPS], free_taps[MOST_TAPS];
    for (size_t s = 2; s <= 8; s++)
        for (size_t k = 3 * s; k <= 6 * s + 1; k++) {
            tconv_band bands[TCONV_MAX_BANDS];
            tconv_constraint flat[16];
            size_t n_bands = 0, n_flat = tconv_constraints_flat(s, k, flat);
            CHECK(tconv_bands_interpolator(s, 0.8, 1.0, false, bands, &n_bands, NULL) == TCONV_OK);
            CHECK(tconv_least_squares_taps(bands, n_bands, k, flat, n_flat, h, NULL) == TCONV_OK);
            CHECK(tconv_least_squares_taps(bands, n_bands, k, NULL, 0, free_taps, NULL) == TCONV_OK);
            for (size_t q = 0; q < s; q++) {
                double sum = 0.0;
                for (size_t n = q; n < k; n += s)
                    sum += h[n];
                CHECK_CLOSE("branch sum", q, sum, 1.0, 1e-13);
            }
            CHECK(squared_error(bands, n_bands, h, k) >= squared_error(bands, n_bands, free_taps, k) * (1.0 - 1e-6));
            for (size_t n = 0; n + 2 * s < k; n++) {   /* +1 -2 +1 at taps s apart, and its mirror image: branch sums stay */
                double up = 0.0, down = 0.0, step = 0.02;
                for (int sign = 1; sign >= -1; sign -= 2) {
                    memcpy(free_taps, h, k * sizeof *h);
                    for (size_t i = 0; i < 3; i++) {
                        double change = (i == 1 ? -2.0 : 1.0) * step * (double)sign;
                        free_taps[n + i * s] += change;
                        free_taps[k - 1 - n - i * s] += change;
                    }
                    *(sign > 0 ? &up : &down) = squared_error(bands, n_bands, free_taps, k);
                }
                CHECK_CLOSE("slope", n, up - down, 0.0, 0.02 * (up + down - 2.0 * squared_error(bands, n_bands, h, k)) + 1e-9);
            }
        }
}

static void impossible_gains_are_refused(void)
{
    const tconv_band band = { 0.0, 0.2, 1.0, 1.0, 1.0 };
    const tconv_constraint contradiction[] = { { 0.1, 1.0 }, { 0.1, 2.0 } }, three[] = { { 0.0, 1.0 }, { 0.1, 1.0 }, { 0.2, 1.0 } };
    double h[MOST_TAPS];
    tconv_error error;
    CHECK(tconv_least_squares_taps(&band, 1, 9, contradiction, 2, h, &error) == TCONV_EARGUMENT);
    CHECK(tconv_least_squares_taps(&band, 1, 4, three, 3, h, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "3 exact gains are too many for the 2 free taps of a symmetric filter of 4");
    CHECK(tconv_least_squares_taps(&band, 0, 4, NULL, 0, h, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "there are 0 bands; 1 to 64 are allowed");
}

const struct test_suite suite = { "least_squares", {
    { "filters are those of SciPy", filters_are_those_of_scipy },
    { "filters are those of Octave", filters_are_those_of_octave },
    { "a sloped gain is that of SciPy", a_sloped_gain_is_that_of_scipy },
    { "a minimum has no slope", a_minimum_has_no_slope },
    { "flat filters have even branches", flat_filters_have_even_branches },
    { "impossible gains are refused", impossible_gains_are_refused },
    { NULL, NULL } } };
