internal import DecoderCore

extension Widening {
  /// Most colours of a palette.
  private static let colorCount = 256

  /// What of `image` follows from the rest of it, but for colours of a palette.
  ///
  /// Metadata that speaks of channels or bits would not fit the preview, and keeps them.
  init(of image: Image) {
    self.init()
    guard image.colorType != .palette, image.statedPeak == nil else { return }
    let isFree = image.transparentColor == nil
    let (isDescribed, hasColor) = image.metadata.reduce((false, false)) { known, item in
      switch item.content {
      case .significantBits, .background, .backgroundIndex: (true, known.1)
      case .iccProfile: (known.0, true)
      case .other(_, let type, _): (known.0, known.1 || type == "PLTE" || type == "hIST")
      default: known
      }
    }
    let colors = image.colorType.hasAlpha ? image.planes.dropLast() : image.planes[...]
    if image.colorType.hasAlpha, let alpha = image.planes.last, !isDescribed {
      let opaque = UInt16(image.peak)
      addsAlpha = alpha.allSatisfy { $0 == opaque }
    }
    if colors.count == 3, isFree, !isDescribed, !hasColor {
      repeatsGrey = image.planes[0] == image.planes[1] && image.planes[0] == image.planes[2]
      let becomesRGB = !image.colorType.hasAlpha || addsAlpha
      if image.depth == 8, becomesRGB, !repeatsGrey {
        packing = Packing(of: Array(colors), width: image.width)
      }
    }
    if image.depth == 16, isFree, !isDescribed {
      doublesBits = image.planes.allSatisfy { plane in
        plane.allSatisfy { $0 >> 8 == $0 & 0xFF }
      }
    }
  }

  /// What is coded of `image`.
  func narrowed(_ image: Image) -> Image {
    var coded = image
    if doublesBits {
      coded.depth = 8
      coded.planes = coded.planes.map { plane in plane.map { $0 & 0xFF } }
    }
    if addsAlpha {
      coded.planes.removeLast()
      coded.colorType = coded.colorType == .greyAlpha ? .grey : .rgb
    }
    if let packing {
      coded.depth = 16
      coded.planes = [packing.differences(coded.planes)]
      coded.colorType = .grey
    }
    if repeatsGrey {
      coded.planes.removeSubrange(1..<3)
      coded.colorType = coded.colorType.hasAlpha ? .greyAlpha : .grey
    }
    return coded
  }

  /// The same image as indices of a palette, in an order in which neighbours are alike; nil where
  /// it has too many colours or another type.
  func withPalette(_ coded: Image) -> (widening: Widening, image: Image)? {
    guard coded.colorType == .rgb || coded.colorType == .rgba, coded.depth == 8,
      coded.transparentColor == nil, coded.statedPeak == nil,
      let colors = PaletteOrder(coded, atMost: Self.colorCount)
    else { return nil }
    var (widening, image) = (self, coded)
    widening.appliesPalette = true
    image.colorType = .palette
    image.palette = colors.entries
    image.paletteAlphaCount = coded.colorType == .rgba ? colors.entries.count : 0
    image.planes = [colors.indices]
    return (widening, image)
  }
}

extension Widening.Packing {
  /// What the bits of whole numbers may be of those of channels, both as differences from what
  /// their neighbours let expect, for numbers to be coded.
  private static let clearGain = 0.85
  private static let rowsPerLook = 4

