#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "ck_search.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define CK_NAME(x) x##_avx2
#include "search_body.h"

static inline __m256i broadcast_pair(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm256_set1_epi32(pair);
}

/// Positions whose sums are kept in registers at once, times two vectors of eight outputs.
enum { POSITIONS = 5 };

/// −1 in the lanes whose bits are set.
static inline __m256i lanes(uint32_t bits) {
  const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int32_t)bits), lane), lane);
}

/// Eight values after the shift; `bits` are their signs.
static inline __m128i activated(__m256i sum, const ck_search_layer *layer, const int16_t *y,
                                uint32_t *bits) {
  const __m128i shift = _mm_cvtsi32_si128(layer->shift);
  const __m256i half = _mm256_set1_epi32(1 << (layer->shift - 1));
  __m256i v = _mm256_sra_epi32(_mm256_add_epi32(sum, half), shift);
  switch (layer->activation) {
  case CK_LINEAR: break;
  case CK_LEAKY:
    *bits = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(v));
    v = _mm256_blendv_epi8(v, _mm256_srai_epi32(v, 3), _mm256_srai_epi32(v, 31));
    break;
  case CK_MASKED: {
    const __m128i more = _mm_cvtsi32_si128(layer->shift + 3);
    const __m256i eighth =
      _mm256_sra_epi32(_mm256_add_epi32(sum, _mm256_slli_epi32(half, 3)), more);
    v = _mm256_blendv_epi8(v, eighth, lanes(*bits));
    break;
  }
  case CK_ADDED: break;
  case CK_SUMS: break;
  }
  const __m128i v16 = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  if (layer->activation != CK_ADDED) return v16;
  return _mm_adds_epi16(v16, _mm_loadu_si128((const __m128i *)y));
}

/// One block of up to 16 outputs at `positions` (1 ... POSITIONS, a constant where inlined)
/// positions from `p` on.
static inline __attribute__((always_inline)) void layer_block(
  const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count, size_t block,
  const int16_t *w, void *values, uint16_t *signs, size_t p, const int positions) {
  const size_t outputs = layer->outputs, blocks = (outputs + 15) / 16;
  const int32_t *bias = layer->bias + 16 * block;
  __m256i low[POSITIONS], high[POSITIONS];
  for (int k = 0; k < positions; k++) {
    low[k] = _mm256_loadu_si256((const __m256i *)bias);
    high[k] = _mm256_loadu_si256((const __m256i *)(bias + 8));
  }
  for (size_t n = 0; n < input_count; n++) {
    const size_t step = inputs[n].step;
    const int16_t *x = inputs[n].x + p * step;
    for (size_t i = 0; i < inputs[n].pairs; i++, w += 32) {
      const __m256i a = _mm256_loadu_si256((const __m256i *)w);
      const __m256i b = _mm256_loadu_si256((const __m256i *)(w + 16));
      for (int k = 0; k < positions; k++) {
        const __m256i v = broadcast_pair(x + k * step + 2 * i);
        low[k] = _mm256_add_epi32(low[k], _mm256_madd_epi16(a, v));
        high[k] = _mm256_add_epi32(high[k], _mm256_madd_epi16(b, v));
      }
    }
  }
  const int is_whole = outputs - 16 * block >= 16;
  if (layer->activation == CK_SUMS) {
    for (int k = 0; k < positions; k++) {
      int32_t *to = (int32_t *)values + (p + k) * outputs + 16 * block;
      _mm256_storeu_si256((__m256i *)to, low[k]);
      if (is_whole) _mm256_storeu_si256((__m256i *)(to + 8), high[k]);
    }
    return;
  }
  for (int k = 0; k < positions; k++) {
    int16_t *to = (int16_t *)values + (p + k) * outputs + 16 * block;
    uint16_t *word = signs + (p + k) * blocks + block;
    uint32_t first = 0, second = 0;
    if (layer->activation == CK_MASKED) {
      first = *word & 255;
      second = *word >> 8;
    }
    _mm_storeu_si128((__m128i *)to, activated(low[k], layer, to, &first));
    if (is_whole) {
      _mm_storeu_si128((__m128i *)(to + 8), activated(high[k], layer, to + 8, &second));
    }
    if (layer->activation == CK_LEAKY) *word = (uint16_t)(first | second << 8);
  }
}

static void layer_avx2(const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count,
                       void *values, uint16_t *signs, size_t count) {
  size_t pairs = 0;
  for (size_t n = 0; n < input_count; n++) pairs += inputs[n].pairs;
  for (size_t block = 0; block < (layer->outputs + 15) / 16; block++) {
    const int16_t *w = layer->weights + 32 * pairs * block;
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      layer_block(layer, inputs, input_count, block, w, values, signs, p, POSITIONS);
    }
    for (; p < count; p++) layer_block(layer, inputs, input_count, block, w, values, signs, p, 1);
  }
}

const ck_search_kernels ck_search_avx2 = {
  layer_avx2, depthwise_avx2, leaky_avx2, masked_avx2, add_avx2, errors_avx2,
  scale_avx2, measure_avx2, quantise_avx2, restore_avx2,
  compand_avx2, dot_avx2, move_avx2, pull_avx2};

#pragma clang attribute pop

#endif
