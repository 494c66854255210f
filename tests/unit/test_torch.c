/* PyTorch files: hostile pickles end with a sentence and execute nothing; views, shared storages and optimizers. */
#include "testing_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "/tmp/tconv-pickle-was-executed"
#define BYTES(text) text, sizeof(text) - 1

#define WORD(length, text) "U" length text                     /* SHORT_BINSTRING */
#define STORAGE_OF(type, key, count) WORD("\x07", "storage") type WORD("\x01", key) WORD("\x03", "cpu") count
#define STORAGE(kind, key, count) "(" STORAGE_OF("ctorch\n" kind "\n", key, count) "tQ"
#define VIEWED(count, begin, size) "(" STORAGE_OF("ctorch\nFloatStorage\n", "0", count) WORD("\x01", "v") begin size "\x87tQ"
#define VIEW(count, begin, size) VIEWED(count, begin, size) "."
#define TENSOR(storage, offset, shape, stride) \
    "ctorch._utils\n_rebuild_tensor_v2\n(" storage offset "(" shape "t(" stride "t\x89" "ccollections\nOrderedDict\n)RtR"
#define FLOATS(count) STORAGE("FloatStorage", "0", count)
#define DICT(items) "}(" items "u."
#define W WORD("\x01", "w")
#define LETTERS_64 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"
#define HUGE_COUNT "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"   /* 2^63 - 1 */

#define ONE_KEY "\x80\x02]" WORD("\x01", "0") "a."

