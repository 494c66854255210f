#include "initialise.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/polyphase.h"
#include "../core/random.h"
#include "interpolators.h"

static const char *const names[] = { "ones", "bilinear", "icnr", "xavier", "he" };

const char *tconv_init_text(tconv_init_kind kind)
{
    return (unsigned)kind < TCONV_INIT_COUNT ? names[kind] : NULL;
}

bool tconv_init_find(const char *name, tconv_init_kind *kind)
{
    if (strcmp(name, "glorot") == 0)
        name = "xavier";
    if (strcmp(name, "kaiming") == 0)
        name = "he";
    for (size_t i = 0; i < TCONV_INIT_COUNT; i++)
        if (strcmp(name, names[i]) == 0) {
            *kind = (tconv_init_kind)i;
            return true;
        }
    return false;
}

static double in_per_group(const tconv_geometry *g) { return (double)(g->channels_in / g->groups); }
static double out_per_group(const tconv_geometry *g) { return (double)(g->channels_out / g->groups); }

double tconv_fan_in(const tconv_geometry *geometry, tconv_fan fan)
{
    double taps = (double)tconv_geometry_taps(geometry);
    switch (fan) {
    case TCONV_FAN_OPERATOR: return in_per_group(geometry) * taps;
    case TCONV_FAN_PYTORCH: return out_per_group(geometry) * taps;
    default: return in_per_group(geometry) * taps / (double)tconv_geometry_phases(geometry);
    }
}

double tconv_fan_out(const tconv_geometry *geometry, tconv_fan fan)
{
    return (fan == TCONV_FAN_PYTORCH ? in_per_group(geometry) : out_per_group(geometry)) * (double)tconv_geometry_taps(geometry);
}

/* ceil(k_i/s_i) along each axis; their product. */
static size_t sub_kernel(const tconv_geometry *g, size_t *shape)
{
    size_t count = 1;
    for (size_t i = 0; i < g->ndim; i++) {
        shape[i] = (g->axis[i].n_taps + g->axis[i].stride - 1) / g->axis[i].stride;
        count *= shape[i];
    }
    return count;
}

double tconv_init_variance(const tconv_geometry *geometry, const tconv_initialiser *how)
{
    size_t shape[TCONV_MAX_NDIM];
    switch (how->kind) {
    case TCONV_INIT_XAVIER: return 2.0 / (tconv_fan_in(geometry, how->fan) + tconv_fan_out(geometry, how->fan));
    case TCONV_INIT_HE: return 2.0 / tconv_fan_in(geometry, how->fan);
    case TCONV_INIT_ICNR: return 2.0 / (in_per_group(geometry) * (double)sub_kernel(geometry, shape));
    default: return 0.0;
    }
}

double tconv_output_variance(const tconv_geometry *geometry, double variance, size_t q)
{
    size_t phase[TCONV_MAX_NDIM];
    double coverage = 1.0;
    tconv_phase_of(geometry, q, phase);
    for (size_t i = 0; i < geometry->ndim; i++)
        coverage *= (double)tconv_axis_coverage(&geometry->axis[i], phase[i]);
    return in_per_group(geometry) * coverage * variance;
}

double tconv_gradient_variance(const tconv_geometry *geometry, double variance)
{
    return out_per_group(geometry) * (double)tconv_geometry_taps(geometry) * variance;
}

static void draw(tconv_random *random, bool uniform, double variance, double *values, size_t count)
{
    double deviation = sqrt(variance), half = sqrt(3.0 * variance);   /* a uniform variable in +-a has variance a^2/3 */
    for (size_t i = 0; i < count; i++)
        values[i] = uniform ? half * (2.0 * tconv_random_uniform(random) - 1.0) : deviation * tconv_random_normal(random);
}

/* Index along each axis of tap t, row-major. */
static void place(const tconv_geometry *g, size_t t, size_t *r)
{
    for (size_t i = g->ndim; i-- > 0; t /= g->axis[i].n_taps)
        r[i] = t % g->axis[i].n_taps;
}

static tconv_status fill_icnr(tconv_kernel *kernel, const tconv_initialiser *how)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t shape[TCONV_MAX_NDIM], r[TCONV_MAX_NDIM], n_sub = sub_kernel(g, shape), n_taps = tconv_geometry_taps(g);
    tconv_status status = TCONV_OK;
    tconv_random random = tconv_random_seed(how->seed);
    double *sub = tconv_alloc(n_sub, sizeof *sub, &status);
    if (sub == NULL)
        return status;
    for (size_t pair = 0; pair < tconv_kernel_count(kernel) / n_taps; pair++) {
        draw(&random, how->uniform, tconv_init_variance(g, how), sub, n_sub);
        for (size_t t = 0; t < n_taps; t++) {
            size_t at = 0;
            place(g, t, r);
            for (size_t i = 0; i < g->ndim; i++)
                at = at * shape[i] + r[i] / g->axis[i].stride;
            kernel->taps[pair * n_taps + t] = sub[at];
        }
    }
    tconv_free(sub);
    return TCONV_OK;
}

/* phi(d (r - (k-1)/2)/s) along each axis, phi(t) = 1 - |t|: gain s where d = 1 and k reaches both ends of the triangle. */
static void fill_bilinear(tconv_kernel *kernel)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t n_taps = tconv_geometry_taps(g), out = g->channels_out / g->groups, in = g->channels_in / g->groups, r[TCONV_MAX_NDIM];
    memset(kernel->taps, 0, tconv_kernel_count(kernel) * sizeof *kernel->taps);
    for (size_t ci = 0; ci < g->channels_in; ci++) {
        if (ci % in >= out)
            continue;
        double *taps = kernel->taps + (ci * out + ci % in) * n_taps;
        for (size_t t = 0; t < n_taps; t++) {
            double product = 1.0;
            place(g, t, r);
            for (size_t i = 0; i < g->ndim; i++) {
                const tconv_axis *axis = &g->axis[i];
                double centre = ((double)axis->n_taps - 1.0) / 2.0;
                product *= tconv_interpolator_at(TCONV_LINEAR, (double)axis->dilation * ((double)r[i] - centre) / (double)axis->stride);
            }
            taps[t] = product;
        }
    }
}

tconv_status tconv_initialise(tconv_kernel *kernel, const tconv_initialiser *how, tconv_error *error)
{
    size_t count = tconv_kernel_count(kernel);
    if ((unsigned)how->fan >= TCONV_FAN_COUNT)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no fan number %d", (int)how->fan);
    tconv_random random = tconv_random_seed(how->seed);
    switch (how->kind) {
    case TCONV_INIT_ONES:
        for (size_t t = 0; t < count; t++)
            kernel->taps[t] = 1.0;
        return TCONV_OK;
    case TCONV_INIT_BILINEAR: fill_bilinear(kernel); return TCONV_OK;
    case TCONV_INIT_ICNR: {
        tconv_status status = fill_icnr(kernel, how);
        return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
    }
    case TCONV_INIT_XAVIER:
    case TCONV_INIT_HE: draw(&random, how->uniform, tconv_init_variance(&kernel->geometry, how), kernel->taps, count); return TCONV_OK;
    default: return tconv_fail(error, TCONV_EARGUMENT, "there is no initialiser number %d", (int)how->kind);
    }
}
