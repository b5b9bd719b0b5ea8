// The kernels that code latents; the contract of each is in ck_latent.h.

#include "latent_experts.h"

/// `count` equally likely bits of `value`, from the top.
INLINE int32_t port_uniform(ck_port *port, int32_t value, int count) {
  int32_t result = 0;
  for (int i = count - 1; i >= 0; i--) {
    result = result << 1 | ck_port_bit(port, value >> i & 1, 1 << 23);
  }
  return result;
}

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
  length = port_uniform(port, length, 4);
  return (1 << length | port_uniform(port, rest + 1, length)) - 1;
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
  return value << shift | port_uniform(port, magnitude, shift);
}

// MARK: Quiet latents

/// Half octaves of a positive number, from `first` (a power of two's exponent) on, 0 ... last.
INLINE size_t half_octave(float value, int first, int last) {
  union { float f; int32_t i; } pattern = {value};
  int32_t level = (pattern.i >> 22) - 2 * (127 + first);
  return (size_t)(level < 0 ? 0 : level > last ? last : level);
}

/// How many latents of a position are not zero against what the prior expected, 0 ... 11.
INLINE size_t surprise(const ck_latent_place *place) {
  float seen = (float)place->nonzero * 65536.0f + 32768.0f;
  return half_octave(seen / ((float)place->expected + 32768.0f), -3, 11);
}

/// Where the four neighbours of a step's position lie, in places.
INLINE void neighbours_of(const ck_latents *m, ptrdiff_t offsets[4]) {
  ptrdiff_t row = (ptrdiff_t)m->row_places;
  if (m->step & 1) {  // The first half surrounds a position of the second.
    offsets[0] = -1, offsets[1] = 1, offsets[2] = -row, offsets[3] = row;
  } else {
    offsets[0] = -row - 1, offsets[1] = -row + 1, offsets[2] = -2, offsets[3] = -2 * row;
  }
}

/// ln of the odds that latents with this sum of -ln P(zero) are not all zero.
INLINE float odds_of_any(float cost) {
  if (cost < 1e-6f) cost = 1e-6f;
  float odds = cost < 0.01f ? cost + cost * cost * 0.5f : exp8(splat(cost))[0] - 1.0f;
  return log28(splat(odds))[0] * 0.6931472f;
}

