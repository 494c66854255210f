/* kernel_tensor.h - from an array of numbers and what is known of its layer to a kernel, and back.
 */
#ifndef TCONV_CORE_KERNEL_TENSOR_H
#define TCONV_CORE_KERNEL_TENSOR_H

#include "geometry_options.h"
#include "kernel.h"
#include "status.h"
#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel with the taps of `weights`, whose shape and layout are those of tconv_geometry_of_shape. The values are
 * copied; layout TF (k1..kD, Cout/groups, Cin) is brought into the kernel's order. Errors: those of
 * tconv_geometry_of_shape; TCONV_ENONFINITE naming the index (in the order of `weights`) of the first NaN or infinity;
 * TCONV_EBUDGET, TCONV_ENOMEM. On failure *kernel is NULL. */
TCONV_API TCONV_CHECKED tconv_status tconv_kernel_from_tensor(const tconv_tensor *weights,
                                                              const tconv_geometry_options *options,
                                                              tconv_kernel **kernel, tconv_error *error);

/* The taps as an array of doubles: (k1..kD) for a kernel of one channel, else (Cin, Cout/groups, k1..kD). */
TCONV_API TCONV_CHECKED tconv_status tconv_kernel_to_tensor(const tconv_kernel *kernel, tconv_tensor **weights,
                                                            tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
