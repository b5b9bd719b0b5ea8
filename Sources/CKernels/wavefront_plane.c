// Where a plane's rows and models lie in its memory.

#include "exactness.h"

#include "include/ck_wavefront.h"
#include "wavefront_layout.h"

// Takes memory piece by piece; a first pass without memory counts.
typedef struct {
  float *memory;
  size_t used;
} arena;

static float *take(arena *a, size_t count) {
  float *piece = a->memory ? a->memory + a->used : NULL;
  a->used += (count + 15) & ~(size_t)15;
  return piece;
}

static float *take_row(arena *a, const ck_wave_plane *p) {
  size_t pad = (size_t)WAVE_PAD(p->lag);
  float *row = take(a, 8 * ((size_t)p->steps + 2 * pad));
  return row ? row + 8 * pad : NULL;
}

static ck_wave_rows take_rows(arena *a, const ck_wave_plane *p, int count) {
  ck_wave_rows rows = {take_row(a, p), take_row(a, p), NULL, NULL};
  if (count > 2) rows.above2 = take_row(a, p);
  if (count > 3) rows.below = take_row(a, p);
  return rows;
}

static void fill(float *cells, size_t count, float mean, float rate) {
  for (size_t i = 0; i < count; i++) {
    cells[2 * i] = mean;
    cells[2 * i + 1] = rate;
  }
}

static void place(ck_wave_plane *p, const ck_wave_shape *shape, arena *a) {
  *p = (ck_wave_plane){.shape = *shape};
  p->lag = 2 * shape->block;
  p->skew = 7 * p->lag;
  p->blocks = (shape->width + p->skew + shape->block - 1) / shape->block;
  p->steps = p->blocks * shape->block;
  const int windows = shape->window_count, experts = wave_expert_count(shape);
  const int is_mixed = experts > 0;
  size_t orders = (size_t)shape->tap_count - 1, sums = orders * (orders + 3) / 2;
  for (int k = 0; k < shape->ring; k++) {
    p->sample[k] = take_rows(a, p, 3);
    p->error[k] = take_rows(a, p, 4);
    if (is_mixed) p->sign[k] = take_rows(a, p, 2);
  }
  for (int k = 0; k < 2; k++) {
    for (int e = 0; e <= windows; e++) p->miss[e][k] = take_rows(a, p, 2);
    for (int e = 1; e < experts; e++) p->lane[e][k] = take_rows(a, p, 3);
  }
  if (shape->has_prediction) {
    p->mean = take_row(a, p);
    p->scale = take_row(a, p);
  }
  for (int z = 0; z < windows; z++) {
    p->bridge[z] = take(a, ((size_t)p->blocks + 4) * sums);
    p->left[z] = take(a, 8 * sums);
    p->window[z] = take(a, 8 * sums);
    p->equations[z] = take(a, 8 * WAVE_STRIDE * WAVE_STRIDE);
  }
  p->gradients = take(a, 8 * CK_WAVE_MAX_TAPS);
  p->cells = take(a, 2 * WAVE_CELLS);
  if (a->memory) fill(p->cells, WAVE_CELLS, 1, 0.18f);
  if (!is_mixed) return;
  for (int e = 1; e < experts; e++) {
    p->scales[e] = take(a, 2 * (WAVE_SCALES + 1));
    for (int i = 0; a->memory && i <= WAVE_SCALES; i++) {
      fill(p->scales[e] + 2 * i, 1, (float)((4 + i / 16 % 4) << (i / 16 / 4)) / 32, 0.1f);
    }
  }
  p->misses = take(a, 2 * (WAVE_MISSES_IDLE + 1));
  if (a->memory) fill(p->misses, WAVE_MISSES_IDLE + 1, 0, 0.2f);
  p->correction = take(a, 8 * WAVE_HISTORY);
  static const float weights[WAVE_INPUTS] = {0.25f, 0.05f, 0.05f, 0.05f, 0, 0, 0, 0.15f};
  p->weights = take(a, WAVE_WEIGHTS);
  for (size_t i = 0; a->memory && i < WAVE_WEIGHTS; i++) p->weights[i] = weights[i % WAVE_INPUTS];
  static const int contexts[CK_WAVE_COUNTERS] = {256, 1331, 1331, 121 * 8, 1331, 1331, 1331};
  for (int c = 0; c < shape->counter_count; c++) {
    size_t count = (size_t)contexts[c] * WAVE_LINE;
    p->counters[c] = take(a, count);
    // A line is seven counters and their common rate.
    for (size_t i = 7; a->memory && i < count; i += 8) p->counters[c][i] = 0.125f;
  }
}

size_t ck_wave_plane_size(const ck_wave_shape *shape) {
  ck_wave_plane plane;
  arena counting = {NULL, 0};
  place(&plane, shape, &counting);
  return counting.used;
}

void ck_wave_plane_place(ck_wave_plane *plane, const ck_wave_shape *shape, float *memory) {
  arena taking = {memory, 0};
  place(plane, shape, &taking);
}
