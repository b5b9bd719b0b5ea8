internal import DecoderCore

/// Decodes a bitstream that ``encode(_:_:progress:)`` wrote.
///
/// With ``DecoderOptions/Layer/preview`` the residual is neither read nor needed, so a file that
/// was cut after its latents still gives its lossy image.
///
/// `rows` gets the image from the top while the rest is decoded, and all of it before this returns.
public func decode(
  _ bytes: [UInt8], _ options: DecoderOptions = DecoderOptions(),
  rows: (any ImageRowReceiver)? = nil, progress: ProgressHandler? = nil
) async throws(CodecError) -> Image {
  try await decode(bytes, options, latentChecksums: nil, rows: rows, progress: progress)
}

/// Decodes a bitstream whose latents, where they are decoded, have to have these checksums, if any are given.
func decode(
  _ bytes: [UInt8], _ options: DecoderOptions, latentChecksums: [UInt32]?,
  rows: (any ImageRowReceiver)? = nil, progress: ProgressHandler?
) async throws(CodecError) -> Image {
  let stream = try Bitstream(bytes, limits: options.limits)
  var image: Image?
  var row = 0
  try await decode(stream, options, latentChecksums: latentChecksums, progress: progress) {
    plan, strip throws(CodecError) in
    if image == nil {
      if strip.height == plan.region.height {
        image = strip
      } else {
        image = plan.image
        let count = plan.region.width * plan.region.height
        image!.planes = [[UInt16]](
          repeating: [UInt16](repeating: 0, count: count), count: strip.planes.count)
      }
    }
    if strip.height < plan.region.height {
      for index in strip.planes.indices {
        let start = row * strip.width
        image!.planes[index].replaceSubrange(
          start..<start + strip.planes[index].count, with: strip.planes[index])
      }
    }
    try rows?.receive(row..<row + strip.height, of: image!)
    row += strip.height
  }
  return image!
}

/// Decodes band after band; `take` gets the rows of each.
func decode(
  _ stream: Bitstream, _ options: DecoderOptions, latentChecksums: [UInt32]? = nil,
  progress: ProgressHandler?,
  take: (_ plan: DecodePlan, _ strip: Image) throws(CodecError) -> Void
) async throws(CodecError) {
  try options.limits.check(
    memory: .decoding(stream.header, jobs: options.jobs, fileByteCount: stream.source.count))
  var stream = stream
  stream.isAbandoned = Cancellation.isRequested
  let plan = try DecodePlan(stream, options) { hash throws(CodecError) in
    try EncoderModel.find(hash, given: options.model)
  }
  let jobs = options.jobs
  let latentCount = plan.bands.reduce(0) { $0 + $1.latentTiles.count }
  let tileCount = plan.bands.reduce(plan.unitCount) { $0 + $1.tiles.count }
  var map = plan.emptyMap()
  let phases = ProgressPhases(
    progress, weights: [map == nil ? 0 : 1, stream.header.content.hasSamples ? 6 : 1],
    stepCounts: [latentCount, tileCount])
  for band in plan.bands {
    let parts = try await mapTiles(band.latentTiles, jobs: jobs) { tile throws(CodecError) in
      defer { phases.step(0) }
      let z = try plan.latents(of: tile)
      if let z, let latentChecksums, z.checksum != latentChecksums[tile.index] {
        throw .verificationFailed
      }
      return z
    }
    let approximation = plan.join(parts, of: band, into: &map)
    if plan.unitCount > 0 {
      let units = try await mapTiles(Array(0..<plan.unitCount), jobs: jobs) {
        index throws(CodecError) in
        defer { phases.step(1) }
        return try plan.unit(index, approximation)
      }
      try take(plan, try plan.image(from: units))
      continue
    }
    var strip = plan.strip(of: band)
    try await forEachTile(band.tiles, jobs: jobs) { tile throws(CodecError) in
      defer { phases.step(1) }
      return try plan.planes(of: tile, approximation)
    } consume: { tile, planes throws(CodecError) in
      strip.place(planes, in: tile, of: band.coded)
    }
    try take(plan, try plan.rows(from: strip, of: band))
  }
}
