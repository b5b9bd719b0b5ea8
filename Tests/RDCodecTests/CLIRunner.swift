import Foundation
import TestSupport

/// Runs the rdcodec that was built with the tests, in a folder of its own.
struct CLIRunner: ~Copyable {
  /// What a finished process left.
  struct Outcome {
    var status: Int32
    /// Whether `status` is the number of the signal that ended the process.
    var wasKilled: Bool
    var output: String
    var errors: String

    /// Lines on standard error.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rdcodec-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The built product lies beside the test bundle.
  static let executable: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let place = bundle?.bundleURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return place.deletingLastPathComponent().appendingPathComponent("rdcodec")
  }()

  /// Names of the files and folders in the folder, hidden ones too.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  func rdcodec(_ arguments: String...) throws -> Outcome {
    try run(Self.executable, arguments)
  }

  /// Runs a shell command in which $rdcodec is the executable.
  func shell(_ command: String) throws -> Outcome {
    try run(URL(fileURLWithPath: "/bin/sh"), ["-c", command])
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  func bytes(of name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent(name), withIntermediateDirectories: false)
  }

  /// Writes a PPM of a gradient with noise, the same for the same seed.
  func writeImage(_ name: String, width: Int = 48, height: Int = 40, seed: UInt64 = 1) throws {
    var random = SplitMix64(seed: seed)
    let samples = (0..<width * height * 3).map { index in
      let ramp = index / 3 % width * 4 & 127
      return UInt8(ramp + Int(random.next() % 32))
    }
    try write(Array("P6\n\(width) \(height)\n255\n".utf8) + samples, to: name)
  }

  private func run(_ executable: URL, _ arguments: [String]) throws -> Outcome {
    let logs = folder.appendingPathExtension("logs")
    try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: logs) }
    let handles = try ["output", "errors"].map { name in
      let file = logs.appendingPathComponent(name)
      try Data().write(to: file)
      return (file, try FileHandle(forWritingTo: file))
    }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["rdcodec": Self.executable.path]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handles[0].1
    process.standardError = handles[1].1
    try process.run()
    process.waitUntilExit()
    let texts = try handles.map { String(decoding: try Data(contentsOf: $0.0), as: UTF8.self) }
    return Outcome(
      status: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal, output: texts[0], errors: texts[1])
  }
}
