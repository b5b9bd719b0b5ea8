// A sample as mixed binary decisions, those of all lanes at once: whether it reaches the rounded
// estimate, whether it lies beyond segments of growing size from there, then bisection.
//
// A decision's log-odds are those of experts' logistic distributions, and in the first three rounds
// the sum of counters in up to seven contexts, under learned weights. Counters are log-odds too and
// learn from the mix's error. Of lanes that share weights or counters all count, from the lowest to
// the highest; of lanes that share a scale, the last one.

enum {
  // Bits of a decision's probability.
  WAVE_BITS = 14,
  WAVE_WHOLE = 1 << WAVE_BITS,
  WAVE_LISTED_ONE = 1 << 15,
  // Where states start, and below which they take a word.
  WAVE_LEAST = 1 << 16,
};

// e^x within 5e-6 where |x| <= 20.
INLINE v8 exp_20(v8 x) { return exp_80(min8(max8(x, splat(-20.0f)), splat(20.0f))); }

// The sum of two sets of weights of each lane.
INLINE void load_weights(const float *weights, const int32_t at[2][8], v8 *out) {
  v8 rows[8];
#pragma clang loop unroll(full)
  for (int r = 0; r < 8; r++) {
    rows[r] = *(const v8_row *)(weights + at[0][r]) + *(const v8_row *)(weights + at[1][r]);
  }
  transpose8(rows, out);
}

// Adds to both sets of each lane, lane after lane.
INLINE void add_weights(float *weights, const int32_t at[2][8], const v8 *change) {
  v8 rows[8];
  transpose8(change, rows);
#pragma clang loop unroll(full)
  for (int r = 0; r < 8; r++) {
    *(v8_row *)(weights + at[0][r]) += rows[r];
    *(v8_row *)(weights + at[1][r]) += rows[r];
  }
}

// MARK: rANS: eight 32-bit states, 16-bit words

static void read_decisions(ck_wave_port *port) {
  for (int r = 0; r < 8; r++) {
    uint16_t words[2];
    __builtin_memcpy(words, port->in, 4);
    port->state[r] = (uint64_t)words[0] << 16 | words[1];
    port->in += 4;
  }
  port->count = 0;
}

// The quotient in double precision is exact: x < 2^32, size < 2^14.
static uint16_t *write_decisions(const uint16_t *decisions, size_t count, uint16_t *end,
                                 ck_wave_cost *cost) {
  typedef double d8 __attribute__((vector_size(64)));
  typedef uint16_t h8 __attribute__((vector_size(16), aligned(2), may_alias));
  i8 x = splati(WAVE_LEAST);
  for (size_t k = count; k-- > 0;) {
    i8 listed = __builtin_convertvector(*(const h8 *)(decisions + 8 * k), i8);
    i8 p = listed & splati(WAVE_LISTED_ONE - 1), one = listed > p, on = listed > splati(0);
    i8 start = p & ~one, size = select8i(one, p, splati(WAVE_WHOLE) - p) & on;
    v8 probability = select8(on, float8(size) * splat(1.0f / WAVE_WHOLE), splat(1.0f));
    for (int r = 0; r < 4; r++) add_cost(cost, probability[r] * probability[r + 4]);
    u8 limit = (u8)size << (32 - WAVE_BITS);
    i8 moves = on & (i8)((u8)x >= limit);
    unsigned mask = mask_bits(moves);
    for (unsigned m = mask; m;) {
      int r = 31 - __builtin_clz(m);
      m ^= 1u << r;
      *--end = (uint16_t)x[r];
    }
    x = select8i(moves, (i8)((u8)x >> 16), x);
    i8 divisor = max8i(size, splati(1));
    d8 quotient = __builtin_convertvector((u8)x, d8) / __builtin_convertvector(divisor, d8);
    i8 q = __builtin_convertvector(quotient, i8);
    i8 next = (q << WAVE_BITS) + (x - q * size) + start;
    x = select8i(on, next, x);
  }
  for (int r = 7; r >= 0; r--) {
    *--end = (uint16_t)x[r];
    *--end = (uint16_t)((uint32_t)x[r] >> 16);
  }
  return end;
}

// MARK: A sample's models

