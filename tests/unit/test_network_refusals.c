/* What a network refuses: each operator says what it cannot do, and names the node. */
#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "testing_network.h"

struct refusal {
    tconv_status status;
    const char *model;                  /* may begin with "limits PERIOD ELEMENTS PRODUCTS;", 0 = as without */
    const char *op, *why;               /* the whole message: node 'y' (op): why */
};

static void check_refusal(const struct refusal *r)
{
    tconv_network_options options = { 0 };
    bool limited = sscanf(r->model, "limits %zu %zu %lf", &options.most_period, &options.most_elements,
                          &options.most_products) == 3;
    struct onnx m = onnx_text(limited ? strchr(r->model, ';') : r->model);
    struct opened o = open_network(&m, &options);
    char want[512];
    (void)snprintf(want, sizeof want, "node 'y' (%s): %s", r->op, r->why);
    CHECK_MESSAGE(o.network == NULL, "it runs: %s", r->model);
    CHECK_TEXT(o.error.message, want);
    CHECK_MESSAGE(o.error.status == r->status, "status %d: %s", (int)o.error.status, r->model);
    close_network(&o);
}

#define CHECK_REFUSALS(table)                                         \
    do {                                                              \
        for (size_t i = 0; i < sizeof(table) / sizeof(table)[0]; i++) \
            check_refusal(&(table)[i]);                               \
    } while (0)

static void arithmetic(void)
{
    static const struct refusal table[] = {
        { TCONV_EFORMAT, "f32 c 1 3 1 : 1 1 1; Add x c > y", "Add", "extents 2 and 3 do not fit each other" },
        { TCONV_EUNSUPPORTED, "f32 c 1 1 3 : 1 1 1; Mul x c > y", "Mul",
          "one side has values of its own at every place of the map, so the layer is not shift-invariant" },
        { TCONV_EFORMAT, "f32 w 2 2 3 : 1 1 1 1 1 1 1 1 1 1 1 1; Conv x w > v; Add x v > y", "Add",
          "maps of different sizes meet (887040 and 887038 samples, at a stand-in size)" },
        { TCONV_EFORMAT, "in x 1 1 9; f32 w 1 1 3 : 1 1 1; Conv x w > v; Add x v > y", "Add",
          "maps of different sizes meet (9 and 7 samples)" },
        { TCONV_ESIZE, "limits 8 0 0; f32 s 3 : 1 1 4; f32 t 3 : 1 1 3; AveragePool x > p | kernel_shape=[4] strides=[4]; "
          "Resize p - s > a;AveragePool x > q | kernel_shape=[3] strides=[3]; Resize q - t > b; Add a b > y", "Add",
          "its period would be above 8 samples" },
        { TCONV_EFORMAT, "Sum x x - > y", "Sum", "its input 2 is left out" },
        { TCONV_EFORMAT, "Max x - x > y", "Max", "its input 1 is left out" },
        { TCONV_EFORMAT, "f32 c 1 3 1 : 1 1 1; Sum x x c > y", "Sum", "extents 2 and 3 do not fit each other" },
        { TCONV_EFORMAT, "f32 c 2 : 1 2; Clip x c > y", "Clip", "a bound is not one number" },
        { TCONV_EFORMAT, "f32 c 2 : 1 2; Clip x - c > y", "Clip", "a bound is not one number" },
        { TCONV_EFORMAT, "f32 c 1 3 1 : 1 1 1; Where x x c > y", "Where", "extents 2 and 3 do not fit each other" },
        { TCONV_EFORMAT, "f32 c 1 3 1 : 1 1 1; Where c x x > y", "Where", "extents 2 and 3 do not fit each other" },
        { TCONV_ESIZE, "limits 0 15 0; f32 d 8 1 1 : 1 2 3 4 5 6 7 8; Add x d > y", "Add",
          "its output would have more than 15 elements" },
        { TCONV_ESIZE, "limits 0 7 0; f32 d 4 1 1 : 1 2 3 4; Where x x d > y", "Where",
          "its output would have more than 7 elements" },
    };
    CHECK_REFUSALS(table);
}

