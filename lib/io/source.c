#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/memory.h"
#include "../core/reason.h"

struct tconv_source {
    int descriptor;                 /* -1: all bytes are in memory */
    const unsigned char *memory;
    unsigned char *owned;           /* what was read from a pipe */
    uint64_t size;
};

static tconv_status system_failed(tconv_error *error, int reason)
{
    return tconv_fail(error, TCONV_EREAD, "%s", tconv_reason(reason));
}

static ssize_t read_retrying(int descriptor, void *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(descriptor, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Read a stream to its end, doubling the block as it grows. */
static tconv_status spool(tconv_source *source, int descriptor, tconv_error *error)
{
    size_t capacity = (size_t)1 << 16, used = 0;
    tconv_status status = TCONV_OK;
    source->owned = tconv_alloc(capacity, 1, &status);
    while (status == TCONV_OK) {
        if (used == capacity) {
            unsigned char *larger = tconv_alloc(2 * capacity, 1, &status);
            if (larger == NULL)
                break;
            memcpy(larger, source->owned, used);
            tconv_free(source->owned);
            source->owned = larger;
            capacity *= 2;
        }
        ssize_t got = read_retrying(descriptor, source->owned + used, capacity - used);
        if (got < 0)
            return system_failed(error, errno);
        if (got == 0)
            break;
        used += (size_t)got;
    }
    source->memory = source->owned;
    source->size = used;
    return status == TCONV_OK ? status : tconv_fail_plain(error, status);
}

static tconv_status open_descriptor(tconv_source *source, int descriptor, tconv_error *error)
{
    struct stat info;
    if (descriptor < 0 || fstat(descriptor, &info) != 0)
        return system_failed(error, errno);
    if (S_ISDIR(info.st_mode))
        return system_failed(error, EISDIR);
    if (!S_ISREG(info.st_mode))
        return spool(source, descriptor, error);
    source->size = (uint64_t)info.st_size;
    return TCONV_OK;
}

tconv_status tconv_source_open(tconv_source **source, const char *path, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *source = NULL;
    tconv_source *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->descriptor = -1;
    if (strcmp(path, "-") == 0) {
        status = spool(made, STDIN_FILENO, error);
    } else {
        int descriptor;
        do
            descriptor = open(path, O_RDONLY | O_CLOEXEC);
        while (descriptor < 0 && errno == EINTR);
        status = open_descriptor(made, descriptor, error);
        if (status == TCONV_OK && made->memory == NULL)
            made->descriptor = descriptor;
        else if (descriptor >= 0)
            (void)close(descriptor);
    }
    if (status != TCONV_OK) {
        tconv_source_close(made);
        return status;
    }
    *source = made;
    return TCONV_OK;
}

static int open_at(int folder, const char *name, int flags)
{
    int descriptor;
    do
        descriptor = openat(folder, name, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* Go down one plain name after the other, each opened without following a link. *descriptor = the file, -1 on failure. */
static tconv_status open_beneath(int folder, const char *relative, int *descriptor, tconv_error *error)
{
    char name[NAME_MAX + 1];
    for (const char *at = relative;;) {
        size_t length = strcspn(at, "/");
        bool last = at[length] == '\0';
        bool dots = (length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.');
        if (length == 0 || length > NAME_MAX || dots) {
            (void)close(folder);
            return tconv_fail(error, TCONV_EFORMAT, "the path '%.160s' leaves the folder of the model or is no plain path", relative);
        }
        memcpy(name, at, length);
        name[length] = '\0';
        int next = open_at(folder, name, last ? O_NONBLOCK : O_DIRECTORY);
        int reason = errno;
        (void)close(folder);
        if (next < 0)
            return tconv_fail(error, reason == ELOOP || reason == ENOTDIR ? TCONV_EFORMAT : TCONV_EREAD,
                              "the file '%.160s' cannot be opened beneath the model's folder%s", relative,
                              reason == ELOOP || reason == ENOTDIR ? ": a symbolic link is on the way" : "");
        folder = next;
        if (last)
            break;
        at += length + 1;
    }
    struct stat info;
    if (fstat(folder, &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink != 1) {
        (void)close(folder);
        return tconv_fail(error, TCONV_EFORMAT, "'%.160s' is no regular file, or has other hard links", relative);
    }
    *descriptor = folder;
    return TCONV_OK;
}

tconv_status tconv_source_open_beneath(tconv_source **source, const char *folder, const char *relative, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    int at, descriptor = -1;
    *source = NULL;
    do
        at = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    while (at < 0 && errno == EINTR);
    if (at < 0)
        return system_failed(error, errno);
    status = open_beneath(at, relative, &descriptor, error);
    if (status != TCONV_OK)
        return status;
    tconv_source *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL) {
        (void)close(descriptor);
        return tconv_fail_plain(error, status);
    }
    made->descriptor = descriptor;
    status = open_descriptor(made, descriptor, error);
    if (status != TCONV_OK)
        tconv_source_close(made);
    else
        *source = made;
    return status;
}

tconv_status tconv_source_open_memory(tconv_source **source, const void *bytes, size_t size)
{
    tconv_status status = TCONV_OK;
    *source = tconv_alloc_zero(1, sizeof **source, &status);
    if (*source == NULL)
        return status;
    (*source)->descriptor = -1;
    (*source)->memory = bytes;
    (*source)->size = size;
    return TCONV_OK;
}

void tconv_source_close(tconv_source *source)
{
    if (source == NULL)
        return;
    if (source->descriptor >= 0)
        (void)close(source->descriptor);
    tconv_free(source->owned);
    tconv_free(source);
}

uint64_t tconv_source_size(const tconv_source *source)
{
    return source->size;
}

tconv_status tconv_source_read(tconv_source *source, uint64_t offset, size_t size, void *bytes, tconv_error *error)
{
    if (offset > source->size || size > source->size - offset)
        return tconv_fail(error, TCONV_EFORMAT, "the file ends at byte %llu; %llu bytes from %llu on are needed",
                          (unsigned long long)source->size, (unsigned long long)size, (unsigned long long)offset);
    if (source->descriptor < 0) {
        if (size > 0)
            memcpy(bytes, source->memory + offset, size);
        return TCONV_OK;
    }
    unsigned char *to = bytes;
    while (size > 0) {
        ssize_t got = pread(source->descriptor, to, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_failed(error, errno);
        if (got == 0)
            return tconv_fail(error, TCONV_EFORMAT, "the file became shorter while it was read");
        to += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return TCONV_OK;
}

tconv_status tconv_source_read_all(tconv_source *source, unsigned char **bytes, size_t *size, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *bytes = NULL;
    *size = 0;
    if (source->size >= SIZE_MAX)
        return tconv_fail_plain(error, TCONV_ESIZE);
    unsigned char *block = tconv_alloc((size_t)source->size + 1, 1, &status);
    if (block == NULL)
        return tconv_fail_plain(error, status);
    status = tconv_source_read(source, 0, (size_t)source->size, block, error);
    if (status != TCONV_OK) {
        tconv_free(block);
        return status;
    }
    block[source->size] = 0;
    *bytes = block;
    *size = (size_t)source->size;
    return TCONV_OK;
}
