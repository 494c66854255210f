#include "geometry_options.h"