// What a band's first columns have above them.
static void start_models(const ck_wave_plane *p, const wave_band *w, int32_t band, int experts) {
  start_rows(p, band, w->sign, w->sign_before, 0, 0);
  for (int e = 1; e < experts; e++) {
    start_rows(p, 1, p->lane[e][band & 1], p->lane[e][~band & 1], 1, 0);
  }
}

typedef struct {
  // Means and inverse scales in steps of values.
  v8 mean[CK_WAVE_EXPERTS], inverse[CK_WAVE_EXPERTS];
  v8 table_mean[CK_WAVE_EXPERTS], table_rate[CK_WAVE_EXPERTS];
  int32_t scales[CK_WAVE_EXPERTS][8];
  // Means in units; the correction of the first and what it comes from.
  v8 place[CK_WAVE_EXPERTS], corrected, energy, history[WAVE_HISTORY];
  int history_count;
  i8 rounded, size;
  int32_t lines[CK_WAVE_COUNTERS][8];
  // Where the two sets of weights that add up begin.
  i8 weights[2];
} wave_models;

INLINE v8 within(v8 x, float highest) { return min8(max8(x, splat(0.0f)), splat(highest)); }

// sign(d) * (0 ... 5 by |d| at 0.75, 2, 4.5, 10, 24 units) + 5.
INLINE i8 difference8(v8 d, v8 unit) {
  v8 z = d * unit, a = abs8(z);
  i8 n = (a > splat(0.75f)) + (a > splat(2.0f)) + (a > splat(4.5f)) + (a > splat(10.0f)) +
         (a > splat(24.0f));
  i8 positive = ~(z < splat(0.0f));
  return ((n ^ positive) - positive) + splati(5);
}

// The blend less half of what it misses by on average, by two contexts: -0.07 % of bytes.
INLINE void center_blend(const ck_wave_plane *p, const wave_band *w, ptrdiff_t t, wave_step *s) {
  const ck_wave_rows e = w->sign;
  const v8 x = s->expected, one = splat(1.0f);
  s->blend = x;
  i8 around = (difference8(s->west - x, one) * 11 + difference8(s->north - x, one)) * 11 +
              difference8(at8(w->sample.above, t + 1) - x, one);
  i8 errors = (difference8(at8(e.current, t - 1), one) * 11 + difference8(at8(e.above, t), one)) * 11 +
              difference8(at8(e.above, t + 1), one);
  store8i(s->misses[0], around);
  store8i(s->misses[1], errors + splati(WAVE_MISSES));
  for (int z = 0; z < 2; z++) load_pairs(p->misses, s->misses[z], &s->miss[z], &s->miss_rate[z]);
  s->expected = within(x + (s->miss[0] + s->miss[1]) * splat(0.25f), w->highest);
}

INLINE void settle_center(ck_wave_plane *p, v8 value, wave_step *s) {
  unsigned idle = ~mask_bits(s->live) & 255;
  v8 error = value - s->blend;
  for (int z = 0; z < 2; z++) {
    for (unsigned m = idle; m; m &= m - 1) s->misses[z][__builtin_ctz(m)] = WAVE_MISSES_IDLE;
    v8 rate = s->miss_rate[z], mean = s->miss[z] + (error - s->miss[z]) * rate;
    store_pairs(p->misses, s->misses[z], mean, max8(rate - rate * rate * (splat(1.0f) - rate), splat(0.0075f)));
  }
}

// The first expert less what its errors around tell, by NLMS.
INLINE void correct_first(const ck_wave_plane *p, const wave_band *w, ptrdiff_t t, const wave_step *s,
                          wave_models *m) {
  const ck_wave_rows e = w->sign;
  v8 *h = m->history;
  h[0] = at8(e.current, t - 1);
  h[1] = at8(e.above, t);
  h[2] = at8(e.above, t - 1);
  h[3] = at8(e.above, t + 1);
  h[4] = at8(e.current, t - 2);
  h[5] = s->west - s->expected;
  h[6] = s->north - s->expected;
  h[7] = s->fitted - s->followed;
  m->history_count = 8;
  if (p->shape.helper_count > 0) {
    h[8] = at8(w->helper_sign, t);
    h[9] = at8(w->helper_sign, t + 1);
    h[10] = at8(w->helper_sign, t - 1);
    h[11] = at8(w->helper_sign_above, t);
    m->history_count = 12;
  }
  v8 energy = splat(0.0f), sum = splat(0.0f);
  for (int i = 0; i < m->history_count; i++) {
    energy += h[i] * h[i];
    sum += h[i] * at8(p->correction, i);
  }
  m->energy = energy;
  m->corrected = s->expected + sum;
}

