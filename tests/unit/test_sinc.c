/* Windowed sincs against SciPy's firwin and the published filters of two networks; branches as fractional delays. */
#include "testing_vectors.h"

#include <complex.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/constants.h"
#include "design/bands.h"
#include "design/sinc.h"

#define MOST_TAPS 4096

static void scale_to(double *taps, size_t k, double gain)
{
    double sum = 0.0;
    for (size_t n = 0; n < k; n++)
        sum += taps[n];
    for (size_t n = 0; n < k; n++)
        taps[n] *= gain / sum;
}

static void sinc_is_zero_at_whole_numbers(void)
{
    CHECK(tconv_sinc(0.0) == 1.0);
    for (int n = 1; n < 2000; n++)
        CHECK(tconv_sinc((double)n) == 0.0 && tconv_sinc((double)-n) == 0.0);
    for (size_t round = 0; round < test_rounds(1000); round++) {
        double x = random_uniform(-3.0, 3.0);
        CHECK_CLOSE("sinc", round, tconv_sinc(x), (double)(sinl(3.14159265358979323846264338327950288L * (long double)x)
                    / (3.14159265358979323846264338327950288L * (long double)x)), 8.0 * DBL_EPSILON);
    }
}

/* firwin multiplies and scales in another order: k additions, a few eps of the largest tap. */
static void windowed_sincs_are_those_of(const char *name)
{
    struct vectors *file = vectors_open(name);
    double h[MOST_TAPS];
    while (vectors_next(file, "firwin")) {
        tconv_window window = { (tconv_window_kind)(int)file->parameter[0], file->parameter[1] };
        size_t s = (size_t)file->parameter[2], k = (size_t)file->parameter[4];
        tconv_sinc_taps(s, file->parameter[3], &window, 0.0, k, h);
        scale_to(h, k, (double)s);
        for (size_t n = 0; n < k; n++)
            CHECK_CLOSE(tconv_window_text(window.kind), n, h[n], file->value[n], 1e-14);
    }
    vectors_close(file);
}

static void windowed_sincs_are_those_of_firwin(void) { windowed_sincs_are_those_of("design.txt"); }
static void windowed_sincs_are_those_of_octave(void) { windowed_sincs_are_those_of("design-octave.txt"); }

/* BigVGAN: ratio 2, 12 taps, cutoff 0.5/ratio = the baseband's edge, half-width 0.6/ratio cycles per output sample,
 * A = 2.285 (half - 1) pi 4 half-width + 7.95 with half = 6: 51.0 dB, beta 4.66; sum 1, times 2. */
static void the_filter_of_bigvgan_is_reproduced(void)
{
    struct vectors *file = vectors_open("design.txt");
    if (!vectors_next(file, "bigvgan")) {
        vectors_close(file);
        return;
    }
    double attenuation = tconv_kaiser_attenuation(6, 4.0 * 0.6 / 2.0), h[12];
    CHECK_CLOSE("attenuation", 0, attenuation, 51.0, 0.05);
    CHECK_CLOSE("beta", 0, tconv_kaiser_beta(attenuation), 4.66, 0.005);
    tconv_window window = { TCONV_WINDOW_KAISER, tconv_kaiser_beta(attenuation) };
    tconv_sinc_taps(2, 1.0, &window, 0.0, 12, h);
    scale_to(h, 12, 2.0);
    for (size_t n = 0; n < 12; n++)
        CHECK_CLOSE("bigvgan", n, h[n], file->value[n], 1e-14);
    vectors_close(file);
}

/* StyleGAN3-T at 1024: 6 taps per input sample, Kaiser's beta from the transition of twice the half-width. */
static void the_filters_of_stylegan3_are_reproduced(void)
{
    static const struct { size_t layer; double attenuation_db; } published[] = { { 1, 67.0 }, { 6, 62.0 }, { 12, 37.0 }, { 13, 26.0 }, { 14, 26.0 } };
    struct vectors *file = vectors_open("design.txt");
    double h[MOST_TAPS];
    while (vectors_next(file, "stylegan3")) {
        size_t layer = (size_t)file->parameter[0], s = (size_t)file->parameter[1], k = 6 * s;
        double cutoff = file->parameter[2], half_width = file->parameter[3], rate = file->parameter[4];
        double attenuation = tconv_kaiser_attenuation(k, 2.0 * half_width / ((double)s * rate / 2.0));
        for (size_t i = 0; i < sizeof published / sizeof published[0]; i++)
            if (published[i].layer == layer)
                CHECK_CLOSE("attenuation", layer, attenuation, published[i].attenuation_db, 0.55);
        tconv_window window = { TCONV_WINDOW_KAISER, tconv_kaiser_beta(attenuation) };
        tconv_sinc_taps(s, cutoff / (rate / 2.0), &window, 0.0, k, h);
        scale_to(h, k, (double)s);
        CHECK(file->n_values == k);
        for (size_t n = 0; n < k; n++)
            CHECK_CLOSE("stylegan3", n, h[n], file->value[n], 1e-14);
    }
    vectors_close(file);
}

/* A long Kaiser sinc at a distance from the band edge: branch q answers f with gain 1 and phase delay (c - q)/s. The
 * residue is the window's stopband, 120 dB down here. */
static void branches_of_the_sinc_are_fractional_delays(void)
{
    double h[MOST_TAPS];
    for (size_t s = 2; s <= 9; s++) {
        size_t k = 40 * s + 1;
        tconv_window window = { TCONV_WINDOW_KAISER, tconv_kaiser_beta(120.0) };
        tconv_sinc_taps(s, 1.0, &window, 0.0, k, h);
        double centre = ((double)k - 1.0) / 2.0;
        for (size_t q = 0; q < s; q++)
            for (double f = -0.35; f <= 0.36; f += 0.05) {
                double complex got = 0.0;
                for (size_t n = q; n < k; n += s)
                    got += h[n] * cexp(-2.0 * I * TCONV_PI * f * (double)(n / s));
                double complex want = cexp(-2.0 * I * TCONV_PI * f * (centre - (double)q) / (double)s);
                CHECK_CLOSE("fractional delay", q, cabs(got - want), 0.0, 3e-6);
            }
    }
}

static void a_delay_moves_the_sinc(void)
{
    double h[MOST_TAPS], moved[MOST_TAPS];
    tconv_window none = { TCONV_WINDOW_RECTANGULAR, 0.0 };
    tconv_sinc_taps(3, 1.0, &none, 0.0, 31, h);
    tconv_sinc_taps(3, 1.0, &none, 2.0, 31, moved);
    for (size_t n = 2; n < 31; n++)
        CHECK(moved[n] == h[n - 2]);
    CHECK(moved[0] == 0.0 && moved[1] == 0.0 && h[15] == 1.0 && h[12] == 0.0 && h[18] == 0.0);
    tconv_sinc_taps(2, 1.0, &none, 0.0, 1, h);
    CHECK(h[0] == 1.0);
}

const struct test_suite suite = { "sinc", {
    { "the sinc is zero at whole numbers and right between them", sinc_is_zero_at_whole_numbers },
    { "windowed sincs are those of firwin", windowed_sincs_are_those_of_firwin },
    { "windowed sincs are those of Octave", windowed_sincs_are_those_of_octave },
    { "the filter of BigVGAN is reproduced", the_filter_of_bigvgan_is_reproduced },
    { "the filters of StyleGAN3 are reproduced", the_filters_of_stylegan3_are_reproduced },
    { "branches of the sinc are fractional delays", branches_of_the_sinc_are_fractional_delays },
    { "a delay moves the sinc", a_delay_moves_the_sinc },
    { NULL, NULL } } };
