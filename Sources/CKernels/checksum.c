// CRC-32 by folding: 64 bytes at a time are multiplied past those that follow, and what is left of
// them is reduced.
//
// Source: V. Gopal and others, "Fast CRC computation for generic polynomials using PCLMULQDQ
// instruction", Intel 2009.

#include "ck_checksum.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define FOLDING __attribute__((target("pclmul,sse4.1")))

// Moves 128 bits past as many as the constants stand for, and adds what lies there.
FOLDING static inline __m128i fold(__m128i x, __m128i constants, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(x, constants, 0x00);
  __m128i high = _mm_clmulepi64_si128(x, constants, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

FOLDING static inline __m128i load(const uint8_t *bytes) {
  return _mm_loadu_si128((const __m128i *)bytes);
}

FOLDING static uint32_t crc_of(uint32_t crc, const uint8_t *bytes, size_t count) {
  // Powers of x modulo the polynomial, bits reversed: past 64 bytes, past 16, and past 8 and 4.
  const __m128i past64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i past16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i past8 = _mm_set_epi64x(0, 0x0163cd6124);
  // The polynomial, and 2^64 divided by it.
  const __m128i reduction = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  const __m128i low32 = _mm_set_epi32(0, -1, 0, -1);

  __m128i x[4];
  for (int k = 0; k < 4; k++) x[k] = load(bytes + 16 * k);
  x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int32_t)crc));
  for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64) {
    for (int k = 0; k < 4; k++) x[k] = fold(x[k], past64, load(bytes + 16 * k));
  }
  __m128i sum = x[0];
  for (int k = 1; k < 4; k++) sum = fold(sum, past16, x[k]);
  // 128 bits to 64, and these to 32.
  sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, past16, 0x10));
  __m128i upper = _mm_srli_si128(sum, 4);
  sum = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(sum, low32), past8, 0x00), upper);
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low32), reduction, 0x10);
  __m128i product = _mm_clmulepi64_si128(_mm_and_si128(quotient, low32), reduction, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(sum, product), 1);
}

size_t ck_crc32_blocks(uint32_t *crc, const uint8_t *bytes, size_t count) {
  if (count < 64 || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1")) return 0;
  count &= ~(size_t)63;
  *crc = crc_of(*crc, bytes, count);
  return count;
}
#else
size_t ck_crc32_blocks(uint32_t *crc, const uint8_t *bytes, size_t count) {
  (void)crc, (void)bytes, (void)count;
  return 0;
}
#endif
