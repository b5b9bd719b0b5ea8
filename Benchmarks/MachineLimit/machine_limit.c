#include "machine_limit.h"

#pragma STDC FP_CONTRACT OFF

// Every dot product has `ways` sums in flight, which hides the latency of additions and leaves
// registers for weights and values.
#define DOTS(type, zero, lanes, ways, load, multiply_add, add)           \
  type sums[ML_DOTS][ways], total = zero;                                \
  for (size_t d = 0; d < ML_DOTS; d++) {                                 \
    for (size_t w = 0; w < (ways); w++) sums[d][w] = zero;               \
  }                                                                      \
  for (size_t i = 0; i < count; i += (lanes) * (ways)) {                 \
    for (size_t w = 0; w < (ways); w++) {                                \
      type values = load(x + i + (lanes) * w);                           \
      for (size_t d = 0; d < ML_DOTS; d++) {                             \
        sums[d][w] = multiply_add(sums[d][w], values, weights[d]);       \
      }                                                                  \
    }                                                                    \
  }                                                                      \
  for (size_t d = 0; d < ML_DOTS; d++) {                                 \
    for (size_t w = 0; w < (ways); w++) total = add(total, sums[d][w]);  \
  }

static int32_t int16_plain(const int16_t *x, size_t count) {
  uint32_t sum = 0;
  for (size_t d = 0; d < ML_DOTS; d++) {
    for (size_t i = 0; i < count; i++) sum += (uint32_t)((int32_t)(d + 1) * x[i]);
  }
  return (int32_t)sum;
}

#define VECTOR_ADD(a, b) ((a) + (b))
#define VECTOR_MULTIPLY_ADD(sum, a, b) ((sum) + (a) * (b))

// In vectors of so many bytes, whatever the CPU makes of them.
#define FLOATS(name, target, bytes, ways)                                              \
  typedef float name##_vector __attribute__((vector_size(bytes)));                     \
  typedef float name##_unaligned __attribute__((vector_size(bytes), aligned(4)));      \
  target static float name(const float *x, size_t count) {                             \
    const name##_vector zero = {0};                                                    \
    name##_vector weights[ML_DOTS];                                                    \
    for (size_t d = 0; d < ML_DOTS; d++) weights[d] = zero + 1.0f / (float)(d + 1);    \
    DOTS(name##_vector, zero, (bytes) / 4, ways, *(const name##_unaligned *),          \
         VECTOR_MULTIPLY_ADD, VECTOR_ADD)                                              \
    float result = 0;                                                                  \
    for (size_t i = 0; i < (bytes) / 4; i++) result += total[i];                       \
    return result;                                                                     \
  }

FLOATS(float_plain, , 16, 2)

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni")))

FLOATS(float_avx2, AVX2, 32, 2)
FLOATS(float_avx512, AVX512, 64, 4)

#define LOAD_256(p) _mm256_loadu_si256((const __m256i *)(p))
#define MULTIPLY_ADD_256(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))

AVX2 static int32_t int16_avx2(const int16_t *x, size_t count) {
  __m256i weights[ML_DOTS];
  for (size_t d = 0; d < ML_DOTS; d++) weights[d] = _mm256_set1_epi16((int16_t)(d + 1));
  DOTS(__m256i, _mm256_setzero_si256(), 16, 2, LOAD_256, MULTIPLY_ADD_256, _mm256_add_epi32)
  int32_t parts[8], result = 0;
  _mm256_storeu_si256((__m256i *)parts, total);
  for (size_t i = 0; i < 8; i++) result += parts[i];
  return result;
}

AVX512 static int32_t int16_avx512(const int16_t *x, size_t count) {
  __m512i weights[ML_DOTS];
  for (size_t d = 0; d < ML_DOTS; d++) weights[d] = _mm512_set1_epi16((int16_t)(d + 1));
  DOTS(__m512i, _mm512_setzero_si512(), 32, 4, _mm512_loadu_si512, _mm512_dpwssd_epi32,
       _mm512_add_epi32)
  return _mm512_reduce_add_epi32(total);
}

static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vnni");
}
#endif

int32_t ml_dots_int16(const int16_t *x, size_t count) {
#if defined(__x86_64__)
  if (has_avx512()) return int16_avx512(x, count);
  if (__builtin_cpu_supports("avx2")) return int16_avx2(x, count);
#endif
  return int16_plain(x, count);
}

float ml_dots_float(const float *x, size_t count) {
#if defined(__x86_64__)
  if (has_avx512()) return float_avx512(x, count);
  if (__builtin_cpu_supports("avx2")) return float_avx2(x, count);
#endif
  return float_plain(x, count);
}
