/* Geometry against its definitions by brute force: the scatter equation y[s*i + d*r - pb] += x[i] w[r], and the strided
 * windows of the forward convolution. Every combination of small figures, the worked numbers, the padding dialects,
 * the edges of the integer range, and the sentences that refuse what cannot be. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

#define MOST 6          /* s, k, d, N = 1..MOST, every combination */
#define MOST_SIZE 128   /* no output of these combinations is longer */

static const int64_t pads[] = { -2, -1, 0, 1, 2, 3, 5, 9 };
#define N_PADS (sizeof pads / sizeof pads[0])

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static tconv_axis axis_of(size_t k, size_t s, size_t d, int64_t pad_begin, int64_t pad_end)
{
    return (tconv_axis){ .stride = s, .n_taps = k, .dilation = d, .pad_begin = pad_begin, .pad_end = pad_end };
}

#define AXIS_FORMAT "k %zu s %zu d %zu pb %lld pe %lld o %zu"
#define AXIS_VALUES(a) (a).n_taps, (a).stride, (a).dilation, (long long)(a).pad_begin, (long long)(a).pad_end, (a).output_padding

/* Calls `visit` for every k, s, d <= MOST and every pair of `pads`. */
static void for_every_axis(void (*visit)(const tconv_axis *axis))
{
    for (size_t k = 1; k <= MOST; k++)
        for (size_t s = 1; s <= MOST; s++)
            for (size_t d = 1; d <= MOST; d++)
                for (size_t b = 0; b < N_PADS; b++)
                    for (size_t e = 0; e < N_PADS; e++) {
                        tconv_axis axis = axis_of(k, s, d, pads[b], pads[e]);
                        visit(&axis);
                    }
}

/* ---- sizes ---- */

/* One past the last n = s*i + d*r that the scatter equation writes, before any crop. */
static int64_t scatter_length(const tconv_axis *axis, size_t n_in)
{
    int64_t last = -1;
    for (size_t i = 0; i < n_in; i++)
        for (size_t r = 0; r < axis->n_taps; r++) {
            int64_t n = (int64_t)(axis->stride * i + axis->dilation * r);
            last = n > last ? n : last;
        }
    return last + 1;
}

static void size_is_scattered(const tconv_axis *given)
{
    tconv_axis axis = *given;
    bool right = true;
    for (axis.output_padding = 0; axis.output_padding < larger(axis.stride, axis.dilation); axis.output_padding++)
        for (size_t n_in = 1; n_in <= MOST; n_in++) {
            int64_t want = scatter_length(&axis, n_in) - axis.pad_begin - axis.pad_end + (int64_t)axis.output_padding;
            size_t got = 12345;
            int64_t slope, constant;
            tconv_error error;
            tconv_status status = tconv_axis_output_size(&axis, n_in, &got, &error);
            tconv_axis_output_formula(&axis, &slope, &constant);
            right = right && tconv_axis_check(&axis, &error) == TCONV_OK
                 && (want >= 1 ? status == TCONV_OK && got == (size_t)want : status == TCONV_EGEOMETRY && got == 12345)
                 && slope * (int64_t)n_in + constant == want;
            if (!right) {
                CHECK_MESSAGE(right, AXIS_FORMAT " N %zu: size %zu, wanted %lld", AXIS_VALUES(axis), n_in, got, (long long)want);
                return;
            }
        }
    CHECK(right);
}

static void the_output_size_is_what_the_scatter_equation_fills(void)
{
    for_every_axis(size_is_scattered);
}

/* How many windows of the dilated kernel fit into M samples with their padding: i = 0, 1, .. while the last tap of
 * window i, s*i + d*(k-1) - pb, is not beyond the last padded sample, M - 1 + pe. */
static size_t windows(const tconv_axis *axis, int64_t n_out)
{
    size_t count = 0;
    while ((int64_t)(axis->stride * count + axis->dilation * (axis->n_taps - 1)) - axis->pad_begin <= n_out - 1 + axis->pad_end)
        count++;
    return count;
}

static void valid_sizes_are_those_that_come_back(const tconv_axis *axis)
{
    size_t fit[MOST_SIZE];
    bool right = true;
    for (size_t m = 1; m < MOST_SIZE; m++) {
        size_t got = 0;
        fit[m] = windows(axis, (int64_t)m);
        tconv_status status = tconv_axis_forward_size(axis, m, &got, NULL);
        right = right && (fit[m] >= 1 ? status == TCONV_OK && got == fit[m] : status == TCONV_EGEOMETRY);
    }
    CHECK_MESSAGE(right, AXIS_FORMAT ": the forward size is the number of windows", AXIS_VALUES(*axis));
    for (size_t n_in = 1; n_in <= MOST && right; n_in++) {
        size_t first, count, below_one = 0;
        right = tconv_axis_valid_sizes(axis, n_in, &first, &count, NULL) == TCONV_OK;
        for (size_t m = 1; m < MOST_SIZE; m++)
            right = right && (fit[m] == n_in) == (m >= first && m < first + count);
        for (size_t o = 0; o < axis->stride; o++)
            below_one += scatter_length(axis, n_in) - axis->pad_begin - axis->pad_end + (int64_t)o < 1;
        right = right && count + below_one == axis->stride && first + count < MOST_SIZE;
        CHECK_MESSAGE(right, AXIS_FORMAT " N %zu: %zu valid sizes from %zu", AXIS_VALUES(*axis), n_in, count, first);
    }
}

static void the_forward_convolution_returns_n_for_the_s_valid_sizes_and_no_other(void)
{
    for_every_axis(valid_sizes_are_those_that_come_back);
}

