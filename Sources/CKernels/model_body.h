// The model kernels that a compiler vectorises well by itself; included once per instruction set
// with CK_NAME(x) giving each copy its own names.

#include "exactness.h"

static void CK_NAME(depthwise3)(const int16_t *x, size_t row_stride, const int16_t *w,
                                const int32_t *bias, int32_t *sums, size_t channels,
                                size_t count) {
  for (size_t p = 0; p < count; p++) {
    const int16_t *a = x + p * channels, *b = a + row_stride, *c = b + row_stride;
    int32_t *s = sums + p * channels;
    for (size_t i = 0; i < channels; i++) {
      uint32_t sum = (uint32_t)bias[i];
      for (size_t k = 0; k < 3; k++) {
        size_t j = k * channels + i;
        sum += (uint32_t)((int32_t)w[j] * a[j]);
        sum += (uint32_t)((int32_t)w[3 * channels + j] * b[j]);
        sum += (uint32_t)((int32_t)w[6 * channels + j] * c[j]);
      }
      s[i] = (int32_t)sum;
    }
  }
}

static void CK_NAME(requantize)(const int32_t *sums, int shift, int leaky, int16_t *y,
                                size_t count) {
  const uint32_t half = 1u << (shift - 1);
  const int slope = leaky ? 3 : 0;
  for (size_t i = 0; i < count; i++) {
    int32_t v = (int32_t)((uint32_t)sums[i] + half) >> shift;
    v = v < 0 ? v >> slope : v;
    v = v < -32768 ? -32768 : v > 32767 ? 32767 : v;
    y[i] = (int16_t)v;
  }
}

static inline int16_t CK_NAME(saturated)(int32_t v) {
  return (int16_t)(v < -32768 ? -32768 : v > 32767 ? 32767 : v);
}

static void CK_NAME(add)(int16_t *restrict y, const int16_t *restrict x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = CK_NAME(saturated)((int32_t)y[i] + x[i]);
}

static void CK_NAME(add_vector)(int16_t *restrict y, const int16_t *restrict v, size_t channels,
                                size_t count, int leaky) {
  const int slope = leaky ? 3 : 0;
  for (size_t p = 0; p < count; p++, y += channels) {
    for (size_t c = 0; c < channels; c++) {
      int32_t sum = (int32_t)y[c] + v[c];
      y[c] = CK_NAME(saturated)(sum < 0 ? sum >> slope : sum);
    }
  }
}

static void CK_NAME(leaky)(const int16_t *restrict x, int16_t *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    int16_t smaller = (int16_t)(x[i] >> 3);
    y[i] = x[i] > smaller ? x[i] : smaller;
  }
}

static void CK_NAME(coefficients)(const int16_t *restrict q, const int16_t *restrict correction,
                                  const int32_t *restrict steps, int16_t *restrict y,
                                  size_t channels, size_t count) {
  for (size_t p = 0; p < count; p++, q += channels, correction += channels, y += channels) {
    for (size_t c = 0; c < channels; c++) {
      int64_t sum = (int32_t)q[c] * 8 + correction[c];
      int64_t value = (sum * steps[c] + (1 << 16)) >> 17;
      y[c] = (int16_t)(value < -32768 ? -32768 : value > 32767 ? 32767 : value);
    }
  }
}

static void CK_NAME(post_features)(const int16_t *restrict blocks, size_t block_step,
                                   size_t first_block, const int16_t *restrict sides,
                                   size_t side_step, size_t first_latent, size_t side, size_t x,
                                   size_t count, int16_t *restrict y) {
  for (size_t end = x + count; x < end; x++, y += 12 + side) {
    const int16_t *block = blocks + ((x + 2) / 4 - first_block) * block_step + (x + 2) % 4 * 12;
    const int16_t *from = sides + (x / 4 - first_latent) * side_step + x % 4 * side;
    __builtin_memcpy(y, block, 12 * sizeof(int16_t));
    if (side == 4) {
      __builtin_memcpy(y + 12, from, 4 * sizeof(int16_t));
    } else {
      __builtin_memcpy(y + 12, from, side * sizeof(int16_t));
    }
  }
}

static void CK_NAME(scale_indices)(const int16_t *restrict parameters, size_t channels,
                                   size_t count, int first, int last, uint8_t *restrict scales) {
  for (size_t p = 0; p < count; p++, parameters += 2 * channels, scales += channels) {
    for (size_t c = 0; c < channels; c++) {
      int32_t index = ((parameters[channels + c] + 4) >> 3) - first;
      scales[c] = (uint8_t)(index < 0 ? 0 : index > last ? last : index);
    }
  }
}

static void CK_NAME(reconstruct)(const int16_t *restrict means, const int16_t *restrict symbols,
                                 int16_t *restrict z, size_t channels) {
  for (size_t c = 0; c < channels; c++) {
    z[c] = CK_NAME(saturated)((int32_t)means[c] + (int32_t)symbols[c] * 64);
  }
}

/// `depthwise_row` for the channels from `first` on.
static inline void CK_NAME(depthwise_rest)(const int16_t *const *x, const int16_t *restrict w,
                                           const int32_t *restrict bias, int shift,
                                           int16_t *restrict y, size_t channels, size_t count,
                                           size_t first) {
  const uint32_t half = 1u << (shift - 1);
  for (size_t p = 0; p < count; p++) {
    const int16_t *restrict a = x[0] + p * channels, *restrict b = x[1] + p * channels,
                           *restrict c = x[2] + p * channels;
    for (size_t i = first; i < channels; i++) {
      uint32_t sum = (uint32_t)bias[i] + half;
      for (size_t k = 0; k < 3; k++) {
        const size_t j = k * channels + i;
        sum += (uint32_t)((int32_t)w[j] * a[j]);
        sum += (uint32_t)((int32_t)w[3 * channels + j] * b[j]);
        sum += (uint32_t)((int32_t)w[6 * channels + j] * c[j]);
      }
      y[p * channels + i] = CK_NAME(saturated)((int32_t)sum >> shift);
    }
  }
}

/// What becomes of a block's sums, to which half a step was added, at one position.
static inline void CK_NAME(finish)(const uint32_t sums[16], size_t kept, int shift, int flags,
                                   int16_t *restrict y) {
  for (size_t o = 0; o < 16 && o < kept; o++) {
    int32_t v = (int32_t)sums[o] >> shift;
    if (flags & CK_LAYER_LEAKY) v = v < 0 ? v >> 3 : v;
    v = CK_NAME(saturated)(v);
    y[o] = flags & CK_LAYER_ADDS ? CK_NAME(saturated)(v + y[o]) : (int16_t)v;
  }
}

#define CK_MODEL_KERNELS                                                                   \
  {                                                                                        \
    .convolve = CK_NAME(convolve), .layer = CK_NAME(layer),                                \
    .depthwise3 = CK_NAME(depthwise3), .depthwise_row = CK_NAME(depthwise_row),            \
    .requantize = CK_NAME(requantize), .add = CK_NAME(add),                                \
    .add_vector = CK_NAME(add_vector), .leaky = CK_NAME(leaky),                            \
    .coefficients = CK_NAME(coefficients), .scale_indices = CK_NAME(scale_indices),        \
    .post_features = CK_NAME(post_features), .reconstruct = CK_NAME(reconstruct),          \
  }
