/* Geometry from options and a shape: merging, one value for all axes, layouts, and what is refused. */
#include "testing.h"

#include <math.h>
#include <string.h>

#include "tconv.h"

static tconv_geometry_options options_of(const char *text)
{
    tconv_geometry_options options = { 0 };
    char copy[256], *rest = copy;
    (void)strcpy(copy, text);
    for (char *word; *rest != '\0'; ) {
        word = rest;
        rest += strcspn(rest, " ");
        if (*rest == ' ')
            *rest++ = '\0';
        char *value = strchr(word, '=');
        *value++ = '\0';
        tconv_error error = { .status = TCONV_OK };
        CHECK_MESSAGE(tconv_geometry_text_set(&options, word, value, ',', 0, 0, &error) == TCONV_OK, "%s", error.message);
        CHECK(tconv_geometry_text_given(&options, word));
    }
    return options;
}

static tconv_geometry layer(size_t ndim, size_t channels_in, size_t channels_out, size_t groups, const tconv_axis *axes)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    g.channels_in = channels_in;
    g.channels_out = channels_out;
    g.groups = groups;
    for (size_t i = 0; i < ndim; i++)
        g.axis[i] = axes[i];
    return g;
}

static bool same_geometry(const tconv_geometry *a, const tconv_geometry *b)
{
    bool same = a->ndim == b->ndim && a->channels_in == b->channels_in && a->channels_out == b->channels_out && a->groups == b->groups;
    for (size_t i = 0; same && i < a->ndim; i++)
        same = a->axis[i].stride == b->axis[i].stride && a->axis[i].n_taps == b->axis[i].n_taps
            && a->axis[i].dilation == b->axis[i].dilation && a->axis[i].pad_begin == b->axis[i].pad_begin
            && a->axis[i].pad_end == b->axis[i].pad_end && a->axis[i].output_padding == b->axis[i].output_padding;
    return same;
}

#define AXES(...) (const tconv_axis[]){ __VA_ARGS__ }

