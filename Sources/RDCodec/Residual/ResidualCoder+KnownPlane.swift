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
      var coder = BinaryEncoder()
      do {
        try tile.code(
          by: method, profile, prediction: method == .stored ? nil : prediction, kernels: kernels,
          with: &coder)
      } catch { preconditionFailure("encoding cannot fail: \(error)") }
      let bits = coder.ledger.bits + 8
      return CodedStream(
        bytes: [UInt8(method.rawValue << 4 | profile.id)] + coder.finish(), bits: bits)
    }
    return streams[0].bits <= streams[1].bits ? streams[0] : streams[1]
  }

  /// Decodes all planes of a tile but the one that is known.
  static func decode(
    _ bytes: [UInt8], in range: Range<Int>, _ geometry: TileGeometry,
    known: (plane: Int, samples: [UInt16]), prediction: TilePrediction?
  ) throws(CodecError) -> TileSamples {
    let (method, profile) = try parameters(bytes, in: range)
    guard method == .planar || method == .stored else {
      throw .corrupt(field: "residual method of chroma", at: range.lowerBound)
    }
    var tile = TileCoder(geometry, known: known)
    var coder = BinaryDecoder(bytes, in: range.dropFirst())
    try tile.code(
      by: method, profile, prediction: prediction, kernels: KernelISA.current.residualKernels,
      with: &coder)
    return tile.samples()
  }
}
