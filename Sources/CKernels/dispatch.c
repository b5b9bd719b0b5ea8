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
  }
  return 0;
}
