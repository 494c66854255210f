/* The inner loops for any processor: 16-byte vectors, which the compiler turns into what its own target has. */
#include "simd.h"

#include <stdint.h>
#include <string.h>

#define ISA TCONV_ISA_PORTABLE
#define VECTOR_BYTES 16
#define ROWS 5
#define WIDE 2
#define BROAD_ROWS 2
#define TALL 2
#define TABLE(name) name(tconv_simd_portable)

#define REAL float
#define LANES 4
#define NAME(base) base##_f32
#if defined(__SSE2__)
#include <emmintrin.h>
#define STORE_AROUND(p, v) _mm_stream_ps(p, (__m128)(v))
#else
#define STORE_AROUND(p, v) store_f32(p, v)
#endif
#include "simd.inc"
#undef REAL
#undef LANES
#undef NAME
#undef STORE_AROUND

#define REAL double
#define LANES 2
#define NAME(base) base##_f64
#if defined(__SSE2__)
#define STORE_AROUND(p, v) _mm_stream_pd(p, (__m128d)(v))
#else
#define STORE_AROUND(p, v) store_f64(p, v)
#endif
#include "simd.inc"
