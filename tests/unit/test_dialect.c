/* The same layer in other words: what is said must be the same layer, and what is refused must have no words. */
#include "testing.h"

#include <string.h>

#include "tconv.h"

static void random_axis(tconv_axis *a)
{
    *a = (tconv_axis){ .stride = random_between(1, 5), .n_taps = random_between(1, 7), .dilation = random_between(0, 3) == 0 ? 2 : 1 };
    a->pad_begin = (int64_t)random_between(0, 6) - 1;
    a->pad_end = (int64_t)random_between(0, 6) - 1;
    size_t limit = a->stride > a->dilation ? a->stride : a->dilation;
    a->output_padding = random_between(0, limit - 1);
}

/* pb and M for some N decide, once s, k and d are the same: M is linear in N with slope s. */
static bool same_by_size(const tconv_axis *a, const tconv_axis *b)
{
    size_t m_a = 0, m_b = 1;
    CHECK(tconv_axis_output_size(a, 50, &m_a, NULL) == TCONV_OK && tconv_axis_output_size(b, 50, &m_b, NULL) == TCONV_OK);
    return m_a == m_b && a->pad_begin == b->pad_begin && a->stride == b->stride && a->n_taps == b->n_taps && a->dilation == b->dilation;
}

static void words_are_found_exactly_where_there_are_some(void)
{
    for (size_t round = 0; round < test_rounds(4000); round++) {
        tconv_axis axis, said;
        random_axis(&axis);
        size_t limit = axis.stride > axis.dilation ? axis.stride : axis.dilation;
        bool pytorch = false, onnx = false;
        for (int64_t begin = 0; begin < 8; begin++)             /* by trial: all words there are */
            for (size_t o = 0; o < limit; o++) {
                for (int64_t end = 0; end < 14; end++) {
                    tconv_axis tried = axis;
                    tried.pad_begin = begin;
                    tried.pad_end = end;
                    tried.output_padding = o;
                    bool same = same_by_size(&axis, &tried);
                    CHECK(same == tconv_axis_same_layer(&axis, &tried));
                    onnx = onnx || same;
                    pytorch = pytorch || (same && begin == end);
                }
            }
        CHECK(tconv_axis_say_pytorch(&axis, &said) == pytorch);
        if (pytorch)
            CHECK(same_by_size(&axis, &said) && said.pad_begin == said.pad_end && tconv_axis_check(&said, NULL) == TCONV_OK);
        CHECK(tconv_axis_say_onnx(&axis, &said) == onnx);
        if (onnx)
            CHECK(same_by_size(&axis, &said) && said.pad_begin >= 0 && said.pad_end >= 0 && tconv_axis_check(&said, NULL) == TCONV_OK);
    }
}

static void modes_are_recognised(void)
{
    static const struct { size_t k, s, d; int64_t b, e; size_t o; bool upper, lower, valid, same_tf, valid_tf; } cases[] = {
        { 4, 2, 1, 1, 1, 0, true, true, false, true, false },       /* an even crop: UPPER and LOWER agree */
        { 3, 2, 1, 0, 1, 0, true, false, false, true, false },
        { 3, 2, 1, 1, 0, 0, false, true, false, false, false },
        { 3, 2, 1, 1, 1, 1, false, true, false, false, false },     /* p = 1, o = 1 crops one sample, at the beginning */
        { 3, 2, 1, 0, 0, 0, false, false, true, false, true },
        { 2, 2, 1, 0, 0, 0, true, true, true, true, true },
        { 1, 2, 1, 0, 0, 1, true, true, false, true, true },        /* k < s: TensorFlow's VALID appends zeros too */
        { 1, 2, 1, 0, 0, 0, false, false, true, false, false },
        { 3, 1, 2, 2, 2, 0, true, true, false, true, false },
        { 3, 2, 2, 1, 2, 0, true, false, false, false, false },     /* stride and dilation: no TensorFlow */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_axis axis = { .n_taps = cases[i].k, .stride = cases[i].s, .dilation = cases[i].d, .pad_begin = cases[i].b,
                            .pad_end = cases[i].e, .output_padding = cases[i].o };
        CHECK_MESSAGE(tconv_axis_is_auto_pad(&axis, TCONV_PAD_SAME_UPPER) == cases[i].upper, "case %zu: SAME_UPPER", i);
        CHECK_MESSAGE(tconv_axis_is_auto_pad(&axis, TCONV_PAD_SAME_LOWER) == cases[i].lower, "case %zu: SAME_LOWER", i);
        CHECK_MESSAGE(tconv_axis_is_auto_pad(&axis, TCONV_PAD_VALID) == cases[i].valid, "case %zu: VALID", i);
        CHECK_MESSAGE(tconv_axis_is_tensorflow(&axis, true) == cases[i].same_tf, "case %zu: TensorFlow SAME", i);
        CHECK_MESSAGE(tconv_axis_is_tensorflow(&axis, false) == cases[i].valid_tf, "case %zu: TensorFlow VALID", i);
        CHECK(!tconv_axis_is_auto_pad(&axis, TCONV_PAD_EXPLICIT));
    }
}

