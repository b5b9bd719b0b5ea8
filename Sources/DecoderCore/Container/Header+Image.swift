extension Header {
  /// Bits per sample of x̂.
  package var lossyDepth: Int { colorType == .palette ? 8 : depth }

  /// The largest possible sample, of x̂ where the image has a palette.
  var peak: Int { boxes.statedPeak ?? (1 << lossyDepth) - 1 }

  /// The samples that x̂ stands between.
  var range: ClosedRange<Int> { colorRange ?? 0...peak }

  /// The colour type of x̂.
  package func lossyType(hasAlpha: Bool) -> Image.ColorType {
    switch colorType {
    case .grey, .greyAlpha: hasAlpha && colorType == .greyAlpha ? .greyAlpha : .grey
    case .rgb, .palette: .rgb
    case .rgba: hasAlpha ? .rgba : .rgb
    }
  }

  /// The image's own type, which may be wider than the coded one.
  package var imageType: Image.ColorType {
    widening.colorType(of: colorType, paletteHasAlpha: boxes.paletteAlphaCount > 0) ?? colorType
  }

  /// The image's own depth.
  package var imageDepth: Int { widening.depth(of: depth) }

  /// The image to make of what is decoded.
  func image(isExact: Bool, hasAlpha: Bool, width: Int, height: Int) -> Image {
    let coded = codedImage(isExact: isExact, hasAlpha: hasAlpha, width: width, height: height)
    return isExact ? widening.applied(to: coded) : coded
  }

  /// The coded image to decode into, all samples zero.
  func codedImage(isExact: Bool, hasAlpha: Bool, width: Int, height: Int) -> Image {
    let type = isExact ? colorType : lossyType(hasAlpha: hasAlpha)
    let plane = [UInt16](repeating: 0, count: width * height)
    return Image(
      width: width, height: height, colorType: type,
      depth: isExact ? depth : lossyDepth, statedPeak: boxes.statedPeak,
      planes: [[UInt16]](repeating: plane, count: type.channelCount),
      palette: isExact ? boxes.palette : [],
      paletteAlphaCount: isExact ? boxes.paletteAlphaCount : 0,
      transparentColor: isExact ? boxes.transparentColor : nil,
      metadata: metadata(for: type))
  }
}

extension Header {
  /// The metadata, as far as it makes sense in an image of this type.
  package func metadata(for type: Image.ColorType) -> [MetadataItem] {
    if type == colorType { return boxes.metadata }
    if !widening.isNone {
      return boxes.metadata.stating(depth: lossyDepth, ofChannels: type.channelCount)
    }
    if colorType == .palette {
      return boxes.metadata.expanded(from: boxes.palette, hasAlpha: false)
    }
    return boxes.metadata.stating(depth: depth, ofChannels: type.channelCount)
  }
}
