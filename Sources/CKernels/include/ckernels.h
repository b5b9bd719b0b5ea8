#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>

/// The instruction sets that a kernel table can be built for.
typedef enum {
  CK_ISA_PORTABLE = 0,
  CK_ISA_AVX2 = 1,
  /// AVX-512 with BW, DQ, VL and VNNI, beside AVX2.
  CK_ISA_AVX512 = 2,
  /// WebAssembly's vectors of 128 bits: there wherever the module was built with them.
  CK_ISA_WASM = 3,
  CK_ISA_COUNT,
} ck_isa;

/// How the environment and reports call it; NULL where this build has no such kernels.
const char *ck_isa_name(ck_isa isa);

/// Whether this CPU runs `isa`.
int ck_isa_is_available(ck_isa isa);

/// What the environment variable RDCODEC_ISA names where this CPU runs it, else the best that it
/// runs.
ck_isa ck_isa_current(void);

/// `count` bytes of zero that the system hands out as they are touched, for `ck_free`; NULL: no
/// memory left.
void *ck_zeroed(size_t count);
void ck_free(void *memory);

#endif
