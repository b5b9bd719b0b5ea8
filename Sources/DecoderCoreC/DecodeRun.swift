package import DecoderCore

/// Decodes by a plan, one unit of work at a time.
package struct DecodeRun {
  package enum Step {
    case more
    /// The rows that follow those before.
    case rows(Image)
    case done
  }

  private let plan: DecodePlan
  private var map: LatentMap?
  private var band = 0
  /// Units that are done of the band: latents, then those of a source, or tiles.
  private var done = 0
  private var latents: [Tensor?] = []
  private var approximation: Approximation?
  private var units: [DecodePlan.Unit] = []
  private var strip: Image?
  private var checksums: SampleChecksums

  package init(_ plan: DecodePlan) {
    self.plan = plan
    map = plan.emptyMap()
    checksums = plan.sampleChecksums
  }

  package mutating func step() throws(CodecError) -> Step {
    guard band < plan.bands.count else { return .done }
    let current = plan.bands[band]
    if done < current.latentTiles.count {
      latents.append(try plan.latents(of: current.latentTiles[done]))
      done += 1
      return .more
    }
    let index = done - current.latentTiles.count
    if index == 0 {
      approximation = plan.join(latents, of: current, into: &map)
      latents = []
    }
    done += 1
    let rows: Image
    if plan.unitCount > 0 {
      units.append(try plan.unit(index, approximation))
      guard units.count == plan.unitCount else { return .more }
      rows = try plan.image(from: units)
    } else {
      if index == 0 { strip = plan.strip(of: current) }
      let tile = current.tiles[index]
      let decoded = try plan.decoded(tile, approximation)
      try checksums.add(tile, decoded)
      strip!.place(decoded.planes, in: tile, of: current.coded)
      guard index + 1 == current.tiles.count else { return .more }
      rows = try plan.rows(from: strip!, of: current)
    }
    (strip, approximation, units, done) = (nil, nil, [], 0)
    band += 1
    return .rows(rows)
  }
}
