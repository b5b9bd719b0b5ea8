// The model kernels that a compiler vectorises well by itself; included once per instruction set
// with CK_NAME(x) giving each copy its own names.

static void CK_NAME(depthwise3)(const int16_t *x, size_t row_stride, const int16_t *w,
                                const int32_t *bias, int32_t *sums, size_t channels,
                                size_t count) {
  for (size_t p = 0; p < count; p++) {
    const int16_t *a = x + p * channels, *b = a + row_stride, *c = b + row_stride;
    int32_t *s = sums + p * channels;
    for (size_t i = 0; i < channels; i++) {
      uint32_t sum = (uint32_t)bias[i];
      for (size_t k = 0; k < 3; k++) {
        size_t j = k * channels + i;
        sum += (uint32_t)((int32_t)w[j] * a[j]);
        sum += (uint32_t)((int32_t)w[3 * channels + j] * b[j]);
        sum += (uint32_t)((int32_t)w[6 * channels + j] * c[j]);
      }
      s[i] = (int32_t)sum;
    }
  }
}

static void CK_NAME(requantize)(const int32_t *sums, int shift, int leaky, int16_t *y,
                                size_t count) {
  const uint32_t half = 1u << (shift - 1);
  const int slope = leaky ? 3 : 0;
  for (size_t i = 0; i < count; i++) {
    int32_t v = (int32_t)((uint32_t)sums[i] + half) >> shift;
    v = v < 0 ? v >> slope : v;
    v = v < -32768 ? -32768 : v > 32767 ? 32767 : v;
    y[i] = (int16_t)v;
  }
}

static void CK_NAME(add)(int16_t *y, const int16_t *x, size_t count) {
  for (size_t i = 0; i < count; i++) {
    int32_t v = (int32_t)y[i] + x[i];
    v = v < -32768 ? -32768 : v > 32767 ? 32767 : v;
    y[i] = (int16_t)v;
  }
}
