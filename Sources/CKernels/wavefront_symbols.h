// A sample as one symbol: which distribution, and interleaved rANS of four 64-bit states.

// Per octave of the scale from 2^-5 on: slope of a logistic, share of a wider one, its slope
// relative to the other. -0.32 % of bytes against one shape for all.
static const float wave_shapes[9][3] = {
    {1.03f, .149f, .297f},  {1.336f, .065f, .205f}, {2.22f, .197f, .278f},
    {1.852f, .146f, .478f}, {1.506f, .006f, .307f}, {1.426f, .005f, .246f},
    {1.441f, .014f, .356f}, {1.467f, .046f, .482f}, {1.517f, .132f, .604f}};

enum {
  WAVE_CENTRE = 128,
  // What remains for samples farther from the mean than a table reaches, in 2^-16.
  WAVE_ESCAPE = 16,
  WAVE_LAST_SYMBOL = 255,
  // States that take turns: eight would be no faster, and each costs six bytes.
  WAVE_STATES = 4,
};

// Where states start, and below which they take a word.
static const uint64_t wave_least_state = (uint64_t)1 << 31;

INLINE v8 logistic_of(v8 x) { return splat(1.0f) / (splat(1.0f) + exp8(-x)); }

// Cumulative sizes of the symbols: bucket y - WAVE_CENTRE relative to the mean's, each of at least 1.
static void fill_wave_symbols(uint16_t *starts) {
  for (int c = 0; c < CK_WAVE_SYMBOL_CLASSES; c++) {
    float scale = ldexp_of(1 + (float)(c % 4) * 0.25f + 0.125f, c / 4 - 5);
    int reach = (int)(10 * scale) + 8 < 127 ? (int)(10 * scale) + 8 : 127;
    float at = ((float)c + 0.5f) * 0.25f - 0.5f, shape[3];
    at = at < 0 ? 0 : at > 8 ? 8 : at;
    int a = (int)at < 7 ? (int)at : 7;
    for (int z = 0; z < 3; z++) {
      shape[z] = wave_shapes[a][z] * (1 - (at - (float)a)) + wave_shapes[a + 1][z] * (at - (float)a);
    }
    for (int f = 0; f < CK_WAVE_SYMBOL_FRACTIONS; f++) {
      uint16_t *out = starts + (c * CK_WAVE_SYMBOL_FRACTIONS + f) * CK_WAVE_SYMBOL_STRIDE;
      float below[CK_WAVE_SYMBOL_STRIDE];
      float mean = WAVE_CENTRE + ((float)f + 0.5f) / CK_WAVE_SYMBOL_FRACTIONS;
      int first = WAVE_CENTRE - reach, last = WAVE_CENTRE + reach + 1;
      for (int y = first & ~7; y <= last; y += 8) {
        v8 e = (float8(splati(y) + (i8){0, 1, 2, 3, 4, 5, 6, 7}) - splat(mean)) * splat(shape[0] / scale);
        v8 sum = logistic_of(e) * splat(1 - shape[1]) + logistic_of(e * splat(shape[2])) * splat(shape[1]);
        store8(below + y, sum);
      }
      float low = below[first], room = (float)(65535 - WAVE_ESCAPE - (2 * reach + 1)) / (below[last] - low);
      int start = 0;
      for (int y = 1; y < CK_WAVE_SYMBOL_STRIDE; y++) {
        int z = y < first ? first : y > last ? last : y;
        int next = WAVE_ESCAPE + (z - first) + (int)(room * (below[z] - low) + 0.5f);
        if (z > first && z == y && next <= start) next = start + 1;  // where exp8 is not monotone
        start = next < 65535 ? next : 65535;
        out[y] = (uint16_t)start;
      }
      out[0] = 0;
    }
  }
  for (int i = 1; i <= 16; i++) starts[CK_WAVE_SYMBOL_COUNT - i] = 65535;
}

// Multiplies what has been coded by a probability of at least 2^-16.
INLINE void add_cost(ck_wave_cost *cost, float probability) {
  cost->mantissa *= probability;
  if (cost->mantissa < 0x1p-900) {
    cost->mantissa *= 0x1p900;
    cost->exponent -= 900;
  }
}

