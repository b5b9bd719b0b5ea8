// Windowed least squares, eight rows at a time: what weights predict the next block of each row.

// Sums the block that each lane has just coded, and sets up the next block's equations: all blocks
// to the left in the row, and in the rows above all up to one block to the right (the row itself:
// -0.35 % of bytes). Windows go one lane down as they are made.
INLINE void fit_block(ck_wave_plane *p, const v8 *features, const v8 *importance, int32_t k,
                      const int order, const int block, const int windows) {
  const size_t sums = (size_t)order * (order + 3) / 2;
  const size_t put = (size_t)(k >= 15 ? k - 15 : p->blocks + 3) * sums;
  const size_t get = (size_t)(k + 1 < p->blocks + 2 ? k + 1 : p->blocks + 2) * sums;
  v8 across[CK_WAVE_MAX_WINDOWS], down[CK_WAVE_MAX_WINDOWS];
  for (int z = 0; z < windows; z++) {
    across[z] = splat(p->shape.windows[z].across);
    down[z] = splat(p->shape.windows[z].down);
  }
  size_t e = 0;
  for (int i = 0; i < order; i++) {
    v8 scaled[8];
#pragma clang loop unroll(full)
    for (int j = 0; j < block; j++) scaled[j] = features[j * WAVE_STRIDE + i] * importance[j];
#pragma clang loop unroll_count(2)
    for (int c = i; c <= order; c++, e++) {
      v8 sum = scaled[0] * features[c];
#pragma clang loop unroll(full)
      for (int j = 1; j < block; j++) sum += scaled[j] * features[j * WAVE_STRIDE + c];
#pragma clang loop unroll(full)
      for (int z = 0; z < windows; z++) {
        v8 *left = (v8 *)p->left[z] + e, *window = (v8 *)p->window[z] + e;
        v8 before = *left;
        v8 own = sum + across[z] * before;
        v8 next = before + across[z] * sum + down[z] * *window;
        next = __builtin_shufflevector(next, next, 7, 0, 1, 2, 3, 4, 5, 6);
        *left = own;
        p->bridge[z][put + e] = next[0];
        next = __builtin_shufflevector(next, splat(p->bridge[z][get + e]), 8, 1, 2, 3, 4, 5, 6, 7);
        *window = next;
        ((v8 *)p->equations[z])[i * WAVE_STRIDE + c] = next + splat(0.9f) * own;
      }
    }
    for (int z = 0; z < windows; z++) {
      ((v8 *)p->equations[z])[i * WAVE_STRIDE + i] += splat(2.0f);  // ridge
    }
  }
}

// The equations of a band's first blocks: only lane 0 has something above.
static void start_fit(ck_wave_plane *p, int order) {
  for (int z = 0; z < p->shape.window_count; z++) {
    v8 *left = (v8 *)p->left[z], *window = (v8 *)p->window[z], *equations = (v8 *)p->equations[z];
    size_t e = 0;
    for (int i = 0; i < order; i++) {
      for (int c = i; c <= order; c++, e++) {
        left[e] = window[e] = splat(0.0f);
        window[e][0] = p->bridge[z][e];
        equations[i * WAVE_STRIDE + c] = window[e] + splat(c == i ? 2.0f : 0.0f);
      }
    }
  }
}

// Row `row` of the triangle takes all rows before it, so that each element moves once.
INLINE void eliminate_row(v8 *a, v8 *inverse, const int row, const int order) {
  if (row >= order) return;
  v8 factor[CK_WAVE_MAX_TAPS];
#pragma clang loop unroll(full)
  for (int k = 0; k < row; k++) factor[k] = a[k * WAVE_STRIDE + row] * inverse[k];
#pragma clang loop unroll(disable)
  for (int c = row; c <= order; c++) {
    v8 x = a[row * WAVE_STRIDE + c];
#pragma clang loop unroll(full)
    for (int k = 0; k < row; k++) x -= factor[k] * a[k * WAVE_STRIDE + c];
    a[row * WAVE_STRIDE + c] = x;
  }
  inverse[row] = splat(1.0f) / max8(a[row * WAVE_STRIDE + row], splat(1.0f));
}

// LDL'. Pivots have a floor, so that it never fails.
INLINE void solve_block(v8 *a, v8 *weights, const int order) {
  v8 inverse[CK_WAVE_MAX_TAPS];
#define ROW(row) eliminate_row(a, inverse, row, order);
  ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7) ROW(8) ROW(9)
  ROW(10) ROW(11) ROW(12) ROW(13) ROW(14) ROW(15) ROW(16) ROW(17) ROW(18) ROW(19)
  ROW(20)
#undef ROW
#pragma clang loop unroll(disable)
  for (int i = order - 1; i >= 0; i--) {
    v8 x = weights[i] = a[i * WAVE_STRIDE + order] * inverse[i];
    for (int k = 0; k < i; k++) a[k * WAVE_STRIDE + order] -= a[k * WAVE_STRIDE + i] * x;
  }
}

// Their number of regressors and columns is known, so that loops unroll and factors stay in registers.
#define WAVE_FITS(order)                                                                       \
  static void solve_##order(v8 *equations, v8 *weights) {                                      \
    solve_block(equations, weights, order);                                                    \
  }                                                                                            \
  static void fit_##order(ck_wave_plane *p, const v8 *f, const v8 *importance, int32_t k) {    \
    if (p->shape.window_count > 1) {                                                           \
      fit_block(p, f, importance, k, order, 2, 2);                                             \
      return;                                                                                  \
    }                                                                                          \
    switch (p->shape.block) {                                                                  \
      case 2: fit_block(p, f, importance, k, order, 2, 1); break;                              \
      case 4: fit_block(p, f, importance, k, order, 4, 1); break;                              \
      default: fit_block(p, f, importance, k, order, 8, 1);                                    \
    }                                                                                          \
  }

#define WAVE_ORDERS(DO)                                                                        \
  DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15) DO(16) DO(17) DO(18) \
  DO(19) DO(20) DO(21)

WAVE_ORDERS(WAVE_FITS)

typedef struct {
  void (*solve)(v8 *equations, v8 *weights);
  void (*fit)(ck_wave_plane *p, const v8 *features, const v8 *importance, int32_t k);
} wave_fit;

static wave_fit fit_of(int order) {
#define CASE(order) case order: return (wave_fit){solve_##order, fit_##order};
  switch (order) { WAVE_ORDERS(CASE) }
#undef CASE
  return (wave_fit){NULL, NULL};
}
