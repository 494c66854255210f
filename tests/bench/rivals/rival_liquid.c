/* rival_liquid.c - liquid-dsp's firinterp_rrrf: a streaming polyphase interpolator, float, one thread. It gives s outputs
 * for each input and no tail, so it takes part in the layers of one channel of audio. */
#include <complex.h>
#include <liquid/liquid.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"

struct running {
    firinterp_rrrf filter;
    float *x, *y;
    unsigned count;
};

static void run_once(void *context)
{
    struct running *r = context;
    (void)firinterp_rrrf_reset(r->filter);
    (void)firinterp_rrrf_execute_block(r->filter, r->x, r->count, r->y);
}

static void run_layer(const struct bench_options *o, const struct bench_layer *w)
{
    if (w->set[0] != 'A' || o->threads != 1)
        return;
    size_t taps = (size_t)w->kw, s = (size_t)w->sw, room = taps < s ? s : taps;        /* it wants k >= s: zeros */
    float *kernel = bench_floats(taps, BENCH_TAPS), *padded = bench_room(room * sizeof *padded);
    memcpy(padded, kernel, taps * sizeof *padded);
    struct running r = { firinterp_rrrf_create((unsigned)s, padded, (unsigned)room), bench_floats((size_t)w->w, BENCH_INPUT),
                         bench_room(((size_t)w->w * s + taps) * sizeof(float)), (unsigned)w->w };
    struct bench_times t = bench_measure(run_once, &r, o->budget);
    bench_print("liquid-firinterp", w->id, "f32", o->threads, &t, r.y, (size_t)w->w * s, "streaming", "");
    (void)firinterp_rrrf_destroy(r.filter);
    free(kernel), free(padded), free(r.x), free(r.y);
}

int main(int argc, char **argv)
{
    struct bench_options o = bench_read_options(argc, argv);
    bench_run_table(&o, run_layer);
    return 0;
}
