// The residual coder's kernels for any CPU.
#define CK_RESIDUAL_TABLE ck_residual_portable
#include "residual_kernels.h"
