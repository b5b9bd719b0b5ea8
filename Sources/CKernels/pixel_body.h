// The kernels of rows of pixels; ck_model.h has the contract of each. Included once per instruction
// set with CK_NAME(x) giving each copy its own names.

typedef int16_t CK_NAME(h8) __attribute__((vector_size(16)));
typedef int16_t CK_NAME(h16) __attribute__((vector_size(32)));
typedef int32_t CK_NAME(i16) __attribute__((vector_size(64)));
/// Sums wrap around.
typedef uint32_t CK_NAME(u16) __attribute__((vector_size(64)));
#define h8 CK_NAME(h8)
#define h16 CK_NAME(h16)
#define i16 CK_NAME(i16)
#define u16 CK_NAME(u16)
#define INLINE static inline __attribute__((always_inline))

// MARK: Layout

/// Eight rows of eight become eight columns.
INLINE void CK_NAME(transpose)(const h8 r[8], h8 out[8]) {
  h8 a[8], b[8];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 0, 8, 1, 9, 2, 10, 3, 11);
    a[2 * i + 1] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 4, 12, 5, 13, 6, 14, 7, 15);
  }
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < 2; k++) {
      const h8 lo = a[4 * i + k], hi = a[4 * i + 2 + k];
      b[4 * i + 2 * k] = __builtin_shufflevector(lo, hi, 0, 1, 8, 9, 2, 3, 10, 11);
      b[4 * i + 2 * k + 1] = __builtin_shufflevector(lo, hi, 4, 5, 12, 13, 6, 7, 14, 15);
    }
  }
  for (int k = 0; k < 4; k++) {
    out[2 * k] = __builtin_shufflevector(b[k], b[4 + k], 0, 1, 2, 3, 8, 9, 10, 11);
    out[2 * k + 1] = __builtin_shufflevector(b[k], b[4 + k], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

static void CK_NAME(split)(const int16_t *restrict x, size_t step, int16_t *const *planes,
                           size_t count) {
  size_t p = 0;
  for (; p + 8 <= count; p += 8) {
    h8 low[8], high[8], first[8], last[8];
    for (size_t k = 0; k < 8; k++) {
      __builtin_memcpy(&low[k], x + (p + k) * step, sizeof low[k]);
      __builtin_memcpy(&high[k], x + (p + k) * step + 4, sizeof high[k]);
    }
    CK_NAME(transpose)(low, first);
    CK_NAME(transpose)(high, last);
    for (int i = 0; i < 6; i++) {
      const int left = i / 3 * 6 + i % 3, right = left + 3;
      const h8 a = left < 8 ? first[left] : last[left - 4];
      const h8 b = right < 8 ? first[right] : last[right - 4];
      const h8 pairs[2] = {__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11),
                           __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)};
      __builtin_memcpy(planes[i] + 2 * p, pairs, sizeof pairs);
    }
  }
  for (; p < count; p++) {
    for (size_t i = 0; i < 6; i++) {
      for (size_t column = 0; column < 2; column++) {
        planes[i][2 * p + column] = x[p * step + i / 3 * 6 + column * 3 + i % 3];
      }
    }
  }
}

static void CK_NAME(separate)(const int16_t *restrict x, int16_t *const *planes, size_t count) {
  int16_t *restrict a = planes[0], *restrict b = planes[1], *restrict c = planes[2];
  for (size_t i = 0; i < count; i++) {
    a[i] = x[3 * i];
    b[i] = x[3 * i + 1];
    c[i] = x[3 * i + 2];
  }
}

static void CK_NAME(interleave)(const int16_t *const *planes, int16_t *restrict x, size_t count) {
  const int16_t *restrict a = planes[0], *restrict b = planes[1], *restrict c = planes[2];
  for (size_t i = 0; i < count; i++) {
    x[3 * i] = a[i];
    x[3 * i + 1] = b[i];
    x[3 * i + 2] = c[i];
  }
}

// MARK: Filter

