// The kernels that code latents; the contract of each is in ck_latent.h.

#include "latent_experts.h"

// MARK: Mixing

/// The counters and sets of weights under one decision, and how wrong its probability was.
typedef struct {
  ck_counter *counters[CK_LATENT_CONTEXTS];
  /// The last may be NULL.
  ck_latent_set *sets[3];
  float error;
} latent_decision;

/// Codes a decision whose log-odds by the prior are `stretch`, to which the expert would add
/// `expert`; teaches all models its outcome.
INLINE int decide_latent(const ck_latents *m, latent_decision *l, float stretch, float expert,
                         int bit, ck_port *port) {
  const mix_shape shape = {.vectors = 2, .first = 2, .counters = CK_LATENT_CONTEXTS, .sets = 3};
  const float last_rate = 0.002f;
  mix_decision d;
  d.inputs[0] = (v8){stretch, expert};
  d.inputs[1] = (v8){0, 0, 0, 0, 0, 0, m->expert ? 1.0f : 0.0f};
  for (int k = 0; k < CK_LATENT_CONTEXTS; k++) d.counters[k] = l->counters[k];
  for (int s = 0; s < 3; s++) {
    ck_latent_set *set = l->sets[s];
    d.sets[s] = set ? set->weights : NULL;
    d.rates[s] = set ? set->rate : 0;
  }
  bit = decide(m->logistic, shape, &d, bit, port);
  for (int s = 0; s < 3; s++) {
    if (l->sets[s]) l->sets[s]->rate = last_rate + (d.rates[s] - last_rate) * 0.98f;
  }
  l->error = d.error;
  return bit;
}

// MARK: Magnitudes

/// The kinds of decisions about a magnitude: each has its own counters and weights.
enum {
  NODE_BUCKET = 0,     // ..< 11: the bucket exceeds k; the last is for all further ones
  NODE_LOW_BIT = 11,   // ..< 14: the first bits that the bucket leaves open
  NODE_SIGN = 14,
  NODE_LAST_BUCKET = 10,
};

INLINE size_t at_most(size_t a, size_t limit) { return a < limit ? a : limit; }
/// The class of a value among `count`: the last holds all larger ones.
INLINE size_t class_of(size_t a, size_t count) { return at_most(a, count - 1); }
/// The place of a table's entry.
INLINE size_t entry(ck_table table, size_t row, size_t column) {
  return table.start + row * table.columns + column;
}
INLINE size_t size_of(int8_t symbol) { return (size_t)(symbol < 0 ? -symbol : symbol); }
/// 0 for zero, 1 for positive, 2 for negative.
INLINE size_t sign_of(int8_t symbol) { return symbol > 0 ? 1 : symbol < 0 ? 2 : 0; }

INLINE void store_symbol(int8_t *at, int32_t symbol) {
  *at = (int8_t)(symbol < -127 ? -127 : symbol > 127 ? 127 : symbol);
}

/// The decision at `node` of a magnitude whose contexts start at `rows` and `sets`.
INLINE latent_decision at_node(ck_counter *const rows[CK_LATENT_CONTEXTS],
                               ck_latent_set *const sets[3], const size_t strides[2],
                               size_t node) {
  latent_decision d;
  for (int k = 0; k < CK_LATENT_CONTEXTS; k++) d.counters[k] = rows[k] + node;
  d.sets[0] = sets[0] + node * strides[0];
  d.sets[1] = sets[1] + node * strides[1];
  d.sets[2] = sets[2] ? sets[2] + node : NULL;
  return d;
}

/// What lies beyond the last bucket: the length of rest + 1 in four bits, then its lower bits.
INLINE int32_t code_escape(int32_t rest, ck_port *port) {
  int length = port->in ? 0 : 31 - __builtin_clz((uint32_t)rest + 1);
  length = (int)ck_port_uniform(port, (uint32_t)length, 4);
  return (1 << length | (int32_t)ck_port_uniform(port, (uint32_t)rest + 1, length)) - 1;
}

