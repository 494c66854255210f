#include "compare.h"

#include <math.h>
#include <string.h>

#include "../core/element.h"
#include "../core/memory.h"
#include "../core/sum.h"
#include "fit.h"
#include "prediction.h"
#include "sinc.h"

#define SAME 1e-9          /* references that differ by less, relative to their norm, are the same */

/* A reference at the kernel's length along every axis, ready to be delayed. */
struct shape {
    const tconv_reference *reference;
    tconv_design design;
    size_t n[TCONV_MAX_NDIM];
    double *taps[TCONV_MAX_NDIM];      /* at delay 0 */
    double *table;                     /* sinc(m - tau), m = -(n-1) .. n-1 */
};

/* D_tau by the inverse transform of exp(-2 pi i f tau) R(f), truncated: sum_j r[j] sinc(n - j - tau). */
static void delayed(const void *context, size_t axis, double tau, double *taps)
{
    const struct shape *shape = context;
    size_t n = shape->n[axis];
    if (tconv_reference_is_continuous(shape->reference)) {
        tconv_reference_delayed(shape->reference, &shape->design, axis, tau, n, taps);
        return;
    }
    for (size_t m = 0; m < 2 * n - 1; m++)
        shape->table[m] = tconv_sinc((double)m - (double)(n - 1) - tau);
    for (size_t i = 0; i < n; i++) {
        taps[i] = 0.0;
        for (size_t j = 0; j < n; j++)
            taps[i] += shape->taps[axis][j] * shape->table[n - 1 + i - j];
    }
}

static void shape_destroy(struct shape *shape)
{
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        tconv_free(shape->taps[i]);
    tconv_free(shape->table);
}

/* TCONV_EARGUMENT: the reference cannot be had at these lengths. */
static tconv_status shape_create(struct shape *shape, const tconv_reference *reference, const tconv_geometry *dense, double edge)
{
    size_t longest = 1;
    tconv_status status = TCONV_OK;
    *shape = (struct shape){ .reference = reference, .design = tconv_design_default(dense->ndim, 1) };
    shape->design.edge = edge;
    for (size_t i = 0; i < dense->ndim; i++) {
        shape->design.stride[i] = dense->axis[i].stride;
        shape->design.n_taps[i] = shape->n[i] = dense->axis[i].n_taps;
        longest = dense->axis[i].n_taps > longest ? dense->axis[i].n_taps : longest;
    }
    shape->table = tconv_alloc(2 * longest, sizeof *shape->table, &status);
    for (size_t i = 0; i < dense->ndim && status == TCONV_OK && !tconv_reference_is_continuous(reference); i++) {
        tconv_design single = shape->design;
        tconv_kernel *kernel;
        single.ndim = 1;
        single.stride[0] = shape->design.stride[i];
        single.n_taps[0] = shape->n[i];
        status = tconv_reference_design(reference, &single, &kernel, NULL);
        if (status != TCONV_OK)
            break;
        shape->taps[i] = tconv_alloc(shape->n[i], sizeof *shape->taps[i], &status);
        if (shape->taps[i] != NULL)
            memcpy(shape->taps[i], kernel->taps, shape->n[i] * sizeof *shape->taps[i]);
        tconv_kernel_destroy(kernel);
    }
    return status;
}

/* The kernel with its dilation written out as zeros between the taps. */
static tconv_status make_dense(const tconv_kernel *kernel, tconv_kernel **dense, tconv_error *error)
{
    tconv_geometry g = kernel->geometry;
    for (size_t i = 0; i < g.ndim; i++) {
        g.axis[i].n_taps = tconv_axis_effective_taps(&g.axis[i]);
        g.axis[i].dilation = 1;
        g.axis[i].output_padding = 0;
    }
    tconv_status status = tconv_kernel_create(dense, &g, error);
    for (size_t t = 0; status == TCONV_OK && t < tconv_kernel_count(kernel); t++) {
        size_t rest = t, at = 0, scale = 1;
        for (size_t i = g.ndim; i-- > 0; rest /= kernel->geometry.axis[i].n_taps) {
            at += scale * (kernel->geometry.axis[i].dilation * (rest % kernel->geometry.axis[i].n_taps));
            scale *= g.axis[i].n_taps;
        }
        (*dense)->taps[at] = kernel->taps[t];
    }
    return status;
}

