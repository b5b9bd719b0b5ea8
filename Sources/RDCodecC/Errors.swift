internal import CRDCodec
internal import RDCodec

/// As `rdcodec_code`.
enum Code: Int32 {
  case ok = 0
  case damaged = 1
  case otherFormat = 2
  case unsupported = 3
  case limit = 4
  case noMemory = 5
  case invalid = 6
  case absent = 7
  case cancelled = 8
  case unreachable = 9
  case output = 10
  case `internal` = 11
}

extension CodecError {
  var code: Code {
    switch self {
    case .truncated, .corrupt, .checksumMismatch, .wrongContents, .damagedImage: .damaged
    case .notBitstream, .notImage: .otherFormat
    case .unsupported, .otherVersion, .unknownModel: .unsupported
    case .limitExceeded: .limit
    case .outOfMemory: .noMemory
    case .invalidImage, .invalidRegion, .invalidOption: .invalid
    case .noJPEG, .noPreview: .absent
    case .cancelled: .cancelled
    case .unreachable: .unreachable
    case .outputFailed: .output
    case .wrongArithmetic, .verificationFailed: .internal
    }
  }
}

/// Something that a caller is told.
struct CallFailure: Error {
  let code: Code
  let message: String

  init(_ code: Code, _ message: String) {
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
    return Code.ok.rawValue
  } catch {
    tell(error)
    return error.code.rawValue
  }
  func tell(_ failure: CallFailure) {
    guard let error else { return }
    error.pointee.code = failure.code.rawValue
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