/// Codes |symbol| under the prior's table; `expert` is about "not zero".
INLINE int32_t code_magnitude(const ck_latents *m, size_t scale, float expert,
                              ck_counter *const rows[CK_LATENT_CONTEXTS],
                              ck_latent_set *const sets[3], const size_t strides[2],
                              int32_t magnitude, ck_port *port) {
  const float *stretch = m->tables.stretch + scale * CK_LATENT_BUCKETS;
  int shift = m->tables.shift[scale];
  int32_t bucket = magnitude >> shift, k = 0;
  for (; k < CK_LATENT_BUCKETS; k++) {
    latent_decision d = at_node(rows, sets, strides, at_most((size_t)k, NODE_LAST_BUCKET));
    if (!decide_latent(m, &d, stretch[k], k == 0 ? expert : 0.0f, bucket > k, port)) break;
  }
  if (k == CK_LATENT_BUCKETS) k += code_escape(bucket - k, port);
  // The first three bits that a bucket leaves open are mixed too.
  int32_t value = k;
  for (size_t i = 0; shift > 0 && i < 3; i++) {
    latent_decision d = at_node(rows, sets, strides, NODE_LOW_BIT + i);
    shift--;
    value = value << 1 | decide_latent(m, &d, 0.0f, 0.0f, magnitude >> shift & 1, port);
  }
  return value << shift | (int32_t)ck_port_uniform(port, (uint32_t)magnitude, shift);
}

// MARK: Low scales

/// Half octaves of a positive number, from `first` (a power of two's exponent) on, 0 ... last.
INLINE size_t half_octave(float value, int first, int last) {
  union { float f; int32_t i; } pattern = {value};
  int32_t level = (pattern.i >> 22) - 2 * (127 + first);
  return (size_t)(level < 0 ? 0 : level > last ? last : level);
}

/// How many latents of a position are not zero against what the prior expected.
INLINE size_t surprise(const ck_latent_place *place) {
  float seen = (float)place->nonzero * 65536.0f + 32768.0f;
  return half_octave(seen / ((float)place->expected + 32768.0f), -3, CK_LATENT_SURPRISES - 1);
}

/// ln of the odds that latents with this sum of -ln P(zero) are not all zero.
INLINE float odds_of_any(float cost) {
  if (cost < 1e-6f) cost = 1e-6f;
  float odds = cost < 0.01f ? cost + cost * cost * 0.5f : exp8(splat(cost))[0] - 1.0f;
  return log28(splat(odds))[0] * 0.6931472f;
}

/// Codes the latents of low scales, which are probably zero: one flag for all, and each only where
/// it is set.
INLINE void code_low_scales(ck_latents *m, size_t place, const uint8_t *scales,
                            int16_t *symbols, ck_port *port) {
  const ck_latent_tables *tables = &m->tables;
  uint32_t cost = 0;
  int any = 0;
  for (size_t c = 0; c < m->count; c++) {
    cost += tables->zero_cost[scales[c]];
    if (!port->in) any |= scales[c] < CK_LATENT_LOW_SCALES && symbols[c] != 0;
  }
  if (cost == 0) return;
  ck_latent_place *here = m->places + place;
  float total = (float)cost * 0x1p-24f;
  size_t step = m->step, group = step >> 1, around = 0, ratio = surprise(here);
  size_t level = half_octave(total, -10, CK_ZERO_COSTS - 1);
  for (int k = 0; k < CK_CONTEXT_NEIGHBOURS; k++) {
    around += here[m->neighbours.offsets[k]].flags >> group & 1;
  }
  const ck_table *t = m->layout.flags, *sets = m->layout.flag_sets;
  ck_counter *f = m->flags;
  latent_decision d = {
    .counters = {f + entry(t[FLAG_STEP], 0, step), f + entry(t[FLAG_COST_STEP], level, step),
                 f + entry(t[FLAG_STEP_AROUND], step, around),
                 f + entry(t[FLAG_COST_SURPRISE], level, ratio),
                 f + entry(t[FLAG_COST_AROUND], level, around),
                 f + entry(t[FLAG_SURPRISE_AROUND], ratio, around)},
    .sets = {m->flag_sets + entry(sets[FLAG_SET_STEP], 0, step),
             m->flag_sets + entry(sets[FLAG_SET_COST_SURPRISE], level, ratio)},
  };
  if (!decide_latent(m, &d, odds_of_any(total), 0.0f, any, port)) return;
  here->flags |= (uint8_t)(1 << group);
  int8_t *stored = m->symbols + place * m->channels + m->first;
  any = 0;
  for (size_t c = 0; c < m->count; c++) {
    size_t scale = scales[c];
    if (scale >= CK_LATENT_LOW_SCALES) continue;
    float p = tables->nonzero[scale];
    // One of those that are left is not zero, unless one was already.
    float left = (float)cost * 0x1p-24f;
    float some = left < 0.01f ? left - left * left * 0.5f : 1.0f - exp8(splat(-left))[0];
    cost -= tables->zero_cost[scale];
    int bit = ck_port_bit(port, symbols[c] != 0, coded_probability(any ? p : p / some));
    if (!bit) continue;
    any = 1;
    int negative = ck_port_bit(port, symbols[c] < 0, 1 << 23);
    int32_t magnitude = symbols[c] < 0 ? -symbols[c] : symbols[c], k = 1;
    for (; k < CK_LATENT_BUCKETS; k++) {
      float more = tables->stretch[scale * CK_LATENT_BUCKETS + (size_t)k];
      if (!ck_port_bit(port, magnitude > k, squash(more, m->logistic.squash).coded)) break;
    }
    if (k == CK_LATENT_BUCKETS) k += code_escape(magnitude - k, port);
    k = k > 32767 ? 32767 : k;
    symbols[c] = (int16_t)(negative ? -k : k);
    store_symbol(stored + c, symbols[c]);
  }
}

