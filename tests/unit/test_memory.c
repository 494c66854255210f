/* Sizes that cannot wrap, alignment, clearing, and the budget, also from several threads at once. */
#include "testing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "tconv.h"

/* a * b and a + b in pieces of 32 bits, so that nothing wraps: {high, low} 64-bit halves. */
static void multiply_wide(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low)
{
    uint64_t a1 = a >> 32, a0 = a & UINT32_MAX, b1 = b >> 32, b0 = b & UINT32_MAX;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & UINT32_MAX);
    *high = a1 * b1 + (middle >> 32) + (other >> 32);
    *low = (other << 32) | (a0 * b0 & UINT32_MAX);
}

static void check_pair(size_t a, size_t b)
{
    uint64_t high, low;
    size_t result = 77;
    multiply_wide(a, b, &high, &low);
    bool fits = tconv_size_mul(a, b, &result);
    CHECK_MESSAGE(fits == (high == 0) && result == (fits ? low : 77), "%zu * %zu", a, b);
    result = 77;
    fits = tconv_size_add(a, b, &result);
    CHECK_MESSAGE(fits == (b <= SIZE_MAX - a) && result == (fits ? a + b : 77), "%zu + %zu", a, b);
}

static void products_and_sums_that_do_not_fit_are_refused(void)
{
    static const size_t edges[] = { 0, 1, 2, 3, UINT32_MAX - 1, UINT32_MAX, (size_t)UINT32_MAX + 1, (size_t)UINT32_MAX + 2,
                                    SIZE_MAX / 3, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX - 1, SIZE_MAX };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        for (size_t j = 0; j < sizeof edges / sizeof edges[0]; j++)
            check_pair(edges[i], edges[j]);
    for (size_t round = 0; round < test_rounds(10000); round++)
        check_pair(random_bits() >> random_between(0, 63), random_bits() >> random_between(0, 63));
}

static void a_shape_counts_its_elements_or_is_refused(void)
{
    static const struct {
        size_t shape[4], ndim;
        bool fits;
        size_t count;
    } cases[] = {
        { { 0 }, 0, true, 1 },                              { { 7 }, 1, true, 7 },
        { { 3, 4, 5 }, 3, true, 60 },                       { { 0, 4, 5 }, 3, true, 0 },
        { { SIZE_MAX, SIZE_MAX, 0 }, 3, true, 0 },          { { 0, SIZE_MAX, SIZE_MAX }, 3, true, 0 },
        { { SIZE_MAX }, 1, true, SIZE_MAX },                { { SIZE_MAX, 1, 1 }, 3, true, SIZE_MAX },
        { { SIZE_MAX, 2 }, 2, false, 0 },                   { { (size_t)1 << 32, (size_t)1 << 32 }, 2, false, 0 },
        { { (size_t)1 << 31, (size_t)1 << 32 }, 2, true, (size_t)1 << 63 },
        { { (size_t)1 << 22, (size_t)1 << 21, (size_t)1 << 21, 1 }, 4, false, 0 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t count = 99;
        bool fits = tconv_shape_count(cases[c].shape, cases[c].ndim, &count);
        CHECK_MESSAGE(fits == cases[c].fits && count == (fits ? cases[c].count : 99), "shape %zu: %zu", c, count);
    }
}

static void blocks_are_aligned_disjoint_and_cleared_on_request(void)
{
    size_t before = tconv_memory_in_use();
    unsigned char *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        size_t count = i < 3 ? i : random_between(1, 500);
        tconv_status status = TCONV_EREAD;
        blocks[i] = i % 2 == 0 ? tconv_alloc(count, 8, &status) : tconv_alloc_zero(count, 8, &status);
        CHECK(blocks[i] != NULL && (uintptr_t)blocks[i] % TCONV_ALIGNMENT == 0);
        CHECK(status == TCONV_EREAD);                    /* success leaves it alone */
        if (blocks[i] == NULL)
            return;
        bool clear = true;
        for (size_t b = 0; b < 8 * count && i % 2 == 1; b++)
            clear = clear && blocks[i][b] == 0;
        CHECK(clear);
        memset(blocks[i], (int)i, 8 * count);
        CHECK(tconv_memory_in_use() >= before + 8 * count);
    }
    for (size_t i = 3; i < 200; i++)
        CHECK(blocks[i][0] == (unsigned char)i && blocks[i][7] == (unsigned char)i);
    for (size_t i = 0; i < 200; i++)
        tconv_free(blocks[i]);
    tconv_free(NULL);
    CHECK(tconv_memory_in_use() == before);
}

static void sizes_that_wrap_or_cannot_be_had_are_refused(void)
{
    static const struct {
        size_t count, size;
        tconv_status why;
    } cases[] = {
        { SIZE_MAX, 2, TCONV_ESIZE },              { SIZE_MAX, SIZE_MAX, TCONV_ESIZE }, { SIZE_MAX, 1, TCONV_ESIZE },
        { SIZE_MAX - 64, 1, TCONV_ESIZE },         { SIZE_MAX - 127, 1, TCONV_ESIZE },  { (size_t)1 << 61, 8, TCONV_ESIZE },
        { (size_t)PTRDIFF_MAX, 1, TCONV_ESIZE },   { (size_t)1 << 60, 8, TCONV_ESIZE },
    };
    size_t before = tconv_memory_in_use();
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_status status = TCONV_OK;
        CHECK_MESSAGE(tconv_alloc(cases[c].count, cases[c].size, &status) == NULL && status == cases[c].why, "case %zu", c);
        status = TCONV_OK;
        CHECK_MESSAGE(tconv_alloc_zero(cases[c].count, cases[c].size, &status) == NULL && status == cases[c].why, "case %zu", c);
        CHECK(tconv_alloc(cases[c].count, cases[c].size, NULL) == NULL);
    }
    CHECK(tconv_memory_in_use() == before);
}

