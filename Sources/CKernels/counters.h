// Adaptive probabilities, and the logistic function, of mixed decisions.

INLINE ck_squashed squash(float t, const ck_squashed *table) {
  t = t < 13.99f ? t : 13.99f;
  t = t > -13.99f ? t : -13.99f;
  return table[(int)((t + 14.0f) * 256.0f)];
}

INLINE float stretched(ck_counter c, const float *table) {
  return table[(c.fast + 32768) >> 4];
}

INLINE float quick(ck_counter c) { return (float)(c.quick >> 5) * (1.0f / 512); }

INLINE ck_counter counted(ck_counter c, int bit) {
  // 2^16 over the time constant that belongs to each count.
  static const int32_t fast_rate[20] = {32768, 21845, 16384, 10922, 8192, 6553, 5041,
                                        4096,  3276,  2621,  2184,  1820, 1524, 1285,
                                        1092,  936,   819,   728,   655,  595};
  static const int32_t quick_rate[20] = {32768, 21845, 16384, 10922, 8192, 6553, 5041,
                                         4681,  4681,  4681,  4681,  4681, 4681, 4681,
                                         4681,  4681,  4681,  4681,  4681, 4681};
  int32_t n = c.quick & 31, q = c.quick >> 5;
  int32_t fast_target = bit ? 32767 : -32768, quick_target = bit ? 1023 : -1024;
  c.fast = (int16_t)(c.fast + (((fast_target - c.fast) * fast_rate[n]) >> 16));
  q += ((quick_target - q) * quick_rate[n]) >> 16;
  c.quick = (int16_t)(q * 32 + (n < 19 ? n + 1 : n));
  return c;
}
