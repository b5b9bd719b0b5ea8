// The residual coder's kernels, written once; residual_portable.c and residual_avx2.c compile
// this file for their instruction set. The contract of each is in ck_residual.h.

#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

#include "include/ck_residual.h"
#include "residual_vector.h"

// Calls the kernel with the vector count as a constant, so that its loops unroll.
#define FOR_VECTORS(call)   \
  switch (vectors) {        \
    case 1: call(1); break; \
    case 2: call(2); break; \
    case 3: call(3); break; \
    case 4: call(4); break; \
    default: call(5);       \
  }

// Vectors in the packed upper triangle before row i.
INLINE size_t row_start(size_t i, size_t vectors) {
  size_t g = i >> 3;
  return 8 * (g * vectors - g * (g - 1) / 2) + (i & 7) * (vectors - g);
}

INLINE size_t packed_count(size_t vectors) { return 4 * vectors * (vectors + 1) + vectors; }

// MARK: Experts

static float gather(const ck_run *runs, size_t run_count, ptrdiff_t x, size_t count,
                    float *features) {
  for (size_t i = 0; i < run_count; i++) {
    float reference = 0.5f * (runs[i].left[x] + runs[i].above[x]);
    store8(features + runs[i].offset, load8(runs[i].source + x) - splat(reference));
  }
  store8(features + count, splat(0.0f));
  return 0.5f * (runs[0].left[x] + runs[0].above[x]);
}

INLINE v8 multiply_sum(const float *a, const float *b, size_t vectors) {
  v8 s = load8(a) * load8(b);
  for (size_t i = 1; i < vectors; i++) s = s + load8(a + 8 * i) * load8(b + 8 * i);
  return s;
}

INLINE void predict_n(const float *features, size_t vectors, const float *const *weights,
                      size_t count, float offset, float *out) {
  for (size_t k = 0; k < count; k++) {
    out[k] = offset + sum8(multiply_sum(weights[k], features, vectors));
  }
}

static void predict(const float *features, size_t vectors, const float *const *weights,
                    size_t count, float offset, float *out) {
#define CALL(n) predict_n(features, n, weights, count, offset, out)
  FOR_VECTORS(CALL)
#undef CALL
}

static void adapt(float *weights, const float *features, size_t vectors, float error, float rate,
                  float floor) {
  float energy = sum8(multiply_sum(features, features, vectors)) + floor;
  v8 gain = splat(rate * error / energy);
  for (size_t i = 0; i < vectors; i++) {
    store8(weights + 8 * i, load8(weights + 8 * i) + gain * load8(features + 8 * i));
  }
}

// MARK: Least squares

INLINE void accumulate_n(const float *features, const float *targets, const float *weights,
                         size_t count, size_t vectors, float *sums) {
  for (size_t g = 0; g < vectors; g++) {
    for (size_t i = 8 * g; i < 8 * g + 8; i++) {
      v8 s[CK_MAX_VECTORS];
      for (size_t j = g; j < vectors; j++) s[j] = splat(0.0f);
      for (size_t k = 0; k < count; k++) {
        const float *f = features + k * 8 * vectors;
        v8 a = splat(f[i] * weights[k]);
        for (size_t j = g; j < vectors; j++) s[j] = s[j] + a * load8(f + 8 * j);
      }
      for (size_t j = g; j < vectors; j++) {
        store8(sums, s[j]);
        sums += 8;
      }
    }
  }
  for (size_t j = 0; j < vectors; j++) {
    v8 s = splat(0.0f);
    for (size_t k = 0; k < count; k++) {
      s = s + splat(targets[k] * weights[k]) * load8(features + (k * vectors + j) * 8);
    }
    store8(sums + 8 * j, s);
  }
}

static void accumulate(const float *features, const float *targets, const float *weights,
                       size_t count, size_t vectors, float *sums) {
#define CALL(n) accumulate_n(features, targets, weights, count, n, sums)
  FOR_VECTORS(CALL)
#undef CALL
}

