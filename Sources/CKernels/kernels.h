// All kernels that compute in floats, written once; portable.c and avx2.c compile this file for
// their instruction set. Every table returns the same bits.

#include "exactness.h"

#pragma clang diagnostic ignored "-Wpsabi"

#include "include/ck_latent.h"
#include "include/ck_wavefront.h"
#include "vectors.h"
#include "mixing.h"
#include "mixing_kernels.h"
#include "level_kernels.h"
#include "residual_kernels.h"
#include "latent_kernels.h"
#include "wavefront_layout.h"
#include "wavefront_vectors.h"
#include "wavefront_kernels.h"
