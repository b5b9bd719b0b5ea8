// Prints docs/format/vectors.txt: what FORMAT.md's parts give, as the portable kernels compute it.
//
// Floats are printed as the hexadecimal pattern of binary32. scripts/check_format.py compares.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ck_levels.h"
#include "ck_residual.h"
#include "ck_wavefront.h"

// Without the choice by instruction set, and so without all other kernels.
extern const ck_mixing_kernels ck_mixing_portable;
extern const ck_residual_kernels ck_residual_portable;
extern const ck_wavefront_kernels ck_wavefront_portable;

static uint32_t crc32_of(const void *bytes, size_t count) {
  return (uint32_t)crc32(0, bytes, (uInt)count);
}

static uint32_t bits_of(float a) {
  uint32_t bits;
  memcpy(&bits, &a, sizeof bits);
  return bits;
}

static void *zeroed(size_t size) {
  void *memory = aligned_alloc(64, (size + 63) & ~(size_t)63);
  if (!memory) exit(1);
  return memset(memory, 0, size);
}

static float *stretch;
static ck_squashed *squash;

// MARK: Range decoder

static void range_decoder(void) {
  uint8_t bytes[40];
  printf("\nrange: bytes (i * 37 + 11) mod 256, i = 0 ... 39\n");
  for (int i = 0; i < 40; i++) bytes[i] = (uint8_t)(i * 37 + 11);
  ck_range in = ck_range_of(bytes, sizeof bytes);
  static const uint32_t decisions[] = {1 << 23, 1 << 20, 16, (1 << 24) - 16, 5592405, 1 << 14};
  for (int i = 0; i < 18; i++) {
    const uint32_t p = decisions[i % 6];
    const int bit = ck_range_bit(&in, p);
    printf("decision %u: %d, code %012llX range %012llX\n", p, bit, (unsigned long long)in.code,
           (unsigned long long)in.range);
  }
  for (int n = 1; n <= 24; n += 5) {
    const uint32_t value = ck_range_uniform(&in, n);
    printf("uniform %d: %u, code %012llX range %012llX\n", n, value, (unsigned long long)in.code,
           (unsigned long long)in.range);
  }
  // A symbol of equal halves but for the last, which takes the rest.
  for (int i = 0; i < 4; i++) {
    const uint32_t target = ck_range_target(&in), start = target / 5000000 * 5000000;
    const uint32_t size = start == 15000000 ? (1 << 24) - start : 5000000;
    ck_range_consume(&in, start, size);
    printf("symbol of target %u: %u ... %u, code %012llX range %012llX\n", target, start,
           start + size, (unsigned long long)in.code, (unsigned long long)in.range);
  }
  printf("bytes read: %zu\n", in.position);
}

// MARK: Tables and mixing

static void tables(void) {
  printf("\ntables: crc-32 of all entries as they lie in memory, little-endian\n");
  printf("stretch %08X: [0] %08X [1] %08X [1000] %08X [2047] %08X [2048] %08X [4095] %08X\n",
         crc32_of(stretch, CK_STRETCH_COUNT * sizeof *stretch), bits_of(stretch[0]),
         bits_of(stretch[1]), bits_of(stretch[1000]), bits_of(stretch[2047]),
         bits_of(stretch[2048]), bits_of(stretch[4095]));
  printf("squash, p and coded in turn %08X:", crc32_of(squash, CK_SQUASH_COUNT * sizeof *squash));
  static const int places[] = {0, 3, 1000, 3583, 3584, 5000, 7165, 7167};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    printf(" [%d] %08X %u", places[i], bits_of(squash[places[i]].p), squash[places[i]].coded);
  }
  printf("\n");
}

// Bits of a simple generator: the highest of x * 1664525 + 1013904223.
static uint32_t generator;
static int next_bit(void) {
  generator = generator * 1664525u + 1013904223u;
  return (int)(generator >> 31);
}

