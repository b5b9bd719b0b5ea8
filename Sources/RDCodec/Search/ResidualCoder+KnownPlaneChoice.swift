internal import DecoderCore
internal import Entropy

/// Tiles of which one plane has been coded by other streams.
extension ResidualCoder {
  /// Encodes all planes but `knownPlane`.
  static func encode(
    _ samples: TileSamples, knownPlane: Int, prediction: TilePrediction?, effort: Int
  ) -> CodedStream {
    let profile = ResidualProfile.forEffort(effort)
    let kernels = KernelISA.current.residualKernels
    let streams = [ResidualMethod.planar, .stored].map { method in
      var tile = TileCoder(samples, TileGeometry(samples), knownPlane: knownPlane)
      var coder = BinaryEncoder(isAbandoned: Cancellation.isRequested)
      do {
        try tile.code(
          by: method, profile, prediction: method == .stored ? nil : prediction, kernels: kernels,
          with: &coder)
      } catch {
        precondition(coder.isExhausted, "encoding cannot fail: \(error)")
        return CodedStream(bytes: [], bits: 0)
      }
      let bits = coder.ledger.bits + 8
      return CodedStream(
        bytes: [UInt8(method.rawValue << 4 | profile.id(for: method))] + coder.finish(), bits: bits)
    }
    return streams[0].bits <= streams[1].bits ? streams[0] : streams[1]
  }
}
