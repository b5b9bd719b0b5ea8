internal import DecoderCore

/// Decodes a bitstream that ``encode(_:_:progress:)`` wrote.
///
/// With ``DecoderOptions/Layer/preview`` the residual is neither read nor needed, so a file that
/// was cut after its latents still gives its lossy image.
public func decode(
  _ bytes: [UInt8], _ options: DecoderOptions = DecoderOptions(),
  progress: ProgressHandler? = nil
) async throws(CodecError) -> Image {
  try await onFloatExecutor { () async throws(CodecError) in
    try await decode(bytes, options, checksContents: true, progress: progress)
  }
}

/// Decodes a bitstream whose image is not held: `receiver` gets its rows as they are decoded.
///
/// Memory is taken for some rows of tiles, and of the source for one tile at a time on each thread.
/// Only where samples follow from a source of the whole image (``BitstreamInfo/source``), all rows
/// come at once.
///
/// The receiver gets ``ImageRowReceiver/begin(_:)`` once the header has been read and is within the
/// limits, then strips of rows, as many as the image or ``DecoderOptions/region`` has. An error may
/// come after any of them: what was made of the rows before is then to be thrown away. What the
/// receiver throws ends decoding and is thrown on.
///
/// A file becomes a file with no more than a part of both in memory:
///
/// ```swift
/// func convert(_ input: CInt, to output: FileHandle) async throws {
///   guard let source = ByteSource(descriptor: input) else { return }
///   let writer = ImageFormat.png.writer { bytes throws(CodecError) in
///     guard (try? output.write(contentsOf: bytes)) != nil else { throw .outputFailed }
///   }
///   try await decode(source, into: writer)
///   try writer.finish()
/// }
/// ```
public func decode(
  _ source: ByteSource, _ options: DecoderOptions = DecoderOptions(),
  into receiver: some ImageRowReceiver, progress: ProgressHandler? = nil
) async throws(CodecError) {
  try await onFloatExecutor { () async throws(CodecError) in
    let stream = try Bitstream(source, limits: options.limits)
    let plan = try DecodePlan(checked: stream, options, holdsImage: false)
    try receiver.begin(plan.image)
    try await decode(plan, jobs: options.jobs, progress: progress) { rows throws(CodecError) in
      try receiver.receive(rows)
    }
  }
}

/// Decodes a bitstream, whose checksums of contents count only if `checksContents`.
func decode(
  _ bytes: [UInt8], _ options: DecoderOptions, checksContents: Bool, progress: ProgressHandler?
) async throws(CodecError) -> Image {
  let stream = try Bitstream(bytes, limits: options.limits)
  var plan = try DecodePlan(checked: stream, options, holdsImage: true)
  plan.checksContents = checksContents
  var image = plan.image
  try await decode(plan, jobs: options.jobs, progress: progress) { rows in
    if rows.height == image.height {
      image.planes = rows.planes
      return
    }
    if image.planes[0].isEmpty { image.reservePlanes() }
    for index in rows.planes.indices { image.planes[index] += rows.planes[index] }
  }
  return image
}

extension DecodePlan {
  /// The plan for a file that is within the limits; `holdsImage`: whether its whole image will be
  /// in memory.
  init(
    checked stream: Bitstream, _ options: DecoderOptions, holdsImage: Bool
  ) throws(CodecError) {
    let estimate = { (model: ModelShape?) in
      MemoryEstimate.decoding(
        stream.header, jobs: options.jobs, heldByteCount: stream.source.heldByteCount,
        holdsImage: holdsImage, model: model)
    }
    try options.limits.check(memory: estimate(nil))
    var stream = stream
    stream.isAbandoned = Cancellation.isRequested
    try self.init(stream, options) { name throws(CodecError) in
      let model = try LatentModel.find(name, given: options.model)
      try options.limits.check(memory: estimate(model.shape))
      return model
    }
  }
}

/// Decodes a bitstream that is within the limits; `take` gets the rows from the top.
func decode(
  _ stream: Bitstream, _ options: DecoderOptions, progress: ProgressHandler?,
  take: (_ plan: DecodePlan, _ rows: Image) throws(CodecError) -> Void
) async throws(CodecError) {
  let plan = try DecodePlan(checked: stream, options, holdsImage: false)
  try await decode(plan, jobs: options.jobs, progress: progress) { rows throws(CodecError) in
    try take(plan, rows)
  }
}

/// Decodes band after band; `take` gets the rows from the top.
private func decode(
  _ plan: DecodePlan, jobs: Int, progress: ProgressHandler?,
  take: (_ rows: Image) throws(CodecError) -> Void
) async throws(CodecError) {
  var checksums = plan.sampleChecksums
  try await decode(plan, jobs: jobs, checksums: &checksums, progress: progress, take: take)
}

/// The same with samples' checksums that `checksums` compares or collects.
func decode(
  _ plan: DecodePlan, jobs: Int, checksums: inout SampleChecksums, progress: ProgressHandler?,
  take: (_ rows: Image) throws(CodecError) -> Void
) async throws(CodecError) {
  let latentCount = plan.bands.reduce(0) { $0 + $1.latentTiles.count }
  let tileCount = plan.bands.reduce(plan.unitCount) { $0 + $1.tiles.count }
  var map = plan.emptyMap()
  let phases = ProgressPhases(
    progress, weights: [map == nil ? 0 : 1, plan.stream.header.content.hasSamples ? 6 : 1],
    stepCounts: [latentCount, tileCount])
  for band in plan.bands {
    let parts = try await mapTiles(band.latentTiles, jobs: jobs) { tile throws(CodecError) in
      defer { phases.step(0) }
      return try plan.latents(of: tile)
    }
    let approximation = plan.join(parts, of: band, into: &map)
    if plan.unitCount > 0 {
      let units = try await mapTiles(Array(0..<plan.unitCount), jobs: jobs) {
        index throws(CodecError) in
        defer { phases.step(1) }
        return try plan.unit(index, approximation)
      }
      try take(try plan.image(from: units))
      continue
    }
    var strip = plan.strip(of: band)
    let workers = BandRun.workers(jobs: jobs, tileCount: band.tiles.count)
    try await forEachTile(band.tiles, jobs: jobs) { tile throws(CodecError) in
      defer { phases.step(1) }
      return try plan.decoded(tile, approximation, workers: workers)
    } consume: { tile, decoded throws(CodecError) in
      try checksums.add(tile, decoded)
      strip.place(decoded.planes, in: tile, of: band.coded)
    }
    for part in plan.parts(of: band) { try take(try plan.rows(from: strip, of: band, part: part)) }
  }
}

/// All of the image that decoding gives but its samples: its planes are there, and empty.
package func imageHeader(
  of source: ByteSource, _ options: DecoderOptions = DecoderOptions()
) throws(CodecError) -> Image {
  let stream = try Bitstream(source, limits: options.limits)
  return try DecodePlan(checked: stream, options, holdsImage: false).image
}
