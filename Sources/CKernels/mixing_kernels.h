// Decisions mixed from counters alone; ck_mixing.h has the contract.

INLINE int decide_counted(const ck_mixer *m, float *set, float *more, int bit, ck_port *port,
                          size_t count, size_t sets) {
  const mix_shape shape = {.vectors = (2 * count + 7) / 8, .counters = count, .sets = sets};
  mix_decision d = {.sets = {set, more}, .rates = {m->rate, m->rate}};
  for (size_t k = 0; k < count; k++) d.counters[k] = m->counters + (k << m->bits) + m->slots[k];
  return decide(m->logistic, shape, &d, bit, port);
}

INLINE int decide_any(const ck_mixer *m, float *set, float *more, int bit, ck_port *port) {
#define DECIDE(count)                                                \
  more ? decide_counted(m, set, more, bit, port, count, 2)           \
       : decide_counted(m, set, NULL, bit, port, count, 1)
  switch (m->count) {
    case 6: return DECIDE(6);
    case 7: return DECIDE(7);
    case 8: return DECIDE(8);
    default: return DECIDE(12);
  }
#undef DECIDE
}

static int decide_plain(const ck_mixer *m, float *set, float *more, int bit, ck_port *port) {
#define CALL(own) bit = decide_any(m, set, more, bit, own)
  CK_THROUGH(port, CALL);
#undef CALL
  return bit;
}

const ck_mixing_kernels CK_TABLE(ck_mixing) = {
    .decide = decide_plain,
    .fill_tables = fill_tables,
};
