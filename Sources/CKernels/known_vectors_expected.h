// What known vectors give, in order: written by `scripts/test_machines.sh --record`.

#define CK_DECODER_VECTORS \
  /* range: reading */ 0xE2176AAB, \
  /* range: listing */ 0xE00F1494, \
  /* model: convolve, 1 position */ 0xD3C09EA3, \
  /* model: convolve, 11 positions */ 0x6B913CE4, \
  /* model: convolve, 18 positions */ 0x1825959A, \
  /* model: layer, linear */ 0x74EEC75D, \
  /* model: layer, leaky */ 0x3DB24712, \
  /* model: layer, added */ 0x864177EF, \
  /* model: layer, leaky and added */ 0x7A74E986, \
  /* model: depthwise3, 7 channels */ 0xF54ACF6F, \
  /* model: depthwise3, 40 channels */ 0x266F27E8, \
  /* model: depthwise_row, 7 channels */ 0x69123337, \
  /* model: depthwise_row, 56 channels */ 0x637A4014, \
  /* model: requantize, linear */ 0x8FB7A57E, \
  /* model: requantize, leaky */ 0x9AE74D01, \
  /* model: add */ 0x089E788A, \
  /* model: add_vector, linear */ 0x25E58D6C, \
  /* model: add_vector, leaky */ 0x713F9FE9, \
  /* model: leaky */ 0x06165585, \
  /* model: coefficients */ 0x0CA87F0B, \
  /* model: post_features, 4 sides */ 0x3174E817, \
  /* model: post_features, 3 sides */ 0x899AAF01, \
  /* model: scale_indices */ 0x77D54A74, \
  /* model: reconstruct */ 0x9BA95031, \
  /* pixel: split */ 0x95123B97, \
  /* pixel: separate and interleave */ 0xE8394311, \
  /* pixel: components */ 0xE8B7955A, \
  /* pixel: smooth, distance 1 */ 0x1E84F656, \
  /* pixel: smooth, distance 2 */ 0x134337AD, \
  /* pixel: filter */ 0x10188696, \
  /* pixel: grey */ 0x724D416B, \
  /* pixel: means and samples, 8 bits */ 0x2870D328, \
  /* pixel: means and samples, 12 bits */ 0x6149A220, \
  /* pixel: scales */ 0xBE4BC6C9, \
  /* pixel: stretch and blend, twice */ 0x55249E51, \
  /* pixel: stretch and blend, 8 times */ 0x25C926F1, \
  /* mixing: fill_tables */ 0x862CDD5E, \
  /* mixing: decide, 6 counters */ 0x30601582, \
  /* mixing: decide, 7 counters */ 0xDB6F057A, \
  /* mixing: decide, 8 counters */ 0x10F0582D, \
  /* mixing: decide, 12 counters */ 0x04A910B4, \
  /* levels: code_block, first plane */ 0x598CDD94, \
  /* levels: code_block, third plane */ 0x073DD1F6, \
  /* residual: least squares, 1 vector */ 0x36C5A7BB, \
  /* residual: least squares, 2 vectors */ 0x198FCD46, \
  /* residual: least squares, 3 vectors */ 0x6FDFA0D3, \
  /* residual: least squares, 4 vectors */ 0xC778598B, \
  /* residual: least squares, 5 vectors */ 0x47A92D83, \
  /* residual: fill_symbol_starts */ 0x8D3F8AA1, \
  /* residual: code_block, 1 vector */ 0x4B8DD27F, \
  /* residual: code_block, 2 vectors */ 0x1596920D, \
  /* residual: code_block, 3 vectors, 12 bits */ 0x211B2B66, \
  /* residual: code_block, 4 vectors */ 0x392B9213, \
  /* residual: code_block, 5 vectors */ 0x017D99B4, \
  /* residual: code_sample, 4 contexts */ 0xB8D617B4, \
  /* residual: code_sample, 8 contexts, 2 helpers */ 0xD865D429, \
  /* residual: code_sample, 12 bits, prediction */ 0x10D323BC, \
  /* residual: code_symbol, 1 helper */ 0xDE1D83E3, \
  /* residual: code_symbol, 10 bits, prediction */ 0x2ED4426B, \
  /* latent: layouts */ 0x92D12612, \
  /* latent: code_latents, no expert */ 0x3E1ED3C4, \
  /* latent: code_latents, 4 neighbours */ 0x67BAA2F8, \
  /* latent: code_latents, 6 neighbours */ 0xBFDE31D7, \
  /* latent: code_hyperlatents, no expert */ 0x24F603A1, \
  /* latent: code_hyperlatents, 64 hidden */ 0x0C1E6CFA, \
  /* latent: code_hyperlatents, 24 hidden */ 0x7996F9E1, \
  /* wavefront: fill_symbols */ 0xEA796013, \
  /* wavefront: symbols, blocks of 2, helper, prediction */ 0xF3321214, \
  /* wavefront: decisions, blocks of 2 */ 0xDE10CCD7, \
  /* wavefront: symbols, blocks of 8 */ 0x091C8DEF, \
  /* wavefront: symbols, blocks of 4, helpers */ 0x471181BF, \
  /* wavefront: symbols, blocks of 2, helpers, prediction, 12 bits */ 0x8F10BBB8, \
  /* wavefront: decisions, blocks of 2, helpers, prediction */ 0x71D42AF9, \
  /* wavefront: decisions, blocks of 4, helper, 12 bits */ 0x02B39300, \
  /* wavefront: decisions, blocks of 8, 1 bit */ 0x9062134E, \
  /* wavefront: decisions, two windows, helpers, prediction */ 0x7F892C1A,

#define CK_SEARCH_VECTORS \
  /* search: layer, linear */ 0xF007118B, \
  /* search: layer, leaky */ 0xF4142F0F, \
  /* search: layer, masked */ 0x56E0CB8F, \
  /* search: layer, added */ 0x5D01839C, \
  /* search: layer, sums */ 0xD24E0BF1, \
  /* search: depthwise, linear */ 0x30229C71, \
  /* search: depthwise, added */ 0xB1434F5F, \
  /* search: leaky and masked */ 0x52B42F8F, \
  /* search: add, errors, compand and dot */ 0x8CFCDC51, \
  /* search: move, pull, scale, restore, measure and quantise */ 0x4BACA53B, \
  /* search: rounding to the nearest */ 0x75E1F048, \
  /* search: rounding to the cheapest */ 0x0E06C491,
