// The steps of one sample: prediction, decisions, learning. Part of residual_kernels.h.
//
// They are fused because a call and a trip through memory per step cost as much as the steps.

// MARK: Prediction

INLINE v8 multiply_sum(const float *a, const float *b, size_t vectors) {
  v8 s = load8(a) * load8(b);
  for (size_t i = 1; i < vectors; i++) s = s + load8(a + 8 * i) * load8(b + 8 * i);
  return s;
}

// a if it lies in low ... high, else the nearer end; NaN becomes `low`.
INLINE float clamp(float a, float low, float high) {
  return a > low ? (a < high ? a : high) : low;
}

INLINE float absolute(float a) { return __builtin_fabsf(a); }

// weights += rate * error / (|features|^2 + floor) * features.
INLINE void adapt(float *weights, const float *features, size_t vectors, float error, float rate,
                  float floor) {
  float energy = sum8(multiply_sum(features, features, vectors)) + floor;
  v8 gain = splat(rate * error / energy);
  for (size_t i = 0; i < vectors; i++) {
    store8(weights + 8 * i, load8(weights + 8 * i) + gain * load8(features + 8 * i));
  }
}

// Writes each run's samples less their reference, then zeros.
INLINE void gather(ck_plane *p, ptrdiff_t x) {
  const float *left = NULL;  // runs of one plane follow each other and share a reference
  v8 reference = splat(0.0f);
  for (const ck_run *run = p->runs, *end = run + p->run_count; run < end; run++) {
    if (run->left != left) {
      left = run->left;
      reference = splat(0.5f * (left[x] + run->above[x]));
    }
    store8(p->features + run->offset, load8(run->source + x) - reference);
  }
  store8(p->features + p->order, splat(0.0f));
  p->reference = 0.5f * (p->runs[0].left[x] + p->runs[0].above[x]);
}

// The lanes' means but for the last two: three experts, the left and the upper sample with the
// guide's change from there, and P_dec(x|z) or else a sample as it is.
INLINE v8 lane_means(ck_plane *p, ptrdiff_t x, size_t vectors) {
  float expert[3];
  size_t experts = p->window_count + p->rate_count;
  for (size_t k = 0; k < experts; k++) {
    expert[k] = p->reference + sum8(multiply_sum(p->expert_weights[k], p->features, vectors));
  }
  for (size_t k = experts; k < 3; k++) expert[k] = expert[0];
  float west = p->sample[x - 1], north = p->sample[x - p->stride], other = west;
  if (p->guide) {
    west += p->guide[x] - p->guide[x - 1];
    north += p->guide[x] - p->guide[x - p->stride];
  } else {
    other = p->sample[x + 1 - p->stride];
  }
  if (p->prediction) other = p->prediction[x];
  return (v8){expert[0], expert[1], expert[2], west, north, other, p->mean[6], p->mean[7]};
}

// sign(v) * (0 ... 5 by |v| at 0.75, 2, 4.5, 10, 24) + 5.
INLINE i8 quantize8(v8 v) {
  v8 a = abs8(v);
  i8 q = (a > splat(0.75f)) + (a > splat(2.0f)) + (a > splat(4.5f)) + (a > splat(10.0f)) +
         (a > splat(24.0f));
  i8 positive = ~(v < splat(0.0f));  // q counts down: each comparison that holds gives -1
  return ((q ^ positive) - positive) + splati(5);
}

// log2(6 * error + 1) * 2.7, at most levels - 1.
INLINE i8 levels8(v8 error, int32_t levels) {
  v8 l = log28(error * splat(6.0f) + splat(1.0f)) * splat(2.7f);
  l = min8(max8(l, splat(0.0f)), splat((float)(levels - 1)));
  return __builtin_convertvector(l, i8);
}

// Three classes of `q`, from `first` on, as one number.
INLINE int32_t triple(i8 q, int first) {
  return (q[first] * CK_DELTAS + q[first + 1]) * CK_DELTAS + q[first + 2];
}

