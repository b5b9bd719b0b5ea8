// Known vectors of the integer kernels: the model's, those of rows of pixels, the range decoder.

#include "known_vectors.h"

enum { ANY = 32767 };

// MARK: Model

/// Positions in all remainders of the blocks that kernels work in, and values that wrap around.
static void convolve(known_run *run, int count) {
  enum { ROWS = 3, LENGTH = 6, STEP = 4, OUTPUTS = 32, STRIDE = 80 };
  const int16_t *x = known_shorts(run, ROWS * STRIDE, -ANY - 1, ANY);
  const int16_t *w = known_shorts(run, OUTPUTS * ROWS * LENGTH, -ANY - 1, ANY);
  const int32_t *bias = known_words(run, OUTPUTS, -(1 << 22), 1 << 22);
  int32_t *sums = KNOWN_TAKE(run, int32_t, OUTPUTS * (size_t)count);
  run->model->convolve(x, STRIDE, ROWS, LENGTH, STEP, w, bias, sums, OUTPUTS, (size_t)count);
  KNOWN_DIGEST(run, sums, OUTPUTS * (size_t)count);
}

static void layer(known_run *run, int flags) {
  enum { SEGMENTS = 2, LENGTH = 10, STEP = 6, OUTPUTS = 48, KEPT = 38, Y_STEP = 40, MOST = 11 };
  const int16_t *x[SEGMENTS];
  for (int s = 0; s < SEGMENTS; s++) x[s] = known_shorts(run, 80, -2000, 2000);
  const int16_t *w = known_shorts(run, OUTPUTS * SEGMENTS * LENGTH, -900, 900);
  const int32_t *bias = known_words(run, OUTPUTS, -(1 << 22), 1 << 22);
  int16_t *y = known_shorts(run, Y_STEP * MOST, -20000, 20000);
  ck_layer wide = {w, bias, SEGMENTS, LENGTH, OUTPUTS, KEPT, 8};
  run->model->layer(&wide, x, STEP, y, Y_STEP, MOST, flags);
  KNOWN_DIGEST(run, y, Y_STEP * MOST);
  wide.kept = 3;
  wide.shift = 11;
  run->model->layer(&wide, x, STEP, y, Y_STEP, 3, flags);
  KNOWN_DIGEST(run, y, Y_STEP * MOST);
}

static void depthwise3(known_run *run, int channels) {
  enum { COUNT = 5 };
  const size_t n = (size_t)channels;
  const int16_t *x = known_shorts(run, 3 * (COUNT + 2) * n, -ANY - 1, ANY);
  const int16_t *w = known_shorts(run, 9 * n, -ANY - 1, ANY);
  const int32_t *bias = known_words(run, n, -(1 << 22), 1 << 22);
  int32_t *sums = KNOWN_TAKE(run, int32_t, n * COUNT);
  run->model->depthwise3(x, (COUNT + 2) * n, w, bias, sums, n, COUNT);
  KNOWN_DIGEST(run, sums, n * COUNT);
}

static void depthwise_row(known_run *run, int channels) {
  enum { COUNT = 5 };
  const size_t n = (size_t)channels;
  const int16_t *x[3];
  for (int r = 0; r < 3; r++) x[r] = known_shorts(run, (COUNT + 2) * n, -4000, 4000);
  const int16_t *w = known_shorts(run, 9 * n, -2000, 2000);
  const int32_t *bias = known_words(run, n, -(1 << 22), 1 << 22);
  int16_t *y = KNOWN_TAKE(run, int16_t, n * COUNT);
  run->model->depthwise_row(x, w, bias, 9, y, n, COUNT);
  KNOWN_DIGEST(run, y, n * COUNT);
}

static void requantize(known_run *run, int leaky) {
  enum { COUNT = 37 };
  const int32_t *sums = known_words(run, COUNT, -(1 << 23), 1 << 23);
  int16_t *y = KNOWN_TAKE(run, int16_t, COUNT);
  for (int shift = 1; shift <= 30; shift += 7) {
    run->model->requantize(sums, shift, leaky, y, COUNT);
    KNOWN_DIGEST(run, y, COUNT);
  }
}

