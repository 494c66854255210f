/* ONNX: attributes into geometry, typed and raw data, chains of constants, hostile messages, external data. */
#include "io/proto.h"
#include "testing_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- small models ---- */

struct model {
    struct bytes graph, node;
};

static void begin_node(struct model *m, const char *op, const char *x, const char *w, const char *y)
{
    proto_text(&m->node, 1, x);
    if (w != NULL)
        proto_text(&m->node, 1, w);
    proto_text(&m->node, 2, y);
    proto_text(&m->node, 3, op);
    proto_text(&m->node, 4, op);
}

static void ints(struct model *m, const char *name, size_t count, const int64_t *values)
{
    struct bytes a = { 0 };
    proto_text(&a, 1, name);
    for (size_t i = 0; i < count; i++)
        proto_number(&a, 8, (uint64_t)values[i]);
    proto_number(&a, 20, 7);
    proto_message(&m->node, 5, &a);
}

static void number(struct model *m, const char *name, int64_t value)
{
    struct bytes a = { 0 };
    proto_text(&a, 1, name);
    proto_number(&a, 3, (uint64_t)value);
    proto_message(&m->node, 5, &a);
}

static void word(struct model *m, const char *name, const char *value)
{
    struct bytes a = { 0 };
    proto_text(&a, 1, name);
    proto_text(&a, 4, value);
    proto_message(&m->node, 5, &a);
}

static void end_node(struct model *m)
{
    proto_message(&m->graph, 1, &m->node);
}

static void weight(struct model *m, const char *name, size_t rank, const int64_t *shape, const float *values, size_t count)
{
    struct bytes t = { 0 }, raw = { 0 };
    for (size_t i = 0; i < rank; i++)
        proto_number(&t, 1, (uint64_t)shape[i]);
    proto_number(&t, 2, 1);
    proto_text(&t, 8, name);
    bytes_f32(&raw, values, count);
    proto_message(&t, 9, &raw);
    proto_message(&m->graph, 5, &t);
}

static void image(struct model *m, const char *name, size_t rank, const int64_t *shape)
{
    struct bytes value = { 0 }, type = { 0 }, tensor = { 0 }, dims = { 0 };
    for (size_t i = 0; i < rank; i++) {
        struct bytes dim = { 0 };
        if (shape[i] > 0)
            proto_number(&dim, 1, (uint64_t)shape[i]);
        proto_message(&dims, 1, &dim);
    }
    proto_text(&value, 1, name);
    proto_number(&tensor, 1, 1);
    proto_message(&tensor, 2, &dims);
    proto_message(&type, 1, &tensor);
    proto_message(&value, 2, &type);
    proto_message(&m->graph, 11, &value);
}

static struct bytes finished(struct model *m, uint64_t opset)
{
    struct bytes file = { 0 }, import = { 0 };
    proto_number(&file, 1, 8);
    proto_message(&file, 7, &m->graph);
    proto_number(&import, 2, opset);
    proto_message(&file, 8, &import);
    return file;
}

#define LIST(...) (sizeof (const int64_t[]){ __VA_ARGS__ } / sizeof(int64_t)), (const int64_t[]){ __VA_ARGS__ }

/* ---- geometry ---- */

