#include "npy.h"

#include <string.h>

#include "../core/memory.h"
#include "npy_header.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6
#define CHUNK_BYTES ((size_t)1 << 16)

bool tconv_npy_is(tconv_source *source)
{
    char magic[MAGIC_SIZE];
    return tconv_source_read(source, 0, MAGIC_SIZE, magic, NULL) == TCONV_OK && memcmp(magic, MAGIC, MAGIC_SIZE) == 0;
}

/* ---- header ---- */

/* Magic, two bytes of version, the length of the literal in 2 (1.0) or 4 (2.0, 3.0) bytes, little-endian. */
static tconv_status read_preamble(tconv_source *source, size_t *start, size_t *length, tconv_error *error)
{
    unsigned char bytes[12];
    if (!tconv_npy_is(source))
        return tconv_fail(error, TCONV_EFORMAT, "this is no .npy file: it does not begin with \\x93NUMPY");
    tconv_status status = tconv_source_read(source, 0, 10, bytes, error);
    if (status != TCONV_OK)
        return status;
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "version %d.%d of .npy is not known; 1.0, 2.0 and 3.0 are", bytes[6], bytes[7]);
    *start = bytes[6] == 1 ? 10 : 12;
    status = tconv_source_read(source, 0, *start, bytes, error);
    if (status != TCONV_OK)
        return status;
    *length = bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] != 1)
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (*length > TCONV_NPY_MAX_HEADER)
        return tconv_fail(error, TCONV_EFORMAT, "the .npy header claims %zu bytes; at most %d are allowed", *length,
                          TCONV_NPY_MAX_HEADER);
    if (*length > tconv_source_size(source) - *start)
        return tconv_fail(error, TCONV_EFORMAT, "the file ends within the .npy header: it has %llu bytes, the header needs %zu",
                          (unsigned long long)tconv_source_size(source), *start + *length);
    return TCONV_OK;
}

static tconv_status check_payload(tconv_source *source, tconv_npy_header *header, tconv_error *error)
{
    char shape[192];
    size_t bytes;
    tconv_shape_text(header->shape, header->rank, shape, sizeof shape);
    if (!tconv_shape_count(header->shape, header->rank, &header->count)
        || !tconv_size_mul(header->count, tconv_element_bytes(header->element), &bytes))
        return tconv_fail(error, TCONV_ESIZE, "the shape %s has more elements than can be counted", shape);
    uint64_t there = tconv_source_size(source) - header->data_offset;
    if (there != bytes)
        return tconv_fail(error, TCONV_EFORMAT, "the shape %s of %s needs %zu bytes of data, but the file has %llu", shape,
                          tconv_element_text(header->element), bytes, (unsigned long long)there);
    return TCONV_OK;
}

tconv_status tconv_npy_read_header(tconv_source *source, tconv_npy_header *header, tconv_error *error)
{
    size_t start = 0, length = 0;
    *header = (tconv_npy_header){ 0 };
    tconv_status status = read_preamble(source, &start, &length, error);
    if (status != TCONV_OK)
        return status;
    char *text = tconv_alloc(length, 1, &status);
    if (text == NULL)
        return tconv_fail_plain(error, status);
    status = tconv_source_read(source, start, length, text, error);
    if (status == TCONV_OK)
        status = tconv_npy_parse_header(text, length, header, error);
    tconv_free(text);
    header->data_offset = start + length;
    return status == TCONV_OK ? check_payload(source, header, error) : status;
}

/* ---- data ---- */

/* Where in C order the elements of the file belong, one after the other. In Fortran order the first axis runs fastest. */
typedef struct {
    const tconv_npy_header *header;
    size_t step[TCONV_MAX_RANK], index[TCONV_MAX_RANK], offset;
} walker;

static void walk_begin(walker *walk, const tconv_npy_header *header)
{
    size_t step = 1;
    *walk = (walker){ .header = header };
    for (size_t i = header->rank; i-- > 0; step *= header->shape[i])
        walk->step[i] = step;
}

static void walk_on(walker *walk)
{
    for (size_t i = 0; i < walk->header->rank; i++) {
        walk->offset += walk->step[i];
        if (++walk->index[i] < walk->header->shape[i])
            return;
        walk->offset -= walk->step[i] * walk->index[i];
        walk->index[i] = 0;
    }
}

static tconv_status refuse_element(const tconv_npy_header *header, size_t in_file, tconv_error *error)
{
    size_t index[TCONV_MAX_RANK] = { 0 }, rest = in_file;
    char place[192];
    for (size_t i = 0; i < header->rank; i++) {
        size_t axis = header->fortran_order ? i : header->rank - 1 - i;
        index[axis] = rest % header->shape[axis];
        rest /= header->shape[axis];
    }
    tconv_shape_text(index, header->rank, place, sizeof place);
    return tconv_fail(error, TCONV_EUNSUPPORTED, "the %s at index %s equals no double; whole numbers up to 2^53 do",
                      tconv_element_text(header->element), place);
}

