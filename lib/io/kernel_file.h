/* kernel_file.h - one kernel from a file, whatever its format, told by content and not by name.
 *
 *     tconv_geometry_options given = { 0 };                  -s, -p and so on, as far as they were given
 *     tconv_source *source;
 *     tconv_kernel *kernel;
 *     tconv_file_format format;
 *     if (tconv_source_open(&source, "kernel.txt", &error) == TCONV_OK)
 *         status = tconv_kernel_file_read(source, &given, &kernel, &format, &error);
 *     tconv_source_close(source);
 */
#ifndef TCONV_IO_KERNEL_FILE_H
#define TCONV_IO_KERNEL_FILE_H

#include "../core/geometry_options.h"
#include "../core/kernel.h"
#include "../core/status.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, word, what it is): the words are those of "format" in reports. */
#define TCONV_FILE_FORMAT_LIST(X)                                                       \
    X(TCONV_FILE_TEXT, "text", "a text file")                                           \
    X(TCONV_FILE_NPY, "npy", "a .npy file")                                             \
    X(TCONV_FILE_ZIP, "zip", "a zip archive, as .npz and .pt files are")                \
    X(TCONV_FILE_SAFETENSORS, "safetensors", "a .safetensors file")                     \
    X(TCONV_FILE_PICKLE, "pickle", "a Python pickle, as old .pt files are")             \
    X(TCONV_FILE_ONNX, "onnx", "a protobuf message, as .onnx files are")                \
    X(TCONV_FILE_TFLITE, "tflite", "a .tflite file")                                    \
    X(TCONV_FILE_AUDIO, "audio", "an audio file")                                       \
    X(TCONV_FILE_PICTURE, "picture", "a picture")                                       \
    X(TCONV_FILE_HDF5, "hdf5", "an HDF5 file")                                          \
    X(TCONV_FILE_GZIP, "gzip", "a gzip-compressed file")

#define TCONV_FILE_NAME(name, word, what) name,
typedef enum { TCONV_FILE_FORMAT_LIST(TCONV_FILE_NAME) TCONV_FILE_FORMAT_COUNT } tconv_file_format;
#undef TCONV_FILE_NAME

TCONV_API const char *tconv_file_format_word(tconv_file_format format);   /* "npy"; "unknown" for an unknown value */
TCONV_API const char *tconv_file_format_what(tconv_file_format format);   /* "a .npy file" */

/* What the first bytes say; text is what is nothing else. Reads at most 16 bytes. */
TCONV_API tconv_file_format tconv_file_format_of(tconv_source *source);

/* Read a text or .npy kernel. `options` (NULL: none) go over what the file's comments say. A text of one row or one
 * column is a 1-D kernel unless ndim is 2; an array is what tconv_geometry_of_shape says. *format is set as soon as it
 * is known, also on failure; it may be NULL. Errors, with *kernel NULL: those of tconv_text_read and tconv_npy_read;
 * TCONV_EUNSUPPORTED naming a format that is known but not read here; TCONV_ENOSTRIDE where neither the options nor the
 * file give the stride; TCONV_EARGUMENT where options contradict one another or the array; TCONV_EGEOMETRY;
 * TCONV_ENONFINITE. */
TCONV_API TCONV_CHECKED tconv_status tconv_kernel_file_read(tconv_source *source, const tconv_geometry_options *options,
                                                            tconv_kernel **kernel, tconv_file_format *format,
                                                            tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
