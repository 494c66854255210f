#include "equiripple.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/memory.h"

#define MOST_ITERATIONS 250
#define GRID_PER_RIPPLE 10       /* grid points between two neighbouring extrema of the last iteration */
#define REFINEMENTS 14           /* steps of parabolic search round each grid maximum */
#define MOST_UNEVENNESS 1e-6

/* A(f) = Q(f) P(cos 2 pi f): Q = 1 and P of degree (k-1)/2 for odd k; Q = cos(pi f), degree k/2 - 1 for even k. P is kept
 * by its values at the reference frequencies, one more than its degree asks for. */
struct remez {
    const tconv_band *bands;
    size_t n_bands, n_taps, count;      /* count = L + 2 reference frequencies */
    double *freq, *weight, *value;      /* of the reference: frequency, barycentric weight, P there */
    double delta;                       /* signed error at the first of them */
    size_t n_grid, most_grid;
    double *grid, *error;               /* the grid of this iteration, and E on it */
    size_t *band;
    size_t *run;                        /* grid index of the largest |E| in each run of equal signs */
};

static double wanted(const tconv_band *band, double f)
{
    return band->gain_low + (band->gain_high - band->gain_low) * ((f - band->low) / (band->high - band->low));
}

static double factor_q(const struct remez *r, double f)
{
    return r->n_taps % 2 == 0 ? cos(TCONV_PI * f) : 1.0;
}

/* cos(2 pi a) - cos(2 pi b) without cancellation. */
static double cosine_difference(double a, double b)
{
    return -2.0 * sin(TCONV_PI * (a + b)) * sin(TCONV_PI * (a - b));
}

static const tconv_band *band_of(const struct remez *r, double f)
{
    size_t b = 0;
    while (b + 1 < r->n_bands && f > r->bands[b].high)
        b++;
    return &r->bands[b];
}

/* w_i = 1 / prod_{j != i} (x_i - x_j), scaled alike so that the largest is near 1: the product of several hundred
 * differences over- or underflows, so mantissa and exponent are kept apart (Berrut and Trefethen 2004, section 5). */
static void barycentric_weights(struct remez *r)
{
    int largest = -2000000000;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < r->count; i++) {
            double mantissa = 1.0;
            int exponent = 0, part;
            for (size_t j = 0; j < r->count; j++)
                if (j != i) {
                    mantissa = frexp(mantissa / cosine_difference(r->freq[i], r->freq[j]), &part);
                    exponent += part;
                }
            if (pass == 0 && exponent > largest)
                largest = exponent;
            r->weight[i] = ldexp(mantissa, exponent - largest < -3000 ? -3000 : exponent - largest);
        }
}

/* P of degree L through L + 2 points with W (D - Q P) = (-1)^i delta: the divided difference of order L + 1 is zero,
 *     delta = sum_i w_i D_i/Q_i  /  sum_i (-1)^i w_i/(W_i Q_i)                                                    */
static void interpolate(struct remez *r)
{
    double above = 0.0, below = 0.0, sign = 1.0;
    barycentric_weights(r);
    for (size_t i = 0; i < r->count; i++, sign = -sign) {
        const tconv_band *band = band_of(r, r->freq[i]);
        double q = factor_q(r, r->freq[i]);
        above += r->weight[i] * wanted(band, r->freq[i]) / q;
        below += sign * r->weight[i] / (band->weight * q);
    }
    r->delta = above / below;
    sign = 1.0;
    for (size_t i = 0; i < r->count; i++, sign = -sign) {
        const tconv_band *band = band_of(r, r->freq[i]);
        r->value[i] = (wanted(band, r->freq[i]) - sign * r->delta / band->weight) / factor_q(r, r->freq[i]);
    }
}

/* A(f) by the barycentric formula of the second kind. */
static double amplitude_at(const struct remez *r, double f)
{
    double above = 0.0, below = 0.0;
    for (size_t i = 0; i < r->count; i++) {
        double difference = cosine_difference(f, r->freq[i]);
        if (difference == 0.0)
            return factor_q(r, f) * r->value[i];
        above += r->weight[i] / difference * r->value[i];
        below += r->weight[i] / difference;
    }
    return factor_q(r, f) * (above / below);
}

