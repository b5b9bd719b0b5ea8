#include "ck_latent.h"
#include "ck_levels.h"
#include "ck_model.h"
#include "ck_wavefront.h"
#include "ckernels.h"

#include <stdlib.h>
#include <string.h>

// Everything that is known of an instruction set: a new one is a file with its kernels, a constant
// in ckernels.h, and an entry here.
typedef struct {
  const char *name;
  int (*is_available)(void);
  const ck_model_kernels *model;
  const ck_pixel_kernels *pixel;
  const ck_mixing_kernels *mixing;
  const ck_level_kernels *level;
  const ck_residual_kernels *residual;
  const ck_latent_kernels *latent;
  const ck_wavefront_kernels *wavefront;
} instruction_set;

#define DECLARE_MODEL(isa)                        \
  extern const ck_model_kernels ck_model_##isa;   \
  extern const ck_pixel_kernels ck_pixel_##isa;
#define MODEL(isa) &ck_model_##isa, &ck_pixel_##isa
#define DECLARE_FLOATS(isa)                            \
  extern const ck_mixing_kernels ck_mixing_##isa;      \
  extern const ck_level_kernels ck_level_##isa;        \
  extern const ck_residual_kernels ck_residual_##isa;  \
  extern const ck_latent_kernels ck_latent_##isa;      \
  extern const ck_wavefront_kernels ck_wavefront_##isa;
#define FLOATS(isa)                                                                \
  &ck_mixing_##isa, &ck_level_##isa, &ck_residual_##isa, &ck_latent_##isa,         \
      &ck_wavefront_##isa

static int always(void) { return 1; }
DECLARE_MODEL(portable)
DECLARE_FLOATS(portable)

#if defined(__x86_64__)
static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}
DECLARE_MODEL(avx2)
DECLARE_MODEL(avx512)
DECLARE_FLOATS(avx2)
#endif

#if defined(__wasm_simd128__)
DECLARE_MODEL(wasm)
#endif

// The better ones come later. Float kernels have eight lanes: wider vectors than AVX2's have
// nothing to do there, and what the compiler makes of them for WebAssembly is as good as kernels of
// its own.
static const instruction_set sets[CK_ISA_COUNT] = {
    [CK_ISA_PORTABLE] = {"portable", always, MODEL(portable), FLOATS(portable)},
#if defined(__x86_64__)
    [CK_ISA_AVX2] = {"avx2", has_avx2, MODEL(avx2), FLOATS(avx2)},
    [CK_ISA_AVX512] = {"avx512", has_avx512, MODEL(avx512), FLOATS(avx2)},
#endif
#if defined(__wasm_simd128__)
    [CK_ISA_WASM] = {"wasm", always, MODEL(wasm), FLOATS(portable)},
#endif
};

const char *ck_isa_name(ck_isa isa) { return sets[isa].name; }

int ck_isa_is_available(ck_isa isa) {
  return sets[isa].is_available && sets[isa].is_available();
}

ck_isa ck_isa_current(void) {
  ck_isa best = CK_ISA_PORTABLE;
#if defined(__x86_64__)
  const char *wish = getenv("RDCODEC_ISA");
#else
  const char *wish = NULL;  // there is no other set to choose
#endif
  for (ck_isa isa = CK_ISA_PORTABLE; isa < CK_ISA_COUNT; isa++) {
    if (!ck_isa_is_available(isa)) continue;
    if (wish && strcmp(wish, sets[isa].name) == 0) return isa;
    best = isa;
  }
  return best;
}

#define KERNELS_FOR(kind)                                             \
  const ck_##kind##_kernels *ck_##kind##_kernels_for(ck_isa isa) {    \
    return ck_isa_is_available(isa) ? sets[isa].kind : NULL;          \
  }

KERNELS_FOR(model)
KERNELS_FOR(pixel)
KERNELS_FOR(mixing)
KERNELS_FOR(level)
KERNELS_FOR(residual)
KERNELS_FOR(latent)
KERNELS_FOR(wavefront)

void *ck_zeroed(size_t count) { return calloc(count, 1); }
void ck_free(void *memory) { free(memory); }
