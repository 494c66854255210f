/* From file to figures: the layers of the shared models through the container readers against NumPy's figures
 * (tests/oracle/layers.json), the same layer in six files of five formats, and the number of layers that each shared file
 * has. */
#include "testing_model.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A layer of a file, by its weight; geometry as in --layer where `spec` is told. */
static tconv_kernel *kernel_of(tconv_container *c, const char *spec_text, const char *layout, const char *weight)
{
    tconv_error error = { 0 };
    tconv_kernel *kernel = NULL;
    tconv_layer_spec spec;
    size_t added;
    if (spec_text != NULL) {
        CHECK(tconv_layer_spec_parse(spec_text, &spec, &error) == TCONV_OK);
        spec.options.layout_given = layout != NULL;
        spec.options.layout = TCONV_LAYOUT_TF;
        CHECK_MESSAGE(tconv_container_add_layers(c, spec.glob, &spec.options, &added, &error) == TCONV_OK, "%s", error.message);
    }
    for (size_t i = 0; i < tconv_container_layers(c); i++)
        if (kernel == NULL && strcmp(tconv_container_layer(c, i)->weight, weight) == 0)
            CHECK_MESSAGE(tconv_container_load_layer(c, i, &kernel, &error) == TCONV_OK, "%s: %s", weight, error.message);
    CHECK_MESSAGE(kernel != NULL, "there is a layer %s", weight);
    return kernel;
}

/* ---- against NumPy ---- */

static void close_to(const char *name, const char *key, double got, const json_t *want)
{
    double value = json_number_value(want);
    if (json_is_string(want))
        value = strcmp(json_string_value(want), "-inf") == 0 ? -(double)INFINITY : (double)INFINITY;
    if (json_is_null(want))
        CHECK_MESSAGE(isnan(got), "%s: %s", name, key);
    else
        CHECK_MESSAGE(got == value || fabs(got - value) <= 1e-9 * fmax(1.0, fabs(value)), "%s: %s is %.17g, not %.17g", name, key, got, value);
}

static void compare_figures(const char *name, const tconv_figures *f, const json_t *entry)
{
    const json_t *figures = json_object_get(entry, "figures"), *branches = json_object_get(entry, "branches"),
                 *images = json_object_get(entry, "images");
    const struct { const char *key; double value; } list[] = {
        { "dc_gain", f->dc_gain }, { "checkerboard_index", f->checkerboard_index }, { "checkerboard_db", f->checkerboard_db },
        { "baseband_energy", f->baseband_energy }, { "total_energy", f->total_energy }, { "image_energy_db", f->image_energy_db },
        { "branch_energy_variation", f->branch_energy_variation }, { "flat_input_index", f->flat_input_index } };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        close_to(name, list[i].key, list[i].value, json_object_get(figures, list[i].key));
    CHECK(json_array_size(branches) == f->phases && json_array_size(images) + 1 == f->phases);
    for (size_t q = 0; q < f->phases; q++) {
        close_to(name, "branch gain", f->branches[q].branch.dc_gain, json_object_get(json_array_get(branches, q), "dc_gain"));
        close_to(name, "branch energy", f->branches[q].branch.energy, json_object_get(json_array_get(branches, q), "energy"));
    }
    for (size_t m = 0; m + 1 < f->phases; m++) {
        close_to(name, "image at DC", f->images[m].dc_db, json_object_get(json_array_get(images, m), "dc_db"));
        close_to(name, "worst image", f->images[m].worst_db, json_object_get(json_array_get(images, m), "worst_db"));
    }
}

