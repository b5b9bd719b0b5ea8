// The latent kernels for CPUs with AVX2.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define CK_LATENT_TABLE ck_latent_avx2
#include "latent_kernels.h"
#pragma clang attribute pop
#endif
