#include "models_table.h"

#include <string.h>

#include "io/table.h"

#define MOST_NAME 14

static bool is_shown(const tconv_json_layer *layer)
{
    return layer->figures != NULL && layer->figures->phases > 1 && layer->kernel->role == TCONV_ROLE_UPSAMPLE;
}

/* The end of the layer's name; what is no letter, digit, point or line is replaced, as names go into a script. */
static void write_name(const tconv_kernel *kernel, tconv_buffer *table)
{
    static const char allowed[] = "0123456789.-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *name = kernel->name != NULL ? kernel->name : "-";
    size_t length = strlen(name);
    for (const char *c = length > MOST_NAME ? name + length - MOST_NAME : name; *c != '\0'; c++)
        tconv_buffer_bytes(table, strchr(allowed, *c) == NULL ? "_" : c, 1);
}

size_t models_table_write(const tconv_json_layer *layers, size_t n_layers, tconv_buffer *table)
{
    static const char *const columns[] = { "layer", "index of the all-ones kernel [dB]", "index of the kernels [dB]",
                                           "branch energy variation [dB]" };
    size_t shown = 0;
    tconv_table_begin(table, "the upsampling layers of a model", columns, 4);
    tconv_buffer_text(table, "# layer: ndim=1 stride=1 fs=0 what=models names=");
    for (size_t i = 0; i < n_layers; i++)
        if (is_shown(&layers[i])) {
            tconv_buffer_text(table, shown++ > 0 ? "," : "");
            write_name(layers[i].kernel, table);
        }
    tconv_buffer_text(table, "\n");
    shown = 0;
    for (size_t i = 0; i < n_layers; i++)
        if (is_shown(&layers[i])) {
            double row[] = { (double)shown++, tconv_geometry_index_db(&layers[i].kernel->geometry),
                             layers[i].figures->checkerboard_db,
                             tconv_ratio_db(layers[i].figures->branch_energy_variation, 1.0) };
            tconv_table_row(table, row, 4);
        }
    return shown;
}
