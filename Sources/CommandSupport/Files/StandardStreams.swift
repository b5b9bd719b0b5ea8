import ArgumentParser

/// A path on the command line that may be "-": standard input or standard output.
extension String {
  package var isStandardStream: Bool { self == "-" }
}

/// Standard output and standard error, written without buffering and with errors noticed.
package enum StandardStreams {
  package static let isErrorTerminal = isatty(STDERR_FILENO) == 1
  package static let isOutputTerminal = isatty(STDOUT_FILENO) == 1

  /// Makes writing to a closed pipe an error instead of a signal, and gives closed streams a
  /// descriptor on which every call fails, lest a file that is opened later takes their place.
  package static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes text to standard output; a closed pipe or a full disk is a failure.
  package static func print(_ text: String) throws(Failure) {
    try write(Array(text.shown.utf8))
  }

  /// Lets a closed pipe end the process without a word, as those expect who read the first lines of
  /// what a command says and writes nothing else.
  package static func endOnClosedPipe() { signal(SIGPIPE, SIG_DFL) }

  /// How messages call standard output.
  package static let outputName = "standard output"

  package static func write(_ bytes: [UInt8]) throws(Failure) {
    let code = writeAll(bytes, to: STDOUT_FILENO)
    guard code == 0 else { throw failure(code) }
  }

  /// Standard output cannot be written, by this `errno`.
  static func failure(_ code: CInt) -> Failure {
    Failure(outputName, errno: code, advice: "check where the output goes", exitCode: .ioError)
  }

  /// Writes text to standard error; there is nobody to tell when that fails.
  package static func printError(_ text: String) {
    _ = writeAll(Array(text.shown.utf8), to: STDERR_FILENO)
  }
}

/// Writes all bytes to a descriptor and returns 0, or the `errno` of the call that failed.
package func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while !rest.isEmpty {
      let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }
}