static void joins_and_cuts(void)
{
    static const struct refusal table[] = {
        { TCONV_EFORMAT, "Concat x x > y | axis=5", "Concat", "axis 5 is not one of the 3 axes" },
        { TCONV_EFORMAT, "Concat x x > y | axis=-9", "Concat", "axis -9 is not one of the 3 axes" },
        { TCONV_EFORMAT, "Concat x x > y | axis=-4", "Concat", "axis -4 is not one of the 3 axes" },
        { TCONV_EFORMAT, "f32 c 2 : 1 2; Concat x c > y | axis=1", "Concat", "its inputs have different numbers of axes" },
        { TCONV_EFORMAT, "Concat x - > y | axis=1", "Concat", "its inputs have different numbers of axes" },
        { TCONV_EUNSUPPORTED, "Concat x x > y | axis=2", "Concat", "maps laid side by side in space are not shift-invariant" },
        { TCONV_EFORMAT, "f32 c 1 1 3 : 1 2 3; Concat x c > y | axis=1", "Concat", "its inputs do not have the same shape" },
        { TCONV_EFORMAT, "f32 c 1 1 1 : 1; Concat c x > y | axis=1", "Concat", "its inputs do not have the same shape" },
        { TCONV_EFORMAT, "f32 c 2 1 : 1 2; f32 d 3 1 : 1 2 3; Concat c d > y | axis=1", "Concat",
          "its inputs do not have the same shape" },
        { TCONV_EFORMAT, "f32 w 2 2 2 : 1 1 1 1 1 1 1 1; Conv x w > v; Concat x v > y | axis=1", "Concat",
          "maps of different sizes meet (887040 and 887039 samples, at a stand-in size)" },
        { TCONV_ESIZE, "limits 0 3 0; Concat x x > y | axis=1", "Concat", "its output would have more than 3 elements" },
        { TCONV_EFORMAT, "Split x > y z | axis=3", "Split", "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "Split x > y z | axis=2", "Split", "a map cut into pieces is not shift-invariant" },
        { TCONV_EFORMAT, "Split x > y z | axis=1 split=[2]", "Split", "1 sizes for 2 outputs" },
        { TCONV_EUNSUPPORTED, "Split x > y z | axis=1 split=[1,1,0]", "Split", "'split' has 3 numbers, at most 2 are supported" },
        { TCONV_EFORMAT, "Split x > y z | axis=1 split=[2,1]", "Split", "its parts do not fit the 2 elements" },
        { TCONV_EFORMAT, "Split x > y z | axis=1 split=[-1,3]", "Split", "its parts do not fit the 2 elements" },
        { TCONV_EFORMAT, "Split x > y | axis=1 split=[1]", "Split", "its parts do not fit the 2 elements" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; Split x g > y z | axis=1", "Split",
          "its 'split' is computed from the image" },
    };
    CHECK_REFUSALS(table);
}

static void slices_and_pads(void)
{
    static const struct refusal table[] = {
        { TCONV_EFORMAT, "i64 s 1 : 0; i64 e 2 : 1 1; Slice x s e > y", "Slice",
          "its starts, ends, axes and steps are not equally many" },
        { TCONV_EFORMAT, "Slice x > y", "Slice", "its starts, ends, axes and steps are not equally many" },
        { TCONV_EFORMAT, "i64 s 1 : 0; i64 a 2 : 0 1; Slice x s s a > y", "Slice",
          "its starts, ends, axes and steps are not equally many" },
        { TCONV_EFORMAT, "i64 s 1 : 0; i64 a 2 : 1 1; Slice x s s s a > y", "Slice",
          "its starts, ends, axes and steps are not equally many" },
        { TCONV_EFORMAT, "i64 s 4 : 0 0 0 0; Slice x s s > y", "Slice", "its starts, ends, axes and steps are not equally many" },
        { TCONV_EFORMAT, "i64 s 1 : 0; i64 a 1 : 3; Slice x s s a > y", "Slice", "axis 3 is not one of the 3 axes" },
        { TCONV_EFORMAT, "i64 s 1 : 0; Slice x s s s s > y", "Slice", "a step of 0, or an axis twice" },
        { TCONV_EFORMAT, "i64 s 1 : 0; i64 t 1 : 3000000000; Slice x s s s t > y", "Slice",
          "a step of 3000000000, or an axis twice" },
        { TCONV_EFORMAT, "i64 s 1 : 0; i64 t 1 : -3000000000; Slice x s s s t > y", "Slice",
          "a step of -3000000000, or an axis twice" },
        { TCONV_EFORMAT, "i64 s 2 : 1 1; Slice x s s s > y", "Slice", "a step of 1, or an axis twice" },
        { TCONV_EUNSUPPORTED, "i64 s 1 : -1; i64 e 1 : -9000000000000000000; i64 a 1 : 2; Slice x s e a s > y", "Slice",
          "a mirrored map is not shift-invariant" },
        { TCONV_ESIZE, "limits 8 0 0; i64 s 1 : 0; i64 e 1 : 100; i64 a 1 : 2; i64 t 1 : 9; Slice x s e a t > y", "Slice",
          "its period would be above 8 samples" },
        { TCONV_EUNSUPPORTED, "f32 t 3 : 1 1 2; Resize x - t > v; i64 one 1 : 1; i64 a 1 : 2; i64 e 1 : 9000000000; "
          "Slice v one e a > u;i64 s 1 : -3; Slice u s e a > y", "Slice",
          "it counts from the end of a map whose size does not hold whole periods" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; i64 e 1 : 1; Slice x g e > y", "Slice",
          "its 'starts' is computed from the image" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; i64 s 1 : 1; Slice x s g > y", "Slice",
          "its 'ends' is computed from the image" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; i64 s 1 : 1; Slice x s s g > y", "Slice",
          "its 'axes' is computed from the image" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; i64 s 1 : 1; Slice x s s s g > y", "Slice",
          "its 'steps' is computed from the image" },
        { TCONV_EFORMAT, "f32 s 1 : nan; i64 e 1 : 1; Slice x s e > y", "Slice", "its 'starts' is not a whole number" },
        { TCONV_EFORMAT, "i64 p 2 : 1 1; Pad x p > y", "Pad", "3 axes need 6 pads" },
        { TCONV_EFORMAT, "Pad x > y", "Pad", "3 axes need 6 pads" },
        { TCONV_EFORMAT, "i64 p 2 : 1 1; i64 a 1 : 3; Pad x p - a > y", "Pad", "axis 3 is not one of the 3 axes" },
        { TCONV_EFORMAT, "i64 p 4 : 1 1 1 1; i64 a 2 : 2 -1; Pad x p - a > y", "Pad", "axis 2 is named twice" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; i64 p 4 : 0 0 0 0; Pad x p - g > y", "Pad",
          "its 'input' is computed from the image" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; Pad x g > y", "Pad", "its 'pads' is computed from the image" },
        { TCONV_EFORMAT, "i64 p 2 : 3000000000 1; i64 a 1 : 2; Pad x p - a > y", "Pad", "a pad of 3000000000 or 1" },
        { TCONV_EFORMAT, "i64 p 2 : 1 -3000000000; i64 a 1 : 2; Pad x p - a > y", "Pad", "a pad of 1 or -3000000000" },
        { TCONV_EFORMAT, "i64 p 2 : -3000000000 0; i64 a 1 : 2; Pad x p - a > y", "Pad", "a pad of -3000000000 or 0" },
        { TCONV_EFORMAT, "i64 p 2 : 0 3000000000; i64 a 1 : 2; Pad x p - a > y", "Pad", "a pad of 0 or 3000000000" },
        { TCONV_EUNSUPPORTED, "Pad x > y | pads=[0,1,0,0,0,0] mode=reflect", "Pad",
          "mode 'reflect' along channels; constant is supported" },
        { TCONV_EUNSUPPORTED, "Pad x > y | pads=[0,0,0,0,1,0] mode=edge", "Pad",
          "mode 'edge' along channels; constant is supported" },
        { TCONV_ESIZE, "limits 0 9 0; Pad x > y | pads=[0,9,0,0,0,0]", "Pad", "its output would have more than 9 elements" },
    };
    CHECK_REFUSALS(table);
}

/* Convolutions and pools: their weights, windows and maps. */
static void windows(void)
{
    static const struct refusal table[] = {
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 : 1 1; ReduceMean x > v | axes=[2] keepdims=0; Conv v w > y", "Conv",
          "an input of 2 axes and a weight of 3: one and two dimensions are supported" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 1 : 1 1; Conv x w > y", "Conv",
          "an input of 3 axes and a weight of 4: one and two dimensions are supported" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 1 1 : 1 1; Unsqueeze x > v | axes=[3,4]; Conv v w > y", "Conv",
          "an input of 5 axes and a weight of 5: one and two dimensions are supported" },
        { TCONV_EUNSUPPORTED, "Conv x x > y", "Conv", "its weight is empty or changes over space" },
        { TCONV_EUNSUPPORTED, "f32 w 0 2 1 : ; Conv x w > y", "Conv", "its weight is empty or changes over space" },
        { TCONV_EUNSUPPORTED, "f32 w 1 1 1 : 1; Transpose x > v | perm=[0,2,1]; Conv v w > y", "Conv",
          "its channels are no channels but an axis of space" },
        { TCONV_EUNSUPPORTED, "f32 w 1 1 1 : 1; Transpose x > v | perm=[2,1,0]; Conv v w > y", "Conv",
          "its channels are no channels but an axis of space" },
        { TCONV_EFORMAT, "f32 w 1 3 1 : 1 1 1; Conv x w > y", "Conv", "2 channels do not fit the weight (1, 3, ..) in 1 groups" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; Conv x w > y | group=0", "Conv",
          "2 channels do not fit the weight (1, 2, ..) in 0 groups" },
        { TCONV_EFORMAT, "f32 w 1 1 1 : 1; Conv x w > y | group=2", "Conv",
          "2 channels do not fit the weight (1, 1, ..) in 2 groups" },
        { TCONV_EFORMAT, "f32 w 3 1 1 : 1 1 1; Conv x w > y | group=2", "Conv",
          "2 channels do not fit the weight (3, 1, ..) in 2 groups" },
        { TCONV_EFORMAT, "f32 w 3 1 1 : 1 1 1; ConvTranspose x w > y", "ConvTranspose",
          "2 channels do not fit the weight (3, 1, ..) in 1 groups" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; f32 b 2 : 1 1; Conv x w b > y", "Conv", "its bias has 2 values for 1 channels" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; f32 b 1 1 : 1; Conv x w b > y", "Conv", "its bias has 1 values for 1 channels" },
        { TCONV_EUNSUPPORTED, "f32 w 2 1 1 : 1 1; GlobalAveragePool x > v; ConvTranspose v w > y", "ConvTranspose",
          "it spreads an axis of 1 values that is not space" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 2 : 1 1 1 1; GlobalAveragePool x > v; Conv v w > y", "Conv",
          "it slides over an axis of 1 values that is not space" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 : 1 1; GlobalAveragePool x > v; Conv v w > y | pads=[1,0]", "Conv",
          "it slides over an axis of 1 values that is not space" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 : 1 1; GlobalAveragePool x > v; Conv v w > y | pads=[0,1]", "Conv",
          "it slides over an axis of 1 values that is not space" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 : 1 1; f32 c 1 2 3 : 1 2 3 4 5 6; Conv c w > y", "Conv",
          "it slides over an axis of 3 values that is not space" },
        { TCONV_ESIZE, "limits 8 0 0; f32 w 1 2 1 : 1 1; Conv x w > y | strides=[9]", "Conv",
          "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 8 0 0; f32 w 2 1 1 : 1 1; ConvTranspose x w > y | strides=[9]", "ConvTranspose",
          "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 0 7 0; f32 w 2 1 1 : 1 1; ConvTranspose x w > y | strides=[8]", "ConvTranspose",
          "its output would have more than 7 elements" },
        { TCONV_ESIZE, "limits 0 0 15; f32 w 2 1 1 : 1 1; ConvTranspose x w > y | strides=[8]", "ConvTranspose",
          "the network needs more operations than are allowed for one input" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; Conv x w > y | auto_pad=SAME", "Conv",
          "auto_pad 'SAME' is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; Conv x w > y | strides=[2,2]", "Conv", "'strides' has 2 numbers; 1 belong there" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; Conv x w > y | strides=[0]", "Conv", "'strides' has the value 0" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; Conv x w > y | dilations=[2000000]", "Conv", "'dilations' has the value 2000000" },
        { TCONV_EFORMAT, "f32 w 1 2 1 : 1 1; Conv x w > y | pads=[0,-2000000]", "Conv", "'pads' has the value -2000000" },
        { TCONV_EUNSUPPORTED, "f32 w 1 2 1 : 1 1; Conv x w > y | pads=[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]", "Conv",
          "'pads' has 17 numbers, at most 16 are supported" },
        { TCONV_EFORMAT, "f32 w 2 1 1 : 1 1; ConvTranspose x w > y | output_padding=[-1]", "ConvTranspose",
          "'output_padding' has the value -1" },
        { TCONV_EFORMAT, "f32 w 2 1 1 : 1 1; ConvTranspose x w > y | output_shape=[1,2]", "ConvTranspose",
          "'output_shape' has 2 numbers; 1 belong there" },
        { TCONV_EUNSUPPORTED, "f32 w 2 1 1 : 1 1; ConvTranspose x w > y | output_shape=[-2]", "ConvTranspose",
          "its output_shape fixes the size of the map, and the model leaves that of its input open; "
          "pads are supported, or a model of one size" },
        { TCONV_EFORMAT, "in x 1 2 4; f32 w 2 1 1 : 1 1; ConvTranspose x w > y | output_shape=[99]", "ConvTranspose",
          "an output of 99 samples from 4 is 95 more than the layer can make" },
        { TCONV_EUNSUPPORTED, "ReduceMean x > v | axes=[2] keepdims=0; MaxPool v > y | kernel_shape=[2]", "MaxPool",
          "its input is no map of one or two dimensions" },
        { TCONV_EUNSUPPORTED, "Unsqueeze x > v | axes=[3,4]; MaxPool v > y | kernel_shape=[2,1,1]", "MaxPool",
          "its input is no map of one or two dimensions" },
        { TCONV_EUNSUPPORTED, "Transpose x > v | perm=[0,2,1]; MaxPool v > y | kernel_shape=[2]", "MaxPool",
          "its input is no map of one or two dimensions" },
        { TCONV_EUNSUPPORTED, "Transpose x > v | perm=[2,0,1]; MaxPool v > y | kernel_shape=[2]", "MaxPool",
          "its input is no map of one or two dimensions" },
        { TCONV_EFORMAT, "MaxPool x > y", "MaxPool", "its kernel_shape does not have 1 numbers" },
        { TCONV_EUNSUPPORTED, "MaxPool x > y | kernel_shape=[1,2,3]", "MaxPool",
          "'kernel_shape' has 3 numbers, at most 2 are supported" },
        { TCONV_EFORMAT, "AveragePool x > y | kernel_shape=[0]", "AveragePool", "its kernel_shape is not from 1 to 65536" },
        { TCONV_EFORMAT, "AveragePool x > y | kernel_shape=[65537]", "AveragePool", "its kernel_shape is not from 1 to 65536" },
        { TCONV_EFORMAT, "AveragePool x > y | kernel_shape=[2] strides=[-1]", "AveragePool", "'strides' has the value -1" },
        { TCONV_EUNSUPPORTED, "MaxPool x > y z | kernel_shape=[2]; out z", "MaxPool",
          "the places of its maxima are not supported" },
        { TCONV_ESIZE, "limits 0 0 15; AveragePool x > y | kernel_shape=[8]", "AveragePool",
          "the network needs more operations than are allowed for one input" },
        { TCONV_ESIZE, "limits 8 0 0; AveragePool x > y | kernel_shape=[8] strides=[9]", "AveragePool",
          "its period would be above 8 samples" },
        { TCONV_EUNSUPPORTED, "ReduceMean x > v | axes=[2] keepdims=0; GlobalMaxPool v > y", "GlobalMaxPool",
          "its input has no axis of space" },
        { TCONV_EUNSUPPORTED, "i64 z 3 : 1 0 4; ConstantOfShape z > v; GlobalMaxPool v > y", "GlobalMaxPool",
          "its input has no axis of space" },
    };
    CHECK_REFUSALS(table);
}

static void matrices_and_reductions(void)
{
    static const struct refusal table[] = {
        { TCONV_EUNSUPPORTED, "f32 v 2 : 1 1; MatMul x v > y", "MatMul", "a vector in a product: matrices are supported" },
        { TCONV_EUNSUPPORTED, "f32 v 2 : 1 1; MatMul v x > y", "MatMul", "a vector in a product: matrices are supported" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; MatMul x c > y", "MatMul",
          "a product that sums over space is not shift-invariant" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Transpose x > v | perm=[0,2,1]; MatMul c v > y", "MatMul",
          "a product that sums over space is not shift-invariant" },
        { TCONV_EFORMAT, "f32 c 2 3 : 1 1 1 1 1 1; MatMul c x > y", "MatMul", "3 columns do not meet 2 rows" },
        { TCONV_EFORMAT, "f32 c 3 2 2 : 1 1 1 1 1 1 1 1 1 1 1 1; f32 d 2 2 2 : 1 1 1 1 1 1 1 1; MatMul c d > y", "MatMul",
          "extents 3 and 2 do not fit each other" },
        { TCONV_EUNSUPPORTED, "i64 s 2 : 2 0; i64 t 2 : 0 2; ConstantOfShape s > a; ConstantOfShape t > b; MatMul a b > y",
          "MatMul", "its matrices are empty" },
        { TCONV_ESIZE, "limits 0 0 3; f32 c 2 2 : 1 1 1 1; MatMul c x > y", "MatMul",
          "the network needs more operations than are allowed for one input" },
        { TCONV_EUNSUPPORTED, "Transpose x > v | perm=[0,2,1]; MatMul v x > y", "MatMul",
          "it pairs places of the map with one another, so it is not shift-invariant" },
        { TCONV_EUNSUPPORTED, "Unsqueeze x > a | axes=[2]; Unsqueeze x > b | axes=[3]; Sub a b > y", "Sub",
          "it pairs places of the map with one another, so it is not shift-invariant" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Gemm x c > y", "Gemm", "its inputs are not matrices" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Gemm c x > y", "Gemm", "its inputs are not matrices" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Gemm c c x > y", "Gemm", "its inputs are not matrices" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Squeeze x > v | axes=[0]; Gemm v c > y", "Gemm",
          "a product over the whole map is not shift-invariant" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Squeeze x > v | axes=[0]; Gemm c v > y", "Gemm",
          "a product over the whole map is not shift-invariant" },
        { TCONV_EUNSUPPORTED, "f32 c 2 2 : 1 1 1 1; Squeeze x > v | axes=[0]; Gemm c c v > y", "Gemm",
          "a product over the whole map is not shift-invariant" },
        { TCONV_EFORMAT, "f32 c 2 3 : 1 1 1 1 1 1; Gemm c c > y", "Gemm", "3 columns do not meet 2 rows" },
        { TCONV_EFORMAT, "f32 c 2 2 : 1 1 1 1; f32 d 3 : 1 1 1; Gemm c c d > y", "Gemm", "its third input does not fit" },
        { TCONV_EFORMAT, "f32 c 2 2 : 1 1 1 1; f32 d 3 1 : 1 1 1; Gemm c c d > y", "Gemm", "its third input does not fit" },
        { TCONV_ESIZE, "limits 0 0 3; f32 c 2 2 : 1 1 1 1; Gemm c c > y", "Gemm",
          "the network needs more operations than are allowed for one input" },
        { TCONV_EFORMAT, "ReduceMax x > y | axes=[1,-2]", "ReduceMax", "axis 1 is named twice" },
        { TCONV_EFORMAT, "ReduceMax x > y | axes=[3]", "ReduceMax", "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "ReduceProd x > y | axes=[2]", "ReduceProd",
          "over space its result grows with the size of the map" },
        { TCONV_EUNSUPPORTED, "i64 z 2 : 0 2; ConstantOfShape z > v; ReduceSum v > y", "ReduceSum", "its input is empty" },
        { TCONV_EFORMAT, "Softmax x > y | axis=3", "Softmax", "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "opset 12; Softmax x > y", "Softmax", "a softmax over space depends on the size of the map" },
    };
    CHECK_REFUSALS(table);
}

static void normalisations(void)
{
    static const struct refusal table[] = {
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; BatchNormalization c c c c c > y", "BatchNormalization",
          "its input has no channels in its second axis" },
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; Transpose x > v | perm=[0,2,1]; BatchNormalization v c c c c > y",
          "BatchNormalization", "its input has no channels in its second axis" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; f32 d 1 2 : 1 1; BatchNormalization x c c c d > y", "BatchNormalization",
          "its input 4 is not one value for each of 2 channels" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; f32 d 3 : 1 1 1; BatchNormalization x c d c c > y", "BatchNormalization",
          "its input 2 is not one value for each of 2 channels" },
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; BatchNormalization x c c c c > y | training_mode=1", "BatchNormalization",
          "it is in training mode" },
        { TCONV_EUNSUPPORTED, "i64 z 3 : 0 2 1; f32 c 2 : 1 1; ConstantOfShape z > v; BatchNormalization v c c c c > y",
          "BatchNormalization", "its input is empty" },
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; ReduceMean x > v | axes=[2] keepdims=0; InstanceNormalization v c c > y",
          "InstanceNormalization", "its input has no axis of space" },
        { TCONV_EUNSUPPORTED,
          "f32 c 2 : 1 1; ReduceMean x > v | axes=[2] keepdims=0; GroupNormalization v c c > y | num_groups=1",
          "GroupNormalization", "its input has no channels in its second axis, or no axis of space" },
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; Transpose x > v | perm=[0,2,1]; GroupNormalization v c c > y | num_groups=1",
          "GroupNormalization", "its input has no channels in its second axis, or no axis of space" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; GroupNormalization x c c > y", "GroupNormalization",
          "0 groups do not divide 2 channels" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; GroupNormalization x c c > y | num_groups=3", "GroupNormalization",
          "3 groups do not divide 2 channels" },
        { TCONV_EFORMAT, "in x 1 3 ?; f32 c 3 : 1 1 1; GroupNormalization x c c > y | num_groups=2", "GroupNormalization",
          "2 groups do not divide 3 channels" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; f32 d 3 : 1 1 1; GroupNormalization x c d > y | num_groups=1", "GroupNormalization",
          "its input 2 is not one value for each of 2 channels or 1 groups" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; LayerNormalization x c > y | axis=3", "LayerNormalization",
          "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; LayerNormalization x c > y", "LayerNormalization",
          "it normalises over space with values of its own at every place" },
        { TCONV_EFORMAT, "f32 c 3 : 1 1 1; Transpose x > v | perm=[0,2,1]; LayerNormalization v c > y", "LayerNormalization",
          "its scale or bias does not have 2 values" },
        { TCONV_EFORMAT, "f32 c 2 : 1 1; f32 d 1 : 1; Transpose x > v | perm=[0,2,1]; LayerNormalization v c d > y",
          "LayerNormalization", "its scale or bias does not have 2 values" },
        { TCONV_EUNSUPPORTED, "f32 c 2 : 1 1; Transpose x > v | perm=[0,2,1]; LayerNormalization v c > y z", "LayerNormalization",
          "only its first output is supported" },
    };
    CHECK_REFUSALS(table);
}

