#ifndef CK_DCT_OTHER_H
#define CK_DCT_OTHER_H

#include "ck_dct.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// What coefficients times their multipliers are clamped to ± before the fast inverse DCT.
enum { CK_DCT_FAST_LIMIT = 32767 };

// x · c · 2⁻⁸, rounded down.
#define CK_DCT_FAST(x, c) ((ck_dct_row)((ck_dct_signed)((x) * (uint32_t)(c)) >> 8))

/// The fast one-dimensional transform of eight columns at once.
CK_INLINE void ck_dct_fast_pass(ck_dct_row *r) {
  const ck_dct_row even0 = r[0] + r[4], even1 = r[0] - r[4], even3 = r[2] + r[6];
  const ck_dct_row even2 = CK_DCT_FAST(r[2] - r[6], 362) - even3;
  const ck_dct_row a0 = even0 + even3, a3 = even0 - even3;
  const ck_dct_row a1 = even1 + even2, a2 = even1 - even2;

  const ck_dct_row z13 = r[5] + r[3], z10 = r[5] - r[3], z11 = r[1] + r[7], z12 = r[1] - r[7];
  const ck_dct_row odd7 = z11 + z13;
  const ck_dct_row z5 = CK_DCT_FAST(z10 + z12, 473);
  const ck_dct_row odd6 = CK_DCT_FAST(z10, -669) + z5 - odd7;
  const ck_dct_row odd5 = CK_DCT_FAST(z11 - z13, 362) - odd6;
  const ck_dct_row odd4 = CK_DCT_FAST(z12, 277) - z5 + odd5;

  r[0] = a0 + odd7;
  r[7] = a0 - odd7;
  r[1] = a1 + odd6;
  r[6] = a1 - odd6;
  r[2] = a2 + odd5;
  r[5] = a2 - odd5;
  r[4] = a3 + odd4;
  r[3] = a3 - odd4;
}

/// The fast integer inverse DCT of JPEG decoders ("ifast"): replaces a block's levels times their
/// multipliers (ck_dct_multiplier), row after row, by samples less 128, which no limit holds.
///
/// Constants have 8 fraction bits, and whatever is below the point is dropped. Source: Arai, Agui,
/// Nakajima, "A fast DCT-SQ scheme for images", 1988, as the Independent JPEG Group writes it.
CK_INLINE void ck_inverse_dct_fast(int32_t *values) {
  ck_dct_row *rows = (ck_dct_row *)values;
  ck_dct_fast_pass(rows);
  ck_dct_transpose(values);
  ck_dct_fast_pass(rows);
  ck_dct_transpose(values);
  for (int y = 0; y < 8; y++) rows[y] = (ck_dct_row)((ck_dct_signed)rows[y] >> 5);
}

/// What a level is multiplied by in front of the fast inverse DCT: a step, 1 ... 255, times a scale of
/// its place, with two fraction bits.
CK_INLINE int32_t ck_dct_multiplier(int32_t step, int place) {
  // √2 cos(k π / 16) in 2⁻¹⁴, products of two of them rounded.
  static const uint16_t scales[64] = {
      16384, 22725, 21407, 19266, 16384, 12873, 8867,  4520,   //
      22725, 31521, 29692, 26722, 22725, 17855, 12299, 6270,   //
      21407, 29692, 27969, 25172, 21407, 16819, 11585, 5906,   //
      19266, 26722, 25172, 22654, 19266, 15137, 10426, 5315,   //
      16384, 22725, 21407, 19266, 16384, 12873, 8867,  4520,   //
      12873, 17855, 16819, 15137, 12873, 10114, 6967,  3552,   //
      8867,  12299, 11585, 10426, 8867,  6967,  4799,  2446,   //
      4520,  6270,  5906,  5315,  4520,  3552,  2446,  1247};
  return (step * (int32_t)scales[place] + 2048) >> 12;
}

/// The transform of eight columns at once into sixteen rows.
CK_INLINE void ck_dct_double_pass(const ck_dct_row *r, ck_dct_row *out, int shift) {
  const uint32_t half = 1u << (shift - 1);
  const ck_dct_row first = (r[0] << 13) + half, s4 = r[4] * 10703, t4 = r[4] * 4433;
  const ck_dct_row difference = r[2] - r[6];
  const ck_dct_row s = difference * 11363, t = difference * 2260;
  const ck_dct_row e0 = s + r[6] * 20995, e1 = t + r[2] * 7373;
  const ck_dct_row e2 = s - r[2] * 4926, e3 = t - r[6] * 4176;
  const ck_dct_row even[8] = {first + s4 + e0, first + t4 + e1, first - t4 + e2, first - s4 + e3,
                              first - s4 - e3, first - t4 - e2, first + t4 - e1, first + s4 - e0};

  const ck_dct_row z1 = r[1], z2 = r[3], z3 = r[5], z4 = r[7];
  const ck_dct_row c3 = (z1 + z2) * 11086, c5 = (z1 + z3) * 10217, c7 = (z1 + z4) * 8956;
  const ck_dct_row c9 = (z1 - z4) * 7350, c11 = (z1 + z3) * 5461, c13 = (z1 - z2) * 3363;
  const ck_dct_row p = (z2 + z3) * 1136, q = (z3 - z2) * 11529;
  const ck_dct_row f = (z2 + z4) * 5461, g = (z2 + z4) * 10217;
  const ck_dct_row h = (z3 + z4) * 11086, k = (z4 - z3) * 3363;
  const ck_dct_row odd[8] = {c3 + c5 + c7 - z1 * 18730,
                             c3 + p + z2 * 589 - f,
                             c5 + p - z3 * 9222 - h,
                             c7 - f + z4 * 8728 - h,
                             c9 - g + z4 * 25733 + k,
                             c11 + q - z3 * 6278 + k,
                             c13 + q + z2 * 16154 - g,
                             c9 + c11 + c13 - z1 * 15038};
  for (int i = 0; i < 8; i++) {
    out[i] = (ck_dct_row)((ck_dct_signed)(even[i] + odd[i]) >> shift);
    out[15 - i] = (ck_dct_row)((ck_dct_signed)(even[i] - odd[i]) >> shift);
  }
}

/// The integer inverse DCT that gives 16 samples in place of 8 across, down or both: of 64
/// coefficients, row after row, samples less 128, row after row.
///
/// Constants and roundings are as in ck_inverse_dct. It is how decoders of the Independent JPEG Group
/// from version 7 on enlarge chroma.
CK_INLINE void ck_inverse_dct_scaled(const int32_t *values, int across, int down, int32_t *out) {
  int32_t rows[16 * 8], columns[16 * 8], block[64];
  for (int k = 0; k < 64; k++) block[k] = values[k];
  if (down) {
    ck_dct_double_pass((const ck_dct_row *)block, (ck_dct_row *)rows, 11);
  } else {
    ck_dct_pass((ck_dct_row *)block, 11);
    for (int k = 0; k < 64; k++) rows[k] = block[k];
  }
  const int width = across ? 16 : 8, height = down ? 16 : 8;
  for (int top = 0; top < height; top += 8) {
    for (int k = 0; k < 64; k++) block[k] = rows[8 * top + k];
    ck_dct_transpose(block);
    if (across) {
      ck_dct_double_pass((const ck_dct_row *)block, (ck_dct_row *)columns, 18);
    } else {
      ck_dct_pass((ck_dct_row *)block, 18);
      for (int k = 0; k < 64; k++) columns[k] = block[k];
    }
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < width; x++) out[(top + y) * width + x] = columns[8 * x + y];
    }
  }
}

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
