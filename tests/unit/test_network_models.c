/* Real models: flat grey stays even although the bare kernel of the last layer is uneven, and the torus equals the middle of an
 * image that the plain runner took through the same layers, written down here once more. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_plain.h"

#define MOST_LAYERS 16
#define MOST_TENSORS 32

struct model {
    struct opened opened;                 /* the network, from the model's own file or from one made of its weights */
    tconv_container *weights;
    struct plain_layer layers[MOST_LAYERS];
    int n_layers;
    float *tensors[MOST_TENSORS];
    size_t n_tensors;
};

static tconv_container *open_shared(const char *name)
{
    const char *shared = test_shared_folder();
    char path[1024];
    tconv_container *container = NULL;
    tconv_error error = { .message = "" };
    if (shared == NULL) {
        test_skip("no shared data");
        return NULL;
    }
    (void)snprintf(path, sizeof path, "%s/data/models/%s", shared, name);
    CHECK_MESSAGE(tconv_container_open(&container, path, NULL, &error) == TCONV_OK, "%s", error.message);
    return container;
}

/* A tensor of the weights and its shape, kept until close_model. NULL fails a check. */
static const float *load(struct model *m, const char *name, size_t *shape)
{
    tconv_tensor *t = NULL;
    tconv_error error = { .message = "" };
    size_t index = tconv_container_find(m->weights, name);
    CHECK_MESSAGE(index != SIZE_MAX && tconv_container_load_tensor(m->weights, index, &t, &error) == TCONV_OK, "%s: %s", name, error.message);
    float *values = t == NULL || m->n_tensors == MOST_TENSORS ? NULL : malloc(t->count * sizeof *values);
    for (size_t i = 0; values != NULL && i < t->count; i++)
        values[i] = (float)tconv_tensor_get(t, i);
    if (t != NULL)
        memcpy(shape, t->shape, t->rank * sizeof *shape);
    tconv_tensor_destroy(t);
    if (values != NULL)
        m->tensors[m->n_tensors++] = values;
    return values;
}

static void add_convolution(struct model *m, int kind, size_t s, size_t p, const char *weight, const char *bias)
{
    struct plain_layer *l = &m->layers[m->n_layers++];
    size_t shape[TCONV_MAX_RANK] = { 0 };
    *l = (struct plain_layer){ .kind = kind, .s = s, .p = p, .d = 1, .groups = 1 };
    l->w = load(m, weight, shape);
    l->k = shape[2];
    l->cout = shape[kind == CONV ? 0 : 1];
    l->b = load(m, bias, shape);
}

static void add_prelu(struct model *m, const float *slopes)
{
    m->layers[m->n_layers++] = (struct plain_layer){ .kind = PRELU, .b = slopes };
}

/* waifu2x upconv7: six convolutions of 3 x 3 without padding, LeakyRelu 0.1 after each, a transposed convolution k = 4, s = 2, p = 3. */
static bool open_waifu2x(struct model *m)
{
    static float slopes[256];
    *m = (struct model){ .weights = open_shared("waifu2x_upconv7_scale2.0x_model.onnx") };
    if (m->weights == NULL)
        return false;
    CHECK(tconv_network_create(&m->opened.network, m->weights, NULL, &m->opened.error) == TCONV_OK);
    for (size_t c = 0; c < 256; c++)
        slopes[c] = 0.1f;
    for (int i = 0; i < 7; i++) {
        char weight[32], bias[32], number[8] = "";
        if (i > 0)
            (void)snprintf(number, sizeof number, "%d", i);
        (void)snprintf(weight, sizeof weight, "convolution%s_W", number);
        (void)snprintf(bias, sizeof bias, "convolution%s_B", number);
        add_convolution(m, i < 6 ? CONV : CONV_TRANSPOSE, i < 6 ? 1 : 2, i < 6 ? 0 : 3, weight, bias);
        if (i < 6)
            add_prelu(m, slopes);
    }
    return m->opened.network != NULL;
}

/* FSRCNN-x2 (Dong, Loy and Tang, ECCV 2016), as an ONNX file made of the weights. */
static bool open_fsrcnn(struct model *m)
{
    static const struct { const char *name; size_t pad; const char *slope; } steps[] = {
        { "feature_extract", 2, "activation_1" }, { "shrink", 0, "activation_2" }, { "map_1", 1, NULL }, { "map_2", 1, NULL },
        { "map_3", 1, NULL }, { "map_4", 1, "activation_3" }, { "expand", 0, "activation_4" }, { "deconv", 4, NULL },
    };
    struct onnx file = { 0 };
    *m = (struct model){ .weights = open_shared("FSRCNN-x2.pt") };
    if (m->weights == NULL)
        return false;
    onnx_fsrcnn(&file, m->weights);
    m->opened = open_network(&file, NULL);
    CHECK_MESSAGE(m->opened.network != NULL, "%s", m->opened.error.message);
    for (size_t i = 0; i < 8; i++) {
        char weight[48], bias[48];
        size_t shape[TCONV_MAX_RANK];
        (void)snprintf(weight, sizeof weight, "%s.weight", steps[i].name);
        (void)snprintf(bias, sizeof bias, "%s.bias", steps[i].name);
        add_convolution(m, i < 7 ? CONV : CONV_TRANSPOSE, i < 7 ? 1 : 2, steps[i].pad, weight, bias);
        if (steps[i].slope == NULL)
            continue;
        (void)snprintf(weight, sizeof weight, "%s.weight", steps[i].slope);
        add_prelu(m, load(m, weight, shape));
    }
    return m->opened.network != NULL;
}

