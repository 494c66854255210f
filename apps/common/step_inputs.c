#include "step_inputs.h"

#include <string.h>

#include "io/npy.h"
#include "io/text.h"

#define MOST_CORNERS ((size_t)6)     /* channels whose corners are all run */
#define GREYS ((size_t)5)

/* ---- flat ---- */

size_t step_inputs_count(const struct step_inputs *inputs, size_t channels)
{
    if (inputs->given != NULL)
        return 1;
    return inputs->sweep == STEP_GREYS ? GREYS : inputs->sweep == STEP_RANDOM ? inputs->random
         : channels <= MOST_CORNERS ? ((size_t)1 << channels) + 1 : 3;
}

void step_input_grey(const struct step_inputs *inputs, double level, size_t channels, double *values)
{
    for (size_t c = 0; c < channels; c++)
        values[c] = inputs->ycbcr && c > 0 ? 0.5 : level;
}

static int read_given(const char *text, size_t channels, double *values)
{
    size_t given = 1;
    for (const char *c = text; *c != '\0'; c++)
        given += *c == ',';
    if (given != 1 && given != channels)
        return app_usage("--input: %zu values for a network of %zu channels", given, channels);
    if (!app_numbers("--input", text, values, given))
        return APP_USAGE;
    for (size_t c = given; c < channels; c++)
        values[c] = values[0];
    return APP_DONE;
}

int step_inputs_fill(const struct step_inputs *inputs, size_t channels, double *values)
{
    size_t count = step_inputs_count(inputs, channels);
    tconv_random random = tconv_random_seed(1);
    if (inputs->given != NULL)
        return read_given(inputs->given, channels, values);
    for (size_t i = 0; i < count; i++, values += channels) {
        if (inputs->sweep == STEP_GREYS)
            step_input_grey(inputs, (double)i / (double)(GREYS - 1), channels, values);
        for (size_t c = 0; c < channels && inputs->sweep == STEP_RANDOM; c++)
            values[c] = tconv_random_uniform(&random);
        for (size_t c = 0; c < channels && inputs->sweep == STEP_COLOURS; c++)
            values[c] = i + 1 == count ? 0.5 : channels <= MOST_CORNERS ? (double)(i >> (channels - 1 - c) & 1) : (double)i;
    }
    return APP_DONE;
}

/* ---- texture ---- */

struct array {
    size_t rank, shape[TCONV_MAX_RANK], count;
    double *values;
};

static tconv_status copy_tensor(const tconv_tensor *tensor, struct array *a, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t bad = tconv_tensor_first_non_finite(tensor);
    if (bad < tensor->count)
        return tconv_fail(error, TCONV_ENONFINITE, "element %zu is NaN or infinite", bad);
    a->values = tconv_alloc(tensor->count, sizeof *a->values, &status);
    if (a->values == NULL)
        return tconv_fail_plain(error, status);
    a->rank = tensor->rank;
    a->count = tensor->count;
    memcpy(a->shape, tensor->shape, sizeof a->shape);
    for (size_t i = 0; i < tensor->count; i++)
        a->values[i] = tconv_tensor_get(tensor, i);
    return TCONV_OK;
}

static tconv_status read_array(const char *path, struct array *a, tconv_error *error)
{
    tconv_source *source;
    tconv_status status = tconv_source_open(&source, path, error);
    if (status == TCONV_OK && tconv_npy_is(source)) {
        tconv_tensor *tensor = NULL;
        status = tconv_npy_read(source, &tensor, error);
        if (status == TCONV_OK)
            status = copy_tensor(tensor, a, error);
        tconv_tensor_destroy(tensor);
    } else if (status == TCONV_OK) {
        tconv_text_table table;
        status = tconv_text_read(source, &table, error);
        *a = (struct array){ .rank = 2, .shape = { table.rows, table.columns }, .count = table.rows * table.columns, .values = table.values };
    }
    tconv_source_close(source);
    return status;
}

int step_read_tile(const char *path, size_t channels, size_t ndim, double **tile, size_t period[2])
{
    struct array a = { .rank = 0 };
    tconv_error error;
    tconv_status status = read_array(path, &a, &error);
    *tile = NULL;
    if (status != TCONV_OK)
        return app_fail(path, &error);
    if (ndim == 1 && a.rank == 2 && (a.shape[0] == 1 || a.shape[1] == 1) && a.shape[0] != channels) {     /* text: one row, one column */
        a.shape[0] *= a.shape[1];
        a.rank = 1;
    }
    size_t lead = a.rank > ndim ? a.shape[0] : 1, plane = 1, values;
    bool fits = (a.rank == ndim || a.rank == ndim + 1) && (lead == 1 || lead == channels) && a.count > 0;
    for (size_t i = 0; fits && i < ndim; i++)
        plane *= period[i] = a.shape[a.rank - ndim + i];
    if (!fits || !tconv_size_mul(channels, plane, &values)) {
        tconv_free(a.values);
        return app_message(APP_INPUT, "%s: a tile for this network is %s, or (%zu, ..) of them", path, ndim == 1 ? "(x)" : "(y, x)", channels);
    }
    *tile = tconv_alloc(values, sizeof **tile, &status);
    for (size_t i = 0; *tile != NULL && i < values; i++)
        (*tile)[i] = a.values[lead == 1 ? i % plane : i];
    tconv_free(a.values);
    return status == TCONV_OK ? APP_DONE : app_fail_status(path, status);
}
