/* Layers that work on each value by itself, and on pairs of values with broadcasting (the definitions of ONNX). */
#include <math.h>
#include <string.h>

#include "layers.h"

/* ---- one input: y = f(x; a, b) ---- */

typedef double (*pointwise)(double x, double a, double b);

static double sigmoid(double x)
{
    return x >= 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

static double clamp(double x, double least, double most)
{
    return x < least ? least : x > most ? most : x;
}

static double f_relu(double x, double a, double b) { (void)a; (void)b; return x > 0.0 ? x : 0.0; }
static double f_leaky(double x, double a, double b) { (void)b; return x >= 0.0 ? x : a * x; }
static double f_elu(double x, double a, double b) { (void)b; return x >= 0.0 ? x : a * expm1(x); }
static double f_selu(double x, double a, double b) { return x > 0.0 ? b * x : b * (a * expm1(x)); }
static double f_gelu(double x, double a, double b) { (void)a; (void)b; return 0.5 * x * (1.0 + erf(x * 0.70710678118654752440)); }
static double f_sigmoid(double x, double a, double b) { (void)a; (void)b; return sigmoid(x); }
static double f_tanh(double x, double a, double b) { (void)a; (void)b; return tanh(x); }
static double f_hard_sigmoid(double x, double a, double b) { return clamp(a * x + b, 0.0, 1.0); }
static double f_hard_swish(double x, double a, double b) { (void)a; (void)b; return x * clamp(x / 6.0 + 0.5, 0.0, 1.0); }
static double f_softplus(double x, double a, double b) { (void)a; (void)b; return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x))); }
static double f_softsign(double x, double a, double b) { (void)a; (void)b; return x / (1.0 + fabs(x)); }
static double f_sqrt(double x, double a, double b) { (void)a; (void)b; return sqrt(x); }
static double f_exp(double x, double a, double b) { (void)a; (void)b; return exp(x); }
static double f_log(double x, double a, double b) { (void)a; (void)b; return log(x); }
static double f_neg(double x, double a, double b) { (void)a; (void)b; return -x; }
static double f_abs(double x, double a, double b) { (void)a; (void)b; return fabs(x); }
static double f_erf(double x, double a, double b) { (void)a; (void)b; return erf(x); }
static double f_floor(double x, double a, double b) { (void)a; (void)b; return floor(x); }
static double f_ceil(double x, double a, double b) { (void)a; (void)b; return ceil(x); }
static double f_reciprocal(double x, double a, double b) { (void)a; (void)b; return 1.0 / x; }
static double f_gelu_tanh(double x, double a, double b)
{
    (void)a;
    (void)b;
    return 0.5 * x * (1.0 + tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));      /* sqrt(2/pi) */
}

static const struct unary {
    const char *name;
    pointwise f;
    float a, b;      /* the defaults of alpha and of beta or gamma */
} unaries[] = {
    { "Relu", f_relu, 0, 0 }, { "LeakyRelu", f_leaky, 0.01f, 0 }, { "Elu", f_elu, 1, 0 },
    { "Selu", f_selu, 1.67326319217681884765625f, 1.05070102214813232421875f }, { "Gelu", f_gelu, 0, 0 },
    { "Sigmoid", f_sigmoid, 0, 0 }, { "Tanh", f_tanh, 0, 0 }, { "HardSigmoid", f_hard_sigmoid, 0.2f, 0.5f },
    { "HardSwish", f_hard_swish, 0, 0 }, { "Softplus", f_softplus, 0, 0 }, { "Softsign", f_softsign, 0, 0 },
    { "Sqrt", f_sqrt, 0, 0 }, { "Exp", f_exp, 0, 0 }, { "Log", f_log, 0, 0 }, { "Neg", f_neg, 0, 0 }, { "Abs", f_abs, 0, 0 },
    { "Erf", f_erf, 0, 0 }, { "Floor", f_floor, 0, 0 }, { "Ceil", f_ceil, 0, 0 }, { "Reciprocal", f_reciprocal, 0, 0 },
};

