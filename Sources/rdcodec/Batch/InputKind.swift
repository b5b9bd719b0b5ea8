import ArgumentParser
import CommandSupport
import RDCodec

/// Which files of a folder a command takes.
enum InputKind: Sendable {
  /// What ``readImage(_:limits:)`` reads.
  case images
  case bitstreams

  /// What becomes of a file that was found in a folder.
  enum Verdict: Sendable {
    case taken
    case skipped(SkipReason)
    /// It looks like something that was meant, and cannot be read.
    case failed(Failure)
  }

  /// Judges a file by its name, and by its first bytes where the name does not tell.
  func verdict(on path: String) -> Verdict {
    let fileExtension = path.fileExtension
    if extensions.contains(fileExtension) { return .taken }
    guard let start = InputFile.start(of: path, byteCount: 512) else {
      return .failed(
        Failure(path, errno: errno, advice: "check its permissions", exitCode: .noInput))
    }
    let kind = FileKind(start)
    switch self {
    case .bitstreams: return kind == .rdc ? .taken : .skipped(.noBitstream)
    case .images:
      let format = ImageFormat(start: start)
      if let format, format.isLikely(start) { return .taken }
      if kind == .rdc { return .skipped(.noPicture) }
      if let kind, kind.isPicture, format == nil {
        return .failed(Self.foreign(path, "is \(kind.description), which rdcodec does not read"))
      }
      if ImageFiles.foreignExtensions.contains(fileExtension) {
        return .failed(Self.foreign(path, "is named as a picture, and rdcodec cannot read it"))
      }
      return .skipped(.noPicture)
    }
  }

  /// Extensions that a name loses when the output gets its own.
  var replacedExtensions: Set<String> {
    self == .images ? extensions.union(ImageFiles.foreignExtensions) : extensions
  }

  /// Extensions of the files that are taken without a look inside.
  private var extensions: Set<String> {
    self == .images ? ImageFiles.inputExtensions : ["rdc"]
  }

  private static func foreign(_ path: String, _ problem: String) -> Failure {
    Failure(
      path, problem, advice: "convert it to \(ImageFiles.defaultFormat.name)",
      exitCode: .dataError)
  }
}

/// Why a file of a folder, or a whole folder, is not converted.
enum SkipReason: Sendable, CaseIterable {
  case hidden, noPicture, noBitstream, brokenLink, special
  case folder, outputFolder, knownFolder
  case repeated

  /// What one of them is.
  var description: String {
    switch self {
    case .hidden: "hidden"
    case .noPicture: "not a picture"
    case .noBitstream: "not an .rdc file"
    case .brokenLink: "a broken link"
    case .special: "neither file nor folder"
    case .folder: "a folder; --recursive enters it"
    case .outputFolder: "the folder of the outputs"
    case .knownFolder: "a folder that was read already"
    case .repeated: "named before"
    }
  }

  /// So many of them: "1 broken link", "3 broken links".
  func counted(_ count: Int) -> String {
    let (one, many) =
      switch self {
      case .hidden: ("hidden", "hidden")
      case .noPicture: ("not a picture", "not pictures")
      case .noBitstream: ("not an .rdc file", "not .rdc files")
      case .brokenLink: ("broken link", "broken links")
      case .special: ("neither file nor folder", "neither files nor folders")
      case .folder: ("folder, without --recursive", "folders, without --recursive")
      case .outputFolder: ("folder of the outputs", "folders of the outputs")
      case .knownFolder: ("folder read already", "folders read already")
      case .repeated: ("named before", "named before")
      }
    return "\(count) \(count == 1 ? one : many)"
  }
}
