#include "container_write.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"

#define PIECE_BYTES ((size_t)65536)

/* ---- values into bytes ---- */

/* A magnitude as a binary float of p significant bits and exponents emin..emax, to nearest: false where it overflows. */
static bool round_to(double a, int p, int emin, int emax, uint64_t *bits)
{
    int e;
    *bits = 0;
    if (a == 0.0)
        return true;
    (void)frexp(a, &e);                              /* a in [2^(e-1), 2^e) */
    e = e - 1 < emin ? emin : e - 1;
    double q = nearbyint(ldexp(a, p - 1 - e)), hidden = ldexp(1.0, p - 1);
    if (q == 2.0 * hidden) {
        q = hidden;
        e++;
    }
    if (e > emax)
        return false;
    *bits = q < hidden ? (uint64_t)q : ((uint64_t)(e - emin + 1) << (p - 1)) + (uint64_t)(q - hidden);
    return true;
}

/* One value as the bits of its type; false where it does not fit, or the type holds no fractions. */
static bool encode(tconv_element element, double value, uint64_t *bits)
{
    uint64_t sign = signbit(value) ? 1 : 0;
    float single = (float)value;
    uint32_t low;
    if (!isfinite(value))
        return false;
    switch (element) {
    case TCONV_F64:
        memcpy(bits, &value, sizeof *bits);
        return true;
    case TCONV_F32:
        memcpy(&low, &single, sizeof low);
        *bits = low;
        return isfinite(single);
    case TCONV_F16:
    case TCONV_BF16:
        if (!(element == TCONV_F16 ? round_to(fabs(value), 11, -14, 15, bits) : round_to(fabs(value), 8, -126, 127, bits)))
            return false;
        *bits |= sign << 15;
        return true;
    default:
        return false;
    }
}

tconv_status tconv_encode_elements(tconv_element element, bool big_endian, const double *values, size_t count,
                                   unsigned char *bytes, tconv_error *error)
{
    size_t size = tconv_element_bytes(element);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        if (!encode(element, values[i], &bits))
            return tconv_fail(error, TCONV_ENONFINITE, "element %zu of the new values does not fit the type %s", i,
                              tconv_element_text(element));
        for (size_t b = 0; b < size; b++)
            bytes[i * size + b] = (unsigned char)(bits >> 8 * (big_endian ? size - 1 - b : b));
    }
    return TCONV_OK;
}

/* ---- copying ---- */

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

/* The source with the bytes of one tensor, which lie together and little-endian, made anew. */
static tconv_status patch(tconv_container *c, const tconv_record *record, uint64_t at, const double *values, tconv_sink sink,
                          void *state, tconv_error *error)
{
    unsigned char piece[PIECE_BYTES];
    size_t count = tconv_info_count(&record->info), size = tconv_element_bytes(record->info.element), most = sizeof piece / size;
    tconv_status status = copy(c->source, 0, at, sink, state, error);
    for (size_t done = 0; status == TCONV_OK && done < count;) {
        size_t now = count - done < most ? count - done : most;
        status = tconv_encode_elements(record->info.element, false, values + done, now, piece, error);
        if (status == TCONV_OK && !sink(state, piece, now * size))
            status = refused(error);
        done += now;
    }
    if (status != TCONV_OK)
        return status;
    return copy(c->source, at + (uint64_t)count * size, tconv_source_size(c->source), sink, state, error);
}

static tconv_status unsupported(const tconv_record *record, const char *why, tconv_error *error)
{
    return tconv_fail(error, TCONV_EUNSUPPORTED, "the tensor '%.120s' cannot be replaced: %s", record->info.name, why);
}

/* All values fit the type: so that nothing is written before a failure that could be foreseen. */
static tconv_status check_values(const tconv_record *record, const double *values, tconv_error *error)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < tconv_info_count(&record->info); i++)
        if (tconv_encode_elements(record->info.element, false, &values[i], 1, bytes, NULL) != TCONV_OK)
            return tconv_fail(error, TCONV_ENONFINITE, "element %zu of the new values does not fit the type %s of '%.120s'", i,
                              record->info.type, record->info.name);
    return TCONV_OK;
}

tconv_status tconv_container_replace(tconv_container *container, size_t i, const double *values, size_t count,
                                     tconv_sink sink, void *state, tconv_error *error)
{
    uint64_t at;
    if (i >= container->n_records)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no tensor %zu; the file has %zu", i, container->n_records);
    while (container->records[i].kind == TCONV_RECORD_COPIED)
        i = container->records[i].part[0];
    const tconv_record *record = &container->records[i];
    if (record->kind != TCONV_RECORD_STORED)
        return unsupported(record, "it is computed from other tensors of the file", error);
    if (record->info.obstacle != NULL)
        return unsupported(record, record->info.obstacle, error);
    if (!tconv_element_is_float(record->info.element))
        return unsupported(record, "it does not hold floats", error);
    if (count != tconv_info_count(&record->info))
        return tconv_fail(error, TCONV_EARGUMENT, "the tensor '%.120s' has %zu values; %zu are given", record->info.name,
                          tconv_info_count(&record->info), count);
    tconv_status status = check_values(record, values, error);
    if (status != TCONV_OK)
        return status;
    if (container->rewrite != NULL)
        return container->rewrite(container, record, values, sink, state, error);
    if (container->locate == NULL)
        return unsupported(record, "files of this format are not written", error);
    if (!container->locate(container, record, &at))
        return unsupported(record, "its values do not lie together in the file", error);
    return patch(container, record, at, values, sink, state, error);
}

/* Channels and taps as the layer has them? */
static bool same_shape(const tconv_geometry *a, const tconv_geometry *b)
{
    bool same = a->ndim == b->ndim && a->channels_in == b->channels_in && a->channels_out == b->channels_out && a->groups == b->groups;
    for (size_t i = 0; same && i < a->ndim; i++)
        same = a->axis[i].n_taps == b->axis[i].n_taps;
    return same;
}

tconv_status tconv_container_replace_layer(tconv_container *container, size_t i, const tconv_kernel *kernel, tconv_sink sink,
                                           void *state, tconv_error *error)
{
    if (i >= container->n_layers)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no layer %zu; the file has %zu", i, container->n_layers);
    const tconv_layer_record *layer = &container->layers[i];
    if (layer->weight == TCONV_NO_INDEX || (layer->recipe != TCONV_RECIPE_WEIGHT && layer->recipe != TCONV_RECIPE_GRADIENT))
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the layer '%.120s' has no weight that is its kernel: %s is only equal to one",
                          layer->info.name, layer->info.operator_name);
    if (!same_shape(&kernel->geometry, &layer->info.geometry))
        return tconv_fail(error, TCONV_EGEOMETRY, "the kernel has other channels or another size than the layer '%.120s'",
                          layer->info.name);
    if (layer->single)
        return tconv_container_replace(container, layer->weight, kernel->taps, tconv_kernel_count(kernel), sink, state, error);
    size_t rank = layer->info.rank, shape[TCONV_MAX_RANK], back[TCONV_MAX_RANK];
    for (size_t a = 0; a < rank; a++) {
        shape[a] = layer->info.shape[layer->order[a]];
        back[layer->order[a]] = a;
    }
    tconv_status status = TCONV_OK;
    double *values = tconv_alloc(tconv_kernel_count(kernel), sizeof *values, &status);
    if (values == NULL)
        return tconv_fail_plain(error, status);
    tconv_permute(shape, back, rank, kernel->taps, values);
    status = tconv_container_replace(container, layer->weight, values, tconv_kernel_count(kernel), sink, state, error);
    tconv_free(values);
    return status;
}