// Moves past a symbol.
INLINE void advance_state(uint64_t *state, const uint8_t **in, const uint8_t *end, uint32_t start,
                          uint32_t size, uint32_t target) {
  uint64_t x = (uint64_t)size * (*state >> 16) + target - start;
  if (x < wave_least_state && *in != end) {
    uint32_t word;
    __builtin_memcpy(&word, *in, 4);
    x = x << 32 | word;
    *in += 4;
  }
  *state = x;
}

static void read_symbols(ck_wave_port *port) {
  for (int r = 0; r < WAVE_STATES; r++) {
    uint32_t words[2];
    __builtin_memcpy(words, port->in, 8);
    port->state[r] = (uint64_t)words[0] << 32 | words[1];
    port->in += 8;
  }
  port->count = 0;
}

static uint16_t *write_symbols(const uint32_t *symbols, size_t count, uint16_t *end,
                               ck_wave_cost *cost) {
  uint64_t state[WAVE_STATES];
  for (int r = 0; r < WAVE_STATES; r++) state[r] = wave_least_state;
  for (size_t k = count; k-- > 0;) {
    uint32_t start = symbols[k] >> 16, size = symbols[k] & 65535;
    uint64_t x = state[k & (WAVE_STATES - 1)];
    if (x >= (uint64_t)size << 47) {
      uint32_t word = (uint32_t)x;
      end -= 2;
      __builtin_memcpy(end, &word, 4);
      x >>= 32;
    }
    add_cost(cost, (float)size * 0x1p-16f);
    uint64_t q = x / size;
    state[k & (WAVE_STATES - 1)] = (q << 16) + (x - q * size) + start;
  }
  for (int r = WAVE_STATES - 1; r >= 0; r--) {
    uint32_t words[2] = {(uint32_t)(state[r] >> 32), (uint32_t)state[r]};
    end -= 4;
    __builtin_memcpy(end, words, 8);
  }
  return end;
}

// The distribution of each lane: buckets of 2^shift values, so that the error is below sixteen of
// them; the bucket of the mean; and where the class's table starts.
typedef struct {
  i8 shift, middle, table, last;
} wave_symbols;

INLINE wave_symbols symbols_of(const ck_wave_plane *p, const wave_step *s) {
  float unit = ldexp_of(1, p->shape.unit_bits);
  v8 scale = min8(max8(s->error * splat(unit), splat(0x1p-5f)), splat(0x1.fp15f));
  i8 octave = ((i8)scale >> 23) - splati(127);
  i8 shift = (octave - splati(3)) & (octave > splati(3));
  i8 class = ((i8)scale >> 21) - ((shift + splati(122)) << 2);
  v8 place = (s->expected * splat(unit) + splat(0.5f)) * (v8)((splati(127) - shift) << 23);
  i8 middle = integer8(place);
  i8 fraction = integer8((place - float8(middle)) * splat(CK_WAVE_SYMBOL_FRACTIONS));
  return (wave_symbols){
      .shift = shift,
      .middle = middle,
      .table = (class * CK_WAVE_SYMBOL_FRACTIONS + fraction) * CK_WAVE_SYMBOL_STRIDE,
      .last = splati(p->shape.high) >> shift,
  };
}

INLINE int bit_width(int32_t value) { return value ? 32 - __builtin_clz((unsigned)value) : 0; }

// Lists the symbols of a step: those of all lanes, then the bits below the buckets. All mass beyond
// the range goes to its first and last bucket: -0.5 % of bytes.
INLINE void list_symbols(const ck_wave_plane *p, const uint16_t *starts, wave_symbols d, i8 value,
                         i8 live, ck_wave_port *port) {
  i8 bucket = value >> d.shift, y = bucket - d.middle + splati(WAVE_CENTRE);
  i8 inside = max8i(splati(1), min8i(y, splati(WAVE_LAST_SYMBOL)));
  i8 found = load_neighbors(starts, d.table + inside);
  i8 low = select8i(bucket == splati(0), splati(WAVE_ESCAPE), found & splati(65535));
  i8 high = (i8)((u8)found >> 16);
  high = select8i(bucket == d.last, splati(65535), high);
  i8 escapes = (y != inside) | (high <= low);
  i8 listed = select8i(escapes, splati(WAVE_ESCAPE), low << 16 | (high - low));
  unsigned mask = mask_bits(live);
  if (mask == 255) {
    store8i((int32_t *)port->symbols, listed);
    port->symbols += 8;
  } else {
    for (unsigned m = mask; m; m &= m - 1) *port->symbols++ = (uint32_t)listed[__builtin_ctz(m)];
  }
  unsigned rest = mask_bits(live & (escapes | (d.shift > splati(0))));
  if (!rest) return;
  int32_t bits[8], values[8];
  store8i(bits, select8i(escapes, splati(bit_width(p->shape.high)), d.shift));
  store8i(values, value);
  for (; rest; rest &= rest - 1) {
    int r = __builtin_ctz(rest), n = bits[r];
    uint32_t low_bits = (uint32_t)values[r] & ((1u << n) - 1);
    *port->symbols++ = low_bits << (32 - n) | 1u << (16 - n);
  }
}

