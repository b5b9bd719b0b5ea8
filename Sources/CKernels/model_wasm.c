#if defined(__wasm_simd128__)

#include <wasm_simd128.h>

#include "ck_model.h"

#define CK_NAME(x) x##_wasm
#include "model_body.h"
#include "pixel_body.h"

/// Positions whose sums are kept in registers at once, times four vectors of four outputs.
enum { POSITIONS = 2 };

/// One block of 16 outputs at `positions` (1 ... POSITIONS, a constant where inlined) positions.
static inline __attribute__((always_inline)) void convolve_block(
  const int16_t *x, size_t row_stride, size_t rows, size_t row_length, size_t step,
  const int16_t *w, const int32_t *bias, int32_t *sums, size_t outputs, const int positions) {
  v128_t sum[POSITIONS][4];
  for (int p = 0; p < positions; p++) {
    for (int k = 0; k < 4; k++) sum[p][k] = wasm_v128_load(bias + 4 * k);
  }
  for (size_t r = 0; r < rows; r++, x += row_stride) {
    for (size_t i = 0; i < row_length; i += 2, w += 32) {
      v128_t pair[POSITIONS];
      for (int p = 0; p < positions; p++) pair[p] = wasm_v128_load32_splat(x + p * step + i);
      for (int k = 0; k < 4; k++) {
        const v128_t a = wasm_v128_load(w + 8 * k);
        for (int p = 0; p < positions; p++) {
          sum[p][k] = wasm_i32x4_add(sum[p][k], wasm_i32x4_dot_i16x8(a, pair[p]));
        }
      }
    }
  }
  for (int p = 0; p < positions; p++) {
    for (int k = 0; k < 4; k++) wasm_v128_store(sums + p * outputs + 4 * k, sum[p][k]);
  }
}

static void convolve_wasm(const int16_t *x, size_t row_stride, size_t rows, size_t row_length,
                          size_t step, const int16_t *w, const int32_t *bias, int32_t *sums,
                          size_t outputs, size_t count) {
  for (size_t block = 0; block < outputs; block += 16) {
    const int16_t *weights = w + block * rows * row_length;
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, POSITIONS);
    }
    for (; p < count; p++) {
      convolve_block(x + p * step, row_stride, rows, row_length, step, weights, bias + block,
                     sums + p * outputs + block, outputs, 1);
    }
  }
}

/// One block of 16 outputs, of which `kept` are wanted, at `positions` positions from `at` on.
static inline __attribute__((always_inline)) void layer_block(
  const ck_layer *layer, const int16_t *const *x, size_t at, size_t step, size_t block, int16_t *y,
  size_t y_step, int flags, const int positions) {
  const int16_t *w = layer->weights + block * layer->segments * layer->length;
  const v128_t half = wasm_i32x4_splat(1 << (layer->shift - 1));
  v128_t sum[POSITIONS][4];
  for (int p = 0; p < positions; p++) {
    for (int k = 0; k < 4; k++) {
      sum[p][k] = wasm_i32x4_add(wasm_v128_load(layer->bias + block + 4 * k), half);
    }
  }
  for (size_t s = 0; s < layer->segments; s++) {
    const int16_t *row = x[s] + at * step;
    for (size_t i = 0; i < layer->length; i += 2, w += 32) {
      v128_t pair[POSITIONS];
      for (int p = 0; p < positions; p++) pair[p] = wasm_v128_load32_splat(row + p * step + i);
      for (int k = 0; k < 4; k++) {
        const v128_t a = wasm_v128_load(w + 8 * k);
        for (int p = 0; p < positions; p++) {
          sum[p][k] = wasm_i32x4_add(sum[p][k], wasm_i32x4_dot_i16x8(a, pair[p]));
        }
      }
    }
  }
  for (int p = 0; p < positions; p++) {
    uint32_t sums[16];
    for (int k = 0; k < 4; k++) wasm_v128_store(sums + 4 * k, sum[p][k]);
    finish_wasm(sums, layer->kept - block, layer->shift, flags, y + (at + p) * y_step + block);
  }
}

static void layer_wasm(const ck_layer *layer, const int16_t *const *x, size_t step, int16_t *y,
                       size_t y_step, size_t count, int flags) {
  for (size_t block = 0; block < layer->kept; block += 16) {
    size_t p = 0;
    for (; p + POSITIONS <= count; p += POSITIONS) {
      layer_block(layer, x, p, step, block, y, y_step, flags, POSITIONS);
    }
    for (; p < count; p++) layer_block(layer, x, p, step, block, y, y_step, flags, 1);
  }
}

static void depthwise_row_wasm(const int16_t *const *x, const int16_t *w, const int32_t *bias,
                               int shift, int16_t *y, size_t channels, size_t count) {
  depthwise_rest_wasm(x, w, bias, shift, y, channels, count, 0);
}

const ck_model_kernels ck_model_wasm = CK_MODEL_KERNELS;
const ck_pixel_kernels ck_pixel_wasm = CK_PIXEL_KERNELS;

#endif
