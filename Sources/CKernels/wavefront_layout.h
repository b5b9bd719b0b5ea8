// Sizes that a plane's memory and its kernels agree on.

#include "include/ck_wavefront.h"

// How many experts a shape's decisions mix; none where a sample is one symbol.
static inline int wave_expert_count(const ck_wave_shape *shape) {
  if (shape->counter_count < 0) return 0;
  return shape->window_count > 1 ? CK_WAVE_EXPERTS : CK_WAVE_FEW_EXPERTS;
}

// Steps before and after a row.
#define WAVE_PAD(lag) (8 * (lag) + 16)

enum {
  // Columns of the normal equations: regressors, their right side, and up to three that stay zero.
  WAVE_STRIDE = 28,
  // Corrections of the expected |error|: by its level and a second signal, then by a coarse level
  // and the gradient, by that and the value, by that and P_dec's scale; an idle lane's.
  WAVE_LEVELS = 40,
  WAVE_SIDES = 16,
  WAVE_COARSE = 20,
  WAVE_SECOND = WAVE_LEVELS * WAVE_SIDES,
  WAVE_THIRD = WAVE_SECOND + WAVE_COARSE * 16,
  WAVE_FOURTH = WAVE_THIRD + WAVE_COARSE * 16,
  WAVE_IDLE = WAVE_FOURTH + WAVE_COARSE * 16,
  WAVE_CELLS = WAVE_IDLE + 1,
  // Scales of the experts: forty levels by sixteen sides, an idle lane's.
  WAVE_SCALES = WAVE_LEVELS * WAVE_SIDES,
  // What the blend misses by on average: by three neighbours' differences, then by three errors
  // around; an idle lane's.
  WAVE_MISSES = 11 * 11 * 11,
  WAVE_MISSES_IDLE = 2 * WAVE_MISSES,
  // Errors around that correct the first expert.
  WAVE_HISTORY = 12,
  // Sets of weights, of which two add up: by level of the expected |error|, by the sixteenth of the
  // range; each by place of the decision. A weight for each expert, the last one for the counters.
  WAVE_WEIGHT_LEVELS = 24,
  WAVE_WEIGHT_SETS = WAVE_WEIGHT_LEVELS + 16,
  WAVE_NODES = 64,
  WAVE_INPUTS = CK_WAVE_EXPERTS + 1,
  WAVE_WEIGHTS = WAVE_WEIGHT_SETS * WAVE_NODES * WAVE_INPUTS,
  // Floats of a context: six sizes of lines of eight.
  WAVE_LINE = 48,
};
