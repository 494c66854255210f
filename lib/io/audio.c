#include "audio.h"

#include <errno.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../core/memory.h"
#include "../core/reason.h"
#include "source.h"

#define WAV_LIMIT ((int64_t)4000000000)    /* bytes of samples that a WAV header can still count, with room for it */

struct tconv_audio {
    SNDFILE *file;
    tconv_source *source;             /* of a file that is read */
    int descriptor;                   /* of one that is written */
    sf_count_t at, size;
    tconv_status failed;              /* the first failure of the bytes, and what it was */
    tconv_error reason;
};

static bool known(int format)
{
    static const int majors[] = { SF_FORMAT_WAV, SF_FORMAT_WAVEX, SF_FORMAT_RF64, SF_FORMAT_W64, SF_FORMAT_AIFF, SF_FORMAT_FLAC, SF_FORMAT_CAF };
    for (size_t i = 0; i < sizeof majors / sizeof *majors; i++)
        if ((format & SF_FORMAT_TYPEMASK) == majors[i])
            return true;
    return false;
}

static tconv_status check(const SF_INFO *info, tconv_error *error)
{
    if (!known(info->format))
        return tconv_fail(error, TCONV_EUNSUPPORTED, "this audio format is not read; WAV, RF64, W64, AIFF, FLAC and CAF are");
    if (info->channels < 1 || info->channels > TCONV_AUDIO_MAX_CHANNELS)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "%d channels; 1 to %d are allowed", info->channels, TCONV_AUDIO_MAX_CHANNELS);
    if (info->samplerate < 1 || info->samplerate > TCONV_AUDIO_MAX_RATE)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "a sample rate of %d Hz; 1 to %d are allowed", info->samplerate, TCONV_AUDIO_MAX_RATE);
    return TCONV_OK;
}

/* ---- the bytes: libsndfile's own reading and writing forgets failures, at the latest when it closes ---- */

static void fail_once(tconv_audio *audio, tconv_status status, const tconv_error *reason)
{
    if (audio->failed == TCONV_OK)
        audio->reason = *reason;
    audio->failed = audio->failed == TCONV_OK ? status : audio->failed;
}

static sf_count_t whole_size(void *state)
{
    tconv_audio *audio = state;
    return audio->size;
}

static sf_count_t seek(sf_count_t offset, int whence, void *state)
{
    tconv_audio *audio = state;
    sf_count_t at = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? audio->at : audio->size);
    if (at >= 0)
        audio->at = at;
    return at >= 0 ? at : -1;
}

static sf_count_t tell(void *state)
{
    tconv_audio *audio = state;
    return audio->at;
}

static sf_count_t read_bytes(void *bytes, sf_count_t count, void *state)
{
    tconv_audio *audio = state;
    sf_count_t left = audio->source != NULL ? audio->size - audio->at : 0, now = count < left ? count : left;
    tconv_error reason;
    tconv_status status = now > 0 ? tconv_source_read(audio->source, (uint64_t)audio->at, (size_t)now, bytes, &reason) : TCONV_OK;
    if (status != TCONV_OK)
        fail_once(audio, status, &reason);
    now = status == TCONV_OK && now > 0 ? now : 0;
    audio->at += now;
    return now;
}

