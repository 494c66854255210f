/* gemm_blocks.h - how engine_gemm.c shares out columns, input and output channels; cost_gemm.c counts with the same choice.
 * Internal to lib/operator.
 */
#ifndef TCONV_OPERATOR_GEMM_BLOCKS_H
#define TCONV_OPERATOR_GEMM_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine.h"

/* What the choice depends on, of each axis: values of m, highest offset less the lowest, and distinct offsets. */
struct gemm_extents {
    size_t extent[3], span[3], offsets[3];
};

struct gemm_blocks {
    bool row_flat;                           /* offsets of axis 2 are shifts of the flat index; */
    bool rows_merged;                        /* those of axis 1, too */
    bool by_rows;                            /* vectors run over rows: few columns */
    size_t line, flat;                       /* flat positions of a row, and in all */
    size_t columns, column_blocks;           /* of a task */
    size_t segments, segment, channel_step;  /* of the panel: segments of a channel; elements of one segment, of one channel */
    size_t channels, channel_blocks;         /* output channels of a task */
    size_t inputs;                           /* input channels in the panel */
};

/* The blocks for `threads` workers. False where a size cannot be represented. */
bool tconv_gemm_choose_blocks(struct gemm_blocks *b, const tconv_job *job, const struct gemm_extents *x, size_t threads);

#endif
