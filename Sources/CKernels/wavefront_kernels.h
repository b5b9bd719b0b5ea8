// The wavefront: eight rows at a time, one to a vector lane, each two blocks behind the row above it.
//
// So every lane has the neighbours of a raster scan, and nothing is cut into stripes; the price are
// the idle steps at a band's ends. The same operations run per lane in the same order on any width.

// x * 2^e.
INLINE float ldexp_of(float x, int e) {
  uint32_t bits = (uint32_t)(127 + e) << 23;
  float factor;
  __builtin_memcpy(&factor, &bits, 4);
  return x * factor;
}

#include "wavefront_fit.h"
#include "wavefront_predict.h"
#include "wavefront_symbols.h"
#include "wavefront_mixed.h"

// The values of step t: lane r is r * lag columns behind.
INLINE i8 values_at(const ck_wave_plane *p, const uint16_t *values, ptrdiff_t t, unsigned mask) {
  const uint16_t *v = values + t;
  const ptrdiff_t next = p->shape.width - p->lag;
  if (mask == 255) {
    return (i8){v[0],        v[next],     v[2 * next], v[3 * next],
                v[4 * next], v[5 * next], v[6 * next], v[7 * next]};
  }
  int32_t some[8] = {0};
  for (unsigned m = mask; m; m &= m - 1) some[__builtin_ctz(m)] = v[__builtin_ctz(m) * next];
  return (i8)load8((const float *)some);
}

INLINE void put_values(const ck_wave_plane *p, uint16_t *values, ptrdiff_t t, unsigned mask, i8 v) {
  uint16_t *to = values + t;
  const ptrdiff_t next = p->shape.width - p->lag;
  if (mask == 255) {
#pragma clang loop unroll(full)
    for (int r = 0; r < 8; r++) to[r * next] = (uint16_t)v[r];
    return;
  }
  int32_t some[8];
  store8i(some, v);
  for (unsigned m = mask; m; m &= m - 1) {
    int r = __builtin_ctz(m);
    to[r * next] = (uint16_t)some[r];
  }
}

// Codes a band: by decisions that mix `experts`, or by symbols where there are none.
INLINE void code_band_by(ck_wave_plane *p, int32_t band, uint16_t *values, const uint16_t *starts,
                         ck_wave_port *port, const int order, const int block, const int experts,
                         const int reads) {
  const int mixed = experts > 0, windows = experts > CK_WAVE_FEW_EXPERTS ? 2 : 1;
  wave_band w = start_band(p, band);
  v8 features[8 * WAVE_STRIDE], importance[8], gradients[CK_WAVE_MAX_TAPS];
  v8 weights[CK_WAVE_MAX_WINDOWS][CK_WAVE_MAX_TAPS];
  for (int i = 0; i < order; i++) gradients[i] = at8(p->gradients, i);
  const i8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  const float unit = ldexp_of(1, -p->shape.unit_bits);
  const wave_fit fit = fit_of(order);
  ck_wave_port own = *port;
  i8 state = splati(0);
  if (mixed) start_models(p, &w, band, experts);
  if (mixed && reads) for (int r = 0; r < 8; r++) state[r] = (int32_t)own.state[r];
  for (int32_t k = 0; k < p->blocks; k++) {
    for (int z = 0; z < windows; z++) fit.solve((v8 *)p->equations[z], weights[z]);
    for (int j = 0; j < block; j++) {
      ptrdiff_t t = k * block + j;
      if (t % p->lag == 0 && t > 0 && t <= p->skew) {
        pad_left(w.sample, t, (int)(t / p->lag), p->lag);
        pad_left(w.error, t, (int)(t / p->lag), p->lag);
      }
      v8 *f = features + j * WAVE_STRIDE;
      wave_step s;
      predict_step(p, &w, t, weights, gradients, f, &s, order, windows);
      if (mixed) center_blend(p, &w, t, &s);
      expect_error(p, &w, t, &s);
      i8 column = splati((int32_t)t) - lanes * p->lag;
      s.live = (column >= splati(0)) & (column < splati(p->shape.width)) & w.inside;
      unsigned mask = mask_bits(s.live);
      i8 value = splati(0);
      if (!reads) value = values_at(p, values, t, mask);
      if (!mixed) {
        wave_symbols d = symbols_of(p, &s);
        if (reads) {
          value = read_step(p, starts, d, s.live, &own);
        } else {
          list_symbols(p, starts, d, value, s.live, &own);
        }
      } else if (mask) {
        wave_models m;
        set_models(p, &w, t, band, &s, &m, experts);
        value = code_decisions(p, &m, s.live, value, &own, &state, reads, experts);
        settle_models(p, &w, t, band, float8(value) * splat(unit), &s, &m, experts);
        settle_center(p, float8(value) * splat(unit), &s);
      }
      if (reads) put_values(p, values, t, mask, value);
      v8 v = float8(value) * splat(unit);
      if (mixed) {
        v8 wrong = select8(s.live, v - s.expected, splat(0.0f));
        advance_rows(w.sign, w.sign_before, t, p->lag, wrong);
      }
      importance[j] = settle_step(p, &w, t, band, v, &s, gradients, f, order, windows);
    }
    fit.fit(p, features, importance, k);
  }
  for (int i = 0; i < order; i++) put8(p->gradients, i, gradients[i]);
  if (mixed && reads) for (int r = 0; r < 8; r++) own.state[r] = (uint32_t)state[r];
  *port = own;
}

