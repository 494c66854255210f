#include "failing_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

#if defined(__has_feature)
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HAS(address_sanitizer) || HAS(thread_sanitizer) \
    || HAS(memory_sanitizer)
#define OWN_CALLS_ONLY 1
#else
#define OWN_CALLS_ONLY 0
#endif

static size_t wanted, seen, failed, spared;
static bool for_ever;
static _Thread_local bool watched;
static _Thread_local bool inside;      /* a call that __wrap_ has counted */
static atomic_long live;

void memory_fail_at(size_t k, bool ever)
{
    wanted = k;
    for_ever = ever;
    seen = failed = spared = 0;
}

void memory_watch(bool on)
{
    watched = on;
}

size_t memory_seen(void) { return seen; }
size_t memory_failed(void) { return failed; }
size_t memory_spared(void) { return spared; }
long memory_live(void) { return atomic_load(&live); }

static bool fails(bool own)
{
    if (!watched)
        return false;
    if (!own && tconv_fftw_inside()) {
        spared++;
        return false;
    }
    seen++;
    if (wanted == 0 || seen < wanted || (seen > wanted && !for_ever))
        return false;
    failed++;
    errno = ENOMEM;
    return true;
}

/* ---- our own calls ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
    if (fails(true))
        return NULL;
    inside = true;
    void *block = __real_malloc(size);
    inside = false;
    return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
    if (fails(true))
        return NULL;
    inside = true;
    void *block = __real_calloc(count, size);
    inside = false;
    return block;
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails(true))
        return NULL;
    inside = true;
    void *moved = __real_realloc(block, size);
    inside = false;
    return moved;
}

/* ---- everyone's ---- */

#if !OWN_CALLS_ONLY

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

/* Where the shared libraries find them. */
#pragma GCC visibility push(default)
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void *memalign(size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **block, size_t alignment, size_t size);
void free(void *block);
#pragma GCC visibility pop

static void *counted(void *block)
{
    if (block != NULL)
        atomic_fetch_add(&live, 1);
    return block;
}

static bool other_fails(void)
{
    return !inside && fails(false);
}

void *malloc(size_t size)
{
    return other_fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return other_fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (other_fails())
        return NULL;
    void *moved = __libc_realloc(block, size);
    if (block == NULL)
        return counted(moved);
    if (moved == NULL && size == 0)
        atomic_fetch_sub(&live, 1);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    return other_fails() ? NULL : counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *got = memalign(alignment, size);
    if (got == NULL)
        return ENOMEM;
    *block = got;
    return 0;
}

void free(void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&live, 1);
    __libc_free(block);
}

#endif

/* Does an allocation of the C library come by? Not under valgrind. */
bool memory_complete(void)
{
    if (OWN_CALLS_ONLY)
        return false;
    long before = memory_live();
    char *(*volatile copy)(const char *) = strdup;
    char *text = copy("probe");
    bool comes_by = memory_live() == before + 1;
    void (*volatile give_back)(void *) = free;
    give_back(text);
    return comes_by;
}
