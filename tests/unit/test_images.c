/* Images by the duality, against the definition of H, Parseval, and the closed forms for kernels of ones, of random
 * and of symmetric taps. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "analysis/images.h"
#include "core/complex_number.h"
#include "tconv.h"

#define MOST_TAPS 512
#define MOST_PHASES 512
#define PI 3.14159265358979323846

static const size_t most_taps[] = { 0, 64, 12, 6 };
static const size_t most_stride[] = { 0, 12, 6, 4 };

static tconv_geometry random_geometry(size_t ndim)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++) {
        g.axis[i].stride = random_between(1, most_stride[ndim]);
        g.axis[i].n_taps = random_between(1, most_taps[ndim]);
        g.axis[i].dilation = random_between(1, 3);
    }
    return g;
}

/* H(m/s) = sum over taps r of h[d r] exp(-2 pi i d r m / s), every product of the definition once. */
static double complex response_by_definition(const tconv_geometry *g, const double *taps, const size_t *m)
{
    double complex sum = 0.0;
    for (size_t t = 0; t < tconv_geometry_taps(g); t++) {
        size_t rest = t;
        double turns = 0.0;
        for (size_t i = g->ndim; i-- > 0; rest /= g->axis[i].n_taps) {
            size_t s = g->axis[i].stride, place = g->axis[i].dilation * (rest % g->axis[i].n_taps);
            turns += (double)(place * m[i] % s) / (double)s;
        }
        sum += taps[t] * cexp(CMPLX(0.0, -2.0 * PI * turns));
    }
    return sum;
}

static bool gains_of(const tconv_geometry *g, const double *taps, double *gain)
{
    static tconv_branch branches[MOST_PHASES];
    CHECK(tconv_geometry_phases(g) <= MOST_PHASES);
    tconv_status status = tconv_branches_of(g, taps, 0.0, branches);
    CHECK(status == TCONV_OK);
    for (size_t q = 0; q < tconv_geometry_phases(g); q++)
        gain[q] = branches[q].dc_gain;
    return status == TCONV_OK;
}

/* Tolerance: the definition adds K terms in any order, and each angle is off by a few eps: (K + 8) eps sum|h|. */
static void duality(size_t ndim)
{
    double taps[MOST_TAPS], gain[MOST_PHASES];
    tconv_complex image[MOST_PHASES];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_geometry g = random_geometry(ndim);
        size_t count = tconv_geometry_taps(&g), phases = tconv_geometry_phases(&g);
        random_taps(taps, count);
        double magnitude = 0.0;
        for (size_t t = 0; t < count; t++)
            magnitude += fabs(taps[t]);
        if (!gains_of(&g, taps, gain) || tconv_images_of_gains(&g, gain, image) != TCONV_OK)
            continue;
        double worst = 0.0, power = 0.0, mean = 0.0, variance = 0.0;
        for (size_t q = 0; q < phases; q++) {
            size_t m[TCONV_MAX_NDIM];
            tconv_phase_of(&g, q, m);
            worst = fmax(worst, cabs(response_by_definition(&g, taps, m) - CMPLX(image[q].re, image[q].im)));
            power += q == 0 ? 0.0 : image[q].re * image[q].re + image[q].im * image[q].im;
            mean += gain[q] / (double)phases;
        }
        for (size_t q = 0; q < phases; q++)
            variance += (gain[q] - mean) * (gain[q] - mean) / (double)phases;
        double unit = (double)(count + 8) * DBL_EPSILON * magnitude;
        CHECK_CLOSE("H(m/s) - DFT of the gains", round, worst, 0.0, unit);
        /* Parseval: sum over m != 0 of |H(m/s)|^2 = S^2 Var_q g; S terms, each at most magnitude^2 */
        CHECK_CLOSE("Parseval", round, power, (double)(phases * phases) * variance,
                    4.0 * (double)phases * DBL_EPSILON * (double)phases * magnitude * magnitude);
    }
}

static void duality_and_parseval_in_1d(void) { duality(1); }
static void duality_and_parseval_in_2d(void) { duality(2); }
static void duality_and_parseval_in_3d(void) { duality(3); }

