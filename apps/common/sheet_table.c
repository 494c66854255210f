#include "sheet_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "io/table.h"
#include "response_tables.h"

#define POINTS 513
#define MOST_TAPS 20000   /* in the picture */
#define MOST_VALUE 1e30
#define MOST_NAME 14        /* letters of a layer's name below its bars */
#define NO_LEVEL (-400.0)   /* dB: no bar */

/* What gnuplot's axes can hold: beyond, the largest that they can. NaN stays. */
static double drawable(double x)
{
    return x > MOST_VALUE ? MOST_VALUE : x < -MOST_VALUE ? -MOST_VALUE : x;
}

/* Visit all pairs of channels that are connected. */
static const double *next_pair(const tconv_kernel *kernel, size_t *pair)
{
    const tconv_geometry *g = &kernel->geometry;
    for (; *pair < g->channels_in * g->channels_out; (*pair)++) {
        const double *taps = tconv_kernel_pair(kernel, *pair / g->channels_out, *pair % g->channels_out);
        if (taps != NULL) {
            (*pair)++;
            return taps;
        }
    }
    return NULL;
}

/* taps[t] of the single kernel, or their root mean square over the pairs. */
static void typical_taps(const tconv_kernel *kernel, double *taps)
{
    size_t count = tconv_geometry_taps(&kernel->geometry), pairs = 0, at = 0;
    if (tconv_kernel_is_single(kernel)) {
        memcpy(taps, kernel->taps, count * sizeof *taps);
        return;
    }
    memset(taps, 0, count * sizeof *taps);
    for (const double *pair; (pair = next_pair(kernel, &at)) != NULL; pairs++)
        for (size_t t = 0; t < count; t++)
            taps[t] += pair[t] * pair[t];
    for (size_t t = 0; t < count; t++)
        taps[t] = sqrt(taps[t] / (double)pairs);
}

static void write_taps(const tconv_geometry *g, const double *taps, tconv_buffer *out)
{
    size_t count = tconv_geometry_taps(g);
    tconv_table_block(out, 0, "taps: place along each axis, tap, branch");
    for (size_t t = 0; t < count && count <= MOST_TAPS; t++) {
        size_t place[TCONV_MAX_NDIM], rest = t, branch = 0;
        double row[TCONV_MAX_NDIM + 2];
        for (size_t i = g->ndim; i-- > 0; rest /= g->axis[i].n_taps)
            place[i] = rest % g->axis[i].n_taps * g->axis[i].dilation;
        for (size_t i = 0; i < g->ndim; i++) {
            row[i] = (double)place[i];
            branch = branch * g->axis[i].stride + place[i] % g->axis[i].stride;
        }
        row[g->ndim] = drawable(taps[t]);
        row[g->ndim + 1] = (double)branch;
        if (g->ndim > 1 && t > 0 && t % g->axis[g->ndim - 1].n_taps == 0)
            tconv_table_scan_line(out);
        tconv_table_row(out, row, g->ndim + 2);
    }
}

/* |H| along each axis: of several channels sqrt(sum over the pairs |H|^2) / sqrt(pairs). */
static tconv_status write_response(const tconv_kernel *kernel, double *power, tconv_complex *response, tconv_buffer *out)
{
    const tconv_geometry *g = &kernel->geometry;
    tconv_table_block(out, 1, "response: axis, f, |H|");
    for (size_t axis = 0; axis < g->ndim; axis++) {
        size_t at = 0, pairs = 0;
        memset(power, 0, POINTS * sizeof *power);
        for (const double *taps; (taps = next_pair(kernel, &at)) != NULL; pairs++) {
            tconv_status status = tconv_response_along(g, taps, axis, POINTS, response);
            if (status != TCONV_OK)
                return status;
            for (size_t j = 0; j < POINTS; j++)
                power[j] = hypot(power[j], hypot(response[j].re, response[j].im));
        }
        if (axis > 0)
            tconv_table_scan_line(out);
        for (size_t j = 0; j < POINTS; j++)
            tconv_table_row(out, (double[]){ (double)axis, (double)j / (2.0 * (POINTS - 1)), drawable(power[j] / sqrt((double)pairs)) }, 3);
    }
    return TCONV_OK;
}

static void write_figures(const tconv_figures *f, tconv_buffer *out)
{
    tconv_table_block(out, 2, "branches: number, DC gain, energy");
    for (size_t q = 0; q < f->phases; q++)
        tconv_table_row(out, (double[]){ (double)q, drawable(f->branches[q].branch.dc_gain), drawable(f->branches[q].branch.energy) }, 3);
    tconv_table_block(out, 3, "images: number, dB at DC, worst dB in 0.8 of the band");
    for (size_t m = 1; m < f->phases; m++)
        tconv_table_row(out, (double[]){ (double)m, drawable(f->images[m - 1].dc_db), drawable(f->images[m - 1].worst_db) }, 3);
}

