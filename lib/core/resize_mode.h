/* resize_mode.h - the kernels of image resizing, by the names that frameworks use. */
#ifndef TCONV_CORE_RESIZE_MODE_H
#define TCONV_CORE_RESIZE_MODE_H

typedef enum {
    TCONV_RESIZE_NEAREST,
    TCONV_RESIZE_LINEAR,
    TCONV_RESIZE_CUBIC,      /* Keys, a = -1/2 */
    TCONV_RESIZE_CUBIC75,    /* Keys, a = -3/4: PyTorch, OpenCV */
    TCONV_RESIZE_COUNT
} tconv_resize_mode;

#endif
