/* testing_vectors.h - reading the vectors that the scripts of tests/oracle made.
 *
 * A file is pairs of lines: a name with its parameters, then the values; lines that begin with # are comments.
 *
 *     struct vectors *file = vectors_open("design.txt");
 *     while (vectors_next(file, "remez"))                  // the next case of that name
 *         use(file->parameter[0], file->value, file->n_values);
 *     vectors_close(file);                                 // fails the case if nothing was found at all
 */
#ifndef TCONV_TESTS_TESTING_VECTORS_H
#define TCONV_TESTS_TESTING_VECTORS_H

#include "testing.h"

#define MOST_PARAMETERS 8
#define MOST_VALUES 1024

struct vectors {
    void *stream;
    char name[32];
    size_t n_parameters, n_values, found;
    double parameter[MOST_PARAMETERS], value[MOST_VALUES];
};

struct vectors *vectors_open(const char *file_name);       /* in tests/oracle; NULL, and a failed check, if it is not there */
bool vectors_next(struct vectors *file, const char *name);
void vectors_close(struct vectors *file);

#endif
