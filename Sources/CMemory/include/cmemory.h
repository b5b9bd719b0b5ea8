#pragma once
#include <stdbool.h>
#include <stddef.h>

// How the process gets its memory from the system; nothing here changes a result.

/// Lets the allocator keep what is freed: buffers of tiles come and go all the time, and each new
/// page costs more than to use one. To be called by a program before it has threads; does nothing
/// where the allocator has no such setting.
void cmemory_keep_freed(void);

/// Advises the system to back memory that is to be filled by large pages, as far as whole ones lie
/// in it. Never fails.
void cmemory_prefer_large_pages(void *memory, size_t byte_count);

/// Whether the allocator would give as much at this moment.
bool cmemory_has(size_t byte_count);
