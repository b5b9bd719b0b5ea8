import RDCodec

/// Everything that bench measures of one image at one setting.
struct BenchRecord: Sendable {
  var file: String
  var width: Int
  var height: Int
  /// Planes as stored: 1 for a palette image.
  var channels: Int
  var depth: Int
  /// Nil for lossless.
  var quality: Double?
  var rate: EncodedImage.Layer
  var residual: EncodedImage.Layer
  var fileBits: Int
  /// Of x̂, in decibels; nil where it is infinite or undefined.
  var psnr: Double?
  /// The mean of the channels' PSNRs.
  var channelPSNR: Double?
  /// MS-SSIM of x̂; nil where it is undefined.
  var similarity: Double?
  /// SSIM at the scale of the image.
  var singleScale: Double?
  var encodeSeconds: Double
  var decodeSeconds: Double
  /// Peak memory of the process while it encoded and decoded.
  var peakByteCount: Int
  /// What the residual's planes are, "none" for the image's own.
  var source: String
  /// What must not happen; empty in a good run.
  var bugs: [String]
}

/// Sums over records; means where a sum says nothing.
struct BenchTotal: Sendable {
  var imageCount = 0
  var pixelCount = 0
  var sampleCount = 0
  var rate = EncodedImage.Layer()
  var residual = EncodedImage.Layer()
  var fileBits = 0
  /// The mean over the images that have one.
  var psnr: Double?
  var similarity: Double?
  var encodeSeconds = 0.0
  var decodeSeconds = 0.0
  /// The largest of all.
  var peakByteCount = 0
  /// Each with its file in front.
  var bugs: [String] = []

  init(_ records: [BenchRecord]) {
    for record in records {
      imageCount += 1
      pixelCount += record.width * record.height
      sampleCount += record.width * record.height * record.channels
      rate += record.rate
      residual += record.residual
      fileBits += record.fileBits
      encodeSeconds += record.encodeSeconds
      decodeSeconds += record.decodeSeconds
      peakByteCount = max(peakByteCount, record.peakByteCount)
      bugs += record.bugs.map { "\(record.file): \($0)" }
    }
    psnr = Self.mean(records.compactMap(\.psnr))
    similarity = Self.mean(records.compactMap(\.similarity))
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
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
