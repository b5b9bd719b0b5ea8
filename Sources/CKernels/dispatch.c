#include "ck_latent.h"
#include "ckernels.h"

#include <stdlib.h>
#include <string.h>

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
    case CK_ISA_WASM:
#if defined(__wasm_simd128__)
      return 1;
#else
      return 0;
#endif
  }
  return 0;
}

ck_isa ck_isa_current(void) {
  static const char *const names[] = {"portable", "avx2", "avx512", "wasm"};
  ck_isa best = CK_ISA_PORTABLE;
#if defined(__x86_64__)
  const char *wish = getenv("RDCODEC_ISA");
#else
  const char *wish = NULL;  // there is no other set to choose
#endif
  for (ck_isa isa = CK_ISA_PORTABLE; isa <= CK_ISA_WASM; isa++) {
    if (!ck_isa_is_available(isa)) continue;
    if (wish && strcmp(wish, names[isa]) == 0) return isa;
    best = isa;
  }
  return best;
}

void *ck_zeroed(size_t count) { return calloc(count, 1); }
void ck_free(void *memory) { free(memory); }

#if defined(__x86_64__)
#define CK_AVX2(table) &table##_avx2
#else
#define CK_AVX2(table) NULL
#endif

// Eight lanes: wider vectors than AVX2's have nothing to do here, and what the compiler makes of
// them for WebAssembly is as good as kernels of its own.
#define CK_TABLES(table, kernels)                                                \
  extern const kernels table##_portable, table##_avx2;                          \
  const kernels *table##_kernels_for(ck_isa isa) {                               \
    if (!ck_isa_is_available(isa)) return NULL;                                  \
    if (isa == CK_ISA_PORTABLE || isa == CK_ISA_WASM) return &table##_portable;  \
    return CK_AVX2(table);                                                       \
  }

CK_TABLES(ck_mixing, ck_mixing_kernels)
CK_TABLES(ck_residual, ck_residual_kernels)
CK_TABLES(ck_latent, ck_latent_kernels)
