// Known vectors of the coders in floats: mixing, samples of the residual, latents.
//
// Each lists what it codes, then reads from any bytes with the models that have learnt from that.

#include "known_vectors.h"

enum { READ_BYTES = 400 };

// MARK: Mixing

static void fill_tables(known_run *run, int unused) {
  (void)unused;
  KNOWN_DIGEST(run, run->stretch, CK_STRETCH_COUNT);
  KNOWN_DIGEST(run, run->squash, CK_SQUASH_COUNT);
}

/// Decisions under `count` counters, in turn with one set of weights and with two.
static void decide(known_run *run, int count) {
  enum { BITS = 3, DECISIONS = 40, WEIGHTS = 8 * (2 * CK_MAX_COUNTERS / 8) };
  uint32_t slots[CK_MAX_COUNTERS];
  ck_counter *counters = KNOWN_TAKE(run, ck_counter, (size_t)count << BITS);
  float *weights = KNOWN_TAKE(run, float, 2 * WEIGHTS);
  for (int k = 0; k < 2 * count; k++) {
    weights[k] = known_float(run, 0x1p-13f);
    weights[WEIGHTS + k] = known_float(run, 0x1p-13f);
  }
  const ck_logistic logistic = {run->stretch, run->squash};
  const ck_mixer mixer = {logistic, counters, BITS, (uint32_t)count, 0.02f, slots};
  ck_symbol *listed = KNOWN_TAKE(run, ck_symbol, DECISIONS);
  ck_range in = ck_range_of(known_bytes(run, READ_BYTES), READ_BYTES);
  ck_port ports[2] = {{NULL, listed}, {&in, NULL}};
  for (int k = 0; k < 2 * DECISIONS; k++) {
    for (int c = 0; c < count; c++) slots[c] = (uint32_t)known_between(run, 0, (1 << BITS) - 1);
    int bit = known_between(run, 0, 3) == 0;
    float *more = k & 1 ? weights + WEIGHTS : NULL;
    bit = run->mixing->decide(&mixer, weights, more, bit, &ports[k / DECISIONS]);
    known_digest_number(run, (uint64_t)bit);
  }
  known_digest_listed(run, listed, &ports[0]);
  known_digest_range(run, &in);
  KNOWN_DIGEST(run, counters, (size_t)count << BITS);
  KNOWN_DIGEST(run, weights, 2 * WEIGHTS);
}

// MARK: Levels

