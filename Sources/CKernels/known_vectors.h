// What known vectors are made of: inputs from integers alone, and a digest of what kernels give.

#include <string.h>

#include "exactness.h"
#include "include/ck_known_vectors.h"
#include "include/ck_latent.h"
#include "include/ck_levels.h"
#include "include/ck_model.h"
#include "include/ck_wavefront.h"

typedef uint32_t digest_lanes __attribute__((vector_size(32)));

/// A vector while it runs.
typedef struct {
  ck_isa isa;
  const ck_model_kernels *model;
  const ck_pixel_kernels *pixel;
  const ck_mixing_kernels *mixing;
  const ck_level_kernels *level;
  const ck_residual_kernels *residual;
  const ck_latent_kernels *latent;
  const ck_wavefront_kernels *wavefront;
  /// Tables that kernels filled, once for all vectors.
  float *stretch;
  ck_squashed *squash;
  uint32_t *symbol_starts;
  uint16_t *wave_starts;
  /// All that is allocated.
  void *memory;
  /// What a vector may take, and how much of it is taken.
  uint8_t *room;
  size_t taken, room_size;
  /// The generator's state.
  uint32_t random;
  digest_lanes digest;
} known_run;

/// One vector: what `call` makes of `parameter`.
typedef struct {
  const char *kind, *name;
  void (*call)(known_run *run, int parameter);
  int parameter;
  /// Left out where a decoder checks its kernels: a quick case runs them too, with other sizes.
  int is_slow;
} known_case;

enum { SLOW = 1 };

struct ck_vector_list {
  /// One a file, each up to a case without a kind; NULL ends them.
  const known_case *const *groups;
  /// Their checksums, in the same order, as far as they are recorded.
  const uint32_t *expected;
  size_t recorded;
};

/// Called, not inlined: a page loads all this.
#define KNOWN_SMALL static __attribute__((noinline, unused))

// MARK: Memory

/// The next `size` bytes, all zero, from a multiple of 64 on.
KNOWN_SMALL void *known_take(known_run *run, size_t size) {
  uint8_t *piece = run->room + run->taken;
  run->taken += (size + 63) & ~(size_t)63;
  if (run->taken > run->room_size) __builtin_trap();
  memset(piece, 0, size);
  return piece;
}

#define KNOWN_TAKE(run, type, count) ((type *)known_take(run, (count) * sizeof(type)))

// MARK: Inputs

/// The next number of xorshift32.
static inline uint32_t known_next(known_run *run) {
  uint32_t x = run->random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return run->random = x;
}

/// A number from `low` to `high`.
KNOWN_SMALL int32_t known_between(known_run *run, int32_t low, int32_t high) {
  return low + (int32_t)((known_next(run) >> 8) % (uint32_t)(high - low + 1));
}

/// A multiple of `unit`, a power of two, below 2^12 of them in magnitude: exact.
static inline float known_float(known_run *run, float unit) {
  return (float)known_between(run, -4095, 4095) * unit;
}

KNOWN_SMALL int16_t *known_shorts(known_run *run, size_t count, int32_t low, int32_t high) {
  int16_t *values = KNOWN_TAKE(run, int16_t, count);
  for (size_t i = 0; i < count; i++) values[i] = (int16_t)known_between(run, low, high);
  return values;
}

KNOWN_SMALL int32_t *known_words(known_run *run, size_t count, int32_t low, int32_t high) {
  int32_t *values = KNOWN_TAKE(run, int32_t, count);
  for (size_t i = 0; i < count; i++) values[i] = known_between(run, low, high);
  return values;
}

KNOWN_SMALL float *known_floats(known_run *run, size_t count, float unit) {
  float *values = KNOWN_TAKE(run, float, count);
  for (size_t i = 0; i < count; i++) values[i] = known_float(run, unit);
  return values;
}

KNOWN_SMALL uint8_t *known_bytes(known_run *run, size_t count) {
  uint8_t *values = KNOWN_TAKE(run, uint8_t, count);
  for (size_t i = 0; i < count; i++) values[i] = (uint8_t)known_next(run);
  return values;
}

// MARK: Digest

/// Each word changes one of eight sums in a way that can be undone, so that no single change is
/// lost; no product, which SSE2 has not for lanes of 32 bits.
static inline void known_mix(known_run *run, const void *words) {
  digest_lanes x;
  memcpy(&x, words, sizeof x);
  x ^= run->digest;
  x += x << 5;
  run->digest = x << 13 | x >> 19;
}

/// Adds `size` bytes to what the checksum is taken of.
KNOWN_SMALL void known_digest(known_run *run, const void *bytes, size_t size) {
  const uint8_t *from = bytes;
  for (; size >= 32; size -= 32, from += 32) known_mix(run, from);
  uint8_t rest[32] = {0};
  memcpy(rest, from, size);
  rest[31] = (uint8_t)size;
  known_mix(run, rest);
}

#define KNOWN_DIGEST(run, values, count) known_digest(run, values, (count) * sizeof *(values))

KNOWN_SMALL void known_digest_number(known_run *run, uint64_t value) {
  known_digest(run, &value, sizeof value);
}

/// A port that lists: what came out since `listed`.
KNOWN_SMALL void known_digest_listed(known_run *run, const ck_symbol *listed,
                                       const ck_port *port) {
  known_digest(run, listed, (size_t)(port->out - listed) * sizeof *listed);
}

KNOWN_SMALL void known_digest_range(known_run *run, const ck_range *range) {
  known_digest_number(run, range->code);
  known_digest_number(run, range->range);
  known_digest_number(run, range->position);
}
