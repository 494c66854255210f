/* PNG: what is written reads back, levels are rounded and clipped, cut and broken files are refused in words. */
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

static tconv_tensor *random_picture(size_t channels, size_t height, size_t width, int bits)
{
    tconv_tensor *picture = NULL;
    CHECK(tconv_tensor_create(&picture, TCONV_F64, (size_t[]){ channels, height, width }, 3) == TCONV_OK);
    for (size_t i = 0; picture != NULL && i < picture->count; i++)
        tconv_tensor_set(picture, i, (double)random_between(0, bits == 16 ? 65535 : 255));
    return picture;
}

static tconv_status read_back(const tconv_buffer *bytes, size_t length, tconv_tensor **picture, int *bits, tconv_error *error)
{
    tconv_source *source;
    *picture = NULL;
    CHECK(tconv_source_open_memory(&source, bytes->text, length) == TCONV_OK);
    tconv_status status = tconv_picture_read(source, picture, bits, error);
    tconv_source_close(source);
    return status;
}

static void what_is_written_reads_back(void)
{
    for (size_t round = 0; round < test_rounds(200); round++) {
        int bits = round % 2 == 0 ? 8 : 16, got_bits = 0;
        tconv_tensor *picture = random_picture(round % 4 + 1, random_between(1, 12), random_between(1, 12), bits), *again;
        tconv_buffer bytes = { 0 };
        tconv_error error = { .message = "" };
        CHECK(tconv_picture_write(picture, bits, &bytes, &error) == TCONV_OK && bytes.status == TCONV_OK);
        CHECK_MESSAGE(read_back(&bytes, bytes.length, &again, &got_bits, &error) == TCONV_OK, "%s", error.message);
        CHECK(got_bits == bits && again != NULL && again->count == picture->count
              && memcmp(again->shape, picture->shape, 3 * sizeof *again->shape) == 0);
        if (again != NULL && again->count == picture->count)
            CHECK_SAME(again->data, picture->data, picture->count * sizeof(double));
        tconv_tensor_destroy(again);
        tconv_tensor_destroy(picture);
        tconv_buffer_free(&bytes);
    }
}

static void levels_are_rounded_and_clipped(void)
{
    const double values[] = { -3.0, 0.4, 0.6, 254.5, 300.0, 1e300 }, want[] = { 0, 0, 1, 254, 255, 255 };
    tconv_tensor *picture, *again;
    tconv_buffer bytes = { 0 };
    int bits;
    CHECK(tconv_tensor_create(&picture, TCONV_F64, (size_t[]){ 1, 1, 6 }, 3) == TCONV_OK);
    memcpy(picture->data, values, sizeof values);
    CHECK(tconv_picture_write(picture, 8, &bytes, NULL) == TCONV_OK);
    CHECK(read_back(&bytes, bytes.length, &again, &bits, NULL) == TCONV_OK);
    CHECK_SAME(again->data, want, sizeof want);
    tconv_tensor_destroy(again);
    tconv_tensor_destroy(picture);
    tconv_buffer_free(&bytes);
}

/* Every prefix, and every byte flipped: an error with a sentence, or a picture; nothing is left behind. */
static void broken_files_are_refused_in_words(void)
{
    tconv_tensor *picture = random_picture(3, 4, 5, 8), *again;
    tconv_buffer bytes = { 0 };
    int bits;
    CHECK(tconv_picture_write(picture, 8, &bytes, NULL) == TCONV_OK);
    tconv_tensor_destroy(picture);
    size_t before = tconv_memory_in_use(), refused = 0;
    for (size_t length = 0; length + 12 < bytes.length; length++) {     /* the last chunk may be missed */
        tconv_error error = { .message = "" };
        CHECK(read_back(&bytes, length, &again, &bits, &error) != TCONV_OK && again == NULL && error.message[0] != '\0');
    }
    for (size_t at = 0; at < bytes.length; at++) {
        tconv_error error = { .message = "" };
        bytes.text[at] = (char)(bytes.text[at] ^ 0x55);
        if (read_back(&bytes, bytes.length, &again, &bits, &error) != TCONV_OK) {
            CHECK(again == NULL && error.message[0] != '\0');
            refused++;
        }
        tconv_tensor_destroy(again);
        bytes.text[at] = (char)(bytes.text[at] ^ 0x55);
    }
    CHECK(refused > bytes.length / 2 && tconv_memory_in_use() == before);
    tconv_tensor_destroy(NULL);
    tconv_error error;
    CHECK(tconv_tensor_create(&picture, TCONV_F64, (size_t[]){ 5, 1, 1 }, 3) == TCONV_OK);
    CHECK(tconv_picture_write(picture, 8, &bytes, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a picture of shape (5, 1, 1) and 8 bits; 1 to 4 channels, 1 to 2147483647 rows and columns, and 8 or "
               "16 bits are allowed");
    tconv_tensor_destroy(picture);
    /* rows of 2^34 bytes, 2^31 - 1 of them: no memory is asked for */
    tconv_tensor huge = { .element = TCONV_F64, .stored_as = TCONV_F64, .rank = 3, .shape = { 4, 0x7fffffff, 0x7fffffff } };
    CHECK(tconv_picture_write(&huge, 16, &bytes, &error) == TCONV_ESIZE);
    CHECK_TEXT(error.message, tconv_status_text(TCONV_ESIZE));
    tconv_buffer_free(&bytes);
}

const struct test_suite suite = { "picture", {
    { "what is written reads back", what_is_written_reads_back },
    { "levels are rounded and clipped", levels_are_rounded_and_clipped },
    { "broken files are refused in words", broken_files_are_refused_in_words },
    { NULL, NULL } } };
