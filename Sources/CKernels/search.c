// Rounding of latents in an encoder's search: the same scalar floats on every CPU.

#include "exactness.h"

#include "ck_search.h"

static inline int16_t saturated(float v) {
  v = v < -32767 ? -32767 : v > 32767 ? 32767 : v;
  return (int16_t)(v < 0 ? v - 0.5f : v + 0.5f);
}

/// A magnitude that tables have; what is larger costs about as much more per step as the largest.
static inline int32_t within(int32_t magnitude) {
  return magnitude < CK_COST_MAGNITUDES ? magnitude : CK_COST_MAGNITUDES - 1;
}

static inline int32_t magnitude_of(int32_t v) { return v < 0 ? -v : v; }

/// The best of the nearest whole number, the next one towards zero, and zero.
static int32_t cheapest(const int32_t *bits, int32_t offset, int32_t nearest, float weight) {
  const int32_t inner = nearest < 0 ? nearest + 1 : nearest - 1;
  const int32_t candidates[3] = {nearest, inner, 0};
  int32_t best = nearest;
  float best_cost = 0;
  for (int k = 0; k < 3; k++) {
    const float error = (float)(offset - candidates[k] * 64) * (1.0f / 64);
    const float rate = (float)bits[within(magnitude_of(candidates[k]))] * (1.0f / 256);
    const float cost = weight * error * error + rate;
    if (k == 0 || cost < best_cost) {
      best = candidates[k];
      best_cost = cost;
    }
  }
  return best;
}

void ck_round_position(const ck_latent_costs *costs, const float *weights, const float *factors,
                       const int16_t *y, const int16_t *means, const uint8_t *scales,
                       int16_t *symbols, size_t count) {
  int any = 0;
  for (size_t c = 0; c < count; c++) {
    const int32_t nearest = (y[c] - means[c] + 32) >> 6;
    any |= nearest;
    symbols[c] = (int16_t)nearest;
  }
  if (!any || !weights) return;
  for (size_t c = 0; c < count; c++) {
    if (symbols[c] == 0) continue;
    const int32_t *bits = costs->bits + (size_t)scales[c] * CK_COST_MAGNITUDES;
    const float weight = weights[c] * (factors ? factors[c] : 1);
    symbols[c] = (int16_t)cheapest(bits, y[c] - means[c], symbols[c], weight);
  }
}

/// What is said of a latent besides its value.
typedef struct {
  int32_t symbol, bits;
  int16_t by_mean, by_scale;
} rounded_latent;

/// Of a latent at least a half step from its mean.
static rounded_latent round_far(const ck_latent_costs *costs, size_t row, int32_t offset,
                                const float *weight, float factor) {
  rounded_latent result;
  result.symbol = (offset + 32) >> 6;
  if (weight && result.symbol != 0) {
    result.symbol = cheapest(costs->bits + row, offset, result.symbol, *weight * factor);
  }
  const size_t place = row + (size_t)within(magnitude_of(result.symbol));
  result.bits = costs->bits[place];
  // Between whole numbers v the difference bits(v + 1/2) − bits(v − 1/2) is near linear.
  const int32_t limit = (CK_COST_MAGNITUDES - 2) * 64;
  int32_t distance = magnitude_of(offset);
  distance = distance < limit ? distance : limit;
  const float *step = costs->steps + row + (distance >> 6);
  const float slope = step[0] + (float)(distance & 63) * (1.0f / 64) * (step[1] - step[0]);
  result.by_mean = saturated((offset < 0 ? slope : -slope) * (1 << CK_SLOPE_BITS) / 64);
  result.by_scale = saturated(costs->changes[place] * (1 << CK_SLOPE_BITS) / 8);
  return result;
}

int64_t ck_round_latents(const ck_rounding *rounding, const int16_t *parameters, const int16_t *y,
                         const float *factors, int16_t *z, int16_t *packed, int16_t *slopes,
                         size_t count) {
  const ck_latent_costs *costs = rounding->costs;
  const size_t channels = rounding->channels;
  int64_t total = 0;
  for (size_t p = 0; p < count; p++) {
    const int16_t *means = parameters + 2 * channels * p, *scales = means + channels;
    int16_t *by_mean = slopes + 2 * channels * p, *by_scale = by_mean + channels;
    for (size_t c = 0; c < channels; c++) {
      const int32_t mean = means[c];
      int32_t scale = ((scales[c] + 4) >> 3) - costs->first_scale;
      scale = scale < 0 ? 0 : scale >= costs->scale_count ? costs->scale_count - 1 : scale;
      const size_t row = (size_t)scale * CK_COST_MAGNITUDES;
      const int32_t offset = y[c] - mean;
      int32_t coded = mean;
      if (offset >= -32 && offset < 32) {
        const int16_t slope = costs->near_slopes[row + (size_t)magnitude_of(offset)];
        by_mean[c] = offset < 0 ? slope : (int16_t)-slope;
        by_scale[c] = costs->zero_changes[scale];
        total += costs->bits[row];
      } else {
        const float *weight = rounding->weights ? rounding->weights + c : 0;
        const rounded_latent latent =
          round_far(costs, row, offset, weight, factors ? factors[c] : 1);
        by_mean[c] = latent.by_mean;
        by_scale[c] = latent.by_scale;
        total += latent.bits;
        coded += latent.symbol * 64;
        coded = coded < -32768 ? -32768 : coded > 32767 ? 32767 : coded;
      }
      z[c] = (int16_t)coded;
      packed[channels * p + c] = (int16_t)coded;
    }
    y += rounding->stride;
    z += rounding->stride;
    if (factors) factors += rounding->stride;
  }
  return total;
}
