/* engine_direct.c - polyphase along the rows of the output, for few channels and kernels of moderate length.
 *
 * A row of the output is made by branch_row.c: all phases at once, woven in registers as they are stored, so that input
 * and output pass through memory once.
 *
 * Along the other axes an output row needs the input rows i with s*i + d*r - pb = j. They are copied, with zeros around
 * them, to a small cache of padded rows that stays in L1/L2; rows outside the input are one row of zeros.
 *
 * A task is one tile of columns of a run of output rows of one group; its outputs depend on nothing that other tasks do.
 */
#include <stdint.h>
#include <string.h>

#include "branch_row.h"

#define MOST_PHASES TCONV_SIMD_PHASES
#define ROW_RUN 16                     /* output rows of a task: enough for the row cache to pay */
#define SCRATCH_ELEMENTS 32768         /* aim for the row cache of one worker */

struct worker {
    void *cache;                       /* slots of padded rows, the last one all zeros */
    size_t *tag;                       /* which row a slot holds: see tag_of */
    size_t image;                      /* the image they are of */
    size_t *offset;                    /* the list for one output row */
    void *buffer;                      /* one tile of at most MOST_PHASES phases, for s > MOST_PHASES */
};

struct direct {
    tconv_branch_row along;            /* the last axis */
    size_t *first[2], *tap[2];         /* taps r of phase q on axes 0 and 1: tap[first[q]] .. tap[first[q+1]-1] */
    size_t *weights_at;                /* [q0*s1 + q1]: where the weights of that phase begin, for one output channel */
    size_t channel_weights;            /* of one output channel */
    void *weights, *bias;
    size_t tile, tiles, row_length;    /* values of m in a tile; tiles of a row; elements of a cached row */
    size_t slots[2];                   /* slots along axes 0 and 1, and for all channels of a group: */
    size_t n_slots;
    size_t row_runs;
    size_t n_workers;
    struct worker *worker;
};

static void destroy(void *state)
{
    struct direct *e = state;
    if (e == NULL)
        return;
    for (size_t i = 0; e->worker != NULL && i < e->n_workers; i++) {
        tconv_free(e->worker[i].cache);
        tconv_free(e->worker[i].tag);
        tconv_free(e->worker[i].offset);
        tconv_free(e->worker[i].buffer);
    }
    tconv_free(e->worker);
    for (int a = 0; a < 2; a++) {
        tconv_free(e->first[a]);
        tconv_free(e->tap[a]);
    }
    tconv_branch_row_destroy(&e->along);
    tconv_free(e->weights_at);
    tconv_free(e->weights);
    tconv_free(e->bias);
    tconv_free(e);
}

/* The taps of each phase of an outer axis: those r with d*r = q (mod s). */
static tconv_status list_taps(size_t **first, size_t **tap, const tconv_lifted *l, int a)
{
    tconv_status status = TCONV_OK;
    size_t s = l->s[a], k = l->k[a];
    *first = tconv_alloc_zero(s + 2, sizeof **first, &status);
    if (*first != NULL)
        *tap = tconv_alloc(k, sizeof **tap, &status);
    if (status != TCONV_OK)
        return status;
    size_t *next = *first + 1;                          /* next[q]: first a count, then where the next tap of q goes */
    for (size_t r = 0; r < k; r++)
        next[l->d[a] * r % s + 1]++;
    for (size_t q = 0; q < s; q++)
        next[q + 1] += next[q];
    for (size_t r = 0; r < k; r++)
        (*tap)[next[l->d[a] * r % s]++] = r;
    return TCONV_OK;
}

/* Weights of output channel co: for each outer phase the list of a row, over ci and the pairs of outer taps. */
static void pack(const struct direct *e, const tconv_job *job, const double *taps, size_t g, size_t co, void *to)
{
    const tconv_lifted *l = &job->shape;
    for (size_t q = 0; q < l->s[0] * l->s[1]; q++) {
        const size_t *first0 = e->first[0] + q / l->s[1], *first1 = e->first[1] + q % l->s[1];
        size_t n0 = first0[1] - first0[0], n1 = first1[1] - first1[0], line = 0;
        for (size_t ci = 0; ci < l->cin; ci++)
            for (size_t pair = 0; pair < n0 * n1; pair++, line++) {
                size_t r0 = e->tap[0][*first0 + pair / n1], r1 = e->tap[1][*first1 + pair % n1];
                const double *w = taps + ((g * l->cin + ci) * l->cout + co) * l->taps + (r0 * l->k[1] + r1) * l->k[2];
                tconv_branch_row_pack(&e->along, job, w, line, l->cin * n0 * n1, tconv_job_at(job, to, e->weights_at[q]));
            }
    }
}

