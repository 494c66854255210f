/* zero_insert_steps.h - one output channel by the two steps, for engine_definition.c. Internal to lib/operator. */
#ifndef TCONV_OPERATOR_ZERO_INSERT_STEPS_H
#define TCONV_OPERATOR_ZERO_INSERT_STEPS_H

#include "lift.h"

/* Output channel `channel` of one image: y points at the image, xu is room for the zero-inserted input of one channel. */
void tconv_zero_insert_channel_f32(const tconv_lifted *l, const float *taps, const float *bias, size_t channel, float *xu,
                                   const float *x, float *y);
void tconv_zero_insert_channel_f64(const tconv_lifted *l, const double *taps, const double *bias, size_t channel, double *xu,
                                   const double *x, double *y);

#endif
