/* What operators compute, in the forms that exporters seldom write: each against numbers worked out by hand. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_network.h"

struct row {
    const char *model;      /* testing_network.h */
    const char *tile;       /* "PERIOD : values" or "PERIOD PERIOD : values": one period of the input, channel by channel */
    const char *want;       /* "extents : values" of the output */
};

/* The numbers before and after the colon; returns how many there are in all, *first of them before it. */
static size_t read_numbers(const char *text, double *values, size_t most, size_t *first)
{
    size_t count = 0;
    *first = SIZE_MAX;
    while (*text != '\0' && count < most) {
        char *end;
        text += strspn(text, " ");
        if (*text == ':') {
            *first = count;
            text++;
            continue;
        }
        double value = strtod(text, &end);
        if (end == text)
            break;
        values[count++] = value;
        text = end;
    }
    return count;
}

static void check_output(const struct row *r, const tconv_torus *out)
{
    double want[64];
    size_t rank, count = read_numbers(r->want, want, 64, &rank);
    CHECK_MESSAGE(out->rank == rank && out->count == count - rank, "%zu axes, %zu values: %s", out->rank, out->count, r->model);
    for (size_t a = 0; a < rank && a < out->rank; a++)
        CHECK_MESSAGE(out->axis[a].extent == (size_t)want[a], "axis %zu has %zu: %s", a, out->axis[a].extent, r->model);
    for (size_t i = 0; i < out->count && rank + i < count; i++)
        CHECK_CLOSE(r->model, i, out->data[i], want[rank + i], 1e-12 * fmax(1.0, fabs(want[rank + i])));
}

static void check_row(const struct row *r)
{
    double tile[64];
    size_t ndim, period[2] = { 1, 1 };
    struct onnx m = onnx_text(r->model);
    struct opened o = open_network(&m, NULL);
    tconv_torus out[2] = { { 0 }, { 0 } };
    (void)read_numbers(r->tile, tile, 64, &ndim);
    for (size_t d = 0; d < ndim && d < 2; d++)
        period[d] = (size_t)tile[d];
    CHECK_MESSAGE(o.network != NULL, "%s: %s", o.error.message, r->model);
    if (o.network != NULL) {
        CHECK_MESSAGE(tconv_network_run(o.network, tile + ndim, period, TCONV_NO_LAYER, out, &o.error) == TCONV_OK, "%s: %s",
                      o.error.message, r->model);
        check_output(r, &out[0]);
    }
    tconv_torus_free(&out[0]);
    tconv_torus_free(&out[1]);
    close_network(&o);
}

#define CHECK_ROWS(table)                                             \
    do {                                                              \
        for (size_t i = 0; i < sizeof(table) / sizeof(table)[0]; i++) \
            check_row(&(table)[i]);                                   \
    } while (0)

/* ---- one value, two values ---- */

static void arithmetic(void)
{
    static const struct row table[] = {
        { "opset 6; Clip x > y | min=-1.0 max=2.0", "1 : -3 5", "1 2 1 : -1 2" },
        { "f32 h : 2; Clip x - h > y", "1 : -3 5", "1 2 1 : -3 2" },
        { "f32 h : 2; Clip x h > y", "1 : -3 5", "1 2 1 : 2 5" },
        { "Max x > y", "1 : -3 5", "1 2 1 : -3 5" },
        { "f32 c 1 2 1 : 10 20; Sum x x c > y", "1 : 1 2", "1 2 1 : 12 24" },
        { "f32 c 1 2 1 : 0 0; f32 d 1 2 1 : 2 2; Max x c d > y", "2 : 1 3 5 -7", "1 2 2 : 2 3 5 2" },
        { "f32 c 1 2 1 : 0 0; f32 d 1 2 1 : 2 2; Min x d c > y", "2 : 1 3 5 -7", "1 2 2 : 0 0 0 -7" },
        { "opset 6; f32 c 2 : 10 20; Add x c > y | axis=1 broadcast=1", "1 : 1 2", "1 2 1 : 11 22" },
        { "opset 6; f32 c 2 : 10 20; Add x c > y | axis=-2 broadcast=1", "1 : 1 2", "1 2 1 : 11 22" },
        { "opset 6; f32 c 1 : 10; Add x c > y | broadcast=1", "1 : 1 2", "1 2 1 : 11 12" },
        { "opset 6; Add x x > y", "1 : 1 2", "1 2 1 : 2 4" },
        { "opset 6; f32 c 2 : 0.5 0.25; PRelu x c > y", "1 : -4 -4", "1 2 1 : -2 -1" },
        { "f32 c 1 1 2 1 : 1 2; Sub c x > y", "1 : 1 5", "1 1 2 1 : 0 -3" },
        { "i64 a 4 : 7 -7 6 0; i64 b : 2; Div a b > y", "1 : 0 0", "4 : 3 -3 3 0" },
        { "i64 a 1 : 7; i64 b : 0; Div a b > y", "1 : 0 0", "1 : 0" },
        { "f32 c 1 2 1 : 3 4; Equal x c > y", "1 : 3 3", "1 2 1 : 1 0" },
        { "f32 c 1 2 1 : 3 0; f32 d 1 1 1 : 9; Where c x d > y", "2 : 1 2 3 4", "1 2 2 : 1 2 9 9" },
        { "f32 c 1 1 1 : 0; i64 d 1 : 9; Where x d c > y", "2 : 1 0 0 4", "1 2 2 : 9 0 0 9" },
        { "i64 c 2 : 0 1; i64 d 2 : 7 9; i64 e : 2; Where c d e > f; Div f e > y", "1 : 0 0", "2 : 1 4" },
    };
    CHECK_ROWS(table);
}

