#include "plain.h"

#include <string.h>

#include "buffer.h"
#include "prefix_code.h"

// Residues of photographs hold hardly any strings that occur again, and to look for them takes
// most of zlib's time. Prefix codes of the bytes, made for every block, are as small as zlib's
// level 6 there; runs of one byte, as of a flat sky, are taken as matches at distance 1.

enum {
  /// Of which a stored block could hold all.
  BLOCK_SIZE = 65535,
  END_OF_BLOCK = 256,
  LITERALS = CPNG_MOST_SYMBOLS,
  DISTANCES = 1,
  /// Shorter than deflate's 15, so that four codes fit into 64 bits beside 7 that wait.
  LONGEST_CODE = 14,
  LENGTH_CODES = 19,
  LONGEST_LENGTH_CODE = 7,
  SHORTEST_RUN = 8,
  LONGEST_RUN = 258,
  /// Blocks have at most one run in so many bytes, and one more.
  MOST_RUNS = BLOCK_SIZE / SHORTEST_RUN + 1,
};

typedef struct {
  uint8_t *next;
  uint64_t bits;
  unsigned count;
} bit_writer;

// At most 56 bits may wait.
static inline void put(bit_writer *w, uint64_t bits, unsigned count) {
  w->bits |= bits << w->count;
  w->count += count;
}

static inline void flush(bit_writer *w) {
  // Little-endian machines need one store; memcpy of bytes in order is the same everywhere.
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(w->bits >> 8 * i);
  memcpy(w->next, bytes, 8);
  w->next += w->count >> 3;
  w->bits >>= w->count & 56;
  w->count &= 7;
}

typedef struct {
  uint32_t start, length;
} run;

typedef struct {
  uint8_t lengths[LITERALS];
  uint16_t codes[LITERALS];
} literal_code;

// MARK: Runs

/// Deflate's symbol for a match of `length` 3 ... 258, and the bits that follow it.
typedef struct {
  uint16_t symbol;
  uint8_t extra_count;
  uint8_t extra;
} length_symbol;

static length_symbol symbol_of(uint32_t length) {
  if (length == LONGEST_RUN) return (length_symbol){285, 0, 0};
  uint32_t value = length - 3;
  if (value < 8) return (length_symbol){(uint16_t)(257 + value), 0, 0};
  unsigned extra_count = 29 - (unsigned)__builtin_clz(value);
  unsigned group = value >> extra_count;
  return (length_symbol){(uint16_t)(257 + 4 * extra_count + group), (uint8_t)extra_count,
                         (uint8_t)(value & ((1u << extra_count) - 1))};
}

/// The runs that follow a byte of their own kind inside the block, and how often each byte stands
/// outside them.
static size_t find_runs(const uint8_t *bytes, size_t count, run *runs, uint32_t *weights) {
  // Four tables, since equal bytes that follow each other would wait for each other.
  uint32_t tables[4][256] = {{0}};
  size_t run_count = 0, place = 0;
  while (place < count) {
    if (place > 0 && place + SHORTEST_RUN <= count) {
      uint64_t word, shifted;
      memcpy(&word, bytes + place, 8);
      memcpy(&shifted, bytes + place - 1, 8);
      if (word == shifted) {
        size_t end = place + 8;
        size_t limit = count - place < LONGEST_RUN ? count : place + LONGEST_RUN;
        while (end < limit && bytes[end] == bytes[place]) end++;
        runs[run_count++] = (run){(uint32_t)place, (uint32_t)(end - place)};
        weights[symbol_of((uint32_t)(end - place)).symbol]++;
        place = end;
        continue;
      }
    }
    size_t end = place + 4 < count ? place + 4 : count;
    for (int k = 0; place < end; place++, k++) tables[k][bytes[place]]++;
  }
  for (int k = 0; k < 4; k++) {
    for (int byte = 0; byte < 256; byte++) weights[byte] += tables[k][byte];
  }
  return run_count;
}

// MARK: Blocks

/// One code length, or how often one repeats.
typedef struct {
  uint8_t symbol, extra;
} length_token;

static const uint8_t extra_bits[LENGTH_CODES] = {[16] = 2, [17] = 3, [18] = 7};

/// Lengths as deflate writes them: runs of zeros and of equal lengths are counted.
static int tokens_of(const uint8_t *lengths, int count, length_token *tokens, uint32_t *weights) {
  int token_count = 0;
  for (int i = 0; i < count;) {
    int same = 1;
    while (i + same < count && lengths[i + same] == lengths[i]) same++;
    length_token token = {lengths[i], 0};
    if (lengths[i] == 0 && same >= 3) {
      if (same > 138) same = 138;
      token = same < 11 ? (length_token){17, (uint8_t)(same - 3)}
                        : (length_token){18, (uint8_t)(same - 11)};
    } else if (i > 0 && lengths[i] == lengths[i - 1] && same >= 3) {
      if (same > 6) same = 6;
      token = (length_token){16, (uint8_t)(same - 3)};
    } else {
      same = 1;
    }
    tokens[token_count++] = token;
    weights[token.symbol]++;
    i += same;
  }
  return token_count;
}

