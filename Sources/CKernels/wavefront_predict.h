// Prediction in the wavefront: what a step of eight samples, one of each row, is expected to be.

// A band of a plane while it is coded: rows of the bands that it needs, and what stays in registers.
typedef struct {
  ck_wave_rows sample, sample_before, error, error_before, sign, sign_before;
  ck_wave_rows miss[CK_WAVE_MAX_WINDOWS + 1], miss_before[CK_WAVE_MAX_WINDOWS + 1];
  // Of the planes before this one.
  ck_wave_rows helper_sample[CK_WAVE_MAX_HELPERS], helper_error[CK_WAVE_MAX_HELPERS];
  const float *helper_sign, *helper_sign_above;
  // Each regressor but the first by step; those of one source follow each other and share a
  // reference, `sources` of them ending at `ends`.
  const float *taps[CK_WAVE_MAX_TAPS];
  int32_t sources, ends[4];
  const float *reference_left[4], *reference_above[4];
  i8 inside;
  // The highest value in units, and what makes sixteenths of the range of them.
  float highest, sixteenth;
} wave_band;

// A step: the samples' neighbours, predictions, and what |error| to expect.
typedef struct {
  v8 west, north, reference;
  v8 fitted, followed, refitted, expected;
  v8 near, error;
  v8 references[4];
  v8 energy;
  i8 live, side;
  int32_t cells[4][8];
  v8 mean[4], rate[4];
  // Of mixed decisions: the blend before it is centred, and by what.
  v8 blend, miss[2], miss_rate[2];
  int32_t misses[2][8];
} wave_step;

// How the |errors| around count in the expected one: trained by maximum likelihood, for the first,
// second and third colour. Left, second left, above, above left, above right, second above right,
// two above, its left and right, the predictions' difference, farther left, the gradient, the
// helper's error there, the helper's to the right and below.
static const float near_weights[3][13] = {
    {.153f, .083f, .121f, .079f, .117f, .077f, .060f, .038f, .013f, .045f, .0325f, 0, 0},
    {.172f, .095f, .139f, .060f, .107f, .070f, .075f, .033f, .061f, .044f, 0, 0, 0},
    {.152f, .078f, .135f, .046f, .105f, .062f, .058f, .028f, .059f, .035f, 0, .053f, .017f},
};

// Step size of NLMS.
#define WAVE_STEP 0.032f
#if defined(CK_WRONG_KERNEL) && (defined(CK_AVX2) || !defined(__x86_64__))
// A last bit is wrong, where there is an instruction set beside the portable one in that alone:
// scripts/test_flags.sh sees to it that known vectors tell.
#undef WAVE_STEP
#define WAVE_STEP 0x1.0624e0p-5f
#endif

// Fills the columns left of a row that starts at `step`, in its own lane and the one below.
static void pad_left(ck_wave_rows x, ptrdiff_t step, int lane, ptrdiff_t lag) {
  float value = x.above[8 * step + lane];
  for (int z = 1; z < 5; z++) {
    x.current[8 * (step - z) + lane] = value;
    if (lane < 7) x.above[8 * (step - z + lag) + lane + 1] = value;
  }
}

// What lane 0 has above it comes from the band before; `start` stands above the first row.
static void start_rows(const ck_wave_plane *p, int band, ck_wave_rows x, ck_wave_rows before,
                       float others, float start) {
  for (ptrdiff_t t = -5; t < p->lag; t++) {
    put8(x.above, t, splat(others));
    x.above[8 * t] = band ? before.current[8 * (t + p->skew) + 7] : start;
    if (!x.above2) continue;
    put8(x.above2, t, splat(others));
    x.above2[8 * t] = band ? before.above[8 * (t + p->skew) + 7] : start;
  }
}

INLINE void advance_rows(ck_wave_rows x, ck_wave_rows before, ptrdiff_t t, ptrdiff_t lag, v8 value) {
  put8(x.current, t, value);
  put8(x.above, t + lag, lane_down(value, at8(before.current, t + 8 * lag)));
}