// The earlier planes' mean |error| around column `x`, as a level.
INLINE int32_t helper_level(const ck_plane *p, ptrdiff_t x) {
  if (p->helper_count == 0) return 0;
  float sum = 0.0f;
  for (size_t i = 0; i < p->helper_count; i++) {
    const float *e = p->helpers[i] + x;
    sum += 2.0f * absolute(e[0]) + absolute(e[-1]) + absolute(e[-p->stride]);
    if (p->helpers_are_whole) sum += absolute(e[1]) + absolute(e[p->stride]);
  }
  float weight = (p->helpers_are_whole ? 6.0f : 4.0f) * (float)p->helper_count;
  return levels8(splat(sum / weight), CK_LEVELS)[0] >> 1;
}

INLINE void set_context(ck_plane *p, size_t index, int32_t value) {
  p->node_counters[index] = p->counters[index] + (ptrdiff_t)value * CK_NODES;
}

// Points at what the contexts of this sample choose.
INLINE void set_contexts(ck_plane *p, ptrdiff_t x, v8 mean, v8 local_error, int32_t level,
                         int32_t helper) {
  const float *here = p->sample + x, *above = here - p->stride;
  const float *error = p->error + x;
  float estimate = p->estimate, scale = p->expected_error;
  float factor = 1.0f / (0.4f * scale + 0.4f);
  int32_t fraction = (int32_t)((estimate + 1.0f - (float)p->rounded) * 8.0f);
  fraction = fraction < 0 ? 0 : fraction > 7 ? 7 : fraction;
  v8 near = {here[-1] - estimate, above[0] - estimate, above[1] - estimate, error[-1],
             error[-p->stride], mean[0] - estimate, mean[1] - estimate, mean[2] - estimate};
  v8 far = {above[-1] - estimate, here[-2] - estimate, above[-p->stride] - estimate,
            mean[0] - mean[1]};
  i8 q = quantize8(near * splat(factor)), r = quantize8(far * splat(factor));
  set_context(p, 0, level * 8 + fraction);
  set_context(p, 1, triple(q, 0));
  set_context(p, 2, (q[3] * CK_DELTAS + q[4]) * 8 + fraction);
  set_context(p, 3, triple(r, 0));
  p->node_weights = p->weights + (size_t)level * CK_NODES * p->weight_stride;
  p->more_node_weights =
      p->more_weights + (size_t)(helper * CK_DELTAS + r[3]) * CK_NODES * p->weight_stride;
  if (p->context_count <= 4) return;
  float spread = clamp(absolute(here[-1] - above[0]) * factor, 0.0f, 7.0f);
  float ratio = clamp(local_error[0] / (local_error[4] + 0.1f) * 4.0f, 0.0f, 7.0f);
  int32_t high = (int32_t)p->high;
  set_context(p, 4, helper * CK_LEVELS + level);
  set_context(p, 5, p->rounded * 2048 / ((high > 2047 ? high : 2047) + 2));
  set_context(p, 6, triple(q, 5));
  set_context(p, 7, level * 64 + (int32_t)ratio * 8 + (int32_t)spread);
}

