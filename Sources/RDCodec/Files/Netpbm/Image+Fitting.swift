internal import DecoderCore

extension Image {
  /// The same picture in a form that files of `format` have: without palette and
  /// transparent colour, and with their planes.
  ///
  /// Metadata stays as it is. Throws where the picture would change.
  func fitting(_ format: NetpbmFormat) throws(ImageFormat.Misfit) -> Image {
    var image = expandedToRGB()
    if let color = image.transparentColor {
      if image.hasPixels(of: color) { image = image.withTransparentColorAsAlpha() }
      image.transparentColor = nil
    }
    guard format.kind != .pam else { return image }
    guard image.dropOpaqueAlpha() else { throw format.misfit("transparent pixels", .png, .pam) }
    switch format.kind {
    case .ppm:
      if image.colorType == .grey { image.planes = Array(repeating: image.planes[0], count: 3) }
      image.colorType = .rgb
    case .pgm:
      guard image.makeGrey() else { throw format.misfit("colours", .ppm, .png) }
    case .pbm:
      guard image.makeGrey() else { throw format.misfit("colours", .ppm, .png) }
      guard image.makeBlackAndWhite() else { throw format.misfit("shades of grey", .pgm, .png) }
    case .pam, .pnm: break
    }
    return image
  }

  private func hasPixels(of color: [UInt16]) -> Bool {
    (0..<pixelCount).contains { i in zip(planes, color).allSatisfy { $0[i] == $1 } }
  }

  /// Drops alpha; false where that would show something else.
  private mutating func dropOpaqueAlpha() -> Bool {
    guard colorType.hasAlpha, let alpha = planes.last else { return true }
    let opaque = UInt16(peak)
    guard alpha.allSatisfy({ $0 == opaque }) else { return false }
    planes.removeLast()
    colorType = colorType == .rgba ? .rgb : .grey
    return true
  }

  /// Turns RGB into grey; false where channels differ.
  private mutating func makeGrey() -> Bool {
    guard colorType == .rgb else { return true }
    guard planes[0] == planes[1], planes[1] == planes[2] else { return false }
    planes.removeSubrange(1...)
    colorType = .grey
    return true
  }

  /// Turns grey into one bit; false where there are other values than black and white.
  private mutating func makeBlackAndWhite() -> Bool {
    let white = UInt16(peak)
    guard planes[0].allSatisfy({ $0 == 0 || $0 == white }) else { return false }
    planes[0] = planes[0].map { min($0, 1) }
    depth = 1
    statedPeak = nil
    return true
  }
}

extension NetpbmFormat {
  fileprivate func misfit(
    _ what: String, _ alternatives: ImageFormat...
  ) -> ImageFormat.Misfit {
    .init(problem: "\(name) cannot hold \(what)", alternatives: alternatives)
  }
}
