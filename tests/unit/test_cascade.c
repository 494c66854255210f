/* Layers in series: the equivalent kernel against running them one after the other, the product of the responses, and the
 * tone combs of published vocoders. */
#include "testing.h"

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

#define MOST_LAYERS 4

static tconv_kernel *layer_of(const tconv_geometry *g)
{
    tconv_kernel *kernel = NULL;
    CHECK(tconv_kernel_create(&kernel, g, NULL) == TCONV_OK);
    return kernel;
}

static void free_layers(tconv_kernel **layers, size_t count)
{
    for (size_t l = 0; l < count; l++)
        tconv_kernel_destroy(layers[l]);
}

static size_t random_layers(tconv_kernel **layers, size_t ndim)
{
    size_t count = random_between(1, ndim == 1 ? MOST_LAYERS : 3);
    for (size_t l = 0; l < count; l++) {
        tconv_geometry g = tconv_geometry_default(ndim);
        for (size_t i = 0; i < ndim; i++) {
            g.axis[i] = (tconv_axis){ .stride = random_between(1, ndim == 1 ? 4 : 3), .n_taps = random_between(1, ndim == 1 ? 9 : 4),
                               .dilation = random_between(1, 2) };
        }
        layers[l] = layer_of(&g);
        random_taps(layers[l]->taps, tconv_kernel_count(layers[l]));
    }
    return count;
}

static double *run(const tconv_kernel *layer, const size_t *n_in, const double *x, size_t *n_out)
{
    tconv_transpose *plan = NULL;
    tconv_error error = { .message = "" };
    CHECK_MESSAGE(tconv_transpose_create(&plan, &layer->geometry, layer->taps, NULL, n_in, NULL, &error) == TCONV_OK, "%s", error.message);
    tconv_transpose_info info = tconv_transpose_describe(plan);
    size_t total = 1;
    for (size_t i = 0; i < layer->geometry.ndim; i++)
        total *= n_out[i] = info.n_out[i];
    double *y = calloc(total, sizeof *y);
    tconv_transpose_execute(plan, 1, x, y);
    tconv_transpose_destroy(plan);
    return y;
}

/* The same bound for both: products of at most 1, sums of at most prod k terms. */
static void compare(const tconv_kernel *whole, tconv_kernel **layers, size_t count, size_t round)
{
    size_t ndim = whole->geometry.ndim, n[TCONV_MAX_NDIM], m[TCONV_MAX_NDIM], sizes[TCONV_MAX_NDIM], total = 1;
    for (size_t i = 0; i < ndim; i++)
        total *= n[i] = ndim == 1 ? 40 : 14;
    double *x = calloc(total, sizeof *x);
    random_taps(x, total);
    double *y = run(whole, n, x, sizes), *z = calloc(total, sizeof *z), scale = 1.0;
    memcpy(z, x, total * sizeof *z);
    memcpy(m, n, sizeof m);
    for (size_t l = 0; l < count; l++) {
        double sum = 0.0, *next = run(layers[l], m, z, m);
        for (size_t t = 0; t < tconv_kernel_count(layers[l]); t++)
            sum += fabs(layers[l]->taps[t]);
        scale *= sum;
        free(z);
        z = next;
    }
    total = 1;
    for (size_t i = 0; i < ndim; i++) {
        CHECK_MESSAGE(sizes[i] == m[i], "round %zu: sizes %zu and %zu", round, sizes[i], m[i]);
        total *= sizes[i];
    }
    double worst = 0.0;
    for (size_t j = 0; j < total && memcmp(sizes, m, ndim * sizeof *m) == 0; j++)
        worst = fmax(worst, fabs(y[j] - z[j]));
    CHECK_CLOSE("in series", round, worst, 0.0, 1e-12 * fmax(1.0, scale));
    free(x);
    free(y);
    free(z);
}

static void in_series(size_t ndim)
{
    for (size_t round = 0; round < test_rounds(ndim == 1 ? 1000 : 200); round++) {
        tconv_kernel *layers[MOST_LAYERS], *whole = NULL;
        tconv_error error = { .message = "" };
        size_t count = random_layers(layers, ndim);
        tconv_status status = tconv_cascade_equivalent((const tconv_kernel *const *)layers, count, &whole, &error);
        CHECK_MESSAGE(status == TCONV_OK, "%s", error.message);
        if (whole != NULL)
            compare(whole, layers, count, round);
        tconv_kernel_destroy(whole);
        free_layers(layers, count);
    }
}

static void without_crops_it_equals_the_layers_in_series_everywhere_in_1d(void) { in_series(1); }
static void without_crops_it_equals_the_layers_in_series_everywhere_in_2d(void) { in_series(2); }