static void figures_of_shared_layers_are_those_of_numpy(void)
{
    const char *shared = test_shared_folder();
    char path[800];
    json_error_t reason;
    (void)snprintf(path, sizeof path, "%s/tests/oracle/layers.json", test_root_folder());
    json_t *root = json_load_file(path, 0, &reason);
    const json_t *list = json_object_get(root, "layers");
    CHECK_MESSAGE(json_array_size(list) == 11, "%s: %s", path, reason.text);
    if (shared == NULL)
        test_skip("the shared folder is absent");
    for (size_t n = 0; shared != NULL && n < json_array_size(list); n++) {
        const json_t *entry = json_array_get(list, n), *file = json_object_get(entry, "container");
        const char *weight = json_string_value(json_object_get(file, "weight"));
        double mean[512];
        tconv_container *c;
        tconv_error error = { 0 };
        tconv_figures *figures = NULL;
        (void)snprintf(path, sizeof path, "%s/data/%s", shared, json_string_value(json_object_get(file, "path")));
        CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", path, error.message);
        tconv_kernel *kernel = c == NULL ? NULL : kernel_of(c, json_string_value(json_object_get(file, "spec")),
                                                            json_string_value(json_object_get(file, "layout")), weight);
        for (size_t ci = 0; ci < sizeof mean / sizeof mean[0]; ci++)
            mean[ci] = 1.0 + (double)ci / 8.0;
        if (kernel != NULL && kernel->geometry.channels_in <= sizeof mean / sizeof mean[0]) {
            CHECK(json_is_true(json_object_get(entry, "bias")) == (kernel->bias != NULL));
            CHECK(tconv_figures_create(&figures, kernel, &(tconv_figure_options){ .edge = 0.8, .mean = mean }, &error) == TCONV_OK);
        }
        if (figures != NULL)
            compare_figures(weight, figures, entry);
        tconv_figures_destroy(figures);
        tconv_kernel_destroy(kernel);
        tconv_container_close(c);
    }
    json_decref(root);
}

/* ---- one layer in several formats ---- */

enum { IN = 4, OUT = 3, K = 5, COUNT = IN * OUT * K * K };

static struct bytes as_safetensors(const float *w, const float *b)
{
    struct bytes file = { 0 };
    char header[256];
    (void)snprintf(header, sizeof header, "{\"up.weight\":{\"dtype\":\"F32\",\"shape\":[%d,%d,%d,%d],\"data_offsets\":[0,%d]},"
                   "\"up.bias\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}", IN, OUT, K, K, 4 * COUNT, OUT, 4 * COUNT,
                   4 * COUNT + 4 * OUT);
    bytes_little(&file, strlen(header), 8);
    bytes_text(&file, header);
    bytes_f32(&file, w, COUNT);
    bytes_f32(&file, b, OUT);
    return file;
}

static void add_npy(struct zip_builder *zip, const char *name, const char *order, const char *shape, const float *values, size_t count)
{
    struct bytes array = { 0 };
    char header[128];
    (void)snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': %s, 'shape': (%s), }\n", order, shape);
    bytes_add(&array, "\x93NUMPY\1\0", 8);
    bytes_little(&array, strlen(header), 2);
    bytes_text(&array, header);
    bytes_f32(&array, values, count);
    zip_add_deflated(zip, name, array.data, array.size);
    bytes_free(&array);
}

static struct bytes as_npz(const float *w, const float *b, bool fortran)
{
    struct zip_builder zip = { 0 };
    float turned[COUNT];
    for (size_t n = 0; n < COUNT; n++) {         /* element (i, o, r, q) of C order in the order of Fortran */
        size_t q = n % K, r = n / K % K, o = n / (K * K) % OUT, i = n / (K * K * OUT);
        turned[fortran ? i + IN * (o + OUT * (r + K * q)) : n] = w[n];
    }
    add_npy(&zip, "up.weight.npy", fortran ? "True" : "False", "4, 3, 5, 5", turned, COUNT);
    add_npy(&zip, "up.bias.npy", "False", "3,", b, OUT);
    zip_end(&zip);
    bytes_free(&zip.directory);
    return zip.file;
}

static void add_tensor(struct bytes *graph, const char *name, const int *shape, size_t rank, const float *values, size_t count, bool raw)
{
    struct bytes tensor = { 0 }, data = { 0 };
    for (size_t i = 0; i < rank; i++)
        proto_number(&tensor, 1, (uint64_t)shape[i]);
    proto_number(&tensor, 2, 1);
    bytes_f32(&data, values, count);
    proto_bytes(&tensor, raw ? 9 : 4, data.data, data.size);
    proto_text(&tensor, 8, name);
    proto_message(graph, 5, &tensor);
    bytes_free(&data);
}

