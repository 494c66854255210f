#include "phase_classes.h"

#include "engine.h"

/* Phase e of tap r, and its offset: e = (d*r - pb) mod s, a = (e + pb - d*r)/s = -floor((d*r - pb)/s). */
static size_t phase_of(const tconv_lifted *l, int axis, size_t r, int64_t *a)
{
    int64_t s = (int64_t)l->s[axis], from = (int64_t)(l->d[axis] * r) - l->pb[axis];
    *a = -tconv_floor_div(from, s);
    return (size_t)(from + s * *a);
}

/* first[e] = the first tap of phase e, k where it has none. All taps of a phase are s/gcd(s, d) apart. */
static void find_first_taps(const tconv_lifted *l, int axis, size_t *first)
{
    int64_t a;
    size_t period = l->s[axis] / tconv_gcd(l->s[axis], l->d[axis]);
    for (size_t e = 0; e < l->s[axis]; e++)
        first[e] = l->k[axis];
    for (size_t r = 0; r < l->k[axis] && r < period; r++)
        first[phase_of(l, axis, r, &a)] = r;
}

/* The class of each phase: its first offset and its number of taps say all. */
static void sort_into_classes(tconv_phase_classes *x, const tconv_lifted *l, int axis, const size_t *first, size_t *class_of)
{
    size_t period = l->s[axis] / tconv_gcd(l->s[axis], l->d[axis]), k = l->k[axis];
    for (size_t e = 0; e < l->s[axis]; e++) {
        int64_t a = 0, other = 0;
        size_t n = first[e] < k ? (k - 1 - first[e]) / period + 1 : 0, i;
        if (n > 0)
            (void)phase_of(l, axis, first[e], &a);
        for (i = 0; i < x->n_classes; i++) {
            size_t like = x->class[i].n_phases;                                       /* for now: its first phase */
            if (x->class[i].n_offsets == n && n > 0)
                (void)phase_of(l, axis, first[like], &other);
            if (x->class[i].n_offsets == n && (n == 0 || other == a))
                break;
        }
        if (i == x->n_classes)
            x->class[x->n_classes++] = (tconv_phase_class){ .n_offsets = n, .n_phases = e };
        class_of[e] = i;
    }
}

/* Offsets and phases of every class, one after the other in `memory`. */
static void list_members(tconv_phase_classes *x, const tconv_lifted *l, int axis, const size_t *first, const size_t *class_of)
{
    size_t *next = x->memory;
    int64_t a = 0;
    for (size_t i = 0; i < x->n_classes; i++) {
        tconv_phase_class *class = &x->class[i];
        if (class->n_offsets > 0)
            (void)phase_of(l, axis, first[class->n_phases], &a);
        class->offset = next;
        for (size_t t = 0; t < class->n_offsets; t++)
            *next++ = (size_t)(a - x->lowest) - t * x->step;
        class->phase = next;
        class->n_phases = 0;
        for (size_t e = 0; e < l->s[axis]; e++)
            if (class_of[e] == i)
                class->phase[class->n_phases++] = e;
        next += class->n_phases;
    }
}

tconv_status tconv_phase_classes_create(tconv_phase_classes *x, const tconv_lifted *l, int axis)
{
    tconv_status status = TCONV_OK;
    size_t s = l->s[axis], k = l->k[axis];
    int64_t highest;
    (void)phase_of(l, axis, k - 1, &x->lowest);
    (void)phase_of(l, axis, 0, &highest);
    x->span = (size_t)(highest - x->lowest);
    x->extent = (l->m[axis] + s - 1) / s;
    x->step = l->d[axis] / tconv_gcd(s, l->d[axis]);
    x->class = tconv_alloc_zero(s, sizeof *x->class, &status);
    if (status == TCONV_OK)
        x->memory = tconv_alloc(s + k, sizeof *x->memory, &status);
    size_t *first = status == TCONV_OK ? tconv_alloc(2 * s, sizeof *first, &status) : NULL;
    if (first == NULL)
        return status;
    find_first_taps(l, axis, first);
    sort_into_classes(x, l, axis, first, first + s);
    list_members(x, l, axis, first, first + s);
    tconv_free(first);
    return TCONV_OK;
}

void tconv_phase_classes_destroy(tconv_phase_classes *x)
{
    tconv_free(x->class);
    tconv_free(x->memory);
    *x = (tconv_phase_classes){ 0 };
}
