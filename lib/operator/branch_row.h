/* branch_row.h - all branches of one output row at once: the part that engine_direct.c and stream.c share.
 *
 * Number the outputs of the row j = s*m + e, e = 0..s-1, so that it begins with e = 0 whatever the crop is. Tap r feeds
 * the one phase e for which s divides e + pb - d*r, from input
 *
 *     i = m + a,   a = (e + pb - d*r)/s                                           (branch q = (e + pb) mod s)
 *
 * The offsets a of all phases together are few: ceil(k/s), or one more, for d = 1. A vector of consecutive m is loaded
 * once for each of them and serves all phases, whose sums are woven in registers (simd.h). For d = 1 offset a has the taps
 * r = e + pb - a*s, 0 <= r < k: all phases, but for the highest offset, which phases below a*s - pb do not have, and the
 * lowest, which only those below a*s - pb + k have. Internal to lib/operator.
 */
#ifndef TCONV_OPERATOR_BRANCH_ROW_H
#define TCONV_OPERATOR_BRANCH_ROW_H

#include "engine.h"

typedef struct tconv_branch_row {
    size_t n_shifts;                   /* distinct offsets, descending, so that r ascends */
    int64_t lowest, highest;           /* of them */
    size_t *shift;                     /* a - lowest; owned */
    size_t first, end;                 /* phases of the first shift: first .. s-1; of the last one: 0 .. end-1 */
    size_t before, after;              /* 1 where some phases lack the first, the last shift, else 0 */
    bool apart;                        /* the phases that lack one are left out */
} tconv_branch_row;

/* Whether only those phases of the first and the last shift are multiplied that have taps, which costs some cycles for each
 * of the three runs: not in short rows of few inputs, nor where phases are made in chunks. Elsewhere zeros stand for the taps
 * that are not. The order of a sum is the same, and so are its bits, as no bias is -0. m[2] = 0 in a stream: rows are as long
 * as the signal. */
bool tconv_branch_row_tells_apart(const tconv_lifted *l);

/* The offsets of axis 2 of a layer. TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_CHECKED tconv_status tconv_branch_row_create(tconv_branch_row *row, const tconv_lifted *l);
void tconv_branch_row_destroy(tconv_branch_row *row);

/* Where in a list for `lines` input rows shift t of row `line` is: first the first shift of all rows, if some phases lack it,
 * then the shifts that all phases have, row by row, then the last one. */
size_t tconv_branch_row_entry(const tconv_branch_row *row, size_t t, size_t line, size_t lines);

/* Put the k taps at w, those of row `line`, into `weights`, which hold the s taps of each entry of a list, in chunks of
 * TCONV_SIMD_PHASES phases, chunk by chunk over the whole list; they begin as zeros. */
void tconv_branch_row_pack(const tconv_branch_row *row, const tconv_job *job, const double *w, size_t line, size_t lines, void *weights);

/* y[0..count-1] = the row for a list of offsets into x. `buffer` has room for TCONV_SIMD_PHASES * ceil(count/s) elements; it
 * is used only for s > TCONV_SIMD_PHASES. */
void tconv_branch_row_run(const tconv_branch_row *row, const tconv_job *job, const void *x, const size_t *offset, size_t lines,
                          const void *weights, const void *bias, void *buffer, void *y, size_t count);

#endif
