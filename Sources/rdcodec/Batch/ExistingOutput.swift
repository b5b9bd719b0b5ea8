import ArgumentParser
import CommandSupport
import RDCodec

/// What a batch does about an output, by what is there already.
enum OutputDecision: Sendable {
  /// Convert; `replacing` says why a file that is there has to go.
  case convert(replacing: String?)
  /// Made from this input by these options, and intact; to be noted where the journal does not say
  /// so.
  case done(isNoted: Bool)
  /// Convert, and look whether the result is this file or what this file was going to be.
  case compare([UInt8])
  case refuse(String)
}

/// Decides what is done, from the journal and from the output itself.
struct ExistingOutput {
  let checker: any OutputChecker
  let program: String
  let jobs: Int

  /// Whether a file is a picture of a kind that no output is: somebody's own.
  private func isForeign(_ output: [UInt8]) -> Bool {
    let start = Array(output.prefix(64))
    guard let kind = FileKind(start), kind.isPicture else { return false }
    return !(checker is ImageChecker && ImageFormat(start: start) != nil)
  }

  /// - Parameters:
  ///   - output: the bytes of the file that is there.
  ///   - entries: what the journal says of that name, oldest first.
  ///   - inputPath: from the root.
  ///   - inputChange: when the input got its contents; nil where that is not known.
  func decision(
    output: [UInt8], entries: [Journal.Entry], input: ByteSource, inputPath: String,
    inputDigest: String, inputChange: FileTime?
  ) async -> OutputDecision {
    let digest = SHA256.digest(of: output)
    // Contents that are older than the output are no change: another card was mounted in the same
    // place.
    func hasChanged(_ entry: Journal.Entry) -> Bool {
      isOfThisPath(entry) && inputChange.map { $0 > entry.inputTime } ?? false
    }
    func isOfThisPath(_ entry: Journal.Entry) -> Bool {
      entry.input.utf8.elementsEqual(inputPath.utf8)
    }
    // Of several, the one that tells of these bytes counts: two runs may have written at once.
    if let entry = entries.last(where: { $0.outputDigest == digest }) {
      if entry.inputDigest == inputDigest {
        guard entry.settings == checker.settings else {
          return .refuse("exists already and was made with other options")
        }
        if entry.program == program { return .done(isNoted: true) }
        // Another version's file is done if this version reads it.
        return await checker.state(of: output, jobs: jobs) == .intact
          ? .done(isNoted: false)
          : .convert(replacing: "it was made by another version, which this one cannot read")
      }
      if hasChanged(entry) { return .convert(replacing: "the input has changed") }
      let other = isOfThisPath(entry) ? "another file in the same place" : entry.input
      return .refuse("exists already and was made from \(other)")
    }
    let isOurs = entries.contains { $0.inputDigest == inputDigest || hasChanged($0) }
    switch await checker.state(of: output, jobs: jobs) {
    case .truncated where isOurs || entries.isEmpty:
      return .convert(replacing: "it was incomplete")
    case .damaged where isOurs && !isForeign(output):
      return .convert(replacing: "it was damaged")
    case .truncated, .damaged:
      // Of an image, which says little about itself, the beginning may be there.
      return checker is ImageChecker && entries.isEmpty
        ? .compare(output) : .refuse("exists already, damaged or of another kind")
    case .intact:
      switch await checker.isMade(output, from: input, jobs: jobs) {
      case true?: return .done(isNoted: false)
      case false?:
        return .refuse(
          isOurs
            ? "exists already and was changed since it was made"
            : "exists already and was not made from this input")
      case nil: return .compare(output)
      }
    }
  }
}
