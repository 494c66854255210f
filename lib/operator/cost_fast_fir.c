/* cost_fast_fir.c - what engine_fast_fir.c would take. */
#include <math.h>

#include "fast_fir_blocks.h"
#include "transpose_cost.h"

#define NS_PER_CALL 1000.0
#define NS_PER_RESULT 1.58           /* vector of sums begun and stored, for each target */
#define NS_PER_ADDED_BYTE 0.027      /* sums of both outputs of axis 1 */
#define NS_PER_ITEM_BYTE 0.0434      /* sample or difference put into a panel, */
#define NS_PER_ITEM_RUN 1.62         /* what a tile row costs besides, for each item */
#define NS_PER_ITEM_ROW 4.1          /* and for each input row */
#define NS_PER_OUTPUT_ROW 9.9
#define NS_PER_FAR_INPUT_BYTE 0.0885
#define NS_PER_FAR_OUTPUT_BYTE 0.06
#define NS_PER_BYTE_AROUND 0.029     /* the cache */

/* What a class of an axis has: items in all, and for how many targets; and whether some go to both outputs. */
struct items {
    size_t n, targets, both;
};

struct pairing {
    tconv_cost_axis x;
    bool paired;
    size_t outputs, tiles, most, all;            /* items of the class that has the most, of all classes */
    struct items class[4];
};

/* As list_target() of fast_fir_items.c lists them, but for dilated axes, which count as not paired, as axis 0 does. */
static void pair_axis(struct pairing *p, const tconv_lifted *l, int a, bool may_pair)
{
    tconv_cost_axis_of(&p->x, l, a);
    p->paired = false;
    may_pair = may_pair && l->d[a] == 1 && p->x.extent > 1;
    for (size_t i = 0; i < p->x.n_classes && may_pair; i++)
        p->paired = p->paired || p->x.class[i].taps > 1;
    p->outputs = p->paired ? 2 : 1;
    p->tiles = (p->x.extent + p->outputs - 1) / p->outputs;
    p->most = p->all = 0;
    for (size_t i = 0; i < p->x.n_classes; i++) {
        size_t taps = p->x.class[i].taps, pairs = p->paired ? taps / 2 : 0, single = taps - 2 * pairs;
        p->class[i] = (struct items){ .n = 3 * pairs + single * p->outputs, .both = pairs, .targets = (pairs > 0 ? 1 : 0) + p->outputs };
        p->most = p->class[i].n > p->most ? p->class[i].n : p->most;
        p->all += p->class[i].n;
    }
}

struct layer {
    const tconv_job *job;
    struct pairing p[3];
    struct fast_fir_blocks b;
};

/* The products of all classes for a task of `channels` output channels and `columns` columns. */
static double product(const void *context, size_t channels, size_t columns)
{
    const struct layer *layer = context;
    const tconv_job *job = layer->job;
    const struct pairing *p = layer->p;
    const struct fast_fir_blocks *b = &layer->b;
    double ns = 0.0;
    for (size_t c0 = 0; c0 < p[0].x.n_classes; c0++)
        for (size_t c1 = 0; c1 < p[1].x.n_classes; c1++)
            for (size_t c2 = 0; c2 < p[2].x.n_classes; c2++) {
                size_t rows = channels * p[0].x.class[c0].phases * p[1].x.class[c1].phases * p[2].x.class[c2].phases;
                double items = (double)(p[0].class[c0].n * p[1].class[c1].n * p[2].class[c2].n);
                tconv_cost_product block = tconv_cost_product_of(job->simd, rows, columns, b->columns, false, TCONV_COST_ALIGNED);
                ns += block.step * items * (double)job->shape.cin
                    + NS_PER_RESULT * block.stores * (double)(p[1].class[c1].targets * p[2].class[c2].targets);
                if (p[1].class[c1].both > 0)
                    ns += NS_PER_ADDED_BYTE * (double)(rows * b->columns * job->size * p[1].outputs * p[2].outputs);
            }
    return ns;
}

/* Nanoseconds to pack the panels of all classes and column blocks once. */
static double packing(const tconv_job *job, const struct pairing *p, const struct fast_fir_blocks *b)
{
    double cin = (double)job->shape.cin, items = cin * (double)(p[0].all * p[1].all * p[2].all);
    double columns = (double)b->columns, tiles = (double)p[2].tiles, lines = (double)(p[0].tiles * p[1].tiles);
    double runs = tiles < columns ? (double)b->column_blocks * (1.0 + columns / tiles) : lines * (1.0 + tiles / columns);
    double rows = cin * (double)(p[0].all * p[1].all * p[2].x.n_classes * p[1].outputs);
    return NS_PER_ITEM_BYTE * items * (double)(b->flat * job->size) + NS_PER_ITEM_RUN * items * runs + NS_PER_ITEM_ROW * rows * runs;
}

double tconv_cost_fast_fir(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    struct layer layer = { .job = job };
    struct pairing *p = layer.p;
    for (int a = 0; a < 3; a++)
        pair_axis(&p[a], l, a, a > 0);
    if ((!p[1].paired && !p[2].paired)
        || !tconv_fast_fir_choose_blocks(&layer.b, job, p[0].tiles * p[1].tiles * p[2].tiles, p[1].outputs * p[2].outputs,
                                         p[0].most * p[1].most * p[2].most, 1))
        return INFINITY;
    const struct fast_fir_blocks b = layer.b;
    double ns = tconv_cost_tasks(product, &layer, b.flat, b.columns, l->cout, b.channels);
    ns += packing(job, p, &b) * (double)b.channel_blocks;
    double rows = (double)(l->groups * l->cout * l->s[0] * l->s[1] * p[1].outputs) * (double)(p[0].tiles * p[1].tiles + b.column_blocks - 1);
    return NS_PER_CALL + (double)l->groups * ns + NS_PER_OUTPUT_ROW * rows
         + tconv_cost_weave(job, rows, l->s[2] * p[2].outputs, p[2].tiles) + tconv_cost_far_input(job, NS_PER_FAR_INPUT_BYTE)
         + tconv_cost_far_output(job, NS_PER_FAR_OUTPUT_BYTE, NS_PER_BYTE_AROUND);
}
