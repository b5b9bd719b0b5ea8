#pragma once
#include <cpng.h>

// The part of zlib that chunks and metadata need.

/// CRC-32 of PNG and zlib: polynomial 0xEDB88320, reflected, complemented at both ends.
uint32_t cpng_crc32(const void *bytes, size_t count);

/// Compresses into a zlib stream (RFC 1950) at the highest level, into an empty `output`.
///
/// The caller frees `output` in any case.
cpng_status cpng_deflate(const uint8_t *bytes, size_t count, cpng_buffer *output);

/// Expands one zlib stream that fills the whole input, into an empty `output`.
///
/// A result longer than `limit` is CPNG_TOO_LONG, noticed before more than about twice `limit` is
/// allocated. The caller frees `output` in any case.
cpng_status cpng_inflate(const uint8_t *bytes, size_t count, size_t limit, cpng_buffer *output);
