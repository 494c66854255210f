#include "page.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../tconv.h"
#include "glossary.h"
#include "html.h"
#include "page_layer.h"
#include "words.h"

static bool upsamples(const tconv_json_layer *layer)
{
    return layer->kernel->role == TCONV_ROLE_UPSAMPLE && tconv_geometry_phases(&layer->kernel->geometry) > 1;
}

/* The layers side by side, each a link to its section. */
static void write_overview(tconv_buffer *out, const tconv_json_document *document)
{
    static const char *const heads[] = { "layer", "taps", "stride", "geometry", "kernel", "white input", "flat input", "index",
                                         "images hold", "off the grid" };
    size_t count = 0;
    for (size_t i = 0; i < document->n_layers; i++)
        count += upsamples(&document->layers[i]) ? 1 : 0;
    tconv_buffer_format(out, "<section id=\"overview\"><h2>All layers</h2>\n<p>%zu layers, %zu of which upsample.</p>\n", document->n_layers, count);
    tconv_html_head(out, heads, sizeof heads / sizeof heads[0], 7);
    for (size_t i = 0; i < document->n_layers; i++) {
        const tconv_json_layer *layer = &document->layers[i];
        const tconv_verdict *v = layer->verdict;
        tconv_buffer_format(out, "<tr><td><a href=\"#layer-%zu\">", i);
        tconv_html_text(out, tconv_page_layer_name(layer));
        tconv_buffer_text(out, "</a></td><td>");
        tconv_page_sizes(out, &layer->kernel->geometry, 'k');
        tconv_buffer_text(out, "</td><td>");
        tconv_page_sizes(out, &layer->kernel->geometry, 's');
        tconv_buffer_format(out, "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>", v != NULL ? tconv_level_text(v->geometry) : "-",
                            v != NULL ? tconv_level_text(v->kernel) : "-", v != NULL ? tconv_level_text(v->white_input) : "-",
                            v != NULL ? tconv_level_text(v->flat_input) : "-");
        tconv_html_db(out, layer->figures != NULL ? layer->figures->checkerboard_db : (double)NAN);
        tconv_html_db(out, layer->figures != NULL ? layer->figures->image_energy_db : (double)NAN);
        tconv_html_number(out, tconv_axis_pixel_offset(&layer->kernel->geometry.axis[0]), 3);
        tconv_buffer_text(out, "</tr>\n");
    }
    tconv_buffer_text(out, "</table></div>\n<p>Geometry judges the sizes alone, kernel the taps, white input noise and texture, flat input what the "
                           "whole network makes of a constant, where that could be computed. The kernel verdict of a layer with several channels "
                           "is unknown: such layers carry sub-pixel position in their channels, so their index is a figure and not a verdict.</p></section>\n");
}

tconv_status tconv_page_write(const tconv_json_document *document, tconv_buffer *out)
{
    tconv_buffer title = { 0 };
    const char *file = document->file != NULL && strcmp(document->file, "-") != 0 ? document->file : "standard input";
    tconv_buffer_text(&title, "What upsampling does in ");
    tconv_buffer_text(&title, file);
    if (title.status == TCONV_OK)
        tconv_html_begin(out, title.text);
    tconv_status status = title.status;
    tconv_buffer_free(&title);
    tconv_buffer_text(out, "<p>A transposed convolution is zero-insertion followed by a filter. This page shows what the filter lets through that it "
                           "should not, for ");
    tconv_html_text(out, file);
    if (document->format != NULL) {
        tconv_buffer_text(out, " (");
        tconv_html_text(out, document->format);
        tconv_buffer_text(out, ")");
    }
    tconv_buffer_format(out, ". Terms are explained in the <a href=\"#glossary\">glossary</a>. Made by %s %s.</p>\n", document->tool, tconv_version());
    if (document->n_layers > 1)
        write_overview(out, document);
    for (size_t i = 0; i < document->n_layers && status == TCONV_OK; i++)
        status = tconv_page_layer(out, document->file != NULL ? document->file : "-", &document->layers[i], i);
    tconv_glossary_html(out);
    tconv_html_end(out);
    return status != TCONV_OK ? status : out->status;
}
