/* memory.h - sizes that cannot wrap, aligned buffers, one byte budget.
 *
 * Every product of sizes that comes from a file or a user goes through tconv_size_mul; every buffer of the library
 * comes from tconv_alloc, which counts it against one budget for the whole process.
 */
#ifndef TCONV_CORE_MEMORY_H
#define TCONV_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_ALIGNMENT 64   /* bytes: a cache line, and the widest vector register */

/* *result = a * b, or a + b. False, with *result untouched, where the true value does not fit a size_t. */
TCONV_API TCONV_CHECKED bool tconv_size_mul(size_t a, size_t b, size_t *result);
TCONV_API TCONV_CHECKED bool tconv_size_add(size_t a, size_t b, size_t *result);

/* *count = shape[0] * .. * shape[ndim-1], 1 for ndim = 0. False where the product does not fit; a zero extent gives
 * 0 whatever the others are. */
TCONV_API TCONV_CHECKED bool tconv_shape_count(const size_t *shape, size_t ndim, size_t *count);

/* Memory for `count` elements of `size` bytes, aligned to TCONV_ALIGNMENT; tconv_alloc_zero clears it. Never a
 * zero-sized block. On failure NULL, and *status (which may be NULL) says TCONV_ESIZE, TCONV_EBUDGET or TCONV_ENOMEM;
 * on success *status is left alone. Free with tconv_free (NULL is fine), from any thread. */
TCONV_API TCONV_CHECKED void *tconv_alloc(size_t count, size_t size, tconv_status *status);
TCONV_API TCONV_CHECKED void *tconv_alloc_zero(size_t count, size_t size, tconv_status *status);
TCONV_API void tconv_free(void *block);

/* A copy of `text` by tconv_alloc; NULL for NULL or on failure. */
TCONV_API TCONV_CHECKED char *tconv_alloc_text(const char *text, tconv_status *status);

/* Is there memory for a small parser, 64 KiB? Allocates and frees it: TCONV_OK, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_memory_probe(void);

/* The budget: the most bytes that may be out at any one time; 0, the default, is no limit. Thread-safe, but meant to
 * be set once at the start of a program. Blocks that are already out stay. */
TCONV_API void tconv_memory_set_budget(size_t bytes);
TCONV_API size_t tconv_memory_budget(void);
TCONV_API size_t tconv_memory_in_use(void);

#ifdef __cplusplus
}
#endif
#endif
