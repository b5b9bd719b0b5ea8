// Windowed least squares, eight rows at a time: what weights predict the next block of each row.

// Sums the block that each lane has just coded, and sets up the next block's equations: all blocks
// to the left in the row, and in the rows above all up to one block to the right (the row itself:
// -0.35 % of bytes). Windows go one lane down as they are made.
INLINE void fit_block(ck_wave_plane *p, const v8 *features, const v8 *importance, int32_t k,
                      const int order, const int block) {
  const size_t sums = (size_t)order * (order + 3) / 2;
  const v8 across = splat(p->shape.across), down = splat(p->shape.down);
  float *put = p->bridge + (size_t)(k >= 15 ? k - 15 : p->blocks + 3) * sums;
  const float *get = p->bridge + (size_t)(k + 1 < p->blocks + 2 ? k + 1 : p->blocks + 2) * sums;
  v8 *left = (v8 *)p->left, *window = (v8 *)p->window, *equations = (v8 *)p->equations;
  size_t e = 0;
  for (int i = 0; i < order; i++) {
    v8 scaled[8];
#pragma clang loop unroll(full)
    for (int j = 0; j < block; j++) scaled[j] = features[j * WAVE_STRIDE + i] * importance[j];
    v8 *row = equations + i * WAVE_STRIDE;
#pragma clang loop unroll_count(2)
    for (int c = i; c <= order; c++, e++) {
      v8 sum = scaled[0] * features[c];
#pragma clang loop unroll(full)
      for (int j = 1; j < block; j++) sum += scaled[j] * features[j * WAVE_STRIDE + c];
      v8 before = left[e];
      v8 own = sum + across * before;
      v8 next = before + across * sum + down * window[e];
      next = __builtin_shufflevector(next, next, 7, 0, 1, 2, 3, 4, 5, 6);
      left[e] = own;
      put[e] = next[0];
      next = __builtin_shufflevector(next, splat(get[e]), 8, 1, 2, 3, 4, 5, 6, 7);
      window[e] = next;
      row[c] = next + splat(0.9f) * own;
    }
    row[i] += splat(2.0f);  // ridge
  }
}

// The equations of a band's first blocks: only lane 0 has something above.
static void start_fit(ck_wave_plane *p, int order) {
  v8 *left = (v8 *)p->left, *window = (v8 *)p->window, *equations = (v8 *)p->equations;
  size_t e = 0;
  for (int i = 0; i < order; i++) {
    for (int c = i; c <= order; c++, e++) {
      left[e] = window[e] = splat(0.0f);
      window[e][0] = p->bridge[e];
      equations[i * WAVE_STRIDE + c] = window[e] + splat(c == i ? 2.0f : 0.0f);
    }
  }
}

// LDL': row i of the triangle takes all rows before it, four columns at a time. Pivots have a floor,
// so that it never fails.
INLINE void solve_block(const ck_wave_plane *p, v8 *weights, const int order) {
  v8 *a = (v8 *)p->equations;
  v8 inverse[CK_WAVE_MAX_TAPS], factor[CK_WAVE_MAX_TAPS];
  for (int i = 0; i < order; i++) {
    for (int k = 0; k < i; k++) factor[k] = a[k * WAVE_STRIDE + i] * inverse[k];
    for (int c = i; c <= order; c += 4) {
      v8 *row = a + i * WAVE_STRIDE + c;
      v8 s = row[0], t = row[1], u = row[2], v = row[3];
      for (int k = 0; k < i; k++) {
        const v8 *r = a + k * WAVE_STRIDE + c;
        s -= factor[k] * r[0];
        t -= factor[k] * r[1];
        u -= factor[k] * r[2];
        v -= factor[k] * r[3];
      }
      row[0] = s;
      row[1] = t;
      row[2] = u;
      row[3] = v;
    }
    inverse[i] = splat(1.0f) / max8(a[i * WAVE_STRIDE + i], splat(1.0f));
  }
  for (int i = order - 1; i >= 0; i--) {
    v8 x = weights[i] = a[i * WAVE_STRIDE + order] * inverse[i];
    for (int k = 0; k < i; k++) a[k * WAVE_STRIDE + order] -= a[k * WAVE_STRIDE + i] * x;
  }
}
