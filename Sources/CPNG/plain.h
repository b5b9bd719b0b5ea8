#pragma once
#include <stdbool.h>

#include "cpng.h"

/// Appends bytes to a deflate stream as codes of single bytes and of runs of one byte; the stream
/// ends here if `is_last`, and else goes on at a whole byte. False where memory runs out.
bool cpng_plain(const uint8_t *bytes, size_t count, bool is_last, cpng_buffer *output);
