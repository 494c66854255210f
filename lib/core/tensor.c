#include "tensor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

tconv_status tconv_tensor_create(tconv_tensor **tensor, tconv_element element, const size_t *shape, size_t rank)
{
    tconv_status status = TCONV_OK;
    *tensor = NULL;
    if (rank > TCONV_MAX_RANK || (element != TCONV_F32 && element != TCONV_F64))
        return TCONV_EARGUMENT;
    size_t count;
    if (!tconv_shape_count(shape, rank, &count))
        return TCONV_ESIZE;
    tconv_tensor *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    made->element = made->stored_as = element;
    made->rank = rank;
    if (rank > 0)
        memcpy(made->shape, shape, rank * sizeof *shape);
    made->count = count;
    made->data = tconv_alloc_zero(count, tconv_element_bytes(element), &status);
    if (made->data == NULL) {
        tconv_free(made);
        return status;
    }
    *tensor = made;
    return TCONV_OK;
}

void tconv_tensor_destroy(tconv_tensor *tensor)
{
    if (tensor == NULL)
        return;
    tconv_free(tensor->data);
    tconv_free(tensor);
}

double tconv_tensor_get(const tconv_tensor *tensor, size_t i)
{
    return tensor->element == TCONV_F32 ? (double)((const float *)tensor->data)[i] : ((const double *)tensor->data)[i];
}

void tconv_tensor_set(tconv_tensor *tensor, size_t i, double value)
{
    if (tensor->element == TCONV_F32)
        ((float *)tensor->data)[i] = (float)value;
    else
        ((double *)tensor->data)[i] = value;
}

size_t tconv_tensor_first_non_finite(const tconv_tensor *tensor)
{
    for (size_t i = 0; i < tensor->count; i++)
        if (!isfinite(tconv_tensor_get(tensor, i)))
            return i;
    return tensor->count;
}

void tconv_shape_text(const size_t *shape, size_t rank, char *text, size_t size)
{
    if (size == 0)
        return;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i <= rank && used < size; i++) {
        int length = i == rank ? snprintf(text + used, size - used, rank == 0 ? "()" : ")")
                               : snprintf(text + used, size - used, "%s%zu", i == 0 ? "(" : ", ", shape[i]);
        if (length < 0)
            return;
        used += (size_t)length;
    }
}
