/* .npy files: any bytes are an array whose data fill them, or an error with a sentence. What is read can be written and
 * read again. */
#include "fuzz.h"

#include <string.h>

#include "tconv.h"

static tconv_tensor *read_array(const void *bytes, size_t size, tconv_error *error)
{
    tconv_source *source;
    tconv_tensor *tensor = NULL;
    if (tconv_source_open_memory(&source, bytes, size) != TCONV_OK)
        return NULL;
    tconv_status status = tconv_npy_read(source, &tensor, error);
    tconv_source_close(source);
    FUZZ_CHECK((status == TCONV_OK) == (tensor != NULL));
    FUZZ_CHECK(status == TCONV_OK || (error->status == status && error->message[0] != '\0'));
    return tensor;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    tconv_error error = { .status = TCONV_OK };
    tconv_memory_set_budget(FUZZ_BUDGET);
    tconv_tensor *tensor = read_array(bytes, size, &error);
    if (tensor != NULL) {
        tconv_buffer out = { 0 };
        FUZZ_CHECK(tensor->count * tconv_element_bytes(tensor->stored_as) < size);
        FUZZ_CHECK(tconv_npy_write(tensor, &out, &error) == TCONV_OK);
        tconv_tensor *again = read_array(out.text, out.length, &error);
        FUZZ_CHECK(again != NULL && again->count == tensor->count && again->rank == tensor->rank);
        FUZZ_CHECK(memcmp(again->data, tensor->data, tensor->count * tconv_element_bytes(tensor->element)) == 0);
        tconv_tensor_destroy(again);
        tconv_buffer_free(&out);
    }
    tconv_tensor_destroy(tensor);
    FUZZ_CHECK(tconv_memory_in_use() == 0);
    return 0;
}
