// Known vectors of the wavefront: small planes written and read, with all that models learn.

#include "known_vectors.h"
#include "wavefront_layout.h"

enum { MOST_PLANES = 3 };

static void fill_symbols(known_run *run, int unused) {
  (void)unused;
  KNOWN_DIGEST(run, run->wave_starts, CK_WAVE_SYMBOL_COUNT);
}

/// A picture and how its planes are coded.
typedef struct {
  int32_t width, height, planes, block, high, unit_bits;
  /// The second one is zero where there is but one.
  ck_wave_window windows[CK_WAVE_MAX_WINDOWS];
  /// Neighbours in the plane itself, and in each helper, by the number of helpers.
  int8_t own[MOST_PLANES], near[MOST_PLANES];
  int has_prediction, is_mixed;
} wave_kind;

// The first two are quick.
static const wave_kind wave_kinds[] = {
    {9, 9, 2, 2, 255, 0, {{0.7f, 0.7f}}, .own = {6, 3}, .near = {0, 3}, .has_prediction = 1},
    {7, 8, 1, 2, 255, 0, {{0.85f, 0.72f}}, .own = {6}, .is_mixed = 1},
    {29, 19, 1, 8, 255, 0, {{0.45f, 0.72f}}, .own = {6}},
    {29, 19, 3, 4, 255, 0, {{0.7f, 0.7f}}, .own = {10, 6, 4}, .near = {0, 9, 6}},
    {13, 25, 3, 2, 4095, 4, {{0.85f, 0.72f}}, .own = {12, 6, 6}, .near = {0, 10, 7},
     .has_prediction = 1},
    {29, 19, 3, 2, 255, 0, {{0.85f, 0.72f}}, .own = {12, 6, 6}, .near = {0, 10, 7},
     .has_prediction = 1, .is_mixed = 1},
    {11, 9, 2, 4, 4095, 4, {{0.7f, 0.7f}}, .own = {7, 4}, .near = {0, 4}, .is_mixed = 1},
    {9, 17, 1, 8, 1, 0, {{0.45f, 0.72f}}, .own = {6}, .is_mixed = 1},
    {29, 19, 3, 2, 255, 0, {{0.95f, 0.85f}, {0.7f, 0.65f}}, .own = {12, 8, 7}, .near = {0, 10, 7},
     .has_prediction = 1, .is_mixed = 1},
};

/// A picture while it is coded in one direction.
typedef struct {
  const wave_kind *kind;
  ck_wave_plane planes[MOST_PLANES];
  ck_wave_port ports[MOST_PLANES];
  uint16_t *values[MOST_PLANES];
  const int32_t *means[MOST_PLANES];
  const uint8_t *scales[MOST_PLANES];
} wave_picture;

static int take_taps(ck_wave_shape *shape, const wave_kind *kind, int helpers) {
  static const int8_t own[12][2] = {{-1, 0}, {0, 1}, {-1, 1}, {1, 1},  {-2, 0}, {0, 2},
                                    {2, 1},  {-2, 1}, {1, 2}, {-1, 2}, {-3, 0}, {3, 1}};
  static const int8_t near[10][2] = {{0, 0}, {-1, 0}, {0, 1}, {1, 0}, {-1, 1},
                                     {1, 1}, {-2, 0}, {2, 0}, {0, 2}, {2, 1}};
  int count = 0;
  for (int k = 0; k < kind->own[helpers]; k++) {
    shape->taps[count++] = (ck_wave_tap){0, own[k][0], own[k][1]};
  }
  for (int h = 1; h <= helpers; h++) {
    for (int k = 0; k < kind->near[helpers]; k++) {
      shape->taps[count++] = (ck_wave_tap){(int8_t)h, near[k][0], near[k][1]};
    }
  }
  if (kind->has_prediction) shape->taps[count++] = (ck_wave_tap){3, 0, 0};
  return count;
}

/// All contexts share a table of counters: seven take a megabyte and a half.
static float *take_counters(known_run *run) {
  enum { COUNT = 11 * 11 * 11 * WAVE_LINE };
  float *counters = KNOWN_TAKE(run, float, COUNT);
  for (size_t i = 7; i < COUNT; i += 8) counters[i] = 0.125f;
  return counters;
}

