/* Initialisers: what they are, and by Monte Carlo the variances that the fans promise. */
#include "testing_definition.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/polyphase.h"
#include "design/initialise.h"

static tconv_kernel *make(size_t ndim, size_t in, size_t out, size_t groups, size_t k, size_t s, size_t d)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    tconv_kernel *kernel = NULL;
    g.channels_in = in;
    g.channels_out = out;
    g.groups = groups;
    for (size_t i = 0; i < ndim; i++)
        g.axis[i] = (tconv_axis){ .stride = s, .n_taps = k, .dilation = d };
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    return kernel;
}

static void fans_count_what_they_say(void)
{
    tconv_kernel *kernel = make(2, 6, 10, 2, 4, 2, 1);   /* K = 16, S = 4 */
    const tconv_geometry *g = &kernel->geometry;
    CHECK(tconv_fan_in(g, TCONV_FAN_OPERATOR) == 48.0 && tconv_fan_out(g, TCONV_FAN_OPERATOR) == 80.0);
    CHECK(tconv_fan_in(g, TCONV_FAN_PYTORCH) == 80.0 && tconv_fan_out(g, TCONV_FAN_PYTORCH) == 48.0);
    CHECK(tconv_fan_in(g, TCONV_FAN_EFFECTIVE) == 12.0 && tconv_fan_out(g, TCONV_FAN_EFFECTIVE) == 80.0);
    tconv_initialiser how = { .kind = TCONV_INIT_HE };
    CHECK(tconv_init_variance(g, &how) == 2.0 / 12.0);
    how.fan = TCONV_FAN_PYTORCH;
    CHECK(tconv_init_variance(g, &how) == 2.0 / 80.0);
    how.kind = TCONV_INIT_XAVIER;
    CHECK(tconv_init_variance(g, &how) == 2.0 / 128.0);
    how.fan = TCONV_FAN_EFFECTIVE;
    CHECK(tconv_init_variance(g, &how) == 2.0 / 92.0);
    how.kind = TCONV_INIT_ICNR;                          /* 2 x 2 sub-kernel, 3 input channels: what He with the effective fan says */
    CHECK(tconv_init_variance(g, &how) == 2.0 / 12.0);
    tconv_kernel_destroy(kernel);
}

/* Layers whose Var w comes from each fan of the theory; x with E x^2 = 1 (a ReLU of N(0, 2)), gy normal. Output j of branch q
 * and the gradient of an inner input, drawn anew with every layer: each is a sum of n products of independent normal
 * factors, kurtosis at most 9 + 6/n < 15; so the mean of the squares over R draws is off by less than 6 sqrt(14/R). */
