/* engine_gemm.c - the branches as products of matrices, for many channels.
 *
 * Number the outputs of an axis j = s*m + e, e = 0..s-1. Phase e is fed by the taps r for which s divides e + pb - d*r,
 * from the inputs m + a with a = (e + pb - d*r)/s:
 *
 *     y[co][s*m + e] = b[co] + sum over ci and the offsets a of phase e of  w[ci][co][r(e, a)] x[ci][m + a]
 *
 * Phases with the same offsets form a class (d = 1: a few per axis). In D dimensions offsets and phases are vectors and
 * classes are products. A class is one matrix product: rows (co, e), the sum over (ci, a), columns m; nothing but taps
 * that exist is multiplied, and where s divides the output there are no idle columns.
 *
 * Columns are laid out flat over all axes. For a block of columns the inputs are packed into a panel, channel by channel;
 * this is where the zeros around the input appear. An offset is then a shift of the flat index, either because rows keep
 * `pad` columns more than they have outputs (their results are dropped), or, where rows are short and that would cost
 * more, because each offset has a segment of the panel of its own. All row blocks of the product (simd.inc) run over the
 * panel, keeping their sums in registers; results meet in scratch rows that stay in L2, from where phases are woven into
 * the output, so that every output is written once.
 *
 * Two shapes of task: with many rows (co, e), the panel holds all channels of few columns and the rows come in blocks of
 * output channels; with few rows, the panel holds a block of channels of many columns, and sums go on from block to block.
 * Neither changes the order of a sum.
 *
 * Where there are at most a few columns (a picture of one pixel, a vector made into a picture) vectors run over the rows
 * instead, so that no lane is idle: the weights stream through once, and that is the bound. Rows are then filled up with
 * zeros to whole vectors.
 */
#include <stdint.h>
#include <string.h>

#include "blocks.h"
#include "gemm_blocks.h"
#include "phase_classes.h"

#define FAR_INPUT ((size_t)1 << 20)          /* inputs that are larger are not in L2: channels are asked for one ahead */

struct axis {
    tconv_phase_classes phases;
    size_t n_segments;                       /* offsets that have segments of their own, ascending; */
    size_t *segment;                         /* a single 0 where offsets are shifts of the flat index */
};

/* The product of one class of each axis. */
struct block_class {
    const tconv_phase_class *axis[3];
    size_t n_taps, n_phases;
    size_t *shift;                           /* [n_taps]: where in a channel's panel the offset begins */
};

struct worker {
    void *panel, *scratch;                   /* panel: NULL where it is shared */
    const void **row;                        /* [s2]: the scratch rows that are woven */
    size_t *class_at;                        /* [n_classes]: the first scratch row of each class */
    size_t image, packed;                    /* which panel is packed: column block and group */
};

struct gemm {
    struct axis axis[3];
    size_t n_classes;
    struct block_class *class;
    size_t *shift_memory;
    struct gemm_blocks b;
    size_t block_rows, block_weights;        /* of a task: rows, filled up ones too, over all classes, and weights */
    size_t phases;                           /* S */
    size_t *slot;                            /* [phase of all axes]: its row among the rows of its class, and */
    size_t *slot_class;                      /* its class */
    void *weights, *bias;                    /* in the order in which tasks use them */
    void *shared;                            /* all panels, where threads pack them together; else NULL */
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
        tconv_phase_classes_destroy(&e->axis[a].phases);
        tconv_free(e->axis[a].segment);
    }
    tconv_free(e->class);
    tconv_free(e->shift_memory);
    tconv_free(e->slot);
    tconv_free(e->slot_class);
    tconv_free(e->weights);
    tconv_free(e->bias);
    tconv_free(e->shared);
    tconv_free(e);
}

/* ---- segments of one axis ---- */

/* seen[a] = whether offset a of the axis is there, for 0 .. span; owned by the caller. */
static unsigned char *mark_offsets(const struct axis *x, tconv_status *status)
{
    unsigned char *seen = tconv_alloc_zero(x->phases.span + 1, 1, status);
    for (size_t i = 0; i < x->phases.n_classes && seen != NULL; i++)
        for (size_t t = 0; t < x->phases.class[i].n_offsets; t++)
            seen[x->phases.class[i].offset[t]] = 1;
    return seen;
}

