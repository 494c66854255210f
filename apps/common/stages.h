/* stages.h - the two steps of the definition written to files, to be looked at: what zero-insertion does, then the filter.
 *
 *     PREFIX-input.npy       x
 *     PREFIX-zeros.npy       xu[s*i] = x[i], zero elsewhere (zero_insert.h)
 *     PREFIX-filtered.npy    xu * h, all s*(N-1) + k_eff samples along each axis: before crop, output padding and bias
 *     PREFIX-spectra.txt     power spectra of the three along each axis, on the frequencies of the output (table.h)
 */
#ifndef TCONV_APPS_COMMON_STAGES_H
#define TCONV_APPS_COMMON_STAGES_H

#include "app.h"

/* The stages of kernel on x, whose axes are `lead` (0 to 2) leading ones (batch, channels) and the kernel's spatial ones; a
 * kernel of one channel serves every channel, otherwise the channels agree. No file of `inputs` is replaced. An exit code. */
int app_stages_write(const char *prefix, const tconv_kernel *kernel, const tconv_tensor *x, size_t lead, char *const *inputs);

#endif
