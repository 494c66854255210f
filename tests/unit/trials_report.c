/* Trials of lib/report. */
#include "trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Made once, when first asked for. */
static tconv_verdict *verdicts[2];
static tconv_figures *channels[2];
static tconv_container *model;
static tconv_network *network;
static tconv_step_response *responses[1];

void trials_report_end(void)
{
    for (size_t i = 0; i < 2; i++) {
        tconv_verdict_destroy(verdicts[i]);
        tconv_figures_destroy(channels[i]);
    }
    tconv_step_response_destroy(responses[0]);
    tconv_network_destroy(network);
    tconv_container_close(model);
}

static const tconv_verdict *verdict_of(const tconv_kernel *kernel)
{
    size_t which = kernel == trial_single() ? 0 : 1;
    if (verdicts[which] == NULL)
        CHECK(tconv_verdict_create(&verdicts[which], kernel, trial_figures(kernel), NULL, 1.0) == TCONV_OK);
    return verdicts[which];
}

static tconv_json_layer layer_of_document(const tconv_kernel *kernel)
{
    return (tconv_json_layer){
        .kernel = kernel, .figures = trial_figures(kernel), .verdict = verdict_of(kernel), .input_size = { 5, 5 }
    };
}

static tconv_figures *const *channels_of_layer(void)
{
    for (size_t co = 0; co < 2 && channels[1] == NULL; co++) {
        tconv_kernel *channel = NULL;
        CHECK(tconv_kernel_channel(trial_layer(), co, &channel, NULL) == TCONV_OK
              && tconv_figures_create(&channels[co], channel, NULL, NULL) == TCONV_OK);
        tconv_kernel_destroy(channel);
    }
    return channels;
}

static void layers(struct trial *t)
{
    tconv_buffer out = { 0 };
    const tconv_kernel *kernels[2] = { trial_single(), trial_layer() };
    for (size_t i = 0; i < 2 && t->status == TCONV_OK; i++) {
        const tconv_layer_report report = { "a file", kernels[i], trial_figures(kernels[i]), verdict_of(kernels[i]),
                                            (size_t[]){ 5, 5 } };
        (void)FILL(&out, tconv_layer_text(&out, &report));
    }
    tconv_figures *const *both = channels_of_layer();
    if (t->status == TCONV_OK)
        (void)FILL(&out, tconv_channels_text(&out, both, 2));
    note_buffer(t, &out);
}

static void documents(struct trial *t)
{
    tconv_buffer out = { 0 };
    tconv_json_layer layer = layer_of_document(trial_layer());
    layer.channels = channels_of_layer();
    layer.n_channels = 2;
    const tconv_json_document document = { .tool = "a tool", .file = "a file", .format = "npy", .layers = &layer, .n_layers = 1 };
    (void)TRY(tconv_json_write_document(&document, &out));
    note_buffer(t, &out);
}

static void pages(struct trial *t)
{
    tconv_buffer out = { 0 };
    const tconv_json_layer layer = layer_of_document(trial_single());
    const tconv_json_document document = {
        .tool = "a tool", .file = "a file", .format = "text", .layers = &layer, .n_layers = 1
    };
    (void)TRY(tconv_page_write(&document, &out));
    note_buffer(t, &out);
}

static void models(struct trial *t)
{
    tconv_buffer out = { 0 };
    const tconv_json_layer both[2] = { layer_of_document(trial_single()), layer_of_document(trial_layer()) };
    (void)FILL(&out, tconv_model_text(&out, "a file", "npz", both, 2));
    note_buffer(t, &out);
}

static void comparisons(struct trial *t)
{
    tconv_buffer out = { 0 };
    const tconv_comparison_report report = { "a tool", "a file", "text", NULL, "white", trial_single(), trial_comparisons() };
    if (FILL(&out, tconv_comparison_text(&out, &report)))
        (void)TRY(tconv_comparison_json(&report, &out));
    note_buffer(t, &out);
}

static void learning(struct trial *t)
{
    tconv_buffer out = { 0 };
    const tconv_learning_line lines[1] = { { "learned", "from ones", 0.25, NAN } };
    const tconv_learning_report report = { .tool = "a tool",
                                           .file = "a file",
                                           .format = "text",
                                           .ndim = 1,
                                           .n = { 80 },
                                           .train = "all",
                                           .train_power = 1.0,
                                           .test_power = NAN,
                                           .down = "every 2nd",
                                           .optimizer = "exact",
                                           .start = "ones",
                                           .learned = { 1.0, 0.25, 1, 0.0 },
                                           .least = 0.25,
                                           .kernel = trial_single(),
                                           .line = lines,
                                           .n_lines = 1,
                                           .comparisons = trial_comparisons() };
    if (FILL(&out, tconv_learning_text(&out, &report)))
        (void)TRY(tconv_learning_json(&report, &out));
    note_buffer(t, &out);
}

