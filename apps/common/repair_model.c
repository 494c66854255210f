#include "repair_model.h"

#include <stdio.h>
#include <string.h>

#include "design/repair.h"
#include "io/container_write.h"
#include "kernel_out.h"
#include "report/repair_report.h"

/* One layer on its way: the kernel is repaired in place. */
struct repaired {
    size_t layer;                /* of the container */
    tconv_kernel *kernel;
    tconv_geometry geometry;
    tconv_figures *before, *after;
    tconv_repair_report report;
};

/* ---- which layers ---- */

/* Layers that a glob meets by the way, and that have nothing to repair. */
static bool passed_over(const tconv_layer_info *info)
{
    return info->role == TCONV_ROLE_GRADIENT || (info->has_geometry && !info->upsamples);
}

static int nothing_to_repair(const struct app_model *model)
{
    if (model->count == 0)
        return app_message(APP_INPUT, "%s: no upsampling layers", model->path);
    const tconv_layer_info *info = app_model_layer(model, 0);
    return app_message(APP_INPUT, "%s: %s: %s", model->path, info->name,
                       info->role == TCONV_ROLE_GRADIENT ? "a strided convolution, which does not upsample; there is nothing to repair"
                                                         : "stride 1 does not upsample; there is nothing to repair");
}

/* Other layers with the same tensor change too. */
static void tell_sharing(const struct app_model *model, const struct repaired *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const tconv_layer_info *own = tconv_container_layer(model->container, list[i].layer);
        for (size_t l = 0; l < tconv_container_layers(model->container); l++) {
            const tconv_layer_info *other = tconv_container_layer(model->container, l);
            bool chosen = false;
            for (size_t c = 0; c < count; c++)
                chosen = chosen || list[c].layer == l;
            if (!chosen && other->name != NULL && strcmp(other->weight, own->weight) == 0 && tconv_container_has_graph(model->container))
                app_message(0, "%s: note: '%s' is the weight of %s too, which changes with it", model->path, own->weight, other->name);
        }
    }
}

/* ---- one layer ---- */

static int repair_layer(struct app_model *model, struct repaired *one)
{
    tconv_error error;
    tconv_status status = tconv_container_check_replace_layer(model->container, one->layer, &error);
    if (status == TCONV_OK)
        status = tconv_container_load_layer(model->container, one->layer, &one->kernel, &error);
    if (status == TCONV_OK) {
        one->geometry = one->kernel->geometry;
        status = tconv_figures_create(&one->before, one->kernel, NULL, &error);
    }
    if (status == TCONV_OK)
        status = tconv_repair_project_as(one->kernel, tconv_container_layer_element(model->container, one->layer), &one->report, &error);
    if (status == TCONV_OK)
        status = tconv_figures_create(&one->after, one->kernel, NULL, &error);
    return status == TCONV_OK ? APP_DONE : app_fail(model->path, &error);
}

/* ---- output ---- */

static bool write_piece(void *state, const void *bytes, size_t size)
{
    return app_output_write(state, bytes, size) == APP_DONE;
}

static int write_model(struct app_model *model, const struct app_repair *how, const struct repaired *list, size_t count)
{
    tconv_error error;
    struct app_output output;
    tconv_status status = TCONV_OK;
    tconv_layer_change *changes = tconv_alloc(count, sizeof *changes, &status);
    if (changes == NULL)
        return app_fail_status(model->path, status);
    for (size_t i = 0; i < count; i++)
        changes[i] = (tconv_layer_change){ list[i].layer, list[i].kernel };
    int code = app_output_open(&output, how->output, how->inputs);
    if (code == APP_DONE) {
        status = tconv_container_replace_layers(model->container, changes, count, write_piece, &output, &error);
        if (status != TCONV_OK)      /* a failed write has had its message */
            code = status == TCONV_EWRITE && output.failed ? APP_SYSTEM : app_fail(model->path, &error);
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    tconv_free(changes);
    return code;
}

static int report(const struct app_model *model, const struct app_repair *how, const struct repaired *list, size_t count)
{
    tconv_buffer text = { 0 };
    tconv_status status = TCONV_OK;
    tconv_repair_sides *sides = tconv_alloc(count, sizeof *sides, &status);
    if (sides == NULL)
        return app_fail_status(model->path, status);
    for (size_t i = 0; i < count; i++)
        sides[i] = (tconv_repair_sides){ .tool = "polyphase-repair", .file = model->path, .format = model->format, .method = "project",
                                         .output = how->output, .layer = list[i].kernel->name, .weight = list[i].kernel->weight,
                                         .report = &list[i].report, .geometry_before = &list[i].geometry,
                                         .geometry_after = &list[i].kernel->geometry, .before = list[i].before, .after = list[i].after };
    int code = APP_DONE;
    if (how->json) {
        status = tconv_repair_layers_json(sides, count, &text);
        code = status == TCONV_OK ? app_write_buffer(NULL, NULL, &text) : app_fail_status(model->path, status);
    } else if (!how->quiet) {
        for (size_t i = 0; i < count; i++) {
            tconv_buffer_text(&text, i > 0 ? "\n" : "");
            tconv_repair_text(&text, &sides[i]);
        }
        code = text.status == TCONV_OK ? APP_DONE : app_fail_status(model->path, text.status);
        if (code == APP_DONE)
            (void)fwrite(text.text, 1, text.length, stderr);
    }
    tconv_free(sides);
    tconv_buffer_free(&text);
    return code;
}

int app_repair_model(struct app_model *model, const struct app_repair *how)
{
    tconv_status status = TCONV_OK;
    size_t count = 0;
    struct repaired *list = tconv_alloc_zero(model->count, sizeof *list, &status);
    if (list == NULL)
        return app_fail_status(model->path, status);
    int code = APP_DONE;
    for (size_t i = 0; i < model->count && code == APP_DONE; i++)
        if (!passed_over(app_model_layer(model, i))) {
            list[count].layer = model->chosen[i];
            code = repair_layer(model, &list[count++]);
        }
    if (code == APP_DONE && count == 0)
        code = nothing_to_repair(model);
    if (code == APP_DONE)
        code = write_model(model, how, list, count);
    if (code == APP_DONE)
        code = report(model, how, list, count);
    if (code == APP_DONE)
        tell_sharing(model, list, count);
    for (size_t i = 0; i < count; i++) {
        tconv_figures_destroy(list[i].before);
        tconv_figures_destroy(list[i].after);
        tconv_kernel_destroy(list[i].kernel);
    }
    tconv_free(list);
    return code;
}

int app_repair_one(struct app_model *model, const struct app_layer_request *request, tconv_kernel **kernel, tconv_element *element)
{
    int code = app_model_load_one(model, request, NULL, false, kernel);
    if (code == APP_DONE)
        *element = tconv_container_layer_element(model->container, model->chosen[0]);
    return code;
}
