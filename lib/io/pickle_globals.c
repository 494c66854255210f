#include "pickle_globals.h"

#include <string.h>

#define STORAGE(name, type, element) { "torch", name, TCONV_GLOBAL_STORAGE, type, element }
#define PASSIVE(module, name) { module, name, TCONV_GLOBAL_OPAQUE, "", TCONV_ELEMENT_COUNT }
#define MAKER(module, name, meaning) { module, name, meaning, "", TCONV_ELEMENT_COUNT }

/* What torch.save writes for tensors and parameters, and what training scripts keep beside them. */
static const tconv_global globals[] = {
    MAKER("collections", "OrderedDict", TCONV_GLOBAL_DICT),
    MAKER("torch._utils", "_rebuild_tensor_v2", TCONV_GLOBAL_TENSOR),
    MAKER("torch._utils", "_rebuild_tensor", TCONV_GLOBAL_TENSOR),
    MAKER("torch._utils", "_rebuild_parameter", TCONV_GLOBAL_PARAMETER),
    MAKER("torch._utils", "_rebuild_parameter_with_state", TCONV_GLOBAL_PARAMETER),
    MAKER("torch._tensor", "_rebuild_from_type_v2", TCONV_GLOBAL_FROM_TYPE),
    STORAGE("DoubleStorage", "f64", TCONV_F64), STORAGE("FloatStorage", "f32", TCONV_F32),
    STORAGE("HalfStorage", "f16", TCONV_F16), STORAGE("BFloat16Storage", "bf16", TCONV_BF16),
    STORAGE("LongStorage", "i64", TCONV_I64), STORAGE("IntStorage", "i32", TCONV_I32),
    STORAGE("ShortStorage", "i16", TCONV_I16), STORAGE("CharStorage", "i8", TCONV_I8),
    STORAGE("ByteStorage", "u8", TCONV_U8), STORAGE("BoolStorage", "bool", TCONV_U8),
    STORAGE("ComplexFloatStorage", "c64", TCONV_ELEMENT_COUNT),
    STORAGE("ComplexDoubleStorage", "c128", TCONV_ELEMENT_COUNT),
    MAKER("torch", "Size", TCONV_GLOBAL_SEQUENCE),
    PASSIVE("torch", "device"), PASSIVE("torch", "Tensor"), PASSIVE("torch.nn.parameter", "Parameter"),
    PASSIVE("torch", "float64"), PASSIVE("torch", "float32"), PASSIVE("torch", "float16"), PASSIVE("torch", "bfloat16"),
    PASSIVE("torch", "int64"), PASSIVE("torch", "int32"), PASSIVE("torch", "int16"), PASSIVE("torch", "int8"),
    PASSIVE("torch", "uint8"), PASSIVE("torch", "bool"), PASSIVE("torch.serialization", "_get_layout"),
    MAKER("collections", "defaultdict", TCONV_GLOBAL_DICT),
    MAKER("builtins", "list", TCONV_GLOBAL_SEQUENCE), MAKER("__builtin__", "list", TCONV_GLOBAL_SEQUENCE),
    MAKER("builtins", "set", TCONV_GLOBAL_SEQUENCE), MAKER("__builtin__", "set", TCONV_GLOBAL_SEQUENCE),
    MAKER("builtins", "dict", TCONV_GLOBAL_DICT), MAKER("__builtin__", "dict", TCONV_GLOBAL_DICT),
    PASSIVE("collections", "Counter"), PASSIVE("argparse", "Namespace"), PASSIVE("_codecs", "encode"),
    PASSIVE("numpy", "dtype"), PASSIVE("numpy", "ndarray"), PASSIVE("numpy.core.multiarray", "scalar"),
    PASSIVE("numpy._core.multiarray", "scalar"), PASSIVE("numpy.core.multiarray", "_reconstruct"),
    PASSIVE("numpy._core.multiarray", "_reconstruct"),
};

const tconv_global *tconv_global_find(const char *module, const char *name)
{
    if (strcmp(module, "torch.cuda") == 0)     /* storages of PyTorch before 0.4 */
        module = "torch";
    for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++)
        if (strcmp(globals[i].module, module) == 0 && strcmp(globals[i].name, name) == 0)
            return &globals[i];
    return NULL;
}

const tconv_global *tconv_global_at(size_t number)
{
    return &globals[number];
}

size_t tconv_global_number(const tconv_global *global)
{
    return (size_t)(global - globals);
}
