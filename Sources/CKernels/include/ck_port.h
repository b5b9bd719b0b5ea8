#ifndef CK_PORT_H
#define CK_PORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#define CK_INLINE static inline __attribute__((always_inline))

/// What was decided, as the range coder takes it: the part start ..< start + size of 2^24.
typedef struct {
  uint32_t start, size;
} ck_symbol;

/// The state of a range decoder over bytes[position ..< end]; zeros follow.
typedef struct {
  uint64_t code, range;
  const uint8_t *bytes;
  size_t position, end;
} ck_range;

/// Where models' decisions go to or come from: exactly one of both is there.
typedef struct {
  ck_range *_Nullable in;
  /// Where the next symbol is listed.
  ck_symbol *_Nullable out;
} ck_port;

// MARK: Range decoder. Selections, not branches: what is worth coding is hard to predict.

CK_INLINE void ck_range_refill(ck_range *in) {
  while (in->range < (uint64_t)1 << 40) {
    uint64_t next = in->position < in->end ? in->bytes[in->position] : 0;
    in->position++;
    in->code = in->code << 8 | next;
    in->range <<= 8;
  }
}

/// Starts reading: the first six bytes.
CK_INLINE ck_range ck_range_of(const uint8_t *bytes, size_t end) {
  ck_range in = {0, 1, bytes, 0, end};
  for (int i = 0; i < 6; i++) {
    in.code = in.code << 8 | (in.position < end ? bytes[in.position] : 0);
    in.position++;
  }
  in.range = ((uint64_t)1 << 48) - 1;
  return in;
}

/// The place of the next symbol in a table that sums to 2^24; `ck_range_consume` follows.
CK_INLINE uint32_t ck_range_target(const ck_range *in) {
  uint64_t target = in->code / (in->range >> 24);
  return target < (1 << 24) - 1 ? (uint32_t)target : (1 << 24) - 1;
}

/// Moves past the symbol at start ..< start + size; the last one takes what rounding left over.
CK_INLINE void ck_range_consume(ck_range *in, uint32_t start, uint32_t size) {
  uint64_t unit = in->range >> 24;
  in->code -= unit * start;
  in->range = start + size == 1 << 24 ? in->range - unit * start : unit * size;
  ck_range_refill(in);
}

/// A decision whose probability of a set bit is p * 2^-24.
CK_INLINE int ck_range_bit(ck_range *in, uint32_t p) {
  uint64_t split = (in->range >> 24) * p;
  int bit = in->code < split;
  in->code -= bit ? 0 : split;
  in->range = bit ? split : in->range - split;
  ck_range_refill(in);
  return bit;
}

/// `count` (0 ... 24) equally likely bits.
CK_INLINE uint32_t ck_range_uniform(ck_range *in, int count) {
  int shift = 24 - count;
  uint32_t value = ck_range_target(in) >> shift;
  ck_range_consume(in, value << shift, (uint32_t)1 << shift);
  return value;
}

// MARK: Both directions: what goes out is returned, what comes in replaces it.

CK_INLINE void ck_port_put(ck_port *port, uint32_t start, uint32_t size) {
  *port->out++ = (ck_symbol){start, size};
}

/// A decision whose probability of a set bit is p * 2^-24.
CK_INLINE int ck_port_bit(ck_port *port, int bit, uint32_t p) {
  if (port->in) return ck_range_bit(port->in, p);
  ck_port_put(port, bit ? 0 : p, bit ? p : (1 << 24) - p);
  return bit;
}

/// The lowest `count` (0 ... 24) bits of a value, each as likely set as not.
CK_INLINE uint32_t ck_port_uniform(ck_port *port, uint32_t value, int count) {
  if (count == 0) return 0;
  if (port->in) return ck_range_uniform(port->in, count);
  value &= ((uint32_t)1 << count) - 1;
  ck_port_put(port, value << (24 - count), (uint32_t)1 << (24 - count));
  return value;
}

/// Runs `call(port)` with a port whose direction is known, so that it compiles for each of both
/// and keeps the port's state in registers.
#define CK_THROUGH(port, call)           \
  do {                                   \
    if ((port)->in) {                    \
      ck_range range = *(port)->in;      \
      ck_port own = {&range, NULL};      \
      call(&own);                        \
      *(port)->in = range;               \
    } else {                             \
      ck_port own = {NULL, (port)->out}; \
      call(&own);                        \
      (port)->out = own.out;             \
    }                                    \
  } while (0)

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
