/* The layers that connect two sizes: against every (k, s, p, o) tried one by one. */
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

/* All layers by trial: the strides of the documented range, sizes from the size formula itself. */
static size_t by_trial(const tconv_layer_query *query, tconv_axis *found, size_t most)
{
    size_t count = 0, d = query->dilation != 0 ? query->dilation : 1;
    for (size_t k = 1; k <= 16; k++) {
        size_t effective = d * (k - 1) + 1;
        size_t last = query->n_in == 1 ? query->n_out : (query->n_out + effective) / (query->n_in - 1) + 1;
        if (query->stride > last)
            last = query->stride;
        for (size_t s = 1; s <= last; s++) {
            if ((query->n_taps != 0 && k != query->n_taps) || (query->stride != 0 && s != query->stride))
                continue;
            for (size_t p = 0; p < effective; p++)
                for (size_t o = 0; o < s; o++) {
                    long long m = (long long)(s * (query->n_in - 1) + effective + o) - 2 * (long long)p;
                    if (m != (long long)query->n_out || (query->padding_given && (int64_t)p != query->padding))
                        continue;
                    if (count < most)
                        found[count] = (tconv_axis){ .stride = s, .n_taps = k, .dilation = d, .pad_begin = (int64_t)p,
                                                     .pad_end = (int64_t)p, .output_padding = o };
                    count++;
                }
        }
    }
    return count;
}

/* The documented order, in floating point and from the public figures. */
static int order(const void *first, const void *second)
{
    const tconv_axis *a = first, *b = second;
    double mean, v[2], offset[2] = { fabs(tconv_axis_pixel_offset(a)), fabs(tconv_axis_pixel_offset(b)) };
    for (size_t i = 0; i < 2; i++) {
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0] = i == 0 ? *a : *b;
        tconv_geometry_coverage(&g, &mean, &v[i]);
    }
    if ((v[0] == 0.0) != (v[1] == 0.0)) return v[0] == 0.0 ? -1 : 1;
    if (fabs(offset[0] - offset[1]) > 1e-9) return offset[0] < offset[1] ? -1 : 1;
    if ((a->output_padding == 0) != (b->output_padding == 0)) return a->output_padding == 0 ? -1 : 1;
    if (a->n_taps != b->n_taps) return a->n_taps < b->n_taps ? -1 : 1;
    if (a->stride != b->stride) return a->stride < b->stride ? -1 : 1;
    if (a->pad_begin != b->pad_begin) return a->pad_begin < b->pad_begin ? -1 : 1;
    return (a->output_padding > b->output_padding) - (a->output_padding < b->output_padding);
}

static bool same(const tconv_axis *a, const tconv_axis *b)
{
    return a->stride == b->stride && a->n_taps == b->n_taps && a->dilation == b->dilation && a->pad_begin == b->pad_begin
        && a->pad_end == b->pad_end && a->output_padding == b->output_padding;
}

#define MOST 20000
static tconv_axis wanted[MOST], got[MOST];

static void compare(const tconv_layer_query *query, size_t most)
{
    size_t total = 0, count = by_trial(query, wanted, MOST);
    tconv_error error = { .status = TCONV_OK };
    CHECK(count <= MOST);
    qsort(wanted, count < MOST ? count : MOST, sizeof *wanted, order);
    CHECK_MESSAGE(tconv_layer_search(query, got, most, &total, &error) == TCONV_OK, "%s", error.message);
    CHECK_MESSAGE(total == count, "N = %zu, M = %zu: %zu layers, %zu by trial", query->n_in, query->n_out, total, count);
    size_t agree = 0, shown = count < most ? count : most;
    while (agree < shown && same(&got[agree], &wanted[agree]))
        agree++;
    CHECK_MESSAGE(agree == shown, "N = %zu, M = %zu, most %zu: entry %zu differs", query->n_in, query->n_out, most, agree);
}

static void every_layer_is_found_in_order(void)
{
    for (size_t n = 1; n <= 7; n++)
        for (size_t m = 1; m <= 26; m++)
            compare(&(tconv_layer_query){ .n_in = n, .n_out = m }, MOST);
}

static void random_queries_agree_with_trial(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_layer_query query = { .n_in = random_between(1, 12), .n_out = random_between(1, 60) };
        if (random_between(0, 2) == 0) query.n_taps = random_between(1, 16);
        if (random_between(0, 2) == 0) query.stride = random_between(1, 12);
        if (random_between(0, 3) == 0) query.dilation = random_between(1, 3);
        if (random_between(0, 2) == 0) {
            query.padding_given = true;
            query.padding = (int64_t)random_between(0, 3);
            if (query.n_taps == 0 || (int64_t)query.n_taps <= query.padding)    /* trial looks at p < k_eff only */
                query.n_taps = 4;
        }
        compare(&query, random_between(0, 12));
    }
}

