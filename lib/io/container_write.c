#include "container_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"

#define PIECE_BYTES ((size_t)65536)

/* The stored tensors that get other values; derived ones are followed back to those that they are made of. */
struct targets {
    tconv_target *item;
    size_t count, capacity;
};

static void targets_free(struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        tconv_free(targets->item[i].values);
    tconv_free(targets->item);
}

static tconv_status unsupported(const tconv_record *record, const char *why, tconv_error *error)
{
    return tconv_fail(error, TCONV_EUNSUPPORTED, "the tensor '%.120s' cannot be replaced: %s", record->info.name, why);
}

/* ---- what can be written ---- */

/* A stored record whose elements can be put into a copy; *at is their place where the format has one. */
static tconv_status check_stored(tconv_container *c, const tconv_record *record, uint64_t *at, tconv_error *error)
{
    *at = 0;
    if (record->info.obstacle != NULL)
        return unsupported(record, record->info.obstacle, error);
    if (!tconv_element_is_float(record->info.element))
        return unsupported(record, "it does not hold floats", error);
    if (c->rewrite != NULL)
        return TCONV_OK;
    if (c->locate == NULL)
        return unsupported(record, c->format == TCONV_CONTAINER_TORCH
                           ? "PyTorch files are read, never written; save the weights as .safetensors or .npz first"
                           : "files of this format are not written; .onnx, .safetensors and .npz are", error);
    if (!c->locate(c, record, at))
        return unsupported(record, "its values do not lie together in the file", error);
    return TCONV_OK;
}

static tconv_status check_tensor(tconv_container *c, size_t i, tconv_error *error)
{
    const tconv_record *record = &c->records[i];
    uint64_t at;
    switch (record->kind) {
    case TCONV_RECORD_STORED:
        return check_stored(c, record, &at, error);
    case TCONV_RECORD_COPIED: case TCONV_RECORD_ROUNDED: case TCONV_RECORD_TRANSPOSED:
        return check_tensor(c, record->part[0], error);
    case TCONV_RECORD_FUSED: {
        tconv_status status = check_tensor(c, record->part[0], error);
        return status == TCONV_OK ? check_tensor(c, record->part[1], error) : status;
    }
    case TCONV_RECORD_DEQUANTISED:
        break;
    }
    return unsupported(record, "it is stored as integers with a scale", error);
}

/* The float type that the values end up in. */
static tconv_element element_of(const tconv_container *c, size_t i)
{
    while (c->records[i].kind != TCONV_RECORD_STORED)
        i = c->records[i].part[0];
    return c->records[i].info.element;
}

/* ---- collecting ---- */

static tconv_status add_values(tconv_container *c, struct targets *targets, size_t i, double *values, tconv_error *error);

/* Values for a stored record; they belong to the list from here on. Two layers may share a tensor if they agree. */
static tconv_status add_stored(tconv_container *c, struct targets *targets, size_t i, double *values, tconv_error *error)
{
    const tconv_record *record = &c->records[i];
    size_t count = tconv_info_count(&record->info);
    tconv_target target = { .record = i, .values = values };
    tconv_status status = check_stored(c, record, &target.at, error);
    for (size_t n = 0; status == TCONV_OK && n < count; n++) {
        values[n] = isfinite(values[n]) ? tconv_element_round(record->info.element, values[n]) : (double)NAN;
        if (!isfinite(values[n]))       /* foreseen, so that nothing is written before */
            status = tconv_fail(error, TCONV_ENONFINITE, "element %zu of the new values does not fit the type %s of '%.120s'", n,
                                record->info.type, record->info.name);
    }
    for (size_t t = 0; status == TCONV_OK && t < targets->count; t++) {
        if (targets->item[t].record != i)
            continue;
        if (memcmp(targets->item[t].values, values, count * sizeof *values) != 0)
            status = tconv_fail(error, TCONV_EUNSUPPORTED, "two layers share the tensor '%.120s' and need different values in it",
                                record->info.name);
        tconv_free(values);
        return status;
    }
    void *item = targets->item;
    if (status == TCONV_OK) {
        status = tconv_grow(&item, &targets->capacity, targets->count, sizeof target);
        targets->item = item;
        if (status != TCONV_OK)
            status = tconv_fail_plain(error, status);
    }
    if (status != TCONV_OK) {
        tconv_free(values);
        return status;
    }
    targets->item[targets->count++] = target;
    return TCONV_OK;
}