static void add(known_run *run, int count) {
  const size_t n = (size_t)count;
  int16_t *y = known_shorts(run, n, -ANY - 1, ANY);
  run->model->add(y, known_shorts(run, n, -ANY - 1, ANY), n);
  KNOWN_DIGEST(run, y, n);
}

static void add_vector(known_run *run, int leaky) {
  enum { CHANNELS = 19, COUNT = 3 };
  int16_t *y = known_shorts(run, CHANNELS * COUNT, -ANY - 1, ANY);
  run->model->add_vector(y, known_shorts(run, CHANNELS, -ANY - 1, ANY), CHANNELS, COUNT, leaky);
  KNOWN_DIGEST(run, y, CHANNELS * COUNT);
}

static void leaky(known_run *run, int count) {
  const size_t n = (size_t)count;
  int16_t *y = KNOWN_TAKE(run, int16_t, n);
  run->model->leaky(known_shorts(run, n, -ANY - 1, ANY), y, n);
  KNOWN_DIGEST(run, y, n);
}

static void coefficients(known_run *run, int channels) {
  enum { COUNT = 3 };
  const size_t n = (size_t)channels;
  const int16_t *q = known_shorts(run, n * COUNT, -300, 300);
  const int16_t *correction = known_shorts(run, n * COUNT, -ANY - 1, ANY);
  const int32_t *steps = known_words(run, n, 1, 1 << 20);
  int16_t *y = KNOWN_TAKE(run, int16_t, n * COUNT);
  run->model->coefficients(q, correction, steps, y, n, COUNT);
  KNOWN_DIGEST(run, y, n * COUNT);
}

static void post_features(known_run *run, int side) {
  enum { COUNT = 11, X = 5 };
  const size_t n = (size_t)side;
  const int16_t *blocks = known_shorts(run, 5 * 50, -ANY - 1, ANY);
  const int16_t *sides = known_shorts(run, 5 * (4 * n + 3), -ANY - 1, ANY);
  int16_t *y = KNOWN_TAKE(run, int16_t, COUNT * (12 + n));
  run->model->post_features(blocks, 50, 1, sides, 4 * n + 3, 1, n, X, COUNT, y);
  KNOWN_DIGEST(run, y, COUNT * (12 + n));
}

static void scale_indices(known_run *run, int channels) {
  enum { COUNT = 3 };
  const size_t n = (size_t)channels;
  const int16_t *parameters = known_shorts(run, 2 * n * COUNT, -300, 1200);
  uint8_t *scales = KNOWN_TAKE(run, uint8_t, n * COUNT);
  run->model->scale_indices(parameters, n, COUNT, 12, CK_LATENT_SCALES - 1, scales);
  KNOWN_DIGEST(run, scales, n * COUNT);
}

static void reconstruct(known_run *run, int channels) {
  const size_t n = (size_t)channels;
  const int16_t *means = known_shorts(run, n, -ANY - 1, ANY);
  int16_t *z = KNOWN_TAKE(run, int16_t, n);
  run->model->reconstruct(means, known_shorts(run, n, -700, 700), z, n);
  KNOWN_DIGEST(run, z, n);
}

// MARK: Pixels

enum { MOST_PIXELS = 40 };

/// Rows of some table, filled at random.
static void take_rows(known_run *run, int16_t **rows, int count, int32_t least, int32_t most) {
  for (int k = 0; k < count; k++) rows[k] = known_shorts(run, MOST_PIXELS, least, most);
}

static void take_word_rows(known_run *run, int32_t **rows, int count, int32_t most) {
  for (int k = 0; k < count; k++) rows[k] = known_words(run, MOST_PIXELS, -most, most);
}

static void digest_rows(known_run *run, int16_t *const *rows, int count) {
  for (int k = 0; k < count; k++) KNOWN_DIGEST(run, rows[k], MOST_PIXELS);
}

static void split(known_run *run, int count) {
  enum { STEP = 13 };
  int16_t *planes[6];
  take_rows(run, planes, 6, 0, 0);
  run->pixel->split(known_shorts(run, STEP * (size_t)count, -ANY - 1, ANY), STEP, planes,
                    (size_t)count);
  digest_rows(run, planes, 6);
}

