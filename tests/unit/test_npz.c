/* .npz: archives of .npy arrays, and archives that lie. */
#include "testing_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bytes npy_of(const char *literal, const void *data, size_t size)
{
    struct bytes file = { 0 };
    bytes_add(&file, "\x93NUMPY\1\0", 8);
    bytes_little(&file, strlen(literal), 2);
    bytes_text(&file, literal);
    bytes_add(&file, data, size);
    return file;
}

static const char LITERAL[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2), }\n";

static void arrays_are_read_in_either_order(void)
{
    const float values[] = { 1, 2, 3, 4, 5, 6 };
    struct bytes c_order = npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }\n", values, sizeof values);
    struct bytes fortran = npy_of("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", values, sizeof values);
    struct bytes object = npy_of("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", "x", 1);
    struct zip_builder zip = { 0 };
    zip_add_deflated(&zip, "up/W.npy", c_order.data, c_order.size);
    zip_add(&zip, "../../f.npy", fortran.data, fortran.size);
    zip_add(&zip, "object.npy", object.data, object.size);
    zip_add(&zip, "readme.txt", "text", 4);
    zip_end(&zip);
    tconv_source *source;
    tconv_container *c = check_opens("npz", &zip.file, &source);
    if (c != NULL) {
        CHECK(tconv_container_kind(c) == TCONV_CONTAINER_NPZ && tconv_container_tensors(c) == 3);
        check_tensor(c, "up/W", (size_t[]){ 1, 2, 3 }, 3, (double[]){ 1, 2, 3, 4, 5, 6 }, 6);
        check_tensor(c, "../../f", (size_t[]){ 2, 3 }, 2, (double[]){ 1, 3, 5, 2, 4, 6 }, 6);
        CHECK(tconv_container_tensor(c, tconv_container_find(c, "object"))->obstacle != NULL);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    check_truncations("npz", &zip.file, true);
    check_mutations(&zip.file, test_rounds(10000));
    zip_free(&zip);
    bytes_free(&c_order);
    bytes_free(&fortran);
    bytes_free(&object);
}

#define HEAD(descr, shape) "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }\n"