INLINE i8 differences8(v8 a, v8 b, v8 c, v8 unit) {
  return ((difference8(a, unit) * 11 + difference8(b, unit)) * 11 + difference8(c, unit)) * WAVE_LINE;
}

// Where each context's counters lie. Bytes with the first 0 ... 7 of them: 0, -0.27, -0.47, -0.63,
// -0.67, -0.75, -0.83, -0.87 %.
INLINE void place_counters(const ck_wave_plane *p, const wave_band *w, ptrdiff_t t,
                           const wave_step *s, i8 fraction, wave_models *m) {
  v8 unit = splat(1.0f) / (s->error * splat(0.4f) + splat(0.4f));
  const ck_wave_rows x = w->sample, e = w->sign;
  v8 expected = s->expected, west2 = at8(x.current, t - 2), north2 = at8(x.above2, t);
  i8 base[CK_WAVE_COUNTERS];
  base[0] = integer8(expected * splat(16 * w->sixteenth)) * WAVE_LINE;
  base[1] = differences8(s->west - expected, s->north - expected, at8(x.above, t + 1) - expected, unit);
  base[2] = differences8(m->place[2] - expected, s->fitted - expected, s->followed - expected, unit);
  base[3] = ((difference8(at8(e.current, t - 1), unit) * 11 + difference8(at8(e.above, t), unit)) * 8 +
             fraction) * WAVE_LINE;
  base[4] = differences8(at8(x.above, t - 1) - expected, west2 - expected, north2 - expected, unit);
  if (p->shape.helper_count == 0) {
    base[5] = differences8(m->place[3] - expected, s->west - west2, s->north - north2, unit);
    base[6] = differences8(at8(e.above, t + 1), at8(e.above, t - 1), at8(e.current, t - 2), unit);
  } else {
    const float *h = w->helper_sample[0].current;
    v8 third = s->west - s->north;
    if (p->shape.helper_count > 1) third = at8(w->helper_sample[1].current, t) - s->references[2];
    base[5] = differences8(at8(h, t) - s->references[1], at8(h, t + 1) - s->references[1], third, unit);
    base[6] = differences8(at8(w->helper_sign, t), at8(w->helper_sign, t + 1), at8(w->helper_sign, t - 1), unit);
  }
  i8 line = min8i(m->size, splati(5)) * 8;
#pragma clang loop unroll(full)
  for (int c = 0; c < CK_WAVE_COUNTERS; c++) store8i(m->lines[c], base[c] + line);
}

