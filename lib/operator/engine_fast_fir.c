/* engine_fast_fir.c - the branches as products of matrices with fewer multiplications: fast FIR in the polyphase domain.
 *
 * Two neighbouring outputs of a phase with two taps need three products instead of four (Winograd 1980, F(2,2); Parhi,
 * VLSI Digital Signal Processing Systems, 1999, section 9.2). With d0, d1, d2 neighbouring inputs, a the tap on the older
 * input and b the one on the newer:
 *
 *     y0 = d0 a + d1 b = d1 (a + b) + (d0 - d1) a
 *     y1 = d1 a + d2 b = d1 (a + b) + (d2 - d1) b
 *
 * The sums of taps are made once per plan. The differences of inputs serve all output channels and all phases of a
 * class (phase_classes.h), so in a layer of many channels they cost little. A phase of more taps is a sum of such pairs,
 * and an odd tap that is left over makes two plain products. Where k = 2s this is 3/4 of the multiplications in 1-D, and
 * with pairs along both axes 9/16 in 2-D. (Axis 0, that of 3-D layers, is not paired.)
 *
 * So along a paired axis a column stands for the outputs m = 2u and 2u + 1, and each class has a list of items:
 *
 *     item                            weight     goes to
 *     x[2u + a]                       a + b      both outputs        per pair, a the larger offset
 *     x[2u + a] - x[2u + a - 1]       -a         the even one
 *     x[2u + a + 1] - x[2u + a]       b          the odd one
 *     x[2u + a],  x[2u + a + 1]       tap        the even one, the odd one        per single tap
 *
 * (a and b in the column of weights are taps.) In D dimensions items are products of the axes' items. All items are
 * packed into a panel, and each of the at most 3 x 3 targets is one matrix product over (ci, item): rows (co, phase),
 * columns u. Sums that go to both outputs are made first, and both begin with them; along axis 1 they are added at the
 * end.
 *
 * Error. Each of the at most K terms of an output's sum is a product of a difference of inputs, rounded once per paired
 * axis, with a sum of taps, rounded once in float, at most three times in double; then come its own rounding, at most K of
 * sums, and one when the two parts of axis 1 meet:
 *
 *     |error| <= (K + 8) u (|bias| + sum |w| |x|~)      |x|~[i] = 2 |x[i-1]| + |x[i]| + 2 |x[i+1]| along each paired axis
 *
 * since |d0 - d1||a| + |d1||a + b| <= |a| (|d0| + 2|d1|) + |b||d1|, and so for y1. Integers stay exact as long as these
 * sums fit the type. The order of every sum is fixed by the plan: bits do not depend on threads, blocks or the batch.
 */
#include "fast_fir.h"

static void destroy(void *state)
{
    struct fast_fir *e = state;
    if (e == NULL)
        return;
    for (size_t i = 0; e->worker != NULL && i < e->n_workers; i++) {
        struct fast_fir_worker *w = &e->worker[i];
        tconv_free(w->panel);
        tconv_free(w->results);
        tconv_free(w->both);
        tconv_free(w->line);
        tconv_free(w->rows);
        tconv_free(w->input);
        tconv_free(w->row);
        tconv_free(w->class_at);
    }
    tconv_free(e->worker);
    for (int a = 0; a < 3; a++) {
        tconv_phase_classes_destroy(&e->axis[a].phases);
        tconv_free(e->axis[a].class);
        tconv_free(e->axis[a].memory);
    }
    tconv_free(e->class);
    tconv_free(e->shift_memory);
    tconv_free(e->slot);
    tconv_free(e->slot_class);
    tconv_free(e->weights);
    tconv_free(e->bias);
    tconv_free(e->zeros);
    tconv_free(e->shared);
    tconv_free(e);
}

static tconv_status choose_blocks(struct fast_fir *e, const tconv_job *job)
{
    const struct fast_fir_axis *x = e->axis;
    if (!tconv_fast_fir_choose_blocks(&e->b, job, x[0].tiles * x[1].tiles * x[2].tiles, x[1].outputs * x[2].outputs, e->panels, job->threads))
        return TCONV_ESIZE;
    tconv_fast_fir_place_items(e);
    return TCONV_OK;
}

/* Where there are fewer panels than several threads need as tasks, each would pack them all for its output channels:
 * they pack them together, first, and all of them stay. */
