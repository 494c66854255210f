/* engine_gemm.c - the branches as products of matrices, for many channels.
 *
 * Write output j = s*n + q - pb on every axis (q its phase). Phases whose taps reach the same inputs,
 *
 *     y[co][s*n + q - pb] = b[co] + sum_ci sum_delta w[ci][co][r(q, delta)] x[ci][n - delta],     d*r = q + s*delta,
 *
 * form a class; with d = 1 there are at most two per axis (k/s rounded up and down) and one where s divides k. A class is
 * one matrix product: rows (co, q), the sum over (ci, delta), columns n; nothing but taps that exist is multiplied.
 *
 * Columns are the positions n of all axes laid out flat, rows of the last axis with `halo` = max delta zeros before each,
 * so that a shift by delta is a shift of the flat index and short rows do not waste vectors. For a block of columns the
 * inputs are packed once into a panel (one segment per outer delta; this is where zeros around the input appear), then
 * all row blocks of the product run over it (simd.inc), each keeping its sums in registers over the whole length of the
 * sum; their results meet in a scratch block that stays in L2, from where the phases are woven into the output: every
 * output is written once.
 *
 * A task is one block of columns for one block of output channels of one group.
 */
#include <stdint.h>
#include <string.h>

#include "engine.h"

#define PANEL_BYTES ((size_t)512 << 10)      /* aim for the packed inputs of a column block: half of a usual L2 */
#define SCRATCH_BYTES ((size_t)192 << 10)    /* aim for the results of a task */
#define MOST_COLUMNS 768

/* Phases of one axis that share their deltas. */
struct axis_class {
    size_t n_deltas, n_phases;
    size_t *delta, *phase;                   /* parts of struct axis_classes' memory */
};

struct axis_classes {
    size_t count, most_delta, n_distinct;
    struct axis_class *class;
    size_t *memory;
    size_t *distinct;                        /* the deltas of all classes, ascending; not listed for the last axis */
};

/* The product of one class of each axis. */
struct block_class {
    const struct axis_class *axis[3];
    size_t n_taps, n_phases;
    size_t *shift;                           /* [n_taps]: where in a channel's panel delta begins */
};

struct worker {
    void *panel, *scratch;
    const void **row;                        /* [s2]: the scratch rows that are woven */
    size_t *class_at;                        /* [n_classes]: the first scratch row of each class */
    size_t image, packed;                    /* which panel is packed: column block and group */
};

struct gemm {
    struct axis_classes axis[3];
    size_t n_classes;
    struct block_class *class;
    size_t *shift_memory;
    int64_t first_n[3];                      /* n of output 0 */
    size_t extent[3];                        /* values of n along each axis */
    size_t halo, line;                       /* zeros before a row; halo + extent[2] */
    size_t flat;                             /* all positions */
    size_t columns, column_blocks;           /* of a task */
    size_t segment, channel_step;            /* of the panel: elements of one segment, of one channel */
    size_t channels, channel_blocks;         /* output channels of a task */
    size_t phases;                           /* S */
    size_t *slot;                            /* [phase of all axes]: its row among the rows of its class, and */
    size_t *slot_class;                      /* its class */
    void *weights, *bias;                    /* in the order in which tasks use them */
    size_t group_weights, group_bias;
    size_t n_workers;
    struct worker *worker;
};

static void destroy(void *state)
{
    struct gemm *e = state;
    if (e == NULL)
        return;
    for (size_t i = 0; e->worker != NULL && i < e->n_workers; i++) {
        tconv_free(e->worker[i].panel);
        tconv_free(e->worker[i].scratch);
        tconv_free(e->worker[i].row);
        tconv_free(e->worker[i].class_at);
    }
    tconv_free(e->worker);
    for (int a = 0; a < 3; a++) {
        tconv_free(e->axis[a].class);
        tconv_free(e->axis[a].memory);
        tconv_free(e->axis[a].distinct);
    }
    tconv_free(e->class);
    tconv_free(e->shift_memory);
    tconv_free(e->slot);
    tconv_free(e->slot_class);
    tconv_free(e->weights);
    tconv_free(e->bias);
    tconv_free(e);
}

/* ---- tables ---- */