/* Gelu by its tanh approximation (Hendrycks and Gimpel 2016), and by erf unless it is asked for. */
static void gelu_has_two_forms(void)
{
    static const char *const forms[] = { "Gelu x > y | approximate=tanh", "Gelu x > y | approximate=none", "Gelu x > y" };
    for (size_t i = 0; i < 3; i++)
        for (double v = -4.0; v <= 4.0; v += 0.25) {
            const double tile[2] = { v, -v }, pi = 3.14159265358979323846;
            struct onnx m = onnx_text(forms[i]);
            struct opened o = open_network(&m, NULL);
            tconv_torus out = { 0 };
            CHECK(o.network != NULL && tconv_network_run(o.network, tile, NULL, TCONV_NO_LAYER, &out, &o.error) == TCONV_OK);
            for (size_t c = 0; c < out.count; c++) {
                double x = tile[c], want = i == 0 ? 0.5 * x * (1.0 + tanh(sqrt(2.0 / pi) * (x + 0.044715 * pow(x, 3.0))))
                                                  : 0.5 * x * erfc(-x / sqrt(2.0));
                CHECK_CLOSE(forms[i], c, out.data[c], want, 1e-14);
            }
            tconv_torus_free(&out);
            close_network(&o);
        }
}

/* ---- along axes ---- */

static void joins_and_cuts(void)
{
    static const struct row table[] = {
        { "in x 1 5 ?; Split x > a b | axis=1; Concat b a > y | axis=1", "1 : 1 2 3 4 5", "1 5 1 : 4 5 1 2 3" },
        { "in x 1 4 ?; Split x > a b c | axis=1; Concat c b a > y | axis=-2", "1 : 1 2 3 4", "1 4 1 : 3 4 1 2" },
        { "in x 1 3 ?; Split x > - y | axis=1 split=[1,2]", "1 : 1 2 3", "1 2 1 : 2 3" },
        { "in x 1 3 ?; i64 s 3 : 1 0 2; Split x s > y z w | axis=1", "1 : 1 2 3", "1 1 1 : 1" },
        { "i64 a 1 : 7; i64 b 1 : 2; Concat a b > c | axis=0; Div c b > y", "1 : 0 0", "2 : 3 1" },
        { "i64 a 1 : 7; f32 f 1 : 1; i64 b 1 : 2; Concat a f > c | axis=0; Div c b > y", "1 : 0 0", "2 : 3.5 0.5" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > a; i64 z 1 : 0; i64 e 1 : -887040; i64 t 1 : 2; "
          "Slice a z e t > b;Concat x b x > y | axis=1", "2 : 1 2", "1 3 4 : 1 2 1 2 1 1 2 2 1 2 1 2" },
        { "in x 1 5 ?; i64 s 1 : 4; i64 e 1 : -9; i64 a 1 : 1; i64 t 1 : -2; Slice x s e a t > y", "1 : 1 2 3 4 5",
          "1 3 1 : 5 3 1" },
        { "in x 1 5 ?; i64 s 1 : 9; i64 e 1 : 0; i64 a 1 : 1; i64 t 1 : -3; Slice x s e a t > y", "1 : 1 2 3 4 5",
          "1 2 1 : 5 2" },
        { "in x 1 5 ?; i64 s 1 : -4; i64 e 1 : -1; i64 a 1 : 1; Slice x s e a > y", "1 : 1 2 3 4 5", "1 3 1 : 2 3 4" },
        { "in x 1 5 ?; i64 s 1 : -99; i64 e 1 : 2; i64 a 1 : -2; Slice x s e a > y", "1 : 1 2 3 4 5", "1 2 1 : 1 2" },
        { "i64 s 1 : 9; i64 e 1 : 12; i64 a 1 : 1; Slice x s e a > v; Concat v x > y | axis=1", "1 : 1 2", "1 2 1 : 1 2" },
        { "i64 s 1 : 2; i64 e 1 : 1; i64 a 1 : 1; Slice x s e a > v; Concat x v > y | axis=1", "1 : 1 2", "1 2 1 : 1 2" },
        { "in x 1 1 ?; i64 s 1 : 1; i64 e 1 : 99; i64 a 1 : 2; i64 t 1 : 2; Slice x s e a t > y", "4 : 0 1 2 3", "1 1 2 : 1 3" },
        { "in x 1 1 ?; i64 s 1 : 0; i64 e 1 : 99; i64 a 1 : 2; i64 t 1 : 2; Slice x s e a t > y", "3 : 0 1 2", "1 1 3 : 0 2 1" },
        { "in x 1 1 ?; i64 s 1 : -2; i64 e 1 : 9000000000; i64 a 1 : 2; Slice x s e a > y", "4 : 0 1 2 3", "1 1 4 : 2 3 0 1" },
        { "in x 1 1 10; i64 s 1 : -3; i64 e 1 : 9; i64 a 1 : 2; Slice x s e a > y", "4 : 0 1 2 3", "1 1 4 : 3 0 1 2" },
        { "opset 9; Slice x > y | starts=[1] ends=[2] axes=[1]", "1 : 1 2", "1 1 1 : 2" },
        { "opset 9; Slice x > y | starts=[0,1] ends=[1,2]", "1 : 1 2", "1 1 1 : 2" },
        { "f32 v : 7; i64 p 6 : 0 1 0 0 2 0; Pad x p v > y", "1 : 1 2", "1 5 1 : 7 1 2 7 7" },
        { "f32 v 0 : ; i64 p 6 : 0 1 0 0 0 0; Pad x p v > y", "1 : 1 2", "1 3 1 : 0 1 2" },
        { "opset 2; Pad x > y | pads=[0,1,0,0,0,0] value=3.0 mode=constant", "1 : 1 2", "1 3 1 : 3 1 2" },
        { "opset 1; Pad x > y | paddings=[0,0,0,0,1,0]", "1 : 1 2", "1 3 1 : 1 2 0" },
        { "in x 1 1 ?; i64 p 2 : 1 0; i64 a 1 : -1; Pad x p - a > y | mode=reflect", "3 : 0 1 2", "1 1 3 : 2 0 1" },
        { "in x 1 1 ?; i64 p 2 : -1 0; i64 a 1 : 2; Pad x p - a > y | mode=edge", "3 : 0 1 2", "1 1 3 : 1 2 0" },
        { "i64 p 6 : 0 -1 0 0 0 0; Pad x p > y", "1 : 1 2", "1 1 1 : 2" },
        { "i64 p 6 : 0 -3 0 0 0 0; Pad x p > v; Concat v x > y | axis=1", "1 : 1 2", "1 2 1 : 1 2" },
        { "i64 p 6 : 1 1 0 0 0 0; Pad x p > y", "1 : 1 2", "2 3 1 : 0 0 0 0 1 2" },
        { "i64 z 2 : 0 1; i64 p 4 : 1 0 1 0; ConstantOfShape z > v; Pad v p > y", "1 : 1 2", "2 1 : 0 0" },
    };
    CHECK_ROWS(table);
}

