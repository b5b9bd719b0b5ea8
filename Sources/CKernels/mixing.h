// The one mixing core: counters, the logistic domain, and "mix n inputs under m sets of weights,
// code, learn". Whoever uses it says only which counters, which sets and which other inputs.

// MARK: Logistic function

INLINE ck_squashed squash(float t, const ck_squashed *table) {
  t = t < 13.99f ? t : 13.99f;
  t = t > -13.99f ? t : -13.99f;
  return table[(int)((t + 14.0f) * 256.0f)];
}

/// p in the range coder's units.
INLINE uint32_t coded_probability(float p) {
  float scaled = p * 0x1p24f;
  return scaled < 16 ? 16 : scaled > 0x1p24f - 16 ? (1 << 24) - 16 : (uint32_t)scaled;
}

static void fill_tables(float *stretch, ck_squashed *squash) {
  for (int i = 0; i < CK_STRETCH_COUNT; i++) {
    float p = ((float)i + 0.5f) * (1.0f / CK_STRETCH_COUNT);
    stretch[i] = log28(splat(p / (1.0f - p)))[0] * 0.6931472f;
  }
  for (int i = 0; i < CK_SQUASH_COUNT; i++) {
    float x = ((float)i + 0.5f) * (1.0f / 256) - 14.0f;
    float p = 1.0f / (1.0f + exp8(splat(-x))[0]);
    squash[i] = (ck_squashed){p, coded_probability(p)};
  }
}

// MARK: Counters

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

// MARK: Decisions

enum { MIX_VECTORS = 3, MIX_SETS = 3 };

/// How many of each a kind of decision has. Constants at every use, so that loops unroll.
typedef struct {
  /// Vectors of eight inputs.
  size_t vectors;
  /// The first of the counters' inputs: stretched probabilities, then quick ones.
  size_t first;
  size_t counters, sets;
} mix_shape;

typedef struct {
  /// The caller sets those that are not of counters.
  v8 inputs[MIX_VECTORS];
  ck_counter *counters[CK_MAX_COUNTERS];
  /// Weights that add up; a third set may be NULL.
  float *sets[MIX_SETS];
  /// Step size of each set.
  float rates[MIX_SETS];
  /// The bit less its probability, once it is coded.
  float error;
} mix_decision;

/// Codes a decision, and teaches it to its counters and weights.
INLINE int decide(ck_logistic logistic, mix_shape shape, mix_decision *d, int bit, ck_port *port) {
  ck_counter seen[CK_MAX_COUNTERS];
#pragma clang loop unroll(full)
  for (size_t k = 0; k < shape.counters; k++) {
    size_t i = shape.first + k, j = i + shape.counters;
    seen[k] = *d->counters[k];
    d->inputs[i / 8][i % 8] = stretched(seen[k], logistic.stretch);
    d->inputs[j / 8][j % 8] = quick(seen[k]);
  }
  v8 weights[MIX_SETS][MIX_VECTORS], sum = splat(0.0f);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < shape.vectors; i++) {
    v8 total = weights[0][i] = load8(d->sets[0] + 8 * i);
    if (shape.sets > 1) total += weights[1][i] = load8(d->sets[1] + 8 * i);
    if (shape.sets > 2 && d->sets[2]) total += weights[2][i] = load8(d->sets[2] + 8 * i);
    sum = sum + total * d->inputs[i];
  }
  ck_squashed mixed = squash(sum8(sum), logistic.squash);
  bit = ck_port_bit(port, bit, mixed.coded);
  d->error = (float)bit - mixed.p;
#pragma clang loop unroll(full)
  for (size_t s = 0; s < shape.sets; s++) {
    if (s == 2 && !d->sets[2]) break;
    v8 gain = splat(d->error * d->rates[s]);
    for (size_t i = 0; i < shape.vectors; i++) {
      store8(d->sets[s] + 8 * i, weights[s][i] + gain * d->inputs[i]);
    }
  }
#pragma clang loop unroll(full)
  for (size_t k = 0; k < shape.counters; k++) *d->counters[k] = counted(seen[k], bit);
  return bit;
}
