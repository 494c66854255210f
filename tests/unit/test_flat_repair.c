/* The correction along the features of flat inputs: equal to ridge regression done another way, better on held-out colours
 * where the last layer makes the comb, and said to be no help where an earlier layer does. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_network.h"

#define CHANNELS 3
#define FEATURES 5

static float small_float(void)
{
    return (float)random_uniform(-0.5, 0.5);
}

static void random_floats(struct onnx *m, const char *name, const size_t *shape, size_t rank)
{
    static float values[1 << 14];
    size_t count = 1;
    for (size_t a = 0; a < rank; a++)
        count *= shape[a];
    for (size_t i = 0; i < count; i++)
        values[i] = small_float();
    onnx_floats(m, name, shape, rank, values);
}

static void plain_node(struct onnx *m, const char *op, const char *in, const char *out)
{
    onnx_node(m, op, in, out);
    onnx_end(m);
}

/* x -> 1x1 convolution -> Softplus, which gives features that are no linear function of the colour: "f". */
static void add_features(struct onnx *m, size_t ndim, size_t features)
{
    const size_t shape[4] = { features, CHANNELS, 1, 1 };
    random_floats(m, "first.w", shape, ndim + 2);
    random_floats(m, "first.b", &features, 1);
    plain_node(m, "Conv", "x first.w first.b", "first");
    plain_node(m, "Softplus", "first", "f");
}

struct repaired {
    struct opened before;
    struct bytes file;
    tconv_source *source;
    tconv_container *after;
    tconv_flat_repair *repair;
};

static bool add_bytes(void *state, const void *bytes, size_t size)
{
    bytes_add(state, bytes, size);
    return true;
}

static struct repaired repair_model(struct onnx *m)
{
    struct repaired r = { .before = open_network(m, NULL) };
    tconv_error *error = &r.before.error;
    CHECK_MESSAGE(r.before.network != NULL, "%s", error->message);
    if (r.before.network == NULL || tconv_flat_repair_create(&r.repair, r.before.container, NULL, error) != TCONV_OK)
        return r;
    bool written = tconv_container_replace(r.before.container, r.repair->tensor, r.repair->values, r.repair->count, add_bytes, &r.file, error)
                   == TCONV_OK
                && tconv_source_open_memory(&r.source, r.file.data, r.file.size) == TCONV_OK
                && tconv_container_open_source(&r.after, r.source, NULL, NULL, error) == TCONV_OK
                && tconv_flat_repair_compare(r.repair, r.before.container, r.after, error) == TCONV_OK;
    CHECK_MESSAGE(written, "%s", error->message);
    CHECK(r.file.size == r.before.file.size);
    return r;
}

static void close_repaired(struct repaired *r)
{
    tconv_flat_repair_destroy(r->repair);
    tconv_container_close(r->after);
    tconv_source_close(r->source);
    bytes_free(&r->file);
    close_network(&r->before);
}

static double gained_db(const struct repaired *r)
{
    return r->repair == NULL ? NAN : 20.0 * log10(r->repair->held_out_before.rms / r->repair->held_out_after.rms);
}

/* ---- the solution ---- */

/* Solve A x = b by elimination with pivots; n <= 8. */
static void eliminate(double a[8][8], double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t p = i;
        for (size_t r = i + 1; r < n; r++)
            p = fabs(a[r][i]) > fabs(a[p][i]) ? r : p;
        for (size_t k = 0; k < n; k++) {
            double t = a[i][k];
            a[i][k] = a[p][k];
            a[p][k] = t;
        }
        double t = b[i];
        b[i] = b[p];
        b[p] = t;
        for (size_t r = i + 1; r < n; r++) {
            double factor = a[r][i] / a[i][i];
            for (size_t k = i; k < n; k++)
                a[r][k] -= factor * a[i][k];
            b[r] -= factor * b[i];
        }
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
}

