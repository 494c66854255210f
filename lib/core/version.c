#include "../tconv.h"

const char *tconv_version(void)
{
    return TCONV_VERSION;
}
