/* app.h - what every command shares: messages and exit codes, options, output that is complete or absent. */
#ifndef TCONV_APPS_COMMON_APP_H
#define TCONV_APPS_COMMON_APP_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/geometry_options.h"
#include "io/kernel_file.h"
#include "tconv.h"

/* ---- exit codes and messages (message.c) ---- */

enum app_exit {
    APP_DONE = 0,
    APP_THRESHOLD = 1,   /* a --check or --max-index was not met */
    APP_USAGE = 2,       /* wrong usage */
    APP_INPUT = 3,       /* unreadable, malformed or inconsistent input */
    APP_SYSTEM = 4       /* cannot write, out of memory, gnuplot missing or failed */
};

/* First of all: name the program in messages, set the usual memory budget, and have unfinished files taken away when a
 * signal ends the program. */
void app_begin(const char *name);
void app_name_program(const char *name);
const char *app_program_name(void);

/* "name: message" on stderr; returns `code`. */
int app_message(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, followed by "Try 'name --help'"; returns APP_USAGE. */
int app_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "name: file:line:column: message" for an error of the library; returns the exit code that belongs to its status. */
int app_fail(const char *file, const tconv_error *error);

/* The same for a status without a sentence. */
int app_fail_status(const char *file, tconv_status status);

/* The worse of two exit codes: what a run over several files answers. */
int app_worse(int a, int b);

/* ---- options (options.c) ---- */

/* Long options without a letter, common to all commands. Each command's own begin at APP_OPTION_OWN. */
enum {
    APP_OPTION_PADS = 256, APP_OPTION_OUTPUT_PADDING, APP_OPTION_AUTO_PAD, APP_OPTION_OUTPUT_SHAPE, APP_OPTION_NDIM,
    APP_OPTION_LAYOUT, APP_OPTION_JSON, APP_OPTION_MAX_BYTES, APP_OPTION_OWN
};

#define APP_GEOMETRY_LETTERS "s:p:d:g:n:"
#define APP_GEOMETRY_OPTIONS                                                                                             \
    { "stride", required_argument, NULL, 's' }, { "up", required_argument, NULL, 's' },                                  \
    { "padding", required_argument, NULL, 'p' }, { "pads", required_argument, NULL, APP_OPTION_PADS },                   \
    { "output-padding", required_argument, NULL, APP_OPTION_OUTPUT_PADDING },                                            \
    { "dilation", required_argument, NULL, 'd' }, { "groups", required_argument, NULL, 'g' },                            \
    { "auto-pad", required_argument, NULL, APP_OPTION_AUTO_PAD },                                                        \
    { "output-shape", required_argument, NULL, APP_OPTION_OUTPUT_SHAPE }, { "input-size", required_argument, NULL, 'n' },\
    { "ndim", required_argument, NULL, APP_OPTION_NDIM }, { "layout", required_argument, NULL, APP_OPTION_LAYOUT }

#define APP_COMMON_LETTERS "hVo:"
#define APP_COMMON_OPTIONS                                                                                               \
    { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { "output", required_argument, NULL, 'o' },\
    { "json", no_argument, NULL, APP_OPTION_JSON }, { "max-bytes", required_argument, NULL, APP_OPTION_MAX_BYTES },      \
    { NULL, 0, NULL, 0 }

#define APP_GEOMETRY_HELP                                                                                                \
    "Geometry (a list gives one value per axis, a single value serves all axes):\n"                                      \
    "  -s, --stride S[,S..]        upsampling factor (also --up)\n"                                                      \
    "  -p, --padding P[,P..]       output samples cropped on both sides\n"                                               \
    "      --pads B..,E..          the same in ONNX order, begins then ends\n"                                           \
    "      --output-padding O[,..] extra samples at the end\n"                                                           \
    "  -d, --dilation D[,..]       distance between taps\n"                                                              \
    "  -g, --groups G              groups of channels\n"                                                                 \
    "      --auto-pad MODE         same-upper, same-lower or valid, as in ONNX\n"                                        \
    "      --output-shape M[,..]   output size; needs -n\n"                                                              \
    "  -n, --input-size N[,..]     input size, to print concrete sizes\n"                                                \
    "      --ndim D                spatial dimensions of the kernel, 1 to 3\n"                                           \
    "      --layout io|tf          weights are (Cin,Cout/g,k..) or (k..,Cout,Cin)\n"

#define APP_COMMON_HELP                                                                                                  \
    "Common:\n"                                                                                                          \
    "  -o, --output FILE           write there instead of standard output\n"                                             \
    "      --json                  one JSON document instead of text\n"                                                  \
    "      --max-bytes N           memory budget, K, M or G may follow (default 4G; 0: none)\n"                          \
    "  -h, --help   -V, --version\n"

/* What the common options gave. */
struct app_common {
    const char *output;   /* -o, NULL for standard output */
    bool json;
};

/* getopt_long with our own messages: a misspelt long option is met with the nearest one. Answers -1 at the end, 0 after
 * a message (then usage is wrong), otherwise the option's value. */
int app_getopt(int argc, char **argv, const char *letters, const struct option *options);

/* Take a geometry option, or a common one. True if it was one; *code is then APP_DONE, or APP_USAGE after a message.
 * --help and --version print and end the program with exit code 0 (4 if they cannot be written). */
bool app_geometry_option(int option, const char *value, tconv_geometry_options *given, int *code);
bool app_common_option(int option, const char *value, const char *help, struct app_common *common, int *code);

/* Numbers of an option, all of the text: false, after a message that names the option, where they are none. */
bool app_number(const char *option, const char *text, double *value);
bool app_numbers(const char *option, const char *text, double *values, size_t count);

/* A list of whole numbers >= 1 with commas between, as -n takes it. APP_DONE, or APP_USAGE after a message. */
int app_size_list(const char *option, const char *text, tconv_option_list *list);

/* --pair CI,CO: two channel numbers counted from 0; APP_DONE, or APP_USAGE after a message. */
int app_pair(const char *text, size_t pair[2]);
bool app_size(const char *option, const char *text, size_t least, size_t most, size_t *value);

/* ---- output (output.c) ---- */

/* Standard output, or a temporary file beside the one named, which takes its place when all went well. */
struct app_output {
    const char *path;         /* NULL: standard output */
    char temporary[4096];
    int descriptor;           /* of the temporary file */
    int slot;                 /* among the files that a signal takes away */
    bool failed, written;       /* written: something was */
};

/* `inputs`: names of files that must not be overwritten (NULL-terminated list, or NULL). */
int app_output_open(struct app_output *output, const char *path, char *const *inputs);
int app_output_write(struct app_output *output, const char *bytes, size_t length);
/* Complete the file (or flush standard output); with commit = false take it away. Returns an exit code. */
int app_output_close(struct app_output *output, bool commit);

/* ---- input (input.c) ---- */

/* Open and read a kernel file with the given options; 0 or an exit code, after a message. */
int app_read_kernel(const char *path, const tconv_geometry_options *given, tconv_kernel **kernel, tconv_file_format *format);

/* All numbers of a text or .npy file, of whatever shape; tconv_free(*values). */
int app_read_numbers(const char *path, double **values, size_t *count);

#endif
