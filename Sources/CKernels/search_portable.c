#include "ck_search.h"

#define CK_NAME(x) x##_portable
#include "search_body.h"

static void layer_portable(const ck_search_layer *layer, const ck_inputs *inputs, size_t input_count,
                           void *values, uint16_t *signs, size_t count) {
  int16_t *y = values;
  int32_t *sums = values;
  const int shift = layer->shift;
  const uint32_t half = 1u << (shift - 1);
  const size_t blocks = (layer->outputs + 15) / 16;
  for (size_t p = 0; p < count; p++, signs += blocks) {
    const int16_t *weight = layer->weights;
    for (size_t block = 0; block < blocks; block++) {
      uint32_t sum[16];
      for (size_t o = 0; o < 16; o++) sum[o] = (uint32_t)layer->bias[16 * block + o];
      for (size_t n = 0; n < input_count; n++) {
        const int16_t *x = inputs[n].x + p * inputs[n].step;
        for (size_t i = 0; i < inputs[n].pairs; i++, weight += 32) {
          const int32_t a = x[2 * i], b = x[2 * i + 1];
          for (size_t o = 0; o < 16; o++) {
            sum[o] += (uint32_t)(weight[2 * o] * a) + (uint32_t)(weight[2 * o + 1] * b);
          }
        }
      }
      const size_t start = p * layer->outputs + 16 * block;
      const size_t rest = layer->outputs - 16 * block;
      uint32_t word = 0;
      for (size_t o = 0; o < (rest < 16 ? rest : 16); o++) {
        int32_t v = (int32_t)(sum[o] + half) >> shift;
        switch (layer->activation) {
        case CK_LINEAR: break;
        case CK_LEAKY:
          word |= (uint32_t)(v < 0) << o;
          v = v < 0 ? v >> 3 : v;
          break;
        case CK_MASKED:
          if (signs[block] >> o & 1) v = (int32_t)(sum[o] + 8 * half) >> (shift + 3);
          break;
        case CK_SUMS: sums[start + o] = (int32_t)sum[o]; continue;
        case CK_ADDED: v = saturated_portable(v) + y[start + o]; break;
        }
        y[start + o] = (int16_t)saturated_portable(v);
      }
      if (layer->activation == CK_LEAKY) signs[block] = (uint16_t)word;
    }
  }
}

const ck_search_kernels ck_search_portable = {
  layer_portable, depthwise_portable, leaky_portable, masked_portable, add_portable, errors_portable,
  scale_portable, measure_portable, quantise_portable, restore_portable,
  compand_portable, dot_portable, move_portable, pull_portable};