static tconv_status unary(tconv_layer_call *call)
{
    const tconv_torus *x = tconv_layer_in(call, 0);
    size_t u = 0;
    while (strcmp(unaries[u].name, call->node->op_type) != 0)
        u++;
    double a = (double)tconv_layer_float(call, "alpha", unaries[u].a);
    double b = (double)tconv_layer_float(call, unaries[u].f == f_selu ? "gamma" : "beta", unaries[u].b);
    pointwise f = unaries[u].f;
    if (f == f_gelu && strcmp(tconv_onnx_string(call->node, "approximate", "none"), "tanh") == 0)
        f = f_gelu_tanh;
    tconv_status status = tconv_layer_copy(call, 0, x, true);
    for (size_t i = 0; status == TCONV_OK && i < x->count; i++)
        call->out[0].data[i] = f(x->data[i], a, b);
    return status;
}

/* Bounds as attributes (before opset 11) or inputs. */
static tconv_status clip(tconv_layer_call *call)
{
    const tconv_torus *x = tconv_layer_in(call, 0), *low = tconv_layer_in(call, 1), *high = tconv_layer_in(call, 2);
    double least = (double)tconv_layer_float(call, "min", -INFINITY), most = (double)tconv_layer_float(call, "max", INFINITY);
    if ((low != NULL && low->count != 1) || (high != NULL && high->count != 1))
        return tconv_layer_fail(call, TCONV_EFORMAT, "a bound is not one number");
    if (low != NULL)
        least = low->data[0];
    if (high != NULL)
        most = high->data[0];
    tconv_status status = tconv_layer_copy(call, 0, x, true);
    for (size_t i = 0; status == TCONV_OK && i < x->count; i++) {
        double v = x->data[i] < least ? least : x->data[i];
        call->out[0].data[i] = v > most ? most : v;
    }
    return status;
}

/* ---- two inputs and more ---- */

typedef double (*pairwise)(double a, double b, bool integer);

static double g_add(double a, double b, bool integer) { (void)integer; return a + b; }
static double g_sub(double a, double b, bool integer) { (void)integer; return a - b; }
static double g_mul(double a, double b, bool integer) { (void)integer; return a * b; }
static double g_div(double a, double b, bool integer) { return integer ? (b == 0.0 ? 0.0 : trunc(a / b)) : a / b; }
static double g_pow(double a, double b, bool integer) { (void)integer; return pow(a, b); }
static double g_max(double a, double b, bool integer) { (void)integer; return a > b ? a : b; }
static double g_min(double a, double b, bool integer) { (void)integer; return a < b ? a : b; }
static double g_equal(double a, double b, bool integer) { (void)integer; return a == b ? 1.0 : 0.0; }
static double g_prelu(double a, double b, bool integer) { (void)integer; return a < 0.0 ? a * b : a; }

static const struct {
    const char *name;
    pairwise f;
} pairs[] = {
    { "Add", g_add }, { "Sub", g_sub }, { "Mul", g_mul }, { "Div", g_div }, { "Pow", g_pow }, { "Max", g_max }, { "Min", g_min },
    { "Sum", g_add }, { "Equal", g_equal }, { "PRelu", g_prelu },
};

/* The axes that two values have after broadcasting (aligned at the last axis). */
static tconv_status broadcast(tconv_layer_call *call, const tconv_torus *a, const tconv_torus *b, tconv_torus *out)
{
    tconv_status status = TCONV_OK;
    const tconv_torus *high = a->rank >= b->rank ? a : b, *low = high == a ? b : a;
    size_t lead = high->rank - low->rank;
    out->rank = high->rank;
    memcpy(out->axis, high->axis, sizeof out->axis);
    for (size_t i = 0; status == TCONV_OK && i < low->rank; i++) {
        out->axis[lead + i] = a->axis[a->rank - low->rank + i];          /* the first input's centres are kept */
        status = tconv_layer_meet(call, &out->axis[lead + i], &b->axis[b->rank - low->rank + i]);
    }
    return status;
}

/* Before opset 7 the second input's axes are put where `axis` says; a slope of PRelu belongs to the channels. */
static void old_alignment(const tconv_layer_call *call, const tconv_torus *a, tconv_torus *b)
{
    bool prelu = strcmp(call->node->op_type, "PRelu") == 0;
    const tconv_onnx_attribute *axis = tconv_onnx_find(call->node, "axis");
    int64_t at = prelu ? 1 : axis != NULL ? axis->i : (int64_t)(a->rank - (b->rank < a->rank ? b->rank : a->rank));
    at += at < 0 ? (int64_t)a->rank : 0;
    if (call->opset >= 7 || b->rank >= a->rank || at < 0 || (size_t)at + b->rank > a->rank)
        return;
    while ((size_t)at + b->rank < a->rank)
        b->axis[b->rank++] = tconv_torus_fixed(1);
}

