#include "stream.h"

#include <stdint.h>
#include <string.h>

#include "branch_row.h"

#define BLOCK 1024      /* input frames that are taken in at a time */

/* Outputs are made in groups of s, number m from inputs m + lowest .. m + highest. With N inputs so far, groups below
 * N - highest are complete, and groups that end within M(N) = s*N + constant belong to the output however it goes on. */
struct tconv_stream {
    tconv_job job;
    size_t copies;
    tconv_branch_row row;
    int64_t constant;              /* M(N) - s*N */
    size_t capacity;               /* frames of a line */
    void *line;                    /* [copies*cin] lines of input frames base .. base + held - 1 */
    int64_t base, seen, next;      /* input frame at the start of the lines; inputs so far; first group that is not made */
    size_t held;
    size_t n_k, *offset;
    void *weights, *bias;          /* [cout] lists */
    void *made, *buffer;           /* one channel's outputs of a block; see branch_row.h */
    size_t most_groups;            /* groups made at a time */
};

void tconv_stream_destroy(tconv_stream *stream)
{
    if (stream == NULL)
        return;
    tconv_branch_row_destroy(&stream->row);
    tconv_free(stream->line);
    tconv_free(stream->offset);
    tconv_free(stream->weights);
    tconv_free(stream->bias);
    tconv_free(stream->made);
    tconv_free(stream->buffer);
    tconv_free(stream);
}

/* Before the first input there are zeros, as far back as group 0 reaches. */
static void begin(tconv_stream *stream)
{
    const tconv_lifted *l = &stream->job.shape;
    stream->base = stream->row.lowest < 0 ? stream->row.lowest : 0;
    stream->held = (size_t)-stream->base;
    stream->seen = stream->next = 0;
    for (size_t c = 0; c < stream->copies * l->groups * l->cin; c++)
        memset(tconv_job_at(&stream->job, stream->line, c * stream->capacity), 0, stream->held * stream->job.size);
}

/* Channels within one copy: group by group, as the layer has them. */
static void pack(tconv_stream *stream, const double *taps, const double *bias)
{
    const tconv_job *job = &stream->job;
    const tconv_lifted *l = &job->shape;
    for (size_t ci = 0; ci < l->cin; ci++)
        for (size_t t = 0; t < stream->row.n_shifts; t++)
            stream->offset[tconv_branch_row_entry(&stream->row, t, ci, l->cin)] = ci * stream->capacity + stream->row.shift[t];
    for (size_t co = 0; co < l->groups * l->cout; co++) {
        tconv_job_put(job, stream->bias, co, bias != NULL ? bias[co] + 0.0 : 0.0);
        for (size_t ci = 0; ci < l->cin; ci++) {
            const double *w = taps + ((co / l->cout * l->cin + ci) * l->cout + co % l->cout) * l->taps;
            tconv_branch_row_pack(&stream->row, job, w, ci, l->cin,
                                  tconv_job_at(job, stream->weights, co * stream->n_k * l->s[2]));
        }
    }
}

/* Inputs that must be kept at most: the reach of a group, the wait for M(N), or the zeros before the first input. */
static size_t history(const tconv_stream *stream)
{
    int64_t s = (int64_t)stream->job.shape.s[2], reach = stream->row.highest - stream->row.lowest;
    int64_t wait = -tconv_floor_div(stream->constant, s) - stream->row.lowest, before = -stream->row.lowest;
    int64_t most = reach > wait ? reach : wait;
    most = most > before ? most : before;
    return (size_t)(most > 0 ? most : 0) + 2;
}

static tconv_status allocate(tconv_stream *stream)
{
    const tconv_lifted *l = &stream->job.shape;
    tconv_status status = TCONV_OK;
    size_t lines, weights, outputs, channels = l->groups * l->cout, size = stream->job.size;
    stream->capacity = history(stream) + BLOCK + 2 * TCONV_SIMD_MOST_LANES;
    stream->n_k = l->cin * stream->row.n_shifts;
    stream->most_groups = BLOCK;
    if (!tconv_size_mul(stream->capacity, l->groups * l->cin, &lines) || !tconv_size_mul(lines, stream->copies, &lines)
        || !tconv_size_mul(stream->n_k * l->s[2], channels, &weights) || !tconv_size_mul(stream->most_groups, l->s[2], &outputs))
        return TCONV_ESIZE;
    stream->line = tconv_alloc_zero(lines, size, &status);
    if (status == TCONV_OK) stream->offset = tconv_alloc(stream->n_k, sizeof *stream->offset, &status);
    if (status == TCONV_OK) stream->weights = tconv_alloc_zero(weights, size, &status);
    if (status == TCONV_OK) stream->bias = tconv_alloc(channels, size, &status);
    if (status == TCONV_OK) stream->made = tconv_alloc(outputs, size, &status);
    if (status == TCONV_OK) stream->buffer = tconv_alloc(stream->most_groups * TCONV_SIMD_PHASES, size, &status);
    return status;
}

