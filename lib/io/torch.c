/* PyTorch's .pt, .pth, .bin, .tar: torch.save of a state dict, or of dictionaries and lists that hold one.
 *
 *   since 1.6    a zip archive: NAME/data.pkl, NAME/byteorder, one member NAME/data/KEY per storage
 *   before       a stream: four pickles (a magic number, 1001, the machine, the object), one with the list of keys, and
 *                per key 8 bytes with the number of elements and then the elements, little-endian whatever the machine is
 *
 * (torch/serialization.py.) Tensors are views: an offset, extents and strides in a storage that several may share. */
#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"
#include "pickle.h"
#include "zip.h"

#define MOST_DEPTH 32
#define MOST_VISITS ((size_t)2000000)
#define MOST_PICKLE_BYTES ((uint64_t)256 << 20)
#define PATH_BYTES 1024
#define PIECE_BYTES ((size_t)65536)

struct torch {
    tconv_zip *zip;                /* NULL: the older stream */
    bool big_endian;               /* of the archive; the stream never is */
    tconv_name_table keys;         /* key -> zip member, or number in `begins` */
    uint64_t *begins;              /* stream: first byte of each storage, in the arena */
    uint64_t *sizes;               /* stream: its elements; zip: unused */
};

struct walk {
    tconv_container *container;
    const tconv_pickle *pickle;
    tconv_error *error;
    size_t visits;
    char path[PATH_BYTES];
};

/* ---- tensors of the pickle into the catalogue ---- */

/* Is some part of the dotted path the state of an optimizer? */
static bool is_optimizer_state(const char *path)
{
    static const char *const parts[] = { "optim", "exp_avg", "max_exp_avg_sq", "momentum_buffer", "square_avg", "lr_scheduler" };
    for (const char *at = path; at != NULL; at = strchr(at, '.') != NULL ? strchr(at, '.') + 1 : NULL)
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (strncmp(at, parts[i], strlen(parts[i])) == 0)
                return true;
    return false;
}

/* 1 + the largest offset of an element, 0 for an empty tensor; false where it does not fit. */
static bool span_of(const tconv_pickle_tensor *t, uint64_t *span)
{
    uint64_t last = 0, reach;
    bool empty = false;
    for (uint32_t i = 0; i < t->rank; i++) {
        empty = empty || t->shape[i] == 0;
        if (t->shape[i] > 1 && (__builtin_mul_overflow(t->shape[i] - 1, t->stride[i], &reach)
                                || __builtin_add_overflow(last, reach, &last)))
            return false;
    }
    *span = empty ? 0 : last + 1;
    return empty || last < UINT64_MAX;
}

static bool is_contiguous(const tconv_pickle_tensor *t)
{
    uint64_t step = 1;
    for (uint32_t i = t->rank; i-- > 0; step *= t->shape[i])
        if (t->shape[i] > 1 && t->stride[i] != step)
            return false;
    return true;
}

static tconv_status bad(const struct walk *w, const char *what)
{
    return tconv_fail(w->error, TCONV_EFORMAT, "the tensor '%.120s' %s", w->path, what);
}

static tconv_status add_tensor(struct walk *w, const tconv_pickle_tensor *t)
{
    tconv_container *c = w->container;
    const struct torch *torch = c->own;
    size_t shape[TCONV_PICKLE_RANK], count, size = tconv_element_bytes(t->storage->element);
    uint64_t span, end;
    for (uint32_t i = 0; i < t->rank; i++)
        shape[i] = (size_t)t->shape[i];
    if (!tconv_shape_count(shape, t->rank, &count) || !span_of(t, &span) || __builtin_add_overflow(t->offset, span, &end)
        || end > t->storage->count)
        return bad(w, "reaches beyond its storage");
    tconv_status status = TCONV_OK;
    tconv_record record = { .kind = TCONV_RECORD_STORED, .detail = t, .place = tconv_name_table_find(&torch->keys, t->storage->key) };
    record.info = (tconv_tensor_info){ .type = t->storage->type, .element = t->storage->element,
                                       .bytes = span * size, .optimizer = is_optimizer_state(w->path) };
    record.info.name = tconv_arena_text(&c->arena, w->path, strlen(w->path), &status);
    if (record.info.name == NULL)
        return tconv_fail_plain(w->error, status);
    if (record.place == TCONV_NO_INDEX)
        return bad(w, "has no storage in the file");
    uint64_t stored;
    if (torch->zip == NULL)
        stored = torch->sizes[record.place];
    else
        stored = tconv_zip_size(torch->zip, record.place) / (size != 0 ? size : 1);
    if (t->storage->count > stored || t->storage->begin > stored - t->storage->count)
        return bad(w, "has a storage that is shorter than the pickle says");
    if (size == 0)
        record.info.obstacle = "its element type is not supported";
    else if (count > span)
        record.info.obstacle = "it is an expanded view, with the same element in several places";
    status = tconv_info_set_shape(&record.info, shape, t->rank, w->error);
    return status == TCONV_OK ? tconv_catalogue_add(c, &record, NULL, w->error) : status;
}

