internal import CKernels

/// Whether the kernels that this process uses give the answers that are known.
///
/// A compiler, a CPU or a host program may make of them what the format does not allow; then nothing
/// is read or written.
package enum KernelCheck {
  /// A list of known vectors: those of all kernels that a decoder runs, or of an encoder's search.
  private struct Vectors {
    let list: OpaquePointer

    /// The first kernel whose answer is another. The environment is the codec's.
    func firstWrong(_ isa: KernelISA) -> String? {
      let index = ck_first_wrong_vector(list, isa.code)
      guard index < ck_vector_count(list) else { return nil }
      let vector = ck_vector_at(list, index)
      return "\(String(cString: vector.kind)) \(String(cString: vector.name)) of \(isa.name)"
    }
  }

  private static let wrongOfDecoder = Vectors(list: ck_decoder_vectors()).firstWrong(.current)

  /// Throws ``CodecError/wrongArithmetic(_:)`` where a kernel of a decoder is wrong; takes less than
  /// two milliseconds the first time.
  package static func checkDecoder() throws(CodecError) {
    #if !RDCODEC_SKIP_KERNEL_CHECK  // for tests of what finds a wrong kernel then
      if let wrongOfDecoder { throw .wrongArithmetic(wrongOfDecoder) }
    #endif
  }

  #if !hasFeature(Embedded)
    private static let wrongOfSearch = Vectors(list: ck_search_vectors()).firstWrong(.current)

    /// The same of an encoder, for whom the decoder's count as well.
    package static func checkEncoder() throws(CodecError) {
      try checkDecoder()
      #if !RDCODEC_SKIP_KERNEL_CHECK
        if let wrongOfSearch { throw .wrongArithmetic(wrongOfSearch) }
      #endif
    }
  #endif
}
