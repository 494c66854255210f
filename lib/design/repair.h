/* repair.h - taps that give a checkerboard made into taps that give none: by the smallest change, or by a hold.
 *
 * Flat input gives flat output exactly when all branch gains g_q = sum h_q are equal, that is, when H vanishes at every
 * image m/s, m != 0 (theory of the branches: polyphase.h). For every pair of channels by itself, G = sum h:
 *
 *     project   every tap of branch q gains (G/S - g_q)/n_q, n_q = C(q) its number of taps: the point nearest to h in
 *               the plane "all g_q = G/S" (least squares; the change is constant on each branch, which is the
 *               Karush-Kuhn-Tucker condition). Size, padding and gain stay. Biases that differ over the phases become
 *               their mean.
 *     hold      the dilated kernel convolved with box_s / s along every axis: H gains a factor with zeros at all m/s.
 *               k becomes k_eff + s - 1, d becomes 1, pb grows by floor((s-1)/2), pe by ceil((s-1)/2): the size of the
 *               output stays; for even s it comes half an output sample later. High frequencies droop.
 */
#ifndef TCONV_DESIGN_REPAIR_H
#define TCONV_DESIGN_REPAIR_H

#include "../core/element.h"
#include "../core/kernel.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_repair_report {
    size_t pairs;                            /* kernels repaired: Cin * Cout/groups */
    double relative_change;                  /* project: ||change|| / ||h|| over the whole layer; hold: 0, the lengths differ */
    double largest_change;                   /* project: the largest of the pairs' own ratios */
    double spread_before, spread_after;      /* the largest over the pairs of max_q g_q - min_q g_q, in units of the taps */
    double index_before, index_after;        /* sqrt(sum Var_q g)/sqrt(sum mean_q(g)^2) over the pairs: the checkerboard index;
                                                infinite where all gains cancel, 0 for a layer of zeros */
    double bias_spread;                      /* project: the largest spread over the phases of an output's biases, which are now
                                                equal; 0 where they were */
    double shift[TCONV_MAX_NDIM];            /* hold: how much later the output comes, in output samples: 0 or 1/2 per axis */
} tconv_repair_report;

/* Repair the taps of the kernel in place. TCONV_EGEOMETRY, with the taps untouched, where a branch has no taps and the
 * gain of some pair does not count as zero: no change of the taps there are fills the gap. TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_repair_project(tconv_kernel *kernel, tconv_repair_report *report, tconv_error *error);

/* The same with taps that are numbers of a float type: what rounding left over is given to the smallest tap of each
 * branch, so that the gains are equal to a step of that tap. Rounding afterwards would leave n_q roundings in them. */
TCONV_API TCONV_CHECKED tconv_status tconv_repair_project_as(tconv_kernel *kernel, tconv_element element, tconv_repair_report *report,
                                                             tconv_error *error);

/* *held = a new kernel; names, bias (where it differs over the phases: its mean) and role are copied. Taps are right to one rounding each. On failure NULL:
 * TCONV_EGEOMETRY where the kernel or its padding becomes larger than allowed, TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_repair_hold(const tconv_kernel *kernel, tconv_kernel **held, tconv_repair_report *report,
                                                       tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
