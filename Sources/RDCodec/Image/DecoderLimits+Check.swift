extension DecoderLimits {
  /// Throws unless an image of this size, in pixels, is within the limits.
  func check(_ width: Int, _ height: Int) throws(CodecError) {
    guard width <= dimension else { throw .limitExceeded("image width", needed: width) }
    guard height <= dimension else { throw .limitExceeded("image height", needed: height) }
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    // With 2⁴⁸ pixels every later byte count still fits an Int.
    guard !overflow, count <= min(pixelCount, 1 << 48) else {
      throw .limitExceeded("number of pixels", needed: overflow ? .max : count)
    }
  }
}
