#include "pickle.h"

#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "pickle_globals.h"

#define MOST_VALUES ((size_t)1000000)
#define MOST_MEMO ((uint64_t)4000000)
#define WINDOW_BYTES ((size_t)4096)

struct list {                      /* of numbers of values */
    uint32_t *items;
    size_t count, capacity;
};

struct machine {
    tconv_pickle *pickle;
    tconv_arena *arena;
    tconv_error *error;
    tconv_source *source;
    uint64_t at, end;              /* of the stream */
    uint64_t window_at;
    size_t window_size;
    unsigned char window[WINDOW_BYTES];
    struct list stack, marks, memo;
};

/* ---- the stream ---- */

static tconv_status take(struct machine *m, void *bytes, uint64_t size)
{
    if (size > m->end - m->at)
        return tconv_fail(m->error, TCONV_EFORMAT, "the pickle ends too early: at byte %" PRIu64 " %" PRIu64 " bytes are missing",
                          m->end, size - (m->end - m->at));
    if (m->at < m->window_at || m->at + size > m->window_at + m->window_size) {
        uint64_t left = m->end - m->at;
        m->window_at = m->at;
        m->window_size = left < WINDOW_BYTES ? (size_t)left : WINDOW_BYTES;
        if (size > m->window_size) {
            m->window_size = 0;
            tconv_status status = tconv_source_read(m->source, m->at, (size_t)size, bytes, m->error);
            m->at += size;
            return status;
        }
        tconv_status status = tconv_source_read(m->source, m->at, m->window_size, m->window, m->error);
        if (status != TCONV_OK)
            return status;
    }
    memcpy(bytes, m->window + (m->at - m->window_at), (size_t)size);
    m->at += size;
    return TCONV_OK;
}

static tconv_status take_little(struct machine *m, size_t size, uint64_t *value)
{
    unsigned char bytes[8];
    tconv_status status = take(m, bytes, size);
    *value = 0;
    for (size_t i = 0; status == TCONV_OK && i < size; i++)
        *value |= (uint64_t)bytes[i] << 8 * i;
    return status;
}

/* ---- values ---- */

static tconv_status broken(struct machine *m, const char *what)
{
    return tconv_fail(m->error, TCONV_EFORMAT, "the pickle is malformed before byte %" PRIu64 ": %s", m->at, what);
}

static tconv_status list_add(struct machine *m, struct list *list, uint32_t item)
{
    void *items = list->items;
    tconv_status status = tconv_grow(&items, &list->capacity, list->count, sizeof item);
    list->items = items;
    if (status != TCONV_OK)
        return tconv_fail_plain(m->error, status);
    list->items[list->count++] = item;
    return TCONV_OK;
}

/* Append a value; *number is its number. */
static tconv_status new_value(struct machine *m, tconv_pickle_value value, uint32_t *number)
{
    tconv_pickle *p = m->pickle;
    if (p->count >= MOST_VALUES)
        return tconv_fail(m->error, TCONV_EFORMAT, "the pickle builds more than %zu values", MOST_VALUES);
    void *values = p->values;
    tconv_status status = tconv_grow(&values, &p->capacity, p->count, sizeof value);
    p->values = values;
    if (status != TCONV_OK)
        return tconv_fail_plain(m->error, status);
    p->values[p->count] = value;
    *number = (uint32_t)p->count++;
    return TCONV_OK;
}

static tconv_status push_value(struct machine *m, tconv_pickle_value value)
{
    uint32_t number = 0;
    tconv_status status = new_value(m, value, &number);
    return status == TCONV_OK ? list_add(m, &m->stack, number) : status;
}

static tconv_status push_number(struct machine *m, tconv_pickle_kind kind, int64_t number)
{
    return push_value(m, (tconv_pickle_value){ .kind = kind, .of.number = number });
}

/* Items above the last mark, or above `floor` where marks do not matter. */
static size_t floor_of(const struct machine *m)
{
    return m->marks.count > 0 ? m->marks.items[m->marks.count - 1] : 0;
}

static tconv_status pop(struct machine *m, uint32_t *number)
{
    if (m->stack.count <= floor_of(m))
        return broken(m, "the stack is empty");
    *number = m->stack.items[--m->stack.count];
    return TCONV_OK;
}