/* `count` elements of the file into a block of floats or doubles. *refused counts those before the first refused one. */
static bool convert(const tconv_npy_header *header, bool single, const unsigned char *bytes, size_t count, void *values,
                    size_t *refused)
{
    tconv_status status = single ? tconv_element_to_f32(header->element, header->big_endian, bytes, count, values, NULL)
                                 : tconv_element_to_f64(header->element, header->big_endian, bytes, count, values, NULL);
    size_t size = tconv_element_bytes(header->element);
    double one;
    *refused = 0;
    if (status == TCONV_OK)
        return true;
    while (*refused < count
           && tconv_element_to_f64(header->element, header->big_endian, bytes + *refused * size, 1, &one, NULL) == TCONV_OK)
        ++*refused;
    return false;
}

static void scatter(walker *walk, tconv_tensor *tensor, const void *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tensor->element == TCONV_F32)
            ((float *)tensor->data)[walk->offset] = ((const float *)values)[i];
        else
            ((double *)tensor->data)[walk->offset] = ((const double *)values)[i];
        walk_on(walk);
    }
}

static tconv_status read_data(tconv_source *source, const tconv_npy_header *header, tconv_tensor *tensor, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    bool single = tensor->element == TCONV_F32, permute = header->fortran_order && header->rank > 1;
    size_t size = tconv_element_bytes(header->element), wide = tconv_element_bytes(tensor->element);
    size_t most = header->count < CHUNK_BYTES / size ? header->count : CHUNK_BYTES / size;
    unsigned char *bytes = tconv_alloc(most, size, &status);
    void *values = permute && bytes != NULL ? tconv_alloc(most, wide, &status) : NULL;
    if (status != TCONV_OK) {
        tconv_free(bytes);
        return tconv_fail_plain(error, status);
    }
    walker walk;
    walk_begin(&walk, header);
    for (size_t done = 0; done < header->count && status == TCONV_OK; ) {
        size_t count = header->count - done < most ? header->count - done : most, refused;
        void *to = permute ? values : (char *)tensor->data + done * wide;
        status = tconv_source_read(source, header->data_offset + (uint64_t)done * size, count * size, bytes, error);
        if (status == TCONV_OK && !convert(header, single, bytes, count, to, &refused))
            status = refuse_element(header, done + refused, error);
        if (status == TCONV_OK && permute)
            scatter(&walk, tensor, values, count);
        done += count;
    }
    tconv_free(values);
    tconv_free(bytes);
    return status;
}

tconv_status tconv_npy_read(tconv_source *source, tconv_tensor **tensor, tconv_error *error)
{
    tconv_npy_header header;
    *tensor = NULL;
    tconv_status status = tconv_npy_read_header(source, &header, error);
    if (status != TCONV_OK)
        return status;
    bool single = header.element == TCONV_F32 || header.element == TCONV_F16;
    tconv_tensor *made;
    status = tconv_tensor_create(&made, single ? TCONV_F32 : TCONV_F64, header.shape, header.rank);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    made->stored_as = header.element;
    status = read_data(source, &header, made, error);
    if (status != TCONV_OK) {
        tconv_tensor_destroy(made);
        return status;
    }
    *tensor = made;
    return TCONV_OK;
}

/* ---- writing ---- */

static void write_header(const tconv_tensor *tensor, tconv_buffer *out)
{
    static const char blanks[64] = "                                                               ";
    char shape[192];
    tconv_buffer text = { 0 };
    tconv_shape_text(tensor->shape, tensor->rank, shape, sizeof shape);
    if (tensor->rank == 1)
        memcpy(shape + strlen(shape) - 1, ",)", 3);
    tconv_buffer_format(&text, "{'descr': '<f%zu', 'fortran_order': False, 'shape': %s, }", tconv_element_bytes(tensor->element), shape);
    size_t padding = (64 - (10 + text.length + 1) % 64) % 64, length = text.length + padding + 1;
    const unsigned char preamble[4] = { 1, 0, (unsigned char)(length & 255), (unsigned char)(length >> 8) };
    tconv_buffer_bytes(out, MAGIC, MAGIC_SIZE);
    tconv_buffer_bytes(out, preamble, sizeof preamble);
    tconv_buffer_bytes(out, text.text, text.length);
    tconv_buffer_bytes(out, blanks, padding);
    tconv_buffer_bytes(out, "\n", 1);
    if (text.status != TCONV_OK && out->status == TCONV_OK)
        out->status = text.status;
    tconv_buffer_free(&text);
}

/* The element's bits, lowest byte first, on any machine. */
static void little_endian(const tconv_tensor *tensor, size_t i, size_t size, unsigned char *bytes)
{
    uint64_t bits = 0;
    if (size == 4) {
        uint32_t half;
        memcpy(&half, (const float *)tensor->data + i, sizeof half);
        bits = half;
    } else {
        memcpy(&bits, (const double *)tensor->data + i, sizeof bits);
    }
    for (size_t b = 0; b < size; b++)
        bytes[b] = (unsigned char)(bits >> 8 * b & 255);
}

tconv_status tconv_npy_write(const tconv_tensor *tensor, tconv_buffer *out, tconv_error *error)
{
    unsigned char block[1024];
    size_t size = tconv_element_bytes(tensor->element), used = 0;
    write_header(tensor, out);
    for (size_t i = 0; i < tensor->count; i++) {
        little_endian(tensor, i, size, block + used);
        used += size;
        if (used == sizeof block || i + 1 == tensor->count) {
            tconv_buffer_bytes(out, block, used);
            used = 0;
        }
    }
    return out->status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, out->status);
}