/* ---- windows ---- */

/* Taps 1 10 100, so that each digit of an answer says which sample a tap read. */
static void windows(void)
{
    static const struct row table[] = {
        { "in x 1 1 12; f32 w 1 1 3 : 1 10 100; Conv x w > y | auto_pad=SAME_UPPER", "3 : 1 2 3", "1 1 3 : 213 321 132" },
        { "in x 1 1 12; f32 w 1 1 2 : 1 10; Conv x w > y | auto_pad=SAME_UPPER", "3 : 1 2 3", "1 1 3 : 21 32 13" },
        { "in x 1 1 12; f32 w 1 1 2 : 1 10; Conv x w > y | auto_pad=SAME_LOWER", "3 : 1 2 3", "1 1 3 : 13 21 32" },
        { "in x 1 1 ?; f32 w 1 1 2 : 1 10; Conv x w > y | auto_pad=SAME_LOWER", "3 : 1 2 3", "1 1 3 : 13 21 32" },
        { "in x 1 1 12; f32 w 1 1 3 : 1 10 100; Conv x w > y | auto_pad=SAME_UPPER strides=[2]", "3 : 1 2 3",
          "1 1 3 : 321 213 132" },
        { "in x 1 1 12; f32 w 1 1 1 : 1; Conv x w > y | auto_pad=SAME_UPPER strides=[4]", "3 : 1 2 3", "1 1 3 : 1 2 3" },
        { "in x 1 1 12; f32 w 1 1 3 : 1 10 100; Conv x w > y | auto_pad=SAME_LOWER dilations=[2]", "5 : 1 2 3 4 5",
          "1 1 5 : 314 425 531 142 253" },
        { "in x 1 1 11; f32 w 1 1 3 : 1 10 100; Conv x w > v | auto_pad=SAME_UPPER strides=[4]; Shape v > y", "1 : 1",
          "3 : 1 1 3" },
        { "in x 1 1 12; f32 w 1 1 3 : 1 10 100; Conv x w > y | auto_pad=VALID pads=[1,1]", "3 : 1 2 3", "1 1 3 : 321 132 213" },
        { "in x 1 1 12; f32 w 1 1 3 : 1 10 100; Conv x w > y | auto_pad=NOTSET pads=[] strides=[]", "3 : 1 2 3",
          "1 1 3 : 321 132 213" },
        { "in x 1 1 12; f32 w 1 1 3 : 1 10 100; Conv x w > y | auto_pad=", "3 : 1 2 3", "1 1 3 : 321 132 213" },
        { "in x 1 1 4; f32 w 1 1 3 : 1 10 100; ConvTranspose x w > y | auto_pad=SAME_UPPER strides=[2]", "2 : 1 2",
          "1 1 4 : 201 10 102 20" },
        { "in x 1 1 4; f32 w 1 1 3 : 1 10 100; ConvTranspose x w > y | auto_pad=SAME_LOWER strides=[2]", "2 : 1 2",
          "1 1 4 : 10 102 20 201" },
        { "in x 1 1 4; f32 w 1 1 3 : 1 10 100; ConvTranspose x w > v | auto_pad=SAME_UPPER strides=[2]; Shape v > y", "1 : 1",
          "3 : 1 1 8" },
        { "in x 1 1 4; f32 w 1 1 3 : 1 10 100; ConvTranspose x w > v | output_shape=[1,1,8] strides=[2]; Shape v > y", "1 : 1",
          "3 : 1 1 8" },
        { "in x 1 1 4; f32 w 1 1 3 : 1 10 100; ConvTranspose x w > v | output_shape=[] strides=[2]; Shape v > y", "1 : 1",
          "3 : 1 1 9" },
        { "in x 1 1 ? ?; f32 w 1 1 1 1 : 7; ConvTranspose x w > y | strides=[2,2]", "1 1 : 3", "1 1 2 2 : 21 0 0 0" },
        { "in x 1 1 ? ?; f32 w 1 1 1 2 : 1 10; GlobalAveragePool x > g; Add g x > v; Conv v w > y", "1 2 : 1 3",
          "1 1 1 2 : 53 35" },
        { "in x 1 2 ? ?; f32 w 1 2 1 1 : 1 10; ReduceMean x > v | axes=[3]; Conv v w > y | strides=[1,2]", "2 1 : 1 2 3 4",
          "1 1 2 1 : 31 42" },
        { "in x 1 1 ?; MaxPool x > y - | kernel_shape=[2]", "3 : 1 5 2", "1 1 3 : 5 5 2" },
        { "in x 1 1 5; MaxPool x > v | kernel_shape=[2] strides=[2] ceil_mode=1; Shape v > y", "1 : 1", "3 : 1 1 3" },
        { "in x 1 1 5; MaxPool x > v | kernel_shape=[2] strides=[2]; Shape v > y", "1 : 1", "3 : 1 1 2" },
        { "in x 1 1 ?; AveragePool x > y | kernel_shape=[3] auto_pad=SAME_UPPER", "3 : 3 6 0", "1 1 3 : 3 3 3" },
        { "in x 1 1 ? ?; AveragePool x > y | kernel_shape=[1,2]", "1 2 : 1 3", "1 1 1 2 : 2 2" },
        { "GlobalMaxPool x > y", "3 : 1 5 2 -3 -1 -2", "1 2 1 : 5 -1" },
        { "GlobalAveragePool x > y", "3 : 1 5 3 -3 -1 -2", "1 2 1 : 3 -2" },
    };
    CHECK_ROWS(table);
}

