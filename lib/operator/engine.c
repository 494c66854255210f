#include "engine.h"

#include <string.h>

/* Rows of small pictures are shorter than it takes to call memcpy and memset; elements have 4 or 8 bytes. */
#define SHORT_BYTES 256

static inline void copy_short(char *to, const char *from, size_t bytes)
{
    for (; bytes >= 16; bytes -= 16, to += 16, from += 16)
        memcpy(to, from, 16);
    for (; bytes > 0; bytes -= 4, to += 4, from += 4)
        memcpy(to, from, 4);
}

static inline void clear_short(char *to, size_t bytes)
{
    for (; bytes >= 16; bytes -= 16, to += 16)
        memset(to, 0, 16);
    for (; bytes > 0; bytes -= 4, to += 4)
        memset(to, 0, 4);
}

void tconv_job_padded_row(const tconv_job *job, const void *row, int64_t first, size_t count, size_t n, void *to)
{
    int64_t end = first + (int64_t)count, from = first > 0 ? first : 0, until = end < (int64_t)n ? end : (int64_t)n;
    if (until <= from) {
        memset(to, 0, count * job->size);
        return;
    }
    size_t before = (size_t)(from - first), inside = (size_t)(until - from);
    if (count * job->size <= SHORT_BYTES) {
        clear_short(to, before * job->size);
        copy_short(tconv_job_at(job, to, before), tconv_job_const_at(job, row, (size_t)from), inside * job->size);
        clear_short(tconv_job_at(job, to, before + inside), (count - before - inside) * job->size);
        return;
    }
    memset(to, 0, before * job->size);
    memcpy(tconv_job_at(job, to, before), tconv_job_const_at(job, row, (size_t)from), inside * job->size);
    memset(tconv_job_at(job, to, before + inside), 0, (count - before - inside) * job->size);
}

/* One position of the last axis whose phases do not all have an output. */
static void write_edge(const tconv_job *job, const void *const *row, size_t s, size_t at, int64_t j, void *y)
{
    for (int64_t q = 0; q < (int64_t)s; q++)
        if (j + q >= 0 && j + q < (int64_t)job->shape.m[2])
            memcpy(tconv_job_at(job, y, (size_t)(j + q)), tconv_job_const_at(job, row[q], at), job->size);
}

void tconv_job_write_row(const tconv_job *job, const void *const *row, size_t s, size_t first, int64_t j, size_t count, void *y)
{
    int64_t step = (int64_t)s, m = (int64_t)job->shape.m[2];
    size_t before = j < 0 ? 1 : 0, whole = 0;
    if (before)
        write_edge(job, row, s, first, j, y);
    if (count > before) {
        whole = m > j ? (size_t)((m - j) / step) : 0;
        whole = whole > before ? whole - before : 0;
        whole = whole < count - before ? whole : count - before;
        if (whole > 0)
            job->simd->weave(row, first + before, s, tconv_job_at(job, y, (size_t)(j + step * (int64_t)before)), whole, job->around_cache);
    }
    if (count > before + whole)
        write_edge(job, row, s, first + before + whole, j + step * (int64_t)(before + whole), y);
}