/// Codes the latents that are probably zero: one decision for all, and each only where it is set.
INLINE void code_quiet(ck_latents *m, size_t place, const uint8_t *scales,
                       const ptrdiff_t offsets[4], int16_t *symbols, ck_port *port) {
  const ck_latent_tables *tables = &m->tables;
  uint32_t cost = 0;
  int any = 0;
  for (size_t c = 0; c < m->count; c++) {
    if (scales[c] >= CK_LATENT_QUIET) continue;
    cost += tables->quiet[scales[c]];
    if (!port->in) any |= symbols[c] != 0;
  }
  if (cost == 0) return;
  ck_latent_place *here = m->places + place;
  float total = (float)cost * 0x1p-24f;
  size_t group = m->step >> 1, around = 0, level = half_octave(total, -10, 15);
  size_t ratio = surprise(here);
  for (int k = 0; k < 4; k++) around += here[offsets[k]].flags >> group & 1;
  ck_counter *f = m->flags;
  latent_decision d = {
    .counters = {f + m->step, f + 16 + level * 6 + m->step, f + 112 + m->step * 5 + around,
                 f + 144 + level * 12 + ratio, f + 336 + level * 5 + around,
                 f + 416 + ratio * 5 + around},
    .sets = {m->flag_sets + m->step, m->flag_sets + CK_LATENT_STEPS + level * 12 + ratio},
  };
  if (!decide_latent(m, &d, odds_of_any(total), 0.0f, any, port)) return;
  here->flags |= (uint8_t)(1 << group);
  int8_t *stored = m->symbols + place * m->channels + m->first;
  any = 0;
  for (size_t c = 0; c < m->count; c++) {
    size_t scale = scales[c];
    if (scale >= CK_LATENT_QUIET) continue;
    float p = tables->nonzero[scale];
    // One of those that are left is not zero, unless one was already.
    float left = (float)cost * 0x1p-24f;
    float some = left < 0.01f ? left - left * left * 0.5f : 1.0f - exp8(splat(-left))[0];
    cost -= tables->quiet[scale];
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

/// Codes one latent whose scale is not quiet; `features` are those of the position, or NULL.
INLINE int32_t code_latent(ck_latents *m, ck_latent_place *here, size_t channel, size_t scale,
                           const expert_odds *odds, const int8_t *features, const int8_t *stored,
                           const ptrdiff_t offsets[4], size_t *recent, int32_t symbol,
                           ck_port *port) {
  const ptrdiff_t stride = (ptrdiff_t)m->channels;
  int8_t n[4];
  for (int k = 0; k < 4; k++) n[k] = stored[offsets[k] * stride];
  size_t first = size_of(n[0]) + size_of(n[1]), second = size_of(n[2]) + size_of(n[3]);
  size_t step = m->step, noisy = scale - CK_LATENT_QUIET;
  size_t level = at_most(noisy / 2, 31), ratio = surprise(here);
  size_t pair = at_most(first, 3) * 4 + at_most(second, 3);
  size_t indices[CK_LATENT_CONTEXTS] = {
    channel * 8 + at_most(noisy / 5, 7),
    1536 + level * 12 + at_most(first + second, 11),
    1920 + level * 12 + ratio,
    2304 + pair * 192 + channel,
    5376 + (at_most(*recent, 7) * 21 + at_most(noisy / 3, 20)) * 6 + step,
    6384 + level * 6 + step,
  };
  ck_counter *rows[CK_LATENT_CONTEXTS];
  for (int k = 0; k < CK_LATENT_CONTEXTS; k++) {
    rows[k] = m->counters + indices[k] * CK_LATENT_NODES;
  }
  ck_latent_set *sets[3] = {
    m->sets + step * CK_LATENT_NODES * 4 + at_most(noisy / 8, 3),
    m->sets + CK_LATENT_STEPS * CK_LATENT_NODES * 4 + level * 12 + ratio,
    m->channel_sets ? m->channel_sets + channel * CK_LATENT_NODES : NULL,
  };
  const size_t strides[2] = {4, 32 * 12};
  int32_t magnitude = symbol < 0 ? -symbol : symbol;
  float nonzero = odds->nonzero[channel - m->first];
  magnitude = code_magnitude(m, scale, nonzero, rows, sets, strides, magnitude, port);
  here->expected += m->tables.activity[scale];
  here->nonzero += magnitude != 0;
  *recent = *recent * 3 / 4 + at_most((size_t)magnitude, 4);
  if (magnitude == 0) return 0;

  size_t around = sign_of(n[0]) * 3 + sign_of(n[1]), farther = sign_of(n[2]) * 3 + sign_of(n[3]);
  size_t before = channel > m->first ? sign_of(stored[-1]) : 0;
  size_t second_before = channel > m->first + 1 ? sign_of(stored[-2]) : 0;
  ck_counter *s = m->signs;
  latent_decision d = {
    .counters = {s + channel * 9 + around, s + 1728 + step * 81 + around * 9 + farther,
                 s + 2214 + channel * 9 + before * 3 + second_before,
                 s + 3942 + channel * 9 + farther, s + 5670 + channel * 8 + at_most(noisy / 5, 7),
                 s + 7206 + pair * 192 + channel},
    .sets = {sets[0] + NODE_SIGN * strides[0], sets[1] + NODE_SIGN * strides[1],
             sets[2] ? sets[2] + NODE_SIGN : NULL},
  };
  int negative = decide_latent(m, &d, 0.0f, odds->negative[channel - m->first], symbol < 0, port);
  if (features) learn_sign(m, features, channel, d.error);
  return negative ? -magnitude : magnitude;
}

INLINE void code_position(ck_latents *m, size_t place, const uint8_t *scales, int16_t *symbols,
                         ck_port *port) {
  ptrdiff_t offsets[4];
  neighbours_of(m, offsets);
  if (port->in) {
    for (size_t c = 0; c < m->count; c++) symbols[c] = 0;
  }
  code_quiet(m, place, scales, offsets, symbols, port);
  uint8_t noisy[CK_LATENT_CHANNELS];
  size_t noisy_count = 0, recent = 0;
  for (size_t c = 0; c < m->count; c++) {
    noisy[noisy_count] = (uint8_t)c;
    noisy_count += scales[c] >= CK_LATENT_QUIET;
  }
  ck_latent_place *here = m->places + place;
  if (noisy_count == 0) return;
  int8_t *stored = m->symbols + place * m->channels + m->first;
  int8_t *features = m->expert ? m->features + place * m->channels : NULL;
  expert_odds odds;
  if (features) {
    start_odds(m, &odds, features, offsets);
  } else {
    clear_odds(&odds, m->count);
  }
  for (size_t i = 0; i < noisy_count; i++) {
    size_t c = noisy[i];
    int32_t symbol = code_latent(m, here, m->first + c, scales[c], &odds, features, stored + c,
                                 offsets, &recent, symbols[c], port);
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
  const size_t channels = m->channels, row = m->row_places * channels;
  int8_t *stored = m->symbols + place * channels;
  size_t recent = 0;
  expert_odds odds;
  if (m->expert) {
    start_hyper_odds(m, &odds, stored);
  } else {
    clear_odds(&odds, channels);
  }
  for (size_t c = 0; c < channels; c++, stored++) {
    int8_t left = stored[-(ptrdiff_t)channels], above = stored[-(ptrdiff_t)row];
    size_t around = at_most(2 * size_of(left) + 2 * size_of(above) +
                              size_of(stored[-(ptrdiff_t)(row - channels)]) +
                              size_of(stored[-(ptrdiff_t)(row + channels)]),
                            15);
    size_t before = c > 0 ? size_of(stored[-1]) : 0, second = c > 1 ? size_of(stored[-2]) : 0;
    size_t indices[CK_LATENT_CONTEXTS] = {
      c,
      64 + c * 16 + at_most(size_of(left), 3) * 4 + at_most(size_of(above), 3),
      1088 + at_most(recent, 15) * 16 + around,
      1344 + c * 9 + at_most(before, 2) * 3 + at_most(second, 2),
      1920 + c * 9 + sign_of(left) * 3 + sign_of(above),
      2496 + around,
    };
    ck_counter *rows[CK_LATENT_CONTEXTS];
    for (int k = 0; k < CK_LATENT_CONTEXTS; k++) {
      rows[k] = m->counters + indices[k] * CK_LATENT_NODES;
    }
    ck_latent_set *sets[3] = {m->sets + c, m->sets + 64 * CK_LATENT_NODES + around, NULL};
    const size_t strides[2] = {64, 16};
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
