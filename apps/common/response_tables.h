/* response_tables.h - the tables of polyphase-response: columns that explain themselves, and which picture draws them. */
#ifndef TCONV_APPS_COMMON_RESPONSE_TABLES_H
#define TCONV_APPS_COMMON_RESPONSE_TABLES_H

#include <stddef.h>

#include "tconv.h"

struct response_request {
    const char *file;          /* named in the header */
    const char *what;          /* the table's name; set by response_table_write */
    tconv_kernel *kernel;      /* of one channel, but for coverage */
    size_t points, axis;
    double fs;                 /* output sampling rate; 0: frequencies in cycles per sample */
    double *signal;            /* n_signal samples, for spectra */
    size_t n_signal;
};

struct response_table {
    const char *name;          /* of --what */
    const char *title, *picture;
    size_t points;             /* unless --points says */
    tconv_status (*write)(const struct response_request *request, tconv_buffer *out);
};

extern const struct response_table response_tables[];   /* ends with a NULL name; the first is the default */

/* Append the table; TCONV_EARGUMENT with a sentence where it is not defined for this kernel. */
tconv_status response_table_write(const struct response_table *table, const struct response_request *request,
                                  tconv_buffer *out, tconv_error *error);

/* The line "# layer: ndim=2 stride=2,2 fs=0 what=surface names=" by which the pictures know the layer. */
void response_table_key(const tconv_geometry *geometry, double fs, const char *what, tconv_buffer *out);

#endif
