/* testing_definition.h - layers by their definitions, every product once: the twins that suites compare with.
 *
 * Arrays are (channels, n1..nD), row-major. Results are in memory of the caller, `most` values; sizes come back.
 */
#ifndef TCONV_TESTS_TESTING_DEFINITION_H
#define TCONV_TESTS_TESTING_DEFINITION_H

#include "core/kernel.h"
#include "design/convolution.h"
#include "testing.h"

/* y[s i + d r - pb] += x[i] w[r], plus the bias. Returns the number of values. */
size_t transposed_by_definition(const tconv_kernel *kernel, const double *x, const size_t *n_in, double *y, size_t *n_out, size_t most);

/* z[n] = b + sum x[n + d r - P] w[r], zeros outside. */
size_t convolved_by_definition(const tconv_convolution *convolution, const double *x, const size_t *n_in, double *z, size_t *n_out, size_t most);

/* Row-major index <-> index vector. */
void index_to_vector(size_t index, const size_t *shape, size_t ndim, size_t *vector);

#endif
