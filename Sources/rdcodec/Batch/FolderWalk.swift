import ArgumentParser
import CommandSupport

/// Finds what folders hold: a file at a time, in an order that the names alone decide.
///
/// Every folder is entered once, by whatever path it is reached, so that links cannot make a
/// circle. Those that links lead to come last: the tree itself decides where a file belongs.
struct FolderWalk {
  struct Find {
    var path: String
    /// Where the file lies below the folder that was named: "" or "a/b".
    var place: String
    var verdict: InputKind.Verdict
  }

  private struct Subfolder {
    var path: String
    var place: String
  }

  let kind: InputKind
  let isRecursive: Bool
  /// The outputs' folder, which is no input unless it is named.
  let outputFolder: FileIdentity?
  private var entered: Set<FileIdentity> = []

  init(kind: InputKind, isRecursive: Bool, outputFolder: FileIdentity?) {
    self.kind = kind
    self.isRecursive = isRecursive
    self.outputFolder = outputFolder
  }

  /// Lists a folder that was named.
  mutating func finds(in folder: String) -> [Find] {
    guard let status = fileStatus(folder), entered.insert(FileIdentity(status)).inserted else {
      return [Find(path: folder, place: "", verdict: .skipped(.knownFolder))]
    }
    var finds: [Find] = []
    var links: [Subfolder] = []
    list(Subfolder(path: folder, place: ""), &finds, &links)
    var next = 0
    while next < links.count {
      let link = links[next]
      next += 1
      if enter(link, &finds) { list(link, &finds, &links) }
    }
    return finds
  }

  /// Adds what a folder and the folders in it hold; links to folders are left for later.
  private mutating func list(
    _ first: Subfolder, _ finds: inout [Find], _ links: inout [Subfolder]
  ) {
    var pending = [first]
    while let folder = pending.popLast() {
      let names: [String]
      do { names = try Folder.names(in: folder.path) } catch {
        finds.append(Find(path: folder.path, place: folder.place, verdict: .failed(error)))
        continue
      }
      var subfolders: [Subfolder] = []
      // The journal is the program's own, and nobody's input.
      for name in names where name != Journal.fileName {
        let path = folder.path.appending(name: name)
        let subfolder = Subfolder(path: path, place: folder.place.appending(name: name))
        switch add(path, name: name, place: folder.place, &finds) {
        case .linkedFolder: links.append(subfolder)
        case .folder: if enter(subfolder, &finds) { subfolders.append(subfolder) }
        case .other: break
        }
      }
      pending += subfolders.reversed()
    }
  }

  private enum EntryKind {
    case folder, linkedFolder, other
  }

  /// Adds an entry of a folder, unless it is a folder that may be entered.
  private func add(
    _ path: String, name: String, place: String, _ finds: inout [Find]
  ) -> EntryKind {
    func found(_ verdict: InputKind.Verdict) -> EntryKind {
      finds.append(Find(path: path, place: place, verdict: verdict))
      return .other
    }
    if name.isHiddenName { return found(.skipped(.hidden)) }
    guard let status = fileStatus(path) else {
      let code = errno
      let isMeant = kind.replacedExtensions.contains(path.fileExtension)
      if !isMeant, code == ENOENT || code == ELOOP { return found(.skipped(.brokenLink)) }
      return found(
        .failed(Failure(path, errno: code, advice: "check the path", exitCode: .noInput)))
    }
    switch FileType(status) {
    case .other: return found(.skipped(.special))
    case .file:
      return found(kind.verdict(on: path))
    case .folder:
      guard isRecursive else { return found(.skipped(.folder)) }
      var own = stat()
      let isLink = lstat(path.systemPath, &own) == 0 && own.st_mode & S_IFMT == S_IFLNK
      return isLink ? .linkedFolder : .folder
    }
  }

  /// Whether a folder is to be listed; notes why not.
  private mutating func enter(_ folder: Subfolder, _ finds: inout [Find]) -> Bool {
    func skip(_ reason: SkipReason) {
      finds.append(Find(path: folder.path, place: folder.place, verdict: .skipped(reason)))
    }
    guard let status = fileStatus(folder.path) else {
      let failure = Failure(
        folder.path, errno: errno, advice: "check the path", exitCode: .noInput)
      finds.append(Find(path: folder.path, place: folder.place, verdict: .failed(failure)))
      return false
    }
    let identity = FileIdentity(status)
    if identity == outputFolder {
      skip(.outputFolder)
      return false
    }
    guard entered.insert(identity).inserted else {
      skip(.knownFolder)
      return false
    }
    return true
  }
}
