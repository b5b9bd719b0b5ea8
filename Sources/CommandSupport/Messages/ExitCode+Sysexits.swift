package import ArgumentParser

/// The exit codes of sysexits.h that rdcodec uses.
extension ExitCode {
  /// The command line makes no sense.
  package static let usage = ExitCode(64)
  /// An input is damaged, or of a kind that cannot be handled.
  package static let dataError = ExitCode(65)
  /// An input does not exist or may not be read.
  package static let noInput = ExitCode(66)
  /// A mistake of rdcodec itself.
  package static let internalError = ExitCode(70)
  /// The machine computes wrongly.
  package static let machineError = ExitCode(71)
  /// An output cannot be created.
  package static let cannotCreate = ExitCode(73)
  /// Reading or writing failed half-way.
  package static let ioError = ExitCode(74)
  /// An intact file is decoded to something else than was encoded.
  package static let wrongContents = ExitCode(76)
}
