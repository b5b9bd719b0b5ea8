import RDCodec

/// The JSON form of a bench run.
struct BenchReport: Encodable {
  private let images: [Entry]
  private let total: Entry

  init(_ records: [BenchRecord]) {
    images = records.map(Entry.init)
    total = Entry(BenchTotal(records))
  }

  /// One image, or all of them.
  private struct Entry: Encodable {
    var file: String?
    var width: Int?
    var height: Int?
    var channels: Int?
    var depth: Int?
    var quality: Double?
    var images: Int?
    var pixels: Int?
    var samples: Int?
    var bits: Bits
    var psnr: Nullable
    var similarity: Nullable
    var encodeSeconds: Double
    var decodeSeconds: Double
    var peakByteCount: Int
    var source: String?
    var bugs: [String]

    enum CodingKeys: String, CodingKey {
      case file, width, height, channels, depth, quality, images, pixels, samples, bits, psnr
      case source, bugs
      case similarity = "ms_ssim"
      case encodeSeconds = "encode_seconds"
      case decodeSeconds = "decode_seconds"
      case peakByteCount = "peak_bytes"
    }

    init(_ record: BenchRecord) {
      file = record.file
      width = record.width
      height = record.height
      channels = record.channels
      depth = record.depth
      quality = record.quality
      bits = Bits(rate: record.rate, residual: record.residual, file: record.fileBits)
      psnr = Nullable(value: record.psnr)
      similarity = Nullable(value: record.similarity)
      encodeSeconds = record.encodeSeconds
      decodeSeconds = record.decodeSeconds
      peakByteCount = record.peakByteCount
      source = record.source
      bugs = record.bugs
    }

    init(_ total: BenchTotal) {
      images = total.imageCount
      pixels = total.pixelCount
      samples = total.sampleCount
      bits = Bits(rate: total.rate, residual: total.residual, file: total.fileBits)
      psnr = Nullable(value: total.psnr)
      similarity = Nullable(value: total.similarity)
      encodeSeconds = total.encodeSeconds
      decodeSeconds = total.decodeSeconds
      peakByteCount = total.peakByteCount
      bugs = total.bugs
    }
  }

  private struct Bits: Encodable {
    var rateObjective: Double
    var rateWritten: Int
    var residualObjective: Double
    var residualWritten: Int
    var file: Int

    enum CodingKeys: String, CodingKey {
      case rateObjective = "rate_objective"
      case rateWritten = "rate_written"
      case residualObjective = "residual_objective"
      case residualWritten = "residual_written"
      case file
    }

    init(rate: EncodedImage.Layer, residual: EncodedImage.Layer, file: Int) {
      rateObjective = rate.objectiveBits
      rateWritten = rate.writtenBits
      residualObjective = residual.objectiveBits
      residualWritten = residual.writtenBits
      self.file = file
    }
  }

  /// A number that is written as null, not left out, where there is none.
  private struct Nullable: Encodable {
    var value: Double?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let value { try container.encode(value) } else { try container.encodeNil() }
    }
  }
}