static void set_prediction(ck_wave_plane *p, int32_t band, const int32_t *means,
                           const uint8_t *scales) {
  const float unit = ldexp_of(1.0f / 16, -p->shape.unit_bits);
  for (int r = 0; r < 8 && 8 * band + r < p->shape.height; r++) {
    float *mean = p->mean + 8 * r * p->lag + r, *scale = p->scale + 8 * r * p->lag + r;
    for (int x = 0; x < p->shape.width; x++) {
      mean[8 * x] = (float)means[x] * unit;
      scale[8 * x] = (float)(scales[x] >> 2);
    }
    means += p->shape.width;
    scales += p->shape.width;
  }
}

static void look_below(ck_wave_plane *p, int32_t band) {
  ck_wave_rows x = p->error[band % p->shape.ring], next = p->error[(band + 1) % p->shape.ring];
  int is_last = 8 * (band + 1) >= p->shape.height;
  for (ptrdiff_t t = -2; t < p->steps + 2; t++) {
    v8 after = is_last ? splat(at8(x.current, t)[7]) : at8(next.current, t - p->skew);
    put8(x.below, t, lane_up(at8(x.current, t + p->lag), after));
  }
}

static void code_wave_band(ck_wave_plane *p, int32_t band, uint16_t *values, const uint16_t *starts,
                           ck_wave_port *port) {
  const int order = p->shape.tap_count - 1;
#define CALL(block, experts, reads) \
  code_band_by(p, band, values, starts, port, order, block, experts, reads)
#define WAYS(block, experts)   \
  if (port->in) {              \
    CALL(block, experts, 1);   \
  } else {                     \
    CALL(block, experts, 0);   \
  }
#define BLOCKS(experts)              \
  switch (p->shape.block) {          \
    case 2: WAYS(2, experts) break;  \
    case 4: WAYS(4, experts) break;  \
    default: WAYS(8, experts)        \
  }
  switch (wave_expert_count(&p->shape)) {
    case 0: BLOCKS(0) break;
    case CK_WAVE_FEW_EXPERTS: BLOCKS(CK_WAVE_FEW_EXPERTS) break;
    default: WAYS(2, CK_WAVE_EXPERTS)
  }
#undef WAYS
#undef BLOCKS
#undef CALL
}

static int is_at_end(const ck_wave_port *port, int is_mixed) {
  if (port->in != port->end) return 0;
  for (int r = 0; r < (is_mixed ? CK_WAVE_LANES : WAVE_STATES); r++) {
    if (port->state[r] != (is_mixed ? WAVE_LEAST : wave_least_state)) return 0;
  }
  return 1;
}

const ck_wavefront_kernels CK_TABLE(ck_wavefront) = {
    .fill_symbols = fill_wave_symbols,
    .code_band = code_wave_band,
    .set_prediction = set_prediction,
    .look_below = look_below,
    .write_symbols = write_symbols,
    .read_symbols = read_symbols,
    .write_decisions = write_decisions,
    .read_decisions = read_decisions,
    .is_at_end = is_at_end,
};
