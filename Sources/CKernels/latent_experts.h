// Experts: what follows from symbols next to the one to be coded. Part of latent_kernels.h.

/// What an expert adds to the log-odds of "not zero" and of "negative", by channel of the step.
typedef struct {
  float nonzero[CK_LATENT_CHANNELS], negative[CK_LATENT_CHANNELS];
  /// Eights of channels whose odds are wanted, in order; hyperlatents want all.
  uint8_t eights[CK_LATENT_CHANNELS / 8];
  size_t eight_count;
} expert_odds;

/// Those of no expert.
INLINE void clear_odds(expert_odds *odds, size_t count) {
  for (size_t c = 0; c < count; c++) odds->nonzero[c] = odds->negative[c] = 0;
}

typedef int8_t b8 __attribute__((vector_size(8), aligned(1), may_alias));

/// Whether eight numbers are zero.
INLINE int all_zero(const int8_t *p) {
  typedef uint64_t word __attribute__((aligned(1), may_alias));
  return *(const word *)p == 0;
}

INLINE v8 load8b(const int8_t *p) { return __builtin_convertvector(*(const b8 *)p, v8); }

/// Adds rows for both decisions to the odds of the channels from `from` on.
INLINE void add_rows(expert_odds *odds, size_t from, size_t count, float a, const float *nonzero,
                     float b, const float *negative) {
  for (size_t c = from & ~(size_t)7; c < count; c += 8) {
    store8(odds->nonzero + c, load8(odds->nonzero + c) + splat(a) * load8(nonzero + c));
    store8(odds->negative + c, load8(odds->negative + c) + splat(b) * load8(negative + c));
  }
}

/// Adds what the feature of a channel, counted from the map's first, says of the step's later ones.
INLINE void add_channel(const ck_latents *m, expert_odds *odds, size_t channel, int8_t feature) {
  const size_t n = m->count;
  const float *nonzero = m->expert + (2 + 2 * m->neighbours.count + 2 * channel) * n;
  const float *negative = nonzero + n;
  const float value = (float)feature, size = value < 0 ? -value : value;
  const size_t from = channel < m->first ? 0 : channel - m->first;
  for (size_t k = odds->eight_count; k-- > 0;) {
    const size_t c = odds->eights[k] * (size_t)8;
    if (c + 8 <= from) break;
    store8(odds->nonzero + c, load8(odds->nonzero + c) + splat(size) * load8(nonzero + c));
    store8(odds->negative + c, load8(odds->negative + c) + splat(value) * load8(negative + c));
  }
}

// Numbers of neighbours and of hidden features that the models in use have: loops over them are
// compiled for these, which keeps sums in registers.
enum { USUAL_NEIGHBOURS = 4, USUAL_HIDDEN = 64 };

/// `start_odds` with `neighbours` of them.
INLINE void start_odds_of(const ck_latents *m, expert_odds *odds, const int8_t *features,
                          size_t neighbours) {
  const size_t n = m->count;
  const ptrdiff_t stride = (ptrdiff_t)m->channels;
  for (size_t i = 0; i < odds->eight_count; i++) {
    const size_t c = odds->eights[i] * (size_t)8;
    v8 nonzero = load8(m->expert + c), negative = load8(m->expert + n + c);
    for (size_t k = 0; k < neighbours; k++) {
      const float *row = m->expert + (2 + 2 * k) * n + c;
      v8 value = load8b(features + m->neighbours.offsets[k] * stride + m->first + c);
      nonzero += abs8(value) * load8(row);
      negative += value * load8(row + n);
    }
    store8(odds->nonzero + c, nonzero);
    store8(odds->negative + c, negative);
  }
  for (size_t eight = 0; eight < m->first; eight += 8) {
    if (all_zero(features + eight)) continue;
    for (size_t c = eight; c < eight + 8; c++) {
      if (features[c] != 0) add_channel(m, odds, c, features[c]);
    }
  }
}

