import CommandSupport
import RDCodec

extension InputFile {
  /// An .rdc file for a command that takes files only, and no folders.
  static func bitstream(_ path: String) throws(Failure) -> ByteSource {
    if !path.isStandardStream, isDirectory(path) {
      let folder = path.hasSuffix("/") ? path : path + "/"
      throw Failure(
        path, "is a folder", advice: "name the files in it, such as \(folder)*.rdc",
        exitCode: .noInput)
    }
    return try file(path).0
  }
}