/// Two rows of three blocks of a plane, of which the first is listed and the second is read.
static void level_blocks(known_run *run, int plane) {
  enum { LINE_BITS = 10, COLUMNS = 3, BLOCKS = 2 * COLUMNS, FEW_LEVELS = 9 };
  const size_t lines = (size_t)CK_LEVEL_CONTEXTS << LINE_BITS;
  ck_counter *starts = KNOWN_TAKE(run, ck_counter, CK_LEVEL_STARTS);
  for (size_t i = 0; i < CK_LEVEL_STARTS; i += 3) {
    const int32_t fast = known_between(run, -32000, 32000);
    starts[i] = (ck_counter){(int16_t)fast, (int16_t)((fast & ~31) | 2)};
  }
  const ck_level_models models = {
      .logistic = {run->stretch, run->squash},
      .lines = KNOWN_TAKE(run, ck_counter, lines),
      .signs = KNOWN_TAKE(run, ck_counter, lines),
      // Lines are of as many counters as these hold.
      .line_bits = LINE_BITS - 3,
      .sign_bits = LINE_BITS,
      .weights = known_floats(run, CK_LEVEL_SETS * CK_LEVEL_WEIGHTS, 0x1p-13f),
      .rate = 0.01f,
      .starts = starts,
  };
  int16_t *levels = KNOWN_TAKE(run, int16_t, (size_t)64 * (BLOCKS + 1));
  const int16_t *none = levels + 64 * BLOCKS;
  for (int k = 0; k < 64 * COLUMNS; k++) {
    const int32_t size = known_between(run, 0, FEW_LEVELS);
    const int32_t limit = size == FEW_LEVELS ? 2047 : size > 5 ? size : 0;
    levels[k] = (int16_t)known_between(run, -limit, limit);
  }
  const int16_t *others = known_shorts(run, 64 * BLOCKS, -3, 3);
  const int32_t *steps = known_words(run, 64, 1, plane > 1 ? 65535 : 60);
  int32_t *above = KNOWN_TAKE(run, int32_t, 16 * COLUMNS), *left = KNOWN_TAKE(run, int32_t, 16);
  int16_t *misses = KNOWN_TAKE(run, int16_t, BLOCKS);
  ck_symbol *listed = KNOWN_TAKE(run, ck_symbol, (size_t)CK_LEVEL_MAX_DECISIONS * COLUMNS);
  ck_range in = ck_range_of(known_bytes(run, READ_BYTES), READ_BYTES);
  ck_port ports[2] = {{NULL, listed}, {&in, NULL}};
  for (int i = 0; i < BLOCKS; i++) {
    const int x = i % COLUMNS, y = i / COLUMNS;
    int16_t *here = levels + 64 * i;
    const ck_level_block block = {
        .here = here,
        .left = x > 0 ? here - 64 : none,
        .above = y > 0 ? here - 64 * COLUMNS : none,
        .above_left = x > 0 && y > 0 ? here - 64 * (COLUMNS + 1) : none,
        .above_right = y > 0 && x + 1 < COLUMNS ? here - 64 * (COLUMNS - 1) : none,
        .before = plane > 1 ? others + 64 * i : none,
        .luma = plane > 0 ? others + 64 * (BLOCKS - 1 - i) : none,
        .plane = plane,
        .has_left = x > 0,
        .has_above = y > 0,
        .steps = steps,
        .above_lines = above + 16 * x,
        .left_lines = left,
        .left_miss = x > 0 ? misses[i - 1] : 0,
        .above_miss = y > 0 ? misses[i - COLUMNS] : 0,
        .luma_miss = plane > 0 ? known_between(run, -20, 20) : 0,
        .before_miss = plane > 1 ? known_between(run, -20, 20) : 0,
        .miss = misses + i,
    };
    run->level->code_block(&models, &block, &ports[y]);
  }
  known_digest_listed(run, listed, &ports[0]);
  known_digest_range(run, &in);
  KNOWN_DIGEST(run, levels, (size_t)64 * BLOCKS);
  KNOWN_DIGEST(run, above, (size_t)16 * COLUMNS);
  KNOWN_DIGEST(run, models.weights, (size_t)CK_LEVEL_SETS * CK_LEVEL_WEIGHTS);
}

// MARK: Least squares

/// The sums of blocks, their windows and their solutions, by `vectors` vectors of regressors.
static void least_squares(known_run *run, int vectors) {
  enum { BLOCKS = 3, SAMPLES = 5 };
  const size_t n = 8 * (size_t)vectors, order = n - 3;
  const size_t size = 8 * (size_t)(4 * vectors * (vectors + 1) + vectors);
  float *sums = KNOWN_TAKE(run, float, BLOCKS * size);
  for (size_t b = 0; b < BLOCKS; b++) {
    // Of one block they are so small that products have no full precision.
    const float unit = b == 1 ? 0x1p-76f : 0x1p-6f;
    const float *features = known_floats(run, SAMPLES * n, unit);
    const float *targets = known_floats(run, SAMPLES, unit);
    float *importance = known_floats(run, SAMPLES, 0x1p-10f);
    for (int i = 0; i < SAMPLES; i++) importance[i] *= importance[i];
    run->residual->accumulate(features, targets, importance, SAMPLES, (size_t)vectors,
                              sums + b * size);
  }
  KNOWN_DIGEST(run, sums, BLOCKS * size);
  float *window = KNOWN_TAKE(run, float, BLOCKS * size);
  memcpy(window, sums, BLOCKS * size * sizeof *sums);
  run->residual->spread(sums, BLOCKS, (size_t)vectors, 0.8f, 0.7f, window);
  KNOWN_DIGEST(run, window, BLOCKS * size);
  float *left = KNOWN_TAKE(run, float, size), *equations = KNOWN_TAKE(run, float, size);
  for (int b = 0; b < 2; b++) {
    run->residual->advance(sums, window, (size_t)vectors, 0.9f, left, equations);
  }
  KNOWN_DIGEST(run, left, size);
  KNOWN_DIGEST(run, equations, size);
  float *weights = KNOWN_TAKE(run, float, BLOCKS * n);
  run->residual->solve(window, BLOCKS, order, (size_t)vectors, 0.4f, weights);
  KNOWN_DIGEST(run, weights, BLOCKS * n);
}

