/* The bytes are manifests of raw floats. */
#include "fuzz_container.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_container(bytes, size, TCONV_CONTAINER_MANIFEST);
    return 0;
}