static void variances_are_those_that_the_fans_promise(void)
{
    static const struct { size_t in, out, groups, k, s, d; } layers[] = { { 4, 2, 1, 4, 2, 1 }, { 3, 6, 3, 3, 2, 1 }, { 2, 4, 2, 5, 3, 2 }, { 8, 2, 2, 2, 2, 1 } };
    const size_t rounds = test_rounds(20000), n_in = 12;
    for (size_t l = 0; l < sizeof layers / sizeof layers[0]; l++)
        for (int fan = 0; fan < 6; fan++) {                /* three of He, then of Xavier */
            tconv_kernel *kernel = make(1, layers[l].in, layers[l].out, layers[l].groups, layers[l].k, layers[l].s, layers[l].d);
            const tconv_axis *axis = &kernel->geometry.axis[0];
            tconv_initialiser how = { .kind = fan >= 3 ? TCONV_INIT_XAVIER : TCONV_INIT_HE, .fan = (tconv_fan)(fan % 3) };
            double branch[8] = { 0 }, gradient = 0.0, x[8 * 12], gy[128], variance = tconv_init_variance(&kernel->geometry, &how);
            size_t s = axis->stride, in = layers[l].in / layers[l].groups, out = layers[l].out / layers[l].groups;
            for (size_t round = 0; round < rounds; round++) {
                how.seed = round;
                how.uniform = round % 2 == 1;
                CHECK(tconv_initialise(kernel, &how, NULL) == TCONV_OK);
                for (size_t i = 0; i < layers[l].in * n_in; i++)
                    x[i] = fmax(random_normal(), 0.0) * sqrt(2.0);
                for (size_t i = 0; i < 128; i++)
                    gy[i] = random_normal();
                for (size_t q = 0; q < s; q++) {           /* output s*6 + q, first channel: all its inputs are there */
                    double y = 0.0;
                    for (size_t ci = 0; ci < in; ci++)
                        for (size_t r = 0; r < axis->n_taps; r++)
                            if ((axis->dilation * r) % s == q)
                                y += x[ci * n_in + 6 - axis->dilation * r / s] * tconv_kernel_pair(kernel, ci, 0)[r];
                    branch[q] += y * y;
                }
                double gx = 0.0;                           /* of input 2, first channel */
                for (size_t co = 0; co < out; co++)
                    for (size_t r = 0; r < axis->n_taps; r++)
                        gx += gy[co * 24 + s * 2 + axis->dilation * r] * tconv_kernel_pair(kernel, 0, co)[r];
                gradient += gx * gx;
            }
            double six = 6.0 * sqrt(14.0 / (double)rounds), mean = 0.0;
            for (size_t q = 0; q < s; q++) {
                double want = tconv_output_variance(&kernel->geometry, variance, q);
                CHECK_CLOSE("output variance", q, branch[q] / (double)rounds, want, six * want);
                mean += branch[q] / (double)(rounds * s);
            }
            if (fan == (int)TCONV_FAN_EFFECTIVE)           /* 2/fan_in_effective keeps the variance behind a ReLU: E y^2 = 2 E x^2 */
                CHECK_CLOSE("variance kept", l, mean, 2.0, 2.0 * six);
            double want = tconv_gradient_variance(&kernel->geometry, variance);
            CHECK_CLOSE("gradient variance", l, gradient / (double)rounds, want, six * want);
            if (fan == (int)TCONV_FAN_PYTORCH)             /* 2/fan_in_pytorch keeps that of the gradient instead */
                CHECK_CLOSE("gradient kept", l, gradient / (double)rounds, 2.0, 2.0 * six);
            tconv_kernel_destroy(kernel);
        }
}

static void icnr_repeats_a_sub_kernel(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t ndim = random_between(1, 2), k = random_between(1, 9), s = random_between(1, 4);
        tconv_kernel *kernel = make(ndim, 2, 3, 1, k, s, 1);
        tconv_initialiser how = { .kind = TCONV_INIT_ICNR, .seed = round };
        tconv_branch branches[16];
        CHECK(tconv_initialise(kernel, &how, NULL) == TCONV_OK);
        const double *taps = tconv_kernel_pair(kernel, 1, 2);
        size_t n_taps = tconv_geometry_taps(&kernel->geometry), shape[2] = { k, k };
        bool repeated = true, other = false;
        for (size_t t = 0; t < n_taps; t++) {
            size_t r[2] = { 0, 0 }, first = 0;
            index_to_vector(t, shape, ndim, r);
            for (size_t i = 0; i < ndim; i++)
                first = first * k + r[i] / s * s;
            repeated = repeated && taps[t] == taps[first];
            other = other || taps[t] != kernel->taps[t];
        }
        CHECK_MESSAGE(repeated && other, "round %zu: every tap is repeated s times, pairs differ", round);
        CHECK(tconv_branches_of(&kernel->geometry, taps, 0.0, branches) == TCONV_OK);
        for (size_t q = 1; k % s == 0 && q < tconv_geometry_phases(&kernel->geometry); q++)
            CHECK(branches[q].dc_gain == branches[0].dc_gain);
        tconv_kernel_destroy(kernel);
    }
}

