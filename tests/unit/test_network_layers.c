/* Layers of a network one by one, known patterns, what is refused, graphs as exporters write them, real models. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_network.h"

/* ---- single operators ---- */

static double answer(struct onnx *m, double value)
{
    struct opened o = open_network(m, NULL);
    tconv_torus out = { 0 };
    const double in[4] = { value, value, value, value };
    double got = NAN;
    CHECK_MESSAGE(o.network != NULL, "%s", o.error.message);
    if (o.network != NULL && tconv_network_run(o.network, in, NULL, TCONV_NO_LAYER, &out, &o.error) == TCONV_OK)
        got = out.data[0];
    tconv_torus_free(&out);
    close_network(&o);
    return got;
}

static void one_function(const char *op, double x, double want)
{
    struct onnx m = { 0 };
    onnx_node(&m, op, "x", "y");
    onnx_end(&m);
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    CHECK_CLOSE(op, 0, answer(&m, x), want, 1e-14 * fmax(1.0, fabs(want)));
}

static double with_constant(const char *op, double x, float c)
{
    struct onnx m = { 0 };
    const size_t shape[2] = { 1, 1 };
    onnx_floats(&m, "c", shape, 2, &c);
    onnx_node(&m, op, "x c", "y");
    onnx_end(&m);
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    return answer(&m, x);
}

static void functions_equal_their_definitions(void)
{
    for (size_t i = 0; i < TEST_FUNCTIONS; i++)
        for (double x = -3.75; x < 4.0; x += 0.5)
            one_function(test_functions[i].op, x, test_functions[i].f(x));
    one_function("Sqrt", 2.25, 1.5);
    one_function("Log", 2.0, log(2.0));
    one_function("Reciprocal", 4.0, 0.25);
    one_function("Identity", 0.3, 0.3);
    one_function("Dropout", 0.3, 0.3);
    one_function("GlobalMaxPool", 0.7, 0.7);
    one_function("ReduceMax", -0.7, -0.7);
    one_function("ReduceMin", -0.7, -0.7);
    CHECK_CLOSE("Sub", 0, with_constant("Sub", 0.5, 2.0f), -1.5, 0.0);
    CHECK_CLOSE("Div", 0, with_constant("Div", 0.5, 2.0f), 0.25, 0.0);
    CHECK_CLOSE("Mul", 0, with_constant("Mul", 0.5, 2.0f), 1.0, 0.0);
    CHECK_CLOSE("Pow", 0, with_constant("Pow", 0.5, 2.0f), 0.25, 1e-16);
    CHECK_CLOSE("Max", 0, with_constant("Max", 0.5, 2.0f), 2.0, 0.0);
    CHECK_CLOSE("Min", 0, with_constant("Min", 0.5, 2.0f), 0.5, 0.0);
    CHECK_CLOSE("Sum", 0, with_constant("Sum", 0.5, 2.0f), 2.5, 0.0);
    CHECK_CLOSE("PRelu", 0, with_constant("PRelu", -0.5, 0.25f), -0.125, 0.0);
}

/* ---- known patterns ---- */

/* The answer of ConvTranspose layers in series to flat 1, one channel, one dimension. */
static size_t series(const float (*taps)[4], const size_t *k, const size_t *s, size_t count, double *values, double *db)
{
    struct onnx m = { 0 };
    tconv_step_response *response = NULL;
    const double one = 1.0;
    for (size_t i = 0; i < count; i++) {
        char inputs[64], w[32], out[32];
        size_t shape[3] = { 1, 1, k[i] };
        (void)snprintf(w, sizeof w, "w%zu", i);
        (void)snprintf(out, sizeof out, i + 1 == count ? "y" : "v%zu", i);
        onnx_floats(&m, w, shape, 3, taps[i]);
        (void)snprintf(inputs, sizeof inputs, i == 0 ? "x w0" : "v%zu w%zu", i - 1, i);
        onnx_node(&m, "ConvTranspose", inputs, out);
        onnx_ints(&m, "strides", (int64_t[]){ (int64_t)s[i] }, 1);
        onnx_end(&m);
    }
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct opened o = open_network(&m, NULL);
    size_t period = 0;
    CHECK(o.network != NULL && tconv_step_response_create(&response, o.network, &one, NULL, true, &o.error) == TCONV_OK);
    if (response != NULL) {
        period = response->outputs[0].period[0];
        memcpy(values, response->outputs[0].values, period * sizeof *values);
        *db = response->outputs[0].checkerboard_db;
        CHECK(response->outputs[0].n_combs == count);
        CHECK(response->outputs[0].combs[count - 1].period[0] == s[count - 1]);
        if (count == 1 && isfinite(*db))
            CHECK(response->outputs[0].combs[0].change_db < -200.0);
    }
    tconv_step_response_destroy(response);
    close_network(&o);
    return period;
}

