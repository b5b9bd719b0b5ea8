import ArgumentParser
import CommandSupport
import RDCodec

/// A file of a batch: only what is not done yet is converted.
extension Converter {
  func convert(
    _ conversion: Conversion, in batch: Batch, jobs: Int, _ progress: ProgressHandler?
  ) async throws -> Outcome {
    let start = ContinuousClock.now
    try Self.checkDistinct(conversion)
    let time = FileTime.now
    let (input, attributes) = try InputFile.file(conversion.input)
    var entry = Journal.Entry(
      conversion, inputDigest: try SHA256.digest(of: input), at: time,
      settings: batch.checker.settings)
    let existing = force ? nil : try Self.existing(conversion.output)
    var replaced: String?
    if let existing {
      let decision = await ExistingOutput(
        checker: batch.checker, program: entry.program, jobs: jobs
      ).decision(
        output: existing, entries: batch.journal.entries(of: conversion.outputName),
        input: input, inputPath: entry.input, inputDigest: entry.inputDigest,
        inputChange: attributes?.changed)
      switch decision {
      case .done(let isNoted):
        if !isNoted { try batch.journal.append(entry.describing(existing)) }
        return Outcome(done: conversion)
      case .refuse(let problem): throw Self.refusal(conversion, problem)
      case .convert(let reason): replaced = reason
      case .compare: break
      }
    }
    // Nothing may tell what an output is, except that the same comes out again.
    let compared = replaced == nil ? existing : nil
    let writer = try OutputFile(
      conversion.output, input: conversion.input, force: force || existing != nil,
      createsFolder: true
    ).writer(attributes, digests: true, comparingWith: compared)
    let converted = try await make(input, writer, conversion, jobs: jobs, progress)
    entry.describe(writer, converted.output)
    if let compared {
      guard writer.beginsAsCompared else {
        writer.discard()
        throw Self.refusal(conversion, "exists already and is not what this input gives")
      }
      if writer.byteCount == compared.count {
        writer.discard()
        try batch.journal.append(entry)
        return Outcome(done: conversion)
      }
      replaced = "it was incomplete"
    }
    do {
      try writer.finish()
    } catch {
      // Another run may have finished the same file meanwhile.
      guard let other = try Self.existing(conversion.output), other.count == writer.byteCount,
        SHA256.digest(of: other) == entry.outputDigest
      else { throw error }
      return Outcome(done: conversion)
    }
    try batch.journal.append(entry)
    return Outcome(conversion, input, writer, converted, since: start, replacing: replaced)
  }

  private static func refusal(_ conversion: Conversion, _ problem: String) -> Failure {
    Failure(
      conversion.input, "\(conversion.output) \(problem)",
      advice: "use --force to replace it, or another --out-dir", exitCode: .cannotCreate)
  }

  private static func checkDistinct(_ conversion: Conversion) throws(Failure) {
    guard let input = fileStatus(conversion.input), let output = fileStatus(conversion.output),
      FileIdentity(input) == FileIdentity(output)
    else { return }
    throw Failure(
      conversion.output, "is the input as well", advice: "name another --out-dir",
      exitCode: .usage)
  }

  /// The bytes of the output that is there; nil where there is none, or no regular file.
  private static func existing(_ output: String) throws(Failure) -> [UInt8]? {
    guard let status = fileStatus(output), FileType(status) == .file else { return nil }
    return try InputFile.read(output)
  }
}

extension Converter.Outcome {
  init(done conversion: Conversion) {
    record = ConversionRecord(
      input: conversion.input, output: conversion.output, status: .done)
  }
}

extension Journal.Entry {
  /// What is known before the conversion.
  init(_ conversion: Conversion, inputDigest: String, at time: FileTime, settings: String) {
    let folder = conversion.input.parentFolder
    self.init(
      output: conversion.outputName, outputByteCount: 0, outputDigest: "",
      input: (resolvedPath(folder) ?? folder).appending(name: conversion.input.lastComponent),
      inputDigest: inputDigest, inputTime: time, settings: settings,
      program: ProgramIdentity.text)
  }

  /// Adds what is known of an output that has been written; of which the second is told where it is
  /// a bitstream.
  mutating func describe(_ output: OutputWriter, _ info: BitstreamInfo?) {
    outputByteCount = output.byteCount
    outputDigest = output.digest ?? ""
    describe(info)
  }

  private mutating func describe(_ info: BitstreamInfo?) {
    guard let info else { return }
    formatVersion = info.formatVersion
    model = info.modelIdentifier.isEmpty ? nil : info.modelIdentifier
  }

  /// The same with what is known of an output that was there.
  func describing(_ output: [UInt8]) -> Self {
    var entry = self
    entry.outputByteCount = output.count
    entry.outputDigest = SHA256.digest(of: output)
    entry.describe(try? inspect(output))
    return entry
  }
}

/// What wrote a file: two programs of the same identity read each other's files.
enum ProgramIdentity {
  static let text =
    ([RDCodecCommand.configuration.version, "format \(BuiltIn.formatVersion)"]
    + Tuning.allCases.map { BuiltIn.modelIdentifier(of: $0) }).joined(separator: " ")
}
