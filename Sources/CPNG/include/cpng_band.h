#pragma once
#include <stdbool.h>
#include <cpng.h>

// The compressed rows of a PNG, in bands that threads make one by one: each is filtered, then
// becomes a part of one raw deflate stream (RFC 1951). Bytes depend on the rows alone.

/// How hard to try: the levels of zlib, 0 (as it is) to 9, or what is fast on the rows at hand.
enum { CPNG_FAST = -1 };

/// Most bytes that a band's matches may reach back.
enum { CPNG_HISTORY = 1 << 15 };

/// Some rows, laid out as PNG packs them.
typedef struct {
  const uint8_t *rows;
  /// The row above the first; NULL for the first of an image.
  const uint8_t *above;
  uint32_t row_count;
  size_t row_byte_count;
  /// Bytes of a pixel, at least 1: the distance of what filters compare.
  uint8_t pixel_byte_count;
  /// Whether rows may be filtered: not those of palette indices or of less than 8 bits.
  bool has_filters;
} cpng_band;

/// How a band is compressed.
typedef struct {
  /// By single bytes and runs alone, many times as fast as by any level.
  bool is_plain;
  int level;
  /// Whether its rows have filters.
  bool is_filtered;
} cpng_coding;

/// Filters a band: `filtered` receives row_count · (1 + row_byte_count) bytes, each row's filter
/// first. Returns how they are to be compressed.
cpng_coding cpng_filter(const cpng_band *band, int level, uint8_t *filtered);

/// Appends `count` filtered bytes to `output`, as whole bytes of a deflate stream that ends with
/// them if `is_last`. Before them stand `history` bytes that decoders know by then.
cpng_status cpng_compress(const uint8_t *filtered, size_t count, size_t history,
                          cpng_coding coding, bool is_last, cpng_buffer *output);

/// The Adler-32 of some bytes, and that of two parts of which the second has `count` bytes.
uint32_t cpng_adler(const uint8_t *bytes, size_t count);
uint32_t cpng_adler_joined(uint32_t first, uint32_t second, size_t count);
