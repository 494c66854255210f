/* comb.h - the branches of a network's last upsampling layer, and the weight that they are made of (internal). */
#ifndef TCONV_NETWORK_COMB_H
#define TCONV_NETWORK_COMB_H

#include "network.h"

/* A transposed convolution, or a convolution whose channels a later layer lays out in space. */
struct tconv_comb_layer {
    const struct tconv_network_step *layer;  /* that has the branches */
    const struct tconv_network_step *step;   /* that has the weight: the same, or the convolution */
    bool transposed;
    size_t features;                         /* the value that the weight is applied to */
    size_t groups, inputs, outputs;          /* channels in and out of one group */
    size_t units, branches, taps;            /* what has branches; how many; taps of the whole kernel */
    size_t *branch;                          /* transposed: of every tap; else: the channel of (unit, branch), unit major; owned */
    const double *weight, *bias;             /* borrowed; bias NULL: none, or the same for all branches */
    size_t tensor, count;                    /* the weight's number in the container, its elements */
};

/* Find the last layer with branches. The caller frees comb->branch, also after a failure: TCONV_EUNSUPPORTED where no layer
 * upsamples, the weight is not a tensor of the file, or the branches are not the channels of one convolution;
 * TCONV_EGEOMETRY where a branch has no taps; TCONV_ENOMEM. */
TCONV_CHECKED tconv_status tconv_comb_find(tconv_network *network, struct tconv_comb_layer *comb, tconv_error *error);

/* The group of channels that branch q of a unit reads. */
size_t tconv_comb_group(const struct tconv_comb_layer *comb, size_t unit, size_t q);

/* Where in the weight the taps are that lead from channel `in` of the group to branch q of the unit: `taps` of them, of
 * which those count for which tconv_comb_has is true. */
size_t tconv_comb_taps(const struct tconv_comb_layer *comb, size_t unit, size_t q, size_t in);
bool tconv_comb_has(const struct tconv_comb_layer *comb, size_t q, size_t tap);

/* Their sum. */
double tconv_comb_gain(const struct tconv_comb_layer *comb, size_t unit, size_t q, size_t in);

#endif
