/* The pruned sum for AVX2 and FMA: the Makefile compiles this file with those sets on. */
#include "pruned.h"

#include <string.h>

#if defined(__x86_64__)

#define VECTOR_BYTES 32
#define REAL float
#define NAME(base) base##_avx2_f32
#include "pruned.inc"
#undef REAL
#undef NAME

#define REAL double
#define NAME(base) base##_avx2_f64
#include "pruned.inc"

#else
typedef int tconv_not_an_x86;
#endif
