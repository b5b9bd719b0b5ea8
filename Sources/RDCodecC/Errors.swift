internal import CRDCodec
internal import RDCodec

extension CodecError {
  var code: rdcodec_code {
    switch self {
    case .truncated, .corrupt, .checksumMismatch, .wrongContents, .damagedImage: RDCODEC_DAMAGED
    case .notBitstream, .notImage: RDCODEC_OTHER_FORMAT
    case .unsupported, .otherVersion, .unknownModel: RDCODEC_UNSUPPORTED
    case .limitExceeded: RDCODEC_LIMIT
    case .outOfMemory: RDCODEC_NO_MEMORY
    case .invalidImage, .invalidRegion, .invalidOption: RDCODEC_INVALID
    case .noJPEG, .noPreview: RDCODEC_ABSENT
    case .cancelled: RDCODEC_CANCELLED
    case .unreachable: RDCODEC_UNREACHABLE
    case .outputFailed: RDCODEC_OUTPUT
    case .wrongArithmetic, .verificationFailed: RDCODEC_INTERNAL
    }
  }
}

/// Something that a caller is told.
struct CallFailure: Error {
  let code: rdcodec_code
  let message: String

  init(_ code: rdcodec_code, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ error: CodecError) { self.init(error.code, error.description) }
}

/// Does the work of a function of rdcodec.h, and tells its caller what came of it.
func call(
  _ error: UnsafeMutablePointer<rdcodec_error>?, _ body: () throws(CallFailure) -> Void
) -> Int32 {
  error?.pointee.code = 0
  error?.pointee.message.0 = 0
  do throws(CallFailure) {
    try body()
    return 0
  } catch {
    tell(error)
    return Int32(error.code.rawValue)
  }
  func tell(_ failure: CallFailure) {
    guard let error else { return }
    error.pointee.code = Int32(failure.code.rawValue)
    withUnsafeMutableBytes(of: &error.pointee.message) { text in
      // Cut between two characters.
      var end = 0
      for scalar in failure.message.unicodeScalars {
        let bytes = UTF8.encode(scalar)!
        guard end + bytes.count < text.count else { break }
        for byte in bytes {
          text[end] = scalar == "\n" || scalar == "\r" ? UInt8(ascii: " ") : byte
          end += 1
        }
      }
      text[end] = 0
    }
  }
}

/// The codec's errors as a caller's.
func codec<Result>(_ body: () throws(CodecError) -> Result) throws(CallFailure) -> Result {
  do throws(CodecError) {
    return try body()
  } catch {
    throw CallFailure(error)
  }
}
