import RDCodec

/// Everything that bench measures of one image at one setting.
struct BenchRecord: Sendable {
  var file: String
  /// "PNG", "PNM" or "JPEG".
  var inputFormat: String
  /// Of the file on disk, metadata included.
  var inputByteCount: Int
  var width: Int
  var height: Int
  /// Planes as stored: 1 for a palette image.
  var channels: Int
  var depth: Int
  var mode: EncoderOptions.Mode
  var rate: EncodedImage.Layer
  var residual: EncodedImage.Layer
  var fileBits: Int
  /// Of the image as it comes back, or of the preview in a lossless file.
  var distortion: Distortion
  var encodeSeconds: Double
  var decodeSeconds: Double
  /// Peak memory of the process while it encoded and decoded.
  var peakByteCount: Int
  /// What the residual's planes are, "none" for the image's own.
  var source: String
  var formatVersion: Int
  /// Empty where the file holds no latents.
  var model: String
  /// What must not happen; empty in a good run.
  var bugs: [String]

  var pixelCount: Int { width * height }
  var bitsPerPixel: Double { Double(fileBits) / Double(pixelCount) }
}

/// Sums over records; means where a sum says nothing.
struct BenchTotal: Sendable {
  var imageCount = 0
  var pixelCount = 0
  var sampleCount = 0
  var rate = EncodedImage.Layer()
  var residual = EncodedImage.Layer()
  var fileBits = 0
  /// Means over the images that have one.
  var distortion = Distortion()
  var encodeSeconds = 0.0
  var decodeSeconds = 0.0
  /// The largest of all.
  var peakByteCount = 0
  /// Each with its file in front.
  var bugs: [String] = []

  init(_ records: [BenchRecord]) {
    for record in records {
      imageCount += 1
      pixelCount += record.pixelCount
      sampleCount += record.pixelCount * record.channels
      rate += record.rate
      residual += record.residual
      fileBits += record.fileBits
      encodeSeconds += record.encodeSeconds
      decodeSeconds += record.decodeSeconds
      peakByteCount = max(peakByteCount, record.peakByteCount)
      bugs += record.bugs.map { "\(record.file): \($0)" }
    }
    distortion = Distortion(meanOf: records.map(\.distortion))
  }
}

extension EncodedImage.Layer {
  fileprivate static func += (sum: inout Self, term: Self) {
    sum.objectiveBits += term.objectiveBits
    sum.writtenBits += term.writtenBits
  }

  /// Whether the written bits stray from the objective by more than 0.1 % + 64 bytes.
  var hasGap: Bool {
    abs(Double(writtenBits) - objectiveBits) > 0.001 * objectiveBits + 64 * 8
  }
}
