/* The inner loops for AVX-512 (F, DQ, BW, VL): the Makefile compiles this file, and no other, with those sets on. */
#include "simd.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define ISA TCONV_ISA_AVX512
#define VECTOR_BYTES 64
#define ROWS 14
#define WIDE 2
#define BROAD_ROWS 6
#define TALL 4
#define TABLE(name) name(tconv_simd_avx512)

#define REAL float
#define LANES 16
#define NAME(base) base##_f32
#define STORE_AROUND(p, v) _mm512_stream_ps(p, (__m512)(v))
#include "simd.inc"
#undef REAL
#undef LANES
#undef NAME
#undef STORE_AROUND

#define REAL double
#define LANES 8
#define NAME(base) base##_f64
#define STORE_AROUND(p, v) _mm512_stream_pd(p, (__m512d)(v))
#include "simd.inc"

#else
typedef int tconv_not_an_x86;
#endif
