#define _GNU_SOURCE
#include "cthreads.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

struct work {
  void (*body)(void *context);
  void *context;
};

static void *run(void *pointer) {
  const struct work *work = pointer;
  work->body(work->context);
  return NULL;
}

void cthreads_run(size_t count, void (*body)(void *context), void *context) {
  struct work work = {body, context};
  size_t started = 0;
  pthread_t *threads = count > 1 ? malloc((count - 1) * sizeof *threads) : NULL;
  // Stacks as large as those that a program's own threads have, whatever a host program set.
  pthread_attr_t attributes;
  if (threads && pthread_attr_init(&attributes) == 0) {
    pthread_attr_setstacksize(&attributes, (size_t)8 << 20);
    while (started + 1 < count &&
           pthread_create(&threads[started], &attributes, run, &work) == 0) {
      started++;
    }
    pthread_attr_destroy(&attributes);
  }
  body(context);
  for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
  free(threads);
}

struct cthreads_gate {
  pthread_mutex_t mutex;
  pthread_cond_t opened;
  size_t count;
};

cthreads_gate *cthreads_gate_create(void) {
  cthreads_gate *gate = malloc(sizeof *gate);
  if (!gate) return NULL;
  pthread_mutex_init(&gate->mutex, NULL);
  pthread_cond_init(&gate->opened, NULL);
  gate->count = 0;
  return gate;
}

void cthreads_gate_destroy(cthreads_gate *gate) {
  pthread_cond_destroy(&gate->opened);
  pthread_mutex_destroy(&gate->mutex);
  free(gate);
}

void cthreads_gate_signal(cthreads_gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  gate->count++;
  pthread_cond_signal(&gate->opened);
  pthread_mutex_unlock(&gate->mutex);
}

void cthreads_gate_wait(cthreads_gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  while (gate->count == 0) pthread_cond_wait(&gate->opened, &gate->mutex);
  gate->count--;
  pthread_mutex_unlock(&gate->mutex);
}

size_t cthreads_cpu_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    int count = CPU_COUNT(&set);
    if (count > 0) return (size_t)count;
  }
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (size_t)count : 1;
}
