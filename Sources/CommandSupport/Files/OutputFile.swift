import ArgumentParser
import Foundation

/// A file to be written whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which is synced and then renamed. Standard
/// output, devices and pipes are written directly.
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

  /// Checks, before any work is done, that the file can be created.
  ///
  /// Throws where it exists and `force` is not given, where it is the input itself, where its
  /// folder is missing, and where "-" is a terminal that binary data would upset.
  package init(_ name: String, input: String? = nil, force: Bool, isText: Bool = false)
    throws(Failure)
  {
    self.name = name
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
    if let status = fileStatus(name) {
      kind = try Self.kind(ofExisting: name, status, input: input, force: force)
    } else {
      kind = .regular(replacing: force)
      guard InputFile.isDirectory(folder) else {
        throw Failure(
          name, "its folder does not exist", advice: "create \(folder) first",
          exitCode: .cannotCreate)
      }
    }
  }

  /// Writes the whole file; a regular one gets these attributes.
  package func write(_ bytes: [UInt8], _ attributes: FileAttributes? = nil) throws(Failure) {
    switch kind {
    case .standardOutput: try StandardStreams.write(bytes)
    case .special: try writeDirectly(bytes)
    case .regular(let replacing):
      try writeAtomically(bytes, attributes, replacing: replacing)
    }
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

  private func writeDirectly(_ bytes: [UInt8]) throws(Failure) {
    let descriptor = open(path.systemPath, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure(name, errno: errno, advice: "check its permissions", exitCode: .cannotCreate)
    }
    let code = writeAll(bytes, to: descriptor)
    close(descriptor)
    try check(code)
  }

  private func writeAtomically(
    _ bytes: [UInt8], _ attributes: FileAttributes?, replacing: Bool
  ) throws(Failure) {
    guard let temporary = TemporaryFiles.create(in: folder, mode: attributes?.mode) else {
      throw Failure(
        name, errno: errno, advice: "check the permissions of \(folder)", exitCode: .cannotCreate)
    }
    var code = writeAll(bytes, to: temporary.descriptor)
    attributes?.setTimes(of: temporary.descriptor)
    if code == 0, fsync(temporary.descriptor) != 0 { code = errno }
    if close(temporary.descriptor) != 0, code == 0 { code = errno }
    if code == 0 {
      code = TemporaryFiles.publish(temporary.path, as: path, replacing: replacing)
    }
    if code != 0 { TemporaryFiles.remove(temporary.path) }
    try check(code)
  }

  private func check(_ code: CInt) throws(Failure) {
    switch code {
    case 0: return
    case EEXIST:
      throw Failure(
        name, "exists already", advice: "use --force to replace it", exitCode: .cannotCreate)
    case ENOSPC, EDQUOT:
      throw Failure(name, errno: code, advice: "free some space", exitCode: .ioError)
    default:
      throw Failure(name, errno: code, advice: "check the disk", exitCode: .ioError)
    }
  }
}
