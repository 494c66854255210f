/* replay.c - run a fuzz target over files without a fuzzer: replay FILE.. ; prints how many there were. For compilers
 * that have no libFuzzer, and for the corpora in the regular tests. */
#include <stdio.h>

#include "fuzz.h"

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t capacity = (size_t)1 << 20;
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *bytes = malloc(capacity);
    size_t size = bytes != NULL ? fread(bytes, 1, capacity, file) : 0;
    fclose(file);
    if (bytes == NULL)
        return 1;
    uint8_t *exact = malloc(size > 0 ? size : 1);     /* of that very size, so that reading past it is seen */
    if (exact != NULL) {
        for (size_t i = 0; i < size; i++)
            exact[i] = bytes[i];
        LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(bytes);
    return exact == NULL;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    printf("%d inputs replayed\n", argc - 1);
    return failed;
}
