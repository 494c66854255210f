/* channels.h - the figures of a layer with several channels: transfer matrices (internal).
 *
 * H_m = sum_q g_q exp(-2 pi i m q / s), g_q and H_m being Cout x Cin matrices, block diagonal over the groups.
 */
#ifndef TCONV_ANALYSIS_CHANNELS_H
#define TCONV_ANALYSIS_CHANNELS_H

#include <stddef.h>

#include "../core/kernel.h"
#include "../core/status.h"

/* The branch gains of every pair: gain[pair * S + q], pairs in the order of the taps. And, summed over all pairs, the
 * energy of each branch: energy[q]. *zero = sqrt of the sum over pairs of (8 eps sum|h|)^2. */
TCONV_CHECKED tconv_status tconv_channel_gains(const tconv_kernel *kernel, double *gain, double *energy, double *zero);

/* norm[m] = ||H_m||_F and sigma[m] = the largest singular value of H_m over all groups, m = 0..S-1. */
TCONV_CHECKED tconv_status tconv_channel_images(const tconv_kernel *kernel, const double *gain, double *norm, double *sigma);

/* The layer's answer to the mean input mu: answer[co * S + q] = sum_ci g_q[co][ci] mu[ci], without the bias. */
void tconv_channel_flat_answer(const tconv_kernel *kernel, const double *gain, const double *mean, double *answer);

#endif
