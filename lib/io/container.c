#include "container.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../core/memory.h"
#include "catalogue.h"

#define RECOGNISED_BYTES ((size_t)512)

const char *tconv_container_format_text(tconv_container_format format)
{
#define TEXT(name, text) text,
    static const char *const texts[] = { TCONV_CONTAINER_LIST(TEXT) };
#undef TEXT
    return (unsigned)format < TCONV_CONTAINER_NONE ? texts[format] : "unknown";
}

static bool begins(const unsigned char *bytes, size_t size, size_t at, const char *text, size_t length)
{
    return at + length <= size && memcmp(bytes + at, text, length) == 0;
}

/* 8 bytes of length, little-endian, then '{'. */
static bool is_safetensors(const unsigned char *bytes, size_t size)
{
    uint64_t length = 0;
    for (size_t i = 0; i < 8 && i < size; i++)
        length |= (uint64_t)bytes[i] << 8 * i;
    return size >= 9 && bytes[8] == '{' && length <= UINT64_C(100000000);
}

static bool is_json(const unsigned char *bytes, size_t size)
{
    size_t i = 0;
    while (i < size && (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\t' || bytes[i] == '\r'))
        i++;
    return i < size && bytes[i] == '{';
}

/* A ModelProto begins with one of its fields: 1 ir_version and 5 model_version are numbers, 2 producer_name, 3, 4, 6
 * strings, 7 graph, 8 opset_import, 14 metadata_props, 20, 25 messages. Writers begin with ir_version or producer_name. */
static bool is_onnx(const unsigned char *bytes, size_t size)
{
    if (size >= 4 && bytes[0] == 0x08)                    /* ir_version: a small number, then the next field */
        return bytes[1] < 0x40 && (bytes[2] & 7) != 3 && (bytes[2] & 7) != 4;
    return size >= 4 && (bytes[0] == 0x12 || bytes[0] == 0x3a || bytes[0] == 0x42) && bytes[1] != 0;
}

tconv_container_format tconv_container_recognise(const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    if (begins(b, size, 0, "PK\3\4", 4) || begins(b, size, 0, "PK\5\6", 4))
        return TCONV_CONTAINER_NPZ;
    if (begins(b, size, 0, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14))
        return TCONV_CONTAINER_TORCH;
    if (begins(b, size, 4, "TFL3", 4))
        return TCONV_CONTAINER_TFLITE;
    if (is_safetensors(b, size))
        return TCONV_CONTAINER_SAFETENSORS;
    if (is_json(b, size))
        return TCONV_CONTAINER_MANIFEST;
    return is_onnx(b, size) ? TCONV_CONTAINER_ONNX : TCONV_CONTAINER_NONE;
}

/* What a file is that no reader here takes, as far as its first bytes tell. */
static tconv_status not_known(const unsigned char *bytes, size_t size, bool onnx_only, tconv_error *error)
{
    const char *known = onnx_only ? "ONNX is" : "safetensors, npz, PyTorch, ONNX, TensorFlow Lite and manifest.json are";
    if (size == 0)
        return tconv_fail(error, TCONV_EFORMAT, "the file is empty");
    if (begins(bytes, size, 0, "\x89HDF\r\n\x1a\n", 8))
        return tconv_fail(error, TCONV_EUNSUPPORTED, "HDF5 files are not read; %s", known);
    if (begins(bytes, size, 257, "ustar", 5))
        return tconv_fail(error, TCONV_EUNSUPPORTED, "tar archives, also those of PyTorch before 0.1.10, are not read; %s", known);
    if (size >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "a bare pickle is not read; %s", known);
    return onnx_only ? tconv_fail(error, TCONV_EFORMAT, "the file is no ONNX model")
                     : tconv_fail(error, TCONV_EFORMAT, "the file is no model container; %s", known);
}

/* An archive with a data.pkl is PyTorch's, any other NumPy's. */
static tconv_status read_archive(tconv_container *made, tconv_error *error)
{
    tconv_zip *zip;
    tconv_status status = tconv_zip_open(&zip, made->source, error);
    if (status != TCONV_OK)
        return status;
    for (size_t i = 0; i < tconv_zip_count(zip); i++) {
        const char *name = tconv_zip_name(zip, i);
        size_t length = strlen(name);
        if (length >= 8 && strcmp(name + length - 8, "data.pkl") == 0)
            return tconv_torch_zip_open(made, zip, i, error);
    }
    return tconv_npz_open(made, zip, error);
}

static tconv_status read_directory(tconv_container *made, tconv_error *error)
{
    unsigned char bytes[RECOGNISED_BYTES];
    uint64_t whole = tconv_source_size(made->source);
    size_t size = whole < sizeof bytes ? (size_t)whole : sizeof bytes;
    tconv_status status = tconv_source_read(made->source, 0, size, bytes, error);
    if (status != TCONV_OK)
        return status;
    made->format = tconv_container_recognise(bytes, size);
    if (made->options.onnx_only && made->format != TCONV_CONTAINER_ONNX && made->format != TCONV_CONTAINER_NONE)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the answer of a network needs its graph of operators: an ONNX file");
    switch (made->format) {
    case TCONV_CONTAINER_SAFETENSORS:
        status = tconv_safetensors_open(made, error);
        break;
    case TCONV_CONTAINER_NPZ:
        status = read_archive(made, error);
        break;
    case TCONV_CONTAINER_TORCH:
        status = tconv_torch_stream_open(made, error);
        break;
    case TCONV_CONTAINER_ONNX:
        status = tconv_onnx_open(made, error);
        break;
    case TCONV_CONTAINER_TFLITE:
        status = tconv_tflite_open(made, error);
        break;
    case TCONV_CONTAINER_MANIFEST:
        status = tconv_manifest_open(made, error);
        break;
    case TCONV_CONTAINER_NONE:
        return not_known(bytes, size, made->options.onnx_only, error);
    }
    return status == TCONV_OK && !made->has_graph ? tconv_fuse_weight_norm(made, error) : status;
}

tconv_status tconv_container_open_source(tconv_container **container, tconv_source *source, const char *folder,
                                         const tconv_container_options *options, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *container = NULL;
    tconv_container *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->source = source;
    if (options != NULL)
        made->options = *options;
    if (made->options.max_tensor_bytes == 0)
        made->options.max_tensor_bytes = TCONV_DEFAULT_TENSOR_BYTES;
    if (folder != NULL) {
        made->folder = tconv_arena_text(&made->arena, folder, strlen(folder), &status);
        if (made->folder == NULL)
            status = tconv_fail_plain(error, status);
    }
    if (status == TCONV_OK)
        status = read_directory(made, error);
    if (status != TCONV_OK)
        tconv_container_close(made);
    else
        *container = made;
    return status;
}

/* The folder part of a path: "a/b.onnx" -> "a", "b.onnx" -> ".", "/b.onnx" -> "/". */
static void folder_of(const char *path, char *folder, size_t size)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (length == 0 || length >= size)
        (void)snprintf(folder, size, ".");
    else
        (void)snprintf(folder, size, "%.*s", (int)length, path);
}

tconv_status tconv_container_open(tconv_container **container, const char *path, const tconv_container_options *options,
                                  tconv_error *error)
{
    char folder[4096];
    tconv_source *source;
    char inside[4096];
    struct stat info;
    bool is_folder = false;
    *container = NULL;
    if (strlen(path) + sizeof "/manifest.json" <= sizeof inside && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        (void)snprintf(inside, sizeof inside, "%s/manifest.json", path);
        path = inside;
        is_folder = true;
    }
    tconv_status status = tconv_source_open(&source, path, error);
    if (status != TCONV_OK)
        return status == TCONV_EREAD && is_folder
            ? tconv_fail(error, status, "it is a folder, and one is read only if it holds a manifest.json; name a file in it") : status;
    folder_of(path, folder, sizeof folder);
    bool piped = strcmp(path, "-") == 0;
    status = tconv_container_open_source(container, source, piped ? NULL : folder, options, error);
    if (status == TCONV_OK)
        (*container)->owned = source;
    else
        tconv_source_close(source);
    return status;
}

void tconv_container_close(tconv_container *container)
{
    if (container == NULL)
        return;
    if (container->close != NULL)
        container->close(container);
    tconv_source_close(container->owned);
    tconv_name_table_free(&container->names);
    tconv_free(container->records);
    tconv_free(container->layers);
    tconv_arena_free(&container->arena);
    tconv_free(container);
}

tconv_container_format tconv_container_kind(const tconv_container *container)
{
    return container->format;
}

bool tconv_container_has_graph(const tconv_container *container)
{
    return container->has_graph;
}

size_t tconv_container_tensors(const tconv_container *container)
{
    return container->n_records;
}

const tconv_tensor_info *tconv_container_tensor(const tconv_container *container, size_t i)
{
    return i < container->n_records ? &container->records[i].info : NULL;
}

size_t tconv_container_find(const tconv_container *container, const char *name)
{
    return tconv_name_table_find(&container->names, name);
}

size_t tconv_container_layers(const tconv_container *container)
{
    return container->n_layers;
}

const tconv_layer_info *tconv_container_layer(const tconv_container *container, size_t i)
{
    return i < container->n_layers ? &container->layers[i].info : NULL;
}

tconv_status tconv_container_load_tensor(tconv_container *container, size_t i, tconv_tensor **tensor, tconv_error *error)
{
    *tensor = NULL;
    if (i >= container->n_records)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no tensor %zu; the file has %zu", i, container->n_records);
    tconv_tensor_info info = container->records[i].info;
    tconv_tensor *made;
    tconv_status status = tconv_catalogue_check(container, i, error);
    if (status != TCONV_OK)
        return status;
    status = tconv_tensor_create(&made, TCONV_F64, info.shape, info.rank);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    if (info.element != TCONV_ELEMENT_COUNT)
        made->stored_as = info.element;
    status = tconv_catalogue_load(container, i, made->data, error);
    if (status != TCONV_OK)
        tconv_tensor_destroy(made);
    else
        *tensor = made;
    return status;
}
