/* glossary.h - the terms of the reports, each in one or two sentences (internal). */
#ifndef TCONV_REPORT_GLOSSARY_H
#define TCONV_REPORT_GLOSSARY_H

#include "../core/buffer.h"

/* Append them as a list of definitions for a page. */
void tconv_glossary_html(tconv_buffer *out);

#endif
