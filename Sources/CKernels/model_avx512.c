#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "ck_model.h"

#pragma clang attribute push(                                              \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), \
  apply_to = function)

#define CK_NAME(x) x##_avx512
#include "model_body.h"
#include "pixel_body.h"

#define INLINE static inline __attribute__((always_inline))

INLINE __m512i broadcast_pair(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm512_set1_epi32(pair);
}

/// Positions whose sums are kept in registers at once, a vector of sixteen outputs each.
enum { POSITIONS = 12 };

/// Adds the products of `length` inputs at `positions` (a constant where inlined) positions.
INLINE const int16_t *accumulate(const int16_t *x, size_t length, size_t step, const int16_t *w,
                                 __m512i *sum, const int positions) {
  for (size_t i = 0; i < length; i += 2, w += 32) {
    const __m512i a = _mm512_loadu_si512(w);
    for (int p = 0; p < positions; p++) {
      // Does not saturate: the sum of both products wraps around with the rest.
      sum[p] = _mm512_dpwssd_epi32(sum[p], a, broadcast_pair(x + p * step + i));
    }
  }
  return w;
}

/// One block of 16 outputs at `positions` (1 ... POSITIONS) positions.
INLINE void convolve_block(const int16_t *x, size_t row_stride, size_t rows, size_t row_length,
                           size_t step, const int16_t *w, const int32_t *bias, int32_t *sums,
                           size_t outputs, const int positions) {
  __m512i sum[POSITIONS];
  for (int p = 0; p < positions; p++) sum[p] = _mm512_loadu_si512(bias);
  for (size_t r = 0; r < rows; r++, x += row_stride) {
    w = accumulate(x, row_length, step, w, sum, positions);
  }
  for (int p = 0; p < positions; p++) _mm512_storeu_si512(sums + p * outputs, sum[p]);
}

static void convolve_avx512(const int16_t *x, size_t row_stride, size_t rows, size_t row_length,
                            size_t step, const int16_t *w, const int32_t *bias, int32_t *sums,
                            size_t outputs, size_t count) {
  for (size_t block = 0; block < outputs; block += 16) {
    const int16_t *weights = w + block * rows * row_length;
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, POSITIONS);
    }
    for (; p + 4 <= count; p += 4) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, 4);
    }
    for (; p < count; p++) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, 1);
    }
  }
}

/// One block of 16 outputs, of which `mask` are wanted, from position `at` on.
INLINE void layer_block(const ck_layer *layer, const int16_t *const *x, size_t at, size_t step,
                        size_t block, __mmask16 mask, int16_t *y, size_t y_step, int flags,
                        const int positions) {
  const int16_t *w = layer->weights + block * layer->segments * layer->length;
  const __m128i shift = _mm_cvtsi32_si128(layer->shift);
  const __m512i start = _mm512_add_epi32(_mm512_loadu_si512(layer->bias + block),
                                         _mm512_set1_epi32(1 << (layer->shift - 1)));
  __m512i sum[POSITIONS];
  for (int p = 0; p < positions; p++) sum[p] = start;
  for (size_t s = 0; s < layer->segments; s++) {
    w = accumulate(x[s] + at * step, layer->length, step, w, sum, positions);
  }
  y += at * y_step + block;
#pragma clang loop unroll(full)
  for (int p = 0; p < positions; p++, y += y_step) {
    __m512i v = _mm512_sra_epi32(sum[p], shift);
    if (flags & CK_LAYER_LEAKY) v = _mm512_max_epi32(v, _mm512_srai_epi32(v, 3));
    __m256i packed = _mm512_cvtsepi32_epi16(v);
    if (flags & CK_LAYER_ADDS) {
      packed = _mm256_adds_epi16(packed, _mm256_maskz_loadu_epi16(mask, y));
    }
    _mm256_mask_storeu_epi16(y, mask, packed);
  }
}

