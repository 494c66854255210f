/* sheet_table.h - the data of plots/sheet.gp, the standard sheet of one layer, and of plots/models.gp. */
#ifndef TCONV_APPS_COMMON_SHEET_TABLE_H
#define TCONV_APPS_COMMON_SHEET_TABLE_H

#include "report/layer_json.h"
#include "tconv.h"

/* Append the blocks that plots/sheet.gp names, and a title. A layer of several channels shows root mean squares over its
 * pairs of channels where a single kernel shows taps and |H|. */
tconv_status sheet_table_write(const char *name, const tconv_kernel *kernel, const tconv_figures *figures,
                               tconv_buffer *table, tconv_buffer *title, tconv_error *error);

/* The same for plots/models.gp: the levels of the layers of a model, one row a layer of stride above 1; what is not known
 * draws no bar. TCONV_EARGUMENT where there is no such layer. */
tconv_status models_table_write(const char *name, const tconv_json_layer *layers, size_t count, tconv_buffer *table,
                                tconv_buffer *title, tconv_error *error);

#endif