static double error_at(const struct remez *r, const tconv_band *band, double f)
{
    return band->weight * (wanted(band, f) - amplitude_at(r, f));
}

static void grid_add(struct remez *r, size_t band, double f)
{
    if (r->n_grid < r->most_grid) {
        r->grid[r->n_grid] = f;
        r->band[r->n_grid] = band;
        r->error[r->n_grid++] = error_at(r, &r->bands[band], f);
    }
}

/* Per band: its ends, the reference frequencies in it (E alternates there, so no ripple can be missed), and points
 * between, evenly spaced from one of these to the next; wide gaps get as many as a filter of that length can have ripples. */
static void make_grid(struct remez *r)
{
    r->n_grid = 0;
    size_t next = 0;
    for (size_t b = 0; b < r->n_bands; b++) {
        double from = r->bands[b].low, high = r->bands[b].high;
        while (next < r->count && r->freq[next] <= from)
            next++;
        for (bool last = false; !last;) {
            last = next >= r->count || r->freq[next] >= high;
            double to = last ? high : r->freq[next++];
            size_t steps = GRID_PER_RIPPLE + (size_t)ceil((to - from) * GRID_PER_RIPPLE * (double)r->n_taps);
            for (size_t i = 0; i < steps; i++)
                grid_add(r, b, from + (to - from) * ((double)i / (double)steps));
            from = to;
        }
        grid_add(r, b, high);
    }
}

/* Move the grid point to the maximum of |E| between its two neighbours of the same band. */
static void refine(struct remez *r, size_t at)
{
    const tconv_band *band = &r->bands[r->band[at]];
    bool left = at > 0 && r->band[at - 1] == r->band[at], right = at + 1 < r->n_grid && r->band[at + 1] == r->band[at];
    double sign = r->error[at] < 0.0 ? -1.0 : 1.0;
    double a = left ? r->grid[at - 1] : r->grid[at], b = r->grid[at], c = right ? r->grid[at + 1] : r->grid[at];
    double ea = left ? sign * r->error[at - 1] : 0.0, eb = sign * r->error[at], ec = right ? sign * r->error[at + 1] : 0.0;
    if (!left || !right)   /* at an end the maximum may still be inside: begin with the middle of the one cell */
        for (int step = 0; step < REFINEMENTS && (a == b || b == c); step++) {
            double f = 0.5 * (a + c), e = sign * error_at(r, band, f);
            if (e > eb) {
                if (a == b) { a = b; ea = eb; } else { c = b; ec = eb; }
                b = f, eb = e;
            } else if (a == b) {
                c = f, ec = e;
            } else {
                a = f, ea = e;
            }
        }
    for (int step = 0; step < REFINEMENTS && a < b && b < c; step++) {
        double p = (b - a) * (eb - ec), q = (b - c) * (eb - ea);
        double f = p - q != 0.0 ? b - 0.5 * ((b - a) * p - (b - c) * q) / (p - q) : b;
        if (!(f > a && f < c) || f == b || step % 4 == 3)
            f = c - b > b - a ? b + 0.381966 * (c - b) : b - 0.381966 * (b - a);
        double e = sign * error_at(r, band, f);
        if (e > eb) {
            if (f > b) { a = b; ea = eb; } else { c = b; ec = eb; }
            b = f, eb = e;
        } else if (f > b) {
            c = f, ec = e;
        } else {
            a = f, ea = e;
        }
    }
    r->grid[at] = b;
    r->error[at] = sign * eb;
}

/* The largest |E| of every run of equal signs, refined: alternating extrema in rising frequency. */
static size_t find_extrema(struct remez *r)
{
    size_t runs = 0;
    for (size_t i = 0; i < r->n_grid; i++) {
        if (r->error[i] == 0.0)
            continue;
        if (runs > 0 && (r->error[r->run[runs - 1]] < 0.0) == (r->error[i] < 0.0)) {
            if (fabs(r->error[i]) > fabs(r->error[r->run[runs - 1]]))
                r->run[runs - 1] = i;
        } else {
            r->run[runs++] = i;
        }
    }
    for (size_t i = 0; i < runs; i++)
        refine(r, r->run[i]);
    return runs;
}

