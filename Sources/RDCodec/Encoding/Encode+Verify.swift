internal import DecoderCore

/// Decodes what was just encoded; a difference is a fault of this program.
///
/// `image` is the prepared one, which the file has to keep as far as its mode says. Of a lossy file
/// the latents and the filter have to be those that were coded: its samples follow from them.
func verify(
  _ encoded: EncodedImage, of image: Image, _ plan: EncodingPlan, progress: ProgressHandler?
) async throws(CodecError) {
  guard try Bitstream(encoded.bytes, limits: .none).header.filter == encoded.filter else {
    throw .verificationFailed
  }
  let decoded = try await decode(
    encoded.bytes, plan.decoding(), latentChecksums: encoded.latentChecksums, progress: progress)
  let isEqual =
    switch plan.content(of: image.colorType) {
    case .lossless: decoded == image
    case .lattice, .steps: plan.bound!.isKept(image, by: decoded)
    case .latentsAndAlpha: decoded.planes.last == image.planes.last
    case .latentsOnly: decoded.width == image.width && decoded.height == image.height
    }
  guard isEqual else { throw .verificationFailed }
}

extension Tensor {
  /// The CRC-32 of the values.
  var checksum: UInt32 { values.withUnsafeBytes { Checksum.crc32($0) } }
}
