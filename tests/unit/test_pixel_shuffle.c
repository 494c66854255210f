/* Pixel shuffle: orders, and its equality with the polyphase operator. */
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#include "design/depth_to_space.h"
#include "tconv.h"

static void orders_are_as_written(void)
{
    /* 4 channels of one sample, s = 2, in 1-D: two outputs channels of two samples */
    const double x[] = { 1, 2, 3, 4 }, crd[] = { 1, 2, 3, 4 }, dcr[] = { 1, 3, 2, 4 };
    double y[4];
    tconv_pixel_shuffle(TCONV_SHUFFLE_CRD, TCONV_F64, 1, 1, 2, (size_t[]){ 2 }, (size_t[]){ 1 }, x, y);
    CHECK_SAME(y, crd, sizeof crd);
    tconv_pixel_shuffle(TCONV_SHUFFLE_DCR, TCONV_F64, 1, 1, 2, (size_t[]){ 2 }, (size_t[]){ 1 }, x, y);
    CHECK_SAME(y, dcr, sizeof dcr);
    /* one channel of 2 x 1 from 4 channels of 1 x 1 .. PyTorch: y[2 h + a][2 w + b] = x[2 a + b][h][w] */
    const float picture[] = { 1, 5, 2, 6, 3, 7, 4, 8 }, want[] = { 1, 2, 5, 6, 3, 4, 7, 8 };
    float shuffled[8];
    tconv_pixel_shuffle(TCONV_SHUFFLE_CRD, TCONV_F32, 2, 1, 1, (size_t[]){ 2, 2 }, (size_t[]){ 1, 2 }, picture, shuffled);
    CHECK_SAME(shuffled, want, sizeof want);
}

/* Convolution, then shuffle, against the one layer that both are: integers, bit for bit. */
static void shuffling_a_convolution_is_a_transposed_convolution(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t ndim = random_between(1, 3), strides[3], n_in[3], n_out[3], phases = 1, cin = random_between(1, 3), channels = random_between(1, 3);
        tconv_geometry conv = tconv_geometry_default(ndim);
        tconv_convolution same = tconv_convolution_default(ndim);
        size_t inputs = cin, outputs = channels, taps = 1;
        for (size_t i = 0; i < ndim; i++) {
            strides[i] = random_between(1, 3);
            tconv_axis *a = &conv.axis[i];
            a->n_taps = random_between(1, 3);
            a->dilation = random_between(1, 2);
            int64_t reach = (int64_t)(tconv_axis_effective_taps(a) - 1);
            a->pad_begin = (int64_t)random_between(0, (size_t)reach);
            a->pad_end = reach - a->pad_begin;                            /* the size is kept */
            n_in[i] = random_between(1, ndim == 3 ? 3 : 5);
            n_out[i] = strides[i] * n_in[i];
            phases *= strides[i];
            inputs *= n_in[i];
            outputs *= n_out[i];
            taps *= a->n_taps;
            same.n_taps[i] = a->n_taps;
            same.dilation[i] = a->dilation;
            same.pad_begin[i] = a->pad_begin;
            same.pad_end[i] = a->pad_end;
        }
        conv.channels_in = channels * phases;
        conv.channels_out = cin;
        double *x = malloc(inputs * sizeof *x), *w = malloc(channels * phases * cin * taps * sizeof *w), *z = malloc(outputs * sizeof *z);
        double *y = malloc(outputs * sizeof *y), *want = malloc(outputs * sizeof *want);
        for (size_t i = 0; i < inputs; i++)
            x[i] = random_small_integer(5);
        for (size_t i = 0; i < channels * phases * cin * taps; i++)
            w[i] = random_small_integer(5);
        tconv_shuffle_order order = round % 2 == 0 ? TCONV_SHUFFLE_CRD : TCONV_SHUFFLE_DCR;
        CHECK(tconv_convolve_f64(&conv, w, n_in, n_in, 1, x, z, NULL) == TCONV_OK);
        tconv_pixel_shuffle(order, TCONV_F64, ndim, 1, channels, strides, n_in, z, want);
        same.channels_in = cin;
        same.channels_out = channels * phases;
        same.weights = w;
        tconv_kernel *kernel;
        tconv_transpose *plan;
        tconv_transpose_options o = tconv_transpose_default_options();
        o.engine = round % 4 < 2 ? TCONV_ENGINE_DIRECT : TCONV_ENGINE_GEMM;
        tconv_status status = tconv_depth_to_space(&same, strides, order == TCONV_SHUFFLE_CRD ? TCONV_DEPTH_CRD : TCONV_DEPTH_DCR, &kernel,
                                                   NULL, NULL);
        CHECK(status == TCONV_OK);
        status = status == TCONV_OK ? tconv_transpose_create(&plan, &kernel->geometry, kernel->taps, NULL, n_in, &o, NULL) : status;
        CHECK(status == TCONV_OK);
        if (status == TCONV_OK) {
            tconv_transpose_info info = tconv_transpose_describe(plan);
            CHECK_SAME(info.n_out, n_out, ndim * sizeof *n_out);
            tconv_transpose_execute(plan, 1, x, y);
            tconv_transpose_destroy(plan);
        }
        tconv_kernel_destroy(kernel);
        CHECK_SAME(y, want, outputs * sizeof *y);
        free(x);
        free(w);
        free(z);
        free(y);
        free(want);
    }
}

const struct test_suite suite = { "pixel_shuffle", {
    { "orders are as written", orders_are_as_written },
    { "shuffling a convolution is a transposed convolution", shuffling_a_convolution_is_a_transposed_convolution },
    { NULL, NULL } } };
