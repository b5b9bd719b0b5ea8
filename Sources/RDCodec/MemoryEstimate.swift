internal import DecoderCore

/// How much memory a task may take at its peak, told before it starts.
///
/// Meant as an upper bound for one image, its files and the program included. Peaks that were
/// measured lie at 0.25 to 0.9 of it: photographs of 1.6 and 3.5 megapixels, grey, RGB and RGBA of
/// 16 bits, and a drawing, on one and two threads, at efforts 1 and 5. Other images that are worked
/// on at the same time are not in it.
public struct MemoryEstimate: Sendable, Equatable {
  /// Bytes.
  public var byteCount: Int

  /// The program, its models and their tables.
  private static let base = 48 << 20
  /// What the residual coder's contexts take for a tile, whatever its size.
  private static let contexts = 72 << 20

  /// Of reading an image whose file has so many bytes.
  static func reading(_ rows: PackedRows, fileByteCount: Int) -> MemoryEstimate {
    let planes = 2 * rows.width * rows.height * rows.channelCount
    return MemoryEstimate(byteCount: base + planes + rows.byteCount + fileByteCount)
  }

  /// What is known of a tile while others are decoded: its places and lengths.
  private static let tileEntry = 256

  /// Of decoding all of a bitstream by rows, and of making a file of them.
  ///
  /// - Parameters:
  ///   - heldByteCount: bytes of the bitstream that are in memory all the time.
  ///   - holdsImage: whether the whole image will be in memory.
  static func decoding(
    _ header: Header, jobs: Int, heldByteCount: Int, holdsImage: Bool
  ) -> MemoryEstimate {
    let pixelCount = header.width * header.height
    let channelCount = header.colorType.channelCount
    let hasSource = header.source != nil
    var byteCount = base + heldByteCount + tileEntry * header.tiling.tileCount
    // Rows of tiles: planes of two bytes, tiles that wait for their turn, and a part of the file.
    let rowPixels = hasSource ? pixelCount : min(pixelCount, header.tiling.pixelCount(ofBand: jobs))
    byteCount += 6 * rowPixels * channelCount
    if holdsImage { byteCount += 2 * pixelCount * channelCount }
    // A file that cannot hold alpha is not known to fit the picture before its end.
    if header.mayHaveTransparency { byteCount += 3 * pixelCount * (header.depth > 8 ? 2 : 1) }
    if !header.content.hasSamples { byteCount += 12 * rowPixels }
    if hasSource { byteCount += 30 * pixelCount }
    byteCount += contexts * min(jobs, header.tiling.tileCount)
    byteCount += 60 * header.tiling.pixelCount(ofTilesAtOnce: jobs)
    return MemoryEstimate(byteCount: byteCount)
  }

  /// Of encoding an image and of verifying the result, the image itself included.
  static func encoding(_ image: Image, _ options: EncoderOptions) -> MemoryEstimate {
    let pixelCount = image.pixelCount
    let sampleCount = pixelCount * image.colorType.channelCount
    let isLossless =
      switch options.mode {
      case .lossless(let preview): preview == nil
      case .lossy, .target, .nearLossless: false
      }
    let isDrawing = isLossless && MethodChoice.isDrawing(image)
    let tiling = Tiling(width: image.width, height: image.height, isDrawing: isDrawing)
    let tilePixels = tiling.pixelCount(ofTilesAtOnce: options.jobs)
    var byteCount = base + 8 * sampleCount + contexts * min(options.jobs, tiling.tileCount)
    if isLossless {
      byteCount += 150 * tilePixels
      if options.recoversSource && image.depth == 8 { byteCount += 30 * pixelCount }
    } else {
      // The search for latents holds what its gradients need.
      byteCount += 40 * pixelCount + (options.effort < 5 ? 150 : 600) * tilePixels
    }
    return MemoryEstimate(byteCount: byteCount)
  }

  /// Throws where this is more than `allowed` bytes.
  func check(allowed: Int) throws(CodecError) {
    guard byteCount <= allowed else {
      throw .limitExceeded(.memoryByteCount, needed: byteCount, allowed: allowed)
    }
  }
}

extension DecoderLimits {
  /// Throws unless so much memory, in bytes, is within the limits.
  func check(memory estimate: MemoryEstimate) throws(CodecError) {
    try estimate.check(allowed: memoryByteCount)
  }
}

extension Header {
  fileprivate var mayHaveTransparency: Bool {
    colorType.hasAlpha || boxes.paletteAlphaCount > 0 || boxes.transparentColor != nil
  }
}

extension Tiling {
  /// Pixels of as many rows of tiles as are decoded together.
  fileprivate func pixelCount(ofBand jobs: Int) -> Int {
    let columns = max(
      1, (width + tileWidthUnits * Tiling.unit - 1) / (tileWidthUnits * Tiling.unit))
    let rowCount = (DecodePlan.tileCount(jobs: jobs) + columns - 1) / columns
    return min(rowCount * tileHeightUnits * Tiling.unit, height) * width
  }

  /// Pixels of as many whole tiles as `jobs` threads work on.
  fileprivate func pixelCount(ofTilesAtOnce jobs: Int) -> Int {
    let width = min(tileWidthUnits * Tiling.unit, width)
    let height = min(tileHeightUnits * Tiling.unit, height)
    return width * height * min(jobs, tileCount)
  }
}
