// What a C program does with librdcodec, checked: scripts/test_library.sh builds it with
// AddressSanitizer, and runs it under valgrind where that is at hand.

#include "rdcodec.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;
/// Whether little is to be tried of what takes long: valgrind needs fifty times as long.
static int is_quick;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);          \
      failures++;                                                     \
    }                                                                 \
  } while (0)

enum { WIDTH = 61, HEIGHT = 47 };

/// A smooth picture with some noise, of one or two bytes a sample, rows `stride` bytes apart.
static void *draw(uint32_t channels, uint32_t depth, size_t stride) {
  uint8_t *pixels = calloc(HEIGHT, stride);
  uint32_t noise = 1;
  for (uint32_t y = 0; y < HEIGHT; y++) {
    for (uint32_t i = 0; i < WIDTH * channels; i++) {
      noise = noise * 1664525 + 1013904223;
      uint32_t value = ((y * 5 + i / channels * 3 + i % channels * 40) * 3 + (noise >> 28)) &
                       ((1u << depth) - 1);
      if (depth <= 8) {
        pixels[y * stride + i] = (uint8_t)value;
      } else {
        ((uint16_t *)(void *)(pixels + y * stride))[i] = (uint16_t)value;
      }
    }
  }
  return pixels;
}

static rdcodec_image image_of(void *pixels, uint32_t channels, uint32_t depth, size_t stride) {
  rdcodec_image image;
  rdcodec_image_init(&image);
  image.width = WIDTH;
  image.height = HEIGHT;
  image.channels = channels;
  image.depth = depth;
  image.pixels = pixels;
  image.stride = stride;
  return image;
}

static void comes_back(uint32_t channels, uint32_t depth) {
  size_t row = (size_t)WIDTH * channels * (depth <= 8 ? 1 : 2), stride = row + 10;
  void *pixels = draw(channels, depth, stride);
  rdcodec_image image = image_of(pixels, channels, depth, stride);
  rdcodec_error error;
  rdcodec_output output;
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_OK);
  rdcodec_file *file = rdcodec_open(output.bytes, output.count, NULL, &error);
  CHECK(file && error.code == 0 && error.message[0] == 0);
  rdcodec_output_free(&output);
  CHECK(output.bytes == NULL);

  rdcodec_info info = {.size = sizeof info};
  CHECK(rdcodec_get_info(file, &info, &error) == RDCODEC_OK);
  CHECK(info.width == WIDTH && info.height == HEIGHT && info.channels == channels);
  CHECK(info.depth == depth && info.peak == (1u << depth) - 1 && info.is_lossless);

  rdcodec_layout layout;
  CHECK(rdcodec_decode_layout(file, NULL, &layout, &error) == RDCODEC_OK);
  CHECK(layout.row_bytes == row);
  uint8_t *decoded = malloc(stride * HEIGHT);
  CHECK(rdcodec_decode(file, NULL, decoded, stride, &error) == RDCODEC_OK);
  for (int y = 0; y < HEIGHT; y++) {
    CHECK(memcmp(decoded + y * stride, (uint8_t *)pixels + y * stride, row) == 0);
  }
  CHECK(rdcodec_decode(file, NULL, decoded, row - 1, &error) == RDCODEC_INVALID);

  rdcodec_decode_options options;
  rdcodec_decode_options_init(&options);
  options.x = 7;
  options.y = 11;
  options.width = 20;
  options.height = 9;
  CHECK(rdcodec_decode(file, &options, decoded, stride, &error) == RDCODEC_OK);
  size_t pixel = row / WIDTH;
  for (int y = 0; y < 9; y++) {
    CHECK(memcmp(decoded + y * stride, (uint8_t *)pixels + (y + 11) * stride + 7 * pixel,
                 20 * pixel) == 0);
  }
  free(decoded);
  free(pixels);
  rdcodec_close(file);
}

static void widens(void) {
  uint8_t pixels[2] = {0, 200};
  rdcodec_image image = image_of(pixels, 1, 8, 0);
  image.width = 2;
  image.height = 1;
  rdcodec_output output;
  CHECK(rdcodec_encode(&image, NULL, &output, NULL) == RDCODEC_OK);
  rdcodec_file *file = rdcodec_open(output.bytes, output.count, NULL, NULL);
  rdcodec_output_free(&output);
  rdcodec_decode_options options;
  rdcodec_decode_options_init(&options);
  options.channels = 4;
  options.bits = 16;
  uint16_t wide[8];
  CHECK(rdcodec_decode(file, &options, wide, sizeof wide, NULL) == RDCODEC_OK);
  CHECK(wide[0] == 0 && wide[3] == 65535 && wide[4] == 200 * 257 && wide[6] == 200 * 257);
  rdcodec_close(file);
}

