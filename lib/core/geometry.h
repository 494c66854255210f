/* geometry.h - the arithmetic of a transposed convolution: sizes, padding dialects, alignment, gaps, coverage.
 *
 * One axis, stride s, k taps, dilation d, crop pb at the beginning and pe at the end, output padding o (theory of
 * the operator: Dumoulin and Visin 2016; Zeiler 2010):
 *
 *     y[n] = sum over all i, r with  s*i + d*r - pb = n  of  x[i] * w[r],     n = 0 .. M-1
 *     M    = s*(N-1) + k_eff - pb - pe + o,     k_eff = d*(k-1) + 1,     0 <= o < max(s, d)
 *
 * Axes are independent; in D dimensions every symbol is a vector, axis[0] the slowest in memory. A negative crop
 * appends zeros. All functions are pure and thread-safe; sizes are in samples.
 */
#ifndef TCONV_CORE_GEOMETRY_H
#define TCONV_CORE_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_MAX_NDIM 3
#define TCONV_MAX_STRIDE ((size_t)65536)
#define TCONV_MAX_TAPS ((size_t)1 << 30)       /* also the most of d*(k-1)+1, of channels and of groups */
#define TCONV_MAX_PADDING ((int64_t)1 << 30)

typedef struct tconv_axis {             /* one axis                                             Typically */
    size_t stride;                      /* s, the upsampling factor, 1..TCONV_MAX_STRIDE         2         */
    size_t n_taps;                      /* k >= 1                                                4         */
    size_t dilation;                    /* d >= 1                                                1         */
    int64_t pad_begin, pad_end;         /* pb, pe: output samples cropped; negative appends      1         */
    size_t output_padding;              /* o, extra samples at the end                           0         */
} tconv_axis;

typedef struct tconv_geometry {
    size_t ndim;                        /* 1..TCONV_MAX_NDIM */
    size_t channels_in, channels_out;   /* Cin, Cout: multiples of groups */
    size_t groups;
    tconv_axis axis[TCONV_MAX_NDIM];
} tconv_geometry;

/* One channel, stride 1, dilation 1, one tap, no padding on each of `ndim` axes: a start to fill in. */
TCONV_API tconv_geometry tconv_geometry_default(size_t ndim);

/* TCONV_OK, or TCONV_EGEOMETRY with a sentence that names the figure, its value and what is allowed. */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_check(const tconv_axis *axis, tconv_error *error);
TCONV_API TCONV_CHECKED tconv_status tconv_geometry_check(const tconv_geometry *geometry, tconv_error *error);

/* Products over the axes of a checked geometry: S = s1*..*sD; K = k1*..*kD (TCONV_ESIZE beyond SIZE_MAX / 64). */
TCONV_API size_t tconv_geometry_phases(const tconv_geometry *geometry);
TCONV_API size_t tconv_geometry_taps(const tconv_geometry *geometry);

/* k_eff = d*(k-1) + 1, the length of the dilated kernel. */
TCONV_API size_t tconv_axis_effective_taps(const tconv_axis *axis);

/* p' = k_eff - 1 - pb, the padding of the equal stride-1 cross-correlation on the zero-inserted input. */
TCONV_API int64_t tconv_axis_correlation_padding(const tconv_axis *axis);

/* ---- sizes ---- */

/* M for N input samples. TCONV_EGEOMETRY where M < 1, TCONV_ESIZE where it is no int64. */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_output_size(const tconv_axis *axis, size_t n_in, size_t *n_out,
                                                            tconv_error *error);

/* The forward (strided, cropping) convolution of the same geometry: M -> N = floor((M + pb + pe - k_eff)/s) + 1.
 * TCONV_EGEOMETRY where the kernel does not fit once. output_padding plays no part. */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_forward_size(const tconv_axis *axis, size_t n_out, size_t *n_in,
                                                             tconv_error *error);

/* The sizes M >= 1 that the forward convolution maps to n_in: *first, *first + 1, .. *first + *count - 1, the values
 * s*(n_in-1) + k_eff - pb - pe + o for o = 0..s-1. There are s of them, fewer only where some would be < 1 (then
 * *count may be 0). Errors: TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_valid_sizes(const tconv_axis *axis, size_t n_in, size_t *first,
                                                            size_t *count, tconv_error *error);

/* M = *slope * N + *constant: slope = s, constant = k_eff - s - pb - pe + o. */
TCONV_API void tconv_axis_output_formula(const tconv_axis *axis, int64_t *slope, int64_t *constant);

/* ---- padding dialects: each fills pad_begin, pad_end and output_padding of *axis from its other fields ---- */

