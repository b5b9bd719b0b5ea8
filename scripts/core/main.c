// Decodes rdc files with the core as a program: core MODEL ... -- FOLDER FILE.rdc ...
//
// Writes what run.mjs writes; --layers in place of -- leaves out the part. It is there to run the core where the package itself is not built for:
// on an emulated machine, linked with nothing but a C library.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rdc_core.h"

typedef struct {
  uint8_t *bytes;
  size_t count;
} contents;

static void stop(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static contents read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) stop(path, "cannot be opened");
  contents all = {NULL, 0};
  size_t room = 0, got = 1;
  while (got) {
    if (all.count == room) all.bytes = realloc(all.bytes, room = 2 * room + 65536);
    if (!all.bytes) stop(path, "out of memory");
    got = fread(all.bytes + all.count, 1, room - all.count, file);
    all.count += got;
  }
  fclose(file);
  return all;
}

/// Whether a transparent colour is shown as alpha.
static int adds_alpha(const rdc_decoder *decoder) {
  return rdc_get(decoder, RDC_TRANSPARENT_COUNT) > 0;
}

static void write_header(FILE *file, const rdc_decoder *decoder) {
  uint32_t depth = rdc_get(decoder, RDC_DEPTH);
  uint32_t channels = rdc_get(decoder, RDC_CHANNELS) + adds_alpha(decoder);
  const char *names[] = {depth == 1 ? "BLACKANDWHITE" : "GRAYSCALE",
                         depth == 1 ? "BLACKANDWHITE_ALPHA" : "GRAYSCALE_ALPHA", "RGB",
                         "RGB_ALPHA"};
  fprintf(file, "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nTUPLTYPE %s\nENDHDR\n",
          rdc_get(decoder, RDC_ROW_WIDTH), rdc_get(decoder, RDC_ROW_COUNT), channels,
          rdc_get(decoder, RDC_PEAK), names[channels - 1]);
}

static void write_rows(FILE *file, const rdc_decoder *decoder) {
  const uint32_t channels = rdc_get(decoder, RDC_CHANNELS), peak = rdc_get(decoder, RDC_PEAK);
  const size_t pixels =
      (size_t)rdc_get(decoder, RDC_ROWS_COUNT) * rdc_get(decoder, RDC_ROW_WIDTH);
  const int is_wide = rdc_get(decoder, RDC_DEPTH) > 8, has_key = adds_alpha(decoder);
  const void *rows = rdc_rows(decoder);
  if (!is_wide && !has_key) {
    fwrite(rows, 1, pixels * channels, file);
    return;
  }
  uint32_t key[3] = {0};
  for (uint32_t c = 0; has_key && c < channels; c++) {
    key[c] = rdc_get(decoder, RDC_TRANSPARENT_0 + (int32_t)c);
  }
  for (size_t i = 0; i < pixels; i++) {
    int is_key = 1;
    for (uint32_t c = 0; c < channels + has_key; c++) {
      const size_t at = i * channels + c;
      uint32_t sample = is_key ? 0 : peak;
      if (c < channels) {
        sample = is_wide ? ((const uint16_t *)rows)[at] : ((const uint8_t *)rows)[at];
        is_key &= sample == key[c];
      }
      if (is_wide) putc((int)(sample >> 8), file);
      putc((int)(sample & 255), file);
    }
  }
}

/// Whether it could be decoded.
static int decode(rdc_decoder *decoder, const rdc_model *model, const char *name, int layer,
                  int is_part) {
  if (rdc_start(decoder, model, layer, is_part ? 5 : 0, is_part ? 3 : 0, is_part ? 20 : 0,
                is_part ? 11 : 0))
    return 0;
  FILE *file = fopen(name, "wb");
  if (!file) stop(name, "cannot be written");
  write_header(file, decoder);
  int state;
  while ((state = rdc_step(decoder)) > 0) {
    if (state == RDC_ROWS) write_rows(file, decoder);
  }
  fclose(file);
  if (state < 0) remove(name);
  return state == RDC_DONE;
}

int main(int argc, char **argv) {
  enum { MOST_MODELS = 8 };
  rdc_model *models[MOST_MODELS];
  int count = 0, at = 1;
  for (; at < argc && strncmp(argv[at], "--", 2) && count < MOST_MODELS; at++) {
    contents weights = read_file(argv[at]);
    models[count] = rdc_model_open(weights.bytes, weights.count);
    if (rdc_model_error(models[count])) stop(argv[at], rdc_model_error(models[count]));
    free(weights.bytes);
    count++;
  }
  const int kind_count = at < argc && !strcmp(argv[at], "--layers") ? 2 : 3;
  const char *folder = argv[at + 1];
  static const char *const kinds[] = {"preview", "full", "part"};
  for (at += 2; at < argc; at++) {
    contents file = read_file(argv[at]);
    rdc_decoder *decoder = rdc_open(file.bytes, file.count);
    free(file.bytes);
    rdc_model *model = NULL;
    for (int k = 0; k < count; k++) {
      if (rdc_model_name(models[k]) == rdc_get(decoder, RDC_MODEL)) model = models[k];
    }
    const char *base = strrchr(argv[at], '/');
    base = base ? base + 1 : argv[at];
    int length = (int)(strrchr(base, '.') ? strrchr(base, '.') - base : (long)strlen(base));
    for (int kind = 0; kind < kind_count; kind++) {
      char name[4096];
      snprintf(name, sizeof name, "%s/%.*s.%s.pam", folder, length, base, kinds[kind]);
      if (decode(decoder, model, name, kind == 0 ? RDC_PREVIEW : RDC_FULL, kind == 2)) continue;
      strcpy(strrchr(name, '.'), ".txt");
      FILE *text = fopen(name, "w");
      if (!text) stop(name, "cannot be written");
      fprintf(text, "%s\n", rdc_error(decoder));
      fclose(text);
    }
    rdc_close(decoder);
  }
  return 0;
}
