extension Image {
  /// The image with its palette applied: 8-bit RGB, or RGBA where the palette has alpha.
  ///
  /// Images without a palette come back as they are. Metadata that speaks of the palette is
  /// rewritten (bKGD, sBIT) or left out (hIST). The image must pass ``validate()``.
  public func expandedToRGB() -> Image {
    guard colorType == .palette else { return self }
    let hasAlpha = paletteAlphaCount > 0
    let columns: [(PaletteEntry) -> UInt8] =
      hasAlpha ? [\.red, \.green, \.blue, \.alpha] : [\.red, \.green, \.blue]
    return Image(
      width: width, height: height, colorType: hasAlpha ? .rgba : .rgb, depth: 8,
      planes: columns.map { column in
        let values = palette.map { UInt16(column($0)) }
        return planes[0].map { values[Int($0)] }
      },
      metadata: metadata.expanded(from: palette, hasAlpha: hasAlpha))
  }
}

extension [MetadataChunk] {
  /// What the metadata of a palette image becomes in the RGB image.
  func expanded(from palette: [Image.PaletteEntry], hasAlpha: Bool) -> [MetadataChunk] {
    compactMap { $0.expanded(from: palette, hasAlpha: hasAlpha) }
  }

  /// Without what holds one value per channel, for an image that gains or loses alpha.
  var withoutChannelCount: [MetadataChunk] { filter { $0.type != "sBIT" } }
}

extension MetadataChunk {
  /// Nil where it makes no sense in the RGB image.
  fileprivate func expanded(
    from palette: [Image.PaletteEntry], hasAlpha: Bool
  ) -> MetadataChunk? {
    var chunk = self
    switch type {
    case "hIST":
      return nil
    case "bKGD":
      // An index becomes three 16-bit values.
      guard let index = bytes.first, Int(index) < palette.count else { return nil }
      let entry = palette[Int(index)]
      chunk.bytes = [0, entry.red, 0, entry.green, 0, entry.blue]
    case "sBIT":
      // Three bytes in both, and one more where there is alpha.
      if hasAlpha { chunk.bytes.append(8) }
    default:
      break
    }
    return chunk
  }
}
