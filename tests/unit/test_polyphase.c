/* Branches: the split against its definition, the merge bit for bit, the figures of one branch. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

#define MOST_TAPS 4096

static tconv_geometry random_geometry(size_t ndim)
{
    static const size_t most_taps[] = { 0, 64, 12, 6 };
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++) {
        g.axis[i].stride = random_between(1, ndim == 3 ? 4 : 8);
        g.axis[i].n_taps = random_between(1, most_taps[ndim]);
        g.axis[i].dilation = random_between(1, 4);
        g.axis[i].pad_begin = (int64_t)random_between(0, 10) - 3;
    }
    return g;
}

/* h_q[n] = h[s n + q] with h the dilated kernel, by its definition, one axis after the other. */
static double tap_by_definition(const tconv_geometry *g, const double *taps, const size_t *phase, const size_t *n)
{
    size_t at = 0;
    for (size_t i = 0; i < g->ndim; i++) {
        size_t place = g->axis[i].stride * n[i] + phase[i];
        if (place % g->axis[i].dilation != 0)
            return 0.0;
        at = at * g->axis[i].n_taps + place / g->axis[i].dilation;
    }
    return taps[at];
}

static void split_against_definition(size_t ndim)
{
    double taps[MOST_TAPS], merged[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_geometry g = random_geometry(ndim);
        size_t count = tconv_geometry_taps(&g);
        random_taps(taps, count);
        tconv_polyphase *split;
        CHECK(tconv_polyphase_create(&split, &g, taps) == TCONV_OK);
        bool same = true;
        size_t samples = 0;
        for (size_t q = 0; q < tconv_polyphase_count(split); q++) {
            size_t shape[TCONV_MAX_NDIM], phase[TCONV_MAX_NDIM], length = 1;
            const double *branch = tconv_polyphase_branch(split, q, shape);
            tconv_phase_of(&g, q, phase);
            for (size_t i = 0; i < ndim; i++)
                length *= shape[i];
            samples += length;
            for (size_t t = 0; t < length; t++) {
                size_t n[TCONV_MAX_NDIM], rest = t;
                for (size_t i = ndim; i-- > 0; rest /= shape[i])
                    n[i] = rest % shape[i];
                same = same && branch[t] == tap_by_definition(&g, taps, phase, n);
            }
        }
        size_t effective = 1;
        for (size_t i = 0; i < ndim; i++)
            effective *= tconv_axis_effective_taps(&g.axis[i]);
        CHECK_MESSAGE(same && samples == effective, "%zu-D round %zu: branches hold h[s n + q] and all of h", ndim, round);
        tconv_polyphase_merge(split, merged);
        CHECK_SAME(merged, taps, count * sizeof *taps);
        CHECK(tconv_polyphase_branch(split, tconv_polyphase_count(split), (size_t[TCONV_MAX_NDIM]){ 0 }) == NULL);
        tconv_polyphase_destroy(split);
    }
}

static void split_is_its_definition_in_1d(void) { split_against_definition(1); }
static void split_is_its_definition_in_2d(void) { split_against_definition(2); }
static void split_is_its_definition_in_3d(void) { split_against_definition(3); }

/* Branch figures against plain sums over the split: at most `length` additions of terms whose magnitudes sum to the
 * bound, so n u sum|..| with n the length, twice for two orders of summation. */
static void branch_figures_are_sums_over_the_branch(void)
{
    double taps[MOST_TAPS];
    static tconv_branch branches[512];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t ndim = random_between(1, 3);
        tconv_geometry g = random_geometry(ndim);
        random_taps(taps, tconv_geometry_taps(&g));
        double zero = tconv_kernel_zero(taps, tconv_geometry_taps(&g));
        CHECK(tconv_branches_of(&g, taps, zero, branches) == TCONV_OK);
        tconv_polyphase *split;
        CHECK(tconv_polyphase_create(&split, &g, taps) == TCONV_OK);
        for (size_t q = 0; q < tconv_polyphase_count(split); q++) {
            size_t shape[TCONV_MAX_NDIM], length = 1, reached = 1;
            const double *h = tconv_polyphase_branch(split, q, shape);
            for (size_t i = 0; i < ndim; i++) {
                length *= shape[i];
                reached *= tconv_axis_coverage(&g.axis[i], branches[q].phase[i]);
                int64_t s = (int64_t)g.axis[i].stride, first = (int64_t)branches[q].first_output[i];
                CHECK(first >= 0 && first < s && (first + g.axis[i].pad_begin - (int64_t)branches[q].phase[i]) % s == 0);
            }
            double gain = 0.0, magnitude = 0.0, energy = 0.0, moment = 0.0, moment_magnitude = 0.0;
            for (size_t t = 0; t < length; t++) {
                size_t n0 = t / (length / shape[0]);
                gain += h[t];
                magnitude += fabs(h[t]);
                energy += h[t] * h[t];
                moment += (double)n0 * h[t];
                moment_magnitude += (double)n0 * fabs(h[t]);
            }
            double u = (double)(length + 2) * DBL_EPSILON;
            CHECK(branches[q].taps == reached);
            CHECK_CLOSE("dc_gain", q, branches[q].dc_gain, gain, u * magnitude);
            CHECK_CLOSE("energy", q, branches[q].energy, energy, u * energy);
            CHECK(branches[q].has_delay == (fabs(branches[q].dc_gain) >= zero && branches[q].dc_gain != 0.0));
            if (branches[q].has_delay)
                CHECK_CLOSE("delay", q, branches[q].delay[0] * branches[q].dc_gain, moment,
                            2.0 * u * (moment_magnitude + fabs(moment)));
        }
        tconv_polyphase_destroy(split);
    }
}

static void a_long_symmetric_sum_is_right_to_one_unit(void)
{
    /* 2^20 taps h[n] = h[k-1-n]: the plain sum is off by tens of eps, the compensated one by at most one. */
    size_t k = (size_t)1 << 20;
    if (!test_long_double())
        return;
    double *taps = malloc(k * sizeof *taps);
    CHECK(taps != NULL);
    if (taps == NULL)
        return;
    long double exact = 0.0L;
    for (size_t n = 0; n < k / 2; n++)
        taps[n] = taps[k - 1 - n] = random_uniform(0.0, 1.0);
    for (size_t n = 0; n < k; n++)
        exact += taps[n];
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = k;
    tconv_branch branch;
    CHECK(tconv_branches_of(&g, taps, 0.0, &branch) == TCONV_OK);
    CHECK_CLOSE("sum", 0, branch.dc_gain, (double)exact, DBL_EPSILON * (double)exact);
    free(taps);
}

const struct test_suite suite = { "polyphase", {
    { "a split holds h[s n + q], and merges bit for bit, in 1-D", split_is_its_definition_in_1d },
    { "a split holds h[s n + q], and merges bit for bit, in 2-D", split_is_its_definition_in_2d },
    { "a split holds h[s n + q], and merges bit for bit, in 3-D", split_is_its_definition_in_3d },
    { "branch figures are sums over the branch", branch_figures_are_sums_over_the_branch },
    { "a long symmetric sum is right to one unit in the last place", a_long_symmetric_sum_is_right_to_one_unit },
    { NULL, NULL } } };
