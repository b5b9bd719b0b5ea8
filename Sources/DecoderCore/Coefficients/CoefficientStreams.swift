internal import Entropy

/// An image that was decoded from a JPEG file, from its streams.
package enum CoefficientStreams {
  /// The levels of a band of blocks.
  static func band(
    _ band: Int, _ stream: Bitstream, _ source: CoefficientSource
  ) throws(CodecError) -> LevelBand {
    var binary = BinaryDecoder(try stream.checkedResidual(band))
    var coder = LevelBandCoder(source, band: band, kernels: KernelISA.current.residualKernels)
    return try coder.code(nil, with: &binary)
  }

  /// The samples of the image from all bands.
  static func samples(
    _ bands: [LevelBand], _ stream: Bitstream, _ source: CoefficientSource
  ) throws(CodecError) -> [[UInt16]] {
    let (width, height) = (stream.header.tiling.width, stream.header.tiling.height)
    guard source.isColor, !source.keepsFile else {
      return picture(bands, source, width: width, height: height)
    }
    let luma = plane(0, bands, source)
    let made = Self.chroma(bands, source, width: width, height: height)
    let corrected = try stream.checkedResidual(source.bandCount)
    guard !corrected.isEmpty else { return colors(luma, made) }
    var chroma = made
    var samples = [[UInt16]](repeating: luma, count: 3)
    var coder = BinaryDecoder(corrected)
    var corrections = SourceCorrections(source.lattice)
    try corrections.code(
      width: width, height: height, luma: luma, made: made, chroma: &chroma,
      samples: &samples, with: &coder)
    return samples
  }

  /// The samples that levels give by themselves.
  package static func picture(
    _ bands: [LevelBand], _ source: CoefficientSource, width: Int, height: Int
  ) -> [[UInt16]] {
    if let components = source.components {
      let planes = source.grids.indices.map { plane($0, bands, source) }
      return components.picture(planes, width: width, height: height)
    }
    let luma = plane(0, bands, source)
    guard source.isColor else { return [luma] }
    return colors(luma, chroma(bands, source, width: width, height: height))
  }

  /// Both planes of chroma, of the image's size.
  private static func chroma(
    _ bands: [LevelBand], _ source: CoefficientSource, width: Int, height: Int
  ) -> [[UInt16]] {
    guard source.scalesChroma, let sampling = source.sampling else {
      return upsampled(
        (1...2).map { plane($0, bands, source) }, source, width: width, height: height)
    }
    let scaled = ScaledChroma(sampling, source.grids[1], width: width, height: height)
    return (1...2).map { scaled.samples(of: levels($0, bands, source)) }
  }

  private static func levels(
    _ plane: Int, _ bands: [LevelBand], _ source: CoefficientSource
  ) -> LevelPlane {
    var levels = LevelPlane(
      grid: source.grids[plane], table: source.tables[plane], method: source.method)
    levels.levels = bands.flatMap { $0.levels[plane] }
    return levels
  }

  /// A plane of samples: what levels give, with the differences of some blocks.
  private static func plane(
    _ plane: Int, _ bands: [LevelBand], _ source: CoefficientSource
  ) -> [UInt16] {
    let levels = levels(plane, bands, source)
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

  package static func upsampled(
    _ cells: [[UInt16]], _ source: CoefficientSource, width: Int, height: Int
  ) -> [[UInt16]] {
    guard let sampling = source.sampling else { return cells }
    return cells.map { sampling.upsampled($0, width: width, height: height) }
  }

  /// Red, green and blue of luma and chroma.
  static func colors(_ luma: [UInt16], _ chroma: [[UInt16]]) -> [[UInt16]] {
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
