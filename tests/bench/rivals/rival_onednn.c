/* rival_onednn.c - oneDNN's deconvolution (C API of 2.x), inference. Three layouts of input and output: the one that it
 * chooses (onednn-any; with reorders from and to NCHW inside the time: onednn-any+reorder), NCHW, channels last. Weights
 * are brought into its layout beforehand. Threads: OMP_NUM_THREADS. */
#include <dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void need(dnnl_status_t status, const char *what)
{
    if (status != dnnl_success) {
        fprintf(stderr, "rival-onednn: %s: status %d\n", what, (int)status);
        exit(1);
    }
}

static dnnl_memory_t memory_of(const dnnl_memory_desc_t *d, void *data)
{
    dnnl_memory_t m;
    need(dnnl_memory_create(&m, d, engine, data), "memory");
    return m;
}

struct step {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t argument[3];
    int n;
};

static struct step reorder(dnnl_memory_t from, dnnl_memory_t to)
{
    const dnnl_memory_desc_t *a, *b;
    dnnl_primitive_desc_t d;
    struct step s = { .argument = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } }, .n = 2 };
    need(dnnl_memory_get_memory_desc(from, &a), "layout");
    need(dnnl_memory_get_memory_desc(to, &b), "layout");
    need(dnnl_reorder_primitive_desc_create(&d, a, engine, b, engine, NULL), "reorder");
    need(dnnl_primitive_create(&s.primitive, d), "reorder");
    (void)dnnl_primitive_desc_destroy(d);
    return s;
}

static void run_steps(const struct step *step, int n)
{
    for (int i = 0; i < n; i++)
        need(dnnl_primitive_execute(step[i].primitive, stream, step[i].n, step[i].argument), "execute");
    need(dnnl_stream_wait(stream), "execute");
}

static void run_one(void *context)
{
    run_steps((const struct step *)context + 1, 1);
}

static void run_reordered(void *context)
{
    run_steps(context, 3);
}

/* The deconvolution of a layer with input and output as `tag`; false where oneDNN has none. */
static bool describe(const struct bench_layer *w, dnnl_format_tag_t tag, int ndims, const dnnl_dims_t *dims, dnnl_primitive_desc_t *d)
{
    dnnl_memory_desc_t src, weights, dst;
    dnnl_dims_t stride = { w->sh, w->sw }, left = { w->ph, w->pw }, right = { w->ph - w->oph, w->pw - w->opw };
    if (ndims == 3)
        stride[0] = w->sw, left[0] = w->pw, right[0] = w->pw - w->opw;
    need(dnnl_memory_desc_init_by_tag(&src, ndims, dims[0], dnnl_f32, tag), "source");
    need(dnnl_memory_desc_init_by_tag(&weights, ndims, dims[1], dnnl_f32, dnnl_format_tag_any), "weights");
    need(dnnl_memory_desc_init_by_tag(&dst, ndims, dims[2], dnnl_f32, tag), "destination");
    dnnl_deconvolution_desc_t what;
    return dnnl_deconvolution_forward_desc_init(&what, dnnl_forward_inference, dnnl_deconvolution_direct, &src, &weights, NULL, &dst,
                                                stride, left, right) == dnnl_success
        && dnnl_primitive_desc_create(d, &what, NULL, engine, NULL) == dnnl_success;
}

