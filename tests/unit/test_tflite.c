/* TensorFlow Lite: a model written after the schema, and flatbuffers that point elsewhere. */
#include "testing_model.h"

#include <stdio.h>
#include <string.h>

/* The value that the script gives element i: (7 i mod 23 - 11) / 8. */
static double made_value(size_t i)
{
    return ((double)(7 * i % 23) - 11.0) / 8.0;
}

static void layers_and_weights_are_those_that_were_written(void)
{
    struct bytes file = model_bytes("tiny.tflite");
    tconv_source *source;
    tconv_container *c = check_opens("tiny.tflite", &file, &source);
    if (c != NULL) {
        static const struct { const char *name, *weight, *operator_name; tconv_role role; size_t in, out; int64_t begin, end; } want[] = {
            { "up", "w16", "TRANSPOSE_CONV", TCONV_ROLE_UPSAMPLE, 2, 2, 0, 1 },
            { "custom", "cw", "Convolution2DTransposeBias", TCONV_ROLE_UPSAMPLE, 1, 1, 0, 0 },
            { "shuffled", "q", "CONV_2D+DEPTH_TO_SPACE", TCONV_ROLE_UPSAMPLE, 1, 1, 2, 0 },
            { "down", "q", "CONV_2D", TCONV_ROLE_GRADIENT, 4, 1, 0, 0 } };
        CHECK(tconv_container_kind(c) == TCONV_CONTAINER_TFLITE && tconv_container_layers(c) == 4);
        for (size_t i = 0; i < 4 && i < tconv_container_layers(c); i++) {
            const tconv_layer_info *layer = tconv_container_layer(c, i);
            CHECK_TEXT(layer->name, want[i].name);
            CHECK_TEXT(layer->weight, want[i].weight);
            CHECK_TEXT(layer->operator_name, want[i].operator_name);
            CHECK_MESSAGE(layer->role == want[i].role && layer->geometry.channels_in == want[i].in
                          && layer->geometry.channels_out == want[i].out && layer->geometry.axis[0].stride == 2
                          && layer->geometry.axis[0].pad_begin == want[i].begin && layer->geometry.axis[0].pad_end == want[i].end,
                          "%s", want[i].name);
        }
        tconv_kernel *kernel;
        tconv_error error = { 0 };
        CHECK(tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_OK);
        bool same = kernel != NULL;              /* (Cout, k1, k2, Cin): element ((co 3 + r) 2 + q) 2 + ci */
        for (size_t ci = 0; same && ci < 2; ci++)
            for (size_t co = 0; co < 2; co++)
                for (size_t r = 0; r < 6; r++)
                    same = same && tconv_kernel_pair(kernel, ci, co)[r] == made_value((co * 6 + r) * 2 + ci);
        CHECK(same && kernel->bias != NULL && kernel->bias[0] == 0.5 && kernel->bias[1] == -0.25);
        tconv_kernel_destroy(kernel);
        /* (q - zero) scale, one scale per output channel */
        check_tensor(c, "q", (size_t[]){ 4, 2, 2, 1 }, 4,
                     (double[]){ -4, -3.5, -3, -2.5, -1.25, -1, -0.75, -0.5, 1, 2, 3, 4, 8, 10, 12, 14 }, 16);
        /* depth first: h[2 (k-1-r) + phase], channel = phase */
        CHECK(tconv_container_load_layer(c, 2, &kernel, &error) == TCONV_OK);
        if (kernel != NULL) {
            CHECK(kernel->geometry.axis[0].n_taps == 4);
            CHECK_CLOSE("h", 0, kernel->taps[0], -2.5, 0.0);            /* phase 0, r = (1, 1) */
            CHECK_CLOSE("h", 1, kernel->taps[1], -0.5, 0.0);            /* phase (0, 1), r = (1, 1) */
            CHECK_CLOSE("h", 15, kernel->taps[15], 8.0, 0.0);           /* phase (1, 1), r = (0, 0) */
        }
        tconv_kernel_destroy(kernel);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

static void cut_models_do_no_harm(void)
{
    struct bytes file = model_bytes("tiny.tflite");
    check_truncations("tflite", &file, true);
    check_mutations(&file, test_rounds(20000));
    bytes_free(&file);
}

/* Every four bytes of the file, one after the other, set to numbers that point far, back, or claim much. */
static void every_place_may_lie(void)
{
    static const uint32_t lies[] = { 0, 1, 0x7fffffff, 0x80000000u, 0xffffffffu, 0xfffffff0u, 0x40000000 };
    struct bytes file = model_bytes("tiny.tflite");
    size_t before = tconv_memory_in_use();
    tconv_memory_set_budget(before + ((size_t)64 << 20));
    for (size_t at = 0; at + 4 <= file.size; at += 4)
        for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
            unsigned char kept[4];
            memcpy(kept, file.data + at, 4);
            for (size_t b = 0; b < 4; b++)
                file.data[at + b] = (unsigned char)(lies[i] >> 8 * b);
            try_everything(file.data, file.size);
            memcpy(file.data + at, kept, 4);
        }
    CHECK(tconv_memory_in_use() == before);
    tconv_memory_set_budget(0);
    bytes_free(&file);
}

static void hostile_flatbuffers_are_refused(void)
{
    static const struct { const char *name; uint32_t words[8]; size_t count; tconv_status status; const char *part; } cases[] = {
        { "root outside the file", { 1000 }, 1, TCONV_EFORMAT, "outside the file" },
        { "root at the end", { 36 }, 1, TCONV_EFORMAT, "outside the file" },
        { "list of fields before the file", { 8, 0, 100 }, 3, TCONV_EFORMAT, "before the file" },
        { "list of fields outside", { 8, 0, 0xffffff00u }, 3, TCONV_EFORMAT, "outside the file" },
        { "version 0", { 8, 0, 0xfffffff8u, 0, 0x00080006, 0 }, 6, TCONV_EUNSUPPORTED, "version" },
        { "no graphs", { 8, 0, 0xfffffff4u, 3, 0, 0x00080006, 0x00000004 }, 7, TCONV_EFORMAT, "0 graphs" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes file = { 0 };
        for (size_t w = 0; w < 9; w++)
            bytes_little(&file, w < cases[i].count ? cases[i].words[w] : 0, 4);
        memcpy(file.data + 4, "TFL3", 4);
        check_refused(cases[i].name, &file, cases[i].status, cases[i].part);
        bytes_free(&file);
    }
}

const struct test_suite suite = { "tflite", {
    { "layers and weights are those that were written", layers_and_weights_are_those_that_were_written },
    { "cut and changed models do no harm", cut_models_do_no_harm },
    { "every place may lie", every_place_may_lie },
    { "hostile flatbuffers are refused", hostile_flatbuffers_are_refused },
    { NULL, NULL } } };