static sf_count_t write_bytes(const void *bytes, sf_count_t count, void *state)
{
    tconv_audio *audio = state;
    const char *from = bytes;
    sf_count_t done = 0;
    while (done < count) {
        ssize_t wrote = pwrite(audio->descriptor, from + done, (size_t)(count - done), (off_t)(audio->at + done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            tconv_error reason;
            tconv_status status = tconv_fail(&reason, TCONV_EWRITE, "%s", tconv_reason(errno));
            fail_once(audio, status, &reason);
            break;
        }
        done += wrote;
    }
    audio->at += done;
    audio->size = audio->at > audio->size ? audio->at : audio->size;
    return done;
}

static SF_VIRTUAL_IO callbacks = { .get_filelen = whole_size, .seek = seek, .read = read_bytes, .write = write_bytes, .tell = tell };

static tconv_status failure_of(const tconv_audio *audio, tconv_error *error)
{
    if (error != NULL)
        *error = audio->reason;
    return audio->failed;
}

/* Where memory runs out libsndfile has no public number for it, but a text with this word. */
static tconv_status failed_inside(tconv_status status, const char *what, const char *reason, tconv_error *error)
{
    return strstr(reason, "malloc") != NULL ? tconv_fail_plain(error, TCONV_ENOMEM) : tconv_fail(error, status, "%s: %s", what, reason);
}

/* ---- reading and writing ---- */

static tconv_status begin_reading(tconv_audio *audio, const char *path, SF_INFO *found, tconv_error *error)
{
    tconv_status status = tconv_source_open(&audio->source, path, error);
    if (status != TCONV_OK)
        return status;
    audio->size = (sf_count_t)tconv_source_size(audio->source);
    audio->file = sf_open_virtual(&callbacks, SFM_READ, found, audio);
    if (audio->failed != TCONV_OK)
        return failure_of(audio, error);
    if (audio->file != NULL)
        return TCONV_OK;
    return failed_inside(TCONV_EFORMAT, "not a readable audio file", sf_strerror(NULL), error);
}

tconv_status tconv_audio_open(tconv_audio **audio, const char *path, tconv_audio_info *info, tconv_error *error)
{
    SF_INFO found = { 0 };
    tconv_status status = TCONV_OK;
    *audio = tconv_alloc_zero(1, sizeof **audio, &status);
    if (*audio == NULL)
        return tconv_fail_plain(error, status);
    status = begin_reading(*audio, path, &found, error);
    if (status == TCONV_OK)
        status = check(&found, error);
    if (status != TCONV_OK) {
        tconv_audio_close(*audio);
        *audio = NULL;
        return status;
    }
    *info = (tconv_audio_info){ found.frames, (size_t)found.channels, (size_t)found.samplerate, found.format };
    return TCONV_OK;
}

tconv_status tconv_audio_create(tconv_audio **audio, int descriptor, const tconv_audio_info *info, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    SF_INFO wanted = { .channels = (int)info->channels, .samplerate = (int)info->rate, .format = info->format };
    *audio = NULL;
    if (info->channels < 1 || info->channels > TCONV_AUDIO_MAX_CHANNELS || info->rate < 1 || info->rate > TCONV_AUDIO_MAX_RATE)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "%zu channels at %zu Hz; 1 to %d channels at 1 to %d Hz are allowed", info->channels,
                          info->rate, TCONV_AUDIO_MAX_CHANNELS, TCONV_AUDIO_MAX_RATE);
    int major = info->format & SF_FORMAT_TYPEMASK;
    if ((major == SF_FORMAT_WAV || major == SF_FORMAT_WAVEX) && info->frames > WAV_LIMIT / (int64_t)(8 * info->channels))
        wanted.format = (info->format & SF_FORMAT_SUBMASK) | SF_FORMAT_RF64;
    if (!sf_format_check(&wanted))
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the audio format cannot hold %zu channels at %zu Hz; try another container",
                          info->channels, info->rate);
    tconv_audio *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->descriptor = descriptor;
    made->file = sf_open_virtual(&callbacks, SFM_WRITE, &wanted, made);
    if (made->file == NULL) {
        status = failed_inside(TCONV_EWRITE, "the audio file cannot be begun", sf_strerror(NULL), error);
        tconv_free(made);
        return status;
    }
    (void)sf_command(made->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    *audio = made;
    return TCONV_OK;
}

tconv_status tconv_audio_read(tconv_audio *audio, double *frames, size_t count, size_t *got, tconv_error *error)
{
    const size_t most = INT64_MAX / (TCONV_AUDIO_MAX_CHANNELS * sizeof(double));      /* libsndfile multiplies */
    sf_count_t read = sf_readf_double(audio->file, frames, (sf_count_t)(count < most ? count : most));
    *got = read > 0 ? (size_t)read : 0;
    if (audio->failed != TCONV_OK)
        return failure_of(audio, error);
    return *got < count && sf_error(audio->file) != SF_ERR_NO_ERROR
             ? failed_inside(TCONV_EFORMAT, "the audio file is damaged", sf_strerror(audio->file), error) : TCONV_OK;
}

tconv_status tconv_audio_write(tconv_audio *audio, const double *frames, size_t count, tconv_error *error)
{
    sf_count_t wrote = sf_writef_double(audio->file, frames, (sf_count_t)count);
    if (audio->failed != TCONV_OK)
        return failure_of(audio, error);
    return wrote == (sf_count_t)count ? TCONV_OK
                                      : failed_inside(TCONV_EWRITE, "the audio file cannot be written", sf_strerror(audio->file), error);
}

tconv_status tconv_audio_finish(tconv_audio *audio, tconv_error *error)
{
    int failed = sf_close(audio->file);
    audio->file = NULL;
    if (audio->failed != TCONV_OK)
        return failure_of(audio, error);
    return failed == 0 ? TCONV_OK : failed_inside(TCONV_EWRITE, "the audio file cannot be completed", sf_error_number(failed), error);
}

void tconv_audio_close(tconv_audio *audio)
{
    if (audio == NULL)
        return;
    if (audio->file != NULL)
        (void)sf_close(audio->file);
    tconv_source_close(audio->source);
    tconv_free(audio);
}
