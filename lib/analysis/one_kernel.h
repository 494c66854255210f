/* one_kernel.h - the figures that only a single kernel has: bands, extrema, cutoff, alignment (internal). */
#ifndef TCONV_ANALYSIS_ONE_KERNEL_H
#define TCONV_ANALYSIS_ONE_KERNEL_H

#include "figures.h"

/* Fill in the figures of a single kernel whose branches, gain, index and energies are there already. `zero`: 8 eps sum|h|. */
TCONV_CHECKED tconv_status tconv_one_kernel_figures(tconv_figures *figures, const tconv_kernel *kernel, double zero);

#endif
