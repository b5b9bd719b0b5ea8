/// The floating-point environment that every kernel computes in: rounding to the nearest, subnormal
/// numbers as they are, and no traps. A thread's environment is its host program's, and may be another.

#ifndef CK_FLOAT_H
#define CK_FLOAT_H

#include <stdint.h>

/// Sets it for this thread, and returns what to hand to `ck_float_leave`.
uint64_t ck_float_enter(void);
void ck_float_leave(uint64_t before);

#endif