/* The phases of an axis by classes. All taps of a phase are period = s/gcd(s, d) apart, their deltas d/gcd(s, d): so the
 * first delta and the number of taps say which class a phase is of. */
static tconv_status make_axis(struct axis_classes *c, const tconv_lifted *l, int a)
{
    tconv_status status = TCONV_OK;
    size_t s = l->s[a], k = l->k[a], gcd = tconv_gcd(s, l->d[a]), period = s / gcd, step = l->d[a] / gcd, used = 0;
    c->class = tconv_alloc_zero(s, sizeof *c->class, &status);
    if (status == TCONV_OK)
        c->memory = tconv_alloc(s + k, sizeof *c->memory, &status);
    if (status == TCONV_OK)
        c->distinct = tconv_alloc(k + 1, sizeof *c->distinct, &status);
    size_t *first = tconv_alloc(s, sizeof *first, &status), *class_of = tconv_alloc(s, sizeof *class_of, &status);
    for (size_t q = 0; q < s && status == TCONV_OK; q++)
        first[q] = k;                                                      /* the first tap of phase q; k: it has none */
    for (size_t r = 0; r < k && r < period && status == TCONV_OK; r++)
        first[l->d[a] * r % s] = r;
    for (size_t q = 0; q < s && status == TCONV_OK; q++) {
        size_t r = first[q], n = r < k ? (k - 1 - r) / period + 1 : 0, start = r < k ? l->d[a] * r / s : 0, i;
        first[q] = start;                                                  /* from now on its first delta */
        for (i = 0; i < c->count; i++)
            if (c->class[i].n_deltas == n && first[c->class[i].n_phases] == start)
                break;
        if (i == c->count)
            c->class[c->count++] = (struct axis_class){ .n_deltas = n, .n_phases = q };   /* n_phases: for now its first phase */
        class_of[q] = i;
    }
    for (size_t i = 0; i < c->count && status == TCONV_OK; i++) {
        struct axis_class *class = &c->class[i];
        size_t start = first[class->n_phases];
        class->delta = c->memory + used;
        used += class->n_deltas;
        class->phase = c->memory + used;
        class->n_phases = 0;
        for (size_t t = 0; t < class->n_deltas; t++)
            class->delta[t] = start + t * step;
        for (size_t q = 0; q < s; q++)
            if (class_of[q] == i)
                class->phase[class->n_phases++] = q;
        used += class->n_phases;
        if (class->n_deltas > 0 && class->delta[class->n_deltas - 1] > c->most_delta)
            c->most_delta = class->delta[class->n_deltas - 1];
    }
    tconv_free(first);
    tconv_free(class_of);
    return status;
}

/* Distinct deltas of an axis: of class after class, kept sorted. */
static void list_distinct(struct axis_classes *c)
{
    for (size_t i = 0; i < c->count; i++)
        for (size_t t = 0; t < c->class[i].n_deltas; t++) {
            size_t delta = c->class[i].delta[t], at = c->n_distinct;
            while (at > 0 && c->distinct[at - 1] > delta)
                at--;
            if (at > 0 && c->distinct[at - 1] == delta)
                continue;
            memmove(c->distinct + at + 1, c->distinct + at, (c->n_distinct - at) * sizeof *c->distinct);
            c->distinct[at] = delta;
            c->n_distinct++;
        }
    if (c->n_distinct == 0)
        c->distinct[c->n_distinct++] = 0;
}

static size_t find(const struct axis_classes *c, size_t delta)
{
    size_t at = 0;
    while (c->distinct[at] != delta)
        at++;
    return at;
}

