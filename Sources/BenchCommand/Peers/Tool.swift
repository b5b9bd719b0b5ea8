import CommandSupport

/// A program on the PATH.
struct Tool: Sendable {
  let name: String
  private let path: String

  /// Nil where there is no such program.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let paths = folders.map { String($0).appending(name: name) }
    guard
      let path = paths.first(where: {
        FileManager.default.isExecutableFile(atPath: $0) && !InputFile.isDirectory($0)
      })
    else { return nil }
    self.name = name
    self.path = path
  }

  /// Runs the program, its output thrown away; returns the seconds that it took.
  @discardableResult
  func run(_ arguments: [String]) throws(Failure) -> Double {
    let start = ContinuousClock.now
    let status = try ChildProcess(path, arguments).waitUntilExit()
    guard status == .exited(0) else {
      throw Failure(
        name, "failed with \(status.description)", advice: "try it by hand", exitCode: .dataError)
    }
    return (ContinuousClock.now - start).seconds
  }

  /// The first line that the program prints with this argument; nil where it fails or prints none.
  func version(_ argument: String) -> String? {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    defer { close(ends[0]) }
    let child = try? ChildProcess(path, [argument], output: ends[1])
    close(ends[1])
    guard let child else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    guard child.waitUntilExit() == .exited(0) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.first.map { $0.prefix(120).trimmed }
  }
}

/// A program that runs without input.
private struct ChildProcess {
  enum Status: Equatable, CustomStringConvertible {
    case exited(CInt)
    case killed(CInt)

    var description: String {
      switch self {
      case .exited(let code): "status \(code)"
      case .killed(let signal): "signal \(signal)"
      }
    }
  }

  private let identifier: pid_t

  /// Starts it; `output`: an open descriptor for what it prints and complains, nil: nowhere.
  init(_ path: String, _ arguments: [String], output: CInt? = nil) throws(Failure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for target in [STDOUT_FILENO, STDERR_FILENO] {
      if let output {
        posix_spawn_file_actions_adddup2(&actions, output, target)
      } else {
        posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
      }
    }
    let words = ([path] + arguments).map { $0.systemPath }
    let pointers = words.map { word in word.withUnsafeBufferPointer { strdup($0.baseAddress!) } }
    defer { for pointer in pointers { free(pointer) } }
    var child = pid_t()
    let error = posix_spawn(&child, path.systemPath, &actions, nil, pointers + [nil], environ)
    guard error == 0 else {
      throw Failure(
        path, "cannot be run: \(String(cString: strerror(error)))", advice: "leave out --peers",
        exitCode: .ioError)
    }
    identifier = child
  }

  func waitUntilExit() -> Status {
    var status: CInt = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
  }
}
