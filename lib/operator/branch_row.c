#include "branch_row.h"

#include <stdint.h>
#include <string.h>

#define MOST_PHASES TCONV_SIMD_PHASES
#define LONG_ROW 256       /* positions */
#define MANY_LINES 6

/* e = (d*r - pb) mod s and a = (e + pb - d*r)/s = -floor((d*r - pb)/s) */
static size_t phase_of(const tconv_lifted *l, size_t r, int64_t *a)
{
    int64_t s = (int64_t)l->s[2], from = (int64_t)(l->d[2] * r) - l->pb[2];
    *a = -tconv_floor_div(from, s);
    return (size_t)(from + s * *a);
}

bool tconv_branch_row_tells_apart(const tconv_lifted *l)
{
    size_t lines = l->cin * (l->k[0] * l->k[1]) / (l->s[0] * l->s[1]);
    return l->d[2] == 1 && l->s[2] <= MOST_PHASES && (l->m[2] == 0 || l->m[2] / l->s[2] >= LONG_ROW || lines >= MANY_LINES);
}

tconv_status tconv_branch_row_create(tconv_branch_row *row, const tconv_lifted *l)
{
    tconv_status status = TCONV_OK;
    *row = (tconv_branch_row){ .shift = tconv_alloc(l->k[2], sizeof *row->shift, &status) };
    if (row->shift == NULL)
        return status;
    (void)phase_of(l, l->k[2] - 1, &row->lowest);
    (void)phase_of(l, 0, &row->highest);
    int64_t a, last = INT64_MAX;
    for (size_t r = 0; r < l->k[2]; r++, last = a) {
        (void)phase_of(l, r, &a);
        if (a != last)
            row->shift[row->n_shifts++] = (size_t)(a - row->lowest);
    }
    int64_t s = (int64_t)l->s[2];
    bool contiguous = l->d[2] == 1 && l->s[2] <= MOST_PHASES;
    row->apart = tconv_branch_row_tells_apart(l);
    row->first = contiguous ? (size_t)(row->highest * s - l->pb[2]) : 0;
    row->end = contiguous ? (size_t)(row->lowest * s - l->pb[2] + (int64_t)l->k[2]) : l->s[2];
    row->before = row->n_shifts > 1 && row->first > 0 ? 1 : 0;
    row->after = row->n_shifts > 1 && row->end < l->s[2] ? 1 : 0;
    return TCONV_OK;
}

void tconv_branch_row_destroy(tconv_branch_row *row)
{
    tconv_free(row->shift);
    *row = (tconv_branch_row){ 0 };
}

size_t tconv_branch_row_entry(const tconv_branch_row *row, size_t t, size_t line, size_t lines)
{
    size_t whole = row->n_shifts - row->before - row->after;          /* shifts that all phases have */
    if (t < row->before)
        return line;
    if (t - row->before >= whole)
        return (row->before + whole) * lines + line;
    return row->before * lines + line * whole + t - row->before;
}

void tconv_branch_row_pack(const tconv_branch_row *row, const tconv_job *job, const double *w, size_t line, size_t lines, void *weights)
{
    const tconv_lifted *l = &job->shape;
    size_t t = 0, n_k = row->n_shifts * lines;
    for (size_t r = 0; r < l->k[2]; r++) {
        int64_t a;
        size_t phase = phase_of(l, r, &a), chunk = phase / MOST_PHASES * MOST_PHASES;
        size_t width = l->s[2] - chunk < MOST_PHASES ? l->s[2] - chunk : MOST_PHASES;
        while (row->shift[t] != (size_t)(a - row->lowest))
            t++;
        tconv_job_put(job, weights, chunk * n_k + tconv_branch_row_entry(row, t, line, lines) * width + phase % MOST_PHASES, w[r]);
    }
}

/* The runs of the list; their number. */
static size_t list_runs(const tconv_branch_row *row, size_t s, size_t lines, tconv_simd_run *run)
{
    size_t whole = row->n_shifts - row->before - row->after, n_runs = 0;
    bool single = row->n_shifts == 1;
    if (!row->apart) {
        run[0] = (tconv_simd_run){ row->n_shifts * lines, 0, s < MOST_PHASES ? s : MOST_PHASES };
        return 1;
    }
    if (row->before > 0)
        run[n_runs++] = (tconv_simd_run){ lines, row->first, s };
    if (whole > 0)
        run[n_runs++] = (tconv_simd_run){ whole * lines, single ? row->first : 0, single ? row->end : s };
    if (row->after > 0)
        run[n_runs++] = (tconv_simd_run){ lines, 0, row->end };
    return n_runs;
}

void tconv_branch_row_run(const tconv_branch_row *row, const tconv_job *job, const void *x, const size_t *offset, size_t lines,
                          const void *weights, const void *bias, void *buffer, void *y, size_t count)
{
    size_t s = job->shape.s[2], n_k = row->n_shifts * lines;
    tconv_simd_run run[TCONV_SIMD_RUNS];
    size_t n_runs = list_runs(row, s, lines, run);
    if (s <= MOST_PHASES) {
        bool around = job->around_cache && (uintptr_t)y % (job->simd->lanes * job->size) == 0;
        job->simd->branches[s](x, offset, run, n_runs, weights, bias, y, count, around);
        return;
    }
    for (size_t chunk = 0; chunk < s && chunk < count; chunk += MOST_PHASES) {
        size_t width = s - chunk < MOST_PHASES ? s - chunk : MOST_PHASES;
        size_t samples = (count - chunk + s - 1) / s;                      /* values of m with an output in this chunk */
        run[0].end = width;
        job->simd->branches[width](x, offset, run, 1, tconv_job_const_at(job, weights, chunk * n_k), bias, buffer, samples * width, false);
        size_t whole = width == MOST_PHASES && samples > 0 ? samples - 1 : 0, m = 0;
        for (; m < whole && job->element == TCONV_F32; m++)              /* of a length that is known: no call */
            memcpy((float *)y + s * m + chunk, (const float *)buffer + m * MOST_PHASES, MOST_PHASES * sizeof(float));
        for (; m < whole; m++)
            memcpy((double *)y + s * m + chunk, (const double *)buffer + m * MOST_PHASES, MOST_PHASES * sizeof(double));
        for (; m < samples; m++) {
            size_t at = s * m + chunk, rest = count - at < width ? count - at : width;
            memcpy(tconv_job_at(job, y, at), tconv_job_at(job, buffer, m * width), rest * job->size);
        }
    }
}