/* The set that chooses, as the header says it: greys, corners, then random colours. */
static void colour_at(size_t u, tconv_random *random, double *colour)
{
    for (size_t c = 0; c < CHANNELS; c++)
        colour[c] = u < 5 ? 0.25 * (double)u : u < 13 ? (double)((u - 5) >> c & 1) : tconv_random_uniform(random);
}

/* In the space of the features, (F'F + ridge I) d = -F'e: equal to the library's, which solves in the space of colours. */
static void the_correction_is_the_ridge_regression_of_the_branches(void)
{
    enum { K = 3, COLOURS = 64 };
    struct onnx m = { 0 };
    static double f[COLOURS][FEATURES];
    const size_t shape[3] = { FEATURES, 1, K };
    float w[FEATURES * K], first[FEATURES * CHANNELS], bias[FEATURES];
    const size_t first_shape[3] = { FEATURES, CHANNELS, 1 }, features = FEATURES;
    for (size_t i = 0; i < FEATURES * K; i++)
        w[i] = small_float();
    for (size_t i = 0; i < FEATURES * CHANNELS; i++)
        first[i] = small_float();
    for (size_t i = 0; i < FEATURES; i++)
        bias[i] = small_float();
    onnx_floats(&m, "first.w", first_shape, 3, first);
    onnx_floats(&m, "first.b", &features, 1, bias);
    onnx_floats(&m, "w", shape, 3, w);
    plain_node(&m, "Conv", "x first.w first.b", "first");
    plain_node(&m, "Softplus", "first", "f");
    onnx_node(&m, "ConvTranspose", "f w", "y");
    onnx_ints(&m, "strides", (int64_t[]){ 2 }, 1);
    onnx_end(&m);
    onnx_input(&m, CHANNELS, 1, NULL);
    onnx_output(&m, "y");
    struct repaired r = repair_model(&m);
    CHECK_MESSAGE(r.repair != NULL, "%s", r.before.error.message);
    if (r.repair != NULL) {
        tconv_random random = tconv_random_seed(0);
        double trace = 0.0, gain[2][FEATURES];
        for (size_t u = 0; u < COLOURS; u++) {
            double colour[CHANNELS];
            colour_at(u, &random, colour);
            for (size_t i = 0; i < FEATURES; i++) {
                double sum = (double)bias[i];
                for (size_t c = 0; c < CHANNELS; c++)
                    sum += (double)first[i * CHANNELS + c] * colour[c];
                f[u][i] = log1p(exp(sum));
                trace += f[u][i] * f[u][i];
            }
        }
        for (size_t i = 0; i < FEATURES; i++) {
            gain[0][i] = (double)w[i * K] + (double)w[i * K + 2];
            gain[1][i] = (double)w[i * K + 1];
        }
        for (size_t q = 0; q < 2; q++) {
            double a[8][8] = { { 0 } }, b[8] = { 0 };
            for (size_t u = 0; u < COLOURS; u++) {
                double error = 0.0;
                for (size_t i = 0; i < FEATURES; i++)
                    error += 0.5 * (gain[q][i] - gain[1 - q][i]) * f[u][i];
                for (size_t i = 0; i < FEATURES; i++) {
                    b[i] -= f[u][i] * error;
                    for (size_t j = 0; j < FEATURES; j++)
                        a[i][j] += f[u][i] * f[u][j];
                }
            }
            for (size_t i = 0; i < FEATURES; i++)
                a[i][i] += r.repair->ridge * trace / COLOURS;
            eliminate(a, b, FEATURES);
            for (size_t i = 0; i < FEATURES; i++)
                for (size_t t = q; t < K; t += 2)
                    CHECK_CLOSE("tap", i * K + t, r.repair->values[i * K + t], (double)w[i * K + t] + b[i] / (q == 0 ? 2.0 : 1.0),
                                DBL_EPSILON * COLOURS / r.repair->ridge);      /* eps times the condition of K + ridge I */
        }
        CHECK(r.repair->helps && !r.repair->even);
    }
    close_repaired(&r);
}

