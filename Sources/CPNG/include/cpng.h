#pragma once
#include <stddef.h>
#include <stdint.h>

// libpng behind calls that work on memory and return a status; no longjmp leaves them and nothing
// is printed. Samples stay as the file has them: no gamma, no expansion of palettes or of tRNS.

/// How a call ended. Where it is not CPNG_OK, the outputs mean nothing.
typedef enum __attribute__((enum_extensibility(closed))) {
  CPNG_OK __attribute__((swift_name("ok"))),
  /// libpng or zlib refused the data; libpng's message says why.
  CPNG_INVALID __attribute__((swift_name("invalid"))),
  /// The input ends before the data does.
  CPNG_TRUNCATED __attribute__((swift_name("truncated"))),
  CPNG_OUT_OF_MEMORY __attribute__((swift_name("outOfMemory"))),
  /// The output would be longer than the caller allows.
  CPNG_TOO_LONG __attribute__((swift_name("tooLong"))),
} cpng_status;

/// Bytes of the buffer that receives a message of libpng, with its final zero.
enum { CPNG_MESSAGE_SIZE = 160 };

/// Bytes of the buffer that receives a palette: red, green, blue, alpha of 256 entries.
enum { CPNG_PALETTE_SIZE = 1024 };

/// What libpng may be made to hold by a file.
typedef struct {
  /// Largest width or height, in pixels.
  uint32_t dimension;
  /// Largest number of ancillary chunks held at once.
  uint32_t chunk_count;
  /// Largest chunk other than IDAT, in bytes.
  size_t chunk_byte_count;
} cpng_limits;

/// What IHDR, PLTE and tRNS say.
typedef struct {
  uint32_t width, height;
  /// PNG's colour type: 0, 2, 3, 4 or 6.
  uint8_t color_type;
  /// Bits per sample, or per palette index: 1, 2, 4, 8 or 16.
  uint8_t bit_depth;
  /// Whether `transparent_color` holds the colour that tRNS makes transparent.
  uint8_t has_transparent_color;
  /// Red, green and blue; of a grey image only the first counts.
  uint16_t transparent_color[3];
  /// Entries of the palette, and how many of them tRNS gives an alpha for; 0 unless colour type 3.
  uint16_t palette_count, palette_alpha_count;
  /// Whether rows are complete only once all have been read.
  uint8_t is_interlaced;
} cpng_header;

/// Bytes that a call allocated; `cpng_buffer_free` gives them back.
typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} cpng_buffer;

void cpng_buffer_free(cpng_buffer *buffer);

/// Copies the next `count` bytes of a file to `target`; returns fewer only at its end.
typedef ptrdiff_t (*cpng_read)(void *context, uint8_t *target, ptrdiff_t count);

/// A PNG that is being read, from its first byte to its last.
typedef struct cpng_reader cpng_reader;

/// Begins to read a PNG; NULL where memory runs out.
cpng_reader *cpng_reader_create(cpng_read read, void *context, const cpng_limits *limits);

/// Reads all that stands before the first IDAT; to be called once, and first.
///
/// `palette` receives CPNG_PALETTE_SIZE bytes, `message` CPNG_MESSAGE_SIZE.
cpng_status cpng_reader_header(cpng_reader *reader, cpng_header *header, uint8_t *palette,
                               char *message);

/// Reads the next `count` rows, of an interlaced file all at once: interleaved samples, packed as
/// PNG packs them and each padded to a whole byte.
///
/// `row_byte_count` is what one row takes by the header. A wrong CRC of a critical chunk, missing
/// image data and the like are errors; an ancillary chunk with a wrong CRC counts as absent.
cpng_status cpng_reader_rows(cpng_reader *reader, uint8_t *rows, uint32_t count,
                             size_t row_byte_count, char *message);

/// Reads what stands after the last row, up to IEND. Where that succeeds, `message` holds what
/// libpng warned of from the beginning, "; " between, or nothing.
cpng_status cpng_reader_finish(cpng_reader *reader, char *message);

/// Gives back all memory of a reader.
void cpng_reader_destroy(cpng_reader *reader);

/// Takes the next `count` bytes of a file that is being written.
typedef void (*cpng_write)(void *context, const uint8_t *bytes, ptrdiff_t count);

/// A PNG that is being written, not interlaced, of IHDR, PLTE, tRNS and chunks that the caller has
/// made. Between two calls the caller may put other bytes into the file.
typedef struct cpng_writer cpng_writer;

/// Begins a PNG; NULL where memory runs out. `palette`: CPNG_PALETTE_SIZE bytes.
cpng_writer *cpng_writer_create(cpng_write write, void *context, const cpng_header *header,
                                const uint8_t *palette);

/// Writes signature and IHDR; to be called once, and first.
cpng_status cpng_writer_size(cpng_writer *writer, char *message);

/// Writes PLTE and tRNS where the header has them; to be called once, before the rows.
cpng_status cpng_writer_palette(cpng_writer *writer, char *message);

/// Writes a chunk of at most 2^31 - 1 bytes; `type`: its four letters.
cpng_status cpng_writer_chunk(cpng_writer *writer, const char *type, const uint8_t *bytes,
                              size_t count, char *message);

/// Gives back all memory of a writer.
void cpng_writer_destroy(cpng_writer *writer);
