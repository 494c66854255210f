/* The bytes are zip archives, so .npz and PyTorch's newer files. */
#include "fuzz_container.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_container(bytes, size, TCONV_CONTAINER_NPZ);
    return 0;
}
