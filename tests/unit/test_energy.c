/* The baseband energy in closed form against numerical integration of |H|^2 over the baseband box. */
#include "testing.h"

#include <float.h>
#include <math.h>

#include "analysis/energy.h"
#include "core/complex_number.h"
#include "tconv.h"

#define MOST_TAPS 512
#define MOST_NODES 48
#define PI 3.14159265358979323846

/* Gauss-Legendre nodes and weights on [-1, 1]: Newton's method on P_n from Chebyshev's points. n nodes integrate
 * exp(i w x) with an error below (e w / (4 n))^(2n), which the node counts below make less than 1e-17. */
static void gauss_legendre(size_t n, double *node, double *weight)
{
    for (size_t i = 0; i < n; i++) {
        double x = cos(PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1.0;
        for (int step = 0; step < 100; step++) {
            double p0 = 1.0, p1 = x;
            for (size_t j = 2; j <= n; j++) {
                double p2 = (((double)(2 * j) - 1.0) * x * p1 - ((double)j - 1.0) * p0) / (double)j;
                p0 = p1;
                p1 = p2;
            }
            slope = (double)n * (x * p1 - p0) / (x * x - 1.0);
            double change = p1 / slope;
            x -= change;
            if (fabs(change) < 1e-16)
                break;
        }
        node[i] = x;
        weight[i] = 2.0 / ((1.0 - x * x) * slope * slope);
    }
}

/* H at a tensor grid point: the taps are contracted with exp(-2 pi i f n) axis by axis, the last one first. */
static double power_at(const tconv_geometry *g, const double *taps, const double *f)
{
    double complex value[MOST_TAPS];
    size_t count = tconv_geometry_taps(g);
    for (size_t t = 0; t < count; t++)
        value[t] = taps[t];
    for (size_t i = g->ndim; i-- > 0;) {
        size_t k = g->axis[i].n_taps;
        double complex turn = cexp(CMPLX(0.0, -2.0 * PI * f[i] * (double)g->axis[i].dilation));
        count /= k;
        for (size_t t = 0; t < count; t++) {
            double complex sum = 0.0;
            for (size_t r = k; r-- > 0;)
                sum = sum * turn + value[t * k + r];
            value[t] = sum;
        }
    }
    return creal(value[0]) * creal(value[0]) + cimag(value[0]) * cimag(value[0]);
}

static double integrate(const tconv_geometry *g, const double *taps, size_t nodes)
{
    double node[MOST_NODES], weight[MOST_NODES], sum = 0.0;
    gauss_legendre(nodes, node, weight);
    size_t points = 1;
    for (size_t i = 0; i < g->ndim; i++)
        points *= nodes;
    for (size_t p = 0; p < points; p++) {
        double f[TCONV_MAX_NDIM], share = 1.0;
        size_t rest = p;
        for (size_t i = 0; i < g->ndim; i++, rest /= nodes) {
            double edge = 1.0 / (2.0 * (double)g->axis[i].stride);
            f[i] = edge * node[rest % nodes];
            share *= edge * weight[rest % nodes];
        }
        sum += share * power_at(g, taps, f);
    }
    return sum;
}

/* |H|^2 along an axis holds frequencies up to w = 2 pi (k_eff - 1)/(2 s) on [-1, 1]. With k_eff - 1 at most 32 s / 10
 * that is 10: 32 nodes, error (e 10/128)^64; for 2-D and 3-D at most 2.5 s: w = 8, 24 nodes, (e 8/96)^48 and 16 nodes,
 * (e 8/64)^32 = 1e-15, all of E at most. */
static void closed_form_against_quadrature(size_t ndim, size_t nodes, double reach)
{
    double taps[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_geometry g = tconv_geometry_default(ndim);
        for (size_t i = 0; i < ndim; i++) {
            size_t s = random_between(1, 6), d = random_between(1, 3);
            g.axis[i].stride = s;
            g.axis[i].dilation = d;
            size_t most = (size_t)(reach * (double)s) / d + 1;
            g.axis[i].n_taps = random_between(1, most < 8 || ndim == 1 ? most : 8);
        }
        size_t count = tconv_geometry_taps(&g);
        random_taps(taps, count);
        double inside, total, plain = 0.0;
        CHECK(tconv_baseband_energy(&g, taps, 1, &inside, &total) == TCONV_OK);
        for (size_t t = 0; t < count; t++)
            plain += taps[t] * taps[t];
        CHECK_CLOSE("total energy", round, total, plain, (double)count * DBL_EPSILON * plain);
        /* |H|^2 <= K E, the box holds 1/S: rounding of the quadrature is a few eps K E / S */
        double scale = (double)count / (double)tconv_geometry_phases(&g);
        CHECK_CLOSE("baseband energy", round, inside, integrate(&g, taps, nodes), 1e-14 * plain * fmax(scale, 1.0) * 8.0);
        CHECK(inside > 0.0 && inside <= total * (1.0 + 1e-14));
    }
}

static void in_1d(void) { closed_form_against_quadrature(1, 32, 3.2); }
static void in_2d(void) { closed_form_against_quadrature(2, 24, 2.5); }
static void in_3d(void) { closed_form_against_quadrature(3, 16, 2.5); }

static void energies_of_several_kernels_add(void)
{
    double taps[3 * 15];
    tconv_geometry g = tconv_geometry_default(2);
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1 };
    g.axis[1] = (tconv_axis){ .stride = 3, .n_taps = 5, .dilation = 2 };
    random_taps(taps, 45);
    double inside, total, sum_inside = 0.0, sum_total = 0.0;
    for (size_t c = 0; c < 3; c++) {
        CHECK(tconv_baseband_energy(&g, taps + 15 * c, 1, &inside, &total) == TCONV_OK);
        sum_inside += inside;
        sum_total += total;
    }
    CHECK(tconv_baseband_energy(&g, taps, 3, &inside, &total) == TCONV_OK);
    CHECK_CLOSE("baseband", 0, inside, sum_inside, 8.0 * DBL_EPSILON * sum_total);
    CHECK_CLOSE("total", 0, total, sum_total, 8.0 * DBL_EPSILON * sum_total);
}

