/* learned_table.h - the data of plots/learned.gp and plots/learning.gp: kernels beside one another, and how the loss fell. */
#ifndef TCONV_APPS_COMMON_LEARNED_TABLE_H
#define TCONV_APPS_COMMON_LEARNED_TABLE_H

#include "tconv.h"

#define LEARNED_KERNELS 3

struct learned_curves {
    const tconv_geometry *geometry;
    const double *taps[LEARNED_KERNELS];       /* of the learned kernel, the Wiener prediction and the sinc */
    double centre;                             /* along the last axis, output samples from tap 0 */
    const double *history;                     /* losses before the first epoch and after each of `epochs` */
    size_t epochs;
    double least;                              /* that these taps can reach */
    const char *optimizer;
};

/* Append taps, responses and losses: several axes are summed up along all but the last. */
tconv_status learned_table_write(const struct learned_curves *curves, tconv_buffer *table, tconv_error *error);

/* Append every loss, and the least as a second block. */
void learning_table_write(const struct learned_curves *curves, tconv_buffer *table);

#endif
