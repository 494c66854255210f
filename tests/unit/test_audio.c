/* Audio: what is written reads back in every container, full scale is clipped, other files are refused in words. */
#include "testing.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tconv.h"

enum { WAV = 0x010000, AIFF = 0x020000, W64 = 0x0B0000, FLAC = 0x170000, CAF = 0x180000, RF64 = 0x220000, PCM_16 = 2, PCM_24 = 3, DOUBLE = 7 };

static char path[64];

static void new_file(void)
{
    (void)snprintf(path, sizeof path, "/tmp/tconv_audio_XXXXXX");
    int descriptor = mkstemp(path);
    CHECK(descriptor >= 0);
    (void)close(descriptor);
}

static size_t frames_read(tconv_audio *audio, double *frames, size_t count)
{
    size_t got = 0;
    tconv_error error = { .message = "" };
    CHECK_MESSAGE(tconv_audio_read(audio, frames, count, &got, &error) == TCONV_OK, "%s", error.message);
    return got;
}

static tconv_status write_frames(const tconv_audio_info *info, const double *frames, size_t count, tconv_error *error)
{
    tconv_audio *audio;
    int descriptor = open(path, O_RDWR | O_TRUNC);
    tconv_status status = tconv_audio_create(&audio, descriptor, info, error);
    if (status == TCONV_OK)
        status = tconv_audio_write(audio, frames, count, error);
    if (status == TCONV_OK)
        status = tconv_audio_finish(audio, error);
    tconv_audio_close(audio);
    CHECK(close(descriptor) == 0);
    return status;
}

static void what_is_written_reads_back(void)
{
    static const struct { int format; double step; } cases[] = { { WAV | PCM_16, 0x1p-15 }, { AIFF | PCM_24, 0x1p-23 }, { FLAC | PCM_16, 0x1p-15 },
                                                                 { CAF | DOUBLE, 0.0 }, { W64 | DOUBLE, 0.0 }, { RF64 | PCM_24, 0x1p-23 } };
    new_file();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t channels = 1; channels <= 3; channels++) {
            double frames[300], again[303];
            tconv_audio_info info = { 100, channels, 44100, cases[i].format }, got;
            tconv_error error = { .message = "" };
            tconv_audio *audio;
            for (size_t n = 0; n < 100 * channels; n++)
                frames[n] = random_uniform(-0.99, 0.99);
            CHECK_MESSAGE(write_frames(&info, frames, 100, &error) == TCONV_OK, "%s", error.message);
            CHECK_MESSAGE(tconv_audio_open(&audio, path, &got, &error) == TCONV_OK, "%s", error.message);
            if (audio == NULL)
                continue;
            CHECK(got.frames == 100 && got.channels == channels && got.rate == 44100 && got.format == cases[i].format);
            CHECK(frames_read(audio, again, 60) == 60 && frames_read(audio, again + 60 * channels, 41) == 40);
            CHECK(frames_read(audio, again, 0) == 0);
            for (size_t n = 0; n < 100 * channels; n++)
                CHECK_CLOSE("sample", n, again[n], frames[n], cases[i].step);      /* rounding, to 2^15 - 1 or 2^15 levels */
            tconv_audio_close(audio);
        }
    (void)unlink(path);
}

static void integers_are_clipped_at_full_scale(void)
{
    double frames[] = { 1.5, -1.5, 0.0 }, again[3];
    tconv_audio_info info = { 3, 1, 8000, WAV | PCM_16 };
    tconv_audio *audio;
    new_file();
    CHECK(write_frames(&info, frames, 3, NULL) == TCONV_OK);
    CHECK(tconv_audio_open(&audio, path, &info, NULL) == TCONV_OK && frames_read(audio, again, 3) == 3);
    CHECK(again[0] > 0.9999 && again[1] == -1.0 && again[2] == 0.0);
    tconv_audio_close(audio);
    (void)unlink(path);
}

static void other_files_are_refused_in_words(void)
{
    tconv_audio *audio;
    tconv_audio_info info;
    tconv_error error = { .message = "" };
    size_t before = tconv_memory_in_use();
    new_file();
    CHECK(tconv_audio_open(&audio, path, &info, &error) == TCONV_EFORMAT && audio == NULL);
    CHECK(strncmp(error.message, "not a readable audio file: ", 27) == 0);
    CHECK(tconv_audio_open(&audio, "/nonexistent/file.wav", &info, &error) == TCONV_EREAD && audio == NULL);
    info = (tconv_audio_info){ 1, 65, 8000, WAV | PCM_16 };
    CHECK(write_frames(&info, (double[65]){ 0 }, 1, &error) == TCONV_EUNSUPPORTED);
    CHECK_TEXT(error.message, "65 channels at 8000 Hz; 1 to 64 channels at 1 to 100000000 Hz are allowed");
    info = (tconv_audio_info){ 1, 1, 90000000, FLAC | PCM_16 };
    CHECK(write_frames(&info, (double[1]){ 0 }, 1, &error) != TCONV_OK && error.message[0] != '\0');
    CHECK(tconv_memory_in_use() == before);
    (void)unlink(path);
}

static void put(const void *bytes, size_t size)
{
    int descriptor = open(path, O_WRONLY | O_TRUNC);
    CHECK(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size && close(descriptor) == 0);
}