static void add_ints(struct bytes *node, const char *name, const int *values, size_t count)
{
    struct bytes attribute = { 0 };
    proto_text(&attribute, 1, name);
    for (size_t i = 0; i < count; i++)
        proto_number(&attribute, 8, (uint64_t)values[i]);
    proto_number(&attribute, 20, 7);
    proto_message(node, 5, &attribute);
}

static struct bytes as_onnx(const float *w, const float *b, bool raw)
{
    struct bytes model = { 0 }, graph = { 0 }, node = { 0 };
    proto_text(&node, 1, "x");
    proto_text(&node, 1, "up.weight");
    proto_text(&node, 1, "up.bias");
    proto_text(&node, 2, "y");
    proto_text(&node, 4, "ConvTranspose");
    add_ints(&node, "strides", (const int[]){ 2, 2 }, 2);
    add_ints(&node, "pads", (const int[]){ 2, 2, 2, 2 }, 4);
    add_ints(&node, "output_padding", (const int[]){ 1, 1 }, 2);
    proto_message(&graph, 1, &node);
    add_tensor(&graph, "up.weight", (const int[]){ IN, OUT, K, K }, 4, w, COUNT, raw);
    add_tensor(&graph, "up.bias", (const int[]){ OUT }, 1, b, OUT, raw);
    proto_number(&model, 1, 8);
    proto_message(&model, 7, &graph);
    return model;
}

/* PyTorch's older stream: two float storages, named and shaped by hand-written pickles (protocol 2). */
static struct bytes as_torch(const float *w, const float *b)
{
#define PICKLE(text) bytes_add(&file, text, sizeof(text) - 1)
#define STORAGE(key, count) "(U\x07" "storagectorch\nFloatStorage\nU\x01" key "U\x03" "cpu" count "tQ"
#define TENSOR(storage, shape, stride) "ctorch._utils\n_rebuild_tensor_v2\n(" storage "K\x00(" shape "t(" stride "t\x89" "ccollections\nOrderedDict\n)RtR"
    struct bytes file = { 0 };
    PICKLE("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.");
    PICKLE("\x80\x02}(U\x09up.weight" TENSOR(STORAGE("0", "M\x2c\x01"), "K\x04K\x03K\x05K\x05", "KKK\x19K\x05K\x01")
           "U\x07up.bias" TENSOR(STORAGE("1", "K\x03"), "K\x03", "K\x01") "u.");
    PICKLE("\x80\x02](U\x01" "0U\x01" "1e.");
    bytes_little(&file, COUNT, 8);
    bytes_f32(&file, w, COUNT);
    bytes_little(&file, OUT, 8);
    bytes_f32(&file, b, OUT);
    return file;
}

static void a_layer_is_the_same_in_every_format(void)
{
    float w[COUNT], b[OUT] = { 0.5f, -0.25f, 0.125f };
    for (size_t i = 0; i < COUNT; i++)
        w[i] = (float)random_uniform(-1.0, 1.0);
    struct bytes files[] = { as_safetensors(w, b), as_npz(w, b, false), as_npz(w, b, true), as_torch(w, b), as_onnx(w, b, true), as_onnx(w, b, false) };
    tconv_kernel *first = NULL;
    tconv_figures *want = NULL;
    static const double mean[IN] = { 0.25, 0.5, 1.0, 0.125 };
    const tconv_figure_options options = { .edge = 0.8, .mean = mean };
    for (size_t n = 0; n < sizeof files / sizeof files[0]; n++) {
        tconv_source *source;
        char label[32];
        (void)snprintf(label, sizeof label, "file %zu", n);
        tconv_container *c = check_opens(label, &files[n], &source);
        tconv_kernel *kernel = c == NULL ? NULL : kernel_of(c, tconv_container_has_graph(c) ? NULL : "up.weight:s=2,p=2,o=1", NULL, "up.weight");
        tconv_figures *figures = NULL;
        if (kernel != NULL && tconv_kernel_count(kernel) == COUNT && kernel->bias != NULL) {
            for (size_t i = 0; i < COUNT; i++)
                CHECK(kernel->taps[i] == (double)w[i]);
            CHECK(kernel->bias[0] == 0.5 && kernel->bias[1] == -0.25 && kernel->bias[2] == 0.125);
            CHECK(tconv_figures_create(&figures, kernel, &options, NULL) == TCONV_OK);
        }
        CHECK_MESSAGE(figures != NULL, "%s has its layer", label);
        if (n == 0) {
            first = kernel;
            want = figures;
        } else if (first != NULL && want != NULL && kernel != NULL && figures != NULL) {
            CHECK(memcmp(&kernel->geometry, &first->geometry, sizeof first->geometry) == 0);
            CHECK(figures->dc_gain == want->dc_gain && figures->checkerboard_db == want->checkerboard_db
                  && figures->image_energy_db == want->image_energy_db && figures->branch_energy_variation == want->branch_energy_variation
                  && figures->flat_input_index == want->flat_input_index && figures->total_energy == want->total_energy);
            CHECK_SAME(figures->images, want->images, 3 * sizeof *want->images);
        }
        if (n > 0) {
            tconv_figures_destroy(figures);
            tconv_kernel_destroy(kernel);
        }
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&files[n]);
    }
    tconv_figures_destroy(want);
    tconv_kernel_destroy(first);
}

