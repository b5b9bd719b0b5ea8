/// How much memory a task may take at its peak, known before it starts.
///
/// Meant as an upper bound for one image, its files and the program included. Peaks that were
/// measured lie at 0.25 to 0.9 of it: photographs of 1.6 and 3.5 megapixels, grey, RGB and RGBA of
/// 16 bits, and a drawing, on one and two threads, at efforts 1 and 5. Other images that are worked
/// on at the same time are not in it.
public struct MemoryEstimate: Sendable, Equatable {
  /// Bytes.
  public var byteCount: Int

  /// The program, its models and their tables.
  package static let base = 48 << 20
  /// What the residual coder's contexts take for a tile, whatever its size.
  package static let contexts = 72 << 20

  package init(byteCount: Int) { self.byteCount = byteCount }

  /// What is known of a tile while others are decoded: its places and lengths.
  private static let tileEntry: Int64 = 256

  /// Of decoding all of a bitstream by rows, and of making a file of them.
  ///
  /// - Parameters:
  ///   - heldByteCount: bytes of the bitstream that are in memory all the time.
  ///   - holdsImage: whether the whole image will be in memory.
  ///   - model: of the latents, once it is known; a given one may be larger than those built in.
  package static func decoding(
    _ header: Header, jobs: Int, heldByteCount: Int, holdsImage: Bool, model: ModelShape? = nil
  ) -> MemoryEstimate {
    // Int may have 32 bits, and the header is all that is known. Blocks and latents cover whole
    // units.
    let unit = Int64(Tiling.unit)
    let whole = { (side: Int) in (Int64(side) + unit - 1) / unit * unit }
    let pixelCount = whole(header.width) * whole(header.height)
    let channelCount = Int64(header.imageType.channelCount)
    let hasSource = header.source != nil
    var byteCount = Int64(base) + Int64(heldByteCount)
    byteCount += tileEntry * Int64(header.tiling.tileCount)
    // Rows of tiles: planes of two bytes, tiles that wait for their turn, and a part of the file.
    let bandCount =
      hasSource ? pixelCount : min(pixelCount, header.tiling.pixelCount(ofBand: jobs))
    byteCount += 6 * bandCount * channelCount
    if holdsImage { byteCount += 2 * pixelCount * channelCount }
    // A file that cannot hold alpha is not known to fit the picture before its end.
    if header.mayHaveTransparency { byteCount += 3 * pixelCount * (header.imageDepth > 8 ? 2 : 1) }
    if !header.content.hasSamples { byteCount += 12 * bandCount }
    if hasSource { byteCount += 30 * pixelCount }
    if case .coefficients(let source)? = header.source {
      // Components that the picture has no channels for.
      byteCount += 12 * pixelCount * max(0, Int64(source.grids.count) - channelCount)
    }
    byteCount += Int64(contexts) * Int64(min(jobs, header.tiling.tileCount))
    byteCount += 60 * Int64(header.tiling.pixelCount(ofTilesAtOnce: jobs))
    if let model {
      let tiling = header.latentTiling
      let area: Int64 = 64
      let tilePixels =
        whole(min(tiling.width, tiling.tileWidthUnits * Tiling.unit))
        * whole(min(tiling.height, tiling.tileHeightUnits * Tiling.unit))
      let tilePositions = tilePixels / area * Int64(min(jobs, tiling.tileCount))
      byteCount += tilePositions * model.excessByteCount
      if header.content.hasSamples {
        // Of every tile of a band, and joined.
        let bandPixels = min(
          whole(tiling.width) * whole(tiling.height), tiling.pixelCount(ofBand: jobs))
        byteCount += 4 * Int64(model.latents) * (bandPixels / area)
      }
    }
    return MemoryEstimate(byteCount: Int(clamping: byteCount))
  }

  /// Throws where this is more than `allowed` bytes.
  package func check(allowed: Int) throws(CodecError) {
    guard byteCount <= allowed else {
      throw .limitExceeded(.memoryByteCount, needed: byteCount, allowed: allowed)
    }
  }
}

extension DecoderLimits {
  /// Throws unless so much memory, in bytes, is within the limits.
  package func check(memory estimate: MemoryEstimate) throws(CodecError) {
    try estimate.check(allowed: memoryByteCount)
  }
}

extension ModelShape {
  /// Bytes by which a position of the prior may take more than is in the 60 bytes of its 64 pixels:
  /// features, what blocks of layers make of them, and latents.
  fileprivate var excessByteCount: Int64 {
    let expansion = max(prior.expansion, hyperSynthesis.expansion)
    return Int64(max(0, 2 * width * (6 + expansion) + 6 * latents - 60 * 64))
  }
}

extension Header {
  fileprivate var mayHaveTransparency: Bool {
    imageType.hasAlpha || boxes.paletteAlphaCount > 0 || boxes.transparentColor != nil
  }
}

extension Tiling {
  /// Pixels of as many rows of tiles as are decoded together.
  fileprivate func pixelCount(ofBand jobs: Int) -> Int64 {
    let tileWidth = tileWidthUnits * Tiling.unit
    let columnCount = (width + tileWidth - 1) / tileWidth
    let rowCount = (DecodePlan.tileCount(jobs: jobs) + columnCount - 1) / columnCount
    return Int64(rowCount) * Int64(tileHeightUnits * Tiling.unit) * Int64(columnCount)
      * Int64(tileWidth)
  }

  /// Pixels of as many whole tiles as `jobs` threads work on.
  package func pixelCount(ofTilesAtOnce jobs: Int) -> Int {
    let width = min(tileWidthUnits * Tiling.unit, width)
    let height = min(tileHeightUnits * Tiling.unit, height)
    // With the rows and columns that models have around them.
    return (width + 4) * (height + 4) * min(jobs, tileCount)
  }
}
