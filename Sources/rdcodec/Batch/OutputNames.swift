import CommandSupport
import RDCodec

/// Gives every input of a batch an output of its own.
///
/// The names depend on the set of inputs alone, and on what kind of file each gives back: not on their
/// order, or on what a run before this one left.
struct OutputNames {
  struct Source {
    var path: String
    /// The folder below that of the outputs which the output belongs in: "" or "a/b".
    var place: String
    /// The names of the folders that the input lies in, from the root.
    var parents: [String]
    /// Of its output, where it is not that of most; without the dot.
    var outputExtension: String?
  }

  let kind: InputKind
  /// Without the dot.
  let outputExtension: String

  /// Each input's output below the outputs' folder; nil where no name tells it apart from the
  /// others.
  ///
  /// `photo.png` becomes `photo.rdc`. Where others would become the same, all of them keep their
  /// extension (`photo.png.rdc`), and those that differ in nothing else get the folders that do
  /// (`photo-2024.rdc`, or `photo-2024.png.rdc`).
  func names(for sources: [Source]) -> [String?] {
    var names = [String?](repeating: nil, count: sources.count)
    let groups = Dictionary(grouping: sources.indices) { plainName(sources[$0]).pathBytes }
    var taken: Set<[UInt8]> = Set(groups.keys)
    for (name, members) in groups where members.count == 1 {
      names[members[0]] = String(path: name)
    }
    let clashes = groups.filter { $1.count > 1 }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    for (plain, members) in clashes {
      let depth = members.map { sources[$0].parents.count }.max() ?? 0
      for parentCount in 0...depth {
        let candidates = self.candidates(members.map { sources[$0] }, parentCount: parentCount)
        let keys = Set(candidates.map(\.pathBytes))
        // The plain name belongs to this group: one of them may have it.
        guard keys.count == members.count,
          keys.allSatisfy({ $0 == plain || !taken.contains($0) })
        else { continue }
        for (member, name) in zip(members, candidates) { names[member] = name }
        taken.formUnion(keys)
        break
      }
    }
    return names
  }

  /// The output's name where no other input wants it.
  func plainName(_ source: Source) -> String {
    source.place.appending(
      name: outputName(for: source.path.lastComponent, source.outputExtension))
  }

  /// The input's name with the output's extension in place of its own, or behind it where that is
  /// none that such a file has: `scan.2024` is no file of the kind `2024`.
  func outputName(for name: String, _ ownExtension: String? = nil) -> String {
    let outputExtension = ownExtension ?? outputExtension
    guard kind.replacedExtensions.contains(name.fileExtension) else {
      return "\(name).\(outputExtension)"
    }
    let stem = name.withoutExtension
    // `one.png.rdc` came from one.png, and `two.jpeg.rdc` from two.jpeg.
    return Self.isSame(stem.fileExtension, outputExtension) ? stem : "\(stem).\(outputExtension)"
  }

  /// Whether files of both extensions are JPEG files, or both are the same.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    let names = ImageFormat.jpeg.fileExtensions
    return one == other || names.contains(one) && names.contains(other)
  }

  private func candidates(_ sources: [Source], parentCount: Int) -> [String] {
    let names = sources.map(\.path.lastComponent)
    let counts = Dictionary(names.map { ($0.pathBytes, 1) }, uniquingKeysWith: +)
    return zip(sources, names).map { source, name in
      let isAlone = counts[name.pathBytes] == 1
      let suffix = isAlone ? [] : source.parents.suffix(parentCount)
      let hasExtension = kind.replacedExtensions.contains(name.fileExtension)
      let stem = hasExtension ? name.withoutExtension : name
      let tag = ([stem] + suffix).joined(separator: "-")
      let keepsExtension = counts.count > 1 && hasExtension
      let kept = keepsExtension ? String(name.utf8.dropFirst(stem.utf8.count)) ?? "" : ""
      return source.place.appending(
        name: "\(tag)\(kept).\(source.outputExtension ?? outputExtension)")
    }
  }
}
