#include "layer_search.h"

#include <string.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static bool uneven(const tconv_axis *axis)
{
    return axis->n_taps % axis->stride != 0 || tconv_gcd(axis->stride, axis->dilation) != 1;
}

/* 2s |pixel_offset| = |2 pb - k_eff + s|: a whole number, so that offsets are compared without rounding. */
static int64_t twice_offset(const tconv_axis *axis)
{
    int64_t value = 2 * axis->pad_begin - (int64_t)tconv_axis_effective_taps(axis) + (int64_t)axis->stride;
    return value < 0 ? -value : value;
}

int tconv_layer_order(const tconv_axis *a, const tconv_axis *b)
{
    int order = compare(uneven(a), uneven(b));
    if (order == 0) order = compare(twice_offset(a) * (int64_t)b->stride, twice_offset(b) * (int64_t)a->stride);
    if (order == 0) order = compare(a->output_padding != 0, b->output_padding != 0);
    if (order == 0) order = compare((int64_t)a->n_taps, (int64_t)b->n_taps);
    if (order == 0) order = compare((int64_t)a->stride, (int64_t)b->stride);
    if (order == 0) order = compare(a->pad_begin, b->pad_begin);
    if (order == 0) order = compare((int64_t)a->output_padding, (int64_t)b->output_padding);
    return order;
}

/* The best `most` layers so far, in order. */
struct best {
    tconv_axis *found;
    size_t most, total;
};

static void keep(struct best *best, const tconv_axis *axis)
{
    size_t count = MIN(best->total, best->most);
    best->total++;
    if (best->most == 0 || (count == best->most && tconv_layer_order(axis, &best->found[count - 1]) >= 0))
        return;
    size_t at = count;
    while (at > 0 && tconv_layer_order(axis, &best->found[at - 1]) < 0)
        at--;
    size_t moved = (count < best->most ? count : count - 1) - at;
    memmove(&best->found[at + 1], &best->found[at], moved * sizeof *axis);
    best->found[at] = *axis;
}

static int64_t floor_half(int64_t value)
{
    return value >= 0 ? value / 2 : -((1 - value) / 2);
}

/* All p and o for one k and s. With A = s*(N-1) + k_eff - M the size says o = 2p - A, so 0 <= o < s bounds p:
 *     ceil(A/2) <= p <= floor((A + s - 1)/2) */
static void search_padding(const tconv_layer_query *query, tconv_axis axis, struct best *best)
{
    int64_t s = (int64_t)axis.stride, effective = (int64_t)tconv_axis_effective_taps(&axis);
    int64_t excess = s * (int64_t)(query->n_in - 1) + effective - (int64_t)query->n_out;
    int64_t least = floor_half(excess + 1), most = floor_half(excess + s - 1);
    least = MAX(least, query->padding_given ? query->padding : 0);
    most = MIN(most, query->padding_given ? query->padding : effective - 1);
    for (int64_t p = least; p <= most; p++) {
        axis.pad_begin = axis.pad_end = p;
        axis.output_padding = (size_t)(2 * p - excess);
        keep(best, &axis);
    }
}

/* The strides that can be for one k: s*(N-1) <= M - k_eff + 2p < s*N for a p that is looked at. */
static void search_stride(const tconv_layer_query *query, tconv_axis axis, struct best *best)
{
    int64_t effective = (int64_t)tconv_axis_effective_taps(&axis), n = (int64_t)query->n_in, m = (int64_t)query->n_out;
    int64_t p_least = query->padding_given ? query->padding : 0, p_most = query->padding_given ? query->padding : effective - 1;
    int64_t low = m - effective + 2 * p_least, high = m - effective + 2 * p_most;
    if (high < 0)
        return;
    int64_t least = low > 0 ? low / n + 1 : 1, most = n > 1 ? high / (n - 1) : m;
    if (query->stride != 0)
        least = most = (int64_t)query->stride;
    most = MIN(most, (int64_t)TCONV_MAX_STRIDE);
    for (int64_t s = least; s <= most; s++) {
        axis.stride = (size_t)s;
        search_padding(query, axis, best);
    }
}

static tconv_status check(const tconv_layer_query *query, tconv_error *error)
{
    size_t largest = (size_t)1 << 40;   /* s times it stays an int64 */
    if (query->n_in < 1 || query->n_out < 1 || query->n_in > largest || query->n_out > largest)
        return tconv_fail(error, TCONV_EARGUMENT, "sizes of %zu and %zu samples; each can be 1 to %zu", query->n_in,
                          query->n_out, largest);
    tconv_axis axis = { .stride = query->stride != 0 ? query->stride : 1,
                        .n_taps = query->n_taps != 0 ? query->n_taps : TCONV_SEARCH_TAPS,
                        .dilation = query->dilation != 0 ? query->dilation : 1 };
    if (query->padding_given)
        axis.pad_begin = axis.pad_end = query->padding;
    tconv_error reason;
    if (tconv_axis_check(&axis, &reason) != TCONV_OK)
        return tconv_fail(error, TCONV_EARGUMENT, "%s", reason.message);
    size_t longest = query->n_taps != 0 ? TCONV_SEARCH_GIVEN : TCONV_SEARCH_EFFECTIVE;
    if (tconv_axis_effective_taps(&axis) > longest && !query->padding_given)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu taps with dilation %zu reach over %zu samples; up to %zu are searched unless the "
                          "padding is given", axis.n_taps, axis.dilation, tconv_axis_effective_taps(&axis), longest);
    return TCONV_OK;
}

tconv_status tconv_layer_search(const tconv_layer_query *query, tconv_axis *found, size_t most, size_t *total,
                                tconv_error *error)
{
    tconv_status status = check(query, error);
    if (status != TCONV_OK)
        return status;
    struct best best = { .found = found, .most = most };
    size_t first = query->n_taps != 0 ? query->n_taps : 1, last = query->n_taps != 0 ? query->n_taps : TCONV_SEARCH_TAPS;
    for (size_t k = first; k <= last; k++)
        search_stride(query, (tconv_axis){ .stride = 1, .n_taps = k, .dilation = query->dilation != 0 ? query->dilation : 1 }, &best);
    *total = best.total;
    return TCONV_OK;
}
