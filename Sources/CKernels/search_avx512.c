#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "ck_search.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))), \
                             apply_to = function)

#define CK_NAME(x) x##_avx512
#include "search_body.h"

static inline __m512i broadcast_pair(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm512_set1_epi32(pair);
}

/// Positions whose sums are kept in registers at once, times two vectors of sixteen outputs. Six
/// positions are addressed from two of them: more took the time of computing addresses.
enum { POSITIONS = 6 };

/// The sums of a block at one position become values.
static inline __attribute__((always_inline)) void finish(
  const ck_search_layer *layer, __m512i sum, size_t block, void *values, uint16_t *signs, size_t p) {
  const size_t outputs = layer->outputs;
  const __mmask16 used = outputs - 16 * block >= 16 ? 0xFFFF : 0x00FF;
  if (layer->activation == CK_SUMS) {
    _mm512_mask_storeu_epi32((int32_t *)values + p * outputs + 16 * block, used, sum);
    return;
  }
  int16_t *to = (int16_t *)values + p * outputs + 16 * block;
  uint16_t *word = signs + p * ((outputs + 15) / 16) + block;
  const __m512i half = _mm512_set1_epi32(1 << (layer->shift - 1));
  __m512i v = _mm512_sra_epi32(_mm512_add_epi32(sum, half), _mm_cvtsi32_si128(layer->shift));
  switch (layer->activation) {
  case CK_LINEAR: break;
  case CK_LEAKY: {
    const __mmask16 negative = _mm512_cmplt_epi32_mask(v, _mm512_setzero_si512());
    *word = (uint16_t)(negative & used);
    v = _mm512_mask_srai_epi32(v, negative, v, 3);
    break;
  }
  case CK_MASKED: {
    const __m512i more = _mm512_add_epi32(sum, _mm512_slli_epi32(half, 3));
    v = _mm512_mask_sra_epi32(v, *word, more, _mm_cvtsi32_si128(layer->shift + 3));
    break;
  }
  case CK_ADDED: break;
  case CK_SUMS: break;
  }
  __m256i v16 = _mm512_cvtsepi32_epi16(v);
  if (layer->activation == CK_ADDED) {
    v16 = _mm256_adds_epi16(v16, _mm256_maskz_loadu_epi16(used, to));
  }
  _mm256_mask_storeu_epi16(to, used, v16);
}

/// `blocks` blocks of up to 16 outputs from `block` on at `positions` (up to POSITIONS) positions
/// from `p` on; both are constants where this is inlined. `pairs`: of all inputs.
static inline __attribute__((always_inline)) void layer_part(
  const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count, size_t pairs, size_t block,
  void *values, uint16_t *signs, size_t p, const int blocks, const int positions) {
  __m512i sum[2][POSITIONS];
#pragma clang loop unroll(full)
  for (int b = 0; b < blocks; b++) {
#pragma clang loop unroll(full)
    for (int k = 0; k < positions; k++) {
      sum[b][k] = _mm512_loadu_si512(layer->bias + 16 * (block + b));
    }
  }
  const int16_t *w = layer->weights + 32 * pairs * block;
  for (size_t n = 0; n < input_count; n++) {
    const size_t step = inputs[n].step;
    const int16_t *first = inputs[n].x + p * step, *fourth = first + 3 * step;
    for (size_t i = inputs[n].pairs; i > 0; i--, w += 32, first += 2, fourth += 2) {
      const __m512i a = _mm512_loadu_si512(w);
      const __m512i b = _mm512_loadu_si512(w + (blocks - 1) * 32 * pairs);
#pragma clang loop unroll(full)
      for (int k = 0; k < positions; k++) {
        const __m512i v = broadcast_pair(k < 3 ? first + k * step : fourth + (k - 3) * step);
        // Does not saturate: the sum of both products wraps around with the rest.
        sum[0][k] = _mm512_dpwssd_epi32(sum[0][k], a, v);
        if (blocks == 2) sum[1][k] = _mm512_dpwssd_epi32(sum[1][k], b, v);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int b = 0; b < blocks; b++) {
#pragma clang loop unroll(full)
    for (int k = 0; k < positions; k++) finish(layer, sum[b][k], block + b, values, signs, p + k);
  }
}

/// Some blocks at all positions.
static inline __attribute__((always_inline)) void layer_blocks(
  const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count, size_t pairs, size_t block,
  void *values, uint16_t *signs, size_t count, const int blocks) {
  size_t p = 0;
  for (; p + POSITIONS <= count; p += POSITIONS) {
    layer_part(layer, inputs, input_count, pairs, block, values, signs, p, blocks, POSITIONS);
  }
  for (; p + 2 <= count; p += 2) {
    layer_part(layer, inputs, input_count, pairs, block, values, signs, p, blocks, 2);
  }
  if (p < count) layer_part(layer, inputs, input_count, pairs, block, values, signs, p, blocks, 1);
}

static void layer_avx512(const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count,
                         void *values, uint16_t *signs, size_t count) {
  size_t pairs = 0;
  for (size_t n = 0; n < input_count; n++) pairs += inputs[n].pairs;
  const size_t blocks = (layer->outputs + 15) / 16;
  size_t block = 0;
  for (; block + 2 <= blocks; block += 2) {
    layer_blocks(layer, inputs, input_count, pairs, block, values, signs, count, 2);
  }
  if (block < blocks) layer_blocks(layer, inputs, input_count, pairs, block, values, signs, count, 1);
}

const ck_search_kernels ck_search_avx512 = {
  layer_avx512, depthwise_avx512, leaky_avx512, masked_avx512, add_avx512, errors_avx512,
  scale_avx512, measure_avx512, quantise_avx512, restore_avx512,
  compand_avx512, dot_avx512, move_avx512, pull_avx512};

#pragma clang attribute pop

#endif
