/* cost_direct.c - what engine_direct.c would take. */
#include <math.h>

#include "branch_row.h"
#include "transpose_cost.h"

#define NS_PER_CALL 100.0
#define NS_PER_VECTOR 0.25           /* of outputs stored, */
#define NS_PER_SHUFFLE 0.3           /* and woven in registers */
#define NS_PER_LINE_FROM_L2 0.086    /* input lines of a step of columns that L1 does not hold */
#define NS_PER_LINE_FROM_L3 0.41
#define NS_PER_LISTED_INPUT 1.9      /* entry of the list of an output row */
#define NS_PER_CHOICE 0.1            /* whether an entry of a first or last shift has taps for a phase */
#define NS_PER_OUTPUT_ROW 10.0
#define NS_PER_CACHED_BYTE 0.021     /* input copied into the row cache, */
#define NS_PER_CACHED_ROW 18.0       /* and what a row of it costs besides */
#define NS_PER_FAR_INPUT_BYTE 0.078
#define NS_PER_FAR_OUTPUT_BYTE 0.015
#define NS_PER_BYTE_AROUND 0.006     /* the cache */
#define L1_BYTES 28e3
#define L2_BYTES 600e3

/* The columns of a row for an entry of the list that has taps for `phases` of a kernel of `of`: branches_row() of simd.inc
 * takes `most` vectors at a time, then single ones. */
static double entry_steps(const tconv_job *job, size_t phases, size_t of, double columns, double loads)
{
    double most = job->simd->rows >= 14 ? (of <= 6 ? 4.0 : 3.0) : of <= 2 ? 4.0 : of == 3 ? 3.0 : of <= 6 ? 2.0 : 1.0;
    double vector = (double)job->simd->lanes, blocks = floor(columns / (most * vector)), p = (double)phases;
    double single = ceil(columns / vector - most * blocks);
    double choice = phases < of ? NS_PER_CHOICE * (double)of : 0.0;
    return blocks * (tconv_cost_step(p, most, loads) + choice) + single * (tconv_cost_step(p, 1.0, loads) + choice);
}

/* Phases that a row of outputs has. */
static size_t phases_made(const tconv_lifted *l)
{
    return l->s[2] > TCONV_SIMD_PHASES && l->m[2] < l->s[2] ? l->m[2] : l->s[2];
}

/* Nanoseconds for the entries of one input row: all shifts (branch_row.h), and with them the shuffles of the outputs. */
static double row_steps(const tconv_job *job, const tconv_cost_axis *x, double columns, double *shuffles)
{
    const tconv_lifted *l = &job->shape;
    double loads = x->offsets > 1 ? TCONV_COST_SHIFTED : TCONV_COST_ALIGNED, shifts = (double)x->offsets;
    double vectors = ceil(columns / (double)job->simd->lanes);
    size_t most = TCONV_SIMD_PHASES, s = phases_made(l), rest = s % most, chunks = s / most;
    if (!tconv_branch_row_tells_apart(l)) {           /* phases beyond the last output are not computed */
        *shuffles = vectors * (double)(chunks * most) * tconv_cost_shuffles(most) + vectors * (double)rest * tconv_cost_shuffles(rest);
        return shifts * ((double)chunks * entry_steps(job, most, most, columns, loads)
                         + (rest > 0 ? entry_steps(job, rest, rest, columns, loads) : 0.0));
    }
    int64_t period = (int64_t)s, reach = (int64_t)l->k[2] - 1 - l->pb[2];
    size_t first = (size_t)(-tconv_floor_div(-l->pb[2], period) * period - l->pb[2]);
    size_t end = (size_t)(reach - tconv_floor_div(reach, period) * period + 1);
    *shuffles = vectors * (double)s * tconv_cost_shuffles(s);
    if (x->span == 0)
        return entry_steps(job, end - first, s, columns, loads);
    return entry_steps(job, s - first, s, columns, loads) + entry_steps(job, end, s, columns, loads)
         + (shifts - 2.0) * entry_steps(job, s, s, columns, loads);
}

double tconv_cost_direct(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    tconv_cost_axis x;
    tconv_cost_axis_of(&x, l, 2);
    double slots = (double)l->cin, lines = (double)l->cin, columns = ceil((double)l->m[2] / (double)l->s[2]);
    for (int a = 0; a < 2; a++) {
        slots *= fmin((double)(l->d[a] * (l->k[a] - 1) / l->s[a] + 1), (double)l->n[a]);
        lines *= (double)l->k[a] / (double)l->s[a];
    }
    double tile = fmax(fmin(fmax(32768.0 / (slots + 1.0), 512.0), 4096.0), (double)x.span), tiles = ceil(columns / tile);
    double vectors = ceil(columns / (double)job->simd->lanes), rows = (double)(l->groups * l->m[0] * l->m[1]), cout = (double)l->cout;
    double list = lines * (double)x.offsets, shuffles, steps = row_steps(job, &x, columns, &shuffles);
    double length = 64.0 * ceil((fmin(ceil(columns / 64.0) * 64.0, tile) + (double)x.span + 32.0) / 64.0) + 16.0;
    double footprint = (slots + 1.0) * length * (double)job->size;
    double per_line = footprint <= L1_BYTES ? 0.0 : footprint <= L2_BYTES ? NS_PER_LINE_FROM_L2 : NS_PER_LINE_FROM_L3;
    double copied = (double)(l->groups * l->cin * l->n[0] * l->n[1]);
    return NS_PER_CALL + rows * cout * (lines * steps + NS_PER_VECTOR * vectors * (double)phases_made(l) + NS_PER_SHUFFLE * shuffles)
         + rows * cout * (NS_PER_OUTPUT_ROW * tiles + per_line * lines * vectors) + NS_PER_LISTED_INPUT * list * rows * tiles
         + copied * (NS_PER_CACHED_BYTE * (double)(l->n[2] * job->size) + NS_PER_CACHED_ROW * tiles) + tconv_cost_far_input(job, NS_PER_FAR_INPUT_BYTE)
         + tconv_cost_far_output(job, NS_PER_FAR_OUTPUT_BYTE, NS_PER_BYTE_AROUND);
}
