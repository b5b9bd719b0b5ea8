#ifndef CK_MODEL_H
#define CK_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "ckernels.h"

/// Integer kernels of the learned model. All tensors are rows of positions, channels innermost.
///
/// Sums are int32 and wrap around on overflow, so that every table returns the same bits for any
/// input; training/export.py bounds the weights so that no overflow can occur.
/// Pointers never alias and have no alignment to keep.
typedef struct {
  /// sums[p * outputs + o] = bias[o] + sum over r < rows, i < row_length of
  /// weight(o, r, i) * x[r * row_stride + p * step + i], for p < count.
  ///
  /// `row_length` is even and `outputs` a multiple of 16. Weights are packed for SIMD:
  /// weight(o, r, i) = w[(((o / 16) * rows + r) * (row_length / 2) + i / 2) * 32 + (o % 16) * 2
  /// + i % 2].
  void (*convolve)(const int16_t *x, size_t row_stride, size_t rows, size_t row_length, size_t step,
                   const int16_t *w, const int32_t *bias, int32_t *sums, size_t outputs,
                   size_t count);

  /// sums[p * channels + c] = bias[c] + sum over r < 3, k < 3 of
  /// w[(r * 3 + k) * channels + c] * x[r * row_stride + (p + k) * channels + c], for p < count.
  void (*depthwise3)(const int16_t *x, size_t row_stride, const int16_t *w, const int32_t *bias,
                     int32_t *sums, size_t channels, size_t count);

  /// y[i] = saturate(leaky((sums[i] + 2^(shift - 1)) >> shift)) with 1 <= shift <= 30, where
  /// leaky(v) is v >> 3 for negative v if `leaky` is not 0, else v.
  void (*requantize)(const int32_t *sums, int shift, int leaky, int16_t *y, size_t count);

  /// y[i] = saturate(y[i] + x[i]).
  void (*add)(int16_t *y, const int16_t *x, size_t count);
} ck_model_kernels;

/// The table for `isa`, or NULL where this CPU or build cannot run it.
const ck_model_kernels *ck_model_kernels_for(ck_isa isa);

/// Trained weights, in the format that training/export.py writes.
typedef struct {
  const uint8_t *bytes;
  size_t size;
  /// CRC-32 of the bytes.
  uint32_t checksum;
} ck_weights;

/// Trained for the least squared error.
ck_weights ck_weights_psnr(void);
/// Trained mostly for structural similarity (MS-SSIM).
ck_weights ck_weights_visual(void);

#endif
