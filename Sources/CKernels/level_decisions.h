// How numbers of a JPEG file's block are coded under contexts that are set: decisions, levels and
// counts. level_kernels.h sets the contexts.

#include "include/ck_levels.h"

/// A number's kind, which chooses sets of weights and starts.
enum { LEVEL_COUNTS, LEVEL_INNER, LEVEL_EDGE, LEVEL_MEAN };

enum {
  LEVEL_NODES = 16,
  LEVEL_STAGES = 4,
  /// Unary decisions that one line holds, and the node of a sign's set.
  LEVEL_UNARY = 7,
  LEVEL_BITS_NODE = 13,
  LEVEL_SIGN_NODE = 15,
  /// Sets by shape: where those of each kind begin, four for each.
  LEVEL_EDGE_SHAPES = 192,
  LEVEL_MEAN_SHAPES = 384,
  LEVEL_COUNT_SHAPES = 396,
  LEVEL_SIGN_SHAPES = 402,
  /// Sets by place of counts come after those of 4 planes of 64 places, four each.
  LEVEL_COUNT_PLACES = 4 * 64 * 4,
  LEVEL_LARGEST = 2047,
};

/// What a number's decisions have in common.
typedef struct {
  const ck_level_models *models;
  ck_port *port;
  uint32_t hashes[CK_LEVEL_CONTEXTS];
  ck_counter *lines[CK_LEVEL_CONTEXTS];
  /// The start of the line's first counter.
  size_t start;
} level_coder;

/// What contexts see of where a number stands.
typedef struct {
  const ck_level_block *block;
  /// 0 luma, 1 chroma.
  int kind;
  int plane;
} level_place;

INLINE int level_min(int a, int b) { return a < b ? a : b; }
INLINE int level_within(int value, int limit) {
  return value < -limit ? -limit : value > limit ? limit : value;
}
INLINE int level_size(const int16_t *levels, int place) {
  return levels[place] < 0 ? -levels[place] : levels[place];
}
INLINE int level_abs(int value) { return value < 0 ? -value : value; }
INLINE int level_sign(int value) { return value > 0 ? 2 : value < 0 ? 1 : 0; }

/// 0 ... 11: exact up to 4, then wider and wider.
INLINE int level_class(int value) {
  static const uint8_t classes[41] = {0, 1, 2, 3, 4, 5, 5, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8,
                                      8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
  return value < 41 ? classes[value] : value < 100 ? 10 : 11;
}

// MARK: Decisions

/// Sets a context to up to four small numbers.
INLINE void level_context(level_coder *c, int context, int a, int b, int more, int last) {
  uint32_t h = ((uint32_t)a * 0x1003F + (uint32_t)b) * 0x2C1B3C6D;
  h = (h ^ h >> 15) + ((uint32_t)more * 0x0801 + (uint32_t)last) * 0x297A2D39;
  h = (h ^ h >> 14) * 0x9E3779B1;
  c->hashes[context] = h ^ h >> 16;
}

/// Finds the line of every context for a part of a number; its counters start from `start` on.
INLINE void level_find(level_coder *c, uint32_t part, size_t start) {
  const ck_level_models *m = c->models;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < CK_LEVEL_CONTEXTS; k++) {
    const uint32_t h = (c->hashes[k] ^ (part * 0x9E3779B1)) * 0x85EBCA6B;
    c->lines[k] = m->lines + ((k << m->line_bits) + (h >> (32 - m->line_bits))) * CK_LEVEL_LINE;
    __builtin_prefetch(c->lines[k]);
  }
  c->start = start;
}

INLINE void level_find_signs(level_coder *c, size_t start) {
  const ck_level_models *m = c->models;
#pragma clang loop unroll(full)
  for (size_t k = 0; k < CK_LEVEL_CONTEXTS; k++) {
    const uint32_t h = c->hashes[k] * 0x85EBCA6B;
    c->lines[k] = m->signs + (k << m->sign_bits) + (h >> (32 - m->sign_bits));
  }
  c->start = start;
}

/// Codes a decision by the counters at `node` of the lines, under three sets of weights.
INLINE int level_decide(level_coder *c, int node, int decision, int place, int shape, int bit) {
  const ck_level_models *m = c->models;
  float *const weights = m->weights;
  const size_t stride = CK_LEVEL_WEIGHTS;
  const mix_shape kind = {
      .vectors = CK_LEVEL_WEIGHTS / 8, .counters = CK_LEVEL_CONTEXTS, .sets = 3};
  mix_decision d = {
      .sets = {weights + (size_t)decision * stride,
               weights + (CK_LEVEL_DECISION_SETS + (size_t)place) * stride,
               weights + (CK_LEVEL_DECISION_SETS + CK_LEVEL_PLACE_SETS + (size_t)shape) * stride},
      .rates = {m->rate, m->rate, m->rate}};
  const ck_counter start = m->starts[c->start + (size_t)node];
#pragma clang loop unroll(full)
  for (size_t k = 0; k < CK_LEVEL_CONTEXTS; k++) {
    ck_counter *counter = d.counters[k] = c->lines[k] + node;
    if (counter->fast == 0 && counter->quick == 0) *counter = start;
  }
  bit = decide(m->logistic, kind, &d, bit, c->port);
  if (m->tally) m->tally[c->start + (size_t)node][bit]++;
  return bit;
}

