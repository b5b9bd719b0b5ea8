// Known vectors of the kernels that code latents and hyperlatents.

#include "known_vectors.h"

enum {
  LATENTS = 32,
  HYPERLATENTS = 16,
  GROUPS = 2,
  COUNT = LATENTS / GROUPS,  // channels of a step
  COLUMNS = 3,
  ROWS = 2,
  ROW_PLACES = COLUMNS + 2 * CK_LATENT_REACH,
  PLACES = ROW_PLACES * (ROWS + 2 * CK_LATENT_REACH),
  READ_BYTES = 2000,
};

static const ck_latent_shape shape = {LATENTS, GROUPS, HYPERLATENTS};

static void layouts(known_run *run, int unused) {
  (void)unused;
  const ck_latent_layout both[2] = {ck_latent_layout_of(&shape), ck_hyperlatent_layout_of(&shape)};
  known_digest(run, both, sizeof both);
}

/// Tables that grow with the scale, as a prior's do.
static ck_latent_tables take_tables(known_run *run) {
  uint8_t *shift = KNOWN_TAKE(run, uint8_t, CK_LATENT_SCALES);
  float *stretch = KNOWN_TAKE(run, float, CK_LATENT_SCALES * CK_LATENT_BUCKETS);
  float *nonzero = KNOWN_TAKE(run, float, CK_LATENT_SCALES);
  uint32_t *activity = KNOWN_TAKE(run, uint32_t, CK_LATENT_SCALES);
  uint32_t *zero_cost = KNOWN_TAKE(run, uint32_t, CK_LATENT_SCALES);
  uint32_t *reciprocal = KNOWN_TAKE(run, uint32_t, CK_LATENT_SCALES);
  for (int s = 0; s < CK_LATENT_SCALES; s++) {
    shift[s] = (uint8_t)(s < 60 ? 0 : (s - 52) / 8);
    for (int k = 0; k < CK_LATENT_BUCKETS; k++) {
      stretch[s * CK_LATENT_BUCKETS + k] = (float)(s - 40 - 8 * k) * (s < 60 ? 0x1p-4f : 0x1p-6f);
    }
    activity[s] = (uint32_t)(s + 1) * 600;
    reciprocal[s] = (64u << 16) / (uint32_t)(2 + s * s / 32);
    if (s >= CK_LATENT_LOW_SCALES) continue;
    nonzero[s] = (float)(s + 1) * 0x1p-8f;
    zero_cost[s] = (uint32_t)(s + 1) << 16;
  }
  return (ck_latent_tables){shift, stretch, activity, nonzero, zero_cost, reciprocal};
}

static ck_latent_set *take_sets(known_run *run, size_t count) {
  ck_latent_set *sets = KNOWN_TAKE(run, ck_latent_set, count);
  for (size_t i = 0; i < count; i++) {
    sets[i].weights[0] = 0.5f;
    for (int k = 2; k < 8; k++) sets[i].weights[k] = (float)((i + (size_t)k) % 16) * 0x1p-7f;
    sets[i].rate = 0.02f;
  }
  return sets;
}

static ck_latents *take_latents(known_run *run, ck_latent_layout layout, size_t channels) {
  ck_latents *m = KNOWN_TAKE(run, ck_latents, 1);
  m->tables = take_tables(run);
  m->logistic = (ck_logistic){run->stretch, run->squash};
  m->layout = layout;
  m->counters = KNOWN_TAKE(run, ck_counter, layout.magnitude_count);
  m->symbols = KNOWN_TAKE(run, int8_t, PLACES * channels);
  m->channels = channels;
  m->row_places = ROW_PLACES;
  return m;
}

static void set_neighbours(ck_latents *m, size_t count) {
  static const int8_t near[][2] = {{0, -1}, {-1, 0}, {-1, 1}, {-1, -1}, {0, -2}, {-2, 0}};
  m->neighbours.count = count;
  for (size_t k = 0; k < count; k++) {
    m->neighbours.offsets[k] = near[k][0] * ROW_PLACES + near[k][1];
  }
}

static size_t place_of(int position) {
  return (size_t)((position / COLUMNS + CK_LATENT_REACH) * ROW_PLACES + position % COLUMNS +
                  CK_LATENT_REACH);
}

/// Symbols as scales let expect, now and then one that is far too large.
static void draw(known_run *run, uint8_t *scales, int16_t *symbols, size_t count) {
  for (size_t c = 0; c < count; c++) {
    const int high = known_between(run, 0, 2) ? 50 : CK_LATENT_SCALES - 1;
    scales[c] = (uint8_t)known_between(run, 0, high);
    const int most = known_between(run, 0, 40) == 0 ? 32767 : scales[c] * scales[c] / 256 + 1;
    const int symbol = known_between(run, -most, most);
    const int is_zero = scales[c] < CK_LATENT_LOW_SCALES && known_between(run, 0, 9);
    symbols[c] = (int16_t)(is_zero ? 0 : symbol);
  }
}

typedef void coding(ck_latents *latents, size_t place, const uint8_t *scales, int16_t *symbols,
                    ck_port *port);

