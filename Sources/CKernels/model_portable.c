#include "ck_model.h"

#define CK_NAME(x) x##_portable
#include "model_body.h"

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

const ck_model_kernels ck_model_portable = {
  convolve_portable, depthwise3_portable, requantize_portable, add_portable};
