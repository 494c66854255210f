/* safetensors: what it promises is kept, what breaks a promise is refused with a sentence. */
#include "testing_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct bytes made_of(const char *header, size_t data_bytes)
{
    struct bytes file = { 0 };
    bytes_little(&file, strlen(header), 8);
    bytes_text(&file, header);
    bytes_fill(&file, 0, data_bytes);
    return file;
}

static struct bytes small_file(void)
{
    static const char header[] =
        "{\"__metadata__\":{\"format\":\"pt\"},"
        "\"up.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,3],\"data_offsets\":[0,12]},"
        "\"up.bias\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[12,20]},"
        "\"half\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[20,24]},"
        "\"brain\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[24,26]},"
        "\"empty\":{\"dtype\":\"I64\",\"shape\":[0,5],\"data_offsets\":[26,26]},"
        "\"flag\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[26,27]},"
        "\"f8\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[27,28]}}   ";
    struct bytes file = made_of(header, 0);
    bytes_f32(&file, (const float[]){ 0.5f, -1.0f, 0.25f }, 3);
    bytes_add(&file, (const unsigned char[]){ 0, 0, 0, 0, 0, 0, 0x04, 0x40 }, 8);      /* 2.5 */
    bytes_add(&file, (const unsigned char[]){ 0x00, 0x3e, 0x00, 0xfc }, 4);            /* 1.5, -inf */
    bytes_add(&file, (const unsigned char[]){ 0x40, 0x40, 1, 0x7f }, 4);               /* 3, true, NaN */
    return file;
}

