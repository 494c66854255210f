/* Files as sources of bytes: pipes, ends, files that become shorter while they are read; and the memory of the readers. */
#include "testing_model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/arena.h"
#include "io/catalogue.h"
#include "io/vocoder_config.h"

/* A file of these bytes under a name of its own; false where /tmp takes none. */
static bool new_file(char *path, const void *data, size_t size)
{
    (void)strcpy(path, "/tmp/tconv-source-XXXXXX");
    int descriptor = mkstemp(path);
    bool made = descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size;
    if (descriptor >= 0)
        CHECK(close(descriptor) == 0);
    CHECK(made);
    return made;
}

/* A pipe by its name is read to its end, as standard input is. */
static void a_pipe_is_read_to_its_end(void)
{
    static const char text[] = "1 2 3\n";
    int ends[2];
    char name[64];
    tconv_source *source;
    tconv_error error = { 0 };
    unsigned char *all = NULL;
    size_t size, before = tconv_memory_in_use();
    CHECK(pipe(ends) == 0 && write(ends[1], text, 6) == 6 && close(ends[1]) == 0);
    (void)snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    if (access(name, R_OK) != 0) {
        test_skip("no /dev/fd");
        CHECK(close(ends[0]) == 0);
        return;
    }
    CHECK_MESSAGE(tconv_source_open(&source, name, &error) == TCONV_OK, "%s", error.message);
    CHECK(close(ends[0]) == 0);
    if (source != NULL) {
        CHECK(tconv_source_size(source) == 6 && tconv_source_read_all(source, &all, &size, &error) == TCONV_OK && size == 6);
        CHECK(all != NULL && memcmp(all, text, 7) == 0);        /* a zero byte follows */
        tconv_free(all);
    }
    tconv_source_close(source);
    CHECK(tconv_memory_in_use() == before);
}

static void bytes_beyond_the_end_are_refused(void)
{
    char path[64], byte;
    tconv_source *source;
    tconv_error error = { 0 };
    unsigned char *all;
    size_t size;
    CHECK(tconv_source_open_memory(&source, "abc", 3) == TCONV_OK);
    CHECK(tconv_source_read(source, 3, 0, NULL, &error) == TCONV_OK && tconv_source_read(source, 2, 1, &byte, &error) == TCONV_OK
          && byte == 'c');
    CHECK(tconv_source_read(source, 4, 0, &byte, &error) == TCONV_EFORMAT
          && tconv_source_read(source, 2, 2, &byte, &error) == TCONV_EFORMAT);
    CHECK_TEXT(error.message, "the file ends at byte 3; 2 bytes from 2 on are needed");
    tconv_source_close(source);
    CHECK(tconv_source_open_memory(&source, "abc", SIZE_MAX) == TCONV_OK);      /* no room for the zero byte behind */
    CHECK(tconv_source_read_all(source, &all, &size, &error) == TCONV_ESIZE && all == NULL && size == 0);
    tconv_source_close(source);
    if (!new_file(path, "abcdef", 6))
        return;
    CHECK(tconv_source_open(&source, path, &error) == TCONV_OK && truncate(path, 4) == 0);
    CHECK(tconv_source_read(source, 2, 2, (char[2]){ 0 }, &error) == TCONV_OK);
    CHECK(tconv_source_read_all(source, &all, &size, &error) == TCONV_EFORMAT && all == NULL);
    CHECK_TEXT(error.message, "the file became shorter while it was read");
    tconv_source_close(source);
    CHECK(unlink(path) == 0);
}

static bool forget(void *state, const void *bytes, size_t size)
{
    (void)state;
    (void)bytes;
    (void)size;
    return true;
}

static void replace_by_zeros(tconv_container *c, size_t i)
{
    static const double zeros[4096];
    tconv_error error = { 0 };
    size_t count = 1;
    for (size_t a = 0; a < tconv_container_tensor(c, i)->rank; a++)
        count *= tconv_container_tensor(c, i)->shape[a];
    if (count <= 4096 && tconv_container_replace(c, i, zeros, count, forget, NULL, &error) != TCONV_OK)
        CHECK(error.message[0] != '\0');
}