static void drop(struct remez *r, size_t *runs, size_t at, size_t how_many)
{
    memmove(r->run + at, r->run + at + how_many, (*runs - at - how_many) * sizeof *r->run);
    *runs -= how_many;
}

/* Leave `count` of the extrema, still alternating: the smallest goes, with its smaller neighbour if it has two. */
static void thin_out(struct remez *r, size_t runs)
{
    while (runs > r->count) {
        size_t least = 0;
        for (size_t i = 1; i < runs; i++)
            if (fabs(r->error[r->run[i]]) < fabs(r->error[r->run[least]]))
                least = i;
        bool end = least == 0 || least == runs - 1;
        if (!end && runs == r->count + 1) {
            end = true;
            least = fabs(r->error[r->run[0]]) < fabs(r->error[r->run[runs - 1]]) ? 0 : runs - 1;
        }
        if (end)
            drop(r, &runs, least, 1);
        else
            drop(r, &runs, fabs(r->error[r->run[least - 1]]) < fabs(r->error[r->run[least + 1]]) ? least - 1 : least, 2);
    }
    for (size_t i = 0; i < r->count; i++)
        r->freq[i] = r->grid[r->run[i]];
}

/* First guess: one point for every band (were all in bands of gain 0, their error would be 0), the others by the lengths
 * of the bands; in each band spread evenly, or (`crowded`) denser towards its ends, where the extrema of long filters crowd. */
static void first_reference(struct remez *r, bool crowded)
{
    double total = 0.0, before = 0.0;
    size_t given = 0, spare = r->count > r->n_bands ? r->count - r->n_bands : 0;
    for (size_t b = 0; b < r->n_bands; b++)
        total += r->bands[b].high - r->bands[b].low;
    for (size_t b = 0; b < r->n_bands && given < r->count; b++) {
        double width = r->bands[b].high - r->bands[b].low;
        double upto = (before + width) / total * (double)spare;
        size_t share = 1 + (size_t)floor(upto + 1e-9) - (size_t)floor(before / total * (double)spare + 1e-9);
        if (b + 1 == r->n_bands || share > r->count - given)
            share = r->count - given;
        for (size_t i = 0; i < share; i++) {
            double x = ((double)i + 0.5) / (double)share;
            if (crowded)
                x = 0.5 * x + 0.5 * (0.5 - 0.5 * cos(TCONV_PI * x));
            r->freq[given++] = r->bands[b].low + width * x;
        }
        before += width;
    }
}

/* Exchange until the largest error is the reference's. Returns the relative excess that is left; < 0: no alternation. */
static double exchange(struct remez *r, bool crowded, size_t *iterations)
{
    double excess = -1.0, best = INFINITY;
    size_t since_best = 0;
    first_reference(r, crowded);
    for (size_t iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
        *iterations = iteration + 1;
        interpolate(r);
        make_grid(r);
        size_t runs = find_extrema(r);
        double largest = 0.0;
        for (size_t i = 0; i < runs; i++)
            largest = fmax(largest, fabs(r->error[r->run[i]]));
        if (!isfinite(r->delta) || runs < r->count)
            return -1.0;
        excess = fmax(largest / fabs(r->delta) - 1.0, 0.0);
        since_best = excess < 0.5 * best ? 0 : since_best + 1;
        best = fmin(best, excess);
        if (excess < 1e-13 || (best < 1e-7 && since_best > 3))
            return excess;
        thin_out(r, runs);
    }
    return excess;
}

