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
 * columns u. Sums that go to both outputs are made first and copied; along axis 1 they are added at the end.
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
#include <stdint.h>
#include <string.h>

#include "blocks.h"
#include "engine.h"
#include "phase_classes.h"

#define PANEL_BYTES ((size_t)320 << 10)      /* aim for the packed items of a task, */
#define SCRATCH_BYTES ((size_t)384 << 10)    /* and for its results: together less than a usual L2 */
#define MOST_COLUMNS 512
#define MOST_SHARED ((size_t)16 << 20)       /* bytes of panels that threads share */
#define PACKED_TOGETHER 32                   /* input channels of a task that packs shared panels */

enum { BOTH, EVEN, ODD, TARGETS };           /* outputs of a pair; an axis that is not paired has EVEN only */

struct item {
    bool difference;                         /* of the input at offset + 1 and the one at */
    size_t offset;                           /* a - lowest */
    size_t tap;                              /* weight = by_tap * tap number `tap` of the phase + by_next * the next one */
    double by_tap, by_next;
};

/* The items of one class of one axis, those of one target after those of the other. */
struct axis_items {
    const tconv_phase_class *of;
    size_t count[TARGETS], n;
    size_t first, last;                      /* of the inputs that the items of a column take, counted from its lowest */
    struct item *item;                       /* part of struct axis's memory */
};

struct axis {
    tconv_phase_classes phases;
    bool paired;
    size_t outputs, tiles;                   /* outputs of a column: 2 or 1; columns */
    struct axis_items *class;                /* [phases.n_classes] */
    struct item *memory;
};

/* The product of one class of each axis. */
struct block_class {
    const struct axis_items *axis[3];
    size_t n_phases, panels;
    size_t panels_before;                    /* of the classes before */
    size_t *shift;                           /* [panels]: where in a channel's panel item (i0, i1, i2) begins, by targets */
};

struct worker {
    void *panel, *results, *both;            /* panel: NULL where it is shared */
    void *rows, *line;                       /* input rows with zeros around them; a difference of two */
    const void **input;                      /* where the input rows of a segment are: in x or in `rows` */
    const void **row;                        /* the rows that are woven */
    size_t *class_at;                        /* [n_classes]: the first row of each class */
};

struct fast_fir {
    struct axis axis[3];
    size_t n_classes, panels;                /* most panels of a class */
    struct block_class *class;
    size_t *shift_memory;
    size_t flat, columns, column_blocks;     /* columns in all, of a task */
    size_t channels, channel_blocks;         /* output channels of a task */
    size_t phases;                           /* S */
    size_t *slot, *slot_class;               /* [phase of all axes]: its row among the rows of its class, and its class */
    size_t channel_weights;                  /* weights of one output channel and one input channel */
    size_t all_panels;                       /* of all classes */
    void *shared;                            /* the panels of all columns and classes, where threads pack them together; else NULL */
    void *weights, *bias, *zeros;
    size_t n_workers;
    struct worker *worker;
};

