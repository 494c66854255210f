/* fast_fir_weights.c - the weights of fast FIR's items: sums of taps, in the order in which tasks use them. */
#include "fast_fir.h"

/* Where the weight of an item comes from, within the taps of one input channel: factor * w[at], at most two per axis. */
struct source {
    size_t at;
    double factor;
};

/* The sources of one item for row `row` of the class, in `list`; returns how many: as many for all items of a target. */
static size_t list_sources(const struct fast_fir *e, const tconv_lifted *l, const struct fast_fir_class *c, size_t channel, size_t row_phase,
                           const size_t *index, struct source *list)
{
    size_t p1 = c->axis[1]->of->n_phases, p2 = c->axis[2]->of->n_phases, n = 0;
    size_t phase[3] = { row_phase / p2 / p1, row_phase / p2 % p1, row_phase % p2 };
    for (size_t corner = 0; corner < 8; corner++) {
        double factor = 1.0;
        size_t r[3];
        for (int a = 0; a < 3; a++) {
            const struct fast_fir_item *item = &c->axis[a]->item[index[a]];
            bool next = (corner >> a & 1) != 0;
            factor *= next ? item->by_next : item->by_tap;
            if (factor == 0.0)
                break;
            r[a] = tconv_phase_classes_tap(&e->axis[a].phases, l, a, c->axis[a]->of, phase[a], item->tap + (next ? 1 : 0));
        }
        if (factor != 0.0)
            list[n++] = (struct source){ channel * l->taps + (r[0] * l->k[1] + r[1]) * l->k[2] + r[2], factor };
    }
    return n;
}

/* The most sources of one row for one pair of targets: what goes to both outputs of an axis has two taps along it. */
static size_t most_sources(const struct fast_fir *e)
{
    size_t most = 0;
    for (size_t number = 0; number < e->n_classes; number++)
        for (int t1 = 0; t1 < TARGETS; t1++)
            for (int t2 = 0; t2 < TARGETS; t2++) {
                size_t n = tconv_fast_fir_target_items(&e->class[number], t1, t2) * (t1 == BOTH ? 2 : 1) * (t2 == BOTH ? 2 : 1);
                most = n > most ? n : most;
            }
    return most;
}

/* The rows of one block for the items of one pair of targets, whose place in the class's list is first .. first + n - 1.
 * Where weights come from is listed once, then serves all input channels: `list` has room for them. */
static void pack_target(const struct fast_fir *e, const tconv_job *job, const struct fast_fir_class *c, const double *taps,
                        size_t first_channel, size_t first_row, size_t n_rows, size_t first, size_t n, size_t at, struct source *list)
{
    const tconv_lifted *l = &job->shape;
    size_t corners = 0;
    for (size_t t = 0; t < n; t++) {
        size_t place = c->shift[first + t] / e->b.columns, n1 = c->axis[1]->n, n2 = c->axis[2]->n;
        size_t index[3] = { place / n2 / n1, place / n2 % n1, place % n2 };
        for (size_t r = 0; r < n_rows; r++) {
            size_t row = first_row + r;
            corners = list_sources(e, l, c, first_channel + row / c->n_phases, row % c->n_phases, index,
                                   list + (t * n_rows + r) * corners);
        }
    }
    for (size_t ci = 0; ci < l->cin; ci++, taps += l->cout * l->taps) {
        const struct source *from = list;
        for (size_t i = 0; i < n * n_rows; i++, from += corners) {
            double sum = 0.0;
            for (size_t corner = 0; corner < corners; corner++)
                sum += from[corner].factor * taps[from[corner].at];
            tconv_job_put(job, e->weights, at++, sum);
        }
    }
}

static void pack_all(struct fast_fir *e, const tconv_job *job, const double *taps, const double *bias, struct source *list)
{
    const tconv_lifted *l = &job->shape;
    size_t at = 0, bias_at = 0;
    for (size_t g = 0; g < l->groups; g++)
        for (size_t first = 0; first < l->cout; first += e->b.channels)
            for (size_t number = 0; number < e->n_classes; number++) {
                const struct fast_fir_class *c = &e->class[number];
                size_t rows = tconv_least(l->cout - first, e->b.channels) * c->n_phases, row = 0;
                for (size_t block = 0; row < rows; block++) {
                    size_t n_rows = tconv_block_rows(rows, job->simd->rows, block), item = 0;
                    for (int target = 0; target < TARGETS * TARGETS; target++) {
                        size_t n = tconv_fast_fir_target_items(c, target / TARGETS, target % TARGETS);
                        pack_target(e, job, c, taps + g * l->cin * l->cout * l->taps, first, row, n_rows, item, n, at, list);
                        at += n_rows * l->cin * n;
                        item += n;
                    }
                    row += n_rows;
                }
                for (size_t r = 0; r < rows; r++)
                    tconv_job_put(job, e->bias, bias_at++, bias[g * l->cout + first + r / c->n_phases]);
            }
}

tconv_status tconv_fast_fir_pack_weights(struct fast_fir *e, const tconv_job *job, const double *taps, const double *bias)
{
    tconv_status status = TCONV_OK;
    struct source *list = tconv_alloc(most_sources(e) * job->simd->rows + 1, sizeof *list, &status);
    if (list != NULL)
        pack_all(e, job, taps, bias, list);
    tconv_free(list);
    return status;
}
