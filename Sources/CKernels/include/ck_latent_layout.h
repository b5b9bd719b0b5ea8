#ifndef CK_LATENT_LAYOUT_H
#define CK_LATENT_LAYOUT_H

#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

enum {
  /// Most channels of a group, and of hyperlatents: so many a kernel has room for.
  CK_LATENT_CHANNELS = 256,
  /// Most groups of channels: one bit each in `ck_latent_place`.
  CK_LATENT_GROUPS = 8,
  /// Neighbours that the contexts see: two of the first kind and two of the second.
  CK_CONTEXT_NEIGHBOURS = 4,
  /// Most neighbours that an expert sees; the contexts' are the first of them.
  CK_LATENT_NEIGHBOURS = 12,
  /// How far, in positions, a neighbour may lie: so wide is the border around symbols.
  CK_LATENT_REACH = 2,
  /// Most hidden features of the hyperlatents' expert.
  CK_EXPERT_HIDDEN = 256,

  /// Counters of a context: one for every kind of decision about a magnitude.
  CK_LATENT_NODES = 16,
  /// Counters under one decision.
  CK_LATENT_CONTEXTS = 6,

  /// What the contexts are made of; each is 0 ..< so many.
  /// The scale table in steps of 2, 3, 5 and 8, from the first that is not low.
  CK_LATENT_SCALES_BY_2 = 32,
  CK_LATENT_SCALES_BY_3 = 21,
  CK_LATENT_SCALES_BY_5 = 8,
  CK_LATENT_SCALES_BY_8 = 4,
  /// The sum of the four neighbours' magnitudes, and those of its two pairs.
  CK_LATENT_SUMS = 12,
  CK_LATENT_PAIR_SUMS = 4,
  CK_LATENT_PAIRS = CK_LATENT_PAIR_SUMS * CK_LATENT_PAIR_SUMS,
  /// How many latents of the position were not zero against what the prior expected.
  CK_LATENT_SURPRISES = 12,
  /// A mean of the magnitudes of the channels just before.
  CK_LATENT_RECENT = 8,
  /// Zero, positive, negative: of two symbols.
  CK_SIGNS = 3,
  CK_SIGN_PAIRS = CK_SIGNS * CK_SIGNS,
  /// Of low-scale latents: their sum of -ln P(zero), and how many of four neighbours had one not
  /// zero.
  CK_ZERO_COSTS = 16,
  CK_NONZERO_AROUND = CK_CONTEXT_NEIGHBOURS + 1,
  /// Of hyperlatents: the neighbours' magnitudes, those of left and above, those of channels
  /// before.
  CK_HYPER_SUMS = 16,
  CK_HYPER_SIZES = 4,
  CK_HYPER_RECENT = 16,
  CK_HYPER_BEFORE = 3,
};

/// What of a model's shape the tables depend on.
typedef struct {
  uint32_t latents, groups, hyperlatents;
} ck_latent_shape;

// Every list below names its tables in the order in which they follow each other: TABLE(name, rows,
// columns), with `s` as the shape. Sizes, places and the order of a weights file's vectors all come
// from here (docs/FORMAT.md §8.4).

/// Steps: of every group two, the halves of a checkerboard.
#define CK_STEPS(s) (2 * (s)->groups)

/// Counters of a latent's magnitude; an entry has CK_LATENT_NODES of them.
#define CK_LATENT_MAGNITUDE_TABLES(TABLE, s)                                       \
  TABLE(MAGNITUDE_CHANNEL_SCALE, (s)->latents, CK_LATENT_SCALES_BY_5)              \
  TABLE(MAGNITUDE_SCALE_SUM, CK_LATENT_SCALES_BY_2, CK_LATENT_SUMS)                \
  TABLE(MAGNITUDE_SCALE_SURPRISE, CK_LATENT_SCALES_BY_2, CK_LATENT_SURPRISES)      \
  TABLE(MAGNITUDE_PAIR_CHANNEL, CK_LATENT_PAIRS, (s)->latents)                     \
  TABLE(MAGNITUDE_RECENT_SCALE_STEP, CK_LATENT_RECENT *CK_LATENT_SCALES_BY_3, CK_STEPS(s)) \
  TABLE(MAGNITUDE_SCALE_STEP, CK_LATENT_SCALES_BY_2, CK_STEPS(s))

/// Counters of a latent's sign.
#define CK_LATENT_SIGN_TABLES(TABLE, s)                                            \
  TABLE(SIGN_CHANNEL_FIRST, (s)->latents, CK_SIGN_PAIRS)                           \
  TABLE(SIGN_STEP_NEIGHBOURS, CK_STEPS(s), CK_SIGN_PAIRS *CK_SIGN_PAIRS)           \
  TABLE(SIGN_CHANNEL_BEFORE, (s)->latents, CK_SIGN_PAIRS)                          \
  TABLE(SIGN_CHANNEL_SECOND, (s)->latents, CK_SIGN_PAIRS)                          \
  TABLE(SIGN_CHANNEL_SCALE, (s)->latents, CK_LATENT_SCALES_BY_5)                   \
  TABLE(SIGN_PAIR_CHANNEL, CK_LATENT_PAIRS, (s)->latents)