// MARK: Samples

enum {
  WIDTH = 12,
  MARGIN = 16,
  STRIDE = WIDTH + 2 * MARGIN,
  RUN_LENGTH = 5,
  MOST_RUNS = 8,
  MOST_VALUES = 3072,  // of a context
  DECIDED_SETS = CK_NODES * 24,
};

/// Four rows: two above, that of the samples, and one below.
static float *take_samples(known_run *run, int32_t low, int32_t high) {
  float *rows = KNOWN_TAKE(run, float, 4 * STRIDE);
  for (int i = 0; i < 4 * STRIDE; i++) {
    rows[i] = (float)(known_between(run, low, high) + (low < 0 ? 0 : i % STRIDE));
  }
  return rows + 2 * STRIDE + MARGIN;
}

/// A plane with `vectors` vectors of regressors: the first run is its own, the next the helper's.
static ck_plane *take_plane(known_run *run, size_t vectors, int high) {
  ck_plane *p = KNOWN_TAKE(run, ck_plane, 1);
  ck_run *runs = KNOWN_TAKE(run, ck_run, MOST_RUNS);
  p->high = (float)high;
  p->unit = high > 255 ? (float)((high + 1) / 256) : 1;
  p->order = 8 * vectors - 3;
  p->vectors = vectors;
  p->run_count = (p->order + RUN_LENGTH - 1) / RUN_LENGTH;
  p->stride = STRIDE;
  p->runs = runs;
  p->sample = take_samples(run, high / 3, high / 3 + high / 16 + 2);
  p->error = take_samples(run, -high / 32 - 2, high / 32 + 2);
  const float *helper = take_samples(run, high / 3, high / 3 + high / 16 + 2);
  for (size_t k = 0; k < p->run_count; k++) {
    const float *of = k < (p->run_count + 1) / 2 ? p->sample : helper;
    runs[k] = (ck_run){of - STRIDE * (ptrdiff_t)(1 + k % 2) - 2 + (ptrdiff_t)(k % 3), of - 1,
                       of - STRIDE, (uint32_t)(k * RUN_LENGTH)};
  }
  p->expert_weights[0] = known_floats(run, 8 * vectors, 0x1p-14f);
  p->mean_errors = KNOWN_TAKE(run, ck_bias, CK_LEVELS * CK_HELPER_LEVELS);
  p->symbol_starts = run->symbol_starts;
  p->logistic = (ck_logistic){run->stretch, run->squash};
  return p;
}

/// Blocks of a single expert; half of their features go to the normal equations.
static void code_block(known_run *run, int vectors) {
  enum { COUNT = 7 };
  const int high = vectors == 3 ? 4095 : 255;
  ck_plane *p = take_plane(run, (size_t)vectors, high);
  for (int h = 0; h < vectors % 3; h++) p->helpers[h] = take_samples(run, -9, 9);
  p->helper_count = (size_t)(vectors % 3);
  ck_block block = {KNOWN_TAKE(run, float, 8 * (size_t)vectors * COUNT),
                    KNOWN_TAKE(run, float, COUNT), KNOWN_TAKE(run, float, COUNT)};
  ck_symbol *listed = KNOWN_TAKE(run, ck_symbol, 2 * WIDTH);
  ck_range in = ck_range_of(known_bytes(run, READ_BYTES), READ_BYTES);
  ck_port ports[2] = {{NULL, listed}, {&in, NULL}};
  for (int k = 0; k < 2; k++) {
    uint16_t values[COUNT];
    for (int i = 0; i < COUNT; i++) values[i] = (uint16_t)known_between(run, high / 3, high / 2);
    run->residual->code_block(p, k * COUNT, COUNT, values, &block, &ports[k]);
    KNOWN_DIGEST(run, values, COUNT);
    KNOWN_DIGEST(run, block.features, 8 * (size_t)vectors * COUNT);
    KNOWN_DIGEST(run, block.targets, COUNT);
    KNOWN_DIGEST(run, block.importance, COUNT);
  }
  known_digest_listed(run, listed, &ports[0]);
  known_digest_range(run, &in);
  KNOWN_DIGEST(run, p->error, 2 * COUNT);
  KNOWN_DIGEST(run, p->mean_errors, CK_LEVELS * CK_HELPER_LEVELS);
}