static tconv_status count_offsets(const struct axis *x, size_t *count)
{
    tconv_status status = TCONV_OK;
    unsigned char *seen = mark_offsets(x, &status);
    *count = 0;
    for (size_t i = 0; i <= x->phases.span && seen != NULL; i++)
        *count += seen[i];
    tconv_free(seen);
    return status;
}

/* Which offsets get segments: all distinct ones, or a single 0 where `flat`. */
static tconv_status list_segments(struct axis *x, size_t offsets, bool flat)
{
    tconv_status status = TCONV_OK;
    unsigned char *seen = flat ? NULL : mark_offsets(x, &status);
    if (status == TCONV_OK)
        x->segment = tconv_alloc(flat ? 1 : offsets, sizeof *x->segment, &status);
    if (status == TCONV_OK && flat)
        x->segment[x->n_segments++] = 0;
    for (size_t i = 0; i <= x->phases.span && status == TCONV_OK && !flat; i++)
        if (seen[i])
            x->segment[x->n_segments++] = i;
    tconv_free(seen);
    return status;
}

/* ---- blocks ---- */

/* Rows of one class as they lie in memory: filled up to whole vectors where vectors run over them. */
static size_t filled(const struct gemm *e, const tconv_job *job, size_t rows)
{
    return e->b.by_rows ? tconv_round_up(rows, job->simd->lanes) : rows;
}

/* Rows of product block number `block`, which begins at `row`; `rows` as filled up. */
static size_t rows_of_block(const struct gemm *e, const tconv_job *job, size_t rows, size_t row, size_t block)
{
    if (!e->b.by_rows)
        return tconv_block_rows(rows, job->simd->rows, block);
    size_t tall = job->simd->tall[e->b.columns] * job->simd->lanes;
    return rows - row >= tall ? tall : job->simd->lanes;
}

/* Sizes of lines, segments and blocks: see the head of this file. */
static tconv_status choose_blocks(struct gemm *e, const tconv_job *job)
{
    tconv_status status = TCONV_OK;
    struct gemm_extents x;
    for (int a = 0; a < 3 && status == TCONV_OK; a++) {
        x.extent[a] = e->axis[a].phases.extent;
        x.span[a] = e->axis[a].phases.span;
        status = count_offsets(&e->axis[a], &x.offsets[a]);
    }
    if (status == TCONV_OK && !tconv_gemm_choose_blocks(&e->b, job, &x, job->threads))
        status = TCONV_ESIZE;
    for (int a = 0; a < 3 && status == TCONV_OK; a++)
        status = list_segments(&e->axis[a], x.offsets[a], (a == 1 && e->b.rows_merged) || (a == 2 && e->b.row_flat));
    return status;
}

static size_t segment_index(const struct axis *x, size_t offset)
{
    size_t at = 0;
    while (x->segment[at] != offset)
        at++;
    return at;
}

/* Where in a channel's panel the offsets (a0, a1, a2), counted from the lowest, begin. */
static size_t shift_of(const struct gemm *e, size_t a0, size_t a1, size_t a2)
{
    const struct axis *x = e->axis;
    bool flat = e->b.row_flat;
    size_t segment = segment_index(&x[0], a0) * x[1].n_segments + (e->b.rows_merged ? 0 : segment_index(&x[1], a1));
    size_t at = e->b.rows_merged ? a1 * e->b.line : 0;
    return (segment * x[2].n_segments + (flat ? 0 : segment_index(&x[2], a2))) * e->b.segment + at + (flat ? a2 : 0);
}

/* Rows and weights of a task of the most channels. */
static tconv_status count_rows(struct gemm *e, const tconv_job *job)
{
    size_t weights;
    for (size_t number = 0; number < e->n_classes; number++) {
        size_t rows = filled(e, job, e->b.channels * e->class[number].n_phases);
        if (!tconv_size_mul(rows * e->class[number].n_taps, job->shape.cin, &weights))
            return TCONV_ESIZE;
        e->block_rows += rows;
        e->block_weights += weights;
    }
    return TCONV_OK;
}

