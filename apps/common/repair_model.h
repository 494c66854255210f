/* repair_model.h - layers of a model file repaired, the file written with all else as it was. */
#ifndef TCONV_APPS_COMMON_REPAIR_MODEL_H
#define TCONV_APPS_COMMON_REPAIR_MODEL_H

#include "model.h"

struct app_repair {
    const char *output;          /* NULL: standard output */
    bool json, quiet;
    char *const *inputs;         /* must not be overwritten */
};

/* Repair (tconv_repair_project_as) the chosen layers of a container that is open, write the copy, report. Layers that do not
 * upsample are passed over. An exit code. */
int app_repair_model(struct app_model *model, const struct app_repair *how);

/* The one layer asked for, as a kernel, and the type that it is stored in. An exit code. */
int app_repair_one(struct app_model *model, const struct app_layer_request *request, tconv_kernel **kernel, tconv_element *element);

#endif