static void sizes_of_maps(void)
{
    static const struct refusal table[] = {
        { TCONV_EUNSUPPORTED, "f32 s 2 : 1 2; Resize x - s > y", "Resize",
          "it has 2 scales or sizes for 3 axes, or they are computed from the image" },
        { TCONV_EUNSUPPORTED, "Resize x > y", "Resize",
          "it has 0 scales or sizes for 3 axes, or they are computed from the image" },
        { TCONV_EUNSUPPORTED, "ReduceMean x > g | keepdims=0; Unsqueeze g > s | axes=[0]; Resize x - s > y | axes=[2]", "Resize",
          "it has 1 scales or sizes for 1 axes, or they are computed from the image" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > g; Resize x - - g > y | axes=[1,2]", "Resize",
          "its 'input' is computed from the image" },
        { TCONV_EUNSUPPORTED, "i64 z 3 : 1 2 1000000; Resize x - - z > y", "Resize",
          "a map of 887040 samples resized to 1000000 (at a stand-in size): the scale is no whole number" },
        { TCONV_EUNSUPPORTED, "in x 1 2 6; i64 z 3 : 1 2 9; Resize x - - z > y", "Resize",
          "a map of 6 samples resized to 9: the scale is no whole number" },
        { TCONV_EUNSUPPORTED, "in x 1 2 6; i64 z 3 : 1 2 0; Resize x - - z > y", "Resize",
          "a map of 6 samples resized to 0: the scale is no whole number" },
        { TCONV_EUNSUPPORTED, "in x 1 2 6; i64 z 3 : 1 2 3; Resize x - - z > y", "Resize",
          "the scale of axis 2 is not a whole number of 1 or more; only those are shift-invariant upsamplers" },
        { TCONV_EUNSUPPORTED, "f32 s 3 : 1 1 5000; Resize x - s > y", "Resize",
          "the scale of axis 2 is not a whole number of 1 or more; only those are shift-invariant upsamplers" },
        { TCONV_EUNSUPPORTED, "f32 s 3 : 1 2 1; Resize x - s > y", "Resize", "it resizes axis 1, which is not space" },
        { TCONV_EFORMAT, "f32 s 1 : 2; Resize x - s > y | axes=[3]", "Resize", "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "f32 s 1 : 2; Resize x - s > y | axes=[1,1,1,1,1,1,1,1,1]", "Resize",
          "'axes' has 9 numbers, at most 8 are supported" },
        { TCONV_EFORMAT, "f32 s 3 : 1 1 2; Resize x - s > y | nearest_mode=up", "Resize",
          "nearest_mode 'up' is not one of ONNX" },
        { TCONV_EUNSUPPORTED, "f32 s 3 : 1 1 2; Resize x - s > y | keep_aspect_ratio_policy=not_larger", "Resize",
          "keep_aspect_ratio_policy 'not_larger'; stretch is supported" },
        { TCONV_ESIZE, "limits 8 0 0; f32 s 3 : 1 1 9; Resize x - s > y", "Resize", "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 0 17 0; f32 s 3 : 1 1 9; Resize x - s > y", "Resize",
          "its output would have more than 17 elements" },
        { TCONV_EUNSUPPORTED, "DepthToSpace x > y | blocksize=2", "DepthToSpace", "its input is no map of two dimensions" },
        { TCONV_EUNSUPPORTED, "in x 1 4 ? ?; Transpose x > v | perm=[0,2,1,3]; DepthToSpace v > y | blocksize=2", "DepthToSpace",
          "its input is no map of two dimensions" },
        { TCONV_EUNSUPPORTED, "in x 1 4 ? ?; ReduceMean x > v | axes=[2]; DepthToSpace v > y | blocksize=2", "DepthToSpace",
          "its input is no map of two dimensions" },
        { TCONV_EUNSUPPORTED, "in x 1 4 ? ?; ReduceMean x > v | axes=[3]; SpaceToDepth v > y | blocksize=2", "SpaceToDepth",
          "its input is no map of two dimensions" },
        { TCONV_EFORMAT, "in x 1 4 ? ?; DepthToSpace x > y", "DepthToSpace", "its blocksize is 0" },
        { TCONV_EFORMAT, "limits 8 0 0; in x 1 4 ? ?; SpaceToDepth x > y | blocksize=9", "SpaceToDepth", "its blocksize is 9" },
        { TCONV_EFORMAT, "in x 1 6 ? ?; DepthToSpace x > y | blocksize=2", "DepthToSpace", "6 channels are no multiple of 4" },
        { TCONV_ESIZE, "limits 8 0 0; in x 1 4 ? ?; f32 s 4 : 1 1 5 1; Resize x - s > v; DepthToSpace v > y | blocksize=2",
          "DepthToSpace", "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 8 0 0; in x 1 4 ? ?; f32 s 4 : 1 1 1 5; Resize x - s > v; DepthToSpace v > y | blocksize=2",
          "DepthToSpace", "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 8 0 0; in x 1 4 ? ?; f32 s 4 : 1 1 1 5; Resize x - s > v; SpaceToDepth v > y | blocksize=2",
          "SpaceToDepth", "its period would be above 8 samples" },
    };
    CHECK_REFUSALS(table);
}

