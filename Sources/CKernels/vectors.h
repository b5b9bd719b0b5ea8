// Eight-lane vectors in fixed order: the same bits on every instruction set.

#include <stddef.h>
#include <stdint.h>

typedef float v8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));
typedef float v8_unaligned __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t i8_unaligned __attribute__((vector_size(32), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE v8 load8(const float *p) { return *(const v8_unaligned *)p; }
INLINE void store8(float *p, v8 v) { *(v8_unaligned *)p = v; }
INLINE void store8i(int32_t *p, i8 v) { *(i8_unaligned *)p = v; }
INLINE v8 splat(float a) { return (v8){a, a, a, a, a, a, a, a}; }
INLINE i8 splati(int32_t a) { return (i8){a, a, a, a, a, a, a, a}; }
INLINE v8 select8(i8 mask, v8 a, v8 b) { return (v8)(((i8)a & mask) | ((i8)b & ~mask)); }

// A lane of NaN in `a` gives `b`.
INLINE v8 max8(v8 a, v8 b) { return select8(a > b, a, b); }
INLINE v8 min8(v8 a, v8 b) { return select8(a < b, a, b); }
INLINE v8 abs8(v8 a) { return (v8)((i8)a & splati(0x7fffffff)); }

INLINE float sum8(v8 v) {
  float a = (v[0] + v[4]) + (v[2] + v[6]);
  float b = (v[1] + v[5]) + (v[3] + v[7]);
  return a + b;
}

// exp(x) within 5e-6 of its value where |x| <= 80.
INLINE v8 exp_80(v8 x) {
  v8 t = x * splat(1.44269504f);
  v8 round = splat(12582912.0f);  // 1.5 * 2^23: adding it leaves an integer
  v8 r = (t + round) - round;
  v8 f = t - r;
  v8 f2 = f * f;
  v8 p = (splat(1.0f) + splat(6.931472e-1f) * f) +
         f2 * ((splat(2.40222e-1f) + splat(5.5507e-2f) * f) +
               f2 * (splat(9.6718e-3f) + splat(1.3264e-3f) * f));
  i8 e = __builtin_convertvector(r, i8) << 23;
  return (v8)((i8)p + e);
}

// The same; x is clamped to -80 ... 80.
INLINE v8 exp8(v8 x) { return exp_80(min8(max8(x, splat(-80.0f)), splat(80.0f))); }

// log2(x) within 2e-5 for normal x > 0.
INLINE v8 log28(v8 x) {
  i8 i = (i8)x;
  v8 e = __builtin_convertvector((i >> 23) - splati(127), v8);
  v8 t = (v8)((i & splati(0x7fffff)) | splati(0x3f800000)) - splat(1.0f);
  v8 t2 = t * t;
  v8 p = (splat(1.4424810126f) + splat(-0.7181451002f) * t) +
         t2 * ((splat(0.4575485901f) + splat(-0.2779042655f) * t) +
               t2 * (splat(0.1218895993f) + splat(-0.0258411228f) * t));
  return e + p * t;
}

// Turns eight rows of eight into eight columns.
INLINE void transpose8(const v8 r[8], v8 out[8]) {
  v8 a[8], b[8];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    a[2 * i + 1] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < 2; k++) {
      v8 lo = a[4 * i + k], hi = a[4 * i + 2 + k];
      b[4 * i + 2 * k] = __builtin_shufflevector(lo, hi, 0, 1, 8, 9, 4, 5, 12, 13);
      b[4 * i + 2 * k + 1] = __builtin_shufflevector(lo, hi, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int k = 0; k < 4; k++) {
    out[k] = __builtin_shufflevector(b[k], b[4 + k], 0, 1, 2, 3, 8, 9, 10, 11);
    out[4 + k] = __builtin_shufflevector(b[k], b[4 + k], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}