INLINE void advance_rows2(ck_wave_rows x, ck_wave_rows before, ptrdiff_t t, ptrdiff_t lag,
                          v8 value, v8 above) {
  advance_rows(x, before, t, lag, value);
  put8(x.above2, t + lag, lane_down(above, at8(before.above, t + 8 * lag)));
}

static void place_taps(const ck_wave_plane *p, wave_band *w) {
  const ck_wave_shape *shape = &p->shape;
  int source = 0, order = shape->tap_count - 1;
  w->sources = 0;
  for (int i = 1; i <= order; i++) {
    ck_wave_tap tap = shape->taps[i < order ? i + 1 : order];
    if (i == order || tap.source != source) {
      w->ends[w->sources] = i;
      ck_wave_rows of = source == 1 ? w->helper_sample[0] : source == 2 ? w->helper_sample[1] : w->sample;
      w->reference_left[w->sources] = of.current - 8;
      w->reference_above[w->sources] = of.above;
      w->sources++;
      source = tap.source;
    }
    if (i == order) break;
    ck_wave_rows of = source == 1 ? w->helper_sample[0] : source == 2 ? w->helper_sample[1] : w->sample;
    const float *row = source == 3 ? p->mean : tap.dy == 0 ? of.current : tap.dy == 1 ? of.above : of.above2;
    w->taps[i] = row + 8 * tap.dx;
  }
}

static wave_band start_band(ck_wave_plane *p, int32_t band) {
  wave_band w = {.highest = ldexp_of((float)p->shape.high, -p->shape.unit_bits)};
  w.sixteenth = 16 / (w.highest + 1);
  int ring = band % p->shape.ring, ring_before = (band + p->shape.ring - 1) % p->shape.ring;
  w.sample = p->sample[ring];
  w.sample_before = p->sample[ring_before];
  w.error = p->error[ring];
  w.error_before = p->error[ring_before];
  w.sign = p->sign[ring];
  w.sign_before = p->sign[ring_before];
  const int windows = p->shape.window_count;
  for (int e = 0; e <= windows; e++) {
    w.miss[e] = p->miss[e][band & 1];
    w.miss_before[e] = p->miss[e][~band & 1];
  }
  for (int h = 0; h < p->shape.helper_count; h++) {
    w.helper_sample[h] = p->helpers[h]->sample[ring];
    w.helper_error[h] = p->helpers[h]->error[ring];
  }
  if (p->shape.helper_count > 0) {
    w.helper_sign = p->helpers[0]->sign[ring].current;
    w.helper_sign_above = p->helpers[0]->sign[ring].above;
  }
  int32_t rows = p->shape.height - 8 * band;
  w.inside = (i8){0, 1, 2, 3, 4, 5, 6, 7} < splati(rows);
  start_rows(p, band, w.sample, w.sample_before, 0, 0.5f * w.highest);
  start_rows(p, band, w.error, w.error_before, 0, 2);
  for (int e = 0; e <= windows; e++) start_rows(p, 1, w.miss[e], w.miss_before[e], 1, 0);
  pad_left(w.sample, 0, 0, p->lag);
  pad_left(w.error, 0, 0, p->lag);
  place_taps(p, &w);
  start_fit(p, p->shape.tap_count - 1);
  return w;
}

// How much a prediction missed by around a sample, to the fourth power.
INLINE v8 missed_around(ck_wave_rows x, ptrdiff_t t) {
  v8 l = at8(x.current, t - 1) + at8(x.above, t) +
         (at8(x.above, t - 1) + at8(x.above, t + 1) + at8(x.current, t - 2)) * splat(0.5f) +
         splat(0.5f);
  l = l * l;
  return l * l;
}

INLINE v8 errors_around(ck_wave_rows x, ptrdiff_t t) {
  return at8(x.current, t) * splat(2.0f) + (at8(x.current, t - 1) + at8(x.current, t + 1)) +
         (at8(x.above, t) + at8(x.below, t));
}