static tconv_status describe(tconv_stream *stream, const tconv_geometry *g, tconv_element element, size_t copies, tconv_error *error)
{
    int64_t slope;
    tconv_status status = tconv_geometry_check(g, error);
    if (status != TCONV_OK)
        return status;
    if (g->ndim != 1)
        return tconv_fail(error, TCONV_EGEOMETRY, "a stream of %zu dimensions is not possible; 1 is allowed", g->ndim);
    if (element != TCONV_F32 && element != TCONV_F64)
        return tconv_fail(error, TCONV_EARGUMENT, "a stream of element type %s is not possible; f32 and f64 are allowed",
                          tconv_element_text(element));
    if (copies < 1 || copies > TCONV_MAX_TAPS)
        return tconv_fail(error, TCONV_EARGUMENT, "a stream through %zu copies is not possible; 1 to %zu are allowed", copies,
                          TCONV_MAX_TAPS);
    tconv_axis_output_formula(&g->axis[0], &slope, &stream->constant);
    stream->copies = copies;
    stream->job = (tconv_job){ .element = element, .size = tconv_element_bytes(element), .threads = 1,
                               .simd = tconv_simd_of(tconv_isa_best(TCONV_ISA_ANY), element) };
    stream->job.shape = (tconv_lifted){ .s = { 1, 1, g->axis[0].stride }, .k = { 1, 1, g->axis[0].n_taps },
                                        .d = { 1, 1, g->axis[0].dilation }, .pb = { 0, 0, g->axis[0].pad_begin },
                                        .groups = g->groups, .cin = g->channels_in / g->groups,
                                        .cout = g->channels_out / g->groups, .taps = g->axis[0].n_taps };
    return TCONV_OK;
}

tconv_status tconv_stream_create(tconv_stream **stream, const tconv_geometry *geometry, const double *taps, const double *bias,
                                 tconv_element element, size_t copies, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *stream = NULL;
    tconv_stream *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    status = describe(made, geometry, element, copies, error);
    if (status != TCONV_OK) {
        tconv_stream_destroy(made);
        return status;
    }
    status = tconv_branch_row_create(&made->row, &made->job.shape);
    if (status == TCONV_OK)
        status = allocate(made);
    if (status != TCONV_OK) {
        tconv_stream_destroy(made);
        return tconv_fail_plain(error, status);
    }
    pack(made, taps, bias);
    begin(made);
    *stream = made;
    return TCONV_OK;
}

/* A push writes at most its own groups and those that waited. When N inputs have ended, groups below N - highest and within
 * the floor of M(N)/s are made: what is left of M(N) = s*N + constant is less than s, or constant + s*highest. */
size_t tconv_stream_room(const tconv_stream *stream, size_t frames)
{
    int64_t s = (int64_t)stream->job.shape.s[2], tail = stream->constant + s * stream->row.highest;
    size_t waiting = history(stream), left = tail > 0 ? (size_t)((tail + s - 1) / s) : 0;
    return (frames + (waiting > left ? waiting : left) + 1) * (size_t)s;
}

/* Append `count` <= BLOCK frames to the lines; zeros for a NULL x. */
static void take_in(tconv_stream *stream, const void *x, size_t count)
{
    const tconv_job *job = &stream->job;
    size_t channels = stream->copies * job->shape.groups * job->shape.cin;
    for (size_t c = 0; c < channels; c++) {
        void *to = tconv_job_at(job, stream->line, c * stream->capacity + stream->held);
        if (x == NULL)
            memset(to, 0, count * job->size);
        else if (job->element == TCONV_F32)
            for (size_t n = 0; n < count; n++)
                ((float *)to)[n] = ((const float *)x)[n * channels + c];
        else
            for (size_t n = 0; n < count; n++)
                ((double *)to)[n] = ((const double *)x)[n * channels + c];
    }
    stream->held += count;
}