/// Codes the positions of the step at hand; the last of them are read.
static void code_positions(known_run *run, ck_latents *m, coding *code, size_t count) {
  uint8_t scales[COUNT];
  int16_t symbols[COUNT];
  ck_symbol *listed = KNOWN_TAKE(run, ck_symbol, 4 * COUNT * CK_LATENT_DECISIONS);
  ck_range in = ck_range_of(known_bytes(run, READ_BYTES), READ_BYTES);
  ck_port ports[2] = {{NULL, listed}, {&in, NULL}};
  for (int position = 0; position < COLUMNS * ROWS; position++) {
    draw(run, scales, symbols, count);
    code(m, place_of(position), scales, symbols, &ports[position >= 4]);
    KNOWN_DIGEST(run, symbols, count);
  }
  known_digest_listed(run, listed, &ports[0]);
  known_digest_range(run, &in);
}

/// Latents in both steps of a group after another; `neighbours` of an expert, or none.
static void latents(known_run *run, int neighbours) {
  ck_latent_layout layout = ck_latent_layout_of(&shape);
  // Sets of the second table share rows: it is so much smaller.
  layout.sets[SET_SCALE_SURPRISE].columns = 5;
  const size_t set_count = layout.sets[SET_SCALE_SURPRISE].start + 15 * 5 +
                           CK_LATENT_SCALES_BY_2 * CK_LATENT_SURPRISES;
  ck_latents *m = take_latents(run, layout, LATENTS);
  m->signs = KNOWN_TAKE(run, ck_counter, layout.sign_count);
  m->flags = KNOWN_TAKE(run, ck_counter, layout.flag_count);
  m->sets = take_sets(run, set_count);
  m->flag_sets = take_sets(run, layout.flag_set_count);
  if (neighbours) m->channel_sets = take_sets(run, layout.channel_set_count);
  m->places = KNOWN_TAKE(run, ck_latent_place, PLACES);
  m->features = KNOWN_TAKE(run, int8_t, PLACES * LATENTS);
  set_neighbours(m, neighbours ? (size_t)neighbours : CK_CONTEXT_NEIGHBOURS);
  m->count = COUNT;
  const size_t weights = COUNT * (2 + 2 * (size_t)neighbours + 2 * LATENTS);
  for (m->step = 0; m->step < 2 * GROUPS; m->step += 3) {
    m->first = m->step / 2 * COUNT;
    if (neighbours) m->expert = known_floats(run, weights, 0x1p-19f);
    code_positions(run, m, run->latent->code_latents, COUNT);
    if (neighbours) KNOWN_DIGEST(run, m->expert, weights);
  }
  KNOWN_DIGEST(run, m->counters, layout.magnitude_count);
  KNOWN_DIGEST(run, m->signs, layout.sign_count);
  KNOWN_DIGEST(run, m->flags, layout.flag_count);
  KNOWN_DIGEST(run, m->sets, set_count);
  KNOWN_DIGEST(run, m->flag_sets, layout.flag_set_count);
  if (neighbours) KNOWN_DIGEST(run, m->channel_sets, layout.channel_set_count);
  KNOWN_DIGEST(run, m->symbols, PLACES * LATENTS);
  KNOWN_DIGEST(run, m->features, PLACES * LATENTS);
  for (int k = 0; k < PLACES; k++) {
    known_digest_number(run, m->places[k].expected);
    known_digest_number(run, (uint64_t)m->places[k].nonzero << 8 | m->places[k].flags);
  }
}

/// Hyperlatents, with an expert of `hidden` hidden features or none.
static void hyperlatents(known_run *run, int hidden) {
  const ck_latent_layout layout = ck_hyperlatent_layout_of(&shape);
  ck_latents *m = take_latents(run, layout, HYPERLATENTS);
  m->sets = take_sets(run, layout.set_count);
  set_neighbours(m, CK_CONTEXT_NEIGHBOURS);
  m->count = HYPERLATENTS;
  if (hidden) {
    const size_t n = HYPERLATENTS, h = (size_t)hidden;
    m->hidden = h;
    m->expert = known_floats(run, (CK_CONTEXT_NEIGHBOURS + 1) * n * 2 * h + n * 4 * n, 0x1p-17f);
    m->expert_bias = known_floats(run, h + 2 * n, 0x1p-15f);
  }
  code_positions(run, m, run->latent->code_hyperlatents, HYPERLATENTS);
  KNOWN_DIGEST(run, m->counters, layout.magnitude_count);
  KNOWN_DIGEST(run, m->sets, layout.set_count);
  KNOWN_DIGEST(run, m->symbols, PLACES * HYPERLATENTS);
}

const known_case ck_latent_cases[] = {
    {"latent", "layouts", layouts, 0},
    {"latent", "code_latents, no expert", latents, 0, SLOW},
    {"latent", "code_latents, 4 neighbours", latents, 4},
    {"latent", "code_latents, 6 neighbours", latents, 6, SLOW},
    {"latent", "code_hyperlatents, no expert", hyperlatents, 0, SLOW},
    {"latent", "code_hyperlatents, 64 hidden", hyperlatents, 64},
    {"latent", "code_hyperlatents, 24 hidden", hyperlatents, 24, SLOW},
    {0},
};