/// Counters of "not all low-scale latents are zero".
#define CK_LATENT_FLAG_TABLES(TABLE, s)                                            \
  TABLE(FLAG_STEP, 1, CK_STEPS(s))                                                 \
  TABLE(FLAG_COST_STEP, CK_ZERO_COSTS, CK_STEPS(s))                                \
  TABLE(FLAG_STEP_AROUND, CK_STEPS(s), CK_NONZERO_AROUND)                          \
  TABLE(FLAG_COST_SURPRISE, CK_ZERO_COSTS, CK_LATENT_SURPRISES)                    \
  TABLE(FLAG_COST_AROUND, CK_ZERO_COSTS, CK_NONZERO_AROUND)                        \
  TABLE(FLAG_SURPRISE_AROUND, CK_LATENT_SURPRISES, CK_NONZERO_AROUND)

/// Sets of weights for magnitudes and signs: a row for every node, or for every step and node.
#define CK_LATENT_SET_TABLES(TABLE, s)                                             \
  TABLE(SET_STEP_SCALE, CK_STEPS(s) * CK_LATENT_NODES, CK_LATENT_SCALES_BY_8)      \
  TABLE(SET_SCALE_SURPRISE, CK_LATENT_NODES, CK_LATENT_SCALES_BY_2 *CK_LATENT_SURPRISES)

/// Sets of weights for flags.
#define CK_LATENT_FLAG_SET_TABLES(TABLE, s)                                        \
  TABLE(FLAG_SET_STEP, 1, CK_STEPS(s))                                             \
  TABLE(FLAG_SET_COST_SURPRISE, CK_ZERO_COSTS, CK_LATENT_SURPRISES)

/// Counters of a hyperlatent's magnitude and sign; an entry has CK_LATENT_NODES of them.
#define CK_HYPER_MAGNITUDE_TABLES(TABLE, s)                                        \
  TABLE(HYPER_CHANNEL, 1, (s)->hyperlatents)                                       \
  TABLE(HYPER_CHANNEL_SIZES, (s)->hyperlatents, CK_HYPER_SIZES *CK_HYPER_SIZES)    \
  TABLE(HYPER_RECENT_SUM, CK_HYPER_RECENT, CK_HYPER_SUMS)                          \
  TABLE(HYPER_CHANNEL_BEFORE, (s)->hyperlatents, CK_HYPER_BEFORE *CK_HYPER_BEFORE) \
  TABLE(HYPER_CHANNEL_SIGNS, (s)->hyperlatents, CK_SIGN_PAIRS)                     \
  TABLE(HYPER_SUM, 1, CK_HYPER_SUMS)

/// Sets of weights for hyperlatents: a row for every node.
#define CK_HYPER_SET_TABLES(TABLE, s)                                              \
  TABLE(HYPER_SET_CHANNEL, CK_LATENT_NODES, (s)->hyperlatents)                     \
  TABLE(HYPER_SET_SUM, CK_LATENT_NODES, CK_HYPER_SUMS)

#define CK_TABLE_NAME(name, rows, columns) name,
/// The tables' numbers within their list.
enum { CK_LATENT_MAGNITUDE_TABLES(CK_TABLE_NAME, ) };
enum { CK_LATENT_SIGN_TABLES(CK_TABLE_NAME, ) };
enum { CK_LATENT_FLAG_TABLES(CK_TABLE_NAME, ) };
enum { CK_LATENT_SET_TABLES(CK_TABLE_NAME, ) };
enum { CK_LATENT_FLAG_SET_TABLES(CK_TABLE_NAME, ) };
enum { CK_HYPER_MAGNITUDE_TABLES(CK_TABLE_NAME, ) };
enum { CK_HYPER_SET_TABLES(CK_TABLE_NAME, ) };
#undef CK_TABLE_NAME

/// Where a table begins, and how long its rows are.
typedef struct {
  uint32_t start, columns;
} ck_table;

/// Where the tables of latents or of hyperlatents lie, and how large they are together.
typedef struct {
  /// In entries of CK_LATENT_NODES counters.
  ck_table magnitudes[CK_LATENT_CONTEXTS];
  /// In counters; hyperlatents have none.
  ck_table signs[CK_LATENT_CONTEXTS], flags[CK_LATENT_CONTEXTS];
  /// In sets; hyperlatents have none of flags.
  ck_table sets[2], flag_sets[2];
  /// Counters, and sets; those of channels are latents' only: [channel][node].
  uint32_t magnitude_count, sign_count, flag_count, set_count, flag_set_count, channel_set_count;
} ck_latent_layout;

/// The layout of the latents' tables.
ck_latent_layout ck_latent_layout_of(const ck_latent_shape *shape);
/// The layout of the hyperlatents' tables.
ck_latent_layout ck_hyperlatent_layout_of(const ck_latent_shape *shape);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