/// The odds before any of the step's channels is known.
INLINE void start_odds(const ck_latents *m, expert_odds *odds, const int8_t *features) {
  if (m->neighbours.count == USUAL_NEIGHBOURS) {
    start_odds_of(m, odds, features, USUAL_NEIGHBOURS);
  } else {
    start_odds_of(m, odds, features, m->neighbours.count);
  }
}

/// A symbol over its sigma, in 1/32.
INLINE int8_t feature_of(const ck_latents *m, size_t scale, int32_t symbol) {
  int64_t scaled = ((int64_t)symbol * m->tables.reciprocal[scale] + (1 << 15)) >> 16;
  return (int8_t)(scaled < -96 ? -96 : scaled > 96 ? 96 : scaled);
}

/// Moves the weights of channels before for a channel's sign, by the error of its probability.
INLINE void learn_sign(ck_latents *m, const int8_t *features, size_t channel, float error) {
  const float rate = 0.02f / (32 * 32);
  const size_t n = m->count;
  float *column = m->expert + (2 + 2 * m->neighbours.count + 1) * n + channel - m->first;
  for (size_t c = 0; c < channel; c++) {
    if (c % 8 == 0 && c + 8 <= channel && all_zero(features + c)) {
      c += 7;
    } else if (features[c] != 0) {
      column[2 * n * c] += rate * error * (float)features[c];
    }
  }
}

INLINE float clamped_symbol(int32_t symbol) {
  return (float)(symbol < -4 ? -4 : symbol > 4 ? 4 : symbol);
}

/// Adds what a hyperlatent says of the later ones of its position.
INLINE void add_hyperlatent(const ck_latents *m, expert_odds *odds, size_t channel,
                            int32_t symbol) {
  const size_t n = m->channels;
  const float *row = m->expert + (m->neighbours.count + 1) * 2 * m->hidden * n + channel * 4 * n;
  float value = clamped_symbol(symbol), size = value < 0 ? -value : value;
  add_rows(odds, channel, n, value, row, value, row + n);
  add_rows(odds, channel, n, size, row + 2 * n, size, row + 3 * n);
}

/// `start_hyper_odds` with `hidden_count` hidden features.
INLINE void start_hyper_odds_of(const ck_latents *m, expert_odds *odds, const int8_t *symbols,
                                size_t hidden_count) {
  const ptrdiff_t n = (ptrdiff_t)m->channels;
  float hidden[CK_EXPERT_HIDDEN];
  for (size_t i = 0; i < hidden_count; i++) hidden[i] = m->expert_bias[i];
  const float *weights = m->expert;
  for (size_t k = 0; k < m->neighbours.count; k++) {
    const int8_t *near = symbols + m->neighbours.offsets[k] * n;
    for (ptrdiff_t c = 0; c < n; c++, weights += 2 * hidden_count) {
      int8_t symbol = near[c];
      if (symbol == 0) continue;
      float value = clamped_symbol(symbol), size = value < 0 ? -value : value;
      for (size_t i = 0; i < hidden_count; i += 8) {
        v8 sum = splat(value) * load8(weights + i) +
                 splat(size) * load8(weights + hidden_count + i);
        store8(hidden + i, load8(hidden + i) + sum);
      }
    }
  }
  const float *bias = m->expert_bias + hidden_count;
  for (ptrdiff_t c = 0; c < n; c += 8) {
    store8(odds->nonzero + c, load8(bias + c));
    store8(odds->negative + c, load8(bias + n + c));
  }
  for (size_t i = 0; i < hidden_count; i++, weights += 2 * n) {
    float x = hidden[i] < 0 ? hidden[i] * 0.125f : hidden[i];
    add_rows(odds, 0, (size_t)n, x, weights, x, weights + n);
  }
}

/// The odds of a position's hyperlatents before any of them is known.
INLINE void start_hyper_odds(const ck_latents *m, expert_odds *odds, const int8_t *symbols) {
  if (m->hidden == USUAL_HIDDEN) {
    start_hyper_odds_of(m, odds, symbols, USUAL_HIDDEN);
  } else {
    start_hyper_odds_of(m, odds, symbols, m->hidden);
  }
}
