#include "step_table.h"

#include <math.h>

#include "io/table.h"

#define MOST_SHOWN ((size_t)96)     /* samples along an axis */
#define FLOOR (-140.0)              /* dB: even */

static double drawable(double db)
{
    return db > FLOOR ? db : FLOOR;
}

/* The answer that is least even: its input, output and channel. */
struct place {
    size_t input, output, channel;
};

static struct place find_worst(const tconv_step_report *report)
{
    struct place at = { 0, 0, 0 };
    double worst = -1.0;
    for (size_t i = 0; i < report->count; i++)
        for (size_t o = 0; o < report->responses[i]->n_outputs; o++)
            for (size_t c = 0; c < report->responses[i]->outputs[o].channels; c++)
                if (report->responses[i]->outputs[o].peak_to_peak[c] > worst) {
                    worst = report->responses[i]->outputs[o].peak_to_peak[c];
                    at = (struct place){ i, o, c };
                }
    return at;
}

/* Rows (n, difference) or (n1, n2, difference), two periods along each axis. */
static void write_pattern(const tconv_step_report *report, const tconv_output_response *r, size_t channel, tconv_buffer *out)
{
    size_t plane = r->period[0] * r->period[1], shown[2] = { 1, 1 };
    const double *v = r->values + channel * plane;
    double mean = 0.0, scale = r->flat ? 0.0 : 255.0 / (report->range[1] - report->range[0]);
    for (size_t i = 0; i < plane; i++)
        mean += v[i] / (double)plane;
    for (size_t a = 0; a < r->ndim; a++)
        shown[a] = 2 * r->period[a] < MOST_SHOWN ? 2 * r->period[a] : MOST_SHOWN;
    tconv_table_block(out, 0, "pattern: place, difference from the mean in levels of 255");
    for (size_t y = 0; y < shown[0]; y++) {
        if (y > 0 && r->ndim == 2)
            tconv_table_scan_line(out);
        for (size_t x = 0; x < shown[1]; x++) {
            double difference = scale * (v[y % r->period[0] * r->period[1] + x % r->period[1]] - mean);
            if (r->ndim == 2)
                tconv_table_row(out, (double[]){ (double)y, (double)x, difference }, 3);
            else
                tconv_table_row(out, (double[]){ (double)y, difference }, 2);
        }
    }
}

static void write_spreads(const tconv_step_report *report, const double *levels, const double *spreads, size_t greys, tconv_buffer *out)
{
    tconv_table_block(out, 1, "greys: level, spread in dB of the range");
    for (size_t g = 0; g < greys; g++)
        tconv_table_row(out, (double[]){ levels[g], drawable(spreads[g]) }, 2);
    tconv_table_block(out, 2, "the inputs that were asked for: mean level, spread in dB of the range");
    for (size_t i = 0; i < report->count && report->tile == NULL; i++) {
        double mean = 0.0;
        for (size_t c = 0; c < report->channels; c++)
            mean += report->inputs[i * report->channels + c] / (double)report->channels;
        tconv_table_row(out, (double[]){ mean, drawable(tconv_step_spread_db(report->responses[i], report->range)) }, 2);
    }
}

tconv_status step_table_write(const tconv_step_report *report, const double *levels, const double *spreads, size_t greys,
                              tconv_buffer *table, tconv_buffer *title)
{
    static const char *const columns[] = { "see the title of each block" };
    struct place at = find_worst(report);
    const tconv_output_response *r = &report->responses[at.input]->outputs[at.output];
    tconv_table_begin(table, "a network's answer to flat input", columns, 1);
    tconv_buffer_format(table, "# layer: ndim=%zu stride=%zu", r->ndim, r->period[0]);
    if (r->ndim == 2)
        tconv_buffer_format(table, ",%zu", r->period[1]);
    tconv_buffer_format(table, " fs=0 what=step names=%s\n", report->tile != NULL ? "texture" : "");
    write_pattern(report, r, at.channel, table);
    write_spreads(report, levels, spreads, greys, table);
    tconv_buffer_format(title, "%s, channel %zu", report->file, at.channel);
    return table->status != TCONV_OK ? table->status : title->status;
}
