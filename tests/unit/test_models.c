/* Whole model files: the shared ones against what their provenance states, files of the programs that own the formats
 * against sums by independent readers (tests/oracle/models), every model of libonnx-testdata, a thousand layers. */
#include "testing_model.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sum and sum of (1 + i mod 97) v[i]; the values are checked to 1e-12 of the sum of magnitudes: about 2e5 additions of
 * rounding 1e-16 each, in two orders. */
static void sums_of(const double *values, size_t count, double *sum, double *weighted, double *magnitude)
{
    *sum = *weighted = *magnitude = 0.0;
    for (size_t i = 0; i < count; i++) {
        *sum += values[i];
        *weighted += values[i] * (double)(i % 97 + 1);
        *magnitude += fabs(values[i]);
    }
}

static void check_sums(const char *file, const char *name, const double *values, size_t count, const json_t *want)
{
    double sum, weighted, magnitude;
    sums_of(values, count, &sum, &weighted, &magnitude);
    char label[256];
    (void)snprintf(label, sizeof label, "%.120s: %.120s", file, name);
    CHECK_CLOSE(label, 0, sum, json_number_value(json_object_get(want, "sum")), 1e-12 * magnitude);
    CHECK_CLOSE(label, 1, weighted, json_number_value(json_object_get(want, "weighted")), 97e-12 * magnitude);
}

static void check_file(const char *path, const char *file, const json_t *want)
{
    tconv_container *c;
    tconv_error error = { 0 };
    CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", file, error.message);
    if (c == NULL)
        return;
    const char *name;
    json_t *tensor;
    json_object_foreach((json_t *)(uintptr_t)want, name, tensor) {
        size_t at = tconv_container_find(c, name);
        CHECK_MESSAGE(at != SIZE_MAX, "%s has a tensor '%s'", file, name);
        tconv_tensor *got;
        if (at == SIZE_MAX)
            continue;
        CHECK_MESSAGE(tconv_container_load_tensor(c, at, &got, &error) == TCONV_OK, "%s: %s: %s", file, name, error.message);
        if (got == NULL)
            continue;
        const json_t *shape = json_object_get(tensor, "shape");
        bool same = json_array_size(shape) == got->rank;
        for (size_t i = 0; same && i < got->rank; i++)
            same = (size_t)json_integer_value(json_array_get(shape, i)) == got->shape[i];
        CHECK_MESSAGE(same, "%s: %s has its shape", file, name);
        check_sums(file, name, got->data, got->count, tensor);
        tconv_tensor_destroy(got);
    }
    tconv_container_close(c);
}

static json_t *read_json(const char *name)
{
    char path[640];
    json_error_t reason;
    (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), name);
    json_t *root = json_load_file(path, 0, &reason);
    CHECK_MESSAGE(root != NULL, "%s: %s", path, reason.text);
    return root;
}

static void written_by_their_owners(void)
{
    json_t *root = read_json("sums.json"), *want;
    const char *file;
    size_t files = 0;
    json_object_foreach(root, file, want) {
        char path[640];
        (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), file);
        if (strcmp(file, "layers") == 0)
            continue;
        check_file(path, file, want);
        files++;
    }
    CHECK(files >= 12);
    json_decref(root);
}

/* Kernels measured by an impulse through the same layers in another program. */
static void layers_equal_their_impulse_response(void)
{
    json_t *root = read_json("sums.json"), *want;
    const char *file;
    size_t files = 0;
    json_object_foreach(json_object_get(root, "layers"), file, want) {
        char path[640];
        tconv_container *c;
        tconv_kernel *kernel = NULL;
        tconv_error error = { 0 };
        (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), file);
        CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", file, error.message);
        CHECK_MESSAGE(c != NULL && tconv_container_layers(c) == 1, "%s has one layer", file);
        if (c != NULL)
            CHECK_MESSAGE(tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_OK, "%s: %s", file, error.message);
        if (kernel != NULL) {
            const json_t *shape = json_object_get(want, "shape");
            const tconv_geometry *g = &kernel->geometry, *listed = &tconv_container_layer(c, 0)->geometry;
            CHECK(g->channels_in == (size_t)json_integer_value(json_array_get(shape, 0))
                  && g->channels_out == (size_t)json_integer_value(json_array_get(shape, 1))
                  && g->axis[0].n_taps == (size_t)json_integer_value(json_array_get(shape, 2))
                  && g->axis[1].n_taps == (size_t)json_integer_value(json_array_get(shape, 3)));
            CHECK(g->ndim == listed->ndim && g->channels_in == listed->channels_in && g->channels_out == listed->channels_out
                  && g->groups == listed->groups);
            for (size_t i = 0; i < g->ndim; i++)
                CHECK(memcmp(&g->axis[i], &listed->axis[i], sizeof g->axis[i]) == 0);
            check_sums(file, "kernel", kernel->taps, tconv_kernel_count(kernel), want);
            files++;
        }
        tconv_kernel_destroy(kernel);
        tconv_container_close(c);
    }
    CHECK(files == 6);
    json_decref(root);
}