static void each_layer_maps_the_sizes(void)
{
    size_t total, size, back;
    tconv_layer_query query = { .n_in = 100, .n_out = 30000 };
    CHECK(tconv_layer_search(&query, got, MOST, &total, NULL) == TCONV_OK && total > 0 && total <= MOST);
    for (size_t i = 0; i < total; i++) {
        CHECK(tconv_axis_output_size(&got[i], 100, &size, NULL) == TCONV_OK && size == 30000);
        CHECK(tconv_axis_forward_size(&got[i], 30000, &back, NULL) == TCONV_OK && back == 100);
    }
}

static void the_first_are_what_one_would_choose(void)
{
    /* k = s has no overlap, is even and on the half-pixel grid. */
    static const struct { size_t n, m, k, s; } cases[] = { { 4, 8, 2, 2 }, { 7, 21, 3, 3 }, { 1, 4, 4, 4 }, { 9, 9, 1, 1 } };
    size_t total;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_layer_query query = { .n_in = cases[i].n, .n_out = cases[i].m };
        CHECK(tconv_layer_search(&query, got, 8, &total, NULL) == TCONV_OK && total > 0);
        CHECK(got[0].n_taps == cases[i].k && got[0].stride == cases[i].s && got[0].pad_begin == 0 && got[0].output_padding == 0);
    }
    /* DCGAN's layer is the best of k = 4, s = 2; with k = 3 an output padding is needed for 2N. */
    tconv_layer_query dcgan = { .n_in = 4, .n_out = 8, .n_taps = 4, .stride = 2 }, odd = { .n_in = 4, .n_out = 8, .n_taps = 3, .stride = 2 };
    CHECK(tconv_layer_search(&dcgan, got, 8, &total, NULL) == TCONV_OK && got[0].pad_begin == 1 && got[0].output_padding == 0);
    CHECK(tconv_layer_search(&odd, got, 8, &total, NULL) == TCONV_OK && total == 1 && got[0].pad_begin == 1
          && got[0].output_padding == 1);
}

static void impossible_queries_are_refused_with_a_reason(void)
{
    static const struct { tconv_layer_query query; const char *message; } cases[] = {
        { { .n_in = 0, .n_out = 4 }, "sizes of 0 and 4 samples; each can be 1 to 1099511627776" },
        { { .n_in = 4, .n_out = 0 }, "sizes of 4 and 0 samples; each can be 1 to 1099511627776" },
        { { .n_in = 4, .n_out = SIZE_MAX }, "sizes of 4 and 18446744073709551615 samples; each can be 1 to 1099511627776" },
        { { .n_in = 4, .n_out = 8, .stride = 70000 }, "the stride is 70000; 1 to 65536 is allowed" },
        { { .n_in = 4, .n_out = 8, .dilation = 100 }, "16 taps with dilation 100 reach over 1501 samples; up to 256 are searched unless the padding is given" },
        { { .n_in = 4, .n_out = 8, .n_taps = 5000 }, "5000 taps with dilation 1 reach over 5000 samples; up to 4096 are searched unless the padding is given" },
    };
    size_t total;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_error error = { .status = TCONV_OK };
        CHECK(tconv_layer_search(&cases[i].query, got, MOST, &total, &error) == TCONV_EARGUMENT);
        CHECK_TEXT(error.message, cases[i].message);
    }
}

static void the_largest_queries_end(void)
{
    size_t total = 0;
    tconv_layer_query widest = { .n_in = 2, .n_out = 65536 + 300, .n_taps = 1024 };
    CHECK(tconv_layer_search(&widest, got, 4, &total, NULL) == TCONV_OK && total > 0);
    tconv_layer_query far = { .n_in = (size_t)1 << 40, .n_out = (size_t)1 << 40 };
    CHECK(tconv_layer_search(&far, got, 4, &total, NULL) == TCONV_OK && total > 0 && got[0].stride == 1 && got[0].n_taps == 1);
    tconv_layer_query none = { .n_in = 1000, .n_out = 3 };
    CHECK(tconv_layer_search(&none, got, 4, &total, NULL) == TCONV_OK && total == 0);
}

const struct test_suite suite = { "layer_search", {
    { "every layer is found, in order", every_layer_is_found_in_order },
    { "random queries agree with trial", random_queries_agree_with_trial },
    { "each layer maps the sizes there and back", each_layer_maps_the_sizes },
    { "the first are what one would choose", the_first_are_what_one_would_choose },
    { "impossible queries are refused with a reason", impossible_queries_are_refused_with_a_reason },
    { "the largest queries end", the_largest_queries_end },
    { NULL, NULL } } };
