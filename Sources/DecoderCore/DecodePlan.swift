internal import Entropy

/// The work of decoding one bitstream, in units that a caller runs as it likes: in tasks, in
/// threads, or in a loop that can stop or draw between any two of them.
///
/// For every band from the top: the latents of its ``Band/latentTiles``, at once and in any order;
/// then ``join(_:of:into:)``; then the samples of its ``Band/tiles``, likewise. What is done holds
/// the latents and the samples of one band. Where samples follow from a source of the whole image
/// (``unitCount`` > 0), the only band has latents alone, and the units come after it.
package struct DecodePlan: Sendable {
  /// Some rows of tiles.
  package struct Band: Sendable {
    /// The tiles of latents that no band before it has decoded.
    package let latentTiles: [Tiling.Tile]
    /// The rows of latents that its tiles depend on.
    package let latentRows: Range<Int>
    /// The tiles of its samples, or parts of them where nothing is coded by tiles.
    package fileprivate(set) var tiles: [Tiling.Tile]
    /// What they hold of the coded pixels that are asked for.
    package let coded: ImageRegion
    /// What they give of the image.
    package let region: ImageRegion
  }

  /// What one of the ``unitCount`` units of a source gives.
  package enum Unit: Sendable {
    case planes([[UInt16]])
    case levels(LevelBand)
  }

  package let stream: Bitstream
  /// What is decoded of the image.
  package let region: ImageRegion
  /// The pixels that are coded of it.
  package let coded: ImageRegion
  package let bands: [Band]
  /// Units of work of a source; 0: there is none, and bands give the samples.
  package let unitCount: Int
  /// Whether what is decoded is compared with the file's checksums of it; a trial's has none.
  package var checksContents = true
  private let isExact: Bool
  private let hasAlpha: Bool
  /// Nil where no latents are decoded.
  private let model: LatentModel?
  private let sourceTiles: SourceTiles?
  private let limits: DecoderLimits

  private var header: Header { stream.header }

  /// Checks that the file reaches as far as it has to; `findModel` is asked for the model that it
  /// names.
  ///
  /// A band has so many tiles that ``DecoderOptions/jobs`` of them can be worked on at once. Where one
  /// is, and nothing but x̂ is shown, it has few rows: so the first come early.
  package init(
    _ stream: Bitstream, _ options: DecoderOptions,
    findModel: (UInt64) throws(CodecError) -> LatentModel
  ) throws(CodecError) {
    self.stream = stream
    limits = options.limits
    try stream.check(all: options.layer == .full)
    let header = stream.header
    isExact = header.content.hasSamples && options.layer == .full
    hasAlpha = header.content == .latentsAndAlpha && options.layer == .full
    region = options.region ?? ImageRegion(x: 0, y: 0, width: header.width, height: header.height)
    try region.check(width: header.width, height: header.height)
    coded = header.replication.coded(region)
    // Palette indices and coefficients are coded without the latents.
    let isIndependent = header.colorType == .palette || header.source?.needsLatents == false
    let needsLatents = header.hasLatents && !(isExact && isIndependent)
    model = needsLatents ? try findModel(header.modelName) : nil
    switch isExact ? header.source : nil {
    case .lattice(let source)?:
      unitCount = header.tiling.tileCount
      sourceTiles = SourceTiles(source, header.tiling)
    case .coefficients(let source)?:
      unitCount = source.bandCount
      sourceTiles = nil
    case nil:
      unitCount = 0
      sourceTiles = nil
    }
    let isApproximation = !isExact && !hasAlpha
    if unitCount > 0 {
      bands = [DecodePlan.latentBand(header, region, coded)]
    } else {
      let halo = model?.decoder.halo ?? 0
      var tiles = header.tiling.tiles(meeting: coded)
      var least = DecodePlan.tileCount(jobs: options.jobs)
      if isApproximation, options.jobs <= 1, coded.rows == 0..<header.tiling.height {
        tiles = DecodePlan.strips(of: tiles, width: header.tiling.width)
        least = 1
      }
      var bands = DecodePlan.bands(
        header, region, coded, halo: halo, tiles: tiles, leastCount: least)
      if isApproximation {
        for index in bands.indices { bands[index].shareOut(jobs: options.jobs) }
      }
      self.bands = bands
    }
    // Of one pixel, so that a palette or metadata that does not fit is found before the samples.
    try image(width: 1, height: 1).validate()
    if !header.widening.isNone {
      // Whose own metadata and transparent colour are the wider image's.
      var coded = header.codedImage(isExact: isExact, hasAlpha: hasAlpha, width: 1, height: 1)
      (coded.metadata, coded.transparentColor) = ([], nil)
      try coded.validate()
    }
  }

  /// All latents, and no samples.
  private static func latentBand(
    _ header: Header, _ region: ImageRegion, _ coded: ImageRegion
  ) -> Band {
    Band(
      latentTiles: header.hasLatents ? header.latentTiling.tiles : [],
      latentRows: 0..<LatentGeometry.latentCount(header.latentTiling.height), tiles: [],
      coded: coded, region: region)
  }

  /// Tiles that a band has at least, where there are so many.
  package static func tileCount(jobs: Int) -> Int { 4 * max(jobs, 1) }

  /// Pixels of a strip, about. Of 12 megapixels there are six, which take no longer than all rows at
  /// once, and as WebAssembly 58 MiB in place of 153 for a preview, 100 in place of 160 for a lossy
  /// image.
  private static let stripPixelCount = 1 << 21

  /// Tiles cut into rows, from the top; those of tiles side by side follow each other.
  private static func strips(of tiles: [Tiling.Tile], width: Int) -> [Tiling.Tile] {
    // Whole units: latents begin there.
    let height = max(stripPixelCount / width / Tiling.unit * Tiling.unit, Band.leastHeight)
    var strips: [Tiling.Tile] = []
    var first = 0
    while first < tiles.count {
      let rows = tiles[first].rows
      let side = tiles[first...].prefix { $0.rows == rows }
      for y in stride(from: rows.lowerBound, to: rows.upperBound, by: height) {
        let part = y..<min(y + height, rows.upperBound)
        strips += side.map { Tiling.Tile(index: $0.index, rows: part, columns: $0.columns) }
      }
      first += side.count
    }
    return strips
  }

  /// `leastCount`: tiles that a band has, where there are so many.
  private static func bands(
    _ header: Header, _ region: ImageRegion, _ coded: ImageRegion, halo: Int,
    tiles: [Tiling.Tile], leastCount: Int
  ) -> [Band] {
    var bands: [Band] = []
    var decoded: Set<Int> = []
    var first = 0
    while first < tiles.count {
      var end = first
      // Whole rows of tiles, until there is enough to share out.
      while end < tiles.count,
        end - first < leastCount || tiles[end].rows == tiles[end - 1].rows
      { end += 1 }
      let part = Array(tiles[first..<end])
      let rows = (part[0].rows.lowerBound..<part[part.count - 1].rows.upperBound)
        .clamped(to: coded.rows)
      let latentTiles =
        header.hasLatents ? header.latentTiles(under: part, halo: halo) : []
      let latentRows =
        latentTiles.isEmpty
        ? 0..<0
        : latentTiles[0].latentRows
          .lowerBound..<latentTiles[latentTiles.count - 1].latentRows
          .upperBound
      let slice = ImageRegion(
        x: coded.x, y: rows.lowerBound, width: coded.width, height: rows.count)
      bands.append(
        Band(
          latentTiles: latentTiles.filter { !decoded.contains($0.index) }, latentRows: latentRows,
          tiles: part, coded: slice, region: header.replication.expanded(slice, within: region)))
      for tile in latentTiles { decoded.insert(tile.index) }
      first = end
    }
    return bands
  }

  // MARK: The image

  /// What is decoded, without its samples.
  package var image: Image {
    var image = image(width: 0, height: 0)
    (image.width, image.height) = (region.width, region.height)
    return image
  }

  private func image(width: Int, height: Int) -> Image {
    header.image(isExact: isExact, hasAlpha: hasAlpha, width: width, height: height)
  }

  private func codedImage(width: Int, height: Int) -> Image {
    header.codedImage(isExact: isExact, hasAlpha: hasAlpha, width: width, height: height)
  }

  /// What a coded image or rows of it become.
  private func widened(_ coded: Image) -> Image {
    isExact ? header.widening.applied(to: coded) : coded
  }

  // MARK: Latents

  /// No latents yet, for ``join(_:of:into:)``.
  package func emptyMap() -> LatentMap? {
    model.map { LatentMap(emptyFor: header.latentTiling, channels: $0.shape.latents) }
  }

  /// The latents of a tile; nil where they are checked alone, since the samples do not need them.
  package func latents(of tile: Tiling.Tile) throws(CodecError) -> Tensor? {
    let slice = try stream.checkedLatents(tile.index)
    guard let model else { return nil }
    var reader = BinaryDecoder(slice)
    let z = model.prior.code(
      height: tile.latentRows.count, width: tile.latentColumns.count,
      position: header.position, with: &reader)
    let isExhausted = reader.isExhausted
    guard !isExhausted else { throw .wrongContents(.latents(tile: tile.index)) }
    guard
      !checksContents || Checksum.agree(z.checksum, header.contents.latents[tile.index])
    else {
      throw .wrongContents(.latents(tile: tile.index))
    }
    return z
  }

  /// Adds the latents of a band's tiles to those before, and lets go of what no band needs any
  /// more.
  ///
  /// - Returns: what the band's samples are predicted from; nil where the file has no latents for
  ///   that.
  package func join(
    _ parts: [Tensor?], of band: Band, into map: inout LatentMap?
  ) -> Approximation? {
    guard let model, map != nil else { return nil }
    map!.move(to: band.latentRows)
    for (tile, part) in zip(band.latentTiles, parts) {
      if let part { map!.place(part, in: tile) }
    }
    return Approximation(
      model, map!, header.latentTiling, position: header.position, shift: header.latentShift,
      range: header.range, filter: header.filter)
  }

  // MARK: Samples

  /// For comparing samples with the file's checksums; nothing is compared where the file has none of
  /// the layer that is decoded, as of the preview of an exact image.
  package var sampleChecksums: SampleChecksums {
    let content = header.content
    let isChecked =
      isExact || (!content.hasSamples && hasAlpha == (content == .latentsAndAlpha))
    return SampleChecksums(
      header.tiling, expected: isChecked && checksContents ? header.contents.samples : nil)
  }

  /// A tile of a band, decoded by `workers` where more than one thread can.
  package func decoded(
    _ tile: Tiling.Tile, _ approximation: Approximation?, workers: BandWorkers? = nil
  ) throws(CodecError) -> DecodedTile {
    DecodedTile(
      try TileDecoder(
        stream: stream, approximation: approximation, isExact: isExact, hasAlpha: hasAlpha,
        workers: workers
      ).planes(of: tile))
  }

  /// The coded pixels of a band, all zero, to ``Image/place(_:in:of:)`` tiles in.
  package func strip(of band: Band) -> Image {
    codedImage(width: band.coded.width, height: band.coded.height)
  }

  /// Most samples of a plane that ``rows(from:of:part:)`` makes of fewer, at once.
  private static let expandedCount = 1 << 20

  /// What of the image is taken from a band at once: few rows where each was coded for many.
  package func parts(of band: Band) -> [ImageRegion] {
    let region = band.region
    guard !header.replication.isNone else { return [region] }
    let step = max(1, DecodePlan.expandedCount / region.width)
    return stride(from: 0, to: region.height, by: step).map { row in
      ImageRegion(
        x: region.x, y: region.y + row, width: region.width,
        height: min(step, region.height - row))
    }
  }

  /// The rows of the image that a band's coded pixels give: those of one of its ``parts(of:)``, or
  /// all.
  package func rows(
    from strip: Image, of band: Band, part: ImageRegion? = nil
  ) throws(CodecError) -> Image {
    let rows = widened(header.replication.expand(strip, of: band.coded, to: part ?? band.region))
    try rows.validateSamples()
    return rows
  }

  // MARK: Sources

  /// Unit `index` of a source.
  package func unit(_ index: Int, _ approximation: Approximation?) throws(CodecError) -> Unit {
    do throws(CodecError) {
      switch header.source {
      case .lattice?:
        return .planes(
          try SourceStreams.planes(
            of: header.tiling.tiles[index], stream, sourceTiles!, approximation))
      case .coefficients(let source)?:
        return .levels(try CoefficientStreams.band(index, stream, source))
      case nil: preconditionFailure("there is no source")
      }
    } catch {
      throw error.ofIntactStream(.source(stream: index))
    }
  }

  /// The samples of the whole image from all units of its source.
  private func samples(from units: [Unit]) throws(CodecError) -> [[UInt16]] {
    switch header.source {
    case .lattice(let source)?:
      var parts: [[[UInt16]]] = []
      for unit in units { if case .planes(let part) = unit { parts.append(part) } }
      return try SourceStreams.samples(parts, stream, source)
    case .coefficients(let source)?:
      var parts: [LevelBand] = []
      for unit in units { if case .levels(let part) = unit { parts.append(part) } }
      // A file is whole or not, whatever of it the picture needs.
      if source.keepsFile { _ = try stream.checkedResidual(source.bandCount) }
      return try CoefficientStreams.samples(parts, stream, source)
    case nil: preconditionFailure("there is no source")
    }
  }

  /// The JPEG file that was kept, from all units of the source.
  package func jpegFile(from units: [Unit]) throws(CodecError) -> [UInt8] {
    guard case .coefficients(let source)? = header.source, source.keepsFile else { throw .noJPEG }
    let slice = try stream.checkedResidual(source.bandCount)
    var levels = [[Int16]](repeating: [], count: source.grids.count)
    for case .levels(let band) in units {
      for plane in levels.indices { levels[plane] += band.levels[plane] }
    }
    do throws(CodecError) {
      let kept = try KeptJPEG(slice, limits: limits)
      guard kept.layout.frame.fits(source) else {
        throw .corrupt(field: "JPEG frame", at: slice.start)
      }
      return try kept.file(shown: levels, metadata: header.boxes.metadata)
    } catch {
      throw error.ofIntactStream(.file)
    }
  }

  /// The image from all units of its source.
  package func image(from units: [Unit]) throws(CodecError) -> Image {
    let planes: [[UInt16]]
    do throws(CodecError) {
      planes = try samples(from: units)
    } catch {
      throw error.ofIntactStream(.source(stream: unitCount))
    }
    var image = codedImage(width: 0, height: 0)
    (image.width, image.height) = (header.tiling.width, header.tiling.height)
    image.planes = planes
    var checksums = sampleChecksums
    for tile in header.tiling.tiles { try checksums.add(tile, of: image) }
    (image.width, image.height) = (coded.width, coded.height)
    image.planes = planes.map { coded.cut(from: $0, width: header.tiling.width) }
    image = widened(header.replication.expand(image, of: coded, to: region))
    try image.validate()
    return image
  }
}

extension DecodePlan.Band {
  /// Rows that are worth a task of their own; those next to them depend on the same latents.
  fileprivate static let leastHeight = 128

  /// Cuts tiles into rows where there are fewer of them than `jobs`.
  fileprivate mutating func shareOut(jobs: Int) {
    guard !tiles.isEmpty, tiles.count < jobs else { return }
    let parts = (jobs + tiles.count - 1) / tiles.count
    tiles = tiles.flatMap { tile in
      // Whole units: latents begin there.
      let height = max(
        (tile.rows.count / parts + Tiling.unit - 1) / Tiling.unit * Tiling.unit, Self.leastHeight)
      return stride(from: tile.rows.lowerBound, to: tile.rows.upperBound, by: height).map { y in
        Tiling.Tile(
          index: tile.index, rows: y..<min(y + height, tile.rows.upperBound), columns: tile.columns)
      }
    }
  }
}
