#include "repair.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/polyphase.h"
#include "../core/sum.h"

/* Branch number of tap t: (d r) mod s along each axis. */
static size_t branch_of(const tconv_geometry *g, size_t t)
{
    size_t q = 0, scale = 1;
    for (size_t i = g->ndim; i-- > 0;) {
        const tconv_axis *axis = &g->axis[i];
        q += scale * (axis->dilation * (t % axis->n_taps) % axis->stride);
        scale *= axis->stride;
        t /= axis->n_taps;
    }
    return q;
}

/* One kernel's branches. */
struct gains {
    size_t count;              /* S */
    tconv_sum *gain;           /* g_q, to more than double */
    size_t *taps;              /* n_q */
    size_t *smallest;          /* the tap of the branch with the smallest magnitude */
};

static tconv_status gains_create(struct gains *gains, const tconv_geometry *g)
{
    tconv_status status = TCONV_OK;
    *gains = (struct gains){ .count = tconv_geometry_phases(g) };
    gains->gain = tconv_alloc(gains->count, sizeof *gains->gain, &status);
    if (status == TCONV_OK) gains->taps = tconv_alloc(gains->count, sizeof *gains->taps, &status);
    if (status == TCONV_OK) gains->smallest = tconv_alloc(gains->count, sizeof *gains->smallest, &status);
    return status;
}

static void gains_destroy(struct gains *gains)
{
    tconv_free(gains->gain);
    tconv_free(gains->taps);
    tconv_free(gains->smallest);
}

/* Fill in the branches of one kernel; returns G. */
static double measure(struct gains *gains, const tconv_geometry *g, const double *taps)
{
    tconv_sum total = { 0 };
    memset(gains->gain, 0, gains->count * sizeof *gains->gain);
    memset(gains->taps, 0, gains->count * sizeof *gains->taps);
    for (size_t t = 0; t < tconv_geometry_taps(g); t++) {
        size_t q = branch_of(g, t);
        tconv_sum_add(&gains->gain[q], taps[t]);
        if (gains->taps[q]++ == 0 || fabs(taps[t]) < fabs(taps[gains->smallest[q]]))
            gains->smallest[q] = t;
        tconv_sum_add(&total, taps[t]);
    }
    return tconv_sum_value(&total);
}

/* What the report adds up over the pairs. */
struct tally {
    double variance, mean_square, spread;
};

static void add_to(struct tally *tally, const struct gains *gains, double total)
{
    double mean = total / (double)gains->count, least = INFINITY, most = -INFINITY, square = 0.0;
    for (size_t q = 0; q < gains->count; q++) {
        double g = tconv_sum_value(&gains->gain[q]);
        least = fmin(least, g);
        most = fmax(most, g);
        square += (g - mean) * (g - mean);
    }
    tally->variance += square / (double)gains->count;
    tally->mean_square += mean * mean;
    tally->spread = fmax(tally->spread, most - least);
}

static double index_of(const struct tally *tally)
{
    if (tally->variance == 0.0)
        return 0.0;
    return tally->mean_square > 0.0 ? sqrt(tally->variance / tally->mean_square) : INFINITY;
}

/* A tap gains (target - g_q)/n_q, as a number of the element type; further rounds then give what rounding left over to the
 * branch's smallest tap, which has the finest steps. Without them g_q would be off by up to n_q roundings of the larger
 * taps. */
static void project_pair(const struct tconv_geometry *g, struct gains *gains, tconv_element element, double *taps, double target)
{
    for (size_t t = 0; t < tconv_geometry_taps(g); t++) {
        size_t q = branch_of(g, t);
        taps[t] = tconv_element_round(element, taps[t] + (target - tconv_sum_value(&gains->gain[q])) / (double)gains->taps[q]);
    }
    for (int round = 0; round < 2; round++) {
        (void)measure(gains, g, taps);
        for (size_t q = 0; q < gains->count; q++)
            if (gains->taps[q] > 0) {
                tconv_sum left = { .high = target };
                tconv_sum_add(&left, -gains->gain[q].high);
                left.low -= gains->gain[q].low;
                taps[gains->smallest[q]] = tconv_element_round(element, taps[gains->smallest[q]] + tconv_sum_value(&left));
            }
    }
}

