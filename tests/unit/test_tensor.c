/* Tensors: shapes, element access in either type, limits, the text of a shape. */
#include "testing.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tconv.h"

static void a_tensor_holds_its_shape_and_zeros(void)
{
    size_t before = tconv_memory_in_use();
    for (size_t round = 0; round < test_rounds(500); round++) {
        size_t shape[TCONV_MAX_RANK], rank = random_between(0, TCONV_MAX_RANK), count = 1;
        for (size_t i = 0; i < rank; i++)
            count *= shape[i] = random_between(round % 7 == 0 ? 0 : 1, 3);
        tconv_element element = round % 2 == 0 ? TCONV_F64 : TCONV_F32;
        tconv_tensor *tensor;
        CHECK(tconv_tensor_create(&tensor, element, shape, rank) == TCONV_OK);
        if (tensor == NULL)
            return;
        CHECK(tensor->element == element && tensor->stored_as == element && tensor->rank == rank && tensor->count == count);
        CHECK(memcmp(tensor->shape, shape, rank * sizeof *shape) == 0 && tensor->data != NULL);
        CHECK((uintptr_t)tensor->data % TCONV_ALIGNMENT == 0);
        bool zero = true;
        for (size_t i = 0; i < count; i++)
            zero = zero && tconv_tensor_get(tensor, i) == 0.0;
        CHECK(zero);
        tconv_tensor_destroy(tensor);
    }
    tconv_tensor_destroy(NULL);
    CHECK(tconv_memory_in_use() == before);
}

static void elements_are_read_and_written_in_memory_order(void)
{
    for (int type = 0; type < 2; type++) {
        tconv_tensor *tensor;
        CHECK(tconv_tensor_create(&tensor, type == 0 ? TCONV_F64 : TCONV_F32, (size_t[]){ 3, 5 }, 2) == TCONV_OK);
        if (tensor == NULL)
            return;
        for (size_t i = 0; i < 15; i++)
            tconv_tensor_set(tensor, i, (double)i + 0.1);
        for (size_t i = 0; i < 15; i++) {
            double want = (double)i + 0.1;
            CHECK(tconv_tensor_get(tensor, i) == (type == 0 ? want : (double)(float)want));
            CHECK(type == 0 ? ((const double *)tensor->data)[i] == want : ((const float *)tensor->data)[i] == (float)want);
        }
        CHECK(tconv_tensor_first_non_finite(tensor) == 15);
        tconv_tensor_set(tensor, 14, -INFINITY);
        CHECK(tconv_tensor_first_non_finite(tensor) == 14);
        tconv_tensor_set(tensor, 7, NAN);
        CHECK(tconv_tensor_first_non_finite(tensor) == 7);
        tconv_tensor_destroy(tensor);
    }
}

static void what_cannot_be_is_refused_and_leaves_nothing(void)
{
    size_t before = tconv_memory_in_use(), shape[TCONV_MAX_RANK + 1];
    for (size_t i = 0; i <= TCONV_MAX_RANK; i++)
        shape[i] = 1;
    tconv_tensor *tensor = (tconv_tensor *)&shape;
    CHECK(tconv_tensor_create(&tensor, TCONV_F64, shape, TCONV_MAX_RANK + 1) == TCONV_EARGUMENT && tensor == NULL);
    for (int element = 0; element <= TCONV_ELEMENT_COUNT; element++)
        if (element != TCONV_F32 && element != TCONV_F64)
            CHECK(tconv_tensor_create(&tensor, (tconv_element)element, shape, 1) == TCONV_EARGUMENT && tensor == NULL);
    shape[0] = shape[1] = (size_t)1 << 32;
    CHECK(tconv_tensor_create(&tensor, TCONV_F64, shape, 2) == TCONV_ESIZE && tensor == NULL);
    shape[0] = (size_t)1 << 61;
    CHECK(tconv_tensor_create(&tensor, TCONV_F64, shape, 1) == TCONV_ESIZE && tensor == NULL);
    tconv_memory_set_budget(before + 4096);
    shape[0] = 4096;
    CHECK(tconv_tensor_create(&tensor, TCONV_F64, shape, 1) == TCONV_EBUDGET && tensor == NULL);
    tconv_memory_set_budget(before + 8);
    CHECK(tconv_tensor_create(&tensor, TCONV_F64, shape, 1) == TCONV_EBUDGET && tensor == NULL);
    tconv_memory_set_budget(0);
    CHECK(tconv_memory_in_use() == before);
}

static void a_shape_is_written_as_text_and_cut_where_it_must_be(void)
{
    char text[64];
    tconv_shape_text((size_t[]){ 256, 128, 4, 4 }, 4, text, sizeof text);
    CHECK_TEXT(text, "(256, 128, 4, 4)");
    tconv_shape_text((size_t[]){ 7 }, 1, text, sizeof text);
    CHECK_TEXT(text, "(7)");
    tconv_shape_text(NULL, 0, text, sizeof text);
    CHECK_TEXT(text, "()");
    tconv_shape_text((size_t[]){ SIZE_MAX }, 1, text, sizeof text);
    CHECK_TEXT(text, "(18446744073709551615)");
    static const char whole[] = "(12, 345, 0)";
    for (size_t size = 0; size <= sizeof whole; size++) {
        memset(text, '#', sizeof text);
        tconv_shape_text((size_t[]){ 12, 345, 0 }, 3, text, size);
        size_t kept = size == 0 ? 0 : size - 1 < strlen(whole) ? size - 1 : strlen(whole);
        CHECK_MESSAGE(memcmp(text, whole, kept) == 0 && text[kept] == (size == 0 ? '#' : '\0') && text[size] == '#',
                      "cut to %zu bytes", size);
    }
}

const struct test_suite suite = { "tensor", {
    { "a tensor holds its shape and zeros", a_tensor_holds_its_shape_and_zeros },
    { "elements are read and written in memory order", elements_are_read_and_written_in_memory_order },
    { "what cannot be is refused and leaves nothing", what_cannot_be_is_refused_and_leaves_nothing },
    { "a shape is written as text, and cut where it must be", a_shape_is_written_as_text_and_cut_where_it_must_be },
    { NULL, NULL } } };