// Predicts step t: by the block's least squares, by NLMS (-0.40 % of bytes) and by a second window
// (-0.25 %) on the same regressors; the blend leans to what has erred less around, to the fourth power.
INLINE void predict_step(const ck_wave_plane *p, const wave_band *w, ptrdiff_t t,
                         const v8 weights[][CK_WAVE_MAX_TAPS], const v8 *gradients, v8 *f,
                         wave_step *s, const int order, const int windows) {
  s->west = at8(w->sample.current, t - 1);
  s->north = at8(w->sample.above, t);
  s->reference = (s->west + s->north) * splat(0.5f);
  f[0] = s->west - s->reference;
  v8 sum = weights[0][0] * f[0], other = gradients[0] * f[0], energy = f[0] * f[0];
  v8 second = windows > 1 ? weights[1][0] * f[0] : splat(0.0f);
  int i = 1;
  for (int k = 0; k < w->sources; k++) {
    v8 reference = (at8(w->reference_left[k], t) + at8(w->reference_above[k], t)) * splat(0.5f);
    s->references[k] = reference;
    for (int end = w->ends[k]; i < end; i++) {
      v8 x = at8(w->taps[i], t) - reference;
      f[i] = x;
      sum += weights[0][i] * x;
      if (windows > 1) second += weights[1][i] * x;
      other += gradients[i] * x;
      energy += x * x;
    }
  }
  s->energy = energy;
  s->fitted = s->reference + sum;
  s->followed = s->reference + other;
  v8 fitted = missed_around(w->miss[0], t) * splat(0.25f), followed = missed_around(w->miss[1], t);
  v8 expected;
  if (windows > 1) {
    s->refitted = s->reference + second;
    v8 a = splat(1.0f) / fitted, b = splat(1.0f) / followed;
    v8 c = splat(4.0f) / missed_around(w->miss[2], t);
    expected = s->fitted + ((s->followed - s->fitted) * b + (s->refitted - s->fitted) * c) / (a + b + c);
  } else {
    expected = s->fitted + (s->followed - s->fitted) * (fitted / (fitted + followed));
  }
  s->expected = min8(max8(expected, splat(0.0f)), splat(w->highest));
}

// The expected |error|: a sum of the |errors| around with trained weights (-0.5 % of bytes against
// round ones), times the mean of three adaptive corrections (-1.4 %).
INLINE void expect_error(const ck_wave_plane *p, const wave_band *w, ptrdiff_t t, wave_step *s) {
  const ck_wave_rows e = w->error;
  const int helpers = p->shape.helper_count;
  const float *k = near_weights[helpers];
  v8 gradient = abs8(s->expected - s->west) + abs8(s->expected - s->north);
  v8 near = at8(e.current, t - 1) * splat(k[0]) + at8(e.current, t - 2) * splat(k[1]) +
            at8(e.above, t) * splat(k[2]) + at8(e.above, t - 1) * splat(k[3]) +
            at8(e.above, t + 1) * splat(k[4]) + at8(e.above, t + 2) * splat(k[5]) +
            at8(e.above2, t) * splat(k[6]) +
            (at8(e.above2, t - 1) + at8(e.above2, t + 1)) * splat(k[7]) +
            abs8(s->fitted - s->followed) * splat(k[8]) +
            (at8(e.above, t - 2) + at8(e.current, t - 3)) * splat(k[9]);
  v8 second;
  if (helpers == 0) {
    v8 corner = at8(w->sample.above, t - 1);
    near += gradient * splat(k[10]);
    second = abs8(corner - s->north) + abs8(at8(w->sample.above, t + 1) - s->north) +
             abs8(s->west - corner);
  } else {
    const ck_wave_rows h = w->helper_error[0];
    second = errors_around(h, t);
    if (helpers > 1) {
      near += at8(h.current, t) * splat(k[11]) +
              (at8(h.current, t + 1) + at8(h.below, t)) * splat(k[12]);
      second = (second + errors_around(w->helper_error[1], t)) * splat(0.5f);
    }
  }
  near = min8(max8(near + splat(.02f), splat(.02f)), splat(0x1p14f));
  s->near = near;
  s->side = level8(second, 1, WAVE_SIDES);
  i8 coarse = level8(near * splat(8.0f), 1, WAVE_COARSE) * 16;
  store8i(s->cells[0], level8(near * splat(8.0f), 2, WAVE_LEVELS) * WAVE_SIDES + s->side);
  store8i(s->cells[1], coarse + splati(WAVE_SECOND) + level8(gradient, 1, 16));
  store8i(s->cells[2], coarse + splati(WAVE_THIRD) + integer8(s->expected * splat(w->sixteenth)));
  for (int z = 0; z < 3; z++) load_pairs(p->cells, s->cells[z], &s->mean[z], &s->rate[z]);
  if (p->shape.has_prediction) {
    store8i(s->cells[3], coarse + splati(WAVE_FOURTH) + integer8(at8(p->scale, t)));
    load_pairs(p->cells, s->cells[3], &s->mean[3], &s->rate[3]);
    s->error = near * ((s->mean[0] + s->mean[1] + (s->mean[2] + s->mean[3])) * splat(0.25f));
  } else {
    s->error = near * (s->mean[0] * splat(0.34f) + s->mean[1] * splat(0.33f) + s->mean[2] * splat(0.33f));
  }
}

