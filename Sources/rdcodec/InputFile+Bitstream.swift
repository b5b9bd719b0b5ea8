import CommandSupport

extension InputFile {
  /// Reads an .rdc file for a command that takes files only, and no folders.
  static func readBitstream(_ path: String) throws(Failure) -> [UInt8] {
    if !path.isStandardStream, isDirectory(path) {
      let folder = path.hasSuffix("/") ? path : path + "/"
      throw Failure(
        path, "is a folder", advice: "name the files in it, such as \(folder)*.rdc",
        exitCode: .noInput)
    }
    return try read(path)
  }
}
