#ifndef CK_RESIDUAL_H
#define CK_RESIDUAL_H

#include "ck_mixing.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
  /// Logistic distributions per sample.
  CK_LANES = 8,
  /// Most regressors of a least-squares expert, in vectors of eight floats.
  CK_MAX_VECTORS = 5,
  /// Levels of a mean |error| around a sample.
  CK_LEVELS = 48,
  /// Levels of the earlier planes' |error|, or of the prediction's scale.
  CK_HELPER_LEVELS = 24,
  /// Classes of a quantised difference.
  CK_DELTAS = 11,
  /// Places of a decision in a sample's tree, as far as models distinguish them.
  CK_NODES = 96,
  /// Classes of the distributions of symbols: by scale, and by the mean's fraction.
  CK_SYMBOL_CLASSES = 36,
  CK_SYMBOL_FRACTIONS = 8,
  /// Entries of its table: where each symbol starts.
  CK_SYMBOL_START_COUNT = CK_SYMBOL_CLASSES * CK_SYMBOL_FRACTIONS * 264,
  /// Most decisions of a sample.
  CK_MAX_DECISIONS = 64,
};

/// A run of regressors: neighbouring samples of one row.
typedef struct {
  /// The run's first sample for x = 0; eight floats are readable for every x.
  const float *source;
  /// Where the reference sample's left and upper neighbours lie, for x = 0.
  const float *left, *above;
  /// Place among the features; runs are in ascending order and leave no gap.
  uint32_t offset;
} ck_run;

/// A mean that adapts, and the number of values it has seen.
typedef struct {
  float mean, count;
} ck_bias;

/// Where the samples of a block go for its normal equations.
typedef struct {
  float *features, *targets, *importance;
} ck_block;

/// One plane's sample coder: where its row lies, its models, and the sample at hand.
///
/// A caller sets the first three groups and owns all memory they point at; pointers into rows
/// are those of column 0. Eight columns on either side are readable.
typedef struct {
  // The plane.

  /// The highest value.
  float high;
  /// Steps of this plane per step of an 8-bit sample.
  float unit;
  /// Regressors and the vectors of eight that hold them.
  size_t order, vectors;
  size_t run_count;
  /// Least-squares experts, then NLMS experts; at most three in all.
  size_t window_count, rate_count;
  float rates[3];
  /// How much each lane's mean counts in the blend.
  float lane_weights[CK_LANES];
  /// Earlier planes, and whether their errors are known beyond the sample at hand.
  size_t helper_count;
  int helpers_are_whole;
  /// 4 or 8, or 0 where samples are symbols.
  size_t context_count;

  // The row; `stride` is that of samples, errors and the guide.

  ptrdiff_t stride;
  const ck_run *runs;
  float *sample;
  float *error;
  /// The first colour before this one, whose changes this plane's may follow.
  const float *_Nullable guide;
  /// P_dec(x|z): means, and the scales as codes 0 ... 63.
  const float *_Nullable prediction;
  const uint8_t *_Nullable prediction_scale;
  const float *_Nullable helpers[3];
  /// The lanes' |errors| of this row and the two above.
  float *lane_errors;
  const float *lane_errors_above, *lane_errors_above2;
  /// Each expert's weights for the sample at hand.
  float *_Nullable expert_weights[3];

  // The models, whose sizes are CK_LEVELS and so on.

  /// [level][helper level][lane]: mean |error|, and how many it was taken from.
  float *scales, *scale_counts;
  ck_bias *local_bias, *error_bias;
  /// Weights of the last errors around.
  float correction[8];
  /// [level][node][stride] and [helper level][difference][node][stride]: those of the counters'
  /// stretched probabilities, of their quick ones, of the lanes.
  float *weights, *more_weights;
  size_t weight_stride;
  /// Step size of the mixing weights.
  float mixer_rate;
  /// [context value][node] of each context.
  ck_counter *_Nullable counters[8];
  ck_logistic logistic;

  /// The mean |error| [level][helper level] of a single expert, and where symbols start.
  ck_bias *_Nullable mean_errors;
  const uint32_t *_Nullable symbol_starts;

  // The sample at hand, from `predict_sample` on.

  float features[8 * CK_MAX_VECTORS + 8];
  /// What the features are relative to.
  float reference;
  float mean[CK_LANES];
  float inverse_scale[CK_LANES];
  float scale[CK_LANES];
  int32_t slot[CK_LANES];
  float history[8];
  float blend, estimate, corrected;
  /// The expected |error|.
  float expected_error;
  int32_t rounded, local_context, error_context;
  float *node_weights, *more_node_weights;
  ck_counter *_Nullable node_counters[8];
} ck_plane;

