#include "picture.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "../core/memory.h"

#define MOST_CHUNK ((png_alloc_size_t)8 << 20)

/* What libpng's callbacks need. libpng leaves by longjmp on an error: all that must be freed lives in here. */
struct session {
    tconv_source *source;
    uint64_t at;
    tconv_buffer *out;
    tconv_error *error;
    tconv_status status;
    png_structp png;
    png_infop info;
    unsigned char *pixels;
    png_bytep *rows;
    size_t width, height, channels, row_bytes;
    int bits;
};

static void on_error(png_structp png, png_const_charp message)
{
    struct session *s = png_get_error_ptr(png);
    if (s->status == TCONV_OK)
        s->status = strstr(message, "memory") != NULL ? tconv_fail_plain(s->error, TCONV_ENOMEM)
                                                      : tconv_fail(s->error, TCONV_EFORMAT, "not a readable PNG: %s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void take(png_structp png, png_bytep bytes, size_t length)
{
    struct session *s = png_get_io_ptr(png);
    s->status = tconv_source_read(s->source, s->at, length, bytes, s->error);
    s->at += length;
    if (s->status != TCONV_OK)
        png_error(png, "the file ends too early");
}

static void give(png_structp png, png_bytep bytes, size_t length)
{
    struct session *s = png_get_io_ptr(png);
    tconv_buffer_bytes(s->out, bytes, length);
}

static void flush(png_structp png)      /* not counted: called after png_set_flush only; libpng's own takes a FILE */
{
    (void)png;
}

static bool make_rows(struct session *s)
{
    size_t total;
    if (!tconv_size_mul(s->row_bytes, s->height, &total))
        s->status = tconv_fail_plain(s->error, TCONV_ESIZE);
    else {
        s->pixels = tconv_alloc(total, 1, &s->status);
        if (s->pixels != NULL)
            s->rows = tconv_alloc(s->height, sizeof *s->rows, &s->status);
        if (s->rows == NULL)
            (void)tconv_fail_plain(s->error, s->status);
    }
    for (size_t y = 0; s->rows != NULL && y < s->height; y++)
        s->rows[y] = s->pixels + y * s->row_bytes;
    return s->rows != NULL;
}

static void read_pixels(struct session *s)
{
    if (setjmp(png_jmpbuf(s->png)) != 0)
        return;
    png_set_user_limits(s->png, TCONV_PICTURE_MAX_SIDE, TCONV_PICTURE_MAX_SIDE);
    png_set_chunk_malloc_max(s->png, MOST_CHUNK);
    png_set_read_fn(s->png, s, take);
    png_read_info(s->png, s->info);
    png_set_expand(s->png);                                   /* palette to RGB, few bits to 8, tRNS to alpha */
    (void)png_set_interlace_handling(s->png);
    png_read_update_info(s->png, s->info);
    s->width = png_get_image_width(s->png, s->info);
    s->height = png_get_image_height(s->png, s->info);
    s->channels = png_get_channels(s->png, s->info);
    s->bits = png_get_bit_depth(s->png, s->info);
    s->row_bytes = png_get_rowbytes(s->png, s->info);
    if (!make_rows(s))
        return;
    png_read_image(s->png, s->rows);
    png_read_end(s->png, NULL);
}

static double sample(const struct session *s, size_t y, size_t i)
{
    const unsigned char *row = s->rows[y];
    return s->bits == 16 ? 256.0 * row[2 * i] + row[2 * i + 1] : row[i];
}

static void put_sample(struct session *s, size_t y, size_t i, double value)
{
    double most = s->bits == 16 ? 65535.0 : 255.0, level = nearbyint(value < 0.0 ? 0.0 : value > most ? most : value);
    unsigned rounded = (unsigned)level;
    unsigned char *row = s->rows[y];
    if (s->bits == 16) {
        row[2 * i] = (unsigned char)(rounded >> 8);
        row[2 * i + 1] = (unsigned char)(rounded & 0xff);
    } else
        row[i] = (unsigned char)rounded;
}

tconv_status tconv_picture_read(tconv_source *source, tconv_tensor **picture, int *bits, tconv_error *error)
{
    struct session s = { .source = source, .error = error };
    *picture = NULL;
    s.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    s.info = s.png != NULL ? png_create_info_struct(s.png) : NULL;
    if (s.info == NULL)
        s.status = tconv_fail_plain(error, TCONV_ENOMEM);
    else
        read_pixels(&s);
    if (s.status == TCONV_OK) {
        s.status = tconv_tensor_create(picture, TCONV_F64, (size_t[]){ s.channels, s.height, s.width }, 3);
        if (s.status != TCONV_OK)
            (void)tconv_fail_plain(error, s.status);
    }
    for (size_t c = 0; s.status == TCONV_OK && c < s.channels; c++)
        for (size_t y = 0; y < s.height; y++)
            for (size_t x = 0; x < s.width; x++)
                ((double *)(*picture)->data)[(c * s.height + y) * s.width + x] = sample(&s, y, x * s.channels + c);
    *bits = s.bits;
    png_destroy_read_struct(&s.png, &s.info, NULL);
    tconv_free(s.pixels);
    tconv_free(s.rows);
    return s.status;
}

static void write_pixels(struct session *s, const tconv_tensor *picture)
{
    static const int types[] = { 0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA };
    if (setjmp(png_jmpbuf(s->png)) != 0)
        return;
    png_set_write_fn(s->png, s, give, flush);
    png_set_user_limits(s->png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(s->png, s->info, (png_uint_32)s->width, (png_uint_32)s->height, s->bits, types[s->channels], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    s->row_bytes = s->width * s->channels * (size_t)s->bits / 8;
    if (!make_rows(s))
        return;
    for (size_t c = 0; c < s->channels; c++)
        for (size_t y = 0; y < s->height; y++)
            for (size_t x = 0; x < s->width; x++)
                put_sample(s, y, x * s->channels + c, tconv_tensor_get(picture, (c * s->height + y) * s->width + x));
    png_write_info(s->png, s->info);
    png_write_image(s->png, s->rows);
    png_write_end(s->png, NULL);
}

tconv_status tconv_picture_write(const tconv_tensor *picture, int bits, tconv_buffer *out, tconv_error *error)
{
    struct session s = { .out = out, .error = error, .bits = bits };
    if (picture->rank != 3 || picture->shape[0] < 1 || picture->shape[0] > 4 || (bits != 8 && bits != 16)
        || picture->shape[1] < 1 || picture->shape[2] < 1 || picture->shape[1] > 0x7fffffff || picture->shape[2] > 0x7fffffff) {
        char shape[TCONV_MAX_RANK * 24];
        tconv_shape_text(picture->shape, picture->rank, shape, sizeof shape);
        return tconv_fail(error, TCONV_EARGUMENT, "a picture of shape %s and %d bits; 1 to 4 channels, 1 to 2147483647 rows and columns, and 8 or "
                          "16 bits are allowed", shape, bits);
    }
    s.channels = picture->shape[0];
    s.height = picture->shape[1];
    s.width = picture->shape[2];
    s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    s.info = s.png != NULL ? png_create_info_struct(s.png) : NULL;
    if (s.info == NULL)
        s.status = tconv_fail_plain(error, TCONV_ENOMEM);
    else
        write_pixels(&s, picture);
    png_destroy_write_struct(&s.png, &s.info);
    tconv_free(s.pixels);
    tconv_free(s.rows);
    return s.status;
}
