/* advice.h - the sentences of a verdict (internal). */
#ifndef TCONV_ANALYSIS_ADVICE_H
#define TCONV_ANALYSIS_ADVICE_H

#include "../core/buffer.h"
#include "verdict.h"

/* A list of sentences that grows; failure is kept in `status`. */
typedef struct tconv_sentences {
    char **text;
    size_t count, capacity;
    tconv_status status;
} tconv_sentences;

/* Append what was written into *sentence, and empty it. */
void tconv_sentences_take(tconv_sentences *sentences, tconv_buffer *sentence);

/* Why the verdict is what it is, and what to do. The levels of *verdict are set already. */
void tconv_write_reasons(tconv_sentences *reasons, const tconv_kernel *kernel, const tconv_figures *figures,
                         const tconv_verdict *verdict);
void tconv_write_advice(tconv_sentences *advice, const tconv_kernel *kernel, const tconv_figures *figures,
                        const tconv_verdict *verdict);

/* The advice that an answer to flat input makes needless. */
#define TCONV_ADVICE_MEAN "give the mean of the layer's input channels (--mean FILE) for its answer to a flat input"

/* What a network answers to flat inputs: `share` of its range, peak to peak. */
void tconv_write_network_answer(tconv_sentences *reasons, double share);

/* The sentences that need sizes only: why the coverage is uneven or has gaps; an even kernel size; a dilation without gaps. */
void tconv_explain_coverage(tconv_sentences *reasons, const tconv_geometry *geometry);
void tconv_advise_kernel_size(tconv_sentences *advice, const tconv_geometry *geometry);
void tconv_advise_dilation(tconv_sentences *advice, const tconv_geometry *geometry);

#endif
