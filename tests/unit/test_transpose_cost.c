/* What the costs count: the classes of an axis against those that the engines make, and the steps of a product against the
 * loops that take them. How good the choices are is not a test but a measurement (scripts/bench-engines). */
#include "operator/phase_classes.h"
#include "operator/transpose_cost.h"
#include "testing.h"

#include <math.h>
#include <string.h>

#include "tconv.h"

/* Sums of this over the classes agree where the classes do, whatever their order. */
static double moment(size_t taps, size_t phases)
{
    return (double)phases * (double)phases * (1.0 + 1000.0 * (double)taps);
}

static void axes_are_those_of_the_engines(void)
{
    for (size_t round = 0; round < test_rounds(5000); round++) {
        tconv_geometry g = tconv_geometry_default(1);
        size_t n_in = random_between(1, 40), s = random_between(1, 9), k = random_between(1, 30);
        g.axis[0] = (tconv_axis){ s, k, 1, (int64_t)random_between(0, 12) - 4, (int64_t)random_between(0, 12) - 4, 0 };
        tconv_lifted l;
        if (tconv_lift(&l, &g, &n_in, NULL) != TCONV_OK)
            continue;
        tconv_phase_classes classes;
        tconv_cost_axis x;
        memset(&classes, 0, sizeof classes);
        CHECK(tconv_phase_classes_create(&classes, &l, 2) == TCONV_OK);
        tconv_cost_axis_of(&x, &l, 2);
        size_t phases = 0, taps = 0;
        double want = 0.0, got = 0.0;
        for (size_t i = 0; i < classes.n_classes; i++)
            if (classes.class[i].n_offsets > 0)
                want += moment(classes.class[i].n_offsets, classes.class[i].n_phases);
        for (size_t i = 0; i < x.n_classes; i++) {
            phases += x.class[i].phases;
            taps += x.class[i].phases * x.class[i].taps;
            if (x.class[i].taps > 0)
                got += moment(x.class[i].taps, x.class[i].phases);
        }
        CHECK_MESSAGE(x.extent == classes.extent && x.span == classes.span && phases == s && taps == k && got == want,
                      "round %zu: s %zu k %zu pb %d: extent %zu %zu, span %zu %zu, phases %zu, taps %zu, classes %g %g", round, s, k,
                      (int)l.pb[2], x.extent, classes.extent, x.span, classes.span, phases, taps, got, want);
        tconv_phase_classes_destroy(&classes);
    }
}

/* Column by column, as multiply() of engine_gemm.c goes. */
static tconv_cost_product by_loops(const tconv_simd *simd, size_t rows, size_t columns, size_t room, bool broad, double loads)
{
    tconv_cost_product all = { 0.0, 0.0 };
    size_t blocks = (rows + simd->rows - 1) / simd->rows, wide = simd->wide * simd->lanes;
    for (size_t i = 0; i < blocks; i++) {
        size_t n = rows * (i + 1) / blocks - rows * i / blocks;
        for (size_t column = 0, step; column < columns; column += step) {
            size_t left = columns - column, there = room - column;
            bool twice = broad && simd->broad[n] != NULL && there >= 2 * wide && left > wide, full = there >= wide && left > simd->lanes;
            step = twice ? 2 * wide : full ? wide : simd->lanes;
            all.step += tconv_cost_step((double)n, (double)step / (double)simd->lanes, loads);
            all.stores += (double)(n * step / simd->lanes);
        }
    }
    return all;
}

static void products_are_those_of_the_loops(void)
{
    for (size_t round = 0; round < test_rounds(5000); round++) {
        const tconv_simd *simd = tconv_simd_of(tconv_isa_best((tconv_isa)random_between(1, 3)), round % 2 == 0 ? TCONV_F32 : TCONV_F64);
        size_t rows = random_between(1, 60), columns = random_between(1, 400), room = (columns + simd->lanes - 1) / simd->lanes * simd->lanes;
        bool broad = random_between(0, 1) == 1;
        room += random_between(0, 3) * simd->lanes;
        tconv_cost_product want = by_loops(simd, rows, columns, room, broad, 1.5);
        tconv_cost_product got = tconv_cost_product_of(simd, rows, columns, room, broad, 1.5);
        CHECK_MESSAGE(got.stores == want.stores && fabs(got.step - want.step) <= 1e-9 * want.step,
                      "round %zu: %zu lanes, %zu rows, %zu of %zu columns: %g steps for %g, %g stores for %g", round, simd->lanes, rows,
                      columns, room, got.step, want.step, got.stores, want.stores);
    }
}

/* Every engine that can run a layer has a cost, positive and finite; only fast FIR may have none, where nothing is paired. */
static void costs_are_there(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        tconv_geometry g = tconv_geometry_default(1 + round % 3);
        size_t n_in[3];
        g.groups = random_between(1, 3);
        g.channels_in = g.groups * random_between(1, 40);
        g.channels_out = g.groups * random_between(1, 40);
        for (size_t a = 0; a < g.ndim; a++) {
            g.axis[a] = (tconv_axis){ random_between(1, 20), random_between(1, 20), random_between(1, 3), (int64_t)random_between(0, 3),
                                      (int64_t)random_between(0, 3), 0 };
            n_in[a] = random_between(1, 50);
        }
        tconv_job job = { .element = round % 2 == 0 ? TCONV_F32 : TCONV_F64, .threads = 1 };
        if (tconv_lift(&job.shape, &g, n_in, NULL) != TCONV_OK)
            continue;
        job.size = tconv_element_bytes(job.element);
        job.simd = tconv_simd_of(tconv_isa_best(TCONV_ISA_ANY), job.element);
        for (tconv_engine engine = TCONV_ENGINE_DIRECT; engine <= TCONV_ENGINE_FFT; engine++) {
            double ns = tconv_engine_cost(engine, &job);
            job.threads = 7;
            CHECK(ns > 0.0 && (engine == TCONV_ENGINE_FAST_FIR || isfinite(ns)));
            CHECK(tconv_engine_cost(engine, &job) == ns);
            job.threads = 1;
        }
        CHECK(isinf(tconv_engine_cost(TCONV_ENGINE_DEFINITION, &job)));
    }
}

const struct test_suite suite = { "transpose_cost", {
    { "the classes of an axis are those that the engines make", axes_are_those_of_the_engines },
    { "products take the steps of the loops", products_are_those_of_the_loops },
    { "every engine has a cost, and threads change none", costs_are_there },
    { NULL, NULL } } };
