#ifndef CK_LEVELS_H
#define CK_LEVELS_H

#include "ck_dct.h"
#include "ck_dct_other.h"
#include "ck_mixing.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

// Levels of the blocks of JPEG files: coefficients divided by their steps (docs/FORMAT.md §13.6).

enum {
  /// Counters under each decision.
  CK_LEVEL_CONTEXTS = 12,
  /// Counters that are found together: the decisions of one number under one context.
  CK_LEVEL_LINE = 8,
  /// Floats of a set of weights.
  CK_LEVEL_WEIGHTS = 24,
  /// Sets of three kinds: by the decision, by the place in the block, by what lies around.
  CK_LEVEL_DECISION_SETS = 128,
  CK_LEVEL_PLACE_SETS = 1036,
  CK_LEVEL_SHAPE_SETS = 1620,
  CK_LEVEL_SETS = CK_LEVEL_DECISION_SETS + CK_LEVEL_PLACE_SETS + CK_LEVEL_SHAPE_SETS,
  /// What counters start from: where the starts of each kind of number begin.
  CK_LEVEL_INNER_STARTS = 0,
  CK_LEVEL_EDGE_STARTS = CK_LEVEL_INNER_STARTS + 2 * 49 * 12 * 11 * 8,
  CK_LEVEL_MEAN_STARTS = CK_LEVEL_EDGE_STARTS + 2 * 14 * 12 * 8 * 8,
  CK_LEVEL_WIDE_STARTS = CK_LEVEL_MEAN_STARTS + 2 * 12 * 8,
  CK_LEVEL_BIT_STARTS = CK_LEVEL_WIDE_STARTS + 4 * 8,
  CK_LEVEL_SIGN_STARTS = CK_LEVEL_BIT_STARTS + 2 * 4 * 16 * 8,
  CK_LEVEL_INNER_COUNT_STARTS = CK_LEVEL_SIGN_STARTS + 4 * 50 * 4,
  CK_LEVEL_EDGE_COUNT_STARTS = CK_LEVEL_INNER_COUNT_STARTS + 2 * 50 * 128,
  CK_LEVEL_STARTS = CK_LEVEL_EDGE_COUNT_STARTS + 4 * 15 * 12 * 8,
  /// Most decisions of a block.
  CK_LEVEL_MAX_DECISIONS = 1536,
};

/// The models of a band of blocks. A caller owns all memory, zero at first but for weights.
typedef struct {
  ck_logistic logistic;
  /// For each context 2^line_bits lines, and 2^sign_bits counters of signs.
  ck_counter *lines, *signs;
  uint32_t line_bits, sign_bits;
  /// CK_LEVEL_SETS sets of weights: of stretched probabilities, then of quick ones.
  float *weights;
  float rate;
  /// CK_LEVEL_STARTS counters that stand for those that saw nothing yet.
  const ck_counter *starts;
  /// Where a trainer counts the decisions, clear and set, of each start.
  uint32_t (*_Nullable tally)[2];
} ck_level_models;

/// A block and what was coded before it. Blocks that do not exist are 64 zeros.
typedef struct {
  /// 64 levels, row after row, within ±2047.
  int16_t *here;
  const int16_t *left, *above, *above_left, *above_right;
  /// The blocks at the same place of the plane before and of luma.
  const int16_t *before, *luma;
  /// 0 ... 3; the others are taken for chroma.
  int32_t plane;
  int32_t has_left, has_above;
  /// 1 ... 65535 each.
  const int32_t *steps;
  /// The two lowest rows of the block above and the two last columns of the block to the left, in
  /// samples less 128, the farther one first; then the block's own.
  int32_t *above_lines, *left_lines;
  /// By how many levels the means around were missed; and this one.
  int32_t left_miss, above_miss, luma_miss, before_miss;
  int16_t *miss;
} ck_level_block;

/// Every table returns the same bits.
typedef struct {
  /// Codes a block's levels in place, at most CK_LEVEL_MAX_DECISIONS decisions.
  void (*code_block)(const ck_level_models *models, const ck_level_block *block, ck_port *port);
} ck_level_kernels;

/// What models start from, as LevelStart reads it, and its size in bytes.
const int8_t *ck_level_start(void);
size_t ck_level_start_size(void);

/// The kernels for `isa`, or NULL where this CPU cannot run it.
const ck_level_kernels *_Nullable ck_level_kernels_for(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
