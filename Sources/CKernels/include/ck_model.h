#ifndef CK_MODEL_H
#define CK_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "ckernels.h"

/// A convolution with its requantisation.
typedef struct {
  /// Weights of `segments` runs of `length` inputs, packed as for `convolve` with as many rows.
  const int16_t *weights;
  const int32_t *bias;
  /// `length` is even.
  size_t segments, length;
  /// Outputs rounded up to a multiple of 16, and how many of them are wanted.
  size_t outputs, kept;
  /// 1 ... 30.
  int shift;
} ck_layer;

/// What becomes of a layer's requantised sums.
enum {
  /// Negative values are divided by 8, rounding down.
  CK_LAYER_LEAKY = 1,
  /// They are added to what is there, saturating.
  CK_LAYER_ADDS = 2,
};

/// Integer kernels of the learned model. All tensors are rows of positions, channels innermost.
///
/// Sums are int32 and wrap around on overflow, so that every table returns the same bits for any
/// input; training/export.py bounds the weights so that no overflow can occur.
/// Pointers never alias and have no alignment to keep, except where it is said.
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

  /// y[p * y_step + o] = requantised(bias[o] + sum over s < segments, i < length of
  /// weight(o, s, i) * x[s][p * step + i]), for p < count and o < kept; `flags` as above.
  void (*layer)(const ck_layer *layer, const int16_t *const *x, size_t step, int16_t *y,
                size_t y_step, size_t count, int flags);

  /// sums[p * channels + c] = bias[c] + sum over r < 3, k < 3 of
  /// w[(r * 3 + k) * channels + c] * x[r * row_stride + (p + k) * channels + c], for p < count.
  void (*depthwise3)(const int16_t *x, size_t row_stride, const int16_t *w, const int32_t *bias,
                     int32_t *sums, size_t channels, size_t count);

  /// The same of three rows x[r], requantised by `shift`.
  void (*depthwise_row)(const int16_t *const *x, const int16_t *w, const int32_t *bias, int shift,
                        int16_t *y, size_t channels, size_t count);

  /// y[i] = saturate(leaky((sums[i] + 2^(shift - 1)) >> shift)) with 1 <= shift <= 30, where
  /// leaky(v) is v >> 3 for negative v if `leaky` is not 0, else v.
  void (*requantize)(const int32_t *sums, int shift, int leaky, int16_t *y, size_t count);

  /// y[i] = saturate(y[i] + x[i]).
  void (*add)(int16_t *y, const int16_t *x, size_t count);

  /// y[p * channels + c] = saturate(leaky(y[p * channels + c] + v[c])), for p < count.
  void (*add_vector)(int16_t *y, const int16_t *v, size_t channels, size_t count, int leaky);

  /// y[i] = max(x[i], x[i] >> 3).
  void (*leaky)(const int16_t *x, int16_t *y, size_t count);

  /// y[p * channels + c] = saturate((8 * q + correction) * step[c] / 2^17, rounded), q and
  /// correction being those of the same place; steps are below 2^29.
  void (*coefficients)(const int16_t *q, const int16_t *correction, const int32_t *steps,
                       int16_t *y, size_t channels, size_t count);

  /// Puts 2x2 pixels (row, column, colour) and their `side` channels together, for `count` of them
  /// from column `x` on in rows of half the image's size. `blocks`: 8x8 pixels each, 48 values for
  /// every four columns of 2x2 pixels, `block_step` apart, the first of them block `first_block`;
  /// block b begins at column 4 b - 2. `sides`: `side` values for every four columns, `side_step`
  /// apart, the first of them latent `first_latent`; latent l begins at column 4 l.
  void (*post_features)(const int16_t *blocks, size_t block_step, size_t first_block,
                        const int16_t *sides, size_t side_step, size_t first_latent, size_t side,
                        size_t x, size_t count, int16_t *y);

  /// What the prior's parameters of a position, `channels` means and as many scales in eighths of
  /// a table index, say about tables: scales[p * channels + c] = clamp(((scale + 4) >> 3) - first,
  /// 0, last).
  void (*scale_indices)(const int16_t *parameters, size_t channels, size_t count, int first,
                        int last, uint8_t *scales);

  /// z[c] = saturate(means[c] + 64 * symbols[c]).
  void (*reconstruct)(const int16_t *means, const int16_t *symbols, int16_t *z, size_t channels);
} ck_model_kernels;

