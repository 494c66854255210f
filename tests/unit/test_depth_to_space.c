/* Convolution, then DepthToSpace, against the one transposed convolution: both orders, blocks, groups, biases. */
#include "testing_definition.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "design/depth_to_space.h"
#include "operator/phase_bias.h"

#define MOST 16384

/* ONNX DepthToSpace, one block per axis: out[co][s n + q] = in[channel of (q, co)][n]. */
static void shuffled_by_definition(size_t ndim, const size_t *block, tconv_depth_order order, size_t channels_out, const double *z,
                                   const size_t *n_in, double *y, size_t *n_out)
{
    size_t many_in = 1, many_out = 1, phases = 1;
    for (size_t i = 0; i < ndim; i++) {
        n_out[i] = block[i] * n_in[i];
        many_in *= n_in[i];
        many_out *= n_out[i];
        phases *= block[i];
    }
    for (size_t co = 0; co < channels_out; co++)
        for (size_t j = 0; j < many_out; j++) {
            size_t at[TCONV_MAX_NDIM], q = 0, n = 0;
            index_to_vector(j, n_out, ndim, at);
            for (size_t i = 0; i < ndim; i++) {
                q = q * block[i] + at[i] % block[i];
                n = n * n_in[i] + at[i] / block[i];
            }
            y[co * many_out + j] = z[(order == TCONV_DEPTH_DCR ? q * channels_out + co : co * phases + q) * many_in + n];
        }
}

/* The weights and biases come back out of the kernel, bit for bit. */
static void check_way_back(const tconv_convolution *c, const size_t *block, tconv_depth_order order, const tconv_kernel *kernel)
{
    static double weights[8192], bias[64];
    size_t count = c->channels_out * (c->channels_in / c->groups);
    for (size_t i = 0; i < c->ndim; i++)
        count *= c->n_taps[i];
    CHECK(tconv_space_to_depth(kernel, c, block, order, weights, bias, NULL) == TCONV_OK);
    CHECK_SAME(weights, c->weights, count * sizeof *weights);
    if (c->bias != NULL)
        CHECK_SAME(bias, c->bias, c->channels_out * sizeof *bias);
}

static void one_transposed_convolution_does_both(void)
{
    static double x[MOST], z[MOST], want[MOST], y[MOST], weights[8192], bias[64];
    size_t grouped = 0, with_phases = 0;
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_convolution c = tconv_convolution_default(random_between(1, 2));
        tconv_depth_order order = random_bits() % 2 == 0 ? TCONV_DEPTH_DCR : TCONV_DEPTH_CRD;
        size_t block[TCONV_MAX_NDIM], n_in[TCONV_MAX_NDIM], n_mid[TCONV_MAX_NDIM], n_want[TCONV_MAX_NDIM] = { 0 }, n_out[TCONV_MAX_NDIM] = { 0 };
        size_t phases = 1, inputs = 1, taps = 1;
        for (size_t i = 0; i < c.ndim; i++) {
            phases *= block[i] = random_between(1, 3);
            taps *= c.n_taps[i] = random_between(1, 3);
            inputs *= n_in[i] = random_between(4, 6);
            c.dilation[i] = random_between(1, 2);
            c.pad_begin[i] = (int64_t)random_between(0, 4);
            c.pad_end[i] = (int64_t)random_between(0, 4);
        }
        c.groups = random_between(1, 2);
        size_t out = random_between(1, 2) * c.groups / (random_bits() % 4 == 0 && phases % c.groups == 0 ? c.groups : 1);
        c.channels_in = c.groups * random_between(1, 2);
        c.channels_out = out * phases;
        random_taps(weights, c.channels_out * (c.channels_in / c.groups) * taps);
        random_taps(x, c.channels_in * inputs);
        c.weights = weights;
        bool with_bias = round % 2 == 0;
        bool uneven = round % 4 == 0;
        for (size_t channel = 0; channel < c.channels_out; channel++)   /* equal over the phases of an output, or not */
            bias[channel] = (double)(order == TCONV_DEPTH_DCR ? channel % out : channel / phases) + (uneven ? (double)(channel % 7) : 0.0);
        c.bias = with_bias ? bias : NULL;
        if (convolved_by_definition(&c, x, n_in, z, n_mid, MOST) == 0)
            continue;
        shuffled_by_definition(c.ndim, block, order, out, z, n_mid, want, n_want);
        tconv_kernel *kernel;
        double spread = -1.0;
        CHECK(tconv_depth_to_space(&c, block, order, &kernel, &spread, NULL) == TCONV_OK);
        CHECK((spread == 0.0) == (kernel->phase_bias == NULL) && (spread == 0.0 || uneven));
        with_phases += kernel->phase_bias != NULL ? 1 : 0;
        check_way_back(&c, block, order, kernel);
        size_t count = transposed_by_definition(kernel, x, n_in, y, n_out, MOST), many = 1;
        for (size_t i = 0; i < c.ndim; i++) {
            many *= n_want[i];
            CHECK(n_out[i] == n_want[i]);
        }
        CHECK(count == out * many);
        tconv_phase_bias_add(kernel, TCONV_F64, 1, n_out, y);
        for (size_t j = 0; j < count; j++)
            CHECK_CLOSE("output", j, y[j], want[j], 1e-14 * (double)(taps * c.channels_in));
        grouped += kernel->geometry.groups > 1 ? 1 : 0;
        tconv_kernel_destroy(kernel);
    }
    CHECK(grouped > 0 && with_phases > 0);
}