// Four experts: the blend; the blend corrected (in place of the least squares alone: -0.13 % of
// bytes); left and upper sample with the helper's change from there. Without the fourth +0.28 %,
// the third too +0.77 %, only the first +1.13 %. Where there is time, what the blend comes from as
// well (-0.10 %). Their scales come from tables (without: +0.22 %).
INLINE void set_models(const ck_wave_plane *p, const wave_band *w, ptrdiff_t t, int32_t band,
                       const wave_step *s, wave_models *m, const int experts) {
  float steps = ldexp_of(1, p->shape.unit_bits);
  m->place[0] = s->expected;
  correct_first(p, w, t, s, m);
  m->place[1] = within(m->corrected, w->highest);
  v8 west = s->west, north = s->north;
  if (p->shape.helper_count > 0) {
    const ck_wave_rows h = w->helper_sample[0];
    west += at8(h.current, t) - at8(h.current, t - 1);
    north += at8(h.current, t) - at8(h.above, t);
  }
  m->place[2] = within(west, w->highest);
  m->place[3] = within(north, w->highest);
  if (experts > CK_WAVE_FEW_EXPERTS) {
    m->place[4] = within(s->refitted, w->highest);
    m->place[5] = within(s->fitted, w->highest);
    m->place[6] = within(s->followed, w->highest);
  }
  m->inverse[0] = splat(1.7f) / max8(s->error * splat(steps), splat(.05f));
#pragma clang loop unroll(full)
  for (int e = 1; e < experts; e++) {
    const ck_wave_rows l = p->lane[e][band & 1];
    v8 around = ((at8(l.current, t - 1) + at8(l.above, t)) * splat(2.0f) +
                 (at8(l.above, t - 1) + at8(l.above, t + 1)) +
                 (at8(l.current, t - 2) + at8(l.above2, t))) * splat(0.125f);
    store8i(m->scales[e], level8(around * splat(8.0f), 2, WAVE_LEVELS) * WAVE_SIDES + s->side);
    load_pairs(p->scales[e], m->scales[e], &m->table_mean[e], &m->table_rate[e]);
    m->inverse[e] = splat(1.7f) / max8(m->table_mean[e] * splat(steps), splat(.05f));
  }
#pragma clang loop unroll(full)
  for (int e = 0; e < experts; e++) m->mean[e] = m->place[e] * splat(steps);
  i8 up = integer8(m->mean[0] + splat(1.0f));
  m->rounded = min8i(up, splati(p->shape.high));
  i8 fraction = integer8((m->mean[0] + splat(1.0f) - float8(m->rounded)) * splat(8.0f));
  v8 error = s->error * splat(steps);
  m->size = splati(0) - ((error >= splat(1.15f)) + (error >= splat(2.4f)) + (error >= splat(5.0f)) +
                         (error >= splat(10.7f)) + (error >= splat(22.0f)));
  if (p->shape.high > 255) {
    for (float bound = 46; bound < 8000; bound *= 2.06f) m->size -= error >= splat(bound);
  }
  m->weights[0] = level8(s->error * splat(8.0f), 1, WAVE_WEIGHT_LEVELS) * (WAVE_NODES * WAVE_INPUTS);
  m->weights[1] = (splati(WAVE_WEIGHT_LEVELS) + integer8(s->expected * splat(w->sixteenth))) *
                  (WAVE_NODES * WAVE_INPUTS);
  place_counters(p, w, t, s, max8i(splati(0), min8i(splati(7), fraction)), m);
}

// One decision of every lane that is `on`; returns the bits, and the mix's error. A second set of
// weights: -0.17 % of bytes; a weight for what counters say: -0.09 %.
INLINE i8 decide_lanes(ck_wave_plane *p, const wave_models *m, const v8 *inputs, v8 counted, i8 node,
                       i8 on, i8 bit, ck_wave_port *port, i8 *state, v8 *error, const int reads,
                       const int experts) {
  int32_t at[2][8];
  v8 weights[WAVE_INPUTS], change[WAVE_INPUTS];
  for (int k = 0; k < 2; k++) store8i(at[k], m->weights[k] + node * WAVE_INPUTS);
  load_weights(p->weights, at, weights);
  v8 sum = weights[0] * inputs[0];
#pragma clang loop unroll(full)
  for (int e = 1; e < experts; e++) sum += weights[e] * inputs[e];
  sum += weights[CK_WAVE_EXPERTS] * counted;
  sum = min8(max8(sum, splat(-11.5f)), splat(11.5f));
  v8 probability = splat(1.0f) / (splat(1.0f) + exp_80(-sum));
  i8 f = integer8(probability * splat(WAVE_WHOLE));
  f = max8i(splati(2), min8i(splati(WAVE_WHOLE - 2), f));
  if (reads) {
    port->count++;
    i8 target = *state & splati(WAVE_WHOLE - 1);
    bit = target < f;
    i8 size = select8i(bit, f, splati(WAVE_WHOLE) - f), start = f & ~bit;
    i8 x = size * (i8)((u8)*state >> WAVE_BITS) + target - start;
    x = select8i(on, x, *state);
    unsigned moves = mask_bits((i8)((u8)x >> 16) == splati(0));
    for (unsigned left = moves; left && port->in != port->end; left &= left - 1) {
      int r = __builtin_ctz(left);
      uint16_t word;
      __builtin_memcpy(&word, port->in, 2);
      x[r] = (int32_t)((uint32_t)x[r] << 16 | word);
      port->in += 2;
    }
    *state = x;
  } else {
    typedef uint16_t h8 __attribute__((vector_size(16), aligned(2), may_alias));
    i8 listed = (f | (bit & splati(WAVE_LISTED_ONE))) & on;
    *(h8 *)port->decisions = __builtin_convertvector(listed, h8);
    port->decisions += 8;
    port->count++;
  }
  v8 wrong = (v8)((i8)((v8)((i8)splat(1.0f) & bit) - probability) & on);
  v8 gain = wrong * splat(0.0015f);
#pragma clang loop unroll(full)
  for (int e = 0; e < CK_WAVE_EXPERTS; e++) change[e] = e < experts ? gain * inputs[e] : splat(0.0f);
  change[CK_WAVE_EXPERTS] = wrong * splat(0.004f) * counted;
  add_weights(p->weights, at, change);
  *error = wrong;
  return bit;
}

