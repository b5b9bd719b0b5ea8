#pragma once
#include <stdint.h>

/// Symbols of an alphabet, at most: deflate's bytes, end of block and lengths of matches.
enum { CPNG_MOST_SYMBOLS = 286 };

/// Lengths of Huffman's codes for `count` symbols, at most `limit` (up to 15): 0 where a symbol has
/// no weight; at least one has, and they add up to less than 2^32. One alone gets a code of one bit.
void cpng_code_lengths(const uint32_t *weights, int count, int limit, uint8_t *lengths);

/// Deflate's codes of these lengths, first bit lowest (RFC 1951, section 3.2.2).
void cpng_codes(const uint8_t *lengths, int count, uint16_t *codes);
