/* Responses: against FFTW in quadruple precision, the sum in long double, SciPy's freqz, and each other. */
#include "testing.h"

#include <fftw3.h>   /* before complex.h: its complex numbers are pairs */

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_vectors.h"

#define PI_L 3.14159265358979323846264338327950288L
#define MOST ((size_t)1 << 18)
#define UNIT (DBL_EPSILON / 2)

static tconv_geometry line_of(size_t k, size_t d)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = k;
    g.axis[0].dilation = d;
    return g;
}

/* H of one kernel by a plan made for it. */
static bool respond(const tconv_geometry *g, const double *taps, const size_t *n_fft, tconv_complex *response)
{
    tconv_response *plan;
    tconv_error error = { .message = "" };
    bool made = tconv_response_create(&plan, g, n_fft, TCONV_F64, &error) == TCONV_OK;
    CHECK_MESSAGE(made, "a plan: %s", error.message);
    if (made)
        tconv_response_execute(plan, taps, 1, response);
    tconv_response_destroy(plan);
    return made;
}

#if defined(FFTW_DEFINE_API) && defined(__GNUC__) && !defined(__clang__)
__extension__ typedef __float128 quad;

/* |H - exact|_2 / |exact|_2, exact by FFTW in quadruple precision. */
static double error_against_quad(const double *taps, size_t k, size_t n, const tconv_complex *response)
{
    quad *in = fftwq_malloc(n * sizeof *in), error = 0, norm = 0;
    fftwq_complex *out = fftwq_malloc((n / 2 + 1) * sizeof *out);
    fftwq_plan plan = fftwq_plan_dft_r2c_1d((int)n, in, out, FFTW_ESTIMATE);
    for (size_t i = 0; i < n; i++)
        in[i] = i < k ? (quad)taps[i] : 0;
    fftwq_execute(plan);
    for (size_t j = 0; j <= n / 2; j++) {
        quad re = response[j].re - out[j][0], im = response[j].im - out[j][1];
        error += re * re + im * im;
        norm += out[j][0] * out[j][0] + out[j][1] * out[j][1];
    }
    fftwq_destroy_plan(plan);
    fftwq_free(in);
    fftwq_free(out);
    return sqrt((double)(error / norm));
}

static void a_transform_is_within_one_unit_times_the_root_of_log_n_of_quadruple_precision(void)
{
    static double taps[MOST];
    static tconv_complex response[MOST / 2 + 1];
    static const size_t others[] = { 20, 96, 243, 1000, 3125, 1022, 65538, 65537 };   /* the last three have large prime factors */
    for (size_t c = 0; c < 15 + 8; c++) {
        size_t n = c < 15 ? (size_t)16 << c : others[c - 15];
        size_t lengths[] = { n, n / 2 + 1, 16 };
        for (size_t l = 0; l < 3; l++) {
            tconv_geometry g = line_of(lengths[l], 1);
            for (size_t i = 0; i < lengths[l]; i++)
                taps[i] = random_uniform(-0.5, 0.5);
            if (respond(&g, taps, &n, response))
                CHECK_CLOSE("L2 error", n, error_against_quad(taps, lengths[l], n, response), 0.0,
                            (c < 20 ? 1.0 : 2.0) * UNIT * sqrt(log2((double)n)));
        }
    }
}
#else
static void a_transform_is_within_one_unit_times_the_root_of_log_n_of_quadruple_precision(void)
{
    test_skip("this compiler does not have FFTW's quadruple precision");
}
#endif

/* Every product of the definition, in long double. */
static long double complex by_definition(const tconv_geometry *g, const double *taps, const double *f)
{
    long double complex sum = 0.0L;
    for (size_t t = 0; t < tconv_geometry_taps(g); t++) {
        size_t rest = t;
        long double turns = 0.0L;
        for (size_t i = g->ndim; i-- > 0; rest /= g->axis[i].n_taps)
            turns += (long double)(g->axis[i].dilation * (rest % g->axis[i].n_taps)) * (long double)f[i];
        turns -= rintl(turns);
        sum += taps[t] * (cosl(2.0L * PI_L * turns) - sinl(2.0L * PI_L * turns) * _Complex_I);
    }
    return sum;
}

