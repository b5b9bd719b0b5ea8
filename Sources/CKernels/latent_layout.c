// Places the tables that ck_latent_layout.h lists.

#include "ck_latent_layout.h"

/// Puts the next of `tables` behind those before, which take `used` entries.
#define PLACE(name, rows, columns)             \
  tables[name] = (ck_table){used, (columns)}; \
  used += (uint32_t)(rows) * (columns);

/// How many entries the tables of a list take; `LIST` places them in `into`.
#define PLACE_ALL(LIST, into, count) \
  do {                               \
    ck_table *tables = (into);       \
    uint32_t used = 0;               \
    LIST(PLACE, shape)               \
    (count) = used;                  \
  } while (0)

ck_latent_layout ck_latent_layout_of(const ck_latent_shape *shape) {
  ck_latent_layout layout = {0};
  PLACE_ALL(CK_LATENT_MAGNITUDE_TABLES, layout.magnitudes, layout.magnitude_count);
  PLACE_ALL(CK_LATENT_SIGN_TABLES, layout.signs, layout.sign_count);
  PLACE_ALL(CK_LATENT_FLAG_TABLES, layout.flags, layout.flag_count);
  PLACE_ALL(CK_LATENT_SET_TABLES, layout.sets, layout.set_count);
  PLACE_ALL(CK_LATENT_FLAG_SET_TABLES, layout.flag_sets, layout.flag_set_count);
  layout.magnitude_count *= CK_LATENT_NODES;
  layout.channel_set_count = shape->latents * CK_LATENT_NODES;
  return layout;
}

ck_latent_layout ck_hyperlatent_layout_of(const ck_latent_shape *shape) {
  ck_latent_layout layout = {0};
  PLACE_ALL(CK_HYPER_MAGNITUDE_TABLES, layout.magnitudes, layout.magnitude_count);
  PLACE_ALL(CK_HYPER_SET_TABLES, layout.sets, layout.set_count);
  layout.magnitude_count *= CK_LATENT_NODES;
  return layout;
}
