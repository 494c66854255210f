#include "matrix.h"

#include <stdint.h>
#include <string.h>

#include "lift.h"

void tconv_matrix_destroy(tconv_matrix *matrix)
{
    if (matrix == NULL)
        return;
    tconv_free(matrix->start);
    tconv_free(matrix->column);
    tconv_free(matrix->value);
    tconv_free(matrix);
}

static tconv_status given_up(tconv_matrix **matrix, tconv_status status, tconv_error *error)
{
    tconv_matrix_destroy(*matrix);
    *matrix = NULL;
    return tconv_fail_plain(error, status);
}

/* The rows come first: whoever has no memory for them need not count what is in them. */
static tconv_status make_rows(tconv_matrix **matrix, size_t rows, size_t columns, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *matrix = tconv_alloc_zero(1, sizeof **matrix, &status);
    if (*matrix == NULL)
        return tconv_fail_plain(error, status);
    (*matrix)->rows = rows;
    (*matrix)->columns = columns;
    (*matrix)->start = tconv_alloc_zero(rows + 1, sizeof *(*matrix)->start, &status);
    return status == TCONV_OK ? TCONV_OK : given_up(matrix, status, error);
}

static tconv_status make_entries(tconv_matrix **matrix, size_t entries, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    tconv_matrix *m = *matrix;
    m->entries = entries;
    m->column = tconv_alloc(entries, sizeof *m->column, &status);
    if (status == TCONV_OK)
        m->value = tconv_alloc(entries, sizeof *m->value, &status);
    return status == TCONV_OK ? TCONV_OK : given_up(matrix, status, error);
}

/* The taps r, first <= r < last, for which 0 <= s*i + d*r - pb < m. */
static void taps_inside(const tconv_lifted *l, int a, size_t i, size_t *first, size_t *last)
{
    int64_t d = (int64_t)l->d[a], shift = l->pb[a] - (int64_t)(l->s[a] * i), end = (int64_t)l->m[a] + shift;
    int64_t low = shift <= 0 ? 0 : (shift + d - 1) / d, high = end <= 0 ? 0 : (end + d - 1) / d;
    *last = (size_t)(high < (int64_t)l->k[a] ? high : (int64_t)l->k[a]);
    *first = (size_t)low < *last ? (size_t)low : *last;
}

/* The entries of one spatial row i for one pair of channels: written if column is not NULL, always counted. */
static size_t fill_row(const tconv_lifted *l, const size_t *i, const double *w, size_t first_column, size_t *column, double *value)
{
    size_t low[3], high[3], count = 0;
    for (int a = 0; a < 3; a++)
        taps_inside(l, a, i[a], &low[a], &high[a]);
    if (column == NULL)
        return (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2]);
    for (size_t r0 = low[0]; r0 < high[0]; r0++)
        for (size_t r1 = low[1]; r1 < high[1]; r1++)
            for (size_t r2 = low[2]; r2 < high[2]; r2++) {
                size_t row = tconv_lift_place(l, 0, i[0], r0) * l->m[1] + tconv_lift_place(l, 1, i[1], r1);
                column[count] = first_column + row * l->m[2] + tconv_lift_place(l, 2, i[2], r2);
                value[count++] = w[(r0 * l->k[1] + r1) * l->k[2] + r2];
            }
    return count;
}

/* All rows in order: with a NULL matrix only counted. */
static size_t fill(const tconv_lifted *l, const double *taps, tconv_matrix *matrix)
{
    size_t entries = 0, row = 0;
    for (size_t g = 0; g < l->groups; g++)
        for (size_t ci = 0; ci < l->cin; ci++)
            for (size_t n = 0; n < l->small; n++) {
                size_t i[3] = { n / (l->n[1] * l->n[2]), n / l->n[2] % l->n[1], n % l->n[2] };
                if (matrix == NULL) {
                    entries += l->cout * fill_row(l, i, NULL, 0, NULL, NULL);
                    continue;
                }
                for (size_t co = 0; co < l->cout; co++)
                    entries += fill_row(l, i, taps + ((g * l->cin + ci) * l->cout + co) * l->taps,
                                        (g * l->cout + co) * l->large, matrix->column + entries, matrix->value + entries);
                matrix->start[++row] = entries;
            }
    return entries;
}

tconv_status tconv_matrix_create(tconv_matrix **matrix, const tconv_geometry *geometry, const double *taps,
                                 const size_t *n_in, tconv_error *error)
{
    *matrix = NULL;
    tconv_lifted l;
    tconv_status status = tconv_lift(&l, geometry, n_in, error);
    size_t most;
    if (status == TCONV_OK && (!tconv_size_mul(l.weights, l.small, &most) || most > PTRDIFF_MAX / 16))
        return tconv_fail(error, TCONV_ESIZE, "the matrix has too many entries to be represented");
    if (status == TCONV_OK)
        status = make_rows(matrix, l.groups * l.cin * l.small, l.groups * l.cout * l.large, error);
    if (status == TCONV_OK)
        status = make_entries(matrix, fill(&l, taps, NULL), error);
    if (status == TCONV_OK)
        (void)fill(&l, taps, *matrix);
    return status;
}

tconv_status tconv_matrix_transpose(tconv_matrix **transposed, const tconv_matrix *matrix, tconv_error *error)
{
    tconv_status status = make_rows(transposed, matrix->columns, matrix->rows, error);
    if (status == TCONV_OK)
        status = make_entries(transposed, matrix->entries, error);
    if (status != TCONV_OK)
        return status;
    /* start[j+1] counts column j, then where its next entry goes, and so ends as the start of row j+1. */
    tconv_matrix *t = *transposed;
    for (size_t e = 0; e < matrix->entries; e++)
        t->start[matrix->column[e] + 1]++;
    for (size_t j = 0, sum = 0; j < matrix->columns; j++) {
        size_t count = t->start[j + 1];
        t->start[j + 1] = sum;
        sum += count;
    }
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t e = matrix->start[i]; e < matrix->start[i + 1]; e++) {
            size_t at = t->start[matrix->column[e] + 1]++;
            t->column[at] = i;
            t->value[at] = matrix->value[e];
        }
    return TCONV_OK;
}

void tconv_matrix_dense(const tconv_matrix *matrix, double *dense)
{
    memset(dense, 0, matrix->rows * matrix->columns * sizeof *dense);
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t e = matrix->start[i]; e < matrix->start[i + 1]; e++)
            dense[i * matrix->columns + matrix->column[e]] = matrix->value[e];
}

void tconv_matrix_multiply(const tconv_matrix *matrix, const double *from, double *to)
{
    for (size_t i = 0; i < matrix->rows; i++) {
        double sum = 0.0;
        for (size_t e = matrix->start[i]; e < matrix->start[i + 1]; e++)
            sum += matrix->value[e] * from[matrix->column[e]];
        to[i] = sum;
    }
}

void tconv_matrix_multiply_transpose(const tconv_matrix *matrix, const double *from, double *to)
{
    memset(to, 0, matrix->columns * sizeof *to);
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t e = matrix->start[i]; e < matrix->start[i + 1]; e++)
            to[matrix->column[e]] += matrix->value[e] * from[i];
}