/* r itself: the product of its axes at delay 0. */
static tconv_status fill_plain(const struct shape *shape, tconv_kernel *plain)
{
    size_t ndim = plain->geometry.ndim, total = 0;
    const double *axes[TCONV_MAX_NDIM] = { NULL };
    tconv_status status = TCONV_OK;
    for (size_t i = 0; i < ndim; i++)
        total += shape->n[i];
    double *work = tconv_alloc(total, sizeof *work, &status);
    if (work == NULL)
        return status;
    for (size_t i = 0, at = 0; i < ndim; at += shape->n[i++]) {
        delayed(shape, i, 0.0, work + at);
        axes[i] = work + at;
    }
    tconv_separable_product(axes, shape->n, ndim, plain->taps);
    tconv_free(work);
    return TCONV_OK;
}

/* One comparison; *entry stays empty where the reference cannot be made. */
static tconv_status compare_one(tconv_comparison *entry, const tconv_reference *reference, const tconv_kernel *dense, double edge,
                                tconv_error *error)
{
    const tconv_geometry *g = &dense->geometry;
    struct shape shape;
    tconv_fit fit = { 0 };
    size_t stride[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++)
        stride[i] = g->axis[i].stride;
    tconv_status status = shape_create(&shape, reference, g, edge);
    if (status == TCONV_EARGUMENT) {
        shape_destroy(&shape);
        return TCONV_OK;
    }
    if (status == TCONV_OK) status = tconv_kernel_create(&entry->plain, g, NULL);
    if (status == TCONV_OK) status = tconv_kernel_create(&entry->fitted, g, NULL);
    if (status == TCONV_OK) status = fill_plain(&shape, entry->plain);
    if (status == TCONV_OK) status = tconv_fit_delays(dense->taps, g->ndim, shape.n, stride, delayed, &shape, &fit, entry->fitted->taps);
    shape_destroy(&shape);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    entry->reference = reference;
    entry->gain = fit.gain;
    memcpy(entry->delay, fit.delay, sizeof entry->delay);
    entry->nmse = fit.nmse;
    entry->nmse_db = fit.nmse > 0.0 ? 10.0 * log10(fit.nmse) : -INFINITY;
    return tconv_figures_create(&entry->figures, entry->fitted, &(tconv_figure_options){ .edge = edge }, error);
}

/* ||a/|a| -+ b/|b|||^2 = 2 - 2 |cos|, taken as the residual of the projection, which keeps small differences. */
static bool same_shape(const tconv_kernel *a, const tconv_kernel *b)
{
    double inner = 0.0, square_a = 0.0, square_b = 0.0, left = 0.0;
    for (size_t t = 0; t < tconv_kernel_count(a); t++) {
        inner += a->taps[t] * b->taps[t];
        square_a += a->taps[t] * a->taps[t];
        square_b += b->taps[t] * b->taps[t];
    }
    for (size_t t = 0; t < tconv_kernel_count(a) && square_b > 0.0; t++) {
        double difference = a->taps[t] - inner / square_b * b->taps[t];
        left += difference * difference;
    }
    return square_b > 0.0 && left <= SAME * SAME * square_a;
}

static void rank(tconv_comparisons *all)
{
    for (size_t i = 0; i < all->count; i++) {
        all->entry[i].alias_of = i;
        for (size_t j = 0; j < i && all->entry[i].alias_of == i; j++)
            if (same_shape(all->entry[i].plain, all->entry[j].plain))
                all->entry[i].alias_of = j;
        if (all->entry[i].nmse < all->entry[all->nearest].nmse)
            all->nearest = i;
    }
    if (all->count > 0)
        all->nearest = all->entry[all->nearest].alias_of;
}