static void all_ones_of_three_taps_and_stride_two_show_their_coverage(void)
{
    const float ones[2][4] = { { 1, 1, 1, 0 }, { 1, 1, 1, 0 } };
    const size_t k[2] = { 3, 3 }, s[2] = { 2, 2 };
    double values[8], db;
    CHECK(series(ones, k, s, 1, values, &db) == 2);
    CHECK(values[0] == 2.0 && values[1] == 1.0);
    CHECK_CLOSE("index 1/3", 0, db, 20.0 * log10(1.0 / 3.0), 1e-12);
    CHECK(series(ones, k, s, 2, values, &db) == 4);          /* y[2i] = v[i] + v[i-1], y[2i+1] = v[i], v = 2 1 2 1 .. */
    CHECK(values[0] == 3.0 && values[1] == 2.0 && values[2] == 3.0 && values[3] == 1.0);
}

static void nearest_and_convolution_have_no_spread_at_all(void)
{
    for (size_t round = 0; round < test_rounds(100); round++) {
        struct onnx m = { 0 };
        float w[3 * 3 * 9];
        const float scales[4] = { 1, 1, 2, 3 };
        const size_t shape[4] = { 3, 3, 3, 3 }, four = 4;
        const double in[3] = { random_uniform(0, 1), random_uniform(0, 1), random_uniform(0, 1) };
        tconv_step_response *response = NULL;
        for (size_t i = 0; i < 81; i++)
            w[i] = (float)random_uniform(-0.6, 0.6);
        onnx_floats(&m, "w", shape, 4, w);
        onnx_floats(&m, "s", &four, 1, scales);
        onnx_node(&m, "Resize", "x - s", "v");
        onnx_end(&m);
        onnx_node(&m, "Conv", "v w", "y");
        onnx_end(&m);
        onnx_input(&m, 3, 2, NULL);
        onnx_output(&m, "y");
        struct opened o = open_network(&m, NULL);
        CHECK(o.network != NULL && tconv_step_response_create(&response, o.network, in, NULL, true, &o.error) == TCONV_OK);
        CHECK(response != NULL && response->worst == 0.0 && response->outputs[0].checkerboard_db == -INFINITY);
        tconv_step_response_destroy(response);
        close_network(&o);
    }
}

/* ---- what is refused ---- */