static void close_model(struct model *m)
{
    for (size_t i = 0; i < m->n_tensors; i++)
        free(m->tensors[i]);
    close_network(&m->opened);
    tconv_container_close(m->weights);
}

static struct model model;

static void waifu2x_is_even_at_grey_although_its_last_kernel_is_not(void)
{
    const double grey[3] = { 0.5, 0.5, 0.5 };
    tconv_step_response *response = NULL;
    tconv_error error = { .message = "" };
    if (open_waifu2x(&model)) {
        CHECK(tconv_step_response_create(&response, model.opened.network, grey, NULL, true, &error) == TCONV_OK);
        if (response != NULL) {
            CHECK(response->outputs[0].period[0] == 2 && response->outputs[0].period[1] == 2 && response->outputs[0].channels == 3);
            CHECK_MESSAGE(response->outputs[0].checkerboard_db < -60.0, "%d dB", (int)response->outputs[0].checkerboard_db);
            CHECK(response->outputs[0].values[0] > 0.45 && response->outputs[0].values[0] < 0.55);
            CHECK(response->outputs[0].n_combs == 1 && response->outputs[0].combs[0].change_db < -100.0);
        }
        tconv_step_response_destroy(response);
    }
    close_model(&model);
}

static void fsrcnn_is_even_at_grey_although_its_last_kernel_is_not(void)
{
    const double grey[3] = { 0.5, 0.5, 0.5 };       /* also (0.5, 0.5, 0.5) of YCbCr, which it takes */
    tconv_step_response *response = NULL;
    tconv_error error = { .message = "" };
    if (open_fsrcnn(&model)) {
        CHECK(tconv_step_response_create(&response, model.opened.network, grey, NULL, true, &error) == TCONV_OK);
        if (response != NULL) {
            CHECK_MESSAGE(response->outputs[0].checkerboard_db < -60.0, "%d dB", (int)response->outputs[0].checkerboard_db);
            CHECK_CLOSE("grey", 0, response->outputs[0].values[0], 0.5, 0.05);
        }
        tconv_step_response_destroy(response);
    }
    close_model(&model);
}

/* Black, grey, white, then random colours. Rounding: a float network's values are within a few hundred u of the largest. */
static void check_colours(const char *name, bool (*open)(struct model *))
{
    if (open(&model)) {
        const tconv_network_options single = { .single_precision = true };
        tconv_network *in_floats = NULL;
        tconv_container *container = model.opened.container != NULL ? model.opened.container : model.weights;
        CHECK(tconv_network_create(&in_floats, container, &single, &model.opened.error) == TCONV_OK);
        for (size_t colour = 0; colour < test_rounds(4); colour++) {
            double flat[3];
            char what[64];
            for (size_t c = 0; c < 3; c++)
                flat[c] = colour < 3 ? 0.5 * (double)colour : random_uniform(0.0, 1.0);
            (void)snprintf(what, sizeof what, "%s, colour %zu", name, colour);
            plain_check(what, model.opened.network, model.layers, model.n_layers, 3, true, flat, 1e-11);
            if (in_floats != NULL)
                plain_check(what, in_floats, model.layers, model.n_layers, 3, true, flat, 1e-5);
        }
        tconv_network_destroy(in_floats);
    }
    close_model(&model);
}

static void waifu2x_equals_the_middle_of_an_image(void)
{
    check_colours("waifu2x", open_waifu2x);
}

static void fsrcnn_equals_the_middle_of_an_image(void)
{
    check_colours("FSRCNN-x2", open_fsrcnn);
}

const struct test_suite suite = { "network models", {
    { "waifu2x is even at grey although its last kernel is not", waifu2x_is_even_at_grey_although_its_last_kernel_is_not },
    { "FSRCNN is even at grey although its last kernel is not", fsrcnn_is_even_at_grey_although_its_last_kernel_is_not },
    { "waifu2x equals the middle of an image", waifu2x_equals_the_middle_of_an_image },
    { "FSRCNN equals the middle of an image", fsrcnn_equals_the_middle_of_an_image },
    { NULL, NULL } } };
