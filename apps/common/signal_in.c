#include "signal_in.h"

#include <string.h>

#include "io/audio.h"
#include "io/npy.h"
#include "io/picture.h"
#include "io/text.h"

#define CHUNK 1024   /* frames of audio read at a time */

/* Values as they come: (channels, n..) or, audio, (n, channels). */
struct raw {
    tconv_tensor *tensor;
    size_t mixed;                   /* channels that a mean takes in */
    double scale;
};

static int read_audio(const char *path, struct app_signal *signal, struct raw *raw)
{
    tconv_audio *audio;
    tconv_audio_info info;
    tconv_error error;
    if (tconv_audio_open(&audio, path, &info, &error) != TCONV_OK)
        return app_fail(path, &error);
    size_t frames = info.frames > 0 ? (size_t)info.frames : 0, have = 0, got = 1;
    tconv_status status = tconv_tensor_create(&raw->tensor, TCONV_F64, (size_t[]){ frames, info.channels }, 2);
    if (status != TCONV_OK)
        (void)tconv_fail_plain(&error, status);
    for (; status == TCONV_OK && have < frames && got > 0; have += got)
        status = tconv_audio_read(audio, (double *)raw->tensor->data + have * info.channels, frames - have < CHUNK ? frames - have : CHUNK,
                                  &got, &error);
    tconv_audio_close(audio);
    if (status != TCONV_OK)
        return app_fail(path, &error);
    *signal = (struct app_signal){ .ndim = 1, .n = { frames }, .channels = info.channels, .rate = info.rate, .format = TCONV_FILE_AUDIO };
    raw->mixed = info.channels;
    return have == frames ? APP_DONE : app_message(APP_INPUT, "%s: ends after %zu of %zu frames", path, have, frames);
}

static tconv_status read_text(tconv_source *source, tconv_tensor **tensor, tconv_error *error)
{
    tconv_text_table table;
    tconv_status status = tconv_text_read(source, &table, error);
    if (status != TCONV_OK)
        return status;
    bool list = table.rows == 1 || table.columns == 1;
    status = tconv_tensor_create(tensor, TCONV_F64, (size_t[]){ list ? table.rows * table.columns : table.rows, table.columns }, list ? 1 : 2);
    if (status == TCONV_OK)
        memcpy((*tensor)->data, table.values, (*tensor)->count * sizeof(double));
    else
        (void)tconv_fail_plain(error, status);
    tconv_text_free(&table);
    return status;
}

static int read_array(const char *path, tconv_source *source, size_t ndim, struct app_signal *signal, struct raw *raw)
{
    tconv_error error;
    int bits = 0;
    tconv_file_format format = tconv_file_format_of(source);
    tconv_status status;
    switch (format) {
    case TCONV_FILE_PICTURE: status = tconv_picture_read(source, &raw->tensor, &bits, &error); break;
    case TCONV_FILE_NPY: status = tconv_npy_read(source, &raw->tensor, &error); break;
    case TCONV_FILE_TEXT: status = read_text(source, &raw->tensor, &error); break;
    default: return app_message(APP_INPUT, "%s: %s; a signal is audio, a PNG picture, .npy or text", path, tconv_file_format_what(format));
    }
    if (status != TCONV_OK)
        return app_fail(path, &error);
    const tconv_tensor *t = raw->tensor;
    bool picture = format == TCONV_FILE_PICTURE;
    size_t usual = t->rank == 1 ? 1 : 2, dims = picture ? 2 : ndim > 0 ? ndim : usual;
    if ((picture && ndim != 0 && ndim != 2) || (t->rank != dims && t->rank != dims + 1))
        return app_message(APP_INPUT, "%s: an array of rank %zu for %zu dimensions; one more than these is the channels'", path, t->rank, ndim > 0 ? ndim : dims);
    size_t lead = t->rank - dims;
    *signal = (struct app_signal){ .ndim = dims, .channels = lead > 0 ? t->shape[0] : 1, .format = format };
    memcpy(signal->n, t->shape + lead, dims * sizeof *signal->n);
    raw->mixed = picture && signal->channels % 2 == 0 ? signal->channels - 1 : signal->channels;
    raw->scale = bits > 0 ? 1.0 / (double)((1 << bits) - 1) : 1.0;
    return APP_DONE;
}

/* One channel, or the mean of the first raw->mixed. */
static int mix(const char *path, const struct raw *raw, size_t channel, struct app_signal *signal)
{
    tconv_status status = TCONV_OK;
    size_t count = signal->channels > 0 ? raw->tensor->count / signal->channels : 0, first = 0, last = raw->mixed;
    if (count == 0)
        return app_message(APP_INPUT, "%s: there are no samples", path);
    if (channel != APP_MEAN_CHANNEL) {
        if (channel >= signal->channels)
            return app_message(APP_INPUT, "%s: there is no channel %zu; they are 0 to %zu", path, channel, signal->channels - 1);
        first = channel;
        last = channel + 1;
    }
    size_t bad = tconv_tensor_first_non_finite(raw->tensor);
    if (bad < raw->tensor->count)
        return app_message(APP_INPUT, "%s: sample %zu is NaN or infinite", path, bad);
    signal->values = tconv_alloc(count, sizeof *signal->values, &status);
    if (status != TCONV_OK)
        return app_fail_status(path, status);
    bool interleaved = signal->format == TCONV_FILE_AUDIO;
    for (size_t i = 0; i < count; i++) {
        double sum = 0.0;
        for (size_t c = first; c < last; c++)
            sum += tconv_tensor_get(raw->tensor, interleaved ? i * signal->channels + c : c * count + i);
        signal->values[i] = sum * raw->scale / (double)(last - first);
    }
    return APP_DONE;
}

int app_signal_read(const char *path, size_t ndim, size_t channel, struct app_signal *signal)
{
    tconv_error error;
    tconv_source *source;
    struct raw raw = { .scale = 1.0 };
    *signal = (struct app_signal){ .ndim = 0 };
    if (tconv_source_open(&source, path, &error) != TCONV_OK)
        return app_fail(path, &error);
    bool audio = tconv_file_format_of(source) == TCONV_FILE_AUDIO;
    int code = audio ? APP_DONE : read_array(path, source, ndim, signal, &raw);
    tconv_source_close(source);
    if (audio)
        code = ndim > 1 ? app_usage("--ndim: audio has 1 dimension") : strcmp(path, "-") == 0
             ? app_message(APP_INPUT, "audio is read from a file, not from standard input") : read_audio(path, signal, &raw);
    if (code == APP_DONE)
        code = mix(path, &raw, channel, signal);
    tconv_tensor_destroy(raw.tensor);
    return code;
}

void app_signal_free(struct app_signal *signal)
{
    tconv_free(signal->values);
    signal->values = NULL;
}