/* ---- it helps, whatever the layer is ---- */

enum kind { TRANSPOSED, GROUPED, DILATED, SHUFFLE_DCR, SHUFFLE_CRD, SPELT, AFTER_ANOTHER, KINDS };

static void add_shuffle(struct onnx *m, enum kind kind, const char *in)
{
    const size_t shape[4] = { 12, FEATURES, 3, 3 }, twelve = 12;
    char inputs[32];
    random_floats(m, "w", shape, 4);
    random_floats(m, "b", &twelve, 1);
    (void)snprintf(inputs, sizeof inputs, "%s w b", in);
    plain_node(m, "Conv", inputs, "z");
    if (kind != SPELT) {
        onnx_node(m, "DepthToSpace", "z", "y");
        onnx_int(m, "blocksize", 2);
        onnx_string(m, "mode", kind == SHUFFLE_DCR ? "DCR" : "CRD");
        onnx_end(m);
        return;
    }
    onnx_longs(m, "six", 1, (int64_t[]){ 1, 3, 2, 2, 40, 40 }, 6);
    onnx_longs(m, "four", 1, (int64_t[]){ 1, 3, 80, 80 }, 4);
    plain_node(m, "Reshape", "z six", "z6");
    onnx_node(m, "Transpose", "z6", "t6");
    onnx_ints(m, "perm", (int64_t[]){ 0, 1, 4, 2, 5, 3 }, 6);
    onnx_end(m);
    plain_node(m, "Reshape", "t6 four", "y");
}

static void add_transposed(struct onnx *m, enum kind kind, size_t ndim, size_t features, const char *in)
{
    const size_t groups = kind == GROUPED ? 2 : 1, shape[4] = { features, 4 / groups, 5, 5 };
    char inputs[32];
    random_floats(m, "w", shape, ndim + 2);
    (void)snprintf(inputs, sizeof inputs, "%s w", in);
    onnx_node(m, "ConvTranspose", inputs, "y");
    onnx_ints(m, "strides", (int64_t[]){ 3, 2 }, ndim);
    onnx_int(m, "group", (int64_t)groups);
    if (kind == DILATED)
        onnx_ints(m, "dilations", (int64_t[]){ 2, 3 }, ndim);
    onnx_end(m);
}

/* The random last layer reads -20 dB or worse; corrected, the held-out colours are far more even. */
static void the_held_out_colours_come_out_more_even(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++)
        for (size_t round = 0; round < test_rounds(4); round++) {
            struct onnx m = { 0 };
            bool shuffles = kind == SHUFFLE_DCR || kind == SHUFFLE_CRD || kind == SPELT || kind == AFTER_ANOTHER;
            const size_t ndim = shuffles ? 2 : 1 + round % 2, features = kind == GROUPED ? 8 : FEATURES;
            add_features(&m, ndim, features);
            if (kind == AFTER_ANOTHER) {      /* even by itself, but the shuffle then sees a map of period 2 */
                const size_t shape[4] = { FEATURES, 1, 2, 2 };
                float ones[FEATURES * 4];
                for (size_t i = 0; i < FEATURES * 4; i++)
                    ones[i] = 1.0f;
                onnx_floats(&m, "ones", shape, 4, ones);
                onnx_node(&m, "ConvTranspose", "f ones", "g");
                onnx_ints(&m, "strides", (int64_t[]){ 2, 2 }, 2);
                onnx_int(&m, "group", FEATURES);
                onnx_end(&m);
            }
            if (shuffles)
                add_shuffle(&m, kind, kind == AFTER_ANOTHER ? "g" : "f");
            else
                add_transposed(&m, kind, ndim, features, "f");
            const size_t size[2] = { 42, 42 };
            onnx_input(&m, CHANNELS, ndim, kind == SPELT ? size : NULL);
            onnx_output(&m, "y");
            struct repaired r = repair_model(&m);
            CHECK_MESSAGE(r.repair != NULL, "kind %d: %s", kind, r.before.error.message);
            if (r.repair != NULL) {
                CHECK_MESSAGE(r.repair->helps && gained_db(&r) > 20.0, "kind %d, round %zu: %g dB", kind, round, gained_db(&r));
                CHECK(r.repair->held_out_after.index_db < r.repair->held_out_before.index_db - 20.0);
                CHECK(r.repair->relative_change > 0.0 && r.repair->relative_change < 1.5 && r.repair->texture_change > 0.0);
                CHECK(r.repair->fitted == 64 && r.repair->held_out == 64);
                CHECK_TEXT(r.repair->layer, "y");
                CHECK_TEXT(r.repair->weight, "w");
            }
            close_repaired(&r);
        }
}

