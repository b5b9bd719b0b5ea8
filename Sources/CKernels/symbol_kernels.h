// Samples as symbols of one distribution each; with a single expert, a block at a time.
// Part of residual_kernels.h.

// A symbol's place among the cumulative sizes: 0 is an escape, 128 the expected bucket.
enum { SYMBOL_CENTRE = 128, SYMBOL_STRIDE = 264 };

static const float symbol_escape = 64.0f, symbol_least = 4.0f;

// The symbol whose part of 2^24 holds `target`: the last one that does not start after it.
INLINE int32_t find_symbol(const uint32_t *starts, uint32_t target) {
  int32_t first = SYMBOL_CENTRE - 8;
  i8 at = splati((int32_t)target);
  for (;;) {
    i8 a = *(const i8_unaligned *)(starts + first), b = *(const i8_unaligned *)(starts + first + 8);
    i8 reached = ~(a > at) + ~(b > at);  // -1 for each start that is not beyond
    i8 half = reached + __builtin_shufflevector(reached, reached, 4, 5, 6, 7, 0, 1, 2, 3);
    int32_t count = -(half[0] + half[1] + half[2] + half[3]);
    if (count == 0 && first > 0) first = first > 15 ? first - 15 : 0;
    else if (count == 16 && first < 240) first = first + 15 < 240 ? first + 15 : 240;
    else return first + count - 1;
  }
}

INLINE uint32_t bits_of(float a) {
  union { float f; uint32_t u; } x = {a};
  return x.u;
}

INLINE float float_of(uint32_t a) {
  union { uint32_t u; float f; } x = {a};
  return x.f;
}

// Levels of a mean |error|, 2^steps to an octave of 6 * error + 1.
INLINE int32_t mean_error_level(float error, int steps, int32_t most) {
  int32_t level = (int32_t)(bits_of(error * 6.0f + 1.0f) >> (23 - steps)) - (127 << steps);
  return level < most ? level : most;
}

INLINE int32_t mean_error_cell(const ck_plane *p, ptrdiff_t x) {
  const float *e = p->error + x, *above = e - p->stride;
  float near = ((absolute(e[-1]) + absolute(above[0])) * 2.0f +
                (absolute(above[-1]) + absolute(above[1])) +
                (absolute(e[-2]) + absolute(above[-p->stride]))) * 0.125f;
  float other = 0.0f;
  for (size_t i = 0; i < p->helper_count; i++) {
    const float *h = p->helpers[i] + x;
    other += absolute(h[0]) * 2.0f + (absolute(h[-1]) + absolute(h[1])) +
             (absolute(h[-p->stride]) + absolute(h[p->stride]));
  }
  if (p->helper_count) other = other / (6.0f * (float)p->helper_count);
  float inverse_unit = 1.0f / p->unit;
  return mean_error_level(near * inverse_unit, 2, CK_LEVELS - 1) * CK_HELPER_LEVELS +
         mean_error_level(other * inverse_unit, 1, CK_HELPER_LEVELS - 1);
}

INLINE int32_t sample_symbol(const ck_plane *p, int32_t value, float expected, float error,
                             ck_port *port) {
  // Buckets of 2^shift values, so that the error is below sixteen of them. After long runs of one value
  // it may be told far beyond what a sample can miss by.
  float scale = error > 0x1p-5f ? error : 0x1p-5f;
  if (scale > 0x1.fp15f) scale = 0x1.fp15f;
  int32_t octave = (int32_t)(bits_of(scale) >> 23) - 127;
  int32_t shift = octave > 3 ? octave - 3 : 0;
  uint32_t class = (bits_of(scale) >> 21) - ((uint32_t)(shift + 122) << 2);
  float place = (expected + 0.5f) * float_of((uint32_t)(127 - shift) << 23);
  int32_t middle = (int32_t)place;
  int32_t fraction = (int32_t)((place - (float)middle) * CK_SYMBOL_FRACTIONS);
  const uint32_t *starts =
      p->symbol_starts + ((size_t)class * CK_SYMBOL_FRACTIONS + (size_t)fraction) * SYMBOL_STRIDE;
  int32_t symbol = 0;
  if (!port->in) {
    symbol = (value >> shift) - middle + SYMBOL_CENTRE;
    if (symbol < 1 || symbol > 255) symbol = 0;
    ck_port_put(port, starts[symbol], starts[symbol + 1] - starts[symbol]);
  } else {
    symbol = find_symbol(starts, ck_range_target(port->in));
    ck_range_consume(port->in, starts[symbol], starts[symbol + 1] - starts[symbol]);
  }
  int32_t high = (int32_t)p->high;
  if (symbol == 0) {
    value = (int32_t)ck_port_uniform(port, (uint32_t)value, 32 - __builtin_clz((uint32_t)high));
  } else {
    int32_t bucket = middle + symbol - SYMBOL_CENTRE;
    value = bucket * (1 << shift) + (int32_t)ck_port_uniform(port, (uint32_t)value, shift);
  }
  return value < 0 ? 0 : value > high ? high : value;
}