static void the_budget_is_kept_to_the_byte_and_given_back(void)
{
    size_t before = tconv_memory_in_use();
    tconv_status status = TCONV_OK;
    CHECK(tconv_memory_budget() == 0);
    void *probe = tconv_alloc(1000, 1, &status);
    size_t cost = tconv_memory_in_use() - before;
    CHECK(probe != NULL && cost >= 1000 && cost <= 1000 + 4 * TCONV_ALIGNMENT);
    tconv_free(probe);

    tconv_memory_set_budget(before + cost);
    CHECK(tconv_memory_budget() == before + cost);
    CHECK(tconv_alloc(1001, 1, &status) == NULL && status == TCONV_EBUDGET);
    CHECK(tconv_memory_in_use() == before);                   /* a refusal costs nothing */
    status = TCONV_OK;
    probe = tconv_alloc(1000, 1, &status);
    CHECK(probe != NULL && status == TCONV_OK);
    CHECK(tconv_alloc(1, 1, &status) == NULL && status == TCONV_EBUDGET);
    tconv_memory_set_budget(1);                               /* blocks that are out stay */
    status = TCONV_OK;
    CHECK(tconv_alloc_zero(1, 1, &status) == NULL && status == TCONV_EBUDGET);
    status = TCONV_OK;
    CHECK(tconv_alloc_text("text", &status) == NULL && status == TCONV_EBUDGET);
    tconv_free(probe);
    tconv_memory_set_budget(0);
    probe = tconv_alloc(1 << 20, 1, &status);
    CHECK(probe != NULL);
    tconv_free(probe);
    CHECK(tconv_memory_in_use() == before);
}

static void texts_are_copied(void)
{
    size_t before = tconv_memory_in_use();
    char text[] = "conv5.weight";
    char *copy = tconv_alloc_text(text, NULL), *empty = tconv_alloc_text("", NULL);
    text[0] = 'X';
    CHECK_TEXT(copy, "conv5.weight");
    CHECK_TEXT(empty, "");
    CHECK(tconv_alloc_text(NULL, NULL) == NULL);
    tconv_free(copy);
    tconv_free(empty);
    CHECK(tconv_memory_in_use() == before);
}

/* Threads that allocate and free against one budget. What they hold together never exceeds it, and all is given back. */
#define THREADS 4
static atomic_size_t held, most_held, refused;

static void *allocate_and_free(void *argument)
{
    uint32_t random = 1u + *(const uint32_t *)argument;
    for (size_t round = 0; round < 5000; round++) {
        random = random * 1664525u + 1013904223u;
        size_t size = 1 + (random >> 16) % 4096;
        tconv_status status = TCONV_OK;
        unsigned char *block = tconv_alloc(size, 1, &status);
        if (block == NULL) {
            atomic_fetch_add(&refused, status == TCONV_EBUDGET ? 1 : 1000000);
            continue;
        }
        size_t now = atomic_fetch_add(&held, size) + size, most = atomic_load(&most_held);
        while (now > most && !atomic_compare_exchange_weak(&most_held, &most, now))
            ;
        memset(block, (int)round, size);
        atomic_fetch_sub(&held, size);
        tconv_free(block);
    }
    return NULL;
}

static void several_threads_share_one_budget(void)
{
    size_t before = tconv_memory_in_use(), budget = before + 6000;
    pthread_t threads[THREADS];
    uint32_t numbers[THREADS];
    bool started[THREADS];
    tconv_memory_set_budget(budget);
    for (uint32_t t = 0; t < THREADS; t++) {
        numbers[t] = t;
        started[t] = pthread_create(&threads[t], NULL, allocate_and_free, &numbers[t]) == 0;
        CHECK(started[t]);
    }
    for (size_t t = 0; t < THREADS; t++)
        if (started[t])
            CHECK(pthread_join(threads[t], NULL) == 0);
    tconv_memory_set_budget(0);
    CHECK(atomic_load(&most_held) > 0 && atomic_load(&most_held) <= budget - before);
    CHECK(atomic_load(&refused) < 1000000);
    CHECK(tconv_memory_in_use() == before);
}

const struct test_suite suite = { "memory", {
    { "products and sums that do not fit are refused", products_and_sums_that_do_not_fit_are_refused },
    { "a shape counts its elements or is refused", a_shape_counts_its_elements_or_is_refused },
    { "blocks are aligned, disjoint, and cleared on request", blocks_are_aligned_disjoint_and_cleared_on_request },
    { "sizes that wrap or cannot be had are refused", sizes_that_wrap_or_cannot_be_had_are_refused },
    { "the budget is kept to the byte and given back", the_budget_is_kept_to_the_byte_and_given_back },
    { "texts are copied", texts_are_copied },
    { "several threads share one budget", several_threads_share_one_budget },
    { NULL, NULL } } };