static void repairs(struct trial *t)
{
    static const tconv_repair_report done = { .pairs = 1, .relative_change = 0.25, .index_before = 0.5 };
    tconv_buffer out = { 0 };
    const tconv_kernel *kernel = trial_single();
    const tconv_repair_sides sides = { .tool = "a tool",
                                       .file = "a file",
                                       .format = "text",
                                       .method = "project",
                                       .output = "another",
                                       .report = &done,
                                       .geometry_before = &kernel->geometry,
                                       .geometry_after = &kernel->geometry,
                                       .before = trial_figures(kernel),
                                       .after = trial_figures(kernel) };
    tconv_repair_sides of_model = sides;
    of_model.layer = "up";
    of_model.weight = "up.weight";
    if (FILL(&out, tconv_repair_text(&out, &sides)) && TRY(tconv_repair_json(&sides, &out)))
        (void)TRY(tconv_repair_layers_json(&of_model, 1, &out));
    note_buffer(t, &out);
}

static void flat_repairs(struct trial *t)
{
    static const tconv_flat_repair repair = { .layer = "up",
                                              .operator_name = "ConvTranspose",
                                              .weight = "up.weight",
                                              .fitted = 16,
                                              .held_out = 16,
                                              .ridge = 0.1,
                                              .relative_change = 0.01,
                                              .channels = 3,
                                              .helps = true };
    tconv_buffer out = { 0 };
    const tconv_flat_repair_report report = { .file = "a file", .output = "another", .repair = &repair, .range = { 0.0, 1.0 } };
    if (FILL(&out, tconv_flat_repair_text(&out, &report)))
        (void)TRY(tconv_flat_repair_json(&report, &out));
    note_buffer(t, &out);
}

static void arithmetic(struct trial *t)
{
    tconv_buffer out = { 0 };
    tconv_axis found[2];
    tconv_arithmetic_search search = { .query = { .n_in = 4, .n_out = 8 }, .found = found, .shown = 2 };
    const tconv_geometry layers_of_stack[2] = { trial_single()->geometry, trial_single()->geometry };
    require(t, tconv_layer_search(&search.query, found, 2, &search.total, NULL) == TCONV_OK, "a search");
    const tconv_arithmetic searched = { .layers = &trial_layer()->geometry,
                                        .n_layers = 1,
                                        .input_size = { 5, 5 },
                                        .input_rate = NAN,
                                        .searches = &search,
                                        .n_searches = 1 };
    const tconv_arithmetic stack = {
        .layers = layers_of_stack, .n_layers = 2, .is_stack = true, .input_size = { 5 }, .input_rate = 100.0
    };
    if (FILL(&out, tconv_arithmetic_text(&out, &searched)) && FILL(&out, tconv_arithmetic_text(&out, &stack))
        && TRY(tconv_arithmetic_json(&searched, "a tool", &out)))
        (void)TRY(tconv_arithmetic_json(&stack, "a tool", &out));
    note_buffer(t, &out);
}

static void steps(struct trial *t)
{
    static double grey[3] = { 0.5, 0.5, 0.5 };
    char path[600];
    (void)snprintf(path, sizeof path, "%s/tests/data/step-uneven.onnx", test_root_folder());
    if (model == NULL)
        CHECK(tconv_container_open(&model, path, NULL, NULL) == TCONV_OK
              && tconv_network_create(&network, model, NULL, NULL) == TCONV_OK
              && tconv_step_response_create(&responses[0], network, grey, NULL, true, NULL) == TCONV_OK);
    tconv_buffer out = { 0 };
    const tconv_step_report report = { .file = "a file", .network = network, .channels = 3, .count = 1, .inputs = grey,
                                       .responses = responses, .combs = true, .range = { 0.0, 1.0 } };
    if (FILL(&out, tconv_step_text(&report, &out)))
        (void)TRY(tconv_step_json(&report, &out));
    note_buffer(t, &out);
}

const struct trial_case trials_report[] = {
    { "layers", layers, 0, 0 }, { "documents", documents, 0, 0 }, { "pages", pages, 0, 0 }, { "models", models, 0, 0 },
    { "comparisons", comparisons, 0, 0 }, { "learning", learning, 0, 0 }, { "repairs", repairs, 0, 0 },
    { "flat repairs", flat_repairs, 0, 0 }, { "arithmetic", arithmetic, 0, 0 }, { "steps", steps, 0, 0 }, { NULL, NULL, 0, 0 } };
