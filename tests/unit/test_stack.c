/* Layers in series: their sizes, the one layer that equals them, and figures of published networks. */
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

static tconv_axis layer(size_t k, size_t s, int64_t p, size_t o)
{
    return (tconv_axis){ .n_taps = k, .stride = s, .dilation = 1, .pad_begin = p, .pad_end = p, .output_padding = o };
}

/* Padding floor((k - u)/2) as in vocoders. */
static size_t vocoder(const size_t *rates, const size_t *kernels, size_t count, tconv_axis *layers)
{
    for (size_t l = 0; l < count; l++)
        layers[l] = layer(kernels[l], rates[l], (int64_t)((kernels[l] - rates[l]) / 2), 0);
    return count;
}

static double index_db(const tconv_axis *axis, size_t ndim)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++)
        g.axis[i] = *axis;
    return tconv_geometry_index_db(&g);
}

/* ---- one layer as the definition makes it ---- */

#define MOST_SAMPLES 4096

/* y[s i + d r - pb] += x[i] w[r], all taps 1 or given. */
static size_t run(const tconv_axis *a, const double *w, const double *x, size_t n, double *y)
{
    size_t m = 0;
    CHECK(tconv_axis_output_size(a, n, &m, NULL) == TCONV_OK && m <= MOST_SAMPLES);
    memset(y, 0, m * sizeof *y);
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < a->n_taps; r++) {
            int64_t at = (int64_t)(a->stride * i + a->dilation * r) - a->pad_begin;
            if (at >= 0 && at < (int64_t)m)
                y[at] += x[i] * w[r];
        }
    return m;
}

static void random_layer(tconv_axis *a)
{
    *a = (tconv_axis){ .stride = random_between(1, 3), .n_taps = random_between(1, 5), .dilation = random_between(1, 2) };
    int64_t effective = (int64_t)tconv_axis_effective_taps(a);
    a->pad_begin = (int64_t)random_between(0, (size_t)effective) - 1;
    a->pad_end = (int64_t)random_between(0, (size_t)effective) - 1;
    size_t limit = a->stride > a->dilation ? a->stride : a->dilation;
    a->output_padding = random_between(0, limit - 1);
}

static void the_whole_equals_the_layers(void)
{
    static double x[MOST_SAMPLES], y[MOST_SAMPLES], z[MOST_SAMPLES];
    for (size_t round = 0; round < test_rounds(2000); round++) {
        tconv_axis layers[3], whole;
        size_t count = random_between(1, 3), n = 24, sizes[3];
        double taps[3][8];
        for (size_t l = 0; l < count; l++) {
            random_layer(&layers[l]);
            for (size_t r = 0; r < 5; r++)
                taps[l][r] = (double)random_small_integer(3);       /* sums of products of integers are exact */
        }
        tconv_error error;
        CHECK_MESSAGE(tconv_stack_equivalent(layers, count, &whole, &error) == TCONV_OK, "%s", error.message);
        CHECK(tconv_stack_sizes(layers, count, n, sizes, NULL) == TCONV_OK);
        memset(x, 0, n * sizeof *x);
        x[n / 2] = 1.0;                     /* the stack's answer to one sample in the middle is h of the whole */
        size_t m = n;
        double *in = x, *out = y;
        for (size_t l = 0; l < count; l++) {
            m = run(&layers[l], taps[l], in, m, out);
            CHECK(m == sizes[l]);
            in = out;
            out = out == y ? z : y;
        }
        size_t by_whole = 0;
        CHECK(tconv_axis_output_size(&whole, n, &by_whole, NULL) == TCONV_OK && by_whole == m);
        /* h lies at s*(n/2) - pb .. + k - 1, with its first and last tap the products of the layers' */
        int64_t begin = (int64_t)(whole.stride * (n / 2)) - whole.pad_begin;
        double first = 1.0, last = 1.0, inside = 0.0, all = 0.0;
        for (size_t l = 0; l < count; l++) {
            first *= taps[l][0];
            last *= taps[l][layers[l].n_taps - 1];
        }
        CHECK(begin >= 0 && begin + (int64_t)whole.n_taps <= (int64_t)m);
        CHECK(in[begin] == first);
        CHECK(in[begin + (int64_t)whole.n_taps - 1] == last);
        for (size_t j = 0; j < m; j++) {
            all += fabs(in[j]);
            if ((int64_t)j >= begin && (int64_t)j < begin + (int64_t)whole.n_taps)
                inside += fabs(in[j]);
        }
        CHECK(all == inside);
        CHECK_CLOSE("pixel offset", round, tconv_stack_pixel_offset(layers, count), tconv_axis_pixel_offset(&whole), 1e-12);
    }
}

