#include <string.h>

#include "session.h"

typedef struct {
  cpng_session session;
  const uint8_t *bytes;
  size_t count, position;
  /// Where `read_header` puts what it finds.
  cpng_header *header;
  uint8_t *palette;
  /// Where `read_rows` puts the image.
  uint8_t *rows;
  size_t row_byte_count;
} reader;

static void on_read(png_structp png, png_bytep target, size_t count) {
  reader *self = png_get_io_ptr(png);
  if (count > self->count - self->position) {
    cpng_fail(&self->session, CPNG_TRUNCATED, "the file ends early");
  }
  memcpy(target, self->bytes + self->position, count);
  self->position += count;
}

static void read_palette(reader *self) {
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

static void read_transparent_color(reader *self) {
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
  reader *self = context;
  png_structp png = self->session.png;
  cpng_header *header = self->header;
  png_read_info(png, self->session.info);
  header->width = png_get_image_width(png, self->session.info);
  header->height = png_get_image_height(png, self->session.info);
  header->color_type = png_get_color_type(png, self->session.info);
  header->bit_depth = png_get_bit_depth(png, self->session.info);
  if (header->color_type == PNG_COLOR_TYPE_PALETTE) {
    read_palette(self);
  } else {
    read_transparent_color(self);
  }
}

static void read_rows(void *context) {
  reader *self = context;
  png_structp png = self->session.png;
  png_read_info(png, self->session.info);
  uint32_t height = png_get_image_height(png, self->session.info);
  // Indices beyond the palette are kept.
  png_set_check_for_invalid_index(png, 0);
  int pass_count = png_set_interlace_handling(png);
  png_read_update_info(png, self->session.info);
  if (png_get_rowbytes(png, self->session.info) != self->row_byte_count) {
    png_error(png, "the rows do not have the expected size");
  }
  for (int pass = 0; pass < pass_count; pass++) {
    for (uint32_t y = 0; y < height; y++) {
      png_read_row(png, self->rows + y * self->row_byte_count, NULL);
    }
  }
  png_read_end(png, NULL);
}

static cpng_status run(reader *self, const cpng_limits *limits, void (*body)(void *)) {
  cpng_session *session = &self->session;
  session->png =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, session, cpng_on_error, cpng_on_warning,
                               session, cpng_on_malloc, cpng_on_free);
  session->info = png_create_info_struct(session->png);
  if (session->png != NULL) {
    png_set_read_fn(session->png, self, on_read);
    png_set_user_limits(session->png, limits->dimension, limits->dimension);
    png_set_chunk_cache_max(session->png, limits->chunk_count);
    png_set_chunk_malloc_max(session->png, limits->chunk_byte_count);
    // Ancillary chunks except tRNS are passed over unread: the caller keeps their bytes.
    png_set_keep_unknown_chunks(session->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_crc_action(session->png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
  }
  cpng_status status = cpng_guard(session, body, self);
  png_destroy_read_struct(&session->png, &session->info, NULL);
  return status;
}

cpng_status cpng_read_header(const uint8_t *bytes, size_t count, const cpng_limits *limits,
                             cpng_header *header, uint8_t *palette, char *message) {
  *header = (cpng_header){0};
  reader self = {.session.message = message,
                 .bytes = bytes,
                 .count = count,
                 .header = header,
                 .palette = palette};
  return run(&self, limits, read_header);
}

cpng_status cpng_read_rows(const uint8_t *bytes, size_t count, const cpng_limits *limits,
                           uint8_t *rows, size_t row_byte_count, char *message) {
  reader self = {.session.message = message,
                 .bytes = bytes,
                 .count = count,
                 .rows = rows,
                 .row_byte_count = row_byte_count};
  return run(&self, limits, read_rows);
}
