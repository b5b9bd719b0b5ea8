import CommandSupport
import Foundation

/// A program on the PATH.
struct Tool: Sendable {
  let name: String
  private let path: String

  /// Nil where there is no such program.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let paths = folders.map { (String($0) as NSString).appendingPathComponent(name) }
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
    let process = process(arguments)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let start = ContinuousClock.now
    do { try process.run() } catch {
      throw Failure(
        path, "cannot be run: \(error.localizedDescription)", advice: "leave out --peers",
        exitCode: .ioError)
    }
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure(
        name, "failed with status \(process.terminationStatus)", advice: "try it by hand",
        exitCode: .dataError)
    }
    return (ContinuousClock.now - start).seconds
  }

  /// The first line that the program prints with this argument; nil where it fails or prints none.
  func version(_ argument: String) -> String? {
    let process = process([argument])
    let pipe = Pipe()
    // Some tell it on one, some on the other.
    process.standardOutput = pipe
    process.standardError = pipe
    guard (try? process.run()) != nil else { return nil }
    try? pipe.fileHandleForWriting.close()
    let bytes = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.first.map { String($0.prefix(120)).trimmingCharacters(in: .whitespaces) }
  }

  private func process(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    return process
  }
}