/* One axis: strides 2, k = 3, and an input of 5 samples; the crop that the dialects give (ONNX operator ConvTranspose). */
static void padding_dialects_are_applied(void)
{
    static const struct { const char *name, *auto_pad; int64_t output_shape, begin, end, o; bool refused; } cases[] = {
        { "explicit", NULL, 0, 0, 0, 0, false },            { "SAME_UPPER", "SAME_UPPER", 0, 0, 1, 0, false },
        { "SAME_LOWER", "SAME_LOWER", 0, 1, 0, 0, false },  { "VALID", "VALID", 0, 0, 0, 0, false },
        { "output_shape 10", NULL, 10, 1, 0, 0, false },    { "output_shape 12", NULL, 12, 0, 0, 1, false },
        { "output_shape 14", NULL, 14, 0, 0, 0, true } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct model m = { { 0 }, { 0 } };
        begin_node(&m, "ConvTranspose", "x", "w", "y");
        ints(&m, "strides", LIST(2));
        if (cases[i].auto_pad != NULL)
            word(&m, "auto_pad", cases[i].auto_pad);
        if (cases[i].output_shape != 0)
            ints(&m, "output_shape", LIST(cases[i].output_shape));
        end_node(&m);
        weight(&m, "w", LIST(1, 1, 3), (const float[]){ 1, 2, 3 }, 3);
        image(&m, "x", LIST(1, 1, 5));
        struct bytes file = finished(&m, 11);
        tconv_source *source;
        tconv_container *c = check_opens(cases[i].name, &file, &source);
        const tconv_layer_info *layer = c != NULL ? tconv_container_layer(c, 0) : NULL;
        CHECK(layer != NULL);
        if (layer != NULL) {
            const tconv_axis *axis = &layer->geometry.axis[0];
            CHECK_MESSAGE((layer->obstacle != NULL) == cases[i].refused, "%s: %s", cases[i].name, layer->obstacle);
            if (!cases[i].refused)
                CHECK_MESSAGE(axis->pad_begin == cases[i].begin && axis->pad_end == cases[i].end
                              && axis->output_padding == (size_t)cases[i].o && layer->input_size[0] == 5, "%s: %lld %lld %zu",
                              cases[i].name, (long long)axis->pad_begin, (long long)axis->pad_end, axis->output_padding);
        }
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

/* The kernel of a strided convolution's input gradient is its weight as it lies there. */
static void a_strided_convolution_gives_its_gradient(void)
{
    struct model m = { { 0 }, { 0 } };
    float values[2 * 1 * 3];
    for (size_t i = 0; i < 6; i++)
        values[i] = (float)i;
    begin_node(&m, "Conv", "x", "w", "y");
    ints(&m, "strides", LIST(2));
    ints(&m, "pads", LIST(1, 0));
    number(&m, "group", 2);
    end_node(&m);
    weight(&m, "w", LIST(2, 1, 3), values, 6);
    struct bytes file = finished(&m, 11);
    tconv_source *source;
    tconv_container *c = check_opens("gradient", &file, &source);
    tconv_kernel *kernel;
    tconv_error error = { 0 };
    CHECK(c != NULL && tconv_container_layers(c) == 1);
    if (c != NULL && tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_OK) {
        CHECK(kernel->role == TCONV_ROLE_GRADIENT && kernel->geometry.channels_in == 2 && kernel->geometry.channels_out == 2
              && kernel->geometry.groups == 2 && kernel->geometry.axis[0].pad_begin == 1 && kernel->geometry.axis[0].pad_end == 0
              && kernel->bias == NULL);
        CHECK(tconv_kernel_pair(kernel, 1, 1)[2] == 5.0 && tconv_kernel_pair(kernel, 0, 1) == NULL);
        tconv_kernel_destroy(kernel);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

/* Layers that are listed with the reason why they cannot be had. */
static void obstacles_are_told(void)
{
    static const struct { const char *name, *attribute; int64_t values[4]; size_t count; const char *part; } cases[] = {
        { "two strides for one axis", "strides", { 2, 2 }, 2, "one value per axis" },
        { "stride 0", "strides", { 0 }, 1, "not possible" },
        { "stride beyond the limit", "strides", { 70000 }, 1, "the stride is 70000" },
        { "negative dilation", "dilations", { -1 }, 1, "not possible" },
        { "kernel_shape is another", "kernel_shape", { 4 }, 1, "not possible" },
        { "one pad", "pads", { 1 }, 1, "one value per axis" },
        { "pads beyond the limit", "pads", { INT64_MIN, 0 }, 2, "the padding at the beginning" },
        { "output padding of the stride", "output_padding", { 1 }, 1, "the output padding is 1" },
        { "output_shape without a size", "output_shape", { 9 }, 1, "size of the input" },
        { "output_shape of 4 axes", "output_shape", { 1, 1, 9, 9 }, 4, "one value per axis" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct model m = { { 0 }, { 0 } };
        begin_node(&m, "ConvTranspose", "x", "w", "y");
        ints(&m, cases[i].attribute, cases[i].count, cases[i].values);
        end_node(&m);
        weight(&m, "w", LIST(1, 1, 3), (const float[]){ 1, 2, 3 }, 3);
        struct bytes file = finished(&m, 11);
        tconv_source *source;
        tconv_container *c = check_opens(cases[i].name, &file, &source);
        const tconv_layer_info *layer = c != NULL ? tconv_container_layer(c, 0) : NULL;
        CHECK_MESSAGE(layer != NULL && layer->obstacle != NULL && strstr(layer->obstacle, cases[i].part) != NULL, "%s: '%s'",
                      cases[i].name, layer != NULL && layer->obstacle != NULL ? layer->obstacle : "(none)");
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

/* ---- hostile messages ---- */

static struct bytes tensor_model(const struct bytes *tensor)
{
    struct bytes file = { 0 }, graph = { 0 }, copy = { 0 };
    bytes_add(&copy, tensor->data, tensor->size);
    proto_message(&graph, 5, &copy);
    proto_number(&file, 1, 8);
    proto_message(&file, 7, &graph);
    return file;
}

/* Tensors: rank and extents, type, field that holds the values, its bytes. */
static void hostile_tensors_are_refused(void)
{
    static const struct { const char *name; uint64_t dims[4]; size_t rank; uint64_t type; unsigned field; size_t bytes; const char *part; } cases[] = {
        { "raw too short", { 2 }, 1, 1, 9, 7, "raw_data has 7" },
        { "raw too long", { 2 }, 1, 1, 9, 9, "raw_data has 9" },
        { "raw missing", { 2 }, 1, 1, 0, 0, "has no values of its type f32" },
        { "negative extent", { UINT64_MAX }, 1, 1, 9, 4, "negative extent" },
        { "product wraps to 0", { 1ull << 32, 1ull << 32 }, 2, 1, 9, 0, "than can be counted" },
        { "product wraps to 4", { (1ull << 62) + 1, 4 }, 2, 1, 9, 16, "than can be counted" },
        { "bytes wrap", { 1ull << 61 }, 1, 1, 9, 0, "than can be counted" },
        { "a huge tensor without values", { 1ull << 40 }, 1, 1, 9, 4, "raw_data has 4" },
        { "floats for a tensor of int64", { 1 }, 1, 7, 4, 4, "has no values of its type i64" },
        { "int64 for a tensor of floats", { 1 }, 1, 1, 7, 8, "has no values of its type f32" },
        { "fewer values than elements", { 100 }, 1, 7, 7, 5, "its shape asks for 100 values" },
        { "fewer halves than elements", { 100 }, 1, 10, 5, 5, "its shape asks for 100 values" },
        { "raw scalar of nothing", { 0 }, 0, 11, 9, 0, "raw_data has 0" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes tensor = { 0 }, data = { 0 };
        for (size_t a = 0; a < cases[i].rank; a++)
            proto_number(&tensor, 1, cases[i].dims[a]);
        proto_number(&tensor, 2, cases[i].type);
        proto_text(&tensor, 8, "w");
        bytes_fill(&data, 1, cases[i].bytes);
        if (cases[i].field != 0)
            proto_message(&tensor, cases[i].field, &data);
        bytes_free(&data);
        struct bytes file = tensor_model(&tensor);
        check_refused(cases[i].name, &file, TCONV_EFORMAT, cases[i].part);
        bytes_free(&file);
        bytes_free(&tensor);
    }
}

static void check_longs(const char *name, const struct bytes *file, const double *want, tconv_status status)
{
    tconv_source *source;
    tconv_container *c;
    tconv_error error = { 0 };
    double values[3] = { 0 };
    CHECK(tconv_source_open_memory(&source, file->data, file->size) == TCONV_OK);
    CHECK_MESSAGE(tconv_container_open_source(&c, source, NULL, NULL, &error) == TCONV_OK, "%s: %s", name, error.message);
    size_t at = c != NULL ? tconv_container_find(c, "w") : SIZE_MAX;
    CHECK_MESSAGE(at != SIZE_MAX && tconv_onnx_load_integers(c, at, values, &error) == status, "%s: %s", name, error.message);
    for (size_t i = 0; status == TCONV_OK && i < 3; i++)
        CHECK_CLOSE(name, i, values[i], want[i], 0.0);
    tconv_container_close(c);
    tconv_source_close(source);
}

/* Raw, one by one, packed in two runs of which one is empty, in segments, behind a Cast. No double equals the last two. */
static void whole_numbers_of_64_bits_are_rounded(void)
{
    static const int64_t numbers[] = { 7, INT64_MIN + 1, INT64_MAX };
    const double want[] = { 7, -0x1p63, 0x1p63 };
    for (size_t way = 0; way < 4; way++) {
        struct bytes tensor = { 0 }, data = { 0 };
        proto_number(&tensor, 1, 3);
        proto_number(&tensor, 2, 7);
        proto_text(&tensor, 8, "w");
        for (size_t i = 0; i < 3; i++) {
            if (way == 0 || way == 3)
                bytes_little(&data, (uint64_t)numbers[i], 8);
            else if (way == 1)
                proto_number(&tensor, 7, (uint64_t)numbers[i]);
            else
                proto_varint(&data, (uint64_t)numbers[i]);
        }
        if (way == 2)
            proto_bytes(&tensor, 7, "", 0);
        if (way != 1)
            proto_bytes(&tensor, way == 0 || way == 3 ? 9 : 7, data.data, data.size);
        if (way == 3)
            proto_number(&tensor, 3, 1);
        struct bytes file = tensor_model(&tensor);
        char name[16];
        (void)snprintf(name, sizeof name, "way %zu", way);
        check_longs(name, &file, want, way == 3 ? TCONV_EUNSUPPORTED : TCONV_OK);
        bytes_free(&file);
        bytes_free(&data);
        bytes_free(&tensor);
    }
    struct model m = { { 0 }, { 0 } };                    /* "w" is derived: the sizes of a Resize behind a Cast */
    struct bytes t = { 0 }, raw = { 0 };
    proto_number(&t, 1, 3);
    proto_number(&t, 2, 7);
    proto_text(&t, 8, "sizes");
    for (size_t i = 0; i < 3; i++)
        bytes_little(&raw, 5 + i, 8);
    proto_message(&t, 9, &raw);
    proto_message(&m.graph, 5, &t);
    weight(&m, "v", LIST(1, 1, 1), (const float[]){ 1 }, 1);
    begin_node(&m, "Cast", "sizes", NULL, "w");
    number(&m, "to", 11);
    end_node(&m);
    proto_text(&m.node, 1, "x");
    proto_text(&m.node, 1, "");
    proto_text(&m.node, 1, "");
    begin_node(&m, "Resize", "w", NULL, "u");
    end_node(&m);
    begin_node(&m, "Conv", "u", "v", "y");
    end_node(&m);
    struct bytes file = finished(&m, 13);
    check_longs("derived", &file, (const double[]){ 5, 6, 7 }, TCONV_OK);
    bytes_free(&file);
}

/* Values of a type in a field of another wire type are seen when they are loaded. */
static void wrong_wire_types_are_refused_when_they_are_loaded(void)
{
    static const struct {
        const char *name; uint64_t type; unsigned field; const char *bytes; size_t size; const char *part;
    } cases[] = {
        { "a float as a number", 1, 4, "\x20\x01", 2, "wrong wire type" },
        { "a double as a float", 11, 10, "\x55\0\0\0\0", 5, "wrong wire type" },
        { "an int64 as a fixed number", 7, 7, "\x39\0\0\0\0\0\0\0\0", 9, "wrong wire type" },
        { "floats that end within one", 1, 4, "\x22\x05\0\0\0\0\0", 7, "end within one" },
        { "more floats than elements", 1, 4, "\x22\x08\0\0\0\0\0\0\0\0", 10, "more values than its shape asks for" },
        { "more numbers than elements", 7, 7, "\x38\x01\x38\x02", 4, "more values than its shape asks for" },
        { "a cut number", 7, 7, "\x3a\x01\x80", 3, "within a field" },
        { "fewer floats than elements", 1, 4, "\x22\x03\0\0\0", 5, "end within one" },
        { "no floats at all", 1, 4, "\x22\x00\x22\x00\x20\x01", 6, "wrong wire type" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes tensor = { 0 };
        proto_number(&tensor, 1, 1);
        proto_number(&tensor, 2, cases[i].type);
        proto_text(&tensor, 8, "w");
        bytes_add(&tensor, cases[i].bytes, cases[i].size);
        struct bytes file = tensor_model(&tensor);
        tconv_source *source;
        tconv_tensor *made = NULL;
        tconv_error error = { 0 };
        tconv_container *c = check_opens(cases[i].name, &file, &source);
        CHECK(c != NULL && tconv_container_load_tensor(c, 0, &made, &error) == TCONV_EFORMAT && made == NULL);
        CHECK_MESSAGE(strstr(error.message, cases[i].part) != NULL, "%s: %s", cases[i].name, error.message);
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
        bytes_free(&tensor);
    }
}

/* Raw bytes behind a good beginning. */
static void hostile_messages_are_refused(void)
{
    static const struct { const char *name, *bytes; size_t size; const char *part; } cases[] = {
        { "varint of 11 bytes", "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, "more than 10 bytes" },
        { "length beyond the file", "\x3a\x10", 2, "claims 16 bytes" },
        { "length of 2^63", "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10, "claims 9223372036854775807" },
        { "field number 0", "\x02\x00", 2, "no valid number" },
        { "field number beyond 2^29", "\x80\x80\x80\x80\x10\x00", 6, "no valid number" },
        { "a group", "\x3b", 1, "wire type 3" },
        { "the end of a group", "\x3c", 1, "wire type 4" },
        { "wire type 6", "\x3e", 1, "wire type 6" },
        { "wire type 7", "\x3f", 1, "wire type 7" },
        { "cut varint", "\x08\x80", 2, "within a field" },
        { "cut fixed64", "\x09\x00\x00", 3, "within a field" },
        { "cut fixed32", "\x0d\x00\x00", 3, "within a field" },
        { "graph is a number", "\x38\x01", 2, "is a number where" },
        { "node is a number", "\x3a\x02\x08\x01", 4, "is a number where" },
        { "initializer is a number", "\x3a\x02\x28\x01", 4, "is a number where" },
        { "name is a number", "\x3a\x04\x0a\x02\x18\x01", 6, "is no text" },
        { "raw data are a number", "\x3a\x04\x2a\x02\x48\x01", 6, "are no bytes" },
        { "node beyond its graph", "\x3a\x02\x0a\x05", 4, "claims 5 bytes" },
        { "two graphs", "\x3a\x00\x3a\x00", 4, "more than one graph" },
        { "no graph", "\x42\x00", 2, "no ONNX graph" },
        { "float attribute is a number", "\x3a\x06\x0a\x04\x2a\x02\x10\x01", 8, "is no float" },
        { "ints of floats", "\x3a\x09\x0a\x07\x2a\x05\x45\x00\x00\x00\x00", 11, "wrong wire type" },
        { "packed int cut", "\x3a\x07\x0a\x05\x2a\x03\x42\x01\x80", 9, "within a field" },
        { "packed floats cut", "\x3a\x07\x0a\x05\x2a\x03\x3a\x01\x80", 9, "within a field" },
        { "an initializer twice", "\x3a\x16\x2a\x09\x08\x00\x42\x01w\x10\x01\x4a\x00" "\x2a\x09\x08\x00\x42\x01w\x10\x01\x4a\x00", 24, "there twice" },
        { "a value made twice", "\x3a\x0a\x0a\x03\x12\x01y\x0a\x03\x12\x01y", 12, "is made twice" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes file = { 0 };
        bytes_add(&file, "\x08\x08\x12\x00", 4);
        bytes_add(&file, cases[i].bytes, cases[i].size);
        check_refused(cases[i].name, &file, TCONV_EFORMAT, cases[i].part);
        bytes_free(&file);
    }
}

/* The hundredth message within one another is the last that is entered; the limit on their number is exact too. */
static void the_limits_on_messages_are_exact(void)
{
    tconv_proto proto = { 0 };
    tconv_error error = { .message = "" };
    tconv_field field = { .wire = TCONV_WIRE_BYTES, .bytes = { 0, 8, TCONV_PROTO_DEPTH } };
    CHECK(tconv_proto_enter(&proto, &field, &error) == TCONV_OK && proto.messages == 1);
    field.bytes.depth = TCONV_PROTO_DEPTH + 1;
    CHECK(tconv_proto_enter(&proto, &field, &error) == TCONV_EFORMAT && strstr(error.message, "nested deeper than 100") != NULL);
    field.bytes.depth = 1;
    proto.messages = TCONV_PROTO_MESSAGES - 1;
    CHECK(tconv_proto_enter(&proto, &field, &error) == TCONV_OK);
    CHECK(tconv_proto_enter(&proto, &field, &error) == TCONV_EFORMAT && strstr(error.message, "protobuf messages") != NULL);
}

static void deep_and_bloated_messages_are_refused(void)
{
    struct bytes inner = { 0 };
    for (unsigned i = 0; i < 3000; i++) {                /* graph, node, attribute, graph .. */
        struct bytes attribute = { 0 }, node = { 0 }, graph = { 0 };
        proto_message(&attribute, 6, &inner);
        proto_message(&node, 5, &attribute);
        proto_message(&graph, 1, &node);
        inner = graph;
    }
    struct bytes file = { 0 };
    proto_number(&file, 1, 8);
    proto_message(&file, 7, &inner);
    check_refused("nested messages", &file, TCONV_EFORMAT, "nested deeper than 100");
    bytes_free(&file);
    struct bytes graph = { 0 };
    for (unsigned i = 0; i < 1100000; i++)
        bytes_add(&graph, "\x6a", 2);                    /* value_info of 0 bytes */
    proto_number(&file, 1, 8);
    proto_message(&file, 7, &graph);
    check_refused("a million messages", &file, TCONV_EFORMAT, "more than 1000000 protobuf messages");
    bytes_free(&file);
    for (unsigned i = 0; i < 900000; i++)
        bytes_add(&graph, "\x0a", 2);                    /* nodes of 0 bytes: 1.8 MB of file */
    proto_number(&file, 1, 8);
    proto_message(&file, 7, &graph);
    check_refused("empty nodes", &file, TCONV_EBUDGET, "budget");
    bytes_free(&file);
}

/* Chains of constants that end in themselves, or are longer than any exporter makes. */
static void cyclic_chains_end(void)
{
    struct model m = { { 0 }, { 0 } };
    begin_node(&m, "Identity", "a", NULL, "b");
    end_node(&m);
    begin_node(&m, "Identity", "b", NULL, "a");
    end_node(&m);
    begin_node(&m, "Transpose", "t", NULL, "t");
    end_node(&m);
    for (unsigned i = 0; i < 64; i++) {                   /* each of three inputs is the next node: 3^16 paths */
        char name[2][16];
        (void)snprintf(name[0], sizeof name[0], "d%u", i);
        (void)snprintf(name[1], sizeof name[1], "d%u", (i + 1) % 64);
        proto_text(&m.node, 1, name[1]);
        begin_node(&m, "DequantizeLinear", name[1], name[1], name[0]);
        end_node(&m);
        begin_node(&m, "DepthToSpace", name[0], NULL, "");
        end_node(&m);
    }
    begin_node(&m, "Resize", "x", "d0", "u");
    end_node(&m);
    begin_node(&m, "Conv", "u", "d1", "v");
    end_node(&m);
    begin_node(&m, "ConvTranspose", "x", "a", "y");
    end_node(&m);
    begin_node(&m, "ConvTranspose", "x", "t", "z");
    end_node(&m);
    begin_node(&m, "DepthToSpace", "r", NULL, "s");
    number(&m, "blocksize", 2);
    end_node(&m);
    begin_node(&m, "Relu", "r", NULL, "r");
    end_node(&m);
    struct bytes file = finished(&m, 13);
    tconv_source *source;
    tconv_container *c = check_opens("cycles", &file, &source);
    CHECK(c != NULL && tconv_container_layers(c) == 3);
    for (size_t i = 0; c != NULL && i < tconv_container_layers(c); i++)
        CHECK(!tconv_container_layer(c, i)->has_taps);
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

static void cut_and_changed_models_do_no_harm(void)
{
    static const char *const names[] = { "shuffle.onnx", "spelt_out.onnx", "resize.onnx", "chain.onnx", "typed.onnx", "linear.onnx" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[640];
        tconv_source *source;
        struct bytes file = { 0 };
        unsigned char *all;
        (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), names[i]);
        CHECK(tconv_source_open(&source, path, NULL) == TCONV_OK);
        if (source == NULL || tconv_source_read_all(source, &all, &file.size, NULL) != TCONV_OK)
            continue;
        tconv_source_close(source);
        struct bytes copy = { 0 };
        bytes_add(&copy, all, file.size);
        tconv_free(all);
        check_truncations(names[i], &copy, false);
        check_mutations(&copy, test_rounds(3000));
        bytes_free(&copy);
    }
}

/* ---- external data ---- */

static struct bytes external_model(const char *location, const char *offset, const char *length)
{
    struct bytes tensor = { 0 };
    const char *const pairs[][2] = { { "location", location }, { "offset", offset }, { "length", length } };
    proto_number(&tensor, 1, 2);
    proto_number(&tensor, 2, 1);
    proto_text(&tensor, 8, "w");
    for (size_t i = 0; i < 3; i++) {
        struct bytes entry = { 0 };
        proto_text(&entry, 1, pairs[i][0]);
        proto_text(&entry, 2, pairs[i][1]);
        proto_message(&tensor, 13, &entry);
    }
    proto_number(&tensor, 14, 1);
    struct bytes file = tensor_model(&tensor);
    bytes_free(&tensor);
    return file;
}

static void put_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(data, 1, size, file) == size);
    if (file != NULL)
        CHECK(fclose(file) == 0);
}

/* Open folder/m.onnx with external data allowed, load its tensor; *value = its second element. */
static tconv_status load_external(const char *folder, const struct bytes *model, bool allowed, double *value, tconv_error *error)
{
    char path[512];
    tconv_container *c;
    tconv_tensor *tensor = NULL;
    tconv_container_options options = { .external_data = allowed };
    put_file(folder, "m.onnx", model->data, model->size);
    (void)snprintf(path, sizeof path, "%s/m.onnx", folder);
    tconv_status status = tconv_container_open(&c, path, &options, error);
    if (status == TCONV_OK)
        status = tconv_container_load_tensor(c, 0, &tensor, error);
    *value = tensor != NULL ? tconv_tensor_get(tensor, 1) : 0.0;
    tconv_tensor_destroy(tensor);
    tconv_container_close(c);
    return status;
}

static void external_data_stay_beneath_the_folder(void)
{
    char folder[] = "/tmp/tconv-external-XXXXXX", path[512], target[512];
    if (mkdtemp(folder) == NULL) {
        test_skip("no folder can be made in /tmp");
        return;
    }
    static const float values[] = { 9.0f, 1.5f, 2.5f };
    put_file(folder, "data.bin", values, sizeof values);
    (void)snprintf(path, sizeof path, "%s/sub", folder);
    CHECK(mkdir(path, 0700) == 0);
    put_file(path, "data.bin", values, sizeof values);
    (void)snprintf(path, sizeof path, "%s/link.bin", folder);
    CHECK(symlink("data.bin", path) == 0);
    (void)snprintf(path, sizeof path, "%s/linked", folder);
    CHECK(symlink("sub", path) == 0);
    put_file(folder, "hard1.bin", values, sizeof values);
    (void)snprintf(target, sizeof target, "%s/hard1.bin", folder);
    (void)snprintf(path, sizeof path, "%s/hard2.bin", folder);
    CHECK(link(target, path) == 0);
    (void)snprintf(path, sizeof path, "%s/fifo", folder);
    CHECK(mkfifo(path, 0600) == 0);
    static const struct { const char *location, *offset, *length; bool allowed; tconv_status status; double value; } cases[] = {
        { "data.bin", "4", "8", true, TCONV_OK, 2.5 },               { "sub/data.bin", "0", "8", true, TCONV_OK, 1.5 },
        { "data.bin", "4", "8", false, TCONV_EUNSUPPORTED, 0 },      { "../data.bin", "0", "8", true, TCONV_EFORMAT, 0 },
        { "sub/../data.bin", "0", "8", true, TCONV_EFORMAT, 0 },     { "/etc/passwd", "0", "8", true, TCONV_EFORMAT, 0 },
        { "", "0", "8", true, TCONV_EFORMAT, 0 },                    { ".", "0", "8", true, TCONV_EFORMAT, 0 },
        { "..", "0", "8", true, TCONV_EFORMAT, 0 },                  { "sub//data.bin", "0", "8", true, TCONV_EFORMAT, 0 },
        { "data.bin/", "0", "8", true, TCONV_EFORMAT, 0 },           { "./data.bin", "0", "8", true, TCONV_EFORMAT, 0 },
        { "link.bin", "0", "8", true, TCONV_EFORMAT, 0 },            { "linked/data.bin", "0", "8", true, TCONV_EFORMAT, 0 },
        { "hard1.bin", "0", "8", true, TCONV_EFORMAT, 0 },           { "fifo", "0", "8", true, TCONV_EFORMAT, 0 },
        { "sub", "0", "8", true, TCONV_EFORMAT, 0 },                 { "nothing.bin", "0", "8", true, TCONV_EREAD, 0 },
        { "data.bin", "8", "8", true, TCONV_EFORMAT, 0 },            { "data.bin", "-4", "8", true, TCONV_EUNSUPPORTED, 0 },
        { "data.bin", "", "8", true, TCONV_EUNSUPPORTED, 0 },        { "data.bin", "4", "", true, TCONV_EUNSUPPORTED, 0 },
        { "data.bin", "4", "12", true, TCONV_EFORMAT, 0 },           { "data.bin", "18446744073709551615", "8", true, TCONV_EFORMAT, 0 },
        { "data.bin", "18446744073709551616", "8", true, TCONV_EUNSUPPORTED, 0 }, { "data.bin", "4x", "8", true, TCONV_EUNSUPPORTED, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes model = external_model(cases[i].location, cases[i].offset, cases[i].length);
        tconv_error error = { 0 };
        double value;
        tconv_status status = load_external(folder, &model, cases[i].allowed, &value, &error);
        CHECK_MESSAGE(status == cases[i].status && value == cases[i].value, "'%s' at %s: %s (%s)", cases[i].location,
                      cases[i].offset, tconv_status_name(status), error.message);
        bytes_free(&model);
    }
    static const char *const made[] = { "data.bin", "sub/data.bin", "link.bin", "linked", "hard1.bin", "hard2.bin", "fifo", "m.onnx" };
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, made[i]);
        CHECK(unlink(path) == 0);
    }
    (void)snprintf(path, sizeof path, "%s/sub", folder);
    CHECK(rmdir(path) == 0 && rmdir(folder) == 0);
}

static void the_graph_can_be_walked(void)
{
    char path[640];
    tconv_container *c;
    tconv_error error = { 0 };
    (void)snprintf(path, sizeof path, "%s/tests/oracle/models/resize.onnx", test_root_folder());
    CHECK(tconv_container_open(&c, path, NULL, &error) == TCONV_OK);
    const tconv_onnx_graph *graph = c != NULL ? tconv_container_onnx(c) : NULL;
    if (graph != NULL) {
        CHECK(tconv_onnx_nodes(graph) == 3 && tconv_onnx_opset(graph) == 13);
        const tconv_onnx_node *resize = tconv_onnx_producer(graph, "u");
        CHECK(resize != NULL && tconv_onnx_is(resize, "Resize") && resize->n_inputs == 3 && resize->inputs[1][0] == '\0');
        CHECK_TEXT(tconv_onnx_string(resize, "nearest_mode", ""), "floor");
        CHECK(tconv_onnx_int(resize, "antialias", 7) == 7 && tconv_onnx_find(resize, "nothing") == NULL);
        CHECK(tconv_onnx_inputs(graph) == 1 && tconv_onnx_input(graph, 0)->shape[3] == 5 && tconv_onnx_input(graph, 1) == NULL);
        CHECK(tconv_onnx_outputs(graph) == 1 && tconv_onnx_output(graph, 0)->rank == 4 && tconv_onnx_node_at(graph, 3) == NULL);
        CHECK_TEXT(tconv_onnx_value_of(graph, "y")->name, "y");
    }
    CHECK(graph != NULL);
    tconv_container_close(c);
}

/* A shape of nine axes is one that is not known; the first eight are kept. */
static void shapes_of_many_axes_are_not_known(void)
{
    for (size_t rank = 8; rank < 10; rank++) {
        struct model m = { { 0 }, { 0 } };
        image(&m, "x", rank, (const int64_t[]){ 1, 2, 3, 4, 5, 6, 7, 8, 9 });
        struct bytes file = finished(&m, 13);
        tconv_source *source;
        tconv_container *c = check_opens("axes", &file, &source);
        const tconv_onnx_value *x = c != NULL ? tconv_onnx_value_of(tconv_container_onnx(c), "x") : NULL;
        CHECK(x != NULL && x->has_shape == (rank == 8) && x->rank == 8 && x->shape[7] == 8);
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

const struct test_suite suite = { "onnx", {
    { "the padding dialects of ConvTranspose are applied", padding_dialects_are_applied },
    { "a strided convolution gives its gradient", a_strided_convolution_gives_its_gradient },
    { "obstacles are told", obstacles_are_told },
    { "hostile tensors are refused", hostile_tensors_are_refused },
    { "whole numbers of 64 bits are rounded", whole_numbers_of_64_bits_are_rounded },
    { "wrong wire types are refused when they are loaded", wrong_wire_types_are_refused_when_they_are_loaded },
    { "hostile messages are refused", hostile_messages_are_refused },
    { "the limits on messages are exact", the_limits_on_messages_are_exact },
    { "deep and bloated messages are refused", deep_and_bloated_messages_are_refused },
    { "cyclic chains end", cyclic_chains_end },
    { "cut and changed models do no harm", cut_and_changed_models_do_no_harm },
    { "external data stay beneath the folder", external_data_stay_beneath_the_folder },
    { "the graph can be walked", the_graph_can_be_walked },
    { "shapes of many axes are not known", shapes_of_many_axes_are_not_known },
    { NULL, NULL } } };
