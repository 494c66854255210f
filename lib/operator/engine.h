/* engine.h - what a plan gives its engine, and what an engine gives back. Internal to lib/operator. */
#ifndef TCONV_OPERATOR_ENGINE_H
#define TCONV_OPERATOR_ENGINE_H

#include "../core/status.h"
#include "lift.h"
#include "simd.h"
#include "transpose.h"

/* The part of a plan that all engines share. Read-only while it runs. */
typedef struct tconv_job {
    tconv_lifted shape;
    tconv_element element;
    size_t size;                 /* bytes of an element */
    const tconv_simd *simd;
    size_t threads;              /* workers: scratch is kept for each */
    bool around_cache;           /* the output is larger than the cache: store past it */
} tconv_job;

/* Tasks of one image: those of `run` begin when all of `prepare` are done. Often there is nothing to prepare. */
typedef struct tconv_tasks {
    size_t prepare, run;
} tconv_tasks;

typedef struct tconv_engine_table {
    /* *state = weights packed, scratch for each worker, tables. taps and bias as in transpose.h, bias never NULL. On
     * failure everything is freed and *state is NULL. */
    tconv_status (*create)(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias);
    void (*destroy)(void *state);                                         /* NULL is fine */
    /* Preparing task `task` of the image at x: what all of its `run` share. NULL where there are none. */
    void (*prepare)(void *state, const tconv_job *job, size_t worker, size_t task, const void *x);
    /* Task `task` of one image, which lies at x, its output at y. `image` differs between all images and executions:
     * what a worker keeps from an earlier task is void where it changes. */
    void (*run)(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y);
} tconv_engine_table;

extern const tconv_engine_table tconv_engine_direct, tconv_engine_gemm, tconv_engine_fast_fir, tconv_engine_fft, tconv_engine_definition;

/* Estimated nanoseconds of one image on one worker (transpose_cost.c); infinity for engines that are never chosen.
 * Never a function of job->threads: the engine decides the bits, and threads must not. */
double tconv_engine_cost(tconv_engine engine, const tconv_job *job);

/* values[at] = value, rounded to the element type */
static inline void tconv_job_put(const tconv_job *job, void *values, size_t at, double value)
{
    if (job->element == TCONV_F32)
        ((float *)values)[at] = (float)value;
    else
        ((double *)values)[at] = value;
}

/* The address of element `at`. */
static inline void *tconv_job_at(const tconv_job *job, void *values, size_t at)
{
    return (char *)values + at * job->size;
}

static inline const void *tconv_job_const_at(const tconv_job *job, const void *values, size_t at)
{
    return (const char *)values + at * job->size;
}

/* floor(a / b) for b > 0 */
static inline int64_t tconv_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* to[0..count-1] = row[first .. first+count-1] of a row of n samples, zeros outside it. */
void tconv_job_padded_row(const tconv_job *job, const void *row, int64_t first, size_t count, size_t n, void *to);

/* Weave `s` phases of `count` positions of the last axis into the output row y: output j + s*n + q is row[q][first + n].
 * Only the first position of a row may begin before the output, j < 0, and only the last end after it. */
void tconv_job_write_row(const tconv_job *job, const void *const *row, size_t s, size_t first, int64_t j, size_t count, void *y);

#endif
