#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../core/memory.h"

#ifndef TCONV_ARENA_BLOCK       /* 0 in builds for tests: every piece, and each of the first elements, asks for memory, which may fail */
#define TCONV_ARENA_BLOCK ((size_t)65536 - 256)   /* with its header still below a power of two */
#endif
#define FORMAT_BYTES 1024

struct tconv_arena_block {
    struct tconv_arena_block *before;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

void *tconv_arena_take(tconv_arena *arena, size_t size, tconv_status *status)
{
    size_t wanted;
    if (!tconv_size_add(size, alignof(max_align_t) - 1, &wanted)) {
        *status = TCONV_ESIZE;
        return NULL;
    }
    wanted -= wanted % alignof(max_align_t);
    struct tconv_arena_block *block = arena->last;
    if (block == NULL || wanted > block->size - block->used) {
        size_t room = wanted > TCONV_ARENA_BLOCK ? wanted : TCONV_ARENA_BLOCK, total;
        if (!tconv_size_add(room, sizeof *block, &total)) {
            *status = TCONV_ESIZE;
            return NULL;
        }
        block = tconv_alloc(total, 1, status);
        if (block == NULL)
            return NULL;
        *block = (struct tconv_arena_block){ .before = arena->last, .size = room };
        arena->last = block;
    }
    void *taken = block->bytes + block->used;
    block->used += wanted;
    return memset(taken, 0, size);
}

char *tconv_arena_text(tconv_arena *arena, const void *bytes, size_t length, tconv_status *status)
{
    char *text = length < SIZE_MAX ? tconv_arena_take(arena, length + 1, status) : NULL;
    if (text != NULL && length > 0)
        memcpy(text, bytes, length);
    return text;
}

char *tconv_arena_format(tconv_arena *arena, tconv_status *status, const char *format, ...)
{
    char text[FORMAT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t kept = length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    return tconv_arena_text(arena, text, kept, status);
}

void tconv_arena_free(tconv_arena *arena)
{
    while (arena->last != NULL) {
        struct tconv_arena_block *before = arena->last->before;
        tconv_free(arena->last);
        arena->last = before;
    }
}

tconv_status tconv_grow(void **array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return TCONV_OK;
    tconv_status status = TCONV_OK;
    size_t larger = *capacity == 0 ? 16 : *capacity;
    if (*capacity != 0 && !tconv_size_mul(larger, 2, &larger))
        return TCONV_ESIZE;
    larger = TCONV_ARENA_BLOCK == 0 && count < 64 ? count + 1 : larger;
    void *moved = tconv_alloc(larger, size, &status);
    if (moved == NULL)
        return status;
    if (count > 0)
        memcpy(moved, *array, count * size);
    tconv_free(*array);
    *array = moved;
    *capacity = larger;
    return TCONV_OK;
}