static bool share_panels(const struct fast_fir *e, const tconv_job *job, size_t *elements)
{
    size_t panels = e->b.column_blocks * job->shape.groups;
    return tconv_share_panels(job->threads, panels, e->b.channel_blocks)
        && tconv_size_mul(panels * e->b.columns * e->all_panels, job->shape.cin, elements) && *elements <= TCONV_MOST_SHARED / job->size;
}

static tconv_status make_workers(struct fast_fir *e, const tconv_job *job)
{
    tconv_status status = TCONV_OK;
    size_t panel, results, shared = 0, parities = e->axis[1].outputs * e->axis[2].outputs;
    size_t line, rows, most_rows;
    tconv_fast_fir_most_segment(e, &most_rows, &line);
    if (!tconv_size_mul(e->b.columns * e->panels, job->shape.cin, &panel)
        || !tconv_size_mul(e->b.columns * e->b.channels * parities, e->phases, &results) || !tconv_size_mul(most_rows, line, &rows))
        return TCONV_ESIZE;
    if (share_panels(e, job, &shared)) {
        e->shared = tconv_alloc(shared, job->size, &status);
        if (e->shared == NULL)
            return status;
    }
    e->worker = tconv_alloc_zero(job->threads, sizeof *e->worker, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++) {
        struct fast_fir_worker *w = &e->worker[i];
        if (e->shared == NULL) w->panel = tconv_alloc(panel, job->size, &status);
        if (status == TCONV_OK) w->results = tconv_alloc(results, job->size, &status);
        if (status == TCONV_OK) w->both = tconv_alloc(2 * job->simd->rows * e->b.columns, job->size, &status);
        if (status == TCONV_OK) w->line = tconv_alloc(line, job->size, &status);
        if (status == TCONV_OK) w->rows = tconv_alloc(rows, job->size, &status);
        if (status == TCONV_OK) w->input = tconv_alloc(most_rows, sizeof *w->input, &status);
        if (status == TCONV_OK) w->row = tconv_alloc(2 * job->shape.s[2], sizeof *w->row, &status);
        if (status == TCONV_OK) w->class_at = tconv_alloc(e->n_classes, sizeof *w->class_at, &status);
    }
    return status;
}

static tconv_status fill_in(struct fast_fir *e, const tconv_job *job, const double *taps, const double *bias)
{
    const tconv_lifted *l = &job->shape;
    size_t biases, weights;
    e->phases = l->s[0] * l->s[1] * l->s[2];
    tconv_status status = tconv_fast_fir_make_items(e, l);
    if (status == TCONV_OK) status = choose_blocks(e, job);
    if (status != TCONV_OK)
        return status;
    if (!tconv_size_mul(l->groups * l->cout, e->phases, &biases)
        || !tconv_size_mul(l->groups * l->cout * l->cin, e->channel_weights, &weights))
        return TCONV_ESIZE;
    e->weights = tconv_alloc(weights, job->size, &status);
    if (status == TCONV_OK) e->bias = tconv_alloc(biases, job->size, &status);
    if (status == TCONV_OK) e->zeros = tconv_alloc_zero(job->simd->rows, job->size, &status);
    if (status == TCONV_OK) status = make_workers(e, job);
    if (status == TCONV_OK) status = tconv_fast_fir_pack_weights(e, job, taps, bias);
    return status;
}

static tconv_status create(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias)
{
    tconv_status status = TCONV_OK;
    struct fast_fir *e = tconv_alloc_zero(1, sizeof *e, &status);
    *state = NULL;
    if (e == NULL)
        return status;
    status = fill_in(e, job, taps, bias);
    if (status != TCONV_OK) {
        destroy(e);
        return status;
    }
    size_t panels = job->shape.groups * e->b.column_blocks, pieces = panels * e->n_classes * tconv_pack_pieces(job->shape.cin);
    *tasks = (tconv_tasks){ .prepare = e->shared != NULL ? pieces : 0, .run = panels * e->b.channel_blocks };
    *state = e;
    return TCONV_OK;
}

/* ---- execution ---- */

/* Where in the shared panels that of class c for column block `block` begins; blocks are numbered over all groups. */
static void *shared_panel(const struct fast_fir *e, const tconv_job *job, const struct fast_fir_class *c, size_t block)
{
    return tconv_job_at(job, e->shared, (block * e->all_panels + c->panels_before) * e->b.columns * job->shape.cin);
}

