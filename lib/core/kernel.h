/* kernel.h - one layer: its taps, its geometry, and where it came from.
 *
 * Taps are in the order of PyTorch and ONNX, (Cin, Cout/groups, k1..kD), row-major, in double. The taps of one pair of
 * channels, `tconv_kernel_pair`, are a contiguous kernel of K = k1*..*kD taps: w[r] in the equation of geometry.h.
 */
#ifndef TCONV_CORE_KERNEL_H
#define TCONV_CORE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "geometry.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TCONV_ROLE_UPSAMPLE,   /* the layer itself is a transposed convolution, or equals one */
    TCONV_ROLE_GRADIENT    /* a strided convolution: its input gradient is a transposed convolution */
} tconv_role;

typedef struct tconv_kernel {
    tconv_geometry geometry;
    double *taps;               /* Cin * (Cout/groups) * K values; owned */
    double *bias;               /* Cout values, or NULL; owned */
    double *phase_bias;         /* NULL, or Cout * S values, (Cout, branch row-major): what is added to the outputs that each
                                   branch makes, where that differs (convolution, then pixel shuffle). `bias` then has
                                   the means. Owned */
    tconv_role role;
    bool weight_norm_fused;     /* the taps were made of a direction and a length (weight normalisation) */
    char *name;                 /* of the layer, or of the file; NULL or owned, from tconv_alloc_text */
    char *weight;               /* of the weight tensor; NULL or owned */
    char *operator_name;        /* "ConvTranspose", "Conv+DepthToSpace" ..; NULL or owned */
} tconv_kernel;

/* A kernel of zero taps. The geometry is checked. On failure *kernel is NULL: TCONV_EGEOMETRY, TCONV_ESIZE,
 * TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_kernel_create(tconv_kernel **kernel, const tconv_geometry *geometry,
                                                         tconv_error *error);
TCONV_API void tconv_kernel_destroy(tconv_kernel *kernel);   /* NULL is fine */

/* The number of taps of all pairs: Cin * (Cout/groups) * K. */
TCONV_API size_t tconv_kernel_count(const tconv_kernel *kernel);

/* The K taps that lead from input channel ci to output channel co; NULL if they are in different groups or out of
 * range. Borrowed: valid as long as the kernel. */
TCONV_API const double *tconv_kernel_pair(const tconv_kernel *kernel, size_t ci, size_t co);

/* A new kernel of one channel with the taps of pair (ci, co), the same spatial geometry and names.
 * TCONV_EARGUMENT where the pair is none. */
TCONV_API TCONV_CHECKED tconv_status tconv_kernel_extract(const tconv_kernel *kernel, size_t ci, size_t co,
                                                          tconv_kernel **pair, tconv_error *error);

/* A new kernel of the one output channel co: the taps of all input channels of its group, its biases, the same spatial
 * geometry and names. TCONV_EARGUMENT where there is no such channel. */
TCONV_API TCONV_CHECKED tconv_status tconv_kernel_channel(const tconv_kernel *kernel, size_t co, tconv_kernel **channel,
                                                          tconv_error *error);

/* One channel in, one out? */
TCONV_API bool tconv_kernel_is_single(const tconv_kernel *kernel);

#ifdef __cplusplus
}
#endif
#endif
