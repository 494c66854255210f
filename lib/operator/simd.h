/* simd.h - the inner loops of the engines, one table of them per instruction set and type.
 *
 * All of it is written once, in simd.inc, with the vector extensions of gcc and clang, and compiled for each set in
 * simd_portable.c (no more than the compiler's own target), simd_avx2.c (AVX2 and FMA) and simd_avx512.c (F, DQ, BW, VL).
 * In every table each output is a sum that starts at the bias and adds one product after the other in the order of the
 * list it is given, whatever its place in a vector or a block: that is why chunks, tiles and threads cannot change
 * bits. Between tables only the rounding of a product differs (fused or not). Internal to lib/operator.
 */
#ifndef TCONV_OPERATOR_SIMD_H
#define TCONV_OPERATOR_SIMD_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/element.h"
#include "isa.h"

#define TCONV_SIMD_ROWS 14       /* most rows of a product block, any table */
#define TCONV_SIMD_PHASES 8      /* most phases that are woven in registers */
#define TCONV_SIMD_WOVEN 16      /* most phases that `weave` weaves in registers: all up to TCONV_SIMD_PHASES, and this */
#define TCONV_SIMD_MOST_LANES 16
#define TCONV_SIMD_COLUMNS 4     /* most columns of a product block whose vectors run over rows */

/* c[r][v] = bias[r] + sum_ci sum_t a[(ci*n_taps + t)*rows + r] * b[ci*b_step + shift[t] + v],  v = 0 .. width-1
 * A block of rows x width outputs; c has rows of c_step elements. bias NULL: each sum goes on from what `before` holds, a
 * block like c, or c itself.
 * In `tall_rows` and `flat_rows` vectors run over rows, for a block of tall[columns]*lanes or lanes rows and few columns. */
typedef void tconv_simd_product(const void *a, const void *b, size_t b_step, size_t n_ci, const size_t *shift, size_t n_taps,
                                const void *bias, const void *before, void *c, size_t c_step);

/* Entries of a list, one after the other, that have taps for the phases first .. end-1 alone; the other taps are not looked
 * at. */
typedef struct tconv_simd_run {
    size_t n, first, end;
} tconv_simd_run;

#define TCONV_SIMD_RUNS 3        /* most runs of a list */

/* y[s*m + e] = bias + sum_k w[k*s + e] * x[offset[k] + m],  s*m + e = 0 .. count-1,  e = 0..s-1
 * The s branches of one output row, woven as they are stored; k goes over the n_runs runs. Reads x in whole vectors: up to
 * TCONV_SIMD_MOST_LANES elements beyond the last one needed must be readable. `around_cache` stores past the cache (y aligned
 * as a vector). */
typedef void tconv_simd_branches(const void *x, const size_t *offset, const tconv_simd_run *run, size_t n_runs, const void *w,
                                 const void *bias, void *y, size_t count, bool around_cache);

/* y[s*m + e] = row[e][first + m],  m = 0..count-1,  e = 0..s-1. `around_cache` stores past the cache where y is aligned. */
typedef void tconv_simd_weave(const void *const *row, size_t first, size_t s, void *y, size_t count, bool around_cache);

/* to[u] = x[step*u], u = 0 .. count-1, step 1 or 2. */
typedef void tconv_simd_pick(const void *x, size_t step, void *to, size_t count);

/* at[u] = x[2*u], fall[u] = x[2*u] - x[2*u - 1], rise[u] = x[2*u + 1] - x[2*u], u = 0 .. count-1. */
typedef void tconv_simd_pick_pair(const void *x, void *at, void *fall, void *rise, size_t count);

/* to[i] = a[i] - b[i], and to[i] += a[i]; i = 0 .. count-1. `to` may be a or b. */
typedef void tconv_simd_subtract(const void *a, const void *b, void *to, size_t count);
typedef void tconv_simd_add(const void *a, void *to, size_t count);

/* sum[i] = x[i] h[i], or sum[i] += x[i] h[i] where `more`, complex numbers as pairs (real, imaginary); i = 0 .. count-1. */
typedef void tconv_simd_multiply_spectra(const void *x, const void *h, bool more, void *sum, size_t count);

typedef struct tconv_simd {
    tconv_isa isa;
    size_t lanes;                                                    /* elements of a vector */
    size_t rows;                                                     /* most rows of `product` */
    size_t wide;                                                     /* vectors of a wide block */
    tconv_simd_product *narrow[TCONV_SIMD_ROWS + 1];                 /* [rows]: width = lanes */
    tconv_simd_product *product[TCONV_SIMD_ROWS + 1];                /* [rows]: width = wide*lanes */
    tconv_simd_product *broad[TCONV_SIMD_ROWS + 1];                  /* [rows]: width = 2*wide*lanes, NULL for many rows */
    size_t tall[TCONV_SIMD_COLUMNS + 1];                             /* [columns]: vectors of rows of a tall block, */
    tconv_simd_product *tall_rows[TCONV_SIMD_COLUMNS + 1];           /* and its product */
    tconv_simd_product *flat_rows[TCONV_SIMD_COLUMNS + 1];           /* [columns]: lanes rows */
    tconv_simd_branches *branches[TCONV_SIMD_PHASES + 1];            /* [s] */
    tconv_simd_weave *weave;
    tconv_simd_pick *pick;
    tconv_simd_pick_pair *pick_pair;
    tconv_simd_subtract *subtract;
    tconv_simd_add *add;
    tconv_simd_multiply_spectra *multiply_spectra;
} tconv_simd;

/* The table of an instruction set that this processor has (isa.h), for TCONV_F32 or TCONV_F64. */
const tconv_simd *tconv_simd_of(tconv_isa isa, tconv_element element);

extern const tconv_simd tconv_simd_portable_f32, tconv_simd_portable_f64;
#if defined(__x86_64__)
extern const tconv_simd tconv_simd_avx2_f32, tconv_simd_avx2_f64, tconv_simd_avx512_f32, tconv_simd_avx512_f64;
#endif

#endif