/* The outputs of `count` frames from group `next` on, `count` <= most_groups*s. */
static void make(tconv_stream *stream, size_t count, void *y)
{
    const tconv_job *job = &stream->job;
    const tconv_lifted *l = &job->shape;
    size_t per_copy = l->groups * l->cout, channels = stream->copies * per_copy;
    size_t start = (size_t)(stream->next + stream->row.lowest - stream->base);
    for (size_t c = 0; c < channels; c++) {
        size_t co = c % per_copy, first = (c / per_copy * l->groups + co / l->cout) * l->cin;
        void *made = channels == 1 ? y : stream->made;
        tconv_branch_row_run(&stream->row, job, tconv_job_at(job, stream->line, first * stream->capacity + start), stream->offset, l->cin,
                             tconv_job_at(job, stream->weights, co * stream->n_k * l->s[2]), tconv_job_at(job, stream->bias, co),
                             stream->buffer, made, count);
        for (size_t j = 0; j < count && channels > 1; j++)
            memcpy(tconv_job_at(job, y, j * channels + c), tconv_job_at(job, made, j), job->size);
    }
}

/* Make groups up to number `end`, outputs up to `most`; forget the inputs that no later group needs. */
static size_t advance(tconv_stream *stream, int64_t end, int64_t most, void *y)
{
    const tconv_lifted *l = &stream->job.shape;
    int64_t s = (int64_t)l->s[2];
    size_t written = 0, channels = stream->copies * l->groups * l->cout;
    while (stream->next < end && stream->next * s < most) {
        int64_t groups = end - stream->next < (int64_t)stream->most_groups ? end - stream->next : (int64_t)stream->most_groups;
        int64_t count = groups * s < most - stream->next * s ? groups * s : most - stream->next * s;
        make(stream, (size_t)count, tconv_job_at(&stream->job, y, written * channels));
        written += (size_t)count;
        stream->next += groups;
    }
    int64_t needed = stream->next + stream->row.lowest, last = stream->base + (int64_t)stream->held;
    size_t forget = needed > stream->base ? (size_t)((needed < last ? needed : last) - stream->base) : 0;
    for (size_t c = 0; c < stream->copies * l->groups * l->cin && forget > 0; c++) {
        char *line = tconv_job_at(&stream->job, stream->line, c * stream->capacity);
        memmove(line, line + forget * stream->job.size, (stream->held - forget) * stream->job.size);
    }
    stream->held -= forget;
    stream->base += (int64_t)forget;
    return written;
}

size_t tconv_stream_push(tconv_stream *stream, const void *x, size_t frames, void *y)
{
    const tconv_job *job = &stream->job;
    const tconv_lifted *l = &job->shape;
    int64_t s = (int64_t)l->s[2];
    size_t written = 0, in = stream->copies * l->groups * l->cin, out = stream->copies * l->groups * l->cout;
    while (frames > 0) {
        size_t count = frames < BLOCK ? frames : BLOCK;
        take_in(stream, x, count);
        stream->seen += (int64_t)count;
        int64_t sure = tconv_floor_div(s * stream->seen + stream->constant, s), complete = stream->seen - stream->row.highest;
        written += advance(stream, sure < complete ? sure : complete, INT64_MAX, tconv_job_at(job, y, written * out));
        x = tconv_job_const_at(job, x, count * in);
        frames -= count;
    }
    return written;
}

size_t tconv_stream_finish(tconv_stream *stream, void *y)
{
    const tconv_job *job = &stream->job;
    int64_t s = (int64_t)job->shape.s[2], total = s * stream->seen + stream->constant, last = (total + s - 1) / s;
    size_t written = 0, out = stream->copies * job->shape.groups * job->shape.cout;
    while (stream->seen > 0 && stream->next * s < total) {
        take_in(stream, NULL, BLOCK);
        int64_t have = stream->base + (int64_t)stream->held - stream->row.highest;
        written += advance(stream, have < last ? have : last, total, tconv_job_at(job, y, written * out));
    }
    begin(stream);
    return written;
}
