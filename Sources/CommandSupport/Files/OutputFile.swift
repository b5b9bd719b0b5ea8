import ArgumentParser

/// A file to be written whole or not at all.
///
/// Here its name is settled; ``OutputWriter`` takes its bytes.
package struct OutputFile: Sendable {
  private enum Kind {
    case standardOutput
    /// Exists and is no regular file.
    case special
    case regular(replacing: Bool)
  }

  /// As on the command line.
  private let name: String
  /// With links followed.
  private let path: String
  private let kind: Kind
  private let createsFolder: Bool

  /// Checks, before any work is done, that the file can be created.
  ///
  /// Throws where it exists and `force` is not given, where it is the input itself, where its
  /// folder is missing and not to be created, and where "-" is a terminal that binary data would
  /// upset.
  package init(
    _ name: String, input: String? = nil, force: Bool, isText: Bool = false,
    createsFolder: Bool = false
  ) throws(Failure) {
    guard !name.isEmpty else { throw .emptyName }
    self.name = name
    self.createsFolder = createsFolder
    if name.isStandardStream {
      guard isText || !StandardStreams.isOutputTerminal else {
        throw Failure(
          "standard output", "is a terminal, and the output is binary",
          advice: "redirect it, or name a file", exitCode: .usage)
      }
      path = name
      kind = .standardOutput
      return
    }
    // A link stays a link: its target is replaced.
    path = resolvedPath(name) ?? name
    let folder = path.parentFolder
    if let status = fileStatus(name) {
      kind = try Self.kind(ofExisting: name, status, input: input, force: force)
    } else {
      kind = .regular(replacing: force)
      guard createsFolder || InputFile.isDirectory(folder) else {
        throw Failure(
          name, "its folder does not exist", advice: "create \(folder) first",
          exitCode: .cannotCreate)
      }
    }
    guard case .regular = kind, InputFile.isDirectory(folder) else { return }
    guard access(folder.systemPath, W_OK | X_OK) == 0 else {
      throw Failure(
        name, errno: errno, advice: "check the permissions of \(folder)", exitCode: .cannotCreate)
    }
  }

  /// Begins to write; a regular file gets these attributes.
  ///
  /// `digests`: whether it is asked for the digest later, `other`: what its bytes are compared
  /// with.
  package func writer(
    _ attributes: FileAttributes? = nil, digests: Bool = false, comparingWith other: [UInt8]? = nil
  ) -> OutputWriter {
    let target: OutputWriter.Target =
      switch kind {
      case .standardOutput: .standardOutput
      case .special: .special
      case .regular(let replacing):
        .regular(attributes, replacing: replacing, createsFolder: createsFolder)
      }
    return OutputWriter(name, path: path, target, digests: digests, comparingWith: other)
  }

  /// Writes the whole file.
  package func write(_ bytes: [UInt8]) throws(Failure) {
    let writer = writer()
    try writer.write(bytes)
    try writer.finish()
  }

  private static func kind(
    ofExisting name: String, _ status: stat, input: String?, force: Bool
  ) throws(Failure) -> Kind {
    switch FileType(status) {
    case .file: break
    case .folder:
      throw Failure(
        name, "is a folder", advice: "name a file, or use --out-dir", exitCode: .cannotCreate)
    case .other: return .special
    }
    if let inputStatus = input.flatMap(fileStatus),
      FileIdentity(inputStatus) == FileIdentity(status)
    {
      throw Failure(
        name, "is the input as well", advice: "name another output", exitCode: .usage)
    }
    guard force else {
      throw Failure(
        name, "exists already", advice: "use --force to replace it", exitCode: .cannotCreate)
    }
    return .regular(replacing: true)
  }

  private var folder: String { path.parentFolder }
}
