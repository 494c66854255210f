/* blocks.h - what gemm_blocks.c and fast_fir_blocks.c share out rows, columns and channels with. Internal to lib/operator. */
#ifndef TCONV_OPERATOR_BLOCKS_H
#define TCONV_OPERATOR_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "simd.h"

static inline size_t tconv_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t tconv_round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/* Choices of gemm_blocks.c. Rows are output channels times phases. */
static inline bool tconv_block_few_rows(size_t rows)
{
    return rows <= 48;
}

/* Whether `offsets` distinct offsets along a row of `extent` columns are shifts: they waste less than a fourteenth. */
static inline bool tconv_block_shifts(size_t offsets, size_t extent)
{
    return (offsets - 1) * 14 <= extent;
}

/* Whether vectors run over the rows, as columns would fill a quarter of one at most. */
static inline bool tconv_block_by_rows(const tconv_simd *simd, size_t columns, size_t rows)
{
    return columns <= TCONV_SIMD_COLUMNS && rows >= simd->lanes;
}

/* Rows of row block number i when `rows` of them are shared out evenly over blocks of at most `most`. */
static inline size_t tconv_block_rows(size_t rows, size_t most, size_t i)
{
    size_t blocks = (rows + most - 1) / most;
    return rows * (i + 1) / blocks - rows * i / blocks;
}

/* Output channels of a task, evenly shared out over *blocks blocks: `fit` of them have room in its scratch, 0 counting as
 * 1. Smaller blocks where `panels` panels alone are too few tasks: `wanted` of them, which is 1 for one thread. */
static inline size_t tconv_block_channels(size_t cout, size_t fit, size_t panels, size_t wanted, size_t *blocks)
{
    size_t channels = fit < 1 ? 1 : tconv_least(fit, cout), each = (wanted + panels - 1) / panels;
    if (wanted > 1 && panels * ((cout + channels - 1) / channels) < wanted)
        channels = each >= cout ? 1 : cout / each;
    *blocks = (cout + channels - 1) / channels;
    channels = (cout + *blocks - 1) / *blocks;
    *blocks = (cout + channels - 1) / channels;
    return channels;
}

/* Panels that threads pack together, so many input channels a task, and keep for all output channels of an image. */
#define TCONV_PACKED_TOGETHER 32
#define TCONV_MOST_SHARED ((size_t)16 << 20)       /* bytes */

static inline size_t tconv_pack_pieces(size_t cin)
{
    return (cin + TCONV_PACKED_TOGETHER - 1) / TCONV_PACKED_TOGETHER;
}

/* Whether `panels` panels are too few tasks for several threads, which would pack each again for their blocks of channels. */
static inline bool tconv_share_panels(size_t threads, size_t panels, size_t channel_blocks)
{
    return threads > 1 && channel_blocks > 1 && panels < 4 * threads;
}

#endif
