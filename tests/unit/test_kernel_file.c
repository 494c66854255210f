/* Kernel files: formats told apart by content, geometry from comments and options, what is written reads back. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tconv.h"
#include "testing_locale.h"

static tconv_status read_bytes(const void *bytes, size_t size, const tconv_geometry_options *options, tconv_kernel **kernel,
                               tconv_file_format *format, tconv_error *error)
{
    tconv_source *source;
    CHECK(tconv_source_open_memory(&source, bytes, size) == TCONV_OK);
    tconv_status status = tconv_kernel_file_read(source, options, kernel, format, error);
    CHECK((status == TCONV_OK) == (*kernel != NULL));
    tconv_source_close(source);
    return status;
}

static const tconv_geometry_options stride_3 = { .stride = { .count = 1, .values = { 3 } } };
static const tconv_geometry_options ndim_2 = { .ndim = 2 };
static const tconv_geometry_options no_padding = { .pads = { .count = 2, .values = { 0, 1 } } };

static void check_texts(void)
{
    static const struct { const char *text; const tconv_geometry_options *options; size_t ndim, taps[2], stride, begin, end; } cases[] = {
        { "# tconv: stride=2 padding=1\n1 2 3", NULL, 1, { 3, 0 }, 2, 1, 1 },
        { "# tconv: stride=2 padding=1\n1\n2\n3", NULL, 1, { 3, 0 }, 2, 1, 1 },
        { "# tconv: stride=2 padding=1\n1 2 3", &stride_3, 1, { 3, 0 }, 3, 1, 1 },
        { "# tconv: stride=2 padding=1\n1 2 3", &no_padding, 1, { 3, 0 }, 2, 0, 1 },
        { "1 2 3", &stride_3, 1, { 3, 0 }, 3, 0, 0 },
        { "1 2 3\n4 5 6", &stride_3, 2, { 2, 3 }, 3, 0, 0 },
        { "1\n2\n# tconv: stride=2 ndim=2", NULL, 2, { 2, 1 }, 2, 0, 0 },
        { "1 2\n# tconv: stride=2", &ndim_2, 2, { 1, 2 }, 2, 0, 0 },
        { "7 # tconv: stride=4", NULL, 1, { 1, 0 }, 4, 0, 0 },
        { "7 # tconv: stride=4 ndim=2", NULL, 2, { 1, 1 }, 4, 0, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_kernel *kernel;
        tconv_file_format format = TCONV_FILE_ZIP;
        tconv_error error = { .message = "" };
        tconv_status status = read_bytes(cases[i].text, strlen(cases[i].text), cases[i].options, &kernel, &format, &error);
        CHECK_MESSAGE(status == TCONV_OK && format == TCONV_FILE_TEXT, "case %zu: %s", i, error.message);
        if (status != TCONV_OK)
            continue;
        const tconv_geometry *g = &kernel->geometry;
        CHECK(g->ndim == cases[i].ndim && g->channels_in == 1 && g->channels_out == 1);
        for (size_t a = 0; a < g->ndim; a++)
            CHECK(g->axis[a].n_taps == cases[i].taps[a] && g->axis[a].stride == cases[i].stride
                  && g->axis[a].pad_begin == (int64_t)cases[i].begin && g->axis[a].pad_end == (int64_t)cases[i].end);
        if (cases[i].text[0] == '1')
            for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
                CHECK(kernel->taps[t] == (double)(t + 1));
        tconv_kernel_destroy(kernel);
    }
    CHECK(tconv_memory_in_use() == 0);
}

#define NOT_HERE ", which cannot be read here; a kernel is read from text and .npy"

static void check_refusals(void)
{
    static const struct { const char *bytes; size_t size; tconv_status status; tconv_file_format format; size_t line, column; const char *message; } cases[] = {
#define FILE_OF(bytes, status, format, line, column, message) { bytes, sizeof(bytes) - 1, status, format, line, column, message }
        FILE_OF("PK\3\4 and so on", TCONV_EUNSUPPORTED, TCONV_FILE_ZIP, 0, 0, "this is a zip archive, as .npz and .pt files are" NOT_HERE),
        FILE_OF("PK\5\6", TCONV_EUNSUPPORTED, TCONV_FILE_ZIP, 0, 0, "this is a zip archive, as .npz and .pt files are" NOT_HERE),
        FILE_OF("\2\0\0\0\0\0\0\0{}", TCONV_EUNSUPPORTED, TCONV_FILE_SAFETENSORS, 0, 0, "this is a .safetensors file" NOT_HERE),
        FILE_OF("\x80\2}q", TCONV_EUNSUPPORTED, TCONV_FILE_PICKLE, 0, 0, "this is a Python pickle, as old .pt files are" NOT_HERE),
        FILE_OF("\x08\x07\x12\x07pytorch", TCONV_EUNSUPPORTED, TCONV_FILE_ONNX, 0, 0, "this is a protobuf message, as .onnx files are" NOT_HERE),
        FILE_OF("\x1c\0\0\0TFL3", TCONV_EUNSUPPORTED, TCONV_FILE_TFLITE, 0, 0, "this is a .tflite file" NOT_HERE),
        FILE_OF("RIFF\0\0\0\0WAVE", TCONV_EUNSUPPORTED, TCONV_FILE_AUDIO, 0, 0, "this is an audio file" NOT_HERE),
        FILE_OF("fLaC", TCONV_EUNSUPPORTED, TCONV_FILE_AUDIO, 0, 0, "this is an audio file" NOT_HERE),
        FILE_OF("\x89PNG\r\n\x1a\n", TCONV_EUNSUPPORTED, TCONV_FILE_PICTURE, 0, 0, "this is a picture" NOT_HERE),
        FILE_OF("\x89HDF\r\n\x1a\n", TCONV_EUNSUPPORTED, TCONV_FILE_HDF5, 0, 0, "this is an HDF5 file" NOT_HERE),
        FILE_OF("\x1f\x8b\x08", TCONV_EUNSUPPORTED, TCONV_FILE_GZIP, 0, 0, "this is a gzip-compressed file" NOT_HERE),
        FILE_OF("\x93NUMPY", TCONV_EFORMAT, TCONV_FILE_NPY, 0, 0, "the file ends at byte 6; 10 bytes from 0 on are needed"),
        FILE_OF("\x93NUMP", TCONV_EFORMAT, TCONV_FILE_TEXT, 1, 1, "'\x93NUMP' is not a number"),
        FILE_OF("PK", TCONV_EFORMAT, TCONV_FILE_TEXT, 1, 1, "'PK' is not a number"),
        FILE_OF("", TCONV_EFORMAT, TCONV_FILE_TEXT, 0, 0, "the file is empty"),
        FILE_OF("1 2\n3 x", TCONV_EFORMAT, TCONV_FILE_TEXT, 2, 3, "'x' is not a number"),
        FILE_OF("1 2", TCONV_ENOSTRIDE, TCONV_FILE_TEXT, 0, 0, "the stride is not given, neither as an option (-s 2) nor in the file ('# tconv: stride=2')"),
        FILE_OF("1 2 # tconv: stride=2 ndim=3", TCONV_EARGUMENT, TCONV_FILE_TEXT, 0, 0, "an array of shape (2) has no 3 spatial dimensions; it is a kernel of one dimension"),
        FILE_OF("1 2 # tconv: stride=2 groups=2", TCONV_EGEOMETRY, TCONV_FILE_TEXT, 0, 0, "2 groups do not divide 1 input and 1 output channels"),
        FILE_OF("1 2 # tconv: stride=2 output_padding=5", TCONV_EGEOMETRY, TCONV_FILE_TEXT, 0, 0, "the output padding is 5; 0 to 1 (less than stride or dilation) is allowed"),
#undef FILE_OF
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_kernel *kernel;
        tconv_file_format format;
        tconv_error error = { .message = "" };
        tconv_status status = read_bytes(cases[i].bytes, cases[i].size, NULL, &kernel, &format, &error);
        CHECK_MESSAGE(status == cases[i].status && format == cases[i].format, "case %zu: %s, %s", i, tconv_status_name(status),
                      tconv_file_format_word(format));
        CHECK_TEXT(error.message, cases[i].message);
        CHECK(error.line == cases[i].line && error.column == cases[i].column);
        CHECK(read_bytes(cases[i].bytes, cases[i].size, NULL, &kernel, NULL, NULL) == status);
    }
    CHECK(tconv_memory_in_use() == 0);
    CHECK_TEXT(tconv_file_format_word(TCONV_FILE_NPY), "npy");
    CHECK_TEXT(tconv_file_format_word(TCONV_FILE_FORMAT_COUNT), "unknown");
    CHECK_TEXT(tconv_file_format_what(TCONV_FILE_FORMAT_COUNT), "unknown");
}

static tconv_kernel *random_kernel(void)
{
    size_t ndim = random_between(1, 2);
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++) {
        tconv_axis *axis = &g.axis[i];
        axis->stride = random_between(1, 5);
        axis->n_taps = random_between(1, 6);
        axis->dilation = random_between(1, 3);
        axis->pad_begin = random_small_integer(3);
        axis->pad_end = random_between(0, 1) == 0 ? axis->pad_begin : random_small_integer(3);
        axis->output_padding = random_between(0, (axis->stride > axis->dilation ? axis->stride : axis->dilation) - 1);
    }
    tconv_kernel *kernel;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    for (size_t i = 0; i < tconv_kernel_count(kernel); i++)
        kernel->taps[i] = ldexp(random_uniform(-1.0, 1.0), random_small_integer(200));
    return kernel;
}

static void check_round_trip(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        tconv_kernel *kernel = random_kernel(), *back;
        tconv_buffer out = { 0 };
        tconv_error error = { .message = "" };
        CHECK(tconv_text_write(kernel, "a title", &out, NULL) == TCONV_OK);
        tconv_status status = read_bytes(out.text, out.length, NULL, &back, NULL, &error);
        CHECK_MESSAGE(status == TCONV_OK, "%s\n%s", error.message, out.text);
        if (status == TCONV_OK) {
            CHECK_MESSAGE(back->geometry.ndim == kernel->geometry.ndim
                          && memcmp(back->geometry.axis, kernel->geometry.axis, sizeof kernel->geometry.axis) == 0, "\n%s", out.text);
            CHECK_SAME(back->taps, kernel->taps, tconv_kernel_count(kernel) * sizeof(double));
        }
        tconv_kernel_destroy(back);
        tconv_kernel_destroy(kernel);
        tconv_buffer_free(&out);
    }
    CHECK(tconv_memory_in_use() == 0);
}

/* A layer of many channels goes through .npy. */
static void check_arrays(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    g.channels_in = 4;
    g.channels_out = 6;
    g.groups = 2;
    g.axis[0] = g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1 };
    tconv_kernel *kernel, *back;
    tconv_tensor *weights;
    tconv_buffer out = { 0 };
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    random_taps(kernel->taps, tconv_kernel_count(kernel));
    CHECK(tconv_kernel_to_tensor(kernel, &weights, NULL) == TCONV_OK && tconv_npy_write(weights, &out, NULL) == TCONV_OK);
    tconv_geometry_options options = { .stride = { .count = 2, .values = { 2, 2 } }, .groups = 2 };
    tconv_file_format format;
    CHECK(read_bytes(out.text, out.length, &options, &back, &format, NULL) == TCONV_OK && format == TCONV_FILE_NPY);
    CHECK(back->geometry.channels_in == 4 && back->geometry.channels_out == 6 && back->geometry.groups == 2 && back->geometry.ndim == 2);
    CHECK_SAME(back->taps, kernel->taps, tconv_kernel_count(kernel) * sizeof(double));
    tconv_kernel_destroy(back);
    tconv_error error;
    CHECK(read_bytes(out.text, out.length, NULL, &back, &format, &error) == TCONV_ENOSTRIDE && format == TCONV_FILE_NPY);
    double bad = -(double)INFINITY;
    memcpy(out.text + out.length - 8 * (2 * 9 + 4), &bad, sizeof bad);
    CHECK(read_bytes(out.text, out.length, &options, &back, NULL, &error) == TCONV_ENONFINITE);
    CHECK_TEXT(error.message, "the value at index (3, 0, 1, 2) is minus infinite; every value must be finite");
    tconv_buffer_free(&out);
    tconv_tensor_destroy(weights);
    tconv_kernel_destroy(kernel);
    CHECK(tconv_memory_in_use() == 0);
}

