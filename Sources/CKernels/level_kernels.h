// Levels of JPEG files' blocks; ck_levels.h has the contract, docs/FORMAT.md §13.6 the model.

#include "level_decisions.h"

// MARK: Inner levels: those in neither the first row nor the first column, in zigzag order.

static const uint8_t level_inner[49] = {9,  10, 17, 25, 18, 11, 12, 19, 26, 33, 41, 34, 27,
                                        20, 13, 14, 21, 28, 35, 42, 49, 57, 50, 43, 36, 29,
                                        22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31,
                                        39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

INLINE int level_inner_count(const int16_t *levels) {
  int count = 0;
  for (int y = 1; y < 8; y++) {
    for (int x = 1; x < 8; x++) count += levels[8 * y + x] != 0;
  }
  return count;
}

/// Of the first row, or with a stride of 8 of the first column.
INLINE int level_edge_count(const int16_t *levels, int stride) {
  int count = 0;
  for (int k = 1; k < 8; k++) count += levels[k * stride] != 0;
  return count;
}

/// Codes the number of inner levels that are not zero, and returns it.
INLINE int level_inner_number(level_coder *c, level_place at) {
  const ck_level_block *b = at.block;
  const int left = level_inner_count(b->left), above = level_inner_count(b->above);
  const int corner = level_inner_count(b->above_left), right = level_inner_count(b->above_right);
  const int luma = at.plane > 0 ? level_inner_count(b->luma) : 0;
  const int before = at.plane > 1 ? level_inner_count(b->before) : 0;
  const int mean = !b->has_left ? above : b->has_above ? (left + above + 1) >> 1 : left;
  const int wide = (2 * left + 2 * above + corner + right + 2) / 3;
  const int edges_left = level_edge_count(b->left, 1) + level_edge_count(b->left, 8);
  const int edges_above = level_edge_count(b->above, 1) + level_edge_count(b->above, 8);
  const int key = 600 + at.kind;
  level_context(c, 0, key, mean, before, 0);
  level_context(c, 1, key, left, 1, 0);
  level_context(c, 2, key, above, 2, 0);
  level_context(c, 3, key, left >> 1, above >> 1, 3);
  level_context(c, 4, key, wide, 4, 0);
  level_context(c, 5, key, luma, mean >> 1, 5);
  level_context(c, 6, key, before, luma >> 2, 6);
  level_context(c, 7, key, at.plane, 7, 0);
  level_context(c, 8, key, wide >> 1, luma, 8);
  level_context(c, 9, key, right, mean, 9);
  level_context(c, 10, key, corner, mean, 10);
  level_context(c, 11, key, edges_left, edges_above, 11);
  const int likely = at.plane > 0 ? luma : mean;
  return level_count(c, level_inner_count(b->here), 49, 6, 0, at,
                     (size_t)(CK_LEVEL_INNER_COUNT_STARTS + (at.kind * 50 + likely) * 128));
}

INLINE int level_inner_all(level_coder *c, level_place at) {
  const ck_level_block *b = at.block;
  const int16_t *here = b->here;
  const int count = level_inner_number(c, at);
  int rest = count, last = 0, last2 = 0;
  for (int i = 0; i < 49; i++) {
    const int place = level_inner[i];
    if (rest == 0) {
      b->here[place] = 0;
      continue;
    }
    const int left = level_size(b->left, place), above = level_size(b->above, place);
    const int corner = level_size(b->above_left, place);
    const int right = level_size(b->above_right, place);
    // Edges are not coded yet.
    const int u = place & 7, v = place >> 3;
    const int west = u > 1 ? level_size(here, place - 1) : 0;
    const int north = v > 1 ? level_size(here, place - 8) : 0;
    const int north_west = u > 1 && v > 1 ? level_size(here, place - 9) : 0;
    const int around = 13 * (left + above) + 6 * corner;
    const int mean = level_class((around + 8) >> 4);
    const int inside = level_class(2 * (west + north) + north_west);
    const int both = level_class((around + 4 * right + 10 * (west + north) + 8) >> 4);
    const int next = u < 7 ? level_size(b->left, place + 1) + level_size(b->above, place + 1) : 0;
    const int below = v < 7 ? level_size(b->left, place + 8) + level_size(b->above, place + 8) : 0;
    const int left_over = level_class(rest), key = at.kind * 64 + place;
    level_context(c, 0, key, mean, left_over, 0);
    level_context(c, 1, key, level_class(left), level_class(above), 1);
    level_context(c, 2, key, level_class(west) * 16 + level_class(north),
                  level_class(north_west), 2);
    level_context(c, 3, key, rest, 0, 3);
    level_context(c, 4, key, both, left_over, 4);
    level_context(c, 5, rest, 49 - i, level_min(last, 3) * 4 + level_min(last2, 3), 5);
    if (at.plane > 0) {
      const int before = at.plane > 1 ? level_size(b->before, place) : 0;
      const int luma = level_class(level_size(b->luma, place));
      level_context(c, 6, key, luma, at.plane * 16 + left_over, 6);
      level_context(c, 7, key, level_class(before), both * 4 + at.plane, 7);
    } else {
      level_context(c, 6, key, level_class(right), level_class(corner), 6);
      level_context(c, 7, key, level_class(last + last2), level_class(next + below), 7);
    }
    level_context(c, 8, key, level_class(next), level_class(below), 8);
    level_context(c, 9, key, at.plane, 0, 9);
    level_context(c, 10, u + v, inside, mean * 16 + left_over, 10);
    level_context(c, 11, key, inside, left_over, 11);
    const int16_t *other = at.plane > 1 ? b->before : b->luma;
    const level_signs signs = {level_sign(b->left[place]), level_sign(b->above[place]),
                               u > 1 ? level_sign(here[place - 1]) : 0,
                               at.plane > 0 ? level_sign(other[place]) : 0};
    const int shape = at.kind * 96 + both * 8 + level_min(left_over, 7);
    const int start = (((at.kind * 49 + i) * 12 + both) * 11 + left_over) * 8;
    const int value =
        level_value(c, here[place], rest == 49 - i, 11, LEVEL_INNER, place, at, shape,
                    (size_t)(CK_LEVEL_INNER_STARTS + start), signs);
    b->here[place] = (int16_t)value;
    last2 = last;
    last = level_abs(value);
    rest -= value != 0;
  }
  return count;
}

// MARK: The first row and the first column

/// What continuity across the edge suggests of a level, in eighths: there both blocks' cosines of
/// this frequency have to agree.
INLINE int level_continued(const ck_level_block *b, int k, int is_row) {
  if (!(is_row ? b->has_above : b->has_left)) return 0;
  const int16_t *other = is_row ? b->above : b->left;
  const int across = is_row ? 8 : 1, first = is_row ? k : 8 * k;
  int64_t sum = 0;
  for (int i = 1; i < 8; i++) {
    const int place = first + i * across;
    const int there = i & 1 ? -other[place] : other[place];
    sum += (int64_t)(there - b->here[place]) * b->steps[place];
  }
  // The square root of 2, in 2^-8, is what other cosines have over the constant.
  const int64_t step = b->steps[first];
  const int64_t eighths = ((256 * (int64_t)other[first] * step + 362 * sum) >> 5) / step;
  const int64_t limit = 1 << 30;
  return (int)(eighths < -limit ? -limit : eighths > limit ? limit : eighths);
}

/// Codes the number of levels of the first row or column that are not zero, and returns it.
INLINE int level_edge_number(level_coder *c, level_place at, int is_row, int inner) {
  const ck_level_block *b = at.block;
  const int stride = is_row ? 1 : 8, kind = at.kind * 2 + is_row;
  const int left = level_edge_count(b->left, stride), above = level_edge_count(b->above, stride);
  const int other = is_row ? 0 : level_edge_count(b->here, 1);
  const int luma = at.plane > 0 ? level_edge_count(b->luma, stride) : 0;
  const int before = at.plane > 1 ? level_edge_count(b->before, stride) : 0;
  const int corners =
      level_edge_count(b->above_left, stride) + level_edge_count(b->above_right, stride);
  const int key = 700 + kind, around = left + above, few = level_class(inner);
  level_context(c, 0, key, left * 8 + above, 0, 0);
  level_context(c, 1, key, inner, 1, 0);
  level_context(c, 2, key, inner >> 1, around, 2);
  level_context(c, 3, key, other, inner, 3);
  level_context(c, 4, key, other, around, 4);
  level_context(c, 5, key, luma, before, 5);
  level_context(c, 6, key, luma * 8 + before, around, 6);
  level_context(c, 7, key, at.plane, 7, 0);
  level_context(c, 8, key, corners, around, 8);
  level_context(c, 9, key, left, few, 9);
  level_context(c, 10, key, above, few, 10);
  level_context(c, 11, key, other * 8 + luma, few, 11);
  const int start = ((kind * 15 + around) * 12 + few) * 8;
  return level_count(c, level_edge_count(b->here, stride), 7, 3, is_row ? 1 : 2, at,
                     (size_t)(CK_LEVEL_EDGE_COUNT_STARTS + start));
}

INLINE void level_edge_all(level_coder *c, level_place at, int is_row, int inner) {
  const ck_level_block *b = at.block;
  const int16_t *here = b->here;
  const int stride = is_row ? 1 : 8, across = is_row ? 8 : 1;
  int rest = level_edge_number(c, at, is_row, inner);
  const int counts = level_class(inner);
  for (int k = 1; k < 8; k++) {
    const int place = k * stride;
    if (rest == 0) {
      b->here[place] = 0;
      continue;
    }
    const int expected = level_continued(b, k, is_row), far = level_abs(expected);
    const int fine = far < 24 ? far >> 1 : 12 + level_min((far - 24) >> 3, 40);
    const int coarse = level_class((far + 2) >> 2);
    const int left = level_size(b->left, place), above = level_size(b->above, place);
    const int corner = level_size(b->above_left, place);
    const int mean = level_class((13 * (left + above) + 6 * corner + 8) >> 4);
    // The block's own levels next to the edge.
    const int beside = level_size(here, place + across);
    const int beside2 = level_size(here, place + 2 * across);
    const int last = k > 1 ? level_size(here, place - stride) : 0;
    const int ahead = k < 7 ? level_size(here, place + across + stride) : 0;
    const int inside = level_class(2 * beside + beside2 + last + ahead);
    const int key = 128 + at.kind * 64 + place;
    level_context(c, 0, key, fine, 0, 0);
    level_context(c, 1, key, coarse, rest, 1);
    level_context(c, 2, key, level_class(left), level_class(above), 2);
    level_context(c, 3, key, rest, counts, 3);
    level_context(c, 4, key, mean, coarse, 4);
    level_context(c, 5, key, level_class(last), rest * 16 + coarse, 5);
    if (at.plane > 0) {
      const int before = at.plane > 1 ? level_class(level_size(b->before, place)) : 0;
      const int luma = level_class(level_size(b->luma, place));
      level_context(c, 6, key, luma, before * 4 + at.plane, 6);
      level_context(c, 7, key, before, coarse * 4 + at.plane, 7);
    } else {
      level_context(c, 6, key, level_class(level_size(b->above_right, place)), mean, 6);
      level_context(c, 7, key, inside, mean, 7);
    }
    level_context(c, 8, key, level_class(beside), coarse, 8);
    level_context(c, 9, key, at.plane, 0, 9);
    level_context(c, 10, k, fine, inside, 10);
    level_context(c, 11, key, inside, rest * 16 + counts, 11);
    const int16_t *other = at.plane > 1 ? b->before : b->luma;
    const level_signs signs = {level_within(expected >> 1, 24) + 25,
                               level_sign((is_row ? b->left : b->above)[place]),
                               level_sign(here[place + across]),
                               at.plane > 0 ? level_sign(other[place]) : 0};
    const int shape = LEVEL_EDGE_SHAPES + at.kind * 96 + coarse * 8 + rest;
    const int start = (((at.kind * 14 + (is_row ? k - 1 : 6 + k)) * 12 + coarse) * 8 + rest) * 8;
    const int value = level_value(c, here[place], rest == 8 - k, 11, LEVEL_EDGE, place, at, shape,
                                  (size_t)(CK_LEVEL_EDGE_STARTS + start), signs);
    b->here[place] = (int16_t)value;
    rest -= value != 0;
  }
}

// MARK: The mean

/// The sum of eight estimates of the mean along an edge, straight lines through two samples on
/// either side, in halves of a sample; and their range.
typedef struct {
  int sum, spread;
} level_side;

INLINE level_side level_estimates(const int32_t *line, const int32_t *values, int across, int into) {
  int sum = 0, low = INT32_MAX, high = INT32_MIN;
  for (int i = 0; i < 8; i++) {
    const int there = 3 * line[8 + i] - line[i];
    const int estimate = there - (3 * values[i * across] - values[i * across + into]);
    sum += estimate;
    low = estimate < low ? estimate : low;
    high = estimate > high ? estimate : high;
  }
  return (level_side){sum, high - low};
}

/// A prediction of a block's mean, in levels.
typedef struct {
  int level;
  /// How far from the next level below it lies, in eighths.
  int fraction;
  /// How far estimates along the edges are apart, and by how much the left edge's are above the
  /// upper edge's.
  int spread, gap;
} level_mean;

INLINE level_mean level_expected_mean(const ck_level_block *b, const int32_t *values) {
  level_mean mean = {0, 4, 31, 0};
  if (!b->has_above && !b->has_left) return mean;
  const level_side upper = b->has_above ? level_estimates(b->above_lines, values, 1, 8)
                                        : (level_side){0, 0};
  const level_side left = b->has_left ? level_estimates(b->left_lines, values, 8, 1)
                                      : (level_side){0, 0};
  const int step = b->steps[0];
  int64_t sum = 256 * (int64_t)(upper.sum + left.sum);
  int spread = upper.spread > left.spread ? upper.spread : left.spread;
  if (b->has_above && b->has_left) {
    // The smoother edge counts more.
    const int x = left.spread + 8, y = upper.spread + 8;
    const int weight = (int)((int64_t)x * 256 / (x + y));
    sum = (int64_t)upper.sum * weight + (int64_t)left.sum * (256 - weight);
    mean.gap = (left.sum - upper.sum) / (2 * step);
    spread = level_min(upper.spread, left.spread);
  }
  // Sums are of eight halves of a sample; a level of the mean is step / 8 samples.
  const int eighths = (int)((sum >> 6) / step);
  mean.level = level_within((eighths + 4) >> 3, LEVEL_LARGEST);
  mean.fraction = (eighths + 4) & 7;
  const int64_t wide = 4 * (int64_t)spread / step;
  mean.spread = wide < 63 ? (int)wide : 63;
  return mean;
}

INLINE void level_mean_all(level_coder *c, level_place at, int inner) {
  const ck_level_block *b = at.block;
  int32_t values[64];
  values[0] = 0;
  for (int k = 1; k < 64; k++) values[k] = level_within(b->here[k] * b->steps[k], CK_DCT_LIMIT);
  ck_inverse_dct(values);
  const level_mean mean = level_expected_mean(b, values);
  const int key = 800 + at.kind;
  const int spread = level_class(mean.spread), gap = level_class(level_abs(mean.gap));
  const int counts = level_class(inner);
  const int left = level_abs(b->left_miss), above = level_abs(b->above_miss);
  const int luma = level_class(level_abs(b->luma_miss));
  const int before = level_class(level_abs(b->before_miss));
  const int lateral = level_class(left + above);
  level_context(c, 0, key, mean.spread, 0, 0);
  level_context(c, 1, key, spread, gap, 1);
  level_context(c, 2, key, spread, counts, 2);
  level_context(c, 3, key, lateral, spread, 3);
  level_context(c, 4, key, lateral, counts, 4);
  level_context(c, 5, key, luma, spread * 4 + at.plane, 5);
  level_context(c, 6, key, before, spread * 4 + at.plane, 6);
  level_context(c, 7, key, at.plane, 7, 0);
  level_context(c, 8, key, level_class(left), level_class(above), 8);
  level_context(c, 9, key, gap, counts, 9);
  level_context(c, 10, key, mean.fraction, spread, 10);
  level_context(c, 11, key, level_edge_count(b->here, 1) * 16 + counts, spread, 11);
  const level_signs signs = {mean.fraction, level_sign(mean.gap) * 12 + gap,
                             level_sign(b->left_miss),
                             level_sign(at.plane > 1 ? b->before_miss : b->above_miss)};
  const int start = (at.kind * 12 + spread) * 8;
  const int miss = level_value(c, b->here[0] - mean.level, 0, 12, LEVEL_MEAN, 0, at,
                               LEVEL_MEAN_SHAPES + spread,
                               (size_t)(CK_LEVEL_MEAN_STARTS + start), signs);
  b->here[0] = (int16_t)level_within(mean.level + miss, LEVEL_LARGEST);
  *b->miss = (int16_t)miss;
  // Steps of one byte do not reach this bound, which keeps later sums small.
  const int all = (level_within(b->here[0] * b->steps[0], LEVEL_LARGEST * 255) + 4) >> 3;
  for (int i = 0; i < 8; i++) {
    b->above_lines[i] = values[48 + i] + all;
    b->above_lines[8 + i] = values[56 + i] + all;
    b->left_lines[i] = values[8 * i + 6] + all;
    b->left_lines[8 + i] = values[8 * i + 7] + all;
  }
}

// MARK: A block

INLINE void level_block(const ck_level_models *models, const ck_level_block *block,
                        ck_port *port) {
  level_coder c = {.models = models, .port = port};
  const level_place at = {.block = block, .kind = block->plane > 0, .plane = block->plane};
  const int inner = level_inner_all(&c, at);
  level_edge_all(&c, at, 1, inner);
  level_edge_all(&c, at, 0, inner);
  level_mean_all(&c, at, inner);
}

static void code_level_block(const ck_level_models *models, const ck_level_block *block,
                             ck_port *port) {
#define CALL(own) level_block(models, block, own)
  CK_THROUGH(port, CALL);
#undef CALL
}

const ck_level_kernels CK_TABLE(ck_level) = {.code_block = code_level_block};