/* At stride 1 the baseband is the whole circle: E0 = E. A single tap: E0 = E / S. */
static void the_whole_circle_and_a_single_tap(void)
{
    double taps[64], inside, total;
    random_taps(taps, 64);
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = 64;
    CHECK(tconv_baseband_energy(&g, taps, 1, &inside, &total) == TCONV_OK);
    CHECK_CLOSE("E0 = E", 0, inside, total, 16.0 * DBL_EPSILON * total);
    g = tconv_geometry_default(3);
    g.axis[0].stride = 2;
    g.axis[1].stride = 3;
    g.axis[2].stride = 5;
    CHECK(tconv_baseband_energy(&g, taps, 1, &inside, &total) == TCONV_OK);
    CHECK_CLOSE("E0 = E/S", 0, inside, total / 30.0, 4.0 * DBL_EPSILON * total / 30.0);
}

/* Long kernels take another way (by FFT): the same figure as the double sum, O(k^2) terms. */
static void long_kernels_agree_with_the_double_sum(void)
{
    static double taps[3000];
    for (size_t c = 0; c < 3; c++) {
        size_t k = (size_t[]){ 700, 1500, 3000 }[c], s = (size_t[]){ 2, 7, 4 }[c];
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0].n_taps = k;
        g.axis[0].stride = s;
        g.axis[0].dilation = c + 1;
        random_taps(taps, k);
        long double want = 0.0L;
        for (size_t lag = 0; lag < k; lag++) {
            long double sum = 0.0L, x = (long double)PI * (long double)(lag * (c + 1) % (2 * s)) / (long double)s;
            for (size_t n = 0; n + lag < k; n++)
                sum += (long double)taps[n] * (long double)taps[n + lag];
            long double angle = (long double)PI * (long double)(lag * (c + 1)) / (long double)s;
            want += (lag == 0 ? 1.0L : 2.0L * sinl(x) / angle) * sum / (long double)s;
        }
        double inside, total;
        CHECK(tconv_baseband_energy(&g, taps, 1, &inside, &total) == TCONV_OK);
        CHECK_CLOSE("baseband energy", k, inside, (double)want, 64.0 * DBL_EPSILON * total);
    }
}

const struct test_suite suite = { "energy", {
    { "the closed form is the integral over the baseband, in 1-D", in_1d },
    { "the closed form is the integral over the baseband, in 2-D", in_2d },
    { "the closed form is the integral over the baseband, in 3-D", in_3d },
    { "energies of several kernels add", energies_of_several_kernels_add },
    { "the whole circle and a single tap", the_whole_circle_and_a_single_tap },
    { "long kernels agree with the double sum", long_kernels_agree_with_the_double_sum },
    { NULL, NULL } } };
