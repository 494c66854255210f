/* C and its transpose: the worked example, the definition column by column, the adjoint. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

static void the_worked_example_is_as_written(void)
{
    /* theory.md 1: M = 5, k = 3, s = 2, p = 1 */
    const double w[] = { 10.0, 20.0, 30.0 };
    const double want[] = { 20, 30, 0, 0, 0,   0, 10, 20, 30, 0,   0, 0, 0, 10, 20 };
    double dense[15], dense_transposed[15];
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    tconv_matrix *c, *t;
    CHECK(tconv_matrix_create(&c, &g, w, (size_t[]){ 3 }, NULL) == TCONV_OK);
    CHECK(c->rows == 3 && c->columns == 5 && c->entries == 7);
    tconv_matrix_dense(c, dense);
    CHECK_SAME(dense, want, sizeof want);
    CHECK(tconv_matrix_transpose(&t, c, NULL) == TCONV_OK);
    CHECK(t->rows == 5 && t->columns == 3);
    tconv_matrix_dense(t, dense_transposed);
    bool mirrored = true;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 5; j++)
            mirrored = mirrored && dense_transposed[j * 3 + i] == want[i * 5 + j];
    CHECK(mirrored);
    tconv_matrix_destroy(t);
    tconv_matrix_destroy(c);
}

static bool columns_ascend(const tconv_matrix *m)
{
    for (size_t i = 0; i < m->rows; i++)
        for (size_t e = m->start[i]; e + 1 < m->start[i + 1]; e++)
            if (m->column[e] >= m->column[e + 1])
                return false;
    return m->start[m->rows] == m->entries;
}

/* C^T x is the layer without bias, whichever way it is multiplied, bit for bit on integers. */
static void the_transpose_is_the_layer(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        struct layer layer;
        layer_random(&layer, round % 3 + 1, 400);
        layer_fill_integers(&layer);
        for (size_t co = 0; co < layer.g.channels_out; co++)
            layer.b[co] = 0.0;
        layer.batch = 1;
        layer.y_count = layer.g.channels_out * layer.large;
        long double *want = malloc(layer.y_count * sizeof *want);
        double *y = malloc(layer.y_count * sizeof *y), *again = malloc(layer.y_count * sizeof *again);
        layer_by_definition(&layer, want, NULL);
        tconv_matrix *c, *t, *back = NULL;
        CHECK(tconv_matrix_create(&c, &layer.g, layer.w, layer.n_in, NULL) == TCONV_OK);
        CHECK(tconv_matrix_transpose(&t, c, NULL) == TCONV_OK);
        CHECK(tconv_matrix_transpose(&back, t, NULL) == TCONV_OK);
        CHECK(columns_ascend(c) && columns_ascend(t));
        CHECK_SAME(back->column, c->column, c->entries * sizeof *c->column);
        CHECK_SAME(back->value, c->value, c->entries * sizeof *c->value);
        tconv_matrix_multiply_transpose(c, layer.x, y);
        tconv_matrix_multiply(t, layer.x, again);
        bool same = c->columns == layer.y_count && c->rows == layer.g.channels_in * layer.small;
        for (size_t j = 0; j < layer.y_count; j++)
            same = same && (long double)y[j] == want[j] && (long double)again[j] == want[j];
        CHECK_MESSAGE(same, "round %zu: %s", round, layer_text(&layer));
        tconv_matrix_destroy(back);
        tconv_matrix_destroy(t);
        tconv_matrix_destroy(c);
        free(want);
        free(y);
        free(again);
        layer_free(&layer);
    }
}

static void every_allocation_may_fail(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    const double w[] = { 1.0 };
    size_t before = tconv_memory_in_use(), refused = 0;
    for (size_t budget = 64; ; budget += 64) {
        tconv_matrix *c;
        tconv_error error;
        tconv_memory_set_budget(before + budget);
        tconv_status status = tconv_matrix_create(&c, &g, w, (size_t[]){ 5, 6 }, &error);
        if (status == TCONV_OK) {
            tconv_matrix_destroy(c);
            break;
        }
        refused++;
        CHECK(status == TCONV_EBUDGET && c == NULL && tconv_memory_in_use() == before);
        CHECK_TEXT(error.message, "the memory budget would be exceeded");
    }
    tconv_memory_set_budget(0);
    CHECK(refused >= 4 && tconv_memory_in_use() == before);
    tconv_matrix_destroy(NULL);
}

const struct test_suite suite = { "matrix", {
    { "the worked example is as written", the_worked_example_is_as_written },
    { "the transpose of C is the layer", the_transpose_is_the_layer },
    { "every allocation may fail", every_allocation_may_fail },
    { NULL, NULL } } };
