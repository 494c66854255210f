/* Equiripple filters: SciPy's remez, the alternation theorem itself, long filters, refusals. */
#include "testing_vectors.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "design/equiripple.h"

#define MOST_TAPS 1024

/* Both remez work on a grid. SciPy's has 16000 points per ripple, Octave's as many as the last parameter says: the error falls as
 * the square of their distance, and is below 0.02/points^2 here. */
static void filters_are_those_of(const char *name)
{
    struct vectors *file = vectors_open(name);
    double h[MOST_TAPS];
    while (vectors_next(file, "remez")) {
        tconv_band bands[TCONV_MAX_BANDS];
        size_t n_bands = 0, k = (size_t)file->parameter[4];
        CHECK(tconv_bands_interpolator((size_t)file->parameter[0], file->parameter[1], file->parameter[2], file->parameter[3] != 0.0,
                                       bands, &n_bands, NULL) == TCONV_OK);
        CHECK(tconv_equiripple_taps(bands, n_bands, k, h, NULL, NULL) == TCONV_OK && file->n_values == k);
        double points = file->n_parameters > 5 ? file->parameter[5] : 16000.0, tolerance = fmax(1e-8, 0.02 / (points * points));
        for (size_t n = 0; n < k; n++)
            CHECK_CLOSE("remez", n, h[n], file->value[n], tolerance);
    }
    vectors_close(file);
}

static void filters_are_those_of_scipy(void) { filters_are_those_of("design.txt"); }
static void filters_are_those_of_octave(void) { filters_are_those_of("design-octave.txt"); }

static double weighted_error(const tconv_band *band, const double *h, size_t k, double f)
{
    double gain = band->gain_low + (band->gain_high - band->gain_low) * (f - band->low) / (band->high - band->low);
    return band->weight * (gain - tconv_amplitude(h, k, f));
}

/* The maximum of |E| near f, between two grid points on either side, by thinner and thinner grids. */
static double polished(const tconv_band *band, const double *h, size_t k, double f, double step)
{
    double best = fabs(weighted_error(band, h, k, f));
    for (int round = 0; round < 8; round++, step /= 4.0) {
        double centre = f;
        for (int i = -4; i <= 4; i++) {
            double at = fmin(fmax(centre + step * (double)i / 4.0, band->low), band->high), e = fabs(weighted_error(band, h, k, at));
            if (e > best) {
                best = e;
                f = at;
            }
        }
    }
    return best;
}

/* Alternation theorem: floor((k+1)/2) + 1 extrema of alternating sign, all of one size, none larger. Counted here from the
 * taps alone, on a grid of 30 points per ripple. */
static void alternates(const tconv_band *bands, size_t n_bands, size_t k)
{
    static double h[MOST_TAPS];
    tconv_ripple ripple;
    tconv_error error;
    tconv_status status = tconv_equiripple_taps(bands, n_bands, k, h, &ripple, &error);
    CHECK_MESSAGE(status == TCONV_OK, "%zu taps: %s", k, error.message);
    if (status != TCONV_OK)
        return;
    size_t extrema = 0;
    double run = 0.0, least = INFINITY, most = 0.0;   /* run: the largest error of the present sign, signed */
    for (size_t b = 0; b < n_bands; b++) {
        size_t points = (size_t)((bands[b].high - bands[b].low) * 15.0 * (double)k) + 40;
        double step = (bands[b].high - bands[b].low) / (double)points;
        for (size_t i = 0; i <= points; i++) {
            double f = i == points ? bands[b].high : bands[b].low + step * (double)i, e = weighted_error(&bands[b], h, k, f);
            double before = i > 0 ? fabs(weighted_error(&bands[b], h, k, f - step)) : 0.0;
            double after = i < points ? fabs(weighted_error(&bands[b], h, k, fmin(f + step, bands[b].high))) : 0.0;
            if (fabs(e) < 0.9 * ripple.deviation || fabs(e) < before || fabs(e) < after)
                continue;
            double size = polished(&bands[b], h, k, f, step);
            most = fmax(most, size);
            if (size < (1.0 - 1e-6) * ripple.deviation)
                continue;
            least = fmin(least, size);
            extrema += run == 0.0 || (e < 0.0) != (run < 0.0) ? 1 : 0;
            run = e;
        }
    }
    CHECK_MESSAGE(extrema >= (k + 1) / 2 + 1 && ripple.extrema == (k + 1) / 2 + 1, "%zu taps: %zu alternations, wanted %zu", k, extrema,
                  (k + 1) / 2 + 1);
    CHECK_CLOSE("largest ripple", k, most / ripple.deviation, 1.0, 1e-6);
    CHECK_CLOSE("smallest ripple", k, least / ripple.deviation, 1.0, 1e-6);
    CHECK(ripple.unevenness <= 1e-6);
    for (size_t n = 0; n < k; n++)
        CHECK(h[n] == h[k - 1 - n]);
}

