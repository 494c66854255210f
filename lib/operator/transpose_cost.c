/* transpose_cost.c - what each engine would take for one image on one worker, in nanoseconds, so that `auto` can choose.
 *
 * Each cost is a count of what the engine does times a rate. The counts are those of the engines' own loops; the rates
 * were set by hand to scripts/bench-engines (the layers of bench-tconv and 200 random ones, in float, one thread) on a
 * server with 256-bit units that run AVX-512 at half rate (peak 118 GFLOP/s in float). Only their ratios matter, and
 * these hold for other vector units about as well. A wrong choice costs time, never correctness.
 */
#include <math.h>

#include "blocks.h"
#include "engine.h"
#include "engine_fft_size.h"

#define PRODUCTS_PER_NS 3.5          /* vector multiply-adds with the sums in registers */
#define FEW_ROWS_SHARE 0.5           /* share of the rate of a product block without rows, */
#define SHARE_PER_ROW 0.25           /* and what each row adds: inputs are loaded for fewer products */
#define DIRECT_STRIDE_ONE 0.57       /* share of the rate with a single phase: every product needs a load of its own */
#define DIRECT_FROM_L2 0.45          /* share of the rate when the cached input rows of an output row are larger than L1, */
#define DIRECT_FROM_L3 0.35          /* and larger than half of L2 */
#define NS_PER_WEAVED_BYTE 0.045     /* gemm: results to scratch, woven, written */
#define NS_PER_DIRECT_BYTE 0.02      /* direct: woven in registers */
#define NS_PER_PACKED_BYTE 0.04      /* gemm: input element into a panel segment */
#define NS_PER_PACKED_ROW 7.0        /* and what each row of a segment costs besides */
#define NS_PER_LISTED_INPUT 3.0      /* direct: entry of the list of an output row */
#define FAST_FIR_RATE 0.85           /* share of the rate: sums are kept in memory between the targets of the items */
#define NS_PER_ITEM_BYTE 0.12        /* fast FIR: difference of inputs into a panel */
#define NS_PER_ITEM_RUN 6.0          /* and what a row of a tile costs besides, for each item */
#define REPEATS_OF_ONE_BLOCK 3.0     /* several threads pack a single panel several times; counted for one thread as well */
#define NS_PER_RESULT_BYTE 0.1       /* fast FIR: results to scratch, added up, woven, written */
#define LARGEST_CACHE 32e6           /* weights that are larger come from memory for each block of columns, inputs once, */
#define NS_PER_FAR_BYTE 0.08         /* at this speed */
#define FFT_FLOPS_PER_NS 15.0        /* transforms, float and double alike; those shorter than FFT_SHORT are slower */
#define FFT_SHORT 320.0
#define FFT_PRODUCT_FLOPS_PER_NS 7.0 /* products of spectra: they come from memory */

static double ceil_div(double a, double b)
{
    return ceil(a / b);
}

/* Distinct offsets of an axis, all phases together: taps 0 and k-1 have the highest and the lowest (phase_classes.h). */
static size_t distinct_offsets(const tconv_lifted *l, int a)
{
    int64_t s = (int64_t)l->s[a], reach = (int64_t)(l->d[a] * (l->k[a] - 1));
    return (size_t)(tconv_floor_div(reach - l->pb[a], s) - tconv_floor_div(-l->pb[a], s) + 1);
}

static double offsets(const tconv_lifted *l, int a)
{
    return (double)distinct_offsets(l, a);
}

/* Nanoseconds for inputs that no cache holds. */
static double far_inputs(const tconv_job *job)
{
    double bytes = (double)(job->shape.groups * job->shape.cin * job->shape.small * job->size);
    return bytes > LARGEST_CACHE ? NS_PER_FAR_BYTE * bytes : 0.0;
}

static double direct_cost(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    double s = (double)l->s[2], rows = (double)(l->m[0] * l->m[1]), columns = ceil_div((double)l->m[2], s);
    double lines = (double)(l->groups * l->cin) * (double)(l->k[0] * l->k[1]) / (double)(l->s[0] * l->s[1]);
    double shifts = l->d[2] == 1 ? offsets(l, 2) : fmin(offsets(l, 2), (double)l->k[2]);
    double products = lines * (double)l->cout * rows * shifts * s * (ceil_div(columns, (double)job->simd->lanes) + 0.2);
    double rate = PRODUCTS_PER_NS * (l->s[2] == 1 ? DIRECT_STRIDE_ONE : 1.0);
    double cached = lines / (double)l->groups * fmin((double)l->n[2], 4096.0) * (double)job->size;
    rate *= cached <= 40e3 ? 1.0 : cached <= 200e3 ? DIRECT_FROM_L2 : DIRECT_FROM_L3;
    double outputs = (double)(l->groups * l->cout * l->large * job->size);
    double list = lines * rows * shifts * ceil_div(columns, 4096.0);
    return 500.0 + products / rate + NS_PER_DIRECT_BYTE * outputs * (l->s[2] > TCONV_SIMD_PHASES ? 4.0 : 1.0) + NS_PER_LISTED_INPUT * list
         + far_inputs(job);
}