// MARK: Latents

/// Codes one latent whose scale is not low; `features` are those of the position, or NULL.
INLINE int32_t code_latent(ck_latents *m, ck_latent_place *here, size_t channel, size_t scale,
                           const expert_odds *odds, const int8_t *features, const int8_t *stored,
                           size_t *recent, int32_t symbol, ck_port *port) {
  const ptrdiff_t stride = (ptrdiff_t)m->channels;
  int8_t n[CK_CONTEXT_NEIGHBOURS];
  for (int k = 0; k < CK_CONTEXT_NEIGHBOURS; k++) n[k] = stored[m->neighbours.offsets[k] * stride];
  size_t first = size_of(n[0]) + size_of(n[1]), second = size_of(n[2]) + size_of(n[3]);
  size_t step = m->step, above = scale - CK_LATENT_LOW_SCALES;
  size_t level = class_of(above / 2, CK_LATENT_SCALES_BY_2), ratio = surprise(here);
  size_t coarse = class_of(above / 5, CK_LATENT_SCALES_BY_5);
  size_t pair = class_of(first, CK_LATENT_PAIR_SUMS) * CK_LATENT_PAIR_SUMS +
                class_of(second, CK_LATENT_PAIR_SUMS);
  size_t recent_scale = class_of(*recent, CK_LATENT_RECENT) * CK_LATENT_SCALES_BY_3 +
                        class_of(above / 3, CK_LATENT_SCALES_BY_3);
  const ck_table *t = m->layout.magnitudes;
  size_t indices[CK_LATENT_CONTEXTS] = {
    entry(t[MAGNITUDE_CHANNEL_SCALE], channel, coarse),
    entry(t[MAGNITUDE_SCALE_SUM], level, class_of(first + second, CK_LATENT_SUMS)),
    entry(t[MAGNITUDE_SCALE_SURPRISE], level, ratio),
    entry(t[MAGNITUDE_PAIR_CHANNEL], pair, channel),
    entry(t[MAGNITUDE_RECENT_SCALE_STEP], recent_scale, step),
    entry(t[MAGNITUDE_SCALE_STEP], level, step),
  };
  ck_counter *rows[CK_LATENT_CONTEXTS];
  for (int k = 0; k < CK_LATENT_CONTEXTS; k++) {
    rows[k] = m->counters + indices[k] * CK_LATENT_NODES;
  }
  const ck_table *set_tables = m->layout.sets;
  ck_latent_set *sets[3] = {
    m->sets + entry(set_tables[SET_STEP_SCALE], step * CK_LATENT_NODES,
                    class_of(above / 8, CK_LATENT_SCALES_BY_8)),
    m->sets + entry(set_tables[SET_SCALE_SURPRISE], 0, level * CK_LATENT_SURPRISES + ratio),
    m->channel_sets ? m->channel_sets + channel * CK_LATENT_NODES : NULL,
  };
  // A row for every node.
  const size_t strides[2] = {set_tables[SET_STEP_SCALE].columns,
                             set_tables[SET_SCALE_SURPRISE].columns};
  int32_t magnitude = symbol < 0 ? -symbol : symbol;
  float nonzero = odds->nonzero[channel - m->first];
  magnitude = code_magnitude(m, scale, nonzero, rows, sets, strides, magnitude, port);
  here->expected += m->tables.activity[scale];
  here->nonzero += magnitude != 0;
  *recent = *recent * 3 / 4 + at_most((size_t)magnitude, 4);
  if (magnitude == 0) return 0;

  size_t around = sign_of(n[0]) * CK_SIGNS + sign_of(n[1]);
  size_t farther = sign_of(n[2]) * CK_SIGNS + sign_of(n[3]);
  size_t before = channel > m->first ? sign_of(stored[-1]) : 0;
  size_t second_before = channel > m->first + 1 ? sign_of(stored[-2]) : 0;
  const ck_table *signs = m->layout.signs;
  ck_counter *s = m->signs;
  latent_decision d = {
    .counters = {s + entry(signs[SIGN_CHANNEL_FIRST], channel, around),
                 s + entry(signs[SIGN_STEP_NEIGHBOURS], step, around * CK_SIGN_PAIRS + farther),
                 s + entry(signs[SIGN_CHANNEL_BEFORE], channel, before * CK_SIGNS + second_before),
                 s + entry(signs[SIGN_CHANNEL_SECOND], channel, farther),
                 s + entry(signs[SIGN_CHANNEL_SCALE], channel, coarse),
                 s + entry(signs[SIGN_PAIR_CHANNEL], pair, channel)},
    .sets = {sets[0] + NODE_SIGN * strides[0], sets[1] + NODE_SIGN * strides[1],
             sets[2] ? sets[2] + NODE_SIGN : NULL},
  };
  int negative = decide_latent(m, &d, 0.0f, odds->negative[channel - m->first], symbol < 0, port);
  if (features) learn_sign(m, features, channel, d.error);
  return negative ? -magnitude : magnitude;
}