static void write_header(bit_writer *w, const literal_code *code) {
  static const uint8_t order[LENGTH_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                              11, 4,  12, 3, 13, 2, 14, 1, 15};
  int literal_count = LITERALS;
  while (literal_count > 257 && code->lengths[literal_count - 1] == 0) literal_count--;
  uint8_t lengths[LITERALS + DISTANCES];
  memcpy(lengths, code->lengths, (size_t)literal_count);
  // One code for distance 1, whether it is used or not.
  lengths[literal_count] = 1;
  length_token tokens[LITERALS + DISTANCES];
  uint32_t weights[LENGTH_CODES] = {0};
  int token_count = tokens_of(lengths, literal_count + DISTANCES, tokens, weights);
  uint8_t own_lengths[LENGTH_CODES];
  uint16_t own_codes[LENGTH_CODES];
  cpng_code_lengths(weights, LENGTH_CODES, LONGEST_LENGTH_CODE, own_lengths);
  cpng_codes(own_lengths, LENGTH_CODES, own_codes);
  int order_count = LENGTH_CODES;
  while (order_count > 4 && own_lengths[order[order_count - 1]] == 0) order_count--;
  put(w, (uint64_t)(literal_count - 257), 5);
  put(w, DISTANCES - 1, 5);
  put(w, (uint64_t)(order_count - 4), 4);
  flush(w);
  for (int i = 0; i < order_count; i++) {
    put(w, own_lengths[order[i]], 3);
    flush(w);
  }
  for (int i = 0; i < token_count; i++) {
    int symbol = tokens[i].symbol;
    put(w, own_codes[symbol], own_lengths[symbol]);
    put(w, tokens[i].extra, extra_bits[symbol]);
    flush(w);
  }
}

static inline void write_bytes(bit_writer *w, const literal_code *code, const uint8_t *bytes,
                               size_t count) {
  bit_writer own = *w;
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int k = 0; k < 4; k++) put(&own, code->codes[bytes[i + k]], code->lengths[bytes[i + k]]);
    flush(&own);
  }
  for (; i < count; i++) {
    put(&own, code->codes[bytes[i]], code->lengths[bytes[i]]);
    flush(&own);
  }
  *w = own;
}

static void write_block(bit_writer *w, const uint8_t *bytes, size_t count, bool is_last) {
  run runs[MOST_RUNS];
  uint32_t weights[LITERALS] = {[END_OF_BLOCK] = 1};
  size_t run_count = find_runs(bytes, count, runs, weights);
  literal_code code;
  cpng_code_lengths(weights, LITERALS, LONGEST_CODE, code.lengths);
  cpng_codes(code.lengths, LITERALS, code.codes);
  put(w, is_last, 1);
  put(w, 2, 2);
  write_header(w, &code);
  size_t place = 0;
  for (size_t i = 0; i < run_count; i++) {
    write_bytes(w, &code, bytes + place, runs[i].start - place);
    length_symbol length = symbol_of(runs[i].length);
    put(w, code.codes[length.symbol], code.lengths[length.symbol]);
    put(w, length.extra, length.extra_count);
    put(w, 0, 1);
    flush(w);
    place = runs[i].start + runs[i].length;
  }
  write_bytes(w, &code, bytes + place, count - place);
  put(w, code.codes[END_OF_BLOCK], code.lengths[END_OF_BLOCK]);
  flush(w);
}

/// Fills the byte that is under way.
static void align(bit_writer *w) {
  w->count = (w->count + 7) & ~7u;
  flush(w);
}

static void write_stored(bit_writer *w, const uint8_t *bytes, size_t count, bool is_last) {
  put(w, is_last, 1);
  put(w, 0, 2);
  align(w);
  put(w, count, 16);
  put(w, ~count & 0xFFFF, 16);
  flush(w);
  if (count > 0) memcpy(w->next, bytes, count);
  w->next += count;
}

bool cpng_plain(const uint8_t *bytes, size_t count, bool is_last, cpng_buffer *output) {
  bit_writer w = {0};
  size_t place = 0;
  do {
    size_t size = count - place < BLOCK_SIZE ? count - place : BLOCK_SIZE;
    // Codes of 14 bits and what else a block holds, before it is known which way is shorter.
    if (!cpng_buffer_reserve(output, 2 * size + 1024)) return false;
    bool ends = place + size == count;
    w.next = output->bytes + output->count;
    bit_writer start = w;
    write_block(&w, bytes + place, size, is_last && ends);
    if ((size_t)(w.next - start.next) > size + 4) {
      w = start;
      write_stored(&w, bytes + place, size, is_last && ends);
    }
    output->count = (size_t)(w.next - output->bytes);
    place += size;
  } while (place < count);
  if (is_last) {
    align(&w);
  } else {
    // An empty block, which ends at a whole byte.
    write_stored(&w, bytes, 0, false);
  }
  output->count = (size_t)(w.next - output->bytes);
  return true;
}
