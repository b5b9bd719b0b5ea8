internal import DecoderCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Decodes what was just encoded; a difference is a fault of this program.
///
/// `image` is the prepared one, which the file has to keep as far as its mode says.
func verify(
  _ bytes: [UInt8], of image: Image, _ plan: EncodingPlan, progress: ProgressHandler?
) async throws(CodecError) {
  let decoded: Image
  do throws(CodecError) {
    decoded = try await decode(bytes, plan.decoding(), progress: progress)
  } catch .wrongContents {
    throw .verificationFailed
  }
  let isKept = plan.bound.map { $0.isKept(image, by: decoded) } ?? (decoded == image)
  guard isKept else { throw .verificationFailed }
}

/// Decodes the picture and restores the JPEG file of what was just encoded, from the same levels.
func verify(
  _ bytes: [UInt8], of image: Image, and file: JPEGReader, _ plan: EncodingPlan
) async throws(CodecError) {
  let decoding = try DecodePlan(
    checked: Bitstream(bytes, limits: .none), plan.decoding(), holdsImage: true)
  for tile in decoding.bands.flatMap(\.latentTiles) { _ = try decoding.latents(of: tile) }
  do throws(CodecError) {
    let units = try await decoding.units(jobs: plan.jobs)
    guard try decoding.image(from: units) == image,
      // It compares length and checksum with those of the file.
      try decoding.jpegFile(from: units).count == file.kept.byteCount
    else { throw .verificationFailed }
  } catch .wrongContents {
    throw .verificationFailed
  }
}

/// Checks all that a file of exact samples holds beside its tiles' residuals, which
/// ``CodedStream/check(_:_:)`` has decoded already: that the header says what was coded, that every
/// stream stands where it says, and that the latents come back. x̂ follows from them.
func verify(
  _ stream: Bitstream, _ header: Header, of image: Image, _ residuals: [CodedStream],
  _ plan: EncodingPlan
) async throws(CodecError) {
  var stream = stream
  stream.isAbandoned = Cancellation.isRequested
  guard stream.header == header, stream.residuals.count == residuals.count else {
    throw .verificationFailed
  }
  let options = plan.decoding()
  let decoding = try DecodePlan(stream, options) { name throws(CodecError) in
    try LatentModel.find(name, given: options.model)
  }
  var (decoded, wanted) = (decoding.image, image)
  (decoded.planes, wanted.planes) = ([], [])
  guard decoded == wanted else { throw .verificationFailed }
  let latentTiles = header.hasLatents ? header.latentTiling.tiles : []
  _ = try await mapTiles(latentTiles, jobs: plan.jobs) { tile throws(CodecError) in
    do throws(CodecError) {
      _ = try decoding.latents(of: tile)
    } catch .wrongContents {
      throw .verificationFailed
    }
  }
  for (index, coded) in residuals.enumerated() {
    let slice = try stream.checkedResidual(index)
    guard slice.bytes[slice.range].elementsEqual(coded.bytes) else { throw .verificationFailed }
  }
}

extension CodedStream {
  /// Throws ``CodecError/verificationFailed`` unless the stream gives these samples, predicted from
  /// what they were coded with.
  func check(
    _ samples: TileSamples, _ prediction: TilePrediction?, workers: BandWorkers?
  ) throws(CodecError) {
    // Of a task that was cancelled there may be nothing.
    try Cancellation.check()
    var slice = StreamSlice(bytes, in: bytes.indices)
    slice.isAbandoned = Cancellation.isRequested
    let decoded = try Cancellation.watched { () throws(CodecError) in
      try ResidualCoder.decode(
        slice, width: samples.width, height: samples.height, depth: samples.depth,
        planeCount: samples.planes.count, hasAlpha: samples.hasAlpha, prediction: prediction,
        workers: workers)
    }
    guard decoded.hasPlanes(of: samples) else { throw .verificationFailed }
  }
}

extension TileSamples {
  /// Whether all samples are equal.
  fileprivate func hasPlanes(of other: TileSamples) -> Bool {
    planes.count == other.planes.count
      && zip(planes, other.planes).allSatisfy { plane, other in
        plane.withUnsafeBytes { bytes in
          other.withUnsafeBytes {
            bytes.count == $0.count && memcmp(bytes.baseAddress!, $0.baseAddress!, bytes.count) == 0
          }
        }
      }
  }
}
