import ArgumentParser
package import RDCodec

/// The image files that the program reads and writes.
package enum ImageFiles {
  /// Extensions of the files that are taken out of a folder.
  package static let inputExtensions = Set(ImageFormat.allCases.flatMap(\.fileExtensions))

  /// "PNG, PNM or PAM".
  package static let familyNames = list(ImageFormat.allCases.map(\.familyName).distinct, "or")

  /// The extensions of outputs: "png, ppm, pgm, pbm, pnm or pam".
  package static let outputExtensions = list(ImageFormat.written.map(\.fileExtension), "or")

  /// Extensions of pictures that are not read: in a folder, each is a failure and no side issue.
  package static let foreignExtensions: Set<String> = [
    "jxl", "jp2", "j2k", "jpx", "webp", "avif", "heic", "heif",
    "hif", "gif", "tif", "tiff", "bmp", "dib", "tga", "qoi", "pcx", "psd", "psb", "xcf", "kra",
    "ico", "svg", "exr", "pfm", "flif", "bpg", "dds", "apng", "mng", "jng", "xbm", "xpm", "fits",
    "dcm", "dng", "arw", "cr2", "cr3", "crw", "nef", "nrw", "orf", "pef", "raf", "rw2", "srw",
    "x3f",
  ]

  /// The format of an output where nothing else is said.
  package static let defaultFormat = ImageFormat.allCases[0]

  /// The format of an output by its extension, or as wanted where that does not name another one.
  package static func format(ofOutput path: String, wanted: ImageFormat?) throws(Failure)
    -> ImageFormat
  {
    if path.isStandardStream { return wanted ?? defaultFormat }
    if let wanted {
      let named = ImageFormat(fileExtension: path.fileExtension)
      guard named == nil || wanted.fileExtensions.contains(path.fileExtension) else {
        throw Failure(
          path, "is no name for a \(wanted.name) file",
          advice: "name it .\(wanted.fileExtension), or leave out --format", exitCode: .usage)
      }
      return wanted
    }
    guard let format = ImageFormat(fileExtension: path.fileExtension) else {
      throw Failure(
        path, "the extension names no image format",
        advice: "use \(list(ImageFormat.written.map { ".\($0.fileExtension)" }, "or"))",
        exitCode: .usage)
    }
    return format
  }

  /// Files of the output's format cannot show the picture.
  package static func failure(_ misfit: ImageFormat.Misfit, output: String) -> Failure {
    let names = misfit.alternatives.map { ".\($0.fileExtension)" }.joined(separator: " or ")
    return Failure(
      output.isStandardStream ? "standard output" : output, misfit.problem,
      advice: "use \(names)", exitCode: .usage)
  }

  /// "a, b and c".
  package static func list(_ names: [String], _ conjunction: String) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