static void symbol_starts(known_run *run, int unused) {
  (void)unused;
  KNOWN_DIGEST(run, run->symbol_starts, CK_SYMBOL_START_COUNT);
}

/// How samples that are predicted one by one are coded.
typedef struct {
  size_t vectors, windows, rates, helpers, contexts;
  int high, has_prediction;
} sample_kind;

static const sample_kind sample_kinds[] = {
    {.vectors = 2, .windows = 1, .rates = 1, .contexts = 4, .high = 255},
    {.vectors = 5, .windows = 2, .rates = 1, .helpers = 2, .contexts = 8, .high = 255},
    {.vectors = 3,
     .windows = 1,
     .rates = 2,
     .helpers = 1,
     .contexts = 8,
     .high = 4095,
     .has_prediction = 1},
    {.vectors = 4, .windows = 1, .rates = 1, .helpers = 1, .high = 255},
    {.vectors = 1, .rates = 2, .high = 1023, .has_prediction = 1},
};

/// All contexts share a table of counters, and sets of weights overlap: they are so much smaller.
static void take_models(known_run *run, ck_plane *p, const sample_kind *kind,
                        ck_counter *counters) {
  const size_t cells = CK_LEVELS * CK_HELPER_LEVELS * CK_LANES;
  p->scales = KNOWN_TAKE(run, float, cells);
  p->scale_counts = KNOWN_TAKE(run, float, cells);
  for (size_t i = 0; i < cells; i++) {
    p->scales[i] = (float)(1 + i / (CK_HELPER_LEVELS * CK_LANES)) * 0.25f;
  }
  p->local_bias = KNOWN_TAKE(run, ck_bias, CK_DELTAS * CK_DELTAS * CK_DELTAS);
  p->error_bias = KNOWN_TAKE(run, ck_bias, CK_DELTAS * CK_DELTAS * CK_DELTAS);
  p->context_count = kind->contexts;
  if (!kind->contexts) return;
  p->mixer_rate = 0.0022f;
  p->weight_stride = 1;
  p->weights = KNOWN_TAKE(run, float, CK_LEVELS * CK_NODES + DECIDED_SETS);
  p->more_weights = KNOWN_TAKE(run, float, CK_HELPER_LEVELS * CK_DELTAS * CK_NODES + DECIDED_SETS);
  for (int i = 0; i < CK_LEVELS * CK_NODES + DECIDED_SETS; i++) {
    p->weights[i] = (float)(i % 8 + 4) * 0x1p-6f;
  }
  for (size_t k = 0; k < kind->contexts; k++) p->counters[k] = counters;
}

static void digest_models(known_run *run, const ck_plane *p) {
  KNOWN_DIGEST(run, p->scales, CK_LEVELS * CK_HELPER_LEVELS * CK_LANES);
  KNOWN_DIGEST(run, p->local_bias, CK_DELTAS * CK_DELTAS * CK_DELTAS);
  KNOWN_DIGEST(run, p->error_bias, CK_DELTAS * CK_DELTAS * CK_DELTAS);
  if (!p->context_count) return;
  KNOWN_DIGEST(run, p->weights, CK_LEVELS * CK_NODES + DECIDED_SETS);
  KNOWN_DIGEST(run, p->more_weights, CK_HELPER_LEVELS * CK_DELTAS * CK_NODES + DECIDED_SETS);
}

