import FuzzMemory

@testable import DecoderCore
@testable import RDCodec

/// Bitstreams, without their checksums: they throw or decode to an image that is valid, the same
/// as a whole and in parts, with no more memory than was estimated.
enum DecodeTarget {
  static let limits = DecoderLimits(
    dimension: 1 << 16, pixelCount: 1 << 20, metadataByteCount: 1 << 20, memoryByteCount: 256 << 20)
  /// Seconds after which a decoder is cancelled.
  static let patience = 0.5

  static func run(_ bytes: [UInt8]) {
    guard let stream = try? Bitstream(bytes, limits: limits) else { return }
    let whole = decoded(bytes, stream.header)
    if case .success(let image)? = whole { compareParts(of: image, bytes) }
    if case .failure(.cancelled)? = whole { return }
    _ = decoded(bytes, stream.header, layer: .preview)
    _ = MainLoop.attempt(cancelledAfter: patience) { () async throws(CodecError) in
      try await strip(bytes, DecoderOptions(limits: limits))
    }
    _ = MainLoop.attempt(cancelledAfter: patience) { () async throws(CodecError) in
      try await decodeJPEG(ByteSource(bytes), DecoderOptions(limits: limits))
    }
  }

  /// Nil: it did not begin, since it could take too much memory.
  static func decoded(
    _ bytes: [UInt8], _ header: Header, layer: DecoderOptions.Layer = .full,
    region: ImageRegion? = nil, model: LearnedModel? = nil
  ) -> Result<Image, CodecError>? {
    let options = DecoderOptions(layer: layer, region: region, limits: limits, model: model)
    let shape = (try? LatentModel.find(header.modelName, given: model))?.shape
    let estimate = MemoryEstimate.decoding(
      header, jobs: 1, heldByteCount: bytes.count, holdsImage: true, model: shape)
    guard estimate.byteCount <= limits.memoryByteCount else { return nil }
    fuzz_memory_restart()
    let result = MainLoop.attempt(cancelledAfter: patience) { () async throws(CodecError) in
      try await decode(bytes, options)
    }
    require(
      fuzz_memory_peak() <= estimate.byteCount,
      "took \(fuzz_memory_peak()) bytes, estimated \(estimate.byteCount)")
    if case .success(let image) = result {
      do { try image.validate() } catch { require(false, "decoded to an invalid image: \(error)") }
    }
    return result
  }

  /// A region has the samples that the whole image has there.
  private static func compareParts(of image: Image, _ bytes: [UInt8]) {
    let region = ImageRegion(
      x: image.width / 3, y: image.height / 2, width: (image.width + 3) / 4,
      height: (image.height + 2) / 3)
    let result = MainLoop.attempt(cancelledAfter: patience) { () async throws(CodecError) in
      try await decode(bytes, DecoderOptions(region: region, limits: limits))
    }
    guard case .success(let part) = result else {
      require(result == .failure(.cancelled), "a region does not decode: \(result)")
      return
    }
    for (whole, plane) in zip(image.planes, part.planes) {
      for y in 0..<region.height {
        let start = (region.y + y) * image.width + region.x
        require(
          whole[start..<start + region.width]
            == plane[y * region.width..<(y + 1) * region.width],
          "a region differs from the whole image in row \(y)")
      }
    }
  }
}

/// Headers alone, of whatever size.
enum InspectTarget {
  static func run(_ bytes: [UInt8]) {
    let limits = DecoderLimits(
      dimension: .max, pixelCount: .max, metadataByteCount: 1 << 20, memoryByteCount: .max)
    fuzz_memory_restart()
    let whole = try? inspect(bytes, limits: limits)
    require(fuzz_memory_peak() < 64 << 20, "inspecting took \(fuzz_memory_peak()) bytes")
    // Read piece by piece, the header says the same.
    let source = ByteSource(count: bytes.count) { Array(bytes[$0]) }
    let pieces = try? inspect(source, limits: limits)
    require(whole == pieces, "a file in pieces is another one")
    if let whole { require(whole.streams.allSatisfy { $0.byteCount >= 0 }, "a negative length") }
  }
}