static const struct {
    const char *name, *literal;
    size_t data;
    tconv_status status;
    const char *part;
} hostile[] = {
    { "shape larger than the data", HEAD("<f4", "(3,)"), 8, TCONV_EFORMAT, "asks for 12 bytes" },
    { "shape smaller than the data", HEAD("<f4", "(1,)"), 8, TCONV_EFORMAT, "asks for 4 bytes" },
    { "no data", HEAD("<f8", "(1000000000000,)"), 0, TCONV_EFORMAT, "asks for 8000000000000 bytes" },
    { "product wraps to 0", HEAD("<f4", "(4294967296, 4294967296)"), 0, TCONV_EFORMAT, "w" },
    { "product wraps in bytes", HEAD("<f8", "(2305843009213693953,)"), 8, TCONV_EFORMAT, "w" },
    { "extent beyond 64 bits", HEAD("<f4", "(99999999999999999999,)"), 8, TCONV_EFORMAT, "w" },
    { "negative extent", HEAD("<f4", "(-1,)"), 8, TCONV_EFORMAT, "w" },
    { "no header at all", "", 0, TCONV_EFORMAT, "w" },
    { "no dictionary", "[]\n", 0, TCONV_EFORMAT, "w" },
    { "key missing", "{'descr': '<f4', 'shape': (1,), }\n", 4, TCONV_EFORMAT, "w" },
    { "key twice", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", 4, TCONV_EFORMAT, "w" },
    { "unknown key", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}\n", 4, TCONV_EFORMAT, "w" },
    { "order is a number", "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,), }\n", 4, TCONV_EFORMAT, "w" },
    { "shape is a list of texts", HEAD("<f4", "('1',)"), 4, TCONV_EFORMAT, "w" },
    { "deep parentheses", HEAD("<f4", "((((((((((1,),),),),),),),),),)"), 4, TCONV_EFORMAT, "w" },
    { "not closed", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,", 4, TCONV_EFORMAT, "w" },
    { "text not closed", "{'descr': '<f4", 4, TCONV_EFORMAT, "w" },
    { "code in the header", "__import__('os').system('true')\n", 4, TCONV_EFORMAT, "w" },
};

static void hostile_arrays_are_refused(void)
{
    static const unsigned char zeros[64];
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        for (int packed = 0; packed < 2; packed++) {
            struct bytes array = npy_of(hostile[i].literal, zeros, hostile[i].data);
            struct zip_builder zip = { 0 };
            (packed ? zip_add_deflated : zip_add)(&zip, "w.npy", array.data, array.size);
            zip_end(&zip);
            check_refused(hostile[i].name, &zip.file, hostile[i].status, hostile[i].part);
            zip_free(&zip);
            bytes_free(&array);
        }
}

/* Archives that lie about their members; `edit` spoils a good one. */
static void with_u16(struct bytes *file, size_t at, unsigned value)
{
    file->data[at] = (unsigned char)value;
    file->data[at + 1] = (unsigned char)(value >> 8);
}

static void hostile_archives_are_refused(void)
{
    struct bytes array = npy_of(LITERAL, "\0\0\x80\x3f\0\0\0\x40", 8);
    size_t n = array.size, local = 30 + strlen("w.npy"), central = local + n, end;
    static const struct { const char *name; size_t central, at; unsigned value; const char *part; } edits[] = {
        { "local method unknown", 0, 8, 99, "zip archive" },     { "local size too large", 0, 18, 0xffff, "zip archive" },
        { "local crc", 0, 14, 0x1234, "zip archive" },           { "local name longer", 0, 26, 500, "zip archive" },
        { "local name other", 0, 30, 0x7878, "zip archive" },    { "local name empty", 0, 26, 0, "zip archive" },
        { "central method unknown", 1, 10, 99, "zip archive" },  { "central crc", 1, 16, 0x1234, "zip archive" },
        { "central packed size", 1, 20, 7, "zip archive" },      { "central size", 1, 24, 0xffff, "zip archive" },
        { "central name longer", 1, 28, 60000, "zip archive" },  { "central offset outside", 1, 42, 60000, "zip archive" },
        { "central offset within", 1, 42, 3, "zip archive" },    { "central magic", 1, 0, 0, "zip archive" },
        { "end: more members", 2, 10, 7, "zip archive" },        { "end: members of other disks", 2, 4, 3, "zip archive" },
        { "end: directory size", 2, 12, 9, "zip archive" },      { "end: directory offset", 2, 16, 60000, "zip archive" },
        { "end: comment longer", 2, 20, 400, "zip archive" },    { "end: no magic", 2, 0, 0, "zip archive" },
        { "end: fewer members", 2, 10, 0, "zip archive" } };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct zip_builder zip = { 0 };
        zip_add(&zip, "w.npy", array.data, array.size);
        zip_end(&zip);
        end = zip.file.size - 22;
        with_u16(&zip.file, (edits[i].central == 0 ? 0 : edits[i].central == 1 ? central : end) + edits[i].at, edits[i].value);
        check_refused(edits[i].name, &zip.file, TCONV_EFORMAT, edits[i].part);
        zip_free(&zip);
    }
    struct zip_builder zip = { 0 };
    zip_add(&zip, "w.npy", array.data, array.size);
    zip_add(&zip, "w.npy", array.data, array.size);
    zip_end(&zip);
    check_refused("the same name twice", &zip.file, TCONV_EFORMAT, "zip archive");
    zip_free(&zip);
    zip_end(&zip);
    check_refused("no members", &zip.file, TCONV_EFORMAT, "neither .npy arrays");
    zip_free(&zip);
    zip_add(&zip, "readme", "x", 1);
    zip_end(&zip);
    check_refused("no arrays", &zip.file, TCONV_EFORMAT, "neither .npy arrays");
    zip_free(&zip);
    bytes_free(&array);
}

/* 128 MB of zeros in 130 kB: listed without being unpacked, loaded only within the budget. */
static void a_zip_bomb_is_not_unpacked_beyond_the_budget(void)
{
    size_t count = (size_t)32 << 20;
    struct bytes array = npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (33554432,), }\n", "", 0);
    size_t header = array.size;
    array.data = realloc(array.data, header + 4 * count);
    CHECK(array.data != NULL);
    if (array.data == NULL)
        return;
    memset(array.data + header, 0, 4 * count);
    array.size = array.capacity = header + 4 * count;
    struct zip_builder zip = { 0 };
    zip_add_deflated(&zip, "bomb.npy", array.data, array.size);
    zip_end(&zip);
    bytes_free(&array);
    CHECK(zip.file.size < ((size_t)1 << 20));
    tconv_source *source;
    tconv_container *c;
    tconv_tensor *tensor;
    tconv_error error = { 0 };
    tconv_container_options options = { .max_tensor_bytes = (uint64_t)64 << 20 };
    CHECK(tconv_source_open_memory(&source, zip.file.data, zip.file.size) == TCONV_OK);
    CHECK(tconv_container_open_source(&c, source, NULL, &options, &error) == TCONV_OK);
    CHECK(tconv_container_load_tensor(c, 0, &tensor, &error) == TCONV_EBUDGET && tensor == NULL);
    tconv_container_close(c);
    tconv_memory_set_budget(tconv_memory_in_use() + ((size_t)64 << 20));
    CHECK(tconv_container_open_source(&c, source, NULL, NULL, &error) == TCONV_OK);
    CHECK(tconv_container_load_tensor(c, 0, &tensor, &error) == TCONV_EBUDGET && tensor == NULL);
    tconv_memory_set_budget(0);
    tconv_container_close(c);
    tconv_source_close(source);
    zip_free(&zip);
}