// Sums the counters of each lane's contexts: nodes are first; next down, up; third inside down, up,
// beyond down, up; the last is the rate.
INLINE void sum_counters(const ck_wave_plane *p, const wave_models *m, v8 *sums) {
  v8 lines[8];
#pragma clang loop unroll(full)
  for (int r = 0; r < 8; r++) {
    lines[r] = *(const v8_row *)(p->counters[0] + m->lines[0][r]);
#pragma clang loop unroll(full)
    for (int c = 1; c < CK_WAVE_COUNTERS; c++) {
      lines[r] += *(const v8_row *)(p->counters[c] + m->lines[c][r]);
    }
  }
  transpose8(lines, sums);
}

// Teaches them each node's error; the rate falls from 1/8 to 0.03.
INLINE void teach_counters(ck_wave_plane *p, const wave_models *m, const v8 *errors) {
  v8 lines[8];
  transpose8(errors, lines);
  const v8 slowing = {0, 0, 0, 0, 0, 0, 0, -0.2f};
  const v8 floor = {-100, -100, -100, -100, -100, -100, -100, 0.03f};
#pragma clang loop unroll(full)
  for (int r = 0; r < 8; r++) {
#pragma clang loop unroll(full)
    for (int c = 0; c < CK_WAVE_COUNTERS; c++) {
      float *line = p->counters[c] + m->lines[c][r];
      v8 before = *(const v8_row *)line, rate = splat(before[7]);
      *(v8_row *)line = max8(before + rate * (lines[r] + rate * slowing), floor);
    }
  }
}

// Codes the values of a step.
INLINE i8 code_decisions(ck_wave_plane *p, const wave_models *m, i8 live, i8 value,
                         ck_wave_port *port, i8 *state, const int reads, const int experts) {
  const i8 whole = splati(p->shape.high + 1);
  v8 offset[CK_WAVE_EXPERTS], inputs[CK_WAVE_EXPERTS] = {splat(0.0f)}, near[CK_WAVE_EXPERTS],
      far[CK_WAVE_EXPERTS], here[CK_WAVE_EXPERTS] = {splat(0.0f)};
#pragma clang loop unroll(full)
  for (int e = 0; e < experts; e++) {
    offset[e] = float8(m->rounded) - splat(0.5f) - m->mean[e];
    inputs[e] = min8(max8(-offset[e] * m->inverse[e], splat(-12.0f)), splat(12.0f));
  }
  v8 counters[8], errors[8], error;
  sum_counters(p, m, counters);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) errors[i] = splat(0.0f);
  i8 up = decide_lanes(p, m, inputs, counters[0], min8i(m->size, splati(7)), live,
                       value >= m->rounded, port, state, &error, reads, experts);
  errors[0] = error;
  const i8 side = up & splati(1);
  // The interval that is left, in distances from the estimate.
  i8 from = splati(0), end = select8i(up, whole - m->rounded, m->rounded);
  const i8 distance = select8i(up, value - m->rounded, m->rounded - splati(1) - value);
  const i8 first = (i8)((u8)splati(1) << (u8)m->size);