static void every_element_type_is_read(void)
{
    struct bytes file = small_file();
    tconv_source *source;
    tconv_container *c = check_opens("small", &file, &source);
    if (c != NULL) {
        CHECK(tconv_container_kind(c) == TCONV_CONTAINER_SAFETENSORS && !tconv_container_has_graph(c));
        CHECK(tconv_container_tensors(c) == 7);
        check_tensor(c, "up.weight", (size_t[]){ 1, 1, 3 }, 3, (double[]){ 0.5, -1.0, 0.25 }, 3);
        check_tensor(c, "up.bias", (size_t[]){ 1 }, 1, (double[]){ 2.5 }, 1);
        check_tensor(c, "half", (size_t[]){ 2 }, 1, (double[]){ 1.5, -HUGE_VAL }, 2);
        check_tensor(c, "brain", NULL, 0, (double[]){ 3.0 }, 1);
        check_tensor(c, "empty", (size_t[]){ 0, 5 }, 2, NULL, 0);
        check_tensor(c, "flag", (size_t[]){ 1 }, 1, (double[]){ 1.0 }, 1);
        tconv_tensor *tensor;
        tconv_error error;
        CHECK(tconv_container_load_tensor(c, tconv_container_find(c, "f8"), &tensor, &error) == TCONV_EUNSUPPORTED);
        CHECK_TEXT(error.message, "the tensor 'f8' cannot be loaded: its element type is not supported");
        CHECK(tconv_container_load_tensor(c, 7, &tensor, &error) == TCONV_EARGUMENT);
        CHECK(tconv_container_find(c, "nothing") == SIZE_MAX && tconv_container_tensor(c, 7) == NULL);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

static void a_layer_is_made_of_a_geometry(void)
{
    struct bytes file = small_file();
    tconv_source *source;
    tconv_container *c = check_opens("small", &file, &source);
    tconv_layer_spec spec;
    tconv_error error;
    size_t added;
    CHECK(tconv_layer_spec_parse("up.w*:s=2,p=1", &spec, &error) == TCONV_OK);
    CHECK(tconv_container_add_layers(c, spec.glob, &spec.options, &added, &error) == TCONV_OK && added == 1);
    tconv_kernel *kernel;
    CHECK(tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_OK);
    if (kernel != NULL) {
        CHECK(kernel->geometry.ndim == 1 && kernel->geometry.axis[0].stride == 2 && kernel->geometry.axis[0].n_taps == 3
              && kernel->geometry.axis[0].pad_begin == 1 && kernel->geometry.axis[0].pad_end == 1);
        CHECK(kernel->taps[1] == -1.0 && kernel->bias != NULL && kernel->bias[0] == 2.5);
        CHECK_TEXT(kernel->weight, "up.weight");
    }
    tconv_kernel_destroy(kernel);
    CHECK(tconv_container_load_layer(c, 1, &kernel, &error) == TCONV_EARGUMENT && kernel == NULL);
    CHECK(tconv_layer_spec_parse("nothing*:s=2", &spec, &error) == TCONV_OK);
    CHECK(tconv_container_add_layers(c, spec.glob, &spec.options, &added, &error) == TCONV_ENOTFOUND);
    CHECK_TEXT(error.message, "no tensor matches 'nothing*'");
    CHECK(tconv_layer_spec_parse("half:s=2", &spec, &error) == TCONV_OK);
    CHECK(tconv_container_add_layers(c, spec.glob, &spec.options, &added, &error) == TCONV_OK);
    CHECK(tconv_container_load_layer(c, 1, &kernel, &error) == TCONV_ENONFINITE);
    CHECK_TEXT(error.message, "the tensor 'half': element 1 is NaN or infinite");
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

#define ONE(body) "{\"a\":{" body "}}"
#define TWO(first, second) "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" first "]}," \
                           "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" second "]}}"
#define UP_TO(shape, offsets) ONE("\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" offsets "]")

static const struct {
    const char *name, *header;
    size_t data;
    tconv_status status;
    const char *part;
} hostile[] = {
    { "no JSON", "{\"a\"", 0, TCONV_EFORMAT, "no JSON" },
    { "not an object", "{]", 0, TCONV_EFORMAT, "no JSON" },
    { "text behind the header", "{} x", 0, TCONV_EFORMAT, "no JSON" },
    { "duplicate key", "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{}}", 0, TCONV_EFORMAT, "no JSON" },
    { "duplicate dtype", ONE("\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]"), 0, TCONV_EFORMAT, "no JSON" },
    { "bad UTF-8", "{\"\xff\":{}}", 0, TCONV_EFORMAT, "no JSON" },
    { "entry is a number", "{\"a\":1}", 0, TCONV_EFORMAT, "no object of dtype" },
    { "entry is a text", "{\"a\":\"b\"}", 0, TCONV_EFORMAT, "no object of dtype" },
    { "entry is empty", "{\"a\":{}}", 0, TCONV_EFORMAT, "no object of dtype" },
    { "dtype missing", ONE("\"shape\":[1],\"data_offsets\":[0,4],\"x\":1"), 4, TCONV_EFORMAT, "no object of dtype" },
    { "dtype is a number", ONE("\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]"), 4, TCONV_EFORMAT, "no object of dtype" },
    { "a key too many", ONE("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1"), 4, TCONV_EFORMAT, "no object" },
    { "unknown dtype", ONE("\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]"), 4, TCONV_EUNSUPPORTED, "'F31'" },
    { "lower-case dtype", ONE("\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]"), 4, TCONV_EUNSUPPORTED, "'f32'" },
    { "shape is a number", ONE("\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]"), 4, TCONV_EFORMAT, "its shape" },
    { "negative extent", UP_TO("-1", "0,4"), 4, TCONV_EFORMAT, "its shape" },
    { "fractional extent", UP_TO("1.0", "0,4"), 4, TCONV_EFORMAT, "its shape" },
    { "extent beyond 64 bits", UP_TO("99999999999999999999", "0,4"), 4, TCONV_EFORMAT, "no JSON" },
    { "product wraps to 0", UP_TO("4294967296,4294967296", "0,0"), 0, TCONV_EFORMAT, "can be counted" },
    { "product wraps to 4", UP_TO("4611686018427387905,4", "0,16"), 16, TCONV_EFORMAT, "can be counted" },
    { "bits wrap", UP_TO("576460752303423488", "0,0"), 0, TCONV_EFORMAT, "can be counted" },
    { "shape too large", UP_TO("2", "0,4"), 4, TCONV_EFORMAT, "asks for 8 bytes" },
    { "shape too small", UP_TO("1", "0,8"), 8, TCONV_EFORMAT, "asks for 4 bytes" },
    { "range of one", UP_TO("1", "0"), 4, TCONV_EFORMAT, "data_offsets" },
    { "range of three", UP_TO("1", "0,4,4"), 4, TCONV_EFORMAT, "data_offsets" },
    { "range backwards", UP_TO("1", "4,0"), 4, TCONV_EFORMAT, "data_offsets" },
    { "range outside", UP_TO("1", "4,8"), 4, TCONV_EFORMAT, "data_offsets" },
    { "range negative", UP_TO("1", "-4,0"), 4, TCONV_EFORMAT, "data_offsets" },
    { "range of texts", UP_TO("1", "\"0\",\"4\""), 4, TCONV_EFORMAT, "data_offsets" },
    { "range near 2^63", UP_TO("1", "9223372036854775803,9223372036854775807"), 4, TCONV_EFORMAT, "data_offsets" },
    { "overlap", TWO("0,4", "2,6"), 6, TCONV_EFORMAT, "overlaps" },
    { "the same range twice", TWO("0,4", "0,4"), 4, TCONV_EFORMAT, "overlaps" },
    { "hole between", TWO("0,4", "5,9"), 9, TCONV_EFORMAT, "leaves a hole" },
    { "hole before", TWO("1,5", "5,9"), 9, TCONV_EFORMAT, "leaves a hole" },
    { "data behind the last tensor", TWO("0,4", "4,8"), 9, TCONV_EFORMAT, "belong to no tensor" },
    { "data without a tensor", "{}", 1, TCONV_EFORMAT, "belong to no tensor" },
    { "metadata of numbers", "{\"__metadata__\":{\"a\":1}}", 0, TCONV_EFORMAT, "'a' is no text" },
    { "metadata is a list", "{\"__metadata__\":[]}", 0, TCONV_EFORMAT, "__metadata__" },
    { "half a byte", ONE("\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]"), 1, TCONV_EFORMAT, "whole bytes" },
    { "deep nesting", "{\"a\":{\"b\":[[1]]}}", 0, TCONV_EFORMAT, "nested deeper" },
    { "escaped quote hides a brace", "{\"\\\"{{{{\":1}", 0, TCONV_EFORMAT, "no object of dtype" },
    { "65 axes", UP_TO("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
                       "1,1,1,1,1,1,1,1,1,1,1,1,1", "0,4"), 4, TCONV_EFORMAT, "at most 64" },
};

static void hostile_headers_are_refused(void)
{
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct bytes file = made_of(hostile[i].header, hostile[i].data);
        check_refused(hostile[i].name, &file, hostile[i].status, hostile[i].part);
        bytes_free(&file);
    }
    struct bytes file = { 0 };                        /* a header longer than the file, and one than allowed */
    bytes_little(&file, 100, 8);
    bytes_text(&file, "{}");
    check_refused("header past the end", &file, TCONV_EFORMAT, "claims 100 bytes");
    bytes_free(&file);
    bytes_little(&file, 100000001, 8);
    bytes_text(&file, "{}");
    check_refused("header too long", &file, TCONV_EFORMAT, "no model container");
    bytes_free(&file);
}

static void a_bloated_header_is_refused_before_it_is_read(void)
{
    struct bytes header = { 0 };
    bytes_text(&header, "{\"a\":{\"b\":[");
    for (size_t i = 0; i < 1200000; i++)
        bytes_text(&header, "0,");
    bytes_text(&header, "0]}}");
    bytes_fill(&header, 0, 1);
    struct bytes file = made_of((const char *)header.data, 0);
    check_refused("more than a million values", &file, TCONV_EFORMAT, "values; 1000000 are allowed");
    bytes_free(&file);
    header.size = 0;
    bytes_text(&header, "{\"a\":[");
    for (size_t i = 0; i < 400000; i++)
        bytes_text(&header, "[],");
    bytes_text(&header, "[]]}");
    bytes_fill(&header, 0, 1);
    file = made_of((const char *)header.data, 0);
    check_refused("empty lists", &file, TCONV_EFORMAT, "would take");
    bytes_free(&file);
    bytes_free(&header);
}

static void cut_and_changed_files_do_no_harm(void)
{
    struct bytes file = small_file();
    check_truncations("safetensors", &file, true);
    check_mutations(&file, test_rounds(20000));
    bytes_free(&file);
}

static void weight_normalisation_is_fused(void)
{
    struct bytes file = made_of(
        "{\"a.weight_g\":{\"dtype\":\"F32\",\"shape\":[2,1,1],\"data_offsets\":[0,8]},"
        "\"a.weight_v\":{\"dtype\":\"F32\",\"shape\":[2,1,2],\"data_offsets\":[8,24]},"
        "\"b.parametrizations.weight.original0\":{\"dtype\":\"F32\",\"shape\":[1,1,1],\"data_offsets\":[24,28]},"
        "\"b.parametrizations.weight.original1\":{\"dtype\":\"F32\",\"shape\":[1,1,2],\"data_offsets\":[28,36]}}", 0);
    bytes_f32(&file, (const float[]){ 10, 26, 3, 4, 5, 12, 5, 8, 15 - 9 }, 9);
    tconv_source *source;
    tconv_container *c = check_opens("weight norm", &file, &source);
    if (c != NULL) {                                  /* |(3, 4)| = 5, |(5, 12)| = 13, |(8, 6)| = 10 */
        check_tensor(c, "a.weight", (size_t[]){ 2, 1, 2 }, 3, (double[]){ 6, 8, 10, 24 }, 4);
        check_tensor(c, "b.weight", (size_t[]){ 1, 1, 2 }, 3, (double[]){ 4, 3 }, 2);
        tconv_layer_spec spec;
        size_t added;
        tconv_error error;
        CHECK(tconv_layer_spec_parse("a.weight:s=2", &spec, &error) == TCONV_OK);
        CHECK(tconv_container_add_layers(c, spec.glob, &spec.options, &added, &error) == TCONV_OK && added == 1);
        CHECK(tconv_container_layer(c, 0)->weight_norm_fused);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

/* Which shapes of a length g belong to a direction v, and along which axis; with exact square roots. */
static void lengths_of_every_shape_are_fused(void)
{
    static const struct { const char *name, *v_shape, *g_shape; size_t n_v, n_g, rank, shape[2]; float v[6],
                          g[6]; double want[6]; bool fused; } cases[] = {
        { "a vector for the first axis", "[3,2]", "[3]", 6, 3, 2, { 3, 2 }, { 3, 4, 0, 0, 6, 8 }, { 10, 1, 5 },
          { 6, 8, 0, 0, 3, 4 }, true },
        { "a scalar", "[2]", "[]", 2, 1, 1, { 2 }, { 3, 4 }, { 10 }, { 6, 8 }, true },
        { "one value of another rank", "[2,1]", "[1]", 2, 1, 2, { 2, 1 }, { 3, 4 }, { 10 }, { 6, 8 }, true },
        { "the first axis", "[2,1]", "[2,1]", 2, 2, 2, { 2, 1 }, { 3, -4 }, { 10, 7 }, { 10, -7 }, true },
        { "the last axis", "[2,2]", "[1,2]", 4, 2, 2, { 2, 2 }, { 3, 0, 4, 2 }, { 10, 5 }, { 6, 0, 8, 5 }, true },
        { "one value of the same rank", "[2,1]", "[1,1]", 2, 1, 2, { 2, 1 }, { 3, 4 }, { 10 }, { 6, 8 }, true },
        { "a scalar for a scalar", "[]", "[]", 1, 1, 0, { 0 }, { -4 }, { 10 }, { -10 }, true },
        { "a vector for another axis", "[3,2]", "[2]", 6, 2, 2, { 3, 2 }, { 3, 4, 0, 0, 6, 8 }, { 10, 1 }, { 0 }, false },
        { "two axes", "[3,2]", "[3,2]", 6, 6, 2, { 3, 2 }, { 3, 4, 0, 0, 6, 8 }, { 10, 1 }, { 0 }, false },
        { "an extent of its own", "[3,2]", "[2,1]", 6, 2, 2, { 3, 2 }, { 3, 4, 0, 0, 6, 8 }, { 10, 1 }, { 0 }, false },
        { "a vector for a scalar", "[]", "[5]", 1, 5, 0, { 0 }, { 3 }, { 10 }, { 0 }, false },
        { "nothing for a scalar", "[]", "[0]", 1, 0, 0, { 0 }, { 3 }, { 0 }, { 0 }, false } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char header[256];
        (void)snprintf(header, sizeof header, "{\"a_v\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,%zu]},"
                       "\"a_g\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}}", cases[i].v_shape, 4 * cases[i].n_v,
                       cases[i].g_shape,
                       4 * cases[i].n_v, 4 * (cases[i].n_v + cases[i].n_g));
        struct bytes file = made_of(header, 0);
        bytes_f32(&file, cases[i].v, cases[i].n_v);
        bytes_f32(&file, cases[i].g, cases[i].n_g);
        tconv_source *source;
        tconv_container *c = check_opens(cases[i].name, &file, &source);
        if (c != NULL)
            CHECK_MESSAGE((tconv_container_find(c, "a") != SIZE_MAX) == cases[i].fused, "%s", cases[i].name);
        if (c != NULL && cases[i].fused)
            check_tensor(c, "a", cases[i].shape, cases[i].rank, cases[i].want, cases[i].n_v);
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

/* Pairs that are none, and a pair of which one half cannot be loaded. */
static void halves_of_a_pair_keep_their_obstacles(void)
{
    struct bytes file = made_of("{\"a_v\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
                                "\"a_g\":{\"dtype\":\"F64\",\"shape\":[2,1],\"data_offsets\":[8,24]},"
                                "\"b_v\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[24,26]},"
                                "\"b_g\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[26,27]},"
                                "\"c_v\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[27,28]},"
                                "\"c_g\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[28,29]},"
                                "\"c\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[29,30]},"
                                "\"_v\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[30,31]},"
                                "\"d_v\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[31,32]},"
                                "\"original1\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[32,33]},"
                                "\"parametrizations.original1\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[33,34]}}", 34);
    tconv_source *source;
    tconv_container *c;
    tconv_tensor *tensor;
    tconv_error error = { 0 };
    tconv_container_options options = { .max_tensor_bytes = 12 };
    CHECK(tconv_source_open_memory(&source, file.data, file.size) == TCONV_OK);
    CHECK_MESSAGE(tconv_container_open_source(&c, source, NULL, &options, &error) == TCONV_OK, "%s", error.message);
    CHECK(c != NULL && tconv_container_tensors(c) == 11 + 2);
    if (c != NULL) {
        CHECK(tconv_container_load_tensor(c, tconv_container_find(c, "a"), &tensor, &error) == TCONV_EBUDGET && tensor == NULL);
        CHECK_TEXT(error.message, "the tensor 'a_g' has 16 bytes; 12 are allowed");
        CHECK(tconv_container_load_tensor(c, tconv_container_find(c, "b"), &tensor, &error) == TCONV_EUNSUPPORTED
              && tensor == NULL);
        CHECK_TEXT(error.message, "the tensor 'b' cannot be loaded: its element type is not supported");
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
    file = (struct bytes){ 0 };
    bytes_little(&file, 0, 8);
    bytes_text(&file, "{");
    check_refused("a header of no bytes", &file, TCONV_EFORMAT, "the header does not begin with '{'");
    bytes_free(&file);
}

/* 2 GB, nearly all of it a hole of the file system; the small tensor behind it is read alone. */
/* What keeps a part from being loaded keeps the product from it; a name that ends where the middle does is none. */
static void what_cannot_be_fused_says_so(void)
{
    struct bytes file = made_of(
        "{\"a.weight_g\":{\"dtype\":\"F8_E4M3\",\"shape\":[1,1,1],\"data_offsets\":[0,1]},"
        "\"a.weight_v\":{\"dtype\":\"F32\",\"shape\":[1,1,1],\"data_offsets\":[1,5]},"
        "\"b.parametrizations..original0\":{\"dtype\":\"F32\",\"shape\":[1,1,1],\"data_offsets\":[5,9]},"
        "\"b.parametrizations..original1\":{\"dtype\":\"F32\",\"shape\":[1,1,1],\"data_offsets\":[9,13]}}", 13);
    tconv_source *source;
    tconv_container *c = check_opens("weight norm", &file, &source);
    if (c != NULL) {
        size_t fused = tconv_container_find(c, "a.weight");
        tconv_tensor *tensor;
        tconv_error error = { .message = "" };
        CHECK(fused != SIZE_MAX && tconv_container_load_tensor(c, fused, &tensor, &error) == TCONV_EUNSUPPORTED);
        CHECK_TEXT(error.message, "the tensor 'a.weight' cannot be loaded: its element type is not supported");
        CHECK(tconv_container_tensors(c) == 5 && tconv_container_find(c, "b.") == SIZE_MAX);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
    for (unsigned char protocol = 2; protocol <= 5; protocol++) {
        const unsigned char pickle[] = { 0x80, protocol };
        struct bytes two = { 0 };
        bytes_add(&two, pickle, 2);
        check_refused("two bytes of a pickle", &two, TCONV_EUNSUPPORTED, "a bare pickle is not read");
        bytes_free(&two);
    }
}

static void a_tensor_of_a_large_file_costs_its_own_bytes(void)
{
    char path[] = "/tmp/tconv-large-XXXXXX";
    int descriptor = mkstemp(path);
    char header[256];
    struct bytes start = { 0 };
    off_t big = (off_t)2 << 30;
    (void)snprintf(header, sizeof header, "{\"big\":{\"dtype\":\"F32\",\"shape\":[%lld],\"data_offsets\":[0,%lld]},"
                   "\"up.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,2],\"data_offsets\":[%lld,%lld]}}", (long long)big / 4,
                   (long long)big, (long long)big, (long long)big + 8);
    bytes_little(&start, strlen(header), 8);
    bytes_text(&start, header);
    struct bytes end = { 0 };
    bytes_f32(&end, (const float[]){ 7.0f, -3.0f }, 2);
    bool written = descriptor >= 0 && pwrite(descriptor, start.data, start.size, 0) == (ssize_t)start.size
                && pwrite(descriptor, end.data, end.size, (off_t)start.size + big) == (ssize_t)end.size;
    if (!written) {
        test_skip("a sparse file of 2 GB cannot be made in /tmp");
    } else {
        tconv_container *c;
        tconv_error error = { 0 };
        tconv_memory_set_budget(tconv_memory_in_use() + ((size_t)1 << 20));
        CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s", error.message);
        check_tensor(c, "up.weight", (size_t[]){ 1, 1, 2 }, 3, (double[]){ 7.0, -3.0 }, 2);
        tconv_tensor *tensor;
        CHECK(tconv_container_load_tensor(c, 0, &tensor, &error) == TCONV_EBUDGET && tensor == NULL);
        tconv_container_close(c);
        tconv_memory_set_budget(0);
        struct rusage usage;
        CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
        (void)unlink(path);
    }
    bytes_free(&start);
    bytes_free(&end);
}

static void the_shared_container_is_read(void)
{
    const char *shared = test_shared_folder();
    char path[640];
    if (shared == NULL) {
        test_skip("the shared folder is absent");
        return;
    }
    (void)snprintf(path, sizeof path, "%s/data/containers/multi_layer.safetensors", shared);
    tconv_container *c;
    tconv_error error = { 0 };
    CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s", error.message);
    if (c != NULL) {
        CHECK(tconv_container_kind(c) == TCONV_CONTAINER_SAFETENSORS && tconv_container_tensors(c) > 0);
        for (size_t i = 0; i < tconv_container_tensors(c); i++) {
            tconv_tensor *tensor;
            CHECK(tconv_container_load_tensor(c, i, &tensor, &error) == TCONV_OK);
            tconv_tensor_destroy(tensor);
        }
    }
    tconv_container_close(c);
}

const struct test_suite suite = { "safetensors", {
    { "every element type is read", every_element_type_is_read },
    { "a layer is made of a geometry that the caller knows", a_layer_is_made_of_a_geometry },
    { "hostile headers are refused with a sentence", hostile_headers_are_refused },
    { "a bloated header is refused before it is read", a_bloated_header_is_refused_before_it_is_read },
    { "cut and changed files do no harm", cut_and_changed_files_do_no_harm },
    { "weight normalisation is fused", weight_normalisation_is_fused },
    { "what cannot be fused says so", what_cannot_be_fused_says_so },
    { "lengths of every shape are fused, or left alone", lengths_of_every_shape_are_fused },
    { "halves of a pair keep their obstacles", halves_of_a_pair_keep_their_obstacles },
    { "a tensor of a 2 GB file costs its own bytes", a_tensor_of_a_large_file_costs_its_own_bytes },
    { "the shared container is read", the_shared_container_is_read },
    { NULL, NULL } } };