static tconv_status make_tables(struct direct *e, const tconv_job *job, const double *taps, const double *bias)
{
    const tconv_lifted *l = &job->shape;
    tconv_status status = tconv_branch_row_create(&e->along, l);
    for (int a = 0; a < 2 && status == TCONV_OK; a++)
        status = list_taps(&e->first[a], &e->tap[a], l, a);
    size_t phases, total, channels = l->groups * l->cout;
    if (status != TCONV_OK)
        return status;
    if (!tconv_size_mul(l->s[0], l->s[1], &phases))
        return TCONV_ESIZE;
    e->weights_at = tconv_alloc(phases, sizeof *e->weights_at, &status);
    if (e->weights_at == NULL)
        return status;
    if (!tconv_size_mul(l->cin * l->k[0] * l->k[1], e->along.n_shifts, &total) || !tconv_size_mul(total, l->s[2], &e->channel_weights)
        || !tconv_size_mul(e->channel_weights, channels, &total))
        return TCONV_ESIZE;
    size_t at = 0;
    for (size_t q = 0; q < phases; q++) {
        size_t q0 = q / l->s[1], q1 = q % l->s[1];
        e->weights_at[q] = at;
        at += l->cin * (e->first[0][q0 + 1] - e->first[0][q0]) * (e->first[1][q1 + 1] - e->first[1][q1]) * e->along.n_shifts * l->s[2];
    }
    e->weights = tconv_alloc_zero(total, job->size, &status);
    if (status == TCONV_OK)
        e->bias = tconv_alloc(channels, job->size, &status);
    if (status != TCONV_OK)
        return status;
    for (size_t co = 0; co < channels; co++) {
        tconv_job_put(job, e->bias, co, bias[co] + 0.0);           /* never -0: branch_row.h */
        pack(e, job, taps, co / l->cout, co % l->cout, tconv_job_at(job, e->weights, co * e->channel_weights));
    }
    return TCONV_OK;
}

/* Slots so that the rows of one output row never meet in one: they span at most (k_eff - 1)/s + 1 rows of an axis. */
static tconv_status make_scratch(struct direct *e, const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    tconv_status status = TCONV_OK;
    for (int a = 0; a < 2; a++) {
        size_t span = l->d[a] * (l->k[a] - 1) / l->s[a] + 1;
        e->slots[a] = span < l->n[a] ? span : l->n[a];
    }
    size_t span = (size_t)(e->along.highest - e->along.lowest), columns = (l->m[2] + l->s[2] - 1) / l->s[2], list, bytes;
    if (!tconv_size_mul(e->slots[0] * e->slots[1], l->cin, &e->n_slots))
        return TCONV_ESIZE;
    e->tile = SCRATCH_ELEMENTS / (e->n_slots + 1);
    e->tile = e->tile < 512 ? 512 : e->tile > 4096 ? 4096 : e->tile;
    e->tile = e->tile < span ? (span + 63) / 64 * 64 : e->tile / 64 * 64;
    e->tiles = (columns + e->tile - 1) / e->tile;
    if (e->tiles == 1)
        e->tile = (columns + 63) / 64 * 64;
    e->row_length = (e->tile + span + 2 * TCONV_SIMD_MOST_LANES + 63) / 64 * 64 + 16;   /* + 16: rows not 4096 bytes apart */
    size_t rows = l->m[0] * l->m[1];
    e->row_runs = (rows + ROW_RUN - 1) / ROW_RUN;
    if (!tconv_size_mul(l->cin * l->k[0], l->k[1], &list) || !tconv_size_mul(list, e->along.n_shifts, &list)
        || !tconv_size_mul(e->n_slots + 1, e->row_length, &bytes))
        return TCONV_ESIZE;
    e->worker = tconv_alloc_zero(job->threads, sizeof *e->worker, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++) {
        struct worker *w = &e->worker[i];
        w->image = SIZE_MAX;
        w->cache = tconv_alloc_zero(bytes, job->size, &status);
        if (status == TCONV_OK) w->tag = tconv_alloc(e->n_slots, sizeof *w->tag, &status);
        if (status == TCONV_OK) w->offset = tconv_alloc(list, sizeof *w->offset, &status);
        if (status == TCONV_OK && l->s[2] > MOST_PHASES) w->buffer = tconv_alloc(e->tile * MOST_PHASES, job->size, &status);
    }
    return status;
}

static tconv_status create(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias)
{
    tconv_status status = TCONV_OK;
    struct direct *e = tconv_alloc_zero(1, sizeof *e, &status);
    *state = NULL;
    if (e == NULL)
        return status;
    status = make_tables(e, job, taps, bias);
    if (status == TCONV_OK)
        status = make_scratch(e, job);
    if (status != TCONV_OK) {
        destroy(e);
        return status;
    }
    *tasks = (tconv_tasks){ .run = job->shape.groups * e->row_runs * e->tiles };
    *state = e;
    return TCONV_OK;
}