static void make_class(struct gemm *e, const tconv_lifted *l, size_t number, size_t *shift)
{
    struct block_class *c = &e->class[number];
    const struct axis *x = e->axis;
    c->axis[0] = &x[0].phases.class[number / (x[1].phases.n_classes * x[2].phases.n_classes)];
    c->axis[1] = &x[1].phases.class[number / x[2].phases.n_classes % x[1].phases.n_classes];
    c->axis[2] = &x[2].phases.class[number % x[2].phases.n_classes];
    c->n_taps = c->axis[0]->n_offsets * c->axis[1]->n_offsets * c->axis[2]->n_offsets;
    c->n_phases = c->axis[0]->n_phases * c->axis[1]->n_phases * c->axis[2]->n_phases;
    c->shift = shift;
    for (size_t t0 = 0; t0 < c->axis[0]->n_offsets; t0++)
        for (size_t t1 = 0; t1 < c->axis[1]->n_offsets; t1++)
            for (size_t t2 = 0; t2 < c->axis[2]->n_offsets; t2++)
                *shift++ = shift_of(e, c->axis[0]->offset[t0], c->axis[1]->offset[t1], c->axis[2]->offset[t2]);
    for (size_t p = 0; p < c->n_phases; p++) {
        size_t p2 = c->axis[2]->n_phases, p1 = c->axis[1]->n_phases;
        size_t phase = (c->axis[0]->phase[p / p2 / p1] * l->s[1] + c->axis[1]->phase[p / p2 % p1]) * l->s[2]
                     + c->axis[2]->phase[p % p2];
        e->slot[phase] = p;
        e->slot_class[phase] = number;
    }
}

static tconv_status make_classes(struct gemm *e, const tconv_lifted *l)
{
    tconv_status status = TCONV_OK;
    size_t taps[3] = { 0, 0, 0 };
    for (int a = 0; a < 3; a++)
        for (size_t i = 0; i < e->axis[a].phases.n_classes; i++)
            taps[a] += e->axis[a].phases.class[i].n_offsets;
    e->n_classes = e->axis[0].phases.n_classes * e->axis[1].phases.n_classes * e->axis[2].phases.n_classes;
    e->class = tconv_alloc_zero(e->n_classes, sizeof *e->class, &status);
    if (status == TCONV_OK) e->shift_memory = tconv_alloc(taps[0] * taps[1] * taps[2], sizeof *e->shift_memory, &status);
    if (status == TCONV_OK) e->slot = tconv_alloc(e->phases, sizeof *e->slot, &status);
    if (status == TCONV_OK) e->slot_class = tconv_alloc(e->phases, sizeof *e->slot_class, &status);
    size_t *shift = e->shift_memory;
    for (size_t number = 0; number < e->n_classes && status == TCONV_OK; number++) {
        make_class(e, l, number, shift);
        shift += e->class[number].n_taps;
    }
    return status;
}

/* ---- weights, in the order of use: group, channel block, class, row block, (ci, offset), row ---- */

static size_t tap_index(const struct gemm *e, const tconv_lifted *l, const struct block_class *c, size_t phase, size_t t)
{
    size_t p2 = c->axis[2]->n_phases, p1 = c->axis[1]->n_phases, t2 = c->axis[2]->n_offsets, t1 = c->axis[1]->n_offsets;
    size_t r0 = tconv_phase_classes_tap(&e->axis[0].phases, l, 0, c->axis[0], phase / p2 / p1, t / t2 / t1);
    size_t r1 = tconv_phase_classes_tap(&e->axis[1].phases, l, 1, c->axis[1], phase / p2 % p1, t / t2 % t1);
    return (r0 * l->k[1] + r1) * l->k[2] + tconv_phase_classes_tap(&e->axis[2].phases, l, 2, c->axis[2], phase % p2, t % t2);
}

#define NO_TAP SIZE_MAX

/* One row block: for each input channel, offset and row, the tap; `taps` is the group's part, for output channel 0. Where
 * taps come from is listed once in `source`, [n_taps][n_rows], then serves all input channels. */
