// Runs known vectors: ck_known_vectors.h has the contract.

#include "known_vectors.h"
#include "known_vectors_expected.h"

extern const known_case ck_integer_cases[], ck_coder_cases[], ck_latent_cases[],
    ck_wavefront_cases[];

const ck_vector_list *ck_decoder_vectors(void) {
  static const known_case *const groups[] = {ck_integer_cases, ck_coder_cases, ck_latent_cases,
                                             ck_wavefront_cases, NULL};
  static const uint32_t expected[] = {CK_DECODER_VECTORS};
  static const ck_vector_list list = {groups, expected, sizeof expected / sizeof *expected};
  return &list;
}

// MARK: A run

/// Bytes that quick cases take at most, and all others.
enum { QUICK_ROOM = 5 << 18, ANY_ROOM = 4 << 20 };

/// Fills the tables that coders share, by the kernels of the instruction set; 0: there are none, or
/// there is no memory.
static int start(known_run *run, ck_isa isa, size_t room_size) {
  *run = (known_run){
      .isa = isa,
      .model = ck_model_kernels_for(isa),
      .pixel = ck_pixel_kernels_for(isa),
      .mixing = ck_mixing_kernels_for(isa),
      .level = ck_level_kernels_for(isa),
      .residual = ck_residual_kernels_for(isa),
      .latent = ck_latent_kernels_for(isa),
      .wavefront = ck_wavefront_kernels_for(isa),
      .room_size = room_size,
  };
  if (!run->model) return 0;
  const size_t stretch = CK_STRETCH_COUNT * sizeof *run->stretch;
  const size_t squash = CK_SQUASH_COUNT * sizeof *run->squash;
  const size_t starts = CK_SYMBOL_START_COUNT * sizeof *run->symbol_starts;
  const size_t wave = (CK_WAVE_SYMBOL_COUNT * sizeof *run->wave_starts + 63) & ~(size_t)63;
  run->memory = ck_zeroed(64 + stretch + squash + starts + wave + room_size);
  if (!run->memory) return 0;
  uint8_t *place = (uint8_t *)run->memory + (-(uintptr_t)run->memory & 63);
  run->stretch = (float *)place;
  run->squash = (ck_squashed *)(place += stretch);
  run->symbol_starts = (uint32_t *)(place += squash);
  run->wave_starts = (uint16_t *)(place += starts);
  run->room = place + wave;
  run->mixing->fill_tables(run->stretch, run->squash);
  run->residual->fill_symbol_starts(run->symbol_starts);
  run->wavefront->fill_symbols(run->wave_starts);
  return 1;
}

static uint32_t crc32_of(const void *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < count; i++) {
    crc ^= ((const uint8_t *)bytes)[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

static uint32_t result_of(known_run *run, const known_case *one) {
  run->taken = 0;
  run->random = 0x9E3779B9;
  run->digest = (digest_lanes){0, 1, 2, 3, 4, 5, 6, 7};
  one->call(run, one->parameter);
  return crc32_of(&run->digest, sizeof run->digest);
}

// MARK: Lists

size_t ck_vector_count(const ck_vector_list *list) {
  size_t count = 0;
  for (const known_case *const *group = list->groups; *group; group++) {
    for (const known_case *one = *group; one->kind; one++) count++;
  }
  return count;
}

/// 0 for a vector that is yet to be recorded.
static uint32_t expected_at(const ck_vector_list *list, size_t index) {
  return index < list->recorded ? list->expected[index] : 0;
}

static const known_case *case_at(const ck_vector_list *list, size_t index) {
  for (const known_case *const *group = list->groups; *group; group++) {
    for (const known_case *one = *group; one->kind; one++) {
      if (index-- == 0) return one;
    }
  }
  return NULL;
}

ck_known_vector ck_vector_at(const ck_vector_list *list, size_t index) {
  const known_case *one = case_at(list, index);
  return (ck_known_vector){one->kind, one->name, expected_at(list, index)};
}

uint32_t ck_vector_result(const ck_vector_list *list, size_t index, ck_isa isa) {
  known_run run;
  if (!start(&run, isa, ANY_ROOM)) return 0;
  const uint32_t result = result_of(&run, case_at(list, index));
  ck_free(run.memory);
  return result;
}

size_t ck_first_wrong_vector(const ck_vector_list *list, ck_isa isa) {
  known_run run;
  size_t index = 0;
  if (!start(&run, isa, QUICK_ROOM)) return index;
  for (const known_case *const *group = list->groups; *group; group++) {
    for (const known_case *one = *group; one->kind; one++, index++) {
      if (one->is_slow || result_of(&run, one) == expected_at(list, index)) continue;
      ck_free(run.memory);
      return index;
    }
  }
  ck_free(run.memory);
  return index;
}

int ck_kernels_are_right(ck_isa isa) {
  const ck_vector_list *list = ck_decoder_vectors();
  return ck_first_wrong_vector(list, isa) == ck_vector_count(list);
}