/* A volume of rank 3 is a 1-D layer of many channels, or one 3-D kernel where ndim says so. */
static void check_volumes(void)
{
    tconv_tensor *weights;
    tconv_kernel *kernel;
    tconv_buffer out = { 0 };
    CHECK(tconv_tensor_create(&weights, TCONV_F32, (size_t[]){ 2, 3, 4 }, 3) == TCONV_OK);
    CHECK(tconv_npy_write(weights, &out, NULL) == TCONV_OK);
    tconv_geometry_options options = { .stride = { .count = 1, .values = { 2 } } };
    CHECK(read_bytes(out.text, out.length, &options, &kernel, NULL, NULL) == TCONV_OK);
    CHECK(kernel->geometry.ndim == 1 && kernel->geometry.channels_in == 2 && kernel->geometry.channels_out == 3);
    tconv_kernel_destroy(kernel);
    options.ndim = 3;
    CHECK(read_bytes(out.text, out.length, &options, &kernel, NULL, NULL) == TCONV_OK);
    CHECK(kernel->geometry.ndim == 3 && tconv_kernel_is_single(kernel) && kernel->geometry.axis[2].n_taps == 4);
    CHECK(tconv_text_write(kernel, NULL, &out, NULL) == TCONV_EUNSUPPORTED);
    tconv_kernel_destroy(kernel);
    tconv_buffer_free(&out);
    tconv_tensor_destroy(weights);
}

