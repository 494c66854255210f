#include "glossary.h"

#include <stddef.h>

#include "html.h"

static const struct { const char *term, *meaning; } terms[] = {
    { "transposed convolution", "The transpose of a strided convolution; equal to inserting s - 1 zeros after each sample and filtering the result." },
    { "stride s", "How many output samples each input sample makes room for. Over several axes S is the product of the strides." },
    { "taps h", "The weights of the filter that runs over the zero-inserted signal; k of them along an axis." },
    { "phase, branch", "Output sample j has the phase q = (j + p) mod s. Only every s-th tap meets a sample that is not an inserted zero: the "
                       "taps q, q + s, q + 2s .. are the branch of that phase." },
    { "DC gain", "What a branch makes of a constant 1: the sum of its taps. Of the whole filter: the sum of all taps, s where the level is kept." },
    { "coverage", "How many taps reach an output of each phase. Uneven coverage makes a pattern before anything is learned." },
    { "gap", "A phase that no tap reaches: its outputs hold the bias, or zero, whatever the input." },
    { "checkerboard index", "Standard deviation of the branches' DC gains over their mean, in dB. It equals the root of the summed power of all images of a constant." },
    { "peak to peak", "Largest minus smallest DC gain of the branches, over their mean: what a flat patch shows. Times 255: grey levels of 8 bits." },
    { "spectral image", "Zero-insertion repeats the spectrum at m/s, m = 1 .. s - 1. What the filter leaves of these copies is new content that was not in the input." },
    { "baseband, passband", "The frequencies below 1/(2s), where the signal is. Figures for a fraction of it, as 0.8, leave room for the filter to fall." },
    { "image rejection", "The least ratio of signal to image over a fraction of the band." },
    { "droop", "How much weaker the edge of the band comes out than DC." },
    { "branch energy", "Sum of the squared taps of a branch: the power that white noise of power 1 comes out with. Differences make a grid in texture and noise." },
    { "alignment", "Which input position output 0 is centred on. On the half-pixel grid, which image resizing uses, the picture as a whole does not move." },
    { "white input", "A signal of equal power at all frequencies, like noise." },
    { "bare index", "The index of a layer's kernels alone. Trained layers carry the position between samples in their channels, so a large one need not show in the network's output." },
    { "dB", "20 log10 of a ratio of amplitudes: -6 dB is a half, -20 dB a tenth, -48 dB one grey level of 255." } };

void tconv_glossary_html(tconv_buffer *out)
{
    tconv_buffer_text(out, "<section id=\"glossary\"><h2>Glossary</h2><dl>\n");
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        tconv_buffer_text(out, "<dt>");
        tconv_html_text(out, terms[i].term);
        tconv_buffer_text(out, "</dt><dd>");
        tconv_html_text(out, terms[i].meaning);
        tconv_buffer_text(out, "</dd>\n");
    }
    tconv_buffer_text(out, "</dl></section>\n");
}
