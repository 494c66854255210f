/* verdict.h - what the figures mean: four levels, the reasons in plain words, and what to do.
 *
 * Each level grades one question by decibels, and none answers another's:
 *   geometry     the index of the all-ones kernel: what the sizes alone do; `gap` where an output phase gets no input
 *   kernel       checkerboard_db of these taps; unknown where the layer has several channels, because trained layers use
 *                channels to carry sub-pixel position: the bare index of such a layer is a figure, not a verdict
 *   white_input  20 log10(branch_energy_variation): noise and texture that come and go with the phase
 *   flat_input   20 log10(peak to peak / range): the answer to a flat input; unknown without a mean input or a network
 */
#ifndef TCONV_ANALYSIS_VERDICT_H
#define TCONV_ANALYSIS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/kernel.h"
#include "../core/status.h"
#include "figures.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From good to bad, after the two that are no grades. */
#define TCONV_LEVEL_LIST(X)                                                                     \
    X(TCONV_LEVEL_NONE, "none") X(TCONV_LEVEL_UNKNOWN, "unknown") X(TCONV_LEVEL_CLEAN, "clean") \
    X(TCONV_LEVEL_FAINT, "faint") X(TCONV_LEVEL_VISIBLE, "visible")                             \
    X(TCONV_LEVEL_SEVERE, "severe") X(TCONV_LEVEL_GAP, "gap")

#define TCONV_LEVEL_NAME(name, text) name,
typedef enum { TCONV_LEVEL_LIST(TCONV_LEVEL_NAME) TCONV_LEVEL_COUNT } tconv_level;
#undef TCONV_LEVEL_NAME

TCONV_API const char *tconv_level_text(tconv_level level);   /* "clean"; never NULL */

/* The level named `text`; false if there is none. */
TCONV_API bool tconv_level_of_text(const char *text, tconv_level *level);

typedef struct tconv_levels {            /* in dB, rising                                        Typically */
    double faint, visible, severe;       /* clean < faint <= faint < visible <= visible < ..     -60 -48 -20 */
} tconv_levels;                          /* -48 dB is one grey level of 8 bits */

TCONV_API tconv_levels tconv_levels_default(void);

/* The level of a figure in dB: NAN is unknown, INFINITY severe. */
TCONV_API tconv_level tconv_level_of_db(double db, const tconv_levels *levels);

/* The index of the all-ones kernel of this geometry, in dB: -INFINITY where the coverage is even. */
TCONV_API double tconv_geometry_index_db(const tconv_geometry *geometry);

typedef struct tconv_verdict {
    tconv_level geometry, kernel, white_input, flat_input;
    char **reasons;                      /* sentences, one thing each; owned */
    size_t n_reasons;
    char **advice;                       /* what to do, best first; owned */
    size_t n_advice;
} tconv_verdict;

/* Judge a kernel by its figures; figures = NULL judges its geometry alone (its taps are not looked at), and leaves the
 * other levels unknown. levels = NULL: the default ones. range: the span of the output's values that a flat
 * spread is compared with, 1 for values in [0, 1]. Thread-safe. On failure *verdict is NULL: TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_verdict_create(tconv_verdict **verdict, const tconv_kernel *kernel,
                                                          const tconv_figures *figures, const tconv_levels *levels,
                                                          double range);
/* Set the flat_input level from the answer of the whole network that the layer belongs to: `spread` peak to peak in units of
 * its output, whose values span `range`; and say so in the reasons. TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_verdict_set_flat_input(tconv_verdict *verdict, double spread, double range,
                                                                  const tconv_levels *levels);

TCONV_API void tconv_verdict_destroy(tconv_verdict *verdict);   /* NULL is fine */

/* Is a known geometry, kernel or flat_input verdict as bad as `least` or worse? */
TCONV_API bool tconv_verdict_reaches(const tconv_verdict *verdict, tconv_level least);

#ifdef __cplusplus
}
#endif
#endif
