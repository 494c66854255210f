#include "catalogue.h"

#include <stdint.h>
#include <string.h>

#include "../core/memory.h"

#define PIECE_BYTES ((size_t)65536)   /* a multiple of every element size */

tconv_status tconv_info_set_shape(tconv_tensor_info *info, const size_t *shape, size_t rank, tconv_error *error)
{
    size_t count, bytes;
    if (!tconv_shape_count(shape, rank, &count) || !tconv_size_mul(count, sizeof(double), &bytes) || bytes > PTRDIFF_MAX)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.80s' has more elements than can be counted",
                          info->name != NULL ? info->name : "");
    if (rank > TCONV_MAX_RANK) {
        info->obstacle = "it has more than 8 axes";
        rank = TCONV_MAX_RANK;
    }
    info->rank = rank;
    if (rank > 0)
        memcpy(info->shape, shape, rank * sizeof *shape);
    return TCONV_OK;
}

void tconv_info_set_element(tconv_tensor_info *info, tconv_element element)
{
    info->element = element;
    info->type = tconv_element_text(element);
}

size_t tconv_info_count(const tconv_tensor_info *info)
{
    size_t count = 1;
    for (size_t i = 0; i < info->rank; i++)
        count *= info->shape[i];
    return count;
}

tconv_status tconv_catalogue_add(tconv_container *container, const tconv_record *record, size_t *index, tconv_error *error)
{
    size_t existing, at = container->n_records;
    if (at >= TCONV_MOST_TENSORS)
        return tconv_fail(error, TCONV_EFORMAT, "the file lists more than %zu tensors", TCONV_MOST_TENSORS);
    void *records = container->records;
    tconv_status status = tconv_grow(&records, &container->records_capacity, at, sizeof *record);
    container->records = records;
    if (status == TCONV_OK)
        status = tconv_name_table_add(&container->names, record->info.name, at, &existing);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    if (existing != TCONV_NO_INDEX)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.200s' is there twice", record->info.name);
    container->records[at] = *record;
    container->n_records++;
    if (index != NULL)
        *index = at;
    return TCONV_OK;
}

tconv_status tconv_catalogue_add_layer(tconv_container *container, const tconv_layer_record *layer, tconv_error *error)
{
    void *layers = container->layers;
    tconv_status status = tconv_grow(&layers, &container->layers_capacity, container->n_layers, sizeof *layer);
    container->layers = layers;
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    container->layers[container->n_layers++] = *layer;
    return TCONV_OK;
}

tconv_status tconv_read_elements(tconv_source *source, uint64_t offset, tconv_element element, bool big_endian,
                                 size_t count, double *values, tconv_error *error)
{
    unsigned char piece[PIECE_BYTES];
    size_t size = tconv_element_bytes(element), most = sizeof piece / size;
    for (size_t done = 0; done < count;) {
        size_t now = count - done < most ? count - done : most;
        tconv_status status = tconv_source_read(source, offset + done * size, now * size, piece, error);
        if (status == TCONV_OK)
            status = tconv_element_to_f64(element, big_endian, piece, now, values + done, error);
        if (status != TCONV_OK)
            return status;
        done += now;
    }
    return TCONV_OK;
}

tconv_status tconv_catalogue_check(const tconv_container *container, size_t i, tconv_error *error)
{
    const tconv_tensor_info *info = &container->records[i].info;
    uint64_t most = container->options.max_tensor_bytes;
    if (info->obstacle != NULL)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the tensor '%.120s' cannot be loaded: %.120s", info->name, info->obstacle);
    if (info->bytes > most)
        return tconv_fail(error, TCONV_EBUDGET, "the tensor '%.120s' has %llu bytes; %llu are allowed", info->name,
                          (unsigned long long)info->bytes, (unsigned long long)most);
    return TCONV_OK;
}

/* Load a part into memory of its own; *values is NULL on failure. */
static tconv_status load_part(tconv_container *container, size_t i, double **values, tconv_error *error)
{
    *values = NULL;
    tconv_status status = tconv_catalogue_check(container, i, error);
    if (status != TCONV_OK)
        return status;
    *values = tconv_alloc(tconv_info_count(&container->records[i].info), sizeof **values, &status);
    if (*values == NULL)
        return tconv_fail_plain(error, status);
    status = tconv_catalogue_load(container, i, *values, error);
    if (status != TCONV_OK) {
        tconv_free(*values);
        *values = NULL;
    }
    return status;
}

/* The weight of weight normalisation, w = g v / |v|, the norm over all axes but `axis` (Salimans and Kingma 2016): the
 * product of the extents before that axis is `outer`, behind it `inner`. axis = rank: one norm for all of v. */
