/// What an image has beyond what is coded of it: channels and bits that follow from the others.
///
/// Exports are often wider than their pictures: RGBA without transparency, RGB that is grey, sixteen
/// bits from eight, few colours or whole numbers in RGB. A decoder applies what is set here in this order.
package struct Widening: Equatable, Sendable {
  /// Indices became the colours of the palette, RGB or with alpha.
  package var appliesPalette = false
  /// Grey became RGB.
  package var repeatsGrey = false
  /// Alpha was added, all of it opaque.
  package var addsAlpha = false
  /// Samples of eight bits became sixteen, times ``factor``.
  package var doublesBits = false

  /// Whole numbers became red, green and blue of eight bits.
  package var packing: Packing?

  /// Numbers of 24 bits as a base and differences of sixteen, in steps of 1 or 256: heights and
  /// the like, of which a channel holds eight bits each, red the highest.
  package struct Packing: Equatable, Sendable {
    package var base: UInt32
    /// Of a difference to the left: 0 or 8.
    package var shift: UInt32

    package init(base: UInt32, shift: UInt32) {
      self.base = base
      self.shift = shift
    }

    /// As it stands in a file; nil where bits are set that mean nothing.
    init?(rawValue: UInt32) {
      guard rawValue >> 25 == 0 else { return nil }
      base = rawValue & 0xFF_FFFF
      shift = (rawValue >> 24) * 8
    }

    var rawValue: UInt32 { base | (shift / 8) << 24 }

    /// Red, green and blue.
    func planes(_ differences: [UInt16]) -> [[UInt16]] {
      let numbers = differences.map { base &+ UInt32($0) &<< shift }
      return [16, 8, 0].map { (bits: UInt32) in
        numbers.map { UInt16($0 &>> bits & 0xFF) }
      }
    }
  }

  /// Nothing: the image is what is coded.
  package static let none = Widening()
  package static let factor: UInt16 = 257

  package var isNone: Bool { self == .none }

  package init() {}

  /// As it stands in a file, its packing with nothing in it; nil where bits are set that mean
  /// nothing.
  init?(rawValue: UInt8) {
    guard (1...31).contains(rawValue) else { return nil }
    appliesPalette = rawValue & 1 != 0
    repeatsGrey = rawValue & 2 != 0
    addsAlpha = rawValue & 4 != 0
    doublesBits = rawValue & 8 != 0
    packing = rawValue & 16 != 0 ? Packing(base: 0, shift: 0) : nil
  }

  var rawValue: UInt8 {
    (appliesPalette ? 1 : 0) | (repeatsGrey ? 2 : 0) | (addsAlpha ? 4 : 0) | (doublesBits ? 8 : 0)
      | (packing == nil ? 0 : 16)
  }

  /// Whether an image that is coded as this can have been wider.
  func fits(_ colorType: Image.ColorType, depth: Int) -> Bool {
    if appliesPalette != (colorType == .palette) || doublesBits && depth != 8 { return false }
    if packing != nil {
      return colorType == .grey && depth == 16 && !repeatsGrey && !doublesBits
    }
    if appliesPalette { return depth == 8 && !repeatsGrey }
    if repeatsGrey && !(colorType == .grey || colorType == .greyAlpha) { return false }
    return !addsAlpha || !colorType.hasAlpha
  }

  /// The type of the image; nil where alpha would be added to a palette that has it.
  func colorType(of coded: Image.ColorType, paletteHasAlpha: Bool) -> Image.ColorType? {
    if addsAlpha && paletteHasAlpha { return nil }
    var type = coded
    if appliesPalette { type = paletteHasAlpha ? .rgba : .rgb }
    if packing != nil { type = .rgb }
    if repeatsGrey { type = type.hasAlpha ? .rgba : .rgb }
    if addsAlpha { type = type == .grey ? .greyAlpha : .rgba }
    return type
  }

  /// The image's depth, of that of what is coded.
  func depth(of coded: Int) -> Int { doublesBits ? 16 : packing != nil ? 8 : coded }

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
    if let packing {
      image.depth = 8
      image.planes = packing.planes(coded.planes[0])
    }
    if repeatsGrey {
      let grey = image.planes[0]
      image.planes.insert(contentsOf: [grey, grey], at: 1)
    }
    if addsAlpha {
      let opaque = UInt16((1 << image.depth) - 1)
      image.planes.append([UInt16](repeating: opaque, count: image.planes[0].count))
    }
    if doublesBits {
      image.depth = 16
      image.planes = image.planes.map { plane in plane.map { $0 &* Widening.factor } }
    }
    return image
  }
}
