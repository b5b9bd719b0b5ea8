#include "prefix_code.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
  uint32_t weight;
  uint16_t symbol;
} leaf;

static void sort_leaves(leaf *leaves, int count) {
  // Shell's sort: few, and the order of equal weights follows from the symbols.
  for (int gap = 121; gap > 0; gap /= 3) {
    for (int i = gap; i < count; i++) {
      leaf moved = leaves[i];
      int j = i;
      for (; j >= gap; j -= gap) {
        const leaf *other = &leaves[j - gap];
        if (other->weight < moved.weight ||
            (other->weight == moved.weight && other->symbol < moved.symbol)) {
          break;
        }
        leaves[j] = *other;
      }
      leaves[j] = moved;
    }
  }
}

void cpng_code_lengths(const uint32_t *weights, int count, int limit, uint8_t *lengths) {
  leaf leaves[CPNG_MOST_SYMBOLS];
  int used = 0;
  memset(lengths, 0, (size_t)count);
  for (int s = 0; s < count; s++) {
    if (weights[s] > 0) leaves[used++] = (leaf){weights[s], (uint16_t)s};
  }
  if (used == 1) {
    lengths[leaves[0].symbol] = 1;
    return;
  }
  sort_leaves(leaves, used);
  // Nodes are made in ascending order, so that two queues give the least.
  uint32_t weight[CPNG_MOST_SYMBOLS];
  uint16_t parent_of_leaf[CPNG_MOST_SYMBOLS], parent_of_node[CPNG_MOST_SYMBOLS];
  int next_leaf = 0, next_node = 0;
  for (int node = 0; node < used - 1; node++) {
    uint32_t sum = 0;
    for (int k = 0; k < 2; k++) {
      bool is_leaf = next_leaf < used &&
                     (next_node >= node || leaves[next_leaf].weight <= weight[next_node]);
      if (is_leaf) {
        sum += leaves[next_leaf].weight;
        parent_of_leaf[next_leaf++] = (uint16_t)node;
      } else {
        sum += weight[next_node];
        parent_of_node[next_node++] = (uint16_t)node;
      }
    }
    weight[node] = sum;
  }
  // Depths, from the root down; those beyond the limit count as the limit.
  int depth_counts[CPNG_MOST_SYMBOLS] = {0}, node_depth[CPNG_MOST_SYMBOLS];
  node_depth[used - 2] = 0;
  for (int node = used - 3; node >= 0; node--) {
    node_depth[node] = node_depth[parent_of_node[node]] + 1;
  }
  for (int i = 0; i < used; i++) {
    int depth = node_depth[parent_of_leaf[i]] + 1;
    depth_counts[depth < limit ? depth : limit]++;
  }
  // Codes take 2^-length each; where that is more than there is, longer ones make room.
  uint32_t total = 0;
  for (int depth = 1; depth <= limit; depth++) {
    total += (uint32_t)depth_counts[depth] << (limit - depth);
  }
  while (total > 1u << limit) {
    int depth = limit - 1;
    while (depth_counts[depth] == 0) depth--;
    depth_counts[depth]--;
    depth_counts[depth + 1] += 2;
    depth_counts[limit]--;
    total--;
  }
  // The rarest symbols get the longest codes.
  int i = 0;
  for (int depth = limit; depth > 0; depth--) {
    for (int k = depth_counts[depth]; k > 0; k--) lengths[leaves[i++].symbol] = (uint8_t)depth;
  }
}

void cpng_codes(const uint8_t *lengths, int count, uint16_t *codes) {
  uint32_t counts[16] = {0}, next[16] = {0};
  for (int s = 0; s < count; s++) counts[lengths[s]]++;
  counts[0] = 0;
  for (int length = 1; length < 16; length++) {
    next[length] = (next[length - 1] + counts[length - 1]) << 1;
  }
  for (int s = 0; s < count; s++) {
    uint32_t code = next[lengths[s]]++, mirrored = 0;
    for (int bit = 0; bit < lengths[s]; bit++) mirrored |= (code >> bit & 1) << (lengths[s] - 1 - bit);
    codes[s] = lengths[s] == 0 ? 0 : (uint16_t)mirrored;
  }
}