static void output_shape_alone_gives_the_layer_or_a_shifted_one(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        tconv_axis axis;
        random_axis(&axis);
        static const tconv_auto_pad modes[] = { TCONV_PAD_EXPLICIT, TCONV_PAD_SAME_UPPER, TCONV_PAD_SAME_LOWER };
        tconv_auto_pad mode = modes[random_between(0, 2)];
        size_t n = random_between(20, 40), m;
        CHECK(tconv_axis_output_size(&axis, n, &m, NULL) == TCONV_OK);
        int64_t total = (int64_t)(axis.stride * (n - 1) + tconv_axis_effective_taps(&axis)) - (int64_t)m;
        int64_t begin = mode == TCONV_PAD_SAME_UPPER ? total / 2 : total - total / 2;
        size_t limit = axis.stride > axis.dilation ? axis.stride : axis.dilation;
        bool wanted = total < 0 ? -total < (int64_t)limit && axis.pad_begin == 0 : begin == axis.pad_begin;
        CHECK(tconv_axis_is_output_shape(&axis, mode, n) == wanted);
    }
}

static void valid_and_a_crop_give_the_layer(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        tconv_axis axis, valid;
        random_axis(&axis);
        size_t begin = 99, end = 99, m, uncropped, n = random_between(20, 40);
        valid = (tconv_axis){ .stride = axis.stride, .n_taps = axis.n_taps, .dilation = axis.dilation };
        CHECK(tconv_axis_apply_tensorflow(&valid, false, NULL) == TCONV_OK);
        CHECK(tconv_axis_output_size(&axis, n, &m, NULL) == TCONV_OK && tconv_axis_output_size(&valid, n, &uncropped, NULL) == TCONV_OK);
        bool wanted = axis.pad_begin >= 0 && (int64_t)uncropped - axis.pad_begin >= (int64_t)m && (axis.stride == 1 || axis.dilation == 1);
        CHECK(tconv_axis_tensorflow_crop(&axis, &begin, &end) == wanted);
        if (wanted)
            CHECK(begin == (size_t)axis.pad_begin && uncropped - begin - end == m);
    }
}

static void a_layer_is_said_when_all_axes_are(void)
{
    tconv_geometry g = tconv_geometry_default(2), said;
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1, .pad_begin = 0, .pad_end = 1 };
    g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    CHECK(!tconv_geometry_say_pytorch(&g, &said) && tconv_geometry_say_onnx(&g, &said));
    CHECK(tconv_geometry_is_auto_pad(&g, TCONV_PAD_SAME_UPPER) && !tconv_geometry_is_auto_pad(&g, TCONV_PAD_SAME_LOWER));
    CHECK(tconv_geometry_is_tensorflow(&g, true) && !tconv_geometry_is_tensorflow(&g, false));
    CHECK(!tconv_geometry_is_output_shape(&g, TCONV_PAD_EXPLICIT, (size_t[]){ 5, 5 }));
    CHECK(tconv_geometry_is_output_shape(&g, TCONV_PAD_SAME_UPPER, (size_t[]){ 5, 5 }));
    g.axis[0] = (tconv_axis){ .stride = 1, .n_taps = 3, .dilation = 2, .pad_begin = 2, .pad_end = 2 };
    CHECK(!tconv_geometry_is_tensorflow(&g, true) && tconv_geometry_say_pytorch(&g, &said));
}

/* Axes beyond the last are not looked at: here they could not be said. */
static void only_the_axes_of_a_geometry_count(void)
{
    for (size_t ndim = 1; ndim <= TCONV_MAX_NDIM; ndim++) {
        tconv_geometry g = tconv_geometry_default(ndim), said;
        for (size_t a = 0; a < TCONV_MAX_NDIM; a++)
            g.axis[a] = a < ndim ? (tconv_axis){ 2, 4, 1, 1, 1, 0 } : (tconv_axis){ 2, 4, 1, -9, 0, 0 };
        CHECK(tconv_geometry_say_pytorch(&g, &said) && tconv_geometry_say_onnx(&g, &said));
        CHECK(said.axis[ndim - 1].pad_begin == 1);
        for (size_t a = 0; a < ndim; a++) {
            tconv_geometry odd = g;
            odd.axis[a] = (tconv_axis){ 2, 4, 1, -9, 0, 0 };
            CHECK(!tconv_geometry_say_pytorch(&odd, &said));
        }
    }
}

const struct test_suite suite = { "dialect", {
    { "words are found exactly where there are some", words_are_found_exactly_where_there_are_some },
    { "modes are recognised", modes_are_recognised },
    { "output_shape alone gives the layer or a shifted one", output_shape_alone_gives_the_layer_or_a_shifted_one },
    { "VALID and a crop give the layer", valid_and_a_crop_give_the_layer },
    { "a layer is said when all axes are", a_layer_is_said_when_all_axes_are },
    { "only the axes of a geometry count", only_the_axes_of_a_geometry_count },
    { NULL, NULL } } };
