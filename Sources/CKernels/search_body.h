// The search's kernels that a compiler vectorises well by itself; included once per instruction set
// with CK_NAME(x) giving each copy its own names.

#include "exactness.h"

static inline int32_t CK_NAME(saturated)(int32_t v) {
  return v < -32768 ? -32768 : v > 32767 ? 32767 : v;
}

static void CK_NAME(depthwise)(const int16_t *x, size_t row_stride, const int16_t *w,
                               const int32_t *bias, int shift, ck_activation activation, int16_t *y,
                               size_t channels, size_t count) {
  const uint32_t half = 1u << (shift - 1);
  const int32_t kept = activation == CK_ADDED ? -1 : 0;
  for (size_t p = 0; p < count; p++) {
    const int16_t *a = x + p * channels, *b = a + row_stride, *c = b + row_stride;
    int16_t *to = y + p * channels;
    for (size_t i = 0; i < channels; i++) {
      uint32_t sum = (uint32_t)bias[i] + half;
      for (size_t k = 0; k < 3; k++) {
        size_t j = k * channels + i;
        sum += (uint32_t)((int32_t)w[j] * a[j]);
        sum += (uint32_t)((int32_t)w[3 * channels + j] * b[j]);
        sum += (uint32_t)((int32_t)w[6 * channels + j] * c[j]);
      }
      const int32_t v = CK_NAME(saturated)((int32_t)sum >> shift);
      to[i] = (int16_t)CK_NAME(saturated)(v + (to[i] & kept));
    }
  }
}

static inline __attribute__((always_inline)) void CK_NAME(leaky_block)(
  const int16_t *x, int16_t *y, uint16_t *signs, const size_t count) {
  uint32_t word = 0;
  for (size_t k = 0; k < count; k++) {
    word |= (uint32_t)(x[k] < 0) << k;
    y[k] = x[k] < 0 ? (int16_t)(x[k] >> 3) : x[k];
  }
  *signs = (uint16_t)word;
}

static void CK_NAME(leaky)(const int16_t *x, int16_t *y, uint16_t *signs, size_t channels,
                           size_t count) {
  for (size_t p = 0; p < count; p++) {
    size_t rest = channels;
    for (; rest >= 16; rest -= 16, x += 16, y += 16) CK_NAME(leaky_block)(x, y, signs++, 16);
    if (rest == 0) continue;
    CK_NAME(leaky_block)(x, y, signs++, 8);
    x += 8;
    y += 8;
  }
}

static inline __attribute__((always_inline)) void CK_NAME(masked_block)(
  int16_t *y, uint32_t word, const size_t count) {
  for (size_t k = 0; k < count; k++) {
    const int16_t eighth = (int16_t)((y[k] + 4) >> 3);
    y[k] = word >> k & 1 ? eighth : y[k];
  }
}

static void CK_NAME(masked)(int16_t *y, const uint16_t *signs, size_t channels, size_t count) {
  for (size_t p = 0; p < count; p++) {
    size_t rest = channels;
    for (; rest >= 16; rest -= 16, y += 16) CK_NAME(masked_block)(y, *signs++, 16);
    if (rest == 0) continue;
    CK_NAME(masked_block)(y, *signs++, 8);
    y += 8;
  }
}

static void CK_NAME(add)(int16_t *y, const int16_t *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = (int16_t)CK_NAME(saturated)((int32_t)y[i] + x[i]);
}

static void CK_NAME(errors)(const int16_t *x, const int16_t *mean, int limit, int16_t *y,
                            size_t count) {
  for (size_t i = 0; i < count; i++) {
    int32_t m = mean[i];
    m = m < -128 * 16 ? -128 * 16 : m > 127 * 16 ? 127 * 16 : m;
    const int32_t v = (((int32_t)x[i] + 4) >> 3) - m;
    y[i] = (int16_t)(v < -limit ? -limit : v > limit ? limit : v);
  }
}

// Adding 1.5 · 2²³ rounds to a whole number, ties to even; valid for magnitudes below 2²².
static inline int16_t CK_NAME(rounded)(float v) {
  v = v < -32768 ? -32768 : v > 32767 ? 32767 : v;
  return (int16_t)(int32_t)((v + 0x1.8p23f) - 0x1.8p23f);
}

static void CK_NAME(scale)(const int32_t *sums, const float *factors, int16_t *y, size_t channels,
                           size_t count) {
  for (size_t p = 0; p < count; p++, y += channels, sums += channels) {
    for (size_t i = 0; i < channels; i++) y[i] = CK_NAME(rounded)((float)sums[i] * factors[i]);
  }
}

static void CK_NAME(measure)(const float *x, size_t count, float *squares, float *peak) {
  float sums[8] = {0}, peaks[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (size_t k = 0; k < 8; k++) {
      const float v = x[i + k], magnitude = v < 0 ? -v : v;
      sums[k] += v * v;
      peaks[k] = magnitude > peaks[k] ? magnitude : peaks[k];
    }
  }
  for (; i < count; i++) {
    const float magnitude = x[i] < 0 ? -x[i] : x[i];
    sums[0] += x[i] * x[i];
    peaks[0] = magnitude > peaks[0] ? magnitude : peaks[0];
  }
  *squares = 0;
  *peak = 0;
  for (size_t k = 0; k < 8; k++) {
    *squares += sums[k];
    *peak = peaks[k] > *peak ? peaks[k] : *peak;
  }
}

static void CK_NAME(quantise)(const float *x, float factor, float limit, int16_t *y,
                              size_t count) {
  for (size_t i = 0; i < count; i++) {
    float v = x[i] * factor;
    v = v < -limit ? -limit : v > limit ? limit : v;
    y[i] = CK_NAME(rounded)(v);
  }
}

static void CK_NAME(restore)(const int32_t *sums, float unit, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = (float)sums[i] * unit;
}

static void CK_NAME(compand)(const int16_t *x, int16_t *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int32_t v = x[i];
    // A float's exponent and mantissa are this logarithm.
    const float magnitude = (float)(64 + (v < 0 ? -v : v));
    int32_t bits;
    __builtin_memcpy(&bits, &magnitude, sizeof bits);
    const int32_t size = (bits >> 13) - ((127 + 6) << 10);
    y[i] = (int16_t)(v < 0 ? -size : size);
  }
}

static int64_t CK_NAME(dot)(const int32_t *x, const int32_t *y, size_t count) {
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += (int64_t)x[i] * y[i];
  return sum;
}

static void CK_NAME(move)(int16_t *y, const int16_t *x, const float *factors, size_t channels,
                          size_t count) {
  for (size_t p = 0; p < count; p++, y += channels, x += channels) {
    for (size_t i = 0; i < channels; i++) {
      y[i] = CK_NAME(rounded)((float)y[i] + (float)x[i] * factors[i]);
    }
  }
}

static void CK_NAME(pull)(int16_t *y, const int16_t *z, size_t stride, const int16_t *x,
                          const float *factors, float step, float limit, size_t channels,
                          size_t count) {
  for (size_t p = 0; p < count; p++, y += stride, z += stride, x += channels) {
    for (size_t i = 0; i < channels; i++) {
      float pull = (float)x[i] * factors[i];
      pull = pull < -limit ? -limit : pull > limit ? limit : pull;
      const float start = (float)y[i];
      y[i] = CK_NAME(rounded)(start + step * ((float)z[i] - start - pull));
    }
  }
}
