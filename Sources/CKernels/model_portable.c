#include "ck_model.h"

#define CK_NAME(x) x##_portable
#include "model_body.h"
#include "pixel_body.h"

static void convolve_portable(const int16_t *x, size_t row_stride, size_t rows, size_t row_length,
                              size_t step, const int16_t *w, const int32_t *bias, int32_t *sums,
                              size_t outputs, size_t count) {
  for (size_t p = 0; p < count; p++, x += step, sums += outputs) {
    const int16_t *weight = w;
    for (size_t block = 0; block < outputs; block += 16) {
      uint32_t sum[16];
      for (size_t o = 0; o < 16; o++) sum[o] = (uint32_t)bias[block + o];
      for (size_t r = 0; r < rows; r++) {
        const int16_t *row = x + r * row_stride;
        for (size_t i = 0; i < row_length; i += 2, weight += 32) {
          const int32_t a = row[i], b = row[i + 1];
          for (size_t o = 0; o < 16; o++) {
            sum[o] += (uint32_t)(weight[2 * o] * a) + (uint32_t)(weight[2 * o + 1] * b);
          }
        }
      }
      for (size_t o = 0; o < 16; o++) sums[block + o] = (int32_t)sum[o];
    }
  }
}

static void layer_portable(const ck_layer *layer, const int16_t *const *x, size_t step, int16_t *y,
                           size_t y_step, size_t count, int flags) {
  const uint32_t half = 1u << (layer->shift - 1);
  for (size_t p = 0; p < count; p++, y += y_step) {
    const int16_t *weight = layer->weights;
    for (size_t block = 0; block < layer->kept; block += 16) {
      uint32_t sum[16];
      for (size_t o = 0; o < 16; o++) sum[o] = (uint32_t)layer->bias[block + o] + half;
      for (size_t s = 0; s < layer->segments; s++) {
        const int16_t *row = x[s] + p * step;
        for (size_t i = 0; i < layer->length; i += 2, weight += 32) {
          const int32_t a = row[i], b = row[i + 1];
          for (size_t o = 0; o < 16; o++) {
            sum[o] += (uint32_t)(weight[2 * o] * a) + (uint32_t)(weight[2 * o + 1] * b);
          }
        }
      }
      finish_portable(sum, layer->kept - block, layer->shift, flags, y + block);
    }
  }
}

static void depthwise_row_portable(const int16_t *const *x, const int16_t *w, const int32_t *bias,
                                   int shift, int16_t *y, size_t channels, size_t count) {
  depthwise_rest_portable(x, w, bias, shift, y, channels, count, 0);
}

const ck_model_kernels ck_model_portable = CK_MODEL_KERNELS;
const ck_pixel_kernels ck_pixel_portable = CK_PIXEL_KERNELS;
