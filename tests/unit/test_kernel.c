/* Layers: the order of the taps, groups, the extraction of one pair, failures that leave nothing behind. */
#include "testing.h"

#include <stdint.h>
#include <string.h>

#include "tconv.h"

static tconv_geometry layer_geometry(size_t groups, size_t in_per_group, size_t out_per_group, size_t ndim)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    g.groups = groups;
    g.channels_in = groups * in_per_group;
    g.channels_out = groups * out_per_group;
    for (size_t i = 0; i < ndim; i++) {
        g.axis[i].n_taps = random_between(1, 4);
        g.axis[i].stride = random_between(1, 3);
        g.axis[i].pad_begin = random_small_integer(3);
    }
    return g;
}

static void a_kernel_begins_as_zeros_in_its_geometry(void)
{
    size_t before = tconv_memory_in_use();
    for (size_t round = 0; round < test_rounds(200); round++) {
        tconv_geometry g = layer_geometry(random_between(1, 3), random_between(1, 3), random_between(1, 3), random_between(1, 3));
        size_t taps = 1;
        for (size_t i = 0; i < g.ndim; i++)
            taps *= g.axis[i].n_taps;
        tconv_kernel *kernel;
        CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
        if (kernel == NULL)
            return;
        CHECK(memcmp(&kernel->geometry, &g, sizeof g) == 0 && tconv_geometry_taps(&g) == taps);
        CHECK(tconv_kernel_count(kernel) == g.channels_in * (g.channels_out / g.groups) * taps);
        CHECK(tconv_kernel_is_single(kernel) == (g.channels_in == 1 && g.channels_out == 1));
        CHECK(kernel->bias == NULL && kernel->name == NULL && kernel->weight == NULL && kernel->operator_name == NULL);
        CHECK(kernel->role == TCONV_ROLE_UPSAMPLE && !kernel->weight_norm_fused);
        bool zero = true;
        for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
            zero = zero && kernel->taps[t] == 0.0;
        CHECK(zero);
        tconv_kernel_destroy(kernel);
    }
    tconv_kernel_destroy(NULL);
    CHECK(tconv_memory_in_use() == before);
}

/* PyTorch and ONNX: weight[ci][j][tap], where j counts the outputs of ci's own group: co = group * (Cout/g) + j. */
static void pairs_follow_the_order_of_pytorch_and_onnx(void)
{
    for (size_t groups = 1; groups <= 3; groups++)
        for (size_t in = 1; in <= 3; in++)
            for (size_t out = 1; out <= 3; out++) {
                tconv_geometry g = layer_geometry(groups, in, out, 2);
                tconv_kernel *kernel;
                CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
                if (kernel == NULL)
                    return;
                size_t taps = tconv_geometry_taps(&g), seen = 0;
                for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
                    kernel->taps[t] = (double)t;
                for (size_t ci = 0; ci < g.channels_in; ci++)
                    for (size_t co = 0; co < g.channels_out; co++) {
                        const double *pair = tconv_kernel_pair(kernel, ci, co);
                        if (ci / in != co / out) {
                            CHECK(pair == NULL);
                            continue;
                        }
                        seen++;
                        CHECK(pair != NULL && pair[0] == (double)((ci * out + (co - ci / in * out)) * taps));
                    }
                CHECK(seen == groups * in * out);
                CHECK(tconv_kernel_pair(kernel, g.channels_in, 0) == NULL && tconv_kernel_pair(kernel, 0, g.channels_out) == NULL);
                CHECK(tconv_kernel_pair(kernel, SIZE_MAX, SIZE_MAX) == NULL);
                tconv_kernel_destroy(kernel);
            }
}

