#include "branch_row.h"

#include <stdint.h>
#include <string.h>

#define MOST_PHASES TCONV_SIMD_PHASES

/* e = (d*r - pb) mod s and a = (e + pb - d*r)/s = -floor((d*r - pb)/s) */
static size_t phase_of(const tconv_lifted *l, size_t r, int64_t *a)
{
    int64_t s = (int64_t)l->s[2], from = (int64_t)(l->d[2] * r) - l->pb[2];
    *a = -tconv_floor_div(from, s);
    return (size_t)(from + s * *a);
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
    return TCONV_OK;
}

void tconv_branch_row_destroy(tconv_branch_row *row)
{
    tconv_free(row->shift);
    *row = (tconv_branch_row){ 0 };
}

void tconv_branch_row_pack(const tconv_branch_row *row, const tconv_job *job, const double *w, size_t entry, size_t n_k, void *weights)
{
    const tconv_lifted *l = &job->shape;
    size_t t = 0;
    for (size_t r = 0; r < l->k[2]; r++) {
        int64_t a;
        size_t phase = phase_of(l, r, &a), chunk = phase / MOST_PHASES * MOST_PHASES;
        size_t width = l->s[2] - chunk < MOST_PHASES ? l->s[2] - chunk : MOST_PHASES;
        while (row->shift[t] != (size_t)(a - row->lowest))
            t++;
        tconv_job_put(job, weights, chunk * n_k + (entry + t) * width + phase % MOST_PHASES, w[r]);
    }
}

void tconv_branch_row_run(const tconv_job *job, const void *x, const size_t *offset, size_t n_k, const void *weights,
                          const void *bias, void *buffer, void *y, size_t count)
{
    size_t s = job->shape.s[2];
    if (s <= MOST_PHASES) {
        bool around = job->around_cache && (uintptr_t)y % (job->simd->lanes * job->size) == 0;
        job->simd->branches[s](x, offset, n_k, weights, bias, y, count, around);
        return;
    }
    for (size_t chunk = 0; chunk < s && chunk < count; chunk += MOST_PHASES) {
        size_t width = s - chunk < MOST_PHASES ? s - chunk : MOST_PHASES;
        size_t samples = (count - chunk + s - 1) / s;                      /* values of m with an output in this chunk */
        job->simd->branches[width](x, offset, n_k, tconv_job_const_at(job, weights, chunk * n_k), bias, buffer, samples * width, false);
        for (size_t m = 0; m < samples; m++) {
            size_t at = s * m + chunk, rest = count - at < width ? count - at : width;
            memcpy(tconv_job_at(job, y, at), tconv_job_at(job, buffer, m * width), rest * job->size);
        }
    }
}