// Runs `width` vectors along all blocks, so that the running sums stay in registers.
INLINE void spread_n(const float *sums, size_t blocks, size_t stride, size_t width, float across,
                     float down, float *window) {
  v8 run[4];
  v8 a = splat(across), d = splat(down);
  for (size_t i = 0; i < width; i++) run[i] = splat(0.0f);
  for (size_t b = 0; b < blocks; b++) {
    const float *s = sums + b * stride;
    float *w = window + b * stride;
    for (size_t i = 0; i < width; i++) {
      store8(w + 8 * i, load8(w + 8 * i) * d + run[i]);
      run[i] = a * (run[i] + load8(s + 8 * i));
    }
  }
  for (size_t i = 0; i < width; i++) run[i] = splat(0.0f);
  for (size_t b = blocks; b-- > 0;) {
    const float *s = sums + b * stride;
    float *w = window + b * stride;
    for (size_t i = 0; i < width; i++) {
      v8 t = run[i] + load8(s + 8 * i);
      store8(w + 8 * i, load8(w + 8 * i) + t);
      run[i] = a * t;
    }
  }
}

static void spread(const float *sums, size_t blocks, size_t vectors, float across, float down,
                   float *window) {
  size_t count = packed_count(vectors), i = 0;
  for (; i + 4 <= count; i += 4) {
    spread_n(sums + 8 * i, blocks, 8 * count, 4, across, down, window + 8 * i);
  }
  for (; i < count; i++) {
    spread_n(sums + 8 * i, blocks, 8 * count, 1, across, down, window + 8 * i);
  }
}

// Reads vector `index` of each block and hands out one vector per column.
INLINE void load_columns(const float *const source[8], size_t index, v8 *out) {
  v8 rows[8];
  for (int l = 0; l < 8; l++) rows[l] = load8(source[l] + 8 * index);
  transpose8(rows, out);
}

// LDL' by rows: row i takes all earlier rows at once, four columns in registers.
INLINE void solve_n(const float *window, size_t blocks, size_t order, size_t vectors,
                    float ridge, float *weights) {
  enum { MAX = 8 * CK_MAX_VECTORS };
  size_t size = 8 * vectors, stride = 8 * packed_count(vectors);
  v8 upper[MAX * MAX], z[MAX], inverse[MAX], factor[MAX], solution[MAX];
  const float *source[8];
  for (size_t l = 0; l < 8; l++) source[l] = window + (l < blocks ? l : blocks - 1) * stride;
  for (size_t i = 0; i < order; i++) {
    size_t start = row_start(i, vectors);
    for (size_t j = i >> 3; j < vectors; j++) {
      load_columns(source, start + j - (i >> 3), upper + i * size + 8 * j);
    }
  }
  for (size_t j = 0; j < vectors; j++) {
    load_columns(source, packed_count(vectors) - vectors + j, z + 8 * j);
  }
  for (size_t i = 0; i < order; i++) {
    for (size_t k = 0; k < i; k++) factor[k] = upper[k * size + i] * inverse[k];
    for (size_t j = i & ~(size_t)3; j < order; j += 4) {
      v8 *row = upper + i * size + j;
      v8 a = row[0], b = row[1], c = row[2], d = row[3];
      for (size_t k = 0; k < i; k++) {
        const v8 *u = upper + k * size + j;
        a = a - factor[k] * u[0];
        b = b - factor[k] * u[1];
        c = c - factor[k] * u[2];
        d = d - factor[k] * u[3];
      }
      row[0] = a;
      row[1] = b;
      row[2] = c;
      row[3] = d;
    }
    v8 sum = z[i];
    for (size_t k = 0; k < i; k++) sum = sum - factor[k] * z[k];
    z[i] = sum;
    v8 pivot = max8(upper[i * size + i] + splat(ridge), splat(0.05f * ridge));
    inverse[i] = splat(1.0f) / pivot;
  }
  for (size_t i = order; i < size; i++) solution[i] = splat(0.0f);
  for (size_t i = order; i-- > 0;) {
    solution[i] = z[i] * inverse[i];
    for (size_t k = 0; k < i; k++) z[k] = z[k] - upper[k * size + i] * solution[i];
  }
  for (size_t j = 0; j < vectors; j++) {
    v8 out[8];
    transpose8(solution + 8 * j, out);
    for (size_t l = 0; l < blocks; l++) store8(weights + l * size + 8 * j, out[l]);
  }
}

static void solve(const float *window, size_t blocks, size_t order, size_t vectors, float ridge,
                  float *weights) {
#define CALL(n) solve_n(window, blocks, order, n, ridge, weights)
  FOR_VECTORS(CALL)
#undef CALL
}

// MARK: Lanes

