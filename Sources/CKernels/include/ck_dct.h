#ifndef CK_DCT_H
#define CK_DCT_H

#include "ck_port.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Coefficients are clamped to ± this after they were multiplied by their steps.
enum { CK_DCT_LIMIT = 2047 };

// Sums are of unsigned numbers, which wrap around; shifts of signed ones.
typedef uint32_t ck_dct_row __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t ck_dct_signed __attribute__((vector_size(32), aligned(4), may_alias));

/// The one-dimensional transform of eight columns at once.
CK_INLINE void ck_dct_pass(ck_dct_row *r, int shift) {
  const ck_dct_row z = (r[2] + r[6]) * 4433;
  const ck_dct_row even2 = z - r[6] * 15137, even3 = z + r[2] * 6270;
  const ck_dct_row even0 = (r[0] + r[4]) << 13, even1 = (r[0] - r[4]) << 13;
  const ck_dct_row a0 = even0 + even3, a3 = even0 - even3;
  const ck_dct_row a1 = even1 + even2, a2 = even1 - even2;

  const ck_dct_row z5 = (r[7] + r[3] + r[5] + r[1]) * 9633;
  const ck_dct_row z1 = (r[7] + r[1]) * 7373, z2 = (r[5] + r[3]) * 20995;
  const ck_dct_row z3 = z5 - (r[7] + r[3]) * 16069, z4 = z5 - (r[5] + r[1]) * 3196;
  const ck_dct_row odd0 = r[7] * 2446 - z1 + z3, odd1 = r[5] * 16819 - z2 + z4;
  const ck_dct_row odd2 = r[3] * 25172 - z2 + z3, odd3 = r[1] * 12299 - z1 + z4;

  const uint32_t half = 1u << (shift - 1);
#define CK_DCT_ENDS(low, a, odd)                                       \
  r[low] = (ck_dct_row)((ck_dct_signed)((a) + (odd) + half) >> shift); \
  r[7 - (low)] = (ck_dct_row)((ck_dct_signed)((a) - (odd) + half) >> shift)
  CK_DCT_ENDS(0, a0, odd3);
  CK_DCT_ENDS(1, a1, odd2);
  CK_DCT_ENDS(2, a2, odd1);
  CK_DCT_ENDS(3, a3, odd0);
#undef CK_DCT_ENDS
}

CK_INLINE void ck_dct_transpose(int32_t *values) {
  for (int y = 0; y < 8; y++) {
    for (int x = 0; x < y; x++) {
      const int32_t kept = values[8 * y + x];
      values[8 * y + x] = values[8 * x + y];
      values[8 * x + y] = kept;
    }
  }
}

/// The integer inverse DCT that JPEG decoders use by default ("islow"): replaces the 64 coefficients
/// of a block, row after row, by samples less 128, which no limit holds.
///
/// Constants have 13 fraction bits; columns come first and keep two bits below the point. With
/// coefficients within CK_DCT_LIMIT no sum passes 31 bits but for blocks that no picture has, whose
/// sums wrap around (docs/FORMAT.md §13.5). Source: Loeffler, Ligtenberg, Moschytz, "Practical fast
/// 1-D DCT algorithms with 11 multiplications", 1989, as the Independent JPEG Group rounds it.
CK_INLINE void ck_inverse_dct(int32_t *values) {
  ck_dct_row *rows = (ck_dct_row *)values;
  ck_dct_pass(rows, 11);
  ck_dct_transpose(values);
  ck_dct_pass(rows, 18);
  ck_dct_transpose(values);
}

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
