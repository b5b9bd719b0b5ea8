#ifndef RDC_CORE_H
#define RDC_CORE_H

/// The decoder alone, for C and for WebAssembly: bytes in, rows of samples out, one step at a time.
///
///   rdc_decoder *decoder = rdc_open(bytes, count);
///   rdc_model *model = rdc_model_open(weights, weight_count);  // unless rdc_get(decoder,
///   RDC_MODEL) is 0 rdc_start(decoder, model, RDC_FULL, 0, 0, 0, 0); int state; while ((state =
///   rdc_step(decoder)) > 0)
///     if (state == RDC_ROWS) draw(rdc_rows(decoder), ...);
///   if (state < 0) puts(rdc_error(decoder));
///   rdc_close(decoder);
///
/// Nothing here is safe to call for one decoder from two threads at once. Bytes are copied.
/// Wherever a pointer comes back, it holds until the next call for that decoder or model.

#include <stddef.h>
#include <stdint.h>

typedef struct rdc_decoder rdc_decoder;
typedef struct rdc_model rdc_model;

enum {
  RDC_PREVIEW = 0,
  RDC_FULL = 1,
};

/// What steps end with.
enum {
  RDC_FAILED = -1,
  RDC_DONE = 0,
  RDC_MORE = 1,
  /// Rows are there to be taken, and more may follow.
  RDC_ROWS = 2,
};

/// What `rdc_get` returns. What is marked so holds of the rows, and only after `rdc_start`.
enum {
  RDC_WIDTH = 0,
  RDC_HEIGHT = 1,
  /// As `rdc_model_name` of the model that the latents need; 0 where there are no latents.
  RDC_MODEL = 2,
  /// Whether there is a preview.
  RDC_HAS_PREVIEW = 3,
  /// Samples of a pixel: grey, grey and alpha, RGB, or RGBA (rows).
  RDC_CHANNELS = 4,
  /// Bits of a sample, and the largest one (rows).
  RDC_DEPTH = 5,
  RDC_PEAK = 6,
  /// The region (rows).
  RDC_ROW_WIDTH = 7,
  RDC_ROW_COUNT = 8,
  /// Rows that `rdc_rows` gives, and the first of them, counted from the region's.
  RDC_ROWS_COUNT = 9,
  RDC_ROWS_FIRST = 10,
  /// Steps that were done, and that there are in all.
  RDC_STEPS_DONE = 11,
  RDC_STEP_COUNT = 12,
  /// Items of metadata (rows).
  RDC_METADATA_COUNT = 13,
  /// Samples of the one colour that is transparent: 0 (there is none), 1 or 3; and these (rows).
  RDC_TRANSPARENT_COUNT = 14,
  RDC_TRANSPARENT_0 = 15,
  RDC_TRANSPARENT_1 = 16,
  RDC_TRANSPARENT_2 = 17,
};

/// Reads the header of an rdc file. Never NULL; a file that cannot be read has an `rdc_error`.
rdc_decoder *rdc_open(const uint8_t *bytes, size_t count);
void rdc_close(rdc_decoder *decoder);

/// Reads the weights of a model (docs/FORMAT.md §7), likewise.
rdc_model *rdc_model_open(const uint8_t *bytes, size_t count);
void rdc_model_close(rdc_model *model);

/// What went wrong, in words; NULL: nothing.
const char *rdc_error(const rdc_decoder *decoder);
const char *rdc_model_error(const rdc_model *model);

/// The first 32 bits of the model's name, enough to tell a few apart; `rdc_start` compares all.
uint32_t rdc_model_name(const rdc_model *model);

/// One of the values above; 0 where it is not known.
uint32_t rdc_get(const rdc_decoder *decoder, int32_t what);

/// What the header says: an object of JSON with the keys of `rdcodec info --json`, the model by the
/// first 16 digits of its name. NULL where the header cannot be read.
const char *rdc_info(rdc_decoder *decoder);

/// An item of the image's metadata, as a file holds it (docs/FORMAT.md, metadata boxes), and how
/// many bytes that takes; NULL where there are not so many.
const uint8_t *rdc_metadata(rdc_decoder *decoder, uint32_t index, size_t *count);

/// Chooses what is decoded; a region of no width is all of the image. `model` may be NULL where
/// none is needed. 0, or `RDC_FAILED`.
int32_t rdc_start(rdc_decoder *decoder, const rdc_model *model, int32_t layer, uint32_t x,
                  uint32_t y, uint32_t width, uint32_t height);

/// Does the next piece of work, a tile in most cases.
int32_t rdc_step(rdc_decoder *decoder);

/// The rows of the step before, which gave `RDC_ROWS`: samples of a pixel side by side, palettes
/// applied; one byte each up to a depth of 8, else two, in the machine's order.
const void *rdc_rows(const rdc_decoder *decoder);

#endif