static void pack_rows(const struct gemm *e, const tconv_job *job, const struct block_class *c, const double *taps, size_t first_channel,
                      size_t channels, size_t first_row, size_t n_rows, size_t at, size_t *source)
{
    const tconv_lifted *l = &job->shape;
    for (size_t t = 0; t < c->n_taps; t++)
        for (size_t r = 0; r < n_rows; r++) {
            size_t row = first_row + r, co = row / c->n_phases;
            source[t * n_rows + r] = co >= channels ? NO_TAP
                                   : (first_channel + co) * l->taps + tap_index(e, l, c, row % c->n_phases, t);
        }
    for (size_t ci = 0; ci < l->cin; ci++, taps += l->cout * l->taps)
        for (size_t i = 0; i < c->n_taps * n_rows; i++)
            tconv_job_put(job, e->weights, at++, source[i] == NO_TAP ? 0.0 : taps[source[i]]);
}

/* The weights and biases of one task. */
static void pack_block(struct gemm *e, const tconv_job *job, const double *taps, const double *bias, size_t first, size_t channels,
                       size_t at, size_t bias_at, size_t *source)
{
    for (size_t number = 0; number < e->n_classes; number++) {
        const struct block_class *c = &e->class[number];
        size_t rows = filled(e, job, channels * c->n_phases), n_rows;
        for (size_t block = 0, row = 0; row < rows; row += n_rows, block++) {
            n_rows = rows_of_block(e, job, rows, row, block);
            pack_rows(e, job, c, taps, first, channels, row, n_rows, at, source);
            at += n_rows * job->shape.cin * c->n_taps;
        }
        for (size_t r = 0; r < rows; r++)
            tconv_job_put(job, e->bias, bias_at++, r / c->n_phases < channels ? bias[first + r / c->n_phases] : 0.0);
    }
}

static tconv_status pack_weights(struct gemm *e, const tconv_job *job, const double *taps, const double *bias)
{
    const tconv_lifted *l = &job->shape;
    tconv_status status = TCONV_OK;
    size_t most_taps = 0, most_rows = e->b.by_rows ? job->simd->tall[e->b.columns] * job->simd->lanes : job->simd->rows;
    for (size_t number = 0; number < e->n_classes; number++)
        most_taps = e->class[number].n_taps > most_taps ? e->class[number].n_taps : most_taps;
    size_t *source = tconv_alloc(most_taps * most_rows + 1, sizeof *source, &status);
    for (size_t block = 0; source != NULL && block < l->groups * e->b.channel_blocks; block++) {
        size_t g = block / e->b.channel_blocks, first = block % e->b.channel_blocks * e->b.channels;
        pack_block(e, job, taps + g * l->cin * l->cout * l->taps, bias + g * l->cout, first, tconv_least(l->cout - first, e->b.channels),
                   block * e->block_weights, block * e->block_rows, source);
    }
    tconv_free(source);
    return status;
}

/* Where there are fewer panels of all input channels than several threads need as tasks, each would pack them for its output
 * channels: they pack them together, first. */
static bool share_panels(const struct gemm *e, const tconv_job *job, size_t panel, size_t *elements)
{
    size_t panels = e->b.column_blocks * job->shape.groups;
    return tconv_share_panels(job->threads, panels, e->b.channel_blocks) && e->b.inputs == job->shape.cin
        && tconv_size_mul(panels, panel, elements) && *elements <= TCONV_MOST_SHARED / job->size;
}

