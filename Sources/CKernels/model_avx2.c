#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "ck_model.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define CK_NAME(x) x##_avx2
#include "model_body.h"

static inline __m256i broadcast_pair(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm256_set1_epi32(pair);
}

/// Positions whose sums are kept in registers at once, times two vectors of eight outputs.
enum { POSITIONS = 5 };

/// One block of 16 outputs at `positions` (1 ... POSITIONS, a constant where inlined) positions.
static inline __attribute__((always_inline)) void convolve_block(
  const int16_t *x, size_t row_stride, size_t rows, size_t row_length, size_t step,
  const int16_t *w, const int32_t *bias, int32_t *sums, size_t outputs, const int positions) {
  __m256i low[POSITIONS], high[POSITIONS];
  for (int p = 0; p < positions; p++) {
    low[p] = _mm256_loadu_si256((const __m256i *)bias);
    high[p] = _mm256_loadu_si256((const __m256i *)(bias + 8));
  }
  for (size_t r = 0; r < rows; r++, x += row_stride) {
    for (size_t i = 0; i < row_length; i += 2, w += 32) {
      const __m256i a = _mm256_loadu_si256((const __m256i *)w);
      const __m256i b = _mm256_loadu_si256((const __m256i *)(w + 16));
      for (int p = 0; p < positions; p++) {
        const __m256i v = broadcast_pair(x + p * step + i);
        low[p] = _mm256_add_epi32(low[p], _mm256_madd_epi16(a, v));
        high[p] = _mm256_add_epi32(high[p], _mm256_madd_epi16(b, v));
      }
    }
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

const ck_model_kernels ck_model_avx2 = {convolve_avx2, depthwise3_avx2, requantize_avx2, add_avx2};

#pragma clang attribute pop

#endif
