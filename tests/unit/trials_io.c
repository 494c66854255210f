/* Trials of lib/io but for models: sources, texts, arrays, audio, pictures, tables, configurations. */
#define _GNU_SOURCE         /* F_SETPIPE_SZ */
#include "trials.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing_model.h"

static char text_path[64], audio_path[64];

void trials_io_end(void)
{
    (void)unlink(text_path);
    (void)unlink(audio_path);
}

/* A file of these bytes, made once; its path is in `path`. */
static void make_file(char path[64], const void *bytes, size_t size)
{
    if (path[0] != '\0')
        return;
    (void)snprintf(path, 64, "/tmp/tconv_memory_XXXXXX");
    int descriptor = mkstemp(path);
    CHECK(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size && close(descriptor) == 0);
}

static tconv_source *source_of(const void *bytes, size_t size)
{
    tconv_source *source;
    CHECK(tconv_source_open_memory(&source, bytes, size) == TCONV_OK);
    return source;
}

/* ---- sources ---- */

static void read_source(struct trial *t, tconv_source *source)
{
    unsigned char *bytes = ANYTHING, some[4];
    size_t size = 0;
    QUIET(tconv_source_size(source));
    QUIET_IS(TCONV_OK, tconv_source_read(source, 1, 4, some, &t->error));
    if (MADE(bytes, tconv_source_read_all(source, &bytes, &size, &t->error))) {
        note(t, bytes, size);
        tconv_free(bytes);
    }
    QUIET(tconv_source_close(source));
}

/* A stream of more than the first block that is asked for. */
static void streams(struct trial *t)
{
    enum { BYTES = 200000 };
    int ends[2];
    char path[32];
    unsigned char *bytes = calloc(BYTES, 1);
    tconv_source *source = ANYTHING;
    require(t, bytes != NULL && pipe(ends) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 1 << 18) >= BYTES
               && write(ends[1], bytes, BYTES) == BYTES && close(ends[1]) == 0, "a full pipe");
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    if (MADE(source, tconv_source_open(&source, path, &t->error))) {
        note(t, &(uint64_t){ tconv_source_size(source) }, sizeof(uint64_t));
        QUIET(tconv_source_close(source));
    }
    (void)close(ends[0]);
    free(bytes);
}

static void sources(struct trial *t)
{
    tconv_source *source = ANYTHING;
    make_file(text_path, "bytes of a file", 15);
    if (MADE(source, tconv_source_open(&source, text_path, &t->error)))
        read_source(t, source);
    source = ANYTHING;
    if (t->status == TCONV_OK && MADE(source, tconv_source_open_beneath(&source, "/tmp", text_path + strlen("/tmp/"), &t->error)))
        read_source(t, source);
    source = ANYTHING;
    if (t->status == TCONV_OK && MADE(source, tconv_source_open_memory(&source, "bytes of the caller", 19)))
        read_source(t, source);
}

/* ---- texts ---- */

static void texts(struct trial *t)
{
    static const char text[] = "# tconv: stride=2 padding=1\n0.25 0.75\n0.75 0.5\n";
    tconv_source *source = source_of(text, sizeof text - 1);
    tconv_text_table table;
    tconv_buffer out = { 0 };
    if (TRY(tconv_text_read(source, &table, &t->error))) {
        note_doubles(t, table.values, 4);
        QUIET(tconv_text_free(&table));
    } else
        require(t, table.values == NULL, "an empty table");
    tconv_source_close(source);
    if (t->status == TCONV_OK && TRY(tconv_text_write(trial_single(), "a title", &out, &t->error)))
        (void)FILL(&out, tconv_text_comment(&out, "a comment\nof two lines"));
    note_buffer(t, &out);
}

