/* failing_memory.h - malloc and its kin, made to fail on request, for the suites that are linked with it (see the Makefile).
 *
 *     memory_fail_at(3, false);              the third allocation from now on fails; true: and all later ones
 *     memory_watch(true);                    .. of those that this thread makes until
 *     status = tconv_kernel_create(..);
 *     memory_watch(false);
 *     if (memory_failed() == 0) ..           there were fewer than three
 *
 * Two ways lead here. --wrap turns every call in what is linked statically, this library, to the __wrap_ functions. The others,
 * named as those of the C library, take the place of its own for the whole process: for what libraries, such as jansson and
 * libzip, allocate on our behalf. Under a sanitizer or valgrind, which have their own malloc, only the first way is open.
 *
 * What FFTW allocates is let through, and counted as spared: where it gets no memory it ends the process (core/fftw_lock.h).
 * That is tried by tests/fault, whose commands have a handler for it.
 */
#ifndef TCONV_TESTS_FAILING_MEMORY_H
#define TCONV_TESTS_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Allocation k from 1, none for 0; the counts below begin anew. */
void memory_fail_at(size_t k, bool ever);
void memory_watch(bool on);

/* How many were watched, were made to fail, were spared. */
size_t memory_seen(void);
size_t memory_failed(void);
size_t memory_spared(void);

/* Blocks that are out, of everyone: compare two of them. All 0 where only our own calls come by. */
long memory_live(void);
bool memory_complete(void);

#endif
