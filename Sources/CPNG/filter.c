#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "buffer.h"
#include "cpng_band.h"
#include "plain.h"

// What libpng's writer does at level 4 with all filters: against level 6, twice the speed for 2 %
// more bytes on Kodak and 4 % on screenshots and drawings.
enum { LEVEL_OF_DRAWINGS = 4 };

enum { NONE, SUB, UP, AVERAGE, PAETH, FILTERS };

/// One row in this many is looked at to tell drawings from photographs, which repeat less than
/// one pixel in this many.
enum { ROW_STEP = 4, PHOTOGRAPH_REPEATS = 4 };

/// Bytes that are compressed both ways.
enum { TRIAL_SIZE = 1 << 12 };

static inline uint8_t paeth(int left, int above, int corner) {
  int to_left = abs(above - corner), to_above = abs(left - corner);
  int to_corner = abs(left + above - 2 * corner);
  if (to_left <= to_above && to_left <= to_corner) return (uint8_t)left;
  return (uint8_t)(to_above <= to_corner ? above : corner);
}

/// `above` is never NULL, and `out` no part of either row.
static void filter_row(int filter, const uint8_t *restrict row, const uint8_t *restrict above,
                       size_t count, size_t step, uint8_t *restrict out) {
  size_t first = step < count ? step : count;
  for (size_t i = 0; i < first; i++) {
    int expected = filter == UP || filter == PAETH ? above[i] : filter == AVERAGE ? above[i] / 2 : 0;
    out[i] = (uint8_t)(row[i] - expected);
  }
  switch (filter) {
    case SUB:
      for (size_t i = first; i < count; i++) out[i] = (uint8_t)(row[i] - row[i - step]);
      return;
    case UP:
      for (size_t i = first; i < count; i++) out[i] = (uint8_t)(row[i] - above[i]);
      return;
    case AVERAGE:
      for (size_t i = first; i < count; i++) {
        out[i] = (uint8_t)(row[i] - ((row[i - step] + above[i]) >> 1));
      }
      return;
    case PAETH:
      for (size_t i = first; i < count; i++) {
        out[i] = (uint8_t)(row[i] - paeth(row[i - step], above[i], above[i - step]));
      }
      return;
    default: memcpy(out + first, row + first, count - first);
  }
}

/// The sum of the bytes as signed numbers, without their signs.
static uint64_t magnitude(const uint8_t *bytes, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += (uint8_t)(bytes[i] < 128 ? bytes[i] : 256 - bytes[i]);
  return sum;
}

/// Each row by the filter that leaves the least, as libpng chooses; false where memory runs out.
static bool filter_adaptively(const cpng_band *band, const uint8_t *zeros, uint8_t *filtered) {
  size_t count = band->row_byte_count;
  uint8_t *other = malloc(count);
  if (other == NULL) return false;
  const uint8_t *above = band->above != NULL ? band->above : zeros;
  for (uint32_t y = 0; y < band->row_count; y++) {
    const uint8_t *row = band->rows + y * count;
    uint8_t *out = filtered + y * (count + 1);
    uint64_t least = UINT64_MAX;
    for (int filter = NONE; filter < FILTERS; filter++) {
      filter_row(filter, row, above, count, band->pixel_byte_count, other);
      uint64_t sum = magnitude(other, count);
      if (sum >= least) continue;
      least = sum;
      out[0] = (uint8_t)filter;
      memcpy(out + 1, other, count);
    }
    above = row;
  }
  free(other);
  return true;
}

static void filter_alike(int filter, const cpng_band *band, const uint8_t *zeros,
                         uint8_t *filtered) {
  const uint8_t *above = band->above != NULL ? band->above : zeros;
  for (uint32_t y = 0; y < band->row_count; y++) {
    const uint8_t *row = band->rows + y * band->row_byte_count;
    uint8_t *out = filtered + y * (band->row_byte_count + 1);
    out[0] = (uint8_t)filter;
    filter_row(filter, row, above, band->row_byte_count, band->pixel_byte_count, out + 1);
    above = row;
  }
}

__attribute__((always_inline)) static inline size_t repeat_count(const uint8_t *row,
                                                                 const uint8_t *above, size_t count,
                                                                 const size_t step) {
  size_t repeated = 0;
  for (size_t i = step; i + step <= count; i += step) {
    repeated += memcmp(row + i, row + i - step, step) == 0 || memcmp(row + i, above + i, step) == 0;
  }
  return repeated;
}