// Teaches the samples of step t to all that predicts them; returns how much each counts in the fit.
INLINE v8 settle_step(ck_wave_plane *p, const wave_band *w, ptrdiff_t t, int32_t band, v8 value,
                      wave_step *s, v8 *gradients, v8 *f, const int order, const int windows) {
  const ptrdiff_t lag = p->lag;
  // Right of a row its last value goes on; below the tile, the row above.
  v8 above_error = at8(w->error.above, t), error_west = at8(w->error.current, t - 1);
  v8 v = select8(s->live, value, select8(w->inside, s->west, s->north));
  v8 error = select8(s->live, abs8(v - s->expected), select8(w->inside, error_west, above_error));
  v8 fitted = select8(s->live, abs8(v - s->fitted), splat(1.0f));
  v8 followed = select8(s->live, abs8(v - s->followed), splat(1.0f));
  advance_rows2(w->sample, w->sample_before, t, lag, v, s->north);
  advance_rows2(w->error, w->error_before, t, lag, error, above_error);
  advance_rows(w->miss[0], w->miss_before[0], t, lag, fitted);
  advance_rows(w->miss[1], w->miss_before[1], t, lag, followed);
  if (windows > 1) {
    v8 refitted = select8(s->live, abs8(v - s->refitted), splat(1.0f));
    advance_rows(w->miss[2], w->miss_before[2], t, lag, refitted);
  }
  if (band == 0) {  // above the first row lies what is to its left
    for (int z = 1; z < 6; z++) {
      w->sample.above[8 * (t + z)] = w->sample.above2[8 * (t + z)] = v[0];
      w->error.above[8 * (t + z)] = w->error.above2[8 * (t + z)] = error[0];
    }
  }
  v8 step = (v - s->followed) * splat(WAVE_STEP) / (splat(20.0f) + s->energy);
  step = select8(s->live, step, splat(0.0f));
  for (int i = 0; i < order; i++) gradients[i] += step * f[i];
  f[order] = v - s->reference;
  v8 ratio = error / s->near;
  unsigned idle = ~mask_bits(s->live) & 255;
  const int tables = p->shape.has_prediction ? 4 : 3;
  for (int z = 0; z < tables; z++) {
    for (unsigned m = idle; m; m &= m - 1) s->cells[z][__builtin_ctz(m)] = WAVE_IDLE;
    v8 mean = s->mean[z] + (ratio - s->mean[z]) * s->rate[z];
    v8 rate = s->rate[z] - s->rate[z] * s->rate[z] * (splat(1.0f) - s->rate[z]);
    store_pairs(p->cells, s->cells[z], mean, max8(rate, splat(0.0099f)));
  }
  // Weights of the fit: -1.0 % of bytes.
  v8 importance = splat(1.0f) / (s->error * s->error + splat(0.2f));
  return (v8)((i8)importance & s->live);
}