static void check_damaged_array(void)
{
    tconv_tensor *weights;
    tconv_kernel *kernel;
    tconv_buffer out = { 0 };
    CHECK(tconv_tensor_create(&weights, TCONV_F64, (size_t[]){ 3, 2 }, 2) == TCONV_OK && tconv_npy_write(weights, &out, NULL) == TCONV_OK);
    for (size_t cut = 0; cut < out.length; cut++) {
        tconv_error error = { .message = "" };
        CHECK(read_bytes(out.text, cut, &stride_3, &kernel, NULL, &error) == TCONV_EFORMAT && error.message[0] != '\0');
    }
    CHECK(read_bytes(out.text, out.length, &stride_3, &kernel, NULL, NULL) == TCONV_OK);
    tconv_kernel_destroy(kernel);
    tconv_buffer_free(&out);
    tconv_tensor_destroy(weights);
}

/* Under every small memory budget a file is read, or refused with that reason and without a leak. */
static void check_budgets(void)
{
    static const char text[] = "# tconv: stride=2\n1 2 3\n4 5 6\n";
    tconv_tensor *weights;
    tconv_kernel *kernel;
    tconv_buffer out = { 0 };
    CHECK(tconv_tensor_create(&weights, TCONV_F64, (size_t[]){ 3, 2 }, 2) == TCONV_OK && tconv_npy_write(weights, &out, NULL) == TCONV_OK);
    char *fortran = strstr(out.text + 10, "False, 'shape'");
    memcpy(fortran, "True ", 5);
    for (int npy = 0; npy <= 1; npy++) {
        size_t refused = 0, before = tconv_memory_in_use();
        tconv_status status = TCONV_EBUDGET;
        for (size_t budget = 200; status != TCONV_OK && budget < 10000; budget += 16) {
            tconv_source *source;
            tconv_error error = { .message = "" };
            tconv_memory_set_budget(before + budget);
            if (tconv_source_open_memory(&source, npy ? out.text : text, npy ? out.length : strlen(text)) != TCONV_OK)
                continue;
            status = tconv_kernel_file_read(source, &stride_3, &kernel, NULL, &error);
            tconv_source_close(source);
            tconv_kernel_destroy(kernel);
            refused += status == TCONV_EBUDGET && strcmp(error.message, "the memory budget would be exceeded") == 0;
            CHECK(status == TCONV_OK || status == TCONV_EBUDGET);
            CHECK(tconv_memory_in_use() == before);
        }
        tconv_memory_set_budget(0);
        CHECK_MESSAGE(status == TCONV_OK && refused > 10, "%zu refused, the last %s", refused, tconv_status_name(status));
    }
    tconv_buffer_free(&out);
    tconv_tensor_destroy(weights);
}