static void fuse(const tconv_tensor_info *info, size_t axis, const double *g, double *w)
{
    size_t outer = 1, inner = 1, lengths = axis < info->rank ? info->shape[axis] : 1;
    for (size_t i = 0; i < info->rank; i++)
        if (i != axis)
            *(i < axis ? &outer : &inner) *= info->shape[i];
    for (size_t j = 0; j < lengths; j++) {
        double energy = 0.0;
        for (size_t a = 0; a < outer; a++)
            for (size_t b = 0; b < inner; b++)
                energy += w[(a * lengths + j) * inner + b] * w[(a * lengths + j) * inner + b];
        double scale = energy > 0.0 ? g[j] / __builtin_sqrt(energy) : 0.0;
        for (size_t a = 0; a < outer; a++)
            for (size_t b = 0; b < inner; b++)
                w[(a * lengths + j) * inner + b] *= scale;
    }
}

/* x <- (x - zero) scale; scale and zero are one value, or one for each place along `axis`. */
static void dequantise(const tconv_tensor_info *info, size_t axis, const double *scale, size_t n_scale, const double *zero,
                       double *x)
{
    size_t count = tconv_info_count(info), inner = 1;
    for (size_t i = axis + 1; i < info->rank; i++)
        inner *= info->shape[i];
    for (size_t i = 0; i < count; i++) {
        size_t j = n_scale == 1 ? 0 : i / inner % n_scale;
        x[i] = (x[i] - (zero != NULL ? zero[j] : 0.0)) * scale[j];
    }
}

void tconv_permute(const size_t *shape, const size_t *order, size_t rank, const double *from, double *to)
{
    size_t step[TCONV_MAX_RANK], extent[TCONV_MAX_RANK], place[TCONV_MAX_RANK] = { 0 }, count = 1;
    for (size_t i = 0; i < rank; i++) {
        step[i] = 1;
        for (size_t a = order[i] + 1; a < rank; a++)
            step[i] *= shape[a];
        extent[i] = shape[order[i]];
        count *= extent[i];
    }
    size_t at = 0;
    for (size_t n = 0; n < count; n++) {
        to[n] = from[at];
        for (size_t i = rank; i-- > 0;) {          /* the odometer of the output's axes */
            at += step[i];
            if (++place[i] < extent[i])
                break;
            at -= step[i] * extent[i];
            place[i] = 0;
        }
    }
}

static tconv_status load_fused(tconv_container *container, const tconv_record *record, double *values, tconv_error *error)
{
    double *g;
    tconv_status status = load_part(container, record->part[1], &g, error);
    if (status == TCONV_OK)
        status = tconv_catalogue_load(container, record->part[0], values, error);
    if (status == TCONV_OK)
        fuse(&record->info, record->axis, g, values);
    tconv_free(g);
    return status;
}

static tconv_status load_dequantised(tconv_container *container, const tconv_record *record, double *values, tconv_error *error)
{
    double *scale, *zero = NULL;
    tconv_status status = load_part(container, record->part[1], &scale, error);
    if (status == TCONV_OK && record->part[2] != TCONV_NO_INDEX)
        status = load_part(container, record->part[2], &zero, error);
    if (status == TCONV_OK)
        status = tconv_catalogue_load(container, record->part[0], values, error);
    if (status == TCONV_OK)
        dequantise(&record->info, record->axis, scale, tconv_info_count(&container->records[record->part[1]].info), zero,
                   values);
    tconv_free(scale);
    tconv_free(zero);
    return status;
}

static tconv_status load_transposed(tconv_container *container, const tconv_record *record, double *values, tconv_error *error)
{
    double *from;
    tconv_status status = load_part(container, record->part[0], &from, error);
    if (status == TCONV_OK)
        tconv_permute(container->records[record->part[0]].info.shape, record->order, record->info.rank, from, values);
    tconv_free(from);
    return status;
}

/* Recursion is bounded: every part has a smaller number than its record, and derived chains are at most
 * TCONV_MOST_DERIVATIONS long (onnx, tflite). */
tconv_status tconv_catalogue_load(tconv_container *container, size_t i, double *values, tconv_error *error)
{
    tconv_record record = container->records[i];
    tconv_status status = tconv_catalogue_check(container, i, error);
    if (status != TCONV_OK)
        return status;
    switch (record.kind) {
    case TCONV_RECORD_STORED:
        return container->load(container, &record, values, error);
    case TCONV_RECORD_FUSED:
        return load_fused(container, &record, values, error);
    case TCONV_RECORD_DEQUANTISED:
        return load_dequantised(container, &record, values, error);
    case TCONV_RECORD_TRANSPOSED:
        return load_transposed(container, &record, values, error);
    case TCONV_RECORD_COPIED:
    case TCONV_RECORD_ROUNDED:
        break;
    }
    status = tconv_catalogue_load(container, record.part[0], values, error);
    for (size_t n = 0; status == TCONV_OK && record.kind == TCONV_RECORD_ROUNDED && n < tconv_info_count(&record.info); n++)
        values[n] = (double)(float)values[n];
    return status;
}
