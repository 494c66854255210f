/* Graphs as a whole: what makes one a network, what its input is, what a run says that cannot go on, and what is measured of
 * answers that are zero, empty or the same everywhere. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network/flat_colours.h"
#include "network/network.h"
#include "testing_network.h"

#define COMB "ConvTranspose x w > y | strides=[2]"       /* a layer of two branches */

static struct opened open_text(const char *model, const tconv_network_options *options)
{
    struct onnx m = onnx_text(model);
    return open_network(&m, options);
}

/* ---- what makes a network ---- */

static void what_is_no_network_is_refused(void)
{
    static const struct { tconv_status status; const char *model, *why; } table[] = {
        { TCONV_EUNSUPPORTED, "in; f32 c 1 : 1; Relu c > y",
          "the model has 0 inputs; one image is supported, and the others can be made initialisers" },
        { TCONV_EUNSUPPORTED, "in a 1 2 ?; in b 1 2 ?; in c 1; in d 1; in e 1; Relu a > y",
          "the model has 5 inputs: 'a', 'b', 'c', 'd' ..; one image is supported, and the others can be made initialisers" },
        { TCONV_EFORMAT, "in - 1 2 ?; f32 c 1 : 1; Relu c > y", "the model's input has no name" },
        { TCONV_EFORMAT, "out; Relu x > y", "the model has no output" },
        { TCONV_EFORMAT, "out -; Relu x > y", "nothing makes the output ''" },
        { TCONV_EFORMAT, "out y; out z; Relu x > y", "nothing makes the output 'z'" },
        { TCONV_EFORMAT, "Relu x > y z; out z", "nothing makes the output 'z'" },
        { TCONV_EFORMAT, "Relu z > y", "node 'y' (Relu): nothing before it makes its input 'z'" },
        { TCONV_EUNSUPPORTED, "com.example:Relu x > y", "node 'y': the operator com.example.Relu is not supported" },
        { TCONV_EUNSUPPORTED, "Elsewhere x > y", "node 'y': the operator Elsewhere is not supported" },
        { TCONV_EFORMAT, "Relu > y", "node 'y' (Relu) has 0 inputs and 1 outputs" },
        { TCONV_EFORMAT, "Relu x x > y", "node 'y' (Relu) has 2 inputs and 1 outputs" },
        { TCONV_EFORMAT, "Add x - > y", "node 'y' (Add): its input 1 is left out" },
        { TCONV_EUNSUPPORTED, "in x 1 2 ? ? ?; Relu x > y",
          "the input 'x' has 5 axes; (batch, channels, x) and (batch, channels, y, x) are supported" },
        { TCONV_EUNSUPPORTED, "in x; Relu x > y",
          "the input 'x' has 0 axes; (batch, channels, x) and (batch, channels, y, x) are supported" },
        { TCONV_EUNSUPPORTED, "in x 1 ? ?; Relu x > y", "the input 'x' does not tell how many channels it has" },
        { TCONV_EUNSUPPORTED, "in x 1 2000000 ?; Relu x > y", "the input 'x' does not tell how many channels it has" },
        { TCONV_EUNSUPPORTED, "in x 1 ? ? ?; f32 w 1 2 1 : 1 1; Conv x w > y",
          "the input 'x' does not tell how many channels it has" },
        { TCONV_EUNSUPPORTED, "in x 1 ? ?; Conv x x > y", "the input 'x' does not tell how many channels it has" },
        { TCONV_EFORMAT, "in x 1 ? ?; f32 w 1 2 1 : 1 1; Conv x w > y | group=-1",
          "node 'y' (Conv): 1 channels do not fit the weight (1, 2, ..) in -1 groups" },
        { TCONV_EFORMAT, "in x 1 ? ?; f32 w 1 2 1 : 1 1; Conv x w > y | group=2000000",
          "node 'y' (Conv): 1 channels do not fit the weight (1, 2, ..) in 2000000 groups" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct opened o = open_text(table[i].model, NULL);
        CHECK_MESSAGE(o.network == NULL && o.error.status == table[i].status, "status %d: %s", (int)o.error.status,
                      table[i].model);
        CHECK_TEXT(o.error.message, table[i].why);
        close_network(&o);
    }
}

static void a_file_without_a_graph_is_refused(void)
{
    static const char file[] = "\x40\0\0\0\0\0\0\0"
                               "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}          \0\0\0\0";
    tconv_source *source = NULL;
    tconv_container *container = NULL;
    tconv_network *network = NULL;
    tconv_flat_repair *repair = NULL;
    tconv_error error = { .message = "" };
    CHECK(tconv_source_open_memory(&source, file, sizeof file - 1) == TCONV_OK);
    CHECK_MESSAGE(tconv_container_open_source(&container, source, NULL, NULL, &error) == TCONV_OK, "%s", error.message);
    if (container != NULL) {
        CHECK(tconv_network_create(&network, container, NULL, &error) == TCONV_EUNSUPPORTED && network == NULL);
        CHECK_TEXT(error.message, "the file holds no ONNX graph; the answer of a network needs one");
        CHECK(tconv_flat_repair_create(&repair, container, NULL, &error) == TCONV_EUNSUPPORTED && repair == NULL);
    }
    tconv_container_close(container);
    tconv_source_close(source);
    tconv_network_destroy(NULL);
    tconv_flat_repair_destroy(NULL);
    tconv_step_response_destroy(NULL);
}

/* Declared, or told by the weight that meets the input, or else by the caller. */
static void the_channels_of_the_input_are_found(void)
{
    static const struct { const char *model; size_t told, channels, ndim; } table[] = {
        { "in x ? ? ?; Relu x > y", 3, 3, 1 },
        { "in x 1 2 ?; Relu x > y", 3, 2, 1 },
        { "in x 1 ? ?; f32 w 1 5 1 : 1 1 1 1 1; Conv x w > y", 3, 5, 1 },
        { "in x; f32 w 1 5 1 1 : 1 1 1 1 1; Conv x w > y", 0, 5, 2 },
        { "in x; f32 w 4 1 1 : 1 1 1 1; Conv x w > y | group=4", 0, 4, 1 },
        { "in x; f32 w 6 2 1 : 1 1 1 1 1 1 1 1 1 1 1 1; ConvTranspose x w > y", 0, 6, 1 },
        { "in x 1 ? ?; f32 w 1 5 1 : 1 1 1 1 1; Relu x > v; Conv v w > y", 5, 5, 1 },
        { "in x 1 ? ?; f32 w 1 5 1 : 1 1 1 1 1; Neg w > v; Conv x v > y", 5, 5, 1 },
        { "in x 1 ? ? 3; Transpose x > y | perm=[0,3,1,2]", 0, 3, 2 },
        { "in x 1 ? 3; Transpose x > y | perm=[0,2,1]", 0, 3, 1 },
        { "in x 1 5 3; Transpose x > y | perm=[0,2,1]", 0, 5, 1 },
        { "in x 1 ? ? 3; Constant > c | value_float=1.0; Shape x > s; Transpose x > v | perm=[0,3,1,2]; Mul v c > y; out s; "
          "out y", 0, 3, 2 },
        { "in x 1 ? ? 3; Transpose x > y | perm=[0,3,1,2]; Relu x > z; out y; out z", 4, 4, 2 },
        { "in x 1 ? ? 3; Transpose x > y | perm=[0,1,2,3]", 4, 4, 2 },
        { "in x 1 ? ? 3; Transpose x > y", 4, 4, 2 },
        { "in x 1 ? ? 3; Shape x > y", 4, 4, 2 },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const tconv_network_options options = { .channels = table[i].told };
        struct opened o = open_text(table[i].model, &options);
        CHECK_MESSAGE(o.network != NULL, "%s: %s", o.error.message, table[i].model);
        if (o.network != NULL)
            CHECK_MESSAGE(tconv_network_channels(o.network) == table[i].channels
                          && tconv_network_ndim(o.network) == table[i].ndim, "%zu channels: %s",
                          tconv_network_channels(o.network), table[i].model);
        close_network(&o);
    }
}

static void the_supported_operators_can_be_listed(void)
{
    size_t count = 0;
    while (tconv_network_operator(count) != NULL)
        count++;
    CHECK(count > 60 && tconv_network_operator(count + 1) == NULL);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            CHECK_MESSAGE(strcmp(tconv_network_operator(i), tconv_network_operator(j)) != 0, "%s twice",
                          tconv_network_operator(i));
}

static void there_is_nothing_after_the_last(void)
{
    struct opened o = open_text("f32 w 2 1 2 : 1 1 1 1; ConvTranspose x w > v | strides=[2]; f32 u 1 1 1 : 1;"
                                "Conv v u > z; Add z v > y", NULL);
    CHECK_MESSAGE(o.network != NULL, "%s", o.error.message);
    if (o.network != NULL) {
        CHECK(tconv_network_layers(o.network) == 1 && tconv_network_layer_at(o.network, 1) == NULL);
        CHECK(tconv_network_joins(o.network) == 1 && tconv_network_join_at(o.network, 1) == NULL);
        CHECK(tconv_network_outputs(o.network) == 1 && tconv_network_output_name(o.network, 1) == NULL);
        CHECK_TEXT(tconv_network_output_name(o.network, 0), "y");
        CHECK_TEXT(tconv_network_join_at(o.network, 0)->operator_name, "Add");
        CHECK_TEXT(tconv_network_layer_at(o.network, 0)->operator_name, "ConvTranspose");
    }
    close_network(&o);
}

/* ---- runs ---- */

static void a_run_that_cannot_go_on_says_why(void)
{
    static const struct { tconv_status status; size_t period, layer; double value; const char *model, *why; } table[] = {
        { TCONV_EARGUMENT, 1, 1, 1.0, "f32 w 2 1 2 : 1 1 1 1; " COMB, "there is no layer 1 to equalise" },
        { TCONV_EARGUMENT, 0, TCONV_NO_LAYER, 1.0, "Relu x > y", "a period of 0 samples; 1 to 16 are allowed" },
        { TCONV_EARGUMENT, 17, TCONV_NO_LAYER, 1.0, "Relu x > y", "a period of 17 samples; 1 to 16 are allowed" },
        { TCONV_ESIZE, 16, TCONV_NO_LAYER, 1.0, "Relu x > y", "the input 'x' would have more than 30 elements" },
        { TCONV_ESIZE, 15, TCONV_NO_LAYER, 1.0, "f32 w 2 1 2 : 1 1 1 1; " COMB,
          "node 'y' (ConvTranspose): its period would be above 16 samples" },
        { TCONV_ENONFINITE, 1, TCONV_NO_LAYER, -1.0, "Log x > y", "node 'y' (Log) makes a NaN or an infinity" },
        { TCONV_ENONFINITE, 1, TCONV_NO_LAYER, 0.0, "Reciprocal x > v; Neg v > y",
          "node 'v' (Reciprocal) makes a NaN or an infinity" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const tconv_network_options options = { .most_period = 16, .most_elements = 30 };
        struct opened o = open_text(table[i].model, &options);
        tconv_torus out = { 0 };
        double tile[64];
        for (size_t k = 0; k < 64; k++)
            tile[k] = table[i].value;
        CHECK_MESSAGE(o.network != NULL, "%s: %s", o.error.message, table[i].model);
        if (o.network != NULL) {
            CHECK(tconv_network_run(o.network, tile, &table[i].period, table[i].layer, &out, &o.error) == table[i].status);
            CHECK_TEXT(o.error.message, table[i].why);
            CHECK(tconv_network_run(o.network, tile, &table[i].period, table[i].layer, &out, NULL) == table[i].status);
        }
        tconv_torus_free(&out);
        close_network(&o);
    }
}

/* A constant that cannot be loaded, or is too large, is named. */
static void constants_that_cannot_be_used_are_named(void)
{
    const tconv_network_options few = { .most_elements = 5 };
    struct onnx m = onnx_text("Identity words > y");
    struct bytes t = { 0 };
    proto_number(&t, 1, 1);
    proto_number(&t, 2, 8);           /* strings */
    proto_text(&t, 6, "one");
    proto_text(&t, 8, "words");
    proto_message(&m.graph, 5, &t);
    struct opened words = open_network(&m, NULL);
    struct opened large = open_text("f32 c 1 2 3 : 1 2 3 4 5 6; Identity c > v; Add x v > y", &few);
    CHECK(words.network == NULL && words.error.status == TCONV_EUNSUPPORTED);
    CHECK_MESSAGE(strstr(words.error.message, "'words'") != NULL, "%s", words.error.message);
    CHECK(large.network == NULL && large.error.status == TCONV_ESIZE);
    CHECK_TEXT(large.error.message, "the tensor 'c' has more than 5 elements");
    close_network(&words);
    close_network(&large);
}

/* The second output of Relu has a number and no maker. */
static void a_look_at_what_is_never_made_is_refused(void)
{
    const double tile[2] = { 1.0, 2.0 };
    struct opened o = open_text("Relu x > y z", NULL);
    tconv_torus copy = { 0 };
    CHECK(o.network != NULL && tconv_network_look(o.network, tile, NULL, 1, &copy, &o.error) == TCONV_OK && copy.count == 2);
    tconv_torus_free(&copy);
    CHECK(o.network != NULL && tconv_network_look(o.network, tile, NULL, 2, &copy, &o.error) == TCONV_EARGUMENT);
    CHECK_TEXT(o.error.message, "the run does not make the value that is asked for");
    tconv_torus_free(&copy);
    close_network(&o);
}

static void periods_meet_at_their_least_common_multiple(void)
{
    for (size_t a = 0; a < 13; a++)
        for (size_t b = 0; b < 13; b++) {
            size_t least = a == 0 || b == 0 ? 0 : 1;
            while (least > 0 && (least % a != 0 || least % b != 0))
                least++;
            CHECK(tconv_lcm(a, b, 200) == least && tconv_lcm(a, b, 30) == (least <= 30 ? least : 0));
        }
    CHECK(tconv_lcm(SIZE_MAX, SIZE_MAX - 1, SIZE_MAX) == 0);
    for (int64_t i = -20; i < 20; i++)
        CHECK(tconv_wrap(i, 7) == (size_t)((i + 70) % 7));
}

static void a_refusal_needs_no_place_for_its_message(void)
{
    static const char *const models[] = { "Relu x > y z; out z", "MaxPool x > y",
                                          "i64 s 1 : 7; Expand x s > y", "i64 s 1 : 20000000; ConstantOfShape s > y" };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct opened o = open_text(models[i], NULL);
        tconv_network *network = NULL;
        CHECK(o.network == NULL && o.container != NULL);
        if (o.container != NULL)
            CHECK_MESSAGE(tconv_network_create(&network, o.container, NULL, NULL) == o.error.status, "%s", models[i]);
        close_network(&o);
    }
}

/* ---- responses ---- */

struct measured {
    struct opened opened;
    tconv_step_response *response;
    tconv_status status;
};

static struct measured measure(const char *model, const double *tile)
{
    struct measured m = { .opened = open_text(model, NULL), .status = TCONV_OK };
    CHECK_MESSAGE(m.opened.network != NULL, "%s: %s", m.opened.error.message, model);
    if (m.opened.network != NULL)
        m.status = tconv_step_response_create(&m.response, m.opened.network, tile, NULL, true, &m.opened.error);
    return m;
}

static void close_measured(struct measured *m)
{
    tconv_step_response_destroy(m->response);
    close_network(&m->opened);
}

static void extreme_answers_have_extreme_indices(void)
{
    static const double one[2] = { 1.0, 1.0 };
    static const struct { const char *model; double db, change, worst; size_t comb; } table[] = {
        { "f32 w 2 1 2 : 0 0 0 0; " COMB, NAN, 0.0, 0.0, 2 },
        { "f32 w 2 1 2 : 1 -1 0 0; " COMB, INFINITY, NAN, 2.0, 2 },
        { "f32 w 2 1 2 : 1 1 0 0; " COMB, -INFINITY, 0.0, 0.0, 2 },
        /* every third sample of a comb of two: no whole number of them is a period */
        { "f32 w 2 1 2 : 1 3 0 0; ConvTranspose x w > v | strides=[2]; i64 s 1 : 0; i64 e 1 : 9000000000; i64 a 1 : 2; "
          "i64 t 1 : 3;Slice v s e a t > y", -6.020599913279624, -INFINITY, 2.0, 0 },
        { "in x 1 2 6; f32 w 2 2 1 : 1 0 3 0; Conv x w > v; Transpose v > u | perm=[0,2,1]; i64 s 3 : 1 1 12; Reshape u s > y",
          -6.020599913279624, -INFINITY, 2.0, 2 },
        { "in x 1 2 ? ?; f32 w 4 2 1 1 : 1 0 3 0 3 0 1 0; Conv x w > v; DepthToSpace v > y | blocksize=2", -6.020599913279624,
          -INFINITY, 2.0, 2 },
        { "in x 2 2 ?; f32 w 2 1 2 : 1 3 0 0; ConvTranspose x w > v | strides=[2]; Transpose v > y | perm=[0,2,1]",
          -6.020599913279624, -INFINITY, 2.0, 2 },
        { "f32 w 2 1 2 : 1 3 0 0; ConvTranspose x w > v | strides=[2]; Transpose v > y | perm=[2,1,0]", -6.020599913279624,
          -INFINITY, 2.0, 2 },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct measured m = measure(table[i].model, one);
        CHECK_MESSAGE(m.status == TCONV_OK, "%s: %s", m.opened.error.message, table[i].model);
        if (m.response != NULL) {
            const tconv_output_response *r = &m.response->outputs[0];
            CHECK_MESSAGE(isnan(table[i].db) ? isnan(r->checkerboard_db) : isinf(table[i].db) ? r->checkerboard_db == table[i].db
                          : fabs(r->checkerboard_db - table[i].db) < 1e-9, "%g dB: %s", r->checkerboard_db, table[i].model);
            CHECK(r->n_combs == 1 && r->combs[0].period[0] == table[i].comb);
            CHECK(r->worst == table[i].worst && m.response->worst == table[i].worst);
            CHECK_MESSAGE(isnan(table[i].change) ? isnan(r->combs[0].change_db)
                          : r->combs[0].change_db == table[i].change, "change %g: %s", r->combs[0].change_db, table[i].model);
        }
        close_measured(&m);
    }
}

static void what_cannot_be_measured_is_refused(void)
{
    static const struct { tconv_status status; const char *model, *why; double value; } table[] = {
        { TCONV_EUNSUPPORTED, "i64 z 1 : 0; Slice x z z z > y", "the output 'y' is empty", 1.0 },
        { TCONV_ENONFINITE, "Log x > y", "node 'y' (Log) makes a NaN or an infinity", 0.0 },
        /* finite as it is, 1/0 with equal branches */
        { TCONV_ENONFINITE,
          "f32 w 2 1 2 : 0.5 1.5 0 0; f32 one : 1; ConvTranspose x w > v | strides=[2]; Sub v one > u; Reciprocal u > y",
          "node 'y' (Reciprocal) makes a NaN or an infinity", 1.0 },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const double tile[2] = { table[i].value, table[i].value };
        struct measured m = measure(table[i].model, tile);
        CHECK(m.response == NULL && m.status == table[i].status);
        CHECK_TEXT(m.opened.error.message, table[i].why);
        close_measured(&m);
    }
}

static void the_spread_of_greys_is_the_largest_of_five(void)
{
    struct opened o = open_text("f32 w 2 1 2 : 1 3 0 0; f32 u 2 1 2 : 1 2 0 0; out y; out z; ConvTranspose x u > z | strides=[2];"
                                COMB, NULL);
    struct opened log = open_text("Log x > y", NULL);
    struct opened even = open_text("f32 w 2 1 2 : 1 1 0 0; " COMB, NULL);
    double worst = NAN;
    CHECK(o.network != NULL && tconv_network_grey_spread(o.network, &worst, &o.error) == TCONV_OK && worst == 2.0);
    CHECK(even.network != NULL && tconv_network_grey_spread(even.network, &worst, &even.error) == TCONV_OK && worst == 0.0);
    CHECK(log.network != NULL && tconv_network_grey_spread(log.network, &worst, &log.error) == TCONV_ENONFINITE);
    CHECK_TEXT(log.error.message, "node 'y' (Log) makes a NaN or an infinity");
    close_network(&o);
    close_network(&even);
    close_network(&log);
}

/* ---- repairs ---- */

static void colours_are_as_many_as_there_is_room_for(void)
{
    static const struct { enum tconv_colours set; size_t channels, wanted, count; } table[] = {
        { TCONV_COLOURS_FITTED, 1, 1, 5 }, { TCONV_COLOURS_FITTED, 2, 1, 9 }, { TCONV_COLOURS_FITTED, 4, 1, 21 },
        { TCONV_COLOURS_FITTED, 5, 1, 5 }, { TCONV_COLOURS_FITTED, 3, 0, 64 }, { TCONV_COLOURS_HELD_OUT, 3, 1, 4 },
        { TCONV_COLOURS_HELD_OUT, 3, 512, 512 },
    };
    double *colours = NULL;
    size_t count = 0;
    tconv_error error = { .message = "" };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CHECK(tconv_flat_colours(table[i].set, table[i].channels, table[i].wanted, 0, &colours, &count, &error) == TCONV_OK);
        CHECK_MESSAGE(count == table[i].count, "row %zu: %zu colours", i, count);
        for (size_t k = 0; colours != NULL && k < count * table[i].channels; k++)
            CHECK(colours[k] >= 0.0 && colours[k] <= 1.0);
        tconv_free(colours);
    }
    CHECK(tconv_flat_colours(TCONV_COLOURS_FITTED, 3, 513, 0, &colours, &count, &error) == TCONV_EARGUMENT && colours == NULL);
    CHECK_TEXT(error.message, "513 colours; at most 512 are supported");
    CHECK(tconv_flat_colours(TCONV_COLOURS_FITTED, SIZE_MAX / 2, 64, 0, &colours, &count, &error) == TCONV_ESIZE);
    CHECK(colours == NULL);
}