/* The checksum is seen when the last byte is read; a stream that unpacks to another length is refused. */
static void a_damaged_member_is_told(void)
{
    struct bytes array = npy_of(LITERAL, "\0\0\x80\x3f\0\0\0\x40", 8);
    for (int longer = 0; longer < 2; longer++) {
        struct zip_builder zip = { 0 };
        tconv_source *source;
        tconv_container *c;
        tconv_tensor *tensor = NULL;
        tconv_error error = { 0 };
        zip_add_as(&zip, "w.npy", array.data, array.size, (uint32_t)array.size, longer == 0);
        zip_end(&zip);
        CHECK(tconv_source_open_memory(&source, zip.file.data, zip.file.size) == TCONV_OK);
        tconv_status status = tconv_container_open_source(&c, source, NULL, NULL, &error);
        if (status == TCONV_OK)
            status = tconv_container_load_tensor(c, 0, &tensor, &error);
        CHECK_MESSAGE(longer == 1 ? status == TCONV_OK : status == TCONV_EFORMAT && strstr(error.message, "damaged") != NULL,
                      "%s", error.message);
        tconv_tensor_destroy(tensor);
        tconv_container_close(c);
        tconv_source_close(source);
        zip_free(&zip);
    }
    bytes_free(&array);
}

const struct test_suite suite = { "npz", {
    { "arrays are read in either order, cut and changed archives do no harm", arrays_are_read_in_either_order },
    { "hostile arrays are refused", hostile_arrays_are_refused },
    { "hostile archives are refused", hostile_archives_are_refused },
    { "a zip bomb is not unpacked beyond the budget", a_zip_bomb_is_not_unpacked_beyond_the_budget },
    { "a damaged member is told", a_damaged_member_is_told },
    { NULL, NULL } } };
