/* transpose.h - run a layer: plan once, execute often. Begin here to read the fast path.
 *
 *     y[co][j] = b[co] + sum over ci in the group, i, r with s*i + d*r - pb = j of  x[ci][i] w[ci][co][r]
 *
 * in its polyphase form: output j is made by branch q = (j + pb) mod s alone, so no inserted zero is ever multiplied.
 *
 *     tconv_transpose *plan = NULL;
 *     tconv_transpose_options options = tconv_transpose_default_options();
 *     options.element = TCONV_F32;
 *     if (tconv_transpose_create(&plan, &kernel->geometry, kernel->taps, kernel->bias, n_in, &options, &error) == TCONV_OK)
 *         tconv_transpose_execute(plan, batch, x, y);
 *     tconv_transpose_destroy(plan);
 *
 * Engines behind one plan, each in a file of its own:
 *     direct       engine_direct.c     SIMD over the samples of a row, all phases of the row at once; few channels
 *     gemm         engine_gemm.c       the branches as products of matrices; many channels
 *     fast-fir     engine_fast_fir.c   the same with a quarter to a half fewer multiplications, for two taps per phase
 *     fft          engine_fft.c        overlap-save in the polyphase domain along the last axis; long kernels
 *     definition   zero_insert.c       zero-insertion and synthesis filtering; slow, for comparison
 *     auto         transpose_cost.c    the cheapest of the first four by a cost model
 *
 * Accuracy: direct, gemm and definition are within (K+2) u (|b| + sum|h||x|) of the exact value of each output, K the
 * products that it sums, u = 2^-24 or 2^-53, and exact where every partial sum is an integer that the type holds;
 * fast-fir is within (K+8) u of a sum somewhat larger, which engine_fast_fir.c derives, and as exact on integers;
 * fft is within 1.5 u sqrt(log2 n) in the norm of a block. x must be finite: a product with a padding zero may be taken.
 *
 * The bits of y depend on the plan's engine and instruction set, and on nothing else: not on the number of threads,
 * the batch, or what ran before.
 */
#ifndef TCONV_OPERATOR_TRANSPOSE_H
#define TCONV_OPERATOR_TRANSPOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/element.h"
#include "../core/geometry.h"
#include "../core/status.h"
#include "isa.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_ENGINE_LIST(X)                                                                                     \
    X(TCONV_ENGINE_AUTO, "auto") X(TCONV_ENGINE_DIRECT, "direct") X(TCONV_ENGINE_GEMM, "gemm")                   \
    X(TCONV_ENGINE_FAST_FIR, "fast-fir") X(TCONV_ENGINE_FFT, "fft") X(TCONV_ENGINE_DEFINITION, "definition")

#define TCONV_ENGINE_NAME(name, text) name,
typedef enum { TCONV_ENGINE_LIST(TCONV_ENGINE_NAME) TCONV_ENGINE_COUNT } tconv_engine;
#undef TCONV_ENGINE_NAME

TCONV_API const char *tconv_engine_text(tconv_engine engine);      /* "direct"; "unknown" for an unknown value */
/* The engine of that name; false, *engine untouched, where there is none. */
TCONV_API TCONV_CHECKED bool tconv_engine_of_text(const char *text, tconv_engine *engine);

typedef struct tconv_transpose tconv_transpose;   /* one execution at a time per plan; different plans are independent */

typedef struct tconv_transpose_options {    /*                                                      Typically         */
    tconv_element element;                  /* TCONV_F32 or TCONV_F64: type of x, y and all sums     TCONV_F64         */
    tconv_engine engine;                    /*                                                      TCONV_ENGINE_AUTO */
    size_t threads;                         /* workers, the caller included; 0 is 1                  1                 */
    tconv_isa max_isa;                      /* upper limit besides TCONV_MAX_ISA (isa.h)             TCONV_ISA_ANY     */
    bool forbid_fast_fir;                   /* never trade multiplications for additions             false             */
    double share_from;                      /* estimated nanoseconds from which an execution is                        *
                                             * shared out among threads; 0: all of them              5000              */
} tconv_transpose_options;

TCONV_API tconv_transpose_options tconv_transpose_default_options(void);   /* the column on the right */

/* Plan the layer for inputs of n_in[0..ndim-1] samples. taps (Cin, Cout/groups, k1..kD) and bias (Cout values, or NULL)
 * are copied, rounded to the element type; options may be NULL. On failure *plan is NULL and *error says why:
 * TCONV_EGEOMETRY, TCONV_ESIZE, TCONV_EARGUMENT, TCONV_EBUDGET, TCONV_ENOMEM; an output that the memory budget could
 * not hold beside the input is refused here (TCONV_EBUDGET). Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_transpose_create(tconv_transpose **plan, const tconv_geometry *geometry,
                                                            const double *taps, const double *bias, const size_t *n_in,
                                                            const tconv_transpose_options *options, tconv_error *error);
TCONV_API void tconv_transpose_destroy(tconv_transpose *plan);   /* NULL is fine */

/* y (batch, Cout, m1..mD) = the layer's answer to x (batch, Cin, n1..nD), both row-major, of the plan's element type and
 * aligned as that type is; they do not overlap. Nothing can fail, and nothing is allocated, but for the threads of a plan of
 * small images: they are started once executions worth sharing (options.share_from) have taken as long as starting them. */
TCONV_API void tconv_transpose_execute(tconv_transpose *plan, size_t batch, const void *x, void *y);

/* What a plan has settled on. */
typedef struct tconv_transpose_info {
    tconv_element element;
    tconv_engine engine;                    /* never TCONV_ENGINE_AUTO */
    tconv_isa isa;
    size_t threads;                         /* asked for: the system may give fewer */
    size_t n_out[TCONV_MAX_NDIM];           /* output samples along each axis */
    double products;                        /* multiplications of one image that reach an output (no inserted zeros) */
} tconv_transpose_info;

TCONV_API tconv_transpose_info tconv_transpose_describe(const tconv_transpose *plan);

#ifdef __cplusplus
}
#endif
#endif
