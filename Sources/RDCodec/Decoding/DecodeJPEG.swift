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
    guard stream.header.keepsJPEG else { throw .noJPEG }
    let plan = try DecodePlan(checked: stream, options, holdsImage: true)
    let phases = ProgressPhases(progress, weights: [1], stepCounts: [plan.unitCount])
    let units = try await mapTiles(Array(0..<plan.unitCount), jobs: options.jobs) {
      index throws(CodecError) in
      defer { phases.step(0) }
      return try plan.unit(index, nil)
    }
    return try plan.jpegFile(from: units)
  }
}

extension Header {
  fileprivate var keepsJPEG: Bool {
    if case .coefficients(let source)? = source { source.keepsFile } else { false }
  }
}
