import CommandSupport

/// The most memory that this process has held at once.
enum PeakMemory {
  /// Starts a new peak at the present size. Only Linux can; elsewhere the peak stays that of the
  /// whole run.
  static func reset() {
    let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = writeAll([UInt8(ascii: "5")], to: descriptor)
    close(descriptor)
  }

  /// The peak of the resident set, in bytes.
  static var byteCount: Int {
    #if os(Linux)
      // getrusage would not notice the reset.
      let status = (try? InputFile.read("/proc/self/status")) ?? []
      let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix("VmHWM:") }
      let kibibytes = line?.split { " \t".contains($0) }.dropFirst().first.flatMap { Int($0) }
      return (kibibytes ?? 0) << 10
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}
