// The float kernels for any CPU.
#define CK_TABLE(name) name##_portable
#include "kernels.h"
