#include "proto.h"

#include <inttypes.h>
#include <string.h>

/* `size` <= 8 bytes at range->at, through the window. */
static tconv_status take(tconv_proto *proto, tconv_range *range, size_t size, unsigned char *bytes, tconv_error *error)
{
    if (size > range->end - range->at)
        return tconv_fail(error, TCONV_EFORMAT, "a protobuf message ends at byte %" PRIu64 ", within a field", range->end);
    if (range->at < proto->window_at || range->at + size > proto->window_at + proto->window_size) {
        uint64_t left = tconv_source_size(proto->source) - range->at;
        size_t now = left < sizeof proto->window ? (size_t)left : sizeof proto->window;
        proto->window_size = 0;
        tconv_status status = tconv_source_read(proto->source, range->at, now, proto->window, error);
        if (status != TCONV_OK)
            return status;
        proto->window_at = range->at;
        proto->window_size = now;
    }
    memcpy(bytes, proto->window + (range->at - proto->window_at), size);
    range->at += size;
    return TCONV_OK;
}

tconv_status tconv_proto_varint(tconv_proto *proto, tconv_range *range, uint64_t *value, tconv_error *error)
{
    unsigned char byte = 0x80;
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        tconv_status status = take(proto, range, 1, &byte, error);
        if (status != TCONV_OK)
            return status;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return TCONV_OK;
        if (shift == 63)
            break;
    }
    return tconv_fail(error, TCONV_EFORMAT, "a protobuf number before byte %" PRIu64 " has more than 10 bytes", range->at);
}

tconv_status tconv_proto_fixed(tconv_proto *proto, tconv_range *range, size_t size, uint64_t *value, tconv_error *error)
{
    unsigned char bytes[8];
    tconv_status status = take(proto, range, size, bytes, error);
    *value = 0;
    for (size_t i = 0; status == TCONV_OK && i < size; i++)
        *value |= (uint64_t)bytes[i] << 8 * i;
    return status;
}

tconv_status tconv_proto_next(tconv_proto *proto, tconv_range *message, tconv_field *field, bool *done, tconv_error *error)
{
    uint64_t tag = 0;
    *field = (tconv_field){ 0 };
    *done = message->at >= message->end;
    if (*done)
        return TCONV_OK;
    tconv_status status = tconv_proto_varint(proto, message, &tag, error);
    if (status != TCONV_OK)
        return status;
    if (tag >> 3 == 0 || tag >> 3 > UINT32_C(0x1fffffff))
        return tconv_fail(error, TCONV_EFORMAT, "a protobuf field before byte %" PRIu64 " has no valid number", message->at);
    field->number = (uint32_t)(tag >> 3);
    switch (tag & 7) {
    case TCONV_WIRE_VARINT:
        field->wire = TCONV_WIRE_VARINT;
        return tconv_proto_varint(proto, message, &field->value, error);
    case TCONV_WIRE_FIXED64:
        field->wire = TCONV_WIRE_FIXED64;
        return tconv_proto_fixed(proto, message, 8, &field->value, error);
    case TCONV_WIRE_FIXED32:
        field->wire = TCONV_WIRE_FIXED32;
        return tconv_proto_fixed(proto, message, 4, &field->value, error);
    case TCONV_WIRE_BYTES: {
        uint64_t size = 0;
        field->wire = TCONV_WIRE_BYTES;
        status = tconv_proto_varint(proto, message, &size, error);
        if (status != TCONV_OK)
            return status;
        if (size > message->end - message->at)
            return tconv_fail(error, TCONV_EFORMAT, "a protobuf field at byte %" PRIu64 " claims %" PRIu64 " bytes; its message has %"
                              PRIu64 " left", message->at, size, message->end - message->at);
        field->bytes = (tconv_range){ message->at, message->at + size, message->depth + 1 };
        message->at += size;
        return TCONV_OK;
    }
    default:
        return tconv_fail(error, TCONV_EFORMAT, "a protobuf field before byte %" PRIu64 " has the unknown wire type %u",
                          message->at, (unsigned)(tag & 7));
    }
}

tconv_status tconv_proto_enter(tconv_proto *proto, const tconv_field *field, tconv_error *error)
{
    if (field->wire != TCONV_WIRE_BYTES)
        return tconv_fail(error, TCONV_EFORMAT, "protobuf field %" PRIu32 " is a number where a message or text belongs",
                          field->number);
    if (field->bytes.depth > TCONV_PROTO_DEPTH)
        return tconv_fail(error, TCONV_EFORMAT, "the protobuf messages are nested deeper than %d", TCONV_PROTO_DEPTH);
    if (++proto->messages > TCONV_PROTO_MESSAGES)
        return tconv_fail(error, TCONV_EFORMAT, "the file has more than %zu protobuf messages", TCONV_PROTO_MESSAGES);
    return TCONV_OK;
}
