#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "ck_model.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define CK_NAME(x) x##_avx2
#include "model_body.h"
#include "pixel_body.h"

#define INLINE static inline __attribute__((always_inline))

INLINE __m256i broadcast_pair(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm256_set1_epi32(pair);
}

/// Positions whose sums are kept in registers at once, times two vectors of eight outputs.
enum { POSITIONS = 5 };

/// Adds the products of `length` inputs at `positions` (a constant where inlined) positions.
INLINE const int16_t *accumulate(const int16_t *x, size_t length, size_t step, const int16_t *w,
                                 __m256i *low, __m256i *high, const int positions) {
  for (size_t i = 0; i < length; i += 2, w += 32) {
    const __m256i a = _mm256_loadu_si256((const __m256i *)w);
    const __m256i b = _mm256_loadu_si256((const __m256i *)(w + 16));
    for (int p = 0; p < positions; p++) {
      const __m256i v = broadcast_pair(x + p * step + i);
      low[p] = _mm256_add_epi32(low[p], _mm256_madd_epi16(a, v));
      high[p] = _mm256_add_epi32(high[p], _mm256_madd_epi16(b, v));
    }
  }
  return w;
}

/// One block of 16 outputs at `positions` (1 ... POSITIONS) positions.
INLINE void convolve_block(const int16_t *x, size_t row_stride, size_t rows, size_t row_length,
                           size_t step, const int16_t *w, const int32_t *bias, int32_t *sums,
                           size_t outputs, const int positions) {
  __m256i low[POSITIONS], high[POSITIONS];
  for (int p = 0; p < positions; p++) {
    low[p] = _mm256_loadu_si256((const __m256i *)bias);
    high[p] = _mm256_loadu_si256((const __m256i *)(bias + 8));
  }
  for (size_t r = 0; r < rows; r++, x += row_stride) {
    w = accumulate(x, row_length, step, w, low, high, positions);
  }
  for (int p = 0; p < positions; p++) {
    _mm256_storeu_si256((__m256i *)(sums + p * outputs), low[p]);
    _mm256_storeu_si256((__m256i *)(sums + p * outputs + 8), high[p]);
  }
}

static void convolve_avx2(const int16_t *x, size_t row_stride, size_t rows, size_t row_length,
                          size_t step, const int16_t *w, const int32_t *bias, int32_t *sums,
                          size_t outputs, size_t count) {
  for (size_t block = 0; block < outputs; block += 16) {
    const int16_t *weights = w + block * rows * row_length;
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, POSITIONS);
    }
    for (; p < count; p++) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, 1);
    }
  }
}

/// One block of 16 outputs, of which `kept` are wanted, from position `at` on.
INLINE void layer_block(const ck_layer *layer, const int16_t *const *x, size_t at, size_t step,
                        size_t block, size_t kept, int16_t *y, size_t y_step, int flags,
                        const int positions) {
  const int16_t *w = layer->weights + block * layer->segments * layer->length;
  const int32_t *bias = layer->bias + block;
  const __m128i shift = _mm_cvtsi32_si128(layer->shift);
  const __m256i half = _mm256_set1_epi32(1 << (layer->shift - 1));
  const __m256i low_start = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)bias), half);
  const __m256i high_start =
    _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(bias + 8)), half);
  __m256i low[POSITIONS], high[POSITIONS];
  for (int p = 0; p < positions; p++) {
    low[p] = low_start;
    high[p] = high_start;
  }
  for (size_t s = 0; s < layer->segments; s++) {
    w = accumulate(x[s] + at * step, layer->length, step, w, low, high, positions);
  }
  y += at * y_step + block;