/* Refuse before anything is changed: a gap can be kept flat only by a gain of zero everywhere. */
static tconv_status check_gaps(const tconv_kernel *kernel, tconv_error *error)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t n_taps = tconv_geometry_taps(g), pairs = tconv_kernel_count(kernel) / n_taps;
    if (tconv_geometry_connected(g))
        return TCONV_OK;
    for (size_t pair = 0; pair < pairs; pair++) {
        const double *taps = kernel->taps + pair * n_taps;
        tconv_sum total = { 0 };
        for (size_t t = 0; t < n_taps; t++)
            tconv_sum_add(&total, taps[t]);
        if (fabs(tconv_sum_value(&total)) >= tconv_kernel_zero(taps, n_taps) && tconv_sum_value(&total) != 0.0)
            return tconv_fail(error, TCONV_EGEOMETRY, "phases of the output that no tap reaches cannot be repaired (kernel pair %zu has gain "
                              "elsewhere): a larger kernel is needed, or the method hold", pair);
    }
    return TCONV_OK;
}

/* Every output channel's biases become their mean. Returns the largest spread before. */
static double even_biases(tconv_kernel *kernel, tconv_element element)
{
    size_t phases = tconv_geometry_phases(&kernel->geometry);
    double spread = 0.0;
    for (size_t co = 0; kernel->phase_bias != NULL && co < kernel->geometry.channels_out; co++) {
        double *own = kernel->phase_bias + co * phases, least = own[0], most = own[0];
        for (size_t q = 1; q < phases; q++) {
            least = fmin(least, own[q]);
            most = fmax(most, own[q]);
        }
        spread = fmax(spread, most - least);
        kernel->bias[co] = tconv_element_round(element, kernel->bias[co]);
    }
    tconv_free(kernel->phase_bias);
    kernel->phase_bias = NULL;
    return spread;
}

tconv_status tconv_repair_project(tconv_kernel *kernel, tconv_repair_report *report, tconv_error *error)
{
    return tconv_repair_project_as(kernel, TCONV_F64, report, error);
}

tconv_status tconv_repair_project_as(tconv_kernel *kernel, tconv_element element, tconv_repair_report *report, tconv_error *error)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t n_taps = tconv_geometry_taps(g), pairs = tconv_kernel_count(kernel) / n_taps;
    struct gains gains;
    struct tally before = { 0 }, after = { 0 };
    tconv_sum changed = { 0 }, size = { 0 };
    double largest = 0.0;
    tconv_status status = check_gaps(kernel, error);
    if (status != TCONV_OK)
        return status;
    status = gains_create(&gains, g);
    double *old = status == TCONV_OK ? tconv_alloc(n_taps, sizeof *old, &status) : NULL;
    for (size_t pair = 0; pair < pairs && status == TCONV_OK; pair++) {
        double *taps = kernel->taps + pair * n_taps, pair_change = 0.0, pair_size = 0.0;
        memcpy(old, taps, n_taps * sizeof *old);
        double total = measure(&gains, g, taps);
        add_to(&before, &gains, total);
        project_pair(g, &gains, element, taps, tconv_geometry_connected(g) ? total / (double)gains.count : 0.0);
        add_to(&after, &gains, measure(&gains, g, taps));
        for (size_t t = 0; t < n_taps; t++) {
            pair_change += (taps[t] - old[t]) * (taps[t] - old[t]);
            pair_size += old[t] * old[t];
        }
        tconv_sum_add(&changed, pair_change);
        tconv_sum_add(&size, pair_size);
        if (pair_change > 0.0)
            largest = fmax(largest, sqrt(pair_change / pair_size));
    }
    tconv_free(old);
    gains_destroy(&gains);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    double bias_spread = even_biases(kernel, element);
    if (report != NULL)
        *report = (tconv_repair_report){ pairs, size.high > 0.0 ? sqrt(tconv_sum_value(&changed) / tconv_sum_value(&size)) : 0.0, largest,
                                         before.spread, after.spread, index_of(&before), index_of(&after), bias_spread, { 0 } };
    return TCONV_OK;
}

/* k' = k_eff + s - 1, d' = 1, pb' = pb + floor((s-1)/2), pe' = pe + ceil((s-1)/2). An output padding of s or more (d > s
 * allows it) becomes a negative crop, which appends as many. */
