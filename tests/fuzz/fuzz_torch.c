/* PyTorch's older stream: the three pickles that begin every file are put before the bytes, which are the pickle of the
 * object, the pickle of the list of storages, and the storages. */
#include "fuzz_container.h"

static const uint8_t start[] = { 0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.',   /* magic */
                                 0x80, 2, 'M', 0xe9, 3, '.',                                                    /* 1001 */
                                 0x80, 2, '}', '.' };                                                           /* the machine */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *file = malloc(size + sizeof start);
    FUZZ_CHECK(file != NULL);
    memcpy(file, start, sizeof start);
    if (size > 0)
        memcpy(file + sizeof start, bytes, size);
    fuzz_container(file, size + sizeof start, TCONV_CONTAINER_TORCH);
    free(file);
    return 0;
}
