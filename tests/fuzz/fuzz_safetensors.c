/* safetensors: two bytes say how long the header is, so that the eight bytes before it are right more often than by
 * chance; all bytes from the third on are the file's. A length beyond them leaves the input as it is. */
#include "fuzz_container.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t header = size >= 2 ? bytes[0] | (size_t)bytes[1] << 8 : 0;
    if (size < 2 || header > size - 2) {
        fuzz_container(bytes, size, TCONV_CONTAINER_SAFETENSORS);
        return 0;
    }
    uint8_t *file = malloc(size + 6);
    FUZZ_CHECK(file != NULL);
    for (size_t i = 0; i < 8; i++)
        file[i] = (uint8_t)(header >> 8 * i);
    memcpy(file + 8, bytes + 2, size - 2);
    fuzz_container(file, size + 6, TCONV_CONTAINER_SAFETENSORS);
    free(file);
    return 0;
}
