internal import Entropy

/// The streams of an image that was decoded from a JPEG file, and the way back.
enum CoefficientStreams {
  /// One stream for each band; then, where there are colours, what they do not give.
  static func encode(
    _ recovery: CoefficientRecovery, _ source: CoefficientSource, _ known: JFIFPlanes?,
    _ image: Image, jobs: Int
  ) async throws(CodecError) -> [CodedStream] {
    let streams = try await mapTiles(Array(0..<source.bandCount), jobs: jobs) { band in
      encode(recovery.band(band, of: source), source, band: band)
    }
    guard let known else { return streams }
    return streams + [corrections(recovery, source, known, image)]
  }

  private static func encode(
    _ levels: LevelBand, _ source: CoefficientSource, band: Int
  ) -> CodedStream {
    var binary = BinaryEncoder()
    var coder = LevelBandCoder(source, band: band, kernels: KernelISA.current.residualKernels)
    do { _ = try coder.code(levels, with: &binary) } catch {
      preconditionFailure("encoding cannot fail: \(error)")
    }
    let bits = binary.ledger.bits
    return CodedStream(bytes: binary.finish(), bits: bits)
  }

  /// What colours differ by from those of the planes; empty where they do not.
  private static func corrections(
    _ recovery: CoefficientRecovery, _ source: CoefficientSource, _ known: JFIFPlanes,
    _ image: Image
  ) -> CodedStream {
    let (width, height) = (image.width, image.height)
    let luma = recovery.samples[0]
    let made = upsampled(Array(recovery.samples[1...]), source, width: width, height: height)
    var chroma = made
    var samples = image.planes
    var isExact = true
    for place in luma.indices {
      let k = SIMD3(Int(luma[place]), Int(made[0][place]), Int(made[1][place]))
      let color = SIMD3(
        Int(samples[0][place]), Int(samples[1][place]), Int(samples[2][place]))
      guard source.lattice.lattice.distance(k, color) > 0 else { continue }
      isExact = false
      guard source.sampling != nil, known.isSure[place] else { continue }
      for plane in 0..<2 {
        chroma[plane][place] = UInt16(min(max(known.chroma[plane][place], 0), 255))
      }
    }
    guard !isExact else { return CodedStream(bytes: [], bits: 0) }
    var coder = BinaryEncoder()
    var corrections = SourceCorrections(source.lattice)
    do {
      try corrections.code(
        width: width, height: height, luma: luma, made: made, chroma: &chroma,
        samples: &samples, with: &coder)
    } catch { preconditionFailure("encoding cannot fail: \(error)") }
    let bits = coder.ledger.bits
    return CodedStream(bytes: coder.finish(), bits: bits)
  }

  /// The samples of an image from its streams.
  static func decode(
    _ stream: Bitstream, _ source: CoefficientSource, jobs: Int
  ) async throws(CodecError) -> [[UInt16]] {
    let bands = try await mapTiles(Array(0..<source.bandCount), jobs: jobs) {
      band throws(CodecError) in
      let range = try stream.checkedResidual(band)
      var binary = BinaryDecoder(stream.bytes, in: range)
      var coder = LevelBandCoder(source, band: band, kernels: KernelISA.current.residualKernels)
      return try coder.code(nil, with: &binary)
    }
    let planes = source.grids.indices.map { plane($0, bands, source) }
    guard source.isColor else { return planes }
    let (width, height) = (stream.header.tiling.width, stream.header.tiling.height)
    let made = upsampled(Array(planes[1...]), source, width: width, height: height)
    let range = try stream.checkedResidual(source.bandCount)
    guard !range.isEmpty else { return colors(planes[0], made) }
    var chroma = made
    var samples = [[UInt16]](repeating: planes[0], count: 3)
    var coder = BinaryDecoder(stream.bytes, in: range)
    var corrections = SourceCorrections(source.lattice)
    try corrections.code(
      width: width, height: height, luma: planes[0], made: made, chroma: &chroma,
      samples: &samples, with: &coder)
    return samples
  }

  /// A plane of samples: what levels give, with the differences of some blocks.
  private static func plane(
    _ plane: Int, _ bands: [LevelBand], _ source: CoefficientSource
  ) -> [UInt16] {
    var levels = LevelPlane(grid: source.grids[plane], table: source.tables[plane])
    levels.levels = bands.flatMap { $0.levels[plane] }
    var samples = levels.samples()
    let grid = levels.grid
    for (band, part) in bands.enumerated() {
      let first = source.rows(of: plane, in: band).lowerBound * grid.columns
      for (index, differences) in part.differences[plane] {
        let (y, x) = ((first + index) / grid.columns, (first + index) % grid.columns)
        grid.forSamples(x, y) { place, inside in
          let value = Int(samples[place]) + Int(differences[inside])
          samples[place] = UInt16(min(max(value, 0), 255))
        }
      }
    }
    return samples
  }

  private static func upsampled(
    _ cells: [[UInt16]], _ source: CoefficientSource, width: Int, height: Int
  ) -> [[UInt16]] {
    guard let sampling = source.sampling else { return cells }
    return cells.map { sampling.upsampled($0, width: width, height: height) }
  }

  private static func colors(_ luma: [UInt16], _ chroma: [[UInt16]]) -> [[UInt16]] {
    var samples = [[UInt16]](repeating: luma, count: 3)
    let lattice = ColorLattice.jfif
    for place in luma.indices {
      let k = SIMD3(Int(luma[place]), Int(chroma[0][place]), Int(chroma[1][place]))
      samples[0][place] = UInt16(truncatingIfNeeded: lattice.sample(k, 0))
      samples[1][place] = UInt16(truncatingIfNeeded: lattice.sample(k, 1))
      samples[2][place] = UInt16(truncatingIfNeeded: lattice.sample(k, 2))
    }
    return samples
  }
}

extension CoefficientRecovery {
  /// What is coded of a band.
  func band(_ band: Int, of source: CoefficientSource) -> LevelBand {
    var result = LevelBand(levels: [], differences: [])
    for (index, plane) in planes.enumerated() {
      let grid = plane.grid
      let rows = source.rows(of: index, in: band)
      let blocks = rows.lowerBound * grid.columns..<rows.upperBound * grid.columns
      result.levels.append(
        Array(plane.levels[blocks.lowerBound * 64..<blocks.upperBound * 64]))
      var differences: [Int: [Int16]] = [:]
      for block in blocks where !isSolved[index][block] {
        differences[block - blocks.lowerBound] = self.differences(index, block)
      }
      result.differences.append(differences)
    }
    return result
  }

  /// By how much the samples of a block are more than its levels give; nil where they are not.
  private func differences(_ index: Int, _ block: Int) -> [Int16]? {
    let grid = planes[index].grid
    let (y, x) = (block / grid.columns, block % grid.columns)
    var result = [Int16](repeating: 0, count: 64)
    grid.forSamples(x, y) { place, inside in
      result[inside] =
        Int16(truncatingIfNeeded: samples[index][place])
        - Int16(truncatingIfNeeded: made[index][place])
    }
    return result.contains { $0 != 0 } ? result : nil
  }
}
