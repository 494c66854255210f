/* kernel_out.h - kernels that commands write: a text that carries its geometry, or a .npy array. */
#ifndef TCONV_APPS_COMMON_KERNEL_OUT_H
#define TCONV_APPS_COMMON_KERNEL_OUT_H

#include "app.h"

/* Does the name end in .npy? False for NULL. */
bool app_is_npy_name(const char *path);

/* Append the file that holds the kernel: its taps as .npy, or as text under the title (tconv_text_write). */
int app_kernel_bytes(const tconv_kernel *kernel, const char *title, bool npy, tconv_buffer *bytes);

/* The whole buffer to `path` (NULL or "-": standard output), complete or absent; `inputs` as for app_output_open. */
int app_write_buffer(const char *path, char *const *inputs, const tconv_buffer *bytes);

#endif
