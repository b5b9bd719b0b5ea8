#include "ck_model.h"

static const uint8_t weights[] = {
#embed "weights.bin"
};

const uint8_t *ck_weights(void) { return weights; }
size_t ck_weights_size(void) { return sizeof weights; }
