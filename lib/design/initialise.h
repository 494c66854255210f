/* initialise.h - the first taps of a layer that is to be trained: ones, bilinear, ICNR, Xavier, He.
 *
 * Var w is chosen so that signals keep their variance from layer to layer, from a fan: how many products an output sums.
 * A transposed convolution has its own, K taps per pair of channels, S phases, g groups:
 *
 *     fan_in_operator  = Cin K/g       fan_out_operator = Cout K/g      swapped against the convolution that it is the
 *                                                                       transpose of
 *     fan_in_pytorch   = Cout K/g      read off the weight's second axis, as PyTorch does
 *     fan_in_effective = Cin K/(g S)   because of the inserted zeros an output sums that many products on average
 *
 *     Xavier  Var w = 2/(fan_in + fan_out)      Glorot and Bengio 2010
 *     He      Var w = 2/fan_in                  He et al. 2015; variance-preserving behind a ReLU with fan_in_effective
 *     ICNR    a sub-kernel of ceil(k/s) taps per axis by He, each tap repeated s times, cropped to k: h[r] = sub[r/s]
 *             (Aitken et al. 2017): where s divides k all branches are equal, so it begins as nearest-neighbour upsampling
 *     bilinear  straight lines between input samples on every pair (i, i) of a group, 0 elsewhere (Long et al. 2015)
 *
 * Every output of phase q sums Cin/g C(q) products, C(q) the coverage, every input gradient Cout/g K of them:
 *
 *     Var y_q = Cin/g C(q) Var w E x^2,     Var dL/dx = Cout/g K Var w E gy^2          (x, gy independent of w, away from borders)
 */
#ifndef TCONV_DESIGN_INITIALISE_H
#define TCONV_DESIGN_INITIALISE_H

#include <stdint.h>

#include "../core/kernel.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { TCONV_INIT_ONES, TCONV_INIT_BILINEAR, TCONV_INIT_ICNR, TCONV_INIT_XAVIER, TCONV_INIT_HE, TCONV_INIT_COUNT } tconv_init_kind;

typedef enum {
    TCONV_FAN_EFFECTIVE,     /* in: fan_in_effective, out: fan_out_operator */
    TCONV_FAN_OPERATOR,      /* in: fan_in_operator, out: fan_out_operator */
    TCONV_FAN_PYTORCH,       /* in: fan_in_pytorch, out: Cin K/g */
    TCONV_FAN_COUNT
} tconv_fan;

typedef struct tconv_initialiser {     /*                                               Typically           */
    tconv_init_kind kind;
    tconv_fan fan;                     /* of Xavier and He                              TCONV_FAN_EFFECTIVE */
    bool uniform;                      /* in +-sqrt(3 Var w) instead of normal          false               */
    uint64_t seed;                     /* random.h: the same seed, the same taps        0                   */
} tconv_initialiser;

/* "ones", "bilinear", "icnr", "xavier", "he"; NULL beyond. By name, also "glorot" and "kaiming": false if there is none. */
TCONV_API const char *tconv_init_text(tconv_init_kind kind);
TCONV_API bool tconv_init_find(const char *name, tconv_init_kind *kind);

/* The fans of a checked geometry. fan_out of PYTORCH is Cin K/g. */
TCONV_API double tconv_fan_in(const tconv_geometry *geometry, tconv_fan fan);
TCONV_API double tconv_fan_out(const tconv_geometry *geometry, tconv_fan fan);

/* Var w of Xavier and He; that of the sub-kernel for ICNR, 2 g/(Cin ceil(k1/s1)..ceil(kD/sD)); 0 for the others. */
TCONV_API double tconv_init_variance(const tconv_geometry *geometry, const tconv_initialiser *how);

/* Var y_q / (E x^2) for branch number q and Var dL/dx / (E gy^2), for independent taps of variance `variance`. */
TCONV_API double tconv_output_variance(const tconv_geometry *geometry, double variance, size_t q);
TCONV_API double tconv_gradient_variance(const tconv_geometry *geometry, double variance);

/* Overwrite all taps of the kernel, in memory order. The bias stays. TCONV_EARGUMENT for a kind or fan that is none,
 * TCONV_ENOMEM, TCONV_EBUDGET (ICNR). */
TCONV_API TCONV_CHECKED tconv_status tconv_initialise(tconv_kernel *kernel, const tconv_initialiser *how, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