static void mixing(const ck_mixing_kernels *kernels) {
  printf("\nmixing: bits are the highest of x = 1664525 x + 1013904223 in 32 bits, x = 0 at first\n");
  static const struct {
    uint32_t count;
    int sets;
    float rate;
  } kinds[] = {{6, 1, 0.005f}, {12, 2, 0.01f}};
  for (int k = 0; k < 2; k++) {
    const uint32_t count = kinds[k].count;
    ck_counter counters[12 << 2] = {0};
    float set[24] = {0}, more[24] = {0};
    for (uint32_t i = 0; i < count; i++) {
      set[i] = 0.3f;
      more[i] = 0.0625f;
    }
    uint32_t slots[12];
    ck_mixer mixer = {.logistic = {stretch, squash}, .counters = counters, .bits = 2,
                      .count = count, .rate = kinds[k].rate, .slots = slots};
    printf("%u counters, contexts of 4 values: decision d has value (d * (k + 1) >> k) mod 4 of "
           "context k; weights 0.3%s; rate %g\n",
           count, kinds[k].sets > 1 ? ", and 0.0625 of the second set" : "", (double)mixer.rate);
    generator = 0;
    for (uint32_t d = 0; d < 32; d++) {
      for (uint32_t c = 0; c < count; c++) slots[c] = (d * (c + 1) >> c) & 3;
      ck_symbol listed[2];
      ck_port port = {NULL, listed};
      const int bit = next_bit();
      kernels->decide(&mixer, set, kinds[k].sets > 1 ? more : NULL, bit, &port);
      printf("%s%d:%u", d % 8 ? " " : "  ", bit, bit ? listed[0].size : listed[0].start);
      if (d % 8 == 7) printf("\n");
    }
    printf("  weights:");
    for (uint32_t i = 0; i < 2 * count; i++) printf(" %08X", bits_of(set[i]));
    printf("\n  counters of context 0, fast quick count:");
    for (int i = 0; i < 4; i++) {
      printf(" %d %d %d", counters[i].fast, counters[i].quick >> 5, counters[i].quick & 31);
    }
    printf("\n");
  }
}

// MARK: Symbols

static void symbols(const ck_residual_kernels *residual, const uint16_t *wave) {
  uint32_t *starts = zeroed(CK_SYMBOL_START_COUNT * sizeof *starts);
  residual->fill_symbol_starts(starts);
  printf("\nstarts of samples as symbols (FORMAT.md 10.8): S_0 ... S_256 as u32, class after class, "
         "fraction after fraction\n");
  uint32_t *all = zeroed(36 * 8 * 257 * sizeof *all);
  for (int i = 0; i < 36 * 8; i++) memcpy(all + i * 257, starts + i * 264, 257 * sizeof *all);
  printf("crc-32 %08X\n", crc32_of(all, 36 * 8 * 257 * sizeof *all));
  static const int rows[][2] = {{0, 0}, {20, 3}, {35, 7}};
  for (int i = 0; i < 3; i++) {
    const uint32_t *row = starts + (rows[i][0] * 8 + rows[i][1]) * 264;
    printf("class %d fraction %d: [2] %u [100] %u [127] %u [128] %u [129] %u [200] %u [255] %u\n",
           rows[i][0], rows[i][1], row[2], row[100], row[127], row[128], row[129], row[200],
           row[255]);
  }
  printf("\nstarts of the wavefront's symbols (10.10): S_0 ... S_256 as u16, 37 classes\n");
  uint16_t *waves = zeroed(37 * 8 * 257 * sizeof *waves);
  for (int i = 0; i < 37 * 8; i++) memcpy(waves + i * 257, wave + i * 264, 257 * sizeof *waves);
  printf("crc-32 %08X\n", crc32_of(waves, 37 * 8 * 257 * sizeof *waves));
  for (int i = 0; i < 3; i++) {
    const uint16_t *row = wave + (rows[i][0] * 8 + rows[i][1]) * 264;
    printf("class %d fraction %d: [1] %u [120] %u [127] %u [128] %u [129] %u [136] %u [255] %u\n",
           rows[i][0], rows[i][1], row[1], row[120], row[127], row[128], row[129], row[136],
           row[255]);
  }
}

