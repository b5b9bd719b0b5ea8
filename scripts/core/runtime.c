// What Embedded Swift wants of the system beside a C library.

#include <stddef.h>
#include <stdint.h>

#if defined(__wasm__)

// From the page: crypto.getRandomValues, so that nobody can make a file whose hashes all collide.
__attribute__((import_module("env"), import_name("random"))) void rdc_random(void *bytes, size_t count);
void arc4random_buf(void *bytes, size_t count) { rdc_random(bytes, count); }

#endif
