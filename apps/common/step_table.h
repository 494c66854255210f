/* step_table.h - the data of plots/step.gp: a network's answer to one input, and how its spread depends on the level. */
#ifndef TCONV_APPS_COMMON_STEP_TABLE_H
#define TCONV_APPS_COMMON_STEP_TABLE_H

#include "report/step.h"
#include "tconv.h"

/* Append the blocks that plots/step.gp names, and a title: two periods of the least even channel of the least even answer
 * of the report, as differences from its mean in 8-bit levels of the range; the spread against the grey level (`greys`
 * levels from 0 to 1 run for it: count, their values and spreads in dB of the range, 0 = none); the report's own inputs. */
tconv_status step_table_write(const tconv_step_report *report, const double *levels, const double *spreads, size_t greys,
                              tconv_buffer *table, tconv_buffer *title);

#endif
