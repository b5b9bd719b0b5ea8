/// rdcodec for C: rate-distortion image files (.rdc), exact or lossy.
///
///   rdcodec_error error;
///   rdcodec_file *file = rdcodec_open(bytes, count, NULL, &error);
///   if (!file) return fail(error.message);
///   rdcodec_layout layout;
///   if (rdcodec_decode_layout(file, NULL, &layout, &error)) return fail(error.message);
///   void *pixels = malloc(layout.row_bytes * layout.height);
///   if (rdcodec_decode(file, NULL, pixels, layout.row_bytes, &error)) return fail(error.message);
///   rdcodec_close(file);
///
/// **Threads.** All functions may be called from any threads at once; a file may be read by several
/// of them. A call works on the caller's thread and on others that end before it returns. After
/// fork() a child may go on to call, unless a call was under way in another thread.
///
/// **Errors.** Functions return a code, RDCODEC_OK or another of `rdcodec_code`, or NULL; `error`, where
/// given, gets the code and one line of words. Codes keep their numbers. No input, however damaged, makes
/// a function crash, hang, or take more memory than its limits say.
///
/// **Growth.** Structures start with their size, which the `_init` functions set: programs that were
/// built against an older header go on working.
///
/// **Samples.** Pixels are interleaved: grey, grey and alpha, RGB, or RGBA, alpha not premultiplied.
/// A sample of up to 8 bits takes one byte, any other two, in the machine's order.

#ifndef RDCODEC_H
#define RDCODEC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RDCODEC_VERSION_MAJOR 0
#define RDCODEC_VERSION_MINOR 1
#define RDCODEC_VERSION_PATCH 0

enum rdcodec_code {
  RDCODEC_OK = 0,
  /// The bytes are damaged, or end early.
  RDCODEC_DAMAGED = 1,
  /// The bytes are another kind of file.
  RDCODEC_OTHER_FORMAT = 2,
  /// A file of another version, of a model that is not at hand, or what a format cannot hold.
  RDCODEC_UNSUPPORTED = 3,
  /// More than the limits allow.
  RDCODEC_LIMIT = 4,
  RDCODEC_NO_MEMORY = 5,
  /// An argument makes no sense.
  RDCODEC_INVALID = 6,
  /// The file has no preview, no JPEG file, or no such metadata.
  RDCODEC_ABSENT = 7,
  /// The progress function said so.
  RDCODEC_CANCELLED = 8,
  /// No quality meets the target.
  RDCODEC_UNREACHABLE = 9,
  /// The function that takes rows said so.
  RDCODEC_OUTPUT = 10,
  /// This machine computes wrongly, or the library is at fault; nothing was written.
  RDCODEC_INTERNAL = 11,
};

typedef struct rdcodec_error {
  /// One of `rdcodec_code`.
  int32_t code;
  /// One line of UTF-8, without a full stop; empty after success.
  char message[508];
} rdcodec_error;

/// "0.1.0"; the string stays.
const char *rdcodec_version(void);
/// The format version that is written and read.
uint32_t rdcodec_format_version(void);

/// What a file may make the library take.
typedef struct rdcodec_limits {
  size_t size;
  /// Largest width or height.
  uint64_t dimension;
  /// Largest width times height.
  uint64_t pixels;
  /// Bytes of all metadata.
  uint64_t metadata_bytes;
  /// Bytes of memory by an estimate from the header; 0: no limit.
  uint64_t memory_bytes;
} rdcodec_limits;

/// 1 000 000 a side, 2^28 pixels, 64 MiB of metadata, no limit of memory.
void rdcodec_limits_init(rdcodec_limits *limits);

/// Called with 0 to 1 from any of the call's threads; what is not 0 cancels the call.
typedef int32_t (*rdcodec_progress)(void *context, double fraction);

// MARK: Reading

/// An .rdc file whose header has been read.
typedef struct rdcodec_file rdcodec_file;

/// Copies the bytes. NULL on error. `limits` may be NULL and holds for all that is done with the file.
rdcodec_file *rdcodec_open(const void *bytes, size_t count, const rdcodec_limits *limits,
                           rdcodec_error *error);
/// NULL does nothing.
void rdcodec_close(rdcodec_file *file);