/// Whether many pixels equal their left or upper neighbour.
static bool repeats(const cpng_band *band) {
  size_t row_byte_count = band->row_byte_count, step = band->pixel_byte_count;
  size_t count = 0, repeated = 0;
  for (uint32_t y = ROW_STEP / 2; y < band->row_count; y += ROW_STEP) {
    const uint8_t *row = band->rows + y * row_byte_count, *above = row - row_byte_count;
    count += row_byte_count / step;
    switch (step) {
      case 1: repeated += repeat_count(row, above, row_byte_count, 1); break;
      case 2: repeated += repeat_count(row, above, row_byte_count, 2); break;
      case 3: repeated += repeat_count(row, above, row_byte_count, 3); break;
      case 4: repeated += repeat_count(row, above, row_byte_count, 4); break;
      case 6: repeated += repeat_count(row, above, row_byte_count, 6); break;
      default: repeated += repeat_count(row, above, row_byte_count, 8); break;
    }
  }
  return repeated * PHOTOGRAPH_REPEATS > count;
}

/// Whether zlib's search for strings would find some in bytes from the middle of a band.
static bool has_strings(const uint8_t *filtered, size_t count) {
  size_t size = count < TRIAL_SIZE ? count : TRIAL_SIZE;
  const uint8_t *part = filtered + (count - size) / 2;
  const cpng_coding coding = {.level = 1, .is_filtered = true};
  cpng_buffer plain = {0}, searched = {0};
  bool result = cpng_plain(part, size, true, &plain) &&
                cpng_compress(part, size, 0, coding, true, &searched) == CPNG_OK &&
                searched.count < plain.count - plain.count / 16;
  cpng_buffer_free(&plain);
  cpng_buffer_free(&searched);
  return result;
}

cpng_coding cpng_filter(const cpng_band *band, int level, uint8_t *filtered) {
  cpng_coding coding = {.level = level == CPNG_FAST ? LEVEL_OF_DRAWINGS : level};
  uint8_t *zeros = calloc(1, band->row_byte_count);
  if (zeros == NULL || !band->has_filters || level == 0) {
    filter_alike(NONE, band, band->rows, filtered);
    free(zeros);
    return coding;
  }
  if (level == CPNG_FAST && !repeats(band)) {
    filter_alike(PAETH, band, zeros, filtered);
    size_t count = band->row_count * (band->row_byte_count + 1);
    coding.is_plain = !has_strings(filtered, count);
  }
  coding.is_filtered = true;
  if (!coding.is_plain && !filter_adaptively(band, zeros, filtered)) {
    filter_alike(NONE, band, zeros, filtered);
    coding.is_filtered = false;
  }
  free(zeros);
  return coding;
}

/// Takes some bytes; all that they give is in `output` where `flush` says so.
static bool deflate_part(z_stream *stream, const uint8_t *bytes, size_t count, int flush,
                         cpng_buffer *output) {
  stream->next_in = (Bytef *)bytes;
  stream->avail_in = (uInt)count;
  size_t room = deflateBound(stream, (uLong)count) + 16;
  while (true) {
    if (!cpng_buffer_reserve(output, room)) return false;
    stream->next_out = output->bytes + output->count;
    stream->avail_out = (uInt)room;
    int result = deflate(stream, flush);
    output->count += room - stream->avail_out;
    if (result == Z_STREAM_END) return true;
    if (result != Z_OK && result != Z_BUF_ERROR) return false;
    if (flush != Z_FINISH && stream->avail_out > 0) return true;
    room = 4096;
  }
}

static bool deflate_all(z_stream *stream, const uint8_t *bytes, size_t count, bool is_last,
                        cpng_buffer *output) {
  // zlib counts in 32 bits, and a row may be longer.
  const size_t most = 1 << 28;
  while (count > most) {
    if (!deflate_part(stream, bytes, most, Z_NO_FLUSH, output)) return false;
    bytes += most;
    count -= most;
  }
  return deflate_part(stream, bytes, count, is_last ? Z_FINISH : Z_SYNC_FLUSH, output);
}

cpng_status cpng_compress(const uint8_t *filtered, size_t count, size_t history,
                          cpng_coding coding, bool is_last, cpng_buffer *output) {
  if (coding.is_plain) {
    return cpng_plain(filtered, count, is_last, output) ? CPNG_OK : CPNG_OUT_OF_MEMORY;
  }
  z_stream stream = {0};
  if (deflateInit2(&stream, coding.level, Z_DEFLATED, -15, 8,
                   coding.is_filtered ? Z_FILTERED : Z_DEFAULT_STRATEGY) != Z_OK) {
    return CPNG_OUT_OF_MEMORY;
  }
  size_t known = history < CPNG_HISTORY ? history : CPNG_HISTORY;
  bool is_set = known == 0 || coding.level == 0 ||
                deflateSetDictionary(&stream, filtered - known, (uInt)known) == Z_OK;
  bool is_done = is_set && deflate_all(&stream, filtered, count, is_last, output);
  deflateEnd(&stream);
  return is_done ? CPNG_OK : CPNG_OUT_OF_MEMORY;
}

uint32_t cpng_adler(const uint8_t *bytes, size_t count) {
  return (uint32_t)adler32_z(1, bytes, count);
}

uint32_t cpng_adler_joined(uint32_t first, uint32_t second, size_t count) {
  return (uint32_t)adler32_combine(first, second, (z_off_t)count);
}
