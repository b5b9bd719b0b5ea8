#ifndef CK_KNOWN_VECTORS_H
#define CK_KNOWN_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "ckernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// A short run of kernels on inputs from integers alone, and the checksum of all that it gave: the
/// same wherever kernels compute what they should.
typedef struct {
  /// The table whose kernels it runs, and which of them or how.
  const char *kind, *name;
  uint32_t expected;
} ck_known_vector;

/// The vectors of some tables.
typedef struct ck_vector_list ck_vector_list;

/// Those of all kernels that a decoder runs.
const ck_vector_list *ck_decoder_vectors(void);
/// Those of an encoder's search for latents; apart, so that a decoder links none of them.
const ck_vector_list *ck_search_vectors(void);

size_t ck_vector_count(const ck_vector_list *list);
ck_known_vector ck_vector_at(const ck_vector_list *list, size_t index);

/// The checksum that `isa` gives; 0 where this CPU cannot run it, or where there is no memory.
uint32_t ck_vector_result(const ck_vector_list *list, size_t index, ck_isa isa);

/// The first quick vector in which `isa` gives another checksum; the number of vectors: none does.
/// Every kernel has one; those that are left out run it with other sizes.
size_t ck_first_wrong_vector(const ck_vector_list *list, ck_isa isa);

/// Whether all kernels that a decoder runs give on `isa` what they should, by the quick vectors: in
/// one to two milliseconds. 0 where `isa` cannot run, or there is no memory to try.
int ck_kernels_are_right(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
