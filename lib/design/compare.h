/* compare.h - a kernel against the classical ones: which is it nearest to, and what does it give away.
 *
 * For every reference r (reference.h), over one gain and one delay per axis,
 *
 *     nmse = min over a, tau of  ||h - a D_tau r||^2 / ||h||^2
 *
 * h is the dilated kernel, its taps counted from their middle. D_tau delays by tau output samples: a continuous reference is
 * taken at the delayed grid, any other multiplied by exp(-2 pi i f tau), that is, interpolated by a sinc; both are
 * truncated to the length of h. The best a for a tau is a projection; tau is searched on a grid over the length of
 * the kernel, s/8 apart, and refined. References that come out equal (wiener for white, and sinc) are aliases.
 */
#ifndef TCONV_DESIGN_COMPARE_H
#define TCONV_DESIGN_COMPARE_H

#include "../analysis/figures.h"
#include "../core/kernel.h"
#include "reference.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_comparison {
    const tconv_reference *reference;
    double gain;                         /* a, against the reference as its formula gives it, gain s but for the ends */
    double delay[TCONV_MAX_NDIM];        /* tau, output samples: how much later the kernel is than its own middle */
    double nmse, nmse_db;                /* 0 and -INFINITY where they are equal */
    size_t alias_of;                     /* the first comparison whose reference is the same but for its gain; else its own number */
    tconv_kernel *plain, *fitted;        /* r and a D_tau r; owned */
    tconv_figures *figures;              /* of `fitted`; owned */
} tconv_comparison;

typedef struct tconv_comparisons {
    size_t count;
    tconv_comparison *entry;             /* owned, in the order of the registry or of `against` */
    size_t nearest;                      /* the entry with the smallest nmse; of aliases the first */
    tconv_figures *figures;              /* of the kernel; owned */
    /* tconv_wiener_loss (prediction.h) for white, for brown, and for options->psd (NAN without). NAN with several axes. */
    double wiener_loss_white_db, wiener_loss_brown_db;
    double wiener_loss_db;
} tconv_comparisons;

typedef struct tconv_compare_options {         /*                                         Typically */
    const tconv_reference *const *against;     /* n_against references; NULL: all         NULL      */
    size_t n_against;
    const tconv_psd *psd;                      /* a signal's spectrum, or NULL            NULL      */
    double edge;                               /* of the figures and of the designs       0.8       */
} tconv_compare_options;

/* Compare a kernel of one channel; options = NULL: the typical ones. References that cannot be made at this length (equiripple
 * with more taps than its bands need) are left out. On failure *comparisons is NULL: TCONV_EARGUMENT for several channels, a
 * kernel of zeros, or no reference left; TCONV_ENONFINITE, TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_compare(tconv_comparisons **comparisons, const tconv_kernel *kernel,
                                                   const tconv_compare_options *options, tconv_error *error);
TCONV_API void tconv_comparisons_destroy(tconv_comparisons *comparisons);   /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
