/* fast_fir_panel.c - the inputs of fast FIR's items, packed into panels: samples, and differences of neighbours. */
#include "fast_fir.h"

void tconv_fast_fir_most_segment(const struct fast_fir *e, size_t *rows, size_t *samples)
{
    const struct fast_fir_axis *x1 = &e->axis[1], *x2 = &e->axis[2];
    size_t tile_rows = x2->tiles > e->b.columns ? 1 : tconv_least(x1->tiles, (e->b.columns - 1) / x2->tiles + 2);
    *rows = x1->outputs * tile_rows + x1->phases.span + 1;
    *samples = x2->outputs * tconv_least(x2->tiles, e->b.columns) + x2->phases.span + 2;
}

/* `count` samples of row (i0, i1) of one channel from sample i2 on, zeros outside it: where they lie, or in `room`. */
static const void *padded_row(const tconv_job *job, const void *x, int64_t i0, int64_t i1, int64_t i2, size_t count, void *room)
{
    const tconv_lifted *l = &job->shape;
    if (i0 < 0 || i0 >= (int64_t)l->n[0] || i1 < 0 || i1 >= (int64_t)l->n[1])
        return memset(room, 0, count * job->size);
    const void *row = tconv_job_const_at(job, x, (size_t)(i0 * (int64_t)l->n[1] + i1) * l->n[2]);
    if (i2 >= 0 && (uint64_t)i2 + count <= l->n[2])
        return tconv_job_const_at(job, row, (size_t)i2);
    tconv_job_padded_row(job, row, i2, count, l->n[2], room);
    return room;
}

/* Columns of a task that lie in one plane of axis 0, and in one tile row where a row is longer than a task: `count` of them
 * from column `column` of tile row `first` on. */
struct segment {
    size_t plane, first, column, count, last;        /* last: the tile row of the last one */
    size_t start, width;                             /* of the columns of a row that are looked at */
};

static struct segment segment_from(const struct fast_fir *e, size_t position, size_t most)
{
    size_t tiles1 = e->axis[1].tiles, tiles2 = e->axis[2].tiles, row = position / tiles2;
    struct segment part = { .plane = row / tiles1, .first = row % tiles1, .column = position % tiles2 };
    part.count = tconv_least(most, (tiles2 > e->b.columns ? 1 : tiles1 - part.first) * tiles2 - part.column);
    part.last = part.first + (part.column + part.count - 1) / tiles2;
    part.start = part.last > part.first ? 0 : part.column;
    part.width = part.last > part.first ? tiles2 : part.count;
    return part;
}

/* One item of axis 1 in one tile row, `line` its input row from column part->start on: all items of axis 2, panels
 * e->b.columns apart. The three items of a pair (the first of each target) are made at once. */
static void pack_line(const struct fast_fir *e, const tconv_job *job, const struct fast_fir_class *c, const void *line, size_t column,
                      size_t count, void *to)
{
    const struct fast_fir_axis_items *items = c->axis[2];
    size_t outputs = e->axis[2].outputs, pairs = items->count[BOTH], even = pairs, odd = pairs + items->count[EVEN];
    for (size_t at2 = 0; at2 < items->n; at2++) {
        const void *x = tconv_job_const_at(job, line, items->item[at2].offset + outputs * column);
        void *panel = tconv_job_at(job, to, at2 * e->b.columns);
        if (at2 < pairs)
            job->simd->pick_pair(x, panel, tconv_job_at(job, to, (even + at2) * e->b.columns),
                                 tconv_job_at(job, to, (odd + at2) * e->b.columns), count);
        else if (!items->item[at2].difference)
            job->simd->pick(x, outputs, panel, count);
    }
}

/* The columns of a segment of one channel: every item of class c. An input row is padded once, then serves all items. */
static void pack_segment(const struct fast_fir *e, const tconv_job *job, struct fast_fir_worker *w, const struct fast_fir_class *c,
                         const void *x, const struct segment *part, void *to)
{
    const struct fast_fir_axis *x1 = &e->axis[1], *x2 = &e->axis[2];
    size_t below = x1->outputs * (part->last - part->first), length = x2->outputs * part->width + x2->phases.span + 2;
    int64_t i1 = x1->phases.lowest + (int64_t)(x1->outputs * part->first), i2 = x2->phases.lowest + (int64_t)(x2->outputs * part->start);
    for (size_t at0 = 0; at0 < c->axis[0]->n; at0++) {
        int64_t i0 = e->axis[0].phases.lowest + (int64_t)(c->axis[0]->item[at0].offset + part->plane);
        for (size_t r = c->axis[1]->first; r <= below + c->axis[1]->last; r++)
            w->input[r] = padded_row(job, x, i0, i1 + (int64_t)r, i2, length, tconv_job_at(job, w->rows, r * length));
        for (size_t at1 = 0; at1 < c->axis[1]->n; at1++, to = tconv_job_at(job, to, c->axis[2]->n * e->b.columns)) {
            const struct fast_fir_item *item = &c->axis[1]->item[at1];
            for (size_t t = part->first, done = 0, count; t <= part->last; t++, done += count) {
                size_t r = item->offset + x1->outputs * (t - part->first), column = t == part->first ? part->column : 0;
                const void *line = w->input[r];
                if (item->difference) {
                    job->simd->subtract(w->input[r + 1], line, w->line, length);
                    line = w->line;
                }
                count = tconv_least(x2->tiles - column, part->count - done);
                pack_line(e, job, c, line, column - part->start, count, tconv_job_at(job, to, done));
            }
        }
    }
}

void tconv_fast_fir_pack_panel(const struct fast_fir *e, const tconv_job *job, struct fast_fir_worker *w, const struct fast_fir_class *c,
                               const void *x, size_t inputs, size_t position, void *panel)
{
    size_t step = c->panels * e->b.columns, columns = tconv_least(e->b.flat - position, e->b.columns);
    for (size_t ci = 0; ci < inputs; ci++) {
        const void *channel = tconv_job_const_at(job, x, ci * job->shape.small);
        void *to = tconv_job_at(job, panel, ci * step);
        if (columns < e->b.columns)
            memset(to, 0, step * job->size);
        for (size_t done = 0; done < columns;) {
            struct segment part = segment_from(e, position + done, columns - done);
            pack_segment(e, job, w, c, channel, &part, tconv_job_at(job, to, done));
            done += part.count;
        }
    }
}