static void CK_NAME(components)(const int16_t *const *planes, int32_t *const *components,
                                size_t count) {
  const int16_t *restrict r = planes[0], *restrict g = planes[1], *restrict b = planes[2];
  int32_t *restrict luma = components[0], *restrict red = components[1],
                    *restrict green = components[2];
  for (size_t i = 0; i < count; i++) {
    luma[i] = r[i] + g[i] + b[i];
    red[i] = r[i] - b[i];
    green[i] = 2 * g[i] - r[i] - b[i];
  }
}

static void CK_NAME(smooth)(const int32_t *const *rows, size_t distance, int32_t *restrict y,
                            size_t count) {
  const uint32_t *restrict a = (const uint32_t *)rows[0] - distance,
                 *restrict b = (const uint32_t *)rows[1] - distance,
                 *restrict c = (const uint32_t *)rows[2] - distance;
  for (size_t i = 0; i < count; i++) {
    size_t j = i + distance, k = j + distance;
    uint32_t left = a[i] + 2 * b[i] + c[i], right = a[k] + 2 * b[k] + c[k];
    y[i] = (int32_t)(left + 2 * (a[j] + 2 * b[j] + c[j]) + right);
  }
}

/// Sixteen pixels of `filter`.
INLINE void CK_NAME(filter16)(const int32_t *const *components, const int32_t *const *fine,
                              const int32_t *const *coarse, const int32_t *weights,
                              int16_t *const *planes, size_t at) {
  static const int32_t clamps[3] = {83, 68, 118};
  i16 inputs[16] = {0};
  inputs[3] = inputs[3] + 2048;
  for (size_t c = 0; c < 3; c++) {
    i16 value, small, large;
    __builtin_memcpy(&value, components[c] + at, sizeof value);
    __builtin_memcpy(&small, fine[c] + at, sizeof small);
    __builtin_memcpy(&large, coarse[c] + at, sizeof large);
    inputs[c] = value;
    const i16 detail[2] = {((value << 4) - small + 8) >> 4, ((value << 8) - large + 128) >> 8};
    for (size_t k = 0; k < 2; k++) {
      i16 limit = (i16){0} + clamps[c], v = detail[k];
      inputs[4 + 3 * k + c] = v;
      i16 above = v > limit, below = v < -limit;
      v = (above & limit) | (~above & v);
      inputs[10 + 3 * k + c] = (below & -limit) | (~below & v);
    }
  }
  u16 sums[3];
  for (size_t o = 0; o < 3; o++) {
    u16 sum = {0};
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; i++) {
      const uint32_t weight = (uint32_t)weights[16 * o + i];
      if (weight != 0) sum += (u16)inputs[i] * weight;
    }
    sums[o] = sum;
  }
  const u16 luma = sums[0] + (1 << 13), red = sums[1], green = sums[2];
  const u16 more[3] = {luma + red - green, luma + 2 * green, luma - red - green};
  for (size_t c = 0; c < 3; c++) {
    h16 x;
    __builtin_memcpy(&x, planes[c] + at, sizeof x);
    i16 v = __builtin_convertvector(x, i16) + ((i16)more[c] >> 14);
    i16 above = v > 32767, below = v < -32768;
    v = (above & 32767) | (~above & v);
    v = (below & -32768) | (~below & v);
    x = __builtin_convertvector(v, h16);
    __builtin_memcpy(planes[c] + at, &x, sizeof x);
  }
}

static void CK_NAME(filter)(const int32_t *const *components, const int32_t *const *fine,
                            const int32_t *const *coarse, const int32_t *weights,
                            int16_t *const *planes, size_t count) {
  size_t at = 0;
  for (; at + 16 <= count; at += 16) {
    CK_NAME(filter16)(components, fine, coarse, weights, planes, at);
  }
  if (at == count) return;
  int32_t rest[9][16] = {0};
  int16_t pixels[3][16] = {0};
  const int32_t *rows[9];
  int16_t *rest_planes[3];
  for (size_t c = 0; c < 3; c++) {
    const int32_t *const sources[3] = {components[c], fine[c], coarse[c]};
    for (size_t k = 0; k < 3; k++) {
      __builtin_memcpy(rest[3 * k + c], sources[k] + at, (count - at) * sizeof(int32_t));
      rows[3 * k + c] = rest[3 * k + c];
    }
    __builtin_memcpy(pixels[c], planes[c] + at, (count - at) * sizeof(int16_t));
    rest_planes[c] = pixels[c];
  }
  CK_NAME(filter16)(rows, rows + 3, rows + 6, weights, rest_planes, 0);
  for (size_t c = 0; c < 3; c++) __builtin_memcpy(planes[c] + at, pixels[c], (count - at) * sizeof(int16_t));
}

