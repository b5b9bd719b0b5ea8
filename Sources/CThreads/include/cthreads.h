#pragma once
#include <stddef.h>

// Threads that live as long as one call.

/// Calls `body` with `context` on `count` threads, the caller's among them, and returns when all have
/// come back. Where the system gives fewer threads, fewer calls are made; never less than one.
void cthreads_run(size_t count, void (*body)(void *context), void *context);

/// Lets threads wait: each signal lets one of them go on, now or later.
typedef struct cthreads_gate cthreads_gate;

/// NULL where there is no memory.
cthreads_gate *cthreads_gate_create(void);
/// Nobody may wait there any more.
void cthreads_gate_destroy(cthreads_gate *gate);
void cthreads_gate_signal(cthreads_gate *gate);
void cthreads_gate_wait(cthreads_gate *gate);

/// How many threads this process may run at once: its CPUs, as far as it may use them.
size_t cthreads_cpu_count(void);