static void sizes_of_maps(void)
{
    static const struct row table[] = {
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > y | coordinate_transformation_mode=asymmetric nearest_mode=ceil",
          "2 : 1 2", "1 1 4 : 1 2 2 1" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; "
          "Resize x - s > y | coordinate_transformation_mode=asymmetric nearest_mode=round_prefer_ceil", "2 : 1 2",
          "1 1 4 : 1 2 2 1" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; "
          "Resize x - s > y | coordinate_transformation_mode=asymmetric nearest_mode=round_prefer_floor", "2 : 1 2",
          "1 1 4 : 1 1 2 2" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; "
          "Resize x - s > y | coordinate_transformation_mode=tf_half_pixel_for_nn nearest_mode=floor", "2 : 1 2",
          "1 1 4 : 1 1 2 2" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > y | coordinate_transformation_mode=tf_half_pixel_for_nn nearest_mode=ceil",
          "2 : 1 2", "1 1 4 : 2 2 1 1" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > y | coordinate_transformation_mode=half_pixel_symmetric mode=linear",
          "2 : 0 8", "1 1 4 : 2 2 6 6" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > y | coordinate_transformation_mode=pytorch_half_pixel mode=bilinear",
          "2 : 0 8", "1 1 4 : 2 2 6 6" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > y | coordinate_transformation_mode=asymmetric mode=trilinear", "2 : 0 8",
          "1 1 4 : 0 4 8 4" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; Resize x - s > y | coordinate_transformation_mode=asymmetric mode=bicubic", "3 : 0 0 8",
          "1 1 6 : 0 -1.5 0 4.75 8 4.75" },
        { "in x 1 1 ?; f32 s 3 : 1 1 2; "
          "Resize x - s > y | coordinate_transformation_mode=asymmetric mode=cubic cubic_coeff_a=-0.5", "3 : 0 0 8",
          "1 1 6 : 0 -1 0 4.5 8 4.5" },
        { "in x 1 1 ?; f32 s 1 : 2; Resize x - s > y | axes=[-1]", "2 : 1 2", "1 1 4 : 1 1 2 2" },
        { "in x 1 1 6; f32 e 0 : ; i64 z 3 : 1 1 12; Resize x - e z > y", "2 : 1 2", "1 1 4 : 1 1 2 2" },
        { "in x 1 1 6; i64 e 0 : ; f32 s 3 : 1 1 2; Resize x - s e > y", "2 : 1 2", "1 1 4 : 1 1 2 2" },
        { "in x 1 2 6; i64 z 2 : 2 18; Resize x - - z > y | axes=[1,2]", "1 : 1 2", "1 2 3 : 1 1 1 2 2 2" },
        { "in x 1 1 ? ?; f32 s 4 : 1 1 2 1; Resize x - s > y", "1 2 : 1 2", "1 1 2 2 : 1 2 1 2" },
        { "opset 9; in x 1 1 ?; f32 s 3 : 1 1 2; Upsample x s > y", "2 : 1 2", "1 1 4 : 1 1 2 2" },
        { "opset 10; in x 1 1 ?; f32 s 3 : 1 1 2; Resize x s > y | mode=linear", "2 : 0 8", "1 1 4 : 0 4 8 4" },
        { "opset 8; in x 1 1 ?; Upsample x > y | scales=[1.0,1.0,2.0]", "2 : 1 2", "1 1 4 : 1 1 2 2" },
        { "in x 1 4 ? ?; DepthToSpace x > y | blocksize=2", "1 1 : 1 2 3 4", "1 1 2 2 : 1 2 3 4" },
        { "in x 1 8 ? ?; DepthToSpace x > y | blocksize=2", "1 1 : 1 2 3 4 5 6 7 8", "1 2 2 2 : 1 3 5 7 2 4 6 8" },
        { "in x 1 8 ? ?; DepthToSpace x > y | blocksize=2 mode=CRD", "1 1 : 1 2 3 4 5 6 7 8", "1 2 2 2 : 1 2 3 4 5 6 7 8" },
        { "in x 1 1 ? ?; SpaceToDepth x > y | blocksize=2", "2 2 : 1 2 3 4", "1 4 1 1 : 1 2 3 4" },
        { "in x 1 1 ? ?; SpaceToDepth x > y | blocksize=2", "1 3 : 1 2 3", "1 4 1 3 : 1 3 2 2 1 3 1 3 2 2 1 3" },
    };
    CHECK_ROWS(table);
}

