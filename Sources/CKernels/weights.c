#include "ck_model.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const uint8_t weights[] = {
#embed "weights.bin"
};
#pragma clang diagnostic pop

const uint8_t *ck_weights(void) { return weights; }
size_t ck_weights_size(void) { return sizeof weights; }