INLINE void predict_sample_n(ck_plane *p, ptrdiff_t x, size_t vectors) {
  gather(p, x);
  v8 mean = lane_means(p, x, vectors);
  mean = min8(max8(mean, splat(0.0f)), splat(p->high));

  // Each lane's |error| at the samples around.
  const float *here = p->lane_errors + 8 * x, *above = p->lane_errors_above + 8 * x;
  v8 local_error = ((load8(here - 8) + load8(above)) * splat(2.0f) +
                    (load8(above - 8) + load8(above + 8)) +
                    (load8(here - 16) + load8(p->lane_errors_above2 + 8 * x))) *
                   splat(0.125f);
  v8 e = local_error + splat(0.03f);
  e = e * e;
  v8 weight = load8(p->lane_weights) / (e * e);
  float blend = sum8(weight * mean) / sum8(weight);

  // The blend's mean error under two contexts, and the last errors around.
  const float *sample = p->sample + x, *error = p->error + x;
  float west = sample[-1] - blend, north = sample[-p->stride] - blend;
  float error_w = error[-1], error_n = error[-p->stride], error_ne = error[1 - p->stride];
  v8 around = {west, north, sample[1 - p->stride] - blend, error_w, error_n, error_ne};
  i8 q = quantize8(around * splat(1.0f / p->unit));
  p->local_context = triple(q, 0);
  p->error_context = triple(q, 3);
  float bias =
      0.5f * (p->local_bias[p->local_context].mean + p->error_bias[p->error_context].mean);
  v8 history = {error_w,   error_n,               error[-1 - p->stride], error_ne,
                error[-2], error[-2 * p->stride], west,                  north};
  store8(p->history, history);
  p->blend = blend;
  p->estimate = clamp(blend + bias, 0.0f, p->high);
  p->corrected = clamp(blend + bias + sum8(load8(p->correction) * history), 0.0f, p->high);
  mean[6] = p->estimate;
  mean[7] = p->corrected;
  store8(p->mean, mean);

  // Scales by the local errors and the earlier planes' errors, or the prediction's scale.
  int32_t helper = helper_level(p, x);
  i8 column = splati(helper);
  if (p->prediction_scale) {
    int32_t code = p->prediction_scale[x];
    column[5] = (code < 63 ? code : 63) * 3 / 8;
  }
  i8 level = levels8(local_error, CK_LEVELS);
  i8 slot = (level * splati(CK_HELPER_LEVELS) + column) * splati(CK_LANES) +
            (i8){0, 1, 2, 3, 4, 5, 6, 7};
  v8 scale;
  for (int i = 0; i < 8; i++) scale[i] = p->scales[slot[i]];
  store8i(p->slot, slot);
  store8(p->scale, scale);
  // A logistic distribution of scale s has a mean |error| of 1.386 s.
  scale = max8(scale, splat(0.05f));
  store8(p->inverse_scale, splat(1.612903f) / scale);
  p->expected_error = scale[6];
  p->rounded = (int32_t)(p->estimate + 1.0f);
  if (p->context_count) set_contexts(p, x, mean, local_error, level[6], helper);
}

static void predict_sample(ck_plane *p, ptrdiff_t x) {
  size_t vectors = p->vectors;
#define CALL(n) predict_sample_n(p, x, n)
  FOR_VECTORS(CALL)
#undef CALL
}

INLINE void learn_bias(ck_bias *bias, float error) {
  float count = bias->count + 1.0f;
  count = count < 127.0f ? count : 127.0f;
  bias->count = count;
  bias->mean += (error - bias->mean) / (count + 4.0f);
}

INLINE void settle_sample_n(ck_plane *p, ptrdiff_t x, float value, size_t vectors) {
  float nlms_floor = 2.0f * (float)p->order * p->unit * p->unit;
  for (size_t k = 0; k < p->rate_count; k++) {
    size_t expert = p->window_count + k;
    adapt(p->expert_weights[expert], p->features, vectors, value - p->mean[expert], p->rates[k],
          nlms_floor);
  }
  v8 error = abs8(splat(value) - load8(p->mean)), count;
  store8(p->lane_errors + 8 * x, error);
  for (int i = 0; i < 8; i++) count[i] = p->scale_counts[p->slot[i]];
  v8 rate = max8(splat(1.0f) / (count + splat(1.5f)), splat(0.005f));
  v8 scale = load8(p->scale);
  scale = scale + (error - scale) * rate;
  count = count + splat(1.0f);
  for (int i = 0; i < 8; i++) {
    p->scales[p->slot[i]] = scale[i];
    p->scale_counts[p->slot[i]] = count[i];
  }
  p->sample[x] = value;
  p->error[x] = value - p->estimate;
  learn_bias(p->local_bias + p->local_context, value - p->blend);
  learn_bias(p->error_bias + p->error_context, value - p->blend);
  adapt(p->correction, p->history, 1, value - p->corrected, 0.003f, 8.0f * p->unit * p->unit);
}

static void settle_sample(ck_plane *p, ptrdiff_t x, float value) {
  size_t vectors = p->vectors;
#define CALL(n) settle_sample_n(p, x, value, n)
  FOR_VECTORS(CALL)
#undef CALL
}

// MARK: Decisions

static const float slope_mass = 1.2e-4f;