/* ---- matrices, reductions, normalisations ---- */

static void matrices_and_reductions(void)
{
    static const struct row table[] = {
        { "f32 c 2 2 : 1 2 3 4; MatMul c x > y", "2 : 1 10 5 50", "1 2 2 : 11 110 23 230" },
        { "f32 c 1 1 3 2 : 1 2 3 4 5 6; MatMul c x > y", "1 : 1 10", "1 1 3 1 : 21 43 65" },
        { "f32 c 3 1 2 : 1 2 3 4 5 6; MatMul c x > y", "1 : 1 10", "3 1 1 : 21 43 65" },
        { "f32 c 2 2 : 1 2 3 4; Transpose x > v | perm=[0,2,1]; MatMul v c > y", "2 : 1 10 5 50", "1 2 2 : 16 22 160 220" },
        { "f32 b 2 2 : 1 2 3 4; f32 c 1 1 : 5; GlobalAveragePool x > g; Flatten g > f; Gemm f b c > y | alpha=2.0 beta=3.0",
          "1 : 1 10", "1 2 : 77 99" },
        { "f32 b 1 2 : 1 2; GlobalAveragePool x > g; Flatten g > f; Gemm f b > y | transA=1", "1 : 1 10", "2 2 : 1 2 10 20" },
        { "f32 a 2 3 : 1 2 3 4 5 6; f32 b 2 3 : 1 0 0 0 1 1; f32 c 2 1 : 100 200; Gemm a b c > y | transB=1", "1 : 0 0",
          "2 2 : 101 105 204 211" },
        { "f32 a 1 1 : 3; f32 b 1 2 : 1 2; f32 c : 100; Gemm a b c > y", "1 : 0 0", "1 2 : 103 106" },
        { "f32 a 1 1 : 3; f32 b 1 2 : 1 2; f32 c 2 : 100 200; Gemm a b c > y", "1 : 0 0", "1 2 : 103 206" },
        { "ReduceSum x > y | axes=[1] keepdims=0", "2 : 3 4 5 6", "1 2 : 8 10" },
        { "ReduceProd x > y | axes=[-2]", "2 : 3 4 5 6", "1 1 2 : 15 24" },
        { "ReduceMax x > y | axes=[1]", "2 : 3 6 5 4", "1 1 2 : 5 6" },
        { "ReduceMin x > y | axes=[1]", "2 : 3 6 5 4", "1 1 2 : 3 4" },
        { "ReduceMax x > y | axes=[2] keepdims=0", "3 : 1 7 2 -3 -1 -2", "1 2 : 7 -1" },
        { "ReduceMin x > y | axes=[2] keepdims=0", "3 : 1 7 2 -3 -1 -2", "1 2 : 1 -3" },
        { "ReduceMean x > y | keepdims=0", "2 : 1 2 3 4", " : 2.5" },
        { "ReduceMean x > y", "2 : 1 2 3 4", "1 1 1 : 2.5" },
        { "opset 18; i64 a 0 : ; ReduceSum x a > y | noop_with_empty_axes=1", "1 : 1 2", "1 2 1 : 1 2" },
        { "opset 18; i64 a 1 : 1; ReduceSum x a > y", "1 : 1 2", "1 1 1 : 3" },
        { "Softmax x > y | axis=1", "2 : 0 5 0 5", "1 2 2 : 0.5 0.5 0.5 0.5" },
        { "opset 12; GlobalAveragePool x > g; Softmax g > y", "1 : 3 3", "1 2 1 : 0.5 0.5" },
        { "opset 12; GlobalAveragePool x > g; Softmax g > y | axis=-1", "1 : 3 5", "1 2 1 : 1 1" },
        { "GlobalAveragePool x > g; Softmax g > y", "1 : 3 5", "1 2 1 : 1 1" },
    };
    CHECK_ROWS(table);
}

