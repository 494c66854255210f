/* reference.h - the synthesis filters that have a name, each as a kernel of one channel with its centre, its gain and the
 * padding that aligns it: what polyphase-design makes and polyphase-compare compares with.
 *
 *     tconv_design design = tconv_design_default(1, 2);           one axis, stride 2
 *     tconv_kernel *kernel;
 *     if (tconv_reference_design(tconv_reference_find("lanczos3"), &design, &kernel, &error) == TCONV_OK) ..
 *
 * In D dimensions a kernel is the product of its axes, h[n1,..,nD] = h1[n1] .. hD[nD]. On every axis the gain is s, unless
 * `gain` says otherwise; the padding makes s outputs of every input and puts them on `grid`.
 */
#ifndef TCONV_DESIGN_REFERENCE_H
#define TCONV_DESIGN_REFERENCE_H

#include <stdbool.h>

#include "../core/kernel.h"
#include "interpolators.h"
#include "wiener.h"
#include "window.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TCONV_GAIN_DEFAULT,      /* total; raw for wiener, whose gain is part of its answer */
    TCONV_GAIN_TOTAL,        /* sum of the taps = s */
    TCONV_GAIN_BRANCHES,     /* every branch sum = 1: flat input gives flat output */
    TCONV_GAIN_RAW           /* as the formula gives it */
} tconv_gain;

typedef struct tconv_design {                     /*                                                        Default */
    size_t ndim;                                  /* 1..TCONV_MAX_NDIM                                              */
    size_t stride[TCONV_MAX_NDIM];                /* s                                                              */
    size_t n_taps[TCONV_MAX_NDIM];                /* k; 0 = the reference's own length                      0       */
    tconv_grid grid;                              /* TCONV_GRID_HALF_PIXEL or TCONV_GRID_ASYMMETRIC         half    */
    tconv_gain gain;                              /*                                                        default */
    tconv_window window;                          /* sinc: its window. kaiser: its beta          rectangular, 7.857 */
    double cutoff;                                /* sinc: in units of 1/(2s)                               1       */
    double attenuation_db;                        /* kaiser: beta and, if n_taps is 0, k by Kaiser's formulas; 0 = no */
    double edge;                                  /* passband to edge/(2s), images from (2 - edge)/(2s)     0.8     */
    double stopband_weight;                       /* equiripple, least-squares: weight of the images        1       */
    bool images;                                  /* the same two: ask nothing between the images           false   */
    bool flat;                                    /* least-squares: all branch sums equal, exactly          false   */
    tconv_psd psd;                                /* wiener                                                 white   */
} tconv_design;

TCONV_API tconv_design tconv_design_default(size_t ndim, size_t stride);

typedef struct tconv_reference {
    const char *name;
    const char *aliases;     /* other names, each between blanks: " bilinear triangle " */
    const char *summary;     /* one line */
    int family, member;      /* for the library's own use */
} tconv_reference;

/* All of them, and one by its name or alias; NULL beyond the last, or where there is none. Static storage. */
TCONV_API size_t tconv_reference_count(void);
TCONV_API const tconv_reference *tconv_reference_at(size_t index);
TCONV_API const tconv_reference *tconv_reference_find(const char *name);

/* The kernel. On failure *kernel is NULL. TCONV_EARGUMENT: reference NULL (no such name), a design out of range, a gain
 * that cannot be had; TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. kernel->name is the reference's. */
TCONV_API TCONV_CHECKED tconv_status tconv_reference_design(const tconv_reference *reference, const tconv_design *design,
                                                            tconv_kernel **kernel, tconv_error *error);

/* Is it a continuous function of time, so that it can be taken at any delay? (The interpolators and the windowed sincs;
 * not equiripple, least-squares, wiener.) */
TCONV_API bool tconv_reference_is_continuous(const tconv_reference *reference);

/* taps[0..n_taps-1] of a continuous reference along one axis of `design`, centre (n_taps - 1)/2 + delay, gain as the
 * formula gives it. The window of a sinc is as long as n_taps. */
TCONV_API void tconv_reference_delayed(const tconv_reference *reference, const tconv_design *design, size_t axis,
                                       double delay, size_t n_taps, double *taps);

/* taps[n1,..,nD] = factor[0][n1] .. factor[D-1][nD], row-major. */
TCONV_API void tconv_separable_product(const double *const factor[], const size_t n_taps[], size_t ndim, double *taps);

#ifdef __cplusplus
}
#endif
#endif
