#include "flat_repair.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../design/solve.h"
#include "comb.h"
#include "flat_colours.h"

#define RIDGES 17                /* from 1 down to 10^-8, two a decade: floats round by 6 10^-8 */
#define TOLERANCE 1.2589254      /* 1 dB in energy */

struct fit {
    const struct tconv_comb_layer *comb;
    size_t colours;
    double *features;            /* colours x channels in */
    double *errors;              /* (unit, branch) x colours */
    double *gram, *inverse;      /* colours x colours */
    double *solution;            /* colours */
};

void tconv_flat_repair_destroy(tconv_flat_repair *repair)
{
    if (repair == NULL)
        return;
    tconv_free(repair->values);
    tconv_free(repair);
}

/* ---- errors ---- */

/* errors = what each branch answers to each colour, minus the mean over the branches of its unit. */
static void find_errors(struct fit *f)
{
    const struct tconv_comb_layer *c = f->comb;
    size_t n = f->colours, width = c->groups * c->inputs;
    for (size_t unit = 0; unit < c->units; unit++) {
        double *e = f->errors + unit * c->branches * n;
        for (size_t q = 0; q < c->branches; q++) {
            const double *features = f->features + tconv_comb_group(c, unit, q) * c->inputs;
            for (size_t u = 0; u < n; u++)
                e[q * n + u] = c->bias != NULL ? c->bias[c->branch[unit * c->branches + q]] : 0.0;
            for (size_t ci = 0; ci < c->inputs; ci++) {
                double g = tconv_comb_gain(c, unit, q, ci);
                for (size_t u = 0; u < n; u++)
                    e[q * n + u] += g * features[u * width + ci];
            }
        }
        for (size_t u = 0; u < n; u++) {
            double mean = 0.0;
            for (size_t q = 0; q < c->branches; q++)
                mean += e[q * n + u] / (double)c->branches;
            for (size_t q = 0; q < c->branches; q++)
                e[q * n + u] -= mean;
        }
    }
}

/* ---- the ridge ---- */

/* gram = K of one group plus ridge times its mean eigenvalue. False: all features are zero. */
static bool fill_gram(struct fit *f, size_t group, double ridge)
{
    size_t n = f->colours, width = f->comb->groups * f->comb->inputs;
    const double *x = f->features + group * f->comb->inputs;
    double trace = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0.0;
            for (size_t ci = 0; ci < f->comb->inputs; ci++)
                sum += x[i * width + ci] * x[j * width + ci];
            f->gram[i * n + j] = f->gram[j * n + i] = sum;
            trace += i == j ? sum : 0.0;
        }
    for (size_t i = 0; i < n; i++)
        f->gram[i * n + i] += ridge * trace / (double)n;
    return trace > 0.0;
}

static tconv_status invert(struct fit *f, tconv_error *error)
{
    tconv_cholesky *factor;
    size_t n = f->colours;
    tconv_status status = tconv_cholesky_create(&factor, f->gram, n, error);
    for (size_t i = 0; status == TCONV_OK && i < n; i++) {
        double *row = f->inverse + i * n;
        memset(row, 0, n * sizeof *row);
        row[i] = 1.0;
        status = tconv_cholesky_solve(factor, row, row, error);
    }
    tconv_cholesky_destroy(factor);
    return status;
}

/* solution = inverse e. */
static void solve(struct fit *f, const double *e)
{
    size_t n = f->colours;
    for (size_t i = 0; i < n; i++) {
        f->solution[i] = 0.0;
        for (size_t j = 0; j < n; j++)
            f->solution[i] += f->inverse[i * n + j] * e[j];
    }
}