static void normalisations(void)
{
    static const struct row table[] = {
        { "f32 s 2 : 2 3; f32 b 2 : 10 20; f32 m 2 : 1 2; f32 v 2 : 4 0.25; BatchNormalization x s b m v > y | epsilon=0.0",
          "1 : 3 3", "1 2 1 : 12 26" },
        { "f32 s 2 : 2 3; f32 b 2 : 10 20; InstanceNormalization x s b > y | epsilon=0.0", "2 : 1 3 5 9", "1 2 2 : 8 12 17 23" },
        { "f32 s 2 : 2 3; f32 b 2 : 10 20; GroupNormalization x s b > y | num_groups=2 epsilon=0.0", "2 : 1 3 5 9",
          "1 2 2 : 8 12 17 23" },
        { "f32 s 1 : 2; f32 b 2 : 10 20; GroupNormalization x s b > y | num_groups=1 epsilon=0.0", "1 : 1 3", "1 2 1 : 8 22" },
        { "f32 s 2 : 2 3; f32 b 1 : 10; GroupNormalization x s b > y | num_groups=1 epsilon=0.0", "1 : 1 3", "1 2 1 : 8 13" },
        { "f32 s 2 : 2 3; Transpose x > v | perm=[0,2,1]; LayerNormalization v s > y - | epsilon=0.0", "1 : 1 3",
          "1 1 2 : -2 3" },
        { "f32 s 2 : 2 3; f32 b 2 : 10 20; GlobalAveragePool x > g; LayerNormalization g s b > y | axis=1 epsilon=0.0", "1 : 1 3",
          "1 2 1 : 8 23" },
        { "i64 z 1 : 0; f32 s 2 : 2 3; Slice x z z z > v; InstanceNormalization v s s > y", "1 : 1 3", "0 2 1 :" },
        { "i64 z 1 : 0; f32 s 2 : 2 3; Slice x z z z > v; GroupNormalization v s s > y | num_groups=2", "1 : 1 3", "0 2 1 :" },
        { "i64 z 1 : 0; f32 s 0 : ; i64 a 1 : 1; Slice x z z a > v; InstanceNormalization v s s > y", "1 : 1 3", "1 0 1 :" },
    };
    CHECK_ROWS(table);
}

/* ---- shapes ---- */

