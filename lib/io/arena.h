/* arena.h - many small blocks that are freed together, and arrays that grow.
 *
 * A model lists thousands of names and nodes; each by itself would cost a block with its header. An arena takes them
 * from blocks of 64 KiB, counted against the memory budget like every block of the library.
 */
#ifndef TCONV_IO_ARENA_H
#define TCONV_IO_ARENA_H

#include <stddef.h>

#include "../core/status.h"

typedef struct tconv_arena {       /* zero is an empty arena; one thread at a time */
    struct tconv_arena_block *last;
} tconv_arena;

/* `size` bytes, cleared, aligned for any type; NULL and *status (TCONV_EBUDGET, TCONV_ENOMEM, TCONV_ESIZE) on
 * failure. Valid until the arena is freed. */
TCONV_CHECKED void *tconv_arena_take(tconv_arena *arena, size_t size, tconv_status *status);

/* A copy of `length` bytes with a zero byte after them. */
TCONV_CHECKED char *tconv_arena_text(tconv_arena *arena, const void *bytes, size_t length, tconv_status *status);

/* A printf-style text: integer and string conversions only. */
TCONV_CHECKED TCONV_PRINTF(3, 4) char *tconv_arena_format(tconv_arena *arena, tconv_status *status, const char *format, ...);

void tconv_arena_free(tconv_arena *arena);

/* Make room for one more element of `size` bytes: *array (by tconv_alloc, *capacity elements) grows by doubling when
 * `count` elements fill it. The old contents are kept; new room is not cleared. */
TCONV_CHECKED tconv_status tconv_grow(void **array, size_t *capacity, size_t count, size_t size);

#endif
