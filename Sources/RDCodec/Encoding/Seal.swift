internal import DecoderCore

/// A lossy file with the checksums of its samples, which follow from its latents by decoding them;
/// latents that do not come back as they were coded are found with it.
///
/// In place of trials' zeros, and of what the samples of a removed layer had.
func sealed(
  _ bytes: [UInt8], jobs: Int, model: LearnedModel?, limits: DecoderLimits = .none,
  progress: ProgressHandler? = nil
) async throws(CodecError) -> [UInt8] {
  let stream = try Bitstream(bytes, limits: limits)
  var header = stream.header
  var checksums = SampleChecksums(header.tiling, expected: nil)
  let options = DecoderOptions(jobs: jobs, limits: limits, model: model)
  try await decode(
    try DecodePlan(checked: stream, options, holdsImage: false), jobs: jobs,
    checksums: &checksums, progress: progress
  ) { _ in }
  header.contents.samples = checksums.values
  let first = (stream.latents.first ?? stream.residuals.first)?.lowerBound ?? bytes.count
  return header.bytes() + bytes[first...]
}

/// The same of what was just encoded, where wrong latents are a fault of this program.
func sealed(
  _ bytes: [UInt8], _ plan: EncodingPlan, progress: ProgressHandler?
) async throws(CodecError) -> [UInt8] {
  do throws(CodecError) {
    return try await sealed(
      bytes, jobs: plan.jobs, model: plan.options.model, progress: progress)
  } catch .wrongContents {
    throw .verificationFailed
  }
}