static void shared_tensors_have_their_sums(void)
{
    const char *shared = test_shared_folder(), *file;
    json_t *root = read_json("shared_sums.json"), *want;
    if (shared == NULL)
        test_skip("the shared folder is absent");
    json_object_foreach(root, file, want) {
        char path[640];
        (void)snprintf(path, sizeof path, "%s/data/%s", shared != NULL ? shared : "", file);
        if (shared != NULL)
            check_file(path, file, want);
    }
    json_decref(root);
}

/* What data/PROVENANCE.md states. `spec` makes the layer where the file has no graph. */
static const struct {
    const char *file, *spec, *weight;
    tconv_layout layout;
    size_t in, out, groups, k[2], s[2], d[2];
    long long begin[2], end[2];
    size_t o[2];
} stated[] = {
    { "models/FSRCNN-x2.pt", "deconv.weight:s=2,p=4,o=1", "deconv.weight", TCONV_LAYOUT_IO, 56, 3, 1, { 9, 9 }, { 2, 2 }, { 1, 1 }, { 4, 4 }, { 4, 4 }, { 1, 1 } },
    { "models/FSRCNN-x4.pt", "deconv.weight:s=4,p=4,o=3", "deconv.weight", TCONV_LAYOUT_IO, 56, 3, 1, { 9, 9 }, { 4, 4 }, { 1, 1 }, { 4, 4 }, { 4, 4 }, { 3, 3 } },
    { "models/waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz", "conv_post/W:s=2,p=3", "conv_post/W", TCONV_LAYOUT_IO, 64, 3, 1, { 4, 4 }, { 2, 2 }, { 1, 1 }, { 3, 3 }, { 3, 3 }, { 0, 0 } },
    { "models/fast_style_wave", "Variable_39:s=2", "Variable_39", TCONV_LAYOUT_TF, 128, 64, 1, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "models/fast_style_wave", "Variable_42:s=2", "Variable_42", TCONV_LAYOUT_TF, 64, 32, 1, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "containers/conv_transpose2d.pt", "conv1.weight:s=1", "conv1.weight", TCONV_LAYOUT_IO, 2, 2, 1, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "models/waifu2x_upconv7_scale2.0x_model.onnx", NULL, "convolution6_W", TCONV_LAYOUT_IO, 256, 3, 1, { 4, 4 }, { 2, 2 }, { 1, 1 }, { 3, 3 }, { 3, 3 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.3.conv.weight", TCONV_LAYOUT_IO, 16, 16, 2, { 1, 5 }, { 1, 2 }, { 1, 1 }, { 0, 2 }, { 0, 2 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.4.conv.weight", TCONV_LAYOUT_IO, 16, 2, 1, { 1, 5 }, { 1, 2 }, { 1, 1 }, { 0, 2 }, { 0, 2 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.0.depth_conv.ConvTranspose2d.weight", TCONV_LAYOUT_IO, 16, 16, 16, { 3, 3 }, { 1, 1 }, { 5, 1 }, { 10, 1 }, { 10, 1 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.1.depth_conv.ConvTranspose2d.weight", TCONV_LAYOUT_IO, 16, 16, 16, { 3, 3 }, { 1, 1 }, { 2, 1 }, { 4, 1 }, { 4, 1 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.2.depth_conv.ConvTranspose2d.weight", TCONV_LAYOUT_IO, 16, 16, 16, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 2, 1 }, { 2, 1 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.0.point_conv1.weight", TCONV_LAYOUT_IO, 24, 16, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "models/gtcrn_simple.onnx", NULL, "decoder.de_convs.2.point_conv2.weight", TCONV_LAYOUT_IO, 16, 8, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "models/hifigan_float16.tflite", NULL, "conv1d_transpose;PartitionedCall/conv1d_transpose", TCONV_LAYOUT_IO, 256, 128, 1, { 1, 16 }, { 1, 8 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "models/hifigan_float16.tflite", NULL, "conv1d_transpose_1;PartitionedCall/conv1d_transpose_1", TCONV_LAYOUT_IO, 128, 64, 1, { 1, 16 }, { 1, 8 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { "models/hifigan_float16.tflite", NULL, "conv1d_transpose_2;PartitionedCall/conv1d_transpose_2", TCONV_LAYOUT_IO, 64, 32, 1, { 1, 8 }, { 1, 4 }, { 1, 1 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
};

static void shared_layers_are_those_that_are_stated(void)
{
    const char *shared = test_shared_folder();
    for (size_t n = 0; shared != NULL && n < sizeof stated / sizeof stated[0]; n++) {
        char path[640];
        tconv_container *c;
        tconv_error error = { 0 };
        size_t added, found = SIZE_MAX;
        (void)snprintf(path, sizeof path, "%s/data/%s", shared, stated[n].file);
        CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", path, error.message);
        if (c == NULL)
            continue;
        tconv_layer_spec spec;
        if (stated[n].spec != NULL) {
            CHECK(tconv_layer_spec_parse(stated[n].spec, &spec, &error) == TCONV_OK);
            spec.options.layout_given = true;
            spec.options.layout = stated[n].layout;
            CHECK_MESSAGE(tconv_container_add_layers(c, spec.glob, &spec.options, &added, &error) == TCONV_OK && added == 1,
                          "%s: %s", stated[n].spec, error.message);
        }
        for (size_t i = 0; i < tconv_container_layers(c); i++)
            if (strcmp(tconv_container_layer(c, i)->weight, stated[n].weight) == 0)
                found = i;
        CHECK_MESSAGE(found != SIZE_MAX, "%s: %s", stated[n].file, stated[n].weight);
        tconv_kernel *kernel = NULL;
        if (found != SIZE_MAX)
            CHECK_MESSAGE(tconv_container_load_layer(c, found, &kernel, &error) == TCONV_OK, "%s: %s", stated[n].weight, error.message);
        if (kernel != NULL) {
            const tconv_geometry *g = &kernel->geometry;
            CHECK_MESSAGE(g->ndim == 2 && g->channels_in == stated[n].in && g->channels_out == stated[n].out
                          && g->groups == stated[n].groups, "%s: channels", stated[n].weight);
            for (size_t i = 0; i < 2; i++)
                CHECK_MESSAGE(g->axis[i].n_taps == stated[n].k[i] && g->axis[i].stride == stated[n].s[i]
                              && g->axis[i].dilation == stated[n].d[i] && g->axis[i].pad_begin == stated[n].begin[i]
                              && g->axis[i].pad_end == stated[n].end[i] && g->axis[i].output_padding == stated[n].o[i],
                              "%s: axis %zu", stated[n].weight, i);
            CHECK(tconv_container_layer(c, found)->upsamples == (stated[n].s[1] > 1));
        }
        tconv_kernel_destroy(kernel);
        tconv_container_close(c);
    }
    if (shared == NULL)
        test_skip("the shared folder is absent");
}

/* deeplearn.js keeps (kh, kw, Cout, Cin): tap (ci, co, r, q) is element ((r 3 + q) Cout + co) Cin + ci. */
static void the_tensorflow_order_is_turned(void)
{
    const char *shared = test_shared_folder();
    char path[640];
    tconv_container *c = NULL;
    tconv_error error = { 0 };
    tconv_geometry_options options = { .stride = { .count = 1, .values = { 2 } }, .layout_given = true, .layout = TCONV_LAYOUT_TF };
    size_t added;
    if (shared == NULL) {
        test_skip("the shared folder is absent");
        return;
    }
    (void)snprintf(path, sizeof path, "%s/data/models/fast_style_wave/manifest.json", shared);
    CHECK(tconv_container_open(&c, path, NULL, &error) == TCONV_OK);
    CHECK(tconv_container_add_layers(c, "Variable_42", &options, &added, &error) == TCONV_OK);
    tconv_tensor *tensor;
    tconv_kernel *kernel;
    CHECK(tconv_container_load_tensor(c, tconv_container_find(c, "Variable_42"), &tensor, &error) == TCONV_OK);
    CHECK(tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_OK);
    bool same = true;
    for (size_t ci = 0; ci < 64; ci++)
        for (size_t co = 0; co < 32; co++)
            for (size_t r = 0; r < 9; r++)
                same = same && tconv_kernel_pair(kernel, ci, co)[r] == tconv_tensor_get(tensor, (r * 32 + co) * 64 + ci);
    CHECK(same);
    tconv_tensor_destroy(tensor);
    tconv_kernel_destroy(kernel);
    tconv_container_close(c);
}

/* Graph inputs as weights: geometry without taps. */
static void weights_that_are_inputs_give_geometry_only(void)
{
    static const struct { const char *name; size_t ndim, stride, groups, o; } cases[] = {
        { "test_convtranspose", 2, 1, 1, 0 }, { "test_convtranspose_1d", 1, 1, 1, 0 }, { "test_convtranspose_pad", 2, 3, 1, 1 },
        { "test_convtranspose_output_shape", 2, 3, 1, 1 }, { "test_convtranspose_group_2", 2, 1, 2, 0 } };
    const char *shared = test_shared_folder();
    for (size_t n = 0; shared != NULL && n < sizeof cases / sizeof cases[0]; n++) {
        char path[640];
        tconv_container *c;
        tconv_kernel *kernel;
        tconv_error error = { 0 };
        (void)snprintf(path, sizeof path, "%s/data/onnx_node/%s/model.onnx", shared, cases[n].name);
        CHECK(tconv_container_open(&c, path, NULL, &error) == TCONV_OK && tconv_container_layers(c) == 1);
        const tconv_layer_info *layer = c != NULL ? tconv_container_layer(c, 0) : NULL;
        if (layer != NULL) {
            CHECK(!layer->has_taps && layer->has_geometry && layer->geometry.ndim == cases[n].ndim
                  && layer->geometry.groups == cases[n].groups && layer->geometry.axis[0].stride == cases[n].stride
                  && layer->geometry.axis[0].output_padding == cases[n].o && layer->input_size[0] == 3);
            CHECK(tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_EUNSUPPORTED);
        }
        tconv_container_close(c);
    }
    if (shared == NULL)
        test_skip("the shared folder is absent");
}

/* ---- libonnx-testdata ---- */

static void sweep(const char *folder, size_t *opened, size_t *layers, size_t depth)
{
    DIR *list = opendir(folder);
    for (const struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        char path[1024];
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%.500s/%.500s", folder, entry->d_name);
        if (stat(path, &info) != 0)
            continue;
        size_t length = strlen(path);
        if (S_ISDIR(info.st_mode) && depth < 6)
            sweep(path, opened, layers, depth + 1);
        if (!S_ISREG(info.st_mode) || length < 5 || strcmp(path + length - 5, ".onnx") != 0)
            continue;
        tconv_container *c;
        tconv_error error = { 0 };
        CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", path, error.message);
        for (size_t i = 0; c != NULL && i < tconv_container_layers(c); i++) {
            tconv_kernel *kernel;
            const tconv_layer_info *layer = tconv_container_layer(c, i);
            tconv_status status = tconv_container_load_layer(c, i, &kernel, &error);
            CHECK_MESSAGE(status == TCONV_OK || (status == TCONV_EUNSUPPORTED && (layer->obstacle != NULL || !layer->has_taps)),
                          "%s: %s", path, error.message);
            tconv_kernel_destroy(kernel);
            ++*layers;
        }
        ++*opened;
        tconv_container_close(c);
    }
    if (list != NULL)
        (void)closedir(list);
}

static void every_model_of_libonnx_testdata_opens(void)
{
    size_t opened = 0, layers = 0;
    size_t before = tconv_memory_in_use();
    sweep("/usr/share/libonnx-testdata/data", &opened, &layers, 0);
    if (opened == 0)
        test_skip("libonnx-testdata is not installed");
    else
        CHECK_MESSAGE(opened >= 1000 && layers >= 13, "%zu models with %zu layers", opened, layers);
    CHECK(tconv_memory_in_use() == before);
}

/* ---- a thousand layers ---- */

static void a_thousand_layers_cost_one_at_a_time(void)
{
    enum { LAYERS = 1000, TAPS = 16 * 16 * 4 * 4 };
    struct bytes graph = { 0 }, model = { 0 };
    float *weights = calloc(TAPS, sizeof *weights);
    for (unsigned i = 0; weights != NULL && i < LAYERS; i++) {
        struct bytes node = { 0 }, attribute = { 0 }, tensor = { 0 }, raw = { 0 };
        char name[32];
        (void)snprintf(name, sizeof name, "x%u", i);
        proto_text(&node, 1, name);
        (void)snprintf(name, sizeof name, "w%u", i);
        proto_text(&node, 1, name);
        proto_text(&tensor, 8, name);
        (void)snprintf(name, sizeof name, "x%u", i + 1);
        proto_text(&node, 2, name);
        (void)snprintf(name, sizeof name, "up%u", i);
        proto_text(&node, 3, name);
        proto_text(&node, 4, "ConvTranspose");
        proto_text(&attribute, 1, "strides");
        proto_number(&attribute, 8, 2);
        proto_number(&attribute, 8, 2);
        proto_message(&node, 5, &attribute);
        for (unsigned axis = 0; axis < 4; axis++)
            proto_number(&tensor, 1, axis < 2 ? 16 : 4);
        proto_number(&tensor, 2, 1);
        weights[0] = (float)i;
        bytes_f32(&raw, weights, TAPS);
        proto_message(&tensor, 9, &raw);
        proto_message(&graph, 1, &node);
        proto_message(&graph, 5, &tensor);
    }
    free(weights);
    proto_number(&model, 1, 8);
    proto_message(&model, 7, &graph);
    char path[] = "/tmp/tconv-layers-XXXXXX";
    int descriptor = mkstemp(path);
    CHECK(descriptor >= 0 && write(descriptor, model.data, model.size) == (ssize_t)model.size);
    CHECK(model.size > (size_t)LAYERS * TAPS * 4);
    bytes_free(&model);
    tconv_container *c;
    tconv_error error = { 0 };
    tconv_memory_set_budget(tconv_memory_in_use() + ((size_t)6 << 20));        /* the file has 16 MB */
    CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s", error.message);
    CHECK(c != NULL && tconv_container_layers(c) == LAYERS);
    for (size_t i = 0; c != NULL && i < LAYERS; i++) {
        tconv_kernel *kernel;
        CHECK(tconv_container_load_layer(c, i, &kernel, &error) == TCONV_OK);
        CHECK(kernel != NULL && kernel->taps[0] == (double)i);
        tconv_kernel_destroy(kernel);
    }
    tconv_container_close(c);
    tconv_memory_set_budget(0);
    if (descriptor >= 0) {
        (void)close(descriptor);
        (void)unlink(path);
    }
}

static void what_is_no_container_is_told(void)
{
    static const struct { const char *name, *bytes; size_t size; tconv_status status; const char *part; } cases[] = {
        { "empty", "", 0, TCONV_EFORMAT, "the file is empty" },
        { "text", "1 2 3\n", 6, TCONV_EFORMAT, "no model container" },
        { "HDF5", "\x89HDF\r\n\x1a\n....", 12, TCONV_EUNSUPPORTED, "HDF5 files are not read" },
        { "pickle", "\x80\x02}q\x01.", 6, TCONV_EUNSUPPORTED, "a bare pickle is not read" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes file = { 0 };
        bytes_add(&file, cases[i].bytes, cases[i].size);
        check_refused(cases[i].name, &file, cases[i].status, cases[i].part);
        bytes_free(&file);
    }
    struct bytes tar = { 0 };
    bytes_fill(&tar, 'x', 257);
    bytes_text(&tar, "ustar");
    bytes_fill(&tar, 0, 250);
    check_refused("tar", &tar, TCONV_EUNSUPPORTED, "tar archives");
    bytes_free(&tar);
    tconv_container *c;
    tconv_error error = { 0 };
    CHECK(tconv_container_open(&c, "/nonexistent/model.onnx", NULL, &error) == TCONV_EREAD && c == NULL);
}

const struct test_suite suite = { "models", {
    { "files of the programs that own the formats have the sums that those give", written_by_their_owners },
    { "layers that equal a transposed convolution have the impulse response of the layers", layers_equal_their_impulse_response },
    { "every tensor of the shared models has the sums of an independent reader", shared_tensors_have_their_sums },
    { "the shared models have the layers that their provenance states", shared_layers_are_those_that_are_stated },
    { "the order of TensorFlow's axes is turned", the_tensorflow_order_is_turned },
    { "weights that are inputs of the graph give geometry only", weights_that_are_inputs_give_geometry_only },
    { "every model of libonnx-testdata opens", every_model_of_libonnx_testdata_opens },
    { "a thousand layers cost one at a time", a_thousand_layers_cost_one_at_a_time },
    { "what is no container is told", what_is_no_container_is_told },
    { NULL, NULL } } };