static tconv_status visit(struct walk *w, const tconv_pickle_value *value, size_t length, size_t depth);

/* Go on with one entry of a dictionary or sequence, its name appended to the path. */
static tconv_status visit_item(struct walk *w, const tconv_pickle_value *value, size_t length, const char *name, size_t depth)
{
    size_t more = strlen(name) + (length > 0 ? 1 : 0);
    if (value->kind != TCONV_PICKLE_TENSOR && value->kind != TCONV_PICKLE_DICT && value->kind != TCONV_PICKLE_SEQUENCE)
        return TCONV_OK;
    if (length + more >= sizeof w->path)
        return tconv_fail(w->error, TCONV_EFORMAT, "the name '%.100s..' is longer than %zu bytes", w->path, sizeof w->path - 1);
    w->path[length] = '.';          /* the name covers it where nothing is before it */
    memcpy(w->path + length + more - strlen(name), name, strlen(name) + 1);
    tconv_status status = visit(w, value, length + more, depth);
    w->path[length] = '\0';
    return status;
}

/* Decimal digits of a small number: sequences and integer keys name their entries by it. */
static void number_text(uint64_t number, char *text)
{
    char digits[24];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (n > 0)
        *text++ = digits[--n];
    *text = '\0';
}

/* Depth first; a dictionary within itself ends at MOST_DEPTH. */
static tconv_status visit(struct walk *w, const tconv_pickle_value *value, size_t length, size_t depth)
{
    char number[24];
    if (depth > MOST_DEPTH)
        return tconv_fail(w->error, TCONV_EFORMAT, "'%.100s..' is nested deeper than %d, or within itself", w->path, MOST_DEPTH);
    if (++w->visits > MOST_VISITS)
        return tconv_fail(w->error, TCONV_EFORMAT, "the dictionaries of the pickle have more than %zu entries", MOST_VISITS);
    if (value->kind == TCONV_PICKLE_TENSOR)
        return add_tensor(w, value->of.tensor);
    bool dict = value->kind == TCONV_PICKLE_DICT;
    tconv_status status = TCONV_OK;
    for (uint32_t i = 0; status == TCONV_OK && i < value->count && (dict || value->kind == TCONV_PICKLE_SEQUENCE); i += dict ? 2 : 1) {
        const tconv_pickle_value *key = &w->pickle->values[value->of.items[i]];
        w->visits++;
        if (dict && key->kind != TCONV_PICKLE_TEXT && key->kind != TCONV_PICKLE_INT)
            continue;
        if (dict && key->kind == TCONV_PICKLE_TEXT && strlen(key->of.text) != key->count)
            return bad(w, "has a name with a zero byte");
        number_text(dict && key->kind == TCONV_PICKLE_INT ? (uint64_t)key->of.number : i, number);
        status = visit_item(w, &w->pickle->values[value->of.items[dict ? i + 1 : i]], length,
                            dict && key->kind == TCONV_PICKLE_TEXT ? key->of.text : number, depth + 1);
    }
    return status;
}

/* All tensors of the pickle's root. */
static tconv_status add_tensors(tconv_container *c, const tconv_pickle *pickle, tconv_error *error)
{
    struct walk w = { .container = c, .pickle = pickle, .error = error };
    const tconv_pickle_value *root = &pickle->values[pickle->root];
    if (root->kind == TCONV_PICKLE_TENSOR)
        return visit_item(&w, root, 0, "tensor", 0);
    return visit(&w, root, 0, 0);
}

/* ---- loading ---- */

/* values = `count` elements of a storage from element `begin` on. */
static tconv_status load_zip(struct torch *torch, size_t member_number, tconv_element element, uint64_t begin, size_t count,
                             double *values, tconv_error *error)
{
    unsigned char piece[PIECE_BYTES];
    size_t size = tconv_element_bytes(element), most = sizeof piece / size;
    tconv_zip_member *member;
    tconv_status status = tconv_zip_member_open(torch->zip, member_number, &member, error);
    if (status != TCONV_OK)
        return status;
    status = tconv_zip_member_read(member, NULL, begin * size, error);
    for (size_t done = 0; status == TCONV_OK && done < count;) {
        size_t now = count - done < most ? count - done : most;
        status = tconv_zip_member_read(member, piece, now * size, error);
        if (status == TCONV_OK)
            status = tconv_element_to_f64(element, torch->big_endian, piece, now, values + done, error);
        done += now;
    }
    tconv_zip_member_close(member);
    return status;
}

