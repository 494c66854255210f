/* .npy: what NumPy wrote is read exactly, what is written reads back, and no hostile file gets through. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_locale.h"

static tconv_status read_bytes(const void *bytes, size_t size, tconv_tensor **tensor, tconv_error *error)
{
    tconv_source *source;
    CHECK(tconv_source_open_memory(&source, bytes, size) == TCONV_OK);
    tconv_npy_header header;
    tconv_error first = { .status = TCONV_OK };
    tconv_status status = tconv_npy_read(source, tensor, error), of_header = tconv_npy_read_header(source, &header, &first);
    CHECK(of_header == TCONV_OK || (of_header == status && (error == NULL || strcmp(first.message, error->message) == 0)));
    if (status == TCONV_OK)
        CHECK(header.rank == (*tensor)->rank && header.count == (*tensor)->count && header.element == (*tensor)->stored_as);
    tconv_source_close(source);
    return status;
}

static tconv_status read_oracle(const char *name, tconv_tensor **tensor, tconv_error *error)
{
    char path[512];
    tconv_source *source;
    (void)snprintf(path, sizeof path, "%s/tests/oracle/npy/%s.npy", test_root_folder(), name);
    *tensor = NULL;
    tconv_status status = tconv_source_open(&source, path, error);
    CHECK_MESSAGE(status == TCONV_OK, "%s can be opened", path);
    if (status != TCONV_OK)
        return status;
    CHECK(tconv_npy_is(source));
    status = tconv_npy_read(source, tensor, error);
    tconv_source_close(source);
    return status;
}

/* The values of tests/oracle/make_npy.py. */
static double oracle_value(tconv_element element, size_t i)
{
    double base = (double)(7 * i % 50);
    if (element != TCONV_U8 && element != TCONV_U16 && element != TCONV_U32 && element != TCONV_U64)
        base -= 20.0;
    return tconv_element_is_float(element) ? base / 4.0 : base;
}

static void check_oracle(const char *name, tconv_element element, size_t rank, const size_t *shape)
{
    tconv_tensor *tensor;
    tconv_error error = { .status = TCONV_OK };
    tconv_status status = read_oracle(name, &tensor, &error);
    CHECK_MESSAGE(status == TCONV_OK, "%s: %s", name, error.message);
    if (status != TCONV_OK)
        return;
    bool single = element == TCONV_F32 || element == TCONV_F16;
    CHECK(tensor->stored_as == element && tensor->element == (single ? TCONV_F32 : TCONV_F64) && tensor->rank == rank);
    CHECK(rank == 0 || memcmp(tensor->shape, shape, rank * sizeof *shape) == 0);
    for (size_t i = 0; i < tensor->count; i++)
        CHECK_CLOSE(name, i, tconv_tensor_get(tensor, i), oracle_value(element, i), 0.0);
    tconv_tensor_destroy(tensor);
}

static void check_numpy_files(void)
{
    static const struct { const char *code; tconv_element element; } types[] = {
        { "f8", TCONV_F64 }, { "f4", TCONV_F32 }, { "f2", TCONV_F16 }, { "i1", TCONV_I8 }, { "i2", TCONV_I16 },
        { "i4", TCONV_I32 }, { "i8", TCONV_I64 }, { "u1", TCONV_U8 }, { "u2", TCONV_U16 }, { "u4", TCONV_U32 }, { "u8", TCONV_U64 },
    };
    char name[64];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        (void)snprintf(name, sizeof name, "little_%s", types[i].code);
        check_oracle(name, types[i].element, 3, (size_t[]){ 2, 3, 4 });
        (void)snprintf(name, sizeof name, "big_fortran_%s", types[i].code);
        check_oracle(name, types[i].element, 3, (size_t[]){ 3, 4, 2 });
    }
    check_oracle("version3", TCONV_F64, 1, (size_t[]){ 5 });
    check_oracle("rank0", TCONV_F64, 0, NULL);
    check_oracle("rank8", TCONV_F32, 8, (size_t[]){ 1, 2, 1, 3, 1, 2, 1, 2 });
    check_oracle("rank4_fortran", TCONV_F32, 4, (size_t[]){ 2, 3, 4, 5 });
    check_oracle("empty", TCONV_F64, 2, (size_t[]){ 0, 3 });
}

