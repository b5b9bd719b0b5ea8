import RDCodec

/// The JSON form of a bench run.
struct BenchReport: Encodable {
  private let images: [Entry]
  private let total: Entry
  /// What other codecs made of the images; absent where none was asked.
  private let peers: [PeerEntry]?
  /// Means over the images by codec and setting; absent in a lossless run.
  private let curves: [CurveEntry]?
  /// rdcodec's rate over others' at equal distortion, in percent.
  private let differences: [DifferenceEntry]?

  enum CodingKeys: String, CodingKey {
    case images, total, peers, curves
    case differences = "bd_rate"
  }

  init(_ result: BenchResult) {
    images = result.records.map(Entry.init)
    total = Entry(BenchTotal(result.records))
    peers = result.peers.isEmpty ? nil : result.peers.map(PeerEntry.init)
    let curves = result.curves
    self.curves = curves.curves.isEmpty ? nil : curves.curves.map(CurveEntry.init)
    differences =
      curves.differences.isEmpty ? nil : curves.differences.map(DifferenceEntry.init)
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
    /// Of one image only.
    var channelPSNR: Nullable?
    var similarity: Nullable
    var singleScale: Nullable?
    var encodeSeconds: Double
    var decodeSeconds: Double
    var peakByteCount: Int
    var source: String?
    var bugs: [String]

    enum CodingKeys: String, CodingKey {
      case file, width, height, channels, depth, quality, images, pixels, samples, bits, psnr
      case source, bugs
      case channelPSNR = "psnr_channel_mean"
      case similarity = "ms_ssim"
      case singleScale = "ssim"
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
      channelPSNR = Nullable(value: record.channelPSNR)
      singleScale = Nullable(value: record.singleScale)
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

  private struct PeerEntry: Encodable {
    var codec: String
    var file: String
    var setting: Double?
    var bits: Int
    var psnr: Nullable
    var similarity: Nullable
    var encodeSeconds: Double
    var decodeSeconds: Double

    enum CodingKeys: String, CodingKey {
      case codec, file, setting, bits, psnr
      case similarity = "ms_ssim"
      case encodeSeconds = "encode_seconds"
      case decodeSeconds = "decode_seconds"
    }

    init(_ record: PeerRecord) {
      codec = record.codec
      file = record.file
      setting = record.setting
      bits = record.fileBits
      psnr = Nullable(value: record.psnr)
      similarity = Nullable(value: record.similarity)
      encodeSeconds = record.encodeSeconds
      decodeSeconds = record.decodeSeconds
    }
  }

  private struct CurveEntry: Encodable {
    var codec: String
    var points: [PointEntry]

    init(_ curve: BenchCurves.Curve) {
      codec = curve.codec
      points = curve.points.map(PointEntry.init)
    }
  }

  private struct PointEntry: Encodable {
    var setting: Double
    var bitsPerPixel: Double
    var psnr: Double
    var similarity: Nullable

    enum CodingKeys: String, CodingKey {
      case setting, psnr
      case bitsPerPixel = "bits_per_pixel"
      case similarity = "ms_ssim_decibels"
    }

    init(_ point: BenchCurves.Point) {
      setting = point.setting
      bitsPerPixel = point.bitsPerPixel
      psnr = point.psnr
      similarity = Nullable(value: point.similarity)
    }
  }

  private struct DifferenceEntry: Encodable {
    var codec: String
    var psnr: Nullable
    var similarity: Nullable

    enum CodingKeys: String, CodingKey {
      case codec, psnr
      case similarity = "ms_ssim"
    }

    init(_ difference: BenchCurves.Difference) {
      codec = difference.codec
      psnr = Nullable(value: difference.psnr)
      similarity = Nullable(value: difference.similarity)
    }
  }
}
