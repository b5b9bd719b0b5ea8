#include "ck_levels.h"
#include "ck_residual.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const int8_t start_state[] = {
#embed "start_state.bin"
};
static const uint8_t drawing_start[] = {
#embed "drawing_start.bin"
};
static const int8_t level_start[] = {
#embed "level_start.bin"
};
#pragma clang diagnostic pop

const int8_t *ck_start_state(void) { return start_state; }
size_t ck_start_state_size(void) { return sizeof start_state; }
const uint8_t *ck_drawing_start(void) { return drawing_start; }
size_t ck_drawing_start_size(void) { return sizeof drawing_start; }
const int8_t *ck_level_start(void) { return level_start; }
size_t ck_level_start_size(void) { return sizeof level_start; }