/* ---- what the shared files hold ---- */

static void shared_files_hold_as_many_as_is_stated(void)
{
    static const struct { const char *file; tconv_container_format format; size_t tensors, transposed, upsampling, gradient; } cases[] = {
        { "models/FSRCNN-x2.pt", TCONV_CONTAINER_TORCH, 20, 0, 0, 0 },
        { "models/FSRCNN-x4.pt", TCONV_CONTAINER_TORCH, 20, 0, 0, 0 },
        { "models/gtcrn_simple.onnx", TCONV_CONTAINER_ONNX, 0, 11, 2, 2 },
        { "models/waifu2x_upconv7_scale2.0x_model.onnx", TCONV_CONTAINER_ONNX, 0, 1, 1, 0 },
        { "models/waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz", TCONV_CONTAINER_NPZ, 0, 0, 0, 0 },
        { "models/hifigan_float16.tflite", TCONV_CONTAINER_TFLITE, 0, 3, 3, 0 },
        { "models/fast_style_wave", TCONV_CONTAINER_MANIFEST, 48, 0, 0, 0 },
        { "containers/conv_transpose2d.pt", TCONV_CONTAINER_TORCH, 3, 0, 0, 0 },
        { "containers/multi_layer.safetensors", TCONV_CONTAINER_SAFETENSORS, 0, 0, 0, 0 } };
    const char *shared = test_shared_folder();
    if (shared == NULL)
        test_skip("the shared folder is absent");
    for (size_t n = 0; shared != NULL && n < sizeof cases / sizeof cases[0]; n++) {
        char path[640];
        tconv_container *c;
        tconv_error error = { 0 };
        size_t transposed = 0, upsampling = 0, gradient = 0;
        (void)snprintf(path, sizeof path, "%s/data/%s", shared, cases[n].file);
        CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", path, error.message);
        for (size_t i = 0; c != NULL && i < tconv_container_layers(c); i++) {
            const tconv_layer_info *layer = tconv_container_layer(c, i);
            gradient += layer->role == TCONV_ROLE_GRADIENT ? 1 : 0;
            transposed += layer->role == TCONV_ROLE_UPSAMPLE ? 1 : 0;
            upsampling += layer->role == TCONV_ROLE_UPSAMPLE && layer->upsamples ? 1 : 0;
        }
        if (c != NULL)
            CHECK_MESSAGE(tconv_container_kind(c) == cases[n].format && transposed == cases[n].transposed && upsampling == cases[n].upsampling
                          && gradient == cases[n].gradient
                          && (cases[n].tensors == 0 || tconv_container_tensors(c) == cases[n].tensors) && tconv_container_tensors(c) > 0,
                          "%s: %zu tensors, %zu transposed, %zu upsampling, %zu strided", cases[n].file, tconv_container_tensors(c), transposed,
                          upsampling, gradient);
        tconv_container_close(c);
    }
}

const struct test_suite suite = { "model_figures", {
    { "figures of the shared layers are those of NumPy", figures_of_shared_layers_are_those_of_numpy },
    { "a layer is the same in every format", a_layer_is_the_same_in_every_format },
    { "the shared files hold as many layers as is stated", shared_files_hold_as_many_as_is_stated },
    { NULL, NULL } } };