static size_t round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/* The sizes of the blocks: see the head of this file and the two aims above. */
static tconv_status choose_blocks(struct gemm *e, const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    size_t segments = e->axis[0].n_distinct * e->axis[1].n_distinct, lanes = job->simd->lanes, wide = lanes * job->simd->wide;
    size_t bytes;
    if (!tconv_size_mul(l->cin * job->size, segments, &bytes) || !tconv_size_mul(bytes, e->halo + MOST_COLUMNS, &bytes))
        return TCONV_ESIZE;
    size_t most = PANEL_BYTES / (l->cin * segments * job->size);
    most = most < e->halo + 2 * wide ? 2 * wide : most - e->halo;
    most = most > MOST_COLUMNS ? MOST_COLUMNS : most;
    size_t columns = e->flat - e->halo;                            /* the first `halo` positions make no output */
    e->column_blocks = (columns + most - 1) / most;
    e->columns = round_up((columns + e->column_blocks - 1) / e->column_blocks, columns < wide ? lanes : wide);
    e->column_blocks = (columns + e->columns - 1) / e->columns;
    e->segment = e->columns + e->halo;
    e->channel_step = round_up(e->segment * segments, 16);
    e->channels = SCRATCH_BYTES / (e->phases * e->columns * job->size);
    e->channels = e->channels < 1 ? 1 : e->channels > l->cout ? l->cout : e->channels;
    /* with threads to feed and few column blocks, smaller channel blocks */
    size_t wanted = 2 * job->threads;
    if (job->threads > 1 && e->column_blocks * l->groups * ((l->cout + e->channels - 1) / e->channels) < wanted) {
        size_t blocks = (wanted + e->column_blocks * l->groups - 1) / (e->column_blocks * l->groups);
        e->channels = blocks >= l->cout ? 1 : (l->cout + blocks - 1) / blocks;
    }
    e->channel_blocks = (l->cout + e->channels - 1) / e->channels;
    e->channels = (l->cout + e->channel_blocks - 1) / e->channel_blocks;
    e->channel_blocks = (l->cout + e->channels - 1) / e->channels;
    return TCONV_OK;
}

static tconv_status make_classes(struct gemm *e, const tconv_lifted *l)
{
    tconv_status status = TCONV_OK;
    e->n_classes = e->axis[0].count * e->axis[1].count * e->axis[2].count;
    size_t taps = 0;
    for (size_t i = 0; i < e->axis[0].count; i++)
        for (size_t j = 0; j < e->axis[1].count; j++)
            for (size_t h = 0; h < e->axis[2].count; h++)
                taps += e->axis[0].class[i].n_deltas * e->axis[1].class[j].n_deltas * e->axis[2].class[h].n_deltas;
    e->class = tconv_alloc_zero(e->n_classes, sizeof *e->class, &status);
    if (status == TCONV_OK) e->shift_memory = tconv_alloc(taps, sizeof *e->shift_memory, &status);
    if (status == TCONV_OK) e->slot = tconv_alloc(e->phases, sizeof *e->slot, &status);
    if (status == TCONV_OK) e->slot_class = tconv_alloc(e->phases, sizeof *e->slot_class, &status);
    size_t *shift = e->shift_memory;
    for (size_t number = 0; number < e->n_classes && status == TCONV_OK; number++) {
        struct block_class *c = &e->class[number];
        c->axis[0] = &e->axis[0].class[number / (e->axis[1].count * e->axis[2].count)];
        c->axis[1] = &e->axis[1].class[number / e->axis[2].count % e->axis[1].count];
        c->axis[2] = &e->axis[2].class[number % e->axis[2].count];
        c->n_taps = c->axis[0]->n_deltas * c->axis[1]->n_deltas * c->axis[2]->n_deltas;
        c->n_phases = c->axis[0]->n_phases * c->axis[1]->n_phases * c->axis[2]->n_phases;
        c->shift = shift;
        for (size_t t0 = 0; t0 < c->axis[0]->n_deltas; t0++)
            for (size_t t1 = 0; t1 < c->axis[1]->n_deltas; t1++)
                for (size_t t2 = 0; t2 < c->axis[2]->n_deltas; t2++) {
                    size_t segment = find(&e->axis[0], c->axis[0]->delta[t0]) * e->axis[1].n_distinct
                                   + find(&e->axis[1], c->axis[1]->delta[t1]);
                    *shift++ = segment * e->segment + e->halo - c->axis[2]->delta[t2];
                }
        for (size_t p = 0; p < c->n_phases; p++) {
            size_t p2 = c->axis[2]->n_phases, p1 = c->axis[1]->n_phases;
            size_t q = (c->axis[0]->phase[p / p2 / p1] * l->s[1] + c->axis[1]->phase[p / p2 % p1]) * l->s[2]
                     + c->axis[2]->phase[p % p2];
            e->slot[q] = p;
            e->slot_class[q] = number;
        }
    }
    return status;
}

/* ---- weights, in the order of use: group, channel block, class, row block, (ci, delta), row ---- */

