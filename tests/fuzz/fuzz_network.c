/* ONNX graphs as networks: any bytes are a network that can be run within its limits, or an error with a sentence. */
#include "fuzz.h"

#include "tconv.h"

static void run(tconv_network *network)
{
    static const double tile[64];
    tconv_error error = { .status = TCONV_OK };
    tconv_step_response *response;
    if (tconv_network_channels(network) > 64)
        return;
    tconv_status status = tconv_step_response_create(&response, network, tile, NULL, true, &error);
    FUZZ_CHECK((status == TCONV_OK) == (response != NULL));
    FUZZ_CHECK(status == TCONV_OK || error.message[0] != '\0');
    tconv_step_response_destroy(response);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const tconv_network_options limits = { .channels = 1, .most_elements = 1 << 14, .most_period = 64, .most_products = 1e6 };
    tconv_error error = { .status = TCONV_OK };
    tconv_source *source;
    tconv_container *container = NULL;
    tconv_network *network = NULL;
    tconv_memory_set_budget(FUZZ_BUDGET);
    if (tconv_source_open_memory(&source, bytes, size) != TCONV_OK)
        return 0;
    tconv_status status = tconv_container_open_source(&container, source, NULL, NULL, &error);
    if (status == TCONV_OK && tconv_container_kind(container) == TCONV_CONTAINER_ONNX) {
        status = tconv_network_create(&network, container, &limits, &error);
        FUZZ_CHECK((status == TCONV_OK) == (network != NULL));
    }
    FUZZ_CHECK(status == TCONV_OK || error.message[0] != '\0');
    if (network != NULL)
        run(network);
    tconv_network_destroy(network);
    tconv_container_close(container);
    tconv_source_close(source);
    FUZZ_CHECK(tconv_memory_in_use() == 0);
    return 0;
}
