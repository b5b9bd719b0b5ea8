#pragma once
#include <stdbool.h>

#include "cpng.h"

/// Makes room for `extra` more bytes, doubling the capacity; false where memory runs out.
bool cpng_buffer_reserve(cpng_buffer *buffer, size_t extra);