static tconv_status combine(tconv_layer_call *call, pairwise f, const tconv_torus *a, const tconv_torus *given, tconv_torus *out)
{
    tconv_walk walk;
    tconv_torus view = *given;       /* borrows the data */
    const tconv_torus *b = &view;
    old_alignment(call, a, &view);
    tconv_status status = broadcast(call, a, b, out);
    if (status == TCONV_OK)
        status = tconv_layer_named(call, tconv_torus_allocate(out, call->most_elements, call->error));
    if (status != TCONV_OK)
        return status;
    out->integer = a->integer && b->integer;
    bool same = a->count == out->count && b->count == out->count;
    tconv_walk_begin(&walk, out);
    for (size_t i = 0; i < out->count; i++) {
        size_t at_a = i, at_b = i;
        if (!same) {
            at_a = tconv_walk_offset(&walk, a);
            at_b = tconv_walk_offset(&walk, b);
            tconv_walk_next(&walk);
        }
        out->data[i] = f(a->data[at_a], b->data[at_b], out->integer);
    }
    return TCONV_OK;
}

static tconv_status binary(tconv_layer_call *call)
{
    size_t p = 0;
    while (strcmp(pairs[p].name, call->node->op_type) != 0)
        p++;
    tconv_status status = call->n_in == 1 ? tconv_layer_copy(call, 0, call->in[0], true) : TCONV_OK;
    for (size_t i = 1; status == TCONV_OK && i < call->n_in; i++) {
        tconv_torus before = call->out[0];
        call->out[0] = (tconv_torus){ 0 };
        if (call->in[i] == NULL)
            status = tconv_layer_fail(call, TCONV_EFORMAT, "its input %zu is left out", i);
        else
            status = combine(call, pairs[p].f, i == 1 ? call->in[0] : &before, call->in[i], &call->out[0]);
        tconv_torus_free(&before);
    }
    return status;
}

/* Where(condition, a, b): for the sizes that exporters compute, and for maps. */
static tconv_status where(tconv_layer_call *call)
{
    const tconv_torus *condition = call->in[0];
    tconv_torus *out = &call->out[0], pair = { 0 };
    tconv_walk walk;
    tconv_status status = broadcast(call, call->in[1], call->in[2], &pair);
    if (status == TCONV_OK)
        status = broadcast(call, &pair, condition, out);
    if (status == TCONV_OK)
        status = tconv_layer_allocate(call, 0);
    if (status != TCONV_OK)
        return status;
    out->integer = call->in[1]->integer && call->in[2]->integer;
    tconv_walk_begin(&walk, out);
    for (size_t i = 0; i < out->count; i++, tconv_walk_next(&walk)) {
        const tconv_torus *from = condition->data[tconv_walk_offset(&walk, condition)] != 0.0 ? call->in[1] : call->in[2];
        out->data[i] = from->data[tconv_walk_offset(&walk, from)];
    }
    return TCONV_OK;
}

const tconv_layer_operator tconv_layers_pointwise[] = {
    { "Relu", 1, 1, unary }, { "LeakyRelu", 1, 1, unary }, { "PRelu", 2, 2, binary }, { "Elu", 1, 1, unary }, { "Selu", 1, 1, unary },
    { "Gelu", 1, 1, unary }, { "Sigmoid", 1, 1, unary }, { "Tanh", 1, 1, unary }, { "HardSigmoid", 1, 1, unary },
    { "HardSwish", 1, 1, unary }, { "Softplus", 1, 1, unary }, { "Softsign", 1, 1, unary }, { "Clip", 1, 3, clip },
    { "Add", 2, 2, binary }, { "Sub", 2, 2, binary }, { "Mul", 2, 2, binary }, { "Div", 2, 2, binary }, { "Pow", 2, 2, binary },
    { "Max", 1, SIZE_MAX, binary }, { "Min", 1, SIZE_MAX, binary }, { "Sum", 1, SIZE_MAX, binary }, { "Equal", 2, 2, binary },
    { "Where", 3, 3, where }, { "Sqrt", 1, 1, unary }, { "Exp", 1, 1, unary }, { "Log", 1, 1, unary }, { "Neg", 1, 1, unary },
    { "Abs", 1, 1, unary }, { "Erf", 1, 1, unary }, { "Floor", 1, 1, unary }, { "Ceil", 1, 1, unary },
    { "Reciprocal", 1, 1, unary }, { NULL, 0, 0, NULL },
};