/* Two layers with crops: at least s2 * (crop of the first) + taps of the second away from the ends. */
static void with_crops_it_equals_them_away_from_borders(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_kernel *layers[2], *whole = NULL;
        for (size_t l = 0; l < 2; l++) {
            tconv_geometry g = tconv_geometry_default(1);
            g.axis[0] = (tconv_axis){ .stride = random_between(1, 4), .n_taps = random_between(4, 9), .dilation = random_between(1, 2),
                                      .pad_begin = (int64_t)random_between(0, 3), .pad_end = (int64_t)random_between(0, 3) };
            g.axis[0].output_padding = random_between(0, g.axis[0].stride - 1);
            layers[l] = layer_of(&g);
            random_taps(layers[l]->taps, g.axis[0].n_taps);
        }
        CHECK(tconv_cascade_equivalent((const tconv_kernel *const *)layers, 2, &whole, NULL) == TCONV_OK);
        double x[64];
        size_t n[] = { 64 }, m[1], size[1], edge = 4 * 4 + 18;
        random_taps(x, 64);
        double *y = run(whole, n, x, size), *first = run(layers[0], n, x, m), *z = run(layers[1], m, first, m);
        CHECK(size[0] == m[0]);
        size_t compared = 0;
        for (size_t j = edge; j + edge < size[0] && size[0] == m[0]; j++, compared++)
            CHECK_CLOSE("inside", j, y[j], z[j], 1e-12);
        CHECK(compared > 0 || size[0] <= 2 * edge);
        free(y);
        free(first);
        free(z);
        tconv_kernel_destroy(whole);
        free_layers(layers, 2);
    }
}

static void its_response_is_the_product_of_the_layers_responses(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_kernel *layers[MOST_LAYERS], *whole = NULL;
        size_t count = random_layers(layers, 1), after = 1;
        double f = random_uniform(-0.5, 0.5), scale = 1.0;
        tconv_complex one, all = { 0, 0 };
        double complex product = 1.0;
        CHECK(tconv_cascade_equivalent((const tconv_kernel *const *)layers, count, &whole, NULL) == TCONV_OK);
        for (size_t l = count; l-- > 0; after *= layers[l]->geometry.axis[0].stride) {
            double own = f * (double)after, sum = 0.0;
            CHECK(tconv_response_at(&layers[l]->geometry, layers[l]->taps, &own, 1, &one) == TCONV_OK);
            product *= one.re + one.im * _Complex_I;
            for (size_t t = 0; t < tconv_kernel_count(layers[l]); t++)
                sum += fabs(layers[l]->taps[t]);
            scale *= sum;
        }
        if (whole != NULL)
            CHECK(tconv_response_at(&whole->geometry, whole->taps, &f, 1, &all) == TCONV_OK);
        CHECK_CLOSE("re", round, all.re, creal(product), 1e-12 * fmax(scale, 1.0));
        CHECK_CLOSE("im", round, all.im, cimag(product), 1e-12 * fmax(scale, 1.0));
        tconv_kernel_destroy(whole);
        free_layers(layers, count);
    }
}

/* All-ones kernels show the combs that the geometry makes whatever is learned. */
static void the_combs_of_published_vocoders_come_out_in_hertz(void)
{
    static const struct {
        const char *name;
        double rate;
        size_t count, s[4], k[4];
        double comb[4];   /* layer l makes tones at multiples of it; 0: none */
    } cases[] = {
        { "RVC v1 40k", 100.0, 4, { 10, 10, 2, 2 }, { 16, 16, 4, 4 }, { 100.0, 1000.0, 0.0, 0.0 } },
        { "CosyVoice2 24k", 50.0, 3, { 8, 5, 3 }, { 16, 11, 7 }, { 0.0, 400.0, 2000.0, 0.0 } },
        { "HiFi-GAN V1", 86.1328125, 4, { 8, 8, 2, 2 }, { 16, 16, 4, 4 }, { 0.0, 0.0, 0.0, 0.0 } },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_kernel *layers[4];
        for (size_t l = 0; l < cases[c].count; l++) {
            tconv_geometry g = tconv_geometry_default(1);
            g.axis[0].stride = cases[c].s[l];
            g.axis[0].n_taps = cases[c].k[l];
            layers[l] = layer_of(&g);
            for (size_t t = 0; t < cases[c].k[l]; t++)
                layers[l]->taps[t] = 1.0;
        }
        const tconv_kernel *const *list = (const tconv_kernel *const *)layers;
        size_t count = tconv_cascade_tone_count(list, cases[c].count), seen[4] = { 0 };
        tconv_tone *tones = calloc(count, sizeof *tones);
        CHECK(tconv_cascade_tones(list, cases[c].count, cases[c].rate, tones, NULL) == TCONV_OK);
        for (size_t m = 0; m < count; m++) {
            double comb = cases[c].comb[tones[m].layer];
            CHECK_CLOSE(cases[c].name, m, tones[m].hz, cases[c].rate * (double)(m + 1), 1e-9);
            CHECK_MESSAGE(comb != 0.0 || tones[m].db == -INFINITY, "%s: an even layer makes no tone at %zu", cases[c].name, m + 1);
            if (tones[m].db > -200.0) {
                seen[tones[m].layer]++;
                CHECK_CLOSE("a multiple of the comb", m, tones[m].hz / comb, rint(tones[m].hz / comb), 1e-9);
            }
        }
        for (size_t l = 0; l < cases[c].count; l++)
            CHECK_MESSAGE((seen[l] > 0) == (cases[c].comb[l] > 0.0), "%s: layer %zu", cases[c].name, l + 1);
        free(tones);
        free_layers(layers, cases[c].count);
    }
}