/* Rows of row block number i when `rows` of them are shared out evenly over blocks of at most `most`. */
static size_t block_rows(size_t rows, size_t most, size_t i)
{
    size_t blocks = (rows + most - 1) / most;
    return rows * (i + 1) / blocks - rows * i / blocks;
}

/* The tap r with d*r = q + s*delta. */
static size_t tap_of(const tconv_lifted *l, int a, const struct axis_class *c, size_t phase, size_t t)
{
    return (c->phase[phase] + l->s[a] * c->delta[t]) / l->d[a];
}

static double tap_value(const tconv_lifted *l, const struct block_class *c, const double *w, size_t phase, size_t t)
{
    size_t p2 = c->axis[2]->n_phases, p1 = c->axis[1]->n_phases, t2 = c->axis[2]->n_deltas, t1 = c->axis[1]->n_deltas;
    size_t r0 = tap_of(l, 0, c->axis[0], phase / p2 / p1, t / t2 / t1);
    size_t r1 = tap_of(l, 1, c->axis[1], phase / p2 % p1, t / t2 % t1);
    return w[(r0 * l->k[1] + r1) * l->k[2] + tap_of(l, 2, c->axis[2], phase % p2, t % t2)];
}

static void pack_weights(struct gemm *e, const tconv_job *job, const double *taps, const double *bias)
{
    const tconv_lifted *l = &job->shape;
    size_t at = 0, bias_at = 0, most = job->simd->rows;
    for (size_t g = 0; g < l->groups; g++)
        for (size_t first = 0; first < l->cout; first += e->channels)
            for (size_t number = 0; number < e->n_classes; number++) {
                const struct block_class *c = &e->class[number];
                size_t channels = l->cout - first < e->channels ? l->cout - first : e->channels;
                size_t rows = channels * c->n_phases, row = 0;
                for (size_t block = 0; row < rows; block++) {
                    size_t n_rows = block_rows(rows, most, block);
                    for (size_t ci = 0; ci < l->cin; ci++)
                        for (size_t t = 0; t < c->n_taps; t++)
                            for (size_t r = row; r < row + n_rows; r++) {
                                size_t co = first + r / c->n_phases;
                                const double *w = taps + ((g * l->cin + ci) * l->cout + co) * l->taps;
                                tconv_job_put(job, e->weights, at++, tap_value(l, c, w, r % c->n_phases, t));
                            }
                    row += n_rows;
                }
                for (size_t r = 0; r < rows; r++)
                    tconv_job_put(job, e->bias, bias_at++, bias[g * l->cout + first + r / c->n_phases]);
            }
}

static tconv_status make_workers(struct gemm *e, const tconv_job *job)
{
    tconv_status status = TCONV_OK;
    size_t panel, scratch;
    if (!tconv_size_mul(e->channel_step, job->shape.cin, &panel) || !tconv_size_mul(e->columns * e->channels, e->phases, &scratch))
        return TCONV_ESIZE;
    e->worker = tconv_alloc_zero(job->threads, sizeof *e->worker, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++) {
        struct worker *w = &e->worker[i];
        w->image = w->packed = SIZE_MAX;
        w->panel = tconv_alloc(panel, job->size, &status);
        if (status == TCONV_OK) w->scratch = tconv_alloc(scratch, job->size, &status);
        if (status == TCONV_OK) w->row = tconv_alloc(job->shape.s[2], sizeof *w->row, &status);
        if (status == TCONV_OK) w->class_at = tconv_alloc(e->n_classes, sizeof *w->class_at, &status);
    }
    return status;
}

