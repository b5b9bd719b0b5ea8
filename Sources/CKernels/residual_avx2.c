// The residual coder's kernels for CPUs with AVX2.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define CK_RESIDUAL_TABLE ck_residual_avx2
#include "residual_kernels.h"
#pragma clang attribute pop
#endif
