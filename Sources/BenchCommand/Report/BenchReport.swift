import RDCodec

/// The JSON form of a bench run. Keys are named as those of `rdcodec info --json`.
struct BenchReport: Encodable {
  private let run: BenchRun
  private let images: [Measured<ImageEntry>]
  private let total: Measured<TotalEntry>
  /// What other codecs made of the images; absent where none was asked.
  private let peers: [Measured<PeerEntry>]?
  /// Means over the images by codec and setting; absent in a lossless run.
  private let curves: [CurveEntry]?
  /// rdcodec's rate over others' at equal distortion, in percent.
  private let bdRates: [Measured<DifferenceEntry>]?

  init(_ result: BenchResult) {
    run = result.run
    images = result.records.map { record in
      Measured(
        fields: ImageEntry(record), metrics: MetricFields(record.distortion, Metric.all))
    }
    let total = BenchTotal(result.records)
    self.total = Measured(
      fields: TotalEntry(total), metrics: MetricFields(total.distortion, Metric.shown))
    let peers = result.peers.map { record in
      Measured(
        fields: PeerEntry(record), metrics: MetricFields(record.distortion, Metric.all))
    }
    self.peers = peers.isEmpty ? nil : peers
    let curves = result.curves
    self.curves = curves.curves.isEmpty ? nil : curves.curves.map(CurveEntry.init)
    let bdRates = curves.differences.map { difference in
      Measured(
        fields: DifferenceEntry(codec: difference.codec), metrics: MetricFields(difference))
    }
    self.bdRates = bdRates.isEmpty ? nil : bdRates
  }

  private struct ImageEntry: Encodable {
    var file: String
    var inputFormat: String
    var inputByteCount: Int
    var width: Int
    var height: Int
    var channelCount: Int
    var depth: Int
    /// "lossless", "lossy" or "nearLossless".
    var mode: String
    var quality: Double?
    var maximumError: Int?
    /// The quality of the preview that was asked for.
    var preview: Double?
    var byteCount: Int
    var bitsPerPixel: Double
    var bits: Bits
    var encodeSeconds: Double
    var decodeSeconds: Double
    var peakByteCount: Int
    var source: String
    var modelIdentifier: String
    var bugs: [String]

    init(_ record: BenchRecord) {
      file = record.file
      inputFormat = record.inputFormat
      inputByteCount = record.inputByteCount
      width = record.width
      height = record.height
      channelCount = record.channels
      depth = record.depth
      mode = record.mode.name
      switch record.mode {
      case .lossy(let value): quality = value
      case .nearLossless(let value): maximumError = value
      case .lossless(let value): preview = value
      case .target: break
      }
      byteCount = record.fileBits / 8
      bitsPerPixel = record.bitsPerPixel
      bits = Bits(rate: record.rate, residual: record.residual)
      encodeSeconds = record.encodeSeconds
      decodeSeconds = record.decodeSeconds
      peakByteCount = record.peakByteCount
      source = record.source
      modelIdentifier = record.model
      bugs = record.bugs
    }
  }

  private struct TotalEntry: Encodable {
    /// Images times modes.
    var measurementCount: Int
    var pixelCount: Int
    var sampleCount: Int
    var byteCount: Int
    var bits: Bits
    var encodeSeconds: Double
    var decodeSeconds: Double
    var peakByteCount: Int
    var bugs: [String]

    init(_ total: BenchTotal) {
      measurementCount = total.imageCount
      pixelCount = total.pixelCount
      sampleCount = total.sampleCount
      byteCount = total.fileBits / 8
      bits = Bits(rate: total.rate, residual: total.residual)
      encodeSeconds = total.encodeSeconds
      decodeSeconds = total.decodeSeconds
      peakByteCount = total.peakByteCount
      bugs = total.bugs
    }
  }

  /// R(z) and H(x|z), by the objective and as written.
  private struct Bits: Encodable {
    var rateObjective: Double
    var rateWritten: Int
    var residualObjective: Double
    var residualWritten: Int

    init(rate: EncodedImage.Layer, residual: EncodedImage.Layer) {
      rateObjective = rate.objectiveBits
      rateWritten = rate.writtenBits
      residualObjective = residual.objectiveBits
      residualWritten = residual.writtenBits
    }
  }

  /// A number that is written as null, not left out, where there is none.
  private struct Nullable: Encodable {
    private let value: Double?

    init(_ value: Double?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let value { try container.encode(value) } else { try container.encodeNil() }
    }
  }

  private struct PeerEntry: Encodable {
    var codec: String
    var file: String
    var setting: Double?
    var byteCount: Int
    var bitsPerPixel: Double
    var encodeSeconds: Nullable
    var decodeSeconds: Nullable

    init(_ record: PeerRecord) {
      codec = record.codec
      file = record.file
      setting = record.setting
      byteCount = record.fileBits / 8
      bitsPerPixel = record.bitsPerPixel
      encodeSeconds = Nullable(record.encodeSeconds)
      decodeSeconds = Nullable(record.decodeSeconds)
    }
  }

  private struct CurveEntry: Encodable {
    var codec: String
    var points: [Measured<PointEntry>]

    init(_ curve: BenchCurves.Curve) {
      codec = curve.codec
      points = curve.points.map { point in
        Measured(
          fields: PointEntry(setting: point.setting, bitsPerPixel: point.bitsPerPixel),
          metrics: MetricFields(point))
      }
    }
  }

  private struct PointEntry: Encodable {
    var setting: Double
    var bitsPerPixel: Double
  }

  /// Metrics are numbers, or null and why there is none.
  private struct DifferenceEntry: Encodable {
    var codec: String
  }
}
