/* catalogue.h - what is behind a tconv_container: the records that a format's reader fills in (not installed).
 *
 * A reader implements tconv_NAME_open: it checks the whole directory of its file, adds one record per tensor and, with
 * a graph, one layer record per layer, and sets `load`, which turns a stored record into doubles. Derived records are
 * computed here, from other records, whatever the format.
 */
#ifndef TCONV_IO_CATALOGUE_H
#define TCONV_IO_CATALOGUE_H

#include "../design/depth_to_space.h"
#include "../design/resize_conv.h"
#include "arena.h"
#include "container.h"
#include "container_write.h"
#include "name_table.h"
#include "zip.h"

typedef enum {
    TCONV_RECORD_STORED,
    TCONV_RECORD_FUSED,        /* part 0 direction v, part 1 length g: w = g v / |v| */
    TCONV_RECORD_DEQUANTISED,  /* part 0 x, part 1 scale, part 2 zero point or none: (x - zero) scale, along `axis` */
    TCONV_RECORD_ROUNDED,      /* part 0 as a float: the cast of a wider type to f32 */
    TCONV_RECORD_COPIED,       /* part 0 under another name: identity, widening casts */
    TCONV_RECORD_TRANSPOSED    /* part 0 with its axes in another order: out axis i is in axis order[i] */
} tconv_record_kind;

typedef struct tconv_record {
    tconv_tensor_info info;
    tconv_record_kind kind;
    uint64_t offset;                    /* stored: first byte in the source */
    size_t place;                       /* stored: the reader's own number: zip entry, storage, .. */
    const void *detail;                 /* stored: what else the reader keeps, in the arena */
    size_t part[3];                     /* derived: records, TCONV_NO_INDEX = none; always smaller than its own number */
    size_t axis;
    size_t order[TCONV_MAX_RANK];
} tconv_record;

typedef enum {
    TCONV_RECIPE_WEIGHT,       /* the weight is the kernel, its axes in `order` */
    TCONV_RECIPE_GRADIENT,     /* of a convolution: (O, I/g, k..) is (Cin, Cout/g, k..) of its transpose */
    TCONV_RECIPE_SHUFFLE,      /* convolution, then depth to space */
    TCONV_RECIPE_RESIZE        /* resize, then convolution */
} tconv_recipe;

typedef struct tconv_layer_record {
    tconv_layer_info info;
    tconv_recipe recipe;
    size_t weight, bias;                /* records, TCONV_NO_INDEX = none */
    bool single;                        /* the weight is one kernel, without axes of channels */
    size_t order[TCONV_MAX_RANK];       /* weight: axis i of (Cin, Cout/g, k..) is stored axis order[i];
                                           others: axis i of (O, I/g, k..) */
    tconv_convolution convolution;      /* shuffle, resize: without its weights */
    size_t block[TCONV_MAX_NDIM];       /* shuffle: the factor s */
    tconv_depth_order depth_order;
    tconv_resize resize;                /* resize: scale, mode, grid, rounding */
} tconv_layer_record;

/* A stored record with its new values, for writing. */
typedef struct tconv_target {
    size_t record;
    uint64_t at;                        /* where its elements lie, for formats that have `locate` */
    double *values;
} tconv_target;

struct tconv_container {
    tconv_container_format format;
    tconv_container_options options;
    tconv_source *source, *owned;       /* owned: opened here, else NULL */
    char *folder;                       /* in the arena; NULL = none */
    bool has_graph;
    tconv_arena arena;
    tconv_record *records;
    size_t n_records, records_capacity;
    tconv_name_table names;             /* of the records */
    tconv_layer_record *layers;
    size_t n_layers, layers_capacity;
    void *own;                          /* the reader's state, freed by `close` */
    void (*close)(tconv_container *container);
    tconv_status (*load)(tconv_container *container, const tconv_record *record, double *values, tconv_error *error);
    /* For writing a copy; NULL: it is not written. locate: where the elements lie together, little-endian. */
    bool (*locate)(tconv_container *container, const tconv_record *record, uint64_t *at);
    tconv_status (*rewrite)(tconv_container *container, const tconv_target *targets, size_t count, tconv_sink sink, void *state,
                            tconv_error *error);
};