/* h[n] = 1/k (A(0) + 2 sum_{j=1}^{ceil(k/2)-1} A(j/k) cos(2 pi j (n - c)/k)): the inverse DFT of H at k frequencies. */
static void taps_of(const struct remez *r, double *samples, double *taps)
{
    size_t k = r->n_taps, half = (k + 1) / 2;
    for (size_t j = 0; j < half; j++)
        samples[j] = amplitude_at(r, (double)j / (double)k);
    for (size_t n = 0; n < half; n++) {
        double sum = samples[0];
        size_t from_centre = k - 1 - 2 * n;   /* 2 (c - n) */
        for (size_t j = 1; j < half; j++)     /* the angle pi j 2(c-n)/k, reduced in whole numbers */
            sum += 2.0 * samples[j] * cos(TCONV_PI * (double)(j * from_centre % (2 * k)) / (double)k);
        taps[n] = taps[k - 1 - n] = sum / (double)k;
    }
}

/* How even the ripples of the taps are, rounding and all. */
static double unevenness_of(const struct remez *r, const double *taps)
{
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < r->count; i++) {
        const tconv_band *band = band_of(r, r->freq[i]);
        double e = fabs(band->weight * (wanted(band, r->freq[i]) - tconv_amplitude(taps, r->n_taps, r->freq[i])));
        least = fmin(least, e);
        most = fmax(most, e);
    }
    return (most - least) / fabs(r->delta);
}

static tconv_status remez_create(struct remez *r)
{
    tconv_status status = TCONV_OK;
    size_t points;
    if (!tconv_size_mul(r->n_taps, 2 * GRID_PER_RIPPLE, &points)
        || !tconv_size_add(points, (3 * GRID_PER_RIPPLE) * (TCONV_MAX_BANDS + 2), &points))
        return TCONV_ESIZE;
    r->most_grid = points;
    r->freq = tconv_alloc(r->count, sizeof *r->freq, &status);
    if (status == TCONV_OK) r->weight = tconv_alloc(r->count, sizeof *r->weight, &status);
    if (status == TCONV_OK) r->value = tconv_alloc(r->count, sizeof *r->value, &status);
    if (status == TCONV_OK) r->grid = tconv_alloc(points, sizeof *r->grid, &status);
    if (status == TCONV_OK) r->error = tconv_alloc(points, sizeof *r->error, &status);
    if (status == TCONV_OK) r->band = tconv_alloc(points, sizeof *r->band, &status);
    if (status == TCONV_OK) r->run = tconv_alloc(points, sizeof *r->run, &status);
    return status;
}

static void remez_destroy(struct remez *r)
{
    tconv_free(r->freq);
    tconv_free(r->weight);
    tconv_free(r->value);
    tconv_free(r->grid);
    tconv_free(r->error);
    tconv_free(r->band);
    tconv_free(r->run);
}

tconv_status tconv_equiripple_taps(const tconv_band *bands, size_t n_bands, size_t n_taps, double *taps, tconv_ripple *ripple,
                                   tconv_error *error)
{
    if (n_taps < 3 || n_taps > 100000)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu taps; an equiripple filter has 3 to 100000", n_taps);
    tconv_status status = tconv_bands_check(bands, n_bands, n_taps, error);
    if (status != TCONV_OK)
        return status;
    struct remez r = { .bands = bands, .n_bands = n_bands, .n_taps = n_taps, .count = (n_taps + 1) / 2 + 1 };
    status = remez_create(&r);
    if (status != TCONV_OK) {
        remez_destroy(&r);
        return tconv_fail_plain(error, status);
    }
    tconv_ripple found = { .extrema = r.count };
    double excess = -1.0;
    bool even = false;
    for (int attempt = 0; attempt < 2 && !even; attempt++) {
        excess = exchange(&r, attempt == 1, &found.iterations);
        if (excess < 0.0 || excess > MOST_UNEVENNESS)
            continue;
        taps_of(&r, r.error, taps);
        found.deviation = fabs(r.delta);
        found.unevenness = fmax(excess, unevenness_of(&r, taps));
        even = found.unevenness <= MOST_UNEVENNESS;
    }
    remez_destroy(&r);
    if (!even)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu taps are too many for these bands: the ripples would vanish in rounding; "
                          "take fewer taps, a larger edge, or a narrower transition", n_taps);
    if (ripple != NULL)
        *ripple = found;
    return TCONV_OK;
}
