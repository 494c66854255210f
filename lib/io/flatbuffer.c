#include "flatbuffer.h"

#include <inttypes.h>
#include <string.h>

void tconv_flat_fail(tconv_flat *flat, tconv_status status, const char *what)
{
    if (flat->status == TCONV_OK)
        flat->status = tconv_fail(flat->error, status, "%s", what);
}

uint64_t tconv_flat_number(tconv_flat *flat, uint64_t at, size_t size)
{
    uint64_t value = 0, whole = tconv_source_size(flat->source);
    if (flat->status != TCONV_OK)
        return 0;
    if (at > whole || size > whole - at) {
        flat->status = tconv_fail(flat->error, TCONV_EFORMAT, "the flatbuffer points to byte %" PRIu64 ", outside the file", at);
        return 0;
    }
    if (at < flat->window_at || at + size > flat->window_at + flat->window_size) {
        uint64_t begin = at - at % 4096, left = whole - begin;      /* neighbours on both sides are often next */
        flat->window_size = 0;
        size_t now = left < sizeof flat->window ? (size_t)left : sizeof flat->window;
        flat->status = tconv_source_read(flat->source, begin, now, flat->window, flat->error);
        if (flat->status != TCONV_OK)
            return 0;
        flat->window_at = begin;
        flat->window_size = now;
    }
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)flat->window[at - flat->window_at + i] << 8 * i;
    return value;
}

static int64_t as_signed(uint64_t bits, size_t size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    if ((bits & sign) != 0 && size < 8)
        bits |= ~UINT64_C(0) << 8 * size;
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint64_t tconv_flat_field(tconv_flat *flat, uint64_t table, unsigned field)
{
    if (table == 0 || flat->status != TCONV_OK)
        return 0;
    int64_t back = as_signed(tconv_flat_number(flat, table, 4), 4), places = (int64_t)table - back;
    if (places < 0) {
        tconv_flat_fail(flat, TCONV_EFORMAT, "the flatbuffer has a table whose fields would lie before the file");
        return 0;
    }
    uint64_t size = tconv_flat_number(flat, (uint64_t)places, 2), entry = 4 + 2 * (uint64_t)field;
    if (entry + 2 > size)
        return 0;
    uint64_t offset = tconv_flat_number(flat, (uint64_t)places + entry, 2);
    return offset != 0 && flat->status == TCONV_OK ? table + offset : 0;
}

int64_t tconv_flat_int(tconv_flat *flat, uint64_t table, unsigned field, size_t size, int64_t otherwise)
{
    uint64_t at = tconv_flat_field(flat, table, field);
    return at != 0 ? as_signed(tconv_flat_number(flat, at, size), size) : otherwise;
}

uint64_t tconv_flat_child(tconv_flat *flat, uint64_t table, unsigned field)
{
    uint64_t at = tconv_flat_field(flat, table, field);
    return at != 0 ? at + tconv_flat_number(flat, at, 4) : 0;
}

uint64_t tconv_flat_root(tconv_flat *flat)
{
    return tconv_flat_number(flat, 0, 4);
}

uint64_t tconv_flat_vector(tconv_flat *flat, uint64_t table, unsigned field, size_t size, size_t *count)
{
    uint64_t at = tconv_flat_child(flat, table, field), whole = tconv_source_size(flat->source);
    *count = 0;
    if (at == 0)
        return 0;
    uint64_t n = tconv_flat_number(flat, at, 4);
    if (flat->status != TCONV_OK)
        return 0;
    if (n > (whole - at - 4) / size) {
        flat->status = tconv_fail(flat->error, TCONV_EFORMAT, "the flatbuffer has a list of %" PRIu64 " elements at byte %" PRIu64
                                  ", which ends outside the file", n, at);
        return 0;
    }
    *count = (size_t)n;
    return at + 4;
}

uint64_t tconv_flat_table(tconv_flat *flat, uint64_t first, size_t i)
{
    uint64_t at = first + 4 * (uint64_t)i;
    return at + tconv_flat_number(flat, at, 4);
}
