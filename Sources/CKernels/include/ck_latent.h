#ifndef CK_LATENT_H
#define CK_LATENT_H

#include "ck_latent_layout.h"
#include "ck_residual.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
  /// Scale tables of the prior.
  CK_LATENT_SCALES = 104,
  /// Scales below this are coded together: "all of them are zero".
  CK_LATENT_LOW_SCALES = 12,
  /// Buckets of a magnitude that are coded in unary.
  CK_LATENT_BUCKETS = 20,
  /// Most decisions of a latent: buckets, escape (4 + 16), low bits (15), sign.
  CK_LATENT_DECISIONS = 64,
};

/// The prior's distributions as decisions, by scale.
typedef struct {
  /// Low bits of a magnitude that its bucket leaves open.
  const uint8_t *shift;
  /// [scale][bucket]: ln of the odds that the bucket exceeds k, given that it is at least k.
  const float *stretch;
  /// P(not zero), in units of 2^-16.
  const uint32_t *activity;
  /// P(not zero) for the low scales; -ln P(zero) in units of 2^-24 for them, and 0 for all others.
  const float *nonzero;
  const uint32_t *zero_cost;
  /// What turns a symbol into an expert's feature: 32 / max(sigma, 1/2), in units of 2^-16.
  const uint32_t *reciprocal;
} ck_latent_tables;

/// Mixing weights of one set, and the step of the next update.
typedef struct {
  float weights[16];
  float rate;
} ck_latent_set;

/// What is known about one position.
typedef struct {
  /// Sum of P(not zero) over the latents mixed so far, in 2^-16, and how many were not zero.
  uint32_t expected;
  uint16_t nonzero;
  /// Bit g: not all low-scale latents of group g are zero.
  uint8_t flags;
} ck_latent_place;

/// Neighbours of a position.
typedef struct {
  /// In places from the position; the first CK_CONTEXT_NEIGHBOURS are those that contexts see.
  ptrdiff_t offsets[CK_LATENT_NEIGHBOURS];
  /// How many an expert sees.
  size_t count;
} ck_neighbours;

/// The adaptive models of one tile's latents or hyperlatents.
typedef struct {
  ck_latent_tables tables;
  ck_logistic logistic;
  /// Where each table of counters and sets lies.
  ck_latent_layout layout;
  /// [entry][node]; signs and flags have one node.
  ck_counter *counters, *signs, *flags;
  ck_latent_set *sets, *flag_sets;
  /// [channel][node], or NULL where there is no expert.
  ck_latent_set *_Nullable channel_sets;
  /// Symbols, clamped to -127 ... 127, of every position: `channels` of them, with a border of
  /// CK_LATENT_REACH zero positions on every side; of the border's places all is zero too.
  int8_t *symbols;
  ck_latent_place *_Nullable places;
  /// Latents' features, in 1/32, laid out as their symbols are; 0 for those of low scales.
  int8_t *_Nullable features;
  /// The expert's weights (that of latents: of the step at hand), or NULL. Of latents, with n =
  /// count: bias [2][n], neighbours [neighbour][2][n], channels before [first + n][2][n], where the
  /// first of two belongs to "not zero" and the second to "negative". Of hyperlatents: neighbours
  /// [neighbour][channels][2][hidden], hidden to output [hidden][2][channels], channels before
  /// [channels][2][2][channels]; the first of two inputs is a value, the second its size. Those of
  /// latents learn, and count per 1/32 of a feature but for the bias.
  float *_Nullable expert;
  /// Biases of the hyperlatents' expert: hidden [hidden], output [2][channels].
  const float *_Nullable expert_bias;
  /// A multiple of 8, like `first` and `count`.
  size_t channels;
  /// Hidden features of the hyperlatents' expert, a multiple of 8.
  size_t hidden;
  /// Positions of a row, border included.
  size_t row_places;
  /// What a position sees; of latents at the step at hand.
  ck_neighbours neighbours;

  /// The step at hand: its number, and where its channels lie.
  size_t step, first, count;
} ck_latents;

/// Codes latents as mixed binary decisions; every table returns the same bits.
typedef struct {
  /// Codes the step's `count` symbols at `place` (counted with the border), in place. `scales` are
  /// indices of tables; symbols lie in -32767 ... 32767. A port that lists has room for
  /// CK_LATENT_DECISIONS for every symbol.
  void (*code_latents)(ck_latents *latents, size_t place, const uint8_t *scales, int16_t *symbols,
                       ck_port *port);
  /// The same for the hyperlatents of a position.
  void (*code_hyperlatents)(ck_latents *latents, size_t place, const uint8_t *scales,
                            int16_t *symbols, ck_port *port);
} ck_latent_kernels;

/// The kernels for `isa`, or NULL where this CPU cannot run it.
const ck_latent_kernels *_Nullable ck_latent_kernels_for(ck_isa isa);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
