/* figures.h - everything that is measured of one layer's kernel, in one struct.
 *
 * S = the product of the strides, G = H(0) = sum h, e = the edge of the passband as a fraction of 1/(2s). Frequencies f
 * in cycles per output sample, v = s f in cycles per input sample. Undefined figures are NAN, infinite ones +-INFINITY
 * (written as null, "inf" and "-inf"). |H| or a branch gain below 8 eps sum|h|, or an energy below 64 eps E, counts as
 * zero. Where the layer has several channels, H_m is the Cout x Cin matrix of H(m/s), norms take the place of
 * magnitudes, and figures that need one kernel are NAN.
 *
 *     tconv_figures *figures = NULL;
 *     if (tconv_figures_create(&figures, kernel, NULL, &error) == TCONV_OK)
 *         use(figures->checkerboard_db);
 *     tconv_figures_destroy(figures);
 */
#ifndef TCONV_ANALYSIS_FIGURES_H
#define TCONV_ANALYSIS_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/kernel.h"
#include "../core/polyphase.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_BANDS 2   /* the fractions of the baseband that figures are given for: 0.5 and 0.8 */
TCONV_API extern const double tconv_band_beta[TCONV_BANDS];

typedef struct tconv_branch_figures {
    tconv_branch branch;                 /* phase, taps, dc_gain, energy, delay, first output; of several channels:
                                            the Frobenius norm of the gains, the sum of the energies, no delay */
    double magnitude_deviation_db;       /* over |f| <= e/2: max |20 log10(|H_q| / mean_q |H_q|)|; beyond 1024
                                            branches on a grid of 16 points per tap */
    double delay_error[TCONV_MAX_NDIM];  /* input samples, per axis: max |tau_q(f) + q/s - mean over the branches| */
} tconv_branch_figures;

typedef struct tconv_image_figures {
    size_t m[TCONV_MAX_NDIM];            /* which image: it stands at f = m/s */
    double dc_db;                        /* 20 log10(|H(m/s)|/|G|) */
    double worst_db;                     /* one kernel: max over |v_i| <= 0.8/2 of 20 log10(|H((v+m)/s)|/|H(v/s)|);
                                            several channels: ratio of the largest singular values at v = 0 */
} tconv_image_figures;

typedef struct tconv_figures {
    size_t ndim, phases;                 /* D and S */
    bool single;                         /* one channel in, one out */
    double edge;                         /* e */
    double dc_gain;                      /* G */
    double passband_gain_db;             /* 20 log10(|G|/S) */
    double checkerboard_index;           /* sqrt(Var_q g)/|mean_q g| = sqrt(sum_{m != 0} |H(m/s)|^2)/|G| */
    double checkerboard_db;
    double peak_to_peak;                 /* (max g - min g)/|mean g| */
    double image_rejection_db[TCONV_BANDS];
    double droop_db[TCONV_BANDS][TCONV_MAX_NDIM];   /* |H(beta/(2s))|/|G| along each axis */
    double baseband_energy, total_energy;           /* E0 and E */
    double image_energy_db;              /* 10 log10((E - E0)/E0) */
    double branch_energy_variation;      /* std/mean over the branches of sum h_q^2 */
    double passband_ripple_db;
    double stopband_attenuation_db;
    double cutoff_6db[TCONV_MAX_NDIM];   /* in units of 1/(2s), along each axis */
    double separability;                 /* D = 2 */
    double centroid_offset[TCONV_MAX_NDIM];         /* input samples */
    double flat_input_index;             /* with a mean input: sqrt(sum_{m != 0} |H_m mu + B_m|^2)/|H_0 mu + B_0|, B_m the DFT
                                            of the biases over the phases: 0 and S b where they are equal */
    double flat_input_peak_to_peak;      /* with a mean input: the largest spread over the phases of one channel */
    double bias_spread;                  /* the largest spread of one output channel's biases over the phases: what the layer
                                            makes of no input at all; NAN without biases */
    tconv_branch_figures *branches;      /* S of them, row-major over the phases; owned */
    tconv_image_figures *images;         /* S - 1 of them, m != 0, row-major; owned */
} tconv_figures;

typedef struct tconv_figure_options {   /*                                                     Typically */
    double edge;                        /* e, 0 < e <= 1                                        0.8       */
    const double *mean;                 /* Cin mean input values, or NULL                       NULL      */
} tconv_figure_options;

/* Measure a kernel. options = NULL: the typical ones. Costs a few dense FFTs of 16 times the kernel's length and a
 * refinement (core/analysis internals); for several channels S DFT sums over all pairs. Extrema over continuous
 * frequency are right to 1e-9 dB where they are above the numerical floor (in 3-D: on a grid of at most 2^22 points).
 * Thread-safe. On failure *figures is NULL: TCONV_EARGUMENT, TCONV_ENONFINITE (a tap), TCONV_ENOMEM, TCONV_EBUDGET,
 * TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_figures_create(tconv_figures **figures, const tconv_kernel *kernel,
                                                          const tconv_figure_options *options, tconv_error *error);
TCONV_API void tconv_figures_destroy(tconv_figures *figures);   /* NULL is fine */

/* 20 log10(a/b) with the conventions above: a = 0 gives -INFINITY, b = 0 INFINITY, both NAN. */
TCONV_API double tconv_ratio_db(double a, double b);

/* The level below which no response is resolved: 20 log10(eps) = -313 dB. */
TCONV_API double tconv_floor_db(void);

#ifdef __cplusplus
}
#endif
#endif
