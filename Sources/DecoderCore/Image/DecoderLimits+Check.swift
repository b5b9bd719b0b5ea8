extension DecoderLimits {
  /// Pixels whose later byte counts still fit an Int: 2⁴⁸, or 2²⁶ where it has 32 bits.
  private static let addressable = 1 << (Int.bitWidth > 32 ? 48 : 26)

  /// Throws unless an image of this size, in pixels, is within the limits.
  package func check(_ width: Int, _ height: Int) throws(CodecError) {
    let (product, overflow) = width.multipliedReportingOverflow(by: height)
    let count = overflow ? .max : product
    let allowed = min(pixelCount, DecoderLimits.addressable)
    guard count <= allowed else {
      throw .limitExceeded(.pixelCount, needed: count, allowed: allowed)
    }
    guard width <= dimension else {
      throw .limitExceeded(.width, needed: width, allowed: dimension)
    }
    guard height <= dimension else {
      throw .limitExceeded(.height, needed: height, allowed: dimension)
    }
    // Blocks and latents cover whole units, which thin images have more of than pixels.
    let unit = Int64(Tiling.unit)
    let whole = { (side: Int) in (Int64(side) + unit - 1) / unit * unit }
    let padded = whole(width).multipliedReportingOverflow(by: whole(height))
    guard !padded.overflow, padded.partialValue <= Int64(DecoderLimits.addressable) else {
      throw .limitExceeded(.pixelCount, needed: .max, allowed: DecoderLimits.addressable)
    }
  }
}
