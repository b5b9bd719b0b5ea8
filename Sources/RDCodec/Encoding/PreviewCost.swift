internal import DecoderCore

/// What a preview that nobody asked for takes of an exact file, which is left out where it is not
/// small.
struct PreviewCost {
  /// The fraction of all else that a preview may take, and bytes that it may take in any case: of a photograph, and
  /// of others, where it hardly ever helps and where lower efforts have none.
  private static let photographFraction = 0.005
  private static let photographBytes = 24.0
  private static let otherFraction = 0.001
  private static let otherBytes = 1.0
  /// The fraction of latents' bits that a photograph's samples do not give back: 0.2 of `valid`,
  /// where the files grew by 0.1 % for latents of 0.5 %.
  private static let photographLoss = 0.4
  /// Of a tile: its place and checksums in the tile table. Of a file: the name of the model.
  private static let tileBytes = 9
  private static let fileBytes = 8

  private let latents: Double
  private let others: Double
  private let isPhotograph: Bool

  /// `depth`: of the samples; latents know little of more than eight bits.
  init(
    _ latents: [CodedStream], _ residual: [CodedStream], _ source: ImageSource?, depth: Int
  ) {
    func bytes(_ streams: [CodedStream]) -> Double {
      streams.reduce(0) { $0 + Double($1.bytes.count + Self.tileBytes) }
    }
    self.latents = bytes(latents) + Double(Self.fileBytes)
    others = bytes(residual)
    if let source {
      isPhotograph = source.needsLatents
    } else {
      let photographs = residual.filter { stream in
        let method = stream.bytes.first.flatMap { ResidualMethod(rawValue: Int($0 >> 4)) }
        return method?.isForPhotographs == true
      }
      isPhotograph = depth <= 8 && 2 * bytes(photographs) > others
    }
  }

  var isSmall: Bool {
    isPhotograph
      ? Self.photographLoss * latents <= Self.photographFraction * others + Self.photographBytes
      : latents <= Self.otherFraction * others + Self.otherBytes
  }
}
