/* flat_repair.h - the part of polyphase-repair that corrects a whole network (--flat). */
#ifndef TCONV_APPS_COMMON_FLAT_REPAIR_H
#define TCONV_APPS_COMMON_FLAT_REPAIR_H

#include "app.h"

struct app_flat_repair {
    const char *file, *output;     /* output: NULL for standard output */
    bool json, quiet;
    double range[2];               /* of the network's output */
    tconv_flat_repair_options options;
};

/* Correct the last upsampling layer of the ONNX model, check the result on held-out colours, write it where it helps, and
 * report: the table on stderr, or the JSON document on standard output. `inputs` as for app_output_open. An exit code:
 * APP_THRESHOLD, and no file, where it does not help. */
int app_flat_repair(const struct app_flat_repair *request, char *const *inputs);

#endif
