/* Products with a matrix over channels: MatMul and Gemm. The axis that is summed over is a fixed one. */
#include <string.h>

#include "layers.h"

/* y[b, i, j] = sum_k a[b, i, k] c[b, k, j]; the axes before the last two broadcast. */
static tconv_status matmul(tconv_layer_call *call)
{
    const tconv_torus *a = call->in[0], *c = call->in[1];
    tconv_torus *y = &call->out[0];
    tconv_walk walk;
    if (a->rank < 2 || c->rank < 2)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a vector in a product: matrices are supported");
    const tconv_torus_axis *inner = &a->axis[a->rank - 1], *other = &c->axis[c->rank - 2];
    if (inner->space != TCONV_FIXED || other->space != TCONV_FIXED)
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a product that sums over space is not shift-invariant");
    if (inner->extent != other->extent)
        return tconv_layer_fail(call, TCONV_EFORMAT, "%zu columns do not meet %zu rows", inner->extent, other->extent);
    y->rank = a->rank > c->rank ? a->rank : c->rank;
    tconv_status status = TCONV_OK;
    for (size_t back = y->rank; back > 2; back--) {
        tconv_torus_axis *to = &y->axis[y->rank - back];
        *to = back <= a->rank ? a->axis[a->rank - back] : tconv_torus_fixed(1);
        if (back <= c->rank)
            status = tconv_layer_meet(call, to, &c->axis[c->rank - back]);
        if (status != TCONV_OK)
            return status;
    }
    y->axis[y->rank - 2] = a->axis[a->rank - 2];
    y->axis[y->rank - 1] = c->axis[c->rank - 1];
    size_t depth = inner->extent, a_step = 1, c_step = c->axis[c->rank - 1].extent;
    status = tconv_layer_allocate(call, 0);
    if (status == TCONV_OK)
        status = tconv_layer_spend(call, (double)y->count * (double)depth);
    if (status != TCONV_OK || depth == 0)
        return status != TCONV_OK ? status : tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its matrices are empty");
    tconv_walk_begin(&walk, y);
    for (size_t i = 0; i < y->count; i++, tconv_walk_next(&walk)) {
        size_t row = walk.at[y->rank - 2], column = walk.at[y->rank - 1];
        double sum = 0.0;
        walk.at[y->rank - 1] = 0;
        size_t at_a = tconv_walk_offset(&walk, a);
        walk.at[y->rank - 1] = column;
        walk.at[y->rank - 2] = 0;
        size_t at_c = tconv_walk_offset(&walk, c);
        walk.at[y->rank - 2] = row;
        for (size_t k = 0; k < depth; k++)
            sum += a->data[at_a + k * a_step] * c->data[at_c + k * c_step];
        y->data[i] = sum;
    }
    return TCONV_OK;
}

/* alpha A B + beta C, A and B transposed where told. Rank 2, so its input is past a pool over the whole map. */
static tconv_status gemm(tconv_layer_call *call)
{
    const tconv_torus *a = call->in[0], *b = call->in[1], *c = tconv_layer_in(call, 2);
    tconv_torus *y = &call->out[0];
    double alpha = (double)tconv_layer_float(call, "alpha", 1.0f), beta = (double)tconv_layer_float(call, "beta", 1.0f);
    size_t ta = tconv_onnx_int(call->node, "transA", 0) != 0, tb = tconv_onnx_int(call->node, "transB", 0) != 0;
    if (a->rank != 2 || b->rank != 2 || (c != NULL && c->rank > 2))
        return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its inputs are not matrices");
    for (size_t i = 0; i < 2; i++)
        if (a->axis[i].space != TCONV_FIXED || b->axis[i].space != TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a product over the whole map is not shift-invariant");
    size_t rows = a->axis[ta].extent, depth = a->axis[1 - ta].extent, columns = b->axis[1 - tb].extent;
    if (b->axis[tb].extent != depth)
        return tconv_layer_fail(call, TCONV_EFORMAT, "%zu columns do not meet %zu rows", depth, b->axis[tb].extent);
    y->rank = 2;
    y->axis[0] = tconv_torus_fixed(rows);
    y->axis[1] = tconv_torus_fixed(columns);
    for (size_t i = 0; c != NULL && i < c->rank; i++) {
        size_t extent = c->axis[c->rank - 1 - i].extent;
        if (c->axis[c->rank - 1 - i].space != TCONV_FIXED)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "a product over the whole map is not shift-invariant");
        if (extent != 1 && extent != (i == 0 ? columns : rows))
            return tconv_layer_fail(call, TCONV_EFORMAT, "its third input does not fit");
    }
    tconv_status status = tconv_layer_allocate(call, 0);
    if (status == TCONV_OK)
        status = tconv_layer_spend(call, (double)y->count * (double)depth);
    tconv_walk walk;
    tconv_walk_begin(&walk, y);
    for (size_t i = 0; status == TCONV_OK && i < y->count; i++, tconv_walk_next(&walk)) {
        size_t row = walk.at[0], column = walk.at[1];
        double sum = 0.0;
        for (size_t k = 0; k < depth; k++)
            sum += a->data[ta ? k * rows + row : row * depth + k] * b->data[tb ? column * depth + k : k * columns + column];
        y->data[i] = alpha * sum + (c != NULL ? beta * c->data[tconv_walk_offset(&walk, c)] : 0.0);
    }
    return status;
}

const tconv_layer_operator tconv_layers_matrix[] = { { "MatMul", 2, 2, matmul }, { "Gemm", 2, 3, gemm }, { NULL, 0, 0, NULL } };