static tconv_status make_workers(struct gemm *e, const tconv_job *job)
{
    tconv_status status = TCONV_OK;
    size_t panel, scratch, shared;
    if (!tconv_size_mul(e->b.channel_step, e->b.inputs, &panel) || !tconv_size_mul(e->b.columns, e->block_rows, &scratch))
        return TCONV_ESIZE;
    if (share_panels(e, job, panel, &shared)) {
        e->shared = tconv_alloc(shared, job->size, &status);
        if (e->shared == NULL)
            return status;
    }
    e->worker = tconv_alloc_zero(job->threads, sizeof *e->worker, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++) {
        struct worker *w = &e->worker[i];
        w->image = w->packed = SIZE_MAX;
        if (e->shared == NULL) w->panel = tconv_alloc(panel, job->size, &status);
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
    size_t biases, weights;
    e->phases = l->s[0] * l->s[1] * l->s[2];
    for (int a = 0; a < 3 && status == TCONV_OK; a++)
        status = tconv_phase_classes_create(&e->axis[a].phases, l, a);
    if (status == TCONV_OK) status = choose_blocks(e, job);
    if (status == TCONV_OK) status = make_classes(e, l);
    if (status == TCONV_OK) status = count_rows(e, job);
    if (status != TCONV_OK)
        return status;
    if (!tconv_size_mul(l->groups * e->b.channel_blocks, e->block_rows, &biases)
        || !tconv_size_mul(l->groups * e->b.channel_blocks, e->block_weights, &weights))
        return TCONV_ESIZE;
    e->weights = tconv_alloc(weights, job->size, &status);
    if (status == TCONV_OK) e->bias = tconv_alloc(biases, job->size, &status);
    if (status == TCONV_OK) status = make_workers(e, job);
    if (status == TCONV_OK) status = pack_weights(e, job, taps, bias);
    return status;
}

static tconv_status create(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias)
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
    size_t panels = job->shape.groups * e->b.column_blocks;
    *tasks = (tconv_tasks){ .prepare = e->shared != NULL ? panels * tconv_pack_pieces(job->shape.cin) : 0, .run = panels * e->b.channel_blocks };
    *state = e;
    return TCONV_OK;
}

/* ---- execution ---- */

/* Ask for `count` samples of a row from sample `first` on, as far as it has them. */
static void ask_for(const tconv_job *job, const void *row, int64_t first, size_t count)
{
    int64_t end = first + (int64_t)count, n = (int64_t)job->shape.n[2], step = 64 / (int64_t)job->size;
    for (int64_t i = first > 0 ? first : 0; i < (end < n ? end : n); i += step)
        __builtin_prefetch(tconv_job_const_at(job, row, (size_t)i));
}

/* to = the flat positions from `position` on, `count` of them, of one channel at the offsets (a0, a1, a2). The same places
 * `next` elements on are asked for meanwhile, unless that is 0. */
static void pack_segment(const struct gemm *e, const tconv_job *job, const void *x, size_t a0, size_t a1, size_t a2, size_t position,
                         size_t count, size_t next, void *to)
{
    const tconv_lifted *l = &job->shape;
    size_t rows = e->axis[1].phases.extent, row = position / e->b.line, column = position % e->b.line;
    for (; count > 0; row++, column = 0) {
        size_t piece = tconv_least(e->b.line - column, count), r1 = e->b.rows_merged ? row : row % rows;
        int64_t i0 = e->axis[0].phases.lowest + (int64_t)((e->b.rows_merged ? 0 : row / rows) + a0);
        int64_t i1 = e->axis[1].phases.lowest + (int64_t)(r1 + a1), i2 = e->axis[2].phases.lowest + (int64_t)(column + a2);
        if (i0 >= 0 && i0 < (int64_t)l->n[0] && i1 >= 0 && i1 < (int64_t)l->n[1]) {
            const void *from = tconv_job_const_at(job, x, (size_t)(i0 * (int64_t)l->n[1] + i1) * l->n[2]);
            if (next > 0)
                ask_for(job, tconv_job_const_at(job, from, next), i2, piece);
            tconv_job_padded_row(job, from, i2, piece, l->n[2], to);
        } else
            memset(to, 0, piece * job->size);
        to = tconv_job_at(job, to, piece);
        count -= piece;
    }
}

/* In a single row columns may run on past its end, where the line would begin anew: a row alone has no next one. */
static void pack_alone(const struct gemm *e, const tconv_job *job, const void *x, size_t position, void *to)
{
    const tconv_lifted *l = &job->shape;
    int64_t i0 = e->axis[0].phases.lowest, i1 = e->axis[1].phases.lowest, i2 = e->axis[2].phases.lowest + (int64_t)position;
    for (size_t a = 0; a < e->axis[0].n_segments; a++)
        for (size_t b = 0; b < e->axis[1].n_segments; b++) {
            int64_t at0 = i0 + (int64_t)e->axis[0].segment[a], at1 = i1 + (int64_t)e->axis[1].segment[b];
            bool inside = at0 >= 0 && at0 < (int64_t)l->n[0] && at1 >= 0 && at1 < (int64_t)l->n[1];
            void *segment = tconv_job_at(job, to, (a * e->axis[1].n_segments + b) * e->b.segment);
            if (inside)
                tconv_job_padded_row(job, tconv_job_const_at(job, x, (size_t)(at0 * (int64_t)l->n[1] + at1) * l->n[2]), i2,
                                     e->b.segment, l->n[2], segment);
            else
                memset(segment, 0, e->b.segment * job->size);
        }
}