/// Kernels of rows of pixels, one colour or component after the other. They wrap around and never
/// alias.
typedef struct {
  /// Takes apart two rows of pixels that are stored as 2x2 pixels, `step` values apart, of which
  /// the first twelve are row, column, colour: planes[row * 3 + colour][2 * p + column], p < count.
  void (*split)(const int16_t *x, size_t step, int16_t *const *planes, size_t count);

  /// Pixel after pixel, three colours each, into planes and back.
  void (*separate)(const int16_t *x, int16_t *const *planes, size_t count);
  void (*interleave)(const int16_t *const *planes, int16_t *x, size_t count);

  /// R + G + B, R - B, 2 G - R - B.
  void (*components)(const int16_t *const *planes, int32_t *const *components, size_t count);

  /// y[i] = sum over r, k < 3 of a[r] * a[k] * rows[r][i + (k - 1) * distance], a = 1, 2, 1.
  void (*smooth)(const int32_t *const *rows, size_t distance, int32_t *y, size_t count);

  /// planes[colour][i] saturated after what the filter adds of FORMAT.md's sixteen inputs: of
  /// `components` at a pixel, of them smoothed by `smooth` at distance 1 (`fine`) and those again
  /// at distance 2 (`coarse`). `weights`: three outputs of sixteen each, in 2^-14.
  void (*filter)(const int32_t *const *components, const int32_t *const *fine,
                 const int32_t *const *coarse, const int32_t *weights, int16_t *const *planes,
                 size_t count);

  /// y[i] = (x[0][i] + x[1][i] + x[2][i]) / 3, rounded towards zero.
  void (*grey)(const int16_t *const *x, int16_t *y, size_t count);

  /// x - 128 in sixteenths of a step of 8 bits becomes a value of `low` ... `low` + `span`, in
  /// sixteenths of a step.
  void (*means)(const int16_t *x, int32_t low, int32_t span, int32_t *y, size_t count);
  /// The same, rounded to a sample.
  void (*samples)(const int16_t *x, int32_t low, int32_t span, uint16_t *y, size_t count);

  /// y[i] = x[3 * ((i + phase) >> shift)]: each of a row's scales for 2^shift pixels.
  void (*scales)(const int16_t *x, size_t phase, int shift, uint8_t *y, size_t count);

  /// Linear interpolation along a row to 2^shift times as many: y[i] is 2^(shift + 1) times the
  /// value between the places first[i] and second[i] of x, fraction[i] / 2^(shift + 1) from the
  /// first.
  void (*stretch)(const int16_t *x, const int32_t *first, const int32_t *second,
                  const int32_t *fraction, int32_t whole, int32_t *y, size_t count);
  /// y[i] = (upper[i] * (whole - fraction) + lower[i] * fraction) / 2^bits, rounded.
  void (*blend)(const int32_t *upper, const int32_t *lower, int32_t whole, int32_t fraction,
                int bits, int16_t *y, size_t count);
} ck_pixel_kernels;

/// The tables for `isa`, or NULL where this CPU or build cannot run it.
const ck_model_kernels *ck_model_kernels_for(ck_isa isa);
const ck_pixel_kernels *ck_pixel_kernels_for(ck_isa isa);

/// Trained weights, in the format that training/export.py writes.
typedef struct {
  const uint8_t *bytes;
  size_t size;
  /// SHA-256 of the bytes and of the start states, in 64 hexadecimal digits.
  const char *digest;
} ck_weights;

/// Trained for the least squared error.
ck_weights ck_weights_psnr(void);
/// Trained mostly for structural similarity (MS-SSIM).
ck_weights ck_weights_visual(void);

#endif