static void shapes(void)
{
    static const struct row table[] = {
        { "in x 1 2 12; Shape x > y", "1 : 0 0", "3 : 1 2 12" },
        { "in x 1 2 20000000; Shape x > y", "1 : 0 0", "3 : 1 2 887040" },
        { "in x 1 2 0; Shape x > y", "1 : 0 0", "3 : 1 2 887040" },
        { "in x 2 2 ?; Relu x > y", "1 : 3 4", "2 2 1 : 3 4 3 4" },
        { "in x 100 2 ?; Relu x > y", "1 : 3 4", "1 2 1 : 3 4" },
        { "in x ? 2 ?; Relu x > y", "1 : 3 4", "1 2 1 : 3 4" },
        { "in x 1 2 12; Shape x > y | start=1", "1 : 0 0", "2 : 2 12" },
        { "in x 1 2 12; Shape x > y | start=-2", "1 : 0 0", "2 : 2 12" },
        { "in x 1 2 12; Shape x > y | end=-1", "1 : 0 0", "2 : 1 2" },
        { "in x 1 2 12; Shape x > y | start=-9 end=9", "1 : 0 0", "3 : 1 2 12" },
        { "in x 1 2 12; Shape x > y | start=9", "1 : 0 0", "0 :" },
        { "in x 1 2 12; Shape x > y | end=-9", "1 : 0 0", "0 :" },
        { "in x 1 3 ?; i64 i 2 : -1 0; Gather x i > y | axis=1", "1 : 1 2 3", "1 2 1 : 3 1" },
        { "in x 1 3 ?; i64 i : 1; Gather x i > y | axis=-2", "2 : 1 2 3 4 5 6", "1 2 : 3 4" },
        { "in x 1 3 ?; f32 i 2 2 : 0 1 1 2; Gather x i > y | axis=1", "1 : 1 2 3", "1 2 2 1 : 1 2 2 3" },
        { "in x 1 3 ?; i64 i 0 : ; Gather x i > v | axis=1; Concat v x > y | axis=1", "1 : 1 2 3", "1 3 1 : 1 2 3" },
        { "i64 s 2 : 1 2; ConstantOfShape s > y | value=f32{2.5}", "1 : 0 0", "1 2 : 2.5 2.5" },
        { "i64 s 1 : 2; i64 b : 2; ConstantOfShape s > a | value=i64{7}; Div a b > y", "1 : 0 0", "2 : 3 3" },
        { "i64 s 2 : 1 2; ConstantOfShape s > y", "1 : 0 0", "1 2 : 0 0" },
        { "i64 s 2 : 1 -2; ConstantOfShape s > y", "1 : 0 0", "1 0 :" },
        { "i64 s 0 : ; ConstantOfShape s > y | value=i64{7}", "1 : 0 0", " : 7" },
        { "i64 s 3 : 1 2 1; ConstantOfShape s > a | value=f32{3.0}; ConstantOfShape s > b | value=f32{5.0}; Mul x a > v; "
          "Add v b > y", "1 : 1 2", "1 2 1 : 8 11" },
        { "Constant > y | value=f32{1.5,2}", "1 : 0 0", "2 : 1.5 2" },
        { "Constant > a | value=i64{7,8}; Constant > b | value_int=2; Div a b > y", "1 : 0 0", "2 : 3 4" },
        { "Constant > a | value_ints=[7,8]; Constant > b | value_float=2.0; Div a b > y", "1 : 0 0", "2 : 3.5 4" },
        { "Constant > y | value_floats=[0.5,1.5]", "1 : 0 0", "2 : 0.5 1.5" },
        { "i64 a : 3; i64 b : 0; i64 c : -2; Range a b c > y", "1 : 0 0", "2 : 3 1" },
        { "f32 a : 0.5; i64 b : 2; f32 c : 0.5; Range a b c > y", "1 : 0 0", "3 : 0.5 1 1.5" },
        { "i64 a : 3; i64 b : 0; i64 c : 1; Range a b c > y", "1 : 0 0", "0 :" },
        { "in x 1 1 ?; i64 s 2 : 3 1; Expand x s > y", "2 : 1 2", "1 3 2 : 1 2 1 2 1 2" },
        { "in x 1 1 ?; i64 s 4 : 2 1 2 1; Expand x s > y", "2 : 1 2", "2 1 2 2 : 1 2 1 2 1 2 1 2" },
        { "in x 1 1 6; i64 s 3 : 1 1 6; Expand x s > y", "2 : 1 2", "1 1 2 : 1 2" },
        { "i64 s 3 : 1 0 1; f32 c 1 1 1 : 1; Expand c s > y", "1 : 0 0", "1 0 1 :" },
        { "GlobalAveragePool x > g; Squeeze g > y", "1 : 1 2", "2 : 1 2" },
        { "i64 a 2 : 0 -1; GlobalAveragePool x > g; Squeeze g a > y", "1 : 1 2", "2 : 1 2" },
        { "i64 a 2 : -1 0; Unsqueeze x a > y", "1 : 1 2", "1 1 2 1 1 : 1 2" },
        { "f32 c 2 3 : 1 2 3 4 5 6; Transpose c > y", "1 : 0 0", "3 2 : 1 4 2 5 3 6" },
        { "f32 c 2 3 : 1 2 3 4 5 6; Transpose c > y | perm=[-1,0]", "1 : 0 0", "3 2 : 1 4 2 5 3 6" },
        { "f32 c 1 2 3 : 1 2 3 4 5 6; Flatten c > y | axis=-1", "1 : 0 0", "2 3 : 1 2 3 4 5 6" },
        { "f32 c 1 2 3 : 1 2 3 4 5 6; Flatten c > y | axis=3", "1 : 0 0", "6 1 : 1 2 3 4 5 6" },
        { "f32 c 1 2 3 : 1 2 3 4 5 6; Flatten c > y | axis=0", "1 : 0 0", "1 6 : 1 2 3 4 5 6" },
        { "Cast x > y | to=9", "1 : 0 -2.5", "1 2 1 : 0 1" },
        { "Cast x > y | to=6", "1 : 1.5 -2.5", "1 2 1 : 1 -2" },
        { "Cast x > y | to=12", "1 : 1.5 2.5", "1 2 1 : 1 2" },
        { "Cast x > y | to=13", "1 : 1.5 2.5", "1 2 1 : 1 2" },
        { "Cast x > y | to=10", "1 : 1.5 -2.5", "1 2 1 : 1.5 -2.5" },
        { "Cast x > y | to=11", "1 : 1.5 -2.5", "1 2 1 : 1.5 -2.5" },
        { "Cast x > y | to=16", "1 : 1.5 -2.5", "1 2 1 : 1.5 -2.5" },
        { "Identity x > y -", "1 : 1.5 -2.5", "1 2 1 : 1.5 -2.5" },
    };
    CHECK_ROWS(table);
}