static tconv_pickle_value *top(struct machine *m)
{
    return m->stack.count > floor_of(m) ? &m->pickle->values[m->stack.items[m->stack.count - 1]] : NULL;
}

static tconv_status pop_mark(struct machine *m, size_t *begin)
{
    if (m->marks.count == 0)
        return broken(m, "there is no mark");
    *begin = m->marks.items[--m->marks.count];
    return TCONV_OK;
}

/* Take stack items begin.. off and append them to the sequence or dictionary `to`; something opaque forgets them. */
static tconv_status move_items(struct machine *m, tconv_pickle_value *to, size_t begin)
{
    size_t more = m->stack.count - begin;
    if (to->kind != TCONV_PICKLE_OPAQUE) {
        if (more > to->room - to->count) {
            tconv_status status = TCONV_OK;
            size_t room = 2 * (size_t)to->room + more;
            uint32_t *items = room <= UINT32_MAX ? tconv_arena_take(m->arena, room * sizeof *items, &status) : NULL;
            if (items == NULL)
                return tconv_fail_plain(m->error, status != TCONV_OK ? status : TCONV_ESIZE);
            if (to->count > 0)
                memcpy(items, to->of.items, to->count * sizeof *items);
            to->of.items = items;
            to->room = (uint32_t)room;
        }
        if (more > 0)
            memcpy(to->of.items + to->count, m->stack.items + begin, more * sizeof *to->of.items);
        to->count += (uint32_t)more;
    }
    m->stack.count = begin;
    return TCONV_OK;
}

static tconv_status push_items(struct machine *m, tconv_pickle_kind kind, size_t begin)
{
    tconv_pickle_value made = { .kind = kind };
    if (kind == TCONV_PICKLE_DICT && (m->stack.count - begin) % 2 != 0)
        return broken(m, "a key has no value");
    tconv_status status = move_items(m, &made, begin);
    return status == TCONV_OK ? push_value(m, made) : status;
}

/* The last n items of the stack as a tuple. */
static tconv_status push_tuple(struct machine *m, size_t n)
{
    if (m->stack.count - floor_of(m) < n)
        return broken(m, "the stack is empty");
    return push_items(m, TCONV_PICKLE_SEQUENCE, m->stack.count - n);
}

static tconv_status push_text(struct machine *m, size_t length_bytes, tconv_pickle_kind kind)
{
    uint64_t length;
    tconv_status status = take_little(m, length_bytes, &length);
    if (status != TCONV_OK)
        return status;
    if (length > m->end - m->at || length > UINT32_MAX)
        return broken(m, "a text is longer than the file");
    char *text = tconv_arena_take(m->arena, (size_t)length + 1, &status);
    if (text == NULL)
        return tconv_fail_plain(m->error, status);
    status = take(m, text, length);
    return status == TCONV_OK ? push_value(m, (tconv_pickle_value){ .kind = kind, .count = (uint32_t)length, .of.text = text })
                              : status;
}

/* A long of up to 8 bytes is a number, a longer one something that no weight is made of. */
static tconv_status push_long(struct machine *m, size_t length_bytes)
{
    uint64_t length, value = 0;
    tconv_status status = take_little(m, length_bytes, &length);
    if (status == TCONV_OK && length > m->end - m->at)
        status = broken(m, "a number is longer than the file");
    if (status == TCONV_OK && length > 8) {
        m->at += length;
        return push_number(m, TCONV_PICKLE_OPAQUE, 0);
    }
    if (status == TCONV_OK)
        status = take_little(m, (size_t)length, &value);
    if (status == TCONV_OK && length > 0 && length < 8 && (value >> (8 * length - 1)) != 0)
        value |= ~UINT64_C(0) << 8 * length;
    int64_t number;
    memcpy(&number, &value, sizeof number);
    return status == TCONV_OK ? push_number(m, TCONV_PICKLE_INT, number) : status;
}

/* ---- globals, storages, tensors ---- */

static tconv_status push_global(struct machine *m, const char *module, const char *name)
{
    const tconv_global *global = tconv_global_find(module, name);
    if (global == NULL)
        return tconv_fail(m->error, TCONV_EUNSUPPORTED, "the pickle asks for '%.80s.%.80s', which is not needed for weights; "
                          "nothing was executed. A file made by torch.save(model.state_dict(), ..) is allowed", module, name);
    return push_number(m, TCONV_PICKLE_GLOBAL, (int64_t)tconv_global_number(global));
}

