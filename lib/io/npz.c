/* .npz: a zip archive of .npy files, one member NAME.npy per array (numpy.savez). The directory and each member's
 * header are read when the archive is opened, an array's values when it is loaded. */
#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"
#include "npy_header.h"

#define PIECE_BYTES ((size_t)65536)

/* Magic, version, length and text of the header (numpy/lib/format.py) from the beginning of a member. */
static tconv_status read_header(tconv_zip_member *member, const char *name, tconv_npy_header *header, tconv_error *error)
{
    unsigned char start[12];
    tconv_status status = tconv_zip_member_read(member, start, 10, error);
    if (status != TCONV_OK)
        return status;
    if (memcmp(start, "\x93NUMPY", 6) != 0)
        return tconv_fail(error, TCONV_EFORMAT, "the member '%.160s' is no .npy file", name);
    if (start[6] < 1 || start[6] > 3 || start[7] != 0)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the member '%.160s' is of the unknown .npy version %d.%d", name, start[6], start[7]);
    size_t more = start[6] == 1 ? 0 : 2, length = start[8] | (size_t)start[9] << 8;
    if (more != 0)
        status = tconv_zip_member_read(member, start + 10, more, error);
    if (more != 0)
        length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
    if (status == TCONV_OK && length > TCONV_NPY_MAX_HEADER)
        status = tconv_fail(error, TCONV_EFORMAT, "the header of '%.160s' claims %zu bytes; %d are allowed", name, length,
                            TCONV_NPY_MAX_HEADER);
    char *text = status == TCONV_OK ? tconv_alloc(length, 1, &status) : NULL;
    if (text == NULL)
        return status == TCONV_ENOMEM || status == TCONV_EBUDGET ? tconv_fail_plain(error, status) : status;
    tconv_error reason = { 0 };
    status = tconv_zip_member_read(member, text, length, error);
    if (status == TCONV_OK) {
        status = tconv_npy_parse_header(text, length, header, &reason);
        if (status != TCONV_OK)
            (void)tconv_fail(error, status, "%.100s: %.200s", name, reason.message);
    }
    tconv_free(text);
    header->data_offset = 10 + more + length;
    return status;
}

/* The name of the array: without ".npy" at its end. */
static tconv_status add_array(tconv_container *c, tconv_zip *zip, size_t i, tconv_error *error)
{
    const char *name = tconv_zip_name(zip, i);
    size_t length = strlen(name), bytes = 0;
    if (length < 4 || strcmp(name + length - 4, ".npy") != 0)
        return TCONV_OK;
    tconv_status status = TCONV_OK;
    tconv_npy_header *h = tconv_arena_take(&c->arena, sizeof *h, &status);      /* data_offset: within the member */
    tconv_record record = { .kind = TCONV_RECORD_STORED, .place = i, .detail = h };
    if (h != NULL)
        record.info.name = tconv_arena_text(&c->arena, name, length - 4, &status);
    if (record.info.name == NULL)
        return tconv_fail_plain(error, status);
    tconv_zip_member *member;
    status = tconv_zip_member_open(zip, i, &member, error);
    if (status != TCONV_OK)
        return status;
    status = read_header(member, name, h, error);
    tconv_zip_member_close(member);
    if (status == TCONV_EUNSUPPORTED) {              /* objects, texts, ..: the other arrays are still of use */
        record.info.type = "other";
        record.info.element = TCONV_ELEMENT_COUNT;
        record.info.obstacle = "its element type is not supported";
        return tconv_catalogue_add(c, &record, NULL, error);
    }
    if (status != TCONV_OK)
        return status;
    tconv_info_set_element(&record.info, h->element);
    status = tconv_info_set_shape(&record.info, h->shape, h->rank, error);
    if (status != TCONV_OK)
        return status;
    uint64_t there = tconv_zip_size(zip, i) - h->data_offset;
    if (!tconv_size_mul(tconv_info_count(&record.info), tconv_element_bytes(h->element), &bytes) || bytes != there)
        return tconv_fail(error, TCONV_EFORMAT, "the array '%.160s': its shape asks for %zu bytes, the member has %" PRIu64,
                          record.info.name, bytes, there);
    record.info.bytes = bytes;
    return tconv_catalogue_add(c, &record, NULL, error);
}

/* C order as it comes. Fortran order is C order of the shape backwards, so its axes are turned round afterwards. */
static tconv_status read_values(tconv_zip_member *member, const tconv_npy_header *h, size_t count, double *values, tconv_error *error)
{
    unsigned char piece[PIECE_BYTES];
    size_t size = tconv_element_bytes(h->element), most = sizeof piece / size;
    tconv_status status = tconv_zip_member_read(member, NULL, h->data_offset, error);
    for (size_t done = 0; status == TCONV_OK && done < count;) {
        size_t now = count - done < most ? count - done : most;
        status = tconv_zip_member_read(member, piece, now * size, error);
        if (status == TCONV_OK)
            status = tconv_element_to_f64(h->element, h->big_endian, piece, now, values + done, error);
        done += now;
    }
    return status;
}

static tconv_status load(tconv_container *c, const tconv_record *record, double *values, tconv_error *error)
{
    const tconv_npy_header *h = record->detail;
    size_t count = tconv_info_count(&record->info), backwards[TCONV_MAX_RANK], order[TCONV_MAX_RANK];
    tconv_zip_member *member;
    tconv_status status = tconv_zip_member_open(c->own, record->place, &member, error);
    if (status != TCONV_OK)
        return status;
    double *stored = h->fortran_order && h->rank > 1 ? tconv_alloc(count, sizeof *stored, &status) : values;
    if (stored == NULL)
        (void)tconv_fail_plain(error, status);
    else
        status = read_values(member, h, count, stored, error);
    tconv_zip_member_close(member);
    if (stored == values || stored == NULL)
        return status;
    for (size_t i = 0; i < h->rank; i++) {
        backwards[i] = h->shape[h->rank - 1 - i];
        order[i] = h->rank - 1 - i;
    }
    if (status == TCONV_OK)
        tconv_permute(backwards, order, h->rank, stored, values);
    tconv_free(stored);
    return status;
}

static void close_npz(tconv_container *c)
{
    tconv_zip_close(c->own);
}

tconv_status tconv_npz_open(tconv_container *container, tconv_zip *zip, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    container->own = zip;
    container->close = close_npz;
    container->load = load;
    container->rewrite = tconv_npz_rewrite;
    for (size_t i = 0; status == TCONV_OK && i < tconv_zip_count(zip); i++)
        status = add_array(container, zip, i, error);
    if (status == TCONV_OK && container->n_records == 0)
        return tconv_fail(error, TCONV_EFORMAT, "the zip archive holds neither .npy arrays nor a PyTorch data.pkl");
    return status;
}