typedef struct rdcodec_info {
  size_t size;
  uint32_t width, height;
  /// Of a pixel as it is decoded: a palette or a transparent colour is applied.
  uint32_t channels;
  /// Bits of a sample, 1 to 16, and the largest sample, which is white or opaque.
  uint32_t depth, peak;
  /// 1: every sample comes back; then `maximum_error` is 0.
  int32_t is_lossless;
  /// How far samples may be from the original's; 0 where lossless or not bounded.
  int32_t maximum_error;
  int32_t has_preview;
  /// Whether the file holds indices into a palette, which decoding applies.
  int32_t has_palette;
  /// Whether `rdcodec_decode_jpeg` gives a JPEG file back.
  int32_t keeps_jpeg;
  /// Of the lossy layer, 1 to 100; 0 where there is none.
  double quality;
  uint32_t format_version;
  /// Pixels per metre; 0: not known. Where `pixels_per_metre_is_ratio`, their ratio alone.
  uint32_t pixels_per_metre_x, pixels_per_metre_y;
  int32_t pixels_per_metre_is_ratio;
  /// Colour primaries, transfer, matrix, full range by ITU-T H.273, where `has_cicp`.
  uint8_t cicp[4];
  int32_t has_cicp;
} rdcodec_info;

int32_t rdcodec_get_info(const rdcodec_file *file, rdcodec_info *info, rdcodec_error *error);

enum rdcodec_metadata {
  RDCODEC_ICC = 1,
  RDCODEC_EXIF = 2,
  RDCODEC_XMP = 3,
};

/// Points to metadata of that kind, which stays as long as the file.
int32_t rdcodec_get_metadata(const rdcodec_file *file, int32_t kind, const uint8_t **bytes,
                             size_t *count, rdcodec_error *error);

enum rdcodec_layer {
  /// All there is.
  RDCODEC_FULL = 0,
  /// The lossy picture of the latents alone.
  RDCODEC_PREVIEW = 1,
};

typedef struct rdcodec_decode_options {
  size_t size;
  /// One of `rdcodec_layer`.
  int32_t layer;
  /// The part of the picture; `width` 0: all of it.
  uint32_t x, y, width, height;
  /// 0: those of the file. More than it has: grey for each colour, opaque alpha; fewer are refused.
  uint32_t channels;
  /// 0: samples as they are. 8 or 16: scaled so that white is 255 or 65535, rounded to the nearest.
  uint32_t bits;
  /// 0: one for each CPU.
  uint32_t threads;
  rdcodec_progress progress;
  void *context;
} rdcodec_decode_options;

void rdcodec_decode_options_init(rdcodec_decode_options *options);

/// How pixels lie in memory.
typedef struct rdcodec_layout {
  uint32_t width, height;
  uint32_t channels;
  /// 1 or 2.
  uint32_t sample_bytes;
  /// Bits of a sample, and the largest one.
  uint32_t depth, peak;
  /// Bytes of a row without padding.
  size_t row_bytes;
} rdcodec_layout;

/// What `rdcodec_decode` writes with these options; NULL: the default ones.
int32_t rdcodec_decode_layout(const rdcodec_file *file, const rdcodec_decode_options *options,
                              rdcodec_layout *layout, rdcodec_error *error);

/// Decodes into `pixels`, whose rows are `stride` bytes apart, at least `row_bytes` of the layout. After
/// an error the pixels are of no meaning.
int32_t rdcodec_decode(const rdcodec_file *file, const rdcodec_decode_options *options, void *pixels,
                       size_t stride, rdcodec_error *error);

/// Takes `count` rows from row `first` of the region on; what is not 0 ends the call. Rows come from
/// the top, one call after the other, from any of the call's threads.
typedef int32_t (*rdcodec_rows)(void *context, const void *rows, uint32_t first, uint32_t count,
                                size_t stride);

/// The same in pieces: no more than some rows are in memory. `rows_context` is for `rows`. Until the
/// call has succeeded, nothing says that what was taken is right.
int32_t rdcodec_decode_rows(const rdcodec_file *file, const rdcodec_decode_options *options,
                            rdcodec_rows rows, void *rows_context, rdcodec_error *error);

// MARK: Files out

/// Bytes that the library made.
typedef struct rdcodec_output {
  uint8_t *bytes;
  size_t count;
  /// What else is to be said, a line each: what of an input file was left out, why a file became
  /// exact. NULL: nothing.
  char *notes;
} rdcodec_output;

/// Frees what is in it, and empties it.
void rdcodec_output_free(rdcodec_output *output);