static void what_cannot_be_corrected_is_refused(void)
{
    static const struct { tconv_status status; size_t colours; const char *model, *why; } table[] = {
        { TCONV_EARGUMENT, 513, "f32 w 2 1 2 : 1 3 0 0; " COMB, "513 colours; at most 512 are supported" },
        { TCONV_EUNSUPPORTED, 0, "Elsewhere x > y", "node 'y': the operator Elsewhere is not supported" },
        { TCONV_EUNSUPPORTED, 0, "in x 1 4 ? ?; DepthToSpace x > y | blocksize=2",
          "node 'y' (DepthToSpace): what it lays out in space does not come straight from a Conv" },
        { TCONV_EUNSUPPORTED, 0, "in x 1 4 ? ?; Identity x > v; DepthToSpace v > y | blocksize=2",
          "node 'y' (DepthToSpace): what it lays out in space does not come straight from a Conv" },
        { TCONV_ENONFINITE, 0, "f32 w 2 1 2 : 1 3 0 0; Log x > f; ConvTranspose f w > y | strides=[2]",
          "node 'f' (Log) makes a NaN or an infinity" },
        { TCONV_ENONFINITE, 0, "in x 1 1 ? ?; f32 w 4 1 1 1 : 1 2 3 4; Log x > f; Conv f w > v; DepthToSpace v > y | blocksize=2",
          "node 'f' (Log) makes a NaN or an infinity" },
        { TCONV_EUNSUPPORTED, 0, "i64 z 1 : 0; f32 w 2 1 2 : 1 3 0 0; Slice x z z z > f; ConvTranspose f w > y | strides=[2]",
          "node 'y' (ConvTranspose): its input is empty" },
        /* the two items of a batch laid out in space: both come from the same channel, or there are too many of them */
        { TCONV_EUNSUPPORTED, 0, "in x 2 1 6; f32 w 4 1 1 : 1 2 3 4; i64 r 4 : 2 2 2 6; i64 s 3 : 2 2 12; Conv x w > v;"
                                 "Reshape v r > u; Transpose u > t | perm=[1,2,3,0]; Reshape t s > y",
          "node 'y' (Reshape): its branches are not the channels of one convolution" },
        { TCONV_EUNSUPPORTED, 0, "in x 2 1 6; f32 w 2 1 1 : 1 2; i64 s 3 : 1 2 12; Conv x w > v;"
                                 "Transpose v > u | perm=[1,2,0]; Unsqueeze u > t | axes=[0]; Reshape t s > y",
          "node 'y' (Reshape): its branches are not the channels of one convolution" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const tconv_flat_repair_options options = { .colours = table[i].colours };
        struct opened o = open_text(table[i].model, NULL);
        tconv_flat_repair *repair = NULL;
        CHECK_MESSAGE(tconv_flat_repair_create(&repair, o.container, &options, &o.error) == table[i].status, "%s: %s",
                      o.error.message, table[i].model);
        CHECK(repair == NULL);
        CHECK_TEXT(o.error.message, table[i].why);
        tconv_flat_repair_destroy(repair);
        close_network(&o);
    }
}

/* What the trial run lets pass, the correction has to read alike: attributes without numbers. */
static void attributes_without_numbers_are_as_left_out(void)
{
    double first[4] = { 0 };
    for (size_t i = 0; i < 2; i++) {
        static const char *const models[2] = {
            "f32 w 2 1 2 : 1 3 2 2; " COMB, "f32 w 2 1 2 : 1 3 2 2; " COMB " dilations=[] pads=[]"
        };
        struct opened o = open_text(models[i], NULL);
        tconv_flat_repair *repair = NULL;
        CHECK(tconv_flat_repair_create(&repair, o.container, NULL, &o.error) == TCONV_OK && repair->count == 4);
        if (i == 0 && repair != NULL)
            memcpy(first, repair->values, sizeof first);
        else if (repair != NULL)
            CHECK_SAME(repair->values, first, sizeof first);
        tconv_flat_repair_destroy(repair);
        close_network(&o);
    }
}

/* Nothing to correct by: features of zero, or taps of zero; and a bias that is computed from the image is left out of account. */
static void a_correction_of_nothing_is_nothing(void)
{
    static const char *const models[] = {
        "f32 nil : 0; f32 w 2 1 2 : 1 3 0 0; Mul x nil > f; ConvTranspose f w > y | strides=[2]",
        "f32 w 2 1 2 : 0 0 0 0; " COMB,
        "in x 1 1 ? ?; f32 w 4 1 1 1 : 1 1 1 1; ReduceMean x > m | axes=[0,2,3] keepdims=0; i64 four 1 : 4; Expand m four > b;"
        "Conv x w b > v; DepthToSpace v > y | blocksize=2",
    };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct opened o = open_text(models[i], NULL);
        tconv_flat_repair *repair = NULL;
        CHECK_MESSAGE(o.container != NULL && tconv_flat_repair_create(&repair, o.container, NULL, &o.error) == TCONV_OK, "%s: %s",
                      o.error.message, models[i]);
        if (repair != NULL) {
            CHECK_MESSAGE(repair->relative_change < 1e-12, "%g: %s", repair->relative_change, models[i]);
            tconv_status status = tconv_flat_repair_compare(repair, o.container, o.container, &o.error);
            CHECK_MESSAGE(status == TCONV_OK, "%s", o.error.message);
            CHECK(repair->even && !repair->helps);
            CHECK((i == 2) == isfinite(repair->texture_change) && (i == 2) == !isnan(repair->held_out_before.index_db));
        }
        tconv_flat_repair_destroy(repair);
        close_network(&o);
    }
}