// The bucket that lane r of a step has, with all that a symbol may need of its distribution.
typedef struct {
  int32_t tables[8], middles[8], lasts[8], bits[8];
  // Lanes whose lowest bits follow.
  unsigned rest;
} wave_reading;

INLINE int32_t read_symbol(const ck_wave_plane *p, const uint16_t *starts, wave_reading *d, int r,
                           uint64_t *state, const uint8_t **in, const uint8_t *end) {
  const uint16_t *table = starts + d->tables[r];
  uint32_t target = (uint32_t)*state & 65535;
  int first = WAVE_CENTRE - 8, n = count_reached(table + first, target);
  while (__builtin_expect((n == 0 && first > 0) || (n == 16 && first < 240), 0)) {
    first += n == 0 ? -15 : 15;
    first = first < 0 ? 0 : first > 240 ? 240 : first;
    n = count_reached(table + first, target);
  }
  int y = first + n - 1, bucket = d->middles[r] + y;
  uint32_t low = table[y], high = table[y + 1];
  if (__builtin_expect(y == 0, 0)) {
    bucket = 0;
    d->bits[r] = bit_width(p->shape.high);
    d->rest |= 1u << r;
  } else {
    if (__builtin_expect(bucket <= 0, 0)) {
      bucket = 0;
      low = WAVE_ESCAPE;
      high = table[1 - d->middles[r]];
    }
    if (__builtin_expect(bucket >= d->lasts[r], 0)) {
      bucket = d->lasts[r];
      low = bucket ? table[bucket - d->middles[r]] : low;
      high = 65535;
    }
  }
  advance_state(state, in, end, low, high - low, target);
  return bucket;
}

// Reads what that lists.
INLINE i8 read_step(const ck_wave_plane *p, const uint16_t *starts, wave_symbols s, i8 live,
                    ck_wave_port *port) {
  wave_reading d;
  int32_t values[8] = {0};
  store8i(d.tables, s.table);
  store8i(d.middles, s.middle - splati(WAVE_CENTRE));
  store8i(d.lasts, s.last);
  store8i(d.bits, s.shift);
  unsigned mask = mask_bits(live);
  d.rest = mask & mask_bits(s.shift > splati(0));
  const uint8_t *in = port->in;
  uint32_t count = port->count;
  if (mask == 255) {
#pragma clang loop unroll(full)
    for (uint32_t r = 0; r < 8; r++) {
      values[r] = read_symbol(p, starts, &d, (int)r, &port->state[(count + r) & (WAVE_STATES - 1)], &in, port->end);
    }
    count += 8;
  } else {
    for (unsigned m = mask; m; m &= m - 1) {
      int r = __builtin_ctz(m);
      values[r] = read_symbol(p, starts, &d, r, &port->state[count++ & (WAVE_STATES - 1)], &in, port->end);
    }
  }
  for (; d.rest; d.rest &= d.rest - 1) {
    int r = __builtin_ctz(d.rest), n = d.bits[r];
    uint64_t *state = &port->state[count++ & (WAVE_STATES - 1)];
    uint32_t target = (uint32_t)*state & 65535, value = target >> (16 - n);
    advance_state(state, &in, port->end, value << (16 - n), 1u << (16 - n), target);
    values[r] = values[r] << n | (int32_t)value;
  }
  port->in = in;
  port->count = count;
  return min8i((i8)load8((const float *)values), splati(p->shape.high));
}