/* The same through a file of the file system, which is read by position. */
static void check_on_disk(void)
{
    char path[] = "/tmp/tconv-kernel-XXXXXX";
    int descriptor = mkstemp(path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    CHECK(file != NULL);
    if (file == NULL)
        return;
    CHECK(fputs("# tconv: stride=2\r\n0.5\r\n1\r\n0.5", file) >= 0 && fclose(file) == 0);
    tconv_source *source;
    tconv_kernel *kernel;
    tconv_error error;
    CHECK(tconv_source_open(&source, path, &error) == TCONV_OK);
    CHECK(tconv_kernel_file_read(source, NULL, &kernel, NULL, &error) == TCONV_OK);
    CHECK(kernel != NULL && kernel->geometry.axis[0].n_taps == 3 && kernel->taps[2] == 0.5);
    tconv_kernel_destroy(kernel);
    tconv_source_close(source);
    CHECK(remove(path) == 0);
    CHECK(tconv_source_open(&source, path, &error) == TCONV_EREAD && source == NULL);
    CHECK(tconv_source_open(&source, "/tmp", &error) == TCONV_EREAD && source == NULL);
    CHECK_TEXT(error.message, "Is a directory");
}

static void check_comma_locale(void)
{
    if (!test_comma_locale())
        return;
    check_texts();
    check_refusals();
    check_round_trip();
    test_plain_locale();
}

const struct test_suite suite = { "kernel_file", {
    { "text kernels with comments and options", check_texts },
    { "other formats are named, and errors have their place", check_refusals },
    { "text kernels are written and read back bit for bit", check_round_trip },
    { "layers of many channels", check_arrays },
    { "volumes", check_volumes },
    { "an array cut anywhere is refused", check_damaged_array },
    { "every small memory budget", check_budgets },
    { "files on disk", check_on_disk },
    { "a locale with a decimal comma changes nothing", check_comma_locale },
    { NULL, NULL } } };
