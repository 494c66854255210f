/* step_response.h - what a network's answer to one periodic input shows: spread, index, and which layer each comb comes from.
 *
 *     peak_to_peak[c] = max - min of channel c over one period, in the output's units
 *     checkerboard_db = 10 log10(sum_c Var_c / sum_c mean_c^2)                              (theory.md 6)
 *     change_db       = the same with one layer's branches at equal gains, minus the same as it is
 *
 * A change far below 0 says that the layer makes the comb. Branches of a transposed convolution are equalised by adding the
 * same to every tap of a branch, so that each has the mean gain; those of channels laid out in space by giving each block
 * its mean.
 */
#ifndef TCONV_NETWORK_STEP_RESPONSE_H
#define TCONV_NETWORK_STEP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/status.h"
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_comb {
    size_t layer;              /* number of tconv_network_layer_at */
    size_t period[2];          /* of the comb, in samples of the output; 0 where that is no whole number */
    double change_db;          /* -INFINITY: all of the pattern is gone */
} tconv_comb;

typedef struct tconv_output_response {
    const char *name;          /* borrowed from the network's container */
    size_t ndim, period[2];    /* axes of space; samples of the pattern's period along each */
    size_t channels;
    double *values;            /* channels x period[0] (x period[1]), row-major */
    double *peak_to_peak;      /* one per channel */
    double worst;              /* the largest of them */
    bool flat;                 /* the spread is no more than rounding: 256 eps max |value| */
    double checkerboard_db;    /* -INFINITY for a flat answer; NAN for one that is zero everywhere */
    tconv_comb *combs;
    size_t n_combs;
} tconv_output_response;

typedef struct tconv_step_response {
    size_t n_outputs;
    tconv_output_response *outputs;    /* owned */
    double worst;                      /* the largest peak to peak of all */
} tconv_step_response;

/* Run the network on a tile (see tconv_network_run) and measure; `combs`: one more run for every layer with branches. On
 * failure *response is NULL, errors as tconv_network_run. */
TCONV_API TCONV_CHECKED tconv_status tconv_step_response_create(tconv_step_response **response, tconv_network *network, const double *tile,
                                                           const size_t *period, bool combs, tconv_error *error);
TCONV_API void tconv_step_response_destroy(tconv_step_response *response);   /* NULL is fine */

/* *worst = the largest peak to peak over all outputs and channels for the flat greys 0, 1/4, 1/2, 3/4 and 1 in every input
 * channel: what the flat_input verdict of the network's layers is made of. 0 where the spreads are no more than rounding.
 * Errors as tconv_network_run. */
TCONV_API TCONV_CHECKED tconv_status tconv_network_grey_spread(tconv_network *network, double *worst, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
