internal import DecoderCore
internal import Entropy

/// The streams of an image that has a source.
extension SourceStreams {
  /// The tiles' streams, then those of chroma cells; corrections come after them.
  static func encode(
    _ recovered: LatticeRecovery, _ tiling: Tiling, _ approximation: Approximation?,
    _ plan: EncodingPlan, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> [CodedStream] {
    let tiles = SourceTiles(recovered.source, tiling)
    let planes = recovered.planes
    let streams = try await mapTiles(tiling.tiles, jobs: plan.jobs) { tile in
      defer { step() }
      return tiles.encode(planes, tile, approximation?(tile), effort: plan.effort)
    }
    let count = streams[0].count
    return (0..<count).flatMap { part in streams.map { $0[part] } }
  }

  /// What the planes do not give.
  static func corrections(_ recovered: LatticeRecovery, _ image: Image) -> CodedStream {
    var coder = BinaryEncoder(isAbandoned: Cancellation.isRequested)
    var corrections = SourceCorrections(recovered.source)
    var (chroma, samples) = (recovered.chroma, image.planes)
    do {
      try corrections.code(
        width: image.width, height: image.height, luma: recovered.planes.luma,
        made: recovered.madeChroma, chroma: &chroma, samples: &samples, with: &coder)
    } catch { precondition(coder.isExhausted, "encoding cannot fail: \(error)") }
    let bits = coder.ledger.bits
    return CodedStream(bytes: coder.finish(), bits: bits)
  }
}
