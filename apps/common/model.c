#include "model.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/layer_spec.h"

int app_add_layer_spec(struct app_layer_request *request, const char *text)
{
    if (request->n_specs == APP_MOST_SPECS)
        return app_usage("--layer is given more than %d times", APP_MOST_SPECS);
    request->spec[request->n_specs++] = text;
    return APP_DONE;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The folder of a path, for the files that a model may refer to. */
static void folder_of(const char *path, char *folder, size_t size)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        (void)snprintf(folder, size, ".");
    else
        (void)snprintf(folder, size, "%.*s", (int)(slash - path) + (slash == path ? 1 : 0), path);
}

/* Open as a container if it is one; *is_container says. */
static tconv_status open_container(struct app_model *model, const struct app_layer_request *request, bool *is_container,
                                   tconv_error *error)
{
    unsigned char head[512];
    char folder[4096];
    tconv_container_options options = { .external_data = request->external_data,
                                        .max_tensor_bytes = tconv_memory_budget() };
    *is_container = true;
    if (is_folder(model->path))
        return tconv_container_open(&model->container, model->path, &options, error);
    tconv_status status = tconv_source_open(&model->source, model->path, error);
    if (status != TCONV_OK)
        return status;
    uint64_t size = tconv_source_size(model->source);
    size_t n = size < sizeof head ? (size_t)size : sizeof head;
    status = tconv_source_read(model->source, 0, n, head, error);
    *is_container = status == TCONV_OK && tconv_container_recognise(head, n) != TCONV_CONTAINER_NONE;
    if (!*is_container)
        return status;
    folder_of(model->path, folder, sizeof folder);
    return tconv_container_open_source(&model->container, model->source, strcmp(model->path, "-") == 0 ? NULL : folder,
                                       &options, error);
}

/* ---- choosing layers ---- */

static int list_candidates(const struct app_model *model)
{
    size_t shown = 0;
    app_message(0, "%s: this format holds no geometry: say which tensors are layers, for example", model->path);
    for (int wanted = 2; wanted >= 1 && shown == 0; wanted--)
        for (size_t i = 0; i < tconv_container_tensors(model->container); i++) {
            char text[512], shape[128];
            tconv_layout layout;
            const tconv_tensor_info *tensor = tconv_container_tensor(model->container, i);
            if (tconv_tensor_candidate(tensor, &layout, text, sizeof text) != wanted)
                continue;
            tconv_shape_text(tensor->shape, tensor->rank, shape, sizeof shape);
            (void)fprintf(stderr, "  --layer '%s'%s    # %s %s\n", text, layout == TCONV_LAYOUT_TF ? " --layout tf" : "",
                          tensor->type, shape);
            shown++;
        }
    if (shown == 0)
        app_message(0, "%s: no tensor has the shape of a transposed convolution's weight", model->path);
    return APP_USAGE;
}

static bool is_chosen(const struct app_model *model, size_t i)
{
    for (size_t c = 0; c < model->count; c++)
        if (model->chosen[c] == i)
            return true;
    return false;
}

/* Add the layers of a graph whose name or weight matches. */
static size_t choose_matching(struct app_model *model, const char *glob)
{
    size_t found = 0;
    for (size_t i = 0; i < tconv_container_layers(model->container); i++) {
        const tconv_layer_info *layer = tconv_container_layer(model->container, i);
        if ((tconv_glob_match(glob, layer->name) || (layer->weight != NULL && tconv_glob_match(glob, layer->weight)))) {
            if (!is_chosen(model, i))
                model->chosen[model->count++] = i;
            found++;
        }
    }
    return found;
}

/* Make layers out of the tensors that a spec names. */
static int add_layers(struct app_model *model, const char *glob, const tconv_geometry_options *own,
                      const struct app_layer_request *request)
{
    tconv_error error;
    tconv_geometry_options options;
    size_t added;
    tconv_geometry_options_merge(request->geometry, own, &options);
    tconv_status status = tconv_container_add_layers(model->container, glob, &options, &added, &error);
    if (status == TCONV_ENOSTRIDE || status == TCONV_EARGUMENT)
        return app_usage("%s: %s: %s; --layer '%s:s=2,p=1' would say stride 2 and padding 1", model->path, glob, error.message, glob);
    if (status == TCONV_ENOTFOUND)
        return app_usage("%s: no tensor matches '%s'", model->path, glob);
    return status == TCONV_OK ? APP_DONE : app_fail(model->path, &error);
}