// MARK: Inverse DCT

static void print_samples(const char *name, const int32_t *values, int width, int count) {
  printf("%s:\n", name);
  for (int i = 0; i < count; i++) {
    printf("%s%d", i % width ? " " : "  ", values[i]);
    if (i % width == width - 1) printf("\n");
  }
}

static void transforms(void) {
  printf("\ninverse DCT: level k of 64 is (29 k mod 61) - 30 where 7 k mod 64 < 12, else 0; level 0 is 20; "
         "step k is 3 + k mod 13; results before 128 is added\n");
  int32_t levels[64], values[64], out[256];
  for (int k = 0; k < 64; k++) levels[k] = 7 * k % 64 < 12 ? 29 * k % 61 - 30 : 0;
  levels[0] = 20;
  for (int k = 0; k < 64; k++) values[k] = levels[k] * (3 + k % 13);
  ck_inverse_dct_scaled(values, 1, 1, out);
  ck_inverse_dct(values);
  print_samples("exact", values, 8, 64);
  for (int k = 0; k < 64; k++) values[k] = levels[k] * ck_dct_multiplier(3 + k % 13, k);
  ck_inverse_dct_fast(values);
  print_samples("fast", values, 8, 64);
  print_samples("scaled, across and down", out, 16, 256);
}

// MARK: Least squares

static void least_squares(const ck_residual_kernels *kernels) {
  printf("\nleast squares (10.5): 6 regressors in one vector, 3 blocks of 4 samples; feature i of sample k of block b "
         "((11 i + 7 k + 5 b) mod 17 - 8) / 2, target (3 k + b) mod 7 - 3, h 1 / (k + 1); across 0.8, down 0.85; two rows alike\n");
  enum { VECTORS = 1, STRIDE = 8 * (4 * VECTORS * (VECTORS + 1) + VECTORS) };
  float *sums = zeroed(3 * STRIDE * sizeof *sums), *window = zeroed(3 * STRIDE * sizeof *window);
  for (int b = 0; b < 3; b++) {
    float features[4 * 8] = {0}, targets[4], weights[4];
    for (int k = 0; k < 4; k++) {
      for (int i = 0; i < 6; i++) features[8 * k + i] = (float)((11 * i + 7 * k + 5 * b) % 17 - 8) / 2;
      targets[k] = (float)((3 * k + b) % 7 - 3);
      weights[k] = 1.0f / (float)(k + 1);
    }
    kernels->accumulate(features, targets, weights, 4, VECTORS, sums + b * STRIDE);
  }
  for (int row = 0; row < 2; row++) kernels->spread(sums, 3, VECTORS, 0.8f, 0.85f, window);
  float weights[3 * 8];
  kernels->solve(window, 3, 6, VECTORS, 0.4f, weights);
  for (int b = 0; b < 3; b++) {
    printf("block %d: window [0][0] %08X [1][3] %08X right [2] %08X; weights", b,
           bits_of(window[b * STRIDE]), bits_of(window[b * STRIDE + 8 + 3]),
           bits_of(window[b * STRIDE + 64 + 2]));
    for (int i = 0; i < 6; i++) printf(" %08X", bits_of(weights[8 * b + i]));
    printf("\n");
  }
}

// MARK: The wavefront

static void add_taps(ck_wave_shape *shape, int source, const int8_t (*list)[2], int count) {
  for (int k = 0; k < count; k++) {
    shape->taps[shape->tap_count++] = (ck_wave_tap){(int8_t)source, list[k][0], list[k][1]};
  }
}

