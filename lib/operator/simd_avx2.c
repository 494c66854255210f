/* The inner loops for AVX2 and FMA: the Makefile compiles this file, and no other, with those sets on. */
#include "simd.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define ISA TCONV_ISA_AVX2
#define VECTOR_BYTES 32
#define ROWS 6
#define WIDE 2
#define BROAD_ROWS 2
#define TALL 2
#define TABLE(name) name(tconv_simd_avx2)

#define REAL float
#define LANES 8
#define NAME(base) base##_f32
#define STORE_AROUND(p, v) _mm256_stream_ps(p, (__m256)(v))
#include "simd.inc"
#undef REAL
#undef LANES
#undef NAME
#undef STORE_AROUND

#define REAL double
#define LANES 4
#define NAME(base) base##_f64
#define STORE_AROUND(p, v) _mm256_stream_pd(p, (__m256d)(v))
#include "simd.inc"

#else
typedef int tconv_not_an_x86;
#endif
