/* zip.h - the members of a zip archive, read through a source (libzip behind; not installed).
 *
 * The archive is checked for consistency when it is opened: directory against members, no name twice. Names are labels,
 * never paths. A member gives at most the bytes that the directory declares for it, and its checksum is verified when
 * its last byte has been read.
 */
#ifndef TCONV_IO_ZIP_H
#define TCONV_IO_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "source.h"

/* TCONV_ENOMEM where libzip, or zlib behind it, ran out of memory; `otherwise` for all else. For those who call libzip. */
struct zip_error;
tconv_status tconv_zip_failure(const struct zip_error *reason, tconv_status otherwise);

typedef struct tconv_zip tconv_zip;                  /* one thread at a time */
typedef struct tconv_zip_member tconv_zip_member;    /* an open member, read from its beginning */

/* The source must outlive the archive. TCONV_EFORMAT, TCONV_EUNSUPPORTED (encrypted, an unknown compression). */
TCONV_CHECKED tconv_status tconv_zip_open(tconv_zip **zip, tconv_source *source, tconv_error *error);
void tconv_zip_close(tconv_zip *zip);                /* NULL is fine; no member may be open */

size_t tconv_zip_count(const tconv_zip *zip);
const char *tconv_zip_name(const tconv_zip *zip, size_t i);    /* borrowed */
uint64_t tconv_zip_size(const tconv_zip *zip, size_t i);       /* declared, unpacked */

TCONV_CHECKED tconv_status tconv_zip_member_open(tconv_zip *zip, size_t i, tconv_zip_member **member, tconv_error *error);

/* The next `size` bytes, all of them; bytes = NULL passes over them. TCONV_EFORMAT where the member ends too early or
 * is damaged. */
TCONV_CHECKED tconv_status tconv_zip_member_read(tconv_zip_member *member, void *bytes, uint64_t size, tconv_error *error);
void tconv_zip_member_close(tconv_zip_member *member);

/* A whole member of at most `most` bytes in one block, by tconv_alloc. */
TCONV_CHECKED tconv_status tconv_zip_read_all(tconv_zip *zip, size_t i, uint64_t most, unsigned char **bytes, size_t *size,
                                              tconv_error *error);

#endif
