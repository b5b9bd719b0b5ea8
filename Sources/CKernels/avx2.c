// The float kernels for CPUs with AVX2.
#if defined(__x86_64__)
#define CK_AVX2
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define CK_TABLE(name) name##_avx2
#include "kernels.h"
#pragma clang attribute pop
#endif
