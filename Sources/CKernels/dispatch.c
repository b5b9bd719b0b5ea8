#include "ck_latent.h"
#include "ckernels.h"

int ck_isa_is_available(ck_isa isa) {
  switch (isa) {
    case CK_ISA_PORTABLE:
      return 1;
    case CK_ISA_AVX2:
#if defined(__x86_64__)
      return __builtin_cpu_supports("avx2");
#else
      return 0;
#endif
    case CK_ISA_AVX512:
#if defined(__x86_64__)
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vnni");
#else
      return 0;
#endif
  }
  return 0;
}

#if defined(__x86_64__)
#define CK_AVX2(table) &table##_avx2
#else
#define CK_AVX2(table) NULL
#endif

// Eight lanes: wider vectors than AVX2's have nothing to do here.
#define CK_TABLES(table, kernels)                                                \
  extern const kernels table##_portable, table##_avx2;                          \
  const kernels *table##_kernels_for(ck_isa isa) {                               \
    if (!ck_isa_is_available(isa)) return NULL;                                  \
    return isa == CK_ISA_PORTABLE ? &table##_portable : CK_AVX2(table);          \
  }

CK_TABLES(ck_mixing, ck_mixing_kernels)
CK_TABLES(ck_residual, ck_residual_kernels)
CK_TABLES(ck_latent, ck_latent_kernels)
