// Bytes that are allocated, as the address sanitizer's allocator sees them.

#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include <stddef.h>

/// Begins to count.
void fuzz_memory_install(void);
/// Takes what is allocated now as zero.
void fuzz_memory_restart(void);
/// The most that was allocated at once since then.
size_t fuzz_memory_peak(void);

#endif
