#include "testing_locale.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static char folder[64];

static void remove_folder(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (folder[0] != '\0' && system(command) != 0)
        fprintf(stderr, "%s is left behind\n", folder);
}

static bool set_comma_locale(void)
{
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL && strcmp(localeconv()->decimal_point, ",") == 0;
}

static bool make_locale(void)
{
    char command[256];
    if (folder[0] != '\0')
        return false;
    (void)strcpy(folder, "/tmp/tconv-locale-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        folder[0] = '\0';
        return false;
    }
    (void)atexit(remove_folder);
    (void)snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/log 2>&1", folder, folder);
    if (system(command) == -1)
        return false;
    return setenv("LOCPATH", folder, 1) == 0;
}

bool test_comma_locale(void)
{
    if (set_comma_locale() || (make_locale() && set_comma_locale()))
        return true;
    test_plain_locale();
    test_skip("no locale with a decimal comma: neither de_DE.UTF-8 nor localedef with its sources is installed");
    return false;
}

void test_plain_locale(void)
{
    (void)setlocale(LC_ALL, "C");
}