static void output_padding_beyond_the_stride_appends_samples_that_no_tap_reaches(void)
{
    tconv_axis axis = axis_of(2, 2, 5, 1, 1);
    for (axis.output_padding = 2; axis.output_padding < 5; axis.output_padding++) {
        size_t n_out;
        CHECK(tconv_axis_check(&axis, NULL) == TCONV_OK);
        CHECK(tconv_axis_output_size(&axis, 4, &n_out, NULL) == TCONV_OK);
        for (int64_t n = scatter_length(&axis, 4) - axis.pad_begin - axis.pad_end + 1; n < (int64_t)n_out; n++)
            for (int64_t i = 0; i < 4; i++)
                for (int64_t r = 0; r < 2; r++)
                    CHECK(2 * i + 5 * r - axis.pad_begin != n);
    }
}

static void sizes_near_the_integer_range_are_exact_or_refused(void)
{
    static const struct {
        size_t s, k;
        int64_t pb;
        uint64_t n_in, want;   /* want 0: no int64, TCONV_ESIZE */
    } cases[] = {
        { 1, 1, 0, INT64_MAX, INT64_MAX },
        { 1, 1, 0, (uint64_t)INT64_MAX + 1, 0 },
        { 1, 1, 1, (uint64_t)INT64_MAX + 1, INT64_MAX },
        { 1, 1, 1, INT64_MAX, INT64_MAX - 1 },
        { 1, 2, 0, INT64_MAX, 0 },
        { 1, 2, 0, INT64_MAX - 1, INT64_MAX },
        { 1, 2, 1, INT64_MAX, INT64_MAX },
        { 1, 1, -1, INT64_MAX, 0 },
        { 2, 1, 0, UINT64_C(1) << 62, INT64_MAX },
        { 2, 2, 0, UINT64_C(1) << 62, 0 },
        { 2, 1, 0, (UINT64_C(1) << 62) + 1, 0 },
        { 2, 1, 2, (UINT64_C(1) << 62) + 1, INT64_MAX },
        { 65536, 1, 0, UINT64_C(1) << 47, (UINT64_C(1) << 63) - 65535 },
        { 65536, 65535, 0, UINT64_C(1) << 47, INT64_MAX },
        { 65536, 65536, 0, UINT64_C(1) << 47, 0 },
        { 65536, 65536, TCONV_MAX_PADDING, UINT64_C(1) << 47, (UINT64_C(1) << 63) - (UINT64_C(1) << 30) },
        { 1, 1, 0, UINT64_MAX, 0 },
        { 2, 1, 0, UINT64_MAX, 0 },
        { 65536, 1, 0, UINT64_MAX, 0 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_axis axis = axis_of(cases[c].k, cases[c].s, 1, cases[c].pb, 0);
        size_t n_out = 7;
        tconv_error error = { .message = "" };
        tconv_status status = tconv_axis_output_size(&axis, cases[c].n_in, &n_out, &error);
        if (cases[c].want == 0)
            CHECK_MESSAGE(status == TCONV_ESIZE && n_out == 7 && error.message[0] != '\0', "case %zu is refused", c);
        else
            CHECK_MESSAGE(status == TCONV_OK && n_out == cases[c].want, "case %zu: %zu", c, n_out);
    }
}

static void valid_sizes_and_forward_sizes_near_the_integer_range(void)
{
    tconv_axis axis = axis_of(1, 2, 1, 0, 0);
    size_t first = 0, count = 0, n_in = 0;
    CHECK(tconv_axis_valid_sizes(&axis, (size_t)1 << 62, &first, &count, NULL) == TCONV_ESIZE);   /* 2^63 - 1 and 2^63 */
    axis.pad_begin = 1;
    CHECK(tconv_axis_valid_sizes(&axis, (size_t)1 << 62, &first, &count, NULL) == TCONV_OK);
    CHECK(first == (size_t)INT64_MAX - 1 && count == 2);
    CHECK(tconv_axis_valid_sizes(&axis, ((size_t)1 << 62) + 1, &first, &count, NULL) == TCONV_ESIZE);
    CHECK(tconv_axis_valid_sizes(&axis, SIZE_MAX, &first, &count, NULL) == TCONV_ESIZE);
    axis = axis_of(1, 1, 1, 0, 0);
    CHECK(tconv_axis_valid_sizes(&axis, (size_t)INT64_MAX, &first, &count, NULL) == TCONV_OK);
    CHECK(first == (size_t)INT64_MAX && count == 1);
    CHECK(tconv_axis_forward_size(&axis, (size_t)INT64_MAX, &n_in, NULL) == TCONV_OK && n_in == (size_t)INT64_MAX);
    CHECK(tconv_axis_forward_size(&axis, (size_t)INT64_MAX + 1, &n_in, NULL) == TCONV_ESIZE);
    CHECK(tconv_axis_forward_size(&axis, SIZE_MAX, &n_in, NULL) == TCONV_ESIZE);
    axis.pad_end = 2;
    CHECK(tconv_axis_forward_size(&axis, (size_t)INT64_MAX, &n_in, NULL) == TCONV_ESIZE);
}

static void sizes_of_nothing_are_refused_in_words(void)
{
    tconv_axis axis = axis_of(4, 2, 1, 3, 3);
    size_t size, count;
    tconv_error error;
    CHECK(tconv_axis_output_size(&axis, 0, &size, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "the input size is 0; at least 1 is allowed");
    CHECK(tconv_axis_valid_sizes(&axis, 0, &size, &count, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "the input size is 0; at least 1 is allowed");
    CHECK(tconv_axis_output_size(&axis, 2, &size, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "an input of 2 samples gives an output of 0; the padding crops everything");
    axis.pad_begin = axis.pad_end = -1;
    CHECK(tconv_axis_forward_size(&axis, 5, &size, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "5 samples with padding -1 and -1 are shorter than the kernel's 4");
}

/* ---- alignment ---- */

static void offsets_are_their_formulas(const tconv_axis *axis)
{
    double k_eff = (double)(axis->dilation * (axis->n_taps - 1) + 1), s = (double)axis->stride, pb = (double)axis->pad_begin;
    double p_prime = k_eff - 1.0 - pb;
    double field = ((k_eff - 1.0) - 2.0 * p_prime) / (2.0 * s);
    /* Half-pixel grid at j = 0: 1/(2 s) - 1/2. Positions are a few units and quotients of integers: a few roundings. */
    double pixel = (pb - (k_eff - 1.0) / 2.0) / s - (0.5 / s - 0.5);
    bool right = (double)tconv_axis_correlation_padding(axis) == p_prime && (double)tconv_axis_effective_taps(axis) == k_eff
              && tconv_axis_receptive_field_offset(axis) == field
              && fabs(tconv_axis_pixel_offset(axis) - pixel) <= 16.0 * DBL_EPSILON * (1.0 + fabs(pixel))
              && (tconv_axis_pixel_offset(axis) == 0.0) == (k_eff - s == 2.0 * pb);
    /* The geometric centre is the centroid of a symmetric kernel. */
    right = right && fabs(tconv_axis_centroid_offset(axis, (k_eff - 1.0) / 2.0) - field) <= 4.0 * DBL_EPSILON * fabs(field);
    /* Raising both the crop by one moves the centre of output j to that of output j + 1: a shift of -1 output sample. */
    tconv_axis raised = *axis;
    raised.pad_begin++;
    right = right && fabs(tconv_axis_receptive_field_offset(&raised) - field - 1.0 / s) <= 8.0 * DBL_EPSILON * (1.0 + fabs(field));
    CHECK_MESSAGE(right, AXIS_FORMAT ": alignment", AXIS_VALUES(*axis));
}

static void alignment_is_its_formulas_for_every_axis(void)
{
    for_every_axis(offsets_are_their_formulas);
}

/* The centre of output j's receptive field from the scatter equation: the mean place i of the inputs that a kernel of
 * ones, so long that the borders are far, adds into it: averaged over one period of phases it is u(0) + j/s exactly
 * when s divides k. */
static void the_receptive_field_is_centred_where_the_scatter_equation_puts_it(void)
{
    for (size_t s = 1; s <= 4; s++)
        for (size_t k = s; k <= 16; k += s)
            for (int64_t pb = 0; pb < 6; pb++) {
                tconv_axis axis = axis_of(k, s, 1, pb, 0);
                double mean = 0.0;
                for (int64_t j = 40; j < 40 + (int64_t)s; j++) {
                    double sum = 0.0, count = 0.0;
                    for (int64_t i = 0; i < 100; i++) {
                        int64_t r = j + pb - (int64_t)s * i;
                        if (r >= 0 && r < (int64_t)k) {
                            sum += (double)i;
                            count += 1.0;
                        }
                    }
                    mean += sum / count / (double)s;
                }
                double middle = 40.0 + (double)(s - 1) / 2.0;
                CHECK_CLOSE("u", s * 100 + k, tconv_axis_receptive_field_offset(&axis) + middle / (double)s, mean, 1e-12);
            }
}

static void the_worked_numbers_of_alignment(void)
{
    static const struct {
        const char *what;
        size_t k, s;
        int64_t p, correlation;
        double field, pixel;
    } cases[] = {
        { "k=3, p'=1, s=2", 3, 2, 1, 1, 0.0, 0.25 },
        { "k=5, p'=1, s=2", 5, 2, 3, 1, 0.5, 0.75 },
        { "k=4 s=2 p=1 is on the half-pixel grid", 4, 2, 1, 2, -0.25, 0.0 },
        { "k=16 s=8 p=4 is on the half-pixel grid", 16, 8, 4, 11, -7.0 / 16.0, 0.0 },
        { "k=2 s=2 p=0 is on the half-pixel grid", 2, 2, 0, 1, -0.25, 0.0 },
        { "k=10 s=5 p=3 of a codec", 10, 5, 3, 6, -0.3, 0.1 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_axis axis = axis_of(cases[c].k, cases[c].s, 1, cases[c].p, cases[c].p);
        CHECK_CLOSE(cases[c].what, 0, tconv_axis_receptive_field_offset(&axis), cases[c].field, 0.0);
        CHECK_CLOSE(cases[c].what, 1, tconv_axis_pixel_offset(&axis), cases[c].pixel, 0.0);
        CHECK(tconv_axis_correlation_padding(&axis) == cases[c].correlation);
        /* the textbook's (k - 1 - 2p')/4 for s = 2 */
        if (cases[c].s == 2)
            CHECK(tconv_axis_receptive_field_offset(&axis) == ((double)cases[c].k - 1.0 - 2.0 * (double)cases[c].correlation) / 4.0);
    }
}

/* u(j) - grid(j) over all j by the definition of each grid. */
static void distance_is_the_largest_over_j(const tconv_axis *axis)
{
    for (size_t n_in = 1; n_in <= MOST; n_in++) {
        size_t n_out;
        double distance = -1.0;
        if (tconv_axis_output_size(axis, n_in, &n_out, NULL) != TCONV_OK) {
            CHECK(tconv_axis_grid_distance(axis, TCONV_GRID_ASYMMETRIC, n_in, &distance, NULL) == TCONV_EGEOMETRY);
            continue;
        }
        double s = (double)axis->stride, centre = (double)(axis->dilation * (axis->n_taps - 1)) / 2.0, want[3] = { 0 };
        for (size_t j = 0; j < n_out; j++) {
            double u = ((double)j + (double)axis->pad_begin - centre) / s;
            double corners = n_out > 1 ? (double)j * (double)(n_in - 1) / (double)(n_out - 1) : 0.0;
            want[TCONV_GRID_HALF_PIXEL] = fmax(want[TCONV_GRID_HALF_PIXEL], fabs(u - (((double)j + 0.5) / s - 0.5)));
            want[TCONV_GRID_ALIGN_CORNERS] = fmax(want[TCONV_GRID_ALIGN_CORNERS], fabs(u - corners));
            want[TCONV_GRID_ASYMMETRIC] = fmax(want[TCONV_GRID_ASYMMETRIC], fabs(u - (double)j / s));
        }
        bool right = true;
        for (int grid = 0; grid < 3 && right; grid++)
            right = tconv_axis_grid_distance(axis, (tconv_grid)grid, n_in, &distance, NULL) == TCONV_OK
                 && fabs(distance - want[grid]) <= 64.0 * DBL_EPSILON * (1.0 + (double)n_out);
        CHECK_MESSAGE(right, AXIS_FORMAT " N %zu: grid distance %g", AXIS_VALUES(*axis), n_in, distance);
    }
}

static void grid_distances_are_the_largest_over_all_outputs(void)
{
    for_every_axis(distance_is_the_largest_over_j);
}

/* ---- gaps and coverage ---- */

/* Taps r with (d*r) mod s = q, by counting. */
static size_t count_taps(const tconv_axis *axis, size_t q)
{
    size_t count = 0;
    for (size_t r = 0; r < axis->n_taps; r++)
        count += axis->dilation * r % axis->stride == q;
    return count;
}

static void coverage_is_what_counting_finds(void)
{
    for (size_t k = 1; k <= 20; k++)
        for (size_t s = 1; s <= 12; s++)
            for (size_t d = 1; d <= 13; d++) {
                tconv_axis axis = axis_of(k, s, d, 2, 1);
                tconv_geometry g = tconv_geometry_default(1);
                g.axis[0] = axis;
                size_t empty = 0, sum = 0, squares = 0;
                bool same = true, even = true;
                for (size_t q = 0; q < s; q++) {
                    size_t count = count_taps(&axis, q);
                    same = same && tconv_axis_coverage(&axis, q) == count;
                    even = even && count == count_taps(&axis, 0);
                    empty += count == 0;
                    sum += count;
                    squares += count * count;
                }
                double mean, variance, want = (double)(squares * s - sum * sum) / (double)(s * s);
                tconv_geometry_coverage(&g, &mean, &variance);
                CHECK_MESSAGE(same && tconv_axis_gap(&axis) == empty && tconv_geometry_connected(&g) == (empty == 0),
                              AXIS_FORMAT ": coverage and gap %zu", AXIS_VALUES(axis), tconv_axis_gap(&axis));
                if (d == 1)
                    CHECK(tconv_axis_gap(&axis) == (k < s ? s - k : 0));
                CHECK_CLOSE("mean", k, mean, (double)k / (double)s, DBL_EPSILON * mean);
                CHECK_CLOSE("variance", k, variance, want, 8.0 * DBL_EPSILON * (double)squares / (double)s);
                CHECK((variance == 0.0) == even);
                if (d == 1) {
                    double share = (double)(k % s) / (double)s;
                    CHECK_CLOSE("(R/s)(1 - R/s)", k, variance, share * (1.0 - share), 4.0 * DBL_EPSILON);
                }
            }
}

static void no_input_reaches_a_gap_and_every_other_output_has_its_coverage(void)
{
    for (size_t k = 1; k <= MOST; k++)
        for (size_t s = 1; s <= MOST; s++)
            for (size_t d = 1; d <= MOST; d++) {
                tconv_axis axis = axis_of(k, s, d, 3, 0);
                bool same = true;
                for (int64_t j = 60; j < 60 + (int64_t)s; j++) {   /* far from both borders: d*(k-1) <= 30 */
                    size_t reached = 0;
                    for (int64_t i = 0; i < 120; i++)
                        for (int64_t r = 0; r < (int64_t)k; r++)
                            reached += (int64_t)s * i + (int64_t)d * r - axis.pad_begin == j;
                    same = same && reached == tconv_axis_coverage(&axis, (size_t)(j + axis.pad_begin) % s);
                }
                CHECK_MESSAGE(same, AXIS_FORMAT ": inputs that reach an output", AXIS_VALUES(axis));
            }
}

static void coverage_of_several_axes_is_their_product(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_geometry g = tconv_geometry_default(random_between(1, 3));
        for (size_t i = 0; i < g.ndim; i++)
            g.axis[i] = axis_of(random_between(1, 9), random_between(1, 6), random_between(1, 4), 0, 0);
        double sum = 0.0, squares = 0.0, mean, variance;
        size_t phases = tconv_geometry_phases(&g), phase[TCONV_MAX_NDIM];
        bool connected = true;
        for (size_t q = 0; q < phases; q++) {
            double count = 1.0;
            tconv_phase_of(&g, q, phase);
            for (size_t i = 0; i < g.ndim; i++)
                count *= (double)count_taps(&g.axis[i], phase[i]);
            sum += count;
            squares += count * count;
            connected = connected && count > 0.0;
        }
        double n = (double)phases, want = (squares - sum * sum / n) / n;
        tconv_geometry_coverage(&g, &mean, &variance);
        CHECK_CLOSE("mean", round, mean, sum / n, 8.0 * DBL_EPSILON * mean);
        CHECK_CLOSE("variance", round, variance, want, 32.0 * DBL_EPSILON * squares / n);
        CHECK(variance >= 0.0 && tconv_geometry_connected(&g) == connected);
    }
}

/* ---- padding dialects ---- */

/* ONNX operator ConvTranspose, opset 11: total_padding = stride*(input - 1) + output_padding + ((kernel - 1)*dilation
 * + 1) - output_shape; SAME_UPPER: begin = total/2, end the rest; otherwise end = total/2, begin the rest. A negative
 * total appends zeros. The first five rows are cases of the ONNX backend test set (convtranspose.py), their outputs
 * read from its expected arrays. */
static const struct {
    const char *what;
    size_t k, s, d, o;
    tconv_auto_pad mode;
    size_t n_in, n_out;                   /* n_out = 0: no output_shape */
    int64_t begin, end;
    size_t output_padding, size;
} onnx_cases[] = {
    { "output_shape, rows: one zero row appended", 3, 3, 1, 0, TCONV_PAD_EXPLICIT, 3, 10, 0, 0, 1, 10 },
    { "output_shape, columns: one zero column appended", 3, 2, 1, 0, TCONV_PAD_EXPLICIT, 3, 8, 0, 0, 1, 8 },
    { "output_shape beside an output_padding that explains it", 3, 3, 1, 1, TCONV_PAD_EXPLICIT, 3, 10, 0, 0, 1, 10 },
    { "auto_pad SAME_UPPER", 3, 2, 1, 0, TCONV_PAD_SAME_UPPER, 3, 0, 0, 1, 0, 6 },
    { "dilations [2,2]", 2, 1, 2, 0, TCONV_PAD_VALID, 3, 0, 0, 0, 0, 5 },
    { "SAME_LOWER, odd total: begin gets the odd sample", 3, 2, 1, 0, TCONV_PAD_SAME_LOWER, 3, 0, 1, 0, 0, 6 },
    { "SAME_UPPER, even total", 4, 2, 1, 0, TCONV_PAD_SAME_UPPER, 5, 0, 1, 1, 0, 10 },
    { "SAME_LOWER, even total", 4, 2, 1, 0, TCONV_PAD_SAME_LOWER, 5, 0, 1, 1, 0, 10 },
    { "SAME_UPPER, total 5", 7, 2, 1, 0, TCONV_PAD_SAME_UPPER, 5, 0, 2, 3, 0, 10 },
    { "SAME_LOWER, total 5", 7, 2, 1, 0, TCONV_PAD_SAME_LOWER, 5, 0, 3, 2, 0, 10 },
    { "SAME_UPPER with an output padding", 3, 2, 1, 1, TCONV_PAD_SAME_UPPER, 4, 0, 1, 1, 1, 8 },
    { "SAME_UPPER with dilation", 3, 2, 2, 0, TCONV_PAD_SAME_UPPER, 4, 0, 1, 2, 0, 8 },
    { "SAME_UPPER, k < s: total clamped, output padding grows", 1, 3, 1, 0, TCONV_PAD_SAME_UPPER, 4, 0, 0, 0, 2, 12 },
    { "SAME_LOWER, k < s: the same", 2, 5, 1, 0, TCONV_PAD_SAME_LOWER, 4, 0, 0, 0, 3, 20 },
    { "NOTSET with output_shape, odd total: begin gets the odd sample", 4, 2, 1, 0, TCONV_PAD_EXPLICIT, 5, 9, 2, 1, 0, 9 },
    { "SAME_UPPER with output_shape, odd total", 4, 2, 1, 0, TCONV_PAD_SAME_UPPER, 5, 9, 1, 2, 0, 9 },
    { "SAME_LOWER with output_shape, odd total", 4, 2, 1, 0, TCONV_PAD_SAME_LOWER, 5, 9, 2, 1, 0, 9 },
    { "NOTSET with output_shape and dilation", 3, 2, 3, 0, TCONV_PAD_EXPLICIT, 4, 8, 3, 2, 0, 8 },
    { "SAME_UPPER with output_shape above what the kernel makes", 2, 3, 1, 0, TCONV_PAD_SAME_UPPER, 3, 10, 0, 0, 2, 10 },
    { "VALID crops nothing", 5, 2, 1, 1, TCONV_PAD_VALID, 3, 0, 0, 0, 1, 10 },
};

static void onnx_padding_follows_its_table(void)
{
    for (size_t c = 0; c < sizeof onnx_cases / sizeof onnx_cases[0]; c++) {
        tconv_axis axis = axis_of(onnx_cases[c].k, onnx_cases[c].s, onnx_cases[c].d, 7, 7);
        axis.output_padding = onnx_cases[c].o;
        tconv_error error = { .message = "" };
        size_t size = 0;
        tconv_status status = tconv_axis_apply_onnx(&axis, onnx_cases[c].mode, onnx_cases[c].n_in, onnx_cases[c].n_out, &error);
        CHECK_MESSAGE(status == TCONV_OK && axis.pad_begin == onnx_cases[c].begin && axis.pad_end == onnx_cases[c].end
                      && axis.output_padding == onnx_cases[c].output_padding,
                      "%s: begin %lld end %lld output padding %zu %s", onnx_cases[c].what, (long long)axis.pad_begin,
                      (long long)axis.pad_end, axis.output_padding, error.message);
        CHECK(tconv_axis_output_size(&axis, onnx_cases[c].n_in, &size, NULL) == TCONV_OK && size == onnx_cases[c].size);
    }
}

static void onnx_padding_makes_the_size_it_was_asked_for(void)
{
    for (size_t k = 1; k <= 7; k++)
        for (size_t s = 1; s <= 4; s++)
            for (size_t d = 1; d <= 3; d++)
                for (size_t n_in = 1; n_in <= 4; n_in++)
                    for (size_t n_out = 0; n_out <= 40; n_out++)
                        for (int mode = TCONV_PAD_EXPLICIT; mode <= TCONV_PAD_SAME_LOWER; mode++) {
                            if (n_out == 0 && mode == TCONV_PAD_EXPLICIT)
                                continue;
                            tconv_axis axis = axis_of(k, s, d, 0, 0);
                            size_t k_eff = d * (k - 1) + 1, want = n_out != 0 ? n_out : s * n_in, got = 0;
                            bool possible = want < s * (n_in - 1) + k_eff + larger(s, d);
                            tconv_status status = tconv_axis_apply_onnx(&axis, (tconv_auto_pad)mode, n_in, n_out, NULL);
                            bool right = status == (possible ? TCONV_OK : TCONV_EGEOMETRY);
                            if (possible) {
                                int64_t odd = mode == TCONV_PAD_SAME_UPPER ? axis.pad_end - axis.pad_begin : axis.pad_begin - axis.pad_end;
                                right = right && tconv_axis_output_size(&axis, n_in, &got, NULL) == TCONV_OK && got == want
                                     && axis.pad_begin >= 0 && axis.pad_end >= 0 && (odd == 0 || odd == 1)
                                     && (axis.output_padding == 0 || axis.pad_begin + axis.pad_end == 0);
                            }
                            CHECK_MESSAGE(right, AXIS_FORMAT " N %zu asked %zu got %zu mode %d", AXIS_VALUES(axis), n_in, n_out, got, mode);
                        }
}

static void onnx_padding_refuses_in_words(void)
{
    tconv_error error;
    tconv_axis axis = axis_of(3, 2, 1, 0, 0);
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_EXPLICIT, 0, 9, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "an output shape needs the input size");
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_EXPLICIT, 3, 9, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "an output of 9 samples from 3 is 1 more than the layer can make");
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_EXPLICIT, (size_t)INT64_MAX, 9, &error) == TCONV_ESIZE);
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_SAME_UPPER, 3, SIZE_MAX, &error) == TCONV_ESIZE);
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_SAME_UPPER, 1, (size_t)INT64_MAX, &error) == TCONV_EGEOMETRY);
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_SAME_UPPER, (size_t)1 << 40, 1, &error) == TCONV_EGEOMETRY);
    axis = axis_of(3, 2, 1, 5, -4);
    axis.output_padding = 1;
    CHECK(tconv_axis_apply_onnx(&axis, TCONV_PAD_EXPLICIT, 0, 0, &error) == TCONV_OK);
    CHECK(axis.pad_begin == 5 && axis.pad_end == -4 && axis.output_padding == 1);
}

