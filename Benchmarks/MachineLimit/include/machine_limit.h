#ifndef MACHINE_LIMIT_H
#define MACHINE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

enum {
  /// Dot products that are taken at once, so that loading x is not what takes the time.
  ML_DOTS = 4,
  /// `count` is a multiple of this.
  ML_UNIT = 128,
};

/// The sum of ML_DOTS dot products of `count` values with weights that stay in registers, by the
/// widest instructions of this CPU that multiply pairs of int16 and add them in int32. Wraps around.
int32_t ml_dots_int16(const int16_t *x, size_t count);

/// The same in floats, product and sum rounded one by one.
float ml_dots_float(const float *x, size_t count);

#endif
