// Runs all known vectors on every instruction set that this machine has: vectors NAME
//
// Prints how many of each kind of kernels are as they should be; fails where one is not.
// `vectors --record` prints Sources/CKernels/known_vectors_expected.h as the portable kernels have
// it, `vectors --time` how long the check of all that a decoder runs takes.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ck_known_vectors.h"

enum { LISTS = 2 };

static const ck_vector_list *list_at(int index) {
  return index == 0 ? ck_decoder_vectors() : ck_search_vectors();
}

static void record(void) {
  static const char *const names[LISTS] = {"CK_DECODER_VECTORS", "CK_SEARCH_VECTORS"};
  printf("// What known vectors give, in order: written by `scripts/test_machines.sh --record`.\n");
  for (int k = 0; k < LISTS; k++) {
    printf("\n#define %s", names[k]);
    for (size_t i = 0; i < ck_vector_count(list_at(k)); i++) {
      const ck_known_vector vector = ck_vector_at(list_at(k), i);
      printf(" \\\n  /* %s: %s */ 0x%08X,", vector.kind, vector.name,
             ck_vector_result(list_at(k), i, CK_ISA_PORTABLE));
    }
    printf("\n");
  }
}

static void print_time(ck_isa isa) {
  double best = 1e9;
  double first = 0;
  for (int run = 0; run < 50; run++) {
    struct timespec start, end;
    timespec_get(&start, TIME_UTC);
    ck_kernels_are_right(isa);
    timespec_get(&end, TIME_UTC);
    const double time = (double)(end.tv_sec - start.tv_sec) * 1e3 +
                        (double)(end.tv_nsec - start.tv_nsec) * 1e-6;
    if (run == 0) first = time;
    best = time < best ? time : best;
  }
  printf("%s: %.2f ms at first, %.2f ms at best\n", ck_isa_name(isa), first, best);
}

/// Compares all vectors on `isa`; returns how many are wrong.
static int compare(const char *machine, ck_isa isa) {
  char kinds[400] = "";
  int wrong = 0;
  for (int k = 0; k < LISTS; k++) {
    const size_t count = ck_vector_count(list_at(k));
    for (size_t i = 0, equal = 0; i < count; i++) {
      const ck_known_vector vector = ck_vector_at(list_at(k), i);
      const uint32_t result = ck_vector_result(list_at(k), i, isa);
      if (result == vector.expected) {
        equal++;
      } else {
        printf("  wrong: %s, %s: %08X, not %08X\n", vector.kind, vector.name, result,
               vector.expected);
        wrong++;
      }
      if (i + 1 < count && strcmp(vector.kind, ck_vector_at(list_at(k), i + 1).kind) == 0) continue;
      const size_t used = strlen(kinds);
      snprintf(kinds + used, sizeof kinds - used, "%s%zu %s", used ? ", " : "", equal, vector.kind);
      equal = 0;
    }
  }
  printf("%s, %s: equal are %s; %d wrong\n", machine, ck_isa_name(isa), kinds, wrong);
  if (wrong || ck_kernels_are_right(isa)) return wrong;
  printf("  wrong: all vectors are equal, but not one after the other\n");
  return 1;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "this machine";
  int wrong = 0;
  if (strcmp(what, "--record") == 0) {
    record();
    return 0;
  }
  for (int isa = 0; isa < CK_ISA_COUNT; isa++) {
    if (!ck_isa_is_available((ck_isa)isa)) continue;
    if (strcmp(what, "--time") == 0) {
      print_time((ck_isa)isa);
    } else {
      wrong += compare(what, (ck_isa)isa);
    }
  }
  return wrong != 0;
}
