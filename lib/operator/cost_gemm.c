/* cost_gemm.c - what engine_gemm.c would take. */
#include <math.h>

#include "blocks.h"
#include "gemm_blocks.h"
#include "transpose_cost.h"

#define NS_PER_CALL 100.0
#define NS_PER_RESULT 1.8            /* vector of sums begun and stored, for each pass over the input channels */
#define NS_PER_PACKED_BYTE 0.024
#define NS_PER_PACKED_PIECE 6.4      /* of a row, in a segment of the panel */
#define NS_PER_OUTPUT_ROW 7.5        /* woven: a piece of a row of outputs */
#define NS_PER_ROWS_STEP 0.18        /* vector of rows times a column, */
#define NS_PER_WEIGHT_BYTE 0.0101    /* and its weights from far away */
#define NS_PER_FAR_INPUT_BYTE 0.067
#define NS_PER_FAR_OUTPUT_BYTE 0.049
#define NS_PER_BYTE_AROUND 0.0205    /* the cache */

struct layer {
    const tconv_job *job;
    tconv_cost_axis x[3];
    struct gemm_blocks b;
};

/* The products of all classes for a task of `channels` output channels and `columns` columns. */
static double product(const void *context, size_t channels, size_t columns)
{
    const struct layer *layer = context;
    const tconv_job *job = layer->job;
    const tconv_cost_axis *x = layer->x;
    const struct gemm_blocks *b = &layer->b;
    double loads = b->row_flat && x[2].offsets > 1 ? TCONV_COST_SHIFTED : TCONV_COST_ALIGNED;
    double cin = (double)job->shape.cin, passes = ceil(cin / (double)b->inputs), ns = 0.0;
    for (size_t c0 = 0; c0 < x[0].n_classes; c0++)
        for (size_t c1 = 0; c1 < x[1].n_classes; c1++)
            for (size_t c2 = 0; c2 < x[2].n_classes; c2++) {
                size_t rows = channels * x[0].class[c0].phases * x[1].class[c1].phases * x[2].class[c2].phases;
                double taps = (double)(x[0].class[c0].taps * x[1].class[c1].taps * x[2].class[c2].taps);
                if (b->by_rows) {
                    double vectors = ceil((double)rows / (double)job->simd->lanes);
                    ns += vectors * cin * taps * (NS_PER_ROWS_STEP * (double)columns + NS_PER_WEIGHT_BYTE * (double)(job->simd->lanes * job->size));
                    continue;
                }
                tconv_cost_product p = tconv_cost_product_of(job->simd, rows, columns, b->columns, true, loads);
                ns += p.step * cin * taps + NS_PER_RESULT * p.stores * passes;
            }
    return ns;
}

double tconv_cost_gemm(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    struct gemm_extents extents;
    struct layer layer = { .job = job };
    tconv_cost_axis *x = layer.x;
    for (int a = 0; a < 3; a++) {
        tconv_cost_axis_of(&x[a], l, a);
        extents.extent[a] = x[a].extent;
        extents.span[a] = x[a].span;
        extents.offsets[a] = x[a].offsets;
    }
    if (!tconv_gemm_choose_blocks(&layer.b, job, &extents, 1))
        return INFINITY;
    const struct gemm_blocks b = layer.b;
    double ns = tconv_cost_tasks(product, &layer, b.flat, b.columns, l->cout, b.channels);
    double rows = (double)(extents.extent[0] * extents.extent[1]), blocks = (double)b.column_blocks;
    double pieces = rows > 1.0 ? ceil((double)b.segment / (double)b.line) + 1.0 : 1.0, segments = (double)(l->cin * b.segments) * blocks;
    ns += segments * (NS_PER_PACKED_PIECE * pieces + NS_PER_PACKED_BYTE * (double)(b.segment * job->size));
    double output_rows = (double)(l->groups * l->cout * l->s[0] * l->s[1]) * (rows + blocks - 1.0);
    bool as_they_lie = b.by_rows && l->s[0] == l->m[0] && l->s[1] == l->m[1] && l->s[2] == l->m[2];
    ns *= (double)l->groups;
    if (!as_they_lie)
        ns += NS_PER_OUTPUT_ROW * output_rows + tconv_cost_weave(job, output_rows, l->s[2], x[2].extent);
    return NS_PER_CALL + ns + tconv_cost_far_input(job, NS_PER_FAR_INPUT_BYTE)
         + tconv_cost_far_output(job, NS_PER_FAR_OUTPUT_BYTE, NS_PER_BYTE_AROUND);
}