static int make_specified(struct app_model *model, const struct app_layer_request *request)
{
    int code = APP_DONE;
    tconv_geometry_options none = { .groups = 0 };
    if (request->tensor != NULL)
        code = add_layers(model, request->tensor, &none, request);
    for (size_t i = 0; i < request->n_specs && code == APP_DONE; i++) {
        tconv_error error;
        tconv_layer_spec spec;
        if (tconv_layer_spec_parse(request->spec[i], &spec, &error) != TCONV_OK)
            return app_usage("--layer: %s", error.message);
        if (spec.has_geometry || !tconv_container_has_graph(model->container))
            code = add_layers(model, spec.glob, &spec.options, request);
    }
    return code;
}

static int choose_layers(struct app_model *model, const struct app_layer_request *request)
{
    bool graph = tconv_container_has_graph(model->container);
    size_t before = tconv_container_layers(model->container);
    if (!graph && request->n_specs == 0 && request->tensor == NULL)
        return list_candidates(model);
    int code = make_specified(model, request);
    if (code != APP_DONE)
        return code;
    size_t layers = tconv_container_layers(model->container);
    tconv_status status = TCONV_OK;
    model->chosen = tconv_alloc(layers, sizeof *model->chosen, &status);
    if (model->chosen == NULL)
        return app_fail_status(model->path, status);
    bool all = request->n_specs == 0 && request->tensor == NULL;
    for (size_t i = all ? 0 : before; i < layers; i++)
        model->chosen[model->count++] = i;
    for (size_t i = 0; i < request->n_specs && graph; i++) {
        tconv_layer_spec spec;
        if (tconv_layer_spec_parse(request->spec[i], &spec, NULL) == TCONV_OK && !spec.has_geometry
            && choose_matching(model, spec.glob) == 0)
            return app_usage("%s: no layer or weight matches '%s'", model->path, spec.glob);
    }
    return APP_DONE;
}

int app_model_open(struct app_model *model, const char *path, const struct app_layer_request *request)
{
    tconv_error error;
    bool is_container;
    *model = (struct app_model){ .path = path };
    tconv_status status = open_container(model, request, &is_container, &error);
    if (status != TCONV_OK)
        return app_fail(path, &error);
    if (is_container) {
        model->format = tconv_container_format_text(tconv_container_kind(model->container));
        return choose_layers(model, request);
    }
    model->format = tconv_file_format_word(tconv_file_format_of(model->source));
    model->count = 1;
    return APP_DONE;
}

void app_model_close(struct app_model *model)
{
    tconv_container_close(model->container);
    tconv_source_close(model->source);
    tconv_free(model->chosen);
}

const tconv_layer_info *app_model_layer(const struct app_model *model, size_t i)
{
    return model->container == NULL ? NULL : tconv_container_layer(model->container, model->chosen[i]);
}

int app_model_load(struct app_model *model, size_t i, const struct app_layer_request *request, tconv_kernel **kernel)
{
    tconv_error error;
    tconv_status status;
    *kernel = NULL;
    if (model->container == NULL)
        status = tconv_kernel_file_read(model->source, request->geometry, kernel, NULL, &error);
    else
        status = tconv_container_load_layer(model->container, model->chosen[i], kernel, &error);
    if (status == TCONV_ENOSTRIDE || (status == TCONV_EARGUMENT && model->container == NULL))
        return app_usage("%s: %s", strcmp(model->path, "-") == 0 ? "standard input" : model->path, error.message);
    return status == TCONV_OK ? APP_DONE : app_fail(model->path, &error);
}

int app_model_load_one(struct app_model *model, const struct app_layer_request *request, const size_t *pair, bool single,
                       tconv_kernel **kernel)
{
    tconv_error error;
    tconv_kernel *one;
    *kernel = NULL;
    if (model->count != 1)
        return app_usage("%s: %zu layers: choose one by --layer NAME", model->path, model->count);
    const tconv_layer_info *info = app_model_layer(model, 0);
    if (info != NULL && (info->obstacle != NULL || !info->has_taps || !info->has_geometry))
        return app_message(APP_INPUT, "%s: %s: %s", model->path, info->name,
                           info->obstacle != NULL ? info->obstacle : "its taps are not known");
    int code = app_model_load(model, 0, request, kernel);
    if (code != APP_DONE)
        return code;
    if (pair == NULL && single && !tconv_kernel_is_single(*kernel))
        return app_usage("%s: a layer of %zu input and %zu output channels: choose a kernel by --pair CI,CO", model->path,
                         (*kernel)->geometry.channels_in, (*kernel)->geometry.channels_out);
    if (pair == NULL)
        return APP_DONE;
    if (tconv_kernel_extract(*kernel, pair[0], pair[1], &one, &error) != TCONV_OK)
        return app_fail(model->path, &error);
    tconv_kernel_destroy(*kernel);
    *kernel = one;
    return APP_DONE;
}
