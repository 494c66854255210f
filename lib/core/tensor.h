/* tensor.h - an n-dimensional array of float or double, row-major (C order), owned by the struct.
 *
 *     tconv_tensor *tensor = NULL;
 *     if (tconv_tensor_create(&tensor, TCONV_F64, (size_t[]){ 3, 5 }, 2) == TCONV_OK)
 *         ((double *)tensor->data)[1 * 5 + 2] = 1.0;
 *     tconv_tensor_destroy(tensor);
 */
#ifndef TCONV_CORE_TENSOR_H
#define TCONV_CORE_TENSOR_H

#include <stddef.h>

#include "element.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_MAX_RANK 8

typedef struct tconv_tensor {
    tconv_element element;           /* TCONV_F32 or TCONV_F64: what `data` holds */
    tconv_element stored_as;         /* the type in the file it came from; = element for a tensor made here */
    size_t rank, shape[TCONV_MAX_RANK];
    size_t count;                    /* product of the shape; 1 for rank 0 */
    void *data;                      /* `count` elements, row-major; owned */
} tconv_tensor;

/* A tensor of zeros. element is TCONV_F32 or TCONV_F64, rank <= TCONV_MAX_RANK, extents >= 0. On failure *tensor is
 * NULL: TCONV_EARGUMENT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_tensor_create(tconv_tensor **tensor, tconv_element element,
                                                         const size_t *shape, size_t rank);
TCONV_API void tconv_tensor_destroy(tconv_tensor *tensor);   /* NULL is fine */

/* Element i, 0 <= i < count, in memory order, whatever the type. */
TCONV_API double tconv_tensor_get(const tconv_tensor *tensor, size_t i);
TCONV_API void tconv_tensor_set(tconv_tensor *tensor, size_t i, double value);

/* Index of the first NaN or infinity, count if there is none. */
TCONV_API size_t tconv_tensor_first_non_finite(const tconv_tensor *tensor);

/* Write the shape as "(256, 128, 4, 4)" into text[0..size-1], cut if need be, always ended. */
TCONV_API void tconv_shape_text(const size_t *shape, size_t rank, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
