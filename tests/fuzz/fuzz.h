/* fuzz.h - what every fuzz target shares: the entry that libFuzzer (or replay.c) calls, and its checks.
 *
 * A target reads the bytes as a hostile file would be read, under a small memory budget, and demands what holds for any
 * input: an error has a sentence, a failure leaves nothing behind, all memory is given back.
 */
#ifndef TCONV_TESTS_FUZZ_H
#define TCONV_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_BUDGET ((size_t)64 << 20)

/* Stops the run: the fuzzer then keeps the input. */
#define FUZZ_CHECK(condition) do { if (!(condition)) abort(); } while (0)

#endif
