/* fast_fir_items.c - which products fast FIR takes: the items of each class, and where they lie in a panel. The derivation is
 * at the head of engine_fast_fir.c. */
#include "fast_fir.h"

/* The items of target `target` of one class; returns where the next ones go. */
static struct fast_fir_item *list_target(const struct fast_fir_axis *x, struct fast_fir_axis_items *c, int target, struct fast_fir_item *next)
{
    size_t taps = c->of->n_offsets, pairs = x->paired && x->phases.step == 1 ? taps / 2 : 0;
    struct fast_fir_item *first = next;
    for (size_t p = 0; p < pairs; p++) {
        size_t t = 2 * p, a = c->of->offset[t];
        if (target == BOTH)
            *next++ = (struct fast_fir_item){ .offset = a, .tap = t, .by_tap = 1.0, .by_next = 1.0 };
        else if (target == EVEN)
            *next++ = (struct fast_fir_item){ .difference = true, .offset = a - 1, .tap = t + 1, .by_tap = -1.0 };
        else
            *next++ = (struct fast_fir_item){ .difference = true, .offset = a, .tap = t, .by_tap = 1.0 };
    }
    for (size_t t = 2 * pairs; t < taps; t++)
        if (target == EVEN || (target == ODD && x->paired))
            *next++ = (struct fast_fir_item){ .offset = c->of->offset[t] + (target == ODD ? 1 : 0), .tap = t, .by_tap = 1.0 };
    c->count[target] = (size_t)(next - first);
    return next;
}

static tconv_status make_axis(struct fast_fir_axis *x, const tconv_lifted *l, int axis)
{
    tconv_status status = tconv_phase_classes_create(&x->phases, l, axis);
    if (status != TCONV_OK)
        return status;
    size_t taps = 0;
    for (size_t i = 0; i < x->phases.n_classes; i++) {
        taps += x->phases.class[i].n_offsets;
        if (axis > 0 && x->phases.extent > 1 && x->phases.step == 1 && x->phases.class[i].n_offsets > 1)
            x->paired = true;
    }
    x->outputs = x->paired ? 2 : 1;
    x->tiles = (x->phases.extent + x->outputs - 1) / x->outputs;
    x->class = tconv_alloc_zero(x->phases.n_classes, sizeof *x->class, &status);
    if (status == TCONV_OK)
        x->memory = tconv_alloc(2 * taps + 1, sizeof *x->memory, &status);      /* a pair has 3, a single tap 1 or 2 */
    struct fast_fir_item *next = x->memory;
    for (size_t i = 0; i < x->phases.n_classes && status == TCONV_OK; i++) {
        struct fast_fir_axis_items *c = &x->class[i];
        c->of = &x->phases.class[i];
        c->item = next;
        for (int target = BOTH; target < TARGETS; target++)
            next = list_target(x, c, target, next);
        c->n = (size_t)(next - c->item);
        c->first = SIZE_MAX;
        for (const struct fast_fir_item *item = c->item; item < next; item++) {
            size_t last = item->offset + (item->difference ? 1 : 0);
            c->first = tconv_least(c->first, item->offset);
            c->last = last > c->last ? last : c->last;
        }
    }
    return status;
}

static void make_class(struct fast_fir *e, const tconv_lifted *l, size_t number)
{
    struct fast_fir_class *c = &e->class[number];
    size_t n1 = e->axis[1].phases.n_classes, n2 = e->axis[2].phases.n_classes;
    c->axis[0] = &e->axis[0].class[number / n2 / n1];
    c->axis[1] = &e->axis[1].class[number / n2 % n1];
    c->axis[2] = &e->axis[2].class[number % n2];
    c->panels = c->axis[0]->n * c->axis[1]->n * c->axis[2]->n;
    const tconv_phase_class *p0 = c->axis[0]->of, *p1 = c->axis[1]->of, *p2 = c->axis[2]->of;
    c->n_phases = p0->n_phases * p1->n_phases * p2->n_phases;
    for (size_t p = 0; p < c->n_phases; p++) {
        size_t phase = (p0->phase[p / p2->n_phases / p1->n_phases] * l->s[1] + p1->phase[p / p2->n_phases % p1->n_phases]) * l->s[2]
                     + p2->phase[p % p2->n_phases];
        e->slot[phase] = p;
        e->slot_class[phase] = number;
    }
    e->panels = c->panels > e->panels ? c->panels : e->panels;
    c->panels_before = e->all_panels;
    e->all_panels += c->panels;
    e->channel_weights += c->panels * c->n_phases;
}

static tconv_status make_classes(struct fast_fir *e, const tconv_lifted *l)
{
    tconv_status status = TCONV_OK;
    size_t items[3] = { 0, 0, 0 }, all;
    for (int a = 0; a < 3; a++)
        for (size_t i = 0; i < e->axis[a].phases.n_classes; i++)
            items[a] += e->axis[a].class[i].n;
    if (!tconv_size_mul(items[0] * items[1], items[2], &all))
        return TCONV_ESIZE;
    e->n_classes = e->axis[0].phases.n_classes * e->axis[1].phases.n_classes * e->axis[2].phases.n_classes;
    e->class = tconv_alloc_zero(e->n_classes, sizeof *e->class, &status);
    if (status == TCONV_OK) e->shift_memory = tconv_alloc(all, sizeof *e->shift_memory, &status);
    if (status == TCONV_OK) e->slot = tconv_alloc(e->phases, sizeof *e->slot, &status);
    if (status == TCONV_OK) e->slot_class = tconv_alloc(e->phases, sizeof *e->slot_class, &status);
    for (size_t number = 0; number < e->n_classes && status == TCONV_OK; number++)
        make_class(e, l, number);
    return status;
}

tconv_status tconv_fast_fir_make_items(struct fast_fir *e, const tconv_lifted *l)
{
    tconv_status status = TCONV_OK;
    for (int a = 0; a < 3 && status == TCONV_OK; a++)
        status = make_axis(&e->axis[a], l, a);
    return status == TCONV_OK ? make_classes(e, l) : status;
}

/* Items of one class in the order of panels: (target 1, target 2) by (target 1, target 2), and i0, i1, i2 in each. */
static void list_shifts(const struct fast_fir_class *c, size_t columns)
{
    size_t *shift = c->shift, first1 = 0;
    for (int t1 = 0; t1 < TARGETS; first1 += c->axis[1]->count[t1], t1++) {
        size_t first2 = 0;
        for (int t2 = 0; t2 < TARGETS; first2 += c->axis[2]->count[t2], t2++)
            for (size_t i0 = 0; i0 < c->axis[0]->n; i0++)
                for (size_t i1 = first1; i1 < first1 + c->axis[1]->count[t1]; i1++)
                    for (size_t i2 = first2; i2 < first2 + c->axis[2]->count[t2]; i2++)
                        *shift++ = ((i0 * c->axis[1]->n + i1) * c->axis[2]->n + i2) * columns;
    }
}

void tconv_fast_fir_place_items(struct fast_fir *e)
{
    size_t *shift = e->shift_memory;
    for (size_t number = 0; number < e->n_classes; number++) {
        e->class[number].shift = shift;
        list_shifts(&e->class[number], e->b.columns);
        shift += e->class[number].panels;
    }
}

size_t tconv_fast_fir_target_items(const struct fast_fir_class *c, int t1, int t2)
{
    return c->axis[0]->n * c->axis[1]->count[t1] * c->axis[2]->count[t2];
}
