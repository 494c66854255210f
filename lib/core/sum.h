/* sum.h - compensated sums: a long sum that is right to the last bit or two.
 *
 * Twice the working precision by error-free transformations (Knuth's two-sum; the product's error by a fused
 * multiply-add): Ogita, Rump and Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26 (2005), algorithms
 * 4.4 and 5.3. |error| <= u |sum| + n^2 u^2 sum|a|, u = 2^-53: no growth with n for any length met in practice.
 *
 *     tconv_sum sum = { 0 };
 *     for (size_t i = 0; i < n; i++)
 *         tconv_sum_add(&sum, a[i]);
 *     double total = tconv_sum_value(&sum);
 */
#ifndef TCONV_CORE_SUM_H
#define TCONV_CORE_SUM_H

#include <math.h>

typedef struct {
    double high, low;   /* the sum is high + low */
} tconv_sum;

/* sum += a */
static inline void tconv_sum_add(tconv_sum *sum, double a)
{
    double total = sum->high + a;
    double part = total - sum->high;
    sum->low += (sum->high - (total - part)) + (a - part);
    sum->high = total;
}

/* sum += a * b, the product's own rounding error kept too */
static inline void tconv_sum_add_product(tconv_sum *sum, double a, double b)
{
    double product = a * b;
    double error = fma(a, b, -product);
    tconv_sum_add(sum, product);
    sum->low += error;
}

/* sum += other */
static inline void tconv_sum_merge(tconv_sum *sum, const tconv_sum *other)
{
    tconv_sum_add(sum, other->high);
    sum->low += other->low;
}

static inline double tconv_sum_value(const tconv_sum *sum)
{
    return sum->high + sum->low;
}

#endif