INLINE void code_position(ck_latents *m, size_t place, const uint8_t *scales, int16_t *symbols,
                         ck_port *port) {
  if (port->in) {
    for (size_t c = 0; c < m->count; c++) symbols[c] = 0;
  }
  code_low_scales(m, place, scales, symbols, port);
  uint8_t high_scales[CK_LATENT_CHANNELS];
  size_t high_scale_count = 0, recent = 0;
  expert_odds odds;
  odds.eight_count = 0;
  for (size_t eight = 0; eight < m->count; eight += 8) {
    const size_t before = high_scale_count;
    for (size_t c = eight; c < eight + 8; c++) {
      high_scales[high_scale_count] = (uint8_t)c;
      high_scale_count += scales[c] >= CK_LATENT_LOW_SCALES;
    }
    odds.eights[odds.eight_count] = (uint8_t)(eight / 8);
    odds.eight_count += high_scale_count > before;
  }
  ck_latent_place *here = m->places + place;
  if (high_scale_count == 0) return;
  int8_t *stored = m->symbols + place * m->channels + m->first;
  int8_t *features = m->expert ? m->features + place * m->channels : NULL;
  if (features) {
    start_odds(m, &odds, features);
  } else {
    clear_odds(&odds, m->count);
  }
  for (size_t i = 0; i < high_scale_count; i++) {
    size_t c = high_scales[i];
    int32_t symbol = code_latent(m, here, m->first + c, scales[c], &odds, features, stored + c,
                                 &recent, symbols[c], port);
    symbols[c] = (int16_t)(symbol < -32767 ? -32767 : symbol > 32767 ? 32767 : symbol);
    store_symbol(stored + c, symbols[c]);
    if (!features || symbols[c] == 0) continue;
    int8_t feature = feature_of(m, scales[c], symbols[c]);
    features[m->first + c] = feature;
    if (feature != 0) add_channel(m, &odds, m->first + c, feature);
  }
}