static void check_numpy_refusals(void)
{
    static const struct { const char *name, *message; } cases[] = {
        { "bool", "the array holds truth values ('|b1'); only real numbers are read" },
        { "complex", "the array holds complex numbers ('<c16'); only real numbers are read" },
        { "structure", "the array holds structures; only real numbers are read" },
        { "text", "the array holds strings ('<U2'); only real numbers are read" },
        { "time", "the array holds times ('<M8[D]'); only real numbers are read" },
        { "object", "the array holds Python objects ('|O'); only real numbers are read" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_tensor *tensor;
        tconv_error error = { .status = TCONV_OK };
        CHECK(read_oracle(cases[i].name, &tensor, &error) == TCONV_EUNSUPPORTED && tensor == NULL);
        CHECK_TEXT(error.message, cases[i].message);
    }
}

/* Bytes like NumPy's: magic, version, length, header, payload of zeros. */
static size_t make_file(unsigned char *bytes, int major, const char *header, size_t header_size, size_t payload)
{
    size_t start = major == 1 ? 10 : 12;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)major;
    bytes[7] = 0;
    for (size_t i = 8; i < start; i++)
        bytes[i] = (unsigned char)(header_size >> 8 * (i - 8) & 255);
    memcpy(bytes + start, header, header_size);
    memset(bytes + start + header_size, 0, payload);
    return start + header_size + payload;
}

#define D "{'descr': '<f8', 'fortran_order': False, 'shape': "
#define NO_TUPLE "the shape is a tuple of whole numbers, none negative"
#define AT(n, what) "the .npy header is malformed at its byte " #n ": " what

