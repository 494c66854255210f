/* phase_classes.h - which inputs feed which phase of an axis: the part that engine_gemm.c and engine_fast_fir.c share.
 *
 * Number the outputs of an axis j = s*m + e, e = 0..s-1. Phase e is fed by the taps r for which s divides e + pb - d*r,
 * from the inputs m + a with a = (e + pb - d*r)/s; these offsets are d/gcd(s, d) apart. Phases with the same offsets form
 * a class; with d = 1 there are a few of them. Internal to lib/operator.
 */
#ifndef TCONV_OPERATOR_PHASE_CLASSES_H
#define TCONV_OPERATOR_PHASE_CLASSES_H

#include "lift.h"

typedef struct tconv_phase_class {
    size_t n_offsets, n_phases;
    size_t *offset, *phase;                  /* a - lowest, descending (r ascending); e. Parts of `memory` below */
} tconv_phase_class;

typedef struct tconv_phase_classes {
    size_t n_classes;
    tconv_phase_class *class;
    size_t *memory;
    int64_t lowest;                          /* the least a; all of them are lowest .. lowest + span */
    size_t span;
    size_t extent;                           /* values of m: ceil(M/s) */
    size_t step;                             /* from one offset of a phase to the next: d/gcd(s, d) */
} tconv_phase_classes;

/* The classes of axis `axis`; *classes begins as zeros. TCONV_EBUDGET, TCONV_ENOMEM, after which destroy is due too. */
TCONV_CHECKED tconv_status tconv_phase_classes_create(tconv_phase_classes *classes, const tconv_lifted *l, int axis);
void tconv_phase_classes_destroy(tconv_phase_classes *classes);

/* The tap of phase number `phase` at offset number `t` of class c: r(e, a) = (e + pb - s*a)/d. */
static inline size_t tconv_phase_classes_tap(const tconv_phase_classes *classes, const tconv_lifted *l, int axis,
                                             const tconv_phase_class *c, size_t phase, size_t t)
{
    int64_t a = classes->lowest + (int64_t)c->offset[t];
    return (size_t)((int64_t)c->phase[phase] + l->pb[axis] - (int64_t)l->s[axis] * a) / l->d[axis];
}

#endif