static tconv_status left_out_error(struct fit *f, double ridge, double *sum, tconv_error *error)
{
    const struct tconv_comb_layer *c = f->comb;
    size_t n = f->colours;
    *sum = 0.0;
    for (size_t group = 0; group < c->groups; group++) {
        bool any = fill_gram(f, group, ridge);
        tconv_status status = any ? invert(f, error) : TCONV_OK;
        if (status != TCONV_OK)
            return status;
        for (size_t k = 0; any && k < c->units * c->branches; k++) {
            if (tconv_comb_group(c, k / c->branches, k % c->branches) != group)
                continue;
            solve(f, f->errors + k * n);
            for (size_t i = 0; i < n; i++)
                *sum += f->solution[i] / f->inverse[i * n + i] * (f->solution[i] / f->inverse[i * n + i]);
        }
    }
    return TCONV_OK;
}

static tconv_status choose_ridge(struct fit *f, double *ridge, tconv_error *error)
{
    double sums[RIDGES], least = INFINITY;
    for (size_t r = 0; r < RIDGES; r++) {
        tconv_status status = left_out_error(f, pow(10.0, -0.5 * (double)r), &sums[r], error);
        if (status != TCONV_OK)
            return status;
        least = sums[r] < least ? sums[r] : least;
    }
    size_t chosen = 0;
    while (chosen + 1 < RIDGES && sums[chosen] > TOLERANCE * least)
        chosen++;
    *ridge = pow(10.0, -0.5 * (double)chosen);
    return TCONV_OK;
}

/* ---- the correction ---- */

static size_t taps_of(const struct tconv_comb_layer *c, size_t q)
{
    size_t count = 0;
    for (size_t t = 0; t < c->taps; t++)
        count += tconv_comb_has(c, q, t);
    return count;
}

static void correct_branch(const struct fit *f, size_t unit, size_t q, double *values)
{
    const struct tconv_comb_layer *c = f->comb;
    size_t width = c->groups * c->inputs;
    const double *features = f->features + tconv_comb_group(c, unit, q) * c->inputs;
    for (size_t ci = 0; ci < c->inputs; ci++) {
        double d = 0.0, *w = values + tconv_comb_taps(c, unit, q, ci);
        for (size_t u = 0; u < f->colours; u++)
            d -= f->solution[u] * features[u * width + ci];
        for (size_t t = 0; t < c->taps; t++)
            w[t] += tconv_comb_has(c, q, t) ? d / (double)taps_of(c, q) : 0.0;
    }
}

static tconv_status correct(struct fit *f, double ridge, tconv_flat_repair *repair, tconv_error *error)
{
    const struct tconv_comb_layer *c = f->comb;
    double change = 0.0, norm = 0.0;
    memcpy(repair->values, c->weight, repair->count * sizeof *repair->values);
    for (size_t group = 0; group < c->groups; group++) {
        bool any = fill_gram(f, group, ridge);
        tconv_status status = any ? invert(f, error) : TCONV_OK;
        if (status != TCONV_OK)
            return status;
        for (size_t k = 0; any && k < c->units * c->branches; k++)
            if (tconv_comb_group(c, k / c->branches, k % c->branches) == group) {
                solve(f, f->errors + k * f->colours);
                correct_branch(f, k / c->branches, k % c->branches, repair->values);
            }
    }
    for (size_t i = 0; i < repair->count; i++) {
        change += (repair->values[i] - c->weight[i]) * (repair->values[i] - c->weight[i]);
        norm += c->weight[i] * c->weight[i];
    }
    repair->ridge = ridge;
    repair->relative_change = norm > 0.0 ? sqrt(change / norm) : 0.0;
    return TCONV_OK;
}

