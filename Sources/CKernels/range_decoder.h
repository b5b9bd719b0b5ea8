// Range decoding inside kernels: the arithmetic of Entropy's RangeDecoder.

INLINE void range_refill(ck_range *in) {
  while (in->range < (uint64_t)1 << 40) {
    uint64_t next = in->position < in->end ? in->bytes[in->position] : 0;
    in->position++;
    in->code = in->code << 8 | next;
    in->range <<= 8;
  }
}

INLINE uint32_t range_target(const ck_range *in) {
  uint64_t target = in->code / (in->range >> 24);
  return target < (1 << 24) - 1 ? (uint32_t)target : (1 << 24) - 1;
}

INLINE void range_consume(ck_range *in, uint32_t start, uint32_t size) {
  uint64_t unit = in->range >> 24;
  in->code -= unit * start;
  in->range = start + size == 1 << 24 ? in->range - unit * start : unit * size;
  range_refill(in);
}

// A decision whose probability of a set bit is p * 2^-24.
INLINE int range_bit(ck_range *in, uint32_t p) {
  uint64_t split = (in->range >> 24) * p;
  int bit = in->code < split;
  in->code -= bit ? 0 : split;
  in->range = bit ? split : in->range - split;
  range_refill(in);
  return bit;
}
