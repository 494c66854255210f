/* fast_fir_blocks.h - how engine_fast_fir.c shares out columns and output channels; cost_fast_fir.c counts with the same
 * choice. Internal to lib/operator.
 */
#ifndef TCONV_OPERATOR_FAST_FIR_BLOCKS_H
#define TCONV_OPERATOR_FAST_FIR_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine.h"

struct fast_fir_blocks {
    size_t flat, columns, column_blocks;     /* columns in all, of a task */
    size_t channels, channel_blocks;         /* output channels of a task */
};

/* The blocks for `threads` workers, of `flat` columns that stand for `outputs` values of m each, with `panels` items in the
 * class that has the most. False where a size cannot be represented. */
bool tconv_fast_fir_choose_blocks(struct fast_fir_blocks *b, const tconv_job *job, size_t flat, size_t outputs, size_t panels,
                                  size_t threads);

#endif