/* ---- it does not help ---- */

static void ones_layer(struct onnx *m, const char *in, const char *weight, size_t k, const char *out)
{
    const float ones[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    const size_t shape[3] = { 1, 1, k };
    char inputs[32];
    onnx_floats(m, weight, shape, 3, ones);
    (void)snprintf(inputs, sizeof inputs, "%s %s", in, weight);
    onnx_node(m, "ConvTranspose", inputs, out);
    onnx_ints(m, "strides", (int64_t[]){ 2 }, 1);
    onnx_end(m);
}

static void a_comb_of_an_earlier_layer_is_said_to_stay(void)
{
    struct onnx m = { 0 };
    ones_layer(&m, "x", "a", 3, "v");
    ones_layer(&m, "v", "b", 2, "y");         /* 2 2 1 1: each sample twice */
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct repaired r = repair_model(&m);
    CHECK(r.repair != NULL && !r.repair->helps && !r.repair->even);
    if (r.repair != NULL)
        CHECK_CLOSE("unchanged", 0, r.repair->held_out_after.rms, r.repair->held_out_before.rms, 1e-9);
    close_repaired(&r);
}

static void an_even_network_has_nothing_to_correct(void)
{
    struct onnx m = { 0 };
    ones_layer(&m, "x", "b", 4, "y");
    onnx_input(&m, 1, 1, NULL);
    onnx_output(&m, "y");
    struct repaired r = repair_model(&m);
    CHECK(r.repair != NULL && !r.repair->helps && r.repair->even);
    close_repaired(&r);
}

static void what_cannot_be_corrected_is_refused_by_name(void)
{
    static const struct { const char *what, *part; tconv_status status; } cases[] = {
        { "none", "no layer of the network has branches", TCONV_EUNSUPPORTED },
        { "gap", "node 'y' (ConvTranspose): a branch has no taps", TCONV_EGEOMETRY },
        { "computed", "node 'y' (ConvTranspose): its weight is computed", TCONV_EUNSUPPORTED },
        { "relu", "node 'y' (DepthToSpace): what it lays out in space does not come straight", TCONV_EUNSUPPORTED },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct onnx m = { 0 };
        const size_t shape[4] = { 4, CHANNELS, 1, 1 };
        tconv_flat_repair *repair = NULL;
        random_floats(&m, "w", shape, 4);
        plain_node(&m, "Conv", "x w", "v");
        if (i == 1 || i == 2) {
            const size_t taps[4] = { 4, 1, i == 1 ? 1 : 2, i == 1 ? 1 : 2 };
            random_floats(&m, "u", taps, 4);
            plain_node(&m, i == 1 ? "Identity" : "Neg", "u", "computed");
            onnx_node(&m, "ConvTranspose", i == 1 ? "v u" : "v computed", "y");
            onnx_ints(&m, "strides", (int64_t[]){ 2, 2 }, 2);
            onnx_end(&m);
        } else if (i == 3) {
            plain_node(&m, "Relu", "v", "active");
            onnx_node(&m, "DepthToSpace", "active", "y");
            onnx_int(&m, "blocksize", 2);
            onnx_end(&m);
        }
        onnx_input(&m, CHANNELS, 2, NULL);
        onnx_output(&m, i == 0 ? "v" : "y");
        struct opened o = open_network(&m, NULL);
        tconv_status status = o.container != NULL ? tconv_flat_repair_create(&repair, o.container, NULL, &o.error) : TCONV_OK;
        CHECK_MESSAGE(repair == NULL && status == cases[i].status, "%s", cases[i].what);
        CHECK_MESSAGE(strstr(o.error.message, cases[i].part) != NULL, "'%s' has '%s'", o.error.message, cases[i].part);
        close_network(&o);
    }
}

/* ---- real models ---- */

static void report_real_model(const char *name, tconv_container *before, double least_gain)
{
    struct repaired r = { .before = { .container = NULL } };
    tconv_error error = { .message = "" };
    CHECK_MESSAGE(tconv_flat_repair_create(&r.repair, before, NULL, &error) == TCONV_OK, "%s: %s", name, error.message);
    if (r.repair == NULL)
        return;
    CHECK(tconv_container_replace(before, r.repair->tensor, r.repair->values, r.repair->count, add_bytes, &r.file, &error) == TCONV_OK
          && tconv_source_open_memory(&r.source, r.file.data, r.file.size) == TCONV_OK
          && tconv_container_open_source(&r.after, r.source, NULL, NULL, &error) == TCONV_OK);
    CHECK_MESSAGE(r.after != NULL && tconv_flat_repair_compare(r.repair, before, r.after, &error) == TCONV_OK, "%s: %s", name, error.message);
    CHECK_MESSAGE(gained_db(&r) > least_gain, "%s gains %g dB", name, gained_db(&r));
    CHECK_MESSAGE(r.repair->helps && r.repair->relative_change < 0.1, "%s: %g of the norm, worst %g then %g", name, r.repair->relative_change,
                  r.repair->held_out_before.worst, r.repair->held_out_after.worst);
    tconv_flat_repair_destroy(r.repair);
    tconv_container_close(r.after);
    tconv_source_close(r.source);
    bytes_free(&r.file);
}

static void real_models_come_out_more_even_on_held_out_colours(void)
{
    const char *shared = test_shared_folder();
    char path[1024];
    struct onnx m = { 0 };
    tconv_container *model = NULL;
    tconv_error error = { .message = "" };
    if (shared == NULL) {
        test_skip("no shared data");
        return;
    }
    (void)snprintf(path, sizeof path, "%s/data/models/waifu2x_upconv7_scale2.0x_model.onnx", shared);
    CHECK(tconv_container_open(&model, path, NULL, &error) == TCONV_OK);
    if (model != NULL)
        report_real_model("waifu2x", model, 6.0);
    tconv_container_close(model);
    (void)snprintf(path, sizeof path, "%s/data/models/FSRCNN-x2.pt", shared);
    CHECK(tconv_container_open(&model, path, NULL, &error) == TCONV_OK);
    if (model == NULL)
        return;
    onnx_fsrcnn(&m, model);
    struct opened o = open_network(&m, NULL);
    if (o.container != NULL)
        report_real_model("FSRCNN", o.container, 3.0);
    close_network(&o);
    tconv_container_close(model);
}

const struct test_suite suite = { "flat repair", {
    { "the correction is the ridge regression of the branches", the_correction_is_the_ridge_regression_of_the_branches },
    { "the held-out colours come out more even", the_held_out_colours_come_out_more_even },
    { "a comb of an earlier layer is said to stay", a_comb_of_an_earlier_layer_is_said_to_stay },
    { "an even network has nothing to correct", an_even_network_has_nothing_to_correct },
    { "what cannot be corrected is refused by name", what_cannot_be_corrected_is_refused_by_name },
    { "real models come out more even on held-out colours", real_models_come_out_more_even_on_held_out_colours },
    { NULL, NULL } } };