#pragma clang loop unroll(full)
  for (int p = 0; p < positions; p++, y += y_step) {
    __m256i l = _mm256_sra_epi32(low[p], shift), h = _mm256_sra_epi32(high[p], shift);
    if (flags & CK_LAYER_LEAKY) {
      l = _mm256_max_epi32(l, _mm256_srai_epi32(l, 3));
      h = _mm256_max_epi32(h, _mm256_srai_epi32(h, 3));
    }
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(l, h), 0xd8);
    if (kept >= 16) {
      if (flags & CK_LAYER_ADDS) {
        packed = _mm256_adds_epi16(packed, _mm256_loadu_si256((const __m256i *)y));
      }
      _mm256_storeu_si256((__m256i *)y, packed);
    } else {
      int16_t there[16] = {0};
      if (flags & CK_LAYER_ADDS) memcpy(there, y, kept * sizeof(int16_t));
      packed = _mm256_adds_epi16(packed, _mm256_loadu_si256((const __m256i *)there));
      _mm256_storeu_si256((__m256i *)there, packed);
      memcpy(y, there, kept * sizeof(int16_t));
    }
  }
}

static void layer_avx2(const ck_layer *layer, const int16_t *const *x, size_t step, int16_t *y,
                       size_t y_step, size_t count, int flags) {
  for (size_t block = 0; block < layer->kept; block += 16) {
    const size_t kept = layer->kept - block;
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      layer_block(layer, x, p, step, block, kept, y, y_step, flags, POSITIONS);
    }
    for (; p < count; p++) layer_block(layer, x, p, step, block, kept, y, y_step, flags, 1);
  }
}

/// Sixteen channels from `c` on.
INLINE void depthwise_block(const int16_t *const *x, const int16_t *w, const int32_t *bias,
                            int shift, int16_t *y, size_t channels, size_t count, size_t c) {
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
  const __m256i zero = _mm256_setzero_si256(), half = _mm256_set1_epi32(1 << (shift - 1));
  const __m128i places = _mm_cvtsi32_si128(shift);
  __m256i low[5], high[5];
  for (size_t k = 0; k < 5; k++) {
    const __m256i a = LOAD(w + 2 * k * channels + c);
    const __m256i b = k < 4 ? LOAD(w + (2 * k + 1) * channels + c) : zero;
    low[k] = _mm256_unpacklo_epi16(a, b);
    high[k] = _mm256_unpackhi_epi16(a, b);
  }
  // Unpacking takes four of eight channels at a time.
  const __m256i b0 = LOAD(bias + c), b1 = LOAD(bias + c + 8);
  const __m256i low_start = _mm256_add_epi32(_mm256_permute2x128_si256(b0, b1, 0x20), half);
  const __m256i high_start = _mm256_add_epi32(_mm256_permute2x128_si256(b0, b1, 0x31), half);
  for (size_t p = 0; p < count; p++) {
    __m256i v[10], l = low_start, h = high_start;
    for (size_t k = 0; k < 9; k++) v[k] = LOAD(x[k / 3] + (p + k % 3) * channels + c);
    v[9] = zero;
    for (size_t k = 0; k < 5; k++) {
      const __m256i a = _mm256_unpacklo_epi16(v[2 * k], v[2 * k + 1]);
      const __m256i b = _mm256_unpackhi_epi16(v[2 * k], v[2 * k + 1]);
      l = _mm256_add_epi32(l, _mm256_madd_epi16(low[k], a));
      h = _mm256_add_epi32(h, _mm256_madd_epi16(high[k], b));
    }
    l = _mm256_sra_epi32(l, places);
    h = _mm256_sra_epi32(h, places);
    _mm256_storeu_si256((__m256i *)(y + p * channels + c), _mm256_packs_epi32(l, h));
  }
#undef LOAD
}

static void depthwise_row_avx2(const int16_t *const *x, const int16_t *w, const int32_t *bias,
                               int shift, int16_t *y, size_t channels, size_t count) {
  size_t c = 0;
  for (; c + 16 <= channels; c += 16) {
    depthwise_block(x, w, bias, shift, y, channels, count, c);
  }
  depthwise_rest_avx2(x, w, bias, shift, y, channels, count, c);
}

const ck_model_kernels ck_model_avx2 = CK_MODEL_KERNELS;
const ck_pixel_kernels ck_pixel_avx2 = CK_PIXEL_KERNELS;

#pragma clang attribute pop

#endif