/* w = g v/|v|, so v = w and g = |v|: the norm over all axes but the record's, of v as it is stored. */
static tconv_status add_fused(tconv_container *c, struct targets *targets, const tconv_record *record, double *values,
                              tconv_error *error)
{
    const tconv_tensor_info *info = &record->info;
    tconv_status status = TCONV_OK;
    tconv_element element = element_of(c, record->part[0]);
    size_t lengths = record->axis < info->rank ? info->shape[record->axis] : 1, inner = 1, count = tconv_info_count(info);
    for (size_t a = record->axis + 1; a < info->rank; a++)
        inner *= info->shape[a];
    double *g = tconv_alloc_zero(lengths, sizeof *g, &status);
    if (g == NULL) {
        tconv_free(values);
        return tconv_fail_plain(error, status);
    }
    for (size_t n = 0; n < count; n++) {
        double v = tconv_element_round(element, values[n]);
        g[record->axis < info->rank ? n / inner % lengths : 0] += v * v;
    }
    for (size_t j = 0; j < lengths; j++)
        g[j] = sqrt(g[j]);
    size_t length_record = record->part[1];
    status = add_values(c, targets, record->part[0], values, error);
    if (status == TCONV_OK)
        return add_values(c, targets, length_record, g, error);
    tconv_free(g);
    return status;
}

static tconv_status add_transposed(tconv_container *c, struct targets *targets, const tconv_record *record, double *values,
                                   tconv_error *error)
{
    size_t back[TCONV_MAX_RANK];
    tconv_status status = TCONV_OK;
    double *stored = tconv_alloc(tconv_info_count(&record->info), sizeof *stored, &status);
    for (size_t a = 0; a < record->info.rank; a++)
        back[record->order[a]] = a;
    if (stored != NULL)
        tconv_permute(record->info.shape, back, record->info.rank, values, stored);
    tconv_free(values);
    return stored != NULL ? add_values(c, targets, record->part[0], stored, error) : tconv_fail_plain(error, status);
}

/* Values for any record that check_tensor lets through, which are the list's or freed from here on. */
static tconv_status add_values(tconv_container *c, struct targets *targets, size_t i, double *values, tconv_error *error)
{
    const tconv_record *record = &c->records[i];
    if (record->kind == TCONV_RECORD_STORED)
        return add_stored(c, targets, i, values, error);
    if (record->kind == TCONV_RECORD_TRANSPOSED)
        return add_transposed(c, targets, record, values, error);
    if (record->kind == TCONV_RECORD_FUSED)
        return add_fused(c, targets, record, values, error);
    return add_values(c, targets, record->part[0], values, error);      /* copied or rounded */
}

/* ---- the copy ---- */

static tconv_status refused(tconv_error *error)
{
    return tconv_fail_plain(error, TCONV_EWRITE);
}

static tconv_status copy(tconv_source *source, uint64_t from, uint64_t to, tconv_sink sink, void *state, tconv_error *error)
{
    unsigned char piece[PIECE_BYTES];
    while (from < to) {
        size_t now = to - from < sizeof piece ? (size_t)(to - from) : sizeof piece;
        tconv_status status = tconv_source_read(source, from, now, piece, error);
        if (status != TCONV_OK)
            return status;
        if (!sink(state, piece, now))
            return refused(error);
        from += now;
    }
    return TCONV_OK;
}

