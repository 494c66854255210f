/* pruned.h - the response of a few taps on a long circle by the sum itself, one function per instruction set (internal).
 *
 * With E and O the sums over the taps at even and at odd places p,
 *
 *     H(j/n) = E(j) + O(j),    H((n/2 - j)/n) = conj(E(j) - O(j)),    j = 0 .. n/4
 *
 * because exp(-2 pi i p (n/2 - j)/n) = (-1)^p conj(exp(-2 pi i p j/n)): k/2 real products per value of H, where an FFT of
 * N points takes about 5 log2 N operations and never learns that most of its inputs are zero.
 */
#ifndef TCONV_ANALYSIS_PRUNED_H
#define TCONV_ANALYSIS_PRUNED_H

#include <stddef.h>

#define TCONV_PRUNED_BLOCK 32   /* rows of the tables are whole blocks long */

typedef struct tconv_pruned {
    size_t half;                  /* n/2 */
    size_t n_taps, even;          /* the taps at even places come first */
    size_t quarter;               /* n/4 + 1, rounded up to whole blocks: the length of a row */
    const size_t *order;          /* which taps they are */
    const void *cosine, *sine;    /* cos and sin(2 pi p j / n), a row for each tap in that order */
} tconv_pruned;

/* response[j], j = 0 .. n/2, as pairs re, im. */
typedef void tconv_pruned_run(const tconv_pruned *plan, const void *taps, void *response);

extern tconv_pruned_run tconv_pruned_portable_f32, tconv_pruned_portable_f64;
#if defined(__x86_64__)
extern tconv_pruned_run tconv_pruned_avx2_f32, tconv_pruned_avx2_f64, tconv_pruned_avx512_f32, tconv_pruned_avx512_f64;
#endif

/* Copy a block of memory past the cache, for results that it could not hold. */
void tconv_copy_around_cache(void *to, const void *from, size_t bytes);

#endif
