/* Text kernels: any bytes are a table of finite numbers, or an error with a sentence. */
#include "fuzz.h"

#include <math.h>

#include "tconv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    tconv_source *source;
    tconv_text_table table;
    tconv_error error = { .status = TCONV_OK };
    tconv_memory_set_budget(FUZZ_BUDGET);
    if (tconv_source_open_memory(&source, bytes, size) != TCONV_OK)
        return 0;
    tconv_status status = tconv_text_read(source, &table, &error);
    tconv_source_close(source);
    if (status == TCONV_OK) {
        FUZZ_CHECK(table.rows >= 1 && table.columns >= 1 && table.rows * table.columns <= size);
        for (size_t i = 0; i < table.rows * table.columns; i++)
            FUZZ_CHECK(isfinite(table.values[i]));
    } else {
        FUZZ_CHECK(error.status == status && error.message[0] != '\0' && table.values == NULL);
        FUZZ_CHECK(error.line <= size + 1 && error.column <= size + 1 && (error.line == 0) == (error.column == 0));
    }
    tconv_text_free(&table);
    FUZZ_CHECK(tconv_memory_in_use() == 0);
    return 0;
}
