internal import Entropy

/// Tiles of which one plane has been coded by other streams.
extension ResidualCoder {
  /// Decodes all planes of a tile but the one that is known.
  package static func decode(
    _ stream: StreamSlice, _ geometry: TileGeometry,
    known: (plane: Int, samples: [UInt16]), prediction: TilePrediction?
  ) throws(CodecError) -> TileSamples {
    let (method, profile) = try parameters(stream)
    guard method == .planar || method == .stored else {
      throw .corrupt(field: "residual method of chroma", at: stream.start)
    }
    var tile = TileCoder(geometry, known: known)
    var coder = BinaryDecoder(stream.tail)
    try tile.code(
      by: method, profile, prediction: prediction, kernels: KernelISA.current.residualKernels,
      with: &coder)
    return tile.samples()
  }
}
