#include "testing_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BUDGET ((size_t)64 << 20)

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){ 0 };
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    if (size > bytes->capacity - bytes->size) {
        bytes->capacity = 2 * bytes->capacity + size + 64;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (bytes->data == NULL)
            abort();
    }
    if (size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void bytes_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

void bytes_fill(struct bytes *bytes, unsigned char value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_add(bytes, &value, 1);
}

void bytes_little(struct bytes *bytes, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes_fill(bytes, (unsigned char)(value >> 8 * i), 1);
}

void bytes_f32(struct bytes *bytes, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bytes_little(bytes, bits, 4);
    }
}

/* ---- zip ---- */

static void zip_member(struct zip_builder *zip, const char *name, const void *stored, size_t stored_size, uint32_t size,
                       uint32_t crc, unsigned method)
{
    uint32_t offset = (uint32_t)zip->file.size;
    struct bytes common = { 0 };
    bytes_little(&common, 20, 2);
    bytes_little(&common, 0, 2);
    bytes_little(&common, method, 2);
    bytes_little(&common, 0x00210000, 4);      /* 1980-01-01 */
    bytes_little(&common, crc, 4);
    bytes_little(&common, stored_size, 4);
    bytes_little(&common, size, 4);
    bytes_little(&common, strlen(name), 2);
    bytes_little(&common, 0, 2);
    bytes_text(&zip->file, "PK\3\4");
    bytes_add(&zip->file, common.data, common.size);
    bytes_text(&zip->file, name);
    bytes_add(&zip->file, stored, stored_size);
    bytes_text(&zip->directory, "PK\1\2");
    bytes_little(&zip->directory, 20, 2);
    bytes_add(&zip->directory, common.data, common.size);
    bytes_little(&zip->directory, 0, 2);
    bytes_little(&zip->directory, 0, 2);
    bytes_little(&zip->directory, 0, 2);
    bytes_little(&zip->directory, 0, 4);
    bytes_little(&zip->directory, offset, 4);
    bytes_text(&zip->directory, name);
    bytes_free(&common);
    zip->members++;
}

static uint32_t crc_of(const void *data, size_t size)
{
    return (uint32_t)crc32(0, data, (uInt)size);
}

void zip_add(struct zip_builder *zip, const char *name, const void *data, size_t size)
{
    zip_member(zip, name, data, size, (uint32_t)size, crc_of(data, size), 0);
}

void zip_add_as(struct zip_builder *zip, const char *name, const void *data, size_t size, uint32_t declared, bool crc_error)
{
    zip_member(zip, name, data, size, declared, crc_of(data, size) ^ (crc_error ? 1 : 0), 0);
}

