#include "transpose_cost.h"

#include <math.h>

#include "blocks.h"
#include "engine_fft_size.h"

#define NS_PER_CYCLE 0.275
#define NS_PER_SHUFFLE 0.135         /* weaving from scratch rows */
#define NS_PER_SINGLE_OUTPUT 0.26    /* outputs at the end of a run, or of phases that no shuffle weaves */
#define NS_PER_ROW_PHASE 1.5         /* finding the scratch rows of a row of outputs */
#define CACHED_INPUT 9e6             /* bytes */
#define CACHED_OUTPUT 10e6
#define FFT_FLOPS_PER_NS 17.0        /* transforms, float and double alike; those shorter than FFT_SHORT are slower */
#define FFT_SHORT 320.0
#define FFT_PRODUCT_FLOPS_PER_NS 25.0  /* products of spectra, */
#define FFT_FAR_PRODUCT_FLOPS_PER_NS 8.0
#define FFT_FAR_BYTES 18e6           /* and where those of the taps come from memory for each block */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Phase e is fed by the taps r0, r0 + s, .. below k, r0 = (e + pb) mod s: k/s of them, and one more where r0 < k mod s. Their
 * offsets are one higher from where e + pb reaches the next multiple of s. So there are four classes at most. */
void tconv_cost_axis_of(tconv_cost_axis *x, const tconv_lifted *l, int a)
{
    int64_t s = (int64_t)l->s[a], reach = (int64_t)(l->d[a] * (l->k[a] - 1));
    size_t stride = l->s[a], taps = l->k[a] / stride, more = l->k[a] % stride;
    size_t q = (size_t)(l->pb[a] - tconv_floor_div(l->pb[a], s) * s);
    *x = (tconv_cost_axis){ .extent = (l->m[a] + stride - 1) / stride };
    x->span = (size_t)(tconv_floor_div(reach - l->pb[a], s) - tconv_floor_div(-l->pb[a], s));
    x->offsets = tconv_least(x->span + 1, l->k[a]);
    size_t lower = tconv_least(q, more), phases[4] = { larger(more, q) - q, stride - larger(q, more), lower, q - lower };
    for (size_t i = 0; i < 4; i++)
        if (phases[i] > 0) {
            x->class[x->n_classes].taps = taps + (i % 2 == 0 ? 1 : 0);
            x->class[x->n_classes++].phases = phases[i];
        }
}

double tconv_cost_step(double rows, double vectors, double loads)
{
    return NS_PER_CYCLE * fmax(fmax(rows * vectors, loads * vectors + 0.75 * rows), 4.0);
}

/* The column steps of a block of `rows` rows. */
static tconv_cost_product block_of(const tconv_simd *simd, size_t rows, size_t columns, size_t room, bool broad, double loads)
{
    size_t wide = simd->wide * simd->lanes, n_broad = 0, n_wide = 0, at;
    if (broad && simd->broad[rows] != NULL && columns > wide)
        n_broad = tconv_least((columns - wide - 1) / (2 * wide) + 1, room / (2 * wide));
    at = n_broad * 2 * wide;
    if (columns > at + simd->lanes)
        n_wide = tconv_least((columns - at - simd->lanes - 1) / wide + 1, (room - at) / wide);
    at += n_wide * wide;
    size_t n_single = columns > at ? (columns - at + simd->lanes - 1) / simd->lanes : 0;
    double w = (double)simd->wide, r = (double)rows;
    return (tconv_cost_product){
        .step = (double)n_broad * tconv_cost_step(r, 2.0 * w, loads) + (double)n_wide * tconv_cost_step(r, w, loads)
              + (double)n_single * tconv_cost_step(r, 1.0, loads),
        .stores = r * ((double)(2 * n_broad + n_wide) * w + (double)n_single)
    };
}

tconv_cost_product tconv_cost_product_of(const tconv_simd *simd, size_t rows, size_t columns, size_t room, bool broad, double loads)
{
    size_t blocks = (rows + simd->rows - 1) / simd->rows, each = rows / blocks, longer = rows % blocks;
    tconv_cost_product low = block_of(simd, each, columns, room, broad, loads), all = { 0.0, 0.0 };
    all.step = (double)(blocks - longer) * low.step;
    all.stores = (double)(blocks - longer) * low.stores;
    if (longer > 0) {
        tconv_cost_product high = block_of(simd, each + 1, columns, room, broad, loads);
        all.step += (double)longer * high.step;
        all.stores += (double)longer * high.stores;
    }
    return all;
}

