/* proto.h - the fields of a protobuf message, one after the other, straight from a source (not installed).
 *
 * Nothing is unpacked and nothing recurses here: a message is a range of bytes, a nested one a smaller range, and its
 * reader goes into the ranges that it needs. Values of megabytes are passed over without being read.
 */
#ifndef TCONV_IO_PROTO_H
#define TCONV_IO_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"

#define TCONV_PROTO_DEPTH 100                  /* the most messages within one another */
#define TCONV_PROTO_MESSAGES ((size_t)1000000) /* the most messages in a file */
#define TCONV_PROTO_WINDOW ((size_t)16384)

typedef struct tconv_proto {                   /* a reader; set source, the rest zero */
    tconv_source *source;
    size_t messages;
    uint64_t window_at;
    size_t window_size;
    unsigned char window[TCONV_PROTO_WINDOW];
} tconv_proto;

typedef enum { TCONV_WIRE_VARINT = 0, TCONV_WIRE_FIXED64 = 1, TCONV_WIRE_BYTES = 2, TCONV_WIRE_FIXED32 = 5 } tconv_wire;

typedef struct tconv_range {
    uint64_t at, end;
    size_t depth;                              /* messages around it */
} tconv_range;

typedef struct tconv_field {
    uint32_t number;
    tconv_wire wire;
    uint64_t value;                            /* varint, fixed; bits */
    tconv_range bytes;                         /* bytes: where they are */
} tconv_field;

/* The next field of the message; *done instead at its end. TCONV_EFORMAT: cut, a varint of more than 10 bytes, a
 * group, field number 0, a length beyond the message. */
TCONV_CHECKED tconv_status tconv_proto_next(tconv_proto *proto, tconv_range *message, tconv_field *field, bool *done,
                                            tconv_error *error);

/* Count one nested message, and refuse beyond the limits. Call it before going into field->bytes. */
TCONV_CHECKED tconv_status tconv_proto_enter(tconv_proto *proto, const tconv_field *field, tconv_error *error);

/* One varint or fixed value of a packed field, from range->at on. */
TCONV_CHECKED tconv_status tconv_proto_varint(tconv_proto *proto, tconv_range *range, uint64_t *value, tconv_error *error);
TCONV_CHECKED tconv_status tconv_proto_fixed(tconv_proto *proto, tconv_range *range, size_t size, uint64_t *value,
                                             tconv_error *error);

#endif
