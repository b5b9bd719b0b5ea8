#ifndef CK_WAVEFRONT_H
#define CK_WAVEFRONT_H

#include <stddef.h>
#include <stdint.h>

#include "ckernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
  /// Rows that are coded at once, one to a vector lane.
  CK_WAVE_LANES = 8,
  /// Most neighbours that a sample is predicted from.
  CK_WAVE_MAX_TAPS = 24,
  /// Windows of the least squares at most.
  CK_WAVE_MAX_WINDOWS = 2,
  /// Planes that help to predict another at most.
  CK_WAVE_MAX_HELPERS = 2,
  /// Bands of a plane that are there at once: so many where bands of all planes are coded in turns, and
  /// at most so many.
  CK_WAVE_RING = 3,
  CK_WAVE_MAX_RING = 6,
  /// Whose mixed decisions: experts with one window and with two, contexts of counters.
  CK_WAVE_FEW_EXPERTS = 4,
  CK_WAVE_EXPERTS = 7,
  CK_WAVE_COUNTERS = 7,
  /// Where symbols start: classes of the scale (quarter octaves) by eighths of the mean.
  CK_WAVE_SYMBOL_CLASSES = 37,
  CK_WAVE_SYMBOL_FRACTIONS = 8,
  CK_WAVE_SYMBOL_STRIDE = 264,
  /// Most rounds of decisions of a step: 1, segments up to 17, halvings up to 16.
  CK_WAVE_ROUNDS = 34,
  /// Bytes of the states that a block begins with.
  CK_WAVE_STATES_SIZE = 32,
  /// Entries of that table.
  CK_WAVE_SYMBOL_COUNT =
      CK_WAVE_SYMBOL_CLASSES * CK_WAVE_SYMBOL_FRACTIONS * CK_WAVE_SYMBOL_STRIDE + 16,
};

/// A neighbour that a sample is predicted from: `dx` columns to the right of it, `dy` (0 ... 2)
/// rows above.
typedef struct {
  /// 0: the plane itself; 1, 2: the helpers; 3: P_dec(x|z).
  int8_t source;
  int8_t dx, dy;
} ck_wave_tap;

/// How a window of the least squares fades: per block across, per row down.
typedef struct {
  float across, down;
} ck_wave_window;

/// What a plane is like and how it is predicted: constant while it is coded.
typedef struct {
  int32_t width, height;
  /// The highest value.
  int32_t high;
  /// Models work in units of 2^unit_bits steps, in which the highest value is below 256.
  int32_t unit_bits;
  /// Columns per solution of the least squares (2, 4 or 8); a row is two blocks behind the one above.
  int32_t block;
  /// One, or two where samples are mixed decisions in blocks of 2.
  int32_t window_count;
  ck_wave_window windows[CK_WAVE_MAX_WINDOWS];
  /// The first two are the left and the upper neighbour, which share one regressor; then those of
  /// helpers; the last one is that of P_dec, if there is one.
  int32_t tap_count;
  ck_wave_tap taps[CK_WAVE_MAX_TAPS];
  /// Planes before this one that help.
  int32_t helper_count;
  /// Whether there is P_dec(x|z).
  int32_t has_prediction;
  /// Contexts of counters of mixed decisions; -1 where a sample is one symbol.
  int32_t counter_count;
  /// Bands that are there at once, of its helpers as of itself: CK_WAVE_RING to CK_WAVE_MAX_RING. No
  /// value depends on it.
  int32_t ring;
} ck_wave_shape;

/// Values of a band by step: its own rows, the rows above, two above, and below. Eight lanes a step;
/// lane r's column is `block * 2 * r` behind lane 0's.
typedef struct {
  float *_Nullable current, *_Nullable above, *_Nullable above2, *_Nullable below;
} ck_wave_rows;

/// A plane of a tile in the wavefront: where its models lie. Filled by `place`.
typedef struct ck_wave_plane {
  ck_wave_shape shape;
  int32_t steps, blocks, lag, skew;
  /// Rings of `shape.ring` bands: samples, |errors|, errors.
  ck_wave_rows sample[CK_WAVE_MAX_RING], error[CK_WAVE_MAX_RING], sign[CK_WAVE_MAX_RING];
  /// Rings of two bands: |errors| of the predictions (the first window's, NLMS', the second
  /// window's), of the experts but the first.
  ck_wave_rows miss[CK_WAVE_MAX_WINDOWS + 1][2], lane[CK_WAVE_EXPERTS][2];
  /// P_dec(x|z) of the band at hand by step: means, and levels of the scale.
  float *_Nullable mean;
  float *_Nullable scale;
  /// Lane 7's windows of the band before, by block.
  float *_Nullable bridge[CK_WAVE_MAX_WINDOWS];
  float *_Nullable left[CK_WAVE_MAX_WINDOWS], *_Nullable window[CK_WAVE_MAX_WINDOWS];
  float *_Nullable equations[CK_WAVE_MAX_WINDOWS];
  float *gradients;
  /// Corrections of the expected |error|, and of the experts' scales.
  float *cells, *_Nullable scales[CK_WAVE_EXPERTS];
  /// What the blend misses by in two contexts, and how fast that moves.
  float *_Nullable misses;
  float *_Nullable correction, *_Nullable weights;
  float *_Nullable counters[CK_WAVE_COUNTERS];
  const struct ck_wave_plane *_Nullable helpers[CK_WAVE_MAX_HELPERS];
} ck_wave_plane;