/* Task: some input channels of one class of one column block. */
static void prepare(void *state, const tconv_job *job, size_t worker, size_t task, const void *x)
{
    struct fast_fir *e = state;
    size_t pieces = tconv_pack_pieces(job->shape.cin), first = task % pieces * TCONV_PACKED_TOGETHER, block = task / pieces / e->n_classes;
    size_t channel = block / e->b.column_blocks * job->shape.cin + first;
    const struct fast_fir_class *c = &e->class[task / pieces % e->n_classes];
    tconv_fast_fir_pack_panel(e, job, &e->worker[worker], c, tconv_job_const_at(job, x, channel * job->shape.small),
                              tconv_least(job->shape.cin - first, TCONV_PACKED_TOGETHER), block % e->b.column_blocks * e->b.columns,
                              tconv_job_at(job, shared_panel(e, job, c, block), first * c->panels * e->b.columns));
}

/* One row block of one pair of targets over all columns; start NULL: sums go on from what `before` holds. */
static void multiply(const struct fast_fir *e, const tconv_job *job, const void *panel, const struct fast_fir_class *c, size_t n_rows,
                     size_t columns, const void *weights, size_t first_item, size_t items, const void *start, const void *before,
                     void *to)
{
    const tconv_simd *simd = job->simd;
    size_t wide = simd->lanes * simd->wide;
    for (size_t column = 0; column < columns;) {
        bool full = column + wide <= e->b.columns && columns - column > simd->lanes;
        (full ? simd->product : simd->narrow)[n_rows](weights, tconv_job_const_at(job, panel, column), c->panels * e->b.columns,
                                                      job->shape.cin, c->shift + first_item, items, start,
                                                      tconv_job_const_at(job, before, column), tconv_job_at(job, to, column),
                                                      e->b.columns);
        column += full ? wide : simd->lanes;
    }
}

/* What a row block has come to: where the weights and items of the next pair of targets are. */
struct progress {
    const void *weights;
    size_t item;
};

/* The sums of target t1 of axis 1 for both outputs of axis 2, which go to even[] and odd[] (rows of e->b.columns). */
static void multiply_pair(const struct fast_fir *e, const tconv_job *job, const void *panel, const struct fast_fir_class *c, int t1,
                          size_t n_rows, size_t columns, struct progress *at, const void *start, void *even, void *odd)
{
    size_t both = tconv_fast_fir_target_items(c, t1, BOTH), to_even = tconv_fast_fir_target_items(c, t1, EVEN);
    size_t to_odd = tconv_fast_fir_target_items(c, t1, ODD), size = job->shape.cin * n_rows;
    const void *even_weights = tconv_job_const_at(job, at->weights, both * size);
    const void *odd_weights = tconv_job_const_at(job, even_weights, to_even * size);
    bool shared = c->axis[2]->count[BOTH] > 0;
    if (shared)
        multiply(e, job, panel, c, n_rows, columns, at->weights, at->item, both, start, even, even);
    if (e->axis[2].paired)                            /* the odd ones first, as they begin with what `even` holds */
        multiply(e, job, panel, c, n_rows, columns, odd_weights, at->item + both + to_even, to_odd, shared ? NULL : start,
                 shared ? even : odd, odd);
    multiply(e, job, panel, c, n_rows, columns, even_weights, at->item + both, to_even, shared ? NULL : start, even, even);
    at->weights = tconv_job_const_at(job, odd_weights, to_odd * size);
    at->item += both + to_even + to_odd;
}

/* All rows of class c over its panel, `first_row` the first of them among the task's results. */
static void multiply_class(const struct fast_fir *e, const tconv_job *job, const struct fast_fir_worker *w, const void *panel,
                           const struct fast_fir_class *c, size_t rows, size_t columns, size_t first_row, const void *weights,
                           const void *bias)
{
    size_t all_rows = e->b.channels * e->phases, outputs2 = e->axis[2].outputs, size = e->b.columns;
    struct progress at = { .weights = weights };
    void *both = w->both, *both_odd = tconv_job_at(job, w->both, job->simd->rows * size);
    for (size_t block = 0, row = 0, n_rows; row < rows; row += n_rows, block++) {
        n_rows = tconv_block_rows(rows, job->simd->rows, block);
        const void *start = tconv_job_const_at(job, bias, row);
        bool shared = c->axis[1]->count[BOTH] > 0;
        at.item = 0;
        if (shared) {
            multiply_pair(e, job, panel, c, BOTH, n_rows, columns, &at, start, both, both_odd);
            start = e->zeros;
        }
        for (size_t p1 = 0; p1 < e->axis[1].outputs; p1++) {
            void *even = tconv_job_at(job, w->results, (p1 * outputs2 * all_rows + first_row + row) * size);
            void *odd = tconv_job_at(job, even, outputs2 > 1 ? all_rows * size : 0);
            multiply_pair(e, job, panel, c, p1 == 0 ? EVEN : ODD, n_rows, columns, &at, start, even, odd);
            if (shared) {
                job->simd->add(both, even, n_rows * size);
                if (outputs2 > 1)
                    job->simd->add(both_odd, odd, n_rows * size);
            }
        }
    }
}

