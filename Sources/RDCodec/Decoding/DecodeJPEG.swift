internal import DecoderCore

/// The JPEG file that a bitstream was made of, byte for byte.
///
/// Throws ``CodecError/noJPEG`` where it was made of something else.
public func decodeJPEG(
  _ source: ByteSource, _ options: DecoderOptions = DecoderOptions(),
  progress: ProgressHandler? = nil
) async throws(CodecError) -> [UInt8] {
  try await onFloatExecutor { () async throws(CodecError) in
    let stream = try Bitstream(source, limits: options.limits)
    guard stream.header.keptJPEG != nil else { throw .noJPEG }
    let plan = try DecodePlan(checked: stream, options, holdsImage: true)
    let phases = ProgressPhases(progress, weights: [1], stepCounts: [plan.unitCount])
    return try plan.jpegFile(
      from: try await plan.units(jobs: options.jobs) { phases.step(0) })
  }
}

extension DecodePlan {
  /// All units of a source that needs no latents.
  func units(jobs: Int, step: @escaping @Sendable () -> Void = {}) async throws(CodecError)
    -> [Unit]
  {
    try await mapTiles(Array(0..<unitCount), jobs: jobs) { index throws(CodecError) in
      defer { step() }
      return try unit(index, nil)
    }
  }
}