void zip_add_deflated(struct zip_builder *zip, const char *name, const void *data, size_t size)
{
    z_stream z = { 0 };
    uLong room = compressBound((uLong)size) + 64;
    unsigned char *packed = malloc(room);
    if (packed == NULL || deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    z.next_in = (unsigned char *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = packed;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    zip_member(zip, name, packed, z.total_out, (uint32_t)size, crc_of(data, size), 8);
    deflateEnd(&z);
    free(packed);
}

void zip_end(struct zip_builder *zip)
{
    size_t at = zip->file.size;
    bytes_add(&zip->file, zip->directory.data, zip->directory.size);
    bytes_text(&zip->file, "PK\5\6");
    bytes_little(&zip->file, 0, 4);
    bytes_little(&zip->file, zip->members, 2);
    bytes_little(&zip->file, zip->members, 2);
    bytes_little(&zip->file, zip->directory.size, 4);
    bytes_little(&zip->file, at, 4);
    bytes_little(&zip->file, 0, 2);
}

void zip_free(struct zip_builder *zip)
{
    bytes_free(&zip->file);
    bytes_free(&zip->directory);
    zip->members = 0;
}

/* ---- protobuf ---- */

void proto_varint(struct bytes *bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        bytes_fill(bytes, (unsigned char)(value | 0x80), 1);
    bytes_fill(bytes, (unsigned char)value, 1);
}

void proto_number(struct bytes *bytes, unsigned field, uint64_t value)
{
    proto_varint(bytes, (uint64_t)field << 3);
    proto_varint(bytes, value);
}

void proto_bytes(struct bytes *bytes, unsigned field, const void *data, size_t size)
{
    proto_varint(bytes, (uint64_t)field << 3 | 2);
    proto_varint(bytes, size);
    bytes_add(bytes, data, size);
}

void proto_text(struct bytes *bytes, unsigned field, const char *text)
{
    proto_bytes(bytes, field, text, strlen(text));
}

void proto_message(struct bytes *bytes, unsigned field, struct bytes *message)
{
    proto_bytes(bytes, field, message->data, message->size);
    bytes_free(message);
}

/* ---- checks ---- */

void check_refused(const char *name, const struct bytes *bytes, tconv_status status, const char *part)
{
    tconv_source *source;
    tconv_container *container;
    tconv_error error = { 0 };
    size_t before = tconv_memory_in_use();
    tconv_memory_set_budget(before + BUDGET);
    CHECK(tconv_source_open_memory(&source, bytes->data, bytes->size) == TCONV_OK);
    tconv_status got = tconv_container_open(&container, "/nonexistent", NULL, NULL);
    got = tconv_container_open_source(&container, source, NULL, NULL, &error);
    CHECK_MESSAGE(got == status && container == NULL, "%s: %s, wanted %s (%s)", name, tconv_status_name(got),
                  tconv_status_name(status), error.message);
    CHECK_MESSAGE(strstr(error.message, part) != NULL, "%s: the message '%s' holds '%s'", name, error.message, part);
    tconv_container_close(container);
    tconv_source_close(source);
    CHECK_MESSAGE(tconv_memory_in_use() == before, "%s: everything is given back", name);
    tconv_memory_set_budget(0);
}

static void load_all(tconv_container *container, const char *name)
{
    for (size_t i = 0; i < tconv_container_tensors(container); i++) {
        tconv_tensor *tensor;
        tconv_error error = { 0 };
        if (tconv_container_load_tensor(container, i, &tensor, &error) != TCONV_OK && name != NULL)
            CHECK_MESSAGE(error.message[0] != '\0', "%s: tensor %zu is refused with a sentence", name, i);
        tconv_tensor_destroy(tensor);
        char text[256];
        tconv_layout layout;
        (void)tconv_tensor_candidate(tconv_container_tensor(container, i), &layout, text, sizeof text);
    }
    for (size_t i = 0; i < tconv_container_layers(container); i++) {
        tconv_kernel *kernel;
        tconv_error error = { 0 };
        if (tconv_container_load_layer(container, i, &kernel, &error) != TCONV_OK && name != NULL)
            CHECK_MESSAGE(error.message[0] != '\0', "%s: layer %zu is refused with a sentence", name, i);
        tconv_kernel_destroy(kernel);
    }
}

tconv_container *check_opens(const char *name, const struct bytes *bytes, tconv_source **source)
{
    tconv_container *container;
    tconv_error error = { 0 };
    CHECK(tconv_source_open_memory(source, bytes->data, bytes->size) == TCONV_OK);
    tconv_status status = tconv_container_open_source(&container, *source, NULL, NULL, &error);
    CHECK_MESSAGE(status == TCONV_OK, "%s opens: %s", name, error.message);
    if (container != NULL)
        load_all(container, name);
    return container;
}

void try_everything(const void *data, size_t size)
{
    tconv_source *source;
    tconv_container *container;
    tconv_error error = { 0 };
    if (tconv_source_open_memory(&source, data, size) != TCONV_OK)
        return;
    if (tconv_container_open_source(&container, source, NULL, NULL, &error) == TCONV_OK)
        load_all(container, NULL);
    tconv_container_close(container);
    tconv_source_close(source);
}

void check_truncations(const char *name, const struct bytes *bytes, bool all)
{
    size_t before = tconv_memory_in_use();
    for (size_t size = 0; size < bytes->size; size++) {
        unsigned char *copy = malloc(size + 1);      /* a block of its own: reading past it is seen */
        if (copy == NULL)
            return;
        memcpy(copy, bytes->data, size);
        if (all) {
            struct bytes cut = { copy, size, size };
            tconv_source *source;
            tconv_container *container;
            tconv_error error = { 0 };
            CHECK(tconv_source_open_memory(&source, cut.data, cut.size) == TCONV_OK);
            tconv_status status = tconv_container_open_source(&container, source, NULL, NULL, &error);
            CHECK_MESSAGE(status != TCONV_OK && error.message[0] != '\0', "%s cut at byte %zu is refused", name, size);
            tconv_container_close(container);
            tconv_source_close(source);
        } else {
            try_everything(copy, size);
        }
        free(copy);
    }
    CHECK_MESSAGE(tconv_memory_in_use() == before, "%s: cut files give everything back", name);
}

void check_mutations(const struct bytes *bytes, size_t rounds)
{
    size_t before = tconv_memory_in_use();
    unsigned char *copy = malloc(bytes->size);
    if (copy == NULL || bytes->size == 0) {
        free(copy);
        return;
    }
    tconv_memory_set_budget(before + BUDGET);
    for (size_t round = 0; round < rounds; round++) {
        memcpy(copy, bytes->data, bytes->size);
        size_t changes = random_between(1, 4);
        for (size_t i = 0; i < changes; i++) {
            size_t at = round < 4 * bytes->size && i == 0 ? round / 4 : random_between(0, bytes->size - 1);
            static const unsigned char values[] = { 0x00, 0xff, 0x7f, 0x80 };
            copy[at] = random_between(0, 1) == 0 ? values[random_between(0, 3)] : (unsigned char)random_bits();
        }
        try_everything(copy, bytes->size);
    }
    free(copy);
    CHECK_MESSAGE(tconv_memory_in_use() == before, "changed files give everything back");
    tconv_memory_set_budget(0);
}

void check_tensor(tconv_container *container, const char *name, const size_t *shape, size_t rank, const double *values,
                  size_t count)
{
    size_t at = tconv_container_find(container, name);
    CHECK_MESSAGE(at != SIZE_MAX, "there is a tensor '%s'", name);
    if (at == SIZE_MAX)
        return;
    tconv_tensor *tensor;
    tconv_error error = { 0 };
    CHECK_MESSAGE(tconv_container_load_tensor(container, at, &tensor, &error) == TCONV_OK, "%s loads: %s", name, error.message);
    if (tensor == NULL)
        return;
    bool same = tensor->rank == rank;
    for (size_t i = 0; same && i < rank; i++)
        same = tensor->shape[i] == shape[i];
    CHECK_MESSAGE(same, "%s has its shape", name);
    CHECK_MESSAGE(tensor->count >= count, "%s has at least %zu values", name, count);
    for (size_t i = 0; i < count && i < tensor->count; i++)
        CHECK_CLOSE(name, i, tconv_tensor_get(tensor, i), values[i], 0.0);
    tconv_tensor_destroy(tensor);
}

struct bytes model_bytes(const char *name)
{
    char path[640];
    tconv_source *source;
    struct bytes file = { 0 };
    unsigned char *all;
    size_t size;
    (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), name);
    CHECK(tconv_source_open(&source, path, NULL) == TCONV_OK);
    if (source != NULL && tconv_source_read_all(source, &all, &size, NULL) == TCONV_OK) {
        bytes_add(&file, all, size);
        tconv_free(all);
    }
    tconv_source_close(source);
    return file;
}