static void layer_avx512(const ck_layer *layer, const int16_t *const *x, size_t step, int16_t *y,
                         size_t y_step, size_t count, int flags) {
  for (size_t block = 0; block < layer->kept; block += 16) {
    const size_t rest = layer->kept - block;
    const __mmask16 mask = (__mmask16)(rest < 16 ? (1u << rest) - 1 : 0xffff);
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      layer_block(layer, x, p, step, block, mask, y, y_step, flags, POSITIONS);
    }
#define REST(n) \
  case n: layer_block(layer, x, p, step, block, mask, y, y_step, flags, n); break;
    switch (count - p) {
      REST(1) REST(2) REST(3) REST(4) REST(5) REST(6) REST(7) REST(8) REST(9) REST(10) REST(11)
    }
#undef REST
  }
}

/// Channels from `c` on, of which `mask` exist; a vector holds 32.
INLINE void depthwise_block(const int16_t *const *x, const int16_t *w, const int32_t *bias,
                            int shift, int16_t *y, size_t channels, size_t count, size_t c,
                            __mmask32 mask) {
  const __m512i zero = _mm512_setzero_si512(), half = _mm512_set1_epi32(1 << (shift - 1));
  const __m128i places = _mm_cvtsi32_si128(shift);
  __m512i low[5], high[5];
  for (size_t k = 0; k < 5; k++) {
    const __m512i a = _mm512_maskz_loadu_epi16(mask, w + 2 * k * channels + c);
    const __m512i b = k < 4 ? _mm512_maskz_loadu_epi16(mask, w + (2 * k + 1) * channels + c) : zero;
    low[k] = _mm512_unpacklo_epi16(a, b);
    high[k] = _mm512_unpackhi_epi16(a, b);
  }
  // Unpacking takes four of eight channels at a time.
  const __m512i b0 = _mm512_maskz_loadu_epi32((__mmask16)mask, bias + c);
  const __m512i b1 = _mm512_maskz_loadu_epi32((__mmask16)(mask >> 16), bias + c + 16);
  const __m512i low_places =
    _mm512_setr_epi32(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  const __m512i high_places = _mm512_add_epi32(low_places, _mm512_set1_epi32(4));
  const __m512i low_start = _mm512_add_epi32(_mm512_permutex2var_epi32(b0, low_places, b1), half);
  const __m512i high_start = _mm512_add_epi32(_mm512_permutex2var_epi32(b0, high_places, b1), half);
  for (size_t p = 0; p < count; p++) {
    __m512i v[10], l = low_start, h = high_start;
    for (size_t k = 0; k < 9; k++) {
      v[k] = _mm512_maskz_loadu_epi16(mask, x[k / 3] + (p + k % 3) * channels + c);
    }
    v[9] = zero;
    for (size_t k = 0; k < 5; k++) {
      l = _mm512_dpwssd_epi32(l, low[k], _mm512_unpacklo_epi16(v[2 * k], v[2 * k + 1]));
      h = _mm512_dpwssd_epi32(h, high[k], _mm512_unpackhi_epi16(v[2 * k], v[2 * k + 1]));
    }
    l = _mm512_sra_epi32(l, places);
    h = _mm512_sra_epi32(h, places);
    _mm512_mask_storeu_epi16(y + p * channels + c, mask, _mm512_packs_epi32(l, h));
  }
}

static void depthwise_row_avx512(const int16_t *const *x, const int16_t *w, const int32_t *bias,
                                 int shift, int16_t *y, size_t channels, size_t count) {
  for (size_t c = 0; c < channels; c += 32) {
    const size_t rest = channels - c;
    if (rest >= 32) {
      depthwise_block(x, w, bias, shift, y, channels, count, c, 0xffffffff);
    } else {
      depthwise_block(x, w, bias, shift, y, channels, count, c, (1u << rest) - 1);
    }
  }
}

const ck_model_kernels ck_model_avx512 = CK_MODEL_KERNELS;
const ck_pixel_kernels ck_pixel_avx512 = CK_PIXEL_KERNELS;

#pragma clang attribute pop

#endif
