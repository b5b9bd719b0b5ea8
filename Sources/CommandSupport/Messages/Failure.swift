package import ArgumentParser
import RDCodec

/// Why a file could not be handled: one line for the user, and the exit code.
package struct Failure: Error {
  /// The file, or what else the message is about; empty for the command line.
  package var subject: String
  package var problem: String
  package var advice: String
  package var exitCode: ExitCode

  package init(_ subject: String, _ problem: String, advice: String, exitCode: ExitCode) {
    self.subject = subject
    self.problem = problem
    self.advice = advice
    self.exitCode = exitCode
  }

  /// A system call failed with this `errno`.
  package init(_ subject: String, errno code: CInt, advice: String, exitCode: ExitCode) {
    self.init(subject, String(cString: strerror(code)), advice: advice, exitCode: exitCode)
  }

  /// "rdcodec: FILE: what is wrong; what to do", on one line whatever the file's name holds.
  package var message: String {
    let about = subject.isEmpty ? "" : "\(subject): "
    return Self.singleLine("rdcodec: \(about)\(problem); \(advice)")
  }

  private static func isControl(_ character: Unicode.Scalar) -> Bool {
    character.value < 32 || 127...159 ~= character.value
  }

  /// Replaces control characters, which would break the line or drive the terminal.
  package static func singleLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
  }
}

extension Failure {
  /// A name of no letters, as a variable of a shell script gives that was never set.
  package static var emptyName: Failure {
    Failure(
      "''", "an empty name is no file's", advice: "name a file or folder", exitCode: .usage)
  }

  /// Whatever was thrown while this file was worked on.
  package init(_ subject: String, any error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as CodecError: self.init(subject, error)
    default:
      self.init(
        subject, "\(error)", advice: "please report this", exitCode: .internalError)
    }
  }
}
