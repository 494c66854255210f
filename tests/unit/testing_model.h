/* testing_model.h - model files made in memory, whole ones and hostile ones, and the checks that all formats share. */
#ifndef TCONV_TESTS_TESTING_MODEL_H
#define TCONV_TESTS_TESTING_MODEL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "testing.h"
#include "tconv.h"

struct bytes {                 /* zero is empty; freed by bytes_free */
    unsigned char *data;
    size_t size, capacity;
};

void bytes_free(struct bytes *bytes);
void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_fill(struct bytes *bytes, unsigned char value, size_t count);
void bytes_little(struct bytes *bytes, uint64_t value, size_t size);
void bytes_f32(struct bytes *bytes, const float *values, size_t count);
struct bytes model_bytes(const char *name);      /* of a file of tests/oracle/models */

/* A zip archive: members by zip_add (stored; `crc_error` damages the checksum), then zip_end. Names are kept. */
struct zip_builder {
    struct bytes file, directory;
    size_t members;
};
void zip_add(struct zip_builder *zip, const char *name, const void *data, size_t size);
void zip_add_as(struct zip_builder *zip, const char *name, const void *data, size_t size, uint32_t declared, bool crc_error);
void zip_add_deflated(struct zip_builder *zip, const char *name, const void *data, size_t size);
void zip_end(struct zip_builder *zip);       /* the archive is zip->file */
void zip_free(struct zip_builder *zip);

/* Protobuf fields. */
void proto_varint(struct bytes *bytes, uint64_t value);
void proto_number(struct bytes *bytes, unsigned field, uint64_t value);
void proto_bytes(struct bytes *bytes, unsigned field, const void *data, size_t size);
void proto_text(struct bytes *bytes, unsigned field, const char *text);
void proto_message(struct bytes *bytes, unsigned field, struct bytes *message);   /* frees the message */

/* The bytes are refused with this status, a message that holds `part`, everything given back, and never more than
 * 64 MiB of the library's memory. */
void check_refused(const char *name, const struct bytes *bytes, tconv_status status, const char *part);

/* The container opens, and each of its tensors and layers loads or is refused with a sentence; NULL if it does not open
 * (counted as a failure). Close it. */
tconv_container *check_opens(const char *name, const struct bytes *bytes, tconv_source **source);

/* Cut at every length: each is refused with a sentence (`all`) or does at least no harm, and gives everything back. */
void check_truncations(const char *name, const struct bytes *bytes, bool all);

/* Open the bytes, load whatever can be loaded, close. For mutated files: only harm counts. */
void try_everything(const void *data, size_t size);

/* Every byte of the file, changed in several ways, one at a time. */
void check_mutations(const struct bytes *bytes, size_t rounds);

/* Tensor `name` has this shape and these first values. */
void check_tensor(tconv_container *container, const char *name, const size_t *shape, size_t rank, const double *values,
                  size_t count);

#endif
