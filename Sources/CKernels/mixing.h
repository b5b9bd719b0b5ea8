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

/// 2^16 over the time constants that belong to each count: fast in the lower half, quick above.
static const uint32_t counter_rates[32] = {
#define RATES(fast, quick) ((uint32_t)(quick) << 16 | (fast))
  RATES(32768, 32768), RATES(21845, 21845), RATES(16384, 16384), RATES(10922, 10922),
  RATES(8192, 8192),   RATES(6553, 6553),   RATES(5041, 5041),   RATES(4096, 4681),
  RATES(3276, 4681),   RATES(2621, 4681),   RATES(2184, 4681),   RATES(1820, 4681),
  RATES(1524, 4681),   RATES(1285, 4681),   RATES(1092, 4681),   RATES(936, 4681),
  RATES(819, 4681),    RATES(728, 4681),    RATES(655, 4681),    RATES(595, 4681),
#undef RATES
};

/// Eight counters, each as one number: the quick half above the fast one.
typedef i8 counters8;

INLINE counters8 quick8(counters8 c) { return c >> 21; }

/// What becomes of counters whose rates were looked up.
INLINE counters8 counted8(counters8 c, i8 rates, int bit) {
  i8 fast = (c << 16) >> 16, quick = quick8(c), count = (c >> 16) & splati(31);
  i8 fast_rate = rates & splati(0xffff), quick_rate = (rates >> 16) & splati(0xffff);
  fast += ((splati(bit ? 32767 : -32768) - fast) * fast_rate) >> 16;
  quick += ((splati(bit ? 1023 : -1024) - quick) * quick_rate) >> 16;
  count -= count < splati(19);
  return (fast & splati(0xffff)) | (((quick << 5) + count) << 16);
}

// MARK: Decisions

enum { MIX_VECTORS = 3, MIX_SETS = 3, COUNTER_VECTORS = (CK_MAX_COUNTERS + 7) / 8 };

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
  counters8 seen[COUNTER_VECTORS] = {0};
  i8 rates[COUNTER_VECTORS] = {0};
#pragma clang loop unroll(full)
  for (size_t k = 0; k < shape.counters; k++) {
    const ck_counter counter = *d->counters[k];
    size_t i = shape.first + k;
    d->inputs[i / 8][i % 8] = stretched(counter, logistic.stretch);
    const uint32_t upper = (uint32_t)(uint16_t)counter.quick << 16;
    seen[k / 8][k % 8] = (int32_t)(upper | (uint16_t)counter.fast);
    rates[k / 8][k % 8] = (int32_t)counter_rates[counter.quick & 31];
  }
#pragma clang loop unroll(full)
  for (size_t k = 0; k < shape.counters; k++) {
    const v8 quick = __builtin_convertvector(quick8(seen[k / 8]), v8) * splat(1.0f / 512);
    size_t j = shape.first + shape.counters + k;
    d->inputs[j / 8][j % 8] = quick[k % 8];
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
  for (size_t k = 0; k < shape.counters; k++) {
    if (k % 8 == 0) seen[k / 8] = counted8(seen[k / 8], rates[k / 8], bit);
    const int32_t both = seen[k / 8][k % 8];
    *d->counters[k] = (ck_counter){(int16_t)both, (int16_t)(both >> 16)};
  }
  return bit;
}
