/* What PyTorch and SciPy make of random layers (tests/oracle/make_transpose.py): forward on every engine, and gradients. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

enum { SEED_X = 1, SEED_W = 1000003, SEED_B = 2000003, SEED_GY = 3000017 };
enum { FORWARD, GRADIENTS, UPFIRDN };

/* values() of make_transpose.py */
static float value(uint32_t i, uint32_t seed)
{
    uint32_t v = (i + seed) * UINT32_C(2654435761);
    v ^= v >> 15;
    v *= UINT32_C(2246822519);
    v ^= v >> 13;
    return (float)(v >> 8) * (1.0f / 16777216.0f) - 0.5f;
}

static FILE *open_vectors(int32_t *cases)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/tests/oracle/transpose.bin", test_root_folder());
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fread(cases, sizeof *cases, 1, file) == 1);
    return file;
}

/* The next case: a layer filled by the hash. The figures after its header are still to be read. */
static int read_case(FILE *file, struct layer *layer)
{
    int32_t head[7], axis[6];
    size_t n_in[TCONV_MAX_NDIM];
    if (fread(head, sizeof *head, 7, file) != 7)
        return -1;
    tconv_geometry g = tconv_geometry_default((size_t)head[1]);
    g.channels_in = (size_t)head[3];
    g.channels_out = (size_t)head[4];
    g.groups = (size_t)head[5];
    for (size_t i = 0; i < g.ndim; i++) {
        if (fread(axis, sizeof *axis, 6, file) != 6)
            return -1;
        n_in[i] = (size_t)axis[0];
        g.axis[i] = (tconv_axis){ (size_t)axis[2], (size_t)axis[1], (size_t)axis[3], axis[4], axis[4], (size_t)axis[5] };
    }
    if (!layer_of(layer, &g, n_in, (size_t)head[2]))
        return -1;
    for (size_t i = 0; i < layer->x_count; i++)
        layer->x[i] = layer->x_f32[i] = value((uint32_t)i, SEED_X);
    for (size_t i = 0; i < layer->w_count; i++)
        layer->w[i] = layer->w_f32[i] = value((uint32_t)i, SEED_W);
    for (size_t i = 0; i < g.channels_out && head[6] != 0; i++)
        layer->b[i] = layer->b_f32[i] = value((uint32_t)i, SEED_B);
    return head[0];
}

static float *read_floats(FILE *file, size_t count)
{
    float *values = malloc(count * sizeof *values);
    CHECK(values != NULL && fread(values, sizeof *values, count, file) == count);
    return values;
}

/* The stored figure is the double one rounded to float: half a unit of it, besides the engine's own rounding. */
static void compare_forward(const struct layer *layer, const float *want)
{
    double *magnitude = malloc(layer->y_count * sizeof *magnitude), *y = malloc(layer->y_count * sizeof *y);
    float *y_f32 = malloc(layer->y_count * sizeof *y_f32);
    long double *exact = malloc(layer->y_count * sizeof *exact);
    struct layer smooth;
    double *smoothed = malloc(layer->y_count * sizeof *smoothed);
    layer_smooth(layer, &smooth);
    (void)layer_by_definition(&smooth, exact, smoothed);
    layer_free(&smooth);
    size_t terms = layer_by_definition(layer, exact, magnitude);
    for (tconv_engine engine = TCONV_ENGINE_AUTO; engine <= TCONV_ENGINE_DEFINITION; engine++)
        for (int single = 0; single < 2; single++) {
            tconv_transpose_options o = { .element = single ? TCONV_F32 : TCONV_F64, .engine = engine };
            tconv_transpose *plan;
            CHECK(tconv_transpose_create(&plan, &layer->g, layer->w, layer->b, layer->n_in, &o, NULL) == TCONV_OK);
            tconv_transpose_execute(plan, layer->batch, single ? (void *)layer->x_f32 : (void *)layer->x, single ? (void *)y_f32 : (void *)y);
            tconv_transpose_destroy(plan);
            bool close = true;
            for (size_t j = 0; j < layer->y_count; j++) {
                double got = single ? (double)y_f32[j] : y[j], u = single ? FLT_EPSILON / 2 : DBL_EPSILON / 2;
                double own = engine == TCONV_ENGINE_FFT || engine == TCONV_ENGINE_AUTO ? 64.0 * u * (magnitude[j] + 1.0)
                                                                                      : (double)(terms + 2) * u * magnitude[j];
                if (engine == TCONV_ENGINE_FAST_FIR)
                    own = (double)(terms + 8) * u * smoothed[j];
                close = close && fabs(got - (double)want[j]) <= own + FLT_EPSILON / 2 * fabs((double)want[j]) + 1e-15;
            }
            CHECK_MESSAGE(close, "%s %s: %s", tconv_engine_text(engine), single ? "f32" : "f64", layer_text(layer));
        }
    free(magnitude);
    free(smoothed);
    free(y);
    free(y_f32);
    free(exact);
}

static void compare(const char *name, const double *got, const float *want, size_t count, double terms)
{
    for (size_t i = 0; i < count; i++)
        CHECK_CLOSE(name, i, got[i], (double)want[i], FLT_EPSILON / 2 * fabs((double)want[i]) + terms * DBL_EPSILON);
}

static void compare_gradients(const struct layer *layer, FILE *file)
{
    float *want_w = read_floats(file, layer->w_count), *want_b = read_floats(file, layer->g.channels_out);
    float *want_x = read_floats(file, layer->x_count);
    double *gy = malloc(layer->y_count * sizeof *gy), *gw = malloc(layer->w_count * sizeof *gw);
    double *gx = malloc(layer->x_count * sizeof *gx), *gb = malloc(layer->g.channels_out * sizeof *gb);
    for (size_t j = 0; j < layer->y_count; j++)
        gy[j] = (double)value((uint32_t)j, SEED_GY);
    CHECK(tconv_gradient_f64(&layer->g, layer->w, layer->n_in, layer->batch, layer->x, gy, gw, gb, gx, NULL) == TCONV_OK);
    double terms = (double)(layer->y_count + tconv_geometry_taps(&layer->g) * layer->g.channels_out + layer->x_count);
    compare("taps", gw, want_w, layer->w_count, terms);      /* products are below 1/4 */
    compare("bias", gb, want_b, layer->g.channels_out, terms);
    compare("input", gx, want_x, layer->x_count, terms);
    free(want_w);
    free(want_b);
    free(want_x);
    free(gy);
    free(gw);
    free(gx);
    free(gb);
}

static void layers_are_as_pytorch_and_scipy_make_them(void)
{
    int32_t cases = 0, done = 0;
    FILE *file = open_vectors(&cases);
    for (; file != NULL && done < cases; done++) {
        struct layer layer;
        int kind = read_case(file, &layer);
        CHECK(kind >= FORWARD && kind <= UPFIRDN);
        if (kind < 0)
            break;
        if (kind == GRADIENTS)
            compare_gradients(&layer, file);
        else {
            float *want = read_floats(file, layer.y_count);
            compare_forward(&layer, want);
            free(want);
        }
        layer_free(&layer);
    }
    CHECK(done >= 300 && done == cases);
    CHECK(file != NULL && fgetc(file) == EOF);
    if (file != NULL)
        (void)fclose(file);
}

const struct test_suite suite = { "transpose_oracle", {
    { "layers are as PyTorch and SciPy make them", layers_are_as_pytorch_and_scipy_make_them },
    { NULL, NULL } } };