static void what_is_not_shift_invariant_is_refused_by_name(void)
{
    static const struct { const char *op, *attribute, *value, *part; } cases[] = {
        { "LSTM", NULL, NULL, "node 'y': the operator LSTM is not supported" },
        { "Softmax", NULL, NULL, "node 'y' (Softmax): a softmax over space" },
        { "Flatten", NULL, NULL, "node 'y' (Flatten): a flattened map" },
        { "ReduceSum", NULL, NULL, "node 'y' (ReduceSum): over space its result grows" },
        { "Resize", "coordinate_transformation_mode", "align_corners", "'align_corners' is not shift-invariant" },
        { "Resize", "mode", "area", "mode 'area'; nearest, linear and cubic" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct onnx m = { 0 };
        const float scales[3] = { 1, 1, 2 };
        const size_t three = 3;
        onnx_floats(&m, "s", &three, 1, scales);
        onnx_node(&m, cases[i].op, strcmp(cases[i].op, "Resize") == 0 ? "x - s" : "x", "y");
        if (cases[i].attribute != NULL)
            onnx_string(&m, cases[i].attribute, cases[i].value);
        onnx_end(&m);
        onnx_input(&m, 1, 1, NULL);
        onnx_output(&m, "y");
        struct opened o = open_network(&m, NULL);
        CHECK(o.network == NULL && o.error.status == TCONV_EUNSUPPORTED);
        CHECK_MESSAGE(strstr(o.error.message, cases[i].part) != NULL, "'%s' has '%s'", o.error.message, cases[i].part);
        close_network(&o);
    }
}

static void scales_that_are_no_whole_numbers_are_refused(void)
{
    struct onnx m = { 0 };
    const float scales[3] = { 1, 1, 1.5f };
    const size_t three = 3;
    onnx_floats(&m, "s", &three, 1, scales);
    onnx_node(&m, "Resize", "x - s", "y");
    onnx_end(&m);
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct opened o = open_network(&m, NULL);
    CHECK(o.network == NULL && strstr(o.error.message, "not a whole number") != NULL);
    close_network(&o);
}

/* ---- skip connections ---- */

static void a_decoder_that_is_shifted_against_its_encoder_is_reported(void)
{
    for (size_t pad = 0; pad < 3; pad++) {
        struct onnx m = { 0 };
        const float w[4] = { 1, 3, 3, 1 };
        const size_t shape[3] = { 1, 1, 4 };
        onnx_floats(&m, "w", shape, 3, w);
        onnx_node(&m, "AveragePool", "x", "small");
        onnx_ints(&m, "kernel_shape", (int64_t[]){ 2 }, 1);
        onnx_ints(&m, "strides", (int64_t[]){ 2 }, 1);
        onnx_end(&m);
        onnx_node(&m, "ConvTranspose", "small w", "up");
        onnx_ints(&m, "strides", (int64_t[]){ 2 }, 1);
        onnx_ints(&m, "pads", (int64_t[]){ (int64_t)pad, 2 - (int64_t)pad }, 2);
        onnx_end(&m);
        onnx_node(&m, "Concat", "x up", "y");
        onnx_int(&m, "axis", 1);
        onnx_end(&m);
        onnx_input(&m, 1, 1, NULL);
        onnx_output(&m, "y");
        struct opened o = open_network(&m, NULL);
        CHECK(o.network != NULL && tconv_network_joins(o.network) == 1);
        if (o.network != NULL)      /* pad 1 is aligned with a pool of two; a crop of one more moves the content by -1, its centres by +1 */
            CHECK_CLOSE("offset", pad, tconv_network_join_at(o.network, 0)->offset[0], (double)pad - 1.0, 1e-12);
        close_network(&o);
    }
}

/* ---- graphs as exporters write them ---- */

static void node2(struct onnx *m, const char *op, const char *in, const char *out, const char *attribute, int64_t value)
{
    onnx_node(m, op, in, out);
    if (attribute != NULL)
        onnx_int(m, attribute, value);
    onnx_end(m);
}

/* The size of the map is taken apart and doubled before a Resize; a skip is cropped to what a layer without padding left;
 * a Pad has its numbers reversed by ConstantOfShape, Concat, Reshape, Slice, Transpose, Cast. */
static void sizes_that_exporters_compute_are_folded(void)
{
    struct onnx m = { 0 };
    const float w[3] = { 1, 2, 1 };
    const size_t shape[3] = { 1, 1, 3 };
    onnx_floats(&m, "w", shape, 3, w);
    onnx_longs(&m, "two", 0, (int64_t[]){ 2 }, 1);
    onnx_longs(&m, "zero", 1, (int64_t[]){ 0 }, 1);
    onnx_longs(&m, "nil", 0, (int64_t[]){ 0 }, 1);
    onnx_longs(&m, "step", 0, (int64_t[]){ 1 }, 1);
    onnx_longs(&m, "last", 1, (int64_t[]){ 2 }, 1);
    onnx_longs(&m, "minus1", 1, (int64_t[]){ -1 }, 1);
    onnx_longs(&m, "least", 1, (int64_t[]){ -INT64_MAX }, 1);
    onnx_longs(&m, "pair", 1, (int64_t[]){ -1, 2 }, 2);
    onnx_longs(&m, "pads", 1, (int64_t[]){ 2, 3 }, 2);
    onnx_longs(&m, "four", 1, (int64_t[]){ 4 }, 1);
    onnx_longs(&m, "ones2", 1, (int64_t[]){ 1, 1 }, 2);
    node2(&m, "Shape", "x", "shape", NULL, 0);
    node2(&m, "Gather", "shape two", "length", "axis", 0);
    node2(&m, "Mul", "length two", "double", NULL, 0);
    node2(&m, "Cast", "double", "floating", "to", 1);
    node2(&m, "Floor", "floating", "floored", NULL, 0);
    node2(&m, "Cast", "floored", "whole", "to", 7);
    node2(&m, "Unsqueeze", "whole zero", "size", NULL, 0);
    node2(&m, "ReduceProd", "ones2", "once", NULL, 0);
    node2(&m, "Concat", "ones2 size", "sizes", "axis", 0);
    onnx_node(&m, "Resize", "x - - sizes", "large");            /* nearest by two: length 2N */
    onnx_string(&m, "mode", "nearest");
    onnx_end(&m);
    node2(&m, "Conv", "large w", "valid", NULL, 0);             /* 2N - 2 */
    node2(&m, "Shape", "large", "s_large", NULL, 0);
    node2(&m, "Shape", "valid", "s_valid", NULL, 0);
    node2(&m, "Gather", "s_large two", "l_large", "axis", 0);
    node2(&m, "Gather", "s_valid two", "l_valid", "axis", 0);
    node2(&m, "Sub", "l_large l_valid", "spare", NULL, 0);
    node2(&m, "Div", "spare two", "begin0", NULL, 0);
    node2(&m, "Unsqueeze", "begin0 zero", "begin", NULL, 0);
    node2(&m, "Add", "begin0 l_valid", "end0", NULL, 0);
    node2(&m, "Unsqueeze", "end0 zero", "end", NULL, 0);
    node2(&m, "Slice", "large begin end last", "cropped", NULL, 0);
    node2(&m, "Add", "valid cropped", "sum", NULL, 0);
    node2(&m, "ConstantOfShape", "four", "none0", NULL, 0);
    node2(&m, "Cast", "none0", "none", "to", 7);
    node2(&m, "Concat", "pads none", "six", "axis", 0);         /* 2 3 0 0 0 0: the last axis first */
    node2(&m, "Reshape", "six pair", "rows", NULL, 0);
    node2(&m, "Slice", "rows minus1 least zero minus1", "turned", NULL, 0);
    onnx_node(&m, "Transpose", "turned", "columns");
    onnx_ints(&m, "perm", (int64_t[]){ 1, 0 }, 2);
    onnx_end(&m);
    node2(&m, "Reshape", "columns minus1", "padding", NULL, 0);
    node2(&m, "Pad", "sum padding", "padded", NULL, 0);
    node2(&m, "Range", "nil two step", "numbers", NULL, 0);      /* 0 1 */
    node2(&m, "Equal", "numbers nil", "is_nil", NULL, 0);
    node2(&m, "Where", "is_nil numbers two", "chosen", NULL, 0); /* 0 2 */
    node2(&m, "Expand", "chosen last", "expanded", NULL, 0);
    node2(&m, "ReduceSum", "expanded", "total", NULL, 0);        /* 2, rank 1 */
    node2(&m, "Squeeze", "total", "scalar", NULL, 0);
    node2(&m, "Cast", "scalar", "real", "to", 1);
    node2(&m, "Mul", "padded real", "y", NULL, 0);
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct opened o = open_network(&m, NULL);
    CHECK_MESSAGE(o.network != NULL, "%s", o.error.message);
    if (o.network != NULL) {
        tconv_torus out = { 0 };
        const double tile[2] = { 1.0, 3.0 };
        const size_t period[1] = { 2 };
        /* large 1 1 3 3; valid: (1+2+3) (1+6+3) (3+6+1) (3+2+1); cropped by one: 1 3 3 1; pad 2 shifts by two; twice */
        const double want[4] = { 2 * 13, 2 * 7, 2 * 7, 2 * 13 };
        CHECK_MESSAGE(tconv_network_run(o.network, tile, period, TCONV_NO_LAYER, &out, &o.error) == TCONV_OK, "%s", o.error.message);
        CHECK(out.count == 4 && out.axis[2].extent == 4);
        for (size_t i = 0; i < 4 && out.count == 4; i++)
            CHECK_CLOSE("folded", i, out.data[i], want[i], 0.0);
        CHECK(tconv_network_joins(o.network) == 1 && fabs(tconv_network_join_at(o.network, 0)->offset[0]) < 1e-12);
        tconv_torus_free(&out);
    }
    close_network(&o);
}

/* Squeeze and excitation by pooling, Flatten, Gemm, Unsqueeze; LayerNormalization over channels last; Clip; Upsample. */
static void gates_and_norms_over_channels(void)
{
    struct onnx m = { .opset = 17 };
    const float b[4] = { 1, 2, 3, 4 }, c[2] = { 0.5f, 1.0f }, scale[2] = { 2, 4 }, low = -1.0f, high = 1.0f;
    const size_t square[2] = { 2, 2 }, two = 2;
    onnx_floats(&m, "b", square, 2, b);
    onnx_floats(&m, "c", &two, 1, c);
    onnx_floats(&m, "scale", &two, 1, scale);
    onnx_floats(&m, "low", NULL, 0, &low);
    onnx_floats(&m, "high", NULL, 0, &high);
    onnx_longs(&m, "last", 1, (int64_t[]){ 2 }, 1);
    node2(&m, "GlobalAveragePool", "x", "pooled", NULL, 0);
    node2(&m, "Flatten", "pooled", "flat", "axis", 1);
    node2(&m, "Gemm", "flat b c", "gate0", "transB", 1);          /* (x0 + 2 x1 + 0.5, 3 x0 + 4 x1 + 1) */
    node2(&m, "Unsqueeze", "gate0 last", "gate", NULL, 0);
    node2(&m, "Mul", "x gate", "gated", NULL, 0);
    onnx_node(&m, "Transpose", "gated", "turned");
    onnx_ints(&m, "perm", (int64_t[]){ 0, 2, 1 }, 3);
    onnx_end(&m);
    onnx_node(&m, "LayerNormalization", "turned scale c", "normal");
    onnx_float(&m, "epsilon", 0.0f);
    onnx_end(&m);
    onnx_node(&m, "Transpose", "normal", "back");
    onnx_ints(&m, "perm", (int64_t[]){ 0, 2, 1 }, 3);
    onnx_end(&m);
    node2(&m, "Clip", "back low high", "y", NULL, 0);
    onnx_input(&m, 2, 1, NULL);
    onnx_output(&m, "back");
    onnx_output(&m, "y");
    struct opened o = open_network(&m, NULL);
    tconv_torus out[2] = { { 0 }, { 0 } };
    const double in[2] = { 0.5, 0.25 };      /* gated: 0.5 * 1.5 = 0.75, 0.25 * 3.5 = 0.875: normalised to -1 and 1 */
    CHECK_MESSAGE(o.network != NULL && tconv_network_run(o.network, in, NULL, TCONV_NO_LAYER, out, &o.error) == TCONV_OK, "%s", o.error.message);
    if (out[1].count == 2) {
        CHECK_CLOSE("norm", 0, out[0].data[0], -2.0 + 0.5, 1e-13);
        CHECK_CLOSE("norm", 1, out[0].data[1], 4.0 + 1.0, 1e-13);
        CHECK(out[1].data[0] == -1.0 && out[1].data[1] == 1.0);
    }
    tconv_torus_free(&out[0]);
    tconv_torus_free(&out[1]);
    close_network(&o);
}

static void an_old_upsample_and_a_constant_node(void)
{
    struct onnx m = { .opset = 8 };
    const float scales[3] = { 1, 1, 3 };
    onnx_node(&m, "Constant", "", "c");
    onnx_float(&m, "value_float", 2.0f);
    onnx_end(&m);
    onnx_node(&m, "Upsample", "x", "up");
    struct bytes a = { 0 };
    proto_text(&a, 1, "scales");
    for (size_t k = 0; k < 3; k++) {
        proto_varint(&a, 7u << 3 | 5);
        bytes_f32(&a, &scales[k], 1);
    }
    proto_number(&a, 20, 6);
    proto_message(&m.node, 5, &a);
    onnx_end(&m);
    onnx_node(&m, "Mul", "up c", "y");
    onnx_end(&m);
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct opened o = open_network(&m, NULL);
    tconv_torus out = { 0 };
    const double tile[2] = { 1.0, 5.0 };
    const size_t period[1] = { 2 };
    CHECK_MESSAGE(o.network != NULL && tconv_network_run(o.network, tile, period, TCONV_NO_LAYER, &out, &o.error) == TCONV_OK, "%s", o.error.message);
    CHECK(out.count == 6);
    for (size_t i = 0; i < 6 && out.count == 6; i++)
        CHECK(out.data[i] == (i < 3 ? 2.0 : 10.0));
    tconv_torus_free(&out);
    close_network(&o);
}

/* output_shape M of N samples crops s(N - 1) + o + reach - M samples, the odd one at the end for SAME_UPPER: the same as these pads. */
static void an_output_shape_is_the_pads_that_give_it(void)
{
    for (size_t round = 0; round < test_rounds(300); round++) {
        const size_t s = random_between(1, 4), k = random_between(s, 7), n = random_between(3, 9), shape[3] = { 1, 1, k };
        int64_t total = (int64_t)random_between(0, k - 1), made = (int64_t)(s * (n - 1) + k) - total;
        bool upper = random_between(0, 1) == 1, open = round % 10 == 0;
        int64_t begin = upper ? total / 2 : total - total / 2;
        float w[8];
        double tile[3], first[64];
        size_t count = 0;
        for (size_t i = 0; i < k; i++)
            w[i] = (float)random_uniform(-1.0, 1.0);
        for (size_t i = 0; i < 3; i++)
            tile[i] = random_uniform(-1.0, 1.0);
        for (int told = 0; told < 2; told++) {
            struct onnx m = { 0 };
            onnx_floats(&m, "w", shape, 3, w);
            onnx_node(&m, "ConvTranspose", "x w", "y");
            onnx_ints(&m, "strides", (int64_t[]){ (int64_t)s }, 1);
            if (told == 1) {
                onnx_ints(&m, "output_shape", &made, 1);
                if (upper)
                    onnx_string(&m, "auto_pad", "SAME_UPPER");
            } else {
                onnx_ints(&m, "pads", (int64_t[]){ begin, total - begin }, 2);
            }
            onnx_end(&m);
            onnx_input(&m, 1, 1, open ? NULL : &n);
            onnx_output(&m, "y");
            struct opened o = open_network(&m, NULL);
            tconv_torus out = { 0 };
            const size_t period = 3;
            CHECK_MESSAGE((o.network != NULL) == !(open && told == 1), "round %zu: %s", round, o.error.message);
            if (open && told == 1)
                CHECK_MESSAGE(strstr(o.error.message, "output_shape fixes the size of the map") != NULL, "%s", o.error.message);
            if (o.network != NULL && tconv_network_run(o.network, tile, &period, TCONV_NO_LAYER, &out, &o.error) == TCONV_OK && !open) {
                CHECK(out.axis[2].length == made && out.count <= 64);
                for (size_t i = 0; told == 0 && i < out.count; i++)
                    first[i] = out.data[i];
                CHECK(told == 0 || (out.count == count && memcmp(first, out.data, count * sizeof *first) == 0));
                count = out.count;
            }
            tconv_torus_free(&out);
            close_network(&o);
        }
    }
}

static void dropout_passes_unless_it_is_training(void)
{
    for (int64_t training = -1; training < 2; training++) {       /* -1: not told */
        struct onnx m = { 0 };
        const float ratio = 0.25f;
        onnx_floats(&m, "ratio", NULL, 0, &ratio);
        onnx_longs(&m, "training", 0, &training, 1);
        onnx_node(&m, "Dropout", training < 0 ? "x ratio" : "x ratio training", "y");
        onnx_end(&m);
        onnx_input(&m, 1, 1, NULL);
        onnx_output(&m, "y");
        struct opened o = open_network(&m, NULL);
        CHECK_MESSAGE((o.network != NULL) == (training != 1), "%s", o.error.message);
        if (training == 1)
            CHECK_MESSAGE(strstr(o.error.message, "node 'y' (Dropout): it is in training mode") != NULL, "%s", o.error.message);
        close_network(&o);
    }
}

/* Channels and space in one axis are for InstanceNormalization alone; they come apart as they were, or not at all. */
static void merged_axes_are_refused_elsewhere(void)
{
    static const struct { const char *op; int64_t back[4]; const char *why; } cases[] = {
        { "Relu", { 0, 4, 60, 60 }, "node 't' (Relu): its input has channels and space in one axis" },
        { "InstanceNormalization", { 1, 2, 120, 60 }, "(Reshape): it gives channels and space, which were made one, another shape" },
        { "InstanceNormalization", { 1, 4, 60, 60 }, NULL },
        { NULL, { 0 }, "the output 'm' has channels and space in one axis" },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct onnx m = { 0 };
        const size_t two = 2, sizes[2] = { 60, 60 };
        const float ones[2] = { 1, 1 }, zeros[2] = { 0, 0 };
        bool norm = cases[c].op != NULL && cases[c].op[0] == 'I';
        onnx_floats(&m, "one", &two, 1, ones);
        onnx_floats(&m, "nil", &two, 1, zeros);
        onnx_longs(&m, "to", 1, (int64_t[]){ 0, 2, -1 }, 3);
        onnx_longs(&m, "back", 1, cases[c].back, 4);
        onnx_node(&m, "Reshape", "x to", "m");
        onnx_end(&m);
        if (cases[c].op != NULL) {
            onnx_node(&m, cases[c].op, norm ? "m one nil" : "m", "t");
            onnx_end(&m);
            onnx_node(&m, "Reshape", "t back", "y");
            onnx_end(&m);
        }
        onnx_input(&m, 4, 2, sizes);
        onnx_output(&m, cases[c].op != NULL ? "y" : "m");
        struct opened o = open_network(&m, NULL);
        CHECK_MESSAGE((o.network != NULL) == (cases[c].why == NULL), "case %zu: %s", c, o.error.message);
        if (cases[c].why != NULL)
            CHECK_MESSAGE(strstr(o.error.message, cases[c].why) != NULL, "case %zu: %s", c, o.error.message);
        close_network(&o);
    }
}

static void several_inputs_are_named(void)
{
    struct onnx m = { 0 };
    onnx_node(&m, "Relu", "x", "y");
    onnx_end(&m);
    onnx_input(&m, 1, 1, NULL);
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct opened o = open_network(&m, NULL);
    CHECK(o.network == NULL);
    CHECK_MESSAGE(strcmp(o.error.message, "the model has 2 inputs: 'x', 'x'; one image is supported, and the others can be made initialisers") == 0,
                  "%s", o.error.message);
    close_network(&o);
}

const struct test_suite suite = { "network layers", {
    { "functions equal their definitions", functions_equal_their_definitions },
    { "all ones of three taps and stride two show their coverage", all_ones_of_three_taps_and_stride_two_show_their_coverage },
    { "nearest and convolution have no spread at all", nearest_and_convolution_have_no_spread_at_all },
    { "what is not shift-invariant is refused by name", what_is_not_shift_invariant_is_refused_by_name },
    { "scales that are no whole numbers are refused", scales_that_are_no_whole_numbers_are_refused },
    { "a decoder that is shifted against its encoder is reported", a_decoder_that_is_shifted_against_its_encoder_is_reported },
    { "sizes that exporters compute are folded", sizes_that_exporters_compute_are_folded },
    { "gates and norms over channels", gates_and_norms_over_channels },
    { "an output shape is the pads that give it", an_output_shape_is_the_pads_that_give_it },
    { "Dropout passes unless it is training", dropout_passes_unless_it_is_training },
    { "merged axes are refused elsewhere", merged_axes_are_refused_elsewhere },
    { "several inputs are named", several_inputs_are_named },
    { "an old Upsample and a Constant node", an_old_upsample_and_a_constant_node },
    { NULL, NULL } } };
