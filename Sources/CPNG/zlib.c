#include <limits.h>
#include <zlib.h>

#include "buffer.h"
#include "cpng_zlib.h"

static uInt clamped(size_t count) { return count < UINT_MAX ? (uInt)count : UINT_MAX; }

cpng_status cpng_deflate(const uint8_t *bytes, size_t count, cpng_buffer *output) {
  z_stream stream = {0};
  if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK) return CPNG_OUT_OF_MEMORY;
  const uint8_t *end = bytes + count;
  stream.next_in = (Bytef *)bytes;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    if (!cpng_buffer_reserve(output, 1024)) break;
    size_t left = (size_t)(end - stream.next_in);
    stream.avail_in = clamped(left);
    stream.next_out = output->bytes + output->count;
    stream.avail_out = clamped(output->capacity - output->count);
    result = deflate(&stream, left <= UINT_MAX ? Z_FINISH : Z_NO_FLUSH);
    output->count = (size_t)(stream.next_out - output->bytes);
  }
  deflateEnd(&stream);
  return result == Z_STREAM_END ? CPNG_OK : CPNG_OUT_OF_MEMORY;
}
