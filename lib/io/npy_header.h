/* npy_header.h - the header of a .npy file: a Python literal, {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
 * Internal to npy.c. */
#ifndef TCONV_IO_NPY_HEADER_H
#define TCONV_IO_NPY_HEADER_H

#include "npy.h"

/* Fill element, byte order, order and shape of *header from the text, whose offsets in messages count from its start.
 * Thread-safe. Errors: TCONV_EFORMAT, TCONV_EUNSUPPORTED. */
TCONV_CHECKED tconv_status tconv_npy_parse_header(const char *text, size_t length, tconv_npy_header *header,
                                                  tconv_error *error);

#endif
