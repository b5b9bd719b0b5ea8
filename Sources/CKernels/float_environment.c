#include "ck_float.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum {
  // All exceptions masked, none raised; rounding to the nearest; no flush to zero, no zeros for
  // subnormal numbers.
  STANDARD = 0x1f80,
};

uint64_t ck_float_enter(void) {
  uint32_t before = _mm_getcsr();
  if ((before & ~0x3fu) != STANDARD) _mm_setcsr(STANDARD);
  return before;
}

void ck_float_leave(uint64_t before) {
  if ((before & ~(uint64_t)0x3f) != STANDARD) _mm_setcsr((uint32_t)before);
}
#elif defined(__aarch64__)
// Zero is all of it: rounding to the nearest, FZ, FZ16, FIZ, AH and traps off.
uint64_t ck_float_enter(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  if (before) __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0));
  return before;
}

void ck_float_leave(uint64_t before) {
  if (before) __asm__ volatile("msr fpcr, %0" : : "r"(before));
}
#elif defined(__riscv_flen)
// Only rounding can be changed.
uint64_t ck_float_enter(void) {
  uint64_t before;
  __asm__ volatile("fsrm %0, zero" : "=r"(before));
  return before;
}

void ck_float_leave(uint64_t before) { __asm__ volatile("fsrm %0" : : "r"(before)); }
#else
// WebAssembly has no other.
uint64_t ck_float_enter(void) { return 0; }
void ck_float_leave(uint64_t before) { (void)before; }
#endif