#pragma clang loop unroll(full)
  for (int e = 0; e < experts; e++) {
    offset[e] = (v8)((i8)offset[e] ^ (~up & splati(INT32_MIN)));
    near[e] = splat(1.0f) + exp_20(offset[e] * m->inverse[e]);
    far[e] = splat(1e14f);
  }
  i8 segment = first < end, rounds = splati(0), depth = splati(0);
  v8 counted = select8(up, counters[2], counters[1]);
  for (int round = 1; round < 64; round++) {
    i8 width = end - from, on = live & (width > splati(1));
    if (!mask_bits(on)) break;
    i8 middle = select8i(segment, select8i(from == splati(0), first, from + from), from + (width >> 1));
    i8 class = splati(0) - ((width > splati(2)) + (width > splati(4)) + (width > splati(8)) +
                            (width > splati(16)));
    i8 node = select8i(segment, splati(8) + min8i(rounds, splati(6)) * 2 + side,
                       splati(22) + side * 20 + min8i(depth, splati(3)) * 5 + class) & on;
    v8 place = float8(middle), to_end = float8(end - middle) * splat(4e-7f),
       to_start = float8(middle - from) * splat(4e-7f);
#pragma clang loop unroll(full)
    for (int e = 0; e < experts; e++) {
      here[e] = splat(1.0f) + exp_20((place + offset[e]) * m->inverse[e]);
      v8 all = near[e] * far[e] * here[e];
      v8 beyond = max8(far[e] - here[e], splat(0.0f)) * near[e] + to_end * all;
      v8 within = max8(here[e] - near[e], splat(0.0f)) * far[e] + to_start * all;
      v8 odds = log28(beyond / within) * splat(0.6931472f);
      inputs[e] = min8(max8(odds, splat(-12.0f)), splat(12.0f));
    }
    i8 bit = decide_lanes(p, m, inputs, counted, node, on, distance >= middle, port, state, &error,
                          reads, experts);
    counted = splat(0.0f);
    if (round == 1) {
      errors[1] = (v8)((i8)error & ~up);
      errors[2] = (v8)((i8)error & up);
    } else if (round == 2) {
      v8 inside = (v8)((i8)error & ~segment), beyond = (v8)((i8)error & segment);
      errors[3] = (v8)((i8)inside & ~up);
      errors[4] = (v8)((i8)inside & up);
      errors[5] = (v8)((i8)beyond & ~up);
      errors[6] = (v8)((i8)beyond & up);
    }
    from = select8i(bit & on, middle, from);
    end = select8i(~bit & on, middle, end);
#pragma clang loop unroll(full)
    for (int e = 0; e < experts; e++) {
      near[e] = select8(bit, here[e], near[e]);
      far[e] = select8(bit, far[e], here[e]);
    }
    rounds += splati(1);
    depth += splati(1) & ~segment;
    segment = segment & bit & ((from + from) < end);
    if (round == 1) {
      v8 inside = select8(up, counters[4], counters[3]), beyond = select8(up, counters[6], counters[5]);
      counted = select8(segment, beyond, inside);
    }
  }
  teach_counters(p, m, errors);
  return select8i(up, m->rounded + from, m->rounded - splati(1) - from);
}

// Teaches the samples to the experts' scales and to the correction.
INLINE void settle_models(ck_wave_plane *p, const wave_band *w, ptrdiff_t t, int32_t band, v8 value,
                          const wave_step *s, wave_models *m, const int experts) {
  unsigned idle = ~mask_bits(s->live) & 255;
#pragma clang loop unroll(full)
  for (int e = 1; e < experts; e++) {
    const ck_wave_rows l = p->lane[e][band & 1], before = p->lane[e][~band & 1];
    v8 error = select8(s->live, abs8(value - m->place[e]), splat(1.0f));
    v8 above = at8(l.above, t);
    advance_rows2(l, before, t, p->lag, error, above);
    for (unsigned left = idle; left; left &= left - 1) m->scales[e][__builtin_ctz(left)] = WAVE_SCALES;
    v8 rate = m->table_rate[e];
    v8 mean = m->table_mean[e] + (error - m->table_mean[e]) * rate;
    store_pairs(p->scales[e], m->scales[e], mean,
                max8(rate - rate * rate * (splat(1.0f) - rate), splat(0.01f)));
  }
  v8 step = (value - m->corrected) * splat(0.008f) / (splat(8.0f) + m->energy);
  step = select8(s->live, step, splat(0.0f));
  for (int i = 0; i < m->history_count; i++) {
    put8(p->correction, i, at8(p->correction, i) + step * m->history[i]);
  }
}
