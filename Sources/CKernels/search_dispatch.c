#include "ck_search.h"

extern const ck_search_kernels ck_search_portable;
#if defined(__x86_64__)
extern const ck_search_kernels ck_search_avx2, ck_search_avx512;
#endif

// Apart from dispatch.c, so that a decoder links none of this.
const ck_search_kernels *ck_search_kernels_for(ck_isa isa) {
  if (!ck_isa_is_available(isa)) return 0;
#if defined(__x86_64__)
  if (isa == CK_ISA_AVX2) return &ck_search_avx2;
  if (isa == CK_ISA_AVX512) return &ck_search_avx512;
#endif
  return &ck_search_portable;
}
