#ifndef CKERNELS_H
#define CKERNELS_H

/// The instruction sets that a kernel table can be built for.
typedef enum {
  CK_ISA_PORTABLE = 0,
  CK_ISA_AVX2 = 1,
  /// AVX-512 with BW, VL and VNNI, beside AVX2.
  CK_ISA_AVX512 = 2,
} ck_isa;

/// Whether this CPU runs `isa`.
int ck_isa_is_available(ck_isa isa);

#endif