// The places of decisions in the tree; the most frequent come first: one cache line of each
// context's counters.
enum {
  NODE_FIRST = 0,       // ..< 8, by the first segment's size
  NODE_STEP = 8,        // ..< 28, by the number of steps; the odd ones lead up
  NODE_BISECTION = 28,  // ..< 88, by depth and size; the later half after steps up
};

// An end of the interval that a value is known to lie in, under each lane's logistic
// distribution: with e = exp((at - mean) / scale), counted from one side, the mass e / (1 + e)
// before it and 1 / (1 + e).
typedef struct {
  v8 mass, rest;
  int32_t at;
} ck_edge;

typedef struct {
  v8 mean, inverse_scale;
  int32_t low, end, value;
  // The interval's ends in the order of counting: from the lowest value (sign 1) or from the
  // highest (sign -1).
  ck_edge near, far;
  float sign;
  // Mass that every lane gives to each value beside the logistic's.
  float slope;
} ck_tree;

// A threshold inside the interval: its e, and the lanes' log-odds that the value reaches it.
typedef struct {
  v8 e, log_odds;
  int32_t at;
} ck_threshold;

INLINE v8 limit12(v8 s) { return min8(max8(s, splat(-12.0f)), splat(12.0f)); }

INLINE v8 standardized(const ck_tree *t, int32_t at) {
  return (splat((float)at - 0.5f) - t->mean) * t->inverse_scale;
}

// The masses on either side of `at` over 1 / (1 + e), so that their ratio is the only division.
INLINE ck_threshold look(const ck_tree *t, int32_t at, const ck_edge *near, const ck_edge *far,
                         float sign) {
  v8 e = exp8(standardized(t, at) * splat(sign)), one_e = splat(1.0f) + e;
  int32_t to_near = near->at > at ? near->at - at : at - near->at;
  int32_t to_far = far->at > at ? far->at - at : at - far->at;
  v8 before = (e * near->rest - near->mass) + splat(t->slope * (float)to_near) * one_e;
  v8 after = (far->mass - e * far->rest) + splat(t->slope * (float)to_far) * one_e;
  v8 ratio = max8(after, splat(1e-12f)) / max8(before, splat(1e-12f));
  return (ck_threshold){e, limit12(log28(ratio) * splat(0.6931472f * sign)), at};
}

INLINE ck_edge edge(const ck_threshold *h) {
  v8 rest = splat(1.0f) / (splat(1.0f) + h->e);
  return (ck_edge){h->e * rest, rest, h->at};
}

// Codes whether the value reaches the threshold: lanes and counters mixed under the sum of two
// sets of weights.
INLINE int reaches(ck_plane *p, ck_tree *t, const ck_threshold *h, size_t node, size_t counters,
                   ck_port *port) {
  // The lanes come last: they are known last.
  const mix_shape shape = {.vectors = counters / 4 + 1, .counters = counters, .sets = 2};
  const size_t start = node * 8 * shape.vectors;
  mix_decision d = {.sets = {p->node_weights + start, p->more_node_weights + start},
                    .rates = {p->mixer_rate, p->mixer_rate}};
  d.inputs[counters / 4] = h->log_odds;
  for (size_t k = 0; k < counters; k++) d.counters[k] = p->node_counters[k] + node;
  int bit = decide(p->logistic, shape, &d, t->value >= h->at, port);
  if (bit) t->low = h->at; else t->end = h->at;
  return bit;
}

// The same, and where the value then lies in the order of counting.
INLINE int narrow(ck_plane *p, ck_tree *t, const ck_threshold *h, size_t node, size_t counters,
                  ck_port *port) {
  ck_edge e = edge(h);
  int bit = reaches(p, t, h, node, counters, port);
  if (bit == (t->sign > 0.0f)) t->near = e; else t->far = e;
  return bit;
}

// floor(log2) of the first segment's size: about half the expected |error|.
INLINE int size_class(float scale) {
  if (scale < 1.6f) return 0;
  if (scale < 3.4f) return 1;
  float bound = 7.0f;
  int result = 2;
  while (scale >= bound && result < 12) {
    bound += bound + 1.0f;
    result++;
  }
  return result;
}

