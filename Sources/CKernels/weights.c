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

// Their names: to compute them takes longer than a small image. A test compares them with the files.
ck_weights ck_weights_psnr(void) {
  return (ck_weights){psnr, sizeof psnr,
                      "3d7e490e679f0d393cd84c31fe539df5cda325e372c52f806ba369f5ed48bf46"};
}
ck_weights ck_weights_visual(void) {
  return (ck_weights){visual, sizeof visual,
                      "ff99599b85aea7b3c4db441cff6e8caff205bb945a0f87ff39efe98264ecd0a0"};
}
