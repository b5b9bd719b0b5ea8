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
      metadata: metadata.compactMap { expandedMetadata($0, hasAlpha: hasAlpha) })
  }

  /// What `chunk` of a palette image becomes in the RGB image; nil where it makes no sense there.
  private func expandedMetadata(_ chunk: MetadataChunk, hasAlpha: Bool) -> MetadataChunk? {
    var chunk = chunk
    switch chunk.type {
    case "hIST":
      return nil
    case "bKGD":
      // An index becomes three 16-bit values.
      guard let index = chunk.bytes.first, Int(index) < palette.count else { return nil }
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
