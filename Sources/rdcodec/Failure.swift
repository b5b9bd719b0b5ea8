import ArgumentParser
import Foundation
import RDCodec

/// Why a file could not be handled: one line for the user, and the exit code.
struct Failure: Error {
  /// The file, or what else the message is about.
  var subject: String
  var problem: String
  var advice: String
  var exitCode: ExitCode

  init(_ subject: String, _ problem: String, advice: String, exitCode: ExitCode) {
    self.subject = subject
    self.problem = problem
    self.advice = advice
    self.exitCode = exitCode
  }

  /// The codec refused the contents of this file.
  init(_ subject: String, _ error: CodecError) {
    let advice =
      switch error {
      case .truncated, .corrupt, .checksumMismatch: "get a fresh copy of the file"
      case .limitExceeded: "split the image, or leave out its metadata"
      case .unsupported: "try another format, or another version of rdcodec"
      case .unknownModel: "give it by --model, or use the version of rdcodec that wrote the file"
      case .noPreview: "decode all of it"
      case .invalidImage: "convert it to PNG, PNM or PAM"
      case .invalidRegion: "see 'rdcodec info' for the size"
      case .unreachable: "choose another target"
      case .verificationFailed: "please report this with the image"
      }
    let exitCode: ExitCode =
      switch error {
      case .verificationFailed: .internalError
      case .unreachable, .invalidRegion: .usage
      default: .dataError
      }
    self.init(subject, error.description, advice: advice, exitCode: exitCode)
  }

  /// A system call failed with this `errno`.
  init(_ subject: String, errno code: CInt, advice: String, exitCode: ExitCode) {
    self.init(subject, String(cString: strerror(code)), advice: advice, exitCode: exitCode)
  }

  /// "rdcodec: FILE: what is wrong; what to do", on one line whatever the file's name holds.
  var message: String { Self.singleLine("rdcodec: \(subject): \(problem); \(advice)") }

  private static func isControl(_ character: Unicode.Scalar) -> Bool {
    character.value < 32 || 127...159 ~= character.value
  }

  /// Replaces control characters, which would break the line or drive the terminal.
  static func singleLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
  }
}

extension Failure {
  /// Whatever was thrown while this file was worked on.
  init(_ subject: String, any error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as CodecError: self.init(subject, error)
    default:
      self.init(
        subject, "\(error)", advice: "please report this", exitCode: .internalError)
    }
  }
}