static void run_layout(const struct bench_options *o, const struct bench_layer *w, const char *name, int layout)
{
    int ndims = w->h == 1 && w->kh == 1 ? 3 : 4;
    size_t oh = bench_outputs(w->h, w->sh, w->kh, w->ph, w->oph), ow = bench_outputs(w->w, w->sw, w->kw, w->pw, w->opw);
    size_t outputs = (size_t)w->cout * oh * ow;
    dnnl_dims_t dims[3] = { { w->n, w->cin, w->h, w->w }, { w->cout, w->cin, w->kh, w->kw }, { w->n, w->cout, (int64_t)oh, (int64_t)ow } };
    for (int i = 0; ndims == 3 && i < 3; i++)
        dims[i][2] = dims[i][3];
    const dnnl_format_tag_t plain[] = { ndims == 3 ? dnnl_abc : dnnl_abcd, ndims == 3 ? dnnl_bac : dnnl_bacd, ndims == 3 ? dnnl_abc : dnnl_abcd };
    const dnnl_format_tag_t tag[] = { dnnl_format_tag_any, plain[0], ndims == 3 ? dnnl_acb : dnnl_acdb };
    dnnl_primitive_desc_t d;
    if (!describe(w, tag[layout], ndims, (const dnnl_dims_t *)dims, &d)) {
        fprintf(stderr, "rival-onednn: %s: none in layout %s\n", w->id, name);
        return;
    }
    float *data[3] = { bench_floats((size_t)(w->cin * w->h * w->w), BENCH_INPUT),
                       bench_floats((size_t)w->cin * (size_t)w->cout * (size_t)(w->kh * w->kw), BENCH_TAPS), bench_room(outputs * sizeof(float)) };
    const dnnl_query_t query[] = { dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md };
    const char *kind = "";
    (void)dnnl_primitive_desc_query(d, dnnl_query_impl_info_str, 0, &kind);
    dnnl_memory_t user[3], own[3];
    for (int i = 0; i < 3; i++) {
        dnnl_memory_desc_t user_layout;
        need(dnnl_memory_desc_init_by_tag(&user_layout, ndims, dims[i], dnnl_f32, plain[i]), "layout");
        user[i] = memory_of(&user_layout, data[i]);
        own[i] = memory_of(dnnl_primitive_desc_query_md(d, query[i], 0), DNNL_MEMORY_ALLOCATE);
    }
    struct step step[3] = { reorder(user[0], own[0]), { .n = 3, .argument = { { DNNL_ARG_SRC, own[0] }, { DNNL_ARG_WEIGHTS, own[1] },
                            { DNNL_ARG_DST, own[2] } } }, reorder(own[2], user[2]) };
    struct step weights = reorder(user[1], own[1]);
    need(dnnl_primitive_create(&step[1].primitive, d), "deconvolution");
    run_steps(&weights, 1);
    run_steps(step, 3);
    struct bench_times t = bench_measure(run_one, step, o->budget);
    bench_print(name, w->id, "f32", o->threads, &t, data[2], bench_summed(w, outputs), kind, "");
    if (layout == 0 && strchr("BC", w->set[0]) != NULL) {
        t = bench_measure(run_reordered, step, o->budget);
        bench_print("onednn-any+reorder", w->id, "f32", o->threads, &t, data[2], bench_summed(w, outputs), kind, "");
    }
    for (int i = 0; i < 3; i++) {
        (void)dnnl_memory_destroy(user[i]);
        (void)dnnl_memory_destroy(own[i]);
        (void)dnnl_primitive_destroy(step[i].primitive);
        free(data[i]);
    }
    (void)dnnl_primitive_destroy(weights.primitive);
    (void)dnnl_primitive_desc_destroy(d);
}

static void run_layer(const struct bench_options *o, const struct bench_layer *w)
{
    /* one channel falls to reference code in some layouts: seconds to minutes, of no use to a comparison */
    bool large_plane = w->cin * w->cout == 1 && w->h > 1 && w->kw > 4 && w->w > 1000;
    if (large_plane && w->kw > 8)
        return;
    run_layout(o, w, "onednn-any", 0);
    if (!large_plane)
        run_layout(o, w, "onednn-nchw", 1);
    if (w->cin * w->cout > 1)
        run_layout(o, w, "onednn-nhwc", 2);
}

int main(int argc, char **argv)
{
    struct bench_options o = bench_read_options(argc, argv);
    need(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine");
    need(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags), "stream");
    bench_run_table(&o, run_layer);
    return 0;
}
