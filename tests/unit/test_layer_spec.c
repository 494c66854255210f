/* 'GLOB:s=8,p=4': the split, the keys, the sentences; globs against their definition. */
#include "io/catalogue.h"
#include "testing_model.h"

#include <string.h>

static void specs_are_read(void)
{
    static const struct { const char *text, *glob; bool geometry; size_t strides; int64_t s0, s1, p0, o0, d0; size_t groups; } cases[] = {
        { "up.*.weight:s=8,p=4", "up.*.weight", true, 1, 8, 0, 4, 0, 0, 0 },
        { "conv_post/W:s=1x2,p=0x2", "conv_post/W", true, 2, 1, 2, 0, 0, 0, 0 },
        { "kernel:0", "kernel:0", false, 0, 0, 0, 0, 0, 0, 0 },
        { "kernel:0:s=2", "kernel:0", true, 1, 2, 0, 0, 0, 0, 0 },
        { "a:s=2:s=4,g=3,o=1,d=2", "a:s=2", true, 1, 4, 0, 0, 1, 2, 3 },
        { "a:p=-1,s=2", "a", true, 1, 2, 0, -1, 0, 0, 0 },
        { "*", "*", false, 0, 0, 0, 0, 0, 0, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_layer_spec spec;
        tconv_error error = { 0 };
        CHECK_MESSAGE(tconv_layer_spec_parse(cases[i].text, &spec, &error) == TCONV_OK, "%s: %s", cases[i].text, error.message);
        const tconv_geometry_options *o = &spec.options;
        CHECK_TEXT(spec.glob, cases[i].glob);
        CHECK_MESSAGE(spec.has_geometry == cases[i].geometry && o->stride.count == cases[i].strides
                      && o->stride.values[0] == cases[i].s0 && o->stride.values[1] == cases[i].s1 && o->padding.values[0] == cases[i].p0
                      && o->output_padding.values[0] == cases[i].o0 && o->dilation.values[0] == cases[i].d0
                      && o->groups == cases[i].groups, "%s", cases[i].text);
    }
}

static void wrong_specs_are_told(void)
{
    static const struct { const char *text, *part; } cases[] = {
        { "", "the name of a layer is missing" },            { ":s=2", "the name of a layer is missing" },
        { "a:s=", "a whole number is missing" },             { "a:s=2,", "is no key=value" },
        { "a:s=2,k=3", "'k=3' is no key=value" },            { "a:s=2,s=3", "the key s is there twice" },
        { "a:s=2y", "a whole number is missing" },           { "a:s=2x", "a whole number is missing" },
        { "a:s=1x1x1x1", "more than 3 axes" },               { "a:s=9999999999999999999", "a whole number is missing" },
        { "a:g=0", "one number of at least 1" },             { "a:g=1x2", "one number of at least 1" },
        { "a:s=--2", "a whole number is missing" },          { "a:s=2 ", "a whole number is missing" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_layer_spec spec;
        tconv_error error = { 0 };
        CHECK_MESSAGE(tconv_layer_spec_parse(cases[i].text, &spec, &error) == TCONV_EFORMAT && strstr(error.message, cases[i].part) != NULL,
                      "'%s': '%s'", cases[i].text, error.message);
    }
    char longest[400];
    tconv_layer_spec spec;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CHECK(tconv_layer_spec_parse(longest, &spec, NULL) == TCONV_EFORMAT);
}

/* The definition, exponential in the stars: '*' is nothing, or one character and '*'. */
static bool matches_by_definition(const char *glob, const char *name)
{
    if (*glob == '\0')
        return *name == '\0';
    if (*glob == '*')
        return matches_by_definition(glob + 1, name) || (*name != '\0' && matches_by_definition(glob, name + 1));
    return *name != '\0' && (*glob == '?' || *glob == *name) && matches_by_definition(glob + 1, name + 1);
}

static void globs_match_as_defined(void)
{
    static const char letters[] = "ab*?";
    size_t matched = 0;
    for (size_t round = 0; round < test_rounds(20000); round++) {
        char glob[8] = "", name[8] = "";
        for (size_t i = 0, n = random_between(0, 6); i < n; i++)
            glob[i] = letters[random_between(0, 3)];
        for (size_t i = 0, n = random_between(0, 7); i < n; i++)
            name[i] = letters[random_between(0, 1)];
        bool want = matches_by_definition(glob, name);
        matched += want;
        CHECK_MESSAGE(tconv_glob_match(glob, name) == want, "'%s' against '%s'", glob, name);
    }
    CHECK(matched > test_rounds(20000) / 20);
    static const struct { const char *glob, *name; bool match; } cases[] = {
        { "[ab]x", "bx", true },   { "[a-c]x", "cx", true },  { "[!a]x", "ax", false }, { "[^a]x", "bx", true },
        { "[]x", "[]x", true },    { "[]]x", "]x", true },    { "a[", "a[", true },     { "[a-]", "-", true },
        { "*.w", "a/b.w", true },  { "*", ".hidden", true },  { "", "", true },         { "", "a", false },
        { "up[0-9].w", "up7.w", true }, { "up[0-9].w", "upx.w", false } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_MESSAGE(tconv_glob_match(cases[i].glob, cases[i].name) == cases[i].match, "'%s' against '%s'", cases[i].glob, cases[i].name);
}

/* Twenty stars against a long name: the time is the product of the lengths. */
static void many_stars_take_no_time(void)
{
    char glob[64] = "", name[4000];
    for (size_t i = 0; i < 20; i++)
        memcpy(glob + 2 * i, "a*", 3);
    strcat(glob, "b");
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    CHECK(!tconv_glob_match(glob, name));
}

static void candidates_are_told_with_what_to_type(void)
{
    static const struct { tconv_tensor_info info; int likely; tconv_layout layout; const char *text; } cases[] = {
        { { .name = "deconv.weight", .element = TCONV_F32, .rank = 4, .shape = { 56, 3, 9, 9 } }, 2, TCONV_LAYOUT_IO, "deconv.weight:s=2,p=4,o=1" },
        { { .name = "conv1.weight", .element = TCONV_F16, .rank = 4, .shape = { 64, 64, 4, 4 } }, 1, TCONV_LAYOUT_IO, "conv1.weight:s=2,p=1" },
        { { .name = "ups.0.weight", .element = TCONV_F32, .rank = 3, .shape = { 256, 128, 16 } }, 2, TCONV_LAYOUT_IO, "ups.0.weight:s=8,p=4" },
        { { .name = "Variable_39", .element = TCONV_F32, .rank = 4, .shape = { 3, 3, 64, 128 } }, 1, TCONV_LAYOUT_TF, "Variable_39:s=2,p=1,o=1" },
        { { .name = "up.weight", .element = TCONV_F32, .rank = 4, .shape = { 8, 8, 2, 2 } }, 2, TCONV_LAYOUT_IO, "up.weight:s=2,p=0" },
        { { .name = "point", .element = TCONV_F32, .rank = 4, .shape = { 8, 8, 1, 1 } }, 0, TCONV_LAYOUT_IO, "" },
        { { .name = "fc.weight", .element = TCONV_F32, .rank = 2, .shape = { 8, 8 } }, 0, TCONV_LAYOUT_IO, "" },
        { { .name = "count", .element = TCONV_I64, .rank = 4, .shape = { 8, 8, 3, 3 } }, 0, TCONV_LAYOUT_IO, "" },
        { { .name = "state", .element = TCONV_F32, .rank = 4, .shape = { 8, 8, 3, 3 }, .optimizer = true }, 0, TCONV_LAYOUT_IO, "" },
        { { .name = "other", .element = TCONV_ELEMENT_COUNT, .rank = 4, .shape = { 8, 8, 3, 3 }, .obstacle = "f8" }, 0, TCONV_LAYOUT_IO, "" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128];
        tconv_layout layout;
        CHECK_MESSAGE(tconv_tensor_candidate(&cases[i].info, &layout, text, sizeof text) == cases[i].likely, "%s", cases[i].info.name);
        CHECK_TEXT(text, cases[i].text);
        if (cases[i].likely > 0) {
            tconv_layer_spec spec;
            CHECK(layout == cases[i].layout);
            CHECK(tconv_layer_spec_parse(text, &spec, NULL) == TCONV_OK);
        }
    }
}

/* Text of one byte is the end of text, text of none is not touched. */
static void a_candidate_without_room_for_words_says_nothing(void)
{
    tconv_layout layout;
    const tconv_tensor_info vector = { .name = "v", .element = TCONV_F32, .rank = 1, .shape = { 4 } };
    char text[] = "xy";
    CHECK(tconv_tensor_candidate(&vector, &layout, text, 0) == 0 && text[0] == 'x');
    CHECK(tconv_tensor_candidate(&vector, &layout, text, 1) == 0 && text[0] == '\0' && text[1] == 'y');
}

/* 65536 pixels, taps or samples of a factor are allowed, along all axes together; one more is not. */
static void layers_of_convolutions_have_limits(void)
{
    static const struct { tconv_recipe recipe; size_t taps[2], block[2]; bool allowed; } cases[] = {
        { TCONV_RECIPE_SHUFFLE, { 1, 1 }, { 256, 256 }, true },  { TCONV_RECIPE_SHUFFLE, { 1, 1 }, { 257, 256 }, false },
        { TCONV_RECIPE_SHUFFLE, { 256, 256 }, { 1, 1 }, true },  { TCONV_RECIPE_SHUFFLE, { 257, 256 }, { 1, 1 }, false },
        { TCONV_RECIPE_RESIZE, { 1, 1 }, { 65536, 1 }, true },   { TCONV_RECIPE_RESIZE, { 1, 1 }, { 65537, 1 }, false },
        { TCONV_RECIPE_RESIZE, { 257, 256 }, { 2, 2 }, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_layer_record layer = { .recipe = cases[i].recipe, .convolution = tconv_convolution_default(2) };
        tconv_geometry g;
        tconv_error error = { .message = "" };
        for (size_t a = 0; a < 2; a++) {
            layer.convolution.n_taps[a] = cases[i].taps[a];
            layer.block[a] = layer.resize.scale[a] = cases[i].block[a];
        }
        layer.convolution.channels_out = cases[i].recipe == TCONV_RECIPE_SHUFFLE ? cases[i].block[0] * cases[i].block[1] : 1;
        tconv_status status = tconv_layer_equivalent(&layer, &g, &error);
        CHECK_MESSAGE((status == TCONV_OK) == cases[i].allowed, "case %zu: %s", i, error.message);
        if (!cases[i].allowed)
            CHECK_TEXT(error.message, "its kernel or its factor is larger than a layer's");
    }
}

const struct test_suite suite = { "layer_spec", {
    { "specs are read", specs_are_read },
    { "wrong specs are told", wrong_specs_are_told },
    { "globs match as they are defined", globs_match_as_defined },
    { "many stars take no time", many_stars_take_no_time },
    { "candidates are told with what to type", candidates_are_told_with_what_to_type },
    { "a candidate without room for words says nothing", a_candidate_without_room_for_words_says_nothing },
    { "layers of convolutions have limits", layers_of_convolutions_have_limits },
    { NULL, NULL } } };