static tconv_status fill_in(struct gemm *e, const tconv_job *job, const double *taps, const double *bias)
{
    const tconv_lifted *l = &job->shape;
    tconv_status status = TCONV_OK;
    e->phases = l->s[0] * l->s[1] * l->s[2];
    for (int a = 0; a < 3 && status == TCONV_OK; a++) {
        status = make_axis(&e->axis[a], l, a);
        if (status != TCONV_OK)
            return status;
        if (a < 2)
            list_distinct(&e->axis[a]);
        e->first_n[a] = tconv_floor_div(l->pb[a], (int64_t)l->s[a]);
        e->extent[a] = (size_t)(tconv_floor_div((int64_t)l->m[a] - 1 + l->pb[a], (int64_t)l->s[a]) - e->first_n[a] + 1);
    }
    e->halo = e->axis[2].most_delta;
    e->line = e->halo + e->extent[2];
    if (!tconv_size_mul(e->extent[0], e->extent[1], &e->flat) || !tconv_size_mul(e->flat, e->line, &e->flat))
        return TCONV_ESIZE;
    status = choose_blocks(e, job);
    if (status == TCONV_OK)
        status = make_classes(e, l);
    if (status != TCONV_OK)
        return status;
    size_t biases;
    if (!tconv_size_mul(l->groups * l->cout, e->phases, &biases))
        return TCONV_ESIZE;
    e->group_bias = l->cout * e->phases;
    e->group_weights = l->cin * l->cout * l->taps;
    e->weights = tconv_alloc(l->weights, job->size, &status);
    if (status == TCONV_OK) e->bias = tconv_alloc(biases, job->size, &status);
    if (status == TCONV_OK) status = make_workers(e, job);
    if (status == TCONV_OK) pack_weights(e, job, taps, bias);
    return status;
}

static tconv_status create(void **state, size_t *tasks, const tconv_job *job, const double *taps, const double *bias)
{
    tconv_status status = TCONV_OK;
    struct gemm *e = tconv_alloc_zero(1, sizeof *e, &status);
    *state = NULL;
    if (e == NULL)
        return status;
    status = fill_in(e, job, taps, bias);
    if (status != TCONV_OK) {
        destroy(e);
        return status;
    }
    *tasks = job->shape.groups * e->column_blocks * e->channel_blocks;
    *state = e;
    return TCONV_OK;
}

/* ---- execution ---- */

/* to = the flat positions from `position` on, `count` of them, of one channel shifted by the outer deltas. */
static void pack_segment(const struct gemm *e, const tconv_job *job, const void *x, size_t delta0, size_t delta1, size_t position,
                         size_t count, void *to)
{
    const tconv_lifted *l = &job->shape;
    while (count > 0) {
        size_t row = position / e->line, column = position % e->line;
        size_t piece = e->line - column < count ? e->line - column : count;
        int64_t i0 = e->first_n[0] + (int64_t)(row / e->extent[1]) - (int64_t)delta0;
        int64_t i1 = e->first_n[1] + (int64_t)(row % e->extent[1]) - (int64_t)delta1;
        int64_t i2 = e->first_n[2] - (int64_t)e->halo + (int64_t)column;
        if (i0 >= 0 && i0 < (int64_t)l->n[0] && i1 >= 0 && i1 < (int64_t)l->n[1]) {
            const void *from = tconv_job_const_at(job, x, (size_t)(i0 * (int64_t)l->n[1] + i1) * l->n[2]);
            tconv_job_padded_row(job, from, i2, piece, l->n[2], to);
        } else
            memset(to, 0, piece * job->size);
        to = tconv_job_at(job, to, piece);
        position += piece;
        count -= piece;
    }
}

/* The panel of the columns from flat position `position` on: positions position - halo .. for every channel of a group. */
static void pack_panel(const struct gemm *e, const tconv_job *job, const void *x, size_t position, void *panel)
{
    const tconv_lifted *l = &job->shape;
    for (size_t ci = 0; ci < l->cin; ci++)
        for (size_t a = 0; a < e->axis[0].n_distinct; a++)
            for (size_t b = 0; b < e->axis[1].n_distinct; b++)
                pack_segment(e, job, tconv_job_const_at(job, x, ci * l->small), e->axis[0].distinct[a], e->axis[1].distinct[b],
                             position - e->halo, e->segment,
                             tconv_job_at(job, panel, ci * e->channel_step + (a * e->axis[1].n_distinct + b) * e->segment));
}