static void check_good(void)
{
    const struct { const char *options; size_t rank, shape[5]; tconv_geometry want; } cases[] = {
        { "stride=2", 1, { 4 }, layer(1, 1, 1, 1, AXES({ 2, 4, 1, 0, 0, 0 })) },
        { "stride=2 padding=1 output_padding=1 dilation=3", 1, { 4 }, layer(1, 1, 1, 1, AXES({ 2, 4, 3, 1, 1, 1 })) },
        { "stride=2 pads=0,1", 1, { 4 }, layer(1, 1, 1, 1, AXES({ 2, 4, 1, 0, 1, 0 })) },
        { "stride=2 padding=1", 2, { 4, 3 }, layer(2, 1, 1, 1, AXES({ 2, 4, 1, 1, 1, 0 }, { 2, 3, 1, 1, 1, 0 })) },
        { "stride=2,3 padding=1,-2", 2, { 4, 3 }, layer(2, 1, 1, 1, AXES({ 2, 4, 1, 1, 1, 0 }, { 3, 3, 1, -2, -2, 0 })) },
        { "stride=2 pads=1,2,3,4", 2, { 4, 3 }, layer(2, 1, 1, 1, AXES({ 2, 4, 1, 1, 3, 0 }, { 2, 3, 1, 2, 4, 0 })) },
        { "stride=2 pads=1", 2, { 4, 3 }, layer(2, 1, 1, 1, AXES({ 2, 4, 1, 1, 1, 0 }, { 2, 3, 1, 1, 1, 0 })) },
        { "stride=2 ndim=1", 2, { 5, 1 }, layer(1, 1, 1, 1, AXES({ 2, 5, 1, 0, 0, 0 })) },
        { "stride=2 ndim=1", 2, { 1, 5 }, layer(1, 1, 1, 1, AXES({ 2, 5, 1, 0, 0, 0 })) },
        { "stride=2 ndim=1", 2, { 1, 1 }, layer(1, 1, 1, 1, AXES({ 2, 1, 1, 0, 0, 0 })) },
        { "stride=2 ndim=2", 2, { 5, 1 }, layer(2, 1, 1, 1, AXES({ 2, 5, 1, 0, 0, 0 }, { 2, 1, 1, 0, 0, 0 })) },
        { "stride=2", 3, { 6, 2, 4 }, layer(1, 6, 2, 1, AXES({ 2, 4, 1, 0, 0, 0 })) },
        { "stride=2 groups=3", 3, { 6, 2, 4 }, layer(1, 6, 6, 3, AXES({ 2, 4, 1, 0, 0, 0 })) },
        { "stride=2 ndim=1", 3, { 6, 2, 4 }, layer(1, 6, 2, 1, AXES({ 2, 4, 1, 0, 0, 0 })) },
        { "stride=2 ndim=3", 3, { 6, 2, 4 }, layer(3, 1, 1, 1, AXES({ 2, 6, 1, 0, 0, 0 }, { 2, 2, 1, 0, 0, 0 }, { 2, 4, 1, 0, 0, 0 })) },
        { "stride=2,1", 4, { 6, 2, 4, 3 }, layer(2, 6, 2, 1, AXES({ 2, 4, 1, 0, 0, 0 }, { 1, 3, 1, 0, 0, 0 })) },
        { "stride=2,1 layout=tf", 4, { 4, 3, 2, 6 }, layer(2, 6, 2, 1, AXES({ 2, 4, 1, 0, 0, 0 }, { 1, 3, 1, 0, 0, 0 })) },
        { "stride=2,1 layout=tf groups=2", 4, { 4, 3, 5, 6 }, layer(2, 6, 10, 2, AXES({ 2, 4, 1, 0, 0, 0 }, { 1, 3, 1, 0, 0, 0 })) },
        { "stride=2,1 layout=io", 4, { 6, 2, 4, 3 }, layer(2, 6, 2, 1, AXES({ 2, 4, 1, 0, 0, 0 }, { 1, 3, 1, 0, 0, 0 })) },
        { "stride=1,2,3", 5, { 1, 1, 2, 3, 4 }, layer(3, 1, 1, 1, AXES({ 1, 2, 1, 0, 0, 0 }, { 2, 3, 1, 0, 0, 0 }, { 3, 4, 1, 0, 0, 0 })) },
        { "stride=2 auto_pad=same-upper", 1, { 3 }, layer(1, 1, 1, 1, AXES({ 2, 3, 1, 0, 1, 0 })) },
        { "stride=2 auto_pad=same-lower", 1, { 3 }, layer(1, 1, 1, 1, AXES({ 2, 3, 1, 1, 0, 0 })) },
        { "stride=2 auto_pad=valid", 1, { 3 }, layer(1, 1, 1, 1, AXES({ 2, 3, 1, 0, 0, 0 })) },
        { "stride=2 output_shape=10 input_size=5", 1, { 3 }, layer(1, 1, 1, 1, AXES({ 2, 3, 1, 1, 0, 0 })) },
        { "stride=2 output_shape=10 input_size=5 auto_pad=same-upper", 1, { 3 }, layer(1, 1, 1, 1, AXES({ 2, 3, 1, 0, 1, 0 })) },
        { "stride=2 input_size=5", 1, { 3 }, layer(1, 1, 1, 1, AXES({ 2, 3, 1, 0, 0, 0 })) },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_geometry_options options = options_of(cases[i].options);
        tconv_geometry geometry;
        tconv_error error = { .message = "" };
        tconv_status status = tconv_geometry_of_shape(&options, cases[i].shape, cases[i].rank, &geometry, &error);
        CHECK_MESSAGE(status == TCONV_OK, "case %zu: %s", i, error.message);
        CHECK_MESSAGE(status != TCONV_OK || same_geometry(&geometry, &cases[i].want), "case %zu '%s' is another geometry", i, cases[i].options);
    }
}