static int32_t take(void *context, const void *rows, uint32_t first, uint32_t count,
                    size_t stride) {
  (void)rows;
  (void)stride;
  uint32_t *next = context;
  CHECK(first == *next);
  *next += count;
  return 0;
}

static int32_t refuse(void *context, const void *rows, uint32_t first, uint32_t count,
                      size_t stride) {
  (void)context, (void)rows, (void)first, (void)count, (void)stride;
  return 1;
}

static int32_t cancel(void *context, double fraction) {
  (void)fraction;
  ++*(int *)context;
  return 1;
}

static void rows_and_cancellation(void) {
  void *pixels = draw(3, 8, WIDTH * 3);
  rdcodec_image image = image_of(pixels, 3, 8, 0);
  rdcodec_output output;
  rdcodec_error error;
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_OK);
  rdcodec_file *file = rdcodec_open(output.bytes, output.count, NULL, &error);
  uint32_t next = 0;
  CHECK(rdcodec_decode_rows(file, NULL, take, &next, &error) == RDCODEC_OK && next == HEIGHT);
  CHECK(rdcodec_decode_rows(file, NULL, refuse, NULL, &error) == RDCODEC_OUTPUT);
  rdcodec_close(file);
  rdcodec_output_free(&output);

  int calls = 0;
  rdcodec_encode_options options;
  rdcodec_encode_options_init(&options);
  options.progress = cancel;
  options.context = &calls;
  CHECK(rdcodec_encode(&image, &options, &output, &error) == RDCODEC_CANCELLED && calls > 0);
  CHECK(output.bytes == NULL && strcmp(error.message, "cancelled") == 0);
  free(pixels);
}

/// Cuts and changes every few bytes: errors or pictures, and nothing else.
static void damage(void) {
  void *pixels = draw(3, 8, WIDTH * 3);
  rdcodec_image image = image_of(pixels, 3, 8, 0);
  rdcodec_output output;
  CHECK(rdcodec_encode(&image, NULL, &output, NULL) == RDCODEC_OK);
  uint8_t *decoded = malloc(WIDTH * HEIGHT * 3);
  for (size_t i = 0; i < output.count; i += is_quick ? 97 : 7) {
    for (int cut = 0; cut < 2; cut++) {
      uint8_t *bytes = malloc(output.count);
      memcpy(bytes, output.bytes, output.count);
      bytes[i] ^= 0x55;
      rdcodec_error error;
      rdcodec_file *file = rdcodec_open(bytes, cut ? i : output.count, NULL, &error);
      free(bytes);
      rdcodec_layout layout;
      if (!file) {
        CHECK(error.code != RDCODEC_OK && error.message[0]);
      } else if (rdcodec_decode_layout(file, NULL, &layout, &error) == RDCODEC_OK &&
                 layout.row_bytes == WIDTH * 3 && layout.height == HEIGHT) {
        if (rdcodec_decode(file, NULL, decoded, WIDTH * 3, &error)) CHECK(error.message[0]);
      }
      rdcodec_close(file);
    }
  }
  free(decoded);
  free(pixels);
  rdcodec_output_free(&output);
}

static void senseless_calls(void) {
  rdcodec_error error;
  rdcodec_output output;
  CHECK(!rdcodec_open(NULL, 0, NULL, &error) && error.code == RDCODEC_OTHER_FORMAT);
  CHECK(!rdcodec_open(NULL, 5, NULL, &error) && error.code == RDCODEC_INVALID);
  CHECK(rdcodec_encode(NULL, NULL, &output, &error) == RDCODEC_INVALID);
  CHECK(rdcodec_get_info(NULL, NULL, &error) == RDCODEC_INVALID);
  uint8_t pixel = 1;
  rdcodec_image image = image_of(&pixel, 5, 8, 0);
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_INVALID);
  image = image_of(&pixel, 1, 17, 0);
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_INVALID);
  image = image_of(&pixel, 1, 8, 0);
  image.width = 0;
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_INVALID);
  rdcodec_encode_options options;
  rdcodec_encode_options_init(&options);
  image = image_of(&pixel, 1, 8, 0);
  image.width = image.height = 1;
  options.effort = 0;
  CHECK(rdcodec_encode(&image, &options, &output, &error) == RDCODEC_INVALID);
  options.effort = 5;
  options.mode = RDCODEC_LOSSY;
  options.value = 101;
  CHECK(rdcodec_encode(&image, &options, &output, &error) == RDCODEC_INVALID);
  // A sample above what four bits hold.
  pixel = 16;
  image.depth = 4;
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_INVALID);
  // A header of tomorrow.
  options.size = sizeof options + 8;
  CHECK(rdcodec_encode(&image, &options, &output, &error) == RDCODEC_INVALID);
  rdcodec_limits limits;
  rdcodec_limits_init(&limits);
  limits.pixels = 1;
  pixel = 1;
  uint8_t two[2] = {0, 0};
  image = image_of(two, 1, 8, 0);
  image.width = 2;
  image.height = 1;
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_OK);
  CHECK(!rdcodec_open(output.bytes, output.count, &limits, &error));
  CHECK(error.code == RDCODEC_LIMIT);
  rdcodec_output_free(&output);
}