static void destroy(void *state)
{
    struct fast_fir *e = state;
    if (e == NULL)
        return;
    for (size_t i = 0; e->worker != NULL && i < e->n_workers; i++) {
        struct worker *w = &e->worker[i];
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

/* ---- items of one axis ---- */

/* The items of target `target` of one class; returns where the next ones go. */
static struct item *list_target(const struct axis *x, struct axis_items *c, int target, struct item *next)
{
    size_t taps = c->of->n_offsets, pairs = x->paired && x->phases.step == 1 ? taps / 2 : 0;
    struct item *first = next;
    for (size_t p = 0; p < pairs; p++) {
        size_t t = 2 * p, a = c->of->offset[t];
        if (target == BOTH)
            *next++ = (struct item){ .offset = a, .tap = t, .by_tap = 1.0, .by_next = 1.0 };
        else if (target == EVEN)
            *next++ = (struct item){ .difference = true, .offset = a - 1, .tap = t + 1, .by_tap = -1.0 };
        else
            *next++ = (struct item){ .difference = true, .offset = a, .tap = t, .by_tap = 1.0 };
    }
    for (size_t t = 2 * pairs; t < taps; t++)
        if (target == EVEN || (target == ODD && x->paired))
            *next++ = (struct item){ .offset = c->of->offset[t] + (target == ODD ? 1 : 0), .tap = t, .by_tap = 1.0 };
    c->count[target] = (size_t)(next - first);
    return next;
}

static tconv_status make_axis(struct axis *x, const tconv_lifted *l, int axis)
{
    tconv_status status = tconv_phase_classes_create(&x->phases, l, axis);
    if (status != TCONV_OK)
        return status;
    size_t taps = 0;
    for (size_t i = 0; i < x->phases.n_classes; i++) {
        taps += x->phases.class[i].n_offsets;
        if (axis > 0 && x->phases.extent > 1 && x->phases.step == 1 && x->phases.class[i].n_offsets > 1)
            x->paired = true;
    }
    x->outputs = x->paired ? 2 : 1;
    x->tiles = (x->phases.extent + x->outputs - 1) / x->outputs;
    x->class = tconv_alloc_zero(x->phases.n_classes, sizeof *x->class, &status);
    if (status == TCONV_OK)
        x->memory = tconv_alloc(2 * taps + 1, sizeof *x->memory, &status);      /* a pair has 3, a single tap 1 or 2 */
    struct item *next = x->memory;
    for (size_t i = 0; i < x->phases.n_classes && status == TCONV_OK; i++) {
        struct axis_items *c = &x->class[i];
        c->of = &x->phases.class[i];
        c->item = next;
        for (int target = BOTH; target < TARGETS; target++)
            next = list_target(x, c, target, next);
        c->n = (size_t)(next - c->item);
        c->first = SIZE_MAX;
        for (const struct item *item = c->item; item < next; item++) {
            size_t last = item->offset + (item->difference ? 1 : 0);
            c->first = tconv_least(c->first, item->offset);
            c->last = last > c->last ? last : c->last;
        }
    }
    return status;
}

/* ---- blocks ---- */

/* Few enough columns for the panel and, so that items are not packed again for many channel blocks, for the results of
 * half of the channels. */
static tconv_status choose_blocks(struct fast_fir *e, const tconv_job *job)
{
    size_t wide = job->simd->lanes * job->simd->wide, cout = job->shape.cout, item_bytes, bytes;
    size_t channel_bytes = e->axis[1].outputs * e->axis[2].outputs * e->phases * job->size;   /* results of a column */
    e->flat = e->axis[0].tiles * e->axis[1].tiles * e->axis[2].tiles;
    if (!tconv_size_mul(job->shape.cin * job->size, e->panels, &item_bytes) || !tconv_size_mul(item_bytes, MOST_COLUMNS, &bytes))
        return TCONV_ESIZE;
    size_t most = item_bytes > 0 ? PANEL_BYTES / item_bytes / wide * wide : MOST_COLUMNS;
    most = tconv_least(most, SCRATCH_BYTES / channel_bytes / ((cout + 1) / 2) / wide * wide);
    most = most < wide ? wide : tconv_least(most, MOST_COLUMNS);
    e->column_blocks = (e->flat + most - 1) / most;
    e->columns = tconv_round_up((e->flat + e->column_blocks - 1) / e->column_blocks, e->flat < wide ? job->simd->lanes : wide);
    e->column_blocks = (e->flat + e->columns - 1) / e->columns;
    e->channels = tconv_block_channels(cout, SCRATCH_BYTES / (channel_bytes * e->columns), e->column_blocks * job->shape.groups,
                                       job->threads, &e->channel_blocks);
    return TCONV_OK;
}

/* Items of one class in the order of panels: (target 1, target 2) by (target 1, target 2), and i0, i1, i2 in each. */
static void list_shifts(const struct block_class *c, size_t columns)
{
    size_t *shift = c->shift, first1 = 0;
    for (int t1 = 0; t1 < TARGETS; first1 += c->axis[1]->count[t1], t1++) {
        size_t first2 = 0;
        for (int t2 = 0; t2 < TARGETS; first2 += c->axis[2]->count[t2], t2++)
            for (size_t i0 = 0; i0 < c->axis[0]->n; i0++)
                for (size_t i1 = first1; i1 < first1 + c->axis[1]->count[t1]; i1++)
                    for (size_t i2 = first2; i2 < first2 + c->axis[2]->count[t2]; i2++)
                        *shift++ = ((i0 * c->axis[1]->n + i1) * c->axis[2]->n + i2) * columns;
    }
}

static void make_class(struct fast_fir *e, const tconv_lifted *l, size_t number)
{
    struct block_class *c = &e->class[number];
    size_t n1 = e->axis[1].phases.n_classes, n2 = e->axis[2].phases.n_classes;
    c->axis[0] = &e->axis[0].class[number / n2 / n1];
    c->axis[1] = &e->axis[1].class[number / n2 % n1];
    c->axis[2] = &e->axis[2].class[number % n2];
    c->panels = c->axis[0]->n * c->axis[1]->n * c->axis[2]->n;
    const tconv_phase_class *p0 = c->axis[0]->of, *p1 = c->axis[1]->of, *p2 = c->axis[2]->of;
    c->n_phases = p0->n_phases * p1->n_phases * p2->n_phases;
    for (size_t p = 0; p < c->n_phases; p++) {
        size_t phase = (p0->phase[p / p2->n_phases / p1->n_phases] * l->s[1] + p1->phase[p / p2->n_phases % p1->n_phases]) * l->s[2]
                     + p2->phase[p % p2->n_phases];
        e->slot[phase] = p;
        e->slot_class[phase] = number;
    }
    e->panels = c->panels > e->panels ? c->panels : e->panels;
    c->panels_before = e->all_panels;
    e->all_panels += c->panels;
    e->channel_weights += c->panels * c->n_phases;
}

static tconv_status make_classes(struct fast_fir *e, const tconv_job *job)
{
    tconv_status status = TCONV_OK;
    size_t items[3] = { 0, 0, 0 }, all;
    for (int a = 0; a < 3; a++)
        for (size_t i = 0; i < e->axis[a].phases.n_classes; i++)
            items[a] += e->axis[a].class[i].n;
    if (!tconv_size_mul(items[0] * items[1], items[2], &all))
        return TCONV_ESIZE;
    e->n_classes = e->axis[0].phases.n_classes * e->axis[1].phases.n_classes * e->axis[2].phases.n_classes;
    e->class = tconv_alloc_zero(e->n_classes, sizeof *e->class, &status);
    if (status == TCONV_OK) e->shift_memory = tconv_alloc(all, sizeof *e->shift_memory, &status);
    if (status == TCONV_OK) e->slot = tconv_alloc(e->phases, sizeof *e->slot, &status);
    if (status == TCONV_OK) e->slot_class = tconv_alloc(e->phases, sizeof *e->slot_class, &status);
    for (size_t number = 0; number < e->n_classes && status == TCONV_OK; number++)
        make_class(e, &job->shape, number);
    if (status == TCONV_OK) status = choose_blocks(e, job);
    size_t *shift = e->shift_memory;
    for (size_t number = 0; number < e->n_classes && status == TCONV_OK; number++) {
        e->class[number].shift = shift;
        list_shifts(&e->class[number], e->columns);
        shift += e->class[number].panels;
    }
    return status;
}

/* ---- weights, in the order of use: group, channel block, class, row block, (target 1, target 2), (ci, item), row ---- */

/* Where the weight of an item comes from, within the taps of one input channel: factor * w[at], at most two per axis. */
struct source {
    size_t at;
    double factor;
};

/* The sources of one item for row `row` of the class, in `list`; returns how many: as many for all items of a target. */
static size_t list_sources(const struct fast_fir *e, const tconv_lifted *l, const struct block_class *c, size_t channel, size_t row_phase,
                           const size_t *index, struct source *list)
{
    size_t p1 = c->axis[1]->of->n_phases, p2 = c->axis[2]->of->n_phases, n = 0;
    size_t phase[3] = { row_phase / p2 / p1, row_phase / p2 % p1, row_phase % p2 };
    for (size_t corner = 0; corner < 8; corner++) {
        double factor = 1.0;
        size_t r[3];
        for (int a = 0; a < 3; a++) {
            const struct item *item = &c->axis[a]->item[index[a]];
            bool next = (corner >> a & 1) != 0;
            factor *= next ? item->by_next : item->by_tap;
            if (factor == 0.0)
                break;
            r[a] = tconv_phase_classes_tap(&e->axis[a].phases, l, a, c->axis[a]->of, phase[a], item->tap + (next ? 1 : 0));
        }
        if (factor != 0.0)
            list[n++] = (struct source){ channel * l->taps + (r[0] * l->k[1] + r[1]) * l->k[2] + r[2], factor };
    }
    return n;
}

static size_t target_items(const struct block_class *c, int t1, int t2)
{
    return c->axis[0]->n * c->axis[1]->count[t1] * c->axis[2]->count[t2];
}

/* The most sources of one row for one pair of targets: what goes to both outputs of an axis has two taps along it. */
static size_t most_sources(const struct fast_fir *e)
{
    size_t most = 0;
    for (size_t number = 0; number < e->n_classes; number++)
        for (int t1 = 0; t1 < TARGETS; t1++)
            for (int t2 = 0; t2 < TARGETS; t2++) {
                size_t n = target_items(&e->class[number], t1, t2) * (t1 == BOTH ? 2 : 1) * (t2 == BOTH ? 2 : 1);
                most = n > most ? n : most;
            }
    return most;
}

/* The rows of one block for the items of one pair of targets, whose place in the class's list is first .. first + n - 1.
 * Where weights come from is listed once, then serves all input channels: `list` has room for them. */
static void pack_target(const struct fast_fir *e, const tconv_job *job, const struct block_class *c, const double *taps,
                        size_t first_channel, size_t first_row, size_t n_rows, size_t first, size_t n, size_t at, struct source *list)
{
    const tconv_lifted *l = &job->shape;
    size_t corners = 0;
    for (size_t t = 0; t < n; t++) {
        size_t place = c->shift[first + t] / e->columns, n1 = c->axis[1]->n, n2 = c->axis[2]->n;
        size_t index[3] = { place / n2 / n1, place / n2 % n1, place % n2 };
        for (size_t r = 0; r < n_rows; r++) {
            size_t row = first_row + r;
            corners = list_sources(e, l, c, first_channel + row / c->n_phases, row % c->n_phases, index,
                                   list + (t * n_rows + r) * corners);
        }
    }
    for (size_t ci = 0; ci < l->cin; ci++, taps += l->cout * l->taps) {
        const struct source *from = list;
        for (size_t i = 0; i < n * n_rows; i++, from += corners) {
            double sum = 0.0;
            for (size_t corner = 0; corner < corners; corner++)
                sum += from[corner].factor * taps[from[corner].at];
            tconv_job_put(job, e->weights, at++, sum);
        }
    }
}

static void pack_weights(struct fast_fir *e, const tconv_job *job, const double *taps, const double *bias, struct source *list)
{
    const tconv_lifted *l = &job->shape;
    size_t at = 0, bias_at = 0;
    for (size_t g = 0; g < l->groups; g++)
        for (size_t first = 0; first < l->cout; first += e->channels)
            for (size_t number = 0; number < e->n_classes; number++) {
                const struct block_class *c = &e->class[number];
                size_t rows = tconv_least(l->cout - first, e->channels) * c->n_phases, row = 0;
                for (size_t block = 0; row < rows; block++) {
                    size_t n_rows = tconv_block_rows(rows, job->simd->rows, block), item = 0;
                    for (int target = 0; target < TARGETS * TARGETS; target++) {
                        size_t n = target_items(c, target / TARGETS, target % TARGETS);
                        pack_target(e, job, c, taps + g * l->cin * l->cout * l->taps, first, row, n_rows, item, n, at, list);
                        at += n_rows * l->cin * n;
                        item += n;
                    }
                    row += n_rows;
                }
                for (size_t r = 0; r < rows; r++)
                    tconv_job_put(job, e->bias, bias_at++, bias[g * l->cout + first + r / c->n_phases]);
            }
}

/* Where there are fewer panels than several threads need as tasks, each would pack them all for its output channels:
 * they pack them together, first, and all of them stay. */
static bool share_panels(const struct fast_fir *e, const tconv_job *job, size_t *elements)
{
    size_t panels = e->column_blocks * job->shape.groups;
    return job->threads > 1 && e->channel_blocks > 1 && panels < 2 * job->threads
        && tconv_size_mul(panels * e->columns * e->all_panels, job->shape.cin, elements) && *elements <= MOST_SHARED / job->size;
}

/* Input rows of a segment of columns, and samples of each, at most. */
static void most_segment(const struct fast_fir *e, size_t *rows, size_t *samples)
{
    const struct axis *x1 = &e->axis[1], *x2 = &e->axis[2];
    *rows = x1->outputs * tconv_least(x1->tiles, (e->columns - 1) / x2->tiles + 2) + x1->phases.span + 1;
    *samples = x2->outputs * tconv_least(x2->tiles, e->columns) + x2->phases.span + 2;
}

static tconv_status make_workers(struct fast_fir *e, const tconv_job *job)
{
    tconv_status status = TCONV_OK;
    size_t panel, results, shared = 0, parities = e->axis[1].outputs * e->axis[2].outputs;
    size_t line, rows, most_rows;
    most_segment(e, &most_rows, &line);
    if (!tconv_size_mul(e->columns * e->panels, job->shape.cin, &panel)
        || !tconv_size_mul(e->columns * e->channels * parities, e->phases, &results) || !tconv_size_mul(most_rows, line, &rows))
        return TCONV_ESIZE;
    if (share_panels(e, job, &shared)) {
        e->shared = tconv_alloc(shared, job->size, &status);
        if (e->shared == NULL)
            return status;
    }
    e->worker = tconv_alloc_zero(job->threads, sizeof *e->worker, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++) {
        struct worker *w = &e->worker[i];
        if (e->shared == NULL) w->panel = tconv_alloc(panel, job->size, &status);
        if (status == TCONV_OK) w->results = tconv_alloc(results, job->size, &status);
        if (status == TCONV_OK) w->both = tconv_alloc(2 * job->simd->rows * e->columns, job->size, &status);
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
    tconv_status status = TCONV_OK;
    size_t biases, weights;
    e->phases = l->s[0] * l->s[1] * l->s[2];
    for (int a = 0; a < 3 && status == TCONV_OK; a++)
        status = make_axis(&e->axis[a], l, a);
    if (status == TCONV_OK) status = make_classes(e, job);
    if (status != TCONV_OK)
        return status;
    if (!tconv_size_mul(l->groups * l->cout, e->phases, &biases)
        || !tconv_size_mul(l->groups * l->cout * l->cin, e->channel_weights, &weights))
        return TCONV_ESIZE;
    e->weights = tconv_alloc(weights, job->size, &status);
    if (status == TCONV_OK) e->bias = tconv_alloc(biases, job->size, &status);
    if (status == TCONV_OK) e->zeros = tconv_alloc_zero(job->simd->rows, job->size, &status);
    if (status == TCONV_OK) status = make_workers(e, job);
    struct source *list = status == TCONV_OK ? tconv_alloc(most_sources(e) * job->simd->rows + 1, sizeof *list, &status) : NULL;
    if (status == TCONV_OK) pack_weights(e, job, taps, bias, list);
    tconv_free(list);
    return status;
}

static size_t pack_pieces(const tconv_job *job)
{
    return (job->shape.cin + PACKED_TOGETHER - 1) / PACKED_TOGETHER;
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
    size_t panels = job->shape.groups * e->column_blocks;
    *tasks = (tconv_tasks){ .prepare = e->shared != NULL ? panels * e->n_classes * pack_pieces(job) : 0, .run = panels * e->channel_blocks };
    *state = e;
    return TCONV_OK;
}

/* ---- execution ---- */

/* `count` samples of row (i0, i1) of one channel from sample i2 on, zeros outside it: where they lie, or in `room`. */
static const void *padded_row(const tconv_job *job, const void *x, int64_t i0, int64_t i1, int64_t i2, size_t count, void *room)
{
    const tconv_lifted *l = &job->shape;
    if (i0 < 0 || i0 >= (int64_t)l->n[0] || i1 < 0 || i1 >= (int64_t)l->n[1])
        return memset(room, 0, count * job->size);
    const void *row = tconv_job_const_at(job, x, (size_t)(i0 * (int64_t)l->n[1] + i1) * l->n[2]);
    if (i2 >= 0 && (uint64_t)i2 + count <= l->n[2])
        return tconv_job_const_at(job, row, (size_t)i2);
    tconv_job_padded_row(job, row, i2, count, l->n[2], room);
    return room;
}

/* Columns of a task that lie in one plane of axis 0: `count` of them from column `column` of tile row `first` on. */
struct segment {
    size_t plane, first, column, count, last;        /* last: the tile row of the last one */
    size_t start, width;                             /* of the columns of a row that are looked at */
};

static struct segment segment_from(const struct fast_fir *e, size_t position, size_t most)
{
    size_t tiles1 = e->axis[1].tiles, tiles2 = e->axis[2].tiles, row = position / tiles2;
    struct segment part = { .plane = row / tiles1, .first = row % tiles1, .column = position % tiles2 };
    part.count = tconv_least(most, (tiles1 - part.first) * tiles2 - part.column);
    part.last = part.first + (part.column + part.count - 1) / tiles2;
    part.start = part.last > part.first ? 0 : part.column;
    part.width = part.last > part.first ? tiles2 : part.count;
    return part;
}

/* One item of axis 1 in one tile row, `line` its input row from column part->start on: all items of axis 2, panels
 * e->columns apart. */
static void pack_line(const struct fast_fir *e, const tconv_job *job, const struct block_class *c, const void *line, size_t column,
                      size_t count, void *to)
{
    size_t outputs = e->axis[2].outputs;
    for (size_t at2 = 0; at2 < c->axis[2]->n; at2++, to = tconv_job_at(job, to, e->columns)) {
        const struct item *item = &c->axis[2]->item[at2];
        job->simd->pick(tconv_job_const_at(job, line, item->offset + outputs * column), outputs, item->difference, to, count);
    }
}

/* The columns of a segment of one channel: every item of class c. An input row is padded once, then serves all items. */
static void pack_segment(const struct fast_fir *e, const tconv_job *job, struct worker *w, const struct block_class *c, const void *x,
                         const struct segment *part, void *to)
{
    const struct axis *x1 = &e->axis[1], *x2 = &e->axis[2];
    size_t below = x1->outputs * (part->last - part->first), length = x2->outputs * part->width + x2->phases.span + 2;
    int64_t i1 = x1->phases.lowest + (int64_t)(x1->outputs * part->first), i2 = x2->phases.lowest + (int64_t)(x2->outputs * part->start);
    for (size_t at0 = 0; at0 < c->axis[0]->n; at0++) {
        int64_t i0 = e->axis[0].phases.lowest + (int64_t)(c->axis[0]->item[at0].offset + part->plane);
        for (size_t r = c->axis[1]->first; r <= below + c->axis[1]->last; r++)
            w->input[r] = padded_row(job, x, i0, i1 + (int64_t)r, i2, length, tconv_job_at(job, w->rows, r * length));
        for (size_t at1 = 0; at1 < c->axis[1]->n; at1++, to = tconv_job_at(job, to, c->axis[2]->n * e->columns)) {
            const struct item *item = &c->axis[1]->item[at1];
            for (size_t t = part->first, done = 0, count; t <= part->last; t++, done += count) {
                size_t r = item->offset + x1->outputs * (t - part->first), column = t == part->first ? part->column : 0;
                const void *line = w->input[r];
                if (item->difference) {
                    job->simd->subtract(w->input[r + 1], line, w->line, length);
                    line = w->line;
                }
                count = tconv_least(x2->tiles - column, part->count - done);
                pack_line(e, job, c, line, column - part->start, count, tconv_job_at(job, to, done));
            }
        }
    }
}

/* The panel of class c, of `inputs` channels from x on, for the columns from flat position `position` on; columns beyond the
 * last one are zeros. */
static void pack_panel(const struct fast_fir *e, const tconv_job *job, struct worker *w, const struct block_class *c, const void *x,
                       size_t inputs, size_t position, void *panel)
{
    size_t step = c->panels * e->columns, columns = tconv_least(e->flat - position, e->columns);
    for (size_t ci = 0; ci < inputs; ci++) {
        const void *channel = tconv_job_const_at(job, x, ci * job->shape.small);
        void *to = tconv_job_at(job, panel, ci * step);
        if (columns < e->columns)
            memset(to, 0, step * job->size);
        for (size_t done = 0; done < columns;) {
            struct segment part = segment_from(e, position + done, columns - done);
            pack_segment(e, job, w, c, channel, &part, tconv_job_at(job, to, done));
            done += part.count;
        }
    }
}

/* Where in the shared panels that of class c for column block `block` begins; blocks are numbered over all groups. */
static void *shared_panel(const struct fast_fir *e, const tconv_job *job, const struct block_class *c, size_t block)
{
    return tconv_job_at(job, e->shared, (block * e->all_panels + c->panels_before) * e->columns * job->shape.cin);
}

/* Task: some input channels of one class of one column block. */
static void prepare(void *state, const tconv_job *job, size_t worker, size_t task, const void *x)
{
    struct fast_fir *e = state;
    size_t pieces = pack_pieces(job), first = task % pieces * PACKED_TOGETHER, block = task / pieces / e->n_classes;
    size_t channel = block / e->column_blocks * job->shape.cin + first;
    const struct block_class *c = &e->class[task / pieces % e->n_classes];
    pack_panel(e, job, &e->worker[worker], c, tconv_job_const_at(job, x, channel * job->shape.small),
               tconv_least(job->shape.cin - first, PACKED_TOGETHER), block % e->column_blocks * e->columns,
               tconv_job_at(job, shared_panel(e, job, c, block), first * c->panels * e->columns));
}

/* One row block of one pair of targets over all columns; start NULL: sums go on from what `before` holds. */
static void multiply(const struct fast_fir *e, const tconv_job *job, const void *panel, const struct block_class *c, size_t n_rows,
                     size_t columns, const void *weights, size_t first_item, size_t items, const void *start, const void *before,
                     void *to)
{
    const tconv_simd *simd = job->simd;
    size_t wide = simd->lanes * simd->wide;
    for (size_t column = 0; column < columns;) {
        bool full = column + wide <= e->columns && columns - column > simd->lanes;
        (full ? simd->product : simd->narrow)[n_rows](weights, tconv_job_const_at(job, panel, column), c->panels * e->columns,
                                                      job->shape.cin, c->shift + first_item, items, start,
                                                      tconv_job_const_at(job, before, column), tconv_job_at(job, to, column),
                                                      e->columns);
        column += full ? wide : simd->lanes;
    }
}

/* What a row block has come to: where the weights and items of the next pair of targets are. */
struct progress {
    const void *weights;
    size_t item;
};

/* The sums of target t1 of axis 1 for both outputs of axis 2, which go to even[] and odd[] (rows of e->columns). */
static void multiply_pair(const struct fast_fir *e, const tconv_job *job, const void *panel, const struct block_class *c, int t1,
                          size_t n_rows, size_t columns, struct progress *at, const void *start, void *even, void *odd)
{
    size_t both = target_items(c, t1, BOTH), to_even = target_items(c, t1, EVEN), to_odd = target_items(c, t1, ODD);
    size_t size = job->shape.cin * n_rows;
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
static void multiply_class(const struct fast_fir *e, const tconv_job *job, const struct worker *w, const void *panel,
                           const struct block_class *c, size_t rows, size_t columns, size_t first_row, const void *weights,
                           const void *bias)
{
    size_t all_rows = e->channels * e->phases, outputs2 = e->axis[2].outputs, size = e->columns;
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
static void write_run(const struct fast_fir *e, const tconv_job *job, struct worker *w, size_t done, size_t column, size_t count,
                      size_t co, size_t phase01, size_t p1, void *y)
{
    size_t all_rows = e->channels * e->phases, s2 = job->shape.s[2], outputs2 = e->axis[2].outputs;
    for (size_t p2 = 0; p2 < outputs2; p2++)
        for (size_t q2 = 0; q2 < s2; q2++) {
            size_t phase = phase01 * s2 + q2, number = e->slot_class[phase];
            size_t row = w->class_at[number] + co * e->class[number].n_phases + e->slot[phase];
            w->row[p2 * s2 + q2] = tconv_job_at(job, w->results, ((p1 * outputs2 + p2) * all_rows + row) * e->columns);
        }
    tconv_job_write_row(job, w->row, outputs2 * s2, done, (int64_t)(outputs2 * s2 * column), count, y);
}

/* Weave a task's results into the output, one run of columns of one tile row at a time. */
static void write_block(const struct fast_fir *e, const tconv_job *job, struct worker *w, size_t position, size_t columns,
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
    struct worker *w = &e->worker[worker];
    size_t channel_block = task % e->channel_blocks, column_block = task / e->channel_blocks % e->column_blocks;
    size_t g = task / e->channel_blocks / e->column_blocks, position = column_block * e->columns;
    size_t columns = tconv_least(e->flat - position, e->columns), rows_before = 0;
    size_t first = channel_block * e->channels, channels = tconv_least(l->cout - first, e->channels);
    size_t weights = (g * l->cout + first) * l->cin * e->channel_weights, bias = (g * l->cout + first) * e->phases;
    (void)image;
    for (size_t number = 0; number < e->n_classes; number++) {
        const struct block_class *c = &e->class[number];
        size_t rows = channels * c->n_phases;
        const void *panel = e->shared != NULL ? shared_panel(e, job, c, g * e->column_blocks + column_block) : w->panel;
        if (e->shared == NULL)
            pack_panel(e, job, w, c, tconv_job_const_at(job, x, g * l->cin * l->small), l->cin, position, w->panel);
        multiply_class(e, job, w, panel, c, rows, columns, rows_before, tconv_job_at(job, e->weights, weights), tconv_job_at(job, e->bias, bias));
        weights += rows * l->cin * c->panels;
        bias += rows;
        w->class_at[number] = rows_before;
        rows_before += rows;
    }
    write_block(e, job, w, position, columns, channels, tconv_job_at(job, y, (g * l->cout + first) * l->large));
}

const tconv_engine_table tconv_engine_fast_fir = { create, destroy, prepare, run };