/* GLOBAL: module and name, each ended by a newline. */
static tconv_status read_global(struct machine *m)
{
    char text[2][256];
    for (size_t i = 0; i < 2; i++)
        for (size_t n = 0;; n++) {
            if (n == sizeof text[i])
                return broken(m, "the name of a global is too long");
            tconv_status status = take(m, &text[i][n], 1);
            if (status != TCONV_OK)
                return status;
            if (text[i][n] == '\n') {
                text[i][n] = '\0';
                break;
            }
        }
    return push_global(m, text[0], text[1]);
}

static tconv_status read_stack_global(struct machine *m)
{
    uint32_t module = 0, name = 0;
    tconv_status status = pop(m, &name);
    if (status == TCONV_OK)
        status = pop(m, &module);
    if (status != TCONV_OK)
        return status;
    const tconv_pickle_value *values = m->pickle->values;
    if (values[module].kind != TCONV_PICKLE_TEXT || values[name].kind != TCONV_PICKLE_TEXT)
        return broken(m, "the name of a global is no text");
    return push_global(m, values[module].of.text, values[name].of.text);
}

static const tconv_pickle_value *item(const struct machine *m, const tconv_pickle_value *of, size_t i)
{
    return (of->kind == TCONV_PICKLE_SEQUENCE && i < of->count) ? &m->pickle->values[of->of.items[i]] : NULL;
}

static bool is_count(const tconv_pickle_value *value)
{
    return value != NULL && value->kind == TCONV_PICKLE_INT && value->of.number >= 0;
}

/* ('storage', FloatStorage, key, place, elements[, None or (view key, begin, elements)]) */
static tconv_status read_storage(struct machine *m)
{
    uint32_t id = 0;
    tconv_status status = pop(m, &id);
    if (status != TCONV_OK)
        return status;
    const tconv_pickle_value *tuple = &m->pickle->values[id], *word = item(m, tuple, 0), *type = item(m, tuple, 1);
    const tconv_pickle_value *key = item(m, tuple, 2), *count = item(m, tuple, 4), *view = item(m, tuple, 5);
    if (word == NULL || word->kind != TCONV_PICKLE_TEXT || strcmp(word->of.text, "storage") != 0 || type == NULL
        || type->kind != TCONV_PICKLE_GLOBAL || tconv_global_at((size_t)type->of.number)->meaning != TCONV_GLOBAL_STORAGE
        || key == NULL || key->kind != TCONV_PICKLE_TEXT || !is_count(count))
        return tconv_fail(m->error, TCONV_EUNSUPPORTED, "the pickle refers to something outside it that is no storage of weights");
    const tconv_global *global = tconv_global_at((size_t)type->of.number);
    tconv_pickle_storage storage = { key->of.text, global->type, global->element, (uint64_t)count->of.number, 0 };
    if (view != NULL && view->kind != TCONV_PICKLE_NONE) {
        const tconv_pickle_value *begin = item(m, view, 1), *size = item(m, view, 2);
        if (!is_count(begin) || !is_count(size) || begin->of.number > count->of.number
            || size->of.number > count->of.number - begin->of.number)
            return broken(m, "a view of a storage is outside it");
        storage.begin = (uint64_t)begin->of.number;
        storage.count = (uint64_t)size->of.number;
    }
    tconv_pickle_storage *kept = tconv_arena_take(m->arena, sizeof *kept, &status);
    if (kept == NULL)
        return tconv_fail_plain(m->error, status);
    *kept = storage;
    return push_value(m, (tconv_pickle_value){ .kind = TCONV_PICKLE_STORAGE, .of.storage = kept });
}

