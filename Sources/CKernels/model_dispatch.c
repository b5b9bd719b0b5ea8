#include "model_tables.h"

const ck_model_kernels *ck_model_kernels_for(ck_isa isa) {
  if (!ck_isa_is_available(isa)) return NULL;
  switch (isa) {
    case CK_ISA_PORTABLE:
      return &ck_model_portable;
    case CK_ISA_AVX2:
#if defined(__x86_64__)
      return &ck_model_avx2;
#else
      return NULL;
#endif
    case CK_ISA_AVX512:
#if defined(__x86_64__)
      return &ck_model_avx512;
#else
      return NULL;
#endif
    case CK_ISA_WASM:
#if defined(__wasm_simd128__)
      return &ck_model_wasm;
#else
      return NULL;
#endif
  }
  return NULL;
}
