#include <stdlib.h>
#include <string.h>

#include "session.h"

struct cpng_writer {
  cpng_session session;
  cpng_write write;
  void *context;
  cpng_header header;
  uint8_t palette[CPNG_PALETTE_SIZE];
  // What is to be written now.
  const char *type;
  const uint8_t *bytes;
  size_t byte_count;
};

static void on_write(png_structp png, png_bytep bytes, size_t count) {
  cpng_writer *self = png_get_io_ptr(png);
  self->write(self->context, bytes, (ptrdiff_t)count);
}

static void on_flush(png_structp png) { (void)png; }

static void set_palette(cpng_writer *self) {
  png_color colors[PNG_MAX_PALETTE_LENGTH] = {0};
  png_byte alphas[PNG_MAX_PALETTE_LENGTH] = {0};
  int count = self->header.palette_count, alpha_count = self->header.palette_alpha_count;
  if (count > PNG_MAX_PALETTE_LENGTH || alpha_count > count) {
    png_error(self->session.png, "the palette is too long");
  }
  for (int i = 0; i < count; i++) {
    const uint8_t *entry = self->palette + 4 * i;
    colors[i] = (png_color){.red = entry[0], .green = entry[1], .blue = entry[2]};
    alphas[i] = entry[3];
  }
  png_set_PLTE(self->session.png, self->session.info, colors, count);
  if (alpha_count > 0) {
    png_set_tRNS(self->session.png, self->session.info, alphas, alpha_count, NULL);
  }
}

static void set_transparent_color(cpng_writer *self) {
  const uint16_t *value = self->header.transparent_color;
  png_color_16 color = {.red = value[0], .green = value[1], .blue = value[2], .gray = value[0]};
  png_set_tRNS(self->session.png, self->session.info, NULL, 0, &color);
}

static void write_size(void *context) {
  cpng_writer *self = context;
  png_structp png = self->session.png;
  const cpng_header *header = &self->header;
  // An index beyond the palette is the caller's; libpng would refuse the file at its end.
  png_set_check_for_invalid_index(png, 0);
  png_set_IHDR(png, self->session.info, header->width, header->height, header->bit_depth,
               header->color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  if (header->color_type == PNG_COLOR_TYPE_PALETTE) set_palette(self);
  if (header->has_transparent_color) set_transparent_color(self);
  png_write_info_before_PLTE(png, self->session.info);
}

static void write_palette(void *context) {
  cpng_writer *self = context;
  png_write_info(self->session.png, self->session.info);
}

static void write_chunk(void *context) {
  cpng_writer *self = context;
  png_write_chunk(self->session.png, (png_const_bytep)self->type, self->bytes, self->byte_count);
}

cpng_writer *cpng_writer_create(cpng_write write, void *context, const cpng_header *header,
                                const uint8_t *palette) {
  cpng_writer *self = calloc(1, sizeof *self);
  if (self == NULL) return NULL;
  self->write = write;
  self->context = context;
  self->header = *header;
  memcpy(self->palette, palette, CPNG_PALETTE_SIZE);
  cpng_session *session = &self->session;
  session->png =
      png_create_write_struct_2(PNG_LIBPNG_VER_STRING, session, cpng_on_error, cpng_on_warning,
                                session, cpng_on_malloc, cpng_on_free);
  session->info = png_create_info_struct(session->png);
  if (session->png == NULL || session->info == NULL) {
    cpng_writer_destroy(self);
    return NULL;
  }
  png_set_write_fn(session->png, self, on_write, on_flush);
  png_set_user_limits(session->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  return self;
}

cpng_status cpng_writer_size(cpng_writer *self, char *message) {
  self->session.message = message;
  return cpng_guard(&self->session, write_size, self);
}

cpng_status cpng_writer_palette(cpng_writer *self, char *message) {
  self->session.message = message;
  return cpng_guard(&self->session, write_palette, self);
}

cpng_status cpng_writer_chunk(cpng_writer *self, const char *type, const uint8_t *bytes,
                              size_t count, char *message) {
  self->session.message = message;
  self->type = type;
  self->bytes = bytes;
  self->byte_count = count;
  return cpng_guard(&self->session, write_chunk, self);
}

void cpng_writer_destroy(cpng_writer *self) {
  png_destroy_write_struct(&self->session.png, &self->session.info);
  free(self);
}