static int32_t code_symbol(ck_plane *p, int32_t value, ck_port *port) {
#define CALL(own) value = sample_symbol(p, value, p->corrected, p->scale[7], own)
  CK_THROUGH(port, CALL);
#undef CALL
  return value;
}

INLINE void single_expert_block_n(ck_plane *p, ptrdiff_t first, size_t count, uint16_t *values,
                                  const ck_block *block, size_t vectors, ck_port *port) {
  for (size_t i = 0; i < count; i++) {
    ptrdiff_t x = first + (ptrdiff_t)i;
    gather(p, x);
    float expected =
        p->reference + sum8(multiply_sum(p->expert_weights[0], p->features, vectors));
    expected = clamp(expected, 0.0f, p->high);
    ck_bias *cell = p->mean_errors + mean_error_cell(p, x);
    float error = cell->mean;
    int32_t value = sample_symbol(p, values[i], expected, error, port);

    values[i] = (uint16_t)value;
    p->sample[x] = (float)value;
    float miss = (float)value - expected, size = absolute(miss);
    p->error[x] = miss;
    float rate = 1.0f / (cell->count + 1.5f);
    cell->mean = error + (size - error) * (rate > 0.01f ? rate : 0.01f);
    cell->count += 1.0f;
    if (i & 1) continue;  // half of the samples fit nearly as well
    float *features = block->features + i / 2 * 8 * vectors;
    for (size_t k = 0; k < vectors; k++) store8(features + 8 * k, load8(p->features + 8 * k));
    block->targets[i / 2] = (float)value - p->reference;
    block->importance[i / 2] = 1.0f / (error * error + 1.0f);
  }
}

INLINE void single_expert_block(ck_plane *p, ptrdiff_t x, size_t count, uint16_t *values,
                                const ck_block *block, ck_port *port) {
  size_t vectors = p->vectors;
#define CALL(n) single_expert_block_n(p, x, count, values, block, n, port)
  FOR_VECTORS(CALL)
#undef CALL
}

static void code_block(ck_plane *p, ptrdiff_t x, size_t count, uint16_t *values,
                       const ck_block *block, ck_port *port) {
#define CALL(own) single_expert_block(p, x, count, values, block, own)
  CK_THROUGH(port, CALL);
#undef CALL
}

INLINE v8 logistic8(v8 x) { return splat(1.0f) / (splat(1.0f) + exp8(-x)); }

static void fill_symbol_starts(uint32_t *starts) {
  const float room = 0x1p24f - symbol_escape - symbol_least * 255;
  for (int class = 0; class < CK_SYMBOL_CLASSES; class++) {
    float error = float_of((uint32_t)((122 << 2) + class) << 21 | 1 << 20);
    v8 narrow = splat(1.45f / error), wide = splat(0.3f / error);
    for (int fraction = 0; fraction < CK_SYMBOL_FRACTIONS; fraction++) {
      float mean = ((float)fraction + 0.5f) * (1.0f / CK_SYMBOL_FRACTIONS);
      for (int first = 0; first < 256; first += 8) {
        v8 symbol = splat((float)first) + (v8){0, 1, 2, 3, 4, 5, 6, 7};
        v8 edge = symbol - splat(SYMBOL_CENTRE + mean);
        v8 below = logistic8(edge * narrow) * splat(0.97f) + logistic8(edge * wide) * splat(0.03f);
        v8 least = splat(symbol_escape) + splat(symbol_least) * (symbol - splat(1.0f));
        v8 edges = least + splat(room) * below;
        store8i((int32_t *)starts + first, __builtin_convertvector(edges, i8));
      }
      // The first and the last symbol have all that lies beyond them.
      starts[0] = 0;
      starts[1] = (uint32_t)symbol_escape;
      for (int end = 256; end < SYMBOL_STRIDE; end++) starts[end] = 1 << 24;
      starts += SYMBOL_STRIDE;
    }
  }
}
