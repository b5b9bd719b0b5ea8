internal import CKernels
internal import Entropy

/// Streams of the wavefront: the length of a head and the head, from a range coder; in tiles that may
/// have a stream for each plane, the length of each but the last, or 0 where all planes share one;
/// then the streams.
extension ResidualCoder {
  /// Bytes of a tile's streams below which the states of several would show.
  private static let sharedByteCount = 1 << 16

  static func encodeWavefront(
    _ samples: TileSamples, _ profile: WavefrontProfile, prediction: TilePrediction?,
    kernels: WavefrontKernels, limit: Double, isAbandoned: (@Sendable () -> Bool)?,
    workers: BandWorkers?
  ) -> (bytes: [UInt8], bits: Double)? {
    var tile = TileCoder(samples, TileGeometry(samples))
    var head = BinaryEncoder()
    do {
      let unitBits = try tile.codeHead(with: &head)
      func encode(workers: BandWorkers?, shares: Bool) throws(CodecError) -> [WavefrontStream] {
        let planes = tile.wavefrontPlanes(
          profile, unitBits: unitBits, prediction: prediction, workers: workers)
        let streams = planes.prefix(shares ? 1 : planes.count).map {
          WavefrontStream(
            writing: $0.plane, planeCount: shares ? planes.count : 1, kernels: kernels)
        }
        try WavefrontBands(
          planes, in: streams, of: tile.geometry, ranks: tile.ranks.base, kernels: kernels,
          isAbandoned: isAbandoned
        ).code(by: workers)
        return streams
      }
      let mayDivide = tile.mayDivideStreams
      var streams = try encode(workers: mayDivide ? workers : nil, shares: !mayDivide)
      if mayDivide, streams.reduce(0, { $0 + $1.bytes.count }) < sharedByteCount {
        streams = try encode(workers: nil, shares: true)
      }
      let bits = streams.reduce(head.ledger.bits + 8) { $0 + $1.bits }
      var writer = ByteWriter()
      writer.uint8(UInt8(ResidualMethod.wavefront.rawValue << 4 | profile.id))
      let headBytes = head.finish()
      writer.varint(headBytes.count)
      writer.append(headBytes)
      if mayDivide, streams.count == 1 { writer.varint(0) }
      for stream in streams.dropLast() { writer.varint(stream.bytes.count) }
      for stream in streams { writer.append(stream.bytes) }
      return bits > limit ? nil : (writer.bytes, bits)
    } catch .cancelled {
      return nil
    } catch {
      preconditionFailure("encoding cannot fail: \(error)")
    }
  }

  static func decodeWavefront(
    _ stream: StreamSlice, _ geometry: TileGeometry, _ profile: WavefrontProfile,
    prediction: TilePrediction?, kernels: WavefrontKernels, workers: BandWorkers?
  ) throws(CodecError) -> TileSamples {
    var rest = stream
    let head = try rest.takeFirst(try rest.takeVarint())
    var tile = TileCoder(geometry)
    var coder = BinaryDecoder(head)
    let unitBits = try tile.codeHead(with: &coder)
    let slices = try tile.takeStreams(&rest)
    let workers = slices.count > 1 ? workers : nil
    let planes = tile.wavefrontPlanes(
      profile, unitBits: unitBits, prediction: prediction, workers: workers)
    var streams: [WavefrontStream] = []
    for slice in slices {
      streams.append(try WavefrontStream(reading: slice, by: profile, kernels: kernels))
    }
    try WavefrontBands(
      planes, in: streams, of: geometry, ranks: tile.ranks.base, kernels: kernels,
      isAbandoned: stream.isAbandoned
    ).code(by: workers)
    return tile.samples()
  }
}

extension TileCoder {
  /// Planes that are coded: its value map says all of a plane of one value.
  private var codedCount: Int { maps.count { $0.count > 1 } }

  /// Whether planes may have a stream each.
  fileprivate var mayDivideStreams: Bool { geometry.pixelCount >= 1 << 17 && codedCount > 1 }

  /// The streams after the head: none, one, or one for each plane that is coded.
  fileprivate func takeStreams(_ rest: inout StreamSlice) throws(CodecError) -> [StreamSlice] {
    guard codedCount > 0 else { return [] }
    guard mayDivideStreams else { return [rest] }
    var lengths = [try rest.takeVarint()]
    guard lengths[0] > 0 else { return [rest] }
    while lengths.count < codedCount - 1 { lengths.append(try rest.takeVarint()) }
    var slices: [StreamSlice] = []
    for length in lengths { slices.append(try rest.takeFirst(length)) }
    return slices + [rest]
  }
}
