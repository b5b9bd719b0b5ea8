#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "ck_model.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))), \
                             apply_to = function)

#define CK_NAME(x) x##_avx512
#include "model_body.h"

static inline __m512i broadcast_pair(const int16_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return _mm512_set1_epi32(pair);
}

/// Positions whose sums are kept in registers at once, a vector of sixteen outputs each.
enum { POSITIONS = 12 };

/// One block of 16 outputs at `positions` (1 ... POSITIONS, a constant where inlined) positions.
static inline __attribute__((always_inline)) void convolve_block(
  const int16_t *x, size_t row_stride, size_t rows, size_t row_length, size_t step,
  const int16_t *w, const int32_t *bias, int32_t *sums, size_t outputs, const int positions) {
  __m512i sum[POSITIONS];
  for (int p = 0; p < positions; p++) sum[p] = _mm512_loadu_si512(bias);
  for (size_t r = 0; r < rows; r++, x += row_stride) {
    for (size_t i = 0; i < row_length; i += 2, w += 32) {
      const __m512i a = _mm512_loadu_si512(w);
      for (int p = 0; p < positions; p++) {
        // Does not saturate: the sum of both products wraps around with the rest.
        sum[p] = _mm512_dpwssd_epi32(sum[p], a, broadcast_pair(x + p * step + i));
      }
    }
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

const ck_model_kernels ck_model_avx512 = {convolve_avx512, depthwise3_avx512, requantize_avx512,
                                          add_avx512};

#pragma clang attribute pop

#endif