/* The panel of `inputs` channels from x on, for the columns from flat position `position` on. */
static void pack_panel(const struct gemm *e, const tconv_job *job, const void *x, size_t inputs, size_t position, void *panel)
{
    const struct axis *axis = e->axis;
    bool alone = axis[0].phases.extent * axis[1].phases.extent == 1, far = job->shape.cin * job->shape.small * job->size > FAR_INPUT;
    for (size_t ci = 0; ci < inputs; ci++) {
        const void *channel = tconv_job_const_at(job, x, ci * job->shape.small);
        size_t at = ci * e->b.channel_step, next = far && ci + 1 < inputs ? job->shape.small : 0;
        if (alone) {
            pack_alone(e, job, channel, position, tconv_job_at(job, panel, at));
            continue;
        }
        for (size_t a = 0; a < axis[0].n_segments; a++)
            for (size_t b = 0; b < axis[1].n_segments; b++)
                for (size_t c = 0; c < axis[2].n_segments; c++, at += e->b.segment)
                    pack_segment(e, job, channel, axis[0].segment[a], axis[1].segment[b], axis[2].segment[c], position, e->b.segment,
                                 next, tconv_job_at(job, panel, at));
    }
}

static void *shared_panel(const struct gemm *e, const tconv_job *job, size_t panel)
{
    return tconv_job_at(job, e->shared, panel * e->b.channel_step * job->shape.cin);
}

/* Task: some input channels of one panel. */
static void prepare(void *state, const tconv_job *job, size_t worker, size_t task, const void *x)
{
    struct gemm *e = state;
    size_t cin = job->shape.cin, pieces = tconv_pack_pieces(cin), panel = task / pieces, first = task % pieces * TCONV_PACKED_TOGETHER;
    (void)worker;
    pack_panel(e, job, tconv_job_const_at(job, x, (panel / e->b.column_blocks * cin + first) * job->shape.small),
               tconv_least(cin - first, TCONV_PACKED_TOGETHER), panel % e->b.column_blocks * e->b.columns,
               tconv_job_at(job, shared_panel(e, job, panel), first * e->b.channel_step));
}

/* All rows of one class over the panel of input channels first_input .., into scratch rows of e->b.columns. */
static void multiply(const struct gemm *e, const tconv_job *job, const struct block_class *c, size_t rows, size_t columns,
                     size_t first_input, size_t inputs, const void *weights, const void *bias, const void *panel, void *scratch)
{
    const tconv_simd *simd = job->simd;
    size_t wide = simd->lanes * simd->wide, n_rows;
    for (size_t block = 0, row = 0; row < rows; row += n_rows, block++) {
        n_rows = rows_of_block(e, job, rows, row, block);
        const void *a = tconv_job_const_at(job, weights, (row * job->shape.cin + first_input * n_rows) * c->n_taps);
        const void *start = first_input == 0 ? tconv_job_const_at(job, bias, row) : NULL;
        void *to = tconv_job_at(job, scratch, row * e->b.columns);
        if (e->b.by_rows)
            (n_rows > simd->lanes ? simd->tall_rows : simd->flat_rows)[columns](a, panel, e->b.channel_step, inputs, c->shift, c->n_taps,
                                                                                start, to, to, e->b.columns);
        for (size_t column = 0, step; column < columns && !e->b.by_rows; column += step) {
            size_t left = columns - column, room = e->b.columns - column;
            bool broad = simd->broad[n_rows] != NULL && room >= 2 * wide && left > wide, full = room >= wide && left > simd->lanes;
            tconv_simd_product *product = (broad ? simd->broad : full ? simd->product : simd->narrow)[n_rows];
            step = broad ? 2 * wide : full ? wide : simd->lanes;
            product(a, tconv_job_const_at(job, panel, column), e->b.channel_step, inputs, c->shift, c->n_taps, start,
                    tconv_job_at(job, to, column), tconv_job_at(job, to, column), e->b.columns);
        }
    }
}

