internal import CKernels

/// All that was learned and that a file's bits depend on: the weights of a model, with experts and the
/// latents' start states, and what the residual coders of photographs and of drawings start from.
package enum Learned {
  /// SHA-256 of the weights file, then of the residual coders' start states.
  package static func digest(weights: [UInt8]) -> SHA256 {
    var digest = SHA256()
    digest.update(weights)
    let photographs = UnsafeRawBufferPointer(start: ck_start_state(), count: ck_start_state_size())
    let drawings = UnsafeRawBufferPointer(
      start: ck_drawing_start(), count: ck_drawing_start_size())
    digest.update(Array(photographs))
    digest.update(Array(drawings))
    return digest
  }

  /// What bitstreams call it: the digest's first 64 bits.
  package static func name(_ digest: SHA256) -> UInt64 {
    let words = digest.words
    return UInt64(words[0]) << 32 | UInt64(words[1])
  }
}