static const struct bad { const char *header; size_t size, payload; tconv_status status; const char *message; } bad[] = {
#define BAD(header, payload, status, message) { header, sizeof(header) - 1, payload, status, message }
    BAD("", 0, TCONV_EFORMAT, AT(0, "a '{' is needed")),
    BAD("\n", 0, TCONV_EFORMAT, AT(1, "a '{' is needed")),
    BAD("[]", 0, TCONV_EFORMAT, AT(0, "a '{' is needed")),
    BAD("{", 0, TCONV_EFORMAT, AT(1, "a string in quotes is needed")),
    BAD("{}", 0, TCONV_EFORMAT, "the .npy header has no key 'descr'"),
    BAD("{,}", 0, TCONV_EFORMAT, AT(1, "a string in quotes is needed")),
    BAD("{'descr'}", 8, TCONV_EFORMAT, AT(8, "a ':' is needed after a key")),
    BAD("{'descr: 3}", 8, TCONV_EFORMAT, AT(1, "a string does not end")),
    BAD("{'", 8, TCONV_EFORMAT, AT(1, "a string does not end")),
    BAD("{'descr': }", 8, TCONV_EFORMAT, AT(10, "a string in quotes is needed")),
    BAD("{'descr': 8}", 8, TCONV_EFORMAT, AT(10, "a string in quotes is needed")),
    BAD("{'descr': '<f8'", 8, TCONV_EFORMAT, AT(15, "a comma or '}' is needed")),
    BAD("{'descr': '<f8'}", 8, TCONV_EFORMAT, "the .npy header has no key 'fortran_order'"),
    BAD("{'descr': '<f8', 'fortran_order': False, }", 8, TCONV_EFORMAT, "the .npy header has no key 'shape'"),
    BAD("{'fortran_order': False, 'shape': (1,)}", 8, TCONV_EFORMAT, "the .npy header has no key 'descr'"),
    BAD("{'descr': '<f8' 'shape': (1,)}", 8, TCONV_EFORMAT, AT(16, "a comma or '}' is needed")),
    BAD("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EFORMAT, "the .npy header has the key 'descr' twice"),
    BAD(D "(1,), 'shape': (1,)}", 8, TCONV_EFORMAT, "the .npy header has the key 'shape' twice"),
    BAD(D "(1,), 'extra': 1}", 8, TCONV_EFORMAT, "the .npy header has the key 'extra'; it may have descr, fortran_order and shape only"),
    BAD("{'Descr': '<f8'}", 8, TCONV_EFORMAT, "the .npy header has the key 'Descr'; it may have descr, fortran_order and shape only"),
    BAD("{'de\\x73cr': '<f8'}", 8, TCONV_EFORMAT, AT(1, "a backslash in a string")),
    BAD("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", 8, TCONV_EFORMAT, AT(34, "fortran_order is True or False")),
    BAD("{'descr': '<f8', 'fortran_order': 'False', 'shape': (1,)}", 8, TCONV_EFORMAT, AT(34, "fortran_order is True or False")),
    BAD("{'descr': '<f8', 'fortran_order': Falsehood, 'shape': (1,)}", 8, TCONV_EFORMAT, AT(39, "a comma or '}' is needed")),
    BAD(D "1}", 8, TCONV_EFORMAT, AT(50, NO_TUPLE)),
    BAD(D "[1]}", 8, TCONV_EFORMAT, AT(50, NO_TUPLE)),
    BAD(D "None}", 8, TCONV_EFORMAT, AT(50, NO_TUPLE)),
    BAD(D "(1)}", 8, TCONV_EFORMAT, AT(53, "a shape of one extent is written (3,)")),
    BAD(D "(,)}", 8, TCONV_EFORMAT, AT(51, NO_TUPLE)),
    BAD(D "(1,,)}", 8, TCONV_EFORMAT, AT(53, NO_TUPLE)),
    BAD(D "(1 1)}", 8, TCONV_EFORMAT, AT(53, "a comma or ')' is needed")),
    BAD(D "(1, 1", 8, TCONV_EFORMAT, AT(55, "a comma or ')' is needed")),
    BAD(D "(1, ", 8, TCONV_EFORMAT, AT(54, NO_TUPLE)),
    BAD(D "(-1,)}", 8, TCONV_EFORMAT, AT(51, NO_TUPLE)),
    BAD(D "(+1,)}", 8, TCONV_EFORMAT, AT(51, NO_TUPLE)),
    BAD(D "(1.0,)}", 8, TCONV_EFORMAT, AT(52, "a comma or ')' is needed")),
    BAD(D "(1e1,)}", 80, TCONV_EFORMAT, AT(52, "a comma or ')' is needed")),
    BAD(D "(0x1,)}", 8, TCONV_EFORMAT, AT(52, "a comma or ')' is needed")),
    BAD(D "((1,),)}", 8, TCONV_EFORMAT, AT(51, NO_TUPLE)),
    BAD(D "('1',)}", 8, TCONV_EFORMAT, AT(51, NO_TUPLE)),
    BAD(D "(18446744073709551616,)}", 8, TCONV_EFORMAT, AT(70, "an extent of the shape is too large")),
    BAD(D "(99999999999999999999999999999,)}", 8, TCONV_EFORMAT, AT(70, "an extent of the shape is too large")),
    BAD(D "(1,1,1,1,1,1,1,1,1)}", 8, TCONV_EUNSUPPORTED, "the array has more than 8 dimensions"),
    BAD(D "(4294967296, 4294967296)}", 8, TCONV_ESIZE, "the shape (4294967296, 4294967296) has more elements than can be counted"),
    BAD(D "(2305843009213693952,)}", 8, TCONV_ESIZE, "the shape (2305843009213693952) has more elements than can be counted"),
    BAD(D "(1152921504606846976,)}", 8, TCONV_EFORMAT, "the shape (1152921504606846976) of f64 needs 9223372036854775808 bytes of data, but the file has 8"),
    BAD(D "(1000000000,)}", 0, TCONV_EFORMAT, "the shape (1000000000) of f64 needs 8000000000 bytes of data, but the file has 0"),
    BAD(D "(2,)}", 15, TCONV_EFORMAT, "the shape (2) of f64 needs 16 bytes of data, but the file has 15"),
    BAD(D "(2,)}", 17, TCONV_EFORMAT, "the shape (2) of f64 needs 16 bytes of data, but the file has 17"),
    BAD(D "()}", 0, TCONV_EFORMAT, "the shape () of f64 needs 8 bytes of data, but the file has 0"),
    BAD(D "(0, 3)}", 8, TCONV_EFORMAT, "the shape (0, 3) of f64 needs 0 bytes of data, but the file has 8"),
    BAD(D "(1,)} x", 8, TCONV_EFORMAT, AT(56, "there is something after the '}'")),
    BAD(D "(1,)}\0", 8, TCONV_EFORMAT, AT(55, "there is something after the '}'")),
    BAD(D "(1,)}{}", 8, TCONV_EFORMAT, AT(55, "there is something after the '}'")),
    BAD("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the array holds structures; only real numbers are read"),
    BAD("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the array holds Python objects ('|O'); only real numbers are read"),
    BAD("{'descr': '|V2', 'fortran_order': False, 'shape': (4,)}", 8, TCONV_EUNSUPPORTED, "the array holds raw bytes ('|V2'); only real numbers are read"),
    BAD("{'descr': '|S8', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the array holds strings ('|S8'); only real numbers are read"),
#define TYPES "' is not read; f2, f4, f8, i1 to i8 and u1 to u8 are, after '<', '>', '=' or '|'"
    BAD("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", 16, TCONV_EUNSUPPORTED, "the type '<f16" TYPES),
    BAD("{'descr': '<f1', 'fortran_order': False, 'shape': (1,)}", 1, TCONV_EUNSUPPORTED, "the type '<f1" TYPES),
    BAD("{'descr': '<i3', 'fortran_order': False, 'shape': (1,)}", 3, TCONV_EUNSUPPORTED, "the type '<i3" TYPES),
    BAD("{'descr': '<u0', 'fortran_order': False, 'shape': (1,)}", 0, TCONV_EUNSUPPORTED, "the type '<u0" TYPES),
    BAD("{'descr': 'f8', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the type 'f8" TYPES),
    BAD("{'descr': '', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the type '" TYPES),
    BAD("{'descr': '<', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the type '<" TYPES),
    BAD("{'descr': '<f', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the type '<f" TYPES),
    BAD("{'descr': '!f8', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the type '!f8" TYPES),
    BAD("{'descr': '<f8\n', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EUNSUPPORTED, "the type '<f8?" TYPES),
    BAD("{'descr': '|f8', 'fortran_order': False, 'shape': (1,)}", 8, TCONV_EFORMAT, "the type '|f8' leaves its byte order open; '<' or '>' is needed"),
#undef BAD
};

static void check_hostile_headers(void)
{
    static unsigned char bytes[1024];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (int major = 1; major <= 3; major++) {
            tconv_tensor *tensor;
            tconv_error error = { .status = TCONV_OK };
            size_t size = make_file(bytes, major, bad[i].header, bad[i].size, bad[i].payload);
            tconv_status status = read_bytes(bytes, size, &tensor, &error);
            CHECK_MESSAGE(status == bad[i].status && error.status == status && tensor == NULL, "case %zu, version %d: %s", i, major,
                          tconv_status_name(status));
            CHECK_TEXT(error.message, bad[i].message);
            CHECK(tconv_memory_in_use() == 0);
        }
}

static void check_hostile_preambles(void)
{
    static const struct { const char *bytes; size_t size; tconv_status status; const char *message; } cases[] = {
#define RAW(bytes, status, message) { bytes, sizeof(bytes) - 1, status, message }
#define NOT_NPY "this is no .npy file: it does not begin with \\x93NUMPY"
        RAW("", TCONV_EFORMAT, NOT_NPY), RAW("\x93NUMP", TCONV_EFORMAT, NOT_NPY), RAW("\x93NUMPy\1\0\0\0", TCONV_EFORMAT, NOT_NPY),
        RAW("\x93NUMPY", TCONV_EFORMAT, "the file ends at byte 6; 10 bytes from 0 on are needed"),
        RAW("\x93NUMPY\1\0\0", TCONV_EFORMAT, "the file ends at byte 9; 10 bytes from 0 on are needed"),
        RAW("\x93NUMPY\2\0\0\0\0", TCONV_EFORMAT, "the file ends at byte 11; 12 bytes from 0 on are needed"),
        RAW("\x93NUMPY\0\0\0\0", TCONV_EUNSUPPORTED, "version 0.0 of .npy is not known; 1.0, 2.0 and 3.0 are"),
        RAW("\x93NUMPY\4\0\0\0\0\0", TCONV_EUNSUPPORTED, "version 4.0 of .npy is not known; 1.0, 2.0 and 3.0 are"),
        RAW("\x93NUMPY\1\1\0\0", TCONV_EUNSUPPORTED, "version 1.1 of .npy is not known; 1.0, 2.0 and 3.0 are"),
        RAW("\x93NUMPY\1\0\1\0", TCONV_EFORMAT, "the file ends within the .npy header: it has 10 bytes, the header needs 11"),
        RAW("\x93NUMPY\1\0\xff\xff{}", TCONV_EFORMAT, "the file ends within the .npy header: it has 12 bytes, the header needs 65545"),
        RAW("\x93NUMPY\2\0\1\0\1\0{}", TCONV_EFORMAT, "the .npy header claims 65537 bytes; at most 65536 are allowed"),
        RAW("\x93NUMPY\2\0\xff\xff\xff\xff{}", TCONV_EFORMAT, "the .npy header claims 4294967295 bytes; at most 65536 are allowed"),
        RAW("\x93NUMPY\3\0\0\0\0\x80{}", TCONV_EFORMAT, "the .npy header claims 2147483648 bytes; at most 65536 are allowed"),
#undef RAW
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_tensor *tensor;
        tconv_error error = { .status = TCONV_OK };
        CHECK_MESSAGE(read_bytes(cases[i].bytes, cases[i].size, &tensor, &error) == cases[i].status && tensor == NULL, "case %zu", i);
        CHECK_TEXT(error.message, cases[i].message);
        CHECK(tconv_memory_in_use() == 0);
    }
}

/* Cut anywhere, a file is refused; with a byte changed anywhere it is refused or read, and nothing is lost. */
static void check_damage(void)
{
    unsigned char bytes[512], changed[512];
    char header[] = D "(2, 3), }                                                        \n";
    size_t size = make_file(bytes, 1, header, sizeof header - 1, 48), refused = 0;
    tconv_tensor *tensor;
    for (size_t cut = 0; cut < size; cut++) {
        unsigned char *part = malloc(cut + 1);      /* of that very size, so that reading past it is seen */
        memcpy(part, bytes, cut);
        tconv_error error = { .message = "" };
        CHECK_MESSAGE(read_bytes(part, cut, &tensor, &error) == TCONV_EFORMAT && tensor == NULL && error.message[0] != '\0',
                      "cut to %zu of %zu bytes", cut, size);
        free(part);
    }
    CHECK(read_bytes(bytes, size, &tensor, NULL) == TCONV_OK);
    tconv_tensor_destroy(tensor);
    for (size_t at = 0; at < size; at++)
        for (int value = 0; value < 256; value++) {
            memcpy(changed, bytes, size);
            changed[at] = (unsigned char)value;
            tconv_status status = read_bytes(changed, size, &tensor, NULL);
            refused += status != TCONV_OK;
            CHECK((status == TCONV_OK) == (tensor != NULL));
            tconv_tensor_destroy(tensor);
        }
    CHECK(refused > 256 * 40 && tconv_memory_in_use() == 0);
}

static void check_literals(void)
{
    static const char *const headers[] = {
        D "(1,)}", "{\"descr\":'<f8','fortran_order':True,\"shape\":(1,)}", "\n { 'shape' : ( 1 , ) , 'descr' : '=f8' ,\t'fortran_order' : False , } \r\n",
        D "(1L,), }", D "(1, 1,)}", D "()}", D "(1, 1)}", D "(00001,)}",
    };
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        tconv_tensor *tensor;
        tconv_error error = { .status = TCONV_OK };
        size_t size = make_file(bytes, 1, headers[i], strlen(headers[i]), 0);
        double value = 1.5;
        memcpy(bytes + size, &value, sizeof value);     /* '=': the order of this machine */
        if (strstr(headers[i], "'<f8'") != NULL)
            for (size_t b = 0; b < 8; b++)
                bytes[size + b] = (unsigned char)(UINT64_C(0x3ff8000000000000) >> 8 * b & 255);
        CHECK_MESSAGE(read_bytes(bytes, size + 8, &tensor, &error) == TCONV_OK, "%s: %s", headers[i], error.message);
        CHECK(tensor != NULL && tconv_tensor_get(tensor, 0) == 1.5);
        tconv_tensor_destroy(tensor);
    }
}

static void check_inexact_integers(void)
{
    unsigned char bytes[256];
    static const char header[] = "{'descr': '<i8', 'fortran_order': True, 'shape': (2, 3), }";
    size_t size = make_file(bytes, 1, header, sizeof header - 1, 48);
    bytes[size - 8 * 3] = 1;        /* 2^53 + 1 as element 3 of the file: index (1, 1) */
    bytes[size - 8 * 3 + 6] = 32;
    tconv_tensor *tensor;
    tconv_error error;
    CHECK(read_bytes(bytes, size, &tensor, &error) == TCONV_EUNSUPPORTED && tensor == NULL);
    CHECK_TEXT(error.message, "the i64 at index (1, 1) equals no double; whole numbers up to 2^53 do");
    bytes[size - 8 * 3] = 0;
    CHECK(read_bytes(bytes, size, &tensor, &error) == TCONV_OK && tconv_tensor_get(tensor, 4) == 9007199254740992.0);
    tconv_tensor_destroy(tensor);
}

/* More than one block of data, in both orders, against the definition of Fortran order. */
static void check_large(void)
{
    size_t rows = 211, columns = 307, count = rows * columns;
    char text[128];
    for (int fortran = 0; fortran <= 1; fortran++) {
        (void)snprintf(text, sizeof text, "{'descr': '>u4', 'fortran_order': %s, 'shape': (%zu, %zu)}", fortran ? "True" : "False", rows, columns);
        unsigned char *bytes = malloc(4 * count + 256);
        size_t start = make_file(bytes, 1, text, strlen(text), 0);
        for (size_t i = 0; i < count; i++)
            for (size_t b = 0; b < 4; b++)
                bytes[start + 4 * i + b] = (unsigned char)(i >> 8 * (3 - b) & 255);
        tconv_tensor *tensor;
        CHECK(read_bytes(bytes, start + 4 * count, &tensor, NULL) == TCONV_OK);
        bool same = true;
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++)
                same = same && tconv_tensor_get(tensor, r * columns + c) == (double)(fortran ? c * rows + r : r * columns + c);
        CHECK(same);
        tconv_tensor_destroy(tensor);
        tconv_memory_set_budget(tconv_memory_in_use() + 100000);
        tconv_error error;
        CHECK(read_bytes(bytes, start + 4 * count, &tensor, &error) == TCONV_EBUDGET && tensor == NULL);
        CHECK_TEXT(error.message, "the memory budget would be exceeded");
        tconv_memory_set_budget(0);
        free(bytes);
    }
    CHECK(tconv_memory_in_use() == 0);
}

