/* The pruned sum in plain C, and the copy that goes past the cache. */
#include "pruned.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#include <stdint.h>
#endif

#define VECTOR_BYTES 16
#define REAL float
#define NAME(base) base##_portable_f32
#include "pruned.inc"
#undef REAL
#undef NAME

#define REAL double
#define NAME(base) base##_portable_f64
#include "pruned.inc"

#if defined(__SSE2__)
void tconv_copy_around_cache(void *to, const void *from, size_t bytes)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    size_t head = (64 - (uintptr_t)out % 64) % 64;
    head = head < bytes ? head : bytes;
    memcpy(out, in, head);
    size_t at = head;
    for (; at + 64 <= bytes; at += 64)
        for (size_t i = 0; i < 64; i += 16)
            _mm_stream_si128((__m128i *)(void *)(out + at + i), _mm_loadu_si128((const __m128i *)(const void *)(in + at + i)));
    memcpy(out + at, in + at, bytes - at);
    _mm_sfence();
}
#else
void tconv_copy_around_cache(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}
#endif
