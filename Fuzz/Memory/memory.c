#include "fuzz_memory.h"

#include <stdatomic.h>

extern int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                                     void (*on_free)(const volatile void *));
extern size_t __sanitizer_get_allocated_size(const volatile void *);

static atomic_long current, peak;

static void on_malloc(const volatile void *memory, size_t count) {
  (void)memory;
  long now = atomic_fetch_add_explicit(&current, (long)count, memory_order_relaxed) + (long)count;
  long before = atomic_load_explicit(&peak, memory_order_relaxed);
  while (now > before && !atomic_compare_exchange_weak(&peak, &before, now)) {
  }
}

static void on_free(const volatile void *memory) {
  if (memory == NULL) return;
  long count = (long)__sanitizer_get_allocated_size(memory);
  atomic_fetch_sub_explicit(&current, count, memory_order_relaxed);
}

void fuzz_memory_install(void) { __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free); }

void fuzz_memory_restart(void) {
  atomic_store(&current, 0);
  atomic_store(&peak, 0);
}

size_t fuzz_memory_peak(void) { return (size_t)atomic_load(&peak); }
