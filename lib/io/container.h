/* container.h - model files: which tensors they hold, which layers of a network upsample, and the loading of one.
 *
 * Seven formats, told apart by content: safetensors, npz, PyTorch (zip or the older stream), ONNX, TensorFlow Lite, and
 * raw float32 files with a manifest.json. Opening reads the directory of a file only; the bytes of a tensor are read
 * when that tensor is loaded, so memory is bounded by what is asked for, not by the file. Nothing in a file is ever
 * executed, and no name in a file is ever used as a path, but for ONNX external data where the caller allows it.
 *
 *     tconv_container *model = NULL;
 *     tconv_status status = tconv_container_open(&model, "model.onnx", NULL, &error);
 *     for (size_t i = 0; status == TCONV_OK && i < tconv_container_layers(model); i++) {
 *         const tconv_layer_info *layer = tconv_container_layer(model, i);
 *         if (layer->obstacle == NULL)
 *             status = tconv_container_load_layer(model, i, &kernel, &error);
 *         ..
 *     }
 *     tconv_container_close(model);
 *
 * ONNX and TensorFlow Lite hold a graph: their layers are there after opening. The others hold tensors only: layers are
 * made by tconv_container_add_layers from a geometry that the caller knows.
 */
#ifndef TCONV_IO_CONTAINER_H
#define TCONV_IO_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/element.h"
#include "../core/kernel.h"
#include "../core/tensor.h"
#include "layer_spec.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, text) */
#define TCONV_CONTAINER_LIST(X)                                                           \
    X(TCONV_CONTAINER_SAFETENSORS, "safetensors") X(TCONV_CONTAINER_NPZ, "npz")           \
    X(TCONV_CONTAINER_TORCH, "pt") X(TCONV_CONTAINER_ONNX, "onnx")                        \
    X(TCONV_CONTAINER_TFLITE, "tflite") X(TCONV_CONTAINER_MANIFEST, "manifest")

#define TCONV_CONTAINER_NAME(name, text) name,
typedef enum { TCONV_CONTAINER_LIST(TCONV_CONTAINER_NAME) TCONV_CONTAINER_NONE } tconv_container_format;
#undef TCONV_CONTAINER_NAME

/* "safetensors", "npz", "pt", "onnx", "tflite", "manifest"; "unknown" for TCONV_CONTAINER_NONE. Static storage. */
TCONV_API const char *tconv_container_format_text(tconv_container_format format);

/* Which container the first `size` bytes of a file begin (512 are plenty), TCONV_CONTAINER_NONE if they begin none. A
 * zip archive is reported as npz here; opening it tells npz and PyTorch apart. */
TCONV_API tconv_container_format tconv_container_recognise(const void *bytes, size_t size);

typedef struct tconv_container_options {
    bool external_data;             /* ONNX: may read weights from other files beneath the model's folder */
    uint64_t max_tensor_bytes;      /* the most stored bytes of a tensor to load; 0 = 512 MiB */
    bool onnx_only;                 /* refuse every other format: the caller needs an ONNX graph */
} tconv_container_options;

typedef struct tconv_tensor_info {
    const char *name;               /* nested dictionaries are joined by dots: "state_dict.up.weight" */
    const char *type;               /* as stored: "f32", "bf16", "bool", "f8_e4m3" .. */
    tconv_element element;          /* the same, TCONV_ELEMENT_COUNT where it is none of those */
    size_t rank, shape[TCONV_MAX_RANK];
    uint64_t bytes;                 /* that loading reads; 0 where that is not known before (typed ONNX data) */
    const char *obstacle;           /* NULL, or a sentence why it cannot be loaded */
    bool optimizer;                 /* the state of an optimizer, not a weight */
    bool derived;                   /* computed from others of the file: weight norm, dequantised, transposed */
} tconv_tensor_info;

typedef struct tconv_layer_info {
    const char *name;               /* of the node; the weight's where the node has none */
    const char *weight, *bias;      /* names of tensors; bias may be NULL */
    const char *operator_name;      /* "ConvTranspose", "Conv+DepthToSpace", "Resize+Conv", "Conv" .. */
    tconv_role role;
    size_t rank, shape[TCONV_MAX_RANK];   /* of the weight, as stored; rank 0 where it is not known */
    tconv_geometry geometry;        /* of the equivalent transposed convolution */
    bool has_geometry;              /* false: the obstacle says what is missing */
    bool has_taps;                  /* false: the weights are an input of the graph or computed by it */
    bool upsamples;                 /* some stride is above 1 */
    bool weight_norm_fused;
    size_t input_size[TCONV_MAX_NDIM];    /* input samples that the graph declares along each axis; 0 = open */
    const char *note;               /* NULL, or a sentence that the reader of a report should know */
    const char *obstacle;           /* NULL, or a sentence why it cannot be loaded */
} tconv_layer_info;