/* One repair against other models than its own: what cannot run is refused; of outputs those are compared that both have. */
static void any_two_models_can_be_compared(void)
{
    static const char own[] = "f32 w 2 2 2 : 1 3 0 0 0 0 1 2; " COMB;
    static const struct { tconv_status status; const char *before, *after, *why; } table[] = {
        { TCONV_OK, own, own, "" },
        { TCONV_OK, own, "f32 w 2 1 2 : 1 3 0 0; " COMB, "" },
        { TCONV_OK, own, "f32 w 2 3 2 : 1 3 0 0 0 0 1 2 1 2 3 4; " COMB, "" },
        { TCONV_OK, "f32 w 2 2 2 : 1 3 0 0 0 0 1 2; ConvTranspose x w > y | strides=[2]; Neg y > z; out y; out z", own, "" },
        { TCONV_OK, own, "f32 w 2 2 2 : 9 3 0 0 0 0 1 2; " COMB, "" },
        { TCONV_EUNSUPPORTED, "Elsewhere x > y", own, "node 'y': the operator Elsewhere is not supported" },
        { TCONV_EUNSUPPORTED, own, "Elsewhere x > y", "node 'y': the operator Elsewhere is not supported" },
        { TCONV_ENONFINITE, "Log x > y", own, "node 'y' (Log) makes a NaN or an infinity" },
        { TCONV_ENONFINITE, own, "Log x > y", "node 'y' (Log) makes a NaN or an infinity" },
        /* grey 1/8, which only the held-out set has */
        { TCONV_ENONFINITE, own, "f32 c : 0.125; Sub x c > v; Reciprocal v > y",
          "node 'y' (Reciprocal) makes a NaN or an infinity" },
        /* no map of a flat colour has a spread; textures do */
        { TCONV_ENONFINITE,
          "GlobalMaxPool x > m; Sub x m > d; Abs d > a; f32 one : 1; f32 big : 1000000; Mul a big > b; Exp b > y", own,
          "node 'y' (Exp) makes a NaN or an infinity" },
        { TCONV_ENONFINITE, own, "GlobalMaxPool x > m; Sub x m > d; Abs d > a; f32 big : 1000000; Mul a big > b; Exp b > y",
          "node 'y' (Exp) makes a NaN or an infinity" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct opened o = open_text(own, NULL), a = open_text(table[i].before, NULL), b = open_text(table[i].after, NULL);
        tconv_flat_repair *repair = NULL;
        tconv_error error = { .message = "" };
        CHECK(tconv_flat_repair_create(&repair, o.container, NULL, &error) == TCONV_OK);
        if (repair != NULL)
            CHECK_MESSAGE(tconv_flat_repair_compare(repair, a.container, b.container, &error) == table[i].status, "row %zu", i);
        CHECK_TEXT(error.message, table[i].why);
        tconv_flat_repair_destroy(repair);
        close_network(&o);
        close_network(&a);
        close_network(&b);
    }
}

const struct test_suite suite = { "network graphs", {
    { "what is no network is refused", what_is_no_network_is_refused },
    { "a file without a graph is refused", a_file_without_a_graph_is_refused },
    { "the channels of the input are found", the_channels_of_the_input_are_found },
    { "the supported operators can be listed", the_supported_operators_can_be_listed },
    { "there is nothing after the last", there_is_nothing_after_the_last },
    { "a run that cannot go on says why", a_run_that_cannot_go_on_says_why },
    { "constants that cannot be used are named", constants_that_cannot_be_used_are_named },
    { "a look at what is never made is refused", a_look_at_what_is_never_made_is_refused },
    { "periods meet at their least common multiple", periods_meet_at_their_least_common_multiple },
    { "a refusal needs no place for its message", a_refusal_needs_no_place_for_its_message },
    { "extreme answers have extreme indices", extreme_answers_have_extreme_indices },
    { "what cannot be measured is refused", what_cannot_be_measured_is_refused },
    { "the spread of greys is the largest of five", the_spread_of_greys_is_the_largest_of_five },
    { "colours are as many as there is room for", colours_are_as_many_as_there_is_room_for },
    { "what cannot be corrected is refused", what_cannot_be_corrected_is_refused },
    { "attributes without numbers are as left out", attributes_without_numbers_are_as_left_out },
    { "a correction of nothing is nothing", a_correction_of_nothing_is_nothing },
    { "any two models can be compared", any_two_models_can_be_compared },
    { NULL, NULL } } };