static tconv_geometry random_geometry(size_t ndim)
{
    static const size_t most[] = { 0, 200, 14, 6 };
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++) {
        g.axis[i].n_taps = random_between(1, most[ndim]);
        g.axis[i].dilation = random_between(1, 3);
    }
    return g;
}

static double magnitude_of(const double *taps, size_t count)
{
    double sum = 0.0;
    for (size_t t = 0; t < count; t++)
        sum += fabs(taps[t]);
    return sum;
}

/* The sum's phasors are products of two (a block's base and a turn), each right to about 3u, and of one for every
 * further axis; rows are added plainly, at most 200 u sum|h|: (k_last/2 + 4 D + 2) eps sum|h|. */
static void any_frequency_is_the_sum_in_long_double(void)
{
    static double taps[4096];
    if (!test_long_double())
        return;
    for (size_t round = 0; round < test_rounds(2000); round++) {
        tconv_geometry g = random_geometry(random_between(1, 3));
        size_t count = tconv_geometry_taps(&g);
        random_taps(taps, count);
        double f[TCONV_MAX_NDIM];
        for (size_t i = 0; i < g.ndim; i++)
            f[i] = random_uniform(-2.0, 2.0) * (round % 3 == 0 ? 1e4 : 1.0);
        tconv_complex got;
        CHECK(tconv_response_at(&g, taps, f, 1, &got) == TCONV_OK);
        long double complex want = by_definition(&g, taps, f);
        double tolerance = ((double)g.axis[g.ndim - 1].n_taps / 2.0 + 4.0 * (double)g.ndim + 2.0) * DBL_EPSILON
                           * magnitude_of(taps, count);
        CHECK_CLOSE("real part", round, got.re, (double)creall(want), tolerance);
        CHECK_CLOSE("imaginary part", round, got.im, (double)cimagl(want), tolerance);
    }
}

/* Any circle, also one shorter than the kernel, in 1 to 3 dimensions: the transform against the sum. An FFT is right in
 * the norm: a single value may be off by that of all, sqrt(N) ||h||. */
static void a_grid_is_the_sum_at_its_frequencies(void)
{
    static double taps[4096];
    static tconv_complex grid[65536];
    for (size_t round = 0; round < test_rounds(600); round++) {
        tconv_geometry g = random_geometry(random_between(1, 3));
        size_t n[TCONV_MAX_NDIM], count = tconv_geometry_taps(&g), total = 1;
        if (round % 3 == 0)
            g.axis[0].n_taps = random_between(1, g.ndim == 1 ? 40 : 5);
        count = tconv_geometry_taps(&g);
        for (size_t i = 0; i < g.ndim; i++) {
            n[i] = random_between(1, g.ndim == 1 ? 600 : g.ndim == 2 ? 60 : 20);
            total *= n[i];
        }
        random_taps(taps, count);
        if (!respond(&g, taps, n, grid))
            return;
        size_t last = n[g.ndim - 1] / 2 + 1;
        double tolerance = ((double)count + 8.0 + 4.0 * log2((double)total + 1.0)) * DBL_EPSILON * magnitude_of(taps, count);
        for (size_t probe = 0; probe < 20; probe++) {
            size_t at = 0;
            double f[TCONV_MAX_NDIM];
            for (size_t i = 0; i < g.ndim; i++) {
                size_t j = random_between(0, (i + 1 == g.ndim ? last : n[i]) - 1);
                at = at * (i + 1 == g.ndim ? last : n[i]) + j;
                f[i] = (double)j / (double)n[i];
            }
            long double complex want = by_definition(&g, taps, f);
            CHECK_CLOSE("re", round, grid[at].re, (double)creall(want), tolerance);
            CHECK_CLOSE("im", round, grid[at].im, (double)cimagl(want), tolerance);
        }
    }
}

