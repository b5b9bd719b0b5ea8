import CommandSupport
import RDCodec

/// What a run was measured on.
struct Machine: Sendable, Encodable {
  /// The model of the processor, as it calls itself.
  var cpu: String
  var coreCount: Int
  /// The instruction set of the codec's kernels.
  var kernels: String
  var memoryByteCount: UInt64
  /// Distribution, kernel and architecture.
  var system: String

  static let current = Machine(
    cpu: cpuModel ?? architecture, coreCount: ProcessInfo.processInfo.activeProcessorCount,
    kernels: KernelISA.current.name, memoryByteCount: ProcessInfo.processInfo.physicalMemory,
    system: system)

  var text: String {
    "\(cpu), \(coreCount) \(coreCount == 1 ? "core" : "cores"), kernels for \(kernels), "
      + "\(fixed(Double(memoryByteCount) / 0x1p30, 1)) GiB, \(system)"
  }

  /// Linux on ARM names no model.
  private static var cpuModel: String? {
    value(of: "model name", in: "/proc/cpuinfo", separator: ":")
  }

  private static var system: String {
    let name = value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=")
    var kernel = utsname()
    guard uname(&kernel) == 0 else {
      return name ?? ProcessInfo.processInfo.operatingSystemVersionString
    }
    let parts = [text(kernel.sysname), text(kernel.release), text(kernel.machine)]
    return (name.map { $0 + ", " } ?? "") + parts.joined(separator: " ")
  }

  private static var architecture: String {
    var kernel = utsname()
    return uname(&kernel) == 0 ? text(kernel.machine) : "unknown"
  }

  /// The value of the first line that starts with this key; nil where there is none.
  private static func value(of key: String, in path: String, separator: Character) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      guard let index = line.firstIndex(of: separator) else { continue }
      let value = String(line[line.index(after: index)...].filter { $0 != "\"" }).trimmed
      if !value.isEmpty { return value }
    }
    return nil
  }

  /// A C string that is stored as a tuple.
  private static func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
