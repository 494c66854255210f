#include "compare_table.h"

#include <math.h>
#include <stdbool.h>

#include "io/table.h"

#define POINTS 513
#define MOST_SHOWN 5

/* chosen[] = the entries with the smallest nmse, rising; how many. */
static size_t choose(const tconv_comparisons *all, size_t chosen[MOST_SHOWN])
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (all->entry[i].alias_of != i)
            continue;
        size_t at = count < MOST_SHOWN ? count++ : MOST_SHOWN;
        while (at > 0 && all->entry[chosen[at - 1]].nmse > all->entry[i].nmse) {
            if (at < MOST_SHOWN)
                chosen[at] = chosen[at - 1];
            at--;
        }
        if (at < MOST_SHOWN)
            chosen[at] = i;
    }
    return count;
}

static tconv_status write_block(size_t index, const char *name, const tconv_kernel *kernel, tconv_complex *response, tconv_buffer *out)
{
    tconv_status status = tconv_response_along(&kernel->geometry, kernel->taps, 0, POINTS, response);
    tconv_table_block(out, index, name);
    for (size_t j = 0; j < POINTS && status == TCONV_OK; j++)
        tconv_table_row(out, (double[]){ (double)j / (2.0 * (POINTS - 1)), hypot(response[j].re, response[j].im) }, 2);
    return status;
}

tconv_status compare_table_write(const tconv_kernel *kernel, const tconv_comparisons *comparisons, tconv_buffer *table,
                                 tconv_error *error)
{
    static const char *const columns[] = { "f in cycles per output sample", "|H(f)|" };
    size_t chosen[MOST_SHOWN], count = choose(comparisons, chosen);
    tconv_status status = TCONV_OK;
    tconv_complex *response = tconv_alloc(POINTS, sizeof *response, &status);
    tconv_table_begin(table, "a kernel and the references nearest to it", columns, 2);
    tconv_buffer_format(table, "# layer: ndim=%zu stride=", kernel->geometry.ndim);
    for (size_t i = 0; i < kernel->geometry.ndim; i++)
        tconv_buffer_format(table, "%s%zu", i > 0 ? "," : "", kernel->geometry.axis[i].stride);
    tconv_buffer_text(table, " fs=0 what=compare names=kernel");
    for (size_t i = 0; i < count; i++)
        tconv_buffer_format(table, ",%s", comparisons->entry[chosen[i]].reference->name);
    tconv_buffer_text(table, "\n");
    if (status == TCONV_OK)
        status = write_block(0, "this kernel", kernel, response, table);
    for (size_t i = 0; i < count && status == TCONV_OK; i++)
        status = write_block(i + 1, comparisons->entry[chosen[i]].reference->name, comparisons->entry[chosen[i]].fitted, response, table);
    tconv_free(response);
    status = status == TCONV_OK ? table->status : status;
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}
