/* rival_xnnpack.c - XNNPACK's deconvolution, channels last; weights are packed when the operator is made. Where k >= s it
 * runs as sub-convolutions, which is the polyphase form. */
#include <math.h>
#include <pthreadpool.h>
#include <stdio.h>
#include <stdlib.h>
#include <xnnpack.h>

#include "../bench.h"

#define MOST_INDIRECTION 1.1e9         /* bytes of pointers that it would make */

static pthreadpool_t pool;

static void run_once(void *context)
{
    (void)xnn_run_operator(context, pool);
}

/* to (columns, rows) = from (rows, columns), `width` floats each */
static void transposed(const float *from, float *to, size_t rows, size_t columns, size_t width)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            for (size_t i = 0; i < width; i++)
                to[(c * rows + r) * width + i] = from[(r * columns + c) * width + i];
}

static void run_layer(const struct bench_options *o, const struct bench_layer *w)
{
    size_t cin = (size_t)w->cin, cout = (size_t)w->cout, taps = (size_t)(w->kh * w->kw), plane = (size_t)(w->h * w->w);
    size_t out = bench_outputs(w->h, w->sh, w->kh, w->ph, w->oph) * bench_outputs(w->w, w->sw, w->kw, w->pw, w->opw);
    if ((double)plane * (double)taps * sizeof(void *) > MOST_INDIRECTION)
        return;
    float *x = bench_floats(cin * plane, BENCH_INPUT), *last = bench_room(cin * plane * sizeof *last);
    float *kernel = bench_floats(cin * cout * taps, BENCH_TAPS), *packed = bench_room(cin * cout * taps * sizeof *packed);
    float *y = bench_room(cout * out * sizeof *y), *y_last = bench_room(cout * out * sizeof *y_last);
    transposed(x, last, cin, plane, 1);
    transposed(kernel, packed, cin, cout * taps, 1);              /* (cout, kh, kw, cin) */
    xnn_operator_t operator = NULL;
    uint32_t ph = (uint32_t)w->ph, pw = (uint32_t)w->pw;
    enum xnn_status status = xnn_create_deconvolution2d_nhwc_f32(ph, pw, ph, pw, (uint32_t)w->kh, (uint32_t)w->kw, (uint32_t)w->sh,
        (uint32_t)w->sw, 1, 1, 1, cin, cout, cin, cout, packed, NULL, -INFINITY, INFINITY, 0, &operator);
    if (status == xnn_status_success)
        status = xnn_setup_deconvolution2d_nhwc_f32(operator, 1, (size_t)w->h, (size_t)w->w, (uint32_t)w->oph, (uint32_t)w->opw, last, y_last, pool);
    if (status == xnn_status_success) {
        struct bench_times t = bench_measure(run_once, operator, o->budget);
        transposed(y_last, y, out, cout, 1);
        bench_print("xnnpack-nhwc", w->id, "f32", o->threads, &t, y, bench_summed(w, cout * out), "channels last", "");
    } else
        fprintf(stderr, "rival-xnnpack: %s: status %d\n", w->id, (int)status);
    if (operator != NULL)
        (void)xnn_delete_operator(operator);
    free(x), free(last), free(kernel), free(packed), free(y), free(y_last);
}

int main(int argc, char **argv)
{
    struct bench_options o = bench_read_options(argc, argv);
    if (xnn_initialize(NULL) != xnn_status_success) {
        fprintf(stderr, "rival-xnnpack: does not start\n");
        return 1;
    }
    pool = o.threads > 1 ? pthreadpool_create(o.threads) : NULL;
    bench_run_table(&o, run_layer);
    return 0;
}