static void words(struct trial *t)
{
    tconv_geometry_options given = { 0 };
    tconv_layer_spec spec;
    tconv_buffer out = { 0 };
    char quote[TCONV_QUOTE_SIZE], number[TCONV_NUMBER_SIZE];
    double value;
    int64_t whole;
    QUIET_IS(TCONV_OK, tconv_geometry_text_set(&given, "stride", "2,2", ',', 1, 1, &t->error));
    QUIET(tconv_geometry_text_given(&given, "stride"));
    QUIET_IS(TCONV_OK, tconv_layer_spec_parse("up.*:s=2,p=1", &spec, &t->error));
    QUIET(tconv_glob_match("up.*", "up.weight"));
    QUIET_IS(TCONV_NUMBER_OK, tconv_number_parse("0.125", 5, &value));
    QUIET_IS(TCONV_NUMBER_OK, tconv_integer_parse("125", 3, &whole));
    QUIET_IS(TCONV_EFORMAT, tconv_number_fail(TCONV_NUMBER_MALFORMED, "x", 1, 1, 1, &t->error));
    QUIET(tconv_quote("text", 4, quote));
    QUIET(tconv_number_shortest(0.1, number));
    QUIET(tconv_number_fixed(0.1, 3, number, sizeof number));
    QUIET(tconv_file_format_word(TCONV_FILE_NPY));
    QUIET(tconv_file_format_what(TCONV_FILE_NPY));
    if (FILL(&out, tconv_geometry_text_write(&trial_layer()->geometry, &out)))
        (void)FILL(&out, tconv_number_append(&out, 0.1));
    note_buffer(t, &out);
}

static void tables(struct trial *t)
{
    static const char *const columns[2] = { "frequency", "gain" };
    tconv_buffer out = { 0 };
    if (FILL(&out, tconv_table_begin(&out, "a table", columns, 2)) && FILL(&out, tconv_table_block(&out, 0, "a block"))
        && FILL(&out, tconv_table_row(&out, (double[]){ 0.25, 0.1 }, 2)))
        (void)FILL(&out, tconv_table_scan_line(&out));
    note_buffer(t, &out);
}

static void configurations(struct trial *t)
{
    static const char text[] =
        "{\"upsample_rates\": [8, 2], \"upsample_kernel_sizes\": [16, 4], \"sampling_rate\": 22050, \"hop_size\": 256}";
    tconv_source *source = source_of(text, sizeof text - 1);
    tconv_vocoder_config config;
    if (TRY(tconv_vocoder_config_read(source, &config, &t->error))) {
        note(t, &config.layers[1].n_taps, sizeof config.layers[1].n_taps);
        QUIET(tconv_vocoder_frame_rate(&config));
    }
    tconv_source_close(source);
}

/* ---- arrays, kernels ---- */

static void arrays(struct trial *t)
{
    tconv_buffer out = { 0 };
    tconv_tensor *tensor = ANYTHING;
    tconv_npy_header header;
    tconv_source *source = NULL;
    require(t, tconv_tensor_create(&tensor, TCONV_F32, (size_t[]){ 2, 3 }, 2) == TCONV_OK, "a tensor");
    tconv_tensor_set(tensor, 4, 0.5);
    if (TRY(tconv_npy_write(tensor, &out, &t->error)))
        source = source_of(out.text, out.length);
    tconv_tensor_destroy(tensor);
    if (source != NULL) {
        tensor = ANYTHING;
        QUIET(tconv_npy_is(source));
        if (TRY(tconv_npy_read_header(source, &header, &t->error)) && MADE(tensor, tconv_npy_read(source, &tensor, &t->error))) {
            note(t, tensor->data, 6 * sizeof(float));
            tconv_tensor_destroy(tensor);
        }
    }
    tconv_source_close(source);
    note_buffer(t, &out);
}

static void arrays_in_the_order_of_fortran(struct trial *t)
{
    char path[600];
    tconv_source *source;
    tconv_tensor *tensor = ANYTHING;
    (void)snprintf(path, sizeof path, "%s/tests/oracle/npy/rank4_fortran.npy", test_root_folder());
    CHECK(tconv_source_open(&source, path, NULL) == TCONV_OK);
    if (MADE(tensor, tconv_npy_read(source, &tensor, &t->error))) {
        note(t, tensor->data, tensor->count * tconv_element_bytes(tensor->element));
        tconv_tensor_destroy(tensor);
    }
    tconv_source_close(source);
}

static void kernel_files(struct trial *t)
{
    static const char text[] = "0.25 0.75 0.75 0.5\n";
    const tconv_geometry_options given = { .stride = { 1, { 2 } } };
    tconv_source *source = source_of(text, sizeof text - 1);
    tconv_kernel *kernel = ANYTHING;
    tconv_file_format format;
    QUIET(tconv_file_format_of(source));
    if (MADE(kernel, tconv_kernel_file_read(source, &given, &kernel, &format, &t->error)))
        note_kernel(t, kernel);
    tconv_source_close(source);
    tconv_buffer array = { 0 };
    tconv_tensor *tensor;
    require(t,
            tconv_kernel_to_tensor(trial_layer(), &tensor, NULL) == TCONV_OK && tconv_npy_write(tensor, &array, NULL) == TCONV_OK,
            "an array");
    tconv_tensor_destroy(tensor);
    source = source_of(array.text, array.length);
    kernel = ANYTHING;
    if (t->status == TCONV_OK && MADE(kernel, tconv_kernel_file_read(source, &given, &kernel, &format, &t->error)))
        note_kernel(t, kernel);
    tconv_source_close(source);
    tconv_buffer_free(&array);
}

