#include "learned_table.h"

#include <math.h>
#include <string.h>

#include "io/table.h"
#include "response_tables.h"

#define POINTS 513
#define DENSE 50            /* epochs that are all drawn; then every 2 % */

static const char *const names[LEARNED_KERNELS] = { "learned", "Wiener prediction", "sinc" };

/* Over all axes but the last a kernel has the gain of their strides: what to divide by to see the last axis alone. */
static double last_axis_scale(const struct learned_curves *c)
{
    return (double)c->geometry->axis[c->geometry->ndim - 1].stride / (double)tconv_geometry_phases(c->geometry);
}

/* h[n] of the last axis, all others at frequency 0: what the response along it is made of. */
static void write_profile(const struct learned_curves *c, size_t which, tconv_buffer *out)
{
    const tconv_axis *last = &c->geometry->axis[c->geometry->ndim - 1];
    size_t k = last->n_taps, rows = tconv_geometry_taps(c->geometry) / k;
    for (size_t n = 0; n < k; n++) {
        double sum = 0.0;
        for (size_t row = 0; row < rows; row++)
            sum += c->taps[which][row * k + n];
        tconv_table_row(out, (double[]){ (double)(n * last->dilation) - c->centre, last_axis_scale(c) * sum }, 2);
    }
}

static tconv_status write_response(const struct learned_curves *c, size_t which, tconv_complex *response, tconv_buffer *out)
{
    tconv_status status = tconv_response_along(c->geometry, c->taps[which], c->geometry->ndim - 1, POINTS, response);
    for (size_t j = 0; j < POINTS && status == TCONV_OK; j++)
        tconv_table_row(out, (double[]){ (double)j / (2.0 * (POINTS - 1)), last_axis_scale(c) * hypot(response[j].re, response[j].im) }, 2);
    return status;
}

static void write_losses(const struct learned_curves *c, bool all, size_t first, tconv_buffer *out)
{
    tconv_table_block(out, first, "epoch, mean squared error");
    for (size_t e = 0; e <= c->epochs; e += all || e < DENSE ? 1 : e / DENSE)
        tconv_table_row(out, (double[]){ (double)e, c->history[e] }, 2);
    tconv_table_block(out, first + 1, "the least that these taps can reach");
    tconv_table_row(out, (double[]){ 0.0, c->least }, 2);
    tconv_table_row(out, (double[]){ (double)c->epochs, c->least }, 2);
}

tconv_status learned_table_write(const struct learned_curves *curves, tconv_buffer *table, tconv_error *error)
{
    static const char *const columns[] = { "see the title of each block", "taps, |H(f)| or loss" };
    tconv_status status = TCONV_OK;
    tconv_complex *response = tconv_alloc(POINTS, sizeof *response, &status);
    tconv_geometry line = *curves->geometry;
    tconv_table_begin(table, "a learned kernel, the Wiener prediction and the sinc", columns, 2);
    line.ndim = 1;
    line.axis[0] = curves->geometry->axis[curves->geometry->ndim - 1];
    response_table_key(&line, 0.0, "learned", table);
    for (size_t i = 0; i < LEARNED_KERNELS; i++) {
        tconv_table_block(table, i, names[i]);
        write_profile(curves, i, table);
    }
    for (size_t i = 0; i < LEARNED_KERNELS && status == TCONV_OK; i++) {
        tconv_table_block(table, LEARNED_KERNELS + i, names[i]);
        status = write_response(curves, i, response, table);
    }
    write_losses(curves, false, 2 * LEARNED_KERNELS, table);
    tconv_free(response);
    status = status == TCONV_OK ? table->status : status;
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}

void learning_table_write(const struct learned_curves *curves, tconv_buffer *table)
{
    static const char *const columns[] = { "epoch", "mean squared error" };
    tconv_table_begin(table, "loss against epoch (plots/learning.gp)", columns, 2);
    tconv_buffer_format(table, "# layer: ndim=1 stride=1 fs=0 what=learning names=%s,least\n", curves->optimizer);
    write_losses(curves, true, 0, table);
}
