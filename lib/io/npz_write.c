/* An .npz archive with some arrays made anew: libzip copies the other members as they are packed. */
#include <string.h>
#include <zip.h>

#include "../core/memory.h"
#include "catalogue.h"
#include "npy.h"

static tconv_status failed(zip_error_t *reason, tconv_error *error)
{
    /* "not supported" is what libzip says where it has no memory for the layer that packs a member. */
    if (tconv_zip_failure(reason, TCONV_EWRITE) == TCONV_ENOMEM || zip_error_code_zip(reason) == ZIP_ER_OPNOTSUPP)
        return tconv_fail_plain(error, TCONV_ENOMEM);
    return tconv_fail(error, TCONV_EWRITE, "the zip archive cannot be written: %.200s", zip_error_strerror(reason));
}

/* The member with its header as it was and the new values in its own order and byte order. */
static tconv_status make_member(tconv_container *c, const tconv_record *record, const tconv_npy_header *h, const double *values,
                                unsigned char **bytes, size_t *size, tconv_error *error)
{
    tconv_status status = tconv_zip_read_all(c->own, record->place, c->options.max_tensor_bytes + TCONV_NPY_MAX_HEADER + 16, bytes,
                                             size, error);
    size_t count = tconv_info_count(&record->info), order[TCONV_MAX_RANK];
    double *turned = NULL;
    if (status != TCONV_OK)
        return status;
    if (h->fortran_order && h->rank > 1) {           /* C order of the axes backwards */
        turned = tconv_alloc(count, sizeof *turned, &status);
        if (turned == NULL)
            return tconv_fail_plain(error, status);
        for (size_t i = 0; i < h->rank; i++)
            order[i] = h->rank - 1 - i;
        tconv_permute(h->shape, order, h->rank, values, turned);
        values = turned;
    }
    status = tconv_element_from_f64(h->element, h->big_endian, values, count, *bytes + h->data_offset, error);
    tconv_free(turned);
    return status;
}

static tconv_status fill(zip_source_t *source, tconv_source *from, tconv_error *error)
{
    unsigned char piece[65536];
    uint64_t size = tconv_source_size(from), now;
    tconv_status status = zip_source_begin_write(source) == 0 ? TCONV_OK : failed(zip_source_error(source), error);
    for (uint64_t at = 0; status == TCONV_OK && at < size; at += now) {
        now = size - at < sizeof piece ? size - at : sizeof piece;
        status = tconv_source_read(from, at, (size_t)now, piece, error);
        if (status == TCONV_OK && zip_source_write(source, piece, now) != (zip_int64_t)now)
            status = failed(zip_source_error(source), error);
    }
    if (status == TCONV_OK && zip_source_commit_write(source) != 0)
        status = failed(zip_source_error(source), error);      /* not counted: a block in memory is complete as it is */
    return status;
}

/* The whole archive as a source that libzip may write to, in memory of its own: whether it would free a block of ours where it
 * fails depends on where it fails. */
static tconv_status buffer_of(tconv_source *from, zip_source_t **source, tconv_error *error)
{
    zip_error_t reason;
    zip_error_init(&reason);
    *source = zip_source_buffer_create(NULL, 0, 0, &reason);
    tconv_status status = *source != NULL ? fill(*source, from, error) : failed(&reason, error);
    zip_error_fini(&reason);
    return status;
}

/* Everything that the written archive holds, into the sink. */
static tconv_status drain(zip_source_t *source, tconv_sink sink, void *state, tconv_error *error)
{
    unsigned char piece[65536];
    tconv_status status = TCONV_OK;
    zip_int64_t got = zip_source_open(source) == 0 ? 1 : -1;
    while (status == TCONV_OK && got > 0) {
        got = zip_source_read(source, piece, sizeof piece);
        if (got > 0 && !sink(state, piece, (size_t)got))
            status = tconv_fail_plain(error, TCONV_EWRITE);
    }
    if (got < 0)
        status = failed(zip_source_error(source), error);      /* not counted: a block in memory opens and is read */
    (void)zip_source_close(source);
    return status;
}

/* Put other bytes into member `place`, which keeps its compression and its date. They must live until the archive is closed. */
static bool replace_member(zip_t *archive, size_t place, const void *bytes, size_t size)
{
    zip_stat_t info;
    bool there = zip_stat_index(archive, place, ZIP_FL_ENC_RAW, &info) == 0;
    zip_source_t *member = there ? zip_source_buffer(archive, bytes, size, 0) : NULL;
    if (member == NULL)
        return false;
    if (zip_file_replace(archive, place, member, 0) != 0) {
        zip_source_free(member);
        return false;
    }
    return ((info.valid & ZIP_STAT_COMP_METHOD) == 0 || zip_set_file_compression(archive, place, info.comp_method, 0) == 0)
        && ((info.valid & ZIP_STAT_MTIME) == 0 || zip_file_set_mtime(archive, place, info.mtime, 0) == 0);
}

/* The bytes of a member while the archive is written. */
struct member {
    unsigned char *bytes;
    size_t size;
};

/* The archive on the source, which it has a share of. It has been read before: that it is refused now is for lack of memory,
 * whatever libzip calls it, so once more with some at hand. */
static tconv_status open_archive(zip_source_t *source, zip_t **archive, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *archive = NULL;
    for (int round = 0; round < 2 && *archive == NULL && status != TCONV_ENOMEM; round++) {
        zip_error_t reason;
        zip_error_init(&reason);
        zip_source_keep(source);
        *archive = zip_open_from_source(source, 0, &reason);
        status = *archive != NULL ? TCONV_OK : failed(&reason, error);
        zip_error_fini(&reason);
        if (*archive == NULL)
            zip_source_free(source);
        if (status == TCONV_EWRITE && tconv_memory_probe() != TCONV_OK)
            status = tconv_fail_plain(error, TCONV_ENOMEM);
    }
    return status;
}

static tconv_status replace(zip_source_t *source, const tconv_container *c, const tconv_target *targets, const struct member *members,
                            size_t count, tconv_error *error)
{
    zip_t *archive;
    tconv_status status = open_archive(source, &archive, error);
    if (status != TCONV_OK)
        return status;
    bool put = true;
    for (size_t i = 0; put && i < count; i++)
        put = replace_member(archive, c->records[targets[i].record].place, members[i].bytes, members[i].size);
    if (put && zip_close(archive) == 0)
        return TCONV_OK;
    status = failed(zip_get_error(archive), error);
    zip_discard(archive);
    return status;
}

tconv_status tconv_npz_rewrite(tconv_container *container, const tconv_target *targets, size_t count, tconv_sink sink, void *state,
                               tconv_error *error)
{
    zip_source_t *source = NULL;
    tconv_status status = TCONV_OK;
    struct member *members = tconv_alloc_zero(count, sizeof *members, &status);
    if (members == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0; status == TCONV_OK && i < count; i++) {
        const tconv_record *record = &container->records[targets[i].record];
        status = make_member(container, record, record->detail, targets[i].values, &members[i].bytes, &members[i].size, error);
    }
    if (status == TCONV_OK)
        status = buffer_of(container->source, &source, error);
    if (status == TCONV_OK)
        status = replace(source, container, targets, members, count, error);
    if (status == TCONV_OK)
        status = drain(source, sink, state, error);
    zip_source_free(source);
    for (size_t i = 0; i < count; i++)
        tconv_free(members[i].bytes);
    tconv_free(members);
    return status;
}
