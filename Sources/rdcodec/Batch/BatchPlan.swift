import ArgumentParser
import CommandSupport

/// One input and the output made from it.
struct Conversion: Sendable {
  var input: String
  var output: String
  /// The output's path below the folder of a batch.
  var outputName = ""
  /// The output's name is not the one that the input alone would give.
  var isRenamed = false
}

/// All that a command line names and folders hold, in order, and what is to be done with it.
struct BatchPlan: Sendable {
  enum Item: Sendable {
    case conversion(Conversion)
    case skipped(String, SkipReason)
    case failed(String, Failure)
  }

  private(set) var items: [Item] = []

  var conversions: [Conversion] {
    items.compactMap { if case .conversion(let conversion) = $0 { conversion } else { nil } }
  }

  /// A single file.
  init(_ conversion: Conversion) { items = [.conversion(conversion)] }

  /// A batch: `inputs` are files and folders.
  init(
    _ inputs: [String], into outputFolder: String, _ conversion: ConversionKind, isRecursive: Bool
  ) {
    let kind = conversion.input
    var walk = FolderWalk(
      kind: kind, isRecursive: isRecursive,
      outputFolder: fileStatus(outputFolder).map(FileIdentity.init))
    var sources: [OutputNames.Source] = []
    /// The positions of `sources` among the items.
    var places: [Int] = []
    var known = KnownInputs()
    let names = OutputNames(kind: kind, outputExtension: conversion.outputExtension)

    func add(_ path: String, place: String) {
      let source = OutputNames.Source(
        path: path, place: place, parents: known.parents(of: path),
        outputExtension: conversion.ownExtension(path))
      guard known.insert(source, plainName: names.plainName(source)) else {
        items.append(.skipped(path, .repeated))
        return
      }
      places.append(items.count)
      sources.append(source)
      items.append(.conversion(Conversion(input: path, output: "")))
    }
    for input in inputs {
      guard InputFile.isDirectory(input) else {
        add(input, place: "")
        continue
      }
      let finds = walk.finds(in: input)
      for find in finds {
        switch find.verdict {
        case .taken: add(find.path, place: find.place)
        case .skipped(let reason): items.append(.skipped(find.path, reason))
        case .failed(let failure): items.append(.failed(find.path, failure))
        }
      }
      if let failure = Self.emptiness(of: input, finds, kind, isRecursive: isRecursive) {
        items.append(.failed(input, failure))
      }
    }
    for (index, name) in zip(sources.indices, names.names(for: sources)) {
      let (path, plain) = (sources[index].path, names.plainName(sources[index]))
      let output = outputFolder.appending(name: name ?? plain)
      items[places[index]] =
        if let name {
          .conversion(
            Conversion(
              input: path, output: output, outputName: name,
              isRenamed: name.pathBytes != plain.pathBytes))
        } else {
          .failed(
            path,
            Failure(
              path, "would become \(output), as another input would",
              advice: "convert it separately", exitCode: .cannotCreate))
        }
    }
  }

  /// A folder of which nothing is taken, and nothing failed, is not what the user meant.
  private static func emptiness(
    of folder: String, _ finds: [FolderWalk.Find], _ kind: InputKind, isRecursive: Bool
  ) -> Failure? {
    let isIdle = finds.allSatisfy {
      if case .skipped(let reason) = $0.verdict { reason != .knownFolder } else { false }
    }
    guard isIdle else { return nil }
    let hasFolders = finds.contains {
      if case .skipped(.folder) = $0.verdict { true } else { false }
    }
    return Failure(
      folder, "the folder holds \(kind == .images ? "no picture" : "no .rdc file")",
      advice: hasFolders ? "its folders are entered with --recursive" : "check the path",
      exitCode: .noInput)
  }
}

/// The inputs that a batch has already.
private struct KnownInputs {
  private var paths: Set<[UInt8]> = []
  /// Files by what they are, with the name that they would get: a link to a file that would become
  /// the same.
  private var outputs: [[UInt8]: Set<FileIdentity>] = [:]
  private var resolvedFolders: [[UInt8]: String] = [:]

  /// Returns false for a file that is there already: by the same path, however it is written, or
  /// under another path with the same output.
  mutating func insert(_ source: OutputNames.Source, plainName: String) -> Bool {
    let path = "/" + (source.parents + [source.path.lastComponent]).joined(separator: "/")
    guard paths.insert(path.pathBytes).inserted else { return false }
    guard let status = fileStatus(source.path) else { return true }
    return outputs[plainName.pathBytes, default: []].insert(FileIdentity(status)).inserted
  }

  /// Names of the folders that a file lies in, from the root.
  mutating func parents(of path: String) -> [String] {
    let folder = path.parentFolder
    let resolved = resolvedFolders[folder.pathBytes] ?? resolvedPath(folder) ?? folder
    resolvedFolders[folder.pathBytes] = resolved
    return resolved.utf8.split(separator: UInt8(ascii: "/")).map { String($0) ?? "" }
  }
}