/* One run of columns of one tile row into one output row: row j0 of axis 0, m1 = outputs * t1 + p1, phase e1 of axis 1. */
static void write_run(const struct fast_fir *e, const tconv_job *job, struct fast_fir_worker *w, size_t done, size_t column, size_t count,
                      size_t co, size_t phase01, size_t p1, void *y)
{
    size_t all_rows = e->b.channels * e->phases, s2 = job->shape.s[2], outputs2 = e->axis[2].outputs;
    for (size_t p2 = 0; p2 < outputs2; p2++)
        for (size_t q2 = 0; q2 < s2; q2++) {
            size_t phase = phase01 * s2 + q2, number = e->slot_class[phase];
            size_t row = w->class_at[number] + co * e->class[number].n_phases + e->slot[phase];
            w->row[p2 * s2 + q2] = tconv_job_at(job, w->results, ((p1 * outputs2 + p2) * all_rows + row) * e->b.columns);
        }
    tconv_job_write_row(job, w->row, outputs2 * s2, done, (int64_t)(outputs2 * s2 * column), count, y);
}

/* Weave a task's results into the output, one run of columns of one tile row at a time. */
static void write_block(const struct fast_fir *e, const tconv_job *job, struct fast_fir_worker *w, size_t position, size_t columns,
                        size_t channels, void *y)
{
    const tconv_lifted *l = &job->shape;
    size_t tiles1 = e->axis[1].tiles, tiles2 = e->axis[2].tiles, outputs1 = e->axis[1].outputs;
    for (size_t done = 0, piece; done < columns; done += piece) {
        size_t row = (position + done) / tiles2, column = (position + done) % tiles2;
        piece = tconv_least(tiles2 - column, columns - done);
        for (size_t co = 0; co < channels; co++)
            for (size_t p1 = 0; p1 < outputs1; p1++)
                for (size_t q = 0; q < l->s[0] * l->s[1]; q++) {
                    size_t j0 = l->s[0] * (row / tiles1) + q / l->s[1], j1 = l->s[1] * (outputs1 * (row % tiles1) + p1) + q % l->s[1];
                    if (j0 < l->m[0] && j1 < l->m[1])
                        write_run(e, job, w, done, column, piece, co, q, p1,
                                  tconv_job_at(job, y, ((co * l->m[0] + j0) * l->m[1] + j1) * l->m[2]));
                }
    }
}

static void run(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y)
{
    struct fast_fir *e = state;
    const tconv_lifted *l = &job->shape;
    struct fast_fir_worker *w = &e->worker[worker];
    size_t channel_block = task % e->b.channel_blocks, column_block = task / e->b.channel_blocks % e->b.column_blocks;
    size_t g = task / e->b.channel_blocks / e->b.column_blocks, position = column_block * e->b.columns;
    size_t columns = tconv_least(e->b.flat - position, e->b.columns), rows_before = 0;
    size_t first = channel_block * e->b.channels, channels = tconv_least(l->cout - first, e->b.channels);
    size_t weights = (g * l->cout + first) * l->cin * e->channel_weights, bias = (g * l->cout + first) * e->phases;
    (void)image;
    for (size_t number = 0; number < e->n_classes; number++) {
        const struct fast_fir_class *c = &e->class[number];
        size_t rows = channels * c->n_phases;
        const void *panel = e->shared != NULL ? shared_panel(e, job, c, g * e->b.column_blocks + column_block) : w->panel;
        if (e->shared == NULL)
            tconv_fast_fir_pack_panel(e, job, w, c, tconv_job_const_at(job, x, g * l->cin * l->small), l->cin, position, w->panel);
        multiply_class(e, job, w, panel, c, rows, columns, rows_before, tconv_job_at(job, e->weights, weights), tconv_job_at(job, e->bias, bias));
        weights += rows * l->cin * c->panels;
        bias += rows;
        w->class_at[number] = rows_before;
        rows_before += rows;
    }
    write_block(e, job, w, position, columns, channels, tconv_job_at(job, y, (g * l->cout + first) * l->large));
}

const tconv_engine_table tconv_engine_fast_fir = { create, destroy, prepare, run };