double tconv_cost_tasks(tconv_cost_task *task, const void *context, size_t flat, size_t columns, size_t cout, size_t channels)
{
    size_t last_columns = (flat - 1) % columns + 1, last_channels = (cout - 1) % channels + 1;
    double blocks = (double)((flat - 1) / columns), channel_blocks = (double)((cout - 1) / channels), ns = 0.0;
    if (blocks > 0.0)
        ns += blocks * (channel_blocks * task(context, channels, columns) + task(context, last_channels, columns));
    return ns + channel_blocks * task(context, channels, last_columns) + task(context, last_channels, last_columns);
}

double tconv_cost_shuffles(size_t s)
{
    static const double shuffles[TCONV_SIMD_WOVEN + 1] = { 0, 0, 1, 2, 2, 4, 5, 6, 3, 0, 0, 0, 0, 0, 0, 0, 4 };
    return s <= TCONV_SIMD_WOVEN ? shuffles[s] : 0.0;
}

double tconv_cost_weave(const tconv_job *job, double rows, size_t s, size_t run)
{
    size_t lanes = job->simd->lanes;
    double outputs = (double)(job->shape.groups * job->shape.cout * job->shape.large), ns = NS_PER_ROW_PHASE * rows * (double)s;
    if (s > TCONV_SIMD_PHASES && s != TCONV_SIMD_WOVEN)
        return ns + NS_PER_SINGLE_OUTPUT * outputs;
    double single = run > 0 ? outputs * (double)(run % lanes) / (double)run : 0.0;
    return ns + NS_PER_SHUFFLE * tconv_cost_shuffles(s) * outputs / (double)lanes + NS_PER_SINGLE_OUTPUT * single;
}

double tconv_cost_far_input(const tconv_job *job, double ns_per_byte)
{
    double bytes = (double)(job->shape.groups * job->shape.cin * job->shape.small * job->size);
    return bytes > CACHED_INPUT ? ns_per_byte * bytes : 0.0;
}

double tconv_cost_far_output(const tconv_job *job, double ns_per_byte, double ns_around)
{
    double bytes = (double)(job->shape.groups * job->shape.cout * job->shape.large * job->size);
    if (job->around_cache && job->shape.m[2] % job->simd->lanes == 0)
        return ns_around * bytes;
    return bytes > CACHED_OUTPUT ? ns_per_byte * bytes : 0.0;
}

double tconv_cost_fft(const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    tconv_cost_axis x;
    tconv_cost_axis_of(&x, l, 2);
    double n = (double)tconv_fft_size(l), s = (double)l->s[2], reach = (double)x.span;
    double blocks = ceil((double)l->m[2] / s / (n - reach)) * (double)(l->m[0] * l->m[1] * l->groups);
    double inputs = (double)l->cin * ceil((double)(l->k[0] * l->k[1]) / (double)(l->s[0] * l->s[1]));
    double transforms = inputs + (double)l->cout * s, products = inputs * (double)l->cout * s;
    double rate = FFT_FLOPS_PER_NS * fmin(1.0, 0.2 + n / FFT_SHORT);
    double far = products * n * (double)job->size > FFT_FAR_BYTES ? FFT_FAR_PRODUCT_FLOPS_PER_NS : FFT_PRODUCT_FLOPS_PER_NS;
    return 2000.0 + blocks * (transforms * 2.5 * n * log2(n) / rate + products * 4.0 * n / far);
}

double tconv_engine_cost(tconv_engine engine, const tconv_job *job)
{
    switch (engine) {
    case TCONV_ENGINE_DIRECT: return tconv_cost_direct(job);
    case TCONV_ENGINE_GEMM: return tconv_cost_gemm(job);
    case TCONV_ENGINE_FAST_FIR: return tconv_cost_fast_fir(job);
    case TCONV_ENGINE_FFT: return tconv_cost_fft(job);
    default: return INFINITY;
    }
}
