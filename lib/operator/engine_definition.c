/* engine_definition.c - the textbook two steps (zero_insert.h) behind a plan, so that they can be chosen and compared. */
#include "engine.h"

#include <string.h>

#include "zero_insert.h"
#include "zero_insert_steps.h"

struct definition {
    void *taps, *bias;
    size_t n_workers;
    void **zero_inserted;        /* one buffer for each worker */
};

static void destroy(void *state)
{
    struct definition *e = state;
    if (e == NULL)
        return;
    for (size_t i = 0; e->zero_inserted != NULL && i < e->n_workers; i++)
        tconv_free(e->zero_inserted[i]);
    tconv_free(e->zero_inserted);
    tconv_free(e->taps);
    tconv_free(e->bias);
    tconv_free(e);
}

static tconv_status create(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias)
{
    tconv_status status = TCONV_OK;
    const tconv_lifted *l = &job->shape;
    struct definition *e = tconv_alloc_zero(1, sizeof *e, &status);
    size_t count = 1, channels = l->groups * l->cout;
    *state = NULL;
    if (e == NULL)
        return status;
    for (int a = 0; a < 3; a++)
        if (!tconv_size_mul(count, tconv_zero_insert_size(l->s[a], l->n[a]), &count))
            status = TCONV_ESIZE;
    if (status == TCONV_OK) e->taps = tconv_alloc(l->weights, job->size, &status);
    if (status == TCONV_OK) e->bias = tconv_alloc(channels, job->size, &status);
    if (status == TCONV_OK) e->zero_inserted = tconv_alloc_zero(job->threads, sizeof *e->zero_inserted, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++)
        e->zero_inserted[i] = tconv_alloc(count, job->size, &status);
    if (status != TCONV_OK) {
        destroy(e);
        return status;
    }
    for (size_t i = 0; i < l->weights; i++)
        tconv_job_put(job, e->taps, i, taps[i]);
    for (size_t i = 0; i < channels; i++)
        tconv_job_put(job, e->bias, i, bias[i]);
    *tasks = (tconv_tasks){ .run = channels };
    *state = e;
    return TCONV_OK;
}

static void run(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y)
{
    const struct definition *e = state;
    (void)image;
    if (job->element == TCONV_F32)
        tconv_zero_insert_channel_f32(&job->shape, e->taps, e->bias, task, e->zero_inserted[worker], x, y);
    else
        tconv_zero_insert_channel_f64(&job->shape, e->taps, e->bias, task, e->zero_inserted[worker], x, y);
}

const tconv_engine_table tconv_engine_definition = { create, destroy, NULL, run };
