#include "audio.h"

#include <sndfile.h>
#include <stdbool.h>
#include <unistd.h>

#include "../core/memory.h"

#define WAV_LIMIT ((int64_t)4000000000)    /* bytes of samples that a WAV header can still count, with room for it */

struct tconv_audio {
    SNDFILE *file;
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

tconv_status tconv_audio_open(tconv_audio **audio, const char *path, tconv_audio_info *info, tconv_error *error)
{
    SF_INFO found = { 0 };
    tconv_status status = TCONV_OK;
    *audio = tconv_alloc_zero(1, sizeof **audio, &status);
    if (*audio == NULL)
        return tconv_fail_plain(error, status);
    (*audio)->file = sf_open(path, SFM_READ, &found);
    if ((*audio)->file == NULL)
        status = tconv_fail(error, TCONV_EFORMAT, "not a readable audio file: %s", sf_strerror(NULL));
    else
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
    if (info->channels > TCONV_AUDIO_MAX_CHANNELS || info->rate > TCONV_AUDIO_MAX_RATE)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "%zu channels at %zu Hz; up to %d channels at %d Hz are allowed", info->channels,
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
    /* libsndfile closes a descriptor that it fails to begin a file on, whatever it is asked: give it one of its own */
    int own = dup(descriptor);
    made->file = own >= 0 ? sf_open_fd(own, SFM_WRITE, &wanted, SF_TRUE) : NULL;
    if (made->file == NULL) {
        tconv_free(made);
        return tconv_fail(error, TCONV_EWRITE, "the audio file cannot be begun: %s", sf_strerror(NULL));
    }
    (void)sf_command(made->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    *audio = made;
    return TCONV_OK;
}

size_t tconv_audio_read(tconv_audio *audio, double *frames, size_t count)
{
    sf_count_t got = sf_readf_double(audio->file, frames, (sf_count_t)count);
    return got > 0 ? (size_t)got : 0;
}

tconv_status tconv_audio_write(tconv_audio *audio, const double *frames, size_t count, tconv_error *error)
{
    if (sf_writef_double(audio->file, frames, (sf_count_t)count) == (sf_count_t)count)
        return TCONV_OK;
    return tconv_fail(error, TCONV_EWRITE, "the audio file cannot be written: %s", sf_strerror(audio->file));
}

void tconv_audio_close(tconv_audio *audio)
{
    if (audio == NULL)
        return;
    if (audio->file != NULL)
        (void)sf_close(audio->file);
    tconv_free(audio);
}