static void equal_gains_have_no_image_at_all(void)
{
    double gain[MOST_PHASES];
    tconv_complex image[MOST_PHASES];
    for (size_t round = 0; round < test_rounds(200); round++) {
        tconv_geometry g = random_geometry(random_between(1, 3));
        size_t phases = tconv_geometry_phases(&g);
        double level = random_uniform(-2.0, 2.0), largest = 0.0;
        for (size_t q = 0; q < phases; q++)
            gain[q] = level;
        CHECK(tconv_images_of_gains(&g, gain, image) == TCONV_OK);
        for (size_t m = 1; m < phases; m++)
            largest = fmax(largest, hypot(image[m].re, image[m].im));
        CHECK_CLOSE("image", round, largest, 0.0, 4.0 * DBL_EPSILON * fabs(level) * (double)phases);
        CHECK_CLOSE("signal", round, image[0].re, level * (double)phases, 2.0 * DBL_EPSILON * fabs(level) * (double)phases);
        CHECK(image[0].im == 0.0);
    }
}

/* The index by the library's figures, for a kernel given by its taps. */
static tconv_figures *figures_of(const tconv_geometry *g, const double *taps)
{
    tconv_kernel *kernel;
    tconv_figures *figures = NULL;
    CHECK(tconv_kernel_create(&kernel, g, NULL) == TCONV_OK);
    if (kernel == NULL)
        return NULL;
    memcpy(kernel->taps, taps, tconv_kernel_count(kernel) * sizeof *taps);
    CHECK(tconv_figures_create(&figures, kernel, NULL, NULL) == TCONV_OK);
    tconv_kernel_destroy(kernel);
    return figures;
}

/* sqrt(r (s - r))/k, r = k mod s */
static double index_of_ones(size_t k, size_t s)
{
    double r = (double)(k % s);
    return sqrt(r * ((double)s - r)) / (double)k;
}

static void a_kernel_of_ones_has_the_index_of_its_closed_form(void)
{
    double ones[MOST_TAPS];
    for (size_t t = 0; t < MOST_TAPS; t++)
        ones[t] = 1.0;
    for (size_t k = 1; k <= 24; k++)
        for (size_t s = 1; s <= 10; s++) {
            tconv_geometry g = tconv_geometry_default(1);
            g.axis[0].n_taps = k;
            g.axis[0].stride = s;
            tconv_figures *f = figures_of(&g, ones);
            if (f == NULL)
                return;
            double want = index_of_ones(k, s);
            CHECK_CLOSE("index", 100 * k + s, f->checkerboard_index, want, 4.0 * DBL_EPSILON * want);
            CHECK((f->checkerboard_index == 0.0) == (k % s == 0));
            CHECK(f->checkerboard_index != 0.0 || f->checkerboard_db == -INFINITY);
            tconv_figures_destroy(f);
        }
}

/* In D axes sqrt(prod (1 + c_i^2) - 1): (1 + c^2) is the mean square over the squared mean, and those multiply. */
static void ones_in_several_axes_multiply(void)
{
    double ones[MOST_TAPS];
    for (size_t t = 0; t < MOST_TAPS; t++)
        ones[t] = 1.0;
    for (size_t round = 0; round < test_rounds(60); round++) {
        tconv_geometry g = tconv_geometry_default(random_between(2, 3));
        double product = 1.0;
        for (size_t i = 0; i < g.ndim; i++) {
            g.axis[i].n_taps = random_between(1, g.ndim == 2 ? 8 : 4);
            g.axis[i].stride = random_between(1, g.ndim == 2 ? 5 : 3);
            double c = index_of_ones(g.axis[i].n_taps, g.axis[i].stride);
            product *= 1.0 + c * c;
        }
        tconv_figures *f = figures_of(&g, ones);
        if (f == NULL)
            return;
        CHECK_CLOSE("index squared", round, f->checkerboard_index * f->checkerboard_index, product - 1.0, 32.0 * DBL_EPSILON * product);
        tconv_figures_destroy(f);
    }
    tconv_geometry g = tconv_geometry_default(2);
    g.axis[0] = g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1 };
    tconv_figures *f = figures_of(&g, ones);
    if (f != NULL)
        CHECK_CLOSE("3x3, s = 2", 0, f->checkerboard_db, -6.2973, 5e-5);       /* sqrt((1 + 1/9)^2 - 1) = 0.4843 */
    tconv_figures_destroy(f);
}

static void even_symmetric_kernels_have_index_zero_at_stride_two(void)
{
    double taps[64];
    for (size_t round = 0; round < test_rounds(200); round++) {
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0].n_taps = 2 * random_between(1, 24);
        g.axis[0].stride = 2;
        for (size_t n = 0; n < g.axis[0].n_taps / 2; n++)
            taps[n] = taps[g.axis[0].n_taps - 1 - n] = random_normal();
        tconv_figures *f = figures_of(&g, taps);
        if (f == NULL)
            return;
        CHECK(f->checkerboard_index == 0.0 && f->checkerboard_db == -INFINITY && f->images[0].dc_db == -INFINITY);
        CHECK(f->peak_to_peak == 0.0);
        tconv_figures_destroy(f);
    }
}

