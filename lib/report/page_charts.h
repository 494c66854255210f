/* page_charts.h - the pictures of one layer in a page (internal). Each appends one <figure>, or nothing where there is
 * nothing to draw. */
#ifndef TCONV_REPORT_PAGE_CHARTS_H
#define TCONV_REPORT_PAGE_CHARTS_H

#include "../analysis/figures.h"
#include "../core/buffer.h"
#include "../core/kernel.h"

/* A constant input as it comes out, over some periods; of several channels: the norms of the branches' gains. */
void tconv_page_flat(tconv_buffer *out, const tconv_kernel *kernel, const tconv_figures *figures);
/* How many taps reach each phase, along each axis. */
void tconv_page_coverage(tconv_buffer *out, const tconv_geometry *geometry);
/* The taps, coloured by branch (1-D) or as grey (2-D); of several channels their root mean square over the pairs. */
tconv_status tconv_page_taps(tconv_buffer *out, const tconv_kernel *kernel);
/* |H| along each axis against its value at DC, with the baseband and the places of the images. */
tconv_status tconv_page_response(tconv_buffer *out, const tconv_kernel *kernel, const tconv_figures *figures);
/* The level of every image. */
void tconv_page_images(tconv_buffer *out, const tconv_figures *figures);

#endif
