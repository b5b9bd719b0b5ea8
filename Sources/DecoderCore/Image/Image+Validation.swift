extension Image {
  /// Checks that the parts of the image fit together; encoders and writers call it first.
  ///
  /// Throws ``CodecError/invalidImage(_:)`` unless the image has at least one pixel, depth
  /// 1 ... 16, a stated peak that takes that depth, the planes of its colour type, each of
  /// width × height samples up to the peak, a palette of at most 2^depth entries where it needs
  /// one, a transparent colour within the peak, and metadata within the bounds of its kind.
  public func validate() throws(CodecError) {
    try validateGeometry()
    for plane in planes {
      guard plane.count == pixelCount else {
        throw .invalidImage("a plane holds \(plane.count) samples, not \(pixelCount)")
      }
    }
    try validatePalette()
    try validateSamples()
    try validateTransparentColor()
    for item in metadata { try item.validate(in: colorType) }
  }

  private func validateGeometry() throws(CodecError) {
    let largest = Int(Int32.max)
    guard (1...largest).contains(width), (1...largest).contains(height) else {
      throw .invalidImage("its size is \(width) × \(height)")
    }
    guard (1...16).contains(depth) else {
      throw .invalidImage("its samples have \(depth) bits")
    }
    if let statedPeak {
      let isOfThisDepth = (1 << (depth - 1)..<(1 << depth) - 1).contains(statedPeak)
      guard colorType != .palette, isOfThisDepth else {
        throw .invalidImage("its largest sample is stated as \(statedPeak)")
      }
    }
    guard planes.count == colorType.channelCount else {
      throw .invalidImage("it has \(planes.count) planes, not \(colorType.channelCount)")
    }
  }

  private func validatePalette() throws(CodecError) {
    guard colorType == .palette else {
      guard palette.isEmpty, paletteAlphaCount == 0 else {
        throw .invalidImage("it has a palette that its colour type does not use")
      }
      return
    }
    guard [1, 2, 4, 8].contains(depth) else {
      throw .invalidImage("its palette indices have \(depth) bits")
    }
    guard (1...1 << depth).contains(palette.count) else {
      throw .invalidImage("its palette has \(palette.count) entries")
    }
    guard (0...palette.count).contains(paletteAlphaCount),
      palette[paletteAlphaCount...].allSatisfy({ $0.alpha == 255 })
    else {
      throw .invalidImage("its palette has alpha outside the first \(paletteAlphaCount) entries")
    }
  }

  /// Checks that no sample is larger than the peak.
  package func validateSamples() throws(CodecError) {
    for plane in planes {
      let largest = plane.reduce(0) { max($0, $1) }
      guard largest <= peak else {
        throw .invalidImage("it holds the sample \(largest), and \(peak) is the largest")
      }
    }
  }

  private func validateTransparentColor() throws(CodecError) {
    guard let transparentColor else { return }
    guard colorType == .grey || colorType == .rgb,
      transparentColor.count == colorType.channelCount,
      transparentColor.allSatisfy({ Int($0) <= peak })
    else {
      throw .invalidImage("its transparent colour does not fit its samples")
    }
  }
}

extension MetadataItem {
  /// Checks that every format which knows this kind can hold it, in an image of this type and
  /// without changing its samples.
  func validate(in colorType: Image.ColorType) throws(CodecError) {
    let isValid =
      switch content {
      case .iccProfile(let name, _): Latin1.isKeyword(name)
      case .text(let text):
        Latin1.isKeyword(text.keyword) && !text.language.contains(0)
          && !text.translatedKeyword.contains(0)
          && (text.isInternational || text.language.isEmpty && text.translatedKeyword.isEmpty)
      case .chromaticities(let values): values.count == 8
      case .background(let samples): samples.count == 1 || samples.count == 3
      case .significantBits(let bits): bits.count >= 1 && bits.count <= 4
      case .renderingIntent(let intent): intent <= 3
      case .other(.png, let type, let bytes):
        Self.isPNGMetadata(type, byteCount: bytes.count, in: colorType)
      case .unknown(let kind, _): MetadataItem.Content.unknownKinds.contains(kind)
      case .exif, .xmp, .cicp, .resolution, .gamma, .backgroundIndex, .modificationTime: true
      }
    guard isValid else { throw .invalidImage("it has metadata that is not valid: " + kindName) }
    guard contentByteCount <= Int(Int32.max) else {
      throw .invalidImage("its metadata takes too many bytes: " + kindName)
    }
  }

  /// Whether such a chunk may be added to a PNG of this type without changing its samples.
  private static func isPNGMetadata(
    _ type: String, byteCount: Int, in colorType: Image.ColorType
  ) -> Bool {
    let letters = Array(type.utf8)
    guard letters.count == 4, type != "tRNS" else { return false }
    for letter in letters where !(65...90).contains(letter & ~32) { return false }
    let isAncillary = letters[0] & 32 != 0
    return isAncillary
      || type == "PLTE" && (colorType == .rgb || colorType == .rgba)
        && byteCount >= 3 && byteCount <= 768 && byteCount % 3 == 0
  }
}