/* _rebuild_tensor(_v2): (storage, offset, size, stride, ..) */
static tconv_status push_tensor(struct machine *m, const tconv_pickle_value *arguments)
{
    const tconv_pickle_value *storage = item(m, arguments, 0), *offset = item(m, arguments, 1);
    const tconv_pickle_value *shape = item(m, arguments, 2), *stride = item(m, arguments, 3);
    if (storage == NULL || storage->kind != TCONV_PICKLE_STORAGE || !is_count(offset) || shape == NULL || stride == NULL
        || shape->kind != TCONV_PICKLE_SEQUENCE || stride->kind != TCONV_PICKLE_SEQUENCE || shape->count != stride->count
        || shape->count > TCONV_PICKLE_RANK)
        return broken(m, "a tensor is not made of a storage, an offset, a size and strides");
    tconv_status status = TCONV_OK;
    tconv_pickle_tensor *made = tconv_arena_take(m->arena, sizeof *made, &status);
    uint64_t *numbers = made != NULL ? tconv_arena_take(m->arena, 2 * shape->count * sizeof *numbers, &status) : NULL;
    if (numbers == NULL)
        return tconv_fail_plain(m->error, status);
    *made = (tconv_pickle_tensor){ storage->of.storage, (uint64_t)offset->of.number, shape->count, numbers, numbers + shape->count };
    for (uint32_t i = 0; i < shape->count; i++) {
        const tconv_pickle_value *extent = item(m, shape, i), *step = item(m, stride, i);
        if (!is_count(extent) || !is_count(step))
            return broken(m, "the size or a stride of a tensor is no whole number from 0");
        made->shape[i] = (uint64_t)extent->of.number;
        made->stride[i] = (uint64_t)step->of.number;
    }
    return push_value(m, (tconv_pickle_value){ .kind = TCONV_PICKLE_TENSOR, .of.tensor = made });
}

/* A copy of `of` if it is of this kind, else an empty one. Without room to grow, so that it gets items of its own. */
static tconv_status push_copy(struct machine *m, const tconv_pickle_value *of, tconv_pickle_kind kind)
{
    tconv_pickle_value copy = { .kind = kind };
    if (of != NULL && of->kind == kind)
        copy = *of;
    copy.room = copy.count;
    return push_value(m, copy);
}

/* function(arguments): the value that it stands for. */
static tconv_status call(struct machine *m, const tconv_pickle_value *function, const tconv_pickle_value *arguments)
{
    if (function == NULL || arguments == NULL || function->kind != TCONV_PICKLE_GLOBAL
        || arguments->kind != TCONV_PICKLE_SEQUENCE)
        return broken(m, "something is called that is no function");
    const tconv_pickle_value *first = item(m, arguments, 0);
    switch (tconv_global_at((size_t)function->of.number)->meaning) {
    case TCONV_GLOBAL_DICT:
        return push_copy(m, first, TCONV_PICKLE_DICT);
    case TCONV_GLOBAL_SEQUENCE:
        return push_copy(m, first, TCONV_PICKLE_SEQUENCE);
    case TCONV_GLOBAL_TENSOR:
        return push_tensor(m, arguments);
    case TCONV_GLOBAL_PARAMETER:
        if (first == NULL || first->kind != TCONV_PICKLE_TENSOR)
            return broken(m, "a parameter is made of no tensor");
        return push_value(m, *first);
    case TCONV_GLOBAL_FROM_TYPE:
        if (first == NULL || first->kind != TCONV_PICKLE_GLOBAL
            || tconv_global_at((size_t)first->of.number)->meaning == TCONV_GLOBAL_FROM_TYPE)
            return broken(m, "a tensor is made of no function");
        return call(m, first, item(m, arguments, 2));
    case TCONV_GLOBAL_STORAGE:
        return broken(m, "a type of storage is called");
    case TCONV_GLOBAL_OPAQUE:
        break;
    }
    return push_number(m, TCONV_PICKLE_OPAQUE, 0);
}

static tconv_status reduce(struct machine *m)
{
    uint32_t function = 0, arguments = 0;
    tconv_status status = pop(m, &arguments);
    if (status == TCONV_OK)
        status = pop(m, &function);
    if (status != TCONV_OK)
        return status;
    tconv_pickle_value f = m->pickle->values[function], a = m->pickle->values[arguments];   /* push may move them */
    return call(m, &f, &a);
}

