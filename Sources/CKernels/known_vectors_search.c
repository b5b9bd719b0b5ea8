// Known vectors of the kernels of an encoder's search; in a list of their own, so that a decoder
// links none of this.

#include "known_vectors.h"
#include "known_vectors_expected.h"

#include "include/ck_search.h"

enum { CHANNELS = 24, COUNT = 7, VALUES = CHANNELS * COUNT };

static const ck_search_kernels *search(const known_run *run) {
  return ck_search_kernels_for(run->isa);
}

/// Positions in all remainders of the blocks that kernels work in; 8 outputs beside blocks of 16.
static void layer(known_run *run, int activation) {
  enum { OUTPUTS = 40, BLOCKS = 3, INPUTS = 2, PAIRS = 8, MOST = 13 };
  const ck_inputs inputs[INPUTS] = {{known_shorts(run, 200, -3000, 3000), 10, 3},
                                    {known_shorts(run, 200, -3000, 3000), 14, 5}};
  const ck_search_layer of = {known_shorts(run, BLOCKS * PAIRS * 32, -900, 900),
                              known_words(run, BLOCKS * 16, -(1 << 22), 1 << 22), OUTPUTS, 9,
                              (ck_activation)activation};
  int16_t *y = known_shorts(run, 2 * OUTPUTS * MOST, -20000, 20000);
  uint16_t *signs = (uint16_t *)known_shorts(run, BLOCKS * MOST, 0, 65535);
  search(run)->layer(&of, inputs, INPUTS, y, signs, MOST);
  KNOWN_DIGEST(run, y, 2 * OUTPUTS * MOST);
  KNOWN_DIGEST(run, signs, BLOCKS * MOST);
}

static void depthwise(known_run *run, int activation) {
  const size_t stride = (COUNT + 2) * CHANNELS;
  const int16_t *x = known_shorts(run, 3 * stride, -4000, 4000);
  const int16_t *w = known_shorts(run, 9 * CHANNELS, -2000, 2000);
  const int32_t *bias = known_words(run, CHANNELS, -(1 << 22), 1 << 22);
  int16_t *y = known_shorts(run, VALUES, -20000, 20000);
  search(run)->depthwise(x, stride, w, bias, 9, (ck_activation)activation, y, CHANNELS, COUNT);
  KNOWN_DIGEST(run, y, VALUES);
}

static void signs(known_run *run, int unused) {
  (void)unused;
  enum { WORDS = 2 * COUNT };
  uint16_t *words = KNOWN_TAKE(run, uint16_t, WORDS);
  int16_t *y = KNOWN_TAKE(run, int16_t, VALUES);
  search(run)->leaky(known_shorts(run, VALUES, -32768, 32767), y, words, CHANNELS, COUNT);
  KNOWN_DIGEST(run, words, WORDS);
  KNOWN_DIGEST(run, y, VALUES);
  search(run)->masked(y, words, CHANNELS, COUNT);
  KNOWN_DIGEST(run, y, VALUES);
}

static void sums(known_run *run, int unused) {
  (void)unused;
  const int16_t *x = known_shorts(run, VALUES, -32768, 32767);
  int16_t *y = known_shorts(run, VALUES, -32768, 32767);
  search(run)->add(y, x, VALUES);
  KNOWN_DIGEST(run, y, VALUES);
  search(run)->errors(x, known_shorts(run, VALUES, -32768, 32767), 2000, y, VALUES);
  KNOWN_DIGEST(run, y, VALUES);
  search(run)->compand(x, y, VALUES);
  KNOWN_DIGEST(run, y, VALUES);
  const int32_t *words = known_words(run, VALUES, -(1 << 22), 1 << 22);
  known_digest_number(run, (uint64_t)search(run)->dot(words, words, VALUES - 1));
}