static int by_place(const void *a, const void *b)
{
    const tconv_target *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static uint64_t end_of(const tconv_container *c, const tconv_target *target)
{
    const tconv_tensor_info *info = &c->records[target->record].info;
    return target->at + (uint64_t)tconv_info_count(info) * tconv_element_bytes(info->element);
}

/* In the order of the file, and no byte twice: seen before anything is written. */
static tconv_status sort_targets(const tconv_container *c, struct targets *targets, tconv_error *error)
{
    if (targets->count > 0)
        qsort(targets->item, targets->count, sizeof *targets->item, by_place);
    for (size_t t = 1; t < targets->count; t++)
        if (targets->item[t].at < end_of(c, &targets->item[t - 1]))
            return unsupported(&c->records[targets->item[t].record], "its bytes are another tensor's too", error);
    return TCONV_OK;
}

/* The source with the bytes of some tensors, each of which lies together and little-endian, made anew. */
static tconv_status patch(tconv_container *c, struct targets *targets, tconv_sink sink, void *state, tconv_error *error)
{
    unsigned char piece[PIECE_BYTES];
    uint64_t from = 0;
    tconv_status status = sort_targets(c, targets, error);
    for (size_t t = 0; status == TCONV_OK && t < targets->count; t++) {
        const tconv_target *target = &targets->item[t];
        const tconv_tensor_info *info = &c->records[target->record].info;
        size_t count = tconv_info_count(info), size = tconv_element_bytes(info->element), most = sizeof piece / size;
        status = copy(c->source, from, target->at, sink, state, error);
        for (size_t done = 0; status == TCONV_OK && done < count;) {
            size_t now = count - done < most ? count - done : most;
            status = tconv_element_from_f64(info->element, false, target->values + done, now, piece, error);
            if (status == TCONV_OK && !sink(state, piece, now * size))
                status = refused(error);
            done += now;
        }
        from = end_of(c, target);
    }
    return status == TCONV_OK ? copy(c->source, from, tconv_source_size(c->source), sink, state, error) : status;
}

static tconv_status write_copy(tconv_container *c, struct targets *targets, tconv_sink sink, void *state, tconv_error *error)
{
    return c->rewrite != NULL ? c->rewrite(c, targets->item, targets->count, sink, state, error)
                              : patch(c, targets, sink, state, error);
}

/* ---- tensors ---- */

/* A copy of the caller's values for record i. */
static tconv_status add_copy(tconv_container *c, struct targets *targets, size_t i, const double *values, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t count = tconv_info_count(&c->records[i].info);
    double *own = tconv_alloc(count, sizeof *own, &status);
    if (own == NULL)
        return tconv_fail_plain(error, status);
    memcpy(own, values, count * sizeof *own);
    return add_values(c, targets, i, own, error);
}

tconv_status tconv_container_replace(tconv_container *container, size_t i, const double *values, size_t count,
                                     tconv_sink sink, void *state, tconv_error *error)
{
    struct targets targets = { 0 };
    if (i >= container->n_records)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no tensor %zu; the file has %zu", i, container->n_records);
    const tconv_tensor_info *info = &container->records[i].info;
    tconv_status status = check_tensor(container, i, error);
    if (status == TCONV_OK && count != tconv_info_count(info))
        status = tconv_fail(error, TCONV_EARGUMENT, "the tensor '%.120s' has %zu values; %zu are given", info->name,
                            tconv_info_count(info), count);
    if (status == TCONV_OK)
        status = add_copy(container, &targets, i, values, error);
    if (status == TCONV_OK)
        status = write_copy(container, &targets, sink, state, error);
    targets_free(&targets);
    return status;
}

/* ---- layers ---- */

static bool is_shuffle(const tconv_layer_record *layer)
{
    return layer->recipe == TCONV_RECIPE_SHUFFLE;
}

tconv_status tconv_container_check_replace_layer(tconv_container *container, size_t i, tconv_error *error)
{
    if (i >= container->n_layers)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no layer %zu; the file has %zu", i, container->n_layers);
    const tconv_layer_record *layer = &container->layers[i];
    if (layer->info.obstacle != NULL || layer->weight == TCONV_NO_INDEX)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the layer '%.120s' cannot be replaced: %.160s", layer->info.name,
                          layer->info.obstacle != NULL ? layer->info.obstacle : "its weights are not in the file");
    if (layer->recipe == TCONV_RECIPE_RESIZE)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the layer '%.120s' has no weight that is its kernel: %s is only equal to one",
                          layer->info.name, layer->info.operator_name);
    tconv_status status = check_tensor(container, layer->weight, error);
    if (status == TCONV_OK && is_shuffle(layer) && layer->bias != TCONV_NO_INDEX)
        status = check_tensor(container, layer->bias, error);
    return status;
}

tconv_element tconv_container_layer_element(const tconv_container *container, size_t i)
{
    const tconv_layer_record *layer = i < container->n_layers ? &container->layers[i] : NULL;
    return layer != NULL && layer->weight != TCONV_NO_INDEX ? element_of(container, layer->weight) : TCONV_ELEMENT_COUNT;
}

/* Channels and taps as the layer has them? */
static bool same_shape(const tconv_geometry *a, const tconv_geometry *b)
{
    bool same = a->ndim == b->ndim && a->channels_in == b->channels_in && a->channels_out == b->channels_out && a->groups == b->groups;
    for (size_t i = 0; same && i < a->ndim; i++)
        same = a->axis[i].n_taps == b->axis[i].n_taps;
    return same;
}

