// What Embedded Swift wants of the system beside a C library.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__wasm__)

static uint64_t state[4];

/// 32 bytes for the host to fill before it calls anything else, as by crypto.getRandomValues: so
/// nobody can make a file whose hashes all collide.
void *rdc_seed(void) { return state; }

static uint64_t rotated(uint64_t a, int by) { return a << by | a >> (64 - by); }

/// xoshiro256++; nothing that is drawn here can be seen from outside.
static uint64_t next(void) {
  const uint64_t result = rotated(state[0] + state[3], 23) + state[0], t = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = rotated(state[3], 45);
  return result;
}

void arc4random_buf(void *bytes, size_t count) {
  for (uint8_t *at = bytes; count > 0;) {
    const uint64_t drawn = next();
    const size_t part = count < sizeof drawn ? count : sizeof drawn;
    memcpy(at, &drawn, part);
    at += part;
    count -= part;
  }
}

#endif
