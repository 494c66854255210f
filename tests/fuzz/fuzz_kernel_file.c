/* Kernel files: the first byte chooses options, the rest is the file. A kernel that is read has a possible geometry and
 * finite taps, and a text of it reads back as the same kernel. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "tconv.h"

static tconv_geometry_options choose(uint8_t bits)
{
    static const tconv_auto_pad modes[] = { TCONV_PAD_SAME_UPPER, TCONV_PAD_SAME_LOWER, TCONV_PAD_VALID };
    tconv_geometry_options options = { 0 };
    options.ndim = bits & 3;
    if ((bits & 4) != 0)
        options.stride = (tconv_option_list){ .count = 1, .values = { 2 } };
    if ((bits & 8) != 0) {
        options.layout_given = true;
        options.layout = TCONV_LAYOUT_TF;
    }
    if ((bits & 48) != 0) {
        options.auto_pad_given = true;
        options.auto_pad = modes[(bits >> 4 & 3) - 1];
    }
    if ((bits & 64) != 0)
        options.groups = 2;
    if ((bits & 128) != 0) {
        options.input_size = (tconv_option_list){ .count = 1, .values = { 5 } };
        options.output_shape = (tconv_option_list){ .count = 1, .values = { 10 } };
    }
    return options;
}

static tconv_kernel *read_kernel(const void *bytes, size_t size, const tconv_geometry_options *options, tconv_error *error)
{
    tconv_source *source;
    tconv_kernel *kernel = NULL;
    tconv_file_format format;
    if (tconv_source_open_memory(&source, bytes, size) != TCONV_OK)
        return NULL;
    tconv_status status = tconv_kernel_file_read(source, options, &kernel, &format, error);
    tconv_source_close(source);
    FUZZ_CHECK((status == TCONV_OK) == (kernel != NULL));
    FUZZ_CHECK(status == TCONV_OK || (error->status == status && error->message[0] != '\0'));
    return kernel;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    tconv_error error = { .status = TCONV_OK };
    if (size == 0)
        return 0;
    tconv_memory_set_budget(FUZZ_BUDGET);
    tconv_geometry_options options = choose(bytes[0]);
    tconv_kernel *kernel = read_kernel(bytes + 1, size - 1, &options, &error);
    if (kernel != NULL) {
        tconv_buffer out = { 0 };
        FUZZ_CHECK(tconv_geometry_check(&kernel->geometry, &error) == TCONV_OK);
        for (size_t i = 0; i < tconv_kernel_count(kernel); i++)
            FUZZ_CHECK(isfinite(kernel->taps[i]));
        if (tconv_text_write(kernel, NULL, &out, &error) == TCONV_OK) {
            tconv_kernel *again = read_kernel(out.text, out.length, NULL, &error);
            FUZZ_CHECK(again != NULL && again->geometry.ndim == kernel->geometry.ndim);
            FUZZ_CHECK(memcmp(&again->geometry.axis, &kernel->geometry.axis, sizeof kernel->geometry.axis) == 0);
            FUZZ_CHECK(memcmp(again->taps, kernel->taps, tconv_kernel_count(kernel) * sizeof *kernel->taps) == 0);
            tconv_kernel_destroy(again);
        }
        tconv_buffer_free(&out);
    }
    tconv_kernel_destroy(kernel);
    FUZZ_CHECK(tconv_memory_in_use() == 0);
    return 0;
}
