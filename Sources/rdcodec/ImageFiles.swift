import ArgumentParser
import Foundation
import RDCodec

/// The image files that the program reads and writes.
enum ImageFiles {
  /// Extensions of the files that are taken out of a folder.
  static let inputExtensions: Set<String> = ["png", "pnm", "pbm", "pgm", "ppm", "pam"]

  /// The format of an output by its extension, or as wanted where that does not name another one; PNG
  /// for standard output.
  static func format(ofOutput path: String, wanted: ImageFormat?) throws(Failure) -> ImageFormat {
    if path.isStandardStream { return wanted ?? .png }
    if let wanted {
      let named = ImageFormat(fileExtension: (path as NSString).pathExtension)
      let isPNM = named == .pnm && [.pbm, .pgm, .ppm].contains(wanted)
      guard named == nil || named == wanted || isPNM else {
        throw Failure(
          path, "is no name for a \(wanted.rawValue.uppercased()) file",
          advice: "name it .\(wanted.rawValue), or leave out --format", exitCode: .usage)
      }
      return wanted
    }
    guard let format = ImageFormat(fileExtension: (path as NSString).pathExtension) else {
      throw Failure(
        path, "the extension names no image format", advice: "use .png, .ppm, .pgm, .pbm or .pam",
        exitCode: .usage)
    }
    return format
  }

  /// Throws where files of this format cannot show the picture.
  static func check(_ image: Image, fits format: ImageFormat, output: String) throws(Failure) {
    guard let misfit = format.misfit(of: image) else { return }
    let names = misfit.alternatives.map { ".\($0.rawValue)" }.joined(separator: " or ")
    throw Failure(
      output.isStandardStream ? "standard output" : output, misfit.problem,
      advice: "use \(names)", exitCode: .usage)
  }
}
