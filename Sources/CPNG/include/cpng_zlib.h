#pragma once
#include <cpng.h>

// The part of zlib that chunks and metadata need.

/// Compresses into a zlib stream (RFC 1950) at the highest level, into an empty `output`.
///
/// The caller frees `output` in any case.
cpng_status cpng_deflate(const uint8_t *bytes, size_t count, cpng_buffer *output);
