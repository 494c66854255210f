/* flat_repair.h - correct the last upsampling layer of a network along the features that flat inputs produce.
 *
 * A flat input of colour u reaches the last upsampling layer as features; their means over the torus are f(u), one value
 * per input channel. Branch q of an output channel of that layer answers with the mean g_q . f(u) + b_q. What the branches
 * differ by is the layer's comb:
 *
 *     e_q(u) = g_q . f(u) + b_q - mean over q of the same
 *
 * The correction d_q of the gains makes sum_u (e_q(u) + d_q . f(u))^2 + ridge ||d_q||^2 smallest over a set of colours, for
 * every branch by itself, so its answers move towards their mean; each tap of the branch takes the same part of d_q, which
 * is the smallest change of the taps with these gains. With features F (colours x channels), K = F F^T:
 *
 *     d_q = -F^T (K + ridge I)^-1 e_q
 *
 * The ridge is the largest whose leave-one-out error e_i = [(K + ridge I)^-1 e]_i / [(K + ridge I)^-1]_ii (Golub, Heath and
 * Wahba, Technometrics 21, 1979) is within 1 dB of the smallest. A kernel's own repair (design/repair.h) makes all gains
 * equal and with them loses what trained layers carry in their channels; this one changes only what flat inputs see.
 *
 *     status = tconv_flat_repair_create(&repair, model, NULL, &error);            the new weight: repair->values
 *     .. write the model with it, open the result as `repaired` ..
 *     status = tconv_flat_repair_compare(repair, model, repaired, &error);        the held-out report
 *     if (repair->helps) ..
 *
 * Whether it helps is told by other colours than those that chose the correction, run through the network as written.
 */
#ifndef TCONV_NETWORK_FLAT_REPAIR_H
#define TCONV_NETWORK_FLAT_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/status.h"
#include "../io/container.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_flat_repair_options {
    size_t channels;               /* of the input where the model does not tell; 0 = not given */
    size_t colours;                /* in either set; 0 = 64; at most 512 */
    uint64_t seed;                 /* of the random ones among them */
} tconv_flat_repair_options;

/* How even the answers to a set of colours are. */
typedef struct tconv_flat_spread {
    double worst;                  /* the largest peak to peak of a channel of an output, in the output's units */
    double rms;                    /* root mean square of the deviations from each channel's mean */
    double index_db;               /* 10 log10(sum Var / sum mean^2) over the set; -INFINITY for none, NAN for answers of zero */
} tconv_flat_spread;

typedef struct tconv_flat_repair {
    const char *layer, *operator_name;     /* the last layer with branches; borrowed from the container */
    const char *weight;                    /* the tensor that is corrected: the layer's own, or that of the Conv before it */
    size_t tensor;                         /* its number in the container */
    size_t count;
    double *values;                        /* the corrected tensor, row-major; owned */
    size_t fitted, held_out;               /* colours in either set */
    double ridge;                          /* relative to the mean eigenvalue of K */
    double relative_change;                /* ||change|| / ||weight||, Frobenius norms */
    tconv_flat_spread fitted_before, fitted_after, held_out_before, held_out_after;    /* by tconv_flat_repair_compare */
    double texture_change;                 /* rms difference of the answers to random texture over their rms deviation */
    bool even;                             /* the held-out answers were even to rounding already */
    bool helps;                            /* on held-out colours rms is lower by 1 dB or more, and worst not higher */
    size_t channels;                       /* of the input */
    tconv_flat_repair_options options;
} tconv_flat_repair;

/* Compute the correction; options may be NULL. The first set: the greys 0, 1/4 .. 1, the corners of the colour cube (up to 4
 * channels), random colours. On failure *repair is NULL: TCONV_EUNSUPPORTED where no layer upsamples, the weight is not a
 * tensor of the file, or the layer's branches are no branches of one convolution; TCONV_EGEOMETRY where a branch has no taps;
 * errors as tconv_network_create and tconv_network_run. Thread-safe for different containers. */
TCONV_API TCONV_CHECKED tconv_status tconv_flat_repair_create(tconv_flat_repair **repair, tconv_container *container,
                                                              const tconv_flat_repair_options *options, tconv_error *error);

/* Run both sets of colours through the network before and after (the held-out set: the greys 1/8, 3/8, 5/8, 7/8 and other
 * random colours), and random texture of period 4, and fill the figures. Errors as tconv_network_run. */
TCONV_API TCONV_CHECKED tconv_status tconv_flat_repair_compare(tconv_flat_repair *repair, tconv_container *before, tconv_container *after,
                                                               tconv_error *error);

TCONV_API void tconv_flat_repair_destroy(tconv_flat_repair *repair);    /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