static void one_pair_comes_out_with_its_geometry_and_names(void)
{
    size_t before = tconv_memory_in_use();
    tconv_geometry g = layer_geometry(2, 2, 3, 3);
    tconv_kernel *kernel, *pair;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    if (kernel == NULL)
        return;
    random_taps(kernel->taps, tconv_kernel_count(kernel));
    kernel->name = tconv_alloc_text("deconv", NULL);
    kernel->weight = tconv_alloc_text("deconv.weight", NULL);
    kernel->bias = tconv_alloc_zero(6, sizeof *kernel->bias, NULL);
    kernel->role = TCONV_ROLE_GRADIENT;
    kernel->weight_norm_fused = true;
    CHECK(tconv_kernel_extract(kernel, 3, 4, &pair, NULL) == TCONV_OK);
    if (pair != NULL) {
        CHECK(tconv_kernel_is_single(pair) && pair->geometry.groups == 1 && pair->geometry.ndim == 3);
        CHECK(memcmp(pair->geometry.axis, g.axis, sizeof g.axis) == 0);
        CHECK(pair->taps != tconv_kernel_pair(kernel, 3, 4));
        CHECK_SAME(pair->taps, tconv_kernel_pair(kernel, 3, 4), tconv_geometry_taps(&g) * sizeof *pair->taps);
        CHECK_TEXT(pair->name, "deconv");
        CHECK_TEXT(pair->weight, "deconv.weight");
        CHECK(pair->operator_name == NULL && pair->role == TCONV_ROLE_GRADIENT && pair->weight_norm_fused);
    }
    tconv_kernel_destroy(pair);
    tconv_error error;
    CHECK(tconv_kernel_extract(kernel, 0, 3, &pair, &error) == TCONV_EARGUMENT && pair == NULL);
    CHECK_TEXT(error.message, "input channel 0 and output channel 3 are in different groups of 2");
    CHECK(tconv_kernel_extract(kernel, 4, 0, &pair, &error) == TCONV_EARGUMENT && pair == NULL);
    CHECK_TEXT(error.message, "there is no pair 4,0: the layer has 4 input and 6 output channels, counted from 0");
    CHECK(tconv_kernel_extract(kernel, 0, 6, &pair, NULL) == TCONV_EARGUMENT && pair == NULL);
    tconv_kernel_destroy(kernel);
    CHECK(tconv_memory_in_use() == before);
}

static void what_cannot_be_is_refused_and_leaves_nothing(void)
{
    size_t before = tconv_memory_in_use();
    tconv_geometry g = tconv_geometry_default(1);
    tconv_kernel *kernel;
    tconv_error error;
    g.groups = 2;
    CHECK(tconv_kernel_create(&kernel, &g, &error) == TCONV_EGEOMETRY && kernel == NULL);
    CHECK_TEXT(error.message, "2 groups do not divide 1 input and 1 output channels");
    g.groups = 1;
    g.channels_in = g.channels_out = g.axis[0].n_taps = (size_t)1 << 30;
    CHECK(tconv_kernel_create(&kernel, &g, &error) == TCONV_ESIZE && kernel == NULL);
    CHECK_TEXT(error.message, "a size is too large to be represented");
    g.channels_in = (size_t)1 << 10;
    g.channels_out = (size_t)1 << 22;
    g.axis[0].n_taps = (size_t)1 << 30;                      /* 2^62 taps: the bytes do not fit */
    CHECK(tconv_kernel_create(&kernel, &g, &error) == TCONV_ESIZE && kernel == NULL);
    g.channels_in = g.channels_out = g.axis[0].n_taps = 16;
    tconv_memory_set_budget(before + 1024);
    CHECK(tconv_kernel_create(&kernel, &g, &error) == TCONV_EBUDGET && kernel == NULL);
    CHECK_TEXT(error.message, "the memory budget would be exceeded");
    tconv_memory_set_budget(0);
    CHECK(tconv_memory_in_use() == before);
}

/* The budget cut at every level: each allocation of an extraction fails once, and nothing is left behind. */
static void an_extraction_that_runs_out_of_budget_leaves_nothing(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.channels_in = 2;
    g.axis[0].n_taps = 8;
    tconv_kernel *kernel, *pair = NULL;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    if (kernel == NULL)
        return;
    kernel->name = tconv_alloc_text("layer", NULL);
    kernel->weight = tconv_alloc_text("weight", NULL);
    kernel->operator_name = tconv_alloc_text("ConvTranspose", NULL);
    size_t before = tconv_memory_in_use(), failures = 0;
    tconv_status status = TCONV_EBUDGET;
    for (size_t room = 1; status != TCONV_OK && room < 100000; room += 16) {
        tconv_error error = { .message = "" };
        tconv_memory_set_budget(before + room);
        status = tconv_kernel_extract(kernel, 1, 0, &pair, &error);
        CHECK(status == TCONV_OK || (status == TCONV_EBUDGET && pair == NULL && error.message[0] != '\0'));
        CHECK(status == TCONV_OK || tconv_memory_in_use() == before);
        failures += status != TCONV_OK;
    }
    tconv_memory_set_budget(0);
    CHECK(status == TCONV_OK && failures > 5);
    tconv_kernel_destroy(pair);
    tconv_kernel_destroy(kernel);
}

const struct test_suite suite = { "kernel", {
    { "a kernel begins as zeros in its geometry", a_kernel_begins_as_zeros_in_its_geometry },
    { "pairs follow the order of PyTorch and ONNX", pairs_follow_the_order_of_pytorch_and_onnx },
    { "one pair comes out with its geometry and names", one_pair_comes_out_with_its_geometry_and_names },
    { "what cannot be is refused and leaves nothing", what_cannot_be_is_refused_and_leaves_nothing },
    { "an extraction that runs out of budget leaves nothing", an_extraction_that_runs_out_of_budget_leaves_nothing },
    { NULL, NULL } } };
