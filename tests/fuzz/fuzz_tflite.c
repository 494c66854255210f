/* The bytes are TensorFlow Lite models. */
#include "fuzz_container.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_container(bytes, size, TCONV_CONTAINER_TFLITE);
    return 0;
}
