internal import DecoderCore

extension Image {
  /// The lowest and the highest sample of the colours, where those of more than eight bits use at
  /// most half of what they could hold; nil otherwise, and for palettes.
  ///
  /// Scans, depth maps and raw pictures fill a part of 16 bits. The model sees that part as if it
  /// were all: their errors are of its size then, and so is the peak of their PSNR. Eight bits stay
  /// as they are: a dark photograph is meant to be dark.
  package var colorRange: ClosedRange<Int>? {
    guard colorType != .palette, depth > 8 else { return nil }
    let (low, high) = colorExtent
    guard low < high, 2 * Int(high - low) <= peak else { return nil }
    return Int(low)...Int(high)
  }

  /// Whether nine tenths of the colours' samples, of more than eight bits, lie in a sixteenth of
  /// their range: one hot pixel, a border that says "no data", stars in the sky.
  var hasUnevenRange: Bool {
    guard depth > 8, colorType != .palette else { return false }
    let colors = colorType.hasAlpha ? planes.dropLast() : planes[...]
    let (low, high) = colorExtent
    // A few levels are no range that anything could be lost in.
    guard high > low, high - low >= 256 else { return false }
    var counts = [Int](repeating: 0, count: 64)
    for plane in colors {
      for sample in plane { counts[Int(sample - low) * 63 / Int(high - low)] += 1 }
    }
    let largest = counts.sorted(by: >).prefix(4).reduce(0, +)
    return 10 * largest >= 9 * counts.reduce(0, +)
  }

  /// The lowest and the highest sample of the colours.
  var colorExtent: (low: UInt16, high: UInt16) {
    var (low, high) = (UInt16.max, UInt16.min)
    for plane in colorType.hasAlpha ? planes.dropLast() : planes[...] {
      plane.withUnsafeBufferPointer { samples in
        for place in samples.indices {
          low = min(low, samples[place])
          high = max(high, samples[place])
        }
      }
    }
    return (low, high)
  }
}
