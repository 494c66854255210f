/* Plans when memory runs out: the k-th allocation fails, for every k until a plan can be made; every engine, with and without
 * threads and bias. */
#include "testing.h"

#include <string.h>

#include "failing_memory.h"
#include "tconv.h"

/* Fail each call in turn; the number of failures until a plan was made, whose output is checked. */
static size_t exhaust(const tconv_geometry *g, const double *taps, const double *bias, const size_t *n_in, const tconv_transpose_options *o,
                      const double *x, const double *want, size_t outputs)
{
    size_t failures = 0, in_use = tconv_memory_in_use();
    double y[512];
    for (size_t k = 1; k < 10000; k++) {
        tconv_transpose *plan = (tconv_transpose *)&failures;      /* anything but NULL */
        tconv_error error = { .message = "" };
        memory_fail_at(k, false);
        memory_watch(true);
        tconv_status status = tconv_transpose_create(&plan, g, taps, bias, n_in, o, &error);
        memory_watch(false);
        size_t failed = memory_failed();
        if (status == TCONV_OK) {                /* also where it could do without: with fewer threads */
            tconv_transpose_execute(plan, 1, x, y);
            for (size_t i = 0; i < outputs; i++)
                CHECK_CLOSE("output", i, y[i], want[i], 1e-12);
            tconv_transpose_destroy(plan);
            if (failed == 0)
                break;
            continue;
        }
        failures++;
        CHECK(status == TCONV_ENOMEM && plan == NULL && error.status == TCONV_ENOMEM && error.message[0] != '\0');
        CHECK_MESSAGE(tconv_memory_in_use() == in_use, "failure %zu: what was taken is given back", k);
    }
    CHECK(tconv_memory_in_use() == in_use);
    return failures;
}

static void every_failed_allocation_is_told_and_undone(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    size_t n_in[2] = { 3, 5 };
    double taps[4 * 2 * 15], bias[4], x[4 * 15], want[512];
    g.channels_in = 4;
    g.channels_out = 4;
    g.groups = 2;
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    g.axis[1] = (tconv_axis){ .stride = 3, .n_taps = 5, .dilation = 2, .pad_begin = 0, .pad_end = 2 };
    random_taps(taps, sizeof taps / sizeof *taps);
    random_taps(bias, 4);
    random_taps(x, sizeof x / sizeof *x);
    size_t outputs = 4;
    for (size_t i = 0; i < 2; i++) {
        size_t m = 0;
        CHECK(tconv_axis_output_size(&g.axis[i], n_in[i], &m, NULL) == TCONV_OK);
        outputs *= m;
    }
    CHECK(outputs <= 512);
    CHECK(tconv_zero_insert_layer_f64(&g, taps, bias, n_in, 1, x, want, NULL) == TCONV_OK);
    for (int engine = 0; engine < TCONV_ENGINE_COUNT; engine++)
        for (size_t threads = 1; threads <= 3; threads += 2)
            for (int with_bias = 0; with_bias < 2; with_bias++) {
                tconv_transpose_options o = tconv_transpose_default_options();
                o.engine = (tconv_engine)engine;
                o.threads = threads;
                double shifted[512];
                for (size_t i = 0; i < outputs; i++)
                    shifted[i] = want[i] - (with_bias ? 0.0 : bias[i / (outputs / 4)]);
                size_t failures = exhaust(&g, taps, with_bias ? bias : NULL, n_in, &o, x, shifted, outputs);
                CHECK_MESSAGE(failures >= (with_bias ? 4 : 5), "engine %s: only %zu allocations were made to fail",
                              tconv_engine_text(o.engine), failures);
            }
}

const struct test_suite suite = { "plan_memory", {
    { "every failed allocation is told and undone", every_failed_allocation_is_told_and_undone },
    { NULL, NULL } } };
