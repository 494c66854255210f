/* Resize, then convolution, against the one transposed convolution: every mode and grid, 1-D and 2-D, groups. */
#include "testing_definition.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "design/interpolators.h"
#include "design/resize_conv.h"

#define MOST 8192

/* Output j lies at u in the input: half-pixel (2j + 1 - s)/(2s), asymmetric 2j/(2s); kept as the whole number 2 s u. */
static int64_t place_of(const tconv_resize *resize, int64_t s, int64_t j)
{
    return resize->grid == TCONV_GRID_HALF_PIXEL ? 2 * j + 1 - s : 2 * j;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t rounded(tconv_rounding rounding, int64_t place, int64_t s)
{
    switch (rounding) {
    case TCONV_ROUND_FLOOR: return floor_divide(place, 2 * s);
    case TCONV_ROUND_CEIL: return -floor_divide(-place, 2 * s);
    case TCONV_ROUND_PREFER_CEIL: return floor_divide(place + s, 2 * s);
    default: return -floor_divide(s - place, 2 * s);
    }
}

static int64_t clamp(int64_t i, size_t n)
{
    return i < 0 ? 0 : i >= (int64_t)n ? (int64_t)n - 1 : i;
}

/* One axis of one output: which inputs, how much of each (by the interpolation formulas at u, border samples repeated).
 * *inner = no border sample was repeated. Returns how many. */
static size_t sources(const tconv_resize *resize, size_t axis, size_t n, int64_t j, int64_t *index, double *weight, bool *inner)
{
    int64_t s = (int64_t)resize->scale[axis], place = place_of(resize, s, j);
    size_t count = 0;
    if (resize->mode == TCONV_RESIZE_NEAREST) {
        index[0] = rounded(resize->rounding, place, s);
        weight[0] = 1.0;
        count = 1;
    } else {
        static const tconv_interpolator kinds[] = { TCONV_NEAREST, TCONV_LINEAR, TCONV_CUBIC, TCONV_CUBIC75 };
        int64_t reach = resize->mode == TCONV_RESIZE_LINEAR ? 1 : 2, base = floor_divide(place, 2 * s);
        for (int64_t i = base - reach + 1; i <= base + reach; i++) {
            index[count] = i;
            weight[count++] = tconv_interpolator_at(kinds[resize->mode], (double)(place - 2 * s * i) / (2.0 * (double)s));
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (index[i] != clamp(index[i], n) && weight[i] != 0.0)
            *inner = false;
        index[i] = clamp(index[i], n);
    }
    return count;
}

/* (channels, n1..nD) -> (channels, s1 n1..sD nD); inner[j] for one channel. */
static void resized_by_definition(const tconv_resize *resize, size_t ndim, size_t channels, const double *x, const size_t *n_in, double *z,
                                  bool *inner, size_t *n_out)
{
    size_t many_in = 1, many_out = 1;
    for (size_t i = 0; i < ndim; i++) {
        n_out[i] = n_in[i] * resize->scale[i];
        many_in *= n_in[i];
        many_out *= n_out[i];
    }
    for (size_t c = 0; c < channels; c++)
        for (size_t j = 0; j < many_out; j++) {
            size_t at[2] = { 0, 0 }, count[2] = { 1, 1 };
            int64_t index[2][4] = { { 0 }, { 0 } };
            double weight[2][4] = { { 1.0 }, { 1.0 } }, sum = 0.0;
            inner[j] = true;
            index_to_vector(j, n_out, ndim, at);
            for (size_t i = 0; i < ndim; i++)
                count[i] = sources(resize, i, n_in[i], (int64_t)at[i], index[i], weight[i], &inner[j]);
            for (size_t a = 0; a < count[0] * count[1]; a++) {
                size_t a0 = a / count[1], a1 = a % count[1];
                size_t place = ndim == 1 ? (size_t)index[0][a0] : (size_t)index[0][a0] * n_in[1] + (size_t)index[1][a1];
                sum += weight[0][a0] * (ndim == 1 ? 1.0 : weight[1][a1]) * x[c * many_in + place];
            }
            z[c * many_out + j] = sum;
        }
}

/* Where a convolution looks at inner samples only: the convolution of "not inner" with ones is zero. */
static bool sees_inner_samples(const tconv_convolution *c, const bool *inner, const size_t *n_mid, const size_t *n_out, size_t j)
{
    size_t n[2] = { 0, 0 }, r[2] = { 0, 0 }, taps = c->n_taps[0] * (c->ndim == 2 ? c->n_taps[1] : 1);
    index_to_vector(j, n_out, c->ndim, n);
    for (size_t t = 0; t < taps; t++) {
        size_t at = 0;
        bool inside = true;
        index_to_vector(t, c->n_taps, c->ndim, r);
        for (size_t i = 0; i < c->ndim; i++) {
            int64_t place = (int64_t)(n[i] + c->dilation[i] * r[i]) - c->pad_begin[i];
            inside = inside && place >= 0 && place < (int64_t)n_mid[i];
            at = inside ? at * n_mid[i] + (size_t)place : 0;
        }
        if (inside && !inner[at])
            return false;
        /* Zeros of the convolution's padding stand where the transposed convolution goes on interpolating towards zero. */
        if (!inside)
            return false;
    }
    return true;
}

static void one_transposed_convolution_does_both(void)
{
    static double x[MOST], z[MOST], want[MOST], y[MOST], weights[512], bias[8];
    static bool inner[MOST];
    size_t compared = 0, whole = 0;
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_convolution c = tconv_convolution_default(random_between(1, 2));
        tconv_resize resize = { .mode = (tconv_resize_mode)random_between(0, 3), .rounding = (tconv_rounding)random_between(0, 3),
                                .grid = random_bits() % 2 == 0 ? TCONV_GRID_HALF_PIXEL : TCONV_GRID_ASYMMETRIC };
        size_t n_in[2], n_mid[2] = { 0, 0 }, n_want[2] = { 0, 0 }, n_out[2] = { 0, 0 }, weights_per_pair = 1, inputs = 1;
        c.groups = random_between(1, 2);
        c.channels_in = c.groups * random_between(1, 2);
        c.channels_out = c.groups * random_between(1, 2);
        for (size_t i = 0; i < c.ndim; i++) {
            resize.scale[i] = random_between(1, 4);
            c.n_taps[i] = random_between(1, 4);
            c.dilation[i] = random_between(1, 2);
            c.pad_begin[i] = (int64_t)random_between(0, 3);
            c.pad_end[i] = (int64_t)random_between(0, 3);
            weights_per_pair *= c.n_taps[i];
            inputs *= n_in[i] = random_between(5, 7);
        }
        random_taps(weights, c.channels_out * c.channels_in / c.groups * weights_per_pair);
        random_taps(bias, 8);
        random_taps(x, c.channels_in * inputs);
        c.weights = weights;
        c.bias = round % 3 == 0 ? NULL : bias;
        resized_by_definition(&resize, c.ndim, c.channels_in, x, n_in, z, inner, n_mid);
        size_t count = convolved_by_definition(&c, z, n_mid, want, n_want, MOST);
        tconv_kernel *kernel;
        CHECK(tconv_resize_conv(&resize, &c, &kernel, NULL) == TCONV_OK);
        CHECK(transposed_by_definition(kernel, x, n_in, y, n_out, MOST) == count);
        bool exact = resize.mode == TCONV_RESIZE_NEAREST && ((resize.grid == TCONV_GRID_ASYMMETRIC && resize.rounding == TCONV_ROUND_FLOOR)
                     || (resize.grid == TCONV_GRID_HALF_PIXEL && resize.rounding <= TCONV_ROUND_PREFER_CEIL));
        size_t per_channel = count / c.channels_out;
        for (size_t j = 0; j < count; j++)
            if (exact || sees_inner_samples(&c, inner, n_mid, n_want, j % per_channel)) {
                CHECK_CLOSE("output", j, y[j], want[j], 1e-13);
                compared++;
                whole += exact ? 1 : 0;
            }
        CHECK(memcmp(n_out, n_want, sizeof n_out) == 0);
        CHECK_TEXT(kernel->operator_name, "Resize+Conv");
        tconv_kernel_destroy(kernel);
    }
    CHECK(compared > 30 * test_rounds(1000) && whole > 10 * test_rounds(1000));
}

/* Whatever the weights, H vanishes at all m/s: branch sums are equal. Weights are whole numbers, so exactly. */
static void nearest_has_even_branches(void)
{
    for (size_t s = 1; s <= 8; s++)
        for (size_t k = 1; k <= 7; k++) {
            tconv_convolution c = tconv_convolution_default(1);
            tconv_resize resize = { .scale = { s }, .grid = TCONV_GRID_ASYMMETRIC, .rounding = TCONV_ROUND_FLOOR };
            double weights[8], sum[8] = { 0 };
            for (size_t r = 0; r < k; r++)
                weights[r] = (double)random_small_integer(9);
            c.n_taps[0] = k;
            c.weights = weights;
            tconv_kernel *kernel;
            CHECK(tconv_resize_conv(&resize, &c, &kernel, NULL) == TCONV_OK && tconv_kernel_count(kernel) == s + k - 1);
            for (size_t n = 0; n < s + k - 1; n++)
                sum[n % s] += kernel->taps[n];
            for (size_t q = 1; q < s; q++)
                CHECK(sum[q] == sum[0]);
            tconv_kernel_destroy(kernel);
        }
}

static void what_is_no_transposed_convolution_is_refused(void)
{
    static const double one[4] = { 1.0 };
    static const struct { tconv_resize resize; size_t n_taps; tconv_status status; const char *message; } cases[] = {
        { { .scale = { 2 }, .grid = TCONV_GRID_ALIGN_CORNERS }, 1, TCONV_EUNSUPPORTED,
          "resizing with aligned corners is no transposed convolution: its steps are no whole fraction of a sample; half-pixel and asymmetric are supported" },
        { { .scale = { 0 } }, 1, TCONV_EARGUMENT, "the scale is 0; 1 to 65536 is allowed" },
        { { .scale = { 65537 } }, 1, TCONV_EARGUMENT, "the scale is 65537; 1 to 65536 is allowed" },
        { { .scale = { 2 }, .mode = (tconv_resize_mode)4 }, 1, TCONV_EARGUMENT, "there is no resize mode number 4" },
        { { .scale = { 2 }, .rounding = (tconv_rounding)4 }, 1, TCONV_EARGUMENT, "there is no rounding number 4" },
        { { .scale = { 2 } }, 0, TCONV_EGEOMETRY, "the kernel size is 0; 1 to 1073741824 is allowed" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_convolution c = tconv_convolution_default(1);
        tconv_kernel *kernel;
        tconv_error error;
        c.n_taps[0] = cases[i].n_taps;
        c.weights = one;
        CHECK(tconv_resize_conv(&cases[i].resize, &c, &kernel, &error) == cases[i].status && kernel == NULL);
        CHECK_TEXT(error.message, cases[i].message);
    }
}

const struct test_suite suite = { "resize_conv", {
    { "one transposed convolution does both", one_transposed_convolution_does_both },
    { "nearest has even branches", nearest_has_even_branches },
    { "what is no transposed convolution is refused", what_is_no_transposed_convolution_is_refused },
    { NULL, NULL } } };