#define TCONV_DEFAULT_TENSOR_BYTES ((uint64_t)512 << 20)
#define TCONV_MOST_TENSORS ((size_t)1000000)

/* A tensor extent list of a file into *info: checked against the product and the rank. Extents that make no product
 * are TCONV_EFORMAT; more than TCONV_MAX_RANK of them become an obstacle. */
TCONV_CHECKED tconv_status tconv_info_set_shape(tconv_tensor_info *info, const size_t *shape, size_t rank, tconv_error *error);

/* info->type and info->element of a type that element.h knows. */
void tconv_info_set_element(tconv_tensor_info *info, tconv_element element);

/* The number of elements; the shape was checked. */
size_t tconv_info_count(const tconv_tensor_info *info);

/* Append a record; its name must be new: TCONV_EFORMAT, "the tensor 'x' is there twice". *index may be NULL. */
TCONV_CHECKED tconv_status tconv_catalogue_add(tconv_container *container, const tconv_record *record, size_t *index,
                                               tconv_error *error);
TCONV_CHECKED tconv_status tconv_catalogue_add_layer(tconv_container *container, const tconv_layer_record *layer,
                                                     tconv_error *error);

/* The stride-1 convolution of a geometry: its channels_in are I, its channels_out O. */
tconv_convolution tconv_convolution_of(const tconv_geometry *geometry);

/* SAME of a strided convolution whose input has m samples (0: not declared, a multiple of s): N = ceil(m/s) outputs need
 * (N-1) s + k_eff - m samples of padding, none where that is negative; an odd one is at the begin where `odd_at_begin`. */
void tconv_set_same(tconv_axis *axis, size_t m, bool odd_at_begin);

/* The geometry of the transposed convolution that a shuffle or resize recipe equals, without its weights.
 * TCONV_EGEOMETRY, TCONV_EUNSUPPORTED with the reason. */
TCONV_CHECKED tconv_status tconv_layer_equivalent(const tconv_layer_record *layer, tconv_geometry *geometry, tconv_error *error);

/* May record i be loaded: has it no obstacle, and no more bytes than allowed? To be asked before memory is. */
TCONV_CHECKED tconv_status tconv_catalogue_check(const tconv_container *container, size_t i, tconv_error *error);

/* values[0..count-1] of record i, stored or derived; checked. */
TCONV_CHECKED tconv_status tconv_catalogue_load(tconv_container *container, size_t i, double *values, tconv_error *error);

/* values = `count` little- or big-endian elements of the source from `offset` on, in pieces. */
TCONV_CHECKED tconv_status tconv_read_elements(tconv_source *source, uint64_t offset, tconv_element element,
                                               bool big_endian, size_t count, double *values, tconv_error *error);

/* to = from with its axes in another order: output axis i is input axis order[i]; shape is from's, rank >= 0. */
void tconv_permute(const size_t *shape, const size_t *order, size_t rank, const double *from, double *to);

tconv_status tconv_npz_rewrite(tconv_container *container, const tconv_target *targets, size_t count, tconv_sink sink,
                               void *state, tconv_error *error);

#define TCONV_MOST_DERIVATIONS 16

/* Add a fused record for every pair (X_g, X_v) and (X.parametrizations.weight.original0, .original1). */
TCONV_CHECKED tconv_status tconv_fuse_weight_norm(tconv_container *container, tconv_error *error);

/* The readers. *container has its source, options, folder and an empty catalogue; on failure the caller closes it. An
 * archive is theirs from the call on; `member` of it is the data.pkl. */
TCONV_CHECKED tconv_status tconv_safetensors_open(tconv_container *container, tconv_error *error);
TCONV_CHECKED tconv_status tconv_npz_open(tconv_container *container, tconv_zip *zip, tconv_error *error);
TCONV_CHECKED tconv_status tconv_torch_zip_open(tconv_container *container, tconv_zip *zip, size_t member,
                                                tconv_error *error);
TCONV_CHECKED tconv_status tconv_torch_stream_open(tconv_container *container, tconv_error *error);
TCONV_CHECKED tconv_status tconv_onnx_open(tconv_container *container, tconv_error *error);
TCONV_CHECKED tconv_status tconv_tflite_open(tconv_container *container, tconv_error *error);
TCONV_CHECKED tconv_status tconv_manifest_open(tconv_container *container, tconv_error *error);

#endif