typedef struct tconv_container tconv_container;   /* one thread at a time */

/* Open a model; options may be NULL. A folder that holds a manifest.json may be named too. On failure *container is
 * NULL and *error says what is wrong: TCONV_EREAD, TCONV_EFORMAT, TCONV_EUNSUPPORTED, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_open(tconv_container **container, const char *path,
                                                          const tconv_container_options *options, tconv_error *error);

/* The same from a source, which stays the caller's and must outlive the container. `folder` is where other files of
 * the model are (external data, raw files); NULL = there are none. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_open_source(tconv_container **container, tconv_source *source,
                                                                 const char *folder,
                                                                 const tconv_container_options *options,
                                                                 tconv_error *error);

TCONV_API void tconv_container_close(tconv_container *container);   /* NULL is fine */

TCONV_API tconv_container_format tconv_container_kind(const tconv_container *container);

/* Does the format hold a graph, so that layers are known without being told? */
TCONV_API bool tconv_container_has_graph(const tconv_container *container);

/* ---- tensors, in the order of the file ---- */

TCONV_API size_t tconv_container_tensors(const tconv_container *container);

/* Borrowed, valid as long as the container; NULL if i is out of range. */
TCONV_API const tconv_tensor_info *tconv_container_tensor(const tconv_container *container, size_t i);

/* Its number, or SIZE_MAX. */
TCONV_API size_t tconv_container_find(const tconv_container *container, const char *name);

/* Tensor i in double, row-major. NaN and infinities pass through. *tensor is the caller's, NULL on failure: the
 * obstacle as TCONV_EUNSUPPORTED, TCONV_EFORMAT, TCONV_EREAD, TCONV_EBUDGET, TCONV_ENOMEM, TCONV_EARGUMENT. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_load_tensor(tconv_container *container, size_t i,
                                                                 tconv_tensor **tensor, tconv_error *error);

/* Could the tensor be the weight of a transposed convolution? 0 = no, 1 = its shape allows it, 2 = its name says so
 * too. *layout is the order of axes that its shape suggests; text receives what to type to have it analysed,
 * "up.weight:s=2,p=1": a guess from the kernel size (k even: s = k/2, p = k/4, but s = 2 for k = 2; k odd: s = 2,
 * p = (k-1)/2, o = 1) for a person to correct. Pure. */
TCONV_API int tconv_tensor_candidate(const tconv_tensor_info *tensor, tconv_layout *layout, char *text, size_t size);

/* ---- layers ---- */

TCONV_API size_t tconv_container_layers(const tconv_container *container);

/* Borrowed, valid until layers are added or the container is closed; its texts as long as the container. NULL if i is
 * out of range. */
TCONV_API const tconv_layer_info *tconv_container_layer(const tconv_container *container, size_t i);

/* Add a layer for every tensor whose name matches the glob (layer_spec.h), its geometry by tconv_geometry_of_shape from
 * the options and the tensor's shape. Tensors of optimizers are passed over, and where the glob has wildcards those of
 * a rank that is no weight's: below 3, or not options->ndim + 2 where that is given. A vector of Cout values named like
 * the weight ("up.bias" beside "up.weight", "up/b" beside "up/W", ..) is its bias. *added = how many. TCONV_ENOTFOUND
 * where nothing matches, and the errors of tconv_geometry_of_shape. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_add_layers(tconv_container *container, const char *glob,
                                                                const tconv_geometry_options *options, size_t *added,
                                                                tconv_error *error);

/* Layer i as one kernel with its names, its bias if there is one, weight normalisation fused, in the order
 * (Cin, Cout/groups, k..). *kernel is the caller's, NULL on failure: the obstacle as TCONV_EUNSUPPORTED,
 * TCONV_ENONFINITE with the index of the first NaN or infinity, and what loading a tensor can answer. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_load_layer(tconv_container *container, size_t i,
                                                                tconv_kernel **kernel, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