// The arrays inside, which Swift would import as tuples.
CK_INLINE float *ck_plane_rates(ck_plane *plane) { return plane->rates; }
CK_INLINE float *ck_plane_lane_weights(ck_plane *plane) { return plane->lane_weights; }
CK_INLINE float *ck_plane_features(ck_plane *plane) { return plane->features; }
CK_INLINE const float *_Nullable *_Nonnull ck_plane_helpers(ck_plane *plane) {
  return plane->helpers;
}
CK_INLINE float *_Nullable *_Nonnull ck_plane_weights(ck_plane *plane) {
  return plane->expert_weights;
}
CK_INLINE ck_counter *_Nullable *_Nonnull ck_plane_counters(ck_plane *plane) {
  return plane->counters;
}

/// The residual coder's kernels, one pointer each; every table returns the same bits.
///
/// Floats are IEEE single precision, products and sums are rounded one by one, and vectors have
/// eight lanes whose sum is ((0+4)+(2+6)) + ((1+5)+(3+7)). Pointers never alias, and have no
/// alignment beyond their element's. A symmetric matrix of n = 8 * vectors rows is packed: row
/// i holds columns 8 * (i / 8) ..< n; the right-hand side of n values follows.
typedef struct {
  /// sums = the weighted normal equations of `count` samples.
  void (*accumulate)(const float *features, const float *targets, const float *weights,
                     size_t count, size_t vectors, float *sums);

  /// window[b] = down * window[b] + sum over blocks c of across^|b - c| * sums[c].
  void (*spread)(const float *sums, size_t blocks, size_t vectors, float across, float down,
                 float *window);

  /// run = across * (run + sums), and equations = window + run, for one block; `sums` is that of
  /// the block before.
  void (*advance)(const float *sums, const float *window, size_t vectors, float across, float *run,
                  float *equations);

  /// Solves the ridge regressions of up to eight neighbouring blocks; weights are 8 * vectors
  /// floats per block, zero from `order` on. Pivots have a floor, so that it never fails.
  void (*solve)(const float *window, size_t blocks, size_t order, size_t vectors, float ridge,
                float *weights);

  /// Predicts the sample at column `x`: features, distributions and contexts.
  void (*predict_sample)(ck_plane *plane, ptrdiff_t x);

  /// Codes the value of that sample as mixed decisions, at most CK_MAX_DECISIONS.
  int32_t (*code_sample)(ck_plane *plane, int32_t value, ck_port *port);

  /// Teaches the value to all models but the least squares.
  void (*settle_sample)(ck_plane *plane, ptrdiff_t x, float value);

  /// With a single expert: codes `count` samples from column `x` on, under the first expert's
  /// weights, in place, and hands their features to `block`; at most two symbols each.
  void (*code_block)(ck_plane *plane, ptrdiff_t x, size_t count, uint16_t *values,
                     const ck_block *block, ck_port *port);

  /// Codes a sample that `predict_sample` has predicted as one symbol too.
  int32_t (*code_symbol)(ck_plane *plane, int32_t value, ck_port *port);

  /// Fills CK_SYMBOL_START_COUNT entries: the cumulative sizes of symbols.
  void (*fill_symbol_starts)(uint32_t *starts);
} ck_residual_kernels;

/// The learned start state: `StartState.swift` says how it is laid out.
const int8_t *ck_start_state(void);
size_t ck_start_state_size(void);
/// What drawings' models start from, as DrawingStart reads it, and its size in bytes.
const uint8_t *ck_drawing_start(void);
size_t ck_drawing_start_size(void);

/// The kernels for `isa`, or NULL where this CPU cannot run it.
const ck_residual_kernels *_Nullable ck_residual_kernels_for(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