static void scaled(known_run *run, int unused) {
  (void)unused;
  const int32_t *words = known_words(run, VALUES, -(1 << 23), 1 << 23);
  const float *factors = known_floats(run, CHANNELS, 0x1p-13f);
  const int16_t *x = known_shorts(run, VALUES, -32768, 32767);
  int16_t *y = known_shorts(run, VALUES, -3000, 3000);
  search(run)->move(y, x, factors, CHANNELS, COUNT);
  KNOWN_DIGEST(run, y, VALUES);
  search(run)->pull(y, known_shorts(run, VALUES, -3000, 3000), CHANNELS, x, factors, 0.55f, 48,
                    CHANNELS, COUNT);
  KNOWN_DIGEST(run, y, VALUES);
  search(run)->scale(words, factors, y, CHANNELS, COUNT);
  KNOWN_DIGEST(run, y, VALUES);
  float *restored = KNOWN_TAKE(run, float, VALUES), squares[2];
  search(run)->restore(words, 0.01f, restored, VALUES);
  KNOWN_DIGEST(run, restored, VALUES);
  search(run)->measure(restored, VALUES - 1, &squares[0], &squares[1]);
  KNOWN_DIGEST(run, squares, 2);
  search(run)->quantise(restored, 0.3f, 30000, y, VALUES);
  KNOWN_DIGEST(run, y, VALUES);
}

static void rounding(known_run *run, int is_weighted) {
  enum { SCALES = 4, ROWS = SCALES * CK_COST_MAGNITUDES };
  const ck_latent_costs costs = {
      .bits = known_words(run, ROWS, 0, 3000),
      .steps = known_floats(run, ROWS, 0x1p-9f),
      .changes = known_floats(run, ROWS, 0x1p-9f),
      .near_slopes = known_shorts(run, ROWS, -3000, 3000),
      .zero_changes = known_shorts(run, SCALES, -3000, 3000),
      .first_scale = 12,
      .scale_count = SCALES,
  };
  float *weights = known_floats(run, CHANNELS, 0x1p-10f);
  const ck_rounding how = {&costs, is_weighted ? weights : NULL, CHANNELS, CHANNELS + 3};
  const size_t all = how.stride * COUNT;
  const int16_t *parameters = known_shorts(run, 2 * VALUES, -150, 150);
  const int16_t *y = known_shorts(run, all, -5000, 5000);
  float *factors = is_weighted ? known_floats(run, all, 0x1p-12f) : NULL;
  int16_t *z = KNOWN_TAKE(run, int16_t, all), *packed = KNOWN_TAKE(run, int16_t, VALUES);
  int16_t *slopes = KNOWN_TAKE(run, int16_t, 2 * VALUES);
  int16_t *symbols = KNOWN_TAKE(run, int16_t, CHANNELS);
  uint8_t *scales = KNOWN_TAKE(run, uint8_t, CHANNELS);
  known_digest_number(run, (uint64_t)ck_round_latents(&how, parameters, y, factors, z, packed,
                                                      slopes, COUNT));
  KNOWN_DIGEST(run, z, all);
  KNOWN_DIGEST(run, packed, VALUES);
  KNOWN_DIGEST(run, slopes, 2 * VALUES);
  for (int c = 0; c < CHANNELS; c++) scales[c] = (uint8_t)known_between(run, 0, SCALES - 1);
  ck_round_position(&costs, how.weights, factors, y, parameters, scales, symbols, CHANNELS);
  KNOWN_DIGEST(run, symbols, CHANNELS);
}

static const known_case cases[] = {
    {"search", "layer, linear", layer, CK_LINEAR},
    {"search", "layer, leaky", layer, CK_LEAKY},
    {"search", "layer, masked", layer, CK_MASKED},
    {"search", "layer, added", layer, CK_ADDED},
    {"search", "layer, sums", layer, CK_SUMS},
    {"search", "depthwise, linear", depthwise, CK_LINEAR},
    {"search", "depthwise, added", depthwise, CK_ADDED},
    {"search", "leaky and masked", signs, 0},
    {"search", "add, errors, compand and dot", sums, 0},
    {"search", "move, pull, scale, restore, measure and quantise", scaled, 0},
    {"search", "rounding to the nearest", rounding, 0},
    {"search", "rounding to the cheapest", rounding, 1},
    {0},
};

const ck_vector_list *ck_search_vectors(void) {
  static const known_case *const groups[] = {cases, NULL};
  static const uint32_t expected[] = {CK_SEARCH_VECTORS};
  static const ck_vector_list list = {groups, expected, sizeof expected / sizeof *expected};
  return &list;
}