/* The slot of input row (i0, i1) of channel ci, filled if it holds another one. */
static size_t cached_row(const struct direct *e, struct worker *w, const tconv_job *job, const void *x, size_t channel, size_t ci,
                         size_t i0, size_t i1, size_t tile)
{
    const tconv_lifted *l = &job->shape;
    size_t row = (channel * l->n[0] + i0) * l->n[1] + i1, tag = row * e->tiles + tile;
    size_t slot = (ci * e->slots[0] + i0 % e->slots[0]) * e->slots[1] + i1 % e->slots[1];
    if (w->tag[slot] != tag) {
        int64_t first = (int64_t)(tile * e->tile) + e->along.lowest;
        tconv_job_padded_row(job, tconv_job_const_at(job, x, row * l->n[2]), first, e->row_length, l->n[2],
                             tconv_job_at(job, w->cache, slot * e->row_length));
        w->tag[slot] = tag;
    }
    return slot;
}

/* The list of offsets for output row (j0, j1), in the order of the weights; the input rows that it is for. */
static size_t list_inputs(const struct direct *e, struct worker *w, const tconv_job *job, const void *x, size_t g,
                          const int64_t *n, const size_t *q, size_t tile)
{
    const tconv_lifted *l = &job->shape;
    const size_t *t0 = e->tap[0] + e->first[0][q[0]], *t1 = e->tap[1] + e->first[1][q[1]];
    size_t n0 = e->first[0][q[0] + 1] - e->first[0][q[0]], n1 = e->first[1][q[1] + 1] - e->first[1][q[1]];
    size_t lines = l->cin * n0 * n1, line = 0;
    for (size_t ci = 0; ci < l->cin; ci++)
        for (size_t a = 0; a < n0; a++)
            for (size_t b = 0; b < n1; b++) {
                int64_t i0 = n[0] - (int64_t)(l->d[0] * t0[a] / l->s[0]), i1 = n[1] - (int64_t)(l->d[1] * t1[b] / l->s[1]);
                bool inside = i0 >= 0 && i0 < (int64_t)l->n[0] && i1 >= 0 && i1 < (int64_t)l->n[1];
                size_t slot = inside ? cached_row(e, w, job, x, g * l->cin + ci, ci, (size_t)i0, (size_t)i1, tile) : e->n_slots;
                for (size_t t = 0; t < e->along.n_shifts; t++)
                    w->offset[tconv_branch_row_entry(&e->along, t, line, lines)] = slot * e->row_length + e->along.shift[t];
                line++;
            }
    return lines;
}

static void run(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y)
{
    const struct direct *e = state;
    const tconv_lifted *l = &job->shape;
    struct worker *w = &e->worker[worker];
    size_t run_number = task % e->row_runs, tile = task / e->row_runs % e->tiles, g = task / e->row_runs / e->tiles;
    size_t rows = l->m[0] * l->m[1], last = (run_number + 1) * ROW_RUN < rows ? (run_number + 1) * ROW_RUN : rows;
    size_t from = tile * e->tile * l->s[2], count = l->m[2] - from < e->tile * l->s[2] ? l->m[2] - from : e->tile * l->s[2];
    if (w->image != image)
        for (size_t slot = 0; slot < e->n_slots; slot++)
            w->tag[slot] = SIZE_MAX;
    w->image = image;
    for (size_t row = run_number * ROW_RUN; row < last; row++) {
        int64_t n[2];
        size_t q[2], j[2] = { row / l->m[1], row % l->m[1] };
        for (int a = 0; a < 2; a++) {
            int64_t f = (int64_t)j[a] + l->pb[a];
            n[a] = tconv_floor_div(f, (int64_t)l->s[a]);
            q[a] = (size_t)(f - n[a] * (int64_t)l->s[a]);
        }
        size_t lines = list_inputs(e, w, job, x, g, n, q, tile);
        for (size_t co = 0; co < l->cout; co++) {
            size_t channel = g * l->cout + co;
            size_t weights = channel * e->channel_weights + e->weights_at[q[0] * l->s[1] + q[1]];
            tconv_branch_row_run(&e->along, job, w->cache, w->offset, lines, tconv_job_at(job, e->weights, weights),
                                 tconv_job_at(job, e->bias, channel), w->buffer,
                                 tconv_job_at(job, y, (channel * rows + row) * l->m[2] + from), count);
        }
    }
}

const tconv_engine_table tconv_engine_direct = { create, destroy, NULL, run };
