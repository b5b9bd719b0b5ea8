/// What an image has beyond what is coded of it: channels and bits that follow from the others.
///
/// Exports are often wider than their pictures: RGBA without transparency, RGB that is grey, sixteen
/// bits from eight, few colours in RGB. A decoder applies what is set here in this order.
package struct Widening: Equatable, Sendable {
  /// Indices became the colours of the palette, RGB or with alpha.
  package var appliesPalette = false
  /// Grey became RGB.
  package var repeatsGrey = false
  /// Alpha was added, all of it opaque.
  package var addsAlpha = false
  /// Samples of eight bits became sixteen, times ``factor``.
  package var doublesBits = false

  /// Nothing: the image is what is coded.
  package static let none = Widening()
  package static let factor: UInt16 = 257

  package var isNone: Bool { self == .none }

  package init() {}

  /// As it stands in a file; nil where bits are set that mean nothing.
  init?(rawValue: UInt8) {
    guard (1...15).contains(rawValue) else { return nil }
    appliesPalette = rawValue & 1 != 0
    repeatsGrey = rawValue & 2 != 0
    addsAlpha = rawValue & 4 != 0
    doublesBits = rawValue & 8 != 0
  }

  var rawValue: UInt8 {
    (appliesPalette ? 1 : 0) | (repeatsGrey ? 2 : 0) | (addsAlpha ? 4 : 0) | (doublesBits ? 8 : 0)
  }

  /// Whether an image that is coded as this can have been wider.
  func fits(_ colorType: Image.ColorType, depth: Int) -> Bool {
    if appliesPalette != (colorType == .palette) || doublesBits && depth != 8 { return false }
    if appliesPalette { return depth == 8 && !repeatsGrey }
    if repeatsGrey && !(colorType == .grey || colorType == .greyAlpha) { return false }
    return !addsAlpha || !colorType.hasAlpha
  }

  /// The type of the image; nil where alpha would be added to a palette that has it.
  func colorType(of coded: Image.ColorType, paletteHasAlpha: Bool) -> Image.ColorType? {
    if addsAlpha && paletteHasAlpha { return nil }
    var type = coded
    if appliesPalette { type = paletteHasAlpha ? .rgba : .rgb }
    if repeatsGrey { type = type.hasAlpha ? .rgba : .rgb }
    if addsAlpha { type = type == .grey ? .greyAlpha : .rgba }
    return type
  }

  /// The image of what is coded, or of rows of it.
  func applied(to coded: Image) -> Image {
    guard !isNone else { return coded }
    var image = coded
    let hasAlpha = coded.paletteAlphaCount > 0
    image.colorType =
      colorType(of: coded.colorType, paletteHasAlpha: hasAlpha) ?? coded.colorType
    if appliesPalette {
      let entries = coded.fullPalette
      var columns = [entries.map { $0.red }, entries.map { $0.green }, entries.map { $0.blue }]
      if hasAlpha { columns.append(entries.map { $0.alpha }) }
      image.planes = columns.map { column in coded.planes[0].map { UInt16(column[Int($0)]) } }
      image.palette = []
      image.paletteAlphaCount = 0
    }
    if repeatsGrey {
      let grey = image.planes[0]
      image.planes.insert(contentsOf: [grey, grey], at: 1)
    }
    if addsAlpha {
      let opaque = UInt16((1 << coded.depth) - 1)
      image.planes.append([UInt16](repeating: opaque, count: image.planes[0].count))
    }
    if doublesBits {
      image.depth = 16
      image.planes = image.planes.map { plane in plane.map { $0 &* Widening.factor } }
    }
    return image
  }
}