static double gemm_cost(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    double pairs = (double)(l->groups * l->cin * l->cout), columns = 1.0, segments = 1.0, classes = 1.0, phases = 1.0;
    double lines = ceil_div((double)l->m[0], (double)l->s[0]) * ceil_div((double)l->m[1], (double)l->s[1]);
    for (int a = 0; a < 3; a++) {
        columns *= ceil_div((double)l->m[a], (double)l->s[a]);
        phases *= (double)l->s[a];
        classes *= l->s[a] == 1 ? 1.0 : 2.0;
    }
    size_t rows = l->cout * l->s[0] * l->s[1] * l->s[2];
    bool shifts = tconv_block_shifts(distinct_offsets(l, 2), (size_t)(columns / lines)), few = tconv_block_few_rows(rows);
    for (int a = 0; a < 3; a++)
        segments *= shifts && (a == 2 || (a == 1 && few)) ? 1.0 : fmin(offsets(l, a), (double)l->k[a]);
    double share = fmin(1.0, FEW_ROWS_SHARE + SHARE_PER_ROW * (double)l->cout * phases / classes);
    double vectors = ceil_div(columns, (double)job->simd->lanes);
    if (tconv_block_by_rows(job->simd, (size_t)columns, rows))
        vectors = columns / (double)job->simd->lanes;
    double products = pairs * (double)l->taps * vectors;
    double packed = (double)(l->groups * l->cin) * segments;
    double weaved = (double)(l->groups * l->cout) * phases * columns * (double)job->size;
    return 700.0 + products / (PRODUCTS_PER_NS * share) + NS_PER_WEAVED_BYTE * weaved
         + packed * (NS_PER_PACKED_BYTE * columns * (double)job->size + NS_PER_PACKED_ROW * lines) + far_inputs(job);
}

/* Items of a phase with `taps` taps for a pair of outputs: 3 for two taps, 2 for a single one (engine_fast_fir.c). */
static double items(size_t taps)
{
    return (double)(taps / 2 * 3 + taps % 2 * 2);
}

/* Products of the paired form as a share of the direct one's, along one axis; 1 where it does not pair. */
static double paired_share(const tconv_lifted *l, int a)
{
    size_t taps = l->k[a] / l->s[a], longer = l->k[a] % l->s[a];
    if (a == 0 || l->d[a] != 1 || l->m[a] <= l->s[a] || taps + (longer > 0 ? 1 : 0) < 2)
        return 1.0;
    return ((double)longer * items(taps + 1) + (double)(l->s[a] - longer) * items(taps)) / (2.0 * (double)l->k[a]);
}

/* As gemm_cost, with fewer products; every item is packed for each class of phases, and weights grow. */
static double fast_fir_cost(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    double pairs = (double)(l->groups * l->cin * l->cout), tiles = 1.0, outputs = 1.0, phases = 1.0, items_packed = 1.0, share = 1.0;
    double tile_rows = 1.0;
    for (int a = 0; a < 3; a++) {
        double s = (double)l->s[a], extent = ceil_div((double)l->m[a], s), one = paired_share(l, a);
        tiles *= one < 1.0 ? ceil(extent / 2.0) : extent;
        tile_rows = a == 1 ? tiles : tile_rows;
        outputs *= one < 1.0 ? 2.0 : 1.0;
        items_packed *= (one < 1.0 ? 2.0 * one : 1.0) * (double)l->k[a] / s * fmin(s, 2.0);
        phases *= s;
        share *= one;
    }
    if (share >= 1.0)
        return INFINITY;
    double vectors = ceil_div(tiles, (double)job->simd->lanes), weights = pairs * share * outputs * (double)l->taps;
    double blocks = ceil_div(tiles, 32.0), packed = (double)(l->groups * l->cin) * items_packed * tiles * (double)job->size;
    double runs = (double)(l->groups * l->cin) * items_packed * fmax(tile_rows, blocks);
    double repeats = blocks < 2.0 ? REPEATS_OF_ONE_BLOCK : 1.0;
    double weaved = (double)(l->groups * l->cout) * phases * outputs * tiles * (double)job->size;
    double weight_bytes = weights * (double)job->size, streamed = weight_bytes > LARGEST_CACHE ? NS_PER_FAR_BYTE * weight_bytes * blocks : 0.0;
    return 3000.0 + fmax(weights * vectors / (PRODUCTS_PER_NS * FAST_FIR_RATE), streamed) + NS_PER_RESULT_BYTE * weaved
         + repeats * (NS_PER_ITEM_BYTE * packed + NS_PER_ITEM_RUN * runs);
}

static double fft_cost(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    double n = (double)tconv_fft_size(l), s = (double)l->s[2], reach = offsets(l, 2) - 1.0;
    double blocks = ceil_div((double)l->m[2] / s, n - reach) * (double)(l->m[0] * l->m[1] * l->groups);
    double inputs = (double)l->cin * ceil_div((double)(l->k[0] * l->k[1]), (double)(l->s[0] * l->s[1]));
    double transforms = inputs + (double)l->cout * s, products = inputs * (double)l->cout * s;
    double rate = FFT_FLOPS_PER_NS * fmin(1.0, 0.2 + n / FFT_SHORT);
    return 2000.0 + blocks * (transforms * 2.5 * n * log2(n) / rate + products * 4.0 * n / FFT_PRODUCT_FLOPS_PER_NS);
}

double tconv_engine_cost(tconv_engine engine, const tconv_job *job)
{
    switch (engine) {
    case TCONV_ENGINE_DIRECT: return direct_cost(job);
    case TCONV_ENGINE_GEMM: return gemm_cost(job);
    case TCONV_ENGINE_FAST_FIR: return fast_fir_cost(job);
    case TCONV_ENGINE_FFT: return fft_cost(job);
    default: return INFINITY;
    }
}
