#include "psd.h"

#include <string.h>

#include "analysis/signal.h"
#include "io/audio.h"

#define LEAST_SAMPLES ((size_t)16)
#define MOST_SEGMENT ((size_t)4096)

/* The segment: a power of 2, short enough for seven half-overlapping ones or more. */
static size_t segment_of(size_t n)
{
    size_t segment = 4;
    while (segment < MOST_SEGMENT && 8 * segment <= n)
        segment *= 2;
    return segment;
}

/* All frames of an audio file, channel after channel: the spectrum becomes their average. */
static int read_audio(const char *path, double **samples, size_t *n)
{
    enum { CHUNK = 256 };
    static double frames[CHUNK * TCONV_AUDIO_MAX_CHANNELS];
    tconv_error error;
    tconv_audio *audio;
    tconv_audio_info info;
    size_t room = 0, have = 0, got = 1;
    tconv_status status = TCONV_OK;
    if (tconv_audio_open(&audio, path, &info, &error) != TCONV_OK)
        return app_fail(path, &error);
    size_t length = info.frames > 0 ? (size_t)info.frames : 0;
    if (!tconv_size_mul(length, info.channels, &room))
        status = TCONV_ESIZE;
    if (status == TCONV_OK)
        *samples = tconv_alloc(room > 0 ? room : 1, sizeof **samples, &status);
    if (status != TCONV_OK)
        (void)tconv_fail_plain(&error, status);
    while (status == TCONV_OK && have < length && got > 0) {
        status = tconv_audio_read(audio, frames, length - have < CHUNK ? length - have : CHUNK, &got, &error);
        for (size_t i = 0; i < got; i++)
            for (size_t c = 0; c < info.channels; c++)
                (*samples)[c * length + have + i] = frames[i * info.channels + c];
        have += got;
    }
    tconv_audio_close(audio);
    if (status != TCONV_OK)
        return app_fail(path, &error);
    *n = room;
    return have == length ? APP_DONE : app_message(APP_INPUT, "%s: ends after %zu of %zu frames", path, have, length);
}

/* Is it audio? Only a named file can be looked at twice. */
static bool is_audio(const char *path)
{
    tconv_error error;
    tconv_source *source;
    if (strcmp(path, "-") == 0 || tconv_source_open(&source, path, &error) != TCONV_OK)
        return false;
    bool audio = tconv_file_format_of(source) == TCONV_FILE_AUDIO;
    tconv_source_close(source);
    return audio;
}

/* tconv_welch is one-sided, power per cycle; a tconv_psd has equal weights but for halves at both ends. */
static int measure(const char *path, struct app_psd *psd)
{
    double *samples = NULL;
    size_t n = 0;
    tconv_error error;
    tconv_status status = TCONV_OK;
    int code = is_audio(path) ? read_audio(path, &samples, &n) : app_read_numbers(path, &samples, &n);
    if (code != APP_DONE) {
        tconv_free(samples);
        return code;
    }
    if (n < LEAST_SAMPLES) {
        tconv_free(samples);
        return app_message(APP_INPUT, "%s: a signal of %zu samples; a spectrum needs %zu or more", path, n, LEAST_SAMPLES);
    }
    size_t segment = segment_of(n), last = segment / 2;
    psd->values = tconv_alloc(last + 1, sizeof *psd->values, &status);
    if (psd->values == NULL)
        code = app_fail_status(path, status);
    else if (tconv_welch(samples, n, segment, psd->values, &error) != TCONV_OK)
        code = app_fail(path, &error);
    tconv_free(samples);
    if (code != APP_DONE)
        return code;
    psd->values[0] *= 2.0;
    psd->values[last] *= 2.0;
    psd->measured = true;
    psd->psd = (tconv_psd){ .kind = TCONV_PSD_SPECTRUM, .values = psd->values, .count = last + 1 };
    return tconv_psd_check(&psd->psd, &error) == TCONV_OK ? APP_DONE : app_fail(path, &error);
}

int app_psd_open(const char *text, struct app_psd *psd)
{
    *psd = (struct app_psd){ .text = text, .psd = { .kind = TCONV_PSD_WHITE } };
    if (strcmp(text, "white") == 0)
        return APP_DONE;
    if (strcmp(text, "brown") == 0) {
        psd->psd.kind = TCONV_PSD_BROWN;
        return APP_DONE;
    }
    if (strncmp(text, "ar1:", 4) == 0) {
        psd->psd.kind = TCONV_PSD_AR1;
        if (!app_number("--psd ar1", text + 4, &psd->psd.rho))
            return APP_USAGE;
        if (!(psd->psd.rho >= 0.0 && psd->psd.rho < 1.0))
            return app_usage("--psd: the correlation of ar1:%s is not in 0 <= RHO < 1", text + 4);
        return APP_DONE;
    }
    return measure(text, psd);
}

void app_psd_close(struct app_psd *psd)
{
    tconv_free(psd->values);
    psd->values = NULL;
}