/* f(u): means over the torus of the first item of the batch. */
static tconv_status read_features(tconv_network *n, const struct tconv_comb_layer *c, const double *colour, double *features, tconv_error *error)
{
    tconv_torus value = { 0 };
    size_t channels = c->groups * c->inputs;
    tconv_status status = tconv_network_look(n, colour, NULL, c->features, &value, error);
    if (status == TCONV_OK && value.count == 0)
        status = tconv_fail(error, TCONV_EUNSUPPORTED, "node '%.80s' (%.40s): its input is empty", tconv_node_name(c->step->node),
                            c->step->node->op_type);
    size_t plane = status == TCONV_OK ? value.count / value.axis[0].extent / channels : 0;
    for (size_t ci = 0; status == TCONV_OK && ci < channels; ci++) {
        double sum = 0.0;
        for (size_t i = 0; i < plane; i++)
            sum += value.data[ci * plane + i];
        features[ci] = sum / (double)plane;
    }
    tconv_torus_free(&value);
    return status;
}

static tconv_status fit_all(tconv_network *n, struct fit *f, const double *colours, tconv_flat_repair *repair, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t width = f->comb->groups * f->comb->inputs, square = f->colours * f->colours;       /* colours <= 512 */
    double ridge;
    f->features = tconv_alloc(width, f->colours * sizeof *f->features, &status);
    f->errors = tconv_alloc(f->comb->units * f->comb->branches, f->colours * sizeof *f->errors, &status);
    f->gram = tconv_alloc(square, sizeof *f->gram, &status);
    f->inverse = tconv_alloc(square, sizeof *f->inverse, &status);
    f->solution = tconv_alloc(f->colours, sizeof *f->solution, &status);
    repair->values = tconv_alloc(repair->count, sizeof *repair->values, &status);
    if (f->features == NULL || f->errors == NULL || f->gram == NULL || f->inverse == NULL || f->solution == NULL || repair->values == NULL)
        return tconv_fail_plain(error, status);
    for (size_t u = 0; status == TCONV_OK && u < f->colours; u++)
        status = read_features(n, f->comb, colours + u * n->channels, f->features + u * width, error);
    if (status != TCONV_OK)
        return status;
    find_errors(f);
    status = choose_ridge(f, &ridge, error);
    return status == TCONV_OK ? correct(f, ridge, repair, error) : status;
}

static tconv_status compute(tconv_network *n, tconv_flat_repair *repair, tconv_error *error)
{
    struct tconv_comb_layer comb;
    struct fit fit = { .comb = &comb };
    double *colours = NULL;
    tconv_status status = tconv_comb_find(n, &comb, error);
    repair->channels = n->channels;
    if (status == TCONV_OK) {
        repair->layer = tconv_node_name(comb.layer->node);
        repair->operator_name = comb.layer->node->op_type;
        repair->weight = comb.step->node->inputs[1];
        repair->tensor = comb.tensor;
        repair->count = comb.count;
    }
    if (status == TCONV_OK)
        status = tconv_flat_colours(TCONV_COLOURS_FITTED, n->channels, repair->options.colours, repair->options.seed, &colours, &fit.colours, error);
    repair->fitted = fit.colours;
    if (status == TCONV_OK)
        status = fit_all(n, &fit, colours, repair, error);
    tconv_free(colours);
    tconv_free(comb.branch);
    tconv_free(fit.features);
    tconv_free(fit.errors);
    tconv_free(fit.gram);
    tconv_free(fit.inverse);
    tconv_free(fit.solution);
    return status;
}

tconv_status tconv_flat_repair_create(tconv_flat_repair **repair, tconv_container *container, const tconv_flat_repair_options *options,
                                      tconv_error *error)
{
    tconv_status status = TCONV_OK;
    tconv_network *network;
    *repair = NULL;
    tconv_flat_repair *r = tconv_alloc_zero(1, sizeof *r, &status);
    if (r == NULL)
        return tconv_fail_plain(error, status);
    r->options = options != NULL ? *options : (tconv_flat_repair_options){ 0 };
    status = tconv_network_create(&network, container, &(tconv_network_options){ .channels = r->options.channels }, error);
    if (status == TCONV_OK)
        status = compute(network, r, error);
    tconv_network_destroy(network);
    if (status == TCONV_OK)
        *repair = r;
    else
        tconv_flat_repair_destroy(r);
    return status;
}
