#include "torus.h"

#include <string.h>

#include "../core/memory.h"

void tconv_torus_free(tconv_torus *torus)
{
    tconv_free(torus->data);
    *torus = (tconv_torus){ 0 };
}

tconv_torus_axis tconv_torus_fixed(size_t extent)
{
    return (tconv_torus_axis){ .space = TCONV_FIXED, .extent = extent, .length = (int64_t)extent };
}

tconv_status tconv_torus_allocate(tconv_torus *torus, size_t most, tconv_error *error)
{
    size_t extents[TCONV_MAX_RANK];
    tconv_status status = TCONV_OK;
    bool fits = true;
    for (size_t a = 0; a < torus->rank; a++) {
        extents[a] = torus->axis[a].extent;
        fits = fits && extents[a] <= most;      /* also of an empty one: sums of extents do not overflow */
    }
    if (!fits || !tconv_shape_count(extents, torus->rank, &torus->count) || torus->count > most)
        return tconv_fail(error, TCONV_ESIZE, "its output would have more than %zu elements", most);
    torus->data = tconv_alloc(torus->count, sizeof *torus->data, &status);
    return torus->data != NULL ? TCONV_OK : tconv_fail_plain(error, status);
}

void tconv_walk_begin(tconv_walk *walk, const tconv_torus *torus)
{
    *walk = (tconv_walk){ .rank = torus->rank };
    for (size_t a = 0; a < torus->rank; a++)
        walk->extent[a] = torus->axis[a].extent;
}

void tconv_walk_next(tconv_walk *walk)
{
    for (size_t a = walk->rank; a-- > 0;) {
        if (++walk->at[a] < walk->extent[a])
            return;
        walk->at[a] = 0;
    }
}

size_t tconv_walk_offset(const tconv_walk *walk, const tconv_torus *torus)
{
    size_t offset = 0, lead = walk->rank - torus->rank;
    for (size_t a = 0; a < torus->rank; a++)
        offset = offset * torus->axis[a].extent + walk->at[lead + a] % torus->axis[a].extent;
    return offset;
}

tconv_status tconv_torus_select(const tconv_torus *from, size_t *const *index, tconv_torus *to, size_t most, tconv_error *error)
{
    tconv_walk walk;
    tconv_status status = tconv_torus_allocate(to, most, error);
    if (status != TCONV_OK)
        return status;
    to->integer = from->integer;
    tconv_walk_begin(&walk, to);
    for (size_t i = 0; i < to->count; i++, tconv_walk_next(&walk)) {
        size_t offset = 0;
        for (size_t a = 0; a < from->rank; a++) {
            size_t n = from->axis[a].extent, j = index != NULL && index[a] != NULL ? index[a][walk.at[a]] : walk.at[a] % n;
            offset = offset * n + j;
        }
        to->data[i] = from->data[offset];
    }
    return TCONV_OK;
}

void tconv_axis_spread(tconv_torus_axis *axis, size_t factor)
{
    axis->centre += axis->step * (0.5 / (double)factor - 0.5);
    axis->step /= (double)factor;
    axis->extent *= factor;
    axis->length *= (int64_t)factor;
}

void tconv_torus_level(tconv_torus *torus, size_t axis, size_t factor)
{
    size_t inner = 1;
    for (size_t a = axis + 1; a < torus->rank; a++)
        inner *= torus->axis[a].extent;
    for (size_t i = 0; i < torus->count; i++) {
        double *v = torus->data + i, mean = 0.0;
        if (i / inner % factor != 0)
            continue;
        for (size_t k = 0; k < factor; k++)
            mean += (v[k * inner] - v[0]) / (double)factor;
        mean += v[0];
        for (size_t k = 0; k < factor; k++)
            v[k * inner] = mean;
    }
}

size_t tconv_lcm(size_t a, size_t b, size_t most)
{
    size_t x = a, y = b, product;
    if (a == 0 || b == 0)
        return 0;
    while (y != 0) {
        size_t rest = x % y;
        x = y;
        y = rest;
    }
    return tconv_size_mul(a / x, b, &product) && product <= most ? product : 0;
}

size_t tconv_wrap(int64_t a, size_t n)
{
    int64_t rest = a % (int64_t)n;
    return (size_t)(rest < 0 ? rest + (int64_t)n : rest);
}