static void tensorflow_padding_is_same_or_valid(void)
{
    static const struct {
        size_t k, s, d;
        int64_t begin, end;          /* of SAME */
        size_t grown;
    } cases[] = {
        { 3, 2, 1, 0, 1, 0 }, { 9, 2, 1, 3, 4, 0 }, { 9, 4, 1, 2, 3, 0 }, { 4, 2, 1, 1, 1, 0 }, { 2, 2, 1, 0, 0, 0 },
        { 1, 3, 1, 0, 0, 2 }, { 2, 5, 1, 0, 0, 3 }, { 3, 2, 2, 1, 2, 0 }, { 5, 1, 1, 2, 2, 0 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_axis axis = axis_of(cases[c].k, cases[c].s, cases[c].d, 9, 9);
        CHECK(tconv_axis_apply_tensorflow(&axis, true, NULL) == TCONV_OK);
        CHECK_MESSAGE(axis.pad_begin == cases[c].begin && axis.pad_end == cases[c].end && axis.output_padding == cases[c].grown,
                      "SAME " AXIS_FORMAT, AXIS_VALUES(axis));
    }
    for (size_t k = 1; k <= 9; k++)
        for (size_t s = 1; s <= 6; s++)
            for (size_t d = 1; d <= 3; d++)
                for (size_t n_in = 1; n_in <= 4; n_in++) {
                    tconv_axis axis = axis_of(k, s, d, 9, 9);
                    size_t k_eff = d * (k - 1) + 1, same = 0, valid = 0;
                    CHECK(tconv_axis_apply_tensorflow(&axis, true, NULL) == TCONV_OK);
                    CHECK(tconv_axis_output_size(&axis, n_in, &same, NULL) == TCONV_OK && same == s * n_in);
                    CHECK(tconv_axis_apply_tensorflow(&axis, false, NULL) == TCONV_OK && axis.pad_begin == 0);
                    CHECK(tconv_axis_output_size(&axis, n_in, &valid, NULL) == TCONV_OK);
                    CHECK(valid == s * n_in + (k_eff > s ? k_eff - s : 0));
                }
}

/* ---- mitigation ---- */

static void k3_p1_becomes_k4_p1_and_moves_by_half_an_output_sample(void)
{
    tconv_axis better, axis = axis_of(3, 2, 1, 1, 1);
    double shift;
    CHECK(tconv_axis_even_coverage(&axis, &better, &shift));
    CHECK(better.n_taps == 4 && better.pad_begin == 1);
    CHECK(fabs(shift) * 2.0 == 0.5);                       /* s = 2: in output samples */
    CHECK(tconv_axis_pixel_offset(&better) == 0.0);        /* onto the half-pixel grid */
}

/* Every crop from far before to far behind: the least movement; of two, nearer to the half-pixel grid; then smaller. */
static int64_t best_crop(const tconv_axis *axis, size_t k)
{
    tconv_axis trial = *axis;
    int64_t best = 0;
    double least = INFINITY, nearest = INFINITY;
    trial.n_taps = k;
    for (trial.pad_begin = -60; trial.pad_begin <= 60; trial.pad_begin++) {
        double moved = fabs(tconv_axis_pixel_offset(&trial) - tconv_axis_pixel_offset(axis));
        double off = fabs(tconv_axis_pixel_offset(&trial));
        if (moved < least - 1e-9 || (moved < least + 1e-9 && off < nearest - 1e-9)) {
            best = trial.pad_begin;
            least = moved;
            nearest = off;
        }
    }
    return best;
}

static void even_coverage_is_the_nearest_of_all_crops(const tconv_axis *given)
{
    tconv_axis axis = *given;
    for (axis.output_padding = 0; axis.output_padding < larger(axis.stride, axis.dilation); axis.output_padding++) {
        tconv_axis better = { 0 };
        double shift = 9.0;
        bool can = tconv_axis_even_coverage(&axis, &better, &shift);
        if (tconv_gcd(axis.stride, axis.dilation) != 1) {
            CHECK(!can && memcmp(&better, &axis, sizeof axis) == 0);
            continue;
        }
        size_t k = axis.n_taps;
        while (k % axis.stride != 0)
            k++;
        size_t before = 0, after = 0;
        bool had = tconv_axis_output_size(&axis, 9, &before, NULL) == TCONV_OK;
        bool has = tconv_axis_output_size(&better, 9, &after, NULL) == TCONV_OK;
        CHECK_MESSAGE(can && better.n_taps == k && better.pad_begin == best_crop(&axis, k)
                      && shift == tconv_axis_pixel_offset(&better) - tconv_axis_pixel_offset(&axis)
                      && better.stride == axis.stride && better.dilation == axis.dilation
                      && tconv_axis_check(&better, NULL) == TCONV_OK && had == has && before == after,
                      AXIS_FORMAT ": k' %zu pb' %lld pe' %lld o' %zu, size %zu -> %zu", AXIS_VALUES(axis), better.n_taps,
                      (long long)better.pad_begin, (long long)better.pad_end, better.output_padding, before, after);
    }
}

static void even_coverage_moves_least_and_keeps_the_size(void)
{
    for_every_axis(even_coverage_is_the_nearest_of_all_crops);
}

static void even_coverage_beyond_the_longest_kernel_is_none(void)
{
    tconv_axis better, axis = axis_of(TCONV_MAX_TAPS, 3, 1, 0, 0);
    double shift;
    CHECK(!tconv_axis_even_coverage(&axis, &better, &shift));
    CHECK(better.n_taps == axis.n_taps && shift == 0.0);
}

/* ---- what cannot be ---- */

static const struct {
    const char *message;
    tconv_axis axis;
} bad_axes[] = {
    { "the stride is 0; 1 to 65536 is allowed", { 0, 3, 1, 0, 0, 0 } },
    { "the stride is 65537; 1 to 65536 is allowed", { 65537, 3, 1, 0, 0, 0 } },
    { "the stride is 18446744073709551615; 1 to 65536 is allowed", { SIZE_MAX, 3, 1, 0, 0, 0 } },
    { "the kernel size is 0; 1 to 1073741824 is allowed", { 2, 0, 1, 0, 0, 0 } },
    { "the kernel size is 1073741825; 1 to 1073741824 is allowed", { 2, 1073741825, 1, 0, 0, 0 } },
    { "the dilation is 0; 1 to 1073741824 is allowed", { 2, 3, 0, 0, 0, 0 } },
    { "the dilation is 18446744073709551615; 1 to 1073741824 is allowed", { 2, 3, SIZE_MAX, 0, 0, 0 } },
    { "the padding at the beginning is 1073741825; -1073741824 to 1073741824 is allowed", { 2, 3, 1, 1073741825, 0, 0 } },
    { "the padding at the beginning is -1073741825; -1073741824 to 1073741824 is allowed", { 2, 3, 1, -1073741825, 0, 0 } },
    { "the padding at the end is 9223372036854775807; -1073741824 to 1073741824 is allowed", { 2, 3, 1, 0, INT64_MAX, 0 } },
    { "the padding at the end is -9223372036854775808; -1073741824 to 1073741824 is allowed", { 2, 3, 1, 0, INT64_MIN, 0 } },
    { "the output padding is 2; 0 to 1 (less than stride or dilation) is allowed", { 2, 3, 1, 0, 0, 2 } },
    { "the output padding is 5; 0 to 4 (less than stride or dilation) is allowed", { 2, 3, 5, 0, 0, 5 } },
    { "the output padding is 1; 0 to 0 (less than stride or dilation) is allowed", { 1, 3, 1, 0, 0, 1 } },
    { "dilation 1073741824 makes 3 taps longer than the limit of 1073741824", { 2, 3, (size_t)1 << 30, 0, 0, 0 } },
    { "dilation 2 makes 1073741824 taps longer than the limit of 1073741824", { 2, (size_t)1 << 30, 2, 0, 0, 0 } },
};

static void a_bad_axis_is_refused_in_words(void)
{
    for (size_t c = 0; c < sizeof bad_axes / sizeof bad_axes[0]; c++) {
        tconv_error error = { .status = TCONV_OK };
        CHECK(tconv_axis_check(&bad_axes[c].axis, &error) == TCONV_EGEOMETRY && error.status == TCONV_EGEOMETRY);
        CHECK_TEXT(error.message, bad_axes[c].message);
        CHECK(tconv_axis_check(&bad_axes[c].axis, NULL) == TCONV_EGEOMETRY);
        tconv_geometry g = tconv_geometry_default(3);
        g.axis[2] = bad_axes[c].axis;
        CHECK(tconv_geometry_check(&g, &error) == TCONV_EGEOMETRY);
        CHECK_TEXT(error.message, bad_axes[c].message);
    }
    static const tconv_axis limits[] = {
        { 65536, (size_t)1 << 30, 1, (int64_t)1 << 30, -((int64_t)1 << 30), 65535 },
        { 1, 2, ((size_t)1 << 30) - 1, 0, 0, ((size_t)1 << 30) - 2 },
        { 1, 1, (size_t)1 << 30, 0, 0, 0 },
    };
    for (size_t c = 0; c < sizeof limits / sizeof limits[0]; c++) {
        CHECK(tconv_axis_check(&limits[c], NULL) == TCONV_OK);
        CHECK(tconv_axis_effective_taps(&limits[c]) <= TCONV_MAX_TAPS);
    }
}

static void a_bad_geometry_is_refused_in_words(void)
{
    static const struct {
        const char *message;
        size_t ndim, channels_in, channels_out, groups, stride, taps;
    } cases[] = {
        { "the number of spatial dimensions is 0; 1 to 3 is allowed", 0, 1, 1, 1, 1, 1 },
        { "the number of spatial dimensions is 4; 1 to 3 is allowed", 4, 1, 1, 1, 1, 1 },
        { "the number of input channels is 0; 1 to 1073741824 is allowed", 1, 0, 1, 1, 1, 1 },
        { "the number of output channels is 0; 1 to 1073741824 is allowed", 1, 1, 0, 1, 1, 1 },
        { "the number of output channels is 1073741825; 1 to 1073741824 is allowed", 1, 1, 1073741825, 1, 1, 1 },
        { "the number of groups is 0; 1 to 1073741824 is allowed", 1, 1, 1, 0, 1, 1 },
        { "2 groups do not divide 3 input and 4 output channels", 2, 3, 4, 2, 1, 1 },
        { "2 groups do not divide 4 input and 3 output channels", 2, 4, 3, 2, 1, 1 },
        { "8 groups do not divide 4 input and 4 output channels", 1, 4, 4, 8, 1, 1 },
        { "the product of the strides or of the kernel sizes exceeds 1073741824", 2, 1, 1, 1, 65536, 1 },
        { "the product of the strides or of the kernel sizes exceeds 1073741824", 3, 1, 1, 1, 1024, 2000 },
        { "the product of the strides or of the kernel sizes exceeds 1073741824", 3, 1, 1, 1, 1, (size_t)1 << 30 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_geometry g = tconv_geometry_default(cases[c].ndim);
        g.channels_in = cases[c].channels_in;
        g.channels_out = cases[c].channels_out;
        g.groups = cases[c].groups;
        for (size_t i = 0; i < TCONV_MAX_NDIM; i++) {
            g.axis[i].stride = cases[c].stride;
            g.axis[i].n_taps = cases[c].taps;
        }
        tconv_error error;
        CHECK(tconv_geometry_check(&g, &error) == TCONV_EGEOMETRY);
        CHECK_TEXT(error.message, cases[c].message);
        CHECK(tconv_geometry_check(&g, NULL) == TCONV_EGEOMETRY);
    }
    tconv_geometry g = tconv_geometry_default(3);
    CHECK(tconv_geometry_check(&g, NULL) == TCONV_OK && tconv_geometry_phases(&g) == 1 && tconv_geometry_taps(&g) == 1);
}

static void the_greatest_common_divisor_divides_and_no_larger_does(void)
{
    for (size_t a = 0; a <= 40; a++)
        for (size_t b = 0; b <= 40; b++) {
            size_t want = 0;
            for (size_t g = 1; g <= 40; g++)
                want = a % g == 0 && b % g == 0 && (a != 0 || b != 0) ? g : want;
            CHECK(tconv_gcd(a, b) == want);
        }
    CHECK(tconv_gcd(SIZE_MAX, SIZE_MAX - 1) == 1 && tconv_gcd((size_t)1 << 63, (size_t)3 << 40) == (size_t)1 << 40);
}

const struct test_suite suite = { "geometry", {
    { "the output size is what the scatter equation fills", the_output_size_is_what_the_scatter_equation_fills },
    { "the forward convolution returns N for the s valid sizes and no other",
      the_forward_convolution_returns_n_for_the_s_valid_sizes_and_no_other },
    { "output padding beyond the stride appends samples that no tap reaches",
      output_padding_beyond_the_stride_appends_samples_that_no_tap_reaches },
    { "sizes near the integer range are exact or refused", sizes_near_the_integer_range_are_exact_or_refused },
    { "valid sizes and forward sizes near the integer range", valid_sizes_and_forward_sizes_near_the_integer_range },
    { "sizes of nothing are refused in words", sizes_of_nothing_are_refused_in_words },
    { "alignment is its formulas for every axis", alignment_is_its_formulas_for_every_axis },
    { "the receptive field is centred where the scatter equation puts it",
      the_receptive_field_is_centred_where_the_scatter_equation_puts_it },
    { "the worked numbers of alignment", the_worked_numbers_of_alignment },
    { "grid distances are the largest over all outputs", grid_distances_are_the_largest_over_all_outputs },
    { "coverage is what counting finds", coverage_is_what_counting_finds },
    { "no input reaches a gap, and every other output has its coverage",
      no_input_reaches_a_gap_and_every_other_output_has_its_coverage },
    { "coverage of several axes is their product", coverage_of_several_axes_is_their_product },
    { "ONNX padding follows its table", onnx_padding_follows_its_table },
    { "ONNX padding makes the size it was asked for", onnx_padding_makes_the_size_it_was_asked_for },
    { "ONNX padding refuses in words", onnx_padding_refuses_in_words },
    { "TensorFlow padding is SAME or VALID", tensorflow_padding_is_same_or_valid },
    { "k=3 p=1 becomes k=4 p=1 and moves by half an output sample", k3_p1_becomes_k4_p1_and_moves_by_half_an_output_sample },
    { "even coverage moves least and keeps the size", even_coverage_moves_least_and_keeps_the_size },
    { "even coverage beyond the longest kernel is none", even_coverage_beyond_the_longest_kernel_is_none },
    { "a bad axis is refused in words", a_bad_axis_is_refused_in_words },
    { "a bad geometry is refused in words", a_bad_geometry_is_refused_in_words },
    { "the greatest common divisor divides, and no larger does", the_greatest_common_divisor_divides_and_no_larger_does },
    { NULL, NULL } } };