/* Values in the layer's own order, (Cin, Cout/g, k..) or (O, I/g, k..), into the order in which they are stored; the values
 * are consumed. */
static tconv_status add_ordered(tconv_container *c, struct targets *targets, const tconv_layer_record *layer, double *values,
                                tconv_error *error)
{
    size_t rank = layer->info.rank, shape[TCONV_MAX_RANK], back[TCONV_MAX_RANK];
    bool moved = false;
    for (size_t a = 0; a < rank && !layer->single; a++) {
        shape[a] = layer->info.shape[layer->order[a]];
        back[layer->order[a]] = a;
        moved = moved || layer->order[a] != a;
    }
    if (!moved)
        return add_values(c, targets, layer->weight, values, error);
    tconv_status status = TCONV_OK;
    double *stored = tconv_alloc(tconv_info_count(&c->records[layer->weight].info), sizeof *stored, &status);
    if (stored != NULL)
        tconv_permute(shape, back, rank, values, stored);
    tconv_free(values);
    return stored != NULL ? add_values(c, targets, layer->weight, stored, error) : tconv_fail_plain(error, status);
}

/* The weights of the convolution, and its biases, which belong to phases. */
static tconv_status add_shuffled(tconv_container *c, struct targets *targets, const tconv_layer_record *layer, const tconv_kernel *kernel,
                                 tconv_error *error)
{
    tconv_status status = TCONV_OK;
    bool biased = layer->bias != TCONV_NO_INDEX && kernel->bias != NULL;
    double *weights = tconv_alloc_zero(tconv_info_count(&c->records[layer->weight].info), sizeof *weights, &status);
    double *bias = status == TCONV_OK && biased ? tconv_alloc(tconv_info_count(&c->records[layer->bias].info), sizeof *bias, &status) : NULL;
    if (status != TCONV_OK) {
        tconv_free(weights);
        return tconv_fail_plain(error, status);
    }
    status = tconv_space_to_depth(kernel, &layer->convolution, layer->block, layer->depth_order, weights, bias, error);
    if (status != TCONV_OK) {
        tconv_free(weights);
        tconv_free(bias);
        return status;
    }
    status = add_ordered(c, targets, layer, weights, error);
    if (status != TCONV_OK) {
        tconv_free(bias);
        return status;
    }
    return bias != NULL ? add_values(c, targets, layer->bias, bias, error) : TCONV_OK;
}

static tconv_status add_layer(tconv_container *c, struct targets *targets, const tconv_layer_change *change, tconv_error *error)
{
    tconv_status status = tconv_container_check_replace_layer(c, change->layer, error);
    if (status != TCONV_OK)
        return status;
    const tconv_layer_record *layer = &c->layers[change->layer];
    const tconv_kernel *kernel = change->kernel;
    if (!same_shape(&kernel->geometry, &layer->info.geometry))
        return tconv_fail(error, TCONV_EGEOMETRY, "the kernel has other channels or another size than the layer '%.120s'",
                          layer->info.name);
    if (is_shuffle(layer))
        return add_shuffled(c, targets, layer, kernel, error);
    size_t count = tconv_kernel_count(kernel);
    double *values = tconv_alloc(count, sizeof *values, &status);
    if (values == NULL)
        return tconv_fail_plain(error, status);
    memcpy(values, kernel->taps, count * sizeof *values);
    return add_ordered(c, targets, layer, values, error);
}

tconv_status tconv_container_replace_layers(tconv_container *container, const tconv_layer_change *changes, size_t count,
                                            tconv_sink sink, void *state, tconv_error *error)
{
    struct targets targets = { 0 };
    tconv_status status = TCONV_OK;
    for (size_t i = 0; status == TCONV_OK && i < count; i++)
        status = add_layer(container, &targets, &changes[i], error);
    if (status == TCONV_OK)
        status = write_copy(container, &targets, sink, state, error);
    targets_free(&targets);
    return status;
}

tconv_status tconv_container_replace_layer(tconv_container *container, size_t i, const tconv_kernel *kernel, tconv_sink sink,
                                           void *state, tconv_error *error)
{
    return tconv_container_replace_layers(container, &(tconv_layer_change){ i, kernel }, 1, sink, state, error);
}
