#include "buffer.h"

#include <stdlib.h>

bool cpng_buffer_reserve(cpng_buffer *buffer, size_t extra) {
  if (extra <= buffer->capacity - buffer->count) return true;
  if (extra > SIZE_MAX / 4 || buffer->capacity > SIZE_MAX / 4) return false;
  size_t capacity = buffer->count + extra;
  if (capacity < buffer->capacity * 2) capacity = buffer->capacity * 2;
  uint8_t *bytes = realloc(buffer->bytes, capacity);
  if (bytes == NULL) return false;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return true;
}

void cpng_buffer_free(cpng_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (cpng_buffer){0};
}
