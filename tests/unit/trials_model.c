/* Trials of models: containers of every format, their graphs, copies with other weights, networks. */
#include "trials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing_network.h"

static const char *file_of(const char *name)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/tests/%s", test_root_folder(), name);
    return path;
}

/* A folder of raw floats with its manifest, and a file of safetensors with weight normalisation; made once. */
static char folder[64];
static const char *const made_files[3] = { "manifest.json", "w.bin", "norm.safetensors" };

void trials_model_end(void)
{
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, made_files[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static const char *made_folder(void)
{
    char path[128];
    if (folder[0] != '\0')
        return folder;
    (void)snprintf(folder, sizeof folder, "/tmp/tconv_memory_XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    static const char manifest[] = "{\"w\":{\"filename\":\"w.bin\",\"shape\":[1,1,4]}}";
    static const char header[] = "{\"up.weight_g\":{\"dtype\":\"F32\",\"shape\":[1,1,1],\"data_offsets\":[0,4]},"
                                 "\"up.weight_v\":{\"dtype\":\"F32\",\"shape\":[1,1,4],\"data_offsets\":[4,20]},"
                                 "\"up.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]}}";
    static const float values[6] = { 1.0f, 0.25f, 0.75f, 0.5f, 0.25f, 0.125f };
    struct bytes bytes[3] = { { 0 } };
    bytes_text(&bytes[0], manifest);
    bytes_f32(&bytes[1], values, 4);
    bytes_little(&bytes[2], strlen(header), 8);
    bytes_text(&bytes[2], header);
    bytes_f32(&bytes[2], values, 6);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, made_files[i]);
        FILE *out = fopen(path, "wb");
        CHECK(out != NULL && fwrite(bytes[i].data, 1, bytes[i].size, out) == bytes[i].size && fclose(out) == 0);
        bytes_free(&bytes[i]);
    }
    return folder;
}

/* ---- reading ---- */

/* Every tensor, the layers of the graph, or those that the glob makes of the tensors. */
static void read_model(struct trial *t, const char *path, const char *glob, const char *options)
{
    tconv_container *model = ANYTHING;
    tconv_geometry_options given = { 0 };
    size_t added = 0;
    if (!MADE(model, tconv_container_open(&model, path, NULL, &t->error)))
        return;
    require(t, options == NULL || tconv_geometry_text_set(&given, "stride", options, ',', 0, 0, NULL) == TCONV_OK, "a stride");
    if (glob != NULL)
        (void)TRY(tconv_container_add_layers(model, glob, &given, &added, &t->error));
    for (size_t i = 0; i < tconv_container_tensors(model) && t->status == TCONV_OK; i++) {
        tconv_tensor *tensor = ANYTHING;
        if (tconv_container_tensor(model, i)->obstacle == NULL
            && MADE(tensor, tconv_container_load_tensor(model, i, &tensor, &t->error))) {
            note(t, tensor->data, tensor->count * tconv_element_bytes(tensor->element));
            tconv_tensor_destroy(tensor);
        }
    }
    for (size_t i = 0; i < tconv_container_layers(model) && t->status == TCONV_OK; i++) {
        tconv_kernel *kernel = ANYTHING;
        const tconv_layer_info *layer = tconv_container_layer(model, i);
        if (layer->obstacle == NULL && layer->has_taps && MADE(kernel, tconv_container_load_layer(model, i, &kernel, &t->error)))
            note_kernel(t, kernel);
    }
    QUIET(tconv_container_close(model));
}

static void npz(struct trial *t)
{
    read_model(t, file_of("oracle/models/packed.npz"), "c", "2");
}

static void torch_zip(struct trial *t)
{
    read_model(t, file_of("oracle/models/zip.pt"), "plain", "2");
}

static void torch_stream(struct trial *t)
{
    read_model(t, file_of("oracle/models/stream.pt"), "part", "2");
}

static void torch_nested(struct trial *t)
{
    read_model(t, file_of("oracle/models/nested.tar"), "state_dict.weight", "2");
}

static void onnx(struct trial *t)
{
    static const char *const names[] = {
        "oracle/models/chain.onnx", "oracle/models/shuffle.onnx", "oracle/models/resize.onnx", "oracle/models/typed.onnx",
        "oracle/models/spelt_out.onnx", "fuzz/corpus/onnx/axes", "fuzz/corpus/onnx/factors", "fuzz/corpus/onnx/same",
        "fuzz/corpus/onnx/strided", "fuzz/corpus/onnx/obstacles", "fuzz/corpus/onnx/transposed", "fuzz/corpus/onnx/upsample",
        "fuzz/corpus/onnx/chain",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names && t->status == TCONV_OK; i++)
        read_model(t, file_of(names[i]), NULL, NULL);
}

/* Two tensors of one name, and a layer that declares more outputs than it can have: bytes of a model changed. */
static void twins(struct trial *t)
{
    static unsigned char bytes[8192];
    tconv_source *source;
    tconv_container *model = ANYTHING;
    FILE *file = fopen(file_of("oracle/models/tiny.tflite"), "rb");
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    require(t, file != NULL && fclose(file) == 0 && size > 0 && size < sizeof bytes, "a model");
    for (size_t i = 0; i + 4 < size; i++)
        if (memcmp(bytes + i, "cw", 3) == 0)
            memcpy(bytes + i, "cb", 2);
    bytes[928] = 255;        /* an output size of `up`, little-endian */
    require(t, tconv_source_open_memory(&source, bytes, size) == TCONV_OK, "a source");
    if (MADE(model, tconv_container_open_source(&model, source, NULL, NULL, &t->error))) {
        for (size_t i = 0; i < tconv_container_tensors(model); i++)
            note(t, tconv_container_tensor(model, i)->name, strlen(tconv_container_tensor(model, i)->name));
        bool impossible = false;
        for (size_t i = 0; i < tconv_container_layers(model); i++)
            if (tconv_container_layer(model, i)->obstacle != NULL)
                impossible = impossible || strstr(tconv_container_layer(model, i)->obstacle, "output padding is 248") != NULL;
        require(t, impossible, "a layer that is not possible");
        QUIET(tconv_container_close(model));
    }
    tconv_source_close(source);
}

static void tflite(struct trial *t)
{
    read_model(t, file_of("oracle/models/tiny.tflite"), NULL, NULL);
}

static void safetensors(struct trial *t)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/norm.safetensors", made_folder());
    read_model(t, path, "up.weight", "2");
}

static void manifests(struct trial *t)
{
    read_model(t, made_folder(), "w", "2");
}

/* What is asked of an open model allocates nothing. */
static void questions(struct trial *t)
{
    tconv_container *model = ANYTHING;
    tconv_source *source;
    char text[100];
    tconv_layout layout;
    struct bytes head = { 0 };
    double values[8];
    require(t, tconv_source_open(&source, file_of("oracle/models/spelt_out.onnx"), NULL) == TCONV_OK, "a model");
    bytes_fill(&head, 0, 64);
    require(t, tconv_source_read(source, 0, 64, head.data, NULL) == TCONV_OK, "its first bytes");
    if (MADE(model, tconv_container_open_source(&model, source, NULL, NULL, &t->error))) {
        QUIET(tconv_container_format_text(TCONV_CONTAINER_ONNX));
        QUIET(tconv_container_recognise(head.data, head.size));
        QUIET(tconv_container_kind(model));
        QUIET(tconv_container_has_graph(model));
        QUIET(tconv_container_tensors(model));
        QUIET(tconv_container_tensor(model, 0));
        QUIET(tconv_container_find(model, "to6"));
        QUIET(tconv_container_layers(model));
        QUIET(tconv_container_layer(model, 0));
        QUIET(tconv_tensor_candidate(tconv_container_tensor(model, 0), &layout, text, sizeof text));
        QUIET_IS(TCONV_OK, tconv_container_check_replace_layer(model, 0, &t->error));
        QUIET(tconv_container_layer_element(model, 0));
        if (TRY(tconv_onnx_load_integers(model, tconv_container_find(model, "to6"), values, &t->error)))
            note_doubles(t, values, 6);
        tconv_container_close(model);
    }
    tconv_source_close(source);
    bytes_free(&head);
}

static void graphs(struct trial *t)
{
    tconv_container *model;
    require(t, tconv_container_open(&model, file_of("oracle/models/spelt_out.onnx"), NULL, NULL) == TCONV_OK, "a model");
    const tconv_onnx_graph *graph = tconv_container_onnx(model);
    QUIET(tconv_container_onnx(model));
    const tconv_onnx_node *node = tconv_onnx_node_at(graph, 0);
    QUIET(tconv_onnx_nodes(graph));
    QUIET(tconv_onnx_node_at(graph, 0));
    QUIET(tconv_onnx_opset(graph));
    QUIET(tconv_onnx_inputs(graph));
    QUIET(tconv_onnx_input(graph, 0));
    QUIET(tconv_onnx_outputs(graph));
    QUIET(tconv_onnx_output(graph, 0));
    QUIET(tconv_onnx_producer(graph, "y"));
    QUIET(tconv_onnx_value_of(graph, "x"));
    QUIET(tconv_onnx_find(node, "pads"));
    QUIET(tconv_onnx_int(node, "group", 1));
    QUIET(tconv_onnx_string(node, "mode", "none"));
    QUIET(tconv_onnx_is(node, "Conv"));
    note(t, node->op_type, strlen(node->op_type));
    tconv_container_close(model);
}

/* ---- copies ---- */

/* Allocates nothing: what is written here is the suite's own affair. */
static bool digest(void *state, const void *bytes, size_t size)
{
    note(state, bytes, size);
    return true;
}

static void replace_layer(struct trial *t, const char *path, const char *glob)
{
    tconv_container *model;
    tconv_kernel *kernel = NULL;
    const tconv_geometry_options given = { .stride = { 1, { 2 } } };
    size_t added;
    require(t, tconv_container_open(&model, path, NULL, NULL) == TCONV_OK
               && (glob == NULL || tconv_container_add_layers(model, glob, &given, &added, NULL) == TCONV_OK)
               && tconv_container_load_layer(model, 0, &kernel, NULL) == TCONV_OK, "a layer");
    uint64_t before = t->digest;
    if (kernel != NULL) {
        const tconv_layer_change change = { 0, kernel };
        kernel->taps[0] = 0.5;
        if (TRY(tconv_container_replace_layer(model, 0, kernel, digest, t, &t->error)))
            (void)TRY(tconv_container_replace_layers(model, &change, 1, digest, t, &t->error));
        else
            require(t, t->digest == before, "nothing written");
    }
    tconv_kernel_destroy(kernel);
    tconv_container_close(model);
}

static void replace_tensor(struct trial *t, const char *path, size_t i)
{
    tconv_container *model;
    tconv_tensor *tensor = NULL;
    require(t, tconv_container_open(&model, path, NULL, NULL) == TCONV_OK
               && tconv_container_load_tensor(model, i, &tensor, NULL) == TCONV_OK, "a tensor");
    if (tensor != NULL) {
        double *values = calloc(tensor->count, sizeof *values);
        (void)TRY(tconv_container_replace(model, i, values, tensor->count, digest, t, &t->error));
        free(values);
    }
    tconv_tensor_destroy(tensor);
    tconv_container_close(model);
}

static void copies(struct trial *t)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/norm.safetensors", made_folder());
    replace_layer(t, path, "up.weight");
    if (t->status == TCONV_OK)
        replace_layer(t, file_of("oracle/models/typed.onnx"), NULL);
    if (t->status == TCONV_OK)
        replace_layer(t, file_of("oracle/models/shuffle.onnx"), NULL);
    if (t->status == TCONV_OK)
        replace_layer(t, file_of("oracle/models/tiny.tflite"), NULL);
    if (t->status == TCONV_OK)
        replace_layer(t, file_of("oracle/models/plain.npz"), "c");
    for (size_t i = 0; i < 2 && t->status == TCONV_OK; i++)         /* in the order of C, and of Fortran */
        replace_tensor(t, file_of("oracle/models/packed.npz"), i);
}

