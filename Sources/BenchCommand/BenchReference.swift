import RDCodec

/// An original, in the form in which what a codec gives back is compared with it: palette applied,
/// a transparent colour as alpha, no metadata.
struct BenchReference: Sendable {
  private let original: Image
  /// Where nothing can be seen.
  private let hidden: [Int]

  init(_ image: Image) {
    original = Self.plain(image)
    let alpha = original.hasAlpha ? original.planes.last ?? [] : []
    hidden = alpha.indices.filter { alpha[$0] == 0 }
  }

  /// Compares the colours that can be seen.
  func distortion(of decoded: Image) -> Distortion {
    let (before, after) = Self.atEqualDepth(original, Self.plain(decoded))
    return Distortion(
      of: ColorPlanes(visible(after)), from: ColorPlanes(visible(before)))
  }

  /// Whether all colours, hidden ones too, and alpha are the same.
  func isRestored(by decoded: Image) -> Bool {
    let (before, after) = Self.atEqualDepth(original, Self.plain(decoded))
    return before.width == after.width && before.height == after.height
      && before.depth == after.depth && before.rgba == after.rgba
  }

  private static func plain(_ image: Image) -> Image {
    image.prepared(for: EncoderOptions(mode: .lossy(quality: 50), stripMetadata: true))
  }

  /// Depths below 8 as 8 bits, as decoders that know no others return them: 1, 2 and 4 bits divide
  /// its range exactly.
  private static func atEqualDepth(_ a: Image, _ b: Image) -> (Image, Image) {
    a.depth == b.depth ? (a, b) : (a.inEightBits, b.inEightBits)
  }

  /// With black where nothing can be seen.
  private func visible(_ image: Image) -> Image {
    guard !hidden.isEmpty, image.pixelCount == original.pixelCount else { return image }
    var image = image
    let colorCount = image.planes.count - (image.hasAlpha ? 1 : 0)
    for plane in 0..<colorCount {
      for place in hidden { image.planes[plane][place] = 0 }
    }
    return image
  }
}

extension Image {
  /// Whether the last plane is alpha.
  var hasAlpha: Bool { colorType == .greyAlpha || colorType == .rgba }

  /// Samples of at most 7 bits spread over 8; deeper ones stay.
  var inEightBits: Image {
    guard depth < 8, colorType != .palette else { return self }
    let peak = peak
    return scaled { ($0 * 255 + peak / 2) / peak }
  }

  /// The image with other samples, of 8 bits.
  func scaled(_ value: (Int) -> Int) -> Image {
    let table = (0..<1 << depth).map { UInt16(value($0)) }
    return Image(
      width: width, height: height, colorType: colorType, depth: 8,
      planes: planes.map { $0.map { table[Int($0)] } })
  }

  /// Red, green, blue, and alpha where some pixel is not opaque.
  fileprivate var rgba: [[UInt16]] {
    let isGrey = colorType == .grey || colorType == .greyAlpha
    let colors = isGrey ? [[UInt16]](repeating: planes[0], count: 3) : Array(planes.prefix(3))
    guard hasAlpha, let alpha = planes.last, let least = alpha.min(), Int(least) < peak
    else { return colors }
    return colors + [alpha]
  }
}
