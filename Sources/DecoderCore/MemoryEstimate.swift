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
  package static let base = 48 << 20
  /// What the residual coder's contexts take for a tile, whatever its size.
  package static let contexts = 72 << 20

  package init(byteCount: Int) { self.byteCount = byteCount }

  /// Of decoding all of a bitstream, and of making a file of the image.
  package static func decoding(_ header: Header, jobs: Int, fileByteCount: Int) -> MemoryEstimate {
    // Int may have 32 bits, and the header is all that is known. Blocks and latents cover whole units.
    let unit = Int64(Tiling.unit)
    let whole = { (side: Int) in (Int64(side) + unit - 1) / unit * unit }
    let pixelCount = whole(header.width) * whole(header.height)
    var byteCount = Int64(base) + Int64(fileByteCount)
    // Planes of two bytes, and a file that grows.
    byteCount += 6 * pixelCount * Int64(header.colorType.channelCount)
    if !header.content.hasSamples { byteCount += 12 * pixelCount }
    if header.source != nil { byteCount += 30 * pixelCount }
    byteCount += Int64(contexts) * Int64(min(jobs, header.tiling.tileCount))
    byteCount += 60 * Int64(header.tiling.pixelCount(ofTilesAtOnce: jobs))
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

extension Tiling {
  /// Pixels of as many whole tiles as `jobs` threads work on.
  package func pixelCount(ofTilesAtOnce jobs: Int) -> Int {
    let width = min(tileWidthUnits * Tiling.unit, width)
    let height = min(tileHeightUnits * Tiling.unit, height)
    return width * height * min(jobs, tileCount)
  }
}