static void shapes(void)
{
    static const struct refusal table[] = {
        { TCONV_EUNSUPPORTED, "Identity x > y z", "Identity", "only its first output is supported" },
        { TCONV_EUNSUPPORTED, "Cast x > y | to=8", "Cast", "a cast to element type 8" },
        { TCONV_EUNSUPPORTED, "Cast x > y", "Cast", "a cast to element type 0" },
        { TCONV_EUNSUPPORTED, "Cast x > y | to=14", "Cast", "a cast to element type 14" },
        { TCONV_EUNSUPPORTED, "Constant > y | value_string=no", "Constant", "a constant without numbers" },
        { TCONV_EUNSUPPORTED, "Constant > y | value=1", "Constant", "a constant without numbers" },
        { TCONV_ESIZE, "limits 0 2 0; Constant > y | value_ints=[1,2,3]", "Constant",
          "its output would have more than 2 elements" },
        { TCONV_ESIZE, "limits 0 2 0; Constant > y | value=f32{1,2,3}", "Constant", "the tensor 'y' has more than 2 elements" },
        { TCONV_ESIZE, "limits 0 2 0; Constant > y | value=i64{1,2,3}", "Constant", "the tensor 'y' has more than 2 elements" },
        { TCONV_EFORMAT, "i64 i : 0; Gather x i > y | axis=3", "Gather", "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "i64 i : 0; Gather x i > y | axis=2", "Gather",
          "single places of a map are not shift-invariant; it may gather channels" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > i; Gather x i > y | axis=1", "Gather",
          "single places of a map are not shift-invariant; it may gather channels" },
        { TCONV_EUNSUPPORTED, "f32 i 1 1 1 1 1 1 1 : 0; Gather x i > y | axis=1", "Gather",
          "single places of a map are not shift-invariant; it may gather channels" },
        { TCONV_EFORMAT, "i64 i : 2; Gather x i > y | axis=1", "Gather", "an index is outside the 2 elements" },
        { TCONV_EFORMAT, "i64 i : -3; Gather x i > y | axis=1", "Gather", "an index is outside the 2 elements" },
        { TCONV_EFORMAT, "f32 i 1 : nan; Gather x i > y | axis=1", "Gather", "an index is outside the 2 elements" },
        { TCONV_EFORMAT, "Reshape x > y", "Reshape", "its shape is left out" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > s; Reshape x s > y", "Reshape", "its 'input' is computed from the image" },
        { TCONV_EUNSUPPORTED, "i64 s 9 : 1 1 1 1 1 1 1 1 1; Reshape x s > y", "Reshape",
          "'input' has 9 numbers, at most 8 are supported" },
        { TCONV_EUNSUPPORTED, "Reshape x > y | shape=[1,1,1,1,1,1,1,1,1]", "Reshape",
          "'shape' has 9 numbers, at most 8 are supported" },
        { TCONV_EFORMAT, "i64 s 2 : -1 -1; Reshape x s > y", "Reshape", "its shape has a negative length" },
        { TCONV_EFORMAT, "i64 s 2 : -2 0; Reshape x s > y", "Reshape", "its shape has a negative length" },
        { TCONV_EFORMAT, "i64 s 4 : 1 2 0 -1; Reshape x s > y | allowzero=1", "Reshape", "its shape does not fit" },
        { TCONV_EUNSUPPORTED, "i64 s 3 : 1 2 7; Reshape x s > y", "Reshape", "the new shape does not fit the map at every size" },
        { TCONV_EUNSUPPORTED, "in x 1 2 6; i64 s 3 : 1 2 7; Reshape x s > y", "Reshape", "the new shape does not fit the map" },
        { TCONV_EUNSUPPORTED, "i64 s 2 : 1 -1; Reshape x s > y", "Reshape",
          "it mixes an axis of space with others; pixel shuffle and its inverse are supported" },
        { TCONV_EUNSUPPORTED, "in x 1 2 ? ?; i64 s 3 : 1 2 -1; Reshape x s > v; i64 t 2 : 0 -1; Reshape v t > y", "Reshape",
          "it gives channels and space, which were made one, another shape than they had" },
        { TCONV_EUNSUPPORTED, "in x 1 2 ? ?; i64 s 2 : 2 -1; Reshape x s > y", "Reshape",
          "it mixes an axis of space with others; pixel shuffle and its inverse are supported" },
        { TCONV_ESIZE, "limits 8 0 0; i64 s 4 : 1 2 -1 9; Reshape x s > y", "Reshape", "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 8 0 0; in x 1 10 ?; Transpose x > v | perm=[0,2,1]; i64 s 2 : 1 -1; Reshape v s > y", "Reshape",
          "its period would be above 8 samples" },
        { TCONV_ESIZE, "limits 0 17 0; i64 s 4 : 1 2 -1 9; Reshape x s > y", "Reshape",
          "its output would have more than 17 elements" },
        { TCONV_EFORMAT, "i64 z 2 : 0 2; i64 s 2 : 1 2; ConstantOfShape z > v; Reshape v s > y | allowzero=1", "Reshape",
          "the shapes do not hold the same number of elements" },
        { TCONV_EFORMAT, "ConstantOfShape c > y | value=f32{1,2}; i64 c 1 : 3", "ConstantOfShape",
          "its value is not one number" },
        { TCONV_EUNSUPPORTED, "ConstantOfShape x > y", "ConstantOfShape", "its 'input' is computed from the image" },
        { TCONV_ESIZE, "limits 0 2 0; i64 c 1 : 3; ConstantOfShape c > y", "ConstantOfShape",
          "its output would have more than 2 elements" },
        { TCONV_EFORMAT, "i64 c 1 : 3; ConstantOfShape c > y | value=1", "ConstantOfShape", "its value is not one number" },
        { TCONV_ESIZE, "i64 c 2 : 0 9000000000000000000; ConstantOfShape c > y", "ConstantOfShape",
          "its output would have more than 16777216 elements" },
        { TCONV_EFORMAT, "i64 a 2 : 1 1; i64 b : 1; Range a b b > y", "Range", "its inputs are not single numbers" },
        { TCONV_EFORMAT, "i64 a 2 : 1 1; i64 b : 1; Range b a b > y", "Range", "its inputs are not single numbers" },
        { TCONV_EFORMAT, "i64 a 2 : 1 1; i64 b : 1; Range b b a > y", "Range", "its inputs are not single numbers" },
        { TCONV_ESIZE, "i64 a : 0; i64 b : 1; Range a b a > y", "Range", "it has too many elements" },
        { TCONV_EFORMAT, "i64 s 3 : 1 3 1; Expand x s > y", "Expand", "2 samples cannot be expanded to 3" },
        { TCONV_EFORMAT, "i64 s 3 : 1 2 7; Expand x s > y", "Expand", "887040 samples cannot be expanded to 7" },
        { TCONV_EFORMAT, "in x 1 2 1; i64 s 3 : 1 2 7; Expand x s > y", "Expand", "1 samples cannot be expanded to 7" },
        { TCONV_EFORMAT, "i64 s 3 : 1 -2 1; Expand x s > y", "Expand", "2 samples cannot be expanded to -2" },
        { TCONV_EFORMAT, "Expand x > y", "Expand", "its shape is left out" },
        { TCONV_ESIZE, "limits 0 11 0; i64 s 1 : 1; f32 c 2 3 : 1 2 3 4 5 6; i64 d 3 : 2 2 3; Expand c d > y", "Expand",
          "its output would have more than 11 elements" },
        { TCONV_EUNSUPPORTED, "Squeeze x > y | axes=[1]", "Squeeze", "axis 1 does not have exactly one element" },
        { TCONV_EUNSUPPORTED, "Squeeze x > y | axes=[2]", "Squeeze", "axis 2 does not have exactly one element" },
        { TCONV_EFORMAT, "Squeeze x > y | axes=[-4]", "Squeeze", "axis -4 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "GlobalAveragePool x > a; Squeeze x a > y", "Squeeze", "its 'axes' is computed from the image" },
        { TCONV_EUNSUPPORTED, "Unsqueeze x > y", "Unsqueeze", "its axes are left out or more than 8" },
        { TCONV_EUNSUPPORTED, "Unsqueeze x > y | axes=[0,1,2,3,4,5]", "Unsqueeze", "its axes are left out or more than 8" },
        { TCONV_EUNSUPPORTED, "Unsqueeze x > y | axes=[0,1,2,3,4,5,6,7,8]", "Unsqueeze",
          "'axes' has 9 numbers, at most 8 are supported" },
        { TCONV_EFORMAT, "Unsqueeze x > y | axes=[0,0]", "Unsqueeze", "axis 0 is named twice" },
        { TCONV_EFORMAT, "Unsqueeze x > y | axes=[4]", "Unsqueeze", "axis 4 is not one of the 4 axes" },
        { TCONV_EFORMAT, "Transpose x > y | perm=[0,1]", "Transpose", "perm has 2 numbers for 3 axes" },
        { TCONV_EFORMAT, "Transpose x > y | perm=[0,1,1]", "Transpose", "perm names an axis twice" },
        { TCONV_EFORMAT, "Transpose x > y | perm=[0,1,3]", "Transpose", "axis 3 is not one of the 3 axes" },
        { TCONV_EUNSUPPORTED, "Transpose x > y | perm=[0,1,2,3,4,5,6,7,8]", "Transpose",
          "'perm' has 9 numbers, at most 8 are supported" },
        { TCONV_EFORMAT, "ReduceMean x > v; Flatten v > y | axis=4", "Flatten", "axis 4 is not one of the 3 axes" },
    };
    CHECK_REFUSALS(table);
}

const struct test_suite suite = { "network refusals", {
    { "arithmetic", arithmetic },
    { "joins and cuts", joins_and_cuts },
    { "slices and pads", slices_and_pads },
    { "windows", windows },
    { "matrices and reductions", matrices_and_reductions },
    { "normalisations", normalisations },
    { "sizes of maps", sizes_of_maps },
    { "shapes", shapes },
    { NULL, NULL } } };
