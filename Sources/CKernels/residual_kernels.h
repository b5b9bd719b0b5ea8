// The residual coder's kernels; the contract of each is in ck_residual.h.

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

// MARK: Least squares

INLINE void accumulate_n(const float *features, const float *targets, const float *weights,
                         size_t count, size_t vectors, float *sums) {
  // Unrolled, sums stay in registers; by itself clang stops at three vectors.
#pragma clang loop unroll(full)
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

static void advance(const float *sums, const float *window, size_t vectors, float across,
                    float *run, float *equations) {
  for (size_t i = 0; i < packed_count(vectors); i++) {
    v8 r = splat(across) * (load8(run + 8 * i) + load8(sums + 8 * i));
    store8(run + 8 * i, r);
    store8(equations + 8 * i, load8(window + 8 * i) + r);
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

#include "sample_kernels.h"
#include "symbol_kernels.h"

const ck_residual_kernels CK_TABLE(ck_residual) = {
    .accumulate = accumulate,
    .spread = spread,
    .advance = advance,
    .solve = solve,
    .predict_sample = predict_sample,
    .code_sample = code_sample,
    .settle_sample = settle_sample,
    .code_block = code_block,
    .code_symbol = code_symbol,
    .fill_symbol_starts = fill_symbol_starts,
};
