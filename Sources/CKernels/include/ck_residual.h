#ifndef CK_RESIDUAL_H
#define CK_RESIDUAL_H

#include <stddef.h>
#include <stdint.h>

#include "ckernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
  /// Logistic distributions per sample.
  CK_LANES = 8,
  /// Most regressors of a least-squares expert, in vectors of eight floats.
  CK_MAX_VECTORS = 5,
  /// Most counters under one decision.
  CK_MAX_COUNTERS = 12,
  /// Entries of the stretch table: ln(p / (1 - p)) at p = (i + 1/2) / 4096.
  CK_STRETCH_COUNT = 4096,
  /// Entries of the squash table: the logistic function at x = (i + 1/2) / 256 - 14.
  CK_SQUASH_COUNT = 28 * 256,
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

/// One adaptive probability at two rates, as distances from one half: all zero at the start.
typedef struct {
  /// (p - 1/2) * 2^16 at a rate that falls with the count.
  int16_t fast;
  /// (p - 1/2) * 2^11 at a quick rate in the upper 11 bits, the count in the lower 5.
  int16_t quick;
} ck_counter;

/// Eight logistic distributions over one sample and the interval it is known to lie in.
typedef struct {
  float mean[CK_LANES];
  /// Mean |error| of each lane at the samples around.
  float local_error[CK_LANES];
  /// Mean |error| that each lane's table expects.
  float scale[CK_LANES];
  float inverse_scale[CK_LANES];
  /// Mass outside the interval on the side that counting starts from, at its near and far end.
  float below[CK_LANES], above[CK_LANES];
  /// The same at the last threshold.
  float middle[CK_LANES];
  /// Place of each lane's scale in the table.
  int32_t slot[CK_LANES];
  /// 1: mass is counted from the lowest value; -1: from the highest.
  float sign;
  /// Mass that every lane gives to each value beside the logistic's.
  float slope;
  /// The value that counting starts from.
  float origin;
} ck_lanes;

/// What binary decisions are mixed from, and what the last one gave.
typedef struct {
  /// Eight lanes or none, then the counters' stretched and quick probabilities; zero-padded.
  float inputs[CK_LANES + 2 * CK_MAX_COUNTERS];
  /// Each context's counters, one per decision node.
  ck_counter *_Nullable counters[CK_MAX_COUNTERS];
  size_t count;
  /// The tables that `fill_tables` fills.
  const float *_Nullable stretch, *_Nullable squash;
  /// The last decision's probability of a set bit.
  float probability;
} ck_mix;

/// The residual coder's kernels, one pointer each; every table returns the same bits.
///
/// Floats are IEEE single precision, products and sums are rounded one by one, and vectors have
/// eight lanes whose sum is ((0+4)+(2+6)) + ((1+5)+(3+7)). Pointers never alias, and have no
/// alignment beyond their element's. A symmetric matrix of n = 8 * vectors rows is packed: row
/// i holds columns 8 * (i / 8) ..< n; the right-hand side of n values follows.
typedef struct {
  /// Writes each run's samples less their reference, (left + above) / 2, then zeros up to the
  /// next multiple of eight after `count`; returns the first run's reference. `features` has
  /// room for eight more.
  float (*gather)(const ck_run *runs, size_t run_count, ptrdiff_t x, size_t count,
                  float *features);

  /// out[k] = offset + the inner product of weights[k] and features, for k < count.
  void (*predict)(const float *features, size_t vectors,
                  const float *_Nonnull const *_Nonnull weights, size_t count, float offset,
                  float *out);

  /// weights += rate * error / (|features|^2 + floor) * features.
  void (*adapt)(float *weights, const float *features, size_t vectors, float error, float rate,
                float floor);

  /// sums = the weighted normal equations of `count` samples.
  void (*accumulate)(const float *features, const float *targets, const float *weights,
                     size_t count, size_t vectors, float *sums);

  /// window[b] = down * window[b] + sum over blocks c of across^|b - c| * sums[c].
  void (*spread)(const float *sums, size_t blocks, size_t vectors, float across, float down,
                 float *window);

  /// Solves the ridge regressions of up to eight neighbouring blocks; weights are 8 * vectors
  /// floats per block, zero from `order` on. Pivots have a floor, so that it never fails.
  void (*solve)(const float *window, size_t blocks, size_t order, size_t vectors, float ridge,
                float *weights);

  /// Clamps the lanes' means to low ... high (NaN becomes low), averages the errors around, and
  /// returns the means' average by share / (local error + 0.03)^4. `here`, `above` and
  /// `above2` point at this sample's place in the rows of eight errors.
  float (*blend)(ck_lanes *lanes, const float *share, const float *here, const float *above,
                 const float *above2, float low, float high);

  /// out[i] = sign(values[i]) * (0 ... 5 by |values[i] * factor| at 0.75, 2, 4.5, 10, 24) + 5.
  void (*quantize)(const float *values, float factor, int32_t *out);

  /// Looks up each lane's scale by its local error and `context`, or `own_context` for lane
  /// `own`; the table is [level][context of `contexts`][lane]. Returns the level of lane `main`.
  int32_t (*choose_scales)(ck_lanes *lanes, const float *scales, int32_t levels,
                           int32_t contexts, int32_t context, int32_t own_context, size_t own,
                           size_t main);

  /// Writes the lanes' |error| for `value` and moves their scales towards it.
  void (*settle)(ck_lanes *lanes, float value, float *errors, float *scales, float *counts);

  /// The level of a mean |error|: log2(6 * error + 1) * 2.7, at most levels - 1.
  int32_t (*level)(float error, int32_t levels);

  /// Opens the interval low ..< high.
  void (*open)(ck_lanes *lanes, float low, float high);

  /// Counts mass from the other end, whose value is `high`.
  void (*mirror)(ck_lanes *lanes, float high, int is_split);

  /// Mixes lanes and counters on "the sample is at least threshold", under the sum of two sets
  /// of weights; returns its probability.
  float (*decide)(ck_lanes *lanes, ck_mix *mix, size_t node, float threshold,
                  const float *weights, const float *more);

  /// Teaches that decision's outcome to the lanes' interval, the counters and the weights.
  void (*learn)(ck_lanes *lanes, ck_mix *mix, size_t node, int bit, float rate, float *weights,
                float *more);

  /// `decide` and `learn` with counters alone.
  float (*decide_plain)(ck_mix *mix, const float *weights);
  void (*learn_plain)(ck_mix *mix, int bit, float rate, float *weights);

  /// Fills CK_STRETCH_COUNT and CK_SQUASH_COUNT entries.
  void (*fill_tables)(float *stretch, float *squash);
} ck_residual_kernels;

/// The kernels for `isa`, or NULL where this CPU cannot run it.
const ck_residual_kernels *_Nullable ck_residual_kernels_for(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