/// What predicts a sign, most telling first.
typedef struct {
  int first, second, third, fourth;
} level_signs;

/// Codes a level whose contexts are set: its size in bits, in unary from `first` on, the bits below
/// the highest, and the sign.
INLINE int level_value(level_coder *c, int value, int first, int limit, int stage, int place,
                       level_place at, int shape, size_t start, level_signs signs) {
  const int size = level_abs(value), width = size ? 32 - __builtin_clz((uint32_t)size) : 0;
  const int set = (at.kind * LEVEL_STAGES + stage) * LEVEL_NODES;
  const int places = (at.plane * 64 + place) * 4;
  shape *= 4;
  int bits = first;
  level_find(c, 1, start);
  for (; bits < limit; bits++) {
    if (bits == LEVEL_UNARY) level_find(c, 2, (size_t)(CK_LEVEL_WIDE_STARTS + 8 * stage));
    const int node = bits < LEVEL_UNARY ? bits : bits - LEVEL_UNARY, few = level_min(bits, 2);
    if (!level_decide(c, node, set + bits, places + few, shape + few, width > bits)) break;
  }
  if (bits == 0) return 0;
  int result = 1;
  if (bits > 1) {
    level_find(c, 2 + (uint32_t)bits,
               (size_t)(CK_LEVEL_BIT_STARTS +
                        ((at.kind * LEVEL_STAGES + stage) * LEVEL_NODES + bits) * CK_LEVEL_LINE));
    for (int bit = bits - 2; bit >= 0; bit--) {
      // Only the two highest bits have a pattern.
      const int depth = bits - 2 - bit;
      const int node = depth == 0 ? 0 : depth == 1 ? 1 + (result & 1) : level_min(depth + 1, 7);
      const int is_set = level_decide(c, node, set + LEVEL_BITS_NODE + level_min(depth, 1),
                                      places + 3, shape + 3, size >> bit & 1);
      result = result << 1 | is_set;
    }
  }
  const int key = (4 + stage) * 64 + place, small = level_min(result, 3);
  const int pair = signs.second * 3 + signs.third, plane = at.plane;
  level_context(c, 0, key, signs.first, small, 0);
  level_context(c, 1, key, signs.first, plane, 1);
  level_context(c, 2, key, signs.second, signs.third, 2);
  level_context(c, 3, key, signs.fourth, plane, 3);
  level_context(c, 4, stage, signs.first, signs.second, 4);
  level_context(c, 5, stage, signs.first, small, 5);
  level_context(c, 6, key, signs.first, signs.fourth, 6);
  level_context(c, 7, key, signs.second, plane, 7);
  level_context(c, 8, key, signs.third, plane, 8);
  level_context(c, 9, key, plane, 0, 9);
  level_context(c, 10, stage, pair, signs.fourth, 10);
  level_context(c, 11, key, signs.first * 9 + pair, signs.fourth, 11);
  level_find_signs(c, (size_t)(CK_LEVEL_SIGN_STARTS + (stage * 50 + signs.first) * 4 + small));
  const int is_negative = level_decide(c, 0, set + LEVEL_SIGN_NODE, places + 3,
                                       (LEVEL_SIGN_SHAPES + stage - 1) * 4, value < 0);
  return is_negative ? -result : result;
}

/// Codes a number from its highest bit down; numbers above `limit` are left out. `group` says of
/// what: 0 inner levels, 1 the first row, 2 the first column.
INLINE int level_count(level_coder *c, int value, int limit, int bit_count, int group,
                       level_place at, size_t start) {
  const int set = at.kind * LEVEL_STAGES * LEVEL_NODES + group * 6;
  const int place = LEVEL_COUNT_PLACES + at.plane * 3 + group;
  const int shape = (LEVEL_COUNT_SHAPES + at.kind * 3 + group) * 4;
  int prefix = 1;
  for (int bit = bit_count - 1; bit >= 0; bit--) {
    // A line holds the seven decisions of three bits.
    const int depth = (bit_count - 1 - bit) % 3;
    if (depth == 0) level_find(c, 20 + (uint32_t)prefix, start + (prefix > 1 ? 8 * (size_t)prefix : 0));
    if (((prefix << 1 | 1) << bit) - (1 << bit_count) > limit) {
      prefix <<= 1;
      continue;
    }
    const int node = 1 << depth | (prefix & ((1 << depth) - 1));
    prefix = prefix << 1 |
             level_decide(c, node, set + bit, place, shape + bit % 3, value >> bit & 1);
  }
  return prefix - (1 << bit_count);
}