static void freqz_of_scipy_agrees(void)
{
    struct vectors *file = vectors_open("response.txt");
    static tconv_complex response[512];
    while (vectors_next(file, "freqz")) {
        size_t k = (size_t)file->parameter[0], points = (size_t)file->parameter[1], n = tconv_response_circle(points);
        tconv_geometry g = line_of(k, 1);
        CHECK(file->n_values == k + 2 * points);
        if (!respond(&g, file->value, &n, response))
            break;
        /* both sides add k products whose phases SciPy makes by Horner's rule: k^2 u at worst */
        double tolerance = ((double)(k * k) + 16.0) * DBL_EPSILON * magnitude_of(file->value, k);
        for (size_t j = 0; j < points; j++) {
            CHECK_CLOSE("re", j, response[j].re, file->value[k + 2 * j], tolerance);
            CHECK_CLOSE("im", j, response[j].im, file->value[k + 2 * j + 1], tolerance);
        }
    }
    vectors_close(file);
}

static void a_batch_is_its_kernels_one_by_one_bit_for_bit(void)
{
    enum { BATCH = 37 };
    static double taps[BATCH * 64];
    static tconv_complex together[BATCH * 513], alone[513];
    static const size_t lengths[] = { 1, 16, 32, 33, 64 }, circles[] = { 2, 64, 91, 1024 };
    for (size_t c = 0; c < 20; c++) {
        size_t k = lengths[c % 5], n = circles[c / 5], count = n / 2 + 1;
        tconv_geometry g = line_of(k, 1 + c % 3);
        tconv_response *plan;
        random_taps(taps, BATCH * k);
        CHECK(tconv_response_create(&plan, &g, &n, TCONV_F64, NULL) == TCONV_OK);
        if (plan == NULL)
            return;
        CHECK(tconv_response_count(plan) == count);
        tconv_response_execute(plan, taps, BATCH, together);
        for (size_t b = 0; b < BATCH; b++) {
            tconv_response_execute(plan, taps + b * k, 1, alone);
            CHECK_SAME(alone, together + b * count, count * sizeof *alone);
        }
        tconv_response_destroy(plan);
    }
}

/* Results of 8 MiB and more are stored past the cache, a line at a time, wherever the array begins; it ends with a line in every
 * second case, and what follows stays as it was. */
