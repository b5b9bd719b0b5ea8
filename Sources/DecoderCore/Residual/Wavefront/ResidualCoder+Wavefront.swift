internal import Entropy

/// Streams of the wavefront: the length of a head and the head, from a range coder; the length of
/// each plane's stream but the last; then these. Planes of a small tile share one.
extension ResidualCoder {
  static func encodeWavefront(
    _ samples: TileSamples, _ profile: WavefrontProfile, prediction: TilePrediction?,
    kernels: WavefrontKernels, limit: Double, isAbandoned: (@Sendable () -> Bool)?
  ) -> (bytes: [UInt8], bits: Double)? {
    var tile = TileCoder(samples, TileGeometry(samples))
    var head = BinaryEncoder()
    do {
      let unitBits = try tile.codeHead(with: &head)
      let planes = tile.wavefrontPlanes(profile, unitBits: unitBits, prediction: prediction)
      let sharing = tile.sharesStream ? planes.count : 1
      let streams = planes.prefix(tile.sharesStream ? 1 : planes.count).map {
        WavefrontStream(writing: $0.plane, planeCount: sharing, kernels: kernels)
      }
      guard
        try tile.codeBands(planes, streams, kernels: kernels, isAbandoned: isAbandoned)
      else { return nil }
      let bits = streams.reduce(head.ledger.bits + 8) { $0 + $1.bits }
      var writer = ByteWriter()
      writer.uint8(UInt8(ResidualMethod.wavefront.rawValue << 4 | profile.id))
      let headBytes = head.finish()
      writer.varint(headBytes.count)
      writer.append(headBytes)
      for stream in streams.dropLast() { writer.varint(stream.bytes.count) }
      for stream in streams { writer.append(stream.bytes) }
      return bits > limit ? nil : (writer.bytes, bits)
    } catch {
      preconditionFailure("encoding cannot fail: \(error)")
    }
  }

  static func decodeWavefront(
    _ stream: StreamSlice, _ geometry: TileGeometry, _ profile: WavefrontProfile,
    prediction: TilePrediction?, kernels: WavefrontKernels
  ) throws(CodecError) -> TileSamples {
    var rest = stream
    let head = try rest.takeFirst(try rest.takeVarint())
    var tile = TileCoder(geometry)
    var coder = BinaryDecoder(head)
    let unitBits = try tile.codeHead(with: &coder)
    let planes = tile.wavefrontPlanes(profile, unitBits: unitBits, prediction: prediction)
    let streamCount = tile.sharesStream ? min(planes.count, 1) : planes.count
    var lengths: [Int] = []
    for _ in 0..<max(streamCount - 1, 0) { lengths.append(try rest.takeVarint()) }
    var streams: [WavefrontStream] = []
    for index in 0..<streamCount {
      let slice = index < lengths.count ? try rest.takeFirst(lengths[index]) : rest
      streams.append(try WavefrontStream(reading: slice, by: profile, kernels: kernels))
    }
    guard
      try tile.codeBands(planes, streams, kernels: kernels, isAbandoned: stream.isAbandoned)
    else { throw .cancelled }
    return tile.samples()
  }
}
