#include <string.h>

#include "buffer.h"
#include "session.h"

typedef struct {
  cpng_session session;
  const cpng_header *header;
  const uint8_t *palette;
  const uint8_t *rows;
  size_t row_byte_count;
  cpng_buffer *output;
} writer;

static void on_write(png_structp png, png_bytep bytes, size_t count) {
  writer *self = png_get_io_ptr(png);
  cpng_buffer *output = self->output;
  if (!cpng_buffer_reserve(output, count)) {
    cpng_fail(&self->session, CPNG_OUT_OF_MEMORY, "out of memory");
  }
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

static void on_flush(png_structp png) { (void)png; }

static void set_palette(writer *self) {
  png_color colors[PNG_MAX_PALETTE_LENGTH] = {0};
  png_byte alphas[PNG_MAX_PALETTE_LENGTH] = {0};
  int count = self->header->palette_count, alpha_count = self->header->palette_alpha_count;
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

static void set_transparent_color(writer *self) {
  const uint16_t *value = self->header->transparent_color;
  png_color_16 color = {.red = value[0], .green = value[1], .blue = value[2], .gray = value[0]};
  png_set_tRNS(self->session.png, self->session.info, NULL, 0, &color);
}

static void write_image(void *context) {
  writer *self = context;
  png_structp png = self->session.png;
  const cpng_header *header = self->header;
  png_set_IHDR(png, self->session.info, header->width, header->height, header->bit_depth,
               header->color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  if (header->color_type == PNG_COLOR_TYPE_PALETTE) set_palette(self);
  if (header->has_transparent_color) set_transparent_color(self);
  if (png_get_rowbytes(png, self->session.info) != self->row_byte_count) {
    png_error(png, "the rows do not have the expected size");
  }
  png_write_info(png, self->session.info);
  for (uint32_t y = 0; y < header->height; y++) {
    png_write_row(png, self->rows + y * self->row_byte_count);
  }
  png_write_end(png, NULL);
}

cpng_status cpng_write(const cpng_header *header, const uint8_t *palette, const uint8_t *rows,
                       size_t row_byte_count, cpng_buffer *output, char *message) {
  writer self = {.session.message = message,
                 .header = header,
                 .palette = palette,
                 .rows = rows,
                 .row_byte_count = row_byte_count,
                 .output = output};
  cpng_session *session = &self.session;
  session->png =
      png_create_write_struct_2(PNG_LIBPNG_VER_STRING, session, cpng_on_error, cpng_on_warning,
                                session, cpng_on_malloc, cpng_on_free);
  session->info = png_create_info_struct(session->png);
  if (session->png != NULL) {
    png_set_write_fn(session->png, &self, on_write, on_flush);
    png_set_user_limits(session->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  }
  cpng_status status = cpng_guard(session, write_image, &self);
  png_destroy_write_struct(&session->png, &session->info);
  return status;
}
