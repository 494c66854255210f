#include "engine.h"
const tconv_engine_table tconv_engine_fft = { 0 };
