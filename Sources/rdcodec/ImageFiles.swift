import ArgumentParser
import RDCodec

/// The image files that the program reads and writes.
enum ImageFiles {
  /// Extensions of the files that are taken out of a folder.
  static let inputExtensions: Set<String> = ["png", "pnm", "pbm", "pgm", "ppm", "pam"]

  /// Extensions of pictures that are not read: in a folder, each is a failure and no side issue.
  static let foreignExtensions: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "jxl", "jp2", "j2k", "jpx", "webp", "avif", "heic", "heif",
    "hif", "gif", "tif", "tiff", "bmp", "dib", "tga", "qoi", "pcx", "psd", "psb", "xcf", "kra",
    "ico", "svg", "exr", "pfm", "flif", "bpg", "dds", "apng", "mng", "jng", "xbm", "xpm", "fits",
    "dcm", "dng", "arw", "cr2", "cr3", "crw", "nef", "nrw", "orf", "pef", "raf", "rw2", "srw",
    "x3f",
  ]

  /// The format of an output by its extension; PNG for standard output.
  static func format(ofOutput path: String) throws(Failure) -> ImageFormat {
    if path.isStandardStream { return .png }
    guard let format = ImageFormat(fileExtension: path.fileExtension) else {
      throw Failure(
        path, "the extension names no image format", advice: "use .png, .ppm, .pgm or .pam",
        exitCode: .usage)
    }
    return format
  }
}