static void samples_lost_do_not_depend_on_the_size(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_axis axis;
        random_layer(&axis);
        size_t n = random_between(12, 60), m, extra, limit = axis.stride > axis.dilation ? axis.stride : axis.dilation;
        CHECK(tconv_axis_output_size(&axis, n, &m, NULL) == TCONV_OK);
        CHECK((int64_t)m - (int64_t)(axis.stride * n) == tconv_axis_surplus(&axis));
        bool possible = false;
        for (size_t o = 0; o < limit; o++) {                   /* by trial */
            tconv_axis tried = axis;
            tried.output_padding = o;
            CHECK(tconv_axis_output_size(&tried, n, &m, NULL) == TCONV_OK);
            if (m == axis.stride * n) {
                possible = true;
                CHECK(tconv_axis_repair_padding(&axis, &extra) && extra == o);
            }
        }
        CHECK(possible == tconv_axis_repair_padding(&axis, &extra));
    }
}

/* k = 2s, p = ceil(s/2), no output padding: s*N for even s, one sample less for odd s (neural codecs: 32000 in, 31992 out). */
static void odd_strides_lose_a_sample(void)
{
    for (size_t s = 1; s <= 9; s++) {
        tconv_axis axis = layer(2 * s, s, (int64_t)((s + 1) / 2), 0);
        size_t extra = 99;
        CHECK(tconv_axis_surplus(&axis) == -(int64_t)(s % 2));
        CHECK(tconv_axis_repair_padding(&axis, &extra) == (s > 1) && (s == 1 || extra == s % 2));
    }
    tconv_axis dac = layer(10, 5, 3, 0);                      /* size 5H-1; 1.5 output samples instead of 2 */
    size_t size;
    CHECK(tconv_axis_output_size(&dac, 20, &size, NULL) == TCONV_OK && size == 99);
    CHECK_CLOSE("DAC", 0, -tconv_axis_receptive_field_offset(&dac) * 5.0, 1.5, 1e-12);
    CHECK_CLOSE("DAC on the half-pixel grid", 0, (tconv_axis_pixel_offset(&dac) - tconv_axis_receptive_field_offset(&dac)) * 5.0, 2.0, 1e-12);
    /* strides 8, 5, 4, 2 of one codec: 100 frames of 320 lose 8 samples = 1 * 4 * 2 */
    tconv_axis codec[4] = { layer(16, 8, 4, 0), layer(10, 5, 3, 0), layer(8, 4, 2, 0), layer(4, 2, 1, 0) }, whole;
    CHECK(tconv_stack_equivalent(codec, 4, &whole, NULL) == TCONV_OK && tconv_axis_surplus(&whole) == -8);
    size_t sizes[4];
    CHECK(tconv_stack_sizes(codec, 4, 100, sizes, NULL) == TCONV_OK && sizes[3] == 31992);
}

