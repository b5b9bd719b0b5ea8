import ArgumentParser

/// The exit codes of sysexits.h that rdcodec uses.
extension ExitCode {
  /// The command line makes no sense.
  static let usage = ExitCode(64)
  /// An input is damaged, or of a kind that cannot be handled.
  static let dataError = ExitCode(65)
  /// An input does not exist or may not be read.
  static let noInput = ExitCode(66)
  /// A mistake of rdcodec itself.
  static let internalError = ExitCode(70)
  /// An output cannot be created.
  static let cannotCreate = ExitCode(73)
  /// Reading or writing failed half-way.
  static let ioError = ExitCode(74)
}