// MARK: Samples

static void CK_NAME(grey)(const int16_t *const *x, int16_t *restrict y, size_t count) {
  const int16_t *restrict a = x[0], *restrict b = x[1], *restrict c = x[2];
  for (size_t i = 0; i < count; i++) y[i] = (int16_t)((a[i] + b[i] + c[i]) / 3);
}

/// x - 128 in sixteenths as a value of 0 ... 255, in sixteenths.
INLINE int32_t CK_NAME(level)(int16_t x) {
  const int32_t v = x + 128 * 16;
  return v < 0 ? 0 : v > 255 * 16 ? 255 * 16 : v;
}

static void CK_NAME(means)(const int16_t *restrict x, int32_t low, int32_t span,
                           int32_t *restrict y, size_t count) {
  if (low == 0 && span == 255) {
    for (size_t i = 0; i < count; i++) y[i] = CK_NAME(level)(x[i]);
  } else {
    for (size_t i = 0; i < count; i++) {
      y[i] = 16 * low + (CK_NAME(level)(x[i]) * span + 127) / 255;
    }
  }
}

static void CK_NAME(samples)(const int16_t *restrict x, int32_t low, int32_t span,
                             uint16_t *restrict y, size_t count) {
  const int32_t high = low + span;
  if (low == 0 && span == 255) {
    for (size_t i = 0; i < count; i++) y[i] = (uint16_t)((CK_NAME(level)(x[i]) + 8) >> 4);
  } else {
    for (size_t i = 0; i < count; i++) {
      const int32_t v = (16 * low + (CK_NAME(level)(x[i]) * span + 127) / 255 + 8) >> 4;
      y[i] = (uint16_t)(v > high ? high : v);
    }
  }
}

static void CK_NAME(scales)(const int16_t *restrict x, size_t phase, int shift,
                            uint8_t *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = (uint8_t)x[3 * ((i + phase) >> shift)];
}

// MARK: Interpolation

static void CK_NAME(stretch)(const int16_t *restrict x, const int32_t *restrict first,
                             const int32_t *restrict second, const int32_t *restrict fraction,
                             int32_t whole, int32_t *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    y[i] = x[first[i]] * (whole - fraction[i]) + x[second[i]] * fraction[i];
  }
}

static void CK_NAME(blend)(const int32_t *restrict upper, const int32_t *restrict lower,
                           int32_t whole, int32_t fraction, int bits, int16_t *restrict y,
                           size_t count) {
  const uint32_t a = (uint32_t)(whole - fraction), b = (uint32_t)fraction;
  const uint32_t half = (uint32_t)1 << (bits - 1);
  for (size_t i = 0; i < count; i++) {
    const uint32_t sum = (uint32_t)upper[i] * a + (uint32_t)lower[i] * b + half;
    y[i] = (int16_t)((int32_t)sum >> bits);
  }
}

#define CK_PIXEL_KERNELS                                                                     \
  {                                                                                          \
    .split = CK_NAME(split), .separate = CK_NAME(separate),                                  \
    .interleave = CK_NAME(interleave), .components = CK_NAME(components),                    \
    .smooth = CK_NAME(smooth), .filter = CK_NAME(filter), .grey = CK_NAME(grey),             \
    .means = CK_NAME(means), .samples = CK_NAME(samples), .scales = CK_NAME(scales),         \
    .stretch = CK_NAME(stretch), .blend = CK_NAME(blend),                                    \
  }

#undef h8
#undef h16
#undef i16
#undef u16
#undef INLINE
