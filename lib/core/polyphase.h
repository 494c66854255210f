/* polyphase.h - split a synthesis filter into its S branches, merge them again, and what one branch does.
 *
 *     h_q[n] = h[s*n + q],   q = 0..s-1                     type 1   (Crochiere and Rabiner 1983; Vaidyanathan 1993, 4.3)
 *     H(z)   = sum_q z^-q H_q(z^s)
 *     y_full[s*n + q] = (x * h_q)[n]                        output j is made by branch q = (j + pb) mod s
 *
 * h is the dilated kernel, k_eff = d*(k-1) + 1 samples, zero between the taps. In D dimensions q, s and n are vectors;
 * branches are numbered row-major over the phases (the last axis fastest), S = s1*..*sD of them.
 *
 *     tconv_polyphase *split = NULL;
 *     if (tconv_polyphase_create(&split, &kernel->geometry, kernel->taps) == TCONV_OK) {
 *         const double *branch = tconv_polyphase_branch(split, 0, shape);   // shape[i] samples along axis i
 *         ..
 *     }
 *     tconv_polyphase_destroy(split);
 */
#ifndef TCONV_CORE_POLYPHASE_H
#define TCONV_CORE_POLYPHASE_H

#include <stdbool.h>
#include <stddef.h>

#include "geometry.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_polyphase tconv_polyphase;   /* read-only after creation: threads may share one */

/* Copy the K = k1*..*kD taps of one kernel, row-major, into its branches. Any tap count will do: where s does not
 * divide k_eff the first branches are one sample longer; where k_eff < s the last ones are empty. geometry is a
 * checked one (its channels play no part). On failure *split is NULL: TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_polyphase_create(tconv_polyphase **split, const tconv_geometry *geometry,
                                                            const double *taps);
TCONV_API void tconv_polyphase_destroy(tconv_polyphase *split);   /* NULL is fine */

/* S, the number of branches. */
TCONV_API size_t tconv_polyphase_count(const tconv_polyphase *split);

/* The samples of branch q, 0 <= q < S, row-major; shape[0..ndim-1] receives its extents: ceil((k_eff - q_i)/s_i), or 0.
 * Borrowed: valid until the split is destroyed. NULL if q >= S. */
TCONV_API const double *tconv_polyphase_branch(const tconv_polyphase *split, size_t q, size_t *shape);

/* taps[0..K-1] = the kernel again, bit for bit. */
TCONV_API void tconv_polyphase_merge(const tconv_polyphase *split, double *taps);

/* The phase of branch number q along each axis: phase[i] = q_i. */
TCONV_API void tconv_phase_of(const tconv_geometry *geometry, size_t q, size_t *phase);

/* What one branch of one kernel does. */
typedef struct tconv_branch {
    size_t phase[TCONV_MAX_NDIM];
    size_t taps;                        /* C(q): how many taps of the kernel fall into it */
    size_t first_output[TCONV_MAX_NDIM];/* the first output sample that it makes: (q - pb) mod s */
    double dc_gain;                     /* g_q = sum h_q: its answer to a constant input of 1 */
    double energy;                      /* sum h_q^2: noise power gain for white input */
    bool has_delay;                     /* false where |g_q| < 8 eps sum|h|, that is, counts as zero */
    double delay[TCONV_MAX_NDIM];       /* sum n h_q[n] / g_q, input samples, the crop not taken off */
} tconv_branch;

/* branches[0..S-1] of the kernel with these taps. Sums are compensated (sum.h). A gain that counts as zero is
 * reported as it is. `zero` = the level below which a gain counts as zero, usually tconv_kernel_zero(). Pure,
 * thread-safe. TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_branches_of(const tconv_geometry *geometry, const double *taps, double zero,
                                                       tconv_branch *branches);

/* 8 eps sum|h| over `count` taps: sums of taps below it count as zero. */
TCONV_API double tconv_kernel_zero(const double *taps, size_t count);

#ifdef __cplusplus
}
#endif
#endif