static void code_latents(ck_latents *m, size_t place, const uint8_t *scales, int16_t *symbols,
                         ck_port *port) {
#define CALL(own) code_position(m, place, scales, symbols, own)
  CK_THROUGH(port, CALL);
#undef CALL
}

// MARK: Hyperlatents

INLINE void code_hyperposition(ck_latents *m, size_t place, const uint8_t *scales,
                               int16_t *symbols, ck_port *port) {
  const size_t channels = m->channels;
  const ck_table *t = m->layout.magnitudes, *set_tables = m->layout.sets;
  int8_t *stored = m->symbols + place * channels;
  size_t recent = 0;
  expert_odds odds;
  if (m->expert) {
    start_hyper_odds(m, &odds, stored);
  } else {
    clear_odds(&odds, channels);
  }
  for (size_t c = 0; c < channels; c++, stored++) {
    int8_t n[CK_CONTEXT_NEIGHBOURS];  // left, above, above right, above left
    for (int k = 0; k < CK_CONTEXT_NEIGHBOURS; k++) {
      n[k] = stored[m->neighbours.offsets[k] * (ptrdiff_t)channels];
    }
    size_t around = class_of(2 * size_of(n[0]) + 2 * size_of(n[1]) + size_of(n[2]) + size_of(n[3]),
                             CK_HYPER_SUMS);
    size_t sizes = class_of(size_of(n[0]), CK_HYPER_SIZES) * CK_HYPER_SIZES +
                   class_of(size_of(n[1]), CK_HYPER_SIZES);
    size_t before = c > 0 ? size_of(stored[-1]) : 0, second = c > 1 ? size_of(stored[-2]) : 0;
    size_t both_before = class_of(before, CK_HYPER_BEFORE) * CK_HYPER_BEFORE +
                         class_of(second, CK_HYPER_BEFORE);
    size_t indices[CK_LATENT_CONTEXTS] = {
      entry(t[HYPER_CHANNEL], 0, c),
      entry(t[HYPER_CHANNEL_SIZES], c, sizes),
      entry(t[HYPER_RECENT_SUM], class_of(recent, CK_HYPER_RECENT), around),
      entry(t[HYPER_CHANNEL_BEFORE], c, both_before),
      entry(t[HYPER_CHANNEL_SIGNS], c, sign_of(n[0]) * CK_SIGNS + sign_of(n[1])),
      entry(t[HYPER_SUM], 0, around),
    };
    ck_counter *rows[CK_LATENT_CONTEXTS];
    for (int k = 0; k < CK_LATENT_CONTEXTS; k++) {
      rows[k] = m->counters + indices[k] * CK_LATENT_NODES;
    }
    ck_latent_set *sets[3] = {m->sets + entry(set_tables[HYPER_SET_CHANNEL], 0, c),
                              m->sets + entry(set_tables[HYPER_SET_SUM], 0, around), NULL};
    const size_t strides[2] = {set_tables[HYPER_SET_CHANNEL].columns,
                               set_tables[HYPER_SET_SUM].columns};
    int32_t magnitude = symbols[c] < 0 ? -symbols[c] : symbols[c];
    magnitude = code_magnitude(m, scales[c], odds.nonzero[c], rows, sets, strides, magnitude, port);
    recent += at_most((size_t)magnitude, 3);
    int32_t symbol = magnitude > 32767 ? 32767 : magnitude;
    if (magnitude != 0) {
      latent_decision d = at_node(rows, sets, strides, NODE_SIGN);
      if (decide_latent(m, &d, 0.0f, odds.negative[c], symbols[c] < 0, port)) symbol = -symbol;
    }
    symbols[c] = (int16_t)symbol;
    store_symbol(stored, symbol);
    if (m->expert && symbol != 0) add_hyperlatent(m, &odds, c, symbol);
  }
}

static void code_hyperlatents(ck_latents *m, size_t place, const uint8_t *scales,
                              int16_t *symbols, ck_port *port) {
#define CALL(own) code_hyperposition(m, place, scales, symbols, own)
  CK_THROUGH(port, CALL);
#undef CALL
}

const ck_latent_kernels CK_TABLE(ck_latent) = {
    .code_latents = code_latents,
    .code_hyperlatents = code_hyperlatents,
};