/* Open the file, cut it, and read it, first its directory (`late`: only its tensors): a sentence, or values as before. */
static void shorten(const char *path, const struct bytes *file, size_t to, bool late)
{
    tconv_source *source;
    tconv_container *c = NULL;
    tconv_error error = { 0 };
    int descriptor = open(path, O_WRONLY | O_TRUNC);
    CHECK(descriptor >= 0 && write(descriptor, file->data, file->size) == (ssize_t)file->size && close(descriptor) == 0);
    CHECK(tconv_source_open(&source, path, &error) == TCONV_OK);
    CHECK(late || truncate(path, (off_t)to) == 0);
    tconv_status status = tconv_container_open_source(&c, source, NULL, NULL, &error);
    CHECK_MESSAGE(late ? status == TCONV_OK : status == TCONV_OK || error.message[0] != '\0', "%s", error.message);
    CHECK(!late || truncate(path, (off_t)to) == 0);
    for (size_t i = 0; c != NULL && i < tconv_container_tensors(c); i++) {
        tconv_tensor *tensor;
        error.message[0] = '\0';
        if (tconv_container_load_tensor(c, i, &tensor, &error) != TCONV_OK)
            CHECK_MESSAGE(error.message[0] != '\0', "tensor %zu is refused with a sentence", i);
        tconv_tensor_destroy(tensor);
    }
    for (size_t i = 0; c != NULL && i < tconv_container_tensors(c); i++)
        replace_by_zeros(c, i);
    for (size_t i = 0; c != NULL && i < tconv_container_layers(c); i++) {
        tconv_kernel *kernel;
        if (tconv_container_load_layer(c, i, &kernel, &error) != TCONV_OK)
            CHECK(error.message[0] != '\0');
        tconv_kernel_destroy(kernel);
    }
    tconv_container_close(c);
    tconv_source_close(source);
}

static void models_may_become_shorter_while_they_are_read(void)
{
    static const char *const names[] = { "chain.onnx", "typed.onnx", "resize.onnx", "tiny.tflite", "stream.pt", "zip.pt",
                                         "plain.npz", "packed.npz" };
    char path[64];
    if (!new_file(path, "", 0))
        return;
    size_t before = tconv_memory_in_use();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct bytes file = model_bytes(names[i]);
        for (size_t part = 0; part < 16; part++) {
            shorten(path, &file, file.size * part / 16, false);
            shorten(path, &file, file.size * part / 16, true);
        }
        bytes_free(&file);
        CHECK_MESSAGE(tconv_memory_in_use() == before, "%s: everything is given back", names[i]);
    }
    CHECK(unlink(path) == 0);
}

/* An ONNX tensor of 20000 elements, whose end is lost behind the part of the file that its messages are in. */
static void tensors_of_onnx_may_lose_their_ends(void)
{
    static const struct { const char *name; unsigned type, field; size_t size; } cases[] = {
        { "float_data", 1, 4, 4 }, { "raw floats", 1, 9, 4 }, { "raw int64", 7, 9, 8 } };
    char path[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0] && new_file(path, "", 0); i++) {
        struct bytes tensor = { 0 }, data = { 0 }, graph = { 0 }, file = { 0 };
        static double values[20000];
        tconv_source *source;
        tconv_container *c;
        tconv_error error = { 0 };
        proto_number(&tensor, 1, 20000);
        proto_number(&tensor, 2, cases[i].type);
        proto_text(&tensor, 8, "w");
        bytes_fill(&data, 0, 20000 * cases[i].size);
        proto_message(&tensor, cases[i].field, &data);
        proto_message(&graph, 5, &tensor);
        proto_number(&file, 1, 8);
        proto_message(&file, 7, &graph);
        int descriptor = open(path, O_WRONLY);
        CHECK(descriptor >= 0 && write(descriptor, file.data, file.size) == (ssize_t)file.size && close(descriptor) == 0);
        CHECK(tconv_source_open(&source, path, &error) == TCONV_OK);
        CHECK(tconv_container_open_source(&c, source, NULL, NULL, &error) == TCONV_OK && truncate(path, 10000) == 0);
        if (c != NULL) {
            tconv_status status = cases[i].type == 7
                                ? tconv_onnx_load_integers(c, 0, values, &error) : tconv_catalogue_load(c, 0, values, &error);
            CHECK_MESSAGE(status == TCONV_EFORMAT, "%s", cases[i].name);
            CHECK_TEXT(error.message, "the file became shorter while it was read");
        }
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
        CHECK(unlink(path) == 0);
    }
}