/* BUILD sets attributes (a state dict's _metadata): they hold no weights. */
static tconv_status build(struct machine *m)
{
    uint32_t state = 0;
    tconv_status status = pop(m, &state);
    if (status != TCONV_OK)
        return status;
    const tconv_pickle_value *of = top(m);
    if (of == NULL || (of->kind != TCONV_PICKLE_DICT && of->kind != TCONV_PICKLE_OPAQUE && of->kind != TCONV_PICKLE_TENSOR))
        return broken(m, "attributes are set on something that has none");
    return TCONV_OK;
}

/* ---- memo ---- */

static tconv_status memo_put(struct machine *m, uint64_t place)
{
    if (top(m) == NULL || place > MOST_MEMO || place > 2 * (uint64_t)m->pickle->count + 1024)
        return broken(m, "the memo is used out of order");
    while (m->memo.count <= place) {
        tconv_status status = list_add(m, &m->memo, UINT32_MAX);
        if (status != TCONV_OK)
            return status;
    }
    m->memo.items[place] = m->stack.items[m->stack.count - 1];
    return TCONV_OK;
}

static tconv_status memo_get(struct machine *m, uint64_t place)
{
    if (place >= m->memo.count || m->memo.items[place] == UINT32_MAX)
        return broken(m, "the memo holds nothing at that place");
    return list_add(m, &m->stack, m->memo.items[place]);
}

/* ---- opcodes ---- */

static tconv_status push_collected(struct machine *m, tconv_pickle_kind kind)
{
    size_t begin = 0;
    tconv_status status = pop_mark(m, &begin);
    return status == TCONV_OK ? push_items(m, kind, begin) : status;
}

/* Items above the mark, or the last `n` where n != 0, go into the value below them. */
static tconv_status add_items(struct machine *m, size_t n, tconv_pickle_kind kind)
{
    size_t begin = 0;
    tconv_status status = TCONV_OK;
    if (n == 0)
        status = pop_mark(m, &begin);
    else if (m->stack.count - floor_of(m) <= n)
        status = broken(m, "the stack is empty");
    else
        begin = m->stack.count - n;
    if (status != TCONV_OK)
        return status;
    if (begin <= floor_of(m))
        return broken(m, "items are added to nothing");
    tconv_pickle_value *to = &m->pickle->values[m->stack.items[begin - 1]];
    if ((to->kind != kind && to->kind != TCONV_PICKLE_OPAQUE)
        || (kind == TCONV_PICKLE_DICT && (m->stack.count - begin) % 2 != 0))
        return broken(m, "items are added to something that holds none");
    return move_items(m, to, begin);
}

static tconv_status push_little(struct machine *m, size_t size)
{
    uint64_t value;
    tconv_status status = take_little(m, size, &value);
    int64_t number = size == 4 && value > INT32_MAX ? (int64_t)value - ((int64_t)1 << 32) : (int64_t)value;
    return status == TCONV_OK ? push_number(m, TCONV_PICKLE_INT, number) : status;
}

static tconv_status with_place(struct machine *m, size_t size, tconv_status (*use)(struct machine *, uint64_t))
{
    uint64_t place;
    tconv_status status = take_little(m, size, &place);
    return status == TCONV_OK ? use(m, place) : status;
}

static tconv_status skip(struct machine *m, uint64_t bytes)
{
    if (bytes > m->end - m->at)
        return broken(m, "it ends too early");
    m->at += bytes;
    return TCONV_OK;
}

