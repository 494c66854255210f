#include "gemm_blocks.h"

#include "blocks.h"

#define PANEL_BYTES ((size_t)512 << 10)      /* aim for the packed inputs of a task: half of a usual L2 */
#define SCRATCH_BYTES ((size_t)256 << 10)    /* aim for the results of a task */
#define MOST_COLUMNS 768                     /* with many rows */
#define MOST_COLUMNS_FEW_ROWS 2048

/* Columns of a task: at most `most`, evenly shared out, in whole vectors. */
static void share_columns(struct gemm_blocks *b, const tconv_job *job, size_t most)
{
    size_t wide = job->simd->lanes * job->simd->wide;
    if (b->by_rows) {
        b->columns = b->flat;
        b->column_blocks = 1;
        return;
    }
    most = most < 2 * wide ? 2 * wide : most;
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a vector is >= 1 wide */
    b->column_blocks = (b->flat + most - 1) / most;
    b->columns = tconv_round_up((b->flat + b->column_blocks - 1) / b->column_blocks, b->flat < wide ? job->simd->lanes : wide);
    b->column_blocks = (b->flat + b->columns - 1) / b->columns;
}

bool tconv_gemm_choose_blocks(struct gemm_blocks *b, const tconv_job *job, const struct gemm_extents *x, size_t threads)
{
    const tconv_lifted *l = &job->shape;
    size_t rows = x->extent[0] * x->extent[1], phases = l->s[0] * l->s[1] * l->s[2], bytes, reach;
    bool few = tconv_block_few_rows(l->cout * phases);
    /* a row alone needs no room between rows */
    b->row_flat = rows == 1 || tconv_block_shifts(x->span[2] + 1, x->extent[2]);
    size_t pad = b->row_flat && rows > 1 ? x->span[2] : 0;
    b->line = x->extent[2] + pad;
    b->rows_merged = b->row_flat && few && rows > 1 && l->n[0] == 1 && l->m[0] == 1 && x->span[0] == 0
                  && tconv_size_mul(x->span[1], b->line, &reach) && reach <= MOST_COLUMNS_FEW_ROWS / 2;
    b->segments = x->offsets[0] * (b->rows_merged ? 1 : x->offsets[1]) * (b->row_flat ? 1 : x->offsets[2]);
    size_t overhang = (b->row_flat ? x->span[2] : 0) + (b->rows_merged ? x->span[1] * b->line : 0);
    if (!tconv_size_mul(rows, b->line, &b->flat) || !tconv_size_mul(l->cin * job->size, b->segments, &bytes)
        || !tconv_size_mul(bytes, overhang + MOST_COLUMNS_FEW_ROWS, &bytes))
        return false;
    b->flat -= pad;
    b->by_rows = tconv_block_by_rows(job->simd, b->flat, l->cout * phases);
    size_t room = PANEL_BYTES / (l->cin * b->segments * job->size);
    /* threads share columns rather than the few rows, for each of which the panel would be packed again */
    size_t each = threads > 1 ? b->flat / (2 * threads) + 1 : b->flat;
    share_columns(b, job, few ? tconv_least(each, MOST_COLUMNS_FEW_ROWS) : tconv_least(room < overhang ? 0 : room - overhang, MOST_COLUMNS));
    b->segment = b->columns + overhang;
    b->channel_step = tconv_round_up(b->segment * b->segments, 16);
    b->channels = tconv_block_channels(l->cout, SCRATCH_BYTES / (phases * b->columns * job->size), b->column_blocks * l->groups,
                                       threads == 1 ? 1 : few ? 2 * threads : 4 * threads, &b->channel_blocks);
    b->inputs = l->cin;
    if (b->channel_blocks == 1) {
        b->inputs = PANEL_BYTES / (b->channel_step * job->size);
        b->inputs = b->inputs < 8 ? 8 : b->inputs;
        b->inputs = tconv_least(b->inputs, l->cin);
    }
    return true;
}