static void separate(known_run *run, int count) {
  int16_t *planes[3], *again = KNOWN_TAKE(run, int16_t, 3 * (size_t)count);
  take_rows(run, planes, 3, 0, 0);
  run->pixel->separate(known_shorts(run, 3 * (size_t)count, -ANY - 1, ANY), planes, (size_t)count);
  digest_rows(run, planes, 3);
  run->pixel->interleave((const int16_t *const *)planes, again, (size_t)count);
  KNOWN_DIGEST(run, again, 3 * (size_t)count);
}

static void components(known_run *run, int count) {
  int16_t *planes[3];
  int32_t *sums[3];
  take_rows(run, planes, 3, -ANY - 1, ANY);
  take_word_rows(run, sums, 3, 0);
  run->pixel->components((const int16_t *const *)planes, sums, (size_t)count);
  for (int c = 0; c < 3; c++) KNOWN_DIGEST(run, sums[c], MOST_PIXELS);
}

static void smooth(known_run *run, int distance) {
  enum { COUNT = 33 };
  int32_t *rows[3], *y = KNOWN_TAKE(run, int32_t, COUNT);
  take_word_rows(run, rows, 3, 100000);
  const int32_t *inner[3];
  for (int r = 0; r < 3; r++) inner[r] = rows[r] + 3;
  run->pixel->smooth(inner, (size_t)distance, y, COUNT);
  KNOWN_DIGEST(run, y, COUNT);
}

static void filter(known_run *run, int count) {
  int32_t *rows[9];
  int16_t *planes[3];
  take_word_rows(run, rows, 3, 12000);
  take_word_rows(run, rows + 3, 3, 16 * 12000);
  take_word_rows(run, rows + 6, 3, 256 * 12000);
  take_rows(run, planes, 3, -ANY - 1, ANY);
  const int32_t *const *all = (const int32_t *const *)rows;
  run->pixel->filter(all, all + 3, all + 6, known_words(run, 48, -9000, 9000), planes,
                     (size_t)count);
  digest_rows(run, planes, 3);
}

static void grey(known_run *run, int count) {
  int16_t *x[3], *y = KNOWN_TAKE(run, int16_t, (size_t)count);
  take_rows(run, x, 3, -ANY - 1, ANY);
  run->pixel->grey((const int16_t *const *)x, y, (size_t)count);
  KNOWN_DIGEST(run, y, (size_t)count);
}

/// Means, and samples, of values from 7 to 7 + `span`; for 255 those from 0.
static void levels(known_run *run, int span) {
  enum { COUNT = 37 };
  const int16_t *x = known_shorts(run, COUNT, -2400, 2400);
  const int32_t low = span == 255 ? 0 : 7;
  int32_t *means = KNOWN_TAKE(run, int32_t, COUNT);
  uint16_t *samples = KNOWN_TAKE(run, uint16_t, COUNT);
  run->pixel->means(x, low, span, means, COUNT);
  run->pixel->samples(x, low, span, samples, COUNT);
  KNOWN_DIGEST(run, means, COUNT);
  KNOWN_DIGEST(run, samples, COUNT);
}

static void scales(known_run *run, int shift) {
  enum { COUNT = 21 };
  uint8_t *y = KNOWN_TAKE(run, uint8_t, COUNT);
  run->pixel->scales(known_shorts(run, 3 * (COUNT + 4), 0, 63), 3, shift, y, COUNT);
  KNOWN_DIGEST(run, y, COUNT);
}