static void the_alternation_theorem_holds(void)
{
    static const struct { size_t s, k; double edge, weight; bool images; } cases[] = {
        { 2, 3, 0.8, 1, false }, { 2, 4, 0.5, 1, false }, { 2, 24, 0.8, 1, false }, { 2, 25, 0.8, 100, false }, { 3, 36, 0.7, 0.01, true },
        { 4, 49, 0.8, 1, true }, { 4, 48, 0.8, 10, true }, { 5, 25, 0.6, 1, true }, { 8, 127, 0.9, 1, false }, { 8, 128, 0.9, 1, true },
        { 2, 300, 0.98, 1, false }, { 2, 301, 0.98, 1, false }, { 4, 501, 0.97, 3, false }, { 4, 500, 0.97, 1, true }, { 10, 799, 0.98, 1, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_band bands[TCONV_MAX_BANDS];
        size_t n_bands = 0;
        CHECK(tconv_bands_interpolator(cases[i].s, cases[i].edge, cases[i].weight, cases[i].images, bands, &n_bands, NULL) == TCONV_OK);
        alternates(bands, n_bands, cases[i].k);
    }
    const tconv_band sloped[] = { { 0.05, 0.2, 0.0, 1.0, 1.0 }, { 0.25, 0.4, 1.0, 0.25, 3.0 } };
    alternates(sloped, 2, 21);
    alternates(sloped, 2, 30);
}

/* Random bands and lengths: alternation every time; none may fail, as the ripples are kept above 60 dB down by the
 * estimate of Kaiser, k = (A - 7.95)/(14.36 width) + 1 (Kaiser 1974). */
static void random_designs_alternate(void)
{
    for (size_t round = 0; round < test_rounds(250); round++) {
        size_t s = random_between(2, 6), n_bands = 0;
        double edge = random_uniform(0.5, 0.97), width = (1.0 - edge) / (double)s;
        size_t most = (size_t)fmin(50.0 / (14.36 * width) + 2.0, 120.0);
        tconv_band bands[TCONV_MAX_BANDS];
        CHECK(tconv_bands_interpolator(s, edge, exp(random_uniform(-4.0, 4.0)), false, bands, &n_bands, NULL) == TCONV_OK);
        alternates(bands, n_bands, random_between(3, most > 3 ? most : 3));
    }
}

/* One free tap, h = a: |A| over gains 1 and 0 is best at 1/2. Three taps with a closed form: A = a0 + a1 cos(2 pi f) and
 * bands [0, f1] at 1, [f2, 1/2] at 0 mirrored about 1/4: a0 = 1/2, and the error at 0, f1, f2: 1/2 - a1 = a1 cos(2 pi f1) - 1/2. */
static void three_taps_have_the_closed_form(void)
{
    const tconv_band bands[] = { { 0.0, 0.1, 1.0, 1.0, 1.0 }, { 0.4, 0.5, 0.0, 0.0, 1.0 } };
    double h[3], a1 = 1.0 / (1.0 + cos(0.2 * 3.14159265358979323846));
    tconv_ripple ripple;
    CHECK(tconv_equiripple_taps(bands, 2, 3, h, &ripple, NULL) == TCONV_OK);
    CHECK_CLOSE("h", 0, h[0], a1 / 2.0, 1e-14);
    CHECK_CLOSE("h", 1, h[1], 0.5, 1e-14);
    CHECK_CLOSE("deviation", 0, ripple.deviation, a1 - 0.5, 1e-14);
}

static void impossible_designs_are_refused(void)
{
    static const struct { tconv_band bands[2]; size_t n_bands, k; const char *message; } cases[] = {
        { { { 0.0, 0.1, 1, 1, 1 }, { 0.3, 0.5, 0, 0, 1 } }, 0, 11, "there are 0 bands; 1 to 64 are allowed" },
        { { { 0.0, 0.1, 1, 1, 1 }, { 0.3, 0.5, 0, 0, 1 } }, 2, 2, "2 taps; an equiripple filter has 3 to 100000" },
        { { { 0.0, 0.3, 1, 1, 1 }, { 0.2, 0.5, 0, 0, 1 } }, 2, 11, "band 2 does not begin after the end of band 1" },
        { { { 0.0, 0.1, 1, 1, 1 }, { 0.3, 0.6, 0, 0, 1 } }, 2, 11,
          "band 2: allowed are 0 <= low < high <= 1/2 cycles per sample, finite gains and a positive weight" },
        { { { 0.0, 0.1, 1, 1, -1 }, { 0.3, 0.5, 0, 0, 1 } }, 2, 11,
          "band 1: allowed are 0 <= low < high <= 1/2 cycles per sample, finite gains and a positive weight" },
        { { { 0.0, 0.1, (double)NAN, 1, 1 }, { 0.3, 0.5, 0, 0, 1 } }, 2, 11,
          "band 1: allowed are 0 <= low < high <= 1/2 cycles per sample, finite gains and a positive weight" },
        { { { 0.0, 0.1, 0, 0, 1 }, { 0.3, 0.5, 1, 1, 1 } }, 2, 10,
          "10 taps, an even number, have gain 0 at 1/2 cycle per sample: no other gain can be asked for there" },
        { { { 0.0, 0.1, 1, 1, 1 }, { 0.3, 0.5, 0, 0, 1 } }, 2, 201,
          "201 taps are too many for these bands: the ripples would vanish in rounding; take fewer taps, a larger edge, or a narrower transition" },
        { { { 0.0, 0.1, 1, 1, 1 }, { 0, 0, 0, 0, 0 } }, 1, 5, NULL },
        { { { 0.0, 0.1, 1, 1, 1 }, { 0, 0, 0, 0, 0 } }, 1, 31, NULL },
    };
    double h[256];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_error error;
        CHECK(tconv_equiripple_taps(cases[i].bands, cases[i].n_bands, cases[i].k, h, NULL, &error) == TCONV_EARGUMENT);
        if (cases[i].message != NULL)
            CHECK_TEXT(error.message, cases[i].message);
    }
    tconv_band bands[TCONV_MAX_BANDS];
    size_t n_bands;
    tconv_error error;
    CHECK(tconv_bands_interpolator(2, 1.0, 1.0, false, bands, &n_bands, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the edge is a fraction of the baseband, above 0 and below 1");
    CHECK(tconv_bands_interpolator(200, 0.5, 1.0, true, bands, &n_bands, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "stride 200 has more images than the limit of 64 bands");
}

const struct test_suite suite = { "equiripple", {
    { "filters are those of SciPy", filters_are_those_of_scipy },
    { "filters are those of Octave", filters_are_those_of_octave },
    { "the alternation theorem holds", the_alternation_theorem_holds },
    { "random designs alternate", random_designs_alternate },
    { "three taps have the closed form", three_taps_have_the_closed_form },
    { "impossible designs are refused", impossible_designs_are_refused },
    { NULL, NULL } } };
