#include "ck_latent.h"

extern const ck_latent_kernels ck_latent_portable;
#if defined(__x86_64__)
extern const ck_latent_kernels ck_latent_avx2;
#endif

const ck_latent_kernels *ck_latent_kernels_for(ck_isa isa) {
  if (!ck_isa_is_available(isa)) return NULL;
  switch (isa) {
    case CK_ISA_PORTABLE:
    case CK_ISA_WASM:  // the compiler's own code is as good
      return &ck_latent_portable;
    case CK_ISA_AVX2:
    case CK_ISA_AVX512:  // wider vectors have nothing to do here
#if defined(__x86_64__)
      return &ck_latent_avx2;
#else
      return NULL;
#endif
  }
  return NULL;
}
