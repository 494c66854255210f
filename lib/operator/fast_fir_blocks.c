#include "fast_fir_blocks.h"

#include "blocks.h"

#define PANEL_BYTES ((size_t)320 << 10)      /* aim for the packed items of a task: a third of a usual L2. Its results need */
#define SCRATCH_BYTES ((size_t)1200 << 10)   /* not fit beside them: each is touched a few times, while to pack the items
                                              * again for another block of output channels takes longer (stylegan 8 %) */
#define MOST_COLUMNS 512

/* Few enough columns for the panel and, so that items are not packed again for many channel blocks, for the results of
 * half of the channels. */
bool tconv_fast_fir_choose_blocks(struct fast_fir_blocks *b, const tconv_job *job, size_t flat, size_t outputs, size_t panels,
                                  size_t threads)
{
    const tconv_lifted *l = &job->shape;
    size_t wide = job->simd->lanes * job->simd->wide, item_bytes, bytes;
    size_t channel_bytes = outputs * l->s[0] * l->s[1] * l->s[2] * job->size;       /* results of a column */
    if (!tconv_size_mul(l->cin * job->size, panels, &item_bytes) || !tconv_size_mul(item_bytes, MOST_COLUMNS, &bytes))
        return false;
    size_t most = item_bytes > 0 ? PANEL_BYTES / item_bytes / wide * wide : MOST_COLUMNS;
    most = tconv_least(most, SCRATCH_BYTES / channel_bytes / ((l->cout + 1) / 2) / wide * wide);
    most = most < wide ? wide : tconv_least(most, MOST_COLUMNS);
    b->flat = flat;
    b->column_blocks = (flat + most - 1) / most;
    b->columns = tconv_round_up((flat + b->column_blocks - 1) / b->column_blocks, flat < wide ? job->simd->lanes : wide);
    b->column_blocks = (flat + b->columns - 1) / b->columns;
    b->channels = tconv_block_channels(l->cout, SCRATCH_BYTES / (channel_bytes * b->columns), b->column_blocks * l->groups,
                                       threads == 1 ? 1 : 4 * threads, &b->channel_blocks);
    return true;
}
