internal import Entropy

/// The samples of one tile, planar.
package struct TileSamples: Sendable, Equatable {
  package var width: Int
  package var height: Int
  /// Bits per sample, 1 ... 16.
  package var depth: Int
  /// Whether the last plane is alpha.
  package var hasAlpha: Bool
  /// 1 ... 4 planes of width × height samples.
  package var planes: [[UInt16]]

  package init(width: Int, height: Int, depth: Int, hasAlpha: Bool, planes: [[UInt16]]) {
    self.width = width
    self.height = height
    self.depth = depth
    self.hasAlpha = hasAlpha
    self.planes = planes
  }
}

/// Codes the samples of a tile exactly, given P_dec(x|z) and the samples already coded.
///
/// A stream is a byte that names method and profile, then one range coder's bytes.
package enum ResidualCoder {
  /// Decodes a tile of the given geometry, its planes beside each other by `workers` where the method
  /// allows it.
  package static func decode(
    _ stream: StreamSlice, width: Int, height: Int, depth: Int, planeCount: Int, hasAlpha: Bool,
    prediction: TilePrediction?, workers: BandWorkers? = nil
  ) throws(CodecError) -> TileSamples {
    try decode(
      stream,
      TileGeometry(
        width: width, height: height, depth: depth, planeCount: planeCount, hasAlpha: hasAlpha),
      prediction: prediction, kernels: KernelISA.current.residualKernels, workers: workers)
  }

  /// Encodes a tile by one method, its planes beside each other by `workers` where that allows it;
  /// given up where it takes more than `limit` bits or `isAbandoned`: nil.
  package static func encode(
    _ samples: TileSamples, by method: ResidualMethod, _ profile: ResidualProfile,
    prediction: TilePrediction?, kernels: ResidualKernels, limit: Double = .infinity,
    isAbandoned: (@Sendable () -> Bool)? = nil, workers: BandWorkers? = nil
  ) -> (bytes: [UInt8], bits: Double)? {
    if isAbandoned?() == true { return nil }
    if method == .wavefront {
      return encodeWavefront(
        samples, profile.wavefront, prediction: prediction, kernels: kernels.wavefront,
        limit: limit, isAbandoned: isAbandoned, workers: workers)
    }
    var tile = TileCoder(samples, TileGeometry(samples))
    var coder = BinaryEncoder(limit: limit, isAbandoned: isAbandoned)
    do {
      try tile.code(by: method, profile, prediction: prediction, kernels: kernels, with: &coder)
    } catch {
      precondition(coder.isExhausted, "encoding cannot fail: \(error)")
      return nil
    }
    let bits = coder.ledger.bits + 8
    return ([UInt8(method.rawValue << 4 | profile.id(for: method))] + coder.finish(), bits)
  }

  package static func decode(
    _ stream: StreamSlice, _ geometry: TileGeometry, prediction: TilePrediction?,
    kernels: ResidualKernels, workers: BandWorkers? = nil
  ) throws(CodecError) -> TileSamples {
    let (method, profile) = try parameters(stream)
    if method == .wavefront {
      return try decodeWavefront(
        stream.tail, geometry, profile.wavefront, prediction: prediction,
        kernels: kernels.wavefront, workers: workers)
    }
    var tile = TileCoder(geometry)
    var coder = BinaryDecoder(stream.tail)
    try tile.code(by: method, profile, prediction: prediction, kernels: kernels, with: &coder)
    return tile.samples()
  }

  /// What a stream's first byte says.
  package static func parameters(
    _ stream: StreamSlice
  ) throws(CodecError) -> (method: ResidualMethod, profile: ResidualProfile) {
    guard let place = stream.range.first else { throw .truncated(at: stream.start) }
    let first = stream.bytes[place]
    let id = Int(first & 15)
    let method = ResidualMethod(rawValue: Int(first >> 4))
    let profile =
      method == .wavefront
      ? WavefrontProfile.all.first { $0.id == id }.map(ResidualProfile.level4.with)
      : ResidualProfile.all.first { $0.id == id }
    guard let method, let profile, !method.isForOneBit || id == 0 else {
      throw .corrupt(field: "residual method", at: stream.start)
    }
    return (method, profile)
  }
}
