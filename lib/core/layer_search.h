/* layer_search.h - which layers make M samples out of N: every (k, s, p, o) that connects the two sizes, best first.
 *
 * One axis, crop p at both ends, output padding o (core/geometry.h):
 *
 *     M = s*(N-1) + k_eff - 2p + o,    k_eff = d*(k-1) + 1,    0 <= p <= k_eff - 1,    0 <= o < s
 *
 * The order is total, so that the answer never depends on how it was found: even coverage (V = 0) first, then the smaller
 * |pixel_offset|, then o = 0 before o > 0, then the smaller k, s, p.
 *
 *     tconv_axis found[8];
 *     size_t total;
 *     tconv_layer_query query = { .n_in = 4, .n_out = 8 };
 *     if (tconv_layer_search(&query, found, 8, &total, &error) == TCONV_OK)
 *         ..                                 found[0] is k = 2, s = 2, p = 0; total says how many there are
 */
#ifndef TCONV_CORE_LAYER_SEARCH_H
#define TCONV_CORE_LAYER_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geometry.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_SEARCH_TAPS ((size_t)16)          /* the most taps looked at unless the kernel size is given */
#define TCONV_SEARCH_EFFECTIVE ((size_t)256)    /* the longest dilated kernel that is searched; */
#define TCONV_SEARCH_GIVEN ((size_t)4096)       /* the same where the kernel size is given */

typedef struct tconv_layer_query {
    size_t n_in, n_out;        /* N and M, 1 or more */
    size_t n_taps, stride;     /* k and s where they are given; 0: any k <= TCONV_SEARCH_TAPS, any s */
    size_t dilation;           /* d; 0 counts as 1 */
    bool padding_given;
    int64_t padding;           /* p where it is given, also beyond k_eff - 1 or negative */
} tconv_layer_query;

/* found[0 .. min(*total, most)-1] = the best layers in order, *total = how many there are. With N = 1 the size does not
 * depend on s beyond o < s: strides up to M are counted then (a given one always). Pure, thread-safe. Errors:
 * TCONV_EARGUMENT for sizes of 0 and what is beyond the limits of tconv_axis_check. */
TCONV_API TCONV_CHECKED tconv_status tconv_layer_search(const tconv_layer_query *query, tconv_axis *found, size_t most,
                                                        size_t *total, tconv_error *error);

/* The order: negative where a comes before b, 0 where they are the same layer. Both have equal crops at both ends. */
TCONV_API int tconv_layer_order(const tconv_axis *a, const tconv_axis *b);

#ifdef __cplusplus
}
#endif
#endif