static tconv_status hold_geometry(const tconv_geometry *from, tconv_geometry *to, tconv_error *error)
{
    *to = *from;
    for (size_t i = 0; i < from->ndim; i++) {
        tconv_axis *axis = &to->axis[i];
        size_t s = axis->stride;
        axis->n_taps = tconv_axis_effective_taps(&from->axis[i]) + s - 1;
        axis->dilation = 1;
        axis->pad_begin += (int64_t)((s - 1) / 2);
        axis->pad_end += (int64_t)(s / 2);
        if (axis->output_padding >= s) {
            axis->pad_end -= (int64_t)axis->output_padding;
            axis->output_padding = 0;
        }
    }
    return tconv_geometry_check(to, error);
}

/* held[n] = 1/S sum over taps r with n_i - d r_i in 0..s_i-1 along every axis. */
static double held_tap(const tconv_geometry *from, const tconv_geometry *to, const double *taps, size_t n)
{
    size_t first[TCONV_MAX_NDIM] = { 0 }, last[TCONV_MAX_NDIM] = { 0 }, r[TCONV_MAX_NDIM];
    for (size_t i = to->ndim; i-- > 0; n /= to->axis[i].n_taps) {
        size_t at = n % to->axis[i].n_taps, s = from->axis[i].stride, d = from->axis[i].dilation;
        first[i] = at + 1 > s ? (at + 1 - s + d - 1) / d : 0;
        last[i] = at / d < from->axis[i].n_taps ? at / d : from->axis[i].n_taps - 1;
        if (first[i] > last[i])
            return 0.0;
        r[i] = first[i];
    }
    tconv_sum sum = { 0 };
    for (bool more = true; more;) {
        size_t at = 0;
        for (size_t i = 0; i < from->ndim; i++)
            at = at * from->axis[i].n_taps + r[i];
        tconv_sum_add(&sum, taps[at]);
        more = false;
        for (size_t i = from->ndim; i-- > 0 && !more;) {   /* the next index vector, the last axis fastest */
            more = r[i] < last[i];
            r[i] = more ? r[i] + 1 : first[i];
        }
    }
    return tconv_sum_value(&sum) / (double)tconv_geometry_phases(from);
}

static tconv_status copy_rest(tconv_kernel *to, const tconv_kernel *from)
{
    tconv_status status = TCONV_OK;
    to->role = from->role;
    to->weight_norm_fused = from->weight_norm_fused;
    to->name = tconv_alloc_text(from->name, &status);
    to->weight = tconv_alloc_text(from->weight, &status);
    to->operator_name = tconv_alloc_text(from->operator_name, &status);
    if (status == TCONV_OK && from->bias != NULL) {
        to->bias = tconv_alloc(from->geometry.channels_out, sizeof *to->bias, &status);
        if (to->bias != NULL)
            memcpy(to->bias, from->bias, from->geometry.channels_out * sizeof *to->bias);
    }
    return status;
}

tconv_status tconv_repair_hold(const tconv_kernel *kernel, tconv_kernel **held, tconv_repair_report *report, tconv_error *error)
{
    const tconv_geometry *from = &kernel->geometry;
    tconv_geometry to;
    tconv_kernel *made;
    struct gains gains;
    struct tally before = { 0 }, after = { 0 };
    *held = NULL;
    tconv_status status = hold_geometry(from, &to, error);
    if (status == TCONV_OK) status = tconv_kernel_create(&made, &to, error);
    if (status != TCONV_OK)
        return status;
    status = gains_create(&gains, from);
    size_t n_from = tconv_geometry_taps(from), n_to = tconv_geometry_taps(&to), pairs = tconv_kernel_count(kernel) / n_from;
    for (size_t pair = 0; pair < pairs && status == TCONV_OK; pair++) {
        const double *taps = kernel->taps + pair * n_from;
        for (size_t n = 0; n < n_to; n++)
            made->taps[pair * n_to + n] = held_tap(from, &to, taps, n);
        add_to(&before, &gains, measure(&gains, from, taps));
        add_to(&after, &gains, measure(&gains, &to, made->taps + pair * n_to));
    }
    gains_destroy(&gains);
    if (status == TCONV_OK) status = copy_rest(made, kernel);
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return tconv_fail_plain(error, status);
    }
    if (report != NULL) {
        *report = (tconv_repair_report){ .pairs = pairs, .spread_before = before.spread, .spread_after = after.spread,
                                         .index_before = index_of(&before), .index_after = index_of(&after) };
        for (size_t i = 0; i < from->ndim; i++)
            report->shift[i] = from->axis[i].stride % 2 == 0 ? 0.5 : 0.0;
    }
    *held = made;
    return TCONV_OK;
}
