import Foundation

/// Image sets that are not part of the package: PngSuite, Kodak and others, one folder each.
///
/// They are looked for in the folder that the environment variable RDCODEC_DATA names, by default
/// `../shared/data` beside the package. Tests that need them are skipped where they are absent:
/// `.enabled(if: SharedData.has("pngsuite"), "\(SharedData.missing)")`.
package enum SharedData {
  /// Shown for a test that is skipped.
  package static let missing = "RDCODEC_DATA names no folder with these images"

  /// Whether there is a folder of this name.
  package static func has(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(folder).path)
  }

  /// The names of the PNG files in a folder, in order; none where the folder is absent.
  package static func pngNames(in folder: String) -> [String] {
    let path = root.appendingPathComponent(folder).path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".png") }.sorted()
  }

  package static func bytes(_ folder: String, _ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appendingPathComponent(folder).appendingPathComponent(name)))
  }

  private static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["RDCODEC_DATA"] {
      return URL(fileURLWithPath: path)
    }
    // This file is Tests/TestSupport/SharedData.swift of the package.
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()
}