static void published_vocoders(void)
{
    static const struct { const char *name; size_t count, rates[4], kernels[4]; double frame_rate, index[4], comb[4]; } cases[] = {
        { "RVC v1 40k", 4, { 10, 10, 2, 2 }, { 16, 16, 4, 4 }, 100.0, { -10.3, -10.3, -INFINITY, -INFINITY }, { 100, 1000, 10000, 20000 } },
        { "CosyVoice2 24k", 3, { 8, 5, 3 }, { 16, 11, 7 }, 50.0, { -INFINITY, -14.8, -13.9 }, { 50, 400, 2000 } },
        { "HiFi-GAN V1 22.05k", 4, { 8, 8, 2, 2 }, { 16, 16, 4, 4 }, 22050.0 / 256.0,
          { -INFINITY, -INFINITY, -INFINITY, -INFINITY }, { 86.13, 689.06, 5512.5, 11025 } },
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        tconv_axis layers[4], whole;
        vocoder(cases[c].rates, cases[c].kernels, cases[c].count, layers);
        CHECK(tconv_stack_equivalent(layers, cases[c].count, &whole, NULL) == TCONV_OK && tconv_axis_surplus(&whole) == 0);
        for (size_t l = 0; l < cases[c].count; l++) {
            CHECK_CLOSE(cases[c].name, l, index_db(&layers[l], 1), cases[c].index[l], 0.05);
            CHECK_CLOSE(cases[c].name, l, cases[c].frame_rate * (double)tconv_stack_rate(layers, l), cases[c].comb[l], 0.005);
        }
    }
    CHECK(tconv_axis_tones(&(tconv_axis){ .stride = 10 }) == 5 && tconv_axis_tones(&(tconv_axis){ .stride = 5 }) == 2);
    CHECK(tconv_axis_tones(&(tconv_axis){ .stride = 1 }) == 0);
}

static void published_image_layers(void)
{
    tconv_axis pix2pix = layer(3, 2, 1, 1), dcgan = layer(4, 2, 1, 0), hifigan = layer(16, 8, 4, 0);
    CHECK_CLOSE("pix2pixHD per axis", 0, index_db(&pix2pix, 1), -9.5, 0.05);
    CHECK_CLOSE("pix2pixHD in 2-D", 0, index_db(&pix2pix, 2), -6.3, 0.05);
    CHECK(tconv_axis_receptive_field_offset(&pix2pix) == 0.0 && tconv_axis_pixel_offset(&pix2pix) == 0.25);
    CHECK(tconv_axis_pixel_offset(&dcgan) == 0.0 && tconv_axis_receptive_field_offset(&dcgan) * 2.0 == -0.5);
    CHECK(tconv_axis_pixel_offset(&hifigan) == 0.0 && tconv_axis_receptive_field_offset(&hifigan) * 8.0 == -3.5);
}

static void impossible_stacks_are_refused_with_a_reason(void)
{
    tconv_axis many[65], whole;
    tconv_error error;
    for (size_t l = 0; l < 65; l++)
        many[l] = layer(2, 1, 0, 0);
    CHECK(tconv_stack_equivalent(many, 64, &whole, &error) == TCONV_OK && whole.n_taps == 65);
    CHECK(tconv_stack_equivalent(many, 65, &whole, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "65 layers in series; 1 to 64 are possible");
    CHECK(tconv_stack_equivalent(many, 0, &whole, &error) == TCONV_EARGUMENT);
    many[1] = layer(2, 2, 0, 2);
    CHECK(tconv_stack_equivalent(many, 3, &whole, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "layer 2: the output padding is 2; 0 to 1 (less than stride or dilation) is allowed");
    many[0] = many[1] = many[2] = layer(1, 65536, 0, 0);
    CHECK(tconv_stack_equivalent(many, 3, &whole, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "layers 1 to 2 together are beyond the limits of one layer (stride 65536, 1073741824 taps)");
    many[0] = layer(4, 2, 4, 0);
    size_t sizes[2];
    CHECK(tconv_stack_sizes(many, 2, 2, sizes, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "layer 1: an input of 2 samples gives an output of -2; the padding crops everything");
}

const struct test_suite suite = { "stack", {
    { "the whole equals the layers", the_whole_equals_the_layers },
    { "samples lost do not depend on the size", samples_lost_do_not_depend_on_the_size },
    { "odd strides lose a sample", odd_strides_lose_a_sample },
    { "published vocoders: index and comb of every layer", published_vocoders },
    { "published image layers: index and alignment", published_image_layers },
    { "impossible stacks are refused with a reason", impossible_stacks_are_refused_with_a_reason },
    { NULL, NULL } } };