typedef enum {
    TCONV_PAD_EXPLICIT,      /* ONNX NOTSET */
    TCONV_PAD_SAME_UPPER,    /* the odd sample of the crop goes to the end */
    TCONV_PAD_SAME_LOWER,    /* .. to the beginning */
    TCONV_PAD_VALID          /* no crop */
} tconv_auto_pad;

/* ONNX ConvTranspose with auto_pad, and with output_shape where n_out is not 0 (then n_in >= 1 is needed):
 *     total = s*(N-1) + o + k_eff - M;  M = s*N for SAME unless n_out says otherwise
 *     SAME_UPPER: begin = floor(total/2), SAME_LOWER and EXPLICIT with n_out: begin = ceil(total/2)
 * A negative total is clamped to 0 and o grows instead; TCONV_EGEOMETRY where o would reach max(s, d). EXPLICIT
 * without n_out leaves the axis as it is, VALID sets both pads to 0. (ONNX operator ConvTranspose, opset 11.) */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_apply_onnx(tconv_axis *axis, tconv_auto_pad mode, size_t n_in,
                                                           size_t n_out, tconv_error *error);

/* TensorFlow and Keras: SAME M = s*N, total = max(k_eff - s, 0), begin = floor(total/2); VALID
 * M = s*N + max(k_eff - s, 0), begin = 0; where k_eff < s zeros are appended. */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_apply_tensorflow(tconv_axis *axis, bool same, tconv_error *error);

/* ---- alignment, in input samples ---- */

/* u(0) = (2 pb - k_eff + 1)/(2 s) = ((k_eff - 1) - 2 p')/(2 s): where the centre of output sample 0's receptive field
 * lies. Output sample j: u(j) = u(0) + j/s. */
TCONV_API double tconv_axis_receptive_field_offset(const tconv_axis *axis);

/* (2 pb - k_eff + s)/(2 s): the shift against the half-pixel grid u = (j + 1/2)/s - 1/2 of image resizing. */
TCONV_API double tconv_axis_pixel_offset(const tconv_axis *axis);

/* (pb - centroid)/s: u(0) with the kernel's own centroid, in output samples, for its geometric centre. */
TCONV_API double tconv_axis_centroid_offset(const tconv_axis *axis, double centroid);

/* The grids that resizing uses, as u = scale*j + shift over M outputs and N inputs:
 *     half-pixel     u = (j + 1/2)/s - 1/2
 *     align-corners  u = j (N-1)/(M-1)          (M = 1: u = 0)
 *     asymmetric     u = j/s                                                                                    */
typedef enum { TCONV_GRID_HALF_PIXEL, TCONV_GRID_ALIGN_CORNERS, TCONV_GRID_ASYMMETRIC } tconv_grid;

/* The largest |u(j) - grid(j)| over the M outputs for n_in inputs: 0 where the layer samples on that grid exactly. */
TCONV_API TCONV_CHECKED tconv_status tconv_axis_grid_distance(const tconv_axis *axis, tconv_grid grid, size_t n_in,
                                                              double *distance, tconv_error *error);

/* ---- gaps and coverage ---- */

/* s - min(k, s/gcd(s, d)): the number of output phases that no tap reaches. 0 = connected. */
TCONV_API size_t tconv_axis_gap(const tconv_axis *axis);
TCONV_API bool tconv_geometry_connected(const tconv_geometry *geometry);

/* C(q) = the number of taps r with (d*r) mod s = q: how many inputs reach an output of phase q, 0 <= q < s. */
TCONV_API size_t tconv_axis_coverage(const tconv_axis *axis, size_t phase);

/* Over all phases of all axes: mean K/S and population variance prod E[c^2] - (prod E[c])^2. With one axis and d = 1,
 * k = Q s + R, that is (R/s)(1 - R/s). 0 exactly when the coverage is even. */
TCONV_API void tconv_geometry_coverage(const tconv_geometry *geometry, double *mean, double *variance);

/* ---- mitigation ---- */

/* The smallest k' >= k that s divides, and the crop that keeps the size of the output and moves it least: pb' with
 * the smallest |pixel_offset' - pixel_offset|; of two, the one nearer to the half-pixel grid, then the smaller pb'.
 * *shift = pixel_offset' - pixel_offset in input samples, positive towards the input's end. pad_end and
 * output_padding follow; a negative pad_end appends zeros. Returns false, *better = *axis, where no k' helps, because
 * gcd(s, d) > 1 or k' or its padding would be beyond the limits of tconv_axis_check. */
TCONV_API bool tconv_axis_even_coverage(const tconv_axis *axis, tconv_axis *better, double *shift);

/* Greatest common divisor; gcd(0, b) = b. */
TCONV_API size_t tconv_gcd(size_t a, size_t b);

#ifdef __cplusplus
}
#endif
#endif
