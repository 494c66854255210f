#include "app.h"

#include <string.h>

#include "io/npy.h"
#include "io/text.h"

int app_read_kernel(const char *path, const tconv_geometry_options *given, tconv_kernel **kernel, tconv_file_format *format)
{
    tconv_error error;
    tconv_source *source;
    *kernel = NULL;
    tconv_status status = tconv_source_open(&source, path, &error);
    if (status == TCONV_OK)
        status = tconv_kernel_file_read(source, given, kernel, format, &error);
    tconv_source_close(source);
    if (status == TCONV_ENOSTRIDE || status == TCONV_EARGUMENT)   /* options that are missing or contradict */
        return app_usage("%s: %s", strcmp(path, "-") == 0 ? "standard input" : path, error.message);
    return status == TCONV_OK ? APP_DONE : app_fail(path, &error);
}

static tconv_status read_array(tconv_source *source, double **values, size_t *count, tconv_error *error)
{
    tconv_tensor *tensor;
    tconv_status status = tconv_npy_read(source, &tensor, error);
    if (status != TCONV_OK)
        return status;
    *values = tconv_alloc(tensor->count, sizeof **values, &status);
    *count = tensor->count;
    for (size_t i = 0; *values != NULL && i < tensor->count; i++)
        (*values)[i] = tconv_tensor_get(tensor, i);
    size_t bad = tconv_tensor_first_non_finite(tensor);
    tconv_tensor_destroy(tensor);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    if (bad < *count) {
        tconv_free(*values);
        *values = NULL;
        return tconv_fail(error, TCONV_ENONFINITE, "element %zu is NaN or infinite", bad);
    }
    return TCONV_OK;
}

int app_read_numbers(const char *path, double **values, size_t *count)
{
    tconv_error error;
    tconv_source *source;
    *values = NULL;
    tconv_status status = tconv_source_open(&source, path, &error);
    if (status == TCONV_OK && tconv_npy_is(source)) {
        status = read_array(source, values, count, &error);
    } else if (status == TCONV_OK) {
        tconv_text_table table;
        status = tconv_text_read(source, &table, &error);
        *values = table.values;
        *count = table.rows * table.columns;
    }
    tconv_source_close(source);
    return status == TCONV_OK ? APP_DONE : app_fail(path, &error);
}