/* ---- audio, pictures ---- */

/* No FLAC: libsndfile has other words for its lack of memory there, or none. */
enum { WAV_OF_16_BITS = 0x010002, FRAMES = 64 };

static void written_audio(struct trial *t)
{
    double frames[FRAMES];
    const tconv_audio_info info = { FRAMES, 1, 8000, WAV_OF_16_BITS };
    tconv_audio *audio = ANYTHING;
    FILE *file = tmpfile();
    for (size_t i = 0; i < FRAMES; i++)
        frames[i] = (double)(i * i % 13) / 16.0;
    if (MADE(audio, tconv_audio_create(&audio, fileno(file), &info, &t->error))) {
        if (TRY(tconv_audio_write(audio, frames, FRAMES, &t->error)))
            (void)TRY(tconv_audio_finish(audio, &t->error));
        QUIET(tconv_audio_close(audio));
    }
    unsigned char bytes[4096];
    if (t->status == TCONV_OK && fseek(file, 0, SEEK_SET) == 0)
        note(t, bytes, fread(bytes, 1, sizeof bytes, file));
    (void)fclose(file);
}

static void make_audio(char path[64])
{
    const tconv_audio_info info = { FRAMES, 1, 8000, WAV_OF_16_BITS };
    double frames[FRAMES] = { 0.5, 0.25, -0.5 };
    tconv_audio *audio = NULL;
    make_file(path, "", 0);
    FILE *file = fopen(path, "w+b");
    CHECK(file != NULL && tconv_audio_create(&audio, fileno(file), &info, NULL) == TCONV_OK
          && tconv_audio_write(audio, frames, FRAMES, NULL) == TCONV_OK && tconv_audio_finish(audio, NULL) == TCONV_OK);
    tconv_audio_close(audio);
    (void)fclose(file);
}

static void audio_files(struct trial *t)
{
    double frames[FRAMES];
    size_t got = 0;
    tconv_audio_info info;
    tconv_audio *audio = ANYTHING;
    if (audio_path[0] == '\0')
        make_audio(audio_path);
    if (!MADE(audio, tconv_audio_open(&audio, audio_path, &info, &t->error)))
        return;
    if (TRY(tconv_audio_read(audio, frames, FRAMES, &got, &t->error)))
        note_doubles(t, frames, got);
    QUIET(tconv_audio_close(audio));
}

static void pictures(struct trial *t)
{
    tconv_buffer out = { 0 };
    tconv_tensor *picture;
    tconv_source *source = NULL;
    int bits = 0;
    require(t, tconv_tensor_create(&picture, TCONV_F64, (size_t[]){ 3, 4, 5 }, 3) == TCONV_OK, "a picture");
    for (size_t i = 0; i < 60; i++)
        tconv_tensor_set(picture, i, (double)(4 * i));
    if (TRY(tconv_picture_write(picture, 8, &out, &t->error))) {
        t->status = out.status;
        t->says = false;                  /* kept in the buffer */
    }
    if (t->status == TCONV_OK)
        source = source_of(out.text, out.length);
    tconv_tensor_destroy(picture);
    picture = ANYTHING;
    if (source != NULL && MADE(picture, tconv_picture_read(source, &picture, &bits, &t->error))) {
        note_doubles(t, picture->data, 60);
        tconv_tensor_destroy(picture);
    }
    tconv_source_close(source);
    note_buffer(t, &out);
}

const struct trial_case trials_io[] = {
    { "sources", sources, 0, 0 }, { "streams", streams, 0, 0 }, { "texts", texts, 0, 0 }, { "words", words, 0, 0 }, { "tables", tables, 0, 0 },
    { "configurations", configurations, 12, 0 }, { "arrays", arrays, 0, 0 },
    { "arrays in the order of Fortran", arrays_in_the_order_of_fortran, 0, 0 }, { "kernel files", kernel_files, 0, 0 },
    { "written audio", written_audio, 2, 0 }, { "audio files", audio_files, 2, 0 },
    { "pictures", pictures, 0, 0 }, { NULL, NULL, 0, 0 } };
