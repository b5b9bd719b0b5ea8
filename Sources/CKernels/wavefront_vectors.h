// What the wavefront needs of vectors beyond vectors.h: lanes that move, tables read at eight places.

typedef int64_t l4 __attribute__((vector_size(32)));
typedef int64_t l4_unaligned __attribute__((vector_size(32), aligned(8), may_alias));
typedef uint32_t u8 __attribute__((vector_size(32)));
typedef int64_t pair_bits __attribute__((may_alias));
typedef uint32_t unaligned_bits __attribute__((aligned(1), may_alias));
typedef v8 v8_row __attribute__((may_alias));

#if defined(CK_AVX2)
#include <immintrin.h>
INLINE unsigned mask_bits(i8 mask) { return (unsigned)_mm256_movemask_ps((__m256)mask); }
#else
INLINE unsigned mask_bits(i8 mask) {
  i8 bits = mask & (i8){1, 2, 4, 8, 16, 32, 64, 128};
  return (unsigned)((bits[0] | bits[4]) | (bits[2] | bits[6]) | (bits[1] | bits[5]) | (bits[3] | bits[7]));
}
#endif

INLINE i8 select8i(i8 mask, i8 a, i8 b) { return (a & mask) | (b & ~mask); }
INLINE i8 min8i(i8 a, i8 b) { return select8i(a < b, a, b); }
INLINE i8 max8i(i8 a, i8 b) { return select8i(a > b, a, b); }
// Towards zero; |a| < 2^31.
INLINE i8 integer8(v8 a) { return __builtin_convertvector(a, i8); }
INLINE v8 float8(i8 a) { return __builtin_convertvector(a, v8); }
INLINE v8 at8(const float *row, ptrdiff_t step) { return *(const v8_row *)(row + 8 * step); }
INLINE void put8(float *row, ptrdiff_t step, v8 value) { *(v8_row *)(row + 8 * step) = value; }

// Lane r gets lane r - 1, and lane 0 gets lane 7 of `before`: the row above.
INLINE v8 lane_down(v8 a, v8 before) {
  return __builtin_shufflevector(a, before, 15, 0, 1, 2, 3, 4, 5, 6);
}
// Lane r gets lane r + 1, and lane 7 gets lane 0 of `after`: the row below.
INLINE v8 lane_up(v8 a, v8 after) {
  return __builtin_shufflevector(a, after, 1, 2, 3, 4, 5, 6, 7, 8);
}

// Pairs of floats from a table at eight places.
INLINE void load_pairs(const float *table, const int32_t *at, v8 *first, v8 *second) {
  const pair_bits *pairs = (const pair_bits *)table;
  v8 a = (v8)(l4){pairs[at[0]], pairs[at[1]], pairs[at[4]], pairs[at[5]]};
  v8 b = (v8)(l4){pairs[at[2]], pairs[at[3]], pairs[at[6]], pairs[at[7]]};
  *first = __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14);
  *second = __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
}

// Back again; of lanes that share a place the last one counts.
INLINE void store_pairs(float *table, const int32_t *at, v8 first, v8 second) {
  pair_bits *pairs = (pair_bits *)table;
  l4 a = (l4)__builtin_shufflevector(first, second, 0, 8, 1, 9, 4, 12, 5, 13);
  l4 b = (l4)__builtin_shufflevector(first, second, 2, 10, 3, 11, 6, 14, 7, 15);
  pairs[at[0]] = a[0];
  pairs[at[1]] = a[1];
  pairs[at[2]] = b[0];
  pairs[at[3]] = b[1];
  pairs[at[4]] = a[2];
  pairs[at[5]] = a[3];
  pairs[at[6]] = b[2];
  pairs[at[7]] = b[3];
}

// Two neighbours of a table of 16 bits at eight places, the first in the lower half.
INLINE i8 load_neighbors(const uint16_t *table, i8 at) {
#if defined(CK_AVX2)
  return (i8)_mm256_i32gather_epi32((const int *)table, (__m256i)at, 2);
#else
  i8 result;
  for (int r = 0; r < 8; r++) result[r] = (int32_t)(table[at[r]] | (uint32_t)table[at[r] + 1] << 16);
  return result;
#endif
}

// How many of sixteen ascending values are not above `target`.
INLINE int count_reached(const uint16_t *values, uint32_t target) {
#if defined(CK_AVX2)
  const __m256i flip = _mm256_set1_epi16((short)0x8000);
  __m256i found = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)values), flip);
  unsigned above = (unsigned)_mm256_movemask_epi8(
      _mm256_cmpgt_epi16(found, _mm256_set1_epi16((short)(target ^ 0x8000))));
  return above ? __builtin_ctz(above) >> 1 : 16;
#else
  int count = 0;
  for (int k = 0; k < 16; k++) count += values[k] <= target;
  return count;
#endif
}

// log2(x + 1) in steps of 2^-bits, roughly: x >= 0; at most `levels` - 1.
INLINE i8 level8(v8 x, int bits, int32_t levels) {
  i8 level = ((i8)(x + splat(1.0f)) >> (23 - bits)) - splati(127 << bits);
  return min8i(level, splati(levels - 1));
}
