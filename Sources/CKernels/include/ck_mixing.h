#ifndef CK_MIXING_H
#define CK_MIXING_H

#include "ck_port.h"
#include "ckernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
  /// Entries of the stretch table: ln(p / (1 - p)) at p = (i + 1/2) / 4096.
  CK_STRETCH_COUNT = 4096,
  /// Entries of the squash table: the logistic function at x = (i + 1/2) / 256 - 14.
  CK_SQUASH_COUNT = 28 * 256,
  /// Most counters under one decision.
  CK_MAX_COUNTERS = 12,
};

/// One adaptive probability at two rates, as distances from one half: all zero at the start.
typedef struct {
  /// (p - 1/2) * 2^16 at a rate that falls with the count.
  int16_t fast;
  /// (p - 1/2) * 2^11 at a quick rate in the upper 11 bits, the count in the lower 5.
  int16_t quick;
} ck_counter;

/// A probability as models learn from it, and as the range coder takes it: in units of 2^-24,
/// 2^-20 away from 0 and 1.
typedef struct {
  float p;
  uint32_t coded;
} ck_squashed;

/// The logistic function and its inverse.
typedef struct {
  const float *stretch;
  const ck_squashed *squash;
} ck_logistic;

/// Decisions mixed from counters alone, found by the contexts' values or hashes.
typedef struct {
  ck_logistic logistic;
  /// A table of 2^bits counters for each context.
  ck_counter *counters;
  uint32_t bits;
  /// 6, 7, 8 or 12.
  uint32_t count;
  /// Step size of the weights.
  float rate;
  /// Each context's place in its table, for the decision at hand.
  const uint32_t *slots;
} ck_mixer;

/// Every table returns the same bits.
typedef struct {
  /// Codes a decision; teaches it to the counters, and to one or two sets of weights, which add
  /// up: those of stretched probabilities, then those of quick ones, then zeros up to a multiple
  /// of eight floats.
  int (*decide)(const ck_mixer *mixer, float *set, float *_Nullable more, int bit, ck_port *port);

  /// Fills CK_STRETCH_COUNT and CK_SQUASH_COUNT entries.
  void (*fill_tables)(float *stretch, ck_squashed *squash);
} ck_mixing_kernels;

/// The kernels for `isa`, or NULL where this CPU cannot run it.
const ck_mixing_kernels *_Nullable ck_mixing_kernels_for(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
