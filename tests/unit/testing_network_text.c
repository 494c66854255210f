#include "testing_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 96

struct words {
    char text[1024];
    const char *word[MOST_WORDS];
    size_t count;
};

static void split_words(struct words *w, const char *text, size_t size, const char *between)
{
    CHECK_MESSAGE(size < sizeof w->text, "a statement is too long: %.40s", text);
    size = size < sizeof w->text ? size : 0;
    memcpy(w->text, text, size);
    w->text[size] = '\0';
    w->count = 0;
    for (char *word = strtok(w->text, between); word != NULL && w->count < MOST_WORDS; word = strtok(NULL, between))
        w->word[w->count++] = word;
}

/* The numbers of "1,2,3" or of "f32{1,2,3}", "[1,2]". */
static size_t read_list(const char *text, double *values)
{
    static struct words list;
    split_words(&list, text, strlen(text), "[]{},");
    size_t first = text[0] == '[' ? 0 : 1;
    for (size_t i = first; i < list.count; i++)
        values[i - first] = strtod(list.word[i], NULL);
    return list.count - first;
}

static void add_tensor(struct onnx *m, const char *name, const char *text)
{
    double values[MOST_WORDS];
    struct bytes tensor = { 0 }, raw = { 0 }, body = { 0 };
    size_t count = read_list(text, values);
    bool floats = strncmp(text, "f32", 3) == 0;
    proto_number(&tensor, 1, count);
    proto_number(&tensor, 2, floats ? 1 : 7);
    for (size_t i = 0; i < count; i++) {
        float value = (float)values[i];
        if (floats)
            bytes_f32(&raw, &value, 1);
        else
            bytes_little(&raw, (uint64_t)(int64_t)values[i], 8);
    }
    proto_bytes(&tensor, 9, raw.data, raw.size);
    bytes_free(&raw);
    proto_message(&body, 5, &tensor);
    onnx_attribute(m, name, &body, 4);
}

static void add_list(struct onnx *m, const char *name, const char *text)
{
    double values[MOST_WORDS];
    int64_t whole[MOST_WORDS];
    struct bytes body = { 0 };
    size_t count = read_list(text, values);
    for (size_t i = 0; i < count; i++) {
        float value = (float)values[i];
        whole[i] = (int64_t)values[i];
        proto_varint(&body, 7u << 3 | 5);
        bytes_f32(&body, &value, 1);
    }
    if (strchr(text, '.') != NULL) {
        onnx_attribute(m, name, &body, 6);
        return;
    }
    bytes_free(&body);
    onnx_ints(m, name, whole, count);
}

static void add_attribute(struct onnx *m, const char *word)
{
    const char *value = strchr(word, '=');
    char name[64];
    if (value == NULL)
        return;
    (void)snprintf(name, sizeof name, "%.*s", (int)(value - word), word);
    value++;
    if (strchr(value, '{') != NULL)
        add_tensor(m, name, value);
    else if (value[0] == '[')
        add_list(m, name, value);
    else if (strspn(value, "-0123456789.e") < strlen(value) || value[0] == '\0')
        onnx_string(m, name, value);
    else if (strchr(value, '.') != NULL)
        onnx_float(m, name, (float)strtod(value, NULL));
    else
        onnx_int(m, name, (int64_t)strtoll(value, NULL, 10));
}

static void add_node(struct onnx *m, const struct words *w)
{
    char names[2][512] = { "", "" };
    const char *op = strchr(w->word[0], ':');
    size_t side = 0, i = 1;
    for (; i < w->count && strcmp(w->word[i], "|") != 0; i++) {
        size_t used = strlen(names[side]);
        if (strcmp(w->word[i], ">") == 0)
            side = 1;
        else
            (void)snprintf(names[side] + used, sizeof names[side] - used, "%s%s", used > 0 ? " " : "", w->word[i]);
    }
    onnx_node(m, op != NULL ? op + 1 : w->word[0], names[0], names[1]);
    if (op != NULL)
        proto_bytes(&m->node, 7, w->word[0], (size_t)(op - w->word[0]));
    for (i++; i < w->count; i++)
        add_attribute(m, w->word[i]);
    onnx_end(m);
}

static void add_initialiser(struct onnx *m, const struct words *w)
{
    size_t shape[8], rank = 0, at = 2, count = 0;
    float floats[MOST_WORDS];
    int64_t whole[MOST_WORDS];
    for (; at < w->count && strcmp(w->word[at], ":") != 0; at++)
        shape[rank++] = (size_t)strtoull(w->word[at], NULL, 10);
    for (at++; at < w->count; at++, count++) {
        floats[count] = strtof(w->word[at], NULL);
        whole[count] = (int64_t)strtoll(w->word[at], NULL, 10);
    }
    if (strcmp(w->word[0], "f32") == 0)
        onnx_floats(m, w->word[1], shape, rank, floats);
    else
        onnx_longs(m, w->word[1], rank, whole, count);
}

struct onnx onnx_text(const char *text)
{
    struct onnx m = { 0 };
    struct words w;
    bool input = false, output = false;
    for (size_t size; *text != '\0'; text += size + (text[size] == ';')) {
        int64_t sizes[8];
        size = strcspn(text, ";");
        split_words(&w, text, size, " ");
        if (w.count == 0)
            continue;
        if (strcmp(w.word[0], "in") == 0) {
            for (size_t i = 2; i < w.count; i++)
                sizes[i - 2] = w.word[i][0] == '?' ? -1 : (int64_t)strtoll(w.word[i], NULL, 10);
            if (w.count > 1)
                onnx_input_shape(&m, strcmp(w.word[1], "-") == 0 ? "" : w.word[1], sizes, w.count - 2);
            input = true;
        } else if (strcmp(w.word[0], "out") == 0) {
            if (w.count > 1)
                onnx_output(&m, strcmp(w.word[1], "-") == 0 ? "" : w.word[1]);
            output = true;
        } else if (strcmp(w.word[0], "opset") == 0) {
            m.opset = (int)strtol(w.word[1], NULL, 10);
        } else if (strcmp(w.word[0], "f32") == 0 || strcmp(w.word[0], "i64") == 0) {
            add_initialiser(&m, &w);
        } else {
            add_node(&m, &w);
        }
    }
    if (!input)
        onnx_input(&m, 2, 1, NULL);
    if (!output)
        onnx_output(&m, "y");
    return m;
}
