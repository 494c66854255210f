/* Convolution, then DepthToSpace, against the one transposed convolution: both orders, blocks, groups, biases. */
#include "testing_definition.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "design/depth_to_space.h"

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

static void one_transposed_convolution_does_both(void)
{
    static double x[MOST], z[MOST], want[MOST], y[MOST], weights[8192], bias[64];
    size_t grouped = 0;
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
        for (size_t channel = 0; channel < c.channels_out; channel++)   /* equal over the phases of an output */
            bias[channel] = (double)(order == TCONV_DEPTH_DCR ? channel % out : channel / phases);
        c.bias = with_bias ? bias : NULL;
        if (convolved_by_definition(&c, x, n_in, z, n_mid, MOST) == 0)
            continue;
        shuffled_by_definition(c.ndim, block, order, out, z, n_mid, want, n_want);
        tconv_kernel *kernel;
        double spread = -1.0;
        CHECK(tconv_depth_to_space(&c, block, order, &kernel, &spread, NULL) == TCONV_OK);
        CHECK(spread == 0.0);
        size_t count = transposed_by_definition(kernel, x, n_in, y, n_out, MOST), many = 1;
        for (size_t i = 0; i < c.ndim; i++) {
            many *= n_want[i];
            CHECK(n_out[i] == n_want[i]);
        }
        CHECK(count == out * many);
        for (size_t j = 0; j < count; j++)
            CHECK_CLOSE("output", j, y[j], want[j], 1e-14 * (double)(taps * c.channels_in));
        grouped += kernel->geometry.groups > 1 ? 1 : 0;
        tconv_kernel_destroy(kernel);
    }
    CHECK(grouped > 0);
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
    { "branches are the channels turned round", branches_are_the_channels_turned_round },
    { "impossible shuffles are refused", impossible_shuffles_are_refused },
    { NULL, NULL } } };