static void take_planes(known_run *run, wave_picture *w, float *counters) {
  const wave_kind *kind = w->kind;
  for (int k = 0; k < kind->planes; k++) {
    ck_wave_shape shape = {
        .width = kind->width, .height = kind->height, .high = kind->high,
        .unit_bits = kind->unit_bits, .block = kind->block, .helper_count = k,
        .has_prediction = kind->has_prediction, .counter_count = kind->is_mixed ? 0 : -1,
        .ring = CK_WAVE_RING};
    for (int z = 0; z < CK_WAVE_MAX_WINDOWS; z++) {
      shape.windows[z] = kind->windows[z];
      shape.window_count += kind->windows[z].down > 0;
    }
    shape.tap_count = take_taps(&shape, kind, k);
    ck_wave_plane *p = &w->planes[k];
    ck_wave_plane_place(p, &shape, KNOWN_TAKE(run, float, ck_wave_plane_size(&shape)));
    for (int c = 0; kind->is_mixed && c < CK_WAVE_COUNTERS; c++) p->counters[c] = counters;
    for (int h = 0; h < k; h++) p->helpers[h] = &w->planes[h ? 0 : k - 1];
  }
}

/// Codes all bands, each plane's a band behind those of the plane before.
static void code_bands(known_run *run, wave_picture *w) {
  const wave_kind *kind = w->kind;
  const int bands = (kind->height + CK_WAVE_LANES - 1) / CK_WAVE_LANES;
  for (int turn = 0; turn < bands + kind->planes - 1; turn++) {
    for (int k = 0; k < kind->planes; k++) {
      const int band = turn - k, at = band * CK_WAVE_LANES * kind->width;
      if (band < 0 || band >= bands) continue;
      if (k > 0) run->wavefront->look_below(&w->planes[k - 1], band);
      if (kind->has_prediction) {
        run->wavefront->set_prediction(&w->planes[k], band, w->means[k] + at, w->scales[k] + at);
      }
      run->wavefront->code_band(&w->planes[k], band, w->values[k] + at, run->wave_starts,
                                &w->ports[k]);
    }
  }
}

static void digest_models(known_run *run, const wave_picture *w) {
  for (int k = 0; k < w->kind->planes; k++) {
    const ck_wave_plane *p = &w->planes[k];
    KNOWN_DIGEST(run, p->cells, 2 * WAVE_CELLS);
    KNOWN_DIGEST(run, p->gradients, 8 * CK_WAVE_MAX_TAPS);
    for (int z = 0; z < p->shape.window_count; z++) {
      KNOWN_DIGEST(run, p->equations[z], 8 * WAVE_STRIDE * WAVE_STRIDE);
    }
    if (!w->kind->is_mixed) continue;
    for (int e = 1; e < CK_WAVE_EXPERTS && p->scales[e]; e++) {
      KNOWN_DIGEST(run, p->scales[e], 2 * (WAVE_SCALES + 1));
    }
    KNOWN_DIGEST(run, p->misses, 2 * (WAVE_MISSES_IDLE + 1));
    KNOWN_DIGEST(run, p->correction, 8 * WAVE_HISTORY);
    KNOWN_DIGEST(run, p->weights, WAVE_WEIGHTS);
    KNOWN_DIGEST(run, p->counters[0], 11 * 11 * 11 * WAVE_LINE);
  }
}

/// Slopes with noise, the planes alike, and what foretells them.
static void draw(known_run *run, wave_picture *w) {
  const wave_kind *kind = w->kind;
  const int32_t count = kind->width * kind->height, high = kind->high, noise = high / 32 + 1;
  for (int k = 0; k < kind->planes; k++) {
    w->values[k] = KNOWN_TAKE(run, uint16_t, (size_t)count);
    int32_t *means = KNOWN_TAKE(run, int32_t, (size_t)count);
    w->means[k] = means;
    w->scales[k] = known_bytes(run, (size_t)count);
    for (int32_t i = 0; i < count; i++) {
      const int32_t x = i % kind->width, y = i / kind->width;
      int32_t value = high * (x + 2 * y + 10 * k) / (3 * (kind->width + kind->height) + 30);
      value += i % 37 == 20 ? high / 2 : known_between(run, 0, noise);
      w->values[k][i] = (uint16_t)(value < high ? value : high);
      means[i] = w->values[k][i] * 16 + known_between(run, -80, 80);
    }
  }
}