// Planes of 19 rows, each but the first with helpers, of profile 3, 4 or 5: what is coded of each.
static void wavefront(const ck_wavefront_kernels *kernels, const uint16_t *starts, int profile,
                      int has_prediction, int width, int plane_count, int high, int unit_bits) {
  enum { HEIGHT = 19, PLANES = 3, ROOM = 1 << 18 };
  const int is_mixed = profile > 3, windows = profile > 4 ? 2 : 1;
  const int own_counts[PLANES] = {12, windows > 1 ? 8 : 6, windows > 1 ? 7 : 6};
  static const int near_counts[PLANES][2] = {{0}, {10}, {6, 8}};
  const int count_of_all = width * HEIGHT;
  static const int8_t own[12][2] = {{-1, 0}, {0, 1}, {-1, 1}, {1, 1},  {-2, 0}, {0, 2},
                                    {2, 1},  {-2, 1}, {1, 2}, {-1, 2}, {-3, 0}, {3, 1}};
  static const int8_t near[10][2] = {{0, 0}, {-1, 0}, {0, 1}, {1, 0}, {-1, 1},
                                     {1, 1}, {-2, 0}, {2, 0}, {0, 2}, {2, 1}};
  printf("\nwavefront, profile %d, W %d, H 19, %d planes k = 0 ..., top %d, unit 2^%d%s; value of place i = x + W y: "
         "v = floor(((x x + 3 y (x + 1) + 17 k) mod 23 + 4 x + 2 y + 9 k) (top + 1) / 256), top - v where i mod 41 = 40%s; "
         "crc-32 of %s, little-endian\n",
         profile, width, plane_count, high, unit_bits, has_prediction ? ", P_dec" : "",
         has_prediction ? "; mean 16 v + (7 x + 5 y) mod 31 - 15, scale (x + y) mod 40" : "",
         is_mixed ? "u16: 2^15 bit + probability of eight lanes a round, 0 where not on" : "u32: 2^16 start + size");
  static ck_wave_plane planes[PLANES];
  uint16_t *values[PLANES];
  int32_t *means[PLANES];
  uint8_t *scales[PLANES];
  ck_wave_port ports[PLANES];
  const void *listed[PLANES];
  for (int k = 0; k < plane_count; k++) {
    ck_wave_shape shape = {.width = width, .height = HEIGHT, .high = high, .unit_bits = unit_bits,
                           .ring = CK_WAVE_RING, .block = 2, .window_count = windows,
                           .windows = {{windows > 1 ? 0.95f : 0.85f, windows > 1 ? 0.85f : 0.72f}, {0.7f, 0.65f}},
                           .helper_count = k,
                           .has_prediction = has_prediction,
                           .counter_count = is_mixed ? CK_WAVE_COUNTERS : -1};
    add_taps(&shape, 0, own, own_counts[k]);
    for (int h = 0; h < k; h++) add_taps(&shape, h + 1, near, near_counts[k][h]);
    if (has_prediction) shape.taps[shape.tap_count++] = (ck_wave_tap){3, 0, 0};
    ck_wave_plane_place(&planes[k], &shape, zeroed(ck_wave_plane_size(&shape) * sizeof(float)));
    for (int h = 0; h < k; h++) planes[k].helpers[h] = &planes[h ? 0 : k - 1];
    values[k] = zeroed((size_t)count_of_all * sizeof(uint16_t));
    means[k] = zeroed((size_t)count_of_all * sizeof(int32_t));
    scales[k] = zeroed((size_t)count_of_all);
    for (int i = 0; i < count_of_all; i++) {
      const int x = i % width, y = i / width;
      const int wave = (x * x + 3 * y * (x + 1) + 17 * k) % 23 + 4 * x + 2 * y + 9 * k;
      values[k][i] = (uint16_t)(wave * (high + 1) / 256);
      if (i % 41 == 40) values[k][i] = (uint16_t)(high - values[k][i]);
      means[k][i] = values[k][i] * 16 + (7 * x + 5 * y) % 31 - 15;
      scales[k][i] = (uint8_t)((x + y) % 40);
    }
    ports[k] = is_mixed ? (ck_wave_port){.decisions = zeroed(ROOM * 2)}
                        : (ck_wave_port){.symbols = zeroed(ROOM * 4)};
    listed[k] = is_mixed ? (void *)ports[k].decisions : (void *)ports[k].symbols;
  }
  for (int turn = 0; turn < 2 + plane_count; turn++) {
    for (int k = 0; k < plane_count; k++) {
      const int band = turn - k, at = band * CK_WAVE_LANES * width;
      if (band < 0 || band >= 3) continue;
      if (k) kernels->look_below(&planes[k - 1], band);
      if (has_prediction) kernels->set_prediction(&planes[k], band, means[k] + at, scales[k] + at);
      kernels->code_band(&planes[k], band, values[k] + at, starts, &ports[k]);
    }
  }
  for (int k = 0; k < plane_count; k++) {
    if (is_mixed) {
      const uint16_t *list = listed[k];
      const size_t count = (size_t)(ports[k].decisions - list);
      printf("plane %d: %zu rounds, crc-32 %08X", k, count / 8, crc32_of(list, count * sizeof *list));
      for (size_t n = 32; n < count / 8; n *= 2) printf(", of %zu %08X", n, crc32_of(list, n * 16));
      printf("; the first ones, lanes 0 ... 7, bit:probability, - where not on\n");
      for (int i = 0; i < (width > 20 ? 12 : 4) * 8; i++) {
        if (list[i]) {
          printf("%s%d:%d", i % 8 ? " " : "  ", list[i] >> 15, list[i] & 32767);
        } else {
          printf("%s-", i % 8 ? " " : "  ");
        }
        if (i % 8 == 7) printf("\n");
      }
    } else {
      const uint32_t *list = listed[k];
      const size_t count = (size_t)(ports[k].symbols - list);
      printf("plane %d: %zu symbols, crc-32 %08X", k, count, crc32_of(list, count * sizeof *list));
      for (size_t n = 32; n < count; n *= 2) printf(", of %zu %08X", n, crc32_of(list, n * 4));
      printf("; the first 16, start+size\n");
      for (int i = 0; i < 16; i++) {
        printf("%s%u+%u", i % 8 ? " " : "  ", list[i] >> 16, list[i] & 65535);
        if (i % 8 == 7) printf("\n");
      }
    }
  }
}