static void check_written(void)
{
    tconv_tensor *tensor, *back;
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t shape[TCONV_MAX_RANK], rank = random_between(0, 8);
        for (size_t i = 0; i < rank; i++)
            shape[i] = random_between(round % 10 == 0 ? 0 : 1, rank > 4 ? 3 : 6);
        tconv_element element = random_between(0, 1) == 0 ? TCONV_F32 : TCONV_F64;
        CHECK(tconv_tensor_create(&tensor, element, shape, rank) == TCONV_OK);
        for (size_t i = 0; i < tensor->count; i++)
            tconv_tensor_set(tensor, i, random_normal());
        tconv_buffer out = { 0 };
        CHECK(tconv_npy_write(tensor, &out, NULL) == TCONV_OK);
        CHECK((out.length - tensor->count * tconv_element_bytes(element)) % 64 == 0);
        CHECK(read_bytes(out.text, out.length, &back, NULL) == TCONV_OK);
        CHECK(back->element == element && back->rank == rank && memcmp(back->shape, tensor->shape, sizeof tensor->shape) == 0);
        CHECK_SAME(back->data, tensor->data, tensor->count * tconv_element_bytes(element));
        tconv_tensor_destroy(back);
        tconv_tensor_destroy(tensor);
        tconv_buffer_free(&out);
    }
}