/// A plane's list, whose entries are at most a word each, as a block of words up to `end`.
static const uint16_t *write(known_run *run, int is_mixed, const ck_wave_port *port,
                             const void *listed, uint16_t *end) {
  ck_wave_cost cost = {1, 0};
  const uint16_t *first;
  if (is_mixed) {
    const size_t rounds = (size_t)(port->decisions - (const uint16_t *)listed) / CK_WAVE_LANES;
    first = run->wavefront->write_decisions(listed, rounds, end, &cost);
  } else {
    const size_t count = (size_t)(port->symbols - (const uint32_t *)listed);
    first = run->wavefront->write_symbols(listed, count, end, &cost);
  }
  known_digest(run, first, (size_t)(end - first) * sizeof *first);
  known_digest(run, &cost.mantissa, sizeof cost.mantissa);
  known_digest_number(run, (uint64_t)cost.exponent);
  return first;
}

static void code_planes(known_run *run, int index) {
  wave_picture writing = {.kind = &wave_kinds[index]};
  const wave_kind *kind = writing.kind;
  draw(run, &writing);
  const size_t samples = (size_t)(kind->width * kind->height);
  const size_t bands = (size_t)(kind->height + CK_WAVE_LANES - 1) / CK_WAVE_LANES;
  const size_t steps = bands * (size_t)(kind->width + 15 * kind->block);
  const size_t entries = steps * (kind->is_mixed ? CK_WAVE_ROUNDS * CK_WAVE_LANES : 16);
  const size_t words = entries + CK_WAVE_STATES_SIZE;
  void *listed[MOST_PLANES];
  uint16_t *ends[MOST_PLANES];
  for (int k = 0; k < kind->planes; k++) {
    listed[k] = known_take(run, entries * (kind->is_mixed ? 2 : 4));
    ends[k] = KNOWN_TAKE(run, uint16_t, words) + words;
    writing.ports[k] = kind->is_mixed ? (ck_wave_port){.decisions = listed[k]}
                                      : (ck_wave_port){.symbols = listed[k]};
  }
  wave_picture reading = writing;
  for (int k = 0; k < kind->planes; k++) reading.values[k] = KNOWN_TAKE(run, uint16_t, samples);
  const size_t before_planes = run->taken;
  take_planes(run, &writing, kind->is_mixed ? take_counters(run) : NULL);
  code_bands(run, &writing);
  for (int k = 0; k < kind->planes; k++) {
    const void *first = write(run, kind->is_mixed, &writing.ports[k], listed[k], ends[k]);
    reading.ports[k] = (ck_wave_port){.in = first, .end = (const uint8_t *)ends[k]};
    if (kind->is_mixed) {
      run->wavefront->read_decisions(&reading.ports[k]);
    } else {
      run->wavefront->read_symbols(&reading.ports[k]);
    }
  }
  run->taken = before_planes;
  take_planes(run, &reading, kind->is_mixed ? take_counters(run) : NULL);
  code_bands(run, &reading);
  digest_models(run, &reading);
  for (int k = 0; k < kind->planes; k++) {
    KNOWN_DIGEST(run, reading.values[k], samples);
    known_digest_number(run, reading.ports[k].count);
    const int is_at_end = run->wavefront->is_at_end(&reading.ports[k], kind->is_mixed);
    known_digest_number(run, (uint64_t)is_at_end);
  }
}

const known_case ck_wavefront_cases[] = {
    {"wavefront", "fill_symbols", fill_symbols, 0},
    {"wavefront", "symbols, blocks of 2, helper, prediction", code_planes, 0},
    {"wavefront", "decisions, blocks of 2", code_planes, 1},
    {"wavefront", "symbols, blocks of 8", code_planes, 2, SLOW},
    {"wavefront", "symbols, blocks of 4, helpers", code_planes, 3, SLOW},
    {"wavefront", "symbols, blocks of 2, helpers, prediction, 12 bits", code_planes, 4, SLOW},
    {"wavefront", "decisions, blocks of 2, helpers, prediction", code_planes, 5, SLOW},
    {"wavefront", "decisions, blocks of 4, helper, 12 bits", code_planes, 6, SLOW},
    {"wavefront", "decisions, blocks of 8, 1 bit", code_planes, 7, SLOW},
    {"wavefront", "decisions, two windows, helpers, prediction", code_planes, 8, SLOW},
    {0},
};