/* ---- networks ---- */

static void make_network(struct trial *t, const char *path, tconv_container **model, tconv_network **network)
{
    *network = ANYTHING;
    require(t, tconv_container_open(model, path, NULL, NULL) == TCONV_OK, "a model");
    if (!MADE(*network, tconv_network_create(network, *model, NULL, &t->error)))
        *network = NULL;
}

static void questions_of_a_network(struct trial *t, const tconv_network *network)
{
    QUIET(tconv_network_operator(0));
    QUIET(tconv_network_ndim(network));
    QUIET(tconv_network_channels(network));
    QUIET(tconv_network_outputs(network));
    QUIET(tconv_network_output_name(network, 0));
    QUIET(tconv_network_single_precision(network));
    QUIET(tconv_network_layers(network));
    QUIET(tconv_network_layer_at(network, 0));
    QUIET(tconv_network_joins(network));
    QUIET(tconv_network_join_at(network, 0));
}

static void run_network(struct trial *t, const char *name)
{
    static const double grey[3] = { 0.5, 0.25, 0.75 };
    tconv_container *model;
    tconv_network *network;
    tconv_torus out[1] = { { 0 } };
    make_network(t, file_of(name), &model, &network);
    if (network != NULL) {
        questions_of_a_network(t, network);
        if (TRY(tconv_network_run(network, grey, NULL, TCONV_NO_LAYER, out, &t->error)))
            note_doubles(t, out[0].data, out[0].count);
        QUIET(tconv_torus_free(&out[0]));
    }
    QUIET(tconv_network_destroy(network));
    tconv_container_close(model);
}

