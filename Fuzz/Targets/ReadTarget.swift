import FuzzMemory

@testable import DecoderCore
@testable import RDCodec

/// Image files: they throw or give an image that is valid and is the same after writing, with no
/// more memory than was estimated.
enum ReadTarget {
  private static let limits = DecoderLimits(
    dimension: 1 << 16, pixelCount: 1 << 18, metadataByteCount: 1 << 18, memoryByteCount: 96 << 20)

  static func run(_ bytes: [UInt8]) {
    fuzz_memory_restart()
    let read = try? ReadImage(bytes, limits: limits)
    require(
      fuzz_memory_peak() <= limits.memoryByteCount, "reading took \(fuzz_memory_peak()) bytes")
    guard let image = read?.image else { return }
    do {
      try image.validate()
      if Target.current == .jpeg { keep(bytes) }
      let format: ImageFormat = Target.current == .png ? .png : .pam
      let copy = try readImage(try writeImage(image, as: format), limits: limits)
      if format.losses(of: image).isEmpty {
        require(copy.planes == image.planes, "other samples after writing")
        require(copy.palette == image.palette, "another palette after writing")
        require(copy.transparentColor == image.transparentColor, "another transparent colour")
        require(copy.metadata == image.metadata, "other metadata after writing")
      }
    } catch {
      require(false, "an image that was read cannot be written: \(error)")
    }
  }

  /// A JPEG file whose picture can be read is kept, and comes back.
  private static func keep(_ bytes: [UInt8]) {
    var limits = limits
    // What a decoder takes before the first block is more than a small picture.
    limits.memoryByteCount = 256 << 20
    let allowed = limits
    let restored = MainLoop.attempt(cancelledAfter: 5) { () async throws(CodecError) in
      let reader = try ImageFormat.reader(of: ByteSource(bytes), limits: allowed)
      let packed = try await encode(
        reader, EncoderOptions(effort: 1, verify: false, hasPreview: false))
      return try await decodeJPEG(
        ByteSource(packed.pieces.flatMap { $0 }), DecoderOptions(limits: allowed))
    }
    switch restored {
    case .success(let restored): require(restored == bytes, "another JPEG file comes back")
    case .failure(.cancelled): break
    case .failure(let error): require(false, "a JPEG file that was read is not kept: \(error)")
    }
  }
}