static tconv_status execute(struct machine *m, unsigned char opcode)
{
    uint32_t dropped;
    size_t begin = 0;
    tconv_status status;
    switch (opcode) {
    case 0x80: return skip(m, 1);                                           /* PROTO */
    case 0x95: return skip(m, 8);                                           /* FRAME */
    case '(': return list_add(m, &m->marks, (uint32_t)m->stack.count);      /* MARK */
    case '0': return pop(m, &dropped);                                      /* POP */
    case '1':                                                               /* POP_MARK */
        status = pop_mark(m, &begin);
        if (status == TCONV_OK)
            m->stack.count = begin;
        return status;
    case '2':                                                               /* DUP */
        return top(m) != NULL ? list_add(m, &m->stack, m->stack.items[m->stack.count - 1]) : broken(m, "the stack is empty");
    case 'N': return push_number(m, TCONV_PICKLE_NONE, 0);
    case 0x88: return push_number(m, TCONV_PICKLE_BOOL, 1);
    case 0x89: return push_number(m, TCONV_PICKLE_BOOL, 0);
    case 'K': return push_little(m, 1);
    case 'M': return push_little(m, 2);
    case 'J': return push_little(m, 4);
    case 0x8a: return push_long(m, 1);
    case 0x8b: return push_long(m, 4);
    case 'G':                                                               /* BINFLOAT: its value is not needed */
        status = skip(m, 8);
        return status == TCONV_OK ? push_number(m, TCONV_PICKLE_FLOAT, 0) : status;
    case 'U': case 0x8c: return push_text(m, 1, TCONV_PICKLE_TEXT);         /* SHORT_BINSTRING, SHORT_BINUNICODE */
    case 'T': case 'X': return push_text(m, 4, TCONV_PICKLE_TEXT);          /* BINSTRING, BINUNICODE */
    case 0x8d: return push_text(m, 8, TCONV_PICKLE_TEXT);                   /* BINUNICODE8 */
    case 'C': return push_text(m, 1, TCONV_PICKLE_OPAQUE);                  /* SHORT_BINBYTES .. */
    case 'B': return push_text(m, 4, TCONV_PICKLE_OPAQUE);
    case 0x8e: case 0x96: return push_text(m, 8, TCONV_PICKLE_OPAQUE);
    case ')': case ']': case 0x8f: return push_number(m, TCONV_PICKLE_SEQUENCE, 0);
    case '}': return push_number(m, TCONV_PICKLE_DICT, 0);
    case 't': case 'l': case 0x91: return push_collected(m, TCONV_PICKLE_SEQUENCE);
    case 'd': return push_collected(m, TCONV_PICKLE_DICT);
    case 0x85: return push_tuple(m, 1);
    case 0x86: return push_tuple(m, 2);
    case 0x87: return push_tuple(m, 3);
    case 'a': return add_items(m, 1, TCONV_PICKLE_SEQUENCE);
    case 'e': case 0x90: return add_items(m, 0, TCONV_PICKLE_SEQUENCE);
    case 's': return add_items(m, 2, TCONV_PICKLE_DICT);
    case 'u': return add_items(m, 0, TCONV_PICKLE_DICT);
    case 'c': return read_global(m);
    case 0x93: return read_stack_global(m);
    case 'R': case 0x81: return reduce(m);                                  /* REDUCE, NEWOBJ */
    case 'b': return build(m);
    case 'Q': return read_storage(m);                                       /* BINPERSID */
    case 'q': return with_place(m, 1, memo_put);
    case 'r': return with_place(m, 4, memo_put);
    case 0x94: return memo_put(m, m->memo.count);                           /* MEMOIZE */
    case 'h': return with_place(m, 1, memo_get);
    case 'j': return with_place(m, 4, memo_get);
    default:
        return tconv_fail(m->error, TCONV_EUNSUPPORTED, "the pickle uses the opcode 0x%02x, which is not needed for weights",
                          opcode);
    }
}

static tconv_status run(struct machine *m)
{
    for (;;) {
        unsigned char opcode;
        tconv_status status = take(m, &opcode, 1);
        if (status == TCONV_OK && opcode == '.')
            return m->marks.count == 0 ? pop(m, &m->pickle->root) : broken(m, "it ends within a mark");
        if (status == TCONV_OK)
            status = execute(m, opcode);
        if (status == TCONV_OK && m->stack.count > MOST_VALUES)
            status = broken(m, "the stack is too deep");
        if (status != TCONV_OK)
            return status;
    }
}

tconv_status tconv_pickle_read(tconv_pickle *pickle, tconv_arena *arena, tconv_source *source, uint64_t *offset,
                               uint64_t end, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    struct machine *m = tconv_alloc_zero(1, sizeof *m, &status);
    if (m == NULL)
        return tconv_fail_plain(error, status);
    m->pickle = pickle;
    m->arena = arena;
    m->error = error;
    m->source = source;
    m->at = *offset;
    m->end = end;
    status = run(m);
    *offset = m->at;
    tconv_free(m->stack.items);
    tconv_free(m->marks.items);
    tconv_free(m->memo.items);
    tconv_free(m);
    return status;
}

void tconv_pickle_free(tconv_pickle *pickle)
{
    tconv_free(pickle->values);
    *pickle = (tconv_pickle){ 0 };
}