static void metadata_comes_back(void) {
  uint8_t pixel = 7;
  rdcodec_image image = image_of(&pixel, 1, 8, 0);
  image.width = image.height = 1;
  const uint8_t xmp[] = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
  image.xmp = xmp;
  image.xmp_count = sizeof xmp - 1;
  image.pixels_per_metre_x = image.pixels_per_metre_y = 11811;
  rdcodec_output output;
  rdcodec_error error;
  CHECK(rdcodec_encode(&image, NULL, &output, &error) == RDCODEC_OK);
  rdcodec_file *file = rdcodec_open(output.bytes, output.count, NULL, &error);
  const uint8_t *bytes;
  size_t count;
  CHECK(rdcodec_get_metadata(file, RDCODEC_XMP, &bytes, &count, &error) == RDCODEC_OK);
  CHECK(count == sizeof xmp - 1 && memcmp(bytes, xmp, count) == 0);
  CHECK(rdcodec_get_metadata(file, RDCODEC_ICC, &bytes, &count, &error) == RDCODEC_ABSENT);
  CHECK(rdcodec_get_metadata(file, 9, &bytes, &count, &error) == RDCODEC_INVALID);
  rdcodec_info info = {.size = sizeof info};
  CHECK(rdcodec_get_info(file, &info, &error) == RDCODEC_OK && info.pixels_per_metre_x == 11811);
  rdcodec_output png;
  CHECK(rdcodec_decode_file(file, NULL, "png", &png, &error) == RDCODEC_OK);
  CHECK(png.count > 8 && memcmp(png.bytes, "\x89PNG", 4) == 0);
  rdcodec_output again;
  CHECK(rdcodec_encode_file(png.bytes, png.count, NULL, NULL, &again, &error) == RDCODEC_OK);
  CHECK(again.count > 0);
  rdcodec_output_free(&again);
  rdcodec_output_free(&png);
  CHECK(rdcodec_decode_file(file, NULL, "gif", &png, &error) == RDCODEC_INVALID);
  CHECK(rdcodec_decode_jpeg(file, NULL, &png, &error) == RDCODEC_ABSENT);
  rdcodec_close(file);
  rdcodec_output_free(&output);
}

static rdcodec_output shared_file;
static uint8_t *shared_pixels;

static void *decode_often(void *context) {
  (void)context;
  uint8_t *decoded = malloc(WIDTH * HEIGHT * 3);
  for (int i = 0; i < (is_quick ? 1 : 10); i++) {
    rdcodec_file *file = rdcodec_open(shared_file.bytes, shared_file.count, NULL, NULL);
    rdcodec_decode_options options;
    rdcodec_decode_options_init(&options);
    options.threads = 1 + i % 3;
    CHECK(rdcodec_decode(file, &options, decoded, WIDTH * 3, NULL) == RDCODEC_OK);
    CHECK(memcmp(decoded, shared_pixels, WIDTH * HEIGHT * 3) == 0);
    rdcodec_close(file);
  }
  free(decoded);
  return NULL;
}

static void many_threads_and_a_fork(void) {
  shared_pixels = draw(3, 8, WIDTH * 3);
  rdcodec_image image = image_of(shared_pixels, 3, 8, 0);
  CHECK(rdcodec_encode(&image, NULL, &shared_file, NULL) == RDCODEC_OK);
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, decode_often, NULL);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    failures = 0;
    decode_often(NULL);
    _exit(failures ? 1 : 0);
  }
  int status = 1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  free(shared_pixels);
  rdcodec_output_free(&shared_file);
}

int main(int count, char **words) {
  is_quick = count > 1 && strcmp(words[1], "quick") == 0;
  CHECK(strcmp(rdcodec_version(), "0.1.0") == 0);
  for (uint32_t channels = 1; channels <= 4; channels++) {
    comes_back(channels, 8);
    comes_back(channels, 16);
  }
  comes_back(1, 1);
  comes_back(3, 10);
  widens();
  rows_and_cancellation();
  damage();
  senseless_calls();
  metadata_comes_back();
  many_threads_and_a_fork();
  printf("%s: %d failures\n", failures ? "FAILED" : "passed", failures);
  return failures ? 1 : 0;
}