/// The JPEG file that the .rdc was made of, byte for byte; else RDCODEC_ABSENT.
int32_t rdcodec_decode_jpeg(const rdcodec_file *file, const rdcodec_decode_options *options,
                            rdcodec_output *output, rdcodec_error *error);

/// The picture with all its metadata as a file: `format` is "png", "ppm", "pgm", "pbm", "pnm" or "pam".
/// Of the options `channels` and `bits` do not count.
int32_t rdcodec_decode_file(const rdcodec_file *file, const rdcodec_decode_options *options,
                            const char *format, rdcodec_output *output, rdcodec_error *error);

// MARK: Writing

typedef struct rdcodec_image {
  size_t size;
  uint32_t width, height;
  /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
  uint32_t channels;
  /// Bits of a sample, 1 to 16: one byte up to 8, else two.
  uint32_t depth;
  /// The largest sample; 0: 2^depth - 1.
  uint32_t peak;
  const void *pixels;
  /// Bytes from row to row; 0: no padding.
  size_t stride;
  /// Metadata; NULL: none.
  const uint8_t *icc;
  size_t icc_count;
  const uint8_t *exif;
  size_t exif_count;
  const uint8_t *xmp;
  size_t xmp_count;
  /// 0: not known.
  uint32_t pixels_per_metre_x, pixels_per_metre_y;
} rdcodec_image;

/// Nothing but the size is set.
void rdcodec_image_init(rdcodec_image *image);

enum rdcodec_mode {
  /// Every sample.
  RDCODEC_LOSSLESS = 0,
  /// `value`: quality, 1 (smallest) to 100 (best).
  RDCODEC_LOSSY = 1,
  /// `value`: every colour sample within this distance, 1 to 16.
  RDCODEC_NEAR_LOSSLESS = 2,
  /// `value`: at most so many bytes, or bits per pixel.
  RDCODEC_TARGET_BYTES = 3,
  RDCODEC_TARGET_BITS_PER_PIXEL = 4,
  /// `value`: at least this PSNR in dB, or score of SSIMULACRA 2.1.
  RDCODEC_TARGET_PSNR = 5,
  RDCODEC_TARGET_SSIMULACRA2 = 6,
};

enum rdcodec_tune {
  RDCODEC_TUNE_PSNR = 0,
  RDCODEC_TUNE_VISUAL = 1,
};

typedef struct rdcodec_encode_options {
  size_t size;
  /// One of `rdcodec_mode`, and its number.
  int32_t mode;
  double value;
  /// 1 (fastest) to 9 (smallest).
  int32_t effort;
  /// Of lossless files: below 0 the library's choice, 0 none, else a quality from 1 to 100.
  double preview;
  /// One of `rdcodec_tune`.
  int32_t tune;
  /// Whether pixels of alpha 0 keep their colour; below 0: lossy files do not, all others do.
  int32_t keeps_hidden_color;
  /// Whether a lossy file may become an exact one where that is smaller.
  int32_t allows_exact;
  /// Whether the file is decoded and compared before it is returned.
  int32_t verifies;
  /// Whether to look for what pixels were made from, such as a JPEG file.
  int32_t recovers_source;
  /// Leaves metadata out; a JPEG file then is not kept, but its pixels.
  int32_t strips_metadata;
  /// Bytes of memory by an estimate; 0: no limit.
  uint64_t memory_bytes;
  /// 0: one for each CPU; never changes the bytes.
  uint32_t threads;
  rdcodec_progress progress;
  void *context;
} rdcodec_encode_options;

/// Lossless, effort 5, a preview by choice, verified.
void rdcodec_encode_options_init(rdcodec_encode_options *options);

/// Encodes pixels. `options` may be NULL. What it may take of memory by an upper estimate has to be there:
/// else RDCODEC_NO_MEMORY.
int32_t rdcodec_encode(const rdcodec_image *image, const rdcodec_encode_options *options,
                       rdcodec_output *output, rdcodec_error *error);

/// Encodes a PNG, PNM, PAM or JPEG file with all its metadata, as `rdcodec compress` does: a JPEG
/// file is kept byte for byte where the mode is lossless.
int32_t rdcodec_encode_file(const void *bytes, size_t count, const rdcodec_limits *limits,
                            const rdcodec_encode_options *options, rdcodec_output *output,
                            rdcodec_error *error);

#ifdef __cplusplus
}
#endif

#endif
