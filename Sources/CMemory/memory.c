#define _GNU_SOURCE
#include "cmemory.h"

#include <stdint.h>
#include <stdlib.h>

#if defined(__GLIBC__) || __has_include(<gnu/libc-version.h>)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

void cmemory_keep_freed(void) {
#if defined(__GLIBC__)
  // The most that glibc allows: planes of 12 megapixels stay below.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 64 << 10);
  // Other arenas than the first give back what is free at their ends, whatever the thresholds say.
  mallopt(M_ARENA_MAX, 1);
#endif
}

void cmemory_prefer_large_pages(void *memory, size_t byte_count) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uintptr_t page = 2 << 20;
  uintptr_t first = ((uintptr_t)memory + page - 1) & ~(page - 1);
  uintptr_t end = ((uintptr_t)memory + byte_count) & ~(page - 1);
  if (first < end) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)byte_count;
#endif
}

bool cmemory_has(size_t byte_count) {
  // Volatile: compilers may leave out memory that nobody uses, and say that it was there.
  void *volatile memory = malloc(byte_count);
  bool is_there = memory != NULL;
  free(memory);
  return is_there;
}
