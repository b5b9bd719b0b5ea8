#ifndef CK_SEARCH_H
#define CK_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "ckernels.h"

/// Kernels that only an encoder's search for latents needs: layers of the model forwards, with the
/// signs that the way back asks for, and the same layers backwards, in integers.
///
/// As in ck_model.h every table returns the same bits, sums are int32 and wrap around, and pointers
/// never alias and have no alignment to keep.

/// Inputs of an output position that lie one after the other: `pairs` pairs of values at `x`, for
/// the next position `step` values further.
typedef struct {
  const int16_t *x;
  size_t step;
  size_t pairs;
} ck_inputs;

/// What becomes of the sums of a layer.
typedef enum {
  /// y = round(sum · 2^−shift).
  CK_LINEAR,
  /// The same, negative values times 1/8; `signs` gets a bit for each that was negative.
  CK_LEAKY,
  /// Back through CK_LEAKY: y = round(sum · 2^−shift), times 1/8 where `signs` has a bit.
  CK_MASKED,
  /// y = saturate(y + round(sum · 2^−shift)).
  CK_ADDED,
  /// The sums themselves, int32.
  CK_SUMS,
} ck_activation;

/// A convolution over any runs of inputs.
typedef struct {
  /// By blocks of 16 outputs, the last one filled up with zeros: for each pair of inputs, in the
  /// order of the runs, 16 times the weights of both.
  const int16_t *weights;
  /// One for each output of all blocks.
  const int32_t *bias;
  /// A multiple of 8.
  size_t outputs;
  /// 1 ... 30; up to 27 for CK_MASKED.
  int shift;
  ck_activation activation;
} ck_search_layer;

typedef struct {
  /// `count` positions of a layer, saturated to int16, `outputs` values of each one after the other.
  ///
  /// `y`: int16_t, or int32_t for CK_SUMS.
  /// `signs`: for each position a word for every block; not touched by the other activations.
  void (*layer)(const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count, void *y,
                uint16_t *signs, size_t count);

  /// A 3×3 convolution of every channel by itself, as depthwise3 in ck_model.h says, then
  /// CK_LINEAR or CK_ADDED.
  void (*depthwise)(const int16_t *x, size_t row_stride, const int16_t *w, const int32_t *bias,
                    int shift, ck_activation activation, int16_t *y, size_t channels, size_t count);

  /// y = x, negative values times 1/8, rounded down; signs as those of CK_LEAKY, for `count`
  /// positions of `channels` values, a multiple of 8.
  void (*leaky)(const int16_t *x, int16_t *y, uint16_t *signs, size_t channels, size_t count);

  /// Back through `leaky`: y times 1/8 where `signs` has a bit.
  void (*masked)(int16_t *y, const uint16_t *signs, size_t channels, size_t count);

  /// y[i] = saturate(y[i] + x[i]).
  void (*add)(int16_t *y, const int16_t *x, size_t count);

  /// x − x̂ in sixteenths: y[i] = ((x[i] + 4) >> 3) − mean[i], mean cut off where samples end, the
  /// difference at ±limit; x has 7 fraction bits.
  void (*errors)(const int16_t *x, const int16_t *mean, int limit, int16_t *y, size_t count);

  /// y[i] = saturate(round(sums[i] · factors[i % channels])) for `count` positions.
  void (*scale)(const int32_t *sums, const float *factors, int16_t *y, size_t channels,
                size_t count);

  /// The sum of squares, in eight sums that are added at the end, and the largest magnitude.
  void (*measure)(const float *x, size_t count, float *squares, float *peak);

  /// y[i] = round(min(max(x[i] · factor, −limit), limit)), limit being at most 32767.
  void (*quantise)(const float *x, float factor, float limit, int16_t *y, size_t count);

  /// y[i] = sums[i] · unit.
  void (*restore)(const int32_t *sums, float unit, float *y, size_t count);

  /// y[i] = sign(x[i]) · log₂(1 + |x[i]|), linear between powers of two; x in 1/64, y in 1/1024.
  void (*compand)(const int16_t *x, int16_t *y, size_t count);

  /// The sum of x[i] · y[i].
  int64_t (*dot)(const int32_t *x, const int32_t *y, size_t count);

  /// y[i] = saturate(round(y[i] + x[i] · factors[i % channels])) for `count` positions.
  void (*move)(int16_t *y, const int16_t *x, const float *factors, size_t channels, size_t count);

  /// y[i] += step · (z[i] − y[i] − min(max(x[i] · factors[i % channels], −limit), limit)), rounded
  /// and saturated: `count` positions of x, those of y and z `stride` values apart.
  void (*pull)(int16_t *y, const int16_t *z, size_t stride, const int16_t *x, const float *factors,
               float step, float limit, size_t channels, size_t count);
} ck_search_kernels;

/// The table for `isa`, or NULL where this CPU or build cannot run it.
const ck_search_kernels *ck_search_kernels_for(ck_isa isa);

enum {
  CK_COST_MAGNITUDES = 64,
  /// Fraction bits of slopes in bits, by means in 1/64 step and by scales in 1/8.
  CK_SLOPE_BITS = 16
};

/// What latents cost, for magnitudes below CK_COST_MAGNITUDES under every scale.
typedef struct {
  /// Bits in units of 2^−8.
  const int32_t *bits;
  /// Half the change of the bits from magnitude − 1 to magnitude + 1, in bits.
  const float *steps;
  /// The change of the bits from a scale to the next, in bits.
  const float *changes;
  /// The slope by a mean at each distance from it below 64, 1/64 step each, and by the scale at
  /// magnitude 0, as ck_round_latents writes them.
  const int16_t *near_slopes;
  const int16_t *zero_changes;
  /// Scales below and above these are taken for them.
  int first_scale;
  int scale_count;
} ck_latent_costs;

/// How positions' latents are rounded to whole steps from their means.
typedef struct {
  const ck_latent_costs *costs;
  /// What an error of one step costs, in bits, for every channel; NULL: rate does not count.
  const float *weights;
  size_t channels;
  /// From a position to the next in latents of the whole tile.
  size_t stride;
} ck_rounding;

/// The symbols of a position's latents `y`, given their means and the scales' indices: whole steps,
/// as `weights` and `factors` (see ck_rounding) make them cheapest.
void ck_round_position(const ck_latent_costs *costs, const float *weights, const float *factors,
                       const int16_t *y, const int16_t *means, const uint8_t *scales,
                       int16_t *symbols, size_t count);

/// Rounds the latents `y` of `count` positions; returns what that costs, in bits · 2^8.
///
/// `parameters`: of every position the means in 1/64 step, then the scales in 1/8. `factors`: for
/// each of `y`, what its weight is multiplied by, or NULL. `z`: what is coded, beside each `y`;
/// `packed`: the same, positions one after the other; `slopes`: of the bits, as `parameters` lie.
int64_t ck_round_latents(const ck_rounding *rounding, const int16_t *parameters, const int16_t *y,
                         const float *factors, int16_t *z, int16_t *packed, int16_t *slopes,
                         size_t count);

#endif
