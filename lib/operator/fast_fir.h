/* fast_fir.h - the plan of engine_fast_fir.c, and what makes its parts. Internal to lib/operator.
 *
 *     fast_fir_items.c     which products are taken, and for which outputs
 *     fast_fir_weights.c   their weights, sums of taps, made once
 *     fast_fir_panel.c     their inputs, packed for each task
 */
#ifndef TCONV_OPERATOR_FAST_FIR_H
#define TCONV_OPERATOR_FAST_FIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "blocks.h"
#include "fast_fir_blocks.h"
#include "phase_classes.h"

enum { BOTH, EVEN, ODD, TARGETS };           /* outputs of a pair; an axis that is not paired has EVEN only */

struct fast_fir_item {
    bool difference;                         /* of the input at offset + 1 and the one at */
    size_t offset;                           /* a - lowest */
    size_t tap;                              /* weight = by_tap * tap number `tap` of the phase + by_next * the next one */
    double by_tap, by_next;
};

/* The items of one class of one axis, those of one target after those of the other. */
struct fast_fir_axis_items {
    const tconv_phase_class *of;
    size_t count[TARGETS], n;
    size_t first, last;                      /* of the inputs that the items of a column take, counted from its lowest */
    struct fast_fir_item *item;              /* part of struct fast_fir_axis's memory */
};

struct fast_fir_axis {
    tconv_phase_classes phases;
    bool paired;
    size_t outputs, tiles;                   /* outputs of a column: 2 or 1; columns */
    struct fast_fir_axis_items *class;       /* [phases.n_classes] */
    struct fast_fir_item *memory;
};

/* The product of one class of each axis. */
struct fast_fir_class {
    const struct fast_fir_axis_items *axis[3];
    size_t n_phases, panels;
    size_t panels_before;                    /* of the classes before */
    size_t *shift;                           /* [panels]: where in a channel's panel item (i0, i1, i2) begins, by targets */
};

struct fast_fir_worker {
    void *panel, *results, *both;            /* panel: NULL where it is shared */
    void *rows, *line;                       /* input rows with zeros around them; a difference of two */
    const void **input;                      /* where the input rows of a segment are: in x or in `rows` */
    const void **row;                        /* the rows that are woven */
    size_t *class_at;                        /* [n_classes]: the first row of each class */
};

struct fast_fir {
    struct fast_fir_axis axis[3];
    size_t n_classes, panels;                /* most panels of a class */
    struct fast_fir_class *class;
    size_t *shift_memory;
    struct fast_fir_blocks b;
    size_t phases;                           /* S */
    size_t *slot, *slot_class;               /* [phase of all axes]: its row among the rows of its class, and its class */
    size_t channel_weights;                  /* weights of one output channel and one input channel */
    size_t all_panels;                       /* of all classes */
    void *shared;                            /* the panels of all columns and classes, where threads pack them together; else NULL */
    void *weights, *bias, *zeros;
    size_t n_workers;
    struct fast_fir_worker *worker;
};

/* The items of all axes and classes, from the phases; e->phases is set. On failure what was made is left for destroy. */
TCONV_CHECKED tconv_status tconv_fast_fir_make_items(struct fast_fir *e, const tconv_lifted *l);

/* The shifts of all classes, once e->b is chosen. */
void tconv_fast_fir_place_items(struct fast_fir *e);

/* Items of class c that go to target t1 of axis 1 and t2 of axis 2. */
size_t tconv_fast_fir_target_items(const struct fast_fir_class *c, int t1, int t2);

/* e->weights and e->bias, in the order of use: group, channel block, class, row block, (target 1, target 2), (ci, item), row. */
TCONV_CHECKED tconv_status tconv_fast_fir_pack_weights(struct fast_fir *e, const tconv_job *job, const double *taps, const double *bias);

/* What a segment of a task's columns (fast_fir_panel.c) needs at most: input rows, and samples of each. */
void tconv_fast_fir_most_segment(const struct fast_fir *e, size_t *rows, size_t *samples);

/* The panel of class c, of `inputs` channels from x on, for the columns from flat position `position` on; columns beyond the
 * last one are zeros. */
void tconv_fast_fir_pack_panel(const struct fast_fir *e, const tconv_job *job, struct fast_fir_worker *w, const struct fast_fir_class *c,
                               const void *x, size_t inputs, size_t position, void *panel);

#endif