static void little(unsigned char *to, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

/* A file of another format that libsndfile reads, and headers of samples that nobody has. */
static void formats_and_headers_beyond_the_limits_are_refused(void)
{
    static const unsigned char au[] = ".snd\0\0\0\x18\0\0\0\x04\0\0\0\3\0\0\x1f\x40\0\0\0\1\1\2\3";      /* and the zero byte */
    static const struct { uint32_t channels, rate; const char *message; } cases[] = {
        { 65, 8000, "65 channels; 1 to 64 are allowed" },
        { 1, 100000001, "a sample rate of 100000001 Hz; 1 to 100000000 are allowed" } };
    unsigned char wav[44 + 130] = "RIFF\xa6\0\0\0WAVEfmt \x10\0\0\0\1\0";
    tconv_audio *audio;
    tconv_audio_info info;
    tconv_error error = { .message = "" };
    new_file();
    put(au, sizeof au);
    CHECK(tconv_audio_open(&audio, path, &info, &error) == TCONV_EUNSUPPORTED && audio == NULL);
    CHECK_TEXT(error.message, "this audio format is not read; WAV, RF64, W64, AIFF, FLAC and CAF are");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        little(wav + 22, cases[i].channels, 2);
        little(wav + 24, cases[i].rate, 4);
        little(wav + 28, cases[i].rate * 2 * cases[i].channels, 4);
        little(wav + 32, 2 * cases[i].channels, 2);
        little(wav + 34, 16, 2);
        memcpy(wav + 36, "data\x82\0\0\0", 8);
        put(wav, sizeof wav);
        CHECK(tconv_audio_open(&audio, path, &info, &error) == TCONV_EUNSUPPORTED && audio == NULL);
        CHECK_TEXT(error.message, cases[i].message);
    }
    (void)unlink(path);
}

/* The samples of a file that lost its end after it was opened. */
static void a_file_that_becomes_shorter_is_told(void)
{
    static double frames[100000];
    tconv_audio_info info = { 100000, 1, 8000, WAV | PCM_16 };
    tconv_audio *audio;
    tconv_error error = { .message = "" };
    size_t got;
    new_file();
    CHECK(write_frames(&info, frames, 100000, &error) == TCONV_OK);
    CHECK(tconv_audio_open(&audio, path, &info, &error) == TCONV_OK && truncate(path, 30000) == 0);
    CHECK(tconv_audio_read(audio, frames, 100000, &got, &error) == TCONV_EFORMAT && got < 100000);
    CHECK_TEXT(error.message, "the file became shorter while it was read");
    CHECK(tconv_audio_read(audio, frames, 1, &got, NULL) == TCONV_EFORMAT);
    tconv_audio_close(audio);
    (void)unlink(path);
}

/* Frames that a WAV header cannot count make it an RF64; a format that has no such thing is refused before it is begun. */
static void long_files_get_a_header_that_can_count_them(void)
{
    double frames[] = { 0.5, -0.25 }, again[2];
    tconv_audio_info info = { (int64_t)1 << 32, 1, 8000, WAV | PCM_16 }, got;
    tconv_audio *audio;
    tconv_error error = { .message = "" };
    new_file();
    CHECK_MESSAGE(write_frames(&info, frames, 2, &error) == TCONV_OK, "%s", error.message);
    CHECK_MESSAGE(tconv_audio_open(&audio, path, &got, &error) == TCONV_OK, "%s", error.message);
    if (audio != NULL) {
        CHECK(got.format == (RF64 | PCM_16) && got.frames == 2 && frames_read(audio, again, 2) == 2);
        CHECK_CLOSE("sample", 0, again[0], 0.5, 0x1p-15);
        CHECK_CLOSE("sample", 1, again[1], -0.25, 0x1p-15);
        tconv_audio_close(audio);
    }
    info = (tconv_audio_info){ 1, 9, 8000, FLAC | PCM_16 };
    CHECK(write_frames(&info, (double[9]){ 0 }, 1, &error) == TCONV_EUNSUPPORTED);
    CHECK_TEXT(error.message, "the audio format cannot hold 9 channels at 8000 Hz; try another container");
    (void)unlink(path);
}

/* Every container, on a device that takes nothing: the failure is told at the latest when the file is finished. */
static void a_full_device_is_told(void)
{
    static const int formats[] = { WAV | PCM_16, AIFF | PCM_24, FLAC | PCM_16, CAF | DOUBLE, W64 | DOUBLE, RF64 | PCM_24 };
    static double frames[10000];
    int descriptor = open("/dev/full", O_RDWR);
    if (descriptor < 0) {
        test_skip("no /dev/full");
        return;
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        for (size_t count = 1; count <= 10000; count *= 100) {
            const tconv_audio_info info = { (int64_t)count, 1, 8000, formats[i] };
            tconv_audio *audio;
            tconv_error error = { .message = "" };
            tconv_status status = tconv_audio_create(&audio, descriptor, &info, &error);
            if (status == TCONV_OK)
                status = tconv_audio_write(audio, frames, count, &error);
            if (status == TCONV_OK)
                status = tconv_audio_finish(audio, &error);
            CHECK_MESSAGE(status == TCONV_EWRITE && error.message[0] != '\0', "format %zu, %zu frames: %s", i, count, error.message);
            tconv_audio_close(audio);
        }
    CHECK(close(descriptor) == 0);
}

const struct test_suite suite = { "audio", {
    { "what is written reads back in every container", what_is_written_reads_back },
    { "integers are clipped at full scale", integers_are_clipped_at_full_scale },
    { "other files are refused in words", other_files_are_refused_in_words },
    { "formats and headers beyond the limits are refused", formats_and_headers_beyond_the_limits_are_refused },
    { "a file that becomes shorter is told", a_file_that_becomes_shorter_is_told },
    { "long files get a header that can count them", long_files_get_a_header_that_can_count_them },
    { "a full device is told", a_full_device_is_told },
    { NULL, NULL } } };