// The first decision is whether the value reaches the rounded estimate; then segments of growing
// size lead away from it, and bisection ends inside one.
INLINE int32_t code_tree(ck_plane *p, int32_t value, ck_port *port, size_t counters) {
  int32_t top = (int32_t)p->high + 1, estimate = p->rounded;
  ck_tree t = {.mean = load8(p->mean), .inverse_scale = load8(p->inverse_scale), .low = 0,
               .end = top, .value = value, .slope = slope_mass / (float)top};
  int size = size_class(p->expected_error);
  int32_t step = 1 << size;
  size_t count = 0;
  // Counted from either side, all mass lies before the other.
  const ck_edge bottom_near = {splat(0.0f), splat(1.0f), 0};
  const ck_edge top_far = {splat(1.0f), splat(0.0f), top};
  const ck_edge top_near = {splat(0.0f), splat(1.0f), top};
  const ck_edge bottom_far = {splat(1.0f), splat(0.0f), 0};
  int is_up, goes_on = 1;
  if (estimate > 0 && estimate < top) {
    v8 z = standardized(&t, estimate);
    ck_threshold first = {exp8(z), limit12(-z), estimate};
    ck_edge middle = edge(&first), mirrored = {middle.rest, middle.mass, estimate};
    // Which way it goes is as good as random: both next thresholds are looked at before it is
    // known.
    ck_threshold down = look(&t, estimate - step, &bottom_near, &middle, 1.0f);
    ck_threshold up = look(&t, estimate + step, &top_near, &mirrored, -1.0f);
    is_up = reaches(p, &t, &first, NODE_FIRST + (size < 7 ? size : 7), counters, port);
    t.sign = is_up ? -1.0f : 1.0f;
    t.near = is_up ? top_near : bottom_near;
    t.far = is_up ? mirrored : middle;
    if (t.end - t.low <= step) {
      goes_on = 0;
    } else if (is_up) {
      goes_on = narrow(p, &t, &up, NODE_STEP + 1, counters, port);
    } else {
      goes_on = !narrow(p, &t, &down, NODE_STEP, counters, port);
    }
    count = 1;
  } else {
    is_up = estimate <= 0;
    t.sign = is_up ? -1.0f : 1.0f;
    t.near = is_up ? top_near : bottom_near;
    t.far = is_up ? bottom_far : top_far;
  }
  while (goes_on && t.end - t.low > step) {
    ck_threshold next = look(&t, is_up ? t.low + step : t.end - step, &t.near, &t.far, t.sign);
    size_t node = NODE_STEP + 2 * (count < 9 ? count : 9) + (is_up ? 1 : 0);
    goes_on = narrow(p, &t, &next, node, counters, port) == is_up;
    if (goes_on && count++ > 0) step <<= 1;
  }
  // Deep samples: inside a sixteenth of the expected |error| values are as good as equally
  // likely (5e-4 bits are lost), and what models would learn there is noise.
  int32_t noise = top > 1024 ? (int32_t)p->expected_error : 0;
  for (size_t depth = 0; t.end - t.low > 1; depth++) {
    int32_t width = t.end - t.low;
    int32_t at = t.low + (is_up ? width >> 1 : (width + 1) >> 1);
    if (width * 16 <= noise) {
      int bit = ck_port_bit(port, value >= at, 1 << 23);
      if (bit) t.low = at; else t.end = at;
    } else {
      ck_threshold next = look(&t, at, &t.near, &t.far, t.sign);
      size_t by_width = width <= 2 ? 0 : width <= 4 ? 1 : width <= 8 ? 2 : width <= 16 ? 3 : 4;
      size_t node = NODE_BISECTION + (is_up ? 30 : 0) + (depth < 5 ? depth : 5) * 5 + by_width;
      narrow(p, &t, &next, node, counters, port);
    }
  }
  return t.low;
}

static int32_t code_sample(ck_plane *p, int32_t value, ck_port *port) {
#define CALL(own)                                         \
  value = p->context_count == 4 ? code_tree(p, value, own, 4) \
                                : code_tree(p, value, own, 8)
  CK_THROUGH(port, CALL);
#undef CALL
  return value;
}