/* Zero-mean random taps: all E|H(m/s)|^2 are equal, whatever k: sqrt(E sum_{m != 0} |H_m|^2 / E |G|^2) = sqrt(S - 1).
 * With n trials of nearly Gaussian H the two means have relative standard errors of at most sqrt(2/n), so the root of
 * their ratio sqrt(2/n) at most: five of those. */
static void random_taps_have_the_index_of_the_number_of_phases_on_average(void)
{
    static const struct {
        size_t ndim, k, s;
    } cases[] = { { 1, 3, 2 }, { 1, 16, 8 }, { 1, 7, 3 }, { 1, 25, 10 }, { 2, 4, 2 }, { 2, 5, 3 }, { 3, 3, 2 } };
    size_t trials = test_rounds(20000);
    double taps[MOST_TAPS], gain[MOST_PHASES];
    tconv_complex image[MOST_PHASES];
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_geometry g = tconv_geometry_default(cases[c].ndim);
        for (size_t i = 0; i < g.ndim; i++) {
            g.axis[i].n_taps = cases[c].k;
            g.axis[i].stride = cases[c].s;
        }
        double images = 0.0, signal = 0.0;
        for (size_t trial = 0; trial < trials; trial++) {
            for (size_t t = 0; t < tconv_geometry_taps(&g); t++)
                taps[t] = random_normal();
            if (!gains_of(&g, taps, gain) || tconv_images_of_gains(&g, gain, image) != TCONV_OK)
                return;
            for (size_t m = 0; m < tconv_geometry_phases(&g); m++)
                *(m == 0 ? &signal : &images) += image[m].re * image[m].re + image[m].im * image[m].im;
        }
        double want = sqrt((double)tconv_geometry_phases(&g) - 1.0);
        CHECK_CLOSE("sqrt(S - 1)", c, sqrt(images / signal), want, 5.0 * sqrt(2.0 / (double)trials) * want);
    }
}

/* Strides above 1024 go by FFT: error of a transform at most about eps log2(s) sqrt(s) ||g||, taken as eps log2(s) sum|g|. */
static void a_long_stride_is_the_same_transform(void)
{
    enum { STRIDE = 1500 };
    static double gain[STRIDE];
    static tconv_complex image[STRIDE];
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].stride = STRIDE;
    random_taps(gain, STRIDE);
    CHECK(tconv_images_of_gains(&g, gain, image) == TCONV_OK);
    double magnitude = 0.0;
    for (size_t q = 0; q < STRIDE; q++)
        magnitude += fabs(gain[q]);
    for (size_t round = 0; round < test_rounds(200); round++) {
        size_t m = random_between(0, STRIDE - 1);
        long double re = 0.0L, im = 0.0L;
        for (size_t q = 0; q < STRIDE; q++) {
            long double angle = 6.283185307179586476925L * (long double)(m * q % STRIDE) / STRIDE;
            re += gain[q] * cosl(angle);
            im -= gain[q] * sinl(angle);
        }
        CHECK_CLOSE("re", m, image[m].re, (double)re, DBL_EPSILON * 11.0 * magnitude);
        CHECK_CLOSE("im", m, image[m].im, (double)im, DBL_EPSILON * 11.0 * magnitude);
    }
}

const struct test_suite suite = { "images", {
    { "images at DC are the DFT of the branch gains, and obey Parseval, in 1-D", duality_and_parseval_in_1d },
    { "images at DC are the DFT of the branch gains, and obey Parseval, in 2-D", duality_and_parseval_in_2d },
    { "images at DC are the DFT of the branch gains, and obey Parseval, in 3-D", duality_and_parseval_in_3d },
    { "equal gains have no image at all", equal_gains_have_no_image_at_all },
    { "a kernel of ones has the index of its closed form", a_kernel_of_ones_has_the_index_of_its_closed_form },
    { "ones in several axes multiply", ones_in_several_axes_multiply },
    { "even symmetric kernels have index zero at stride two", even_symmetric_kernels_have_index_zero_at_stride_two },
    { "random taps have the index of the number of phases on average",
      random_taps_have_the_index_of_the_number_of_phases_on_average },
    { "a stride above 1024, which goes by FFT, has the same images", a_long_stride_is_the_same_transform },
    { NULL, NULL } } };