/* All rows of one class over the panel, into scratch rows of e->columns. */
static void multiply(const struct gemm *e, const tconv_job *job, const struct block_class *c, size_t rows, size_t columns,
                     const void *weights, const void *bias, const void *panel, void *scratch)
{
    const tconv_simd *simd = job->simd;
    size_t wide = simd->lanes * simd->wide, row = 0;
    for (size_t block = 0; row < rows; block++) {
        size_t n_rows = block_rows(rows, simd->rows, block);
        const void *a = tconv_job_const_at(job, weights, row * job->shape.cin * c->n_taps);
        const void *b = tconv_job_const_at(job, bias, row);
        for (size_t column = 0; column < columns;) {
            bool full = column + wide <= e->columns && columns - column > simd->lanes;
            (full ? simd->product : simd->narrow)[n_rows](a, tconv_job_const_at(job, panel, column), e->channel_step,
                                                          job->shape.cin, c->shift, c->n_taps, b,
                                                          tconv_job_at(job, scratch, row * e->columns + column), e->columns);
            column += full ? wide : simd->lanes;
        }
        row += n_rows;
    }
}

/* Scatter a task's scratch rows to the output: one run of positions of one row of n at a time. */
static void write_block(const struct gemm *e, const tconv_job *job, struct worker *w, size_t position, size_t columns,
                        size_t channels, void *y)
{
    const tconv_lifted *l = &job->shape;
    for (size_t done = 0; done < columns;) {
        size_t row = (position + done) / e->line, column = (position + done) % e->line;
        size_t skip = column < e->halo ? e->halo - column : 0, piece = e->line - column;
        piece = piece < columns - done ? piece : columns - done;
        int64_t n0 = e->first_n[0] + (int64_t)(row / e->extent[1]), n1 = e->first_n[1] + (int64_t)(row % e->extent[1]);
        int64_t n2 = e->first_n[2] + (int64_t)(column + skip) - (int64_t)e->halo;
        for (size_t co = 0; co < channels && skip < piece; co++)
            for (size_t q = 0; q < l->s[0] * l->s[1]; q++) {
                int64_t j0 = (int64_t)l->s[0] * n0 + (int64_t)(q / l->s[1]) - l->pb[0];
                int64_t j1 = (int64_t)l->s[1] * n1 + (int64_t)(q % l->s[1]) - l->pb[1];
                if (j0 < 0 || j0 >= (int64_t)l->m[0] || j1 < 0 || j1 >= (int64_t)l->m[1])
                    continue;
                for (size_t q2 = 0; q2 < l->s[2]; q2++) {
                    size_t phase = q * l->s[2] + q2, number = e->slot_class[phase];
                    size_t at = w->class_at[number] + co * e->class[number].n_phases + e->slot[phase];
                    w->row[q2] = tconv_job_at(job, w->scratch, at * e->columns);
                }
                size_t line = (co * l->m[0] + (size_t)j0) * l->m[1] + (size_t)j1;
                tconv_job_write_row(job, w->row, done + skip, n2, piece - skip, tconv_job_at(job, y, line * l->m[2]));
            }
        done += piece;
    }
}

static void run(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y)
{
    struct gemm *e = state;
    const tconv_lifted *l = &job->shape;
    struct worker *w = &e->worker[worker];
    size_t channel_block = task % e->channel_blocks, panel = task / e->channel_blocks;
    size_t column_block = panel % e->column_blocks, g = panel / e->column_blocks;
    size_t position = e->halo + column_block * e->columns, first = channel_block * e->channels;
    size_t columns = e->flat - position < e->columns ? e->flat - position : e->columns;
    size_t channels = l->cout - first < e->channels ? l->cout - first : e->channels;
    if (w->image != image || w->packed != panel)
        pack_panel(e, job, tconv_job_const_at(job, x, g * l->cin * l->small), position, w->panel);
    w->image = image;
    w->packed = panel;
    size_t rows_before = 0, weights = g * e->group_weights + first * l->cin * l->taps, bias = g * e->group_bias + first * e->phases;
    for (size_t number = 0; number < e->n_classes; number++) {
        const struct block_class *c = &e->class[number];
        size_t rows = channels * c->n_phases;
        multiply(e, job, c, rows, columns, tconv_job_at(job, e->weights, weights), tconv_job_at(job, e->bias, bias), w->panel,
                 tconv_job_at(job, w->scratch, rows_before * e->columns));
        weights += rows * l->cin * c->n_taps;
        bias += rows;
        w->class_at[number] = rows_before;
        rows_before += rows;
    }
    write_block(e, job, w, position, columns, channels, tconv_job_at(job, y, (g * l->cout + first) * l->large));
}

const tconv_engine_table tconv_engine_gemm = { create, destroy, run };