/* The older stream around the pickle of the object, with this pickle of the list of storages, whose bytes the caller appends. */
static struct bytes stream_before(const char *object, size_t size, const char *list, size_t list_size)
{
    struct bytes file = { 0 };
    bytes_add(&file, BYTES("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
    bytes_add(&file, BYTES("\x80\x02M\xe9\x03."));
    bytes_add(&file, BYTES("\x80\x02}."));
    bytes_add(&file, object, size);
    bytes_add(&file, list, list_size);
    return file;
}

/* One storage '0' of 16 bytes, 4 floats 1 2 3 4. */
static struct bytes stream_of(const char *object, size_t size)
{
    struct bytes file = stream_before(object, size, BYTES(ONE_KEY));
    bytes_little(&file, 4, 8);
    bytes_f32(&file, (const float[]){ 1, 2, 3, 4 }, 4);
    return file;
}

static const struct {
    const char *name, *object;
    size_t size;
    tconv_status status;
    const char *part;
} hostile[] = {
    { "os.system", BYTES("cos\nsystem\n(" WORD("\x24", "touch /tmp/tconv-pickle-was-executed") "tR."), TCONV_EUNSUPPORTED, "'os.system'" },
    { "posix.system", BYTES("cposix\nsystem\n(" WORD("\x04", "true") "tR."), TCONV_EUNSUPPORTED, "'posix.system'" },
    { "builtins.eval", BYTES("cbuiltins\neval\n(" WORD("\x01", "1") "tR."), TCONV_EUNSUPPORTED, "'builtins.eval'" },
    { "builtins.exec by STACK_GLOBAL", BYTES("\x8c\x08" "builtins\x8c\x04" "exec\x93."), TCONV_EUNSUPPORTED, "'builtins.exec'" },
    { "builtins.getattr", BYTES("cbuiltins\ngetattr\n."), TCONV_EUNSUPPORTED, "'builtins.getattr'" },
    { "subprocess.Popen", BYTES("csubprocess\nPopen\n."), TCONV_EUNSUPPORTED, "'subprocess.Popen'" },
    { "a class of the network", BYTES("cnets\nGenerator\n)\x81."), TCONV_EUNSUPPORTED, "torch.save(model.state_dict(), ..)" },
    { "torch.load", BYTES("ctorch\nload\n."), TCONV_EUNSUPPORTED, "'torch.load'" },
    { "a global without a name", BYTES("ctorch\nSize"), TCONV_EFORMAT, "ends too early" },
    { "a global of 256 letters", BYTES("c" LETTERS_64 LETTERS_64 LETTERS_64 LETTERS_64 "\n"), TCONV_EFORMAT,
      "the name of a global is too long" },
    { "a global without end", BYTES("cos"), TCONV_EFORMAT, "ends too early" },
    { "INST", BYTES("(ios\nsystem\n."), TCONV_EUNSUPPORTED, "opcode 0x69" },
    { "OBJ", BYTES("(cos\nsystem\no."), TCONV_EUNSUPPORTED, "'os.system'" },
    { "EXT1", BYTES("\x82\x01."), TCONV_EUNSUPPORTED, "opcode 0x82" },
    { "PERSID", BYTES("Pmodule\n."), TCONV_EUNSUPPORTED, "opcode 0x50" },
    { "NEWOBJ_EX", BYTES("\x92."), TCONV_EUNSUPPORTED, "opcode 0x92" },
    { "unknown opcode", BYTES("\xff."), TCONV_EUNSUPPORTED, "opcode 0xff" },
    { "a module by persistent id", BYTES("(" WORD("\x06", "module") "NtQ."), TCONV_EUNSUPPORTED, "no storage of weights" },
    { "empty stack at the end", BYTES("."), TCONV_EFORMAT, "the stack is empty" },
    { "POP of nothing", BYTES("0."), TCONV_EFORMAT, "the stack is empty" },
    { "DUP of nothing", BYTES("2."), TCONV_EFORMAT, "the stack is empty" },
    { "tuple without mark", BYTES("t."), TCONV_EFORMAT, "there is no mark" },
    { "POP_MARK without mark", BYTES("1."), TCONV_EFORMAT, "there is no mark" },
    { "end within a mark", BYTES("(N."), TCONV_EFORMAT, "within a mark" },
    { "POP through a mark", BYTES("N(0."), TCONV_EFORMAT, "the stack is empty" },
    { "TUPLE3 of two", BYTES("NN\x87."), TCONV_EFORMAT, "the stack is empty" },
    { "REDUCE of a number", BYTES("K\x01)R."), TCONV_EFORMAT, "no function" },
    { "REDUCE with a number", BYTES("ccollections\nOrderedDict\nK\x01R."), TCONV_EFORMAT, "no function" },
    { "a parameter of nothing", BYTES("ctorch._utils\n_rebuild_parameter\n)R."), TCONV_EFORMAT,
      "a parameter is made of no tensor" },
    { "a parameter of a number", BYTES("ctorch._utils\n_rebuild_parameter\nK\x01\x85R."), TCONV_EFORMAT,
      "a parameter is made of no tensor" },
    { "a tensor from no function", BYTES("ctorch._tensor\n_rebuild_from_type_v2\n)R."), TCONV_EFORMAT,
      "a tensor is made of no function" },
    { "a tensor from a number", BYTES("ctorch._tensor\n_rebuild_from_type_v2\nK\x01\x85R."), TCONV_EFORMAT,
      "a tensor is made of no function" },
    { "a tensor from itself", BYTES("ctorch._tensor\n_rebuild_from_type_v2\n" "ctorch._tensor\n_rebuild_from_type_v2\n\x85R."),
      TCONV_EFORMAT, "a tensor is made of no function" },
    { "a tensor from a function without arguments",
      BYTES("ctorch._tensor\n_rebuild_from_type_v2\n" "ctorch._utils\n_rebuild_tensor\n\x85R."), TCONV_EFORMAT,
      "no function" },
    { "REDUCE alone", BYTES(")R."), TCONV_EFORMAT, "the stack is empty" },
    { "a storage type called", BYTES("ctorch\nFloatStorage\n)R."), TCONV_EFORMAT, "a type of storage" },
    { "APPEND to a number", BYTES("K\x01Na."), TCONV_EFORMAT, "holds none" },
    { "SETITEM on a list", BYTES("]NNs."), TCONV_EFORMAT, "holds none" },
    { "SETITEMS with an odd item", BYTES("}(Nu."), TCONV_EFORMAT, "holds none" },
    { "DICT with an odd item", BYTES("(Nd."), TCONV_EFORMAT, "a key has no value" },
    { "SETITEMS on nothing", BYTES("(NNu."), TCONV_EFORMAT, "added to nothing" },
    { "BUILD of a number", BYTES("K\x01}b."), TCONV_EFORMAT, "attributes" },
    { "memo never filled", BYTES("h\x05."), TCONV_EFORMAT, "the memo holds nothing" },
    { "memo far away", BYTES("Nr\xff\xff\xff\xff."), TCONV_EFORMAT, "out of order" },
    { "memo of nothing", BYTES("q\x01."), TCONV_EFORMAT, "out of order" },
    { "text longer than the file", BYTES("X\xff\xff\xff\x7f."), TCONV_EFORMAT, "longer than the file" },
    { "text of 2^63 bytes", BYTES("\x8d\xff\xff\xff\xff\xff\xff\xff\x7f."), TCONV_EFORMAT, "longer than the file" },
    { "bytes longer than the file", BYTES("\x8e\xff\xff\xff\xff\xff\xff\xff\xff."), TCONV_EFORMAT, "longer than the file" },
    { "number longer than the file", BYTES("\x8b\xff\xff\xff\x7f."), TCONV_EFORMAT, "longer than the file" },
    { "STACK_GLOBAL of numbers", BYTES("K\x01K\x02\x93."), TCONV_EFORMAT, "no text" },
    { "storage of a negative size", BYTES(DICT(W TENSOR(FLOATS("J\xff\xff\xff\xff"), "K\x00", "K\x01", "K\x01"))), TCONV_EUNSUPPORTED, "no storage" },
    { "BINPERSID of nothing", BYTES("Q."), TCONV_EFORMAT, "the stack is empty" },
    { "STACK_GLOBAL of nothing", BYTES("\x93."), TCONV_EFORMAT, "the stack is empty" },
    { "STACK_GLOBAL of one text", BYTES("U\x01" "a\x93."), TCONV_EFORMAT, "the stack is empty" },
    { "BUILD of nothing", BYTES("}b."), TCONV_EFORMAT, "attributes" },
    { "BUILD alone", BYTES("b."), TCONV_EFORMAT, "the stack is empty" },
    { "SETITEM on a pair alone", BYTES("NNs."), TCONV_EFORMAT, "the stack is empty" },
    { "view before its storage", BYTES(VIEW("K\x04", "J\xff\xff\xff\xff", "K\x01")), TCONV_EFORMAT,
      "a view of a storage is outside it" },
    { "view of no size", BYTES(VIEW("K\x04", "K\x00", "N")), TCONV_EFORMAT, "a view of a storage is outside it" },
    { "view behind its storage", BYTES(VIEW("K\x04", "K\x05", "K\x00")), TCONV_EFORMAT, "a view of a storage is outside it" },
    { "view that ends behind its storage", BYTES(VIEW("K\x04", "K\x03", "K\x02")), TCONV_EFORMAT,
      "a view of a storage is outside it" },
    { "view that is a number", BYTES("(" STORAGE_OF("ctorch\nFloatStorage\n", "0", "K\x04") "K\x01tQ."), TCONV_EFORMAT,
      "a view of a storage is outside it" },
    { "tensor beyond its view", BYTES(DICT(W TENSOR(VIEWED("K\x04", "K\x02", "K\x01"), "K\x00", "K\x02", "K\x01"))),
      TCONV_EFORMAT, "beyond its storage" },
    { "storage of no type", BYTES("(" WORD("\x07", "storage") "NU\x01" "0NK\x04tQ."), TCONV_EUNSUPPORTED, "no storage" },
    { "tensor of no storage", BYTES(DICT(W TENSOR("N", "K\x00", "K\x01", "K\x01"))), TCONV_EFORMAT, "a tensor is not made" },
    { "tensor with one stride for two extents", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x02K\x02", "K\x01"))), TCONV_EFORMAT, "a tensor is not made" },
    { "tensor with a negative stride", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x03", "K\x02", "J\xff\xff\xff\xff"))), TCONV_EFORMAT, "no whole number" },
    { "tensor beyond its storage", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x05", "K\x01"))), TCONV_EFORMAT, "beyond its storage" },
    { "tensor offset beyond its storage", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x04", "K\x01", "K\x01"))), TCONV_EFORMAT, "beyond its storage" },
    { "tensor stride beyond its storage", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x02", "K\x04"))), TCONV_EFORMAT, "beyond its storage" },
    { "tensor whose extents wrap", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x00", HUGE_COUNT HUGE_COUNT, "K\x00K\x00"))), TCONV_EFORMAT, "beyond its storage" },
    { "tensor whose strides wrap", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x03K\x03", HUGE_COUNT HUGE_COUNT))), TCONV_EFORMAT, "beyond its storage" },
    { "storage larger than the file's", BYTES(DICT(W TENSOR(FLOATS("K\x05"), "K\x00", "K\x05", "K\x01"))), TCONV_EFORMAT, "shorter than the pickle says" },
    { "storage that the file has not", BYTES("(" TENSOR(STORAGE("FloatStorage", "1", "K\x04"), "K\x00", "K\x01", "K\x01") FLOATS("K\x04") "l."), TCONV_EFORMAT, "no storage in the file" },
    { "name with a zero byte", BYTES(DICT("U\x03" "a\0b" TENSOR(FLOATS("K\x04"), "K\x00", "K\x01", "K\x01"))), TCONV_EFORMAT, "a zero byte" },
    { "the same name twice", BYTES(DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x01", "K\x01") W TENSOR(FLOATS("K\x04"), "K\x00", "K\x01", "K\x01"))), TCONV_EFORMAT, "there twice" },
    { "a dictionary within itself", BYTES("}q\x01" W "h\x01s" WORD("\x01", "v") FLOATS("K\x04") "s."), TCONV_EFORMAT, "within itself" },
};

static void hostile_pickles_end_with_a_sentence(void)
{
    (void)unlink(MARK);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct bytes file = stream_of(hostile[i].object, hostile[i].size);
        check_refused(hostile[i].name, &file, hostile[i].status, hostile[i].part);
        bytes_free(&file);
        struct zip_builder zip = { 0 };           /* the same pickle in a zip archive */
        zip_add(&zip, "a/data.pkl", hostile[i].object, hostile[i].size);
        zip_add(&zip, "a/data/0", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        zip_end(&zip);
        tconv_source *source;
        tconv_container *c;
        CHECK(tconv_source_open_memory(&source, zip.file.data, zip.file.size) == TCONV_OK);
        CHECK_MESSAGE(tconv_container_open_source(&c, source, NULL, NULL, NULL) != TCONV_OK, "%s in a zip archive", hostile[i].name);
        tconv_container_close(c);
        tconv_source_close(source);
        zip_free(&zip);
    }
    CHECK(access(MARK, F_OK) != 0);
}

/* Many references to few dictionaries: 2^k paths. */
static void shared_dictionaries_do_not_multiply(void)
{
    struct bytes object = { 0 };
    bytes_add(&object, BYTES(TENSOR(FLOATS("K\x04"), "K\x00", "K\x01", "K\x01") "q"));
    bytes_fill(&object, 0, 1);
    bytes_text(&object, "0");
    for (unsigned i = 0; i < 30; i++) {               /* d[i+1] = [d[i], d[i]] */
        bytes_text(&object, "(h");
        bytes_fill(&object, (unsigned char)i, 1);
        bytes_text(&object, "h");
        bytes_fill(&object, (unsigned char)i, 1);
        bytes_text(&object, "tq");
        bytes_fill(&object, (unsigned char)(i + 1), 1);
    }
    bytes_text(&object, ".");
    struct bytes file = stream_of((const char *)object.data, object.size);
    tconv_source *source;
    tconv_container *c;
    tconv_error error = { 0 };
    tconv_memory_set_budget(tconv_memory_in_use() + ((size_t)64 << 20));
    CHECK(tconv_source_open_memory(&source, file.data, file.size) == TCONV_OK);
    tconv_status status = tconv_container_open_source(&c, source, NULL, NULL, &error);
    CHECK_MESSAGE(status == TCONV_EFORMAT || status == TCONV_EBUDGET, "%s", error.message);
    tconv_container_close(c);
    tconv_source_close(source);
    tconv_memory_set_budget(0);
    bytes_free(&file);
    bytes_free(&object);
}

static void a_pickle_of_many_values_is_bounded(void)
{
    struct bytes object = { 0 };
    bytes_fill(&object, ']', 1100000);
    bytes_text(&object, ".");
    struct bytes file = stream_of((const char *)object.data, object.size);
    tconv_memory_set_budget(0);
    check_refused("a million lists", &file, TCONV_EFORMAT, "more than 1000000 values");
    bytes_free(&file);
    object.size = 0;
    bytes_text(&object, "N");
    bytes_fill(&object, '2', 1100000);
    bytes_text(&object, ".");
    file = stream_of((const char *)object.data, object.size);
    check_refused("a deep stack", &file, TCONV_EFORMAT, "too deep");
    bytes_free(&file);
    bytes_free(&object);
}

static void views_share_a_storage(void)
{
    static const char object[] = DICT(WORD("\x01", "a") TENSOR(FLOATS("K\x04"), "K\x00", "K\x02K\x02", "K\x02K\x01")
                                      WORD("\x01", "t") TENSOR(FLOATS("K\x04"), "K\x00", "K\x02K\x02", "K\x01K\x02")
                                      WORD("\x01", "s") TENSOR(FLOATS("K\x04"), "K\x01", "K\x02", "K\x02")
                                      WORD("\x01", "x") TENSOR(FLOATS("K\x04"), "K\x00", "K\x03", "K\x00")
                                      WORD("\x09", "optimizer") "}(" WORD("\x05", "state") TENSOR(FLOATS("K\x04"), "K\x00", "K\x04", "K\x01") "u");
    struct bytes file = stream_of(object, sizeof object - 1);
    tconv_source *source;
    tconv_container *c = check_opens("views", &file, &source);
    if (c != NULL) {
        check_tensor(c, "a", (size_t[]){ 2, 2 }, 2, (double[]){ 1, 2, 3, 4 }, 4);
        check_tensor(c, "t", (size_t[]){ 2, 2 }, 2, (double[]){ 1, 3, 2, 4 }, 4);
        check_tensor(c, "s", (size_t[]){ 2 }, 1, (double[]){ 2, 4 }, 2);
        check_tensor(c, "optimizer.state", (size_t[]){ 4 }, 1, (double[]){ 1, 2, 3, 4 }, 4);
        size_t x = tconv_container_find(c, "x"), state = tconv_container_find(c, "optimizer.state");
        CHECK(x != SIZE_MAX && tconv_container_tensor(c, x)->obstacle != NULL);
        CHECK(state != SIZE_MAX && tconv_container_tensor(c, state)->optimizer && !tconv_container_tensor(c, 0)->optimizer);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    check_truncations("torch stream", &file, true);
    check_mutations(&file, test_rounds(20000));
    bytes_free(&file);
}

/* What PyTorch before 0.4 wrote: types of the graphics processor, and views of a part of a storage. And what training scripts
 * keep beside the weights: a device, keys that are no names, texts that are longer than the reader's window. */
static void old_storages_and_other_values_are_read(void)
{
    struct bytes object = { 0 };
    bytes_add(&object, BYTES("}(" WORD("\x01", "c") TENSOR("(" STORAGE_OF("ctorch.cuda\nFloatStorage\n", "0", "K\x04") "NtQ",
                                                           "K\x01", "K\x03", "K\x01")
                             WORD("\x01", "v") TENSOR(VIEWED("K\x04", "K\x01", "K\x03"), "K\x01", "K\x02", "K\x01")
                             WORD("\x01", "d") "ctorch\ndevice\n" WORD("\x03", "cpu") "\x85R"
                             WORD("\x01", "o") "ctorch\ndevice\n)RNa"
                             "NN" "\x88" TENSOR(FLOATS("K\x04"), "K\x00", "K\x01", "K\x01")
                             "K\x07" TENSOR(FLOATS("K\x04"), "K\x03", "K\x01", "K\x01") WORD("\x04", "text") "X"));
    bytes_little(&object, 5000, 4);
    bytes_fill(&object, 'a', 5000);
    bytes_text(&object, "u.");
    struct bytes file = stream_of((const char *)object.data, object.size);
    tconv_source *source;
    tconv_container *c = check_opens("old storages", &file, &source);
    if (c != NULL) {
        CHECK(tconv_container_tensors(c) == 3);
        check_tensor(c, "c", (size_t[]){ 3 }, 1, (double[]){ 2, 3, 4 }, 3);
        check_tensor(c, "v", (size_t[]){ 2 }, 1, (double[]){ 3, 4 }, 2);
        check_tensor(c, "7", (size_t[]){ 1 }, 1, (double[]){ 4 }, 1);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
    bytes_free(&object);
}

/* What the third pickle says of the machine changes nothing: PyTorch writes streams little-endian on every one. */
static void streams_of_big_endian_machines_are_little_endian(void)
{
    static const char machine[] = "\x80\x02}.", other[] = "\x80\x02}U\x0d" "little_endian\x89s.";
    struct bytes like = stream_of(BYTES("\x80\x02" DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x04", "K\x01")))), file = { 0 };
    size_t before = 15 + 6;                              /* the magic number and the version */
    CHECK(memcmp(like.data + before, machine, 4) == 0);
    bytes_add(&file, like.data, before);
    bytes_add(&file, other, sizeof other - 1);
    bytes_add(&file, like.data + before + 4, like.size - before - 4);
    tconv_source *source;
    tconv_container *c = check_opens("big-endian machine", &file, &source);
    if (c != NULL)
        check_tensor(c, "w", (size_t[]){ 4 }, 1, (double[]){ 1, 2, 3, 4 }, 4);
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&like);
    bytes_free(&file);
}

/* Complex elements are listed, never loaded; the storages behind them are found. */
static void complex_tensors_are_obstacles(void)
{
    static const char *const kinds[] = { "ComplexFloatStorage", "ComplexDoubleStorage" };
    for (size_t k = 0; k < 2; k++) {
        struct bytes made = { 0 };
        bytes_text(&made, "}(");
        bytes_add(&made, BYTES(WORD("\x01", "z") "ctorch._utils\n_rebuild_tensor_v2\n((" WORD("\x07", "storage") "ctorch\n"));
        bytes_text(&made, kinds[k]);
        bytes_add(&made, BYTES("\n" WORD("\x01", "0") WORD("\x03", "cpu") "K\x02tQK\x00"
                               "K\x02\x85K\x01\x85\x89" "ccollections\nOrderedDict\n)RtR"
                               WORD("\x01", "w") TENSOR(STORAGE("FloatStorage", "1", "K\x01"), "K\x00", "K\x01", "K\x01") "u."));
        struct bytes file = stream_before((const char *)made.data, made.size,
                                          BYTES("\x80\x02](" WORD("\x01", "0") WORD("\x01", "1") "e."));
        bytes_little(&file, 2, 8);
        bytes_fill(&file, 0, k == 0 ? 16 : 32);
        bytes_little(&file, 1, 8);
        bytes_f32(&file, (const float[]){ 6.5f }, 1);
        tconv_source *source;
        tconv_container *c = check_opens(kinds[k], &file, &source);
        if (c != NULL) {
            size_t z = tconv_container_find(c, "z");
            CHECK(z != SIZE_MAX);
            CHECK_TEXT(tconv_container_tensor(c, z)->obstacle, "its element type is not supported");
            CHECK_TEXT(tconv_container_tensor(c, z)->type, k == 0 ? "c64" : "c128");
            check_tensor(c, "w", (size_t[]){ 1 }, 1, (double[]){ 6.5 }, 1);
        }
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
        bytes_free(&made);
    }
}

/* The fifth pickle of the older stream, and what follows it. */
static void lists_of_storages_are_checked(void)
{
    static const char object[] = "\x80\x02" DICT(W TENSOR(FLOATS("K\x04"), "K\x00", "K\x02", "K\x01"));
    static const struct { const char *name, *list; size_t size; const char *part; } cases[] = {
        { "no list", BYTES("\x80\x02}."), "the list of storages is no list" },
        { "a key that is a number", BYTES("\x80\x02]K\x00" "a."), "storage 0 of the list is used by no tensor" },
        { "a key of nothing", BYTES("\x80\x02]" WORD("\x01", "9") "a."), "storage 0 of the list is used by no tensor" },
        { "a key twice", BYTES("\x80\x02](" WORD("\x01", "0") WORD("\x01", "0") "e."), "the storage '0' is there twice" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes file = stream_before(object, sizeof object - 1, cases[i].list, cases[i].size);
        for (size_t n = 0; n < 2; n++) {
            bytes_little(&file, 4, 8);
            bytes_f32(&file, (const float[]){ 1, 2, 3, 4 }, 4);
        }
        check_refused(cases[i].name, &file, TCONV_EFORMAT, cases[i].part);
        bytes_free(&file);
    }
    struct bytes file = stream_before(object, sizeof object - 1, BYTES(ONE_KEY));
    bytes_little(&file, UINT64_MAX / 4, 8);
    check_refused("a storage whose bytes wrap", &file, TCONV_EFORMAT, "the storage '0' is longer than the file");
    bytes_free(&file);
}

/* Names that are longer than any path, and dictionaries of more entries than are looked at. */
static void long_names_and_many_entries_are_refused(void)
{
    struct bytes object = { 0 };
    bytes_text(&object, "}X");
    bytes_little(&object, 1024, 4);
    bytes_fill(&object, 'n', 1024);
    bytes_add(&object, BYTES(TENSOR(FLOATS("K\x04"), "K\x00", "K\x01", "K\x01") "s."));
    struct bytes file = stream_of((const char *)object.data, object.size);
    check_refused("a name of 1024 bytes", &file, TCONV_EFORMAT, "is longer than 1023 bytes");
    bytes_free(&file);
    object.size = 0;
    bytes_add(&object, BYTES("(" FLOATS("K\x04")));    /* 2100 times a list of 1000 times None */
    bytes_text(&object, "(");
    bytes_fill(&object, 'N', 1000);
    bytes_text(&object, "lq");
    bytes_fill(&object, 0, 1);
    for (size_t i = 0; i < 2100; i++) {
        bytes_text(&object, "h");
        bytes_fill(&object, 0, 1);
    }
    bytes_text(&object, "l.");
    file = stream_of((const char *)object.data, object.size);
    check_refused("two million entries", &file, TCONV_EFORMAT, "more than 2000000 entries");
    bytes_free(&file);
    bytes_free(&object);
}

static void storages_of_a_zip_archive_are_checked(void)
{
    static const char object[] = "\x80\x02" DICT(W TENSOR(FLOATS("K\x04"), "K\x01", "K\x02", "K\x01"));
    static const unsigned char big[] = { 0x3f, 0x80, 0, 0, 0x40, 0, 0, 0, 0x40, 0x40, 0, 0, 0x40, 0x80, 0, 0 };
    struct zip_builder zip = { 0 };
    zip_add(&zip, "archive/data.pkl", object, sizeof object - 1);
    zip_add(&zip, "archive/byteorder", "big", 3);
    zip_add_deflated(&zip, "archive/data/0", big, sizeof big);
    zip_add(&zip, "../../evil/data/1", "", 0);
    zip_end(&zip);
    tconv_source *source;
    tconv_container *c = check_opens("big-endian zip", &zip.file, &source);
    if (c != NULL)
        check_tensor(c, "w", (size_t[]){ 2 }, 1, (double[]){ 2, 3 }, 2);
    tconv_container_close(c);
    tconv_source_close(source);
    check_truncations("torch zip", &zip.file, true);
    check_mutations(&zip.file, test_rounds(5000));
    zip_free(&zip);
    zip_add(&zip, "a/data.pkl", object, sizeof object - 1);
    zip_add(&zip, "a/data/0", big, 8);
    zip_end(&zip);
    check_refused("short storage", &zip.file, TCONV_EFORMAT, "shorter than the pickle says");
    zip_free(&zip);
    zip_add(&zip, "a/data.pkl", object, sizeof object - 1);
    zip_end(&zip);
    check_refused("missing storage", &zip.file, TCONV_EFORMAT, "no storage in the file");
    zip_free(&zip);
    zip_add_as(&zip, "a/data.pkl", object, sizeof object - 1, sizeof object - 1, true);
    zip_add(&zip, "a/data/0", big, 16);
    zip_end(&zip);
    check_refused("damaged pickle", &zip.file, TCONV_EFORMAT, "damaged");
    zip_free(&zip);
    zip_add(&zip, "a/data.pkl", object, sizeof object - 1);
    zip_add(&zip, "a/byteorder", "little and a long story", 23);
    zip_add(&zip, "a/data/0", big, 16);
    zip_end(&zip);
    check_refused("long byte order", &zip.file, TCONV_EBUDGET, "'a/byteorder' of the zip archive has 23 bytes; 16 are allowed");
    zip_free(&zip);
    zip_add(&zip, "a/data.pkl", object, sizeof object - 1);
    zip_add(&zip, "a/data/0", big, 16);
    zip_add(&zip, "a/data/0", big, 16);
    zip_end(&zip);
    check_refused("a storage twice", &zip.file, TCONV_EFORMAT, "the zip archive is refused: File already exists");
    zip_free(&zip);
    zip_add(&zip, "a/data.pkl", object, sizeof object - 1);
    zip_add(&zip, "", big, 16);
    zip_add(&zip, "a/data/0", big, 16);
    zip_end(&zip);
    c = check_opens("a member without a name", &zip.file, &source);
    tconv_container_close(c);
    tconv_source_close(source);
    zip_free(&zip);
    zip_add(&zip, "", big, 16);
    zip_add(&zip, "a/data.pkl", object, sizeof object - 1);
    zip_add(&zip, "", big, 16);
    zip_end(&zip);
    check_refused("two members without a name", &zip.file, TCONV_EFORMAT, "the zip archive is refused: File already exists");
    zip_free(&zip);
}

const struct test_suite suite = { "torch", {
    { "hostile pickles end with a sentence and execute nothing", hostile_pickles_end_with_a_sentence },
    { "dictionaries that are shared many times do not multiply", shared_dictionaries_do_not_multiply },
    { "a pickle of many values is bounded", a_pickle_of_many_values_is_bounded },
    { "views share a storage; cut and changed streams do no harm", views_share_a_storage },
    { "old storages and other values are read", old_storages_and_other_values_are_read },
    { "streams of big-endian machines are little-endian", streams_of_big_endian_machines_are_little_endian },
    { "complex tensors are obstacles", complex_tensors_are_obstacles },
    { "lists of storages are checked", lists_of_storages_are_checked },
    { "long names and many entries are refused", long_names_and_many_entries_are_refused },
    { "storages of a zip archive are checked", storages_of_a_zip_archive_are_checked },
    { NULL, NULL } } };
