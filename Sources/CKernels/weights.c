#include "ck_model.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const uint8_t psnr[] = {
#embed "weights.bin"
};
static const uint8_t visual[] = {
#embed "weights_visual.bin"
};
#pragma clang diagnostic pop

// Their CRC-32: to compute it takes longer than a small image. A test compares it with the files'.
ck_weights ck_weights_psnr(void) { return (ck_weights){psnr, sizeof psnr, 0x0799C390}; }
ck_weights ck_weights_visual(void) { return (ck_weights){visual, sizeof visual, 0x514A9380}; }
