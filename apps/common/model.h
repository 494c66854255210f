/* model.h - the layers that a user asks for of a model file, and kernels of plain files by the same call. */
#ifndef TCONV_APPS_COMMON_MODEL_H
#define TCONV_APPS_COMMON_MODEL_H

#include "app.h"
#include "io/container.h"

#define APP_MOST_SPECS 64

/* What the options say of the layers: --layer GLOB or 'GLOB:s=8,p=4', as often as it is given; --tensor NAME. */
struct app_layer_request {
    const char *spec[APP_MOST_SPECS];
    size_t n_specs;
    const char *tensor;
    const tconv_geometry_options *geometry;   /* -s and so on */
    bool external_data;
};

/* An open input: a model, or one kernel of a plain file. */
struct app_model {
    tconv_source *source;
    tconv_container *container;   /* NULL: a plain kernel file */
    const char *path;
    const char *format;           /* the word for reports */
    size_t *chosen;               /* numbers of the layers asked for, in the order of the file */
    size_t count;
};

/* Add one --layer; APP_USAGE after a message where there are too many. */
int app_add_layer_spec(struct app_layer_request *request, const char *text);

/* Open `path` and choose its layers. For a file without a graph and without --layer, the tensors that could be layers are
 * listed on stderr with what to type: APP_USAGE. Close in any case. */
int app_model_open(struct app_model *model, const char *path, const struct app_layer_request *request);
void app_model_close(struct app_model *model);

/* Kernel i of the chosen (0 of a plain file): an exit code, after a message. */
int app_model_load(struct app_model *model, size_t i, const struct app_layer_request *request, tconv_kernel **kernel);

/* The one kernel asked for, of a model that is open: with `pair` not NULL the kernel from input channel pair[0] to output
 * channel pair[1]. Several layers are refused, and several channels where `single` is asked for. An exit code. */
int app_model_load_one(struct app_model *model, const struct app_layer_request *request, const size_t *pair, bool single,
                       tconv_kernel **kernel);

/* Layer i of the chosen; NULL for a plain file. */
const tconv_layer_info *app_model_layer(const struct app_model *model, size_t i);

#endif
