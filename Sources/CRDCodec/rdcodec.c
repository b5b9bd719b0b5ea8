#include "rdcodec.h"
