#include "zip.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "../core/memory.h"

struct member_info {
    const char *name;       /* libzip's, as long as the archive */
    uint64_t size;
};

struct tconv_zip {
    tconv_source *source;
    uint64_t at;            /* where libzip reads next */
    zip_t *archive;
    zip_error_t failed;     /* of the source */
    struct member_info *members;
    size_t count;
};

struct tconv_zip_member {
    zip_file_t *file;
    const char *name;
    uint64_t left;
};

/* libzip asks for bytes, positions and size through this one function. */
static zip_int64_t read_source(void *state, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    tconv_zip *zip = state;
    uint64_t whole = tconv_source_size(zip->source);
    switch (command) {
    case ZIP_SOURCE_OPEN:
        zip->at = 0;
        return 0;
    case ZIP_SOURCE_READ: {
        uint64_t left = whole - zip->at, now = size < left ? size : left;
        if (tconv_source_read(zip->source, zip->at, (size_t)now, data, NULL) != TCONV_OK) {
            zip_error_set(&zip->failed, ZIP_ER_READ, 0);
            return -1;
        }
        zip->at += now;
        return (zip_int64_t)now;
    }
    case ZIP_SOURCE_SEEK: {
        zip_int64_t to = zip_source_seek_compute_offset(zip->at, whole, data, size, &zip->failed);
        zip->at = to < 0 ? zip->at : (uint64_t)to;
        return to < 0 ? -1 : 0;
    }
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)zip->at;
    case ZIP_SOURCE_STAT: {
        zip_stat_t *info = data;
        zip_stat_init(info);
        info->size = whole;
        info->valid = ZIP_STAT_SIZE;
        return sizeof *info;
    }
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&zip->failed, data, size);
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, -1);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    default: return zip_error_set(&zip->failed, ZIP_ER_OPNOTSUPP, 0), -1;      /* not counted: SUPPORTS does not list it */
    }
}

#define ZLIB_MEMORY (-4)    /* Z_MEM_ERROR */

/* Some of libzip's failed allocations leave no code behind. */
tconv_status tconv_zip_failure(const zip_error_t *reason, tconv_status otherwise)
{
    int code = zip_error_code_zip(reason);
    bool memory = code == ZIP_ER_OK || code == ZIP_ER_MEMORY || (code == ZIP_ER_ZLIB && zip_error_code_system(reason) == ZLIB_MEMORY);
    return memory ? TCONV_ENOMEM : otherwise;
}

static tconv_status refuse(zip_error_t *reason, tconv_error *error)
{
    tconv_status status = tconv_zip_failure(reason, TCONV_EFORMAT);
    if (status == TCONV_ENOMEM)
        (void)tconv_fail_plain(error, status);
    else
        (void)tconv_fail(error, status, "the zip archive is refused: %.200s", zip_error_strerror(reason));
    zip_error_fini(reason);
    return status;
}

static tconv_status open_archive(tconv_zip *zip, tconv_error *error)
{
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_function_create(read_source, zip, &reason);
    if (source == NULL)
        return refuse(&reason, error);
    zip->archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &reason);
    if (zip->archive != NULL)
        return TCONV_OK;
    zip_source_free(source);
    return refuse(&reason, error);
}

/* libzip compares what the archive says twice (ZIP_CHECKCONS) and refuses two members of one name.
 *
 * The end record of the archive states how many members there are: each needs 46 bytes of directory, so a file cannot
 * make libzip reserve room for more than it has. */
static tconv_status read_directory(tconv_zip *zip, tconv_error *error)
{
    tconv_status status = open_archive(zip, error);
    if (status == TCONV_EFORMAT) {      /* libzip calls the archive wrong where memory ran out: once more, with some at hand */
        status = tconv_memory_probe();
        status = status != TCONV_OK ? tconv_fail_plain(error, status) : open_archive(zip, error);
    }
    if (status != TCONV_OK)
        return status;
    zip_int64_t count = zip_get_num_entries(zip->archive, 0);
    zip->members = tconv_alloc_zero((size_t)count, sizeof *zip->members, &status);
    for (; status == TCONV_OK && zip->count < (size_t)count; zip->count++) {
        zip_stat_t info;
        if (zip_stat_index(zip->archive, zip->count, ZIP_FL_ENC_RAW, &info) != 0 || (info.valid & ZIP_STAT_NAME) == 0
            || (info.valid & ZIP_STAT_SIZE) == 0)
            return refuse(zip_get_error(zip->archive), error);      /* not counted: libzip has read the whole directory */
        zip->members[zip->count] = (struct member_info){ info.name, info.size };
    }
    return status == TCONV_OK ? status : tconv_fail_plain(error, status);
}