static tconv_status load_span(tconv_container *c, const tconv_record *record, size_t span, double *values, tconv_error *error)
{
    struct torch *torch = c->own;
    const tconv_pickle_tensor *t = record->detail;
    uint64_t begin = t->storage->begin + t->offset;
    if (torch->zip != NULL)
        return load_zip(torch, record->place, t->storage->element, begin, span, values, error);
    return tconv_read_elements(c->source, torch->begins[record->place] + begin * tconv_element_bytes(t->storage->element),
                               t->storage->element, false, span, values, error);
}

static tconv_status load(tconv_container *c, const tconv_record *record, double *values, tconv_error *error)
{
    const tconv_pickle_tensor *t = record->detail;
    uint64_t span, place[TCONV_MAX_RANK] = { 0 }, at = 0;
    if (!span_of(t, &span) || span == 0)
        return TCONV_OK;
    if (is_contiguous(t))
        return load_span(c, record, (size_t)span, values, error);
    tconv_status status = TCONV_OK;
    double *all = tconv_alloc((size_t)span, sizeof *all, &status);
    if (all == NULL)
        return tconv_fail_plain(error, status);
    status = load_span(c, record, (size_t)span, all, error);
    size_t count = tconv_info_count(&record->info);
    for (size_t n = 0; status == TCONV_OK && n < count; n++) {     /* the odometer of the extents */
        values[n] = all[at];
        for (uint32_t i = t->rank; i-- > 0;) {
            at += t->stride[i];
            if (++place[i] < t->shape[i])
                break;
            at -= t->stride[i] * t->shape[i];
            place[i] = 0;
        }
    }
    tconv_free(all);
    return status;
}

static void close_torch(tconv_container *c)
{
    struct torch *torch = c->own;
    tconv_zip_close(torch->zip);
    tconv_name_table_free(&torch->keys);
}

static tconv_status begin(tconv_container *c, struct torch **torch, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *torch = tconv_arena_take(&c->arena, sizeof **torch, &status);
    if (*torch == NULL)
        return tconv_fail_plain(error, status);
    c->own = *torch;
    c->close = close_torch;
    c->load = load;
    c->format = TCONV_CONTAINER_TORCH;
    return TCONV_OK;
}

/* ---- the zip archive ---- */

/* The members NAME/data/KEY by their key, and NAME/byteorder. */
static tconv_status index_members(struct torch *torch, const char *pickle_name, tconv_error *error)
{
    size_t folder = strlen(pickle_name) - strlen("data.pkl");
    for (size_t i = 0; i < tconv_zip_count(torch->zip); i++) {
        const char *name = tconv_zip_name(torch->zip, i);
        size_t existing;
        if (strncmp(name, pickle_name, folder) != 0)
            continue;
        if (strcmp(name + folder, "byteorder") == 0) {
            unsigned char *order;
            size_t size;
            tconv_status status = tconv_zip_read_all(torch->zip, i, 16, &order, &size, error);
            if (status != TCONV_OK)
                return status;
            torch->big_endian = size == 3 && memcmp(order, "big", 3) == 0;
            tconv_free(order);
        } else if (strncmp(name + folder, "data/", 5) == 0) {
            tconv_status status = tconv_name_table_add(&torch->keys, name + folder + 5, i, &existing);
            if (status != TCONV_OK)
                return tconv_fail_plain(error, status);
        }
    }
    return TCONV_OK;
}

static tconv_status read_zip(tconv_container *c, struct torch *torch, size_t member, tconv_error *error)
{
    unsigned char *bytes;
    size_t size;
    tconv_status status = index_members(torch, tconv_zip_name(torch->zip, member), error);
    if (status == TCONV_OK)
        status = tconv_zip_read_all(torch->zip, member, MOST_PICKLE_BYTES, &bytes, &size, error);
    if (status != TCONV_OK)
        return status;
    tconv_pickle pickle = { 0 };
    tconv_source *source;
    uint64_t at = 0;
    status = tconv_source_open_memory(&source, bytes, size);
    if (status != TCONV_OK)
        (void)tconv_fail_plain(error, status);
    else
        status = tconv_pickle_read(&pickle, &c->arena, source, &at, size, error);
    tconv_source_close(source);
    if (status == TCONV_OK)
        status = add_tensors(c, &pickle, error);
    tconv_pickle_free(&pickle);
    tconv_free(bytes);
    return status;
}

