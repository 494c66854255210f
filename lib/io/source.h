/* source.h - where a reader gets its bytes: a file, standard input, or memory, with random access.
 *
 * A file is read by position as a reader asks, so that one tensor of a 2 GB container costs only its own bytes.
 * Standard input and pipes are read whole at the start. A short read or an interrupted call is retried.
 */
#ifndef TCONV_IO_SOURCE_H
#define TCONV_IO_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_source tconv_source;   /* one thread at a time */

/* Open `path`; "-" is standard input. On failure *source is NULL and *error names the system's reason without the
 * path: TCONV_EREAD (also for a folder), TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_source_open(tconv_source **source, const char *path, tconv_error *error);

/* Open a file that another file names, beneath `folder` only: `relative` is a path of plain names, without "..", without
 * a symbolic link on its way, and ends at a regular file with no other hard link. TCONV_EFORMAT for any other path,
 * TCONV_EREAD, TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_source_open_beneath(tconv_source **source, const char *folder,
                                                               const char *relative, tconv_error *error);

/* The caller's own bytes, borrowed: they must outlive the source. */
TCONV_API TCONV_CHECKED tconv_status tconv_source_open_memory(tconv_source **source, const void *bytes, size_t size);

TCONV_API void tconv_source_close(tconv_source *source);   /* NULL is fine */

TCONV_API uint64_t tconv_source_size(const tconv_source *source);

/* bytes[0..size-1] = the source's bytes from `offset` on. TCONV_EFORMAT where they end too early ("the file ends at
 * byte .."), TCONV_EREAD where the system fails. */
TCONV_API TCONV_CHECKED tconv_status tconv_source_read(tconv_source *source, uint64_t offset, size_t size, void *bytes,
                                                       tconv_error *error);

/* All of it in one new block (tconv_free), one zero byte after the end. TCONV_EBUDGET where it is over the memory
 * budget. */
TCONV_API TCONV_CHECKED tconv_status tconv_source_read_all(tconv_source *source, unsigned char **bytes, size_t *size,
                                                           tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