static void networks(struct trial *t)
{
    run_network(t, "data/step-skip.onnx");
    if (t->status == TCONV_OK)
        run_network(t, "data/step-uneven.onnx");
}

static void answers(struct trial *t)
{
    static const double grey[3] = { 0.5, 0.25, 0.75 }, range[2] = { 0.0, 1.0 };
    double worst = 0.0;
    tconv_container *model;
    tconv_network *network;
    tconv_step_response *response = ANYTHING;
    make_network(t, file_of("data/step-uneven.onnx"), &model, &network);
    if (network != NULL && MADE(response, tconv_step_response_create(&response, network, grey, NULL, true, &t->error))) {
        note_doubles(t, response->outputs[0].peak_to_peak, response->outputs[0].channels);
        QUIET(tconv_step_spread_db(response, range));
        QUIET(tconv_step_response_destroy(response));
    }
    if (t->status == TCONV_OK && TRY(tconv_network_grey_spread(network, &worst, &t->error)))
        note_doubles(t, &worst, 1);
    tconv_network_destroy(network);
    tconv_container_close(model);
}

static void flat_repairs(struct trial *t)
{
    const tconv_flat_repair_options options = { .colours = 5 };
    tconv_container *model;
    tconv_flat_repair *repair = ANYTHING;
    require(t, tconv_container_open(&model, file_of("data/step-uneven.onnx"), NULL, NULL) == TCONV_OK, "a model");
    if (MADE(repair, tconv_flat_repair_create(&repair, model, &options, &t->error))) {
        note_doubles(t, repair->values, repair->count);
        if (TRY(tconv_flat_repair_compare(repair, model, model, &t->error)))
            note_doubles(t, &repair->held_out_before.rms, 1);
        QUIET(tconv_flat_repair_destroy(repair));
    }
    tconv_container_close(model);
}

const struct trial_case trials_model[] = {
    { "npz", npz, 0, 100 }, { "PyTorch, zip", torch_zip, 0, 100 }, { "PyTorch, stream", torch_stream, 0, 0 },
    { "PyTorch, nested", torch_nested, 0, 100 }, { "ONNX", onnx, 0, 0 }, { "TFLite", tflite, 0, 0 }, { "twins", twins, 0, 0 },
    { "safetensors", safetensors, 0, 0 }, { "manifests", manifests, 0, 0 }, { "questions", questions, 0, 0 },
    { "graphs", graphs, 0, 0 }, { "copies", copies, 0, 40 }, { "networks", networks, 0, 0 }, { "answers", answers, 0, 0 },
    { "flat repairs", flat_repairs, 0, 0 }, { NULL, NULL, 0, 0 } };
