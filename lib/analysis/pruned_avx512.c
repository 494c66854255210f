/* The pruned sum for AVX-512: the Makefile compiles this file with those sets on. */
#include "pruned.h"

#include <string.h>

#if defined(__x86_64__)

#define VECTOR_BYTES 64
#define REAL float
#define NAME(base) base##_avx512_f32
#include "pruned.inc"
#undef REAL
#undef NAME

#define REAL double
#define NAME(base) base##_avx512_f64
#include "pruned.inc"

#else
typedef int tconv_not_an_x86;
#endif