static void reshapes(void)
{
    static const struct row table[] = {
        { "opset 1; f32 c 2 3 : 1 2 3 4 5 6; Reshape c > y | shape=[3,-1]", "1 : 0 0", "3 2 : 1 2 3 4 5 6" },
        { "i64 s 4 : 0 0 1 -1; Reshape x s > y", "2 : 1 2 3 4", "1 2 1 2 : 1 2 3 4" },
        { "i64 s 4 : 0 0 -1 1; Reshape x s > y", "2 : 1 2 3 4", "1 2 2 1 : 1 2 3 4" },
        { "in x 1 1 ?; i64 s 4 : 1 1 -1 2; Reshape x s > y", "3 : 1 2 3", "1 1 3 2 : 1 2 3 1 2 3" },
        { "in x 1 1 6; i64 s 4 : 1 1 3 2; Reshape x s > v; Shape v > y", "1 : 0", "4 : 1 1 3 2" },
        { "in x 1 2 ?; i64 s 3 : 1 1 -1; Transpose x > v | perm=[0,2,1]; Reshape v s > y", "2 : 1 2 3 4", "1 1 4 : 1 3 2 4" },
        { "f32 c 1 1 1 : 7; i64 s 1 : 1; i64 t 0 : ; Reshape c s > v; Reshape v t > y", "1 : 0 0", " : 7" },
        { "f32 c : 7; i64 s 2 : 1 1; Reshape c s > y", "1 : 0 0", "1 1 : 7" },
        { "i64 z 2 : 0 2; i64 s 3 : 0 5 0; ConstantOfShape z > v; Reshape v s > y | allowzero=1", "1 : 0 0", "0 5 0 :" },
        { "i64 z 2 : 3 0; i64 s 1 : 0; ConstantOfShape z > v; Reshape v s > u | allowzero=1; f32 c 1 : 7; "
          "Concat u c > y | axis=0", "1 : 0 0", "1 : 7" },
        { "in x 2 2 2 3; i64 z 1 : 0; i64 s 3 : 0 1 12; i64 t 4 : 0 2 2 3; f32 one 1 : 1; Slice x z z z > e; "
          "Reshape e s > m;InstanceNormalization m one one > n; Reshape n t > y", "1 1 : 0 0", "0 2 1 1 :" },
        { "in x 1 2 ? ?; i64 s 3 : 0 1 -1; f32 one 1 : 1; f32 nil 1 : 0; Shape x > t; "
          "Reshape x s > m;InstanceNormalization m one nil > n | epsilon=0.0; Identity n > i; Reshape i t > y", "1 1 : 1 5",
          "1 2 1 1 : -1 1" },
        { "i64 s 3 : 0 1 -1; f32 one 1 : 1; f32 nil 1 : 0; Shape x > t; Reshape x s > m; "
          "InstanceNormalization m one nil > n | epsilon=0.0;Reshape n t > y", "2 : 1 1 5 5", "1 2 2 : -1 -1 1 1" },
        { "i64 s 3 : 0 2 -1; Reshape x s > y", "2 : 1 2 3 4", "1 2 2 : 1 2 3 4" },
        { "i64 s 3 : 1 4 1; f32 c 1 2 2 : 1 2 3 4; Reshape c s > y", "1 : 0 0", "1 4 1 : 1 2 3 4" },
        { "i64 s 3 : 1 1 4; f32 c 1 2 2 : 1 2 3 4; Reshape c s > y", "1 : 0 0", "1 1 4 : 1 2 3 4" },
        { "i64 s 3 : 2 1 2; f32 c 1 2 2 : 1 2 3 4; Reshape c s > y", "1 : 0 0", "2 1 2 : 1 2 3 4" },
    };
    CHECK_ROWS(table);
}

const struct test_suite suite = { "network operators", {
    { "arithmetic", arithmetic },
    { "Gelu has two forms", gelu_has_two_forms },
    { "joins and cuts", joins_and_cuts },
    { "windows", windows },
    { "sizes of maps", sizes_of_maps },
    { "matrices and reductions", matrices_and_reductions },
    { "normalisations", normalisations },
    { "shapes", shapes },
    { "reshapes", reshapes },
    { NULL, NULL } } };
