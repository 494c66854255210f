/* audio.h - audio files through libsndfile, frame by frame: WAV, RF64, W64, AIFF, FLAC and CAF.
 *
 * libsndfile reads more than that (MP3, GSM ..); other formats are refused, so that what is read is known. Samples are
 * doubles, full scale is 1; frames are interleaved. Nothing is held in memory but the library's own buffers.
 *
 *     tconv_audio *audio;
 *     tconv_audio_info info;
 *     if (tconv_audio_open(&audio, "speech.wav", &info, &error) == TCONV_OK)
 *         while (tconv_audio_read(audio, frames, 4096, &n, &error) == TCONV_OK && n > 0) ..
 *     tconv_audio_close(audio);
 */
#ifndef TCONV_IO_AUDIO_H
#define TCONV_IO_AUDIO_H

#include <stddef.h>
#include <stdint.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_AUDIO_MAX_CHANNELS 64
#define TCONV_AUDIO_MAX_RATE 100000000     /* Hz: far above any converter, far below where a rate overflows */

typedef struct tconv_audio tconv_audio;    /* one thread at a time */

typedef struct tconv_audio_info {
    int64_t frames;
    size_t channels;
    size_t rate;                           /* Hz */
    int format;                            /* container and sample type, as libsndfile numbers them */
} tconv_audio_info;

/* Open `path` for reading. On failure *audio is NULL: TCONV_EREAD, TCONV_EUNSUPPORTED (a format, a number of channels or
 * a rate that is not read), TCONV_EFORMAT, TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_audio_open(tconv_audio **audio, const char *path, tconv_audio_info *info, tconv_error *error);

/* Write to an open, seekable file `descriptor`, which stays open and the caller's: container and sample type of
 * info->format (a WAV that may outgrow 4 GiB becomes RF64), info->frames is only a forecast. Samples beyond full scale
 * are clipped where the sample type is an integer. Errors as above, and TCONV_EWRITE. */
TCONV_API TCONV_CHECKED tconv_status tconv_audio_create(tconv_audio **audio, int descriptor, const tconv_audio_info *info, tconv_error *error);

/* Up to `count` frames into `frames`; *got = how many there were, 0 at the end. TCONV_EREAD, TCONV_EFORMAT. */
TCONV_API TCONV_CHECKED tconv_status tconv_audio_read(tconv_audio *audio, double *frames, size_t count, size_t *got, tconv_error *error);

/* TCONV_EWRITE where not all of them could be written. */
TCONV_API TCONV_CHECKED tconv_status tconv_audio_write(tconv_audio *audio, const double *frames, size_t count, tconv_error *error);

/* Complete a file that is written: what is still held, and the header. Nothing but tconv_audio_close may follow. TCONV_EWRITE. */
TCONV_API TCONV_CHECKED tconv_status tconv_audio_finish(tconv_audio *audio, tconv_error *error);

TCONV_API void tconv_audio_close(tconv_audio *audio);   /* NULL is fine; a file that is not finished is of no use */

#ifdef __cplusplus
}
#endif
#endif