  /// The numbers that red, green and blue are; nil where they are rather colours.
  ///
  /// Photographs leave after some pixels: the highest channel of numbers within 2¹⁶ has two values
  /// at most, or the lowest has one.
  init?(of planes: [[UInt16]], width: Int) {
    let low = planes[2][0]
    let isShifted = planes[2].allSatisfy { $0 == low }
    var (least, most) = (UInt32.max, UInt32.min)
    let first = planes[0][0]
    let hasFewHighest = planes[0].allSatisfy { abs(Int($0) - Int(first)) < 2 }
    guard isShifted || hasFewHighest else { return nil }
    let shift: UInt32 = hasFewHighest ? 0 : 8
    let numbers = zip(planes[0], zip(planes[1], planes[2])).map { red, others in
      UInt32(red) << 16 | UInt32(others.0) << 8 | UInt32(others.1)
    }
    for number in numbers { (least, most) = (min(least, number), max(most, number)) }
    guard (most - least) >> shift < 1 << 16 else { return nil }
    self.init(base: least, shift: shift)
    var (whole, apart) = (0, 0)
    for row in stride(from: width, to: numbers.count, by: Self.rowsPerLook * width) {
      for here in row + 1..<row + width {
        whole += bendBits(here, width: width) { Int(numbers[$0] >> shift) }
        for plane in planes { apart += bendBits(here, width: width) { Int(plane[$0]) } }
      }
    }
    guard Double(whole) < Self.clearGain * Double(apart) else { return nil }
  }

  /// What is coded of red, green and blue.
  func differences(_ planes: [[UInt16]]) -> [UInt16] {
    planes[0].indices.map { place in
      let number =
        UInt32(planes[0][place]) << 16 | UInt32(planes[1][place]) << 8 | UInt32(planes[2][place])
      return UInt16((number - base) >> shift)
    }
  }
}

/// The colours of an image of few, each next to one that is like it, so that indices behave like a
/// grey ramp.
private struct PaletteOrder {
  let entries: [Image.PaletteEntry]
  let indices: [UInt16]

  init?(_ image: Image, atMost limit: Int) {
    var places: [UInt64: UInt16] = [:]
    var colors: [UInt64] = []
    let found: [UInt16]? = PlanePointers.with(image.planes) { pixels in
      var found: [UInt16] = []
      found.reserveCapacity(image.pixelCount)
      var (last, lastIndex) = (UInt64.max, UInt16(0))
      for place in 0..<image.pixelCount {
        let color = pixels.color(place)
        if color != last {
          last = color
          if let index = places[color] {
            lastIndex = index
          } else {
            guard colors.count < limit else { return nil }
            lastIndex = UInt16(colors.count)
            places[color] = lastIndex
            colors.append(color)
          }
        }
        found.append(lastIndex)
      }
      return found
    }
    guard let found else { return nil }
    let order = Self.chain(colors, channels: image.planes.count)
    var ranks = [UInt16](repeating: 0, count: colors.count)
    for (rank, index) in order.enumerated() { ranks[index] = UInt16(rank) }
    indices = found.map { ranks[Int($0)] }
    let hasAlpha = image.planes.count > 3
    entries = order.map { index in
      let color = hasAlpha ? colors[index] : colors[index] << 16 | 0xFF
      return Image.PaletteEntry(
        red: UInt8(truncatingIfNeeded: color >> 48), green: UInt8(truncatingIfNeeded: color >> 32),
        blue: UInt8(truncatingIfNeeded: color >> 16), alpha: UInt8(truncatingIfNeeded: color))
    }
  }

  /// From one end of the colours always on to the nearest that is left.
  private static func chain(_ colors: [UInt64], channels: Int) -> [Int] {
    func distance(_ a: UInt64, _ b: UInt64) -> Int {
      (0..<channels).reduce(0) { sum, channel in
        let shift = UInt64(16 * channel)
        let difference = Int(a >> shift & 0xFFFF) - Int(b >> shift & 0xFFFF)
        return sum + difference * difference
      }
    }
    func farthest(from index: Int) -> Int {
      var best = index
      for other in colors.indices
      where distance(colors[other], colors[index]) > distance(colors[best], colors[index]) {
        best = other
      }
      return best
    }
    var current = farthest(from: 0)
    var left = Set(colors.indices)
    var order: [Int] = []
    while true {
      order.append(current)
      left.remove(current)
      guard
        let next = left.min(by: { a, b in
          let (first, second) = (
            distance(colors[a], colors[current]), distance(colors[b], colors[current])
          )
          return (first, a) < (second, b)
        })
      else { return order }
      current = next
    }
  }
}