static void write_title(const char *name, const tconv_geometry *g, tconv_buffer *out)
{
    tconv_buffer_format(out, "%s: ", strcmp(name, "-") == 0 ? "standard input" : name);
    if (g->channels_in * g->channels_out > 1)
        tconv_buffer_format(out, "%zu to %zu channels (rms), ", g->channels_in, g->channels_out);
    for (size_t i = 0; i < g->ndim; i++)
        tconv_buffer_format(out, "%s%zu", i > 0 ? "x" : "", g->axis[i].n_taps);
    tconv_buffer_text(out, tconv_geometry_taps(g) == 1 ? " tap, stride " : " taps, stride ");
    for (size_t i = 0; i < g->ndim; i++)
        tconv_buffer_format(out, "%s%zu", i > 0 ? "x" : "", g->axis[i].stride);
}

tconv_status sheet_table_write(const char *name, const tconv_kernel *kernel, const tconv_figures *figures,
                               tconv_buffer *table, tconv_buffer *title, tconv_error *error)
{
    static const char *const columns[] = { "see the title of each block" };
    tconv_status status = TCONV_OK;
    size_t count = tconv_geometry_taps(&kernel->geometry);
    double *taps = tconv_alloc(count, sizeof *taps, &status), *power = tconv_alloc(POINTS, sizeof *power, &status);
    tconv_complex *response = tconv_alloc(POINTS, sizeof *response, &status);
    tconv_table_begin(table, "the standard sheet of a layer", columns, 1);
    response_table_key(&kernel->geometry, 0.0, "sheet", table);
    if (status == TCONV_OK) {
        typical_taps(kernel, taps);
        write_taps(&kernel->geometry, taps, table);
        status = write_response(kernel, power, response, table);
    }
    write_figures(figures, table);
    write_title(name, &kernel->geometry, title);
    tconv_free(response);
    tconv_free(power);
    tconv_free(taps);
    if (status == TCONV_OK)
        status = table->status != TCONV_OK ? table->status : title->status;
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}

/* ---- several layers ---- */

/* The end of a layer's name in the letters that the key of a table may hold. */
static void append_name(const char *name, tconv_buffer *out)
{
    size_t length = name != NULL ? strlen(name) : 0;
    for (size_t i = length > MOST_NAME ? length - MOST_NAME : 0; i < length; i++) {
        char c = name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        tconv_buffer_format(out, "%c", plain ? c : '_');
    }
}

static double level_of(double db)
{
    return isnan(db) ? NO_LEVEL : drawable(db);
}

tconv_status models_table_write(const char *name, const tconv_json_layer *layers, size_t count, tconv_buffer *table,
                                tconv_buffer *title, tconv_error *error)
{
    static const char *const columns[] = { "layer", "geometry index, dB", "kernel index, dB", "white-input variation, dB" };
    size_t drawn = 0;
    tconv_table_begin(table, "the layers of a model that upsample", columns, 4);
    tconv_buffer_text(table, "# layer: ndim=1 stride=1 fs=0 what=models names=");
    for (size_t i = 0; i < count; i++) {
        if (tconv_geometry_phases(&layers[i].kernel->geometry) == 1)
            continue;
        tconv_buffer_text(table, drawn++ > 0 ? "," : "");
        append_name(layers[i].kernel->name, table);
    }
    if (drawn == 0)
        return tconv_fail(error, TCONV_EARGUMENT, "every layer has stride 1: there are no images to draw");
    tconv_buffer_text(table, "\n");
    for (size_t i = 0, at = 0; i < count; i++) {
        const tconv_figures *f = layers[i].figures;
        double mean, variance;
        if (tconv_geometry_phases(&layers[i].kernel->geometry) == 1)
            continue;
        tconv_geometry_coverage(&layers[i].kernel->geometry, &mean, &variance);
        tconv_table_row(table, (double[]){ (double)at++, level_of(tconv_ratio_db(sqrt(variance), mean)),
                                           level_of(f != NULL ? f->checkerboard_db : (double)NAN),
                                           level_of(f != NULL ? tconv_ratio_db(f->branch_energy_variation, 1.0) : (double)NAN) }, 4);
    }
    tconv_buffer_format(title, "%s: %zu layer%s with a stride", strcmp(name, "-") == 0 ? "standard input" : name, drawn,
                        drawn == 1 ? "" : "s");
    tconv_status status = table->status != TCONV_OK ? table->status : title->status;
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}