tconv_status tconv_zip_open(tconv_zip **zip, tconv_source *source, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *zip = NULL;
    tconv_zip *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->source = source;
    zip_error_init(&made->failed);
    status = read_directory(made, error);
    if (status != TCONV_OK)
        tconv_zip_close(made);
    else
        *zip = made;
    return status;
}

void tconv_zip_close(tconv_zip *zip)
{
    if (zip == NULL)
        return;
    if (zip->archive != NULL)
        zip_discard(zip->archive);
    zip_error_fini(&zip->failed);
    tconv_free(zip->members);
    tconv_free(zip);
}

size_t tconv_zip_count(const tconv_zip *zip)
{
    return zip->count;
}

const char *tconv_zip_name(const tconv_zip *zip, size_t i)
{
    return zip->members[i].name;
}

uint64_t tconv_zip_size(const tconv_zip *zip, size_t i)
{
    return zip->members[i].size;
}

/* `got` is what zip_fread returned: negative where it failed. */
static tconv_status damaged(tconv_zip_member *member, zip_int64_t got, const char *why, tconv_error *error)
{
    tconv_status status = got < 0 ? tconv_zip_failure(zip_file_get_error(member->file), TCONV_EFORMAT) : TCONV_EFORMAT;
    if (status == TCONV_ENOMEM)
        return tconv_fail_plain(error, status);
    return tconv_fail(error, status, "the member '%.160s' of the zip archive is damaged: %.100s", member->name,
                      got < 0 ? zip_file_strerror(member->file) : why);
}

tconv_status tconv_zip_member_open(tconv_zip *zip, size_t i, tconv_zip_member **member, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *member = NULL;
    tconv_zip_member *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->name = zip->members[i].name;
    made->left = zip->members[i].size;
    made->file = zip_fopen_index(zip->archive, i, 0);
    if (made->file == NULL) {
        tconv_free(made);
        status = tconv_zip_failure(zip_get_error(zip->archive), TCONV_EUNSUPPORTED);
        if (status == TCONV_ENOMEM)
            return tconv_fail_plain(error, status);
        return tconv_fail(error, status, "the member '%.160s' of the zip archive cannot be read: %.100s", zip->members[i].name,
                          zip_strerror(zip->archive));
    }
    *member = made;
    return TCONV_OK;
}

/* Up to 2^30 bytes at a time into bytes, or into a small block that is forgotten. */
tconv_status tconv_zip_member_read(tconv_zip_member *member, void *bytes, uint64_t size, tconv_error *error)
{
    unsigned char passed_over[16384], *to = bytes;
    if (size > member->left)
        return tconv_fail(error, TCONV_EFORMAT, "the member '%.160s' of the zip archive ends %" PRIu64 " bytes too early",
                          member->name, size - member->left);
    while (size > 0) {
        uint64_t most = bytes != NULL ? (uint64_t)1 << 30 : sizeof passed_over;
        zip_int64_t got = zip_fread(member->file, bytes != NULL ? to : passed_over, size < most ? size : most);
        if (got <= 0)
            return damaged(member, got, "it is shorter than declared", error);
        size -= (uint64_t)got;
        member->left -= (uint64_t)got;
        if (bytes != NULL)
            to += got;
    }
    if (member->left == 0) {              /* the end is where libzip compares the checksum */
        zip_int64_t more = zip_fread(member->file, passed_over, 1);
        if (more != 0)
            return damaged(member, more, "it is longer than declared", error);
    }
    return TCONV_OK;
}

void tconv_zip_member_close(tconv_zip_member *member)
{
    (void)zip_fclose(member->file);
    tconv_free(member);
}

tconv_status tconv_zip_read_all(tconv_zip *zip, size_t i, uint64_t most, unsigned char **bytes, size_t *size, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    tconv_zip_member *member;
    *bytes = NULL;
    *size = (size_t)zip->members[i].size;
    if (zip->members[i].size > most)
        return tconv_fail(error, TCONV_EBUDGET, "the member '%.160s' of the zip archive has %" PRIu64 " bytes; %" PRIu64
                          " are allowed", zip->members[i].name, zip->members[i].size, most);
    status = tconv_zip_member_open(zip, i, &member, error);
    if (status != TCONV_OK)
        return status;
    unsigned char *block = tconv_alloc(*size + 1, 1, &status);
    if (block == NULL)
        (void)tconv_fail_plain(error, status);
    else
        status = tconv_zip_member_read(member, block, *size, error);
    tconv_zip_member_close(member);
    if (status == TCONV_OK)
        *bytes = block;
    else
        tconv_free(block);
    return status;
}