static tconv_status check(const tconv_kernel *kernel, const tconv_compare_options *options, tconv_error *error)
{
    size_t count = tconv_kernel_count(kernel);
    if (!tconv_kernel_is_single(kernel))
        return tconv_fail(error, TCONV_EARGUMENT, "one kernel can be compared, not a layer of %zu x %zu: choose a pair of channels",
                          kernel->geometry.channels_in, kernel->geometry.channels_out);
    size_t bad = tconv_first_non_finite(kernel->taps, count);
    if (bad < count)
        return tconv_fail(error, TCONV_ENONFINITE, "tap %zu is not finite", bad);
    if (!(options->edge > 0.0 && options->edge < 1.0))
        return tconv_fail(error, TCONV_EARGUMENT, "the edge is a fraction of the baseband, above 0 and below 1");
    for (size_t t = 0; t < count; t++)
        if (kernel->taps[t] != 0.0)
            return TCONV_OK;
    return tconv_fail(error, TCONV_EARGUMENT, "the kernel is zero: nothing is near to it");
}

static tconv_status compare_all(tconv_comparisons *all, const tconv_kernel *dense, const tconv_compare_options *options, tconv_error *error)
{
    size_t many = options->against != NULL ? options->n_against : tconv_reference_count();
    tconv_status status = TCONV_OK;
    all->entry = tconv_alloc_zero(many, sizeof *all->entry, &status);
    if (all->entry == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0; i < many && status == TCONV_OK; i++) {
        const tconv_reference *reference = options->against != NULL ? options->against[i] : tconv_reference_at(i);
        if (reference == NULL)
            return tconv_fail(error, TCONV_EARGUMENT, "there is no reference filter of that name");
        status = compare_one(&all->entry[all->count], reference, dense, options->edge, error);
        all->count += all->entry[all->count].plain != NULL ? 1 : 0;
    }
    if (status == TCONV_OK && all->count == 0)
        return tconv_fail(error, TCONV_EARGUMENT, "none of the references can be made with these taps");
    return status;
}

static tconv_status lose(tconv_comparisons *all, const tconv_kernel *dense, const tconv_psd *measured, tconv_error *error)
{
    const tconv_psd white = { .kind = TCONV_PSD_WHITE }, brown = { .kind = TCONV_PSD_BROWN };
    size_t s = dense->geometry.axis[0].stride, k = dense->geometry.axis[0].n_taps;
    all->wiener_loss_white_db = all->wiener_loss_brown_db = all->wiener_loss_db = (double)NAN;
    if (dense->geometry.ndim != 1)
        return TCONV_OK;
    tconv_status status = tconv_wiener_loss(&white, s, dense->taps, k, &all->wiener_loss_white_db, error);
    if (status == TCONV_OK) status = tconv_wiener_loss(&brown, s, dense->taps, k, &all->wiener_loss_brown_db, error);
    if (status == TCONV_OK && measured != NULL) status = tconv_wiener_loss(measured, s, dense->taps, k, &all->wiener_loss_db, error);
    return status;
}

tconv_status tconv_compare(tconv_comparisons **comparisons, const tconv_kernel *kernel, const tconv_compare_options *options,
                           tconv_error *error)
{
    const tconv_compare_options usual = { .edge = 0.8 };
    tconv_kernel *dense = NULL;
    *comparisons = NULL;
    if (options == NULL)
        options = &usual;
    tconv_status status = check(kernel, options, error);
    if (status != TCONV_OK)
        return status;
    tconv_comparisons *all = tconv_alloc_zero(1, sizeof *all, &status);
    if (all == NULL)
        return tconv_fail_plain(error, status);
    status = make_dense(kernel, &dense, error);
    if (status == TCONV_OK) status = compare_all(all, dense, options, error);
    if (status == TCONV_OK) status = lose(all, dense, options->psd, error);
    if (status == TCONV_OK) status = tconv_figures_create(&all->figures, kernel, &(tconv_figure_options){ .edge = options->edge }, error);
    tconv_kernel_destroy(dense);
    if (status != TCONV_OK) {
        tconv_comparisons_destroy(all);
        return status;
    }
    rank(all);
    *comparisons = all;
    return TCONV_OK;
}

void tconv_comparisons_destroy(tconv_comparisons *comparisons)
{
    if (comparisons == NULL)
        return;
    for (size_t i = 0; comparisons->entry != NULL && i < comparisons->count; i++) {
        tconv_kernel_destroy(comparisons->entry[i].plain);
        tconv_kernel_destroy(comparisons->entry[i].fitted);
        tconv_figures_destroy(comparisons->entry[i].figures);
    }
    tconv_free(comparisons->entry);
    tconv_figures_destroy(comparisons->figures);
    tconv_free(comparisons);
}