/* FCN: factor f = (k + 1)/2 (whole), centre f - 1 or f - 1/2, 1 - |i - centre|/f along each axis; on the diagonal. */
static void bilinear_is_that_of_fcn(void)
{
    for (size_t s = 1; s <= 12; s++) {
        size_t k = 2 * s - s % 2;
        tconv_kernel *kernel = make(2, 4, 6, 2, k, s, 1);
        CHECK(tconv_initialise(kernel, &(tconv_initialiser){ .kind = TCONV_INIT_BILINEAR }, NULL) == TCONV_OK);
        double factor = (double)((k + 1) / 2), centre = k % 2 == 1 ? factor - 1.0 : factor - 0.5;
        for (size_t ci = 0; ci < 4; ci++)
            for (size_t co = ci / 2 * 3; co < ci / 2 * 3 + 3; co++)
                for (size_t t = 0; t < k * k; t++) {
                    double want = (1.0 - fabs((double)(t / k) - centre) / factor) * (1.0 - fabs((double)(t % k) - centre) / factor);
                    CHECK_CLOSE("bilinear", t, tconv_kernel_pair(kernel, ci, co)[t], ci % 2 == co % 3 ? want : 0.0, 4.0 * DBL_EPSILON);
                }
        tconv_kernel_destroy(kernel);
    }
}

static void seeds_and_names(void)
{
    tconv_kernel *a = make(1, 3, 3, 1, 5, 2, 1), *b = make(1, 3, 3, 1, 5, 2, 1);
    tconv_initialiser how = { .kind = TCONV_INIT_HE, .seed = 7 };
    size_t bytes = tconv_kernel_count(a) * sizeof(double);
    CHECK(tconv_initialise(a, &how, NULL) == TCONV_OK && tconv_initialise(b, &how, NULL) == TCONV_OK);
    CHECK_SAME(a->taps, b->taps, bytes);
    how.seed = 8;
    CHECK(tconv_initialise(b, &how, NULL) == TCONV_OK && memcmp(a->taps, b->taps, bytes) != 0);
    CHECK(tconv_initialise(b, &(tconv_initialiser){ .kind = TCONV_INIT_ONES }, NULL) == TCONV_OK);
    for (size_t t = 0; t < tconv_kernel_count(b); t++)
        CHECK(b->taps[t] == 1.0);
    for (int i = 0; i < (int)TCONV_INIT_COUNT; i++) {
        tconv_init_kind kind = TCONV_INIT_COUNT;
        CHECK(tconv_init_find(tconv_init_text((tconv_init_kind)i), &kind) && (int)kind == i);
    }
    tconv_init_kind kind = TCONV_INIT_ONES;
    CHECK(tconv_init_find("glorot", &kind) && kind == TCONV_INIT_XAVIER);
    CHECK(tconv_init_find("kaiming", &kind) && kind == TCONV_INIT_HE);
    CHECK(!tconv_init_find("zeros", &kind) && kind == TCONV_INIT_HE && tconv_init_text(TCONV_INIT_COUNT) == NULL);
    tconv_error error;
    CHECK(tconv_initialise(a, &(tconv_initialiser){ .kind = TCONV_INIT_COUNT }, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "there is no initialiser number 5");
    CHECK(tconv_initialise(a, &(tconv_initialiser){ .fan = TCONV_FAN_COUNT }, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "there is no fan number 3");
    tconv_kernel_destroy(a);
    tconv_kernel_destroy(b);
}

const struct test_suite suite = { "initialise", {
    { "fans count what they say", fans_count_what_they_say },
    { "variances are those that the fans promise", variances_are_those_that_the_fans_promise },
    { "ICNR repeats a sub-kernel", icnr_repeats_a_sub_kernel },
    { "bilinear is that of FCN", bilinear_is_that_of_fcn },
    { "seeds give sequences, names give kinds", seeds_and_names },
    { NULL, NULL } } };
