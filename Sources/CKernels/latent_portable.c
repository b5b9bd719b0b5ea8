// The latent kernels for any CPU.
#define CK_LATENT_TABLE ck_latent_portable
#include "latent_kernels.h"