/* What NumPy wrote, read and written again, is what NumPy wrote. */
static void check_same_bytes_as_numpy(void)
{
    static const char *const names[] = { "little_f8", "little_f4", "rank0", "rank8", "empty" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        tconv_source *source;
        tconv_tensor *tensor;
        tconv_buffer out = { 0 };
        unsigned char *bytes;
        size_t size;
        (void)snprintf(path, sizeof path, "%s/tests/oracle/npy/%s.npy", test_root_folder(), names[i]);
        CHECK(tconv_source_open(&source, path, NULL) == TCONV_OK);
        CHECK(tconv_npy_read(source, &tensor, NULL) == TCONV_OK && tconv_npy_write(tensor, &out, NULL) == TCONV_OK);
        CHECK(tconv_source_read_all(source, &bytes, &size, NULL) == TCONV_OK && size == out.length);
        CHECK_SAME(out.text, bytes, size);
        tconv_free(bytes);
        tconv_buffer_free(&out);
        tconv_tensor_destroy(tensor);
        tconv_source_close(source);
    }
}

static void check_comma_locale(void)
{
    if (!test_comma_locale())
        return;
    check_numpy_files();
    check_same_bytes_as_numpy();
    test_plain_locale();
}

const struct test_suite suite = { "npy", {
    { "every type, order and version that NumPy writes", check_numpy_files },
    { "types that are no real numbers are refused by name", check_numpy_refusals },
    { "hostile headers are refused, with a sentence", check_hostile_headers },
    { "hostile beginnings are refused, with a sentence", check_hostile_preambles },
    { "cut or changed at every byte", check_damage },
    { "literals in every spelling", check_literals },
    { "integers that are no doubles", check_inexact_integers },
    { "arrays of several blocks, and the memory budget", check_large },
    { "what is written reads back", check_written },
    { "the same bytes as NumPy", check_same_bytes_as_numpy },
    { "a locale with a decimal comma changes nothing", check_comma_locale },
    { NULL, NULL } } };
