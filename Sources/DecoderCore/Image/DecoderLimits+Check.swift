extension DecoderLimits {
  /// Throws unless an image of this size, in pixels, is within the limits.
  package func check(_ width: Int, _ height: Int) throws(CodecError) {
    let (product, overflow) = width.multipliedReportingOverflow(by: height)
    let count = overflow ? .max : product
    // With 2⁴⁸ pixels every later byte count still fits an Int.
    let allowed = min(pixelCount, 1 << 48)
    guard count <= allowed else {
      throw .limitExceeded(.pixelCount, needed: count, allowed: allowed)
    }
    guard width <= dimension else {
      throw .limitExceeded(.width, needed: width, allowed: dimension)
    }
    guard height <= dimension else {
      throw .limitExceeded(.height, needed: height, allowed: dimension)
    }
  }
}
