/* Vocoder configurations: any bytes are layers that can be put in series, or an error with a sentence. */
#include "fuzz.h"

#include "tconv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    tconv_source *source;
    tconv_vocoder_config config;
    tconv_axis whole;
    tconv_error error = { .status = TCONV_OK };
    tconv_memory_set_budget(FUZZ_BUDGET);
    if (tconv_source_open_memory(&source, bytes, size) != TCONV_OK)
        return 0;
    tconv_status status = tconv_vocoder_config_read(source, &config, &error);
    tconv_source_close(source);
    if (status == TCONV_OK) {
        FUZZ_CHECK(config.n_layers >= 1 && config.n_layers <= TCONV_STACK_LAYERS);
        FUZZ_CHECK(tconv_stack_equivalent(config.layers, config.n_layers, &whole, NULL) == TCONV_OK);
        FUZZ_CHECK(config.sampling_rate >= 0.0 && config.sampling_rate <= 1e12);
    } else {
        FUZZ_CHECK(error.status == status && error.message[0] != '\0' && config.n_layers == 0);
        FUZZ_CHECK(error.line <= size + 1 && error.column <= size + 1 && (error.line == 0) == (error.column == 0));
    }
    FUZZ_CHECK(tconv_memory_in_use() == 0);
    return 0;
}