/* Random taps, as at initialisation: every layer makes a comb at multiples of its own input rate. */
static void random_layers_make_tones_at_their_input_rates(void)
{
    static const size_t s[] = { 8, 8, 2, 2 };
    static const double rate[] = { 86.1328125, 689.0625, 5512.5, 11025.0 };   /* 22050 Hz / 256 and so on */
    tconv_kernel *layers[4];
    for (size_t l = 0; l < 4; l++) {
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0].stride = s[l];
        g.axis[0].n_taps = 2 * s[l];
        layers[l] = layer_of(&g);
        random_taps(layers[l]->taps, 2 * s[l]);
    }
    tconv_tone tones[128];
    CHECK(tconv_cascade_tone_count((const tconv_kernel *const *)layers, 4) == 128);
    CHECK(tconv_cascade_tones((const tconv_kernel *const *)layers, 4, rate[0], tones, NULL) == TCONV_OK);
    for (size_t l = 0; l < 4; l++) {
        double first = 0.0;
        for (size_t m = 128; m-- > 0;)
            if (tones[m].layer == l)
                first = tones[m].hz;
        CHECK_CLOSE("first tone", l, first, rate[l], 1e-9);
    }
    free_layers(layers, 4);
}

static void what_is_no_cascade_is_refused_in_a_sentence(void)
{
    tconv_geometry one = tconv_geometry_default(1), two = tconv_geometry_default(2), wide = tconv_geometry_default(1);
    wide.channels_in = 2;
    one.axis[0].stride = 60000;
    tconv_kernel *a = layer_of(&one), *b = layer_of(&two), *c = layer_of(&wide), *whole;
    tconv_error error;
    CHECK(tconv_cascade_equivalent(NULL, 0, &whole, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a cascade has at least one layer");
    CHECK(tconv_cascade_equivalent((const tconv_kernel *[]){ a, b }, 2, &whole, &error) == TCONV_EARGUMENT && whole == NULL);
    CHECK_TEXT(error.message, "layer 2 has 2 dimensions, the first one 1");
    CHECK(tconv_cascade_equivalent((const tconv_kernel *[]){ a, c }, 2, &whole, &error) == TCONV_EARGUMENT && whole == NULL);
    CHECK_TEXT(error.message, "layer 2 has several channels; a cascade is of single kernels");
    CHECK(tconv_cascade_equivalent((const tconv_kernel *[]){ a, a }, 2, &whole, &error) == TCONV_EGEOMETRY && whole == NULL);
    CHECK_TEXT(error.message, "up to layer 2 the layers make a kernel or stride that is too long for one layer");
    tconv_tone tones[4];
    CHECK(tconv_cascade_tones((const tconv_kernel *[]){ b }, 1, 1.0, tones, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "tones are those of 1-D layers");
    tconv_kernel_destroy(a);
    tconv_kernel_destroy(b);
    tconv_kernel_destroy(c);
}

const struct test_suite suite = { "cascade", {
    { "without crops it equals the layers in series everywhere, in 1-D", without_crops_it_equals_the_layers_in_series_everywhere_in_1d },
    { "without crops it equals the layers in series everywhere, in 2-D", without_crops_it_equals_the_layers_in_series_everywhere_in_2d },
    { "with crops it equals them away from borders", with_crops_it_equals_them_away_from_borders },
    { "its response is the product of the layers' responses", its_response_is_the_product_of_the_layers_responses },
    { "the combs of published vocoders come out in hertz", the_combs_of_published_vocoders_come_out_in_hertz },
    { "random layers make tones at their input rates", random_layers_make_tones_at_their_input_rates },
    { "what is no cascade is refused in a sentence", what_is_no_cascade_is_refused_in_a_sentence },
    { NULL, NULL } } };