/* Frames of one dimension take the same biases, wherever the signal is cut. */
static void frames_take_the_same_biases(void)
{
    static const double weights[] = { 1.0, 2.0, 3.0 }, bias[] = { 0.5, 1.5, 4.0 };
    tconv_convolution c = tconv_convolution_default(1);
    tconv_kernel *kernel;
    double whole[7] = { 0 }, cut[14] = { 0 };
    c.channels_out = 3;
    c.weights = weights;
    c.bias = bias;
    c.pad_begin[0] = 1;
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 3 }, TCONV_DEPTH_CRD, &kernel, NULL, NULL) == TCONV_OK);
    tconv_phase_bias_add(kernel, TCONV_F64, 1, (size_t[]){ 7 }, whole);
    tconv_phase_bias_add_frames(kernel, 2, 0, 3, cut);
    tconv_phase_bias_add_frames(kernel, 2, 3, 4, cut + 6);
    for (size_t j = 0; j < 7; j++)       /* the mean is 2 */
        CHECK(whole[j] == bias[j % 3] - 2.0 && cut[2 * j] == whole[j] && cut[2 * j + 1] == whole[j]);
    float single[7] = { 0 };
    tconv_phase_bias_add(kernel, TCONV_F32, 1, (size_t[]){ 7 }, single);
    for (size_t j = 0; j < 7; j++)
        CHECK((double)single[j] == whole[j]);
    kernel->geometry.axis[0].pad_begin -= 2;                    /* a crop that is negative moves the phases on */
    double moved[7] = { 0 };
    tconv_phase_bias_add(kernel, TCONV_F64, 1, (size_t[]){ 7 }, moved);
    for (size_t j = 0; j < 7; j++)
        CHECK(moved[j] == bias[(j + 1) % 3] - 2.0);
    tconv_kernel_destroy(kernel);
}

/* Taps where no weight belongs are refused on the way back: between dilated ones, and between groups. */
static void taps_without_a_weight_are_refused(void)
{
    static const double weights[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    double back[8];
    tconv_convolution c = tconv_convolution_default(1);
    tconv_kernel *kernel;
    tconv_error error;
    c.channels_out = 2;
    c.n_taps[0] = 2;
    c.dilation[0] = 2;
    c.weights = weights;
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, &kernel, NULL, NULL) == TCONV_OK);
    CHECK(tconv_space_to_depth(kernel, &c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, back, NULL, &error) == TCONV_OK && back[3] == 4.0);
    kernel->taps[2] = 0.25;                                     /* h[2 d (k-1-r) + q] leaves 2 and 3 empty */
    CHECK(tconv_space_to_depth(kernel, &c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, back, NULL, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "the kernel has taps where the convolution has no weight (its dilation or its groups)");
    kernel->geometry.axis[0].n_taps = 5;
    CHECK(tconv_space_to_depth(kernel, &c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, back, NULL, &error) == TCONV_EGEOMETRY);
    kernel->geometry.axis[0].n_taps = 6;
    tconv_kernel_destroy(kernel);
}

static void branches_are_the_channels_turned_round(void)
{
    static const double weights[] = { 1.0, 2.0, 3.0, 4.0, 5.0, 6.0 }, bias[] = { 0.5, 1.5 };
    tconv_convolution c = tconv_convolution_default(1);
    tconv_kernel *kernel;
    double spread;
    c.channels_out = 2;
    c.n_taps[0] = 3;
    c.pad_begin[0] = c.pad_end[0] = 1;
    c.weights = weights;
    c.bias = bias;
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, &kernel, &spread, NULL) == TCONV_OK);
    CHECK_SAME(kernel->taps, ((const double[]){ 3.0, 6.0, 2.0, 5.0, 1.0, 4.0 }), 6 * sizeof(double));
    CHECK(kernel->geometry.axis[0].pad_begin == 2 && kernel->bias[0] == 1.0 && spread == 1.0);
    CHECK_TEXT(kernel->operator_name, "Conv+DepthToSpace");
    tconv_kernel_destroy(kernel);
}

static void impossible_shuffles_are_refused(void)
{
    static const double weights[8] = { 0 };
    tconv_convolution c = tconv_convolution_default(1);
    tconv_kernel *kernel;
    tconv_error error;
    c.channels_out = 3;
    c.weights = weights;
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, &kernel, NULL, &error) == TCONV_EGEOMETRY && kernel == NULL);
    CHECK_TEXT(error.message, "3 channels cannot be dealt out to 2 phases: a multiple is needed");
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 0 }, TCONV_DEPTH_DCR, &kernel, NULL, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "the block is 0; 1 to 65536 is allowed");
    c.channels_out = 65536;
    c.n_taps[0] = 2;
    c.dilation[0] = 1 << 29;
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 65536 }, TCONV_DEPTH_DCR, &kernel, NULL, &error) == TCONV_EGEOMETRY && kernel == NULL);
    CHECK_TEXT(error.message, "the kernel size is 35184372154368; 1 to 1073741824 is allowed");
    c.groups = 2;
    CHECK(tconv_depth_to_space(&c, (size_t[]){ 2 }, TCONV_DEPTH_DCR, &kernel, NULL, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "2 groups do not divide 1 input and 65536 output channels");
}

const struct test_suite suite = { "depth_to_space", {
    { "one transposed convolution does both", one_transposed_convolution_does_both },
    { "frames take the same biases", frames_take_the_same_biases },
    { "taps without a weight are refused", taps_without_a_weight_are_refused },
    { "branches are the channels turned round", branches_are_the_channels_turned_round },
    { "impossible shuffles are refused", impossible_shuffles_are_refused },
    { NULL, NULL } } };
