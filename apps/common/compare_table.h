/* compare_table.h - the data of plots/compare.gp: |H| of a kernel and of the references nearest to it. */
#ifndef TCONV_APPS_COMMON_COMPARE_TABLE_H
#define TCONV_APPS_COMMON_COMPARE_TABLE_H

#include "design/compare.h"
#include "tconv.h"

/* Append |H| along axis 0 of the kernel and, at their best gain and delay, of the at most five references with the smallest
 * nmse, those equal to another left out. Errors of tconv_response_along. */
tconv_status compare_table_write(const tconv_kernel *kernel, const tconv_comparisons *comparisons, tconv_buffer *table,
                                 tconv_error *error);

#endif