static float blend(ck_lanes *lanes, const float *share, const float *here, const float *above,
                   const float *above2, float low, float high) {
  v8 mean = min8(max8(load8(lanes->mean), splat(low)), splat(high));
  v8 error = ((load8(here - 8) + load8(above)) * splat(2.0f) +
              (load8(above - 8) + load8(above + 8)) + (load8(here - 16) + load8(above2))) *
             splat(0.125f);
  v8 e = error + splat(0.03f);
  e = e * e;
  v8 weight = load8(share) / (e * e);
  store8(lanes->mean, mean);
  store8(lanes->local_error, error);
  return sum8(weight * mean) / sum8(weight);
}

static void quantize(const float *values, float factor, int32_t *out) {
  v8 v = load8(values) * splat(factor), a = abs8(v);
  i8 q = (a > splat(0.75f)) + (a > splat(2.0f)) + (a > splat(4.5f)) + (a > splat(10.0f)) +
         (a > splat(24.0f));
  i8 positive = ~(v < splat(0.0f));  // q counts down: each comparison that holds gives -1
  store8i(out, ((q ^ positive) - positive) + splati(5));
}

INLINE i8 levels8(v8 error, int32_t levels) {
  v8 l = log28(error * splat(6.0f) + splat(1.0f)) * splat(2.7f);
  l = min8(max8(l, splat(0.0f)), splat((float)(levels - 1)));
  return __builtin_convertvector(l, i8);
}

static int32_t level(float error, int32_t levels) { return levels8(splat(error), levels)[0]; }

static int32_t choose_scales(ck_lanes *lanes, const float *scales, int32_t levels,
                             int32_t contexts, int32_t context, int32_t own_context, size_t own,
                             size_t main) {
  i8 l = levels8(load8(lanes->local_error), levels);
  i8 column = splati(context);
  column[own] = own_context;
  i8 slot = (l * splati(contexts) + column) * splati(CK_LANES) + (i8){0, 1, 2, 3, 4, 5, 6, 7};
  v8 scale;
  for (int i = 0; i < 8; i++) scale[i] = scales[slot[i]];
  store8i(lanes->slot, slot);
  store8(lanes->scale, scale);
  // A logistic distribution of scale s has a mean |error| of 1.386 s.
  store8(lanes->inverse_scale, splat(1.612903f) / max8(scale, splat(0.05f)));
  return l[main];
}

static void settle(ck_lanes *lanes, float value, float *errors, float *scales, float *counts) {
  v8 error = abs8(splat(value) - load8(lanes->mean));
  store8(errors, error);
  v8 count;
  for (int i = 0; i < 8; i++) count[i] = counts[lanes->slot[i]];
  v8 rate = max8(splat(1.0f) / (count + splat(1.5f)), splat(0.005f));
  v8 scale = load8(lanes->scale);
  scale = scale + (error - scale) * rate;
  count = count + splat(1.0f);
  for (int i = 0; i < 8; i++) {
    scales[lanes->slot[i]] = scale[i];
    counts[lanes->slot[i]] = count[i];
  }
}

static const float slope_mass = 1.2e-4f;

static void open(ck_lanes *lanes, float low, float high) {
  lanes->slope = slope_mass / (high - low);
  lanes->origin = low;
  lanes->sign = 1.0f;
  store8(lanes->below, splat(0.0f));
  store8(lanes->above, splat(1.0f + slope_mass));
}

static void mirror(ck_lanes *lanes, float high, int is_split) {
  v8 total = splat(1.0f + slope_mass);
  store8(lanes->above, is_split ? total - load8(lanes->middle) : total);
  store8(lanes->below, splat(0.0f));
  lanes->origin = high;
  lanes->sign = -1.0f;
}

// MARK: Decisions

INLINE float squash(float t, const float *table) {
  t = t < 13.99f ? t : 13.99f;
  t = t > -13.99f ? t : -13.99f;
  return table[(int)((t + 14.0f) * 256.0f)];
}

// Adds the counters of `node` to the inputs, from `offset` on, and mixes all.
INLINE float mix_inputs(ck_mix *mix, size_t node, size_t offset, const float *weights,
                        const float *more) {
  size_t count = mix->count;
  for (size_t k = 0; k < count; k++) {
    ck_counter c = mix->counters[k][node];
    mix->inputs[offset + k] = mix->stretch[(c.fast + 32768) >> 4];
    mix->inputs[offset + count + k] = (float)(c.quick >> 5) * (1.0f / 512);
  }
  size_t vectors = (offset + 2 * count + 7) / 8;
  v8 sum = multiply_sum(weights, mix->inputs, vectors);
  if (more) sum = sum + multiply_sum(more, mix->inputs, vectors);
  mix->probability = squash(sum8(sum), mix->squash);
  return mix->probability;
}

