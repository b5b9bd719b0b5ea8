import ArgumentParser
import CommandSupport

/// Names of inputs that stand in a file or come through a pipe.
enum FileList {
  /// Reads the list; "-" is standard input.
  static func read(_ path: String, isNullSeparated: Bool) throws(Failure) -> [String] {
    let names = names(in: try InputFile.read(path), isNullSeparated: isNullSeparated)
    guard !names.isEmpty else {
      throw Failure(
        InputFile.displayName(path), "the list names no file", advice: "write one name a line",
        exitCode: .noInput)
    }
    return names
  }

  /// One name a line, or between zero bytes where there are any; empty ones are left out.
  ///
  /// A line may end as Windows has it, and the first one may begin with a mark that says UTF-8.
  /// "-" is a file here.
  static func names(in bytes: [UInt8], isNullSeparated: Bool) -> [String] {
    let hasNulls = isNullSeparated || bytes.contains(0)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let names = !hasNulls && bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    return names.split(separator: hasNulls ? 0 : UInt8(ascii: "\n")).compactMap { part in
      let hasReturn = !hasNulls && part.last == UInt8(ascii: "\r")
      let name = String(path: hasReturn ? part.dropLast() : part)
      return name.isEmpty ? nil : name.isStandardStream ? "./-" : name
    }
  }
}