static void a_batch_larger_than_the_cache_is_its_kernels_one_by_one_bit_for_bit(void)
{
    static const struct { size_t k, n; tconv_element element; } cases[] = {
        { 3, 64, TCONV_F32 }, { 16, 128, TCONV_F32 }, { 1, 512, TCONV_F32 }, { 4, 64, TCONV_F64 }, { 7, 256, TCONV_F64 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        tconv_geometry g = line_of(cases[c].k, 1);
        size_t size = tconv_element_bytes(cases[c].element), out = 2 * size * (cases[c].n / 2 + 1), batch = ((size_t)8 << 20) / out + 3;
        size_t rooms = (batch * out + 2 * out + 63) / 64 * 64, before = c % 2 == 0 ? (64 - batch * out % 64) % 64 : size;
        unsigned char *room = aligned_alloc(64, rooms), *alone = malloc(out), *together = room + before;
        void *taps = malloc(batch * cases[c].k * size);
        for (size_t i = 0; i < batch * cases[c].k; i++)
            if (cases[c].element == TCONV_F32)
                ((float *)taps)[i] = (float)random_uniform(-1.0, 1.0);
            else
                ((double *)taps)[i] = random_uniform(-1.0, 1.0);
        memset(room, 0x5a, rooms);
        tconv_response *plan;
        CHECK(tconv_response_create(&plan, &g, &cases[c].n, cases[c].element, NULL) == TCONV_OK);
        tconv_response_execute(plan, taps, batch, together);
        bool same = true;
        for (size_t b = 0; b < batch; b++) {
            tconv_response_execute(plan, (char *)taps + b * cases[c].k * size, 1, alone);
            same = same && memcmp(alone, together + b * out, out) == 0;
        }
        CHECK_MESSAGE(same, "case %zu: a response differs from the one computed alone", c);
        for (size_t i = before + batch * out; i < rooms; i++)
            same = same && room[i] == 0x5a;
        CHECK_MESSAGE(same, "case %zu: bytes behind the responses were written", c);
        tconv_response_destroy(plan);
        free(room);
        free(alone);
        free(taps);
    }
}

static void single_precision_is_the_double_one_rounded(void)
{
    static double taps[64];
    static float taps_f32[64], got[2 * 600];
    static tconv_complex want[600];
    for (size_t round = 0; round < test_rounds(200); round++) {
        size_t k = random_between(1, 64), n = random_between(1, 1100);
        tconv_geometry g = line_of(k, 1);
        tconv_response *plan;
        for (size_t i = 0; i < k; i++)
            taps[i] = taps_f32[i] = (float)random_uniform(-1.0, 1.0);
        CHECK(tconv_response_create(&plan, &g, &n, TCONV_F32, NULL) == TCONV_OK);
        if (plan == NULL || !respond(&g, taps, &n, want))
            return;
        tconv_response_execute(plan, taps_f32, 1, got);
        double tolerance = ((double)k + 2.0 * log2((double)n + 1.0) + 2.0) * (double)FLT_EPSILON * magnitude_of(taps, k);
        for (size_t j = 0; j <= n / 2; j++)
            CHECK_CLOSE("single", j, hypot((double)got[2 * j] - want[j].re, (double)got[2 * j + 1] - want[j].im), 0.0, tolerance);
        tconv_response_destroy(plan);
    }
}

static void what_cannot_be_planned_is_refused_in_a_sentence(void)
{
    tconv_geometry g = line_of(3, 1);
    tconv_response *plan = NULL;
    tconv_error error;
    size_t none = 0, huge = (size_t)1 << 40, some = 8;
    CHECK(tconv_response_create(&plan, &g, &none, TCONV_F64, &error) == TCONV_EARGUMENT && plan == NULL);
    CHECK_TEXT(error.message, "n_fft of axis 0 is 0; it is at least 1");
    CHECK(tconv_response_create(&plan, &g, &huge, TCONV_F64, &error) == TCONV_ESIZE && plan == NULL);
    CHECK_TEXT(error.message, "a response of 1099511627776 points along axis 0 is too large");
    CHECK(tconv_response_create(&plan, &g, &some, TCONV_I8, &error) == TCONV_EARGUMENT && plan == NULL);
    CHECK_TEXT(error.message, "a response is computed in f64 or f32");
    double taps[] = { 1, 1, 1 }, f = (double)INFINITY;
    tconv_complex response;
    CHECK(tconv_response_at(&g, taps, &f, 1, &response) == TCONV_EARGUMENT);
    tconv_memory_set_budget(tconv_memory_in_use() + 200);
    CHECK(tconv_response_create(&plan, &g, &some, TCONV_F64, &error) == TCONV_EBUDGET && plan == NULL);
    tconv_memory_set_budget(0);
}

const struct test_suite suite = { "response", {
    { "a transform is within 1.0 u sqrt(log2 N) of quadruple precision",
      a_transform_is_within_one_unit_times_the_root_of_log_n_of_quadruple_precision },
    { "any frequency is the sum in long double", any_frequency_is_the_sum_in_long_double },
    { "a grid is the sum at its frequencies", a_grid_is_the_sum_at_its_frequencies },
    { "SciPy's freqz agrees", freqz_of_scipy_agrees },
    { "a batch is its kernels one by one, bit for bit", a_batch_is_its_kernels_one_by_one_bit_for_bit },
    { "a batch larger than the cache is its kernels one by one, bit for bit",
      a_batch_larger_than_the_cache_is_its_kernels_one_by_one_bit_for_bit },
    { "single precision is the double one, rounded", single_precision_is_the_double_one_rounded },
    { "what cannot be planned is refused in a sentence", what_cannot_be_planned_is_refused_in_a_sentence },
    { NULL, NULL } } };
