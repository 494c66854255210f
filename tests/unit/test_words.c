/* Numbers as the reports say them: nothing below the numerical floor is printed as if it were a level. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "analysis/figures.h"
#include "core/buffer.h"
#include "report/words.h"

static void check_db(double db, const char *want)
{
    tconv_buffer said = { 0 };
    tconv_word_db(&said, db, 0);
    CHECK(said.status == TCONV_OK && said.text != NULL);
    CHECK_MESSAGE(strcmp(said.text, want) == 0, "%g dB: '%s', wanted '%s'", db, said.text, want);
    tconv_buffer_free(&said);
}

static void levels_below_the_floor_are_not_figures(void)
{
    double floor_db = 20.0 * log10(DBL_EPSILON);
    CHECK_CLOSE("floor", 0, tconv_floor_db(), floor_db, 1e-12);
    check_db(nextafter(tconv_floor_db(), -INFINITY), "below floor");
    check_db(-320.0, "below floor");
    check_db(tconv_floor_db(), "-313.1 dB");
    check_db(-9.54, "-9.5 dB");
    check_db(-INFINITY, "-inf dB");
    check_db(INFINITY, "inf dB");
    check_db(NAN, "-");
    check_db(-1.2e-15, "0.0 dB");
}

const struct test_suite suite = { "words", {
    { "levels below the floor are not figures", levels_below_the_floor_are_not_figures },
    { NULL, NULL } } };
