/// CRC-32 with carry-less multiplication, where the CPU has it.

#ifndef CK_CHECKSUM_H
#define CK_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Moves `crc`, the register before its last complement, past as many of the bytes as fast
/// instructions take, and returns how many these are: 0 where there are no such instructions.
size_t ck_crc32_blocks(uint32_t *crc, const uint8_t *bytes, size_t count);

#endif