/// Where symbols go to or come from: interleaved rANS, of decisions a state per lane, of symbols four.
typedef struct {
  /// Reading: the next word, and where the block's words end; none is read past that.
  const uint8_t *_Nullable in;
  const uint8_t *_Nullable end;
  /// Writing: where the next entry goes. Symbols: start << 16 | size, in units of 2^-16. Decisions:
  /// bit << 15 | the probability of 1 in units of 2^-14, 0 for an idle lane.
  uint32_t *_Nullable symbols;
  uint16_t *_Nullable decisions;
  /// Symbols since the states were set, or rounds of eight decisions.
  uint32_t count;
  uint64_t state[CK_WAVE_LANES];
} ck_wave_port;

/// What symbols cost: −log2 of mantissa * 2^exponent bits.
typedef struct {
  double mantissa;
  int64_t exponent;
} ck_wave_cost;

/// The kernels of the wavefront, one pointer each; every table returns the same bits.
typedef struct {
  /// Fills CK_WAVE_SYMBOL_COUNT entries.
  void (*fill_symbols)(uint16_t *starts);

  /// Tells what P_dec(x|z) says of a band: means in sixteenths of a step and codes 0 ... 63 of the
  /// scale, `width` apart from row to row.
  void (*set_prediction)(ck_wave_plane *plane, int32_t band, const int32_t *means,
                         const uint8_t *scales);

  /// Codes band `band` (eight rows from row 8 * band on) of a plane. `values` are its first row's,
  /// `width` apart. Its helpers have coded the band, and the one below it where there is one.
  ///
  /// Writing, a port has room for 16 symbols, or CK_WAVE_ROUNDS * 8 decisions, for each of `steps`
  /// steps.
  void (*code_band)(ck_wave_plane *plane, int32_t band, uint16_t *values, const uint16_t *symbols,
                    ck_wave_port *port);

  /// After a band and the one below it, if any, were coded: what later planes see of the errors below.
  void (*look_below)(ck_wave_plane *plane, int32_t band);

  /// Writes `count` listed symbols before `end`; returns the first word, and multiplies `cost`.
  uint16_t *_Nonnull (*_Nonnull write_symbols)(const uint32_t *symbols, size_t count,
                                               uint16_t *end, ck_wave_cost *cost);
  /// Starts reading what that wrote: at least CK_WAVE_STATES_SIZE bytes.
  void (*read_symbols)(ck_wave_port *port);
  /// The same for `count` rounds of decisions.
  uint16_t *_Nonnull (*_Nonnull write_decisions)(const uint16_t *decisions, size_t count,
                                                 uint16_t *end, ck_wave_cost *cost);
  void (*read_decisions)(ck_wave_port *port);
  /// Whether a block that was read ends where it should: all states are what a writer began with.
  int (*is_at_end)(const ck_wave_port *port, int is_mixed);
} ck_wavefront_kernels;

// The arrays inside, which Swift would import as tuples.
static inline ck_wave_tap *ck_wave_shape_taps(ck_wave_shape *shape) { return shape->taps; }
static inline ck_wave_window *ck_wave_shape_windows(ck_wave_shape *shape) { return shape->windows; }
static inline const ck_wave_plane *_Nullable *_Nonnull ck_wave_plane_helpers(ck_wave_plane *plane) {
  return plane->helpers;
}

/// How many floats of memory a plane of this shape takes.
size_t ck_wave_plane_size(const ck_wave_shape *shape);
/// Places a plane in that memory, which is zero and starts at a multiple of 64 bytes.
void ck_wave_plane_place(ck_wave_plane *plane, const ck_wave_shape *shape, float *memory);

/// The kernels for `isa`, or NULL where this CPU cannot run it.
const ck_wavefront_kernels *_Nullable ck_wavefront_kernels_for(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
