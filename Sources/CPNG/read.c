#include <stdbool.h>
#include <stdlib.h>

#include "session.h"

struct cpng_reader {
  cpng_session session;
  cpng_read read;
  void *context;
  /// Where `read_header` puts what it finds.
  cpng_header *header;
  uint8_t *palette;
  /// Where `read_rows` puts the rows that are wanted now.
  uint8_t *rows;
  uint32_t row_count;
  size_t row_byte_count;
  bool has_begun;
  int pass_count;
};

static void on_read(png_structp png, png_bytep target, size_t count) {
  cpng_reader *self = png_get_io_ptr(png);
  if ((size_t)self->read(self->context, target, (ptrdiff_t)count) < count) {
    cpng_fail(&self->session, CPNG_TRUNCATED, "the file ends early");
  }
}

static void read_palette(cpng_reader *self) {
  png_structp png = self->session.png;
  png_colorp colors = NULL;
  png_bytep alphas = NULL;
  int count = 0, alpha_count = 0;
  png_get_PLTE(png, self->session.info, &colors, &count);
  if (count == 0) png_error(png, "the palette is missing");
  png_get_tRNS(png, self->session.info, &alphas, &alpha_count, NULL);
  if (alpha_count > count) alpha_count = count;
  for (int i = 0; i < count; i++) {
    uint8_t *entry = self->palette + 4 * i;
    entry[0] = colors[i].red;
    entry[1] = colors[i].green;
    entry[2] = colors[i].blue;
    entry[3] = i < alpha_count ? alphas[i] : 255;
  }
  self->header->palette_count = (uint16_t)count;
  self->header->palette_alpha_count = (uint16_t)alpha_count;
}

static void read_transparent_color(cpng_reader *self) {
  cpng_header *header = self->header;
  png_color_16p color = NULL;
  int count = 0;
  if (png_get_tRNS(self->session.png, self->session.info, NULL, &count, &color) == 0) return;
  // A suggested palette after tRNS, where it must not be, cancels it: viewers show it opaque.
  if (count == 0) return;
  // Only the low bits count, as many as a sample has (PNG specification, section 11.3.2.1).
  uint32_t mask = (1u << header->bit_depth) - 1;
  if (header->color_type == PNG_COLOR_TYPE_GRAY) {
    header->transparent_color[0] = (uint16_t)(color->gray & mask);
  } else {
    header->transparent_color[0] = (uint16_t)(color->red & mask);
    header->transparent_color[1] = (uint16_t)(color->green & mask);
    header->transparent_color[2] = (uint16_t)(color->blue & mask);
  }
  header->has_transparent_color = 1;
}

static void read_header(void *context) {
  cpng_reader *self = context;
  png_structp png = self->session.png;
  cpng_header *header = self->header;
  png_read_info(png, self->session.info);
  header->width = png_get_image_width(png, self->session.info);
  header->height = png_get_image_height(png, self->session.info);
  header->color_type = png_get_color_type(png, self->session.info);
  header->bit_depth = png_get_bit_depth(png, self->session.info);
  header->is_interlaced = png_get_interlace_type(png, self->session.info) != PNG_INTERLACE_NONE;
  if (header->color_type == PNG_COLOR_TYPE_PALETTE) {
    read_palette(self);
  } else {
    read_transparent_color(self);
  }
}

static void begin(cpng_reader *self) {
  png_structp png = self->session.png;
  // Indices beyond the palette are kept.
  png_set_check_for_invalid_index(png, 0);
  self->pass_count = png_set_interlace_handling(png);
  png_read_update_info(png, self->session.info);
  if (png_get_rowbytes(png, self->session.info) != self->row_byte_count) {
    png_error(png, "the rows do not have the expected size");
  }
  self->has_begun = true;
}

static void read_rows(void *context) {
  cpng_reader *self = context;
  if (!self->has_begun) begin(self);
  for (int pass = 0; pass < self->pass_count; pass++) {
    for (uint32_t y = 0; y < self->row_count; y++) {
      png_read_row(self->session.png, self->rows + y * self->row_byte_count, NULL);
    }
  }
}

static void read_end(void *context) {
  cpng_reader *self = context;
  png_read_end(self->session.png, NULL);
}

cpng_reader *cpng_reader_create(cpng_read read, void *context, const cpng_limits *limits) {
  cpng_reader *self = calloc(1, sizeof *self);
  if (self == NULL) return NULL;
  self->read = read;
  self->context = context;
  cpng_session *session = &self->session;
  session->png =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, session, cpng_on_error, cpng_on_warning,
                               session, cpng_on_malloc, cpng_on_free);
  session->info = png_create_info_struct(session->png);
  if (session->png == NULL || session->info == NULL) {
    cpng_reader_destroy(self);
    return NULL;
  }
  png_set_read_fn(session->png, self, on_read);
  png_set_user_limits(session->png, limits->dimension, limits->dimension);
  png_set_chunk_cache_max(session->png, limits->chunk_count);
  png_set_chunk_malloc_max(session->png, limits->chunk_byte_count);
  // Ancillary chunks except tRNS are passed over unread: the caller keeps their bytes.
  png_set_keep_unknown_chunks(session->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
#ifdef RDCODEC_FUZZING
  png_set_crc_action(session->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
#else
  png_set_crc_action(session->png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
#endif
  return self;
}

cpng_status cpng_reader_header(cpng_reader *self, cpng_header *header, uint8_t *palette,
                               char *message) {
  *header = (cpng_header){0};
  self->header = header;
  self->palette = palette;
  self->session.message = message;
  return cpng_guard(&self->session, read_header, self);
}

cpng_status cpng_reader_rows(cpng_reader *self, uint8_t *rows, uint32_t count,
                             size_t row_byte_count, char *message) {
  self->rows = rows;
  self->row_count = count;
  self->row_byte_count = row_byte_count;
  self->session.message = message;
  return cpng_guard(&self->session, read_rows, self);
}

cpng_status cpng_reader_finish(cpng_reader *self, char *message) {
  self->session.message = message;
  return cpng_guard(&self->session, read_end, self);
}

void cpng_reader_destroy(cpng_reader *self) {
  png_destroy_read_struct(&self->session.png, &self->session.info, NULL);
  free(self);
}
