#include "memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Stands in the TCONV_ALIGNMENT bytes before each block. */
struct header {
    void *base;      /* what malloc gave */
    size_t charged;  /* bytes counted against the budget */
};

static atomic_size_t budget;   /* 0 = none */
static atomic_size_t in_use;

bool tconv_size_mul(size_t a, size_t b, size_t *result)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *result = product;
    return true;
}

bool tconv_size_add(size_t a, size_t b, size_t *result)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *result = sum;
    return true;
}

bool tconv_shape_count(const size_t *shape, size_t ndim, size_t *count)
{
    size_t product = 1;
    for (size_t i = 0; i < ndim; i++)
        if (shape[i] == 0) {
            *count = 0;
            return true;
        }
    for (size_t i = 0; i < ndim; i++)
        if (!tconv_size_mul(product, shape[i], &product))
            return false;
    *count = product;
    return true;
}

static bool charge(size_t bytes)
{
    size_t limit = atomic_load(&budget);
    size_t before = atomic_fetch_add(&in_use, bytes);
    if (limit != 0 && (before > limit || bytes > limit - before)) {
        atomic_fetch_sub(&in_use, bytes);
        return false;
    }
    return true;
}

static void *failed(tconv_status *status, tconv_status why)
{
    if (status != NULL)
        *status = why;
    return NULL;
}

static void *allocate(size_t count, size_t size, bool zero, tconv_status *status)
{
    size_t bytes, total;
    if (!tconv_size_mul(count, size, &bytes) || !tconv_size_add(bytes, (size_t)2 * TCONV_ALIGNMENT, &total)
        || total > PTRDIFF_MAX)
        return failed(status, TCONV_ESIZE);
    if (!charge(total))
        return failed(status, TCONV_EBUDGET);
    void *base = zero ? calloc(1, total) : malloc(total);
    if (base == NULL) {
        atomic_fetch_sub(&in_use, total);
        return failed(status, TCONV_ENOMEM);
    }
    size_t skip = TCONV_ALIGNMENT + (TCONV_ALIGNMENT - (uintptr_t)base % TCONV_ALIGNMENT) % TCONV_ALIGNMENT;
    char *block = (char *)base + skip;
    struct header header = { base, total };
    memcpy(block - sizeof header, &header, sizeof header);
    return block;
}

void *tconv_alloc(size_t count, size_t size, tconv_status *status)
{
    return allocate(count, size, false, status);
}

void *tconv_alloc_zero(size_t count, size_t size, tconv_status *status)
{
    return allocate(count, size, true, status);
}

void tconv_free(void *block)
{
    if (block == NULL)
        return;
    struct header header;
    memcpy(&header, (char *)block - sizeof header, sizeof header);
    atomic_fetch_sub(&in_use, header.charged);
    free(header.base);
}

tconv_status tconv_memory_probe(void)
{
    tconv_status status = TCONV_OK;
    tconv_free(tconv_alloc(1, (size_t)1 << 16, &status));
    return status;
}

char *tconv_alloc_text(const char *text, tconv_status *status)
{
    if (text == NULL)
        return NULL;
    size_t length = strlen(text) + 1;
    char *copy = tconv_alloc(length, 1, status);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

void tconv_memory_set_budget(size_t bytes)
{
    atomic_store(&budget, bytes);
}

size_t tconv_memory_budget(void)
{
    return atomic_load(&budget);
}

size_t tconv_memory_in_use(void)
{
    return atomic_load(&in_use);
}