int main(void) {
  const ck_mixing_kernels *mix = &ck_mixing_portable;
  const ck_residual_kernels *residual = &ck_residual_portable;
  const ck_wavefront_kernels *wave = &ck_wavefront_portable;
  stretch = zeroed(CK_STRETCH_COUNT * sizeof *stretch);
  squash = zeroed(CK_SQUASH_COUNT * sizeof *squash);
  mix->fill_tables(stretch, squash);
  uint16_t *starts = zeroed(CK_WAVE_SYMBOL_COUNT * sizeof *starts);
  wave->fill_symbols(starts);
  printf("Test vectors of docs/FORMAT.md, printed by scripts/core/format_vectors.c.\n"
         "Floats are the hexadecimal patterns of binary32.\n");
  range_decoder();
  tables();
  mixing(mix);
  symbols(residual, starts);
  transforms();
  least_squares(residual);
  wavefront(wave, starts, 3, 0, 21, 2, 255, 0);
  wavefront(wave, starts, 3, 1, 21, 2, 4095, 3);
  wavefront(wave, starts, 3, 0, 5, 3, 255, 0);
  wavefront(wave, starts, 4, 0, 21, 2, 255, 0);
  wavefront(wave, starts, 4, 1, 21, 3, 4095, 3);
  // Narrower than two blocks: there are steps without a live lane.
  wavefront(wave, starts, 4, 0, 3, 2, 255, 0);
  wavefront(wave, starts, 5, 1, 21, 3, 255, 0);
  wavefront(wave, starts, 4, 0, 1, 2, 255, 0);
  return 0;
}