/* Weave a task's scratch rows into the output, one run of positions of one row of m at a time. */
static void write_block(const struct gemm *e, const tconv_job *job, struct worker *w, size_t position, size_t columns,
                        size_t channels, void *y)
{
    const tconv_lifted *l = &job->shape;
    for (size_t done = 0, piece; done < columns; done += piece) {
        size_t row = (position + done) / e->b.line, column = (position + done) % e->b.line;
        piece = tconv_least(e->b.line - column, columns - done);
        size_t used = column < e->axis[2].phases.extent ? tconv_least(piece, e->axis[2].phases.extent - column) : 0;
        size_t m0 = row / e->axis[1].phases.extent, m1 = row % e->axis[1].phases.extent;
        for (size_t co = 0; co < channels && used > 0; co++)
            for (size_t q = 0; q < l->s[0] * l->s[1]; q++) {
                size_t j0 = l->s[0] * m0 + q / l->s[1], j1 = l->s[1] * m1 + q % l->s[1];
                if (j0 >= l->m[0] || j1 >= l->m[1])
                    continue;
                for (size_t q2 = 0; q2 < l->s[2]; q2++) {
                    size_t phase = q * l->s[2] + q2, number = e->slot_class[phase];
                    size_t at = w->class_at[number] + co * e->class[number].n_phases + e->slot[phase];
                    w->row[q2] = tconv_job_at(job, w->scratch, at * e->b.columns);
                }
                size_t line = (co * l->m[0] + j0) * l->m[1] + j1;
                tconv_job_write_row(job, w->row, l->s[2], done, (int64_t)(l->s[2] * column), used, tconv_job_at(job, y, line * l->m[2]));
            }
    }
}

/* A single column whose phases are the outputs of a channel, in their order: the results are the output as they lie. */
static bool is_output(const struct gemm *e, const tconv_lifted *l)
{
    return e->b.by_rows && e->b.columns == 1 && e->n_classes == 1 && l->s[0] == l->m[0] && l->s[1] == l->m[1] && l->s[2] == l->m[2];
}

static void run(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y)
{
    struct gemm *e = state;
    const tconv_lifted *l = &job->shape;
    struct worker *w = &e->worker[worker];
    size_t channel_block = task % e->b.channel_blocks, panel = task / e->b.channel_blocks;
    size_t column_block = panel % e->b.column_blocks, g = panel / e->b.column_blocks;
    size_t position = column_block * e->b.columns, columns = tconv_least(e->b.flat - position, e->b.columns);
    size_t first = channel_block * e->b.channels, channels = tconv_least(l->cout - first, e->b.channels);
    for (size_t input = 0; input < l->cin; input += e->b.inputs) {
        size_t inputs = tconv_least(l->cin - input, e->b.inputs), rows_before = 0;
        const void *packed = e->shared != NULL ? shared_panel(e, job, panel) : w->panel;
        if (e->shared == NULL && (e->b.inputs < l->cin || w->image != image || w->packed != panel))
            pack_panel(e, job, tconv_job_const_at(job, x, (g * l->cin + input) * l->small), inputs, position, w->panel);
        w->image = image;
        w->packed = panel;
        size_t block = g * e->b.channel_blocks + channel_block, weights = block * e->block_weights, bias = block * e->block_rows;
        for (size_t number = 0; number < e->n_classes; number++) {
            const struct block_class *c = &e->class[number];
            size_t rows = filled(e, job, channels * c->n_phases);
            multiply(e, job, c, rows, columns, input, inputs, tconv_job_at(job, e->weights, weights),
                     tconv_job_at(job, e->bias, bias), packed, tconv_job_at(job, w->scratch, rows_before * e->b.columns));
            weights += rows * l->cin * c->n_taps;
            bias += rows;
            w->class_at[number] = rows_before;
            rows_before += rows;
        }
    }
    void *to = tconv_job_at(job, y, (g * l->cout + first) * l->large);
    if (is_output(e, l))
        memcpy(to, w->scratch, channels * l->large * job->size);
    else
        write_block(e, job, w, position, columns, channels, to);
}

const tconv_engine_table tconv_engine_gemm = { create, destroy, prepare, run };