/* The same of a configuration; and a manifest that is longer than any: all but its first byte is a hole of the file system. */
static void short_and_long_texts_are_refused(void)
{
    char path[64];
    tconv_source *source;
    tconv_vocoder_config config;
    tconv_container *c;
    tconv_error error = { 0 };
    if (!new_file(path, "{\"upsample_rates\": [2]}", 23))
        return;
    CHECK(tconv_source_open(&source, path, &error) == TCONV_OK && truncate(path, 1) == 0);
    CHECK(tconv_vocoder_config_read(source, &config, &error) == TCONV_EFORMAT);
    CHECK_TEXT(error.message, "the file became shorter while it was read");
    tconv_source_close(source);
    CHECK(truncate(path, ((off_t)16 << 20) + 1) == 0);
    CHECK(tconv_container_open(&c, path, NULL, &error) == TCONV_EFORMAT && c == NULL);
    CHECK_TEXT(error.message, "the file looks like JSON, but is longer than a manifest's 16777216 bytes");
    CHECK(unlink(path) == 0);
}

/* Sizes that no block has; an array whose double does not fit. */
static void sizes_of_the_arena_cannot_wrap(void)
{
    tconv_arena arena = { 0 };
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 14, SIZE_MAX - 15, SIZE_MAX - 40 };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tconv_status status = TCONV_OK;
        CHECK_MESSAGE(tconv_arena_take(&arena, sizes[i], &status) == NULL && status == TCONV_ESIZE, "%zu bytes", sizes[i]);
    }
    tconv_status status = TCONV_OK;
    CHECK(tconv_arena_text(&arena, "", SIZE_MAX, &status) == NULL);
    CHECK(arena.last == NULL);
    void *array = NULL;
    size_t capacity = SIZE_MAX / 2 + 1;
    CHECK(tconv_grow(&array, &capacity, capacity, 1) == TCONV_ESIZE && array == NULL && capacity == SIZE_MAX / 2 + 1);
    char *text = tconv_arena_format(&arena, &status, "%s-%d", "up", 7);
    CHECK_TEXT(text, "up-7");
    tconv_arena_free(&arena);
}

static void a_catalogue_has_a_last_tensor(void)
{
    tconv_container full = { .n_records = 1000000 };
    tconv_record record = { .kind = TCONV_RECORD_STORED, .info.name = "one more" };
    tconv_error error = { 0 };
    CHECK(tconv_catalogue_add(&full, &record, NULL, &error) == TCONV_EFORMAT);
    CHECK_TEXT(error.message, "the file lists more than 1000000 tensors");
    CHECK(full.records == NULL);
}

const struct test_suite suite = { "source", {
    { "a pipe is read to its end", a_pipe_is_read_to_its_end },
    { "bytes beyond the end are refused", bytes_beyond_the_end_are_refused },
    { "models may become shorter while they are read", models_may_become_shorter_while_they_are_read },
    { "tensors of ONNX may lose their ends", tensors_of_onnx_may_lose_their_ends },
    { "short and long texts are refused", short_and_long_texts_are_refused },
    { "sizes of the arena cannot wrap", sizes_of_the_arena_cannot_wrap },
    { "a catalogue has a last tensor", a_catalogue_has_a_last_tensor },
    { NULL, NULL } } };
