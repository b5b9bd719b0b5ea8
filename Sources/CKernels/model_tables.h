#ifndef CK_MODEL_TABLES_H
#define CK_MODEL_TABLES_H

#include "ck_model.h"

extern const ck_model_kernels ck_model_portable;
#if defined(__x86_64__)
extern const ck_model_kernels ck_model_avx2;
extern const ck_model_kernels ck_model_avx512;
#endif
#if defined(__wasm_simd128__)
extern const ck_model_kernels ck_model_wasm;
#endif

#endif
