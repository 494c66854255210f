#include "kernel_file.h"

#include <string.h>

#include "../core/kernel_tensor.h"
#include "../core/memory.h"
#include "npy.h"
#include "text.h"

const char *tconv_file_format_word(tconv_file_format format)
{
#define WORD(name, word, what) word,
    static const char *const words[] = { TCONV_FILE_FORMAT_LIST(WORD) };
#undef WORD
    return (unsigned)format < TCONV_FILE_FORMAT_COUNT ? words[format] : "unknown";
}

const char *tconv_file_format_what(tconv_file_format format)
{
#define WHAT(name, word, what) what,
    static const char *const whats[] = { TCONV_FILE_FORMAT_LIST(WHAT) };
#undef WHAT
    return (unsigned)format < TCONV_FILE_FORMAT_COUNT ? whats[format] : "unknown";
}

/* ---- telling formats apart ---- */

/* Bytes that stand at a fixed place in every file of the format. */
static const struct {
    size_t offset, length;
    const char *bytes;
    tconv_file_format format;
} signatures[] = {
    { 0, 6, "\x93NUMPY", TCONV_FILE_NPY },
    { 0, 4, "PK\3\4", TCONV_FILE_ZIP },
    { 0, 4, "PK\5\6", TCONV_FILE_ZIP },              /* an empty archive */
    { 4, 4, "TFL3", TCONV_FILE_TFLITE },
    { 0, 4, "RIFF", TCONV_FILE_AUDIO },
    { 0, 4, "RIFX", TCONV_FILE_AUDIO },
    { 0, 4, "RF64", TCONV_FILE_AUDIO },
    { 0, 4, "riff", TCONV_FILE_AUDIO },              /* W64 */
    { 0, 4, "FORM", TCONV_FILE_AUDIO },              /* AIFF */
    { 0, 4, "fLaC", TCONV_FILE_AUDIO },
    { 0, 4, "caff", TCONV_FILE_AUDIO },
    { 0, 4, "OggS", TCONV_FILE_AUDIO },
    { 0, 4, "\x89PNG", TCONV_FILE_PICTURE },
    { 0, 3, "\xff\xd8\xff", TCONV_FILE_PICTURE },    /* JPEG */
    { 0, 4, "\x89HDF", TCONV_FILE_HDF5 },
    { 0, 2, "\x1f\x8b", TCONV_FILE_GZIP },
};

/* 8 bytes, little-endian, with the length of a JSON object that follows and lies within the file. */
static bool is_safetensors(const unsigned char *bytes, size_t size, uint64_t file_size)
{
    uint64_t length = 0;
    if (size < 10 || bytes[8] != '{')
        return false;
    for (size_t i = 0; i < 8; i++)
        length |= (uint64_t)bytes[i] << 8 * i;
    return length >= 2 && length <= file_size - 8;
}

/* Field 1 of a ModelProto, ir_version: tag 0x08, a small number, and then another tag of length-delimited or varint type. */
static bool is_onnx(const unsigned char *bytes, size_t size)
{
    return size >= 3 && bytes[0] == 0x08 && bytes[1] >= 1 && bytes[1] < 0x20
        && (bytes[2] & 7) != 3 && (bytes[2] & 7) != 4 && (bytes[2] & 7) < 6 && bytes[2] >> 3 != 0;
}

tconv_file_format tconv_file_format_of(tconv_source *source)
{
    unsigned char bytes[16];
    uint64_t file_size = tconv_source_size(source);
    size_t size = file_size < sizeof bytes ? (size_t)file_size : sizeof bytes;
    if (tconv_source_read(source, 0, size, bytes, NULL) != TCONV_OK)
        return TCONV_FILE_TEXT;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (signatures[i].offset + signatures[i].length <= size
            && memcmp(bytes + signatures[i].offset, signatures[i].bytes, signatures[i].length) == 0)
            return signatures[i].format;
    if (is_safetensors(bytes, size, file_size))
        return TCONV_FILE_SAFETENSORS;
    if (size >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5)
        return TCONV_FILE_PICKLE;
    return is_onnx(bytes, size) ? TCONV_FILE_ONNX : TCONV_FILE_TEXT;
}

/* ---- reading ---- */

static tconv_status read_text(tconv_source *source, const tconv_geometry_options *options, tconv_kernel **kernel, tconv_error *error)
{
    tconv_text_table table;
    tconv_geometry_options merged;
    tconv_status status = tconv_text_read(source, &table, error);
    if (status != TCONV_OK)
        return status;
    tconv_geometry_options_merge(&table.given, options, &merged);
    bool line = (table.rows == 1 || table.columns == 1) && merged.ndim != 2;
    size_t count = table.rows * table.columns;
    /* the table's own memory, seen as an array */
    tconv_tensor weights = { .element = TCONV_F64, .stored_as = TCONV_F64, .rank = line ? 1 : 2, .count = count, .data = table.values };
    weights.shape[0] = line ? count : table.rows;
    weights.shape[1] = line ? 0 : table.columns;
    status = tconv_kernel_from_tensor(&weights, &merged, kernel, error);
    tconv_text_free(&table);
    return status;
}

static tconv_status read_npy(tconv_source *source, const tconv_geometry_options *options, tconv_kernel **kernel, tconv_error *error)
{
    tconv_tensor *weights;
    tconv_status status = tconv_npy_read(source, &weights, error);
    if (status == TCONV_OK)
        status = tconv_kernel_from_tensor(weights, options, kernel, error);
    tconv_tensor_destroy(weights);
    return status;
}

tconv_status tconv_kernel_file_read(tconv_source *source, const tconv_geometry_options *options, tconv_kernel **kernel,
                                    tconv_file_format *format, tconv_error *error)
{
    static const tconv_geometry_options none;
    tconv_file_format found = tconv_file_format_of(source);
    *kernel = NULL;
    if (format != NULL)
        *format = found;
    if (options == NULL)
        options = &none;
    if (found == TCONV_FILE_TEXT)
        return read_text(source, options, kernel, error);
    if (found == TCONV_FILE_NPY)
        return read_npy(source, options, kernel, error);
    return tconv_fail(error, TCONV_EUNSUPPORTED, "this is %s, which cannot be read here; a kernel is read from text and .npy",
                      tconv_file_format_what(found));
}