INLINE void train(ck_mix *mix, size_t node, size_t offset, int bit, float rate, float *weights,
                  float *more) {
  size_t count = mix->count, vectors = (offset + 2 * count + 7) / 8;
  v8 gain = splat(((float)bit - mix->probability) * rate);
  for (size_t i = 0; i < vectors; i++) {
    v8 step = gain * load8(mix->inputs + 8 * i);
    store8(weights + 8 * i, load8(weights + 8 * i) + step);
    if (more) store8(more + 8 * i, load8(more + 8 * i) + step);
  }
  // 2^16 over the time constant that belongs to each count.
  static const int32_t fast[20] = {32768, 21845, 16384, 10922, 8192, 6553, 5041,
                                   4096,  3276,  2621,  2184,  1820, 1524, 1285,
                                   1092,  936,   819,   728,   655,  595};
  static const int32_t quick[20] = {32768, 21845, 16384, 10922, 8192, 6553, 5041,
                                    4681,  4681,  4681,  4681,  4681, 4681, 4681,
                                    4681,  4681,  4681,  4681,  4681, 4681};
  int32_t fast_target = bit ? 32767 : -32768, quick_target = bit ? 1023 : -1024;
  for (size_t k = 0; k < count; k++) {
    ck_counter *c = mix->counters[k] + node;
    int32_t n = c->quick & 31, q = c->quick >> 5;
    c->fast = (int16_t)(c->fast + (((fast_target - c->fast) * fast[n]) >> 16));
    q += ((quick_target - q) * quick[n]) >> 16;
    c->quick = (int16_t)(q * 32 + (n < 19 ? n + 1 : n));
  }
}

static float decide(ck_lanes *lanes, ck_mix *mix, size_t node, float threshold,
                    const float *weights, const float *more) {
  float sign = lanes->sign, at = threshold - 0.5f;
  v8 z = (splat(at) - load8(lanes->mean)) * load8(lanes->inverse_scale) * splat(sign);
  v8 mass = splat(1.0f) / (splat(1.0f) + exp8(-z)) +
            splat(lanes->slope * sign * (threshold - lanes->origin));
  store8(lanes->middle, mass);
  v8 far = max8(load8(lanes->above) - mass, splat(1e-12f));
  v8 near = max8(mass - load8(lanes->below), splat(1e-12f));
  v8 s = log28(far / near) * splat(0.6931472f * sign);
  store8(mix->inputs, min8(max8(s, splat(-12.0f)), splat(12.0f)));
  return mix_inputs(mix, node, CK_LANES, weights, more);
}

static void learn(ck_lanes *lanes, ck_mix *mix, size_t node, int bit, float rate,
                  float *weights, float *more) {
  train(mix, node, CK_LANES, bit, rate, weights, more);
  int is_upper_end = bit == (lanes->sign > 0.0f);
  store8(is_upper_end ? lanes->below : lanes->above, load8(lanes->middle));
}

static float decide_plain(ck_mix *mix, const float *weights) {
  return mix_inputs(mix, 0, 0, weights, NULL);
}

static void learn_plain(ck_mix *mix, int bit, float rate, float *weights) {
  train(mix, 0, 0, bit, rate, weights, NULL);
}

static void fill_tables(float *stretch, float *squash) {
  for (int i = 0; i < CK_STRETCH_COUNT; i++) {
    float p = ((float)i + 0.5f) * (1.0f / CK_STRETCH_COUNT);
    stretch[i] = log28(splat(p / (1.0f - p)))[0] * 0.6931472f;
  }
  for (int i = 0; i < CK_SQUASH_COUNT; i++) {
    float x = ((float)i + 0.5f) * (1.0f / 256) - 14.0f;
    squash[i] = 1.0f / (1.0f + exp8(splat(-x))[0]);
  }
}

const ck_residual_kernels CK_RESIDUAL_TABLE = {
    .gather = gather,
    .predict = predict,
    .adapt = adapt,
    .accumulate = accumulate,
    .spread = spread,
    .solve = solve,
    .blend = blend,
    .quantize = quantize,
    .choose_scales = choose_scales,
    .settle = settle,
    .level = level,
    .open = open,
    .mirror = mirror,
    .decide = decide,
    .learn = learn,
    .decide_plain = decide_plain,
    .learn_plain = learn_plain,
    .fill_tables = fill_tables,
};