static void check_bad(void)
{
    static const struct { const char *options; size_t rank, shape[9]; tconv_status status; const char *message; } cases[] = {
        { "", 1, { 4 }, TCONV_ENOSTRIDE, "the stride is not given, neither as an option (-s 2) nor in the file ('# tconv: stride=2')" },
        { "padding=1 ndim=1", 3, { 4, 4, 4 }, TCONV_ENOSTRIDE, "the stride is not given, neither as an option (-s 2) nor in the file ('# tconv: stride=2')" },
        { "stride=2,2", 1, { 4 }, TCONV_EARGUMENT, "2 values of the stride are given; 1 is needed" },
        { "stride=2,2,2", 2, { 4, 4 }, TCONV_EARGUMENT, "3 values of the stride are given; 1 or 2 are needed" },
        { "stride=2 dilation=1,1", 1, { 4 }, TCONV_EARGUMENT, "2 values of the dilation are given; 1 is needed" },
        { "stride=2 output_padding=1,1", 1, { 4 }, TCONV_EARGUMENT, "2 values of the output padding are given; 1 is needed" },
        { "stride=2 padding=1,1", 1, { 4 }, TCONV_EARGUMENT, "2 values of the padding are given; 1 is needed" },
        { "stride=2 pads=1,1", 2, { 4, 4 }, TCONV_EARGUMENT, "2 values of the pads (begins, then ends) are given; 1 or 4 are needed" },
        { "stride=2 input_size=1,1,1", 2, { 4, 4 }, TCONV_EARGUMENT, "3 values of the input size are given; 1 or 2 are needed" },
        { "stride=2 input_size=5 output_shape=1,1", 1, { 4 }, TCONV_EARGUMENT, "2 values of the output shape are given; 1 is needed" },
        { "stride=2 padding=1 pads=1,1", 1, { 4 }, TCONV_EARGUMENT, "the padding and the pads are both given; one of them says what is cropped" },
        { "stride=2 padding=1 auto_pad=valid", 1, { 4 }, TCONV_EARGUMENT, "the padding and auto-pad are both given; one of them says what is cropped" },
        { "stride=2 pads=1 output_shape=8 input_size=4", 1, { 4 }, TCONV_EARGUMENT, "the pads and the output shape are both given; one of them says what is cropped" },
        { "stride=2 output_shape=8", 1, { 4 }, TCONV_EARGUMENT, "the output shape is given without the input size, which it needs" },
        { "stride=2 ndim=2", 1, { 4 }, TCONV_EARGUMENT, "an array of shape (4) has no 2 spatial dimensions; it is a kernel of one dimension" },
        { "stride=2 ndim=1", 2, { 4, 3 }, TCONV_EARGUMENT, "an array of shape (4, 3) has no 1 spatial dimensions; it is a kernel of two dimensions" },
        { "stride=2 ndim=3", 2, { 4, 3 }, TCONV_EARGUMENT, "an array of shape (4, 3) has no 3 spatial dimensions; it is a kernel of two dimensions" },
        { "stride=2 ndim=2", 3, { 4, 3, 2 }, TCONV_EARGUMENT, "an array of shape (4, 3, 2) has no 2 spatial dimensions; it is a layer of two dimensions less, or one kernel of as many" },
        { "stride=2", 0, { 0 }, TCONV_EUNSUPPORTED, "an array of shape () has 0 dimensions; 1 to 5 can be a kernel or the weights of a layer" },
        { "stride=2", 6, { 1, 1, 1, 1, 1, 1 }, TCONV_EUNSUPPORTED, "an array of shape (1, 1, 1, 1, 1, 1) has 6 dimensions; 1 to 5 can be a kernel or the weights of a layer" },
        { "stride=2", 2, { 3, 0 }, TCONV_EGEOMETRY, "an array of shape (3, 0) is empty; a kernel has at least one tap" },
        { "stride=2 output_padding=2", 1, { 4 }, TCONV_EGEOMETRY, "the output padding is 2; 0 to 1 (less than stride or dilation) is allowed" },
        { "stride=2 groups=2", 1, { 4 }, TCONV_EGEOMETRY, "2 groups do not divide 1 input and 1 output channels" },
        { "stride=2 groups=4", 3, { 6, 1, 4 }, TCONV_EGEOMETRY, "4 groups do not divide 6 input and 4 output channels" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_geometry_options options = options_of(cases[i].options);
        tconv_geometry geometry;
        tconv_error error = { .message = "" };
        tconv_status status = tconv_geometry_of_shape(&options, cases[i].shape, cases[i].rank, &geometry, &error);
        CHECK_MESSAGE(status == cases[i].status, "case %zu: %s", i, tconv_status_name(status));
        CHECK_TEXT(error.message, cases[i].message);
    }
    tconv_geometry_options raw = { .stride = { .count = 1, .values = { -1 } } };      /* as no text can say */
    tconv_geometry geometry = tconv_geometry_default(1);
    tconv_error error;
    CHECK(tconv_geometry_options_apply(&raw, &geometry, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the stride is -1; at least 1 is allowed");
    geometry.ndim = 4;
    CHECK(tconv_geometry_options_apply(&raw, &geometry, &error) == TCONV_EGEOMETRY);
}

static void check_merge(void)
{
    static const struct { const char *base, *over, *merged; } cases[] = {
        { "", "", "" },
        { "stride=2 padding=1", "", "stride=2 padding=1" },
        { "", "stride=2 padding=1", "stride=2 padding=1" },
        { "stride=2 padding=1", "stride=3", "stride=3 padding=1" },
        { "stride=2 padding=1", "pads=0,1", "stride=2 pads=0,1" },
        { "stride=2 pads=0,1", "padding=2", "stride=2 padding=2" },
        { "stride=2 padding=1", "auto_pad=valid", "stride=2 auto_pad=valid" },
        { "stride=2 padding=1", "output_shape=4 input_size=2", "stride=2 output_shape=4 input_size=2" },
        { "auto_pad=same-upper", "padding=1", "padding=1" },
        { "dilation=2 output_padding=1 groups=2 ndim=2", "dilation=3", "dilation=3 output_padding=1 groups=2 ndim=2" },
        { "dilation=2 output_padding=1 groups=2 ndim=2", "output_padding=0 groups=1 ndim=1 layout=tf input_size=7", "dilation=2 output_padding=0 groups=1 ndim=1 layout=tf input_size=7" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char *const keys[] = { "stride", "padding", "pads", "auto_pad", "output_shape", "input_size", "dilation", "output_padding", "groups", "ndim", "layout" };
        tconv_geometry_options base = options_of(cases[i].base), over = options_of(cases[i].over), want = options_of(cases[i].merged), got;
        tconv_geometry_options_merge(&base, &over, &got);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            CHECK_MESSAGE(tconv_geometry_text_given(&got, keys[k]) == tconv_geometry_text_given(&want, keys[k]), "case %zu: %s", i, keys[k]);
        CHECK(got.stride.values[0] == want.stride.values[0] && got.padding.values[0] == want.padding.values[0]);
        CHECK(got.pads.values[1] == want.pads.values[1] && got.dilation.values[0] == want.dilation.values[0]);
        CHECK(got.output_padding.values[0] == want.output_padding.values[0] && got.groups == want.groups && got.ndim == want.ndim);
        CHECK(got.input_size.values[0] == want.input_size.values[0] && got.output_shape.values[0] == want.output_shape.values[0]);
        tconv_geometry_options_merge(&base, &over, &base);
        CHECK(base.stride.values[0] == want.stride.values[0] && base.padding.count == want.padding.count);
    }
}

static void check_texts(void)
{
    static const struct { const char *key, *value; char separator; tconv_status status; const char *message; } cases[] = {
        { "stride", "2x3", 'x', TCONV_OK, "" },
        { "stride", "2,3", 'x', TCONV_EFORMAT, "stride: '2,3' is not a whole number" },
        { "stride", "", ',', TCONV_EFORMAT, "stride: '' is not a whole number" },
        { "stride", "2,", ',', TCONV_EFORMAT, "stride: '' is not a whole number" },
        { "padding", "-1073741825", ',', TCONV_EFORMAT, "padding: -1073741825 is not allowed; -1073741824 to 1073741824 is" },
        { "auto_pad", "same", ',', TCONV_EFORMAT, "auto_pad: 'same' is not known; same-upper, same-lower or valid is" },
        { "layout", "oi", ',', TCONV_EFORMAT, "layout: 'oi' is not known; io or tf is" },
        { "groups", "1,2", ',', TCONV_EFORMAT, "groups: '1,2' is not a whole number" },
        { "ndim", "0", ',', TCONV_EFORMAT, "ndim: 0 is not allowed; 1 to 3 is" },
        { "kernel", "3", ',', TCONV_ENOTFOUND, "'kernel' is no part of a geometry" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_geometry_options options = { 0 };
        tconv_error error = { .message = "" };
        tconv_status status = tconv_geometry_text_set(&options, cases[i].key, cases[i].value, cases[i].separator, 0, 0, &error);
        CHECK_MESSAGE(status == cases[i].status, "case %zu: %s", i, tconv_status_name(status));
        CHECK_TEXT(error.message, cases[i].message);
        CHECK(tconv_geometry_text_given(&options, cases[i].key) == (status == TCONV_OK));
    }
}

/* w_io[ci][co][r] = w_tf[r][co][ci], by the definition of the two layouts. */
static void check_layouts(void)
{
    tconv_geometry_options options = options_of("stride=2 groups=2 layout=tf");
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t k1 = random_between(1, 4), k2 = random_between(1, 4), out = random_between(1, 4), in = 2 * random_between(1, 3);
        tconv_tensor *weights;
        tconv_kernel *kernel;
        CHECK(tconv_tensor_create(&weights, round % 2 == 0 ? TCONV_F64 : TCONV_F32, (size_t[]){ k1, k2, out, in }, 4) == TCONV_OK);
        for (size_t i = 0; i < weights->count; i++)
            tconv_tensor_set(weights, i, random_normal());
        CHECK(tconv_kernel_from_tensor(weights, &options, &kernel, NULL) == TCONV_OK);
        CHECK(kernel->geometry.channels_in == in && kernel->geometry.channels_out == 2 * out && kernel->geometry.axis[1].n_taps == k2);
        bool same = true;
        for (size_t ci = 0; ci < in; ci++)
            for (size_t co = 0; co < out; co++)
                for (size_t r = 0; r < k1 * k2; r++)
                    same = same && kernel->taps[(ci * out + co) * k1 * k2 + r] == tconv_tensor_get(weights, (r * out + co) * in + ci);
        CHECK(same);
        tconv_tensor *back;
        CHECK(tconv_kernel_to_tensor(kernel, &back, NULL) == TCONV_OK && back->rank == 4 && back->shape[0] == in && back->shape[1] == out);
        CHECK_SAME(back->data, kernel->taps, back->count * sizeof(double));
        tconv_tensor_destroy(back);
        tconv_kernel_destroy(kernel);
        tconv_tensor_destroy(weights);
    }
}

static void check_non_finite(void)
{
    static const struct { double value; const char *message; } cases[] = {
        { (double)NAN, "the value at index (1, 0, 2) is NaN; every value must be finite" },
        { (double)INFINITY, "the value at index (1, 0, 2) is infinite; every value must be finite" },
        { -(double)INFINITY, "the value at index (1, 0, 2) is minus infinite; every value must be finite" },
    };
    tconv_geometry_options options = options_of("stride=2");
    tconv_tensor *weights;
    tconv_kernel *kernel;
    CHECK(tconv_tensor_create(&weights, TCONV_F32, (size_t[]){ 2, 3, 4 }, 3) == TCONV_OK);
    for (size_t i = 0; i < 3; i++) {
        tconv_error error;
        tconv_tensor_set(weights, 12 + 2, cases[i].value);
        tconv_tensor_set(weights, 20, (double)NAN);
        CHECK(tconv_kernel_from_tensor(weights, &options, &kernel, &error) == TCONV_ENONFINITE && kernel == NULL);
        CHECK_TEXT(error.message, cases[i].message);
    }
    tconv_tensor_destroy(weights);
}

const struct test_suite suite = { "geometry_options", {
    { "options and a shape make a geometry", check_good },
    { "what cannot be is refused, with a sentence", check_bad },
    { "options go over what a file says", check_merge },
    { "options as words", check_texts },
    { "weights in TensorFlow's layout", check_layouts },
    { "values that are not finite are refused by index", check_non_finite },
    { NULL, NULL } } };