static void interpolate(known_run *run, int shift) {
  enum { COUNT = 29, INPUTS = 20 };
  const int32_t whole = 2 << shift;
  int32_t *rows[2];
  for (int r = 0; r < 2; r++) {
    const int16_t *x = known_shorts(run, INPUTS, -ANY - 1, ANY);
    const int32_t *first = known_words(run, COUNT, 0, INPUTS - 1);
    const int32_t *second = known_words(run, COUNT, 0, INPUTS - 1);
    const int32_t *fraction = known_words(run, COUNT, 0, whole);
    rows[r] = KNOWN_TAKE(run, int32_t, COUNT);
    run->pixel->stretch(x, first, second, fraction, whole, rows[r], COUNT);
    KNOWN_DIGEST(run, rows[r], COUNT);
  }
  int16_t *y = KNOWN_TAKE(run, int16_t, COUNT);
  run->pixel->blend(rows[0], rows[1], whole, whole / 4 + 1, 2 * shift + 2, y, COUNT);
  KNOWN_DIGEST(run, y, COUNT);
}

// MARK: Range decoder

/// Reads bits, numbers and symbols from any bytes, beyond whose end zeros follow.
static void range(known_run *run, int count) {
  ck_range in = ck_range_of(known_bytes(run, (size_t)count), (size_t)count);
  ck_port port = {&in, NULL};
  for (int k = 0; k < count; k++) {
    const uint32_t p = (uint32_t)known_between(run, 16, (1 << 24) - 16);
    known_digest_number(run, (uint64_t)ck_port_bit(&port, 0, p));
    known_digest_number(run, ck_port_uniform(&port, 0, known_between(run, 0, 24)));
    const uint32_t target = ck_range_target(&in), start = target & ~4095u;
    known_digest_number(run, target);
    ck_range_consume(&in, start, 4096);
  }
  known_digest_range(run, &in);
}

static void port(known_run *run, int count) {
  ck_symbol *listed = KNOWN_TAKE(run, ck_symbol, 2 * (size_t)count);
  ck_port out = {NULL, listed};
  for (int k = 0; k < count; k++) {
    ck_port_bit(&out, known_between(run, 0, 1), (uint32_t)known_between(run, 16, (1 << 24) - 16));
    ck_port_uniform(&out, known_next(run), known_between(run, 0, 24));
  }
  known_digest_listed(run, listed, &out);
}

const known_case ck_integer_cases[] = {
    {"range", "reading", range, 60},
    {"range", "listing", port, 60},
    {"model", "convolve, 1 position", convolve, 1},
    {"model", "convolve, 11 positions", convolve, 11},
    {"model", "convolve, 18 positions", convolve, 18},
    {"model", "layer, linear", layer, 0},
    {"model", "layer, leaky", layer, CK_LAYER_LEAKY},
    {"model", "layer, added", layer, CK_LAYER_ADDS},
    {"model", "layer, leaky and added", layer, CK_LAYER_LEAKY | CK_LAYER_ADDS},
    {"model", "depthwise3, 7 channels", depthwise3, 7},
    {"model", "depthwise3, 40 channels", depthwise3, 40},
    {"model", "depthwise_row, 7 channels", depthwise_row, 7},
    {"model", "depthwise_row, 56 channels", depthwise_row, 56},
    {"model", "requantize, linear", requantize, 0},
    {"model", "requantize, leaky", requantize, 1},
    {"model", "add", add, 39},
    {"model", "add_vector, linear", add_vector, 0},
    {"model", "add_vector, leaky", add_vector, 1},
    {"model", "leaky", leaky, 39},
    {"model", "coefficients", coefficients, 21},
    {"model", "post_features, 4 sides", post_features, 4},
    {"model", "post_features, 3 sides", post_features, 3},
    {"model", "scale_indices", scale_indices, 37},
    {"model", "reconstruct", reconstruct, 37},
    {"pixel", "split", split, 19},
    {"pixel", "separate and interleave", separate, 37},
    {"pixel", "components", components, 37},
    {"pixel", "smooth, distance 1", smooth, 1},
    {"pixel", "smooth, distance 2", smooth, 2},
    {"pixel", "filter", filter, 37},
    {"pixel", "grey", grey, 37},
    {"pixel", "means and samples, 8 bits", levels, 255},
    {"pixel", "means and samples, 12 bits", levels, 4088},
    {"pixel", "scales", scales, 2},
    {"pixel", "stretch and blend, twice", interpolate, 1},
    {"pixel", "stretch and blend, 8 times", interpolate, 3},
    {0},
};
