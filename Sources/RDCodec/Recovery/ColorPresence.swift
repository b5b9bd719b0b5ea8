internal import DecoderCore

/// Which 24-bit colours an image shows.
struct ColorPresence {
  private var bits: [UInt64]
  /// The number of distinct colours.
  private(set) var count = 0

  /// Of three planes of 8-bit samples.
  init(_ planes: [[UInt16]]) { self.init(planes, width: max(planes[0].count, 1), rowStep: 1) }

  /// Of every `rowStep`th row of `width` pixels.
  init(_ planes: [[UInt16]], width: Int, rowStep: Int) {
    bits = Array(repeating: 0, count: 1 << 18)
    guard !planes[0].isEmpty else { return }
    bits.withUnsafeMutableBufferPointer { bits in
      PlanePointers.with(planes) { pixels in
        let (red, green, blue) = (pixels.first, pixels.second, pixels.third)
        for row in stride(from: 0, to: planes[0].count, by: rowStep * width) {
          for place in row..<min(row + width, planes[0].count) {
            // An index within the table, whatever the samples are.
            let color =
              (Int(red[place]) &<< 16 | Int(green[place]) &<< 8 | Int(blue[place])) & 0xFF_FFFF
            let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: color & 63)
            // Most pixels show a colour that is known: words that are only read do not wait for
            // each other.
            if bits[color &>> 6] & bit == 0 { bits[color &>> 6] |= bit }
          }
        }
      }
    }
    count = bits.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// All colours without a sample of 0 or 255, in ascending order.
  func innerColors() -> [SIMD3<Int16>] {
    var colors: [SIMD3<Int16>] = []
    colors.reserveCapacity(count)
    for (index, word) in bits.enumerated() where word != 0 {
      let first = index &<< 6
      let (r, g) = (first >> 16, first >> 8 & 255)
      guard r > 0, r < 255, g > 0, g < 255 else { continue }
      var rest = word
      while rest != 0 {
        let b = (first | rest.trailingZeroBitCount) & 255
        rest &= rest &- 1
        if b > 0 && b < 255 {
          colors.append(
            SIMD3(
              Int16(truncatingIfNeeded: r), Int16(truncatingIfNeeded: g),
              Int16(truncatingIfNeeded: b)))
        }
      }
    }
    return colors
  }
}

/// The window of a cube of colours that holds most of them.
struct ColorWindow {
  let low: SIMD3<Int16>
  let side: Int16

  /// `side`: a multiple of 16.
  init(of colors: [SIMD3<Int16>], side: Int) {
    var counts = [Int](repeating: 0, count: 16 * 16 * 16)
    for color in colors {
      let cell = color &>> 4
      counts[Int(cell.x &<< 8 | cell.y &<< 4 | cell.z)] += 1
    }
    let cells = side / 16
    var best = (count: -1, low: SIMD3<Int16>.zero)
    for r in 0...16 - cells {
      for g in 0...16 - cells {
        for b in 0...16 - cells {
          var sum = 0
          for i in r..<r + cells {
            for j in g..<g + cells {
              for k in b..<b + cells { sum += counts[i << 8 | j << 4 | k] }
            }
          }
          if sum > best.count { best = (sum, SIMD3(Int16(r), Int16(g), Int16(b))) }
        }
      }
    }
    self.side = Int16(side)
    low = best.low &* 16
  }

  func contains(_ color: SIMD3<Int16>) -> Bool {
    let d = color &- low
    return all(d .>= 0) && all(d .< side)
  }

  private func all(_ mask: SIMDMask<SIMD3<Int16>.MaskStorage>) -> Bool {
    mask[0] && mask[1] && mask[2]
  }
}
