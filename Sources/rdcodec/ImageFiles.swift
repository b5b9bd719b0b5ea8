import ArgumentParser
import Foundation
import RDCodec

/// The image files that the program reads and writes.
enum ImageFiles {
  /// Extensions of the files that are taken out of a folder.
  static let inputExtensions: Set<String> = ["png", "pnm", "pbm", "pgm", "ppm", "pam"]

  /// The format of an output by its extension; PNG for standard output.
  static func format(ofOutput path: String) throws(Failure) -> ImageFormat {
    if path.isStandardStream { return .png }
    guard let format = ImageFormat(fileExtension: (path as NSString).pathExtension) else {
      throw Failure(
        path, "the extension names no image format", advice: "use .png, .ppm, .pgm or .pam",
        exitCode: .usage)
    }
    return format
  }
}