tconv_status tconv_torch_zip_open(tconv_container *container, tconv_zip *zip, size_t member, tconv_error *error)
{
    struct torch *torch;
    tconv_status status = begin(container, &torch, error);
    if (status != TCONV_OK) {
        tconv_zip_close(zip);
        return status;
    }
    torch->zip = zip;
    return read_zip(container, torch, member, error);
}

/* ---- the older stream ---- */

/* Where each key's elements begin, from the list of keys and the types that the object's pickle gives them. */
static tconv_status index_storages(tconv_container *c, struct torch *torch, const tconv_pickle *object,
                                   const tconv_pickle *list, uint64_t at, tconv_error *error)
{
    const tconv_pickle_value *keys = &list->values[list->root];
    tconv_status status = TCONV_OK;
    if (keys->kind != TCONV_PICKLE_SEQUENCE)
        return tconv_fail(error, TCONV_EFORMAT, "the list of storages is no list");
    torch->begins = tconv_arena_take(&c->arena, 2 * (size_t)keys->count * sizeof *torch->begins, &status);
    if (torch->begins == NULL)
        return tconv_fail_plain(error, status);
    torch->sizes = torch->begins + keys->count;
    tconv_name_table types = { 0 };
    for (size_t i = 0; status == TCONV_OK && i < object->count; i++) {
        size_t existing;
        if (object->values[i].kind == TCONV_PICKLE_STORAGE)
            status = tconv_name_table_add(&types, object->values[i].of.storage->key, i, &existing);
    }
    if (status != TCONV_OK)
        status = tconv_fail_plain(error, status);
    for (uint32_t i = 0; status == TCONV_OK && i < keys->count; i++) {
        const tconv_pickle_value *key = &list->values[keys->of.items[i]];
        size_t existing, typed = key->kind == TCONV_PICKLE_TEXT ? tconv_name_table_find(&types, key->of.text) : TCONV_NO_INDEX;
        unsigned char bytes[8];
        uint64_t count = 0, total;
        if (typed == TCONV_NO_INDEX) {
            status = tconv_fail(error, TCONV_EFORMAT, "storage %" PRIu32 " of the list is used by no tensor", i);
            break;
        }
        const tconv_pickle_storage *storage = object->values[typed].of.storage;
        size_t size = storage->element != TCONV_ELEMENT_COUNT ? tconv_element_bytes(storage->element)
                    : strcmp(storage->type, "c128") == 0 ? 16 : 8;
        status = tconv_source_read(c->source, at, sizeof bytes, bytes, error);
        if (status != TCONV_OK)
            break;
        for (size_t b = 0; b < 8; b++)
            count |= (uint64_t)bytes[b] << 8 * b;
        if (__builtin_mul_overflow(count, (uint64_t)size, &total) || total > tconv_source_size(c->source) - at - 8) {
            status = tconv_fail(error, TCONV_EFORMAT, "the storage '%.100s' is longer than the file", storage->key);
            break;
        }
        torch->begins[i] = at + 8;
        torch->sizes[i] = count;
        at += 8 + total;
        status = tconv_name_table_add(&torch->keys, key->of.text, i, &existing);
        if (status != TCONV_OK)
            status = tconv_fail_plain(error, status);
        else if (existing != TCONV_NO_INDEX)
            status = tconv_fail(error, TCONV_EFORMAT, "the storage '%.100s' is there twice", key->of.text);
    }
    tconv_name_table_free(&types);
    return status;
}

tconv_status tconv_torch_stream_open(tconv_container *container, tconv_error *error)
{
    struct torch *torch;
    tconv_pickle p[5] = { { 0 } };     /* magic number, version, machine, object, keys */
    uint64_t at = 0, end = tconv_source_size(container->source);
    tconv_status status = begin(container, &torch, error);
    for (size_t i = 0; status == TCONV_OK && i < 5; i++) {
        status = tconv_pickle_read(&p[i], &container->arena, container->source, &at, end, error);
        const tconv_pickle_value *root = status == TCONV_OK ? &p[i].values[p[i].root] : NULL;
        if (i == 1 && root != NULL && (root->kind != TCONV_PICKLE_INT || root->of.number != 1001))
            status = tconv_fail(error, TCONV_EUNSUPPORTED, "the version of the file is not 1001");
    }
    if (status == TCONV_OK)
        status = index_storages(container, torch, &p[3], &p[4], at, error);
    if (status == TCONV_OK)
        status = add_tensors(container, &p[3], error);
    for (size_t i = 0; i < 5; i++)
        tconv_pickle_free(&p[i]);
    return status;
}
