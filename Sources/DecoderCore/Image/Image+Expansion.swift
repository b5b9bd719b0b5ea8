extension Image {
  /// The image with its palette applied: 8-bit RGB, or RGBA where the palette has alpha.
  ///
  /// Images without a palette come back as they are. Metadata that speaks of the palette is
  /// rewritten (bKGD, sBIT) or left out (hIST). The image must pass ``validate()``.
  public func expandedToRGB() -> Image {
    guard colorType == .palette else { return self }
    let hasAlpha = paletteAlphaCount > 0
    let columns: [(PaletteEntry) -> UInt8] =
      [{ $0.red }, { $0.green }, { $0.blue }] + (hasAlpha ? [{ $0.alpha }] : [])
    return Image(
      width: width, height: height, colorType: hasAlpha ? .rgba : .rgb, depth: 8,
      planes: columns.map { column in
        let values = fullPalette.map { UInt16(column($0)) }
        return planes[0].map { values[Int($0)] }
      },
      metadata: metadata.expanded(from: palette, hasAlpha: hasAlpha))
  }

  /// An entry for every index of the depth: those beyond the file's are opaque black, as libpng and
  /// browsers show them.
  package var fullPalette: [PaletteEntry] {
    let missing = max(0, (1 << depth) - palette.count)
    return palette + [PaletteEntry](repeating: .init(red: 0, green: 0, blue: 0), count: missing)
  }
}

extension [MetadataItem] {
  /// What the metadata of a palette image becomes in the RGB image.
  func expanded(from palette: [Image.PaletteEntry], hasAlpha: Bool) -> [MetadataItem] {
    compactMap { $0.expanded(from: palette, hasAlpha: hasAlpha) }
  }

  /// The metadata of an image that gains or loses alpha: one number of significant bits per
  /// channel.
  package func stating(depth: Int, ofChannels count: Int) -> [MetadataItem] {
    map { item in
      guard case .significantBits(let bits) = item.content else { return item }
      let missing = Swift.max(0, count - bits.count)
      return MetadataItem(
        .significantBits(
          bits.prefix(count) + [UInt8](repeating: UInt8(depth), count: missing)),
        position: item.position)
    }
  }
}

extension MetadataItem {
  /// Nil where it makes no sense in the RGB image.
  fileprivate func expanded(
    from palette: [Image.PaletteEntry], hasAlpha: Bool
  ) -> MetadataItem? {
    if isPNGChunk("hIST") || isPNGChunk("bKGD") { return nil }
    var item = self
    switch content {
    case .backgroundIndex(let index):
      guard Int(index) < palette.count else { return nil }
      let entry = palette[Int(index)]
      item.content = .background([UInt16(entry.red), UInt16(entry.green), UInt16(entry.blue)])
    case .background:
      // Samples, where there were indices.
      return nil
    case .significantBits(let bits):
      // Three numbers in both, and one more where there is alpha.
      if hasAlpha, bits.count < 4 { item.content = .significantBits(bits + [8]) }
    default: break
    }
    return item
  }
}