static void code_samples(known_run *run, int index) {
  const sample_kind *kind = &sample_kinds[index];
  // Untouched pages of it are never there.
  ck_counter *counters = ck_zeroed(MOST_VALUES * CK_NODES * sizeof *counters);
  if (!counters) return;
  ck_plane *p = take_plane(run, kind->vectors, kind->high);
  p->window_count = kind->windows;
  p->rate_count = kind->rates;
  for (size_t k = 0; k < kind->windows + kind->rates; k++) {
    p->expert_weights[k] = known_floats(run, 8 * kind->vectors, 0x1p-15f);
    if (k < kind->rates) p->rates[k] = k ? 0.002f : 0.008f;
  }
  for (int l = 0; l < CK_LANES; l++) p->lane_weights[l] = (float)(l + 3) * 0x1p-4f;
  p->helper_count = kind->helpers;
  p->helpers_are_whole = kind->helpers > 1;
  for (size_t h = 0; h < kind->helpers; h++) p->helpers[h] = take_samples(run, -9, 9);
  if (kind->helpers) p->guide = take_samples(run, kind->high / 3, kind->high / 2);
  if (kind->has_prediction) {
    p->prediction = take_samples(run, kind->high / 3, kind->high / 2);
    p->prediction_scale = known_bytes(run, WIDTH);
  }
  float *lanes = known_floats(run, 3 * 8 * STRIDE, 0x1p-8f);
  for (int i = 0; i < 3 * 8 * STRIDE; i++) lanes[i] = lanes[i] < 0 ? -lanes[i] : lanes[i];
  p->lane_errors_above2 = lanes + 8 * MARGIN;
  p->lane_errors_above = p->lane_errors_above2 + 8 * STRIDE;
  p->lane_errors = lanes + 8 * (2 * STRIDE + MARGIN);
  take_models(run, p, kind, counters);
  ck_symbol *listed = KNOWN_TAKE(run, ck_symbol, CK_MAX_DECISIONS * WIDTH);
  ck_range in = ck_range_of(known_bytes(run, READ_BYTES), READ_BYTES);
  ck_port ports[2] = {{NULL, listed}, {&in, NULL}};
  for (ptrdiff_t x = 0; x < WIDTH; x++) {
    // Now and then one that nothing foretells.
    const int32_t low = kind->high / 3;
    int32_t value = x % 7 == 5 ? known_between(run, 0, kind->high)
                               : known_between(run, low, low + kind->high / 12);
    run->residual->predict_sample(p, x);
    KNOWN_DIGEST(run, p->mean, CK_LANES);
    KNOWN_DIGEST(run, p->scale, CK_LANES);
    ck_port *port = &ports[x >= WIDTH / 2];
    value = kind->contexts ? run->residual->code_sample(p, value, port)
                           : run->residual->code_symbol(p, value, port);
    known_digest_number(run, (uint64_t)value);
    run->residual->settle_sample(p, x, (float)value);
    KNOWN_DIGEST(run, p->lane_errors + 8 * x, CK_LANES);
    for (size_t k = 0; k < kind->contexts; k++) {
      KNOWN_DIGEST(run, p->node_counters[k], CK_NODES);
    }
  }
  known_digest_listed(run, listed, &ports[0]);
  known_digest_range(run, &in);
  KNOWN_DIGEST(run, p->error, WIDTH);
  KNOWN_DIGEST(run, p->correction, 8);
  digest_models(run, p);
  for (size_t k = 0; k < kind->windows + kind->rates; k++) {
    KNOWN_DIGEST(run, p->expert_weights[k], 8 * kind->vectors);
  }
  ck_free(counters);
}

const known_case ck_coder_cases[] = {
    {"mixing", "fill_tables", fill_tables, 0},
    {"mixing", "decide, 6 counters", decide, 6},
    {"mixing", "decide, 7 counters", decide, 7, SLOW},
    {"mixing", "decide, 8 counters", decide, 8},
    {"mixing", "decide, 12 counters", decide, 12},
    {"levels", "code_block, first plane", level_blocks, 0, SLOW},
    {"levels", "code_block, third plane", level_blocks, 2},
    {"residual", "least squares, 1 vector", least_squares, 1, SLOW},
    {"residual", "least squares, 2 vectors", least_squares, 2, SLOW},
    {"residual", "least squares, 3 vectors", least_squares, 3},
    {"residual", "least squares, 4 vectors", least_squares, 4, SLOW},
    {"residual", "least squares, 5 vectors", least_squares, 5, SLOW},
    {"residual", "fill_symbol_starts", symbol_starts, 0},
    {"residual", "code_block, 1 vector", code_block, 1, SLOW},
    {"residual", "code_block, 2 vectors", code_block, 2, SLOW},
    {"residual", "code_block, 3 vectors, 12 bits", code_block, 3},
    {"residual", "code_block, 4 vectors", code_block, 4, SLOW},
    {"residual", "code_block, 5 vectors", code_block, 5},
    {"residual", "code_sample, 4 contexts", code_samples, 0, SLOW},
    {"residual", "code_sample, 8 contexts, 2 helpers", code_samples, 1},
    {"residual", "code_sample, 12 bits, prediction", code_samples, 2, SLOW},
    {"residual", "code_symbol, 1 helper", code_samples, 3},
    {"residual", "code_symbol, 10 bits, prediction", code_samples, 4, SLOW},
    {0},
};
